"""Block times in few bytes: contiguous heights, header times as deltas in two byte planes, xz on top.

Layout inside the xz container, little-endian: int64 first height, int64 first time [s], int64 count `n`,
then the `n - 1` deltas as a plane of low bytes (uint8) and a plane of high parts (int16), where
``delta = high * 256 + low``. The high plane is nearly constant, so it compresses to almost nothing.
"""

from __future__ import annotations

import lzma

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError, InputError

__all__ = ["decode_block_times", "encode_block_times"]

_HEADER_BYTES = 24
#: Five million blocks: some ninety years of them.
_MAX_BLOCKS = 5_000_000
_MAX_BYTES = _HEADER_BYTES + 3 * _MAX_BLOCKS
_MAX_TIME_S = 2**40
_MEMORY_LIMIT_BYTES = 256 * 2**20


def encode_block_times(heights: ArrayLike, times: ArrayLike) -> bytes:
    """Pack the header times of contiguous heights.

    Parameters
    ----------
    heights : array_like of int, shape (n,)
        Block heights, each one more than the last; `n >= 1`.
    times : array_like of int, shape (n,)
        Header times [s since 1970, UTC]. Steps may be negative; each must fit in 24 bits.

    Returns
    -------
    bytes
        An xz container, read back by `decode_block_times`.

    Raises
    ------
    InputError
        Lengths differ, heights are not contiguous, or a step is too large.

    Examples
    --------
    >>> h, t = decode_block_times(encode_block_times([7, 8, 9], [1000, 1600, 1590]))
    >>> h.tolist(), t.tolist()
    ([7, 8, 9], [1000, 1600, 1590])
    """
    height = np.asarray(heights, dtype=np.int64)
    time = np.asarray(times, dtype=np.int64)
    if height.ndim != 1 or height.shape != time.shape or not 1 <= height.size <= _MAX_BLOCKS:
        raise InputError(f"block times: {height.shape} heights and {time.shape} times do not pair up")
    if height[0] < 0 or np.any(np.diff(height) != 1):
        raise InputError("block times: heights must be contiguous and start at 0 or later")
    if not np.all((time >= 0) & (time < _MAX_TIME_S)):
        raise InputError("block times: a time is negative or absurd")
    delta = np.diff(time)
    high = delta >> 8
    if high.size and (high.min() < -(2**15) or high.max() >= 2**15):
        raise InputError("block times: a step between two blocks does not fit in 24 bits")
    head = np.array([height[0], time[0], height.size], dtype="<i8")
    raw = head.tobytes() + (delta & 0xFF).astype(np.uint8).tobytes() + high.astype("<i2").tobytes()
    return lzma.compress(raw, format=lzma.FORMAT_XZ, preset=9)


def decode_block_times(packed: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Unpack what `encode_block_times` packed.

    Returns
    -------
    tuple of arrays
        Heights and header times [s since 1970, UTC], both int64 of shape (n,).

    Raises
    ------
    DataError
        The bytes are not such a record, are cut off, or would unpack to an absurd size.
    """
    try:
        unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_MEMORY_LIMIT_BYTES)
        raw = unpacker.decompress(packed, max_length=_MAX_BYTES + 1)
    except (lzma.LZMAError, EOFError) as error:
        raise DataError(f"block times: not a packed record ({error})") from None
    if not unpacker.eof or unpacker.unused_data or not _HEADER_BYTES <= len(raw) <= _MAX_BYTES:
        raise DataError("block times: the packed record is cut off or too long")
    first_height, first_time, count = (int(x) for x in np.frombuffer(raw, "<i8", 3))
    if not 1 <= count <= _MAX_BLOCKS or len(raw) != _HEADER_BYTES + 3 * (count - 1):
        raise DataError("block times: the packed record does not hold the count it states")
    if not (0 <= first_height < 2**32 and 0 <= first_time < _MAX_TIME_S):
        raise DataError("block times: the packed record starts at an absurd height or time")
    low = np.frombuffer(raw, np.uint8, count - 1, _HEADER_BYTES).astype(np.int64)
    high = np.frombuffer(raw, "<i2", count - 1, _HEADER_BYTES + count - 1).astype(np.int64)
    time = np.full(count, first_time, dtype=np.int64)
    time[1:] += np.cumsum(high * 256 + low)
    if time.min() < 0:
        raise DataError("block times: the packed record holds a negative time")
    return np.arange(first_height, first_height + count, dtype=np.int64), time
