"""``manometer flows``: issuance, listed sales and two named volumes in BTC per day."""

from __future__ import annotations

import time

from .options import Output, Reading, Table, check_age, opened
from .screen import publish, screen_width

__all__ = ["flows"]


def flows(
    *,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Put issuance, listed miners' sales and traded volume side by side, in BTC per day."""
    from ..readings.flows import flows as read_flows
    from ..readings.market import read_market
    from ..units import SECONDS_PER_DAY

    retrieved_by_s = reading.retrieved_by_s()
    with opened(output)() as store:
        market = read_market(store, reading.as_of_s(), retrieved_by_s)
        check_age(reading, market.last_day_s + SECONDS_PER_DAY)
        view = read_flows(store, market, retrieved_by_s)
    from .flows_page import flows_page

    asked = reading.as_of_s() if reading.as_of is not None else None
    publish(
        view.data,
        lambda: flows_page(view.data, screen_width(), now_s=int(time.time()), asked_s=asked),
        json=output.json,
        csv=csv,
        rows=view.data["months"],
    )
    return 0
