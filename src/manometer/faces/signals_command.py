"""``manometer signals``: every signal as of a day; ``signals events``: what followed the events of one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from .options import Output, Reading, Table, check_age, opened
from .picture import check_picture
from .screen import complain, flat, progress_bar, publish, screen_width

if TYPE_CHECKING:
    from ..readings.signals import SignalHistory

__all__ = ["signals_app"]

_Date = Annotated[str | None, Parameter(metavar="DATE", allow_leading_hyphen=True)]


def signals_app() -> App:
    """Return the command and the one below it."""
    app = App(
        name="signals", help="Signals with their noise, and what followed each.", help_format="plaintext"
    )
    app.default_parameter = Parameter(show_default=False)
    app.default(signals)
    app.command(events, name="events")
    return app


def signals(
    *,
    history: Annotated[
        Path | None,
        Parameter(
            name="--history",
            metavar="DIR",
            help="Write signals.csv, every day of all, and a picture of each there; pictures need "
            "manometer[plot].",
        ),
    ] = None,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Read every signal: its value, the noise that block luck gives it, its state and its last event."""
    from ..readings.signals import signals_of

    if history is not None:
        from .gauge_history import check_folder

        check_folder(history)
    read = _read(reading, output)
    view = signals_of(read)
    written: list[Path] = []
    if history is not None:
        from .signals_picture import write_signals

        written = write_signals(read, history)
        if len(written) == 1:
            complain("the pictures of --history need matplotlib: pip install 'manometer[plot]'")
    from .signals_page import signals_page

    publish(
        {**view.data, **({"files": [str(p) for p in written]} if history is not None else {})},
        lambda: signals_page(
            view.data, read, screen_width(), now_s=int(time.time()), asked_s=_asked(reading)
        ),
        json=output.json,
        csv=csv,
        rows=[{"signal": k, **flat(v)} for k, v in view.data["signals"].items()],
        written=[f"{p} and {len(written) - 1} pictures" for p in written[:1]],
    )
    return 0


def events(
    name: Annotated[str, Parameter(help="The signal, as `manometer signals` lists them.")],
    /,
    *,
    first: Annotated[_Date, Parameter(name="--from", help="First day; by default the first known.")] = None,
    last: Annotated[_Date, Parameter(name="--to", help="Last day; by default the last known.")] = None,
    plot: Annotated[
        Path | None, Parameter(metavar="FILE", help="Draw it, .png or .svg; needs manometer[plot].")
    ] = None,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """List a signal's events, the return and the worst drawdown after each, and how much of it is luck."""
    from ..readings.signals import signal_events

    check_picture(plot)
    read = _read(reading, output)
    view = signal_events(read, name, first, last)
    if plot is not None:
        from .signals_picture import draw_signal

        draw_signal(read, name, plot, view.data["from"], view.data["to"])
    from .signals_page import events_page

    publish(
        view.data,
        lambda: events_page(view.data, now_s=int(time.time()), asked_s=_asked(reading)),
        json=output.json,
        csv=csv,
        rows=[_row(e) for e in view.data["events"]],
        written=() if plot is None else (plot,),
    )
    return 0


def _read(reading: Reading, output: Output) -> SignalHistory:
    from ..readings.signals import read_signals
    from ..units import SECONDS_PER_DAY

    with (
        opened(output)() as store,
        progress_bar("reading the history", wanted=not (output.quiet or output.json)) as progress,
    ):
        read = read_signals(
            store, reading.as_of_s(), retrieved_by_s=reading.retrieved_by_s(), progress=progress
        )
    check_age(reading, int(read.day[-1] + 1) * SECONDS_PER_DAY)
    return read


def _asked(reading: Reading) -> int | None:
    return reading.as_of_s() if reading.as_of is not None else None


def _row(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event as one row: a column per figure and horizon."""
    out = flat(event)
    for o in event["outcomes"]:
        for key, value in o.items():
            if key != "horizon_days":
                out[f"{key}_{o['horizon_days']}d"] = value
    return out
