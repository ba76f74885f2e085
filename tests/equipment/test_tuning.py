"""Tuning curves against published ladders, and the best mode against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manometer.equipment import (
    OFF,
    TUNING_RANGE_FRAC,
    best_mode,
    marginal_modes,
    power_frac,
    read_catalogue,
    tuning_curve,
)
from manometer.errors import InputError

CATALOGUE = read_catalogue()
TUNABLE = [m for m in CATALOGUE.values() if m.efficiency_j_per_th]
USD_PER_PHS_DAY = 0.024


def ladder(name: str) -> np.ndarray:
    """Published points of a machine [TH/s, W], inside the tuning range."""
    model = CATALOGUE[name]
    points = np.array([(m.hashrate_ths, m.power_w) for m in model.modes])
    share = points[:, 0] / model.hashrate_ths
    return points[(share >= TUNING_RANGE_FRAC[0]) & (share <= TUNING_RANGE_FRAC[1])]


def test_curve_is_within_the_stated_error_of_published_ladders():
    """Root mean square error of log power, ladder by ladder; S19 is scaled to its own ladder at 95 TH/s."""
    s19 = ladder("Antminer S19")
    s19_power = np.interp(95, *s19.T)
    assert rms(s19 / [95, s19_power]) == pytest.approx(0.037, abs=0.005)
    vnish = ladder("Antminer S19j Pro")[1:]
    assert rms(vnish / [104, 3068]) == pytest.approx(0.046, abs=0.005)
    assert rms(np.array([[74.5 / 96, 1905 / 2850]])) < 0.03
    assert rms(ladder("Whatsminer M10") / [33, 2145]) < 0.06
    assert rms(ladder("Whatsminer M10S") / [55, 3575]) < 0.04


def rms(relative: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.log(power_frac(relative[:, 0]) / relative[:, 1]) ** 2)))


def test_curve_passes_through_nameplate_and_published_points():
    hashrate, power = tuning_curve(CATALOGUE["Antminer S19j Pro"])
    points = dict(zip(hashrate.round(6), power, strict=True))
    assert points[104.0] == pytest.approx(3068)
    assert points[74.5] == pytest.approx(1905)
    hashrate, power = tuning_curve(CATALOGUE["Antminer S21"], 5)
    assert np.interp(200, hashrate, power) == pytest.approx(3500)


@pytest.mark.parametrize("model", TUNABLE, ids=lambda m: m.model)
def test_curve_rises_and_cohorts_cost_more_step_by_step(model):
    hashrate, power = tuning_curve(model)
    assert np.all(np.diff(hashrate) > 0)
    assert np.all(np.diff(power) > 0)
    step, watts, marginal = marginal_modes(model)
    assert np.all(np.diff(marginal) > 0)
    assert step.sum() == pytest.approx(hashrate[-1])
    assert watts.sum() == pytest.approx(power[-1])
    assert marginal[0] == pytest.approx((power / hashrate).min())


def test_stylised_machine_has_nameplate_only():
    hashrate, power = tuning_curve(CATALOGUE["FPGA"])
    assert hashrate.tolist() == [1.0]
    assert power.tolist() == [100_000.0]


def test_machine_without_power_is_refused():
    with pytest.raises(InputError, match="no power"):
        tuning_curve(CATALOGUE["QAxe (4x BM1366)"])


@given(
    index=st.integers(0, len(TUNABLE) - 1),
    hashprice=st.floats(0, 500),
    power_price=st.floats(-20, 200),
    overhead=st.floats(1, 1.3),
    fee=st.floats(0, 0.05),
)
@settings(max_examples=100, deadline=None)
def test_best_mode_is_the_best_of_all_points(index, hashprice, power_price, overhead, fee):
    model = TUNABLE[index]
    best = best_mode(model, hashprice, power_price, overhead, fee)
    margins = [0.0]
    for hashrate, power in zip(*tuning_curve(model), strict=True):
        revenue = hashprice * (1 - fee) * hashrate / 1000
        margins.append(revenue - power * overhead * 24 / 1e6 * power_price)
    assert best.margin_usd_per_day == pytest.approx(max(margins), rel=1e-9, abs=1e-9)
    assert (best == OFF) == (max(margins) <= 0) or best.margin_usd_per_day < 1e-9


@given(
    index=st.integers(0, len(TUNABLE) - 1),
    hashprice=st.floats(1, 300),
    rise=st.floats(0, 100),
    power_price=st.floats(1, 150),
)
@settings(max_examples=100, deadline=None)
def test_dearer_hash_never_lowers_and_dearer_power_never_raises_hashrate(index, hashprice, rise, power_price):
    model = TUNABLE[index]
    base = best_mode(model, hashprice, power_price).hashrate_ths
    assert best_mode(model, hashprice + rise, power_price).hashrate_ths >= base
    assert best_mode(model, hashprice, power_price + rise).hashrate_ths <= base


def test_best_mode_by_hand():
    """S21, no overhead: off under the cheapest hash, 50 % just above it, all of it when hash is dear."""
    s21 = CATALOGUE["Antminer S21"]
    hashrate, power = tuning_curve(s21)
    cheapest = (power / hashrate).min() * USD_PER_PHS_DAY * 60
    assert best_mode(s21, cheapest * 0.999, 60) == OFF
    low = best_mode(s21, cheapest * 1.001, 60)
    assert (low.name, low.hashrate_ths) == ("tuned 50%", 100)
    assert best_mode(s21, 200, 60).hashrate_ths == pytest.approx(230)
    assert np.isnan(OFF.efficiency_j_per_th)


@pytest.mark.parametrize("bad", [(-1.0, 50.0), (float("nan"), 50.0), (50.0, float("inf"))])
def test_bad_prices_are_refused(bad: tuple[float, float]):
    with pytest.raises(InputError):
        best_mode(CATALOGUE["Antminer S21"], *bad)
