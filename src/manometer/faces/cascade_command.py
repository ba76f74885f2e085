"""``manometer cascade``: a shock put to all miners and lenders, or an episode of history run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ..errors import InputError
from .options import Number, Output, Reading, Table, check_age, check_number, opened
from .picture import check_picture
from .screen import progress_bar, publish, screen_width

__all__ = ["cascade"]

_MOST_STEPS = 200
_OF_A_SHOCK = ("--shock", "--sweep", "--kind", "--days", "--paths", "--seed", "--longs")


def cascade(
    *,
    shock: Annotated[Number, Parameter(help="Fall on the first day; -0.12 is 12 %.")] = None,
    kind: Annotated[
        str | None,
        Parameter(metavar="KIND", help="What is worse by it: price (default), hashprice, or power (dearer)."),
    ] = None,
    sweep: Annotated[
        str | None,
        Parameter(
            metavar="A:B:STEP",
            allow_leading_hyphen=True,
            help="Shocks to try, such as -0.05:-0.6:0.05; looks for the tipping point.",
        ),
    ] = None,
    population: Annotated[
        Path | None, Parameter(metavar="FILE", help="A population of your own (CSV, the columns of ours).")
    ] = None,
    replay: Annotated[
        str | None,
        Parameter(metavar="EPISODE", help="Run history again: 2018-11, 2022-06, 2022-11 or 2024-04."),
    ] = None,
    days: Annotated[Number, Parameter(help="How long it is watched; 90.")] = None,
    paths: Annotated[Number, Parameter(help="Paths with chance, for the band; 256.")] = None,
    seed: Annotated[Number, Parameter(help="Of those paths; 0.")] = None,
    longs: Annotated[
        bool | None, Parameter(negative=(), help="Let leveraged longs be closed too (100,000 BTC, assumed).")
    ] = None,
    plot: Annotated[
        Path | None, Parameter(metavar="FILE", help="Draw it, .png or .svg; needs manometer[plot].")
    ] = None,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Put a shock to all miners and lenders: who must sell, who defaults, and what that adds to the fall."""
    from ..readings.cascade import Question
    from ..readings.cascade import cascade as read_cascade
    from .words import seconds_of

    given = (shock, sweep, kind, days, paths, seed, longs, reading.as_of)
    if replay is not None and any(x is not None for x in given):
        raise InputError(f"--replay runs what happened: leave out {', '.join(_OF_A_SHOCK)} and --as-of")
    asked = Question(
        shock_frac=-0.12 if shock is None else check_number(shock, "shock", low=-1.0, high=1.0),
        kind="price" if kind is None else kind,
        sweep=() if sweep is None else _steps(sweep),
        n_days=90 if days is None else _whole(days, "days"),
        n_paths=256 if paths is None else _whole(paths, "paths"),
        seed=0 if seed is None else _whole(seed, "seed", high=2.0**63),
        longs=bool(longs),
    )
    check_picture(plot)
    with (
        opened(output)() as store,
        progress_bar("asking the population", wanted=not (output.quiet or output.json)) as progress,
    ):
        view = read_cascade(
            store,
            reading.as_of_s(),
            question=asked,
            replay=replay,
            population=population,
            progress=progress,
        )
    check_age(reading, seconds_of(view.data["as_of_utc"]))
    if plot is not None:
        from .cascade_picture import draw_cascade

        draw_cascade(view.data, plot)
    from .cascade_page import cascade_page

    publish(
        view.data,
        lambda: cascade_page(view.data, screen_width()),
        json=output.json,
        csv=csv,
        rows=view.data["rounds"],
        written=() if plot is None else (plot,),
    )
    return 0


def _whole(text: str, name: str, high: float = 1e6) -> int:
    value = check_number(text, name, high=high)
    if value != int(value):
        raise InputError(f"{name}: {text} must be a whole number")
    return int(value)


def _steps(text: str) -> tuple[float, ...]:
    """Read A:B:STEP; the sign of the step is that from A to B, whatever was typed."""
    parts = text.split(":")
    if len(parts) != 3:
        raise InputError(f"sweep {text!r}: give A:B:STEP, such as -0.05:-0.6:0.05")
    first, last, step = (check_number(p, "sweep", low=-1.0, high=1.0) for p in parts)
    step = abs(step)
    if step == 0:
        raise InputError(f"sweep {text!r}: the step must not be 0")
    n = int(abs(last - first) / step + 1e-9) + 1
    if n > _MOST_STEPS:
        raise InputError(f"sweep {text!r}: {n:,} shocks, at most {_MOST_STEPS}; take a longer step")
    toward = 1 if last >= first else -1
    return tuple(round(first + toward * k * step, 9) for k in range(n))
