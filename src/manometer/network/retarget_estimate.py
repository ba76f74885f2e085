"""The next retarget from the last 2,015 intervals, with the band that block luck alone gives.

A plain estimate, named so: the rate of the last 2,015 intervals, at today's difficulty, is carried through
the blocks that remain. The band holds the luck of the blocks to come and of the window; it does not hold what
hashrate will do, so reality leaves it more often than one time in ten while the epoch is young.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chain import BLOCKS_PER_EPOCH, TARGET_TIMESPAN_S
from ..units import Z95

__all__ = ["METHOD", "RetargetEstimate", "estimate_from_blocks", "estimate_from_days"]

METHOD = "rolling 2,015 intervals, band of block luck alone"

_INTERVALS = BLOCKS_PER_EPOCH - 1  # the span of the rule covers one interval fewer than blocks


@dataclass(frozen=True, slots=True)
class RetargetEstimate:
    """Change of difficulty at the next retarget, its 5 and 95 % ends, when, and how far the epoch is."""

    change_frac: float
    p05: float
    p95: float
    eta_s: float
    progress_frac: float
    height: int
    next_height: int
    method: str = METHOD


def estimate_from_blocks(
    height: NDArray[np.int64], time_s: NDArray[np.int64], difficulty_ratio: float = 1.0
) -> RetargetEstimate:
    """Estimate from header times of consecutive blocks, the last 2,016 of them or more, shape (n,).

    `difficulty_ratio` is this epoch's difficulty over the last one's: intervals before the epoch are scaled
    by it to what they would be now, so that a retarget is not forecast a second time.
    """
    tip, now = int(height[-1]), float(time_s[-1])
    start = tip - tip % BLOCKS_PER_EPOCH
    done = tip - start  # intervals of the span that are known
    n_window = min(len(height) - 1, _INTERVALS)
    within = min(done, n_window)
    elapsed = now - float(time_s[-1 - within])
    earlier = (float(time_s[-1 - within]) - float(time_s[-1 - n_window])) * difficulty_ratio
    interval = (elapsed + earlier) / n_window
    return _estimate(
        tip, start, now, elapsed + (done - within) * interval, _INTERVALS - done, interval, n_window
    )


def estimate_from_days(
    *, height: float, end_s: float, epoch_start_s: float, epoch_height: int, interval_s: float
) -> RetargetEstimate:
    """Estimate from daily data alone: end of the last day, start of the epoch, mean interval of two weeks."""
    tip = max(int(height), epoch_height)
    done = min(tip - epoch_height, _INTERVALS)
    return _estimate(
        tip, epoch_height, end_s, max(end_s - epoch_start_s, 1.0), _INTERVALS - done, interval_s, _INTERVALS
    )


def _estimate(
    tip: int, start: int, now: float, elapsed: float, left: int, interval: float, n_window: int
) -> RetargetEstimate:
    span = max(elapsed + left * interval, 1.0)
    change = TARGET_TIMESPAN_S / span - 1
    # Luck of the blocks to come, and of the window that the rate was read from.
    sd_span = interval * math.sqrt(left + left**2 / n_window)
    sd = (1 + change) * sd_span / span

    def within_rule(x: float) -> float:
        return min(max(x, -0.75), 3.0)

    return RetargetEstimate(
        change_frac=within_rule(change),
        p05=within_rule(change - Z95 * sd),
        p95=within_rule(change + Z95 * sd),
        eta_s=now + (left + 1) * interval,
        progress_frac=(tip - start + 1) / BLOCKS_PER_EPOCH,
        height=tip,
        next_height=start + BLOCKS_PER_EPOCH,
    )
