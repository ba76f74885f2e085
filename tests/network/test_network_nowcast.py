"""The nowcast: its band holds what it says, and it only looks back."""

from __future__ import annotations

import numpy as np
import pytest

from manometer.network.nowcast import fit_days, hashrate_of_blocks_ehs, nowcast, worked_difficulty

DAY = np.arange(17_000, 18_500)  # 2016-07-18 on


def simulated(seed: int, growth: float = 0.0015) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return true hashrate, counts and observed hashrate for blocks that are Poisson."""
    rng = np.random.Generator(np.random.Philox(seed))
    n = len(DAY)
    truth = 50.0 * np.exp(np.cumsum(growth + 0.006 * rng.standard_normal(n)))
    difficulty = 1e12 * truth / 50.0
    scale = hashrate_of_blocks_ehs(np.ones(1), np.full(1, 1.0))[0]
    count = rng.poisson(truth / (difficulty * scale)).astype(float)
    return truth, count, hashrate_of_blocks_ehs(count, difficulty)


def test_blocks_to_hashrate_by_hand() -> None:
    """144 blocks at difficulty 1e14 are 1e14 x 2^32 / 600 s = 715.8 EH/s."""
    assert hashrate_of_blocks_ehs(np.array([144.0]), np.array([1e14]))[0] == pytest.approx(715.8278, rel=1e-6)


def test_ninety_percent_band_holds_ninety_percent() -> None:
    inside = []
    for seed in range(6):
        truth, count, observed = simulated(seed)
        band = nowcast(DAY, count, observed)
        inside.append(((band.p05_ehs < truth) & (truth < band.p95_ehs))[100:].mean())
    # days are strongly correlated: about 40 independent ones a run, 240 in all, so a standard error of 2 %
    assert 0.84 < np.mean(inside) < 0.96


def test_it_is_nearer_than_a_day_and_than_a_month() -> None:
    truth, count, observed = simulated(11)
    mean = nowcast(DAY, count, observed).mean_ehs
    month = np.convolve(observed, np.ones(30) / 30, "full")[: len(truth)]

    def error(x: np.ndarray) -> float:
        return float(np.abs(np.log(x[100:] / truth[100:])).mean())

    assert error(mean) < 0.6 * error(observed)
    assert error(mean) < error(month)


def test_no_look_ahead() -> None:
    _, count, observed = simulated(3)
    whole = nowcast(DAY, count, observed)
    k = 700
    part = nowcast(DAY[: k + 1], count[: k + 1], observed[: k + 1])
    np.testing.assert_array_equal(whole.mean_ehs[: k + 1], part.mean_ehs)
    np.testing.assert_array_equal(whole.p95_ehs[: k + 1], part.p95_ehs)


def test_an_unknown_day_moves_nothing_and_widens_the_band() -> None:
    _, count, observed = simulated(4)
    count[800:810], observed[800:810] = np.nan, np.nan
    band = nowcast(DAY, count, observed)
    width = np.log(band.p95_ehs / band.p05_ehs)
    assert width[809] > 1.3 * width[799]
    assert np.isfinite(band.mean_ehs[810:]).all()


def test_parameters_are_refitted_on_the_first_of_january_only() -> None:
    _, count, observed = simulated(5)
    band = nowcast(DAY, count, observed)
    changes = DAY[1:][np.diff(band.fitted_to_day) != 0]
    assert set(changes) <= set(fit_days(DAY))
    assert (band.fitted_to_day < DAY).all()


def test_on_a_day_of_retarget_each_block_counts_with_its_own_work() -> None:
    """Of 144 blocks 36 came after the retarget: 108 at difficulty 100 and 36 at 120 are 105 on average."""
    day = np.arange(20_000, 20_003)
    count, difficulty = np.full(3, 144.0), np.array([100.0, 120.0, 120.0])
    height = np.array([1_907.0, 2_051.0, 2_195.0])  # blocks 2,016 to 2,051 are the second day's last 36
    worked = worked_difficulty(day, count, difficulty, height, np.array([20_001]), np.array([2_016]))
    np.testing.assert_allclose(worked, [100.0, 105.0, 120.0])


def test_a_retarget_day_without_a_count_keeps_its_difficulty() -> None:
    day, count = np.arange(3), np.array([144.0, np.nan, 144.0])
    difficulty, height = np.array([1.0, 2.0, 2.0]), np.array([2_000.0, np.nan, 2_300.0])
    worked = worked_difficulty(day, count, difficulty, height, np.array([1]), np.array([2_016]))
    np.testing.assert_array_equal(worked, difficulty)
