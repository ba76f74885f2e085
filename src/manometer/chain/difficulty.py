"""Targets in compact form, difficulty, work, and the rule that moves the target every 2,016 blocks."""

from __future__ import annotations

from typing import overload

import numpy as np
import numpy.typing as npt

from ..errors import InputError, unknown_name
from ..units import HASHES_PER_DIFFICULTY_CUSTOMARY, HASHES_PER_DIFFICULTY_EXACT
from ._integers import as_int, as_ints

__all__ = [
    "HASHES_PER_DIFFICULTY",
    "POW_LIMIT_TARGET",
    "TARGET_TIMESPAN_S",
    "bits_from_target",
    "difficulty_from_bits",
    "expected_hashes",
    "hashes_per_difficulty",
    "retarget",
    "target_from_bits",
    "work_from_bits",
]

FloatOrArray = float | npt.NDArray[np.float64]

#: Two weeks: what 2,016 blocks should take.
TARGET_TIMESPAN_S = 1_209_600
#: The easiest target that mainnet allows.
POW_LIMIT_TARGET = 2**224 - 1
#: Expected hashes per block at difficulty 1, by the name of the convention.
HASHES_PER_DIFFICULTY = {"2^32": HASHES_PER_DIFFICULTY_CUSTOMARY, "exact": HASHES_PER_DIFFICULTY_EXACT}

_TARGET_OF_DIFFICULTY_1 = 0xFFFF << 208
_UINT32 = 2**32 - 1
_UINT256 = 2**256 - 1


def target_from_bits(bits: int) -> int:
    """Return the 256-bit target that a header's compact `bits` encode.

    Parameters
    ----------
    bits : int
        Base-256 floating point: the top byte is the exponent, then a sign bit and 23 bits of mantissa.

    Raises
    ------
    InputError
        No header may carry these bits: they encode a negative number, zero, or 2^256 and more.

    References
    ----------
    Bitcoin Core, arith_uint256.cpp, ``arith_uint256::SetCompact``; pow.cpp, ``DeriveTarget``.

    Examples
    --------
    >>> target_from_bits(0x1d00ffff) == 0xFFFF << 208
    True
    """
    bits = as_int("bits", bits, 0, _UINT32)
    exponent, mantissa = bits >> 24, bits & 0x7FFFFF
    target = mantissa >> 8 * (3 - exponent) if exponent <= 3 else mantissa << 8 * (exponent - 3)
    if mantissa and bits & 0x800000:
        raise InputError(f"bits: 0x{bits:08x} encodes a negative target")
    if target == 0:
        raise InputError(f"bits: 0x{bits:08x} encodes a target of zero")
    if target > _UINT256:
        raise InputError(f"bits: 0x{bits:08x} encodes a target beyond 256 bits")
    return target


def bits_from_target(target: int) -> int:
    """Return the compact `bits` of a target, rounded down to the mantissa's 23 bits.

    Raises
    ------
    InputError
        `target` is no integer in 1 .. 2^256 - 1.

    References
    ----------
    Bitcoin Core, arith_uint256.cpp, ``arith_uint256::GetCompact``.

    Examples
    --------
    >>> hex(bits_from_target(2**224 - 1))
    '0x1d00ffff'
    """
    target = as_int("target", target, 1, _UINT256)
    n_bytes = (target.bit_length() + 7) // 8
    mantissa = target << 8 * (3 - n_bytes) if n_bytes <= 3 else target >> 8 * (n_bytes - 3)
    if mantissa & 0x800000:  # the top bit is the sign: give the mantissa one byte less
        mantissa >>= 8
        n_bytes += 1
    return n_bytes << 24 | mantissa


@overload
def difficulty_from_bits(bits: int) -> float: ...
@overload
def difficulty_from_bits(bits: npt.ArrayLike) -> FloatOrArray: ...
def difficulty_from_bits(bits: int | npt.ArrayLike) -> FloatOrArray:
    """Return the difficulty of compact bits: the target of difficulty 1 over the target, rounded once.

    Parameters
    ----------
    bits : int or array of int
        Compact targets, any shape.

    Returns
    -------
    float or float64 ndarray
        Difficulty, of the shape of `bits`.

    Raises
    ------
    InputError
        As `target_from_bits`.

    References
    ----------
    Bitcoin Core, rpc/blockchain.cpp, ``GetDifficulty``.

    Examples
    --------
    >>> difficulty_from_bits(0x1d00ffff)
    1.0
    >>> difficulty_from_bits(0x17022b91)
    129699156960680.9
    """
    array = as_ints("bits", bits, 0, _UINT32)
    if array.ndim == 0:
        return _TARGET_OF_DIFFICULTY_1 / target_from_bits(int(array))
    distinct, where = np.unique(array, return_inverse=True)
    values = [_TARGET_OF_DIFFICULTY_1 / target_from_bits(int(b)) for b in distinct]
    return np.asarray(values, dtype=np.float64)[where].reshape(array.shape)


def work_from_bits(bits: int) -> int:
    """Return the expected number of hashes for a block of these bits, as Bitcoin Core counts chain work.

    References
    ----------
    Bitcoin Core, chain.cpp, ``GetBlockProof``: 2^256 // (target + 1).

    Examples
    --------
    >>> work_from_bits(0x1d00ffff)
    4295032833
    """
    return 2**256 // (target_from_bits(bits) + 1)


def hashes_per_difficulty(convention: str = "2^32") -> float:
    """Return the expected hashes per block at difficulty 1, "2^32" (customary) or "exact" (2^48/65535)."""
    try:
        return HASHES_PER_DIFFICULTY[convention]
    except (KeyError, TypeError):
        raise unknown_name(
            "convention of hashes per difficulty", str(convention), HASHES_PER_DIFFICULTY
        ) from None


@overload
def expected_hashes(difficulty: float, convention: str = "2^32") -> float: ...
@overload
def expected_hashes(difficulty: npt.ArrayLike, convention: str = "2^32") -> FloatOrArray: ...
def expected_hashes(difficulty: float | npt.ArrayLike, convention: str = "2^32") -> FloatOrArray:
    """Return the expected hashes to find a block at a difficulty.

    Parameters
    ----------
    difficulty : float or array
        Positive and finite; any shape. NaN may stand in an array and propagates.
    convention : {"2^32", "exact"}
        The customary factor, or the one that the target of difficulty 1 implies (0.0015 % more).

    Returns
    -------
    float or float64 ndarray

    Raises
    ------
    InputError
        A difficulty is not positive or not finite, or the convention is unknown.

    Examples
    --------
    >>> expected_hashes(1)
    4294967296.0
    >>> round(expected_hashes(1, "exact"))
    4295032833
    """
    factor = hashes_per_difficulty(convention)
    try:
        array = np.asarray(difficulty)
        if array.dtype.kind not in "iuf":
            raise ValueError
        array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError("difficulty: must be a number or an array of numbers") from None
    if array.ndim == 0 and np.isnan(array):
        raise InputError("difficulty: nan is not a finite number")
    if not np.all(np.isnan(array) | ((array > 0) & (array < 1e290))):
        raise InputError("difficulty: must be positive and finite")
    return array * factor if array.ndim else float(array) * factor


def retarget(
    bits: int, *, first_time_s: int, last_time_s: int, pow_limit_target: int = POW_LIMIT_TARGET
) -> int:
    """Return the compact bits of the next difficulty epoch.

    Parameters
    ----------
    bits : int
        Compact target of the epoch that ends.
    first_time_s, last_time_s : int
        Header times [s] of the epoch's first and last block: 2,015 intervals lie between them, though the
        rule measures them against 2,016.
    pow_limit_target : int
        Easiest target of the network; mainnet's by default.

    Returns
    -------
    int
        Compact target of the next 2,016 blocks.

    Raises
    ------
    InputError
        An argument is no integer, a time is outside 0 .. 2^32 - 1, or the bits encode no valid target.

    Notes
    -----
    new target = old target * clamp(last - first, T/4, 4T) / T, T = 1,209,600 s; integer division, then
    the limit, then the rounding of the compact form.

    References
    ----------
    Bitcoin Core, pow.cpp, ``CalculateNextWorkRequired``.

    Examples
    --------
    >>> hex(retarget(0x1d00ffff, first_time_s=1261130161, last_time_s=1262152739))
    '0x1d00d86a'
    """
    first = as_int("first_time_s", first_time_s, 0, _UINT32)
    last = as_int("last_time_s", last_time_s, 0, _UINT32)
    limit = as_int("pow_limit_target", pow_limit_target, 1, _UINT256)
    span_s = min(max(last - first, TARGET_TIMESPAN_S // 4), TARGET_TIMESPAN_S * 4)
    return bits_from_target(max(1, min(target_from_bits(bits) * span_s // TARGET_TIMESPAN_S, limit)))
