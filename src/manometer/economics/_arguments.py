"""How every formula of this room reads its arguments and gives its result.

A scalar in gives a Python float out; a list or array broadcasts with the others and gives an ndarray.
A scalar must be finite. An array may hold NaN ("unknown"), which propagates; infinities are refused.
"""

from __future__ import annotations

import functools
import math
import numbers
from collections.abc import Callable
from typing import NamedTuple, ParamSpec

import numpy as np
import numpy.typing as npt

from ..errors import InputError

__all__ = [
    "AT_LEAST_ONE",
    "FINITE",
    "FRACTION",
    "NON_NEGATIVE",
    "POSITIVE",
    "SHARE_LOST",
    "FloatOrArray",
    "Floats",
    "Numbers",
    "formula",
    "formula_or_never",
    "take",
]

P = ParamSpec("P")
Floats = npt.NDArray[np.float64]
#: What a formula accepts ...
Numbers = float | npt.ArrayLike
#: ... and what it returns.
FloatOrArray = float | Floats


class Range(NamedTuple):
    """The values that an argument may take, and how a message says it."""

    low: float
    high: float
    text: str
    low_open: bool = False
    high_open: bool = False


FINITE = Range(-math.inf, math.inf, "must be finite")
NON_NEGATIVE = Range(0.0, math.inf, "must be 0 or more")
POSITIVE = Range(0.0, math.inf, "must be more than 0", low_open=True)
AT_LEAST_ONE = Range(1.0, math.inf, "must be 1 or more (a factor, such as 1.05)")
FRACTION = Range(0.0, 1.0, "must be 0 to 1 (a share, such as 0.02)")
SHARE_LOST = Range(0.0, 1.0, "must be 0 to less than 1 (a share, such as 0.02)", high_open=True)


def take(**arguments: tuple[object, Range]) -> list[Floats]:
    """Return the arguments as float64 arrays that broadcast together (0-d for a scalar), in order.

    Raises
    ------
    InputError
        Names the argument that is no number, out of its range, or of a shape that does not broadcast.
    """
    arrays = [_read(name, value, allowed) for name, (value, allowed) in arguments.items()]
    try:
        np.broadcast_shapes(*(a.shape for a in arrays))
    except ValueError:
        shapes = ", ".join(f"{n} {a.shape}" for n, a in zip(arguments, arrays, strict=True) if a.ndim)
        raise InputError(f"the shapes do not broadcast: {shapes}") from None
    return arrays


def _read(name: str, value: object, allowed: Range) -> Floats:
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(f"{name}: is a masked array; fill the gaps with NaN")
    try:
        if isinstance(value, numbers.Real) and not isinstance(value, bool | np.generic):
            array = np.asarray(float(value), dtype=np.float64)
        else:
            raw = np.asarray(value)
            if raw.size and raw.dtype.kind not in "iuf":
                raise TypeError
            array = raw.astype(np.float64, copy=False)
    except OverflowError:
        raise InputError(f"{name}: is too large for a float") from None
    except (TypeError, ValueError):
        shown = repr(value)
        shown = shown if len(shown) <= 40 else shown[:37] + "..."
        raise InputError(f"{name}: {shown} is not a number or an array of numbers") from None
    if array.size and _inside(array, allowed):
        return array
    if array.ndim == 0 and math.isnan(array):
        raise InputError(f"{name}: nan is not a finite number")
    low = array <= allowed.low if allowed.low_open else array < allowed.low
    high = array >= allowed.high if allowed.high_open else array > allowed.high
    bad = low | high | np.isinf(array)
    if bad.any():
        first = float(array[bad][0])
        place = f" at index {int(np.flatnonzero(bad)[0])}" if array.ndim else ""
        raise InputError(f"{name}: {first:g}{place} is out of range, {allowed.text}")
    return array


def _inside(array: Floats, allowed: Range) -> bool:
    """Tell in two passes whether all values are in range: the common case, false if any is NaN."""
    least, most = float(array.min()), float(array.max())
    above = least > allowed.low if allowed.low_open else least >= allowed.low
    below = most < allowed.high if allowed.high_open else most <= allowed.high
    return above and below and -math.inf < least and most < math.inf


def _wrap(function: Callable[P, Floats], never: bool) -> Callable[P, FloatOrArray]:
    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> FloatOrArray:
        with np.errstate(all="ignore"):
            result = np.asarray(function(*args, **kwargs), dtype=np.float64)
        if not never and result.size and not _inside(result, FINITE) and np.isinf(result).any():
            raise InputError(f"{function.__name__}: the result is beyond the range of a float")
        if result.ndim:
            return result
        value = float(result)
        if math.isnan(value):
            raise InputError(f"{function.__name__}: the arguments are beyond the range of a float")
        return value

    return call


def formula(function: Callable[P, Floats]) -> Callable[P, FloatOrArray]:
    """Make a body of array arithmetic return a float for scalars, an ndarray else, and finite always."""
    return _wrap(function, never=False)


def formula_or_never(function: Callable[P, Floats]) -> Callable[P, FloatOrArray]:
    """As `formula`, where infinity is an answer: it never happens."""
    return _wrap(function, never=True)
