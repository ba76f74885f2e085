"""Every kind on the real files, and what the doctor says of the result."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from store_samples import NOW_S, empty

from manometer.errors import InputError
from manometer.store import KINDS, Store, doctor, import_file, open_store, parse_as_of

pytestmark = pytest.mark.shared

#: File, kind, rows (data/README.md), and the first key or day.
FILES = [
    ("btc_network_daily.csv", "network-daily", 5713, "2010-01-02"),
    ("btc_network_daily_alt.csv", "sentiment-daily", 6076, "2018-02-01"),
    ("btc_ohlcv_daily.csv", "ohlcv-daily", 3993, "2014-09-17"),
    ("difficulty_retargets.csv", "retargets", 453, 0),
    ("block_times_pools.csv.gz", "block-times", 247_183, 664_063),
    ("block_stats_samples.csv.gz", "block-stats", 56_788, 0),
    ("public_miners_monthly.csv", "companies-monthly", 61, "2022-05-31"),
    ("public_miners_quarterly.csv", "companies-quarterly", 29, "2021-09-30"),
    ("asic_specs.csv", "machines", 165, "2013-09-21"),
    ("public_miners_sec_facts.csv.gz", "sec-facts", 3522, "2021-01-20"),
    ("published_events.csv", "events", 10, "2021-12-30"),
]


@pytest.fixture(scope="module")
def full(shared_data: Path) -> Store:
    """Return a store with all shared files in it."""
    store = empty()
    for name, kind, rows, first in FILES:
        result = import_file(store, shared_data / name, now_s=NOW_S)
        assert (result.kind, result.rows_refused, result.first) == (kind, 0, first), name
        assert result.rows_added + result.rows_known == rows, name
    return store


def test_all_kinds_of_which_there_are_data_are_covered() -> None:
    assert {kind for _, kind, _, _ in FILES} == KINDS.keys() - {"power-hourly", "surveys"}


def test_nothing_is_doubled(full: Store, shared_data: Path) -> None:
    for name, _, rows, _ in FILES:
        result = import_file(full, shared_data / name, now_s=NOW_S + 1)
        assert (result.rows_added, result.rows_known) == (0, rows), name


def test_the_exchange_close_is_read_before_the_node(full: Store) -> None:
    price = full.read("price_usd")
    assert price.source == ("yahoo-close", "node")
    # Retrieved facts: the close of 2025-08-22, and the first price of all.
    assert price.value[-1] == 116_874.0859
    assert price.source_of(0) == "node"
    assert full.read("price_usd", source="node").value[-1] == 116_461.36


def test_the_two_ways_to_difficulty_agree(full: Store) -> None:
    node = full.read("difficulty", source="node")
    derived = full.read("difficulty", source="derived-from-bits")
    _, a, b = np.intersect1d(node.at, derived.at, return_indices=True)
    assert a.size > 5500
    np.testing.assert_allclose(node.value[a], derived.value[b], rtol=1e-12)


def test_fees_per_block_follow_the_subsidy_rule_away_from_halvings(full: Store, shared_data: Path) -> None:
    with (shared_data / "btc_network_daily.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["date"] > "2024-04-21"]
    series = full.read("fees_per_block_btc", first=parse_as_of("2024-04-21"))
    by_subsidy = [float(r["fees_24h_btc"]) * 3.125 / float(r["subsidy_24h_btc"]) for r in rows]
    np.testing.assert_allclose(series.value, by_subsidy, rtol=1e-9)


def test_a_filing_is_not_known_before_it_could_be(full: Store) -> None:
    variable, entity = "sec.us-gaap:AssetsCurrent", "BTBT instant iso4217:USD"
    day = parse_as_of("2024-12-31") - 86_400
    assert (
        len(full.read(variable, entity=entity, as_of_s=parse_as_of("2025-02-14"), first=day, last=day)) == 0
    )
    assert len(full.read(variable, entity=entity, first=day, last=day)) == 1


def test_the_doctor_sees_gaps_ages_and_differences(full: Store) -> None:
    report = doctor(full, NOW_S)
    assert report.integrity == "ok"
    series = {(row.name, row.entity): row for row in report.series}
    price = series["price_usd", ""]
    assert (price.first, price.last, price.gaps) == ("2010-08-16", "2025-08-22", ())
    assert price.age_s == NOW_S - parse_as_of("2025-08-22")
    fees = series["block_fees_sat", ""]
    assert (fees.n_gaps, fees.gaps[0].first, fees.gaps[0].n) == (4, 15_000, 484_999)
    found = {(row.name, row.sources): row for row in report.differences}
    # data/README.md: more than 5 % off the exchange close on 31 of 3,993 days.
    price_apart = found["price_usd", ("yahoo-close", "node")]
    assert (price_apart.count, price_apart.compared) == (31, 3993)
    assert not [row for row in report.differences if row.name in ("difficulty", "block_time_s")]


def test_real_hours_of_texas(shared_data: Path, tmp_path: Path) -> None:
    with (shared_data / "ercot_rt_hourly_hub_january_2010_2025.csv").open(encoding="utf-8") as file:
        rows = [(row["time_local_cpt"], row["hb_hubavg_usd_mwh"]) for row in csv.DictReader(file)]
    path = tmp_path / "hb_hubavg.csv"
    path.write_text("time_local,usd_per_mwh\n" + "".join(f"{a},{b}\n" for a, b in rows), encoding="utf-8")
    with empty() as store:
        assert import_file(store, path, timezone="America/Chicago", now_s=NOW_S).rows_added == 11_884
        series = store.read("power_price_usd_per_mwh", entity="hb_hubavg")
        # data/README.md: from -31.84 to 4,425 USD/MWh.
        assert [round(series.value.min(), 2), round(series.value.max())] == [-31.84, 4425]


def test_files_of_no_kind_are_refused(shared_data: Path) -> None:
    with empty() as store:
        for name in (
            "miner_stock_prices_daily.csv.gz",
            "asic_price_quotes_2021_2022.csv",
            "hashprice_published_points.csv",
            "electricity_industrial_by_country.csv",
        ):
            with pytest.raises(InputError, match="no known kind"):
                import_file(store, shared_data / name)


def test_parquet_and_csv_read_alike(shared_data: Path, tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    names = (
        "btc_network_daily.csv",
        "btc_ohlcv_daily.csv",
        "block_stats_samples.csv.gz",
        "published_events.csv",
    )
    for name in names:
        frame = polars.read_csv(shared_data / name, infer_schema_length=None, try_parse_dates=True)
        frame.write_parquet(tmp_path / "f.parquet")
        with empty() as store:
            plain = import_file(store, shared_data / name, now_s=NOW_S)
            again = import_file(store, tmp_path / "f.parquet", now_s=NOW_S)
            assert again.kind == plain.kind
            assert (again.rows_added, again.rows_known) == (0, plain.rows_added + plain.rows_known), name


def test_shared_files_add_to_the_packaged_record(shared_data: Path) -> None:
    with open_store(":memory:") as store:
        rounded = store.read("price_usd")
        result = import_file(store, shared_data / "block_times_pools.csv.gz", now_s=NOW_S)
        assert result.rows_added == 0
        import_file(store, shared_data / "btc_ohlcv_daily.csv", now_s=NOW_S)
        exact = store.read("price_usd")
        np.testing.assert_array_equal(rounded.at, exact.at)
        np.testing.assert_allclose(rounded.value, exact.value, rtol=0.01)
