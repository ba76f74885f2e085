"""Reading the cost curve: monotone, ordered, and in balance at equilibrium."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.network.network_samples import FIRST_DAY, sample_inputs, sample_releases

from manometer.network.assumptions import Assumptions
from manometer.network.curve import LAYERS, CostCurve, weighted_quantile
from manometer.network.history import initial_state, run_history
from manometer.network.margin import equilibrium_ehs, next_to_go, next_to_return


@pytest.fixture(scope="module")
def curve() -> CostCurve:
    kept: list[CostCurve] = []
    a = Assumptions(3)
    inputs = sample_inputs(520)
    run_history(
        inputs, sample_releases(), a, initial_state(a, FIRST_DAY), int(inputs.day[-1]), on_curve=kept.append
    )
    return kept[-1]


@given(st.lists(st.floats(5.0, 2000.0), min_size=2, max_size=6))
@settings(max_examples=40, deadline=None)
def test_share_under_water_falls_as_hashprice_rises(curve: CostCurve, levels: list[float]) -> None:
    rising = np.sort(np.array(levels))
    for layer in LAYERS:
        share = curve.underwater(layer, rising)
        assert (np.diff(share, axis=0) <= 1e-12).all(), layer
    assert (np.diff(curve.running_at_a_loss(rising), axis=0) <= 1e-12).all()


@given(st.floats(5.0, 2000.0))
@settings(max_examples=40, deadline=None)
def test_a_dearer_layer_is_more_under_water(curve: CostCurve, level: float) -> None:
    shares = [curve.underwater(layer, np.array([level]))[0, 0] for layer in LAYERS]
    assert shares == sorted(shares)


def test_supply_rises_with_hashprice_and_keeps_its_bounds(curve: CostCurve) -> None:
    supply = [curve.supply_ehs(h) for h in np.linspace(0.0, 2000.0, 50)]
    assert np.all(np.diff(supply) >= -1e-9)
    installed = float(curve.installed_ehs[0].sum())
    deaf = installed - sum(float(p.installed_ehs[0].sum()) for p in curve.slices)
    assert 0.1 * installed < deaf < 0.35 * installed
    assert supply[0] == pytest.approx(deaf)
    assert supply[-1] == pytest.approx(installed)


def test_equilibrium_is_where_supply_meets_difficulty(curve: CostCurve) -> None:
    def hashprice_of(ehs: float) -> float:
        return 4_000.0 / ehs

    ehs = equilibrium_ehs(curve, hashprice_of)
    assert curve.supply_ehs(hashprice_of(ehs * 1.001)) <= ehs * 1.001
    assert curve.supply_ehs(hashprice_of(ehs * 0.999)) >= ehs * 0.999
    assert equilibrium_ehs(curve, lambda ehs: 8_000.0 / ehs) >= ehs  # a higher price keeps more hashrate


def test_a_deeper_fall_sends_more_away(curve: CostCurve) -> None:
    level = curve.quantiles("electricity", (0.8,))[0]
    gone = [sum(g.hashrate_ehs for g in next_to_go(curve, level, f)) for f in (0.0, 0.1, 0.3, 0.6)]
    assert gone == sorted(gone)
    assert gone[-1] > gone[0]


def test_what_goes_is_what_supply_loses_once_those_at_a_loss_have_gone(curve: CostCurve) -> None:
    """At a fall of zero it is what runs with avoidable cost above hashprice, slice by slice."""
    level = float(curve.quantiles("electricity", (0.6,))[0])
    want = sum(float((p.running_ehs[0] * (p.avoidable[0] > level)).sum()) for p in curve.slices)
    assert sum(g.hashrate_ehs for g in next_to_go(curve, level, 0.0)) == pytest.approx(want)
    running = float(curve.running_ehs[0].sum())
    share = curve.running_at_a_loss(np.array([level]))[0, 0]
    assert share == pytest.approx(want / running)


def test_who_returns_is_what_is_idle_and_the_cheapest_comes_first(curve: CostCurve) -> None:
    back = next_to_return(curve, 0.03)
    assert back
    idle = float((curve.installed_ehs[0] - curve.running_ehs[0]).sum())
    assert sum(r.hashrate_ehs for r in back) == pytest.approx(idle)
    needs = [r.hashprice_usd_per_phs_day for r in back]
    assert needs == sorted(needs)
    # given what it needs, at least half of a line would run again
    for r in back:
        part = curve.slices[int(r.underclocked)]
        want = part.avoidable[0, r.vintage] * 1.03 <= r.hashprice_usd_per_phs_day + 1e-9
        gap = part.installed_ehs[0, r.vintage] - part.running_ehs[0, r.vintage]
        assert float((gap * want).sum()) >= 0.5 * r.hashrate_ehs - 1e-9


def test_weighted_quantile_by_hand() -> None:
    value, weight = np.array([30.0, 10.0, 20.0]), np.array([1.0, 1.0, 2.0])
    # sorted 10, 20, 30 with weights 1, 2, 1: middles at 1/8, 1/2, 7/8
    assert weighted_quantile(value, weight, (0.125, 0.5, 0.875, 0.3125)).tolist() == [10.0, 20.0, 30.0, 15.0]
    assert np.isnan(weighted_quantile(value, weight * 0, (0.5,)))[0]


def test_the_margin_is_where_one_in_twenty_of_those_who_answer_is_dearer(curve: CostCurve) -> None:
    margin = curve.marginal()
    total = sum(float(p.running_ehs[0].sum()) for p in curve.slices)
    dearer = sum(
        float((p.running_ehs[0] * (p.avoidable[0] > margin.avoidable_usd_per_phs_day)).sum())
        for p in curve.slices
    )
    assert dearer <= 0.05 * total + 1e-9
    same = sum(
        float((p.running_ehs[0] * (p.avoidable[0] >= margin.avoidable_usd_per_phs_day)).sum())
        for p in curve.slices
    )
    assert same >= 0.05 * total - 1e-9
    assert margin.power_usd_per_mwh > float(np.median(curve.power_usd_per_mwh[0]) * 0.5)
    assert margin.efficiency_j_per_th in curve.efficiency_j_per_th[0]
