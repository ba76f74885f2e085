"""When which height was reached: every epoch's start, daily counts, and block times where they are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chain import BLOCKS_PER_EPOCH, difficulty_from_bits
from ..units import SECONDS_PER_DAY
from .hashrate_state import Stretches

__all__ = ["STEP_BLOCKS", "Chain", "chain_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP_BLOCKS = 72  # half a day; within an epoch, from its start
_PRICE_DAYS = 60


@dataclass(frozen=True)
class Chain:
    """What is known of the chain, all of it up to one instant.

    start, start_s, bits, difficulty : (n_epochs,) first height of each epoch, its header time, compact target
        and difficulty.
    height, time_s : (n,) points at which the height is known, ascending; every epoch's start is among them.
    block, block_s : (m,) heights and header times of single blocks, where known.
    day_end_s, log_price : (n_days,) end of each day and the logarithm of its close, NaN where unknown.
    """

    start: Ints
    start_s: Floats
    bits: Ints
    difficulty: Floats
    height: Floats
    time_s: Floats
    block: Ints
    block_s: Floats
    day_end_s: Floats
    log_price: Floats

    @property
    def epoch(self) -> Ints:
        """Epoch of each point, shape (n,), counted from the first one here."""
        return np.searchsorted(self.start, self.height, side="right") - 1

    def price_return(self, time_s: Floats) -> Floats:
        """Log return of the sixty days up to each instant, from closes known by then; 0 where unknown."""
        now = np.searchsorted(self.day_end_s, time_s, side="right") - 1
        before = np.searchsorted(self.day_end_s, time_s - _PRICE_DAYS * SECONDS_PER_DAY, side="right") - 1
        change = self.log_price[np.maximum(now, 0)] - self.log_price[np.maximum(before, 0)]
        return np.where((before >= 0) & np.isfinite(change), change, 0.0)

    def stretches(self) -> Stretches:
        """Return what lies between each point and the next."""
        return Stretches(
            blocks=np.diff(self.height),
            seconds=np.diff(self.time_s),
            difficulty=self.difficulty[self.epoch[:-1]],
            price_return=self.price_return(self.time_s[:-1]),
        )

    def time_of(self, height: Floats) -> Floats:
        """Return when heights were reached: header times, else a straight line between points."""
        out = np.interp(height, self.height, self.time_s)
        if len(self.block):
            k = np.clip(np.searchsorted(self.block, height), 0, len(self.block) - 1)
            out = np.where(self.block[k] == height, self.block_s[k], out)
        return np.asarray(out)

    def last_known(self, height: Floats) -> Floats:
        """Return, for each height, the highest one not above it whose time is known."""
        known = self.height[np.searchsorted(self.height, height, side="right") - 1]
        if len(self.block):
            k = np.searchsorted(self.block, height, side="right") - 1
            known = np.where(k >= 0, np.maximum(known, self.block[np.maximum(k, 0)]), known)
        return np.asarray(known)


def chain_of(
    *,
    epoch_height: Ints,
    epoch_time_s: Floats,
    epoch_bits: Ints,
    day: Ints,
    day_height: Floats,
    price_usd: Floats,
    block: Ints,
    block_s: Floats,
) -> Chain:
    """Join epochs, days and blocks.

    Parameters
    ----------
    epoch_height, epoch_time_s, epoch_bits : (n_epochs,) one row per retarget that is known.
    day, day_height, price_usd : (n_days,) days since 1970, height at their end, close.
    block, block_s : (m,) heights of single blocks, ascending, and their header times; may be empty.
    """
    start = epoch_height.astype(np.int64)
    difficulty = np.array([difficulty_from_bits(int(b)) for b in epoch_bits])
    end_s = (day + 1.0) * SECONDS_PER_DAY
    # Of blocks past the last epoch that is known, the difficulty is not.
    last_height = int(start[-1]) + BLOCKS_PER_EPOCH - 1
    block, block_s = block[block <= last_height], block_s[block <= last_height]
    known = {int(h): float(t) for h, t in zip(start, epoch_time_s, strict=True)}
    first, last = (int(block[0]), int(block[-1])) if len(block) else (1 << 60, -1)
    for h, t in zip(day_height, end_s, strict=True):
        if np.isfinite(h) and not first <= h <= last and start[0] <= h <= last_height:
            known.setdefault(int(h), float(t))
    place = block % BLOCKS_PER_EPOCH
    for k in np.flatnonzero((place % STEP_BLOCKS == 0) | (place == BLOCKS_PER_EPOCH - 1)):
        known[int(block[k])] = float(block_s[k])
    if len(block):
        known[last] = float(block_s[-1])
    height = np.array(sorted(known), dtype=np.float64)
    return Chain(
        start=start, start_s=epoch_time_s.astype(np.float64), bits=epoch_bits.astype(np.int64),
        difficulty=difficulty, height=height,
        time_s=np.array([known[int(h)] for h in height]), block=block.astype(np.int64),
        block_s=block_s.astype(np.float64), day_end_s=end_s.astype(np.float64),
        log_price=np.log(np.where(price_usd > 0, price_usd, np.nan)),
    )  # fmt: skip
