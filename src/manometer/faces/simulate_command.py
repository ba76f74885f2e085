"""``manometer fleet simulate``: one operator on many paths."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ..errors import InputError
from .options import Number, Output, Reading, Table, check_number, opened
from .picture import check_picture
from .screen import complain, flat, progress_bar, publish, screen_width

if TYPE_CHECKING:
    from ..readings.simulate import Ask

__all__ = ["ask_of", "day_of", "simulate", "tell_of_compiling", "whole"]

_MOST_PATHS = 10**12


def whole(text: str | None, name: str, default: int, *, low: int, high: int) -> int:
    """Read a whole number."""
    if text is None:
        return default
    value = check_number(text, name, low=low, high=high)
    if value != int(value):
        raise InputError(f"{name}: {text} must be a whole number")
    return int(value)


def day_of(text: str | None, name: str) -> date | None:
    """Read a day."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{name}: {text[:40]!r} is not a day such as 2022-01-01") from None


def ask_of(
    paths: str | None,
    months: str | None,
    seed: str | None,
    process: str,
    drift: str | None,
    start: str | None,
    reading: Reading,
    threads: str | None,
    cluster: str | None,
    *,
    volatility: str | None = None,
    stream: Path | None = None,
    resume: bool = False,
    yes: bool = False,
    power: str | None = None,
) -> Ask:
    """Read what a simulation is asked for."""
    from ..readings.simulate import Ask

    return Ask(
        paths=whole(paths, "paths", 2000, low=1, high=_MOST_PATHS),
        months=whole(months, "months", 24, low=1, high=120),
        seed=whole(seed, "seed", 1, low=0, high=2**53),
        process=process,
        drift_frac_per_year=0.0 if drift is None else check_number(drift, "drift", low=-0.99, high=100),
        volatility_frac_per_year=None if volatility is None else check_number(volatility, "volatility"),
        start=day_of(start, "from"),
        as_of_s=reading.as_of_s(),
        threads=None if threads is None else whole(threads, "threads", 1, low=1, high=4096),
        cluster=cluster,
        stream=stream,
        resume=resume,
        yes=yes,
        power=power,
    )


def tell_of_compiling(output: Output) -> None:
    """Say on a terminal why the first simulation of an installation takes longer."""
    from ..compiled import cache_folder

    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or cache_folder())
    if sys.stderr.isatty() and not output.quiet and not any(folder.glob("**/block.run_block-*")):
        complain("the first simulation is compiled: about a minute, once per installation")


def simulate(
    file: Annotated[Path, Parameter(help="Operator file (YAML).", allow_leading_hyphen=False)],
    /,
    *,
    paths: Annotated[Number, Parameter(help="How many; 2,000 by default.")] = None,
    months: Annotated[Number, Parameter(help="How long, 1 to 120; 24 by default.")] = None,
    seed: Annotated[Number, Parameter(help="Same seed, same answer; 1 by default.")] = None,
    process: Annotated[
        str, Parameter(help="garch_fhs (default), gbm, jump, bootstrap, regime or replay.")
    ] = "garch_fhs",
    policy: Annotated[
        str | None, Parameter(metavar="NAME", help="Treasury policy in place of the file's.")
    ] = None,
    drift: Annotated[Number, Parameter(help="Growth of the median price a year; 0 by default.")] = None,
    volatility: Annotated[
        Number, Parameter(help="Of the price a year, such as 0.8, in place of the fitted one.")
    ] = None,
    power: Annotated[
        str | None,
        Parameter(metavar="HUB", help="Let market prices of power wander as those imported for a hub did."),
    ] = None,
    start: Annotated[
        str | None, Parameter(name="--from", metavar="DATE", help="First day, else the file's start.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        Parameter(name="--set", metavar="KEY=VALUE", negative=(), help="Put a value in place of the file's."),
    ] = None,
    threads: Annotated[Number, Parameter(help="All cores by default.")] = None,
    cluster: Annotated[
        str | None,
        Parameter(metavar="ADDRESS", help="A dask scheduler, or local; needs manometer[cluster]."),
    ] = None,
    stream: Annotated[
        Path | None,
        Parameter(metavar="DIR", help="Keep every path there as Parquet, not in memory: manometer[parquet]."),
    ] = None,
    resume: Annotated[bool, Parameter(negative=(), help="Go on with the run that was stopped.")] = False,
    yes: Annotated[bool, Parameter(negative=(), help="Go ahead with more than a million paths.")] = False,
    plot: Annotated[
        Path | None, Parameter(metavar="FILE", help="Picture, .png or .svg; needs manometer[plot].")
    ] = None,
    dark: Annotated[bool, Parameter(negative=(), help="The picture on a dark ground.")] = False,
    csv: Table = None,
    as_of: Annotated[
        str | None,
        Parameter(
            name="--as-of", metavar="DATE", help="UTC date (its end) or instant: nothing later is used."
        ),
    ] = None,
    output: Output = Output(),  # noqa: B008
) -> int:
    """Simulate an operator: can it keep what it mines, for how long, and how sure is that.

    Price, fees, the network and difficulty are drawn from what was known on
    the eve of the first day. Ctrl-C keeps the finished paths: --resume goes
    on. --csv writes a row per month.
    """
    from ..readings.fleet import read_with
    from ..readings.simulate import simulate as simulated

    check_picture(plot)
    ask = ask_of(
        paths, months, seed, process, drift, start, Reading(as_of=as_of), threads, cluster,
        volatility=volatility, stream=stream, resume=resume, yes=yes, power=power,
    )  # fmt: skip
    operator = read_with(
        file, [*(settings or []), *([] if policy is None else [f"treasury.policy={policy}"])]
    )
    tell_of_compiling(output)
    with (
        opened(output)() as store,
        progress_bar("simulating", wanted=not (output.quiet or output.json)) as progress,
    ):
        view = simulated(operator, store, ask, folder=file.parent, progress=progress)
    if plot is not None:
        from .simulate_picture import draw_simulation

        draw_simulation(view.data, plot, dark=dark)
        view.data["files"] = [str(plot)]
    from .simulate_page import simulate_page

    publish(
        view.data,
        lambda: simulate_page(view.data, screen_width(), quiet=output.quiet),
        json=output.json,
        csv=csv,
        rows=[flat(row) for row in view.data["fan"]],
        written=() if plot is None else (plot,),
    )
    return 0
