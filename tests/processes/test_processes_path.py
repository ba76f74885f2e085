"""Paths: constant, a table, history again; each by hand, and hostile tables refused by line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manometer.errors import DataError, InputError
from manometer.processes import DriverPath, constant_path, read_path_table, replay_path, shocked

START = date(2024, 4, 18)


def constant(height: int = 840_000 - 3 * 144 - 36, n: int = 6) -> DriverPath:
    return constant_path(START, n, price_usd=100_000.0, difficulty=1e14, height=height, fees_btc=0.125)


def test_the_subsidy_halves_at_its_height_and_nothing_else_moves() -> None:
    """The fourth day's first 36 blocks are before height 840,000: 6.25 x 1/4 + 3.125 x 3/4."""
    path = constant()
    np.testing.assert_allclose(path.subsidy_btc, [6.25, 6.25, 6.25, 3.90625, 3.125, 3.125])
    assert set(path.price_usd) == {100_000.0}
    assert set(path.difficulty) == {1e14}
    assert path.low_is_close


def test_a_halving_between_two_days_needs_no_mean() -> None:
    path = constant(height=840_000 - 2 * 144)
    np.testing.assert_array_equal(path.subsidy_btc, [6.25, 6.25, 3.125, 3.125, 3.125, 3.125])


def test_hashprice_of_a_path_is_the_published_formula() -> None:
    """Difficulty 1e14, 3.125 + 0.125 BTC, 100,000 USD: 86,400e15 / (1e14 x 2^32) x 3.25 x 1e5."""
    path = constant(height=850_000, n=1)
    assert path.hashprice_usd_per_phs_day[0] == pytest.approx(86_400e15 / (1e14 * 2**32) * 3.25e5)


def history() -> DriverPath:
    n = 10
    price = np.linspace(10.0, 19.0, n)
    ones = np.ones(n)
    return DriverPath("record", 19_000 + np.arange(n), price, 0.9 * price, 2 * ones, 6.25 * ones, 0 * ones)


def test_replay_deals_the_same_days_again() -> None:
    first = date.fromordinal(date(1970, 1, 1).toordinal() + 19_003)
    path = replay_path(history(), first, 4)
    np.testing.assert_array_equal(path.price_usd, [13, 14, 15, 16])
    np.testing.assert_array_equal(path.low_usd, 0.9 * path.price_usd)


@pytest.mark.parametrize(("offset", "n"), [(-1, 3), (8, 3), (0, 11)])
def test_replay_outside_history_says_what_history_there_is(offset: int, n: int) -> None:
    first = date.fromordinal(date(1970, 1, 1).toordinal() + 19_000 + offset)
    with pytest.raises(InputError, match=r"history goes from 2022-01-08 to 2022-01-17"):
        replay_path(history(), first, n)


def test_replay_over_a_gap_is_refused() -> None:
    whole = history()
    whole.price_usd[4] = np.nan
    with pytest.raises(DataError, match="price_usd is not known on 2022-01-12"):
        replay_path(whole, date(2022, 1, 10), 5)


def test_a_shock_moves_prices_and_lows_alone() -> None:
    path = shocked(history(), -0.2)
    np.testing.assert_allclose(path.price_usd, 0.8 * history().price_usd)
    np.testing.assert_allclose(path.low_usd, 0.8 * history().low_usd)
    np.testing.assert_array_equal(path.difficulty, history().difficulty)
    with pytest.raises(InputError, match="above -1"):
        shocked(path, -1.0)


def table(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "path.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_a_table_is_joined_on_the_logarithm(tmp_path: Path) -> None:
    """Two days apart from 100 to 400: the day between is 200."""
    file = table(
        tmp_path, "date,price_usd,difficulty,fees_btc\n2025-01-01,100,1e12,0\n2025-01-03,400,1e12,1\n"
    )
    path = read_path_table(file, height=880_000)
    np.testing.assert_allclose(path.price_usd, [100, 200, 400])
    np.testing.assert_allclose(path.fees_btc, [0, 0.5, 1])
    assert path.low_is_close


def test_fees_that_no_row_gives_are_those_of_the_day_before_and_said(tmp_path: Path) -> None:
    """Silence is not zero: the caller's fees stand in, and the path's name says so."""
    file = table(tmp_path, "date,price_usd,difficulty\n2025-01-01,100,1e12\n2025-01-03,400,1e12\n")
    path = read_path_table(file, height=880_000, fees_btc=lambda day: day / 1e5)
    np.testing.assert_allclose(path.fees_btc, 20_089 / 1e5)
    assert path.name == "table path.csv, fees 0.201 BTC a block as of its start"
    part = table(
        tmp_path, "date,price_usd,difficulty,fees_btc\n2025-01-01,100,1e12,\n2025-01-03,1,1e12,0.5\n"
    )
    np.testing.assert_allclose(read_path_table(part, height=880_000, fees_btc=9.0).fees_btc, 0.5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("date,price_usd\n2025-01-01,1\n", "the column difficulty is missing"),
        ("date,price_usd,dificulty\n", "difficulty"),
        ("date,price_usd,difficulty\n", "no rows"),
        ("", "is missing"),
        ("date,price_usd,difficulty\n2025-01-01,1\n", ":2: has 2 cells"),
        ("date,price_usd,difficulty\n2025-01-01,nan,1\n", ":2: price_usd"),
        ("date,price_usd,difficulty\n2025-01-01,-1,1\n", ":2: price_usd"),
        ("date,price_usd,difficulty\n2025-01-01,1,0\n", ":2: difficulty"),
        ("date,price_usd,difficulty\n1/2/2025,1,1\n", ":2: date"),
        ("date,price_usd,difficulty\n2025-01-02,1,1\n2025-01-01,1,1\n", ":3: 2025-01-01 is not after"),
        ("date,price_usd,low_usd,difficulty\n2025-01-02,1,2,1\n", ":2: low_usd 2 is above"),
        ("date,date,price_usd,difficulty\n", "stands twice"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"date,\0", "NUL"),
    ],
)
def test_a_bad_table_is_refused_in_one_line(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_path_table(table(tmp_path, text), height=880_000)
    assert "\n" not in str(caught.value)


@settings(max_examples=2_000, deadline=None)
@given(st.binary(max_size=120), st.booleans())
def test_no_bytes_break_the_table_reader(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, head: bool
) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzz.csv"
    file.write_bytes((b"date,price_usd,difficulty\n" if head else b"") + raw)
    try:
        path = read_path_table(file, height=0)
    except InputError:
        return
    assert np.isfinite(path.price_usd).all()
