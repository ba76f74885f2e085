"""Packed block times: there and back, and what is refused."""

from __future__ import annotations

import lzma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manometer.errors import DataError, InputError
from manometer.store.packed import decode_block_times, encode_block_times


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(-(2**23), 2**23 - 1), max_size=40))
def test_round_trip(first: int, steps: list[int]) -> None:
    times = np.concatenate(([2**29], 2**29 + np.cumsum(np.array(steps, dtype=np.int64))))
    heights = np.arange(first, first + times.size)
    back = decode_block_times(encode_block_times(heights, times))
    np.testing.assert_array_equal(back[0], heights)
    np.testing.assert_array_equal(back[1], times)


@pytest.mark.parametrize(
    ("heights", "times"),
    [([], []), ([1, 3], [1, 2]), ([1, 2], [1]), ([1, 2], [0, 2**23]), ([-1, 0], [1, 2]), ([1], [-5])],
)
def test_what_cannot_be_packed_is_refused(heights: list[int], times: list[int]) -> None:
    with pytest.raises(InputError):
        encode_block_times(heights, times)


def test_a_cut_or_foreign_record_is_refused() -> None:
    packed = encode_block_times(range(10), range(0, 6000, 600))
    for bad in (b"", b"hello", packed[:-1], packed[: len(packed) // 2], packed + b"x"):
        with pytest.raises(DataError):
            decode_block_times(bad)


def test_a_bomb_is_refused() -> None:
    with pytest.raises(DataError):
        decode_block_times(lzma.compress(bytes(40_000_000), preset=0))
