"""Hashprice percentile: where the day's hashprice stands among those of the last year."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .declaration import Declaration, Signal, SignalInputs, entries, graded
from .difficulty_ribbon import EPOCH_LUCK_SD

__all__ = ["HASHPRICE_PERCENTILE", "trailing_rank"]

Floats = NDArray[np.float64]

_YEAR_DAYS = 365
_LIMITS = (0.1, 0.9)
_NAMES = ("low", "middle", "high")


def trailing_rank(x: Floats, days: int, factor: float = 1.0) -> Floats:
    """Share of the last `days` values, each (n,), that lie at or under the day's own times `factor`.

    NaN where one of them is unknown.
    """
    out = np.full(len(x), np.nan)
    if len(x) >= days:
        window, own = sliding_window_view(x, days), factor * x[days - 1 :]
        known = np.isfinite(window).all(1)
        out[days - 1 :] = np.where(known, (window <= own[:, None]).mean(1), np.nan)
    return out


def _read(x: SignalInputs) -> Signal:
    value = trailing_rank(x.hashprice, _YEAR_DAYS)
    up, down = (trailing_rank(x.hashprice, _YEAR_DAYS, 1 + s * EPOCH_LUCK_SD) for s in (1, -1))
    return Signal(
        value=value,
        noise_sd=(up - down) / 2,
        state=graded(value, _LIMITS, _NAMES),
        events={"low": entries(value < _LIMITS[0], value), "high": entries(value >= _LIMITS[1], value)},
    )


HASHPRICE_PERCENTILE = Declaration(
    name="hashprice_percentile",
    unit="frac",
    doc="share of the last 365 days with a hashprice at or under the day's",
    source="Manometer: hashprice falls with every better machine, so that only a trailing window compares",
    inputs=("hashprice",),
    states=_NAMES,
    events={
        "low": "hashprice enters the lowest tenth of its year, not having been there for 30 days",
        "high": "hashprice enters the highest tenth of its year, not having been there for 30 days",
    },
    read=_read,
    marks=_LIMITS,
)
