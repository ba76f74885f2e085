"""Hash ribbon by the full rule: 30-day against 60-day mean of hashrate, with the noise of block luck."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .declaration import Declaration, Signal, SignalInputs
from .rolling import lagged, rolling_mean

__all__ = ["HASH_RIBBON", "LONG_DAYS", "SHORT_DAYS", "HashRibbon", "block_luck_sd", "hash_ribbon"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHORT_DAYS, LONG_DAYS = 30, 60
_PRICE_SHORT_DAYS, _PRICE_LONG_DAYS = 10, 20
_SPRING_DAYS = 7
_RECOVERY_DAYS = 30


@dataclass(frozen=True, slots=True)
class HashRibbon:
    """Daily ribbon, arrays (n,): ratio of the means, its noise, one state per day, and the days of the rule.

    state : "capitulation" (short below long), "springs" (still below, but the short mean rises),
        "recovery" (crossed above within 30 days), "expansion" (above), or "unknown".
    beyond_noise : whether the gap is larger than two noise standard deviations.
    probability_real : chance that, luck taken out, the short mean lies on the side of the long that it shows.
    depth_sd : deepest gap of the capitulation so far, or of the last one, in noise standard deviations.
    buy : the first day from a recovery on, before the next capitulation, whose 10-day mean of price is above
        its 20-day mean.
    """

    ratio: Floats
    noise_sd: float
    state: NDArray[np.str_]
    beyond_noise: Bools
    probability_real: Floats
    depth_sd: Floats
    buy: Bools


def block_luck_sd(short_days: int, long_days: int, blocks_per_day: float = 144.0) -> float:
    """Standard deviation that block luck alone gives to ln(short mean / long mean) of hashrate.

    The short window is part of the long one: the variance is (1/short - 1/long) / blocks per day, which is
    1.08 % for 30 and 60 days.
    """
    return math.sqrt((1 / short_days - 1 / long_days) / blocks_per_day)


def hash_ribbon(hashrate_ehs: Floats, price_usd: Floats) -> HashRibbon:
    """Compute the ribbon of daily hashrate (calendar-day blocks x difficulty) and close, each (n,).

    Notes
    -----
    A capitulation that returns before price turns has no buy. On the day of a crossing the ratio is near one,
    so `probability_real` is near one half: the day of a cross is never certain; how deep the fall was is.

    References
    ----------
    C. Edwards, "Hash Ribbons & Bitcoin Bottoms", 2019, as consistent public ports state the rule.
    """
    short = rolling_mean(hashrate_ehs, SHORT_DAYS)
    ratio = short / rolling_mean(hashrate_ehs, LONG_DAYS)
    rising = short > lagged(short, _SPRING_DAYS)
    turned = rolling_mean(price_usd, _PRICE_SHORT_DAYS) > rolling_mean(price_usd, _PRICE_LONG_DAYS)
    noise = block_luck_sd(SHORT_DAYS, LONG_DAYS)
    gap_sd = np.log(ratio) / noise
    state = np.full(len(ratio), "unknown", dtype="<U12")
    buy = np.zeros(len(ratio), dtype=np.bool_)
    depth_sd = np.full(len(ratio), np.nan)
    since_cross, below_before, waiting, depth = _RECOVERY_DAYS + 1, False, False, 0.0
    for i, r in enumerate(ratio):
        if not np.isfinite(r):
            continue
        below = r < 1
        crossed = below_before and not below
        since_cross = 0 if crossed else since_cross + 1
        if below:
            depth = max(depth if below_before else 0.0, -float(gap_sd[i]))
            state[i] = "springs" if rising[i] else "capitulation"
        else:
            state[i] = "recovery" if since_cross < _RECOVERY_DAYS else "expansion"
        waiting = (waiting or crossed) and not below
        buy[i] = waiting and bool(turned[i])
        waiting = waiting and not buy[i]
        depth_sd[i] = depth
        below_before = below
    known = np.isfinite(gap_sd)
    with np.errstate(invalid="ignore"):
        beyond = known & (np.abs(gap_sd) > 2)
    sure = np.array(
        [math.erfc(-abs(g) / math.sqrt(2)) / 2 if k else math.nan for g, k in zip(gap_sd, known, strict=True)]
    )
    return HashRibbon(ratio, noise, state, beyond, sure, depth_sd, buy)


def _read(x: SignalInputs) -> Signal:
    r = hash_ribbon(x.hashrate_ehs, x.price_usd)
    below = np.isin(r.state, ("capitulation", "springs"))
    above = np.isin(r.state, ("recovery", "expansion"))
    fell, rose = np.zeros_like(below), np.zeros_like(below)
    fell[1:], rose[1:] = below[1:] & above[:-1], above[1:] & below[:-1]
    return Signal(
        value=r.ratio,
        noise_sd=r.ratio * r.noise_sd,
        state=r.state,
        events={"buy": r.buy, "recovery": rose, "capitulation": fell},
        also={"probability_real": r.probability_real, "depth_sd": r.depth_sd},
    )


HASH_RIBBON = Declaration(
    name="hash_ribbon",
    unit="ratio",
    doc="30-day over 60-day mean of hashrate (calendar-day blocks x difficulty)",
    source="C. Edwards, Hash Ribbons & Bitcoin Bottoms, 2019, as public ports state it",
    inputs=("hashrate_ehs", "price_usd"),
    states=("capitulation", "springs", "recovery", "expansion"),
    events={
        "buy": "first day from a recovery on with the 10-day mean of price above the 20-day mean",
        "recovery": "the 30-day mean of hashrate crosses above the 60-day mean",
        "capitulation": "the 30-day mean of hashrate crosses below the 60-day mean",
    },
    read=_read,
    marks=(1.0,),
)
