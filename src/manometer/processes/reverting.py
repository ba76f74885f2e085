"""Fees and power prices: logarithms that return to a level, moved by the surprises that happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..compiled import jit
from ..errors import DataError
from .draws import STREAMS, check_seed
from .exact import exp, uniform_pair

__all__ = ["Reverting"]

Floats = NDArray[np.float64]
_LEAST_DAYS = 60
_FLOOR = 1e-4  # of the median: what a zero or negative value counts as


@dataclass(frozen=True)
class Reverting:
    """ln x = level(month) + y, where y keeps `persistence` of itself from day to day and takes a surprise.

    Surprises are drawn from those of history, so that spikes are as high and as frequent as they were. Fees
    are in BTC per block: a halving leaves them, and raises their share of the reward by itself.

    Parameters
    ----------
    level : (12,) mean logarithm by month of the year; equal where no season is fitted.
    persistence : share of y that is left after a day, 0 to below 1.
    surprises : (n,) those of history, mean 0.
    now : y on the last day known.
    """

    level: Floats
    persistence: float
    surprises: Floats
    now: float

    @classmethod
    def calibrate(cls, values: Floats, months: NDArray[np.int64] | None = None) -> Self:
        """Fit on the values of consecutive days, oldest first, by least squares.

        Parameters
        ----------
        months : (n,) month of each day, 1 to 12; given, each month with 20 days or more has its own level.

        Raises
        ------
        DataError
            Under 60 days, or one that is not known.
        """
        v = np.asarray(values, dtype=np.float64)
        if len(v) < _LEAST_DAYS or not np.isfinite(v).all() or not np.median(v) > 0:
            raise DataError(f"{len(v)} days: fees and power need {_LEAST_DAYS} in a row, all known, above 0")
        x = np.log(np.maximum(v, _FLOOR * np.median(v)))
        level = np.full(12, x.mean())
        if months is not None:
            for m in range(1, 13):
                if (months == m).sum() >= 20:
                    level[m - 1] = x[months == m].mean()
            x = x - level[np.asarray(months) - 1]
        else:
            x = x - x.mean()
        square = float((x[:-1] ** 2).sum())
        keep = float(np.clip((x[1:] * x[:-1]).sum() / square, 0.0, 0.999)) if square > 0 else 0.0
        e = x[1:] - keep * x[:-1]
        return cls(level, keep, e - e.mean(), float(x[-1]))

    @property
    def deviation(self) -> float:
        """Standard deviation of the logarithm in the long run."""
        return float(self.surprises.std() / np.sqrt(1 - self.persistence**2))

    def from_value(self, value: float, month: int) -> Reverting:
        """Return the same process starting from a value."""
        return replace(self, now=float(np.log(max(value, 1e-12)) - self.level[month - 1]))

    def value_now(self, month: int) -> float:
        """Return the value it starts from."""
        return float(np.exp(self.level[month - 1] + self.now))

    def simulate(
        self, seed: int, stream: str, first_path: int, n_paths: int, months: NDArray[np.int64]
    ) -> Floats:
        """Draw the days that follow, shape (n_paths, n_days); `months` (n_days,) are theirs."""
        level = self.level[np.asarray(months) - 1]
        address = (check_seed(seed), STREAMS[stream], first_path, n_paths)
        return _paths(*address, self.surprises, self.persistence, self.now, level)


@jit
def _paths(
    seed: int,
    stream: int,
    first: int,
    n_paths: int,
    surprises: Floats,
    keep: float,
    now: float,
    level: Floats,
) -> Floats:
    n, days = len(surprises), len(level)
    out = np.empty((n_paths, days))
    x = np.empty(days)
    for p in range(n_paths):
        for t in range(days):
            x[t] = uniform_pair(seed, first + p, t, stream)[0]
        y = now
        for t in range(days):
            y = keep * y + surprises[int(x[t] * n)]
            x[t] = y
        for t in range(days):
            out[p, t] = exp(level[t] + x[t])
    return out
