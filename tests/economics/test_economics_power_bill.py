"""Power bills: a month by hand, and the laws each term keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manometer.economics.power_bill import (
    coincident_peak_saving,
    demand_charge,
    hosting_bill,
    power_resale_credit,
    take_or_pay_bill,
)

ENERGY, SHARE, PRICE = st.floats(0, 1e6), st.floats(0, 1), st.floats(0, 500)


@given(ENERGY, ENERGY, SHARE, PRICE)
def test_rest_below_the_minimum_take_saves_nothing(used, contracted, least, rate) -> None:
    terms = {"contracted_mwh": contracted, "minimum_take_frac": least, "rate_usd_per_mwh": rate}
    bill = take_or_pay_bill(used_mwh=used, **terms)
    assert bill >= take_or_pay_bill(used_mwh=0, **terms)
    if used <= least * contracted:
        assert bill == take_or_pay_bill(used_mwh=0, **terms)


@given(ENERGY, PRICE, st.floats(0, 1e8), SHARE)
def test_a_host_takes_no_share_of_a_loss_and_never_all_of_the_revenue(used, rate, revenue, share) -> None:
    terms = {"used_mwh": used, "contracted_mwh": used, "minimum_take_frac": 1, "rate_usd_per_mwh": rate}
    energy = hosting_bill(**terms)
    bill = hosting_bill(revenue_usd=revenue, profit_share_frac=share, **terms)
    assert energy <= bill <= max(energy, revenue) * (1 + 1e-12)


def test_a_curtailed_day_by_hand() -> None:
    """10 MW fixed at 30 USD/MWh, four hours sold back at 400: the bill stays 7,200, the credit is 16,000."""
    bill = take_or_pay_bill(used_mwh=200, contracted_mwh=240, minimum_take_frac=1, rate_usd_per_mwh=30)
    credit = power_resale_credit(resold_mwh=10, spot_usd_per_mwh=np.full(4, 400.0)).sum()
    assert (bill, credit) == (7_200, 16_000)


def test_nothing_is_sold_back_under_its_cost() -> None:
    got = power_resale_credit(resold_mwh=1, spot_usd_per_mwh=[5, 2, -30], resale_cost_usd_per_mwh=3)
    np.testing.assert_array_equal(got, [2, 0, 0])


def test_a_peak_avoided_is_saved_next_year_in_twelfths() -> None:
    month = coincident_peak_saving(mean_load_mw=100, peak_load_mw=0, rate_usd_per_mw_year=60_000)
    assert 12 * month == pytest.approx(6e6)
    assert coincident_peak_saving(mean_load_mw=50, peak_load_mw=80, rate_usd_per_mw_year=60_000) == 0


def test_the_demand_charge_is_of_the_peak() -> None:
    assert demand_charge(peak_mw=[1, 2], rate_usd_per_kw_month=10).tolist() == [10_000, 20_000]
