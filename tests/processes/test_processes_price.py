"""Price, fees and power: moments against closed form, fits against what made the data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from manometer.errors import DataError, InputError
from manometer.processes.closes import low_volatility, price_paths
from manometer.processes.price import (
    PROCESSES,
    Bootstrap,
    GarchFhs,
    Gbm,
    Jump,
    Regime,
    Replay,
    _garch_loss,
    process,
)
from manometer.processes.reverting import Reverting

N_PATHS, N_DAYS = 3000, 250


@pytest.fixture(scope="module")
def returns():
    """Fat-tailed, clustered: 1,500 days of a GARCH with Student shocks."""
    rng = np.random.default_rng(7)
    out, v = np.empty(1500), 0.03**2
    for t in range(1500):
        out[t] = np.sqrt(v) * rng.standard_t(5) * np.sqrt(3 / 5)
        v = 0.03**2 * 0.05 + 0.10 * out[t] ** 2 + 0.85 * v
    return out


def moments(model, k=4.0):
    """Mean and variance of a day's return within k standard errors of what the process says."""
    r = model.log_returns(3, 0, N_PATHS, N_DAYS)
    assert r.shape == (N_PATHS, N_DAYS)
    by_path = r.sum(1)
    assert abs(by_path.mean()) < k * by_path.std() / np.sqrt(N_PATHS)
    square = (r**2).mean(1)
    return square.mean(), k * square.std() / np.sqrt(N_PATHS)


@pytest.mark.parametrize("name", ["gbm", "jump", "bootstrap", "regime"])
def test_variance_is_the_closed_form(name, returns):
    model = process(name).calibrate(returns)
    mean, error = moments(model)
    if name == "regime":
        # It starts in today's state; the share of wild days returns to the long run's geometrically.
        w, stay = model.wild_frac, 1 - sum(model.leaves)
        wild = w + (model.wild_now - w) * stay ** np.arange(1, N_DAYS + 1)
        expected = (model.volatility[0] ** 2 * (1 - wild) + model.volatility[1] ** 2 * wild).mean()
    else:
        expected = model.volatility_per_day**2
    assert abs(mean - expected) < error


def test_garch_variance_follows_its_recursion_in_expectation(returns):
    model = GarchFhs.calibrate(returns)
    r = model.log_returns(3, 0, 20_000, 60)
    long_run = model.volatility_per_day**2
    expected = long_run + (model.variance_now - long_run) * (model.alpha + model.beta) ** np.arange(60)
    for t in (0, 5, 30):
        square = r[:, t] ** 2
        assert abs(square.mean() - expected[t]) < 4 * square.std() / np.sqrt(len(square))


def test_garch_finds_the_maximum_that_scipy_finds(returns):
    model = GarchFhs.calibrate(returns)
    r = returns - returns.mean()
    best = optimize.minimize(
        lambda x: _garch_loss(r, *x) if min(x) > 0 and sum(x) < 0.999 else 1e9,
        [0.05, 0.9],
        method="Nelder-Mead",
    )
    assert _garch_loss(r, model.alpha, model.beta) == pytest.approx(best.fun, abs=1e-6)
    assert (model.alpha, model.beta) == pytest.approx(best.x, abs=5e-3)


def test_regime_finds_the_two_states():
    rng = np.random.default_rng(1)
    state, r = False, np.empty(6000)
    for t in range(6000):
        state = state != (rng.random() < (0.10 if state else 0.03))
        r[t] = rng.normal(0, 0.06 if state else 0.02)
    model = Regime.calibrate(r)
    assert model.volatility == pytest.approx((0.02, 0.06), rel=0.06)
    assert model.leaves == pytest.approx((0.03, 0.10), rel=0.25)


def test_jump_finds_rate_and_sizes():
    made = Jump(diffusion_per_day=0.02, jumps_per_day=0.03, up_frac=0.4, up_mean=0.15, down_mean=0.2)
    fitted = Jump.calibrate(made.log_returns(1, 0, 1, 20_000)[0])
    # Jumps under three deviations are not told from the rest: fewer, and larger, by the same exponential.
    assert fitted.diffusion_per_day == pytest.approx(0.02, rel=0.05)
    assert 0.5 * 0.03 < fitted.jumps_per_day < 0.03
    assert fitted.down_mean == pytest.approx(0.2 + 0.06, rel=0.15)
    assert fitted.volatility_per_day == pytest.approx(made.volatility_per_day, rel=0.1)


def test_blocks_of_the_bootstrap_have_their_mean_length(returns):
    index = Bootstrap(np.arange(1500.0), 20.0).log_returns(2, 0, 400, 1000)
    breaks = (np.diff(index) != 1) & (np.diff(index) != -1499)
    assert 1 / breaks.mean() == pytest.approx(20.0, rel=0.05)


def test_replay_deals_history_unbroken(returns):
    index = Replay(np.arange(1500.0)).log_returns(2, 0, 200, 100)
    assert (np.diff(index) == 1).all()
    assert index.min() >= 0
    assert index.max() <= 1499
    with pytest.raises(InputError, match="history has 1500"):
        Replay(returns).log_returns(2, 0, 1, 1501)


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_any_chunk_gives_the_same_bits(name, returns):
    model = process(name).calibrate(returns)
    whole = np.stack(price_paths(model, 50_000.0, 9, 0, 60, 80))
    parts = [np.stack(price_paths(model, 50_000.0, 9, k, 12, 80)) for k in range(0, 60, 12)]
    assert np.array_equal(whole, np.concatenate(parts, 1))
    close, low = whole
    before = np.concatenate([np.full((60, 1), 50_000.0), close[:, :-1]], 1)
    assert (low <= np.minimum(close, before) * (1 + 1e-12)).all()


def test_lows_have_the_distribution_of_a_bridge():
    close, low = price_paths(Gbm(0.03), 1.0, 4, 0, 40_000, 1)
    b, m = np.log(close[:, 0]), np.log(low[:, 0])
    # P(min < m | ends) is uniform if the lows are drawn by it.
    p = np.exp(-2 * m * (m - b) / 0.03**2)
    assert stats.kstest(p, "uniform").pvalue > 1e-3


def test_the_volatility_under_lows_is_found_again():
    close, low = price_paths(Gbm(0.03), 1.0, 4, 0, 1, 4000, low_volatility_per_day=0.02)
    assert low_volatility(close[0], low[0]) == pytest.approx(0.02, rel=4 / 2 / np.sqrt(4000))
    low[0, 240:] = np.nan
    assert low_volatility(close[0], low[0]) is None


def test_price_has_its_closed_form():
    close, _ = price_paths(Gbm(0.03), 100.0, 4, 0, 20_000, 30, drift_per_day=0.001)
    x = np.log(close[:, -1] / 100)
    assert abs(x.mean() - 0.03) < 4 * 0.03 * np.sqrt(30 / 20_000)
    assert x.std() == pytest.approx(0.03 * np.sqrt(30), rel=0.02)


def test_reverting_has_its_closed_form():
    model = Reverting(np.full(12, 1.0), 0.9, np.random.default_rng(0).laplace(0, 0.2, 800), 0.0)
    e = model.surprises - model.surprises.mean()
    model = Reverting(model.level, 0.9, e, 2.0)
    x = np.log(model.simulate(1, "fees", 0, 8000, np.full(120, 5))) - 1.0
    assert abs(x[:, 9].mean() - 2.0 * 0.9**10) < 4 * model.deviation / np.sqrt(8000)
    assert x[:, -1].std() == pytest.approx(model.deviation, rel=0.05)
    fitted = Reverting.calibrate(np.exp(x[0:1].repeat(1, 0).ravel()))
    assert fitted.persistence == pytest.approx(0.9, abs=0.15)


def test_reverting_learns_the_season():
    months = np.tile(np.repeat(np.arange(1, 13), 30), 4)
    rng = np.random.default_rng(2)
    x = np.where(months == 7, 1.0, 0.0) + rng.normal(0, 0.1, len(months))
    fitted = Reverting.calibrate(np.exp(x), months)
    assert fitted.level[6] - fitted.level[0] == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("values", "match"),
    [(np.zeros(500), "never moved"), (np.full(500, np.nan), "all known"), (np.ones(3), "needs 250")],
)
def test_what_cannot_be_fitted_says_so(values, match):
    with pytest.raises(DataError, match=match):
        Gbm.calibrate(values)


def test_an_unknown_process_lists_the_known():
    with pytest.raises(InputError, match="garch_fhs"):
        process("garch")
    with pytest.raises(InputError, match="volatility"):
        price_paths(Gbm(3.0), 1.0, 1, 0, 1, 1)
