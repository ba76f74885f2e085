"""What chance does to sixteen paths for a block of days: price, low, fees and luck, sixteen lanes at a time.

The same Philox4x32-10 as `processes.exact.philox`, and series of the same kind, but written out line by line:
the compiler fills its vector registers only with what it finds in one loop. Uniforms have 32 bits here, so no
normal is beyond 6.7. Addresses are (seed, path, day) with the streams `population` and `population_2`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...compiled import inner, jit
from ...processes.draws import STREAMS

__all__ = ["BLOCK_DAYS", "DAY", "FIELDS", "LANES", "ROOM", "SHOCKS", "exp", "log", "shock_block"]

Floats = NDArray[np.float64]

LANES = 16
BLOCK_DAYS = 64
#: What a day brings, by place in a block: growth of the price without sales, low over close, fee over its
#: level, standard normal of the blocks found.
FIELDS = ("growth", "dip", "fee", "luck")
#: What it is drawn from, by place: log deviation of a day, chance of a jump, that it is upward, mean sizes,
#: persistence and deviation of the fee's logarithm, weight of the low (0: loans are tested on the close).
SHOCKS = ("deviation", "jumps", "up", "up_mean", "down_mean", "fee_keep", "fee_deviation", "low_weight")

#: Numbers of a day of sixteen paths, and of the room that a block is drawn in.
DAY = len(FIELDS) * LANES
ROOM = 9 * LANES

_Y = 8 * LANES
_STREAM = STREAMS["population"]
_SECOND = STREAMS["population_2"]
_TWO_32 = 4294967296.0
_LEAST = 1.0 / 8589934592.0
_MAGIC = 6755399441055744.0  # 1.5 x 2**52: adding it rounds to whole numbers, half to even
_LN2_HIGH, _LN2_LOW, _PER_LN2 = 0.6931471803691238, 1.9082149292705877e-10, 1.4426950408889634
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_TWO_PI = 2.0 * math.pi


@jit
def exp(x: float) -> float:
    """Return e to the x, which is kept between -700 and 700."""
    x = min(max(x, -700.0), 700.0)
    shifted = x * _PER_LN2 + _MAGIC
    k = shifted - _MAGIC
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    t = 1.0 / 6227020800.0
    t = t * r + 1.0 / 479001600.0
    t = t * r + 1.0 / 39916800.0
    t = t * r + 1.0 / 3628800.0
    t = t * r + 1.0 / 362880.0
    t = t * r + 1.0 / 40320.0
    t = t * r + 1.0 / 5040.0
    t = t * r + 1.0 / 720.0
    t = t * r + 1.0 / 120.0
    t = t * r + 1.0 / 24.0
    t = t * r + 1.0 / 6.0
    t = t * r + 0.5
    t = t * r + 1.0
    t = t * r + 1.0
    bits = (np.float64(shifted).view(np.int64) + np.int64(1023)) << np.int64(52)
    return t * np.int64(bits).view(np.float64)


@jit
def log(x: float) -> float:
    """Return the natural logarithm of a positive normal number."""
    i = np.float64(x).view(np.int64)
    k = (i - np.int64(_SQRT_HALF_BITS)) >> np.int64(52)
    m = np.int64(i - (k << np.int64(52))).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    t = 1.0 / 23.0
    t = t * q + 1.0 / 21.0
    t = t * q + 1.0 / 19.0
    t = t * q + 1.0 / 17.0
    t = t * q + 1.0 / 15.0
    t = t * q + 1.0 / 13.0
    t = t * q + 1.0 / 11.0
    t = t * q + 1.0 / 9.0
    t = t * q + 1.0 / 7.0
    t = t * q + 1.0 / 5.0
    t = t * q + 1.0 / 3.0
    n = np.float64(k)
    return n * _LN2_HIGH + (2.0 * s + (2.0 * s * q * t + n * _LN2_LOW))


@inner
def _cosine_sine(u: float) -> tuple[float, float]:
    """Return cos and sin of u turns, 0 <= u < 1."""
    turn = (4.0 * u + _MAGIC) - _MAGIC
    r = (u - turn * 0.25) * _TWO_PI
    q = r * r
    c = 1.0 / 20922789888000.0
    c = c * q - 1.0 / 87178291200.0
    c = c * q + 1.0 / 479001600.0
    c = c * q - 1.0 / 3628800.0
    c = c * q + 1.0 / 40320.0
    c = c * q - 1.0 / 720.0
    c = c * q + 1.0 / 24.0
    c = c * q - 0.5
    c = c * q + 1.0
    s = -1.0 / 1307674368000.0
    s = s * q + 1.0 / 6227020800.0
    s = s * q - 1.0 / 39916800.0
    s = s * q + 1.0 / 362880.0
    s = s * q - 1.0 / 5040.0
    s = s * q + 1.0 / 120.0
    s = s * q - 1.0 / 6.0
    s = r * (s * q + 1.0)
    odd = turn == 1.0 or turn == 3.0
    a, b = (s, c) if odd else (c, s)
    if turn == 1.0 or turn == 2.0:
        a = -a
    if turn == 2.0 or turn == 3.0:
        b = -b
    return a, b


@inner
def _uniforms(seed: int, first_path: int, day: int, stream: int, out: Floats) -> None:
    """Fill out[4 x LANES] with uniforms of 32 bits, never 0 or 1."""
    mask, s32 = np.uint64(0xFFFFFFFF), np.uint64(32)
    ka, kb, ma, mb = (
        np.uint64(0x9E3779B9),
        np.uint64(0xBB67AE85),
        np.uint64(0xD2511F53),
        np.uint64(0xCD9E8D57),
    )
    k0, k1 = np.uint64(seed) & mask, np.uint64(seed) >> s32
    k01, k11 = (k0 + ka) & mask, (k1 + kb) & mask
    k02, k12 = (k01 + ka) & mask, (k11 + kb) & mask
    k03, k13 = (k02 + ka) & mask, (k12 + kb) & mask
    k04, k14 = (k03 + ka) & mask, (k13 + kb) & mask
    k05, k15 = (k04 + ka) & mask, (k14 + kb) & mask
    k06, k16 = (k05 + ka) & mask, (k15 + kb) & mask
    k07, k17 = (k06 + ka) & mask, (k16 + kb) & mask
    k08, k18 = (k07 + ka) & mask, (k17 + kb) & mask
    k09, k19 = (k08 + ka) & mask, (k18 + kb) & mask
    for lane in range(LANES):
        p = np.uint64(first_path + lane)
        c0, c1, c2, c3 = np.uint64(day), p & mask, p >> s32, np.uint64(stream)
        a, b = ma * c0, mb * c2
        c0, c1, c2, c3 = ((b >> s32) ^ c1 ^ k0) & mask, b & mask, ((a >> s32) ^ c3 ^ k1) & mask, a & mask
        a, b = ma * c0, mb * c2
        c0, c1, c2, c3 = ((b >> s32) ^ c1 ^ k01) & mask, b & mask, ((a >> s32) ^ c3 ^ k11) & mask, a & mask
        a, b = ma * c0, mb * c2
        c0, c1, c2, c3 = ((b >> s32) ^ c1 ^ k02) & mask, b & mask, ((a >> s32) ^ c3 ^ k12) & mask, a & mask
        a, b = ma * c0, mb * c2
        c0, c1, c2, c3 = ((b >> s32) ^ c1 ^ k03) & mask, b & mask, ((a >> s32) ^ c3 ^ k13) & mask, a & mask
        a, b = ma * c0, mb * c2
        c0, c1, c2, c3 = ((b >> s32) ^ c1 ^ k04) & mask, b & mask, ((a >> s32) ^ c3 ^ k14) & mask, a & mask
        a, b = ma * c0, mb * c2
        c0, c1, c2, c3 = ((b >> s32) ^ c1 ^ k05) & mask, b & mask, ((a >> s32) ^ c3 ^ k15) & mask, a & mask
        a, b = ma * c0, mb * c2
        c0, c1, c2, c3 = ((b >> s32) ^ c1 ^ k06) & mask, b & mask, ((a >> s32) ^ c3 ^ k16) & mask, a & mask
        a, b = ma * c0, mb * c2
        c0, c1, c2, c3 = ((b >> s32) ^ c1 ^ k07) & mask, b & mask, ((a >> s32) ^ c3 ^ k17) & mask, a & mask
        a, b = ma * c0, mb * c2
        c0, c1, c2, c3 = ((b >> s32) ^ c1 ^ k08) & mask, b & mask, ((a >> s32) ^ c3 ^ k18) & mask, a & mask
        a, b = ma * c0, mb * c2
        c0, c1, c2, c3 = ((b >> s32) ^ c1 ^ k09) & mask, b & mask, ((a >> s32) ^ c3 ^ k19) & mask, a & mask
        out[lane] = (np.float64(np.int64(c0)) + 0.5) / _TWO_32
        out[LANES + lane] = (np.float64(np.int64(c1)) + 0.5) / _TWO_32
        out[2 * LANES + lane] = (np.float64(np.int64(c2)) + 0.5) / _TWO_32
        out[3 * LANES + lane] = (np.float64(np.int64(c3)) + 0.5) / _TWO_32


@jit
def shock_block(
    seed: int,
    first_path: int,
    first_day: int,
    drift: Floats,
    dip: Floats,
    c: Floats,
    u: Floats,
    out: Floats,
) -> None:
    """Draw a block of days of sixteen paths.

    Parameters
    ----------
    drift, dip : (days,) log return, and low over close, of each day of this block that all paths share.
    c : in the order of `SHOCKS`.
    u : (ROOM,) to work in; its last LANES are the logarithm of the fee over its level, carried along.
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
    for d in range(len(drift)):
        _uniforms(seed, first_path, first_day + d, _STREAM, u[: 4 * LANES])
        _uniforms(seed, first_path, first_day + d, _SECOND, u[4 * LANES : _Y])
        o = out[d * DAY : (d + 1) * DAY]
        for lane in range(LANES):
            radius = math.sqrt(-2.0 * log(u[lane]))
            cosine, sine = _cosine_sine(u[LANES + lane])
            v = u[2 * LANES + lane]
            rise = v < rises
            size = log(max(v * per_rise if rise else (v - rises) * per_fall, _LEAST))
            size = -up_mean * size if rise else down_mean * size
            r = drift[d] + deviation * (radius * cosine) + (size if v < jumps else 0.0)
            y = fee_keep * u[_Y + lane] + fee_deviation * (radius * sine)
            u[_Y + lane] = y
            o[lane] = exp(r)
            bottom = 0.5 * (r - math.sqrt(r * r - 2.0 * deviation * deviation * log(u[4 * LANES + lane])))
            o[LANES + lane] = dip[d] * (1.0 - low_weight * (1.0 - exp(min(bottom - r, 0.0))))
            o[2 * LANES + lane] = exp(y)
            other = math.sqrt(-2.0 * log(u[5 * LANES + lane]))
            o[3 * LANES + lane] = other * _cosine_sine(u[6 * LANES + lane])[0]
