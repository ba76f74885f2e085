"""Daily values that follow from exact ones: the difficulty at the end of each day, fees per block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..chain import difficulty_from_bits
from ..units import BLOCKS_PER_DAY, HASHES_PER_DIFFICULTY_CUSTOMARY, SECONDS_PER_DAY

__all__ = ["blocks_in_window", "daily_difficulty"]

_FIRST_SUBSIDY_BTC = 50.0


def daily_difficulty(
    start_time_s: NDArray[np.int64], bits: NDArray[np.int64], last_day_s: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the difficulty in force at the end of each UTC day.

    Parameters
    ----------
    start_time_s, bits : arrays of int64, shape (n,)
        Header time of each epoch's first block [s] and its compact target, in order of height.
    last_day_s : int
        Start of the last day wanted [s].

    Returns
    -------
    tuple of arrays
        Starts of the days [s], from the day of the first epoch on, and difficulties.
    """
    first = int(start_time_s[0]) // SECONDS_PER_DAY * SECONDS_PER_DAY
    day = np.arange(first, last_day_s + 1, SECONDS_PER_DAY, dtype=np.int64)
    epoch = np.searchsorted(start_time_s, day + SECONDS_PER_DAY, side="left") - 1
    return day, np.asarray(difficulty_from_bits(bits), dtype=np.float64)[np.maximum(epoch, 0)]


def blocks_in_window(
    hashrate_hs: NDArray[np.float64], difficulty: NDArray[np.float64], subsidy_btc: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how many blocks a 24 h window held, NaN where it cannot be told.

    The published 24 h hashrate is blocks x difficulty x 2^32 / 86,400, so it gives the count back. Where it
    is absent, the window's subsidy does: of the subsidies of the schedule, the one that makes the count
    closest to 144. On days that straddle a halving that is wrong, so it is only the second choice.
    """
    count = np.rint(hashrate_hs * SECONDS_PER_DAY / (difficulty * HASHES_PER_DIFFICULTY_CUSTOMARY))
    ratio = np.where(subsidy_btc > 0, subsidy_btc / (_FIRST_SUBSIDY_BTC * BLOCKS_PER_DAY), np.nan)
    halvings = np.maximum(np.rint(-np.log2(ratio)), 0)
    by_subsidy = np.rint(subsidy_btc / (_FIRST_SUBSIDY_BTC * 0.5**halvings))
    count = np.where(count >= 1, count, by_subsidy)
    return np.where(count >= 1, count, np.nan)
