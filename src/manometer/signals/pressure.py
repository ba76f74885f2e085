"""Pressure from 0 to 100: parts on one scale, pooled by log-odds, with the parts that are missing named.

Each part maps one quantity to (0, 1) through a logistic curve that is documented, fixed and monotone:

revenue            how near hashprice is to the fleet's median cash break-even, and where it has been heading
time_under_cost    share of the last 60 days on which the median cohort's margin was thin
out_of_the_money   share of installed hashrate whose electricity alone costs more than it earns
hashrate_drawdown  7-day hashrate against its 60-day mean in units of block luck, and difficulty off its peak
selling            listed miners' coins sold over mined (needs company data)
balance_sheet      named balance sheets under strain (needs company data)

The composite is the weighted mean of the log-odds of the parts that are known, as a logistic share of 100: a
logarithmic opinion pool. A part without data is missing, not zero: the weights of the others grow.

The weights are round numbers set once: hashrate that is already falling says most about hashrate that will
fall, so it has the most; the level parts say how bad it is rather than what comes next, so they have little.
Weights refitted each January on earlier years score about the same (the scorecard prints both).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .ribbon import block_luck_sd
from .rolling import lagged, rolling_mean

__all__ = [
    "MARKET_PARTS",
    "PARTS",
    "THIN_MARGIN",
    "WEIGHTS",
    "PressureInputs",
    "composite",
    "log_odds",
    "market_parts",
]

Floats = NDArray[np.float64]

MARKET_PARTS = ("revenue", "time_under_cost", "out_of_the_money", "hashrate_drawdown")
PARTS = (*MARKET_PARTS, "selling", "balance_sheet")
WEIGHTS: Mapping[str, float] = {
    "revenue": 0.25,
    "time_under_cost": 0.05,
    "out_of_the_money": 0.10,
    "hashrate_drawdown": 0.60,
    "selling": 0.10,
    "balance_sheet": 0.10,
}

#: Hashprice over the fleet's median cash break-even at which the revenue part stands in the middle (assumed):
#: a third above cash cost is about what due principal and sustaining capex take.
THIN_MARGIN = 4 / 3
_MARGIN_SCALE = 0.25  # log margin
_SLIDE_SCALE = 0.075  # log price change over 30 days: about half a month's standard deviation
_SHARE_CENTRE = 1.5  # log-odds: 18 % of hashrate under its electricity cost is the middle
_DIFFICULTY_SCALE = 0.20
_TIME_DAYS = 60
_CLIP = 6.0


@dataclass(frozen=True, slots=True)
class PressureInputs:
    """Daily arrays, shape (n,); hashprice and break-even in USD per PH/s per day, before the pool fee."""

    price_usd: Floats
    difficulty: Floats
    hashprice: Floats
    hashrate_ehs: Floats
    median_cash_breakeven: Floats
    underwater_electricity: Floats


def market_parts(x: PressureInputs) -> dict[str, Floats]:
    """Return the four parts that need no company data, each (n,) in (0, 1), NaN where unknown."""
    with np.errstate(invalid="ignore", divide="ignore"):
        margin = np.log(rolling_mean(x.hashprice, 7) / x.median_cash_breakeven)
        slide = -np.log(x.price_usd / lagged(x.price_usd, 30))
        revenue = -(margin - np.log(THIN_MARGIN)) / _MARGIN_SCALE + slide / _SLIDE_SCALE
        thin = np.where(np.isfinite(margin), margin < np.log(THIN_MARGIN), np.nan)
        time = log_odds(rolling_mean(thin, _TIME_DAYS), 0.02)
        out = log_odds(x.underwater_electricity, 0.005) + _SHARE_CENTRE
        drop = -np.log(rolling_mean(x.hashrate_ehs, 7) / rolling_mean(x.hashrate_ehs, 60))
        peak = np.maximum.accumulate(np.where(np.isfinite(x.difficulty), x.difficulty, 0.0))
        hashrate = drop / block_luck_sd(7, 60) + np.minimum(
            (1 - x.difficulty / peak) / _DIFFICULTY_SCALE, 1.0
        )
    odds = (revenue, time, out, hashrate)
    return {k: _logistic(np.clip(v, -_CLIP, _CLIP)) for k, v in zip(MARKET_PARTS, odds, strict=True)}


def composite(parts: Mapping[str, Floats], weights: Mapping[str, float] = WEIGHTS) -> Floats:
    """Pool parts into pressure, 0 to 100, shape (n,); NaN where no part is known."""
    total: Floats | float = 0.0
    weight: Floats | float = 0.0
    for name, part in parts.items():
        known = np.isfinite(part)
        total = total + weights[name] * np.where(known, log_odds(np.where(known, part, 0.5), 1e-9), 0.0)
        weight = weight + weights[name] * known
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(100.0 * _logistic(np.asarray(total / weight)))


def log_odds(share: Floats, floor: float) -> Floats:
    """Log-odds of a share, kept `floor` away from 0 and 1."""
    p = np.clip(share, floor, 1 - floor)
    return np.asarray(np.log(p / (1 - p)))


def _logistic(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))
