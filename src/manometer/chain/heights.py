"""What follows from a block's height alone: the subsidy and the place in the difficulty epoch."""

from __future__ import annotations

from typing import overload

import numpy as np
import numpy.typing as npt

from ..units import SAT_PER_BTC
from ._integers import IntOrArray, as_int, as_ints, give

__all__ = [
    "BLOCKS_PER_EPOCH",
    "BLOCKS_PER_HALVING",
    "blocks_into_epoch",
    "epoch_of",
    "epoch_start",
    "halving_height",
    "subsidy_sat",
]

BLOCKS_PER_EPOCH = 2016
BLOCKS_PER_HALVING = 210_000
_INITIAL_SUBSIDY_SAT = 50 * SAT_PER_BTC
_HIGHEST = 2**31 - 1  # a height is a signed 32-bit integer in Bitcoin Core


@overload
def subsidy_sat(height: int) -> int: ...
@overload
def subsidy_sat(height: npt.ArrayLike) -> IntOrArray: ...
def subsidy_sat(height: int | npt.ArrayLike) -> IntOrArray:
    """Return the block subsidy [sat] at a height.

    Parameters
    ----------
    height : int or array of int
        Block height, 0 or more; any shape.

    Returns
    -------
    int or int64 ndarray
        Subsidy in satoshi, of the shape of `height`; 50 BTC shifted right once per 210,000 blocks.

    Raises
    ------
    InputError
        `height` is negative, beyond 2^31 - 1, or no integer.

    References
    ----------
    Bitcoin Core, validation.cpp, ``GetBlockSubsidy``.

    Examples
    --------
    >>> subsidy_sat(840_000)
    312500000
    >>> subsidy_sat([209_999, 210_000])
    array([5000000000, 2500000000])
    """
    halvings = as_ints("height", height, 0, _HIGHEST) // BLOCKS_PER_HALVING
    shifted = np.int64(_INITIAL_SUBSIDY_SAT) >> np.minimum(halvings, 63)
    return give(np.asarray(shifted, dtype=np.int64))


def halving_height(n: int) -> int:
    """Return the height of the first block after the `n`-th halving (the first is 1).

    Examples
    --------
    >>> halving_height(4)
    840000
    """
    return as_int("n", n, 1, _HIGHEST // BLOCKS_PER_HALVING) * BLOCKS_PER_HALVING


@overload
def epoch_of(height: int) -> int: ...
@overload
def epoch_of(height: npt.ArrayLike) -> IntOrArray: ...
def epoch_of(height: int | npt.ArrayLike) -> IntOrArray:
    """Return the difficulty epoch (of 2,016 blocks, from 0) that holds a height; scalar or array.

    Examples
    --------
    >>> epoch_of(911_245)
    452
    """
    return give(np.asarray(as_ints("height", height, 0, _HIGHEST) // BLOCKS_PER_EPOCH))


@overload
def epoch_start(epoch: int) -> int: ...
@overload
def epoch_start(epoch: npt.ArrayLike) -> IntOrArray: ...
def epoch_start(epoch: int | npt.ArrayLike) -> IntOrArray:
    """Return the height of the first block of a difficulty epoch; scalar or array.

    Examples
    --------
    >>> epoch_start(452)
    911232
    """
    return give(np.asarray(as_ints("epoch", epoch, 0, _HIGHEST // BLOCKS_PER_EPOCH) * BLOCKS_PER_EPOCH))


@overload
def blocks_into_epoch(height: int) -> int: ...
@overload
def blocks_into_epoch(height: npt.ArrayLike) -> IntOrArray: ...
def blocks_into_epoch(height: int | npt.ArrayLike) -> IntOrArray:
    """Return how many blocks of the epoch come before a height: 0 for its first block, 2,015 for its last.

    Examples
    --------
    >>> blocks_into_epoch(911_245)
    13
    """
    return give(np.asarray(as_ints("height", height, 0, _HIGHEST) % BLOCKS_PER_EPOCH))
