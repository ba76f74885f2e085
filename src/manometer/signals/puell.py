"""Puell multiple: the day's issuance in dollars over its mean of a year, raw and at one subsidy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .declaration import Declaration, Signal, SignalInputs, entries, graded
from .ribbon import block_luck_sd
from .rolling import rolling_mean

__all__ = ["PUELL", "PUELL_HALVING_ADJUSTED", "puell"]

Floats = NDArray[np.float64]

_YEAR_DAYS = 365
_LIMITS = (0.5, 4.0)
_NAMES = ("low", "middle", "high")
_SOURCE = "D. Puell, 2019; Glassnode: issuance, not fees; limits in use are 0.4 to 0.6, and 4"


def puell(block_count: Floats, subsidy_btc: Floats, price_usd: Floats) -> Floats:
    """Issuance of the day (blocks x subsidy x close) over its mean of 365 days, each (n,).

    A constant `subsidy_btc` gives the halving-adjusted multiple: every day's issuance at one subsidy.
    """
    issuance_usd = block_count * subsidy_btc * price_usd
    return np.asarray(issuance_usd / rolling_mean(issuance_usd, _YEAR_DAYS))


def _signal(value: Floats) -> Signal:
    return Signal(
        value=value,
        noise_sd=value * block_luck_sd(1, _YEAR_DAYS),
        state=graded(value, _LIMITS, _NAMES),
        events={"low": entries(value < _LIMITS[0], value), "high": entries(value >= _LIMITS[1], value)},
    )


def _raw(x: SignalInputs) -> Signal:
    return _signal(puell(x.block_count, x.subsidy_btc, x.price_usd))


def _adjusted(x: SignalInputs) -> Signal:
    return _signal(puell(x.block_count, np.ones(len(x.day)), x.price_usd))


_EVENTS = {
    "low": "the multiple falls under 0.5, not having been there for 30 days",
    "high": "the multiple rises over 4, not having been there for 30 days",
}

PUELL = Declaration(
    name="puell",
    unit="ratio",
    doc="issuance of the day in USD (subsidy, no fees) over its 365-day mean; a halving halves it",
    source=_SOURCE,
    inputs=("block_count", "subsidy_btc", "price_usd"),
    states=_NAMES,
    events=_EVENTS,
    read=_raw,
    marks=_LIMITS,
)
PUELL_HALVING_ADJUSTED = Declaration(
    name="puell_halving_adjusted",
    unit="ratio",
    doc="the same with every day's issuance at one subsidy, so that a halving leaves no step",
    source=_SOURCE,
    inputs=("block_count", "price_usd"),
    states=_NAMES,
    events=_EVENTS,
    read=_adjusted,
    marks=_LIMITS,
)
