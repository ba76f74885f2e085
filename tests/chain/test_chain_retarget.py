"""The retarget rule against Bitcoin Core's vectors and against history, bit for bit."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manometer.chain import (
    POW_LIMIT_TARGET,
    TARGET_TIMESPAN_S,
    bits_from_target,
    difficulty_from_bits,
    retarget,
    target_from_bits,
)
from manometer.errors import InputError

# Bitcoin Core, src/test/pow_tests.cpp: get_next_work, _pow_limit, _lower_limit_actual, _upper_limit_actual.
CORE_VECTORS = {
    "first change": (0x1D00FFFF, 1261130161, 1262152739, 0x1D00D86A),
    "proof-of-work limit": (0x1D00FFFF, 1231006505, 1233061996, 0x1D00FFFF),
    "lower limit": (0x1C05A3F4, 1279008237, 1279297671, 0x1C0168FD),
    "upper limit": (0x1C387F6F, 1263163443, 1269211443, 0x1D00E1FD),
}


@pytest.mark.parametrize("case", CORE_VECTORS)
def test_vectors_of_bitcoin_core(case: str) -> None:
    bits, first, last, expected = CORE_VECTORS[case]
    assert retarget(bits, first_time_s=first, last_time_s=last) == expected


def test_epochs_of_the_published_table(published: Path) -> None:
    text = (published / "retargets.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO("".join(x for x in text.splitlines(True) if x[0] != "#"))))
    assert len(rows) >= 20
    for row in rows:
        first, span = int(row["first_time_s"]), int(row["span_s"])
        found = retarget(int(row["bits"], 16), first_time_s=first, last_time_s=first + span)
        assert found == int(row["next_bits"], 16), row


@pytest.mark.shared
def test_every_epoch_whose_headers_are_known(
    shared_data: Path, record_property: Callable[[str, object], None]
) -> None:
    """Spans from header times only: a span derived from the targets would prove nothing."""
    with (shared_data / "difficulty_retargets.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    n = 0
    for before, row in pairwise(rows):
        if not row["prev_epoch_timespan_from_headers_s"]:
            continue
        first = int(before["start_time_unix"])
        last = first + int(row["prev_epoch_timespan_from_headers_s"])
        assert retarget(int(before["bits"], 16), first_time_s=first, last_time_s=last) == int(
            row["bits"], 16
        ), row["epoch"]
        n += 1
    record_property("counted", f"{n} of 122 retargets recomputed from header times, bit for bit")
    assert n == 122


@pytest.mark.shared
def test_difficulty_of_every_epoch(shared_data: Path) -> None:
    with (shared_data / "difficulty_retargets.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    bits = [int(row["bits"], 16) for row in rows]
    assert difficulty_from_bits(bits) == pytest.approx([float(r["difficulty"]) for r in rows], rel=1e-15)


def test_change_is_target_over_elapsed() -> None:
    """Regression: (elapsed/target - 1) as the change, -20 % where the rule gives target/elapsed, +25 %."""
    span_s = TARGET_TIMESPAN_S * 4 // 5
    after = retarget(0x17022B91, first_time_s=0, last_time_s=span_s)
    change = difficulty_from_bits(after) / difficulty_from_bits(0x17022B91) - 1
    assert change == pytest.approx(0.25, rel=1e-4)


def test_the_span_is_not_scaled_to_2015_intervals() -> None:
    """At exactly 600 s a block the span is 2,015 x 600 s, and difficulty rises by 1/2015."""
    after = retarget(0x17022B91, first_time_s=0, last_time_s=2015 * 600)
    ratio = difficulty_from_bits(after) / difficulty_from_bits(0x17022B91)
    assert ratio == pytest.approx(2016 / 2015, rel=1e-5)


@given(
    target=st.integers(2**160, POW_LIMIT_TARGET),
    first=st.integers(0, 2**31),
    span=st.integers(-(2**31), 2**31 - 1),
)
def test_change_stays_between_a_quarter_and_four(target: int, first: int, span: int) -> None:
    bits = bits_from_target(target)
    last = min(max(first + span, 0), 2**32 - 1)
    after = target_from_bits(retarget(bits, first_time_s=first, last_time_s=last))
    old = target_from_bits(bits)
    assert after <= POW_LIMIT_TARGET
    assert old * (1 - 2**-14) <= 4 * after <= 16 * old


@given(last=st.integers(0, 2**32 - 1), more=st.integers(0, 10**6))
def test_longer_spans_never_make_it_harder(last: int, more: int) -> None:
    a = retarget(0x17022B91, first_time_s=0, last_time_s=last)
    b = retarget(0x17022B91, first_time_s=0, last_time_s=min(last + more, 2**32 - 1))
    assert target_from_bits(a) <= target_from_bits(b)


@pytest.mark.parametrize(
    ("bits", "first", "last", "named"),
    [
        (0, 0, 1, "bits"),
        (0x1D80FFFF, 0, 1, "bits"),
        (-1, 0, 1, "bits"),
        (1.5, 0, 1, "bits"),
        (True, 0, 1, "bits"),
        ("0x1d00ffff", 0, 1, "bits"),
        (0x1D00FFFF, -1, 1, "first_time_s"),
        (0x1D00FFFF, 0, 2**32, "last_time_s"),
        (0x1D00FFFF, 0, float("nan"), "last_time_s"),
    ],
)
def test_bad_input_is_named(bits: int, first: int, last: int, named: str) -> None:
    with pytest.raises(InputError, match=named) as caught:
        retarget(bits, first_time_s=first, last_time_s=last)
    assert "\n" not in str(caught.value)
