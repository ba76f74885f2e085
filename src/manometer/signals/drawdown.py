"""Drawdowns: how far a series is under its own running or recent peak."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .declaration import Declaration, Signal, SignalInputs, entries, graded
from .difficulty_ribbon import EPOCH_LUCK_SD
from .ribbon import SHORT_DAYS
from .rolling import rolling_max, rolling_mean

__all__ = ["DRAWDOWNS", "drawdown_frac", "hashrate_drawdown_frac"]

Floats = NDArray[np.float64]

_NAMES = ("near_peak", "down", "deep")
_PRICE_LIMITS, _NETWORK_LIMITS = (0.2, 0.5), (0.05, 0.15)


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
    return drawdown_frac(rolling_mean(hashrate_ehs, SHORT_DAYS))


def _declare(
    name: str,
    doc: str,
    read: Callable[[SignalInputs], Floats],
    column: str,
    limits: tuple[float, float],
    luck_sd: float,
) -> Declaration:
    def signal(x: SignalInputs) -> Signal:
        value = read(x)
        noise = (1 - value) * math.sqrt(2) * luck_sd  # of the level and of the peak
        return Signal(
            value=value,
            noise_sd=noise if luck_sd else np.full(len(value), np.nan),
            state=graded(value, limits, _NAMES),
            events={"deep": entries(value >= limits[1], value), "down": entries(value >= limits[0], value)},
        )

    down, deep = (f"{100 * v:g} %" for v in limits)
    return Declaration(
        name=name,
        unit="frac",
        doc=doc,
        source="model: 1 - value / running peak",
        inputs=(column,),
        states=_NAMES,
        events={
            "deep": f"{deep} under the peak, not having been so for 30 days",
            "down": f"{down} under the peak, not having been so for 30 days",
        },
        read=signal,
        marks=limits,
    )


DRAWDOWNS = (
    _declare(
        "price_drawdown",
        "close under its highest close so far",
        lambda x: drawdown_frac(x.price_usd),
        "price_usd",
        _PRICE_LIMITS,
        0.0,
    ),
    _declare(
        "hashrate_drawdown",
        "30-day mean of hashrate under its highest so far",
        lambda x: hashrate_drawdown_frac(x.hashrate_ehs),
        "hashrate_ehs",
        _NETWORK_LIMITS,
        1 / math.sqrt(SHORT_DAYS * 144),
    ),
    _declare(
        "difficulty_drawdown",
        "difficulty under its highest so far",
        lambda x: drawdown_frac(x.difficulty),
        "difficulty",
        _NETWORK_LIMITS,
        EPOCH_LUCK_SD,
    ),
)
