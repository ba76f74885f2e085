"""Hashrate is never observed: blocks are a Poisson process whose rate is hashrate over work.

A Kalman filter with a level and a damped slope on the logarithm of (blocks x difficulty), whose observation
variance is the block luck itself, 1/count. The one parameter, how far hashrate moves in a day, is refitted on
each first of January from 2015 by likelihood on the days before; the value before that is assumed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..units import HASHES_PER_DIFFICULTY_CUSTOMARY, HASHES_PER_EH, SECONDS_PER_DAY, Z95

__all__ = ["Nowcast", "fit_days", "hashrate_of_blocks_ehs", "nowcast", "worked_difficulty"]

Floats = NDArray[np.float64]

_GRID = np.array([0.001, 0.002, 0.004, 0.006, 0.009, 0.013, 0.02, 0.03])  # sd of the level per day
_ASSUMED = 4  # index used before the first refit
_SLOPE_TO_LEVEL = 0.06
_DAMPING = 0.98
_FIRST_FIT_YEAR = 2015
_MEMORY = 0.5 ** (1 / 365)  # evidence for the parameter halves in a year
_CAP = 9.0  # a day beyond three sd tells no more about the parameter than one at three


@dataclass(frozen=True, slots=True)
class Nowcast:
    """Credible hashrate of each day [EH/s], shape (n,): mean, 5 and 95 % ends, and the parameter in force."""

    mean_ehs: Floats
    p05_ehs: Floats
    p95_ehs: Floats
    level_sd: Floats
    fitted_to_day: Floats


def hashrate_of_blocks_ehs(block_count: Floats, difficulty: Floats) -> Floats:
    """Hashrate that a day's blocks and difficulty imply [EH/s]; block luck and all."""
    return block_count * difficulty * (HASHES_PER_DIFFICULTY_CUSTOMARY / SECONDS_PER_DAY / HASHES_PER_EH)


def worked_difficulty(
    day: NDArray[np.int64],
    block_count: Floats,
    difficulty: Floats,
    height: Floats,
    epoch_day: NDArray[np.int64],
    epoch_height: NDArray[np.int64],
) -> Floats:
    """Mean difficulty of each day's blocks, which on a day of retarget is of neither epoch, shape (n,).

    At one rate within a day the count says all that the times of its blocks say; across a retarget the blocks
    before it and after it each count with their own work.

    Parameters
    ----------
    day, block_count, difficulty : (n,) consecutive days since 1970, blocks of the day, difficulty at its end.
    height : (n,) height of each day's last block.
    epoch_day, epoch_height : (m,) day and height of each epoch's first block.
    """
    at = epoch_day - day[0]
    inside = (at > 0) & (at < len(day))
    i = at[inside]
    out = difficulty.copy()
    with np.errstate(invalid="ignore", divide="ignore"):
        new = np.clip((height[i] - epoch_height[inside] + 1) / block_count[i], 0.0, 1.0)
    mixed = new * difficulty[i] + (1 - new) * difficulty[i - 1]
    out[i] = np.where(np.isfinite(mixed), mixed, difficulty[i])
    return out


def fit_days(day: NDArray[np.int64], first_year: int = _FIRST_FIT_YEAR) -> list[int]:
    """Return each first of January from `first_year` that lies within `day`, as days since 1970."""
    years = range(first_year, 2100)
    starts = (int(np.datetime64(f"{y}-01-01").astype(np.int64)) for y in years)
    return [s for s in starts if day[0] <= s <= day[-1]]


def nowcast(day: NDArray[np.int64], block_count: Floats, hashrate_ehs: Floats) -> Nowcast:
    """Filter daily hashrate forward in time; a day with no count widens the band and moves nothing.

    Parameters
    ----------
    day : (n,) days since 1970, consecutive.
    block_count : (n,) blocks of the day, NaN where unknown.
    hashrate_ehs : (n,) `hashrate_of_blocks_ehs` of the day [EH/s].
    """
    n = len(day)
    refits = set(fit_days(day))
    level_var = _GRID**2
    slope_var = (_GRID * _SLOPE_TO_LEVEL) ** 2
    level = np.full(len(_GRID), np.nan)
    slope = np.zeros(len(_GRID))
    p00, p01, p11 = np.ones(len(_GRID)), np.zeros(len(_GRID)), np.full(len(_GRID), 1e-4)
    likelihood = np.zeros(len(_GRID))
    chosen, fitted_to = _ASSUMED, -1
    out = np.full((5, n), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log(hashrate_ehs)
    for i in range(n):
        if int(day[i]) in refits:
            chosen, fitted_to = int(np.argmax(likelihood)), int(day[i]) - 1
        if np.isfinite(y[i]) and np.isnan(level[0]):
            level = np.full(len(_GRID), y[i])
        # predict
        level = level + slope
        slope = slope * _DAMPING
        p00 = p00 + 2 * p01 + p11 + level_var
        p01 = _DAMPING * (p01 + p11)
        p11 = _DAMPING**2 * p11 + slope_var
        # correct
        if np.isfinite(y[i]) and block_count[i] > 0:
            noise = 1.0 / block_count[i]
            total = p00 + noise
            error = y[i] + 0.5 * noise - level  # the log of a Poisson count is low by half its variance
            likelihood = _MEMORY * likelihood - 0.5 * (np.log(total) + np.minimum(error**2 / total, _CAP))
            g0, g1 = p00 / total, p01 / total
            level, slope = level + g0 * error, slope + g1 * error
            p11 = p11 - g1 * p01
            p01 = p01 * (1 - g0)
            p00 = p00 * (1 - g0)
        sd = math.sqrt(p00[chosen])
        m = level[chosen]
        out[:, i] = m, m - Z95 * sd, m + Z95 * sd, _GRID[chosen], fitted_to
    return Nowcast(np.exp(out[0]), np.exp(out[1]), np.exp(out[2]), out[3], out[4])
