"""Drawdowns: how far a series is under its own running or recent peak."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .rolling import rolling_max, rolling_mean

__all__ = ["drawdown_frac", "hashrate_drawdown_frac"]

Floats = NDArray[np.float64]


def drawdown_frac(x: Floats, days: int | None = None) -> Floats:
    """1 - value / peak; the peak is of all days so far, or of the last `days`."""
    if days is None:
        peak = np.maximum.accumulate(np.where(np.isfinite(x), x, -np.inf)) if len(x) else x
    else:
        peak = rolling_max(x, days)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isfinite(x) & np.isfinite(peak), 1 - x / peak, np.nan)


def hashrate_drawdown_frac(hashrate_ehs: Floats) -> Floats:
    """1 - 30-day mean / its running maximum, of daily hashrate (calendar-day blocks x difficulty)."""
    return drawdown_frac(rolling_mean(hashrate_ehs, 30))
