"""``manometer gauge``: the main reading on one screen, and its history as a table and a picture."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ..units import SECONDS_PER_DAY
from .options import Gross, Output, Reading, Table, check_age, opened
from .screen import complain, flat, progress_bar, publish, screen_width

__all__ = ["gauge"]


def gauge(
    *,
    history: Annotated[
        Path | None,
        Parameter(
            name="--history",
            metavar="DIR",
            help="Write history.csv and history.png, .svg and -dark.png there; the pictures need "
            "manometer[plot].",
        ),
    ] = None,
    gross: Gross = False,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Read the pressure gauge: what is happening to miners, since when, and why."""
    from ..readings.gauge import gauge_of
    from ..readings.pulse import take_pulse
    from ..readings.retarget import next_retarget

    as_of_s, retrieved_by_s = reading.as_of_s(), reading.retrieved_by_s()
    if history is not None:
        from .gauge_history import check_folder

        check_folder(history)
    with (
        opened(output)() as store,
        progress_bar("reading the history", wanted=not (output.quiet or output.json)) as progress,
    ):
        pulse = take_pulse(store, as_of_s, retrieved_by_s=retrieved_by_s, gross=gross, progress=progress)
        check_age(reading, pulse.market.last_day_s + SECONDS_PER_DAY)
        seen_s = time.time() if as_of_s is None else float(as_of_s)
        view = gauge_of(pulse, next_retarget(store, pulse.market, retrieved_by_s), seen_s)
    written: list[Path] = []
    if history is not None:
        from .gauge_history import write_history

        written = write_history(pulse, history)
        if len(written) == 1:
            complain("the pictures of --history need matplotlib: pip install 'manometer[plot]'")
    from .gauge_page import gauge_page

    asked = as_of_s if reading.as_of is not None else None
    publish(
        {**view.data, **({"files": [str(p) for p in written]} if history is not None else {})},
        lambda: gauge_page(view, screen_width(), now_s=int(time.time()), asked_s=asked),
        json=output.json,
        csv=csv,
        rows=[flat(view.data)],
        written=written,
    )
    return 0
