"""Loans against bitcoin: published cases to the coin, and every trigger is an exact inverse."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manometer.economics import loan_to_value
from manometer.economics.lending import (
    coins_to_restore,
    coins_to_secure,
    exhaustion_price,
    fall_to,
    interest,
    price_at_loan_to_value,
    releasable_coins,
)
from manometer.errors import InputError

LOAN, COINS, PRICE = st.floats(1e3, 1e9), st.floats(0.1, 1e5), st.floats(100, 1e6)
LEVEL = st.floats(0.05, 1)


def test_mara_2022_11_09() -> None:
    """10-Q of 2022-Q3: 100 MUSD drawn, 7,821 coins posted, 1,669 added, 1,950 free, at 16,212.50 USD."""
    price, loan = 16_212.50, 100e6
    assert loan_to_value(loan_usd=loan, collateral_btc=7_821, price_usd=price) == pytest.approx(
        0.789, abs=5e-4
    )
    assert loan_to_value(loan_usd=loan, collateral_btc=9_490, price_usd=price) == pytest.approx(
        0.650, abs=5e-4
    )
    needed = coins_to_restore(loan_usd=loan, posted_btc=7_821, price_usd=price, restore_frac=0.65)
    assert needed == pytest.approx(1_669, abs=1)
    last = exhaustion_price(loan_usd=loan, posted_btc=9_490, free_btc=1_950, restore_frac=0.65)
    assert last == pytest.approx(13_449, rel=1e-3)
    assert fall_to(trigger_price_usd=last, price_usd=price) == pytest.approx(-0.170, abs=1e-3)


@pytest.mark.parametrize(
    ("call", "fall"),
    # call levels of two retail lenders, and the liquidation level of one, from an opening level of 50 %
    [(1 / 1.5, -0.25), (0.70, -0.2857), (0.80, -0.375)],
)
def test_falls_to_the_first_call_from_half(call: float, fall: float) -> None:
    trigger = price_at_loan_to_value(loan_usd=50_000, posted_btc=1, loan_to_value_frac=call)
    assert fall_to(trigger_price_usd=trigger, price_usd=100_000) == pytest.approx(fall, abs=1e-4)


@given(LOAN, COINS, LEVEL)
def test_at_its_trigger_price_a_loan_stands_at_its_level(loan, coins, level) -> None:
    at = price_at_loan_to_value(loan_usd=loan, posted_btc=coins, loan_to_value_frac=level)
    assert loan_to_value(loan_usd=loan, collateral_btc=coins, price_usd=at) == pytest.approx(level)


@given(LOAN, COINS, PRICE, LEVEL)
def test_coins_added_and_released_bring_the_level(loan, coins, price, level) -> None:
    terms = {"loan_usd": loan, "posted_btc": coins, "price_usd": price}
    added = coins_to_restore(restore_frac=level, **terms)
    released = releasable_coins(release_frac=level, **terms)
    assert added == 0 or released == 0
    needed = coins_to_secure(loan_usd=loan, price_usd=price, loan_to_value_frac=level)
    # the sum is rounded at the size of the coins there were
    assert coins + added - released == pytest.approx(needed, rel=1e-9, abs=1e-12 * coins)


@given(LOAN, COINS, COINS, LEVEL)
def test_the_last_free_coin_restores_the_level_at_the_exhaustion_price(loan, coins, free, level) -> None:
    last = exhaustion_price(loan_usd=loan, posted_btc=coins, free_btc=free, restore_frac=level)
    needed = coins_to_restore(loan_usd=loan, posted_btc=coins, price_usd=last, restore_frac=level)
    assert needed == pytest.approx(free, rel=1e-6, abs=1e-6 * (coins + free))


@given(LOAN, COINS, COINS, LEVEL, st.floats(1.001, 3))
def test_more_free_coins_stand_a_deeper_fall(loan, coins, free, level, more) -> None:
    few, many = (
        exhaustion_price(loan_usd=loan, posted_btc=coins, free_btc=f, restore_frac=level)
        for f in (free, free * more)
    )
    assert many < few


def test_no_loan_is_never_called_and_a_bare_loan_always() -> None:
    assert price_at_loan_to_value(loan_usd=0, posted_btc=0, loan_to_value_frac=0.7) == 0
    assert price_at_loan_to_value(loan_usd=1, posted_btc=0, loan_to_value_frac=0.7) == math.inf


def test_interest_of_a_loan_of_60_million_for_a_year() -> None:
    """60 MUSD at 10.75 % for 365 days: 6.45 MUSD on ACT/365, 1/72 more on ACT/360."""
    terms = {"principal_usd": 60e6, "rate_frac_per_year": 0.1075, "days": 365}
    assert interest(day_count="ACT/365", **terms) == pytest.approx(6.45e6)
    assert interest(**terms) == pytest.approx(6.45e6 * 365 / 360)
    with pytest.raises(InputError, match="ACT/360"):
        interest(day_count="ACT/36", **terms)
