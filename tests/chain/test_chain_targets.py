"""Compact targets, difficulty, work, heights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manometer.chain import (
    bits_from_target,
    blocks_into_epoch,
    difficulty_from_bits,
    epoch_of,
    epoch_start,
    expected_hashes,
    halving_height,
    subsidy_sat,
    target_from_bits,
    work_from_bits,
)
from manometer.errors import InputError


@pytest.mark.parametrize(
    ("bits", "target"),
    [
        # Bitcoin Core, src/test/arith_uint256_tests.cpp, bignum_SetCompact.
        (0x01120000, 0x12),
        (0x02123400, 0x1234),
        (0x03123456, 0x123456),
        (0x04123456, 0x12345600),
        (0x05009234, 0x92340000),
        (0x20123456, 0x123456 << 232),
    ],
)
def test_compact_vectors_of_bitcoin_core(bits: int, target: int) -> None:
    assert target_from_bits(bits) == target
    assert bits_from_target(target) == bits


def test_sign_bit_moves_the_mantissa() -> None:
    """Bitcoin Core, arith_uint256_tests.cpp: 0x80 has the compact form 0x02008000, not 0x01800000."""
    assert bits_from_target(0x80) == 0x02008000


@pytest.mark.parametrize("bits", [0, 0x00123456, 0x01003456, 0x03000000, 0x04923456, 0x01FEDCBA])
@pytest.mark.parametrize("call", [target_from_bits, difficulty_from_bits, work_from_bits])
def test_zero_and_negative_targets_are_refused(bits: int, call: object) -> None:
    with pytest.raises(InputError, match="bits: 0x"):
        call(bits)  # type: ignore[operator]


@pytest.mark.parametrize("bits", [0xFF123456, 0x23000001, 0x22000100, 0x21010000])
def test_targets_beyond_256_bits_are_refused(bits: int) -> None:
    with pytest.raises(InputError, match="256 bits"):
        target_from_bits(bits)


@given(st.integers(1, 2**256 - 1))
def test_compact_rounds_down_and_comes_back(target: int) -> None:
    bits = bits_from_target(target)
    rounded = target_from_bits(bits)
    assert not bits & 0x800000
    assert rounded <= target < rounded + max(1, target >> 15)
    assert bits_from_target(rounded) == bits


def test_difficulty_and_work() -> None:
    # Block 30,240: the difficulty of Bitcoin Wiki, "Difficulty": 0x1b0404cb is 16,307.420938523983.
    assert difficulty_from_bits(0x1B0404CB) == 16307.420938523983
    assert difficulty_from_bits(np.array([[0x1D00FFFF, 0x1B0404CB]])).tolist() == [[1.0, 16307.420938523983]]  # type: ignore[union-attr]
    # Bitcoin Core's chain work of the genesis block is 0x100010001.
    assert work_from_bits(0x1D00FFFF) == 0x100010001
    assert expected_hashes(1.0, "exact") == pytest.approx(0x100010001, rel=1e-9)
    assert expected_hashes(1.0) / expected_hashes(1.0, "exact") == pytest.approx(1 - 1.526e-5, rel=1e-8)


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), "x", None, [1.0, 0.0], [[1], [1, 2]]])
def test_bad_difficulty_is_named(value: float) -> None:
    with pytest.raises(InputError, match="difficulty"):
        expected_hashes(value)


def test_unknown_convention_is_answered_with_the_known() -> None:
    with pytest.raises(InputError, match=r"2\^32, exact"):
        expected_hashes(1.0, "2**32")


def test_subsidy_of_every_halving() -> None:
    assert [subsidy_sat(halving_height(n)) for n in range(1, 5)] == [25e8, 12.5e8, 6.25e8, 3.125e8]
    assert subsidy_sat(0) == subsidy_sat(209_999) == 50 * 10**8
    assert type(subsidy_sat(np.int64(840_000))) is int
    assert subsidy_sat(33 * 210_000) == 0
    assert subsidy_sat(2**31 - 1) == 0


def test_all_subsidies_make_the_supply() -> None:
    """Bitcoin Core, validation_tests.cpp, subsidy_limit_test: the sum is 2,099,999,997,690,000 sat."""
    heights = np.arange(34) * 210_000
    assert int(np.sum(subsidy_sat(heights))) * 210_000 == 2_099_999_997_690_000


@given(st.integers(0, 2**31 - 1))
def test_epoch_and_offset_give_the_height(height: int) -> None:
    assert epoch_start(epoch_of(height)) + blocks_into_epoch(height) == height
    assert 0 <= blocks_into_epoch(height) < 2016


@pytest.mark.parametrize(
    "height", [-1, 2**31, 1.0, float("nan"), True, None, "5", [0.5], [1, -1], [[1], [1, 2]]]
)
def test_bad_heights_are_named(height: int) -> None:
    for call in (subsidy_sat, epoch_of, blocks_into_epoch):
        with pytest.raises(InputError, match="height"):
            call(height)
