"""The main reading on the packaged record: settled keys, as-of, and sums one can check."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from manometer.errors import DataError, InputError
from manometer.network.assumptions import read_assumptions
from manometer.network.curve import LAYERS
from manometer.readings.gauge import gauge
from manometer.readings.machines import MachineQuestion, machines_reading
from manometer.readings.market import machine_releases, read_market
from manometer.readings.network import network_reading
from manometer.readings.pulse import Pulse
from manometer.store import KINDS, Store, import_file, open_store

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
    assert "walk-forward" in r["method"]


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


def test_a_store_with_a_hole_is_still_read(tmp_path: Path) -> None:
    """A missing day is a gap, not the end: the reading is of the newest day that has price and difficulty."""
    file = tmp_path / "network.csv"
    header = "date,price_usd,block_count,difficulty,hashrate_24h_hs,subsidy_24h_btc,fees_24h_btc"
    columns = KINDS["network-daily"].required
    rows = [
        {
            "date": f"2025-08-{day}",
            "price_usd": "112000",
            "block_count": "144",
            "difficulty": "129699156960681",
        }
        for day in (24, 25)
    ]
    names = list(dict.fromkeys([*header.split(","), *columns]))
    lines = [",".join(names), *(",".join(r.get(n, "") for n in names) for r in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with open_store(tmp_path / "s.sqlite") as store:
        assert import_file(store, file).rows_added == 2
        data = gauge(store).data
        assert data["last_day"] == "2025-08-25"
        assert data["relief"]["change_frac"] == pytest.approx(0.00204, abs=1e-5)
        json.dumps(data, allow_nan=False)
        json.dumps(network_reading(store).data, allow_nan=False)


def test_an_imported_machine_is_known_everywhere(tmp_path: Path) -> None:
    file = tmp_path / "machines.csv"
    names = list(KINDS["machines"].required)
    row = {
        "model": "Foo X1",
        "manufacturer": "Foo",
        "category": "industrial",
        "hashrate_th": "300",
        "power_w": "3000",
        "efficiency_j_th": "10",
        "release_date": "2025-06-01",
        "confidence": "high",
    }
    names = list(dict.fromkeys([*names, *row]))
    file.write_text(",".join(names) + "\n" + ",".join(row.get(n, "") for n in names) + "\n", encoding="utf-8")
    with open_store(tmp_path / "s.sqlite") as store:
        before = read_market(store)
        assert import_file(store, file).rows_added == 1
        market = read_market(store)
        assert market.catalogue["Foo X1"].efficiency_j_per_th == 10.0
        assert len(machine_releases(market.catalogue).day) == len(machine_releases(before.catalogue).day) + 1
        early = read_market(store, int(np.datetime64("2025-05-01").astype("datetime64[s]").astype(int)))
        assert "Foo X1" not in early.catalogue
        view = machines_reading(MachineQuestion(models=("Foo X1",)), market)
        assert view.data["machines"][0]["efficiency_j_per_th"] == 10.0


def test_as_of_takes_dates_and_refuses_the_rest(packaged: Store) -> None:
    assert gauge(packaged, date(2022, 11, 9)).data["last_day"] == "2022-11-09"
    assert gauge(packaged, datetime(2022, 11, 9, 12, tzinfo=UTC)).data["last_day"] == "2022-11-08"
    with pytest.raises(InputError, match="as_of"):
        gauge(packaged, 1.5)  # type: ignore[arg-type]


def test_ages_are_measured_from_the_moment_of_asking(packaged: Store) -> None:
    end = int(np.datetime64("2025-08-23").astype("datetime64[s]").astype(int))
    assert gauge(packaged, now_s=end + 86_400 * 10).data["data_ages"]["price_usd_s"] == 86_400 * 10
    assert gauge(packaged, "2022-11-09").data["data_ages"]["price_usd_s"] == 0


def test_gross_cost_is_before_the_pool_fee(packaged: Store) -> None:
    net, gross = gauge(packaged).data, gauge(packaged, gross=True).data
    ratio = gross["cost_usd_per_btc"]["cash"]["mean"] / net["cost_usd_per_btc"]["cash"]["mean"]
    fee = next(r.value for r in reversed(read_assumptions()) if r.parameter == "pool_fee")
    assert ratio == pytest.approx(1 - fee)


def test_a_fall_that_luck_could_show_has_no_cause(packaged: Store) -> None:
    """2022-06-30: 0.2 % under the peak, with a band of several percent."""
    data = gauge(packaged, "2022-06-30").data
    assert data["hashrate_fall_causes"] == {}
