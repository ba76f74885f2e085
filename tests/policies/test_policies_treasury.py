"""Treasury policies: hand cases, and what holds for all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manometer.errors import InputError
from manometer.policies import POLICIES, TreasuryDay, policy
from manometer.policies.treasury import limited

#: 2 BTC mined today, 10 free in all, at 50,000 USD; bills of 80,000 and 30,000 of cash, of which 10,000 stay.
DAY = TreasuryDay(
    price_usd=50_000.0,
    mined_btc=2.0,
    free_btc=10.0,
    cash_usd=30_000.0,
    due_usd=80_000.0,
    due_ahead_usd=150_000.0,
    minimum_cash_usd=10_000.0,
)
MONEY = st.floats(0, 1e7)
COINS = st.floats(0, 1e3)


def make(name: str):
    return policy(name, share_frac=0.75) if name == "fixed_share" else policy(name)


@pytest.mark.parametrize(
    ("name", "sold"),
    [
        ("sell_all", 2.0),  # the 60,000 that are short need 1.2 coins: the day's two are more
        ("sell_to_cover", 1.2),
        ("cash_buffer", 4.2),  # 60,000 short and 150,000 ahead
        ("fixed_share", 1.5),
        ("hold", 0.0),
    ],
)
def test_by_hand(name: str, sold: float) -> None:
    assert make(name).decide(DAY) == pytest.approx(sold)


def test_the_cost_of_a_sale_takes_more_coins() -> None:
    """60,000 USD at a cost of 4 %: 60,000 / (50,000 x 0.96)."""
    assert policy("sell_to_cover").decide(replace(DAY, sale_cost_frac=0.04)) == pytest.approx(1.25)


@given(st.sampled_from(sorted(POLICIES)), st.floats(1, 1e6), COINS, COINS, MONEY, MONEY, MONEY, MONEY)
def test_never_more_than_is_free(name, price, mined, more, cash, due, ahead, least) -> None:
    day = TreasuryDay(price, mined, mined + more, cash, due, ahead, least)
    sold = float(make(name).decide(day))
    assert 0 <= sold <= mined + more


@given(st.sampled_from(["sell_all", "sell_to_cover", "cash_buffer", "fixed_share"]), MONEY, MONEY)
def test_today_is_paid_if_the_coins_suffice(name, cash, due) -> None:
    day = replace(DAY, cash_usd=cash, due_usd=due, free_btc=1e4)
    proceeds = float(make(name).decide(day)) * 50_000
    assert cash + proceeds >= due + 10_000 - 1e-6 * (1 + due)


def test_a_block_of_paths_is_decided_at_once() -> None:
    day = replace(DAY, price_usd=np.array([50_000.0, 25_000.0, 5_000.0]))
    np.testing.assert_allclose(policy("sell_to_cover").decide(day), [1.2, 2.4, 10.0])


def test_a_board_limits_sales_and_keeps_coins() -> None:
    assert limited(4.2, DAY, most_per_day_btc=3.0) == 3.0
    assert limited(4.2, DAY, least_held_btc=7.0) == 3.0
    assert limited(4.2, DAY, least_held_btc=20.0) == 0.0


@pytest.mark.parametrize(
    ("name", "parameters", "says"),
    [
        ("sell_al", {}, "sell_all"),
        ("hold", {"share_frac": 0.5}, "no parameters"),
        ("fixed_share", {}, "share_frac is missing"),
        ("fixed_share", {"share_frac": 1.5}, "0 to 1"),
    ],
)
def test_wrong_names_and_parameters_are_named(name, parameters, says) -> None:
    with pytest.raises(InputError, match=says):
        policy(name, **parameters)
