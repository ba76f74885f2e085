"""Each signal by hand, its luck by simulation, and the windows against a well-kept library."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.signals.signals_samples import sample

from manometer.signals.difficulty_ribbon import (
    RIBBON_DAYS,
    compression_luck,
    difficulty_means,
    ribbon_luck_sd,
)
from manometer.signals.drawdown import drawdown_frac
from manometer.signals.hashprice_percentile import trailing_rank
from manometer.signals.kumo import cloud, weekly_bars
from manometer.signals.puell import puell
from manometer.signals.ribbon import hash_ribbon
from manometer.signals.rolling import rolling_max, rolling_mean
from manometer.signals.table import SIGNALS

walks = st.integers(0, 2**32).map(
    lambda seed: (
        1e3 * np.exp(np.cumsum(0.05 * np.random.Generator(np.random.Philox(seed)).standard_normal(300)))
    )
)


@given(walks, st.integers(2, 90))
@settings(max_examples=30, deadline=None)
def test_windows_and_drawdowns_are_those_of_polars(x: np.ndarray, days: int) -> None:
    s = pl.Series(x)
    mean, peak = s.rolling_mean(days).to_numpy(), s.rolling_max(days, min_samples=1).to_numpy()
    np.testing.assert_allclose(rolling_mean(x, days), mean, rtol=1e-11)  # sums in another order
    np.testing.assert_array_equal(rolling_max(x, days), peak)
    np.testing.assert_array_equal(drawdown_frac(x), 1 - x / s.cum_max().to_numpy())
    np.testing.assert_array_equal(drawdown_frac(x, days), 1 - x / peak)


@given(walks)
@settings(max_examples=10, deadline=None)
def test_compression_is_that_of_polars(x: np.ndarray) -> None:
    frame = pl.DataFrame({str(d): pl.Series(x).rolling_mean(d) for d in RIBBON_DAYS})
    expected = frame.select(
        pl.concat_list(pl.all()).list.std(ddof=0) / pl.concat_list(pl.all()).list.mean()
    ).to_numpy()[:, 0]
    means = difficulty_means(x)
    np.testing.assert_allclose((means.std(0) / means.mean(0))[199:], expected[199:], rtol=1e-9)


def test_puell_by_hand() -> None:
    """364 days at 144 x 6.25 x 100 and one of twice the price: 2 / (366/365)."""
    price = np.full(365, 100.0)
    price[-1] = 200.0
    value = puell(np.full(365, 144.0), np.full(365, 6.25), price)
    assert value[-1] == pytest.approx(2 * 365 / 366)
    assert np.isnan(value[:300]).all()


def test_a_halving_is_a_step_in_puell_and_none_in_the_adjusted_one() -> None:
    x = sample()
    flat = {"price_usd": np.full(len(x.day), 100.0), "block_count": np.full(len(x.day), 144.0)}
    x = replace(x, **flat)  # type: ignore[arg-type]
    raw, adjusted = (SIGNALS[k].read(x).value for k in ("puell", "puell_halving_adjusted"))
    assert raw[699] == pytest.approx(1.0)
    assert raw[700] == pytest.approx(0.5 / ((364 + 0.5) / 365))
    assert adjusted[700] == pytest.approx(1.0)


def test_trailing_rank_by_hand() -> None:
    x = np.array([3.0, 1.0, 2.0, 2.0, 9.0])
    np.testing.assert_allclose(trailing_rank(x, 3), [np.nan, np.nan, 2 / 3, 1.0, 1.0])
    np.testing.assert_allclose(trailing_rank(x, 3, 0.5), [np.nan, np.nan, 1 / 3, 1 / 3, 2 / 3])


def test_luck_of_the_difficulty_means_by_simulation() -> None:
    """Epochs of 14 days whose difficulty strays by 1/sqrt(2016), on an epoch's last day."""
    rng = np.random.Generator(np.random.Philox(11))
    epochs = 1 + rng.standard_normal((4000, 15)) / math.sqrt(2016)
    days = np.repeat(epochs, 14, axis=1)
    means = np.array([days[:, -d:].mean(1) for d in RIBBON_DAYS])
    spread = np.log(means[0] / means[-1]).std()
    error = 3 / math.sqrt(2 * 4000)  # three standard errors of a standard deviation
    assert spread == pytest.approx(ribbon_luck_sd(), rel=error)
    compression = means.std(0) / means.mean(0)
    squares = compression**2
    assert math.sqrt(squares.mean()) == pytest.approx(
        compression_luck(), rel=1.5 * float(squares.std() / squares.mean()) / math.sqrt(4000) + 0.001
    )


def test_ribbon_buys_by_the_full_rule() -> None:
    """Price turns before, at, or after the recovery; a capitulation that returns first has no buy."""
    hashrate = np.concatenate([np.full(90, 100.0), np.linspace(100, 60, 60), np.linspace(60, 140, 90)])
    cross = int(np.flatnonzero((hash_ribbon(hashrate, hashrate).ratio >= 1)[130:])[0]) + 130
    rising, falling = np.linspace(1, 2, 240), np.linspace(2, 1, 240)
    assert np.flatnonzero(hash_ribbon(hashrate, rising).buy).tolist() == [cross]
    assert not hash_ribbon(hashrate, falling).buy.any()
    late = falling.copy()
    late[cross + 5 :] = falling[cross + 5] * 1.5  # the 10-day mean is above the 20-day mean the same day
    assert np.flatnonzero(hash_ribbon(hashrate, late).buy).tolist() == [cross + 5]
    again = hashrate.copy()
    again[cross + 2 :] = 40.0  # back under before price turns
    assert not hash_ribbon(again, np.where(np.arange(240) < cross + 40, falling, 0.0)).buy.any()


def test_the_chance_that_a_crossing_is_real_is_a_normal_one() -> None:
    hashrate = np.concatenate([np.full(90, 100.0), np.linspace(100, 60, 60), np.linspace(60, 140, 90)])
    r = hash_ribbon(hashrate, hashrate)
    assert r.probability_real[80] == pytest.approx(0.5)
    gap = np.log(r.ratio[140]) / r.noise_sd
    assert gap < -2
    assert r.probability_real[140] == pytest.approx(1 - 0.5 * math.erfc(-gap / math.sqrt(2)))
    bottom = -np.log(np.nanmin(r.ratio)) / r.noise_sd
    assert r.depth_sd[-1] == pytest.approx(bottom)


def test_weeks_are_closed_utc_weeks() -> None:
    """2018-05-07 is a Monday: from Saturday the 5th to Tuesday the 22nd there are two whole weeks."""
    day = np.arange(np.datetime64("2018-05-05"), np.datetime64("2018-05-23")).astype(np.int64)
    close = np.arange(18.0)
    high, low = close + 2, close - 1
    high[4] = np.nan
    w = weekly_bars(day, high, low, close)
    assert [str(np.datetime64(int(d), "D")) for d in day[w.end]] == ["2018-05-13", "2018-05-20"]
    assert w.close_usd.tolist() == [8.0, 15.0]
    assert w.high_usd.tolist() == [10.0, 17.0]
    assert w.low_usd.tolist() == [1.0, 8.0]
    assert w.closes_only.tolist() == [True, False]


def test_cloud_equals_the_table_worked_by_hand() -> None:
    """Highs rise by 10 a week to week 60, then fall by 10; lows lie 20 under. See the table's remarks."""
    lines = (Path(__file__).parent / "kumo_by_hand.csv").read_text(encoding="utf-8").splitlines()
    table = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    week = np.arange(1, 121)
    high = np.where(week <= 60, 100.0 + 10 * week, 1300.0 - 10 * week)
    c = cloud(high, high - 20)
    for row in table:
        k = int(row["week"]) - 1
        assert (high[k], high[k] - 20) == (float(row["high"]), float(row["low"]))
        for name in ("tenkan", "kijun", "senkou_a", "senkou_b"):
            expected = float(row[name]) if row[name] else math.nan
            assert getattr(c, f"{name}_usd")[k] == pytest.approx(expected, nan_ok=True), (row["week"], name)


def test_a_twist_is_seen_at_the_sunday_close_and_the_current_one_26_weeks_later() -> None:
    """By the same table: Senkou A touches B in week 82 and is below it in week 83."""
    week = np.repeat(np.arange(1, 121), 7)
    top = np.where(week <= 60, 100.0 + 10 * week, 1300.0 - 10 * week)
    x = sample(len(week))
    monday = int(np.datetime64("2018-01-01").astype(np.int64))
    x = replace(x, day=monday + np.arange(len(week)), high_usd=top, low_usd=top - 20, price_usd=top - 10)
    leading, current = (SIGNALS[f"kumo_twist_{k}"].read(x) for k in ("leading", "current"))
    assert np.flatnonzero(leading.events["bearish_twist"]).tolist() == [83 * 7 - 1]
    assert np.flatnonzero(current.events["bearish_twist"]).tolist() == [(83 + 26) * 7 - 1]
    assert leading.state[83 * 7 - 2] == "bullish"
    assert leading.state[83 * 7 - 1] == "bearish"
    assert not leading.also["closes_only"][-1]
