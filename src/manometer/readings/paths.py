"""History as a path that an operator can meet again."""

from __future__ import annotations

import numpy as np

from ..processes import DriverPath
from ..series import align
from ..store import Store
from ..units import SECONDS_PER_DAY
from .market import read_market

__all__ = ["history_path"]


def history_path(
    store: Store, as_of_s: int | None = None, *, retrieved_by_s: int | None = None
) -> DriverPath:
    """Return the whole record as a path, days with unknown price or difficulty as NaN.

    Loans are tested on the day's low where lows were imported; a day without one has its close.
    """
    market = read_market(store, as_of_s, retrieved_by_s)
    x = market.inputs
    low = store.read("price_low_usd", as_of_s=market.as_of_s, retrieved_by_s=retrieved_by_s)
    lows = align(low, x.day * SECONDS_PER_DAY) if len(low) else np.full(len(x.day), np.nan)
    return DriverPath(
        name="history",
        day=x.day,
        price_usd=x.price_usd,
        low_usd=np.fmin(lows, x.price_usd),
        difficulty=x.difficulty,
        subsidy_btc=x.subsidy_btc,
        fees_btc=x.fees_btc,
        low_is_close=not np.isfinite(lows).any(),
    )
