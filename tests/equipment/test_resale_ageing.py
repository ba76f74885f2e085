"""Resale values against the quotes they were fitted on, and the shape of ageing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.compile_record import read_rows

from manometer.equipment import ASSUMED_AGEING, Ageing, lagged_hashprice, resale_days, resale_value
from manometer.errors import InputError

positive = st.floats(1, 500)


@given(hashprice=positive, rise=st.floats(0, 100), efficiency=st.floats(5, 150), worse=st.floats(0, 100))
def test_value_rises_with_hashprice_and_falls_with_energy(hashprice, rise, efficiency, worse):
    base = resale_value(lagged_hashprice_usd_per_phs_day=hashprice, efficiency_j_per_th=efficiency)
    more = resale_value(lagged_hashprice_usd_per_phs_day=hashprice + rise, efficiency_j_per_th=efficiency)
    less = resale_value(lagged_hashprice_usd_per_phs_day=hashprice, efficiency_j_per_th=efficiency + worse)
    better_rivals = resale_value(
        lagged_hashprice_usd_per_phs_day=hashprice,
        efficiency_j_per_th=efficiency,
        frontier_efficiency_j_per_th=13.5,
    )
    assert more >= base >= less
    assert better_rivals < base


def test_value_by_hand():
    value = resale_value(
        lagged_hashprice_usd_per_phs_day=[0, 100, 200], efficiency_j_per_th=30, discount_frac=0.25
    )
    assert value == pytest.approx([0, 37.9 * 0.75, 37.9 * 0.75 * 2**1.12])
    days = resale_days(lagged_hashprice_usd_per_phs_day=[0, 100], efficiency_j_per_th=30)
    assert np.isnan(days[0])
    assert days[1] == pytest.approx(379)


def test_days_are_those_of_practice_in_2022():
    """350 to 570 days of hashprice for 25 to 38 J/TH at the hashprices of 2022 (70 to 200 USD/PH/day)."""
    days = resale_days(lagged_hashprice_usd_per_phs_day=[80, 200], efficiency_j_per_th=[[25], [31]])
    assert days.min() > 340
    assert days.max() < 570


@pytest.mark.shared
def test_fit_error_on_the_quotes(shared_data: Path):
    """Regression: root mean square error of the log price up to 68 J/TH, and a flat mean error."""
    rows = read_rows(shared_data / "btc_network_daily.csv")
    rows = [r for r in rows if r["hashprice_usd_per_th_day"]]
    lagged = lagged_hashprice([1000 * float(r["hashprice_usd_per_th_day"]) for r in rows])
    first = date.fromisoformat(rows[0]["date"])
    quotes = read_rows(shared_data / "asic_price_quotes_2021_2022.csv")
    quotes = [q for q in quotes if float(q["efficiency_j_th"]) <= 68]
    model = resale_value(
        lagged_hashprice_usd_per_phs_day=[
            lagged[(date.fromisoformat(q["date"]) - first).days] for q in quotes
        ],
        efficiency_j_per_th=[float(q["efficiency_j_th"]) for q in quotes],
    )
    error = np.log([float(q["usd_per_th"]) for q in quotes]) - np.log(model)
    assert len(quotes) == 741
    assert np.sqrt(np.mean(error**2)) == pytest.approx(0.143, abs=0.003)
    assert abs(error.mean()) < 0.01


def test_lag_reads_nothing_later():
    daily = np.arange(1.0, 121.0)
    lagged = lagged_hashprice(daily)
    changed = daily.copy()
    changed[80:] = 1e6
    assert np.array_equal(lagged[:110], lagged_hashprice(changed)[:110], equal_nan=True)
    assert lagged[59] == pytest.approx(daily[:30].mean())
    assert np.isnan(lagged[:59]).all()
    assert np.isnan(lagged_hashprice([1.0, 2.0])).all()


def test_ageing_is_monotone_and_starts_at_new():
    age = np.linspace(0, 3650, 50)
    assert ASSUMED_AGEING.efficiency_factor(0) == 1
    assert ASSUMED_AGEING.hashrate_factor(0) == 1
    assert ASSUMED_AGEING.uptime_frac(0) == pytest.approx(0.97)
    assert np.all(np.diff(ASSUMED_AGEING.efficiency_factor(age)) > 0)
    assert np.all(np.diff(ASSUMED_AGEING.uptime_frac(age)) <= 0)
    assert ASSUMED_AGEING.uptime_frac(1e6) == pytest.approx(0.85)
    assert np.all(np.diff(ASSUMED_AGEING.hashrate_factor(age)) < 0)


def test_bad_input_is_refused():
    with pytest.raises(InputError):
        Ageing(uptime_new_frac=1.2)
    with pytest.raises(InputError):
        ASSUMED_AGEING.uptime_frac(-1)
    with pytest.raises(InputError):
        resale_value(lagged_hashprice_usd_per_phs_day=-1, efficiency_j_per_th=30)
    with pytest.raises(InputError):
        resale_value(lagged_hashprice_usd_per_phs_day=50, efficiency_j_per_th=0)
    with pytest.raises(InputError):
        resale_value(lagged_hashprice_usd_per_phs_day=50, efficiency_j_per_th=30, discount_frac=1.1)
    with pytest.raises(InputError):
        lagged_hashprice([1.0], window_days=0)
