"""``manometer sentiment``: the state of miners beside what people say and pay for a view."""

from __future__ import annotations

import time

from .options import Output, Reading, Table, check_age, opened
from .screen import flat, progress_bar, publish

__all__ = ["sentiment"]


def sentiment(
    *,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Set the state of miners beside fear and greed, funding and surveys: dated, never blended."""
    from ..readings.pulse import take_pulse
    from ..readings.sentiment import sentiment as read_sentiment
    from ..units import SECONDS_PER_DAY

    retrieved_by_s = reading.retrieved_by_s()
    with (
        opened(output)() as store,
        progress_bar("reading the history", wanted=not (output.quiet or output.json)) as progress,
    ):
        pulse = take_pulse(store, reading.as_of_s(), retrieved_by_s=retrieved_by_s, progress=progress)
        check_age(reading, pulse.market.last_day_s + SECONDS_PER_DAY)
        view = read_sentiment(store, pulse, retrieved_by_s)
    from .sentiment_page import sentiment_page

    asked = reading.as_of_s() if reading.as_of is not None else None
    publish(
        view.data,
        lambda: sentiment_page(view.data, now_s=int(time.time()), asked_s=asked),
        json=output.json,
        csv=csv,
        rows=[flat(view.data)],
    )
    return 0
