"""What chance does to sixteen paths for a block of days: price, low, fees, luck, sixteen lanes at a time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...compiled import jit
from ...processes.draws import STREAMS
from ...processes.exact import exp, log, normal_pair, uniform_pair

__all__ = ["BLOCK_DAYS", "DAY", "FIELDS", "LANES", "ROOM", "SHOCKS", "shock_block"]

Floats = NDArray[np.float64]

LANES = 16
BLOCK_DAYS = 64
#: What a day brings, by place in a block: growth of the price without sales, low over close, fee over its
#: level, standard normal of the blocks found.
FIELDS = ("growth", "dip", "fee", "luck")
#: What it is drawn from, by place: log deviation of a day, chance of a jump, that it is upward, mean sizes,
#: persistence and deviation of the fee's logarithm, weight of the low (0: loans are tested on the close).
SHOCKS = ("deviation", "jumps", "up", "up_mean", "down_mean", "fee_keep", "fee_deviation", "low_weight")

#: Numbers of a day of sixteen paths, and of what they carry from block to block.
DAY = len(FIELDS) * LANES
ROOM = LANES

_PRICE, _RARE, _LUCK = STREAMS["population"], STREAMS["population_2"], STREAMS["population_3"]
_LEAST = 1e-300


@jit
def shock_block(
    seed: int,
    first_path: int,
    first_day: int,
    drift: Floats,
    dip: Floats,
    c: Floats,
    lucky: bool,
    fee: Floats,
    out: Floats,
) -> None:
    """Draw a block of days of sixteen paths.

    Parameters
    ----------
    drift, dip : (days,) log return, and low over close, of each day of this block that all paths share.
    c : in the order of `SHOCKS`. lucky : whether blocks are found by chance; what is off is not drawn.
    fee : (ROOM,) logarithm of the fee over its level, carried from day to day.
    out : (BLOCK_DAYS x FIELDS x LANES,) filled for the days given.

    Notes
    -----
    The low of a day with log return r is that of a Brownian bridge from open to close: its logarithm over
    the open is (r - sqrt(r**2 - 2 deviation**2 ln u)) / 2. Jumps have two exponential tails (Kou, 2002).
    """
    deviation, jumps, up_mean, down_mean = c[0], c[1], c[3], c[4]
    rises = jumps * c[2]
    falls = jumps - rises
    fee_keep, fee_deviation, low_weight = c[5], c[6], c[7]
    per_rise, per_fall = 1.0 / max(rises, _LEAST), 1.0 / max(falls, _LEAST)
    logs, odds = np.empty(LANES), np.empty(LANES)
    for d in range(len(drift)):
        o = out[d * DAY : (d + 1) * DAY]
        for lane in range(LANES):
            path, day = first_path + lane, first_day + d
            z, e = normal_pair(seed, path, day, _PRICE)
            v, w = uniform_pair(seed, path, day, _RARE)
            rise = v < rises
            size = log(max(v * per_rise if rise else (v - rises) * per_fall, _LEAST))
            size = -up_mean * size if rise else down_mean * size
            r = drift[d] + deviation * z + (size if v < jumps else 0.0)
            y = fee_keep * fee[lane] + fee_deviation * e
            fee[lane] = y
            o[lane], o[LANES + lane] = exp(r), dip[d]
            o[2 * LANES + lane], o[3 * LANES + lane] = exp(y), 0.0
            logs[lane], odds[lane] = r, w
        if low_weight != 0.0:
            for lane in range(LANES):
                r = logs[lane]
                bottom = 0.5 * (r - math.sqrt(r * r - 2.0 * deviation * deviation * log(odds[lane])))
                o[LANES + lane] *= 1.0 - low_weight * (1.0 - exp(min(bottom - r, 0.0)))
        if lucky:
            for lane in range(len(fee)):  # LANES, but unknown: else unrolled before it becomes vectors
                o[3 * LANES + lane] = normal_pair(seed, first_path + lane, first_day + d, _LUCK)[0]
