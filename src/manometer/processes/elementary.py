"""exp and log over arrays by additions and multiplications alone: the bits of `exact`, uncompiled."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["exp_array", "log_array"]

Floats = NDArray[np.float64]

_LN2_HIGH = 0.6931471803691238
_LN2_LOW = 1.9082149292705877e-10
_PER_LN2 = 1.4426950408889634
_WHOLE = 6755399441055744.0
_SQRT_HALF = 0.7071067811865476


def exp_array(x: Floats) -> Floats:
    """Return e to the x, each bit as `exact.exp` has it."""
    x = np.asarray(x, dtype=np.float64)
    y = np.clip(x, -708.0, 709.0)
    k = (y * _PER_LN2 + _WHOLE) - _WHOLE
    r = (y - k * _LN2_HIGH) - k * _LN2_LOW
    t = np.full_like(r, 1.0 / math.factorial(14))
    for n in range(13, 1, -1):
        t = t * r + 1.0 / math.factorial(n)
    value = np.ldexp(t * r * r + r + 1.0, k.astype(np.int64))
    return np.asarray(np.where(x < -708.0, 0.0, np.where(x > 709.0, np.inf, value)))


def log_array(x: Floats) -> Floats:
    """Return the natural logarithm of positive numbers, each bit as `exact.log` has it."""
    m, k = np.frexp(np.asarray(x, dtype=np.float64))
    low = m < _SQRT_HALF
    m, k = np.where(low, m * 2.0, m), np.where(low, k - 1, k)
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    t = np.full_like(s, 1.0 / 21.0)
    for n in range(19, 1, -2):
        t = t * q + 1.0 / n
    return np.asarray(k * _LN2_HIGH + (2.0 * s + (2.0 * s * q * t + k * _LN2_LOW)))
