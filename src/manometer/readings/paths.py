"""History as a path that an operator can meet again, and today's terms as one that stays."""

from __future__ import annotations

from datetime import date

import numpy as np

from ..processes import DriverPath, constant_path
from ..series import align
from ..store import Store
from ..units import SECONDS_PER_DAY
from .market import Market, read_market

__all__ = ["history_path", "today_path"]


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


def today_path(market: Market, start: date, n_days: int) -> DriverPath:
    """Keep the price, difficulty and fees of the market's last day; the subsidy halves at its height."""
    x = market.inputs
    return constant_path(
        start,
        n_days,
        price_usd=float(x.price_usd[-1]),
        difficulty=float(x.difficulty[-1]),
        fees_btc=float(x.fees_btc[-1]),
        height=int(market.height[-1]) + 1,
    )
