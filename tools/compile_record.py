"""Compile the packaged record from the development data: ``python -m tools.compile_record DATA_DIR``.

Single facts only, each from a named source (see NOTICE): a day's price rounded to the dollar, a block count,
a fee mean, a retarget, header times. Same input, same bytes. Every fix to the input is in the manifest.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from manometer.store.packed import encode_block_times

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "src" / "manometer" / "store" / "record"
FIRST_DAY = date(2010, 1, 2)
FIRST_PRICE = "2010-08-16"
#: First height whose header time is on `FIRST_DAY`: 32,620 subsidies counted by then, and the genesis block.
FIRST_HEIGHT = 32_621
MAX_BYTES = 1_000_000
HASHES_PER_DIFFICULTY = 2**32
SECONDS_PER_DAY = 86_400
DAILY_COLUMNS = [
    "date",
    "price_usd",
    "price_source",
    "block_count",
    "block_count_source",
    "fees_per_block_btc",
]

NODE = (
    "SecretSatoshis/Bitcoin-Chart-Library Charts/*.html @ b8bcbe20c06a71aa6699007dc6a583b0f3d5d917 and "
    "SecretSatoshis/Bitcoin-Report-Library csv/*.csv @ a4df65dbbc4f803412ad4c3fd6d7db88a1e1d0c4 (GPL-3.0)"
)
CLOSE = "jonsflow/risk-model data/btc.csv @ f6b08eb221200c4f995e39816c9d5119d165119e (licence: none stated)"
TARGETS = (
    "spesmilo/electrum electrum/chains/mainnet/checkpoints.json @ 923578010e56243ee85b3965604d6ad6974d8f33 "
    "(MIT); bitcoinj/bitcoinj core/src/main/resources/org.bitcoin.production.checkpoints.txt @ "
    "13e137ec1deefbc709d7a958906c56d89c084ba8 (Apache-2.0)"
)
TIMES = (
    "sorukumar/bitcoin-mining-pools dashboard/data/blocks_post_2021.parquet @ "
    "ca5ba7844dcec868ed2f87e106900fd579eda582 (BSD-2-Clause)"
)


@dataclass(frozen=True)
class CountFix:
    """A calendar-day block count that the supply difference gets wrong or cannot give."""

    count: int
    source: str
    why: str


COUNT_FIXES: dict[str, CountFix] = {
    "2010-11-14": CountFix(
        256, "supply_diff_fixed", "block 91842 repeats an earlier coinbase (BIP 30) and adds no supply: +1"
    ),
    "2010-11-15": CountFix(
        200, "supply_diff_fixed", "block 91880 repeats an earlier coinbase (BIP 30) and adds no supply: +1"
    ),
    "2012-11-28": CountFix(
        172,
        "reconstructed",
        "halving day: height 209,887 at its start from cumulated counts, so 113 blocks of 50 BTC; supply "
        "grew 7,125 BTC, so 59 blocks of 25 BTC",
    ),
    "2016-07-09": CountFix(
        149,
        "reconstructed",
        "halving day: height 419,899 at its start, so 101 blocks of 25 BTC; supply grew 3,125 BTC, so 48 of "
        "12.5 BTC; blockchain.com's hashrate of the day implies 149 too",
    ),
    "2017-12-30": CountFix(
        147, "supply_diff_fixed", "block 501726 claimed no subsidy; block headers of the day show 147: +1"
    ),
    "2018-06-08": CountFix(
        145,
        "supply_diff_fixed",
        "a block claimed half its subsidy; blockchain.com's hashrate of the day implies 145: +1",
    ),
    "2020-05-11": CountFix(
        157,
        "reconstructed",
        "halving day: height 629,867 at its start, so 133 blocks of 12.5 BTC; supply grew 1,812.5 BTC, so "
        "24 of 6.25 BTC; blockchain.com's hashrate of the day implies 157 too",
    ),
}

FIXES = [
    (
        "price_usd: the exchange close (rounded to the dollar) from 2014-09-17, because the node price "
        "differs from it by more than 5 % on 31 days; before that the node price to 4 significant digits, "
        "blank before 2010-08-16. Node prices before 2014-09-17 were tested for spikes that reverse the "
        "next day (over 12 % both ways, over 30 % from the median of 7 days, over 13 % from the mean of two"
        " days' block-weighted prices): 19 days were flagged, none could be shown wrong, none is blank. "
        "From 2014-09-17 the node is over 5 % off on 0.8 % of days; expect about as much before."
    ),
    ("block_count: the calendar-day count, not the rolling 24 h window, which holds 1.00 block too many."),
    (
        "fees_per_block_btc: fees_24h_btc over the blocks of that same window, hashrate_24h_hs x 86400 / "
        "(difficulty x 2^32) rounded to an integer; blank before 2011-03-01. The other way, by subsidy_24h "
        "/ subsidy, fails on halving days (2012-11-28, 2016-07-09, 2020-05-11, 2024-04-20) and where a "
        "block claimed less than its subsidy (2017-12-30, 2018-06-08)."
    ),
    (
        "difficulty and subsidy are not in the daily file: both follow exactly from retargets.csv and the "
        "height."
    ),
]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file, gzipped or not."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def significant(value: float, digits: int) -> str:
    """Return `value` rounded to significant digits, as plain decimal text."""
    text = f"{value:.{digits}g}"
    return f"{float(text):.0f}" if "e" in text and abs(value) >= 1 else text


def daily_rows(data: Path) -> list[list[str]]:
    """Return the daily rows: price, block count and fees per block, blank where unknown."""
    close = {r["date"]: float(r["close_usd"]) for r in read_rows(data / "btc_ohlcv_daily.csv")}
    first_close = min(close)
    out: list[list[str]] = []
    day = FIRST_DAY
    for row in read_rows(data / "btc_network_daily.csv"):
        if row["date"] < FIRST_DAY.isoformat():
            continue
        if row["date"] != day.isoformat():
            raise SystemExit(f"btc_network_daily.csv: expected {day}, found {row['date']}")
        price, source = "", ""
        if row["date"] >= first_close:
            price, source = f"{close[row['date']]:.0f}", "yahoo-close"
        elif row["date"] >= FIRST_PRICE and row["price_usd"]:
            price, source = significant(float(row["price_usd"]), 4), "node"
        fix = COUNT_FIXES.get(row["date"])
        count, count_source = row["block_count"], row["block_count_source"]
        if fix:
            count, count_source = str(fix.count), fix.source
        out.append([row["date"], price, source, count, count_source, fees_per_block(row)])
        day += timedelta(days=1)
    return out


def fees_per_block(row: dict[str, str]) -> str:
    """Return the mean fee of the blocks in the row's rolling window [BTC], blank where unknown."""
    if not (row["fees_24h_btc"] and row["hashrate_24h_hs"] and row["difficulty"]):
        return ""
    hashes = float(row["hashrate_24h_hs"]) * SECONDS_PER_DAY
    blocks = hashes / (float(row["difficulty"]) * HASHES_PER_DIFFICULTY)
    if round(blocks) < 1 or abs(blocks - round(blocks)) > 0.01:
        raise SystemExit(f"{row['date']}: the window holds {blocks:.3f} blocks, not a whole number")
    return f"{float(row['fees_24h_btc']) / round(blocks):.5f}"


def retarget_rows(data: Path) -> list[list[str]]:
    """Return start height, header time of the first block and compact target of every epoch."""
    rows = read_rows(data / "difficulty_retargets.csv")
    return [[r["start_height"], r["start_time_unix"], r["bits"]] for r in rows]


def check_counts(daily: list[list[str]], retargets: list[list[str]], last_height: int) -> None:
    """Stop unless cumulated block counts put every epoch's first block on the day of its header time.

    Header times are not monotonic, so a block within two hours of midnight may fall one block outside.
    """
    day_start = (FIRST_DAY - date(1970, 1, 1)).days
    height, starts = FIRST_HEIGHT, []
    for row in daily:
        starts.append(height)
        height += int(row[3])
    starts.append(height)
    if height != last_height + 1:
        raise SystemExit(f"block counts end at height {height - 1}, the last block is {last_height}")
    for start, time, _ in retargets:
        k = int(time) // SECONDS_PER_DAY - day_start
        if k >= 0 and not starts[k] - 1 <= int(start) <= starts[k + 1]:
            raise SystemExit(f"height {start} is not among the blocks {starts[k]} to {starts[k + 1] - 1}")


def to_csv(header: list[str], rows: list[list[str]]) -> bytes:
    """Return rows as CSV bytes with line feeds."""
    return ("\n".join(",".join(r) for r in [header, *rows]) + "\n").encode()


def compile_record(data: Path, compiled_utc: str | None = None) -> dict[str, bytes]:
    """Return the record's files, name to bytes, from the data folder.

    Parameters
    ----------
    data : Path
        Folder with the development data.
    compiled_utc : str, optional
        Date written into the manifest; by default the data's last day: bytes depend on the input only.
    """
    daily = daily_rows(data)
    retargets = retarget_rows(data)
    blocks = read_rows(data / "block_times_pools.csv.gz")
    heights = [int(r["height"]) for r in blocks]
    times = [int(r["time_unix"]) for r in blocks]
    check_counts(daily, retargets, heights[-1])
    files = {
        "daily.csv": to_csv(DAILY_COLUMNS, daily),
        "retargets.csv": to_csv(["start_height", "start_time_s", "bits"], retargets),
        "block_times.xz": encode_block_times(heights, times),
    }
    facts: dict[str, tuple[int, str, str, str, str]] = {
        "daily.csv": (
            len(daily),
            "facts; sources GPL-3.0, and none stated for the close",
            (
                f"price to 2014-09-16, supply, fees, difficulty: {NODE}; close from 2014-09-17: {CLOSE}; "
                f"block counts from 2021-01-03: {TIMES}"
            ),
            daily[0][0],
            daily[-1][0],
        ),
        "retargets.csv": (
            len(retargets),
            "MIT; Apache-2.0; BSD-2-Clause",
            f"{TARGETS}; times after epoch 436: {TIMES}",
            _day(retargets[0][1]),
            _day(retargets[-1][1]),
        ),
        "block_times.xz": (len(heights), "BSD-2-Clause", TIMES, _day(times[0]), _day(times[-1])),
    }
    listing = [
        {
            "name": name,
            "sha256": hashlib.sha256(files[name]).hexdigest(),
            "rows": rows,
            "licence": licence,
            "provenance": provenance,
            "first": first,
            "last": last,
        }
        for name, (rows, licence, provenance, first, last) in facts.items()
    ]
    counts = [f"block_count {day}: {fix.count}: {fix.why}." for day, fix in COUNT_FIXES.items()]
    manifest = {
        "compiled_utc": compiled_utc or daily[-1][0],
        "first_height": FIRST_HEIGHT,
        "files": listing,
        "fixes": FIXES + counts,
    }
    files["manifest.json"] = (json.dumps(manifest, indent=1, ensure_ascii=True) + "\n").encode()
    size = sum(map(len, files.values()))
    if size >= MAX_BYTES:
        raise SystemExit(f"the record has {size} bytes, the limit is {MAX_BYTES}")
    return files


def _day(time_s: str | int) -> str:
    return datetime.fromtimestamp(int(time_s), UTC).date().isoformat()


def main(argv: list[str] | None = None) -> int:
    """Write the record and say what was written."""
    parser = argparse.ArgumentParser(description="compile the packaged record from the development data")
    parser.add_argument("data", type=Path, help="folder with the development data")
    parser.add_argument("--out", type=Path, default=RECORD)
    parser.add_argument("--compiled-utc", help="date for the manifest (default: the data's last day)")
    options = parser.parse_args(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, content in compile_record(options.data, options.compiled_utc).items():
        (options.out / name).write_bytes(content)
        print(f"{len(content):>9,} {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
