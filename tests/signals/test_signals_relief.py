"""Spells, turns of a lamp and relief in numbers, on rows worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manometer.economics import hashprice
from manometer.signals.relief import LampTurn, Spell, lamp_turn, relief_of, retargets, spells

C, S, R, O = "capitulation", "stress", "relief", "recovery"  # noqa: E741


def found(*states: str) -> list[Spell]:
    state = np.array(states)
    return spells(state == C, state == R, state == O)


def test_a_spell_runs_from_capitulation_to_recovery_and_counts_relief_lost() -> None:
    assert found(O, S, C, S, R, R, C, R, R, O, O) == [Spell(first=2, relief=7, end=9, n_relapses=1)]


def test_a_spell_without_relief_and_one_that_goes_on() -> None:
    assert found(C, S, O, S, R, O, C, R) == [
        Spell(first=0, relief=-1, end=2, n_relapses=0),
        Spell(first=6, relief=7, end=-1, n_relapses=0),
    ]


def test_stress_alone_is_no_spell() -> None:
    assert found(O, S, R, S, O) == []


def turn(text: str, end: int) -> LampTurn:
    lit = np.array([{"g": 1.0, "r": 0.0, ".": math.nan}[c] for c in text])
    return lamp_turn(lit, 0, end, len(text))


@pytest.mark.parametrize(
    ("lit", "end", "turned", "stayed", "red_again"),
    [
        ("rrggggggggg", 10, 8, False, False),  # the seventh green day in a row
        ("gggggggggrggggggg", 16, 16, False, False),  # the week before the first red day does not count
        ("rgggggggrr", 9, 7, False, True),
        ("rgggggggrr", 7, 7, False, False),  # red again, but after the spell
        ("rrr" + "g" * 7, 2, 9, False, False),  # followed beyond the end
        ("ggggg" + "rr", 4, -1, True, False),  # red after the spell only
        ("rrrr", 3, -1, False, False),
        ("....", 3, -1, False, False),
        ("rggg.ggg", 7, -1, False, False),  # an unknown day is not a green one
    ],
)
def test_a_lamp_turns_with_its_seventh_green_day(
    lit: str, end: int, turned: int, stayed: bool, red_again: bool
) -> None:
    got = turn(lit, end)
    assert (got.turned, got.stayed, got.red_again) == (turned, stayed, red_again)


def test_a_grey_lamp_is_grey() -> None:
    assert math.isnan(turn("....", 3).at_start)


def one(old: float, new: float, breakeven: float, price: float = 50_000.0):  # type: ignore[no-untyped-def]
    return relief_of(
        price_usd=np.array([price]),
        subsidy_btc=np.array([6.25]),
        fees_btc=np.array([0.25]),
        old_difficulty=np.array([old]),
        new_difficulty=np.array([new]),
        breakeven_usd_per_phs_day=np.array([breakeven]),
    )


def test_relief_by_hand() -> None:
    """6.5 BTC x 86,400e15 / (1e14 x 2^32) x 50,000 = 65.38; a fifth off difficulty adds a quarter of it."""
    r = one(1e14, 0.8e14, 80.0)
    before = 6.5 * 86_400e15 / (1e14 * 2**32) * 50_000
    assert r.hashprice_before[0] == pytest.approx(before, rel=1e-12)
    assert r.delta_usd_per_phs_day[0] == pytest.approx(before / 4, rel=1e-12)
    assert r.change_frac[0] == pytest.approx(-0.2)
    assert r.price_equivalent_frac[0] == pytest.approx(0.25)
    assert r.gap_closed_frac[0] == pytest.approx(before / 4 / (80 - before), rel=1e-12)


def test_without_a_gap_nothing_of_it_closes() -> None:
    assert math.isnan(one(1e14, 0.8e14, 60.0).gap_closed_frac[0])


@given(change=st.floats(0.25, 4.0), price=st.floats(1.0, 1e6))
def test_the_price_rise_that_would_do_the_same_does_the_same(change: float, price: float) -> None:
    r = one(1e14, 1e14 * change, 1e9, price)
    risen = hashprice(
        price_usd=price * (1 + r.price_equivalent_frac[0]), difficulty=1e14, subsidy_btc=6.25, fees_btc=0.25
    )
    assert float(risen) == pytest.approx(r.hashprice_after[0], rel=1e-9)


def test_retargets_pass_over_unknown_days_and_rounding() -> None:
    before, after = retargets(np.array([1.0, 1.0 + 1e-12, math.nan, 2.0, 2.0, 1.5]))
    assert (before.tolist(), after.tolist()) == ([1, 4], [3, 5])
