"""How good retarget forecasts have been: ours walk-forward beside three plain ones, on the same moments.

The plain ones carry a rate of past blocks, at today's difficulty, through the blocks to come: `constant` the
rate of this epoch alone, `window504` that of the last 504 blocks or of the epoch where it is longer,
`rolling2015` that of the last 2,015 intervals. Their band is what block luck alone gives them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ..chain import BLOCKS_PER_EPOCH, TARGET_TIMESPAN_S
from .epochs import Chain
from .hashrate_state import run_bank
from .retarget_forecast import INTERVALS, PROGRESS, changes, forecasts_at, within_rule

__all__ = ["METHODS", "Moments", "Score", "known_rate_floor", "moments", "outcomes", "score"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Quantiles = Callable[[float], Floats]

METHODS = ("manometer", "constant", "window504", "rolling2015")

_PROBABILITIES = (np.arange(99) + 1) / 100
_NOMINAL_S = 600.0
_WINDOW = 504


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments at which a forecast is made, arrays of shape (n,).

    epoch : its place in the chain. progress : place in `PROGRESS`. height, time_s : last block known.
    change : of difficulty at the end of the epoch, as it came out.
    """

    epoch: Ints
    progress: Ints
    height: Floats
    time_s: Floats
    change: Floats


@dataclass(frozen=True, slots=True)
class Score:
    """One method at one share of the epoch.

    mae_frac, crps_frac : mean absolute error of the median and continuous ranked probability score, in change
        of difficulty; mae_se and crps_se are the standard errors of these means over epochs.
    coverage50, coverage90 : share of outcomes within the band, with its binomial standard error.
    """

    progress_frac: float
    method: str
    n: int
    mae_frac: float
    mae_se: float
    crps_frac: float
    crps_se: float
    coverage50: float
    coverage50_se: float
    coverage90: float
    coverage90_se: float


def moments(chain: Chain, first_s: float, last_s: float) -> Moments:
    """Return every epoch that ended in [first_s, last_s) at each share of `PROGRESS`.

    Where single blocks are not known a forecast is made at the last end of a day before the share is reached.
    """
    ends = chain.start_s[1:]
    epochs = np.flatnonzero((ends >= first_s) & (ends < last_s))
    epochs = epochs[epochs >= 1]
    epoch = np.repeat(epochs, len(PROGRESS))
    progress = np.tile(np.arange(len(PROGRESS)), len(epochs))
    done = np.round(np.array(PROGRESS) * BLOCKS_PER_EPOCH)[progress] - 1
    height = np.maximum(chain.last_known(chain.start[epoch] + done), chain.start[epoch])
    change = chain.difficulty[epoch + 1] / chain.difficulty[epoch] - 1
    return Moments(epoch, progress, height.astype(np.float64), chain.time_of(height), change)


def outcomes(chain: Chain, at: Moments) -> dict[str, Quantiles]:
    """Return, by method, the function from a probability to the change forecast at every moment, (n,)."""
    r = forecasts_at(chain, run_bank(chain.stretches()), at.epoch, at.height, at.time_s)
    done = at.height - chain.start[at.epoch]
    ratio = chain.difficulty[at.epoch] / chain.difficulty[at.epoch - 1]
    elapsed = at.time_s - chain.start_s[at.epoch]
    left = INTERVALS - done

    def plain(window: Floats) -> Quantiles:
        window = np.maximum(window, 1.0)
        within = np.minimum(done, window)
        border = chain.time_of(at.height - within)
        # Intervals before the epoch were at another difficulty: scaled to what they would be now.
        earlier = (border - chain.time_of(at.height - window)) * ratio
        interval = (at.time_s - border + earlier) / window
        interval = np.where((done == 0) & (window <= 1.0), _NOMINAL_S, interval)
        deviation = interval * np.sqrt(left + left * left / window)

        def quantile(p: float) -> Floats:
            rest = left * interval + deviation * NormalDist().inv_cdf(1 - p)
            return within_rule(TARGET_TIMESPAN_S / np.maximum(elapsed + rest, 1.0) - 1)

        return quantile

    return {
        "manometer": lambda p: changes(r, p),
        "constant": plain(done),
        "window504": plain(np.maximum(done, float(_WINDOW))),
        "rolling2015": plain(np.full(len(done), float(INTERVALS))),
    }


def score(at: Moments, quantile: Quantiles, method: str) -> list[Score]:
    """Score a method at each share of the epoch.

    The CRPS is the mean quantile loss over 99 probabilities, doubled (Gneiting and Raftery, 2007).
    """
    y = at.change
    error = np.abs(quantile(0.5) - y)
    crps = np.zeros(len(y))
    for p in _PROBABILITIES:
        miss = y - quantile(float(p))
        crps += 2 * np.where(miss > 0, p * miss, (p - 1) * miss) / len(_PROBABILITIES)
    inside50 = ((quantile(0.25) <= y) & (y <= quantile(0.75))).astype(np.float64)
    inside90 = ((quantile(0.05) <= y) & (y <= quantile(0.95))).astype(np.float64)
    out = []
    for k, share in enumerate(PROGRESS):
        rows = at.progress == k
        n = int(rows.sum())
        if not n:
            continue

        def mean(x: Floats, rows: NDArray[np.bool_] = rows, n: int = n) -> tuple[float, float]:
            part = x[rows]
            return float(part.mean()), float(part.std() / math.sqrt(n))

        out.append(Score(share, method, n, *mean(error), *mean(crps), *mean(inside50), *mean(inside90)))
    return out


def known_rate_floor(progress_frac: float) -> float:
    """Return the mean absolute error that even a known constant rate leaves: the luck of the blocks to come.

    0.798 x sqrt(blocks left) / 2,016: 0.798 is the mean of a normal variate's size.
    """
    return math.sqrt(2 / math.pi) * math.sqrt(BLOCKS_PER_EPOCH * (1 - progress_frac)) / BLOCKS_PER_EPOCH
