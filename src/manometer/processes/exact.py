"""exp, log and the sine pair from additions and multiplications alone, and Philox: the same bits anywhere.

The mathematics library of a machine rounds as it likes, and its variants differ between processors; a last
bit decides in which week a difficulty changes. These are plain series after reduction of the argument, right
to a few units in the last place (tests/processes/test_processes_draws.py measures them). They have no branch
and no table, and take whole numbers from the bits of a float, so that a loop over days becomes vector
instructions on every processor.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..compiled import inlined

__all__ = ["exp", "log", "normal_pair", "philox", "uniform_pair"]

_LN2_HIGH = 0.6931471803691238  # the upper bits of ln 2, so that k * high is exact
_LN2_LOW = 1.9082149292705877e-10
_PER_LN2 = 1.4426950408889634
_TURN = 6.283185307179586
_WHOLE = 6755399441055744.0  # 1.5 * 2**52: added to a number, it leaves the nearest whole one in the low bits
_BELOW_ONE = 0.9999999999999999  # 1 - 2**-53


@inlined
def _float_of(bits: Any) -> Any:
    return np.uint64(bits).view(np.float64)


@inlined
def _bits_of(x: float) -> Any:
    return np.float64(x).view(np.uint64)


@inlined
def exp(x: float) -> float:
    """Return e to the x; 0 below -708, infinity above 709."""
    y = min(max(x, -708.0), 709.0)
    shifted = y * _PER_LN2 + _WHOLE
    k = shifted - _WHOLE
    r = (y - k * _LN2_HIGH) - k * _LN2_LOW
    t = 1.0 / 87178291200.0
    t = t * r + 1.0 / 6227020800.0
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
    t = t * r * r + r + 1.0
    value = t * _float_of((_bits_of(shifted) + np.uint64(1023)) << np.uint64(52))
    value = 0.0 if x < -708.0 else value
    return np.inf if x > 709.0 else value


@inlined
def log(x: float) -> float:
    """Return the natural logarithm of a positive number, not a subnormal one."""
    bits = _bits_of(x)
    # The exponent, counted from the mantissa sqrt(1/2) on, so that m lies on both sides of 1.
    k = (bits + np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)) >> np.uint64(52)
    m: float = _float_of(bits - ((k - np.uint64(1023)) << np.uint64(52)))
    n: float = _float_of(k | np.uint64(0x4330000000000000)) - 4503599627371519.0  # 2**52 + 1023
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    t = 1.0 / 21.0
    t = t * q + 1.0 / 19.0
    t = t * q + 1.0 / 17.0
    t = t * q + 1.0 / 15.0
    t = t * q + 1.0 / 13.0
    t = t * q + 1.0 / 11.0
    t = t * q + 1.0 / 9.0
    t = t * q + 1.0 / 7.0
    t = t * q + 1.0 / 5.0
    t = t * q + 1.0 / 3.0
    return n * _LN2_HIGH + (2.0 * s + (2.0 * s * q * t + n * _LN2_LOW))


@inlined
def _sine_pair(u: float) -> tuple[float, float]:
    """Return cos and sin of u turns, 0 <= u < 1."""
    shifted = 4.0 * u + _WHOLE
    quarter = _bits_of(shifted)
    r = (u - (shifted - _WHOLE) * 0.25) * _TURN
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
    s = 1.0 / 355687428096000.0
    s = s * q - 1.0 / 1307674368000.0
    s = s * q + 1.0 / 6227020800.0
    s = s * q - 1.0 / 39916800.0
    s = s * q + 1.0 / 362880.0
    s = s * q - 1.0 / 5040.0
    s = s * q + 1.0 / 120.0
    s = s * q - 1.0 / 6.0
    s = s * q * r + r
    odd = (quarter & np.uint64(1)) != np.uint64(0)
    cos, sin = (s, c) if odd else (c, s)
    cos_sign = ((quarter + np.uint64(1)) & np.uint64(2)) << np.uint64(62)
    sin_sign = (quarter & np.uint64(2)) << np.uint64(62)
    return _float_of(_bits_of(cos) ^ cos_sign), _float_of(_bits_of(sin) ^ sin_sign)


@inlined
def _round(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, Any, Any, Any, Any, Any]:
    mask = np.uint64(0xFFFFFFFF)
    a = np.uint64(0xD2511F53) * c0
    b = np.uint64(0xCD9E8D57) * c2
    return (
        (b >> np.uint64(32)) ^ c1 ^ k0,
        b & mask,
        (a >> np.uint64(32)) ^ c3 ^ k1,
        a & mask,
        (k0 + np.uint64(0x9E3779B9)) & mask,
        (k1 + np.uint64(0xBB67AE85)) & mask,
    )


@inlined
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, Any, Any, Any]:
    """Return four random 32-bit numbers of a counter and a key, as 64-bit integers: Philox4x32-10.

    References
    ----------
    J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11, 2011.
    """
    # Ten rounds written out: a loop within the loop over days would keep it from vector instructions.
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    return c0, c1, c2, c3


@inlined
def uniform_pair(seed: int, path: int, day: int, stream: int) -> tuple[float, float]:
    """Return two odd multiples of 2**-53 between 0 and 1, never either, of an address alone."""
    s, p = np.uint64(seed), np.uint64(path)
    mask, one = np.uint64(0xFFFFFFFF), np.uint64(0x3FF0000000000000)
    a, b, c, d = philox(
        np.uint64(day), p & mask, p >> np.uint64(32), np.uint64(stream), s & mask, s >> np.uint64(32)
    )
    first = _float_of(one | (a << np.uint64(20)) | (b >> np.uint64(12)))
    second = _float_of(one | (c << np.uint64(20)) | (d >> np.uint64(12)))
    return first - _BELOW_ONE, second - _BELOW_ONE


@inlined
def normal_pair(seed: int, path: int, day: int, stream: int) -> tuple[float, float]:
    """Return two independent standard normals of an address (Box and Muller, 1958)."""
    u, v = uniform_pair(seed, path, day, stream)
    r = np.sqrt(-2.0 * log(u))
    c, s = _sine_pair(v)
    return r * c, r * s
