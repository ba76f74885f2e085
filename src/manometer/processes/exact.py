"""exp, log and the sine pair from additions and multiplications alone, and Philox: the same bits anywhere.

The mathematics library of a machine rounds as it likes, and its variants differ between processors; a last
bit decides in which week a difficulty changes. These are plain series after reduction of the argument, right
to a few units in the last place (tests/processes/test_exact.py measures them).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..compiled import jit

__all__ = ["exp", "floor_quantum", "log", "normal_pair", "philox", "uniform_pair"]

_LN2_HIGH = 0.6931471803691238  # the upper bits of ln 2, so that k * high is exact
_LN2_LOW = 1.9082149292705877e-10
_LN2 = 0.6931471805599453
_SQRT_HALF = 0.7071067811865476
_TWO_53 = 9007199254740992.0


@jit
def exp(x: float) -> float:
    """Return e to the x; 0 below -700, infinity above 709."""
    if x < -700.0:
        return 0.0
    if x > 709.0:
        return np.inf
    k = np.floor(x / _LN2 + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    total = 1.0
    for n in range(14, 0, -1):
        total = 1.0 + total * r / n
    return math.ldexp(total, int(k))


@jit
def log(x: float) -> float:
    """Return the natural logarithm of a positive number."""
    m, k = math.frexp(x)
    if m < _SQRT_HALF:
        m *= 2.0
        k -= 1
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    total = 0.0
    for n in range(21, 0, -2):
        total = total * q + 1.0 / n
    return k * _LN2_HIGH + (2.0 * s * total + k * _LN2_LOW)


@jit
def _sine_pair(u: float) -> tuple[float, float]:
    """Return cos and sin of u turns, 0 <= u < 1."""
    turn = np.floor(4.0 * u + 0.5)
    r = (u - turn * 0.25) * (2.0 * math.pi)
    q = r * r
    c = s = 1.0
    for n in range(18, 0, -2):
        c = 1.0 - c * q / (n * (n - 1))
    for n in range(19, 1, -2):
        s = 1.0 - s * q / (n * (n - 1))
    s = s * r
    k = int(turn) % 4
    if k == 0:
        return c, s
    if k == 1:
        return -s, c
    if k == 2:
        return -c, -s
    return s, -c


@jit
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, Any, Any, Any]:
    """Return four random 32-bit numbers of a counter and a key, as 64-bit integers: Philox4x32-10.

    References
    ----------
    J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11, 2011.
    """
    mask = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        a = np.uint64(0xD2511F53) * c0
        b = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (
            ((b >> np.uint64(32)) ^ c1 ^ k0) & mask,
            b & mask,
            ((a >> np.uint64(32)) ^ c3 ^ k1) & mask,
            a & mask,
        )
        k0 = (k0 + np.uint64(0x9E3779B9)) & mask
        k1 = (k1 + np.uint64(0xBB67AE85)) & mask
    return c0, c1, c2, c3


@jit
def uniform_pair(seed: int, path: int, day: int, stream: int) -> tuple[float, float]:
    """Return two numbers between 0 and 1, never either, of an address alone."""
    s, p = np.uint64(seed), np.uint64(path)
    mask = np.uint64(0xFFFFFFFF)
    a, b, c, d = philox(
        np.uint64(day), p & mask, p >> np.uint64(32), np.uint64(stream), s & mask, s >> np.uint64(32)
    )
    first = (np.float64(a >> np.uint64(5)) * 67108864.0 + np.float64(b >> np.uint64(6)) + 0.5) / _TWO_53
    second = (np.float64(c >> np.uint64(5)) * 67108864.0 + np.float64(d >> np.uint64(6)) + 0.5) / _TWO_53
    return min(first, 1.0 - 1.0 / _TWO_53), min(second, 1.0 - 1.0 / _TWO_53)


@jit
def normal_pair(seed: int, path: int, day: int, stream: int) -> tuple[float, float]:
    """Return two independent standard normals of an address (Box and Muller, 1958)."""
    u, v = uniform_pair(seed, path, day, stream)
    r = np.sqrt(-2.0 * log(u))
    c, s = _sine_pair(v)
    return r * c, r * s


@jit
def floor_quantum(x: float, per_unit: float) -> float:
    """Return x rounded down to a whole number of 1/per_unit; sums of such are exact in any order."""
    return float(np.floor(x * per_unit) / per_unit)
