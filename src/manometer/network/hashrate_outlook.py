"""Hashrate 30, 60 or 90 days ahead as a distribution, if price stays as it is or along a path of it.

The same state as the retarget forecast: a level with a drift, and what price did over sixty days, which goes
on acting as those days pass. What is forecast is the mean of the last thirty days before the horizon, as
ribbons and reports read hashrate; its variance adds up what is not known now, how level and drift wander, and
block luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ..units import BLOCKS_PER_DAY, HASHES_PER_DIFFICULTY_CUSTOMARY, HASHES_PER_EH
from .epochs import Chain
from .hashrate_state import SETTINGS, Bank, drift_ahead

__all__ = ["HORIZONS", "MEAN_DAYS", "HashrateOutlook", "hashrate_outlook"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HORIZONS = (30, 60, 90)
MEAN_DAYS = 30

_PRICE_DAYS = 60
_NODES = 32


@dataclass(frozen=True, slots=True)
class HashrateOutlook:
    """Log-normal mean of thirty days, shape (n,): mean and standard deviation of the logarithm of EH/s."""

    horizon_days: int
    log_ehs: Floats
    deviation: Floats

    def ehs(self, p: float) -> Floats:
        """Hashrate not exceeded with probability p [EH/s]."""
        return np.exp(self.log_ehs + self.deviation * NormalDist().inv_cdf(p))


def hashrate_outlook(
    chain: Chain,
    run: Bank,
    time_s: Floats,
    setting: Ints,
    horizon_days: int,
    log_price_ahead: Floats | None = None,
) -> HashrateOutlook:
    """Forecast at instants from the last point of the chain before each.

    Parameters
    ----------
    run : `run_bank` of the chain's stretches.
    time_s, setting : (n,) instants and the setting that speaks then.
    horizon_days : MEAN_DAYS or more.
    log_price_ahead : (n, horizon_days) logarithm of the close of each day to come; None: price stays.
    """
    n, k = len(time_s), np.searchsorted(chain.time_s, time_s, side="right") - 1
    now = Bank(*(getattr(run, f)[k, setting] for f in ("level", "drift", "level_var", "both", "drift_var")))
    last = float(BLOCKS_PER_DAY * horizon_days)
    first = last - BLOCKS_PER_DAY * MEAN_DAYS
    s = first + (last - first) * (np.arange(_NODES) + 0.5) / _NODES
    rise = drift_ahead(now.drift[:, None], s).mean(axis=1)
    daily = (
        SETTINGS.price_effect[setting][:, None]
        * BLOCKS_PER_DAY
        * _returns(chain, time_s, horizon_days, log_price_ahead)
    )
    done = np.concatenate([np.zeros((n, 1)), np.cumsum(daily, axis=1)], axis=1)
    rise = rise + done[:, horizon_days - MEAN_DAYS :].mean(axis=1)
    small, large, middle = np.minimum.outer(s, s), np.maximum.outer(s, s), float(s.mean())
    variance = (
        now.level_var + 2 * middle * now.both + middle**2 * now.drift_var
        + SETTINGS.level_var[setting] * float(small.mean())
        + SETTINGS.drift_var[setting] * float((small**2 * large / 2 - small**3 / 6).mean())
        + 1 / (BLOCKS_PER_DAY * MEAN_DAYS)
    )  # fmt: skip
    unit = float(np.log(HASHES_PER_DIFFICULTY_CUSTOMARY / HASHES_PER_EH))
    return HashrateOutlook(horizon_days, now.level + rise + unit, np.sqrt(variance))


def _returns(chain: Chain, time_s: Floats, horizon_days: int, ahead: Floats | None) -> Floats:
    """Log return of sixty days on each day to come, (n, horizon_days); 0 where a price is unknown."""
    last = np.searchsorted(chain.day_end_s, time_s, side="right") - 1
    at = last[:, None] + np.arange(-_PRICE_DAYS, 1)
    past = np.where(at >= 0, chain.log_price[np.maximum(at, 0)], np.nan)
    if ahead is None:
        ahead = np.repeat(past[:, -1:], horizon_days, axis=1)
    price = np.concatenate([past, ahead[:, : horizon_days - 1]], axis=1)
    change = price[:, _PRICE_DAYS:] - price[:, : price.shape[1] - _PRICE_DAYS]
    return np.where(np.isfinite(change), change, 0.0)
