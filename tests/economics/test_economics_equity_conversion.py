"""Shares and AI as sources and uses: by hand, and the laws that hold for all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from manometer.economics.conversion import ai_net_btc, ai_operating_cash, critical_it_mw, mining_forgone
from manometer.economics.equity import (
    equity_accretion,
    equity_capacity_shares,
    equity_proceeds,
    net_btc,
)
from manometer.errors import InputError

AMOUNT = st.floats(1, 1e6)


@given(AMOUNT, AMOUNT, AMOUNT, st.floats(0.1, 10), st.floats(1e3, 1e6))
def test_shares_sold_above_their_assets_add_and_below_take(net, shares, new, multiple, price) -> None:
    """The sign of accretion is that of (issue price / net assets per share - 1)."""
    assume(abs(multiple - 1) > 1e-6)
    assets_usd = net * price / shares
    got = equity_accretion(
        net_btc=net, shares=shares, new_shares=new, proceeds_usd=new * assets_usd * multiple, price_usd=price
    )
    assert np.sign(got) == np.sign(multiple - 1) or abs(got) < 1e-9


def test_a_discount_and_a_fee_can_turn_accretion_round() -> None:
    """Shares at 1.05 of net assets, sold 3 % under the market with a fee of 3 %: 0.988 of net assets."""
    cash = equity_proceeds(shares=1e6, share_price_usd=10.5, discount_frac=0.03, fee_frac=0.03)
    terms = {"net_btc": 1_000, "shares": 1e7, "new_shares": 1e6, "price_usd": 1e5}
    assert cash == pytest.approx(9_879_450)
    assert equity_accretion(proceeds_usd=cash, **terms) < 0 < equity_accretion(proceeds_usd=10.5e6, **terms)


def test_net_bitcoin_is_negative_where_more_is_owed_than_owned() -> None:
    assert net_btc(coins_btc=100, cash_usd=0, debt_usd=2e7, price_usd=1e5) == -100
    with pytest.raises(InputError, match="net_btc"):
        equity_accretion(net_btc=-100, shares=1, new_shares=1, proceeds_usd=1, price_usd=1e5)


def test_the_market_takes_no_more_than_its_share() -> None:
    got = equity_capacity_shares(volume_shares_per_day=[20e6, 1e6], volume_frac=0.15, days=21)
    np.testing.assert_allclose(got, [63e6, 3.15e6])


def test_rent_comes_after_the_building_and_ramps() -> None:
    """10,000 kW x 100 USD x 0.85 = 850,000 a month; a ramp of 3 months; +3 % after a year."""
    terms = {"it_mw": 10, "rent_usd_per_kw_month": 100, "site_margin_frac": 0.85}
    got = ai_operating_cash(
        months_since_first_rent=[-1, 0, 1, 2, 3, 12], ramp_months=3, escalator_frac_per_year=0.03, **terms
    )
    np.testing.assert_allclose(got, [0, 212_500, 425_000, 637_500, 850_000, 875_500])


def test_colocation_of_the_published_size() -> None:
    """200 MW of critical IT on 250 gross at 1.85 MUSD per MW-year: 370 MUSD of rent, 85 % of it."""
    mw = critical_it_mw(gross_mw=250, it_frac=0.8)
    month = ai_operating_cash(
        it_mw=mw, rent_usd_per_kw_month=1_850 / 12, site_margin_frac=0.85, months_since_first_rent=0
    )
    assert 12 * month == pytest.approx(0.85 * 370e6)


def test_ai_is_a_use_of_coins_until_it_pays() -> None:
    got = ai_net_btc(
        operating_cash_usd=[0, 3e6],
        capex_usd=[50e6, 0],
        raised_usd=[30e6, 0],
        debt_service_usd=[0, 1e6],
        price_usd=1e5,
    )
    np.testing.assert_allclose(got, [-200, 20])


@given(st.floats(0, 500), st.floats(0, 200), st.floats(5, 100), st.floats(-50, 300), st.floats(1, 2))
def test_mining_forgone_is_never_below_nothing(mw, level, efficiency, power, overhead) -> None:
    got = mining_forgone(
        gross_mw=mw,
        hashprice_usd_per_phs_day=level,
        efficiency_j_per_th=efficiency,
        power_price_usd_per_mwh=power,
        overhead=overhead,
    )
    assert got >= 0
    more = mining_forgone(
        gross_mw=mw,
        hashprice_usd_per_phs_day=level + 1,
        efficiency_j_per_th=efficiency,
        power_price_usd_per_mwh=power,
        overhead=overhead,
    )
    assert more >= got
