"""Hash ribbon: 30-day against 60-day mean of daily hashrate, with the noise that block luck gives it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rolling import lagged, rolling_mean

__all__ = ["LONG_DAYS", "SHORT_DAYS", "HashRibbon", "block_luck_sd", "hash_ribbon"]

Floats = NDArray[np.float64]

SHORT_DAYS, LONG_DAYS = 30, 60
_SPRING_DAYS = 7
_RECOVERY_DAYS = 30


@dataclass(frozen=True, slots=True)
class HashRibbon:
    """Daily ribbon: ratio of the means, its noise, and one state per day.

    state is "capitulation" (short below long), "springs" (still below, but the short mean rises),
    "recovery" (crossed above within 30 days), "expansion" (above), or "unknown".
    `beyond_noise` says whether the gap is larger than two noise standard deviations.
    """

    ratio: Floats
    noise_sd: float
    state: NDArray[np.str_]
    beyond_noise: NDArray[np.bool_]


def block_luck_sd(short_days: int, long_days: int, blocks_per_day: float = 144.0) -> float:
    """Standard deviation that block luck alone gives to ln(short mean / long mean) of hashrate.

    The short window is part of the long one: the variance is (1/short - 1/long) / blocks per day, which is
    1.08 % for 30 and 60 days.
    """
    return math.sqrt((1 / short_days - 1 / long_days) / blocks_per_day)


def hash_ribbon(hashrate_ehs: Floats) -> HashRibbon:
    """Compute the ribbon of daily hashrate (calendar-day blocks x difficulty), shape (n,).

    Reference: C. Edwards, "Hash Ribbons & Bitcoin Bottoms", 2019, as consistent public ports state the rule;
    the price filter of its buy rule belongs to the event study, not to the state.
    """
    short = rolling_mean(hashrate_ehs, SHORT_DAYS)
    ratio = short / rolling_mean(hashrate_ehs, LONG_DAYS)
    rising = short > lagged(short, _SPRING_DAYS)
    noise = block_luck_sd(SHORT_DAYS, LONG_DAYS)
    state = np.full(len(ratio), "unknown", dtype="<U12")
    since_cross, below_before = _RECOVERY_DAYS + 1, False
    for i, r in enumerate(ratio):
        if not np.isfinite(r):
            continue
        below = r < 1
        since_cross = 0 if below_before and not below else since_cross + 1
        below_before = below
        if below:
            state[i] = "springs" if rising[i] else "capitulation"
        else:
            state[i] = "recovery" if since_cross < _RECOVERY_DAYS else "expansion"
    with np.errstate(invalid="ignore"):
        beyond = np.abs(np.log(ratio)) > 2 * noise
    return HashRibbon(ratio, noise, state, beyond & np.isfinite(ratio))
