"""Trailing windows: each value uses its own day and earlier ones only."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

__all__ = ["lagged", "rolling_max", "rolling_mean"]

Floats = NDArray[np.float64]


def rolling_mean(x: Floats, days: int, min_share: float = 0.9) -> Floats:
    """Mean of the last `days` values, NaN values left out; NaN while fewer than `min_share` of them exist."""
    known = np.isfinite(x)
    total = np.cumsum(np.concatenate([[0.0], np.where(known, x, 0.0)]))
    count = np.cumsum(np.concatenate([[0], known]))
    out = np.full(len(x), np.nan)
    if len(x) < days:
        return out
    n = count[days:] - count[:-days]
    with np.errstate(invalid="ignore", divide="ignore"):
        out[days - 1 :] = np.where(n >= min_share * days, (total[days:] - total[:-days]) / n, np.nan)
    return out


def rolling_max(x: Floats, days: int) -> Floats:
    """Largest known value of the last `days` (fewer at the start); NaN while none is known."""
    padded = np.concatenate([np.full(days - 1, -np.inf), np.where(np.isfinite(x), x, -np.inf)])
    out: Floats = sliding_window_view(padded, days).max(1) if len(x) else np.empty(0)
    return np.where(np.isfinite(out), out, np.nan)


def lagged(x: Floats, days: int) -> Floats:
    """Value `days` ago, NaN at the start."""
    out = np.full(len(x), np.nan)
    if len(x) > days:
        out[days:] = x[: len(x) - days]
    return out
