"""Pressure: monotone in each part, honest about what is missing; the states it drives."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manometer.signals.pressure import MARKET_PARTS, PARTS, WEIGHTS, PressureInputs, composite, market_parts
from manometer.signals.state import STATES, StateInputs, run_states

share = st.floats(0.001, 0.999)


@given(st.lists(share, min_size=6, max_size=6), st.integers(0, 5), st.floats(0.0, 1.0))
@settings(max_examples=200, deadline=None)
def test_pressure_rises_with_each_part(values: list[float], which: int, step: float) -> None:
    parts = {k: np.array([v]) for k, v in zip(PARTS, values, strict=True)}
    higher = dict(parts)
    name = PARTS[which]
    higher[name] = parts[name] + step * (0.999 - parts[name])
    assert composite(higher)[0] >= composite(parts)[0] - 1e-9


@given(st.lists(share, min_size=6, max_size=6), st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_a_missing_part_is_left_out_and_is_not_zero(values: list[float], which: int) -> None:
    parts = {k: np.array([v]) for k, v in zip(PARTS, values, strict=True)}
    name = PARTS[which]
    missing = {**parts, name: np.array([np.nan])}
    without = {k: v for k, v in parts.items() if k != name}
    assert composite(missing)[0] == pytest.approx(composite(without)[0])
    assert composite({**parts, name: np.array([1e-9])})[0] < composite(missing)[0] + 1e-9


def test_even_parts_give_the_middle_and_pressure_keeps_its_range() -> None:
    even = {k: np.array([0.5]) for k in PARTS}
    assert composite(even)[0] == pytest.approx(50.0)
    ends = [composite({k: np.array([v]) for k in PARTS})[0] for v in (0.0, 1.0)]
    assert 0 <= ends[0] < 0.01
    assert 99.99 < ends[1] <= 100
    assert np.isnan(composite({k: np.array([np.nan]) for k in PARTS})[0])
    assert set(WEIGHTS) == set(PARTS)


def pressure_inputs(n: int = 400) -> PressureInputs:
    rng = np.random.Generator(np.random.Philox(3))
    walk = np.exp(np.cumsum(0.02 * rng.standard_normal(n)))
    return PressureInputs(
        price_usd=20_000 * walk,
        difficulty=np.repeat(3e13 * np.exp(0.01 * np.arange(n // 10 + 1)), 10)[:n],
        hashprice=80 * walk,
        hashrate_ehs=200 + 10 * rng.standard_normal(n),
        median_cash_breakeven=np.full(n, 60.0),
        underwater_electricity=np.clip(0.2 / walk - 0.1, 0, 1),
    )


def test_no_look_ahead_in_the_parts() -> None:
    x = pressure_inputs()
    rng = np.random.Generator(np.random.Philox(4))
    k = 300
    bent = {f.name: getattr(x, f.name).copy() for f in fields(x)}
    for column in bent.values():
        column[k + 1 :] *= rng.uniform(0.3, 2.0, len(column) - k - 1)
    a, b = market_parts(x), market_parts(PressureInputs(**bent))
    for name in MARKET_PARTS:
        np.testing.assert_array_equal(a[name][: k + 1], b[name][: k + 1], err_msg=name)


@pytest.mark.parametrize(
    ("column", "factor", "part"),
    [
        ("median_cash_breakeven", 1.2, "revenue"),
        ("median_cash_breakeven", 1.2, "time_under_cost"),
        ("underwater_electricity", 1.3, "out_of_the_money"),
    ],
)
def test_dearer_costs_never_lower_a_part(column: str, factor: float, part: str) -> None:
    x = pressure_inputs()
    worse = replace(x, **{column: getattr(x, column) * factor})
    a, b = market_parts(x)[part], market_parts(worse)[part]
    known = np.isfinite(a)
    assert (b[known] >= a[known] - 1e-12).all()
    assert (b[known] > a[known] + 1e-6).any()


def test_falling_hashrate_raises_its_part() -> None:
    x = pressure_inputs()
    fallen = x.hashrate_ehs.copy()
    fallen[-7:] *= 0.8
    a = market_parts(x)["hashrate_drawdown"][-1]
    assert market_parts(replace(x, hashrate_ehs=fallen))["hashrate_drawdown"][-1] > a


def state_inputs(pressure: list[float], margin: list[float], **kw: float) -> StateInputs:
    """A piecewise course, 30 days a piece."""
    n = 30 * len(pressure)

    def flat(value: float) -> np.ndarray:
        return np.full(n, value)

    lamps = kw.pop("lamps", 0.0)
    return StateInputs(
        pressure=np.repeat(np.array(pressure, dtype=float), 30),
        revenue=flat(kw.get("revenue", 0.9)),
        margin=np.repeat(np.array(margin, dtype=float), 30),
        economic_fall=flat(kw.get("falls", 1.0)) > 0,
        dislocation=flat(kw.get("dislocated", 0.0)) > 0,
        parts={
            "revenue": flat(0.1),
            "hashrate_drawdown": np.repeat(np.array(pressure, dtype=float), 30) / 100,
        },
        lamps={k: flat(lamps) for k in ("revenue", "efficiency", "power_cost", "balance_sheet")},
    )


def test_a_course_through_the_states() -> None:
    r = run_states(state_inputs([10, 50, 90, 90, 30, 10], [3, 2, 1.1, 1.1, 1.8, 2.5]))
    seen = [r.state[i] for i in (29, 59, 89, 119, 149)]
    assert seen == ["expansion", "tightening", "capitulation", "capitulation", "relief"]
    assert set(r.state) <= set(STATES)


def test_stress_without_falling_hashrate_is_not_capitulation() -> None:
    r = run_states(state_inputs([10, 90], [3, 1.1], falls=0.0))
    assert r.state[-1] == "stress"


def test_a_hashrate_fall_with_healthy_margins_is_neither() -> None:
    """A ban: pressure from hashrate alone, margin far above cost."""
    r = run_states(state_inputs([10, 95], [3, 3]))
    assert not set(r.state) & {"stress", "capitulation"}


def test_a_dislocation_keeps_the_state() -> None:
    """A ban while mining pays: pressure rises for a quarter, and the state stays where it was."""
    r = run_states(state_inputs([10, 10, 95, 95, 10], [3, 3, 3, 3, 3], dislocated=1.0))
    assert set(r.state[35:]) == {"expansion"}
    assert "tightening" in run_states(state_inputs([10, 10, 95, 95, 10], [3, 3, 3, 3, 3])).state


def test_stress_needs_the_revenue_part(  # it is above its threshold, or there is no stress and none stays
) -> None:
    assert "stress" not in run_states(state_inputs([10, 90, 90], [3, 1.1, 1.1], revenue=0.2, falls=0.0)).state
    lost = state_inputs([10, 90, 90], [3, 1.1, 1.1], falls=0.0)
    revenue = np.where(np.arange(90) < 60, 0.9, 0.1)
    assert run_states(replace(lost, revenue=revenue)).state[-1] == "relief"


def test_relief_is_not_recovery_until_the_lamps_are_green() -> None:
    dark = run_states(state_inputs([90, 20, 20], [1.1, 2, 2], lamps=0.0))
    lit = run_states(state_inputs([90, 20, 20], [1.1, 2, 2], lamps=1.0))
    assert dark.state[-1] == "relief"
    assert "recovery" in lit.state
    assert "4 of 4 lamps" in lit.cause[int(np.flatnonzero(lit.state == "recovery")[0])]


def test_a_grey_lamp_does_not_block() -> None:
    x = state_inputs([90, 20, 20], [1.1, 2, 2], lamps=1.0)
    grey = replace(x, lamps={**x.lamps, "balance_sheet": np.full(90, np.nan)})
    r = run_states(grey)
    assert "recovery" in r.state
    assert "3 of 4 lamps" in r.cause[int(np.flatnonzero(r.state == "recovery")[0])]


def test_every_change_of_state_names_its_cause_and_day() -> None:
    r = run_states(state_inputs([10, 50, 90, 30, 10, 10], [3, 2, 1.1, 1.8, 2.5, 2.5], lamps=1.0))
    changed = np.flatnonzero(r.state[1:] != r.state[:-1]) + 1
    assert len(changed) >= 4
    for i in changed:
        assert any(w in r.cause[i] for w in ("hashrate drawdown", "revenue", "lamps")), r.cause[i]
        assert r.since[i] == i
