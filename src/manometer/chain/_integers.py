"""Checks of the integers that consensus arithmetic takes."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError

__all__ = ["IntOrArray", "as_int", "as_ints", "give"]

IntOrArray = int | npt.NDArray[np.int64]


def as_int(name: str, value: object, low: int, high: int) -> int:
    """Return `value` as a Python int in ``low..high``, or raise `InputError` that names it.

    Floats and booleans are refused, whatever their value: consensus arithmetic has no rounding to hide.
    """
    if isinstance(value, bool | np.bool_):
        raise InputError(f"{name}: {value!r} is not an integer")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(f"{name}: {str(value)[:40]!r} is not an integer") from None
    if not low <= number <= high:
        raise InputError(f"{name}: {_short(number)} is out of range, must be {_short(low)} to {_short(high)}")
    return number


def as_ints(name: str, value: Any, low: int, high: int) -> npt.NDArray[np.int64]:
    """Return `value` (scalar or array of integers) as an int64 array, 0-d for a scalar."""
    if not isinstance(value, list | tuple | np.ndarray) and not hasattr(value, "__array__"):
        return np.asarray(as_int(name, value, low, high), dtype=np.int64)
    try:
        array = np.asarray(value)
    except ValueError:
        raise InputError(f"{name}: the rows have different lengths") from None
    if array.size and array.dtype.kind not in "iu":
        raise InputError(f"{name}: must be integers, not {array.dtype}")
    if array.size and not (low <= int(array.min()) and int(array.max()) <= high):
        bad = int(array.min()) if int(array.min()) < low else int(array.max())
        raise InputError(f"{name}: {_short(bad)} is out of range, must be {_short(low)} to {_short(high)}")
    return array.astype(np.int64)


def give(array: npt.NDArray[np.int64]) -> IntOrArray:
    """Return a 0-d array as a Python int and any other array as it is."""
    return int(array) if array.ndim == 0 else array


def _short(number: int) -> str:
    return str(number) if abs(number) < 1 << 64 else f"{number:#x}"
