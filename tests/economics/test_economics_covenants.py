"""Covenants: ratios by hand, and each trigger price is the inverse of its ratio."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manometer.economics.covenants import (
    asset_decline_price,
    debt_service_cover,
    headroom,
    liquidity,
    liquidity_price,
    net_debt_to_ebitda,
)

MONEY = st.floats(0, 1e9)
COINS = st.floats(0.01, 1e5)


@given(MONEY, MONEY, COINS, st.floats(0, 0.9))
def test_at_its_trigger_price_liquidity_is_its_minimum(least, cash, coins, cut) -> None:
    price = liquidity_price(minimum_usd=least, cash_usd=cash, free_btc=coins, haircut_frac=cut)
    have = liquidity(cash_usd=cash, free_btc=coins, price_usd=price, haircut_frac=cut)
    assert have == pytest.approx(max(least, cash), rel=1e-9, abs=1e-6)


def test_no_price_helps_where_no_coin_counts() -> None:
    assert liquidity_price(minimum_usd=5, cash_usd=1, free_btc=0) == math.inf
    assert liquidity_price(minimum_usd=5, cash_usd=9, free_btc=0) == 0


@given(st.floats(1e3, 1e6), COINS, MONEY, st.floats(0, 1))
def test_at_its_trigger_price_net_assets_have_fallen_so_far(price, coins, other, fall) -> None:
    at = asset_decline_price(price_usd=price, coins_btc=coins, other_assets_usd=other, decline_frac=fall)
    before, after = coins * price + other, coins * at + other
    assert after >= (1 - fall) * before - 1e-9 * before
    assert at == 0 or after <= (1 - fall) * before + 1e-9 * before


def test_cover_and_leverage_by_hand() -> None:
    cover = debt_service_cover(
        operating_cash_usd=[2, -1, 1], interest_usd=[0.5, 1, 0], principal_usd=[0.5, 1, 0]
    )
    np.testing.assert_array_equal(cover, [2, -0.5, np.inf])
    got = net_debt_to_ebitda(debt_usd=[80, 80, 10, 10], cash_usd=[0, 0, 20, 20], ebitda_usd=[20, -5, 5, -5])
    np.testing.assert_array_equal(got, [4, np.inf, -2, 0])


@given(st.floats(-10, 10), st.floats(0.1, 10), st.booleans())
def test_headroom_is_negative_exactly_in_a_breach(value, limit, at_least) -> None:
    broken = value < limit if at_least else value > limit
    assert (headroom(value=value, limit=limit, at_least=at_least) < 0) == broken
