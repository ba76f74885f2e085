"""Laws that the formulae obey for all inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manometer.economics import (
    LAYERS,
    breakeven_difficulty,
    breakeven_efficiency,
    breakeven_hashprice,
    breakeven_hashrate,
    breakeven_power_price,
    breakeven_price,
    cost_layers,
    credited_hashvalue,
    daily_profit,
    effective_efficiency,
    energy_factor,
    hashcost,
    hashprice,
    hashprice_blocks144_over_hashrate,
    hashvalue,
    margin,
    revenue_factor,
)

PRICES = st.floats(1, 1e7)
DIFFICULTIES = st.floats(1, 1e17)
SUBSIDIES = st.sampled_from([50.0, 25.0, 12.5, 6.25, 3.125, 1.5625])
FEES = st.floats(0, 50)
EFFICIENCIES = st.floats(1, 1e5)
POWER_PRICES = st.floats(0.1, 1e3)
OVERHEADS = st.floats(1, 2)
POOL_FEES = st.floats(0, 0.5)
SHARES = st.floats(0, 1)
COSTS = st.floats(0, 1e6)

machine = {
    "efficiency_j_per_th": EFFICIENCIES,
    "overhead": OVERHEADS,
    "pool_fee_frac": POOL_FEES,
}
block = {"subsidy_btc": SUBSIDIES, "fees_btc": FEES}


def kept(price: Any, fee: float) -> Any:
    return price * (1 - fee)


@given(st.fixed_dictionaries(machine), POWER_PRICES)
def test_hashprice_power_price_and_efficiency_invert(m: dict[str, float], power: float) -> None:
    site = {"overhead": m["overhead"], "pool_fee_frac": m["pool_fee_frac"]}
    value = breakeven_hashprice(**m, power_price_usd_per_mwh=power)
    assert breakeven_power_price(hashprice_usd_per_phs_day=value, **m) == pytest.approx(power, rel=1e-12)
    assert breakeven_efficiency(
        hashprice_usd_per_phs_day=value, power_price_usd_per_mwh=power, **site
    ) == pytest.approx(m["efficiency_j_per_th"], rel=1e-12)
    cost = hashcost(
        efficiency_j_per_th=m["efficiency_j_per_th"], power_price_usd_per_mwh=power, overhead=m["overhead"]
    )
    assert kept(value, m["pool_fee_frac"]) == pytest.approx(cost, rel=1e-12)


@given(
    st.fixed_dictionaries(machine),
    st.fixed_dictionaries(block),
    POWER_PRICES,
    DIFFICULTIES,
    st.sampled_from(["2^32", "exact"]),
)
def test_price_difficulty_and_hashrate_invert(
    m: dict[str, float], b: dict[str, float], power: float, difficulty: float, convention: str
) -> None:
    given_power: dict[str, Any] = {**m, "power_price_usd_per_mwh": power}
    named: dict[str, Any] = {**b, "hashes_per_difficulty": convention}
    needed = breakeven_hashprice(**given_power)
    price = breakeven_price(**given_power, **named, difficulty=difficulty)
    assert hashprice(price_usd=price, difficulty=difficulty, **named) == pytest.approx(needed, rel=1e-12)
    assert breakeven_difficulty(price_usd=price, **given_power, **named) == pytest.approx(
        difficulty, rel=1e-12
    )
    hashrate = breakeven_hashrate(price_usd=price, **given_power, **named)
    assert hashprice_blocks144_over_hashrate(price_usd=price, **b, hashrate_ehs=hashrate) == pytest.approx(
        needed, rel=1e-12
    )


@given(PRICES, DIFFICULTIES, st.fixed_dictionaries(block), st.floats(0.01, 100))
def test_hashprice_scales(price: float, difficulty: float, b: dict[str, Any], k: float) -> None:
    base = float(hashprice(price_usd=price, difficulty=difficulty, **b))
    assert hashprice(price_usd=price * k, difficulty=difficulty, **b) == pytest.approx(base * k, rel=1e-12)
    assert hashprice(price_usd=price, difficulty=difficulty * k, **b) == pytest.approx(base / k, rel=1e-12)
    assert base == pytest.approx(price * hashvalue(difficulty=difficulty, **b), rel=1e-12)


layer_costs = {
    "energy_frac": SHARES,
    "hosting_usd_per_phs_day": COSTS,
    "site_usd_per_mw_year": COSTS,
    "overheads_usd_per_mw_year": COSTS,
    "interest_usd_per_phs_day": COSTS,
    "tax_usd_per_phs_day": COSTS,
    "depreciation_usd_per_phs_day": COSTS,
    "stock_compensation_usd_per_phs_day": COSTS,
}


@given(EFFICIENCIES, POWER_PRICES, OVERHEADS, st.fixed_dictionaries(layer_costs), st.floats(1e-8, 1))
def test_layers_rise_and_stay_in_order_per_bitcoin(
    efficiency: float, power: float, overhead: float, costs: dict[str, float], coins: float
) -> None:
    layers = cost_layers(
        efficiency_j_per_th=efficiency, power_price_usd_per_mwh=power, overhead=overhead, **costs
    )
    per_btc = layers.per_btc(btc_per_installed_phs_day=coins)
    for one in (layers, per_btc):
        values = [float(one.as_dict()[name]) for name in LAYERS]
        assert values == sorted(values)
    assert float(per_btc.all_in) * coins == pytest.approx(layers.all_in, rel=1e-12)


@pytest.mark.parametrize("name", sorted(layer_costs))
def test_each_cost_enters_its_own_layer_and_those_above(name: str) -> None:
    first = {
        "energy_frac": 0,
        "hosting_usd_per_phs_day": 1,
        "site_usd_per_mw_year": 1,
        "overheads_usd_per_mw_year": 2,
        "interest_usd_per_phs_day": 2,
        "tax_usd_per_phs_day": 2,
        "depreciation_usd_per_phs_day": 3,
        "stock_compensation_usd_per_phs_day": 3,
    }[name]
    base: dict[str, Any] = {"efficiency_j_per_th": 20, "power_price_usd_per_mwh": 50, "energy_frac": 0.5}
    more = {**base, name: 0.75}
    a, b = cost_layers(**base).as_dict(), cost_layers(**more).as_dict()
    assert [float(b[x]) > float(a[x]) for x in LAYERS] == [i >= first for i in range(4)]


@given(SHARES, SHARES, SHARES, POOL_FEES)
def test_losses_are_kept_apart(off: float, weak: float, rejected: float, fee: float) -> None:
    """Off saves energy; weak and rejected hash save none."""
    assert energy_factor(off_frac=off) == 1 - off
    assert energy_factor(off_frac=off, standby_frac=1) == pytest.approx(1)
    assert float(energy_factor(off_frac=off, minimum_take_frac=weak)) >= weak
    credited = revenue_factor(off_frac=off, weak_frac=weak, rejected_frac=rejected, pool_fee_frac=fee)
    assert 0 <= float(credited) <= float(energy_factor(off_frac=off))
    assert credited_hashvalue(
        hashvalue_btc_per_phs_day=1, off_frac=off, weak_frac=weak, rejected_frac=rejected, pool_fee_frac=fee
    ) == pytest.approx(credited)


@given(EFFICIENCIES, st.floats(0, 0.9), st.floats(0, 0.9), POWER_PRICES)
def test_weak_hash_costs_full_energy(e: float, weak: float, rejected: float, power: float) -> None:
    worse = effective_efficiency(efficiency_j_per_th=e, weak_frac=weak, rejected_frac=rejected)
    share = float(revenue_factor(weak_frac=weak, rejected_frac=rejected))
    full = hashcost(efficiency_j_per_th=e, power_price_usd_per_mwh=power)
    per_credited = hashcost(efficiency_j_per_th=worse, power_price_usd_per_mwh=power)
    assert float(per_credited) * share == pytest.approx(full, rel=1e-12)


@given(st.fixed_dictionaries(machine), POWER_PRICES, st.floats(0, 1e3))
def test_a_machine_at_break_even_earns_nothing(m: dict[str, float], power: float, ths: float) -> None:
    value = breakeven_hashprice(**m, power_price_usd_per_mwh=power)
    cost = hashcost(
        efficiency_j_per_th=m["efficiency_j_per_th"], power_price_usd_per_mwh=power, overhead=m["overhead"]
    )
    left = margin(
        hashprice_usd_per_phs_day=value, hashcost_usd_per_phs_day=cost, pool_fee_frac=m["pool_fee_frac"]
    )
    scale = float(cost)
    assert abs(float(left)) <= 1e-12 * scale
    profit = daily_profit(
        hashrate_ths=ths, hashprice_usd_per_phs_day=value, power_price_usd_per_mwh=power, **m
    )
    assert profit == pytest.approx(ths / 1000 * float(left), abs=1e-12 * scale * (1 + ths))


def test_the_pool_fee_is_in_the_denominator_once() -> None:
    """By hand: 24 USD of power, 6e-4 BTC before a fee of 2 %: 40,816 per credited coin, 40,000 gross."""
    layers = cost_layers(efficiency_j_per_th=20, power_price_usd_per_mwh=50)
    credited = credited_hashvalue(hashvalue_btc_per_phs_day=6e-4, pool_fee_frac=0.02)
    net = layers.per_btc(btc_per_installed_phs_day=credited)
    gross = layers.per_btc(btc_per_installed_phs_day=6e-4, denominator="gross")
    assert net.direct == net.electricity == pytest.approx(40_000 / 0.98)
    assert gross.direct == pytest.approx(40_000)
    assert (net.denominator, gross.denominator) == ("credited", "gross")


def test_fixed_costs_run_while_the_machine_does_not() -> None:
    """By hand: 20 J/TH is 0.02 MW per PH/s; 36,525 USD per MW and year is 2 USD per PH/s per day."""
    off = cost_layers(
        efficiency_j_per_th=20,
        power_price_usd_per_mwh=50,
        energy_frac=energy_factor(off_frac=1),
        site_usd_per_mw_year=36_525,
    )
    assert off.electricity == 0
    assert off.direct == pytest.approx(2.0)


def test_arrays_of_layers_share_one_shape() -> None:
    layers = cost_layers(
        efficiency_j_per_th=[20.0, 30.0],
        power_price_usd_per_mwh=50,
        stock_compensation_usd_per_phs_day=[[1.0], [np.nan], [3.0]],
    )
    assert {np.shape(x) for x in layers.as_dict().values()} == {(3, 2)}
    assert np.isnan(layers.all_in[1]).all()  # type: ignore[index]
    assert np.isfinite(layers.cash).all()
