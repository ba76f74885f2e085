"""Event studies: hand-worked windows, an interval that covers, a p-value that is uniform, Holm by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from manometer.signals.event_study import Forward, forward, holm, independent, student_quantile, study

PRICE = np.array([100.0, 80.0, 120.0, 60.0, 90.0, 150.0])


def draws(seed: int, n: int = 2000, m: int = 40) -> np.ndarray:
    return np.random.Generator(np.random.Philox(seed)).random((n, m))


def test_forward_by_hand() -> None:
    f = forward(PRICE, 2)
    np.testing.assert_allclose(f.return_frac, [0.2, -0.25, -0.25, 1.5, np.nan, np.nan])
    np.testing.assert_allclose(f.drawdown_frac, [0.2, 0.25, 0.5, 0.0, np.nan, np.nan])
    # The prior peak is 100, 100, 120, 120: the low of the window under it.
    np.testing.assert_allclose(f.peak_drawdown_frac, [0.2, 0.4, 0.5, 0.5, np.nan, np.nan])


def test_a_gap_in_the_window_leaves_it_unknown() -> None:
    price = PRICE.copy()
    price[3] = np.nan
    assert np.isnan(forward(price, 2).return_frac[[1, 2, 3]]).all()
    assert np.isfinite(forward(price, 2).return_frac[0])


def test_groups_of_overlapping_windows_by_hand() -> None:
    at = np.array([0, 10, 29, 30, 59, 61])
    np.testing.assert_array_equal(independent(at, 30), [0, 0, 0, 1, 1, 2])
    np.testing.assert_array_equal(independent(at, 5), [0, 1, 2, 2, 3, 3])


def test_study_by_hand() -> None:
    r = study(forward(PRICE, 2), np.array([1, 3, 5]), 0, 5, draws(1))
    assert (r.n, r.n_independent) == (2, 2)  # the window of the third has not ended
    assert r.mean_return_frac == pytest.approx((-0.25 + 1.5) / 2)
    assert r.random_mean_frac == pytest.approx((0.2 - 0.25 - 0.25 + 1.5) / 4)
    assert r.median_drawdown_frac == pytest.approx(0.125)
    assert r.worst_drawdown_frac == pytest.approx(0.25)
    assert r.rose_frac == 0.5
    assert math.isnan(r.ci_low)  # two events have no 90 % interval
    # Shifts of days {1, 3} along four days give means 0.625, -0.025, 0.625, -0.025.
    assert r.p == pytest.approx(1.0)


def test_no_event_has_nothing_but_the_random_date() -> None:
    none = study(forward(PRICE, 2), np.array([], dtype=np.int64), 0, 5, draws(1))
    assert none.n == 0
    assert math.isnan(none.mean_return_frac)
    assert none.random_mean_frac == pytest.approx(0.3)


def test_the_span_leaves_events_and_random_dates_out() -> None:
    r = study(forward(PRICE, 2), np.array([1, 3]), 2, 3, draws(1))
    assert r.n == 1
    assert r.random_mean_frac == pytest.approx((-0.25 + 1.5) / 2)


@pytest.mark.parametrize("df", [1, 2, 3, 4, 7, 10, 29, 60])
def test_student_quantile_is_scipys(df: int) -> None:
    assert student_quantile(0.05, df) == pytest.approx(stats.t.ppf(0.95, df), rel=1e-9)


def test_holm_by_hand() -> None:
    """Four p-values: 0.01 x 4, 0.02 x 3, 0.03 x 2 and 0.04 x 1, none under the one before it."""
    np.testing.assert_allclose(
        holm(np.array([0.04, 0.01, np.nan, 0.03, 0.02])), [0.06, 0.04, np.nan, 0.06, 0.06]
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_holm_lies_between_p_and_bonferroni(values: list[float]) -> None:
    p = np.array(values)
    assert (holm(p) >= p).all()
    assert (holm(p) <= np.minimum(p * len(p), 1) + 1e-15).all()


@pytest.mark.parametrize("m", [5, 8, 15])
def test_the_interval_covers_the_mean_of_few_events(m: int) -> None:
    """Of 600 sets of m independent normal returns, 90 % intervals cover 0 in 86 to 97 %.

    Three standard errors of the count are 3.7 points under; above, widening is allowed to err a little more.
    """
    rng = np.random.Generator(np.random.Philox(5))
    u = draws(6, 1000, m)
    covered = 0
    for _ in range(600):
        won = 0.1 * rng.standard_normal(m)
        ahead = Forward(1, won, np.abs(won), np.abs(won))
        r = study(ahead, np.arange(m), 0, m - 1, u)
        covered += r.ci_low <= 0 <= r.ci_high
    assert 0.9 - 3 * math.sqrt(0.9 * 0.1 / 600) <= covered / 600 <= 0.97


def test_p_is_uniform_when_events_are_random_dates() -> None:
    """On windows of 30 days that overlap, one set in ten of random dates has p under 0.1."""
    rng = np.random.Generator(np.random.Philox(7))
    price = np.exp(np.cumsum(0.03 * rng.standard_normal(3000)))
    ahead = forward(price, 30)
    u = draws(8, 10, 40)
    p = np.array(
        [study(ahead, np.sort(rng.choice(2970, 8, replace=False)), 0, 2999, u).p for _ in range(400)]
    )
    assert (p < 0.1).mean() == pytest.approx(0.1, abs=3 * math.sqrt(0.1 * 0.9 / 400))
