"""Hashrate as a level that drifts, read from how long blocks took: a filter that knows block luck exactly.

The logarithm of hashrate moves by chance and by a drift; the drift itself moves by chance and returns to a
long mean, and what price did over sixty days adds to it. Time is counted in blocks. Each stretch of n blocks
is a sum of exponential waits, whose relative variance is 1/n. A handful of settings run side by side
(`SETTINGS`); which one speaks is chosen on past forecasts alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ASSUMED",
    "SETTINGS",
    "Bank",
    "Settings",
    "Stretches",
    "advance",
    "drift_ahead",
    "first_bank",
    "run_bank",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is tried, each of shape (n_settings,).

    level_var : variance that a block adds to the logarithm of hashrate.
    drift_var : variance that a block adds to the drift [1/block].
    price_effect : drift per block that a log return of one over sixty days adds.
    """

    level_var: Floats
    drift_var: Floats
    price_effect: Floats


def _grid() -> Settings:
    table = np.array(
        [(q, w, g) for q in (5e-7, 1e-6, 2e-6, 4e-6) for w in (1e-17, 1e-16, 1e-15) for g in (0.0, 1.5e-5)]
    )
    return Settings(*np.ascontiguousarray(table.T))


SETTINGS = _grid()
#: The setting used before any was chosen on the record: 2e-6, 1e-16, 1.5e-5; assumed.
ASSUMED = 15

_MEAN_DRIFT = 5e-6  # per block, about 30 % a year; assumed
_RETURN_RATE = 5e-6  # per block, a half-life of 2.6 years; assumed
_FIRST_DRIFT_SD = 5e-5
_CLIP = 2.5  # standard deviations that a short stretch can move the level by
_LONG_BLOCKS = 1_000  # so many blocks late or early are no accident of one header time


@dataclass(frozen=True, slots=True)
class Bank:
    """Level, drift and their covariance for every setting, arrays of one shape that ends in (n_settings,).

    level is the logarithm of (blocks per second x difficulty).
    """

    level: Floats
    drift: Floats
    level_var: Floats
    both: Floats
    drift_var: Floats

    def at(self, k: int) -> Bank:
        """Return row k of a run."""
        return Bank(self.level[k], self.drift[k], self.level_var[k], self.both[k], self.drift_var[k])


@dataclass(frozen=True, slots=True)
class Stretches:
    """Consecutive stretches of blocks, arrays of shape (n,): how many, their seconds, their difficulty.

    price_return is the log return of the sixty days up to each stretch's beginning; 0 where unknown.
    """

    blocks: Floats
    seconds: Floats
    difficulty: Floats
    price_return: Floats


def first_bank(level: float) -> Bank:
    """Begin with a level of which little is known."""
    n = len(SETTINGS.level_var)
    return Bank(
        np.full(n, level), np.full(n, _MEAN_DRIFT), np.ones(n), np.zeros(n), np.full(n, _FIRST_DRIFT_SD**2)
    )


def advance(bank: Bank, blocks: Floats, seconds: Floats, difficulty: Floats, price_return: Floats) -> Bank:
    """Carry a bank over a stretch of blocks and correct it by how long they took.

    The four numbers broadcast against the bank; no blocks leave it as it is.

    Reference: R. Kalman, "A New Approach to Linear Filtering and Prediction Problems", 1960. The wait for n
    blocks is a gamma variate of mean n and variance n, in units of their mean interval.
    """
    n = np.asarray(blocks, dtype=np.float64)
    kept = np.exp(-_RETURN_RATE * n)
    level = bank.level + (bank.drift + SETTINGS.price_effect * price_return) * n
    drift = _MEAN_DRIFT + (bank.drift - _MEAN_DRIFT) * kept
    p = bank.level_var + 2 * n * bank.both + n * n * bank.drift_var + SETTINGS.level_var * n
    c = kept * (bank.both + n * bank.drift_var)
    v = kept * kept * bank.drift_var + SETTINGS.drift_var * n
    with np.errstate(divide="ignore", invalid="ignore"):
        total = p + 1 / n
        error = 1 - seconds / difficulty * np.exp(level) / n
        most = np.where(n < _LONG_BLOCKS, _CLIP * np.sqrt(total), np.inf)
        error = np.clip(error, -most, most)
        to_level, to_drift = p / total, c / total
        new = Bank(
            level + to_level * error, drift + to_drift * error, p * (1 - to_level), c * (1 - to_level),
            v - to_drift * c,
        )  # fmt: skip
    some = n > 0
    return Bank(
        *(
            np.where(some, getattr(new, k), getattr(bank, k))
            for k in ("level", "drift", "level_var", "both", "drift_var")
        )
    )


def drift_ahead(drift: Floats, blocks: Floats) -> Floats:
    """Rise of the level over blocks to come by its drift, on its way back to the long mean."""
    return _MEAN_DRIFT * blocks + (drift - _MEAN_DRIFT) * -np.expm1(-_RETURN_RATE * blocks) / _RETURN_RATE


def run_bank(s: Stretches) -> Bank:
    """Filter all stretches; row k of the result, (n + 1, n_settings), is what was known before stretch k."""
    bank = first_bank(float(np.log(s.blocks[0] / s.seconds[0] * s.difficulty[0])))
    names = ("level", "drift", "level_var", "both", "drift_var")
    out = {k: np.empty((len(s.blocks) + 1, len(bank.level))) for k in names}
    for k in range(len(s.blocks) + 1):
        for name in names:
            out[name][k] = getattr(bank, name)
        if k < len(s.blocks):
            bank = advance(bank, s.blocks[k], s.seconds[k], s.difficulty[k], s.price_return[k])
    return Bank(**out)
