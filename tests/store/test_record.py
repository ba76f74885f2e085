"""The packaged record: whole, small, consistent with itself and with the data it was compiled from."""

from __future__ import annotations

import hashlib
import itertools
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from tools.compile_record import COUNT_FIXES, FIRST_HEIGHT, RECORD, compile_record, read_rows

from manometer.store.packed import decode_block_times

DAILY = read_rows(RECORD / "daily.csv")
RETARGETS = read_rows(RECORD / "retargets.csv")
MANIFEST = json.loads((RECORD / "manifest.json").read_bytes())
SECONDS_PER_DAY = 86_400
DATES = [date.fromisoformat(r["date"]) for r in DAILY]
FIRST_DAY = (DATES[0] - date(1970, 1, 1)).days


@pytest.fixture(scope="module")
def blocks() -> tuple[np.ndarray, np.ndarray]:
    return decode_block_times((RECORD / "block_times.xz").read_bytes())


def test_manifest_matches_the_files():
    listed = {f["name"]: f for f in MANIFEST["files"]}
    shipped = {p.name for p in RECORD.iterdir() if p.name != "manifest.json"}
    assert set(listed) == shipped
    for name, entry in listed.items():
        assert hashlib.sha256((RECORD / name).read_bytes()).hexdigest() == entry["sha256"]
        assert entry["licence"]
        assert entry["provenance"]
    assert listed["daily.csv"]["rows"] == len(DAILY)
    assert listed["retargets.csv"]["rows"] == len(RETARGETS)
    assert sum(p.stat().st_size for p in RECORD.iterdir()) < 1_000_000


def test_notice_names_every_source():
    notice = (RECORD.parents[3] / "NOTICE").read_text(encoding="utf-8")
    for repository in ("SecretSatoshis", "jonsflow", "spesmilo", "bitcoinj", "sorukumar", "dektox", "mattk8"):
        assert repository in notice


def test_days_are_in_order_without_a_gap():
    assert (DATES[0], DATES[-1]) == (date(2010, 1, 2), date(2025, 8, 22))
    assert all(b - a == timedelta(days=1) for a, b in itertools.pairwise(DATES))


def test_prices():
    priced = [r for r in DAILY if r["price_usd"]]
    assert priced[0]["date"] == "2010-08-16"
    assert len(priced) == (DATES[-1] - date(2010, 8, 16)).days + 1
    for row in priced:
        assert float(row["price_usd"]) > 0
        assert row["price_source"] == ("yahoo-close" if row["date"] >= "2014-09-17" else "node")
    assert all(r["price_usd"].isdigit() for r in priced if r["price_source"] == "yahoo-close")


def test_block_counts_put_every_epoch_on_its_day(blocks):
    """Cumulated counts from height 32,621 on 2010-01-02; header times may step back a block at midnight."""
    starts = np.concatenate(
        [[FIRST_HEIGHT], FIRST_HEIGHT + np.cumsum([int(r["block_count"]) for r in DAILY])]
    )
    assert starts[-1] == blocks[0][-1] + 1
    checked = 0
    for row in RETARGETS:
        day = int(row["start_time_s"]) // SECONDS_PER_DAY - FIRST_DAY
        if day >= 0:
            assert starts[day] - 1 <= int(row["start_height"]) <= starts[day + 1]
            checked += 1
    assert checked > 430


def test_halvings_fall_on_their_days():
    """Heights 210,000, 420,000, 630,000 and 840,000."""
    starts = dict(
        zip(DATES, FIRST_HEIGHT + np.cumsum([0] + [int(r["block_count"]) for r in DAILY[:-1]]), strict=True)
    )
    for height, day in [
        (210_000, date(2012, 11, 28)),
        (420_000, date(2016, 7, 9)),
        (630_000, date(2020, 5, 11)),
        (840_000, date(2024, 4, 20)),
    ]:
        assert starts[day] <= height < starts[day + timedelta(days=1)]


def test_block_counts_agree_with_header_times(blocks):
    _, times = blocks
    counts = np.bincount(times // SECONDS_PER_DAY - FIRST_DAY, minlength=len(DAILY))
    for index in range(len(DAILY) - 1, -1, -1):
        if DAILY[index]["block_count_source"] != "headers":
            break
        assert int(DAILY[index]["block_count"]) == counts[index]
    assert DATES[index] == date(2021, 1, 2)


def test_count_fixes_are_listed():
    rows = {r["date"]: r for r in DAILY}
    for day, fix in COUNT_FIXES.items():
        assert (int(rows[day]["block_count"]), rows[day]["block_count_source"]) == (fix.count, fix.source)
        assert any(day in text for text in MANIFEST["fixes"])


def test_fees_are_known_from_2011_on():
    fees = [r["date"] for r in DAILY if r["fees_per_block_btc"]]
    assert fees[0] == "2011-03-01"
    assert len(fees) == (DATES[-1] - date(2011, 3, 1)).days + 1
    assert all(0 <= float(r["fees_per_block_btc"]) < 50 for r in DAILY if r["fees_per_block_btc"])


def test_retargets_are_in_order_and_agree_with_header_times(blocks):
    heights, times = blocks
    assert [int(r["start_height"]) for r in RETARGETS] == [2016 * k for k in range(len(RETARGETS))]
    assert RETARGETS[0]["bits"] == "0x1d00ffff"
    for row in RETARGETS:
        index = int(row["start_height"]) - int(heights[0])
        if index >= 0:
            assert int(row["start_time_s"]) == times[index]


@pytest.mark.shared
def test_recompiling_gives_the_same_bytes(shared_data: Path):
    for name, content in compile_record(shared_data).items():
        assert content == (RECORD / name).read_bytes(), name


@pytest.mark.shared
def test_fees_agree_with_full_node_blocks(shared_data: Path):
    """Mean fee of the same window from block statistics within 0.1 %; of the calendar day 2 % at p95."""
    stats = read_rows(shared_data / "block_stats_samples.csv.gz")
    height = np.array([int(r["height"]) for r in stats])
    day = np.array([int(r["time_unix"]) for r in stats]) // SECONDS_PER_DAY
    fee = np.array([int(r["totalfee_sat"]) for r in stats]) / 1e8
    source = {r["date"]: r for r in read_rows(shared_data / "btc_network_daily.csv")}
    same_window, calendar = [], []
    for row in DAILY:
        k = (date.fromisoformat(row["date"]) - date(1970, 1, 1)).days
        here = np.flatnonzero(day == k)
        if not row["fees_per_block_btc"] or here.size < int(row["block_count"]):
            continue
        raw = source[row["date"]]
        n = round(float(raw["hashrate_24h_hs"]) * 86_400 / (float(raw["difficulty"]) * 2**32))
        window = slice(here[-1] - n + 1, here[-1] + 1)
        if here[-1] - n + 1 < 0 or height[here[-1]] - height[window][0] != n - 1:
            continue
        value = float(row["fees_per_block_btc"])
        same_window.append(abs(value / fee[window].mean() - 1))
        calendar.append(abs(value / fee[here].mean() - 1))
    assert len(same_window) > 270
    assert max(same_window) < 1e-3
    assert np.quantile(calendar, 0.95) < 0.02
