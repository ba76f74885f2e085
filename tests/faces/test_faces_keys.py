"""The settled JSON keys of each command, and that nothing else goes to stdout."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

LAYERS = {"electricity", "direct", "cash", "all_in"}
COST = {"mean", "median", "p10", "p90", "band_p05", "band_p95"}
GAUGE = {
    "as_of_utc",
    "price_usd",
    "difficulty",
    "hashprice_usd_per_phs_day",
    "network_hashrate_ehs",
    "pressure",
    "state",
    "components",
    "lamps",
    "cost_usd_per_btc",
    "price_to_cost_gap_frac",
    "underwater_frac",
    "idle_frac",
    "dislocation",
    "hashrate_drawdown_frac",
    "hash_ribbon",
    "next_retarget",
    "data_ages",
    "price_utc",
    "price_to_cost",
    "underwater",
    "sector_loss_usd_per_day",
    "relief",
    "block_interval_s",
    "change",
    "parts_missing",
    "hashrate_fall_causes",
}
MACHINE = {
    "model",
    "efficiency_j_per_th",
    "hashcost_usd_per_phs_day",
    "margin_usd_per_phs_day",
    "breakeven_power_price_usd_per_mwh",
    "breakeven_hashprice_usd_per_phs_day",
    "breakeven_price_usd",
    "daily_profit_usd",
    "mode",
}


def numbers_in(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [n for v in value.values() for n in numbers_in(v)]
    if isinstance(value, list):
        return [n for v in value for n in numbers_in(v)]
    return [value] if isinstance(value, float) else []


def test_gauge_has_the_settled_keys_and_no_nan(cli: Any) -> None:
    ran = cli("gauge", "--json")
    d = ran.data
    assert (ran.code, ran.err) == (0, "")
    assert d.keys() >= GAUGE
    assert set(d["cost_usd_per_btc"]) == LAYERS
    assert all(set(row) == COST for row in d["cost_usd_per_btc"].values())
    assert d["lamps"].keys() == {"revenue", "efficiency", "power_cost", "balance_sheet"}
    assert set(d["lamps"].values()) <= {"green", "red", "grey"}
    assert d["next_retarget"].keys() >= {"change_frac", "p05", "p95", "eta_utc", "progress_frac"}
    assert d["hash_ribbon"].keys() >= {"ratio", "noise_sd", "state"}
    assert all(math.isfinite(n) for n in numbers_in(d))


def test_gross_costs_are_the_net_ones_less_the_pool_fee(cli: Any) -> None:
    asked = ("gauge", "--json", "--as-of", "2022-11-20")
    net, gross = (cli(*asked, *more).data["cost_usd_per_btc"] for more in ((), ("--gross",)))
    ratios = {gross[k][s] / net[k][s] for k in LAYERS for s in COST}
    assert max(ratios) == pytest.approx(min(ratios))
    assert 0.95 < max(ratios) < 1


def test_gauge_as_of_a_date_reads_the_end_of_that_day(cli: Any) -> None:
    assert cli("gauge", "--json", "--as-of", "2014-03-01").data["as_of_utc"] == "2014-03-02T00:00:00Z"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        # 86,400e15 / (1e14 x 2^32) x 3.125 x 100,000: worked by hand in the docstring of economics.hashprice
        (("--price-usd", "100000", "--difficulty", "1e14", "--subsidy-btc", "3.125"), 62.864),
        (("--price-usd", "100,000", "--difficulty", "1e14", "--height", "840000"), 62.864),
        (("--price-usd", "1e5", "--hashrate-ehs", "900", "--subsidy-btc", "3.125"), 50.0),
        (("--price-usd", "1e5", "--hashrate-ehs", "900 EH/s", "--height", "840000"), 50.0),
        (
            ("--price-usd", "1e5", "--difficulty", "1e14", "--height", "840000", "--fees-btc", "3.125"),
            125.729,
        ),
    ],
)
def test_hashprice_of_what_is_given(cli: Any, arguments: tuple[str, ...], expected: float) -> None:
    d = cli("hashprice", *arguments, "--json").data
    assert d["hashprice_usd_per_phs_day"] == pytest.approx(expected, abs=5e-4)
    assert d["hashvalue_btc_per_phs_day"] == pytest.approx(expected / 1e5, rel=1e-4)
    assert d["convention"] == "difficulty"


def test_hashprice_of_what_is_given_opens_no_store(cli: Any, tmp_path: Path) -> None:
    store = tmp_path / "none.sqlite"
    assert cli("hashprice", "--price-usd", "1", "--difficulty", "1", "--height", "0", store=store).code == 0
    assert not store.exists()


def test_hashprice_says_where_each_input_came_from(cli: Any) -> None:
    ran = cli("hashprice", "--price-usd", "50000")
    assert "store, 2025-08-22" in ran.out
    assert "given" in ran.out
    d = cli("hashprice", "--json").data
    assert d["hashprice_usd_per_phs_day"] == pytest.approx(d["price_usd"] * d["hashvalue_btc_per_phs_day"])


@pytest.mark.parametrize("convention", ["revenue_over_hashrate", "blocks144_over_hashrate"])
def test_hashprice_conventions_agree_within_block_luck(cli: Any, convention: str) -> None:
    by_difficulty = cli("hashprice", "--json").data["hashprice_usd_per_phs_day"]
    d = cli("hashprice", "--json", "--convention", convention).data
    assert d["convention"] == convention
    assert d["hashprice_usd_per_phs_day"] == pytest.approx(by_difficulty, rel=0.25)


def test_exact_hashes_per_difficulty_pay_a_little_less(cli: Any) -> None:
    given = ("hashprice", "--price-usd", "1e5", "--difficulty", "1e14", "--height", "840000", "--json")
    customary, exact = (
        cli(*given, "--hashes-per-difficulty", v).data["hashprice_usd_per_phs_day"] for v in ("2^32", "exact")
    )
    assert exact / customary == pytest.approx(65535 / 65536, rel=1e-9)


def test_machines_have_the_settled_keys(cli: Any) -> None:
    d = cli("machines", "--json").data
    assert d["machines"]
    assert all(row.keys() >= MACHINE for row in d["machines"])
    assert d["power_price_from"] == "default"
    assert {row["category"] for row in d["machines"]} == {"industrial"}


def test_a_machine_by_hand(cli: Any) -> None:
    d = cli("machines", "--model", "s21", "--hashprice", "50", "--power-price", "5 c/kWh", "--json").data
    (row,) = d["machines"]
    # 17.5 J/TH x 50 USD/MWh x 0.024 = 21.00; 200 TH/s earn 0.2 x (50 - 21) = 5.80 a day
    assert row["model"] == "Antminer S21"
    assert row["hashcost_usd_per_phs_day"] == pytest.approx(21.0)
    assert row["margin_usd_per_phs_day"] == pytest.approx(29.0)
    assert row["daily_profit_usd"] == pytest.approx(5.8)
    assert row["breakeven_hashprice_usd_per_phs_day"] == pytest.approx(21.0)
    assert row["breakeven_power_price_usd_per_mwh"] == pytest.approx(50 / (17.5 * 0.024))
    assert row["mode"] == "nameplate"


def test_tuned_never_leaves_less_and_goes_off_rather_than_lose(cli: Any) -> None:
    asked = ("machines", "--hashprice", "30", "--power-price", "55 USD/MWh", "--json")
    plain, tuned = (
        {r["model"]: r for r in cli(*asked, *extra).data["machines"]} for extra in ((), ("--tuned",))
    )
    known = [m for m, r in plain.items() if r["daily_profit_usd"] is not None]
    assert all(tuned[m]["daily_profit_usd"] >= max(plain[m]["daily_profit_usd"], 0) - 1e-9 for m in known)
    assert {r["mode"] for r in tuned.values()} > {"off"}


def test_only_machines_on_sale_by_the_day(cli: Any) -> None:
    rows = cli("machines", "--json", "--all", "--as-of", "2016-07-09").data["machines"]
    assert rows
    assert max(r["release_date"] for r in rows) <= "2016-07-09"


def test_network_has_the_settled_keys(cli: Any) -> None:
    d = cli("network", "--json").data
    assert d.keys() >= {"as_of_utc", "efficiency_j_per_th", "cost_usd_per_btc", "underwater_frac", "partial"}
    assert d["hashrate_ehs"].keys() == {"mean", "p05", "p95"}
    names = {"price_usd", "hashrate_ehs", "difficulty", "hashprice_usd_per_phs_day"}
    assert d["equilibrium"].keys() >= names
    for row in d["next_to_go"]:
        assert row.keys() >= {"model", "hashrate_ehs", "breakeven_hashprice_usd_per_phs_day"}


def test_network_at_a_supposed_price_is_the_same_as_at_its_hashprice(cli: Any) -> None:
    day = ("network", "--json", "--as-of", "2014-03-01")
    by_price = cli(*day, "--price-usd", "300").data
    level = by_price["partial"]["hashprice_usd_per_phs_day"]
    by_level = cli(*day, "--hashprice", repr(level)).data
    assert by_level["underwater_frac"] == pytest.approx(by_price["underwater_frac"])


def test_doctor_has_the_settled_keys(cli: Any) -> None:
    d = cli("doctor", "--json").data
    assert d.keys() >= {"store", "path", "schema_version", "series"}
    assert all(row.keys() >= {"name", "rows", "first", "last", "age_s", "gaps"} for row in d["series"])


@pytest.mark.parametrize("command", ["gauge", "machines", "network", "doctor"])
def test_csv_has_a_column_per_key(cli: Any, command: str, tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    assert cli(command, "--csv", str(target)).code == 0
    header = target.read_text().splitlines()[0].split(",")
    wanted = {"gauge": "pressure", "machines": "model", "network": "model", "doctor": "name"}[command]
    assert wanted in header
