"""exp and log over arrays by additions and multiplications alone: the bits of `exact`, uncompiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["exp_array", "log_array"]

Floats = NDArray[np.float64]

_LN2_HIGH = 0.6931471803691238
_LN2_LOW = 1.9082149292705877e-10
_LN2 = 0.6931471805599453
_SQRT_HALF = 0.7071067811865476


def exp_array(x: Floats) -> Floats:
    """Return e to the x, each bit as `exact.exp` has it."""
    x = np.asarray(x, dtype=np.float64)
    inside = np.clip(x, -700.0, 709.0)
    k = np.floor(inside / _LN2 + 0.5)
    r = (inside - k * _LN2_HIGH) - k * _LN2_LOW
    total = np.ones_like(r)
    for n in range(14, 0, -1):
        total = 1.0 + total * r / n
    out = np.ldexp(total, k.astype(np.int64))
    return np.asarray(np.where(x < -700.0, 0.0, np.where(x > 709.0, np.inf, out)))


def log_array(x: Floats) -> Floats:
    """Return the natural logarithm of positive numbers, each bit as `exact.log` has it."""
    m, k = np.frexp(np.asarray(x, dtype=np.float64))
    low = m < _SQRT_HALF
    m, k = np.where(low, m * 2.0, m), np.where(low, k - 1, k)
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    total = np.zeros_like(s)
    for n in range(21, 0, -2):
        total = total * q + 1.0 / n
    return np.asarray(k * _LN2_HIGH + (2.0 * s * total + k * _LN2_LOW))
