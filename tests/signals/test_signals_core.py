"""Signals: hand-worked rows, noise against simulation, and no look-ahead."""

from __future__ import annotations

import numpy as np
import pytest

from manometer.signals.cost import days_under, price_to_cost
from manometer.signals.drawdown import drawdown_frac, hashrate_drawdown_frac
from manometer.signals.lamps import LampInputs, lamp_colour, light_lamps
from manometer.signals.ribbon import block_luck_sd, hash_ribbon
from manometer.signals.rolling import lagged, rolling_max, rolling_mean


def test_rolling_mean_by_hand() -> None:
    x = np.array([1.0, 2.0, 3.0, np.nan, 5.0])
    np.testing.assert_array_equal(rolling_mean(x, 2, 0.5), [np.nan, 1.5, 2.5, 3.0, 5.0])
    assert np.isnan(rolling_mean(x, 2)[3])  # one of two is not nine tenths


def test_rolling_max_and_lag_by_hand() -> None:
    x = np.array([3.0, 1.0, 2.0, 0.5])
    np.testing.assert_array_equal(rolling_max(x, 2), [3.0, 3.0, 2.0, 2.0])
    np.testing.assert_array_equal(lagged(x, 3), [np.nan, np.nan, np.nan, 3.0])


def test_ribbon_noise_is_what_block_luck_gives() -> None:
    """0.5 x sqrt(2/4320) = 1.08 %, and the same by simulation of Poisson days at constant hashrate."""
    assert block_luck_sd(30, 60) == pytest.approx(0.5 * np.sqrt(2 / 4320), rel=1e-12)
    rng = np.random.Generator(np.random.Philox(1))
    count = rng.poisson(144.0, (4000, 60))
    gap = np.log(count[:, 30:].mean(1) / count.mean(1))
    assert gap.std() == pytest.approx(block_luck_sd(30, 60), rel=0.05)


def test_ribbon_states_follow_the_rule() -> None:
    hashrate = np.concatenate([np.full(90, 100.0), np.linspace(100, 60, 60), np.linspace(60, 140, 90)])
    r = hash_ribbon(hashrate, hashrate)
    assert r.state[10] == "unknown"
    assert r.state[120] == "capitulation"
    first_spring = int(np.flatnonzero(r.state == "springs")[0])
    first_recovery = int(np.flatnonzero(r.state == "recovery")[0])
    assert 120 < first_spring < first_recovery
    assert (r.ratio[r.state == "recovery"] >= 1).all()
    assert (r.ratio[np.isin(r.state, ["springs", "capitulation"])] < 1).all()
    assert r.beyond_noise[140]
    assert not r.beyond_noise[80]


def test_drawdown_by_hand() -> None:
    np.testing.assert_allclose(drawdown_frac(np.array([1.0, 2.0, 1.0, 4.0])), [0, 0, 0.5, 0])
    np.testing.assert_allclose(drawdown_frac(np.array([4.0, 1.0, 2.0, 1.0]), 2), [0, 0.75, 0, 0.5])


def test_price_to_cost_by_hand() -> None:
    price, cost = np.array([50.0, 45.0, 40.0]), np.array([40.0, 50.0, 50.0])
    r = price_to_cost(price, cost)
    assert r.gap_frac == pytest.approx(-0.2)
    assert r.loss_per_btc_usd == 10.0
    assert r.rise_needed_frac == pytest.approx(0.25)
    assert r.days_under == 2
    assert days_under(price, cost * 0) == 0
    assert days_under(price, cost * 9) == 3


def lamp_inputs(n: int = 800) -> LampInputs:
    t = np.arange(n)
    return LampInputs(
        hashprice=100 + 20 * np.sin(t / 40),
        median_cash_breakeven=np.full(n, 95.0) + 10 * np.sin(t / 133),
        marginal_avoidable=np.full(n, 92.0) + 15 * np.cos(t / 90),
        marginal_power_usd_per_mwh=60 + 10 * np.sin(t / 200),
        cpi=np.linspace(250, 260, n),
    )


def test_any_two_lamps_differ_on_some_day() -> None:
    lamps = light_lamps(lamp_inputs())
    names = list(lamps)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            both = np.isfinite(lamps[a]) & np.isfinite(lamps[b])
            assert (lamps[a][both] != lamps[b][both]).any(), (a, b)


def test_a_lamp_without_data_is_grey() -> None:
    x = lamp_inputs()
    assert lamp_colour(light_lamps(x)["power_cost"][10]) == "grey"
    assert {lamp_colour(v) for v in (0.0, 1.0, np.nan)} == {"red", "green", "grey"}


@pytest.mark.parametrize(
    "signal",
    [
        lambda x: hash_ribbon(x, x).ratio,
        lambda x: hash_ribbon(x, x).buy,
        drawdown_frac,
        hashrate_drawdown_frac,
        lambda x: rolling_mean(x, 30),
        lambda x: rolling_max(x, 90),
    ],
)
def test_no_look_ahead(signal: object) -> None:
    rng = np.random.Generator(np.random.Philox(2))
    x = 100 * np.exp(np.cumsum(0.02 * rng.standard_normal(400)))
    k = 250
    other = x.copy()
    other[k + 1 :] *= rng.uniform(0.2, 5.0, len(x) - k - 1)
    np.testing.assert_array_equal(signal(x)[: k + 1], signal(other)[: k + 1])  # type: ignore[operator]
