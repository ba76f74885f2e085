"""The series: what it refuses, exact alignment, and what its stamp says about knowledge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manometer.errors import InputError
from manometer.series import VARIABLES, Series, align, as_of, find_variable

DAY = 86_400


def daily(at: list[int], value: list[float]) -> Series:
    n = len(at)
    return Series("price_usd", "USD", "interval_start", DAY, "", at, value, ("a",), [0] * n)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "value"),
    [([0, 0], [1.0, 2.0]), ([2, 1], [1.0, 2.0]), ([0, 1], [1.0, float("nan")]), ([0, 1], [1.0])],
)
def test_what_is_no_series_is_refused(at: list[int], value: list[float]) -> None:
    with pytest.raises(InputError):
        Series("x", "USD", "instant", 0, "", at, value, ("a",), [0] * len(at))  # type: ignore[arg-type]


def test_a_value_must_point_at_a_source() -> None:
    with pytest.raises(InputError, match="no source"):
        Series("x", "USD", "instant", 0, "", [1], [1.0], ("a",), [1])  # type: ignore[arg-type]


def test_series_cannot_be_changed() -> None:
    series = daily([0, DAY], [1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        series.value[0] = 3.0


@given(
    st.lists(st.integers(0, 50), unique=True).map(sorted),
    st.lists(st.integers(-5, 55)),
)
def test_align_never_fills(at: list[int], wanted: list[int]) -> None:
    held = {key: float(key) * 2 for key in at}
    got = align(daily(at, list(held.values())), wanted)
    expected = np.array([held.get(key, np.nan) for key in wanted])
    np.testing.assert_array_equal(got, expected)


def test_a_day_is_known_from_its_end() -> None:
    series = daily([0, DAY], [1.0, 2.0])
    assert as_of(series, DAY - 1).value.tolist() == []
    assert as_of(series, DAY).value.tolist() == [1.0]
    assert as_of(series, 2 * DAY).value.tolist() == [1.0, 2.0]


def test_a_block_time_is_known_from_that_time() -> None:
    series = Series("block_time_s", "s", "height", 0, "", [1, 2], [50.0, 40.0], ("a",), [0, 0])  # type: ignore[arg-type]
    assert as_of(series, 40).at.tolist() == [2]
    fees = Series("block_fees_sat", "sat", "height", 0, "", [1], [50.0], ("a",), [0])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="store"):
        as_of(fees, 40)


def test_between_is_closed() -> None:
    assert daily([1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0]).between(2, 3).at.tolist() == [2, 3]


def test_the_catalogue_holds_together() -> None:
    for name, variable in VARIABLES.items():
        assert name == variable.name
        assert variable.doc
        assert variable.low <= variable.high
        assert (variable.width_s > 0) == (variable.stamp == "interval_start")
    assert VARIABLES["price_usd"].sources == ("yahoo-close", "coindesk-close", "node")


def test_an_unknown_variable_names_the_nearest() -> None:
    with pytest.raises(InputError, match="price_usd"):
        find_variable("price_us")
    assert find_variable("sec.us-gaap:Assets").name == "sec.us-gaap:Assets"


def test_the_newest_filing_is_read_first() -> None:
    rank = find_variable("sec.us-gaap:Assets").rank
    assert sorted(["a/10-Q-2024-03-31", "b/10Q-2025-06-30", "a/10K-2024-12-31"], key=rank) == [
        "b/10Q-2025-06-30",
        "a/10K-2024-12-31",
        "a/10-Q-2024-03-31",
    ]
