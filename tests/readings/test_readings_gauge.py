"""The main reading on the packaged record: settled keys, as-of, and sums one can check."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from manometer.errors import DataError, InputError
from manometer.network.curve import LAYERS
from manometer.readings.gauge import gauge
from manometer.readings.network import network_reading
from manometer.readings.pulse import Pulse
from manometer.store import Store

SETTLED = {
    "as_of_utc": None,
    "price_usd": None,
    "price_utc": None,
    "difficulty": None,
    "hashprice_usd_per_phs_day": None,
    "network_hashrate_ehs": None,
    "pressure": None,
    "state": None,
    "components": {
        "revenue",
        "time_under_cost",
        "out_of_the_money",
        "hashrate_drawdown",
        "selling",
        "balance_sheet",
    },
    "parts_missing": None,
    "lamps": {"revenue", "efficiency", "power_cost", "balance_sheet"},
    "cost_usd_per_btc": set(LAYERS),
    "price_to_cost_gap_frac": set(LAYERS),
    "price_to_cost": set(LAYERS),
    "underwater_frac": set(LAYERS),
    "underwater": {"hashrate_frac", "operators_frac"},
    "sector_loss_usd_per_day": set(LAYERS),
    "idle_frac": None,
    "dislocation": None,
    "hashrate_fall_causes": None,
    "hashrate_drawdown_frac": None,
    "hash_ribbon": {"ratio", "noise_sd", "state"},
    "next_retarget": {"change_frac", "p05", "p95", "eta_utc", "progress_frac", "method"},
    "relief": {"hashprice_delta_usd_per_phs_day", "price_equivalent_frac", "gap_closed_frac"},
    "block_interval_s": None,
    "change": {"day", "month", "year"},
    "data_ages": None,
}


def test_settled_keys_are_there_and_json_is_strict(packaged: Store) -> None:
    data = gauge(packaged).data
    for key, inner in SETTLED.items():
        assert key in data, key
        if inner:
            assert inner <= set(data[key]), key
    for layer in LAYERS:
        assert set(data["cost_usd_per_btc"][layer]) == {
            "mean",
            "median",
            "p10",
            "p90",
            "band_p05",
            "band_p95",
        }
    json.dumps(data, allow_nan=False)


@pytest.mark.parametrize(
    "day", ["2011-08-16", "2012-11-28", "2014-12-25", "2018-12-05", "2020-05-12", "2024-04-20"]
)
def test_a_past_day_reads_the_same_as_its_row_of_the_history(packaged: Store, pulse: Pulse, day: str) -> None:
    """No look-ahead through the whole reading: asked as of a day, the store gives what the history has."""
    data = gauge(packaged, day).data
    k = int(np.flatnonzero(pulse.market.inputs.day == np.datetime64(day).astype(np.int64))[0])
    assert data["last_day"] == day
    assert data["state"] == pulse.states.state[k]
    assert data["dislocation"] == pulse.dislocation[k]
    for key, series in {
        "pressure": pulse.pressure,
        "hashprice_usd_per_phs_day": pulse.market.inputs.hashprice_usd_per_phs_day,
        "network_hashrate_ehs": pulse.nowcast.mean_ehs,
        "hashrate_drawdown_frac": pulse.hashrate_drawdown,
    }.items():
        assert data[key] == pytest.approx(series[k], rel=1e-12), key
    for layer in LAYERS:
        assert data["underwater_frac"][layer] == pulse.rows[f"underwater_{layer}"][k]


def test_halvings_fall_on_their_days(pulse: Pulse) -> None:
    x = pulse.market.inputs
    k = np.flatnonzero(np.diff(x.subsidy_btc)) + 1
    days = [str(np.datetime64(int(d), "D")) for d in x.day[k]]
    assert days == ["2012-11-28", "2016-07-09", "2020-05-11", "2024-04-20"]


def test_hashprice_is_the_formula_by_hand(pulse: Pulse) -> None:
    """2025-08-20: (3.125 + fees) x 86,400e15 / (D x 2^32) x price."""
    x = pulse.market.inputs
    k = int(np.flatnonzero(x.day == np.datetime64("2025-08-20").astype(np.int64))[0])
    by_hand = (3.125 + x.fees_btc[k]) * 86_400e15 / (x.difficulty[k] * 2**32) * x.price_usd[k]
    assert x.hashprice_usd_per_phs_day[k] == pytest.approx(by_hand, rel=1e-12)


def test_cost_per_bitcoin_is_breakeven_over_hashvalue(pulse: Pulse) -> None:
    """At the price that equals mean cost, hashprice equals the mean break-even."""
    cost = pulse.cost_usd_per_btc("mean_cash")[-1]
    assert cost * pulse.hashvalue_btc_per_phs_day[-1] == pytest.approx(pulse.rows["mean_cash"][-1], rel=1e-12)


def test_an_instant_inside_a_day_does_not_see_that_day(packaged: Store) -> None:
    assert gauge(packaged, "2022-11-09T12:00:00Z").data["last_day"] == "2022-11-08"
    assert gauge(packaged, "2022-11-09").data["last_day"] == "2022-11-09"


def test_before_the_first_price_there_is_no_reading(packaged: Store) -> None:
    with pytest.raises(DataError, match="first price is of 2010-08-16"):
        gauge(packaged, "2010-08-01")


@pytest.mark.parametrize("bad", ["yesterday", "2022-13-01", "22-01-01", "", "2022-02-30"])
def test_a_date_that_is_none_gets_one_line(packaged: Store, bad: str) -> None:
    with pytest.raises(InputError) as error:
        gauge(packaged, bad)
    assert "\n" not in str(error.value)


def test_pressure_has_its_market_parts_and_says_what_is_missing(packaged: Store) -> None:
    data = gauge(packaged).data
    assert data["parts_missing"] == ["selling", "balance_sheet"]
    assert 0 <= data["pressure"] <= 100
    assert all(v is None or 0 < v < 1 for v in data["components"].values())


def test_a_ban_is_a_dislocation_with_its_cause(packaged: Store) -> None:
    data = gauge(packaged, "2021-06-25").data
    assert data["dislocation"] is True
    assert data["state"] not in ("stress", "capitulation")
    assert data["hashrate_fall_event"] == "China bans mining"
    shares = {k: v["central"] for k, v in data["hashrate_fall_causes"].items()}
    assert max(shares, key=lambda k: shares[k]) == "policy"
    assert math.isclose(sum(shares.values()), 1.0)


def test_relief_of_the_last_retarget_adds_up(packaged: Store) -> None:
    """2022-07-21: difficulty fell 5.01 %, so hashprice rose by 1/(1 - 0.0501) - 1."""
    relief = gauge(packaged, "2022-07-22").data["relief"]
    assert relief["change_frac"] == pytest.approx(-0.0501, abs=2e-4)
    assert relief["price_equivalent_frac"] == pytest.approx(1 / (1 + relief["change_frac"]) - 1)
    assert relief["hashprice_delta_usd_per_phs_day"] > 0


def test_next_retarget_comes_from_block_times(packaged: Store) -> None:
    """2024-07-04: the retarget of 2024-07-05 was -5.0 %."""
    r = gauge(packaged, "2024-07-04").data["next_retarget"]
    assert r["progress_frac"] > 0.9
    assert r["change_frac"] == pytest.approx(-0.05, abs=0.01)
    assert r["p05"] < r["change_frac"] < r["p95"]
    assert r["eta_utc"].startswith("2024-07-0")
    assert "2,015" in r["method"]


def test_next_retarget_before_block_times_uses_daily_counts(packaged: Store) -> None:
    """2018-12-17, a day before a retarget of -9.6 %."""
    r = gauge(packaged, "2018-12-17").data["next_retarget"]
    assert r["change_frac"] == pytest.approx(-0.096, abs=0.03)
    assert 0.9 < r["progress_frac"] <= 1


def test_network_at_a_supposed_price(packaged: Store) -> None:
    low = network_reading(packaged, "2024-06-30", price_usd=40_000).data
    high = network_reading(packaged, "2024-06-30", price_usd=90_000).data
    for layer in LAYERS:
        assert low["underwater_frac"][layer] >= high["underwater_frac"][layer]
    assert low["equilibrium"]["hashrate_ehs"] < high["equilibrium"]["hashrate_ehs"]
    # with hashrate gone, those who stay earn more than at fixed hashrate
    assert low["equilibrium"]["hashprice_usd_per_phs_day"] > low["partial"]["hashprice_usd_per_phs_day"]
    assert low["next_to_go"]
    assert {"model", "hashrate_ehs", "breakeven_hashprice_usd_per_phs_day"} <= set(low["next_to_go"][0])
    assert all({"model", "ehs", "needs"} <= set(r) for r in low["next_to_return"])
    json.dumps(low, allow_nan=False)


def test_price_and_hashprice_are_two_ways_to_say_one_thing(packaged: Store) -> None:
    by_price = network_reading(packaged, "2024-06-30", price_usd=50_000).data
    level = by_price["partial"]["hashprice_usd_per_phs_day"]
    by_level = network_reading(packaged, "2024-06-30", hashprice_usd_per_phs_day=level).data
    assert by_level["partial"]["price_usd"] == pytest.approx(50_000)
    with pytest.raises(InputError, match="not both"):
        network_reading(packaged, price_usd=1.0, hashprice_usd_per_phs_day=1.0)
    for bad in (-1.0, 0.0, math.nan, math.inf):
        with pytest.raises(InputError):
            network_reading(packaged, price_usd=bad)


def test_stress_map_adds_up(packaged: Store) -> None:
    data = network_reading(packaged, "2022-12-15").data
    groups = data["stress_map"]
    for split in ("by_region", "by_supply_class"):
        assert sum(g["share_frac"] for g in groups[split].values()) == pytest.approx(1.0, abs=1e-6)
        mean = sum(g["share_frac"] * g["underwater_frac"] for g in groups[split].values())
        assert mean == pytest.approx(data["underwater_frac"]["cash"], abs=1e-6)
