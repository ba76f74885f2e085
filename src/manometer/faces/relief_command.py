"""``manometer relief``: what came of each capitulation, which lamps turned, what each retarget gave."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from .options import Output, Reading, Table, check_age, opened
from .picture import check_picture
from .screen import flat, progress_bar, publish, screen_width

__all__ = ["relief"]


def relief(
    *,
    first: Annotated[
        str | None,
        Parameter(
            name="--from",
            metavar="DATE",
            allow_leading_hyphen=True,
            help="Capitulations that began on or after it; 2012-01-01.",
        ),
    ] = None,
    plot: Annotated[
        Path | None, Parameter(metavar="FILE", help="Draw it, .png or .svg; needs manometer[plot].")
    ] = None,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Tell relief from recovery: when each lamp turned after a capitulation, and what retargets gave."""
    from ..readings.pulse import take_pulse
    from ..readings.relief import relief as read_relief
    from ..units import SECONDS_PER_DAY

    check_picture(plot)
    with (
        opened(output)() as store,
        progress_bar("reading the history", wanted=not (output.quiet or output.json)) as progress,
    ):
        pulse = take_pulse(
            store, reading.as_of_s(), retrieved_by_s=reading.retrieved_by_s(), progress=progress
        )
    check_age(reading, pulse.market.last_day_s + SECONDS_PER_DAY)
    view = read_relief(pulse) if first is None else read_relief(pulse, first)
    if plot is not None:
        from .relief_picture import draw_relief

        draw_relief(view.data, plot)
    from .relief_page import relief_page

    asked = reading.as_of_s() if reading.as_of is not None else None
    publish(
        view.data,
        lambda: relief_page(view.data, screen_width(), now_s=int(time.time()), asked_s=asked),
        json=output.json,
        csv=csv,
        rows=[flat(row) for row in view.data["capitulations"]],
        written=() if plot is None else (plot,),
    )
    return 0
