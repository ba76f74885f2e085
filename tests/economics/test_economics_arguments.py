"""Every formula: scalars give floats, arrays broadcast, bad values are named in one line."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import manometer.economics as economics
from manometer.economics import (
    AVOIDABLE_POWER_PRICE,
    avoidable_power_price,
    breakeven_difficulty,
    breakeven_price,
    cost_layers,
    hashcost,
    hashprice,
    hashvalue,
    payback_days,
    solo_odds,
)
from manometer.errors import InputError

SAMPLE: dict[str, dict[str, float]] = {
    "annuity": {"principal_usd": 1e5, "rate_frac_per_period": 0.01, "n_periods": 12},
    "avoidable_behind_the_meter": {"sale_usd_per_mwh": 30, "delivery_usd_per_mwh": 4},
    "avoidable_fixed": {"variable_usd_per_mwh": 1},
    "avoidable_fixed_resellable": {"resale_usd_per_mwh": 60, "resale_cost_usd_per_mwh": 1},
    "avoidable_home_heat": {
        "tariff_usd_per_mwh": 250,
        "heat_value_usd_per_mwh": 90,
        "heat_used_frac": 0.5,
    },
    "avoidable_hosted": {"energy_rate_usd_per_mwh": 70, "use_frac": 0.9, "minimum_take_frac": 0.8},
    "avoidable_indexed": {"spot_usd_per_mwh": 40, "adders_usd_per_mwh": 5},
    "avoidable_state": {"tariff_usd_per_mwh": 30},
    "avoidable_stranded": {"generation_usd_per_mwh": 18, "relief_usd_per_mwh": 5},
    "breakeven_difficulty": {
        "price_usd": 1e5,
        "efficiency_j_per_th": 20,
        "power_price_usd_per_mwh": 50,
        "subsidy_btc": 3.125,
        "fees_btc": 0.1,
        "overhead": 1.05,
        "pool_fee_frac": 0.02,
    },
    "breakeven_efficiency": {
        "hashprice_usd_per_phs_day": 50,
        "power_price_usd_per_mwh": 50,
        "overhead": 1.05,
        "pool_fee_frac": 0.02,
    },
    "breakeven_hashprice": {
        "efficiency_j_per_th": 20,
        "power_price_usd_per_mwh": 50,
        "overhead": 1.05,
        "pool_fee_frac": 0.02,
    },
    "breakeven_power_price": {
        "hashprice_usd_per_phs_day": 50,
        "efficiency_j_per_th": 20,
        "overhead": 1.05,
        "pool_fee_frac": 0.02,
    },
    "breakeven_price": {
        "efficiency_j_per_th": 20,
        "power_price_usd_per_mwh": 50,
        "difficulty": 1e14,
        "subsidy_btc": 3.125,
        "fees_btc": 0.1,
        "overhead": 1.05,
        "pool_fee_frac": 0.02,
    },
    "coincident_peak_adder": {"charge_usd_per_mw_year": 7e4, "n_peaks": 4, "probability": 0.1},
    "cost_to_mine": {
        "power_usd": 3e7,
        "other_direct_usd": 8e6,
        "credits_usd": 5e6,
        "depreciation_usd": 2e7,
        "mined_btc": 1400,
        "equivalents_btc": 100,
    },
    "credited_hashvalue": {
        "hashvalue_btc_per_phs_day": 6e-4,
        "off_frac": 0.1,
        "weak_frac": 0.1,
        "rejected_frac": 0.1,
        "pool_fee_frac": 0.1,
    },
    "daily_profit": {
        "hashrate_ths": 200,
        "hashprice_usd_per_phs_day": 50,
        "efficiency_j_per_th": 20,
        "power_price_usd_per_mwh": 50,
    },
    "depreciation": {"purchase_price_usd_per_ths": 15, "life_days": 1500, "age_days": 100},
    "effective_efficiency": {"efficiency_j_per_th": 18, "weak_frac": 0.1, "rejected_frac": 0.01},
    "energy_factor": {"off_frac": 0.1, "standby_frac": 0.01, "minimum_take_frac": 0.5},
    "hashcost": {"efficiency_j_per_th": 20, "power_price_usd_per_mwh": 50, "overhead": 1.05},
    "hashprice": {"price_usd": 1e5, "difficulty": 1e14, "subsidy_btc": 3.125, "fees_btc": 0.1},
    "hashprice_blocks144_over_hashrate": {
        "price_usd": 1e5,
        "subsidy_btc": 3.125,
        "fees_btc": 0.1,
        "hashrate_ehs": 900,
    },
    "hashprice_revenue_over_hashrate": {"revenue_usd": 4e7, "hashrate_ehs": 900},
    "hashvalue": {"difficulty": 1e14, "subsidy_btc": 3.125, "fees_btc": 0.1},
    "installed_mw_per_phs": {"efficiency_j_per_th": 20, "overhead": 1.05},
    "loan_to_value": {"loan_usd": 1e7, "collateral_btc": 300, "price_usd": 1e5},
    "margin": {"hashprice_usd_per_phs_day": 50, "hashcost_usd_per_phs_day": 24},
    "payback_days": {"machine_price_usd": 3000, "daily_profit_usd": 5},
    "pool_fee_memo": {"gross_btc_per_installed_phs_day": 6e-4, "pool_fee_frac": 0.02},
    "revenue_factor": {"off_frac": 0.1, "weak_frac": 0.1, "rejected_frac": 0.1, "pool_fee_frac": 0.1},
    "revenue_per_mwh": {"hashprice_usd_per_phs_day": 50, "efficiency_j_per_th": 20},
}
SAMPLE["breakeven_hashrate"] = SAMPLE["breakeven_difficulty"]
NOT_PLAIN = {"avoidable_power_price", "cost_layers", "hashprice_by", "solo_odds"}


def call(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(economics, name)
    return function


def test_every_formula_is_sampled() -> None:
    functions = {n for n in economics.__all__ if n[0].islower() and callable(getattr(economics, n))}
    assert functions == set(SAMPLE) | NOT_PLAIN


@pytest.mark.parametrize("name", sorted(SAMPLE))
def test_scalars_give_floats_and_arrays_the_same_values(name: str) -> None:
    sample = SAMPLE[name]
    scalar = call(name)(**sample)
    assert type(scalar) is float
    assert type(call(name)(**{k: np.float64(v) for k, v in sample.items()})) is float
    for key, value in sample.items():
        row = call(name)(**{**sample, key: [value, value, value]})
        assert isinstance(row, np.ndarray)
        assert row.shape == (3,)
        assert row == pytest.approx([scalar] * 3, rel=1e-15)


@pytest.mark.parametrize("name", sorted(SAMPLE))
def test_every_argument_is_checked_and_named(name: str) -> None:
    sample = SAMPLE[name]
    for key in sample:
        for bad in (
            math.nan,
            math.inf,
            -math.inf,
            "5",
            None,
            True,
            [1.0, math.inf],
            [[1.0], [1.0, 2.0]],
            10**400,
        ):
            with pytest.raises(InputError, match=f"^{key}: ") as caught:
                call(name)(**{**sample, key: bad})
            assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(SAMPLE))
def test_nan_in_an_array_propagates(name: str) -> None:
    sample = SAMPLE[name]
    for key, value in sample.items():
        out = call(name)(**{**sample, key: [value, math.nan]})
        assert np.isfinite(out[0])
        assert np.isnan(out[1]), key


@pytest.mark.parametrize("name", sorted(n for n in SAMPLE if len(SAMPLE[n]) > 1))
def test_shapes_that_do_not_broadcast_are_named(name: str) -> None:
    first, second, *_ = sample = SAMPLE[name]
    with pytest.raises(InputError, match="do not broadcast"):
        call(name)(**{**sample, first: [sample[first]] * 2, second: [sample[second]] * 3})


def test_signs_and_zeros() -> None:
    block: dict[str, Any] = {"price_usd": 1e5, "difficulty": 1e14, "subsidy_btc": 3.125}
    for key in block:
        with pytest.raises(InputError, match=f"^{key}: -1 is out of range"):
            hashprice(**{**block, key: -1.0})
    with pytest.raises(InputError, match="difficulty: 0 is out of range, must be more than 0"):
        hashvalue(difficulty=0, subsidy_btc=3.125)
    with pytest.raises(InputError, match="difficulty: 0 at index 1"):
        hashvalue(difficulty=[1, 0], subsidy_btc=3.125)
    with pytest.raises(InputError, match=r"overhead: 0\.05 .* must be 1 or more"):
        hashcost(efficiency_j_per_th=20, power_price_usd_per_mwh=50, overhead=0.05)
    assert hashcost(efficiency_j_per_th=20, power_price_usd_per_mwh=-50) == pytest.approx(-24)
    machine: dict[str, Any] = {"efficiency_j_per_th": 20, "power_price_usd_per_mwh": 50}
    with pytest.raises(InputError, match="earns nothing"):
        breakeven_price(**machine, difficulty=1e14, subsidy_btc=0)
    with pytest.raises(InputError, match="power_price_usd_per_mwh: 0 "):
        breakeven_difficulty(price_usd=1e5, efficiency_j_per_th=20, power_price_usd_per_mwh=0, subsidy_btc=3)
    with pytest.raises(InputError, match="pool_fee_frac: 1 "):
        breakeven_price(**machine, difficulty=1e14, subsidy_btc=3, pool_fee_frac=1)
    with pytest.raises(InputError, match="beyond the range"):
        hashprice(price_usd=1e300, difficulty=1e-300, subsidy_btc=1)
    with pytest.raises(InputError, match="masked"):
        hashvalue(difficulty=np.ma.masked_array([1.0], [True]), subsidy_btc=1)


def test_what_counts_as_a_number() -> None:
    half = hashvalue(difficulty=2, subsidy_btc=Fraction(1, 2))  # type: ignore[arg-type]
    assert half == hashvalue(difficulty=np.float32(2), subsidy_btc=0.5)
    assert hashvalue(difficulty=np.array(2), subsidy_btc=0.5) == half
    assert np.shape(hashvalue(difficulty=[], subsidy_btc=0.5)) == (0,)


def test_positional_arguments_are_refused() -> None:
    with pytest.raises(TypeError):
        hashvalue(1e14, 3.125)  # type: ignore[call-arg]


def test_solo_and_layers_name_their_arguments() -> None:
    odds: dict[str, Any] = {"hashrate_ths": 1.0, "difficulty": 1e14, "days": 1.0}
    for key in odds:
        with pytest.raises(InputError, match=f"^{key}: "):
            solo_odds(**{**odds, key: math.nan})
    with pytest.raises(InputError, match=r"^hashrate_ths: 0 "):
        solo_odds(hashrate_ths=0, difficulty=1, days=1)
    with pytest.raises(InputError, match="interest_usd_per_phs_day"):
        cost_layers(efficiency_j_per_th=1, power_price_usd_per_mwh=1, interest_usd_per_phs_day=-1)
    layers = cost_layers(efficiency_j_per_th=20, power_price_usd_per_mwh=50)
    with pytest.raises(InputError, match="btc_per_installed_phs_day"):
        layers.per_btc(btc_per_installed_phs_day=0)
    with pytest.raises(InputError, match="denominator"):
        layers.per_btc(btc_per_installed_phs_day=1, denominator="net")
    with pytest.raises(InputError, match="already"):
        layers.per_btc(btc_per_installed_phs_day=1).per_btc(btc_per_installed_phs_day=1)


def test_supply_classes_by_name() -> None:
    assert set(AVOIDABLE_POWER_PRICE) == {
        "indexed",
        "fixed",
        "fixed_resellable",
        "hosted",
        "behind_the_meter",
        "stranded",
        "state",
        "home_heat",
    }
    assert avoidable_power_price("fixed") == 0
    with pytest.raises(InputError, match="did you mean 'hosted'"):
        avoidable_power_price("hostd")
    with pytest.raises(InputError, match="tariff_usd_per_mwh"):
        avoidable_power_price("state")


def test_payback_of_a_machine_that_loses_is_never() -> None:
    days = payback_days(machine_price_usd=[3000, 3000, 0], daily_profit_usd=[0, -1, 1])
    assert days.tolist() == [math.inf, math.inf, 0]  # type: ignore[union-attr]


def test_a_million_hashprices_take_a_blink() -> None:
    """Vectorised: a million take some ten milliseconds; the bound leaves room for a loaded machine."""
    rng = np.random.default_rng(1)
    price, difficulty = rng.uniform(1e4, 2e5, 10**6), rng.uniform(1e13, 2e14, 10**6)
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        out = hashprice(price_usd=price, difficulty=difficulty, subsidy_btc=3.125)
        best = min(best, time.perf_counter() - start)
    assert np.shape(out) == (10**6,)
    assert best < 0.5


def test_results_never_share_memory_with_arguments() -> None:
    for name, sample in SAMPLE.items():
        for key, value in sample.items():
            given = np.array([value, value])
            assert not np.shares_memory(call(name)(**{**sample, key: given}), given), name
