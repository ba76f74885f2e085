"""Damaged and hostile bytes: every parser answers with its own error in one line, or with a value."""

from __future__ import annotations

import gzip
import lzma
import os
import random
from pathlib import Path

import pytest
from store_samples import NOW_S, empty

from manometer.errors import DataError, InputError
from manometer.store import import_file, parse_as_of
from manometer.store.packed import decode_block_times, encode_block_times

N = int(os.environ.get("MANOMETER_FUZZ", "10000"))

CSV = [
    b"date,high_usd,low_usd,close_usd,volume_yahoo_usd\n2020-01-01,3,1,2,100\n2020-01-02,3,1,2,100\n",
    b"start_height,start_time_unix,bits\n0,1231006505,0x1d00ffff\n2016,1233063531,0x1d00ffff\n",
    b"height,time_unix\n1,1231469665\n2,1231469744\n",
    b'ticker,month_end,btc_produced,note\nRIOT,2024-01-31,5,"a, b"\n',
    b"ticker,quarter_end,btc_produced,kwh_owned\nRIOT,2024-03-31,5,1e9\n",
    b"time_local,usd_per_mwh\n2024-01-31T00:00Z,5.1\n2024-11-03 01:00:00,-3\n",
    b"model,hashrate_th,power_w,release_date\nS9,14,1300,2017\n",
    b"date,company,event,btc,usd\n2022-01-01,X,sold,5,6\n",
    b"height,time_unix,subsidy_sat,totalfee_sat\n1,1231469665,5000000000,0\n",
]
FACT = b"\nA,10-Q-2024-03-31,us:X,2024-01-01,2024-03-31,"
CSV.append(
    b"ticker,filing,concept,period_start,period_end,value,unit" + FACT + b"5e3,USD" + FACT + b"5001,USD\n"
)
WINDOW = b"hashrate_24h_hs,subsidy_24h_btc,fees_24h_btc\n2021-01-01,30000,144,2e13,1.4e20,900,50\n"
CSV.append(b"date,price_usd,block_count,difficulty," + WINDOW)
TOKENS = [
    *(
        b"\0",
        b'"',
        b"\n",
        b",",
        b"\r",
        b"nan",
        b"inf",
        b"-1",
        b"1e999",
        b"\xff",
        b"9" * 400,
        b"0x",
        b"1_0",
        b"-0",
    ),
    *(
        b"\xef\xbb\xbf",
        b"\xd9\xa3",
        b"2024-02-30",
        b"9999-12-31",
        b"0001-01-01T00:00+14:00",
        b"1e308",
        b"\x1b[",
    ),
    *(b"9999-12-31T23:00-14:00", b"99999999999999999999", b"\xe2\x80\xae", b"-0001-01-01", b"0x1d00ffff"),
]


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Return `data` with a few bytes replaced, changed, cut or doubled."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        what, at = rng.random(), rng.randrange(len(out) + 1)
        if what < 0.4:
            out[at : at + rng.randint(0, 8)] = rng.choice(TOKENS)
        elif what < 0.6 and out:
            out[at - 1] = rng.randrange(256)
        elif what < 0.75:
            del out[at : at + rng.randint(1, 20)]
        else:
            out[at:at] = out[max(0, at - 10) : at]
    return bytes(out)


def test_the_csv_front(tmp_path: Path) -> None:
    rng = random.Random(20_260_101)
    file = tmp_path / "f.csv"
    read = 0
    with empty() as store:
        for turn in range(N):
            data = mutate(rng.choice(CSV), rng)
            if turn % 5 == 0:
                data = gzip.compress(data, 1, mtime=0)
                data = mutate(data, rng) if turn % 10 == 0 else data
            file.write_bytes(data)
            zone = rng.choice([None, "America/Chicago"])
            try:
                import_file(store, file, skip_bad=rng.random() < 0.5, timezone=zone, now_s=NOW_S)
                read += 1
            except InputError as error:
                assert "\n" not in str(error), data  # noqa: PT017
        for variable, entity in store.series_names():
            if not any(word in variable for word in ("event.", "machine.", "company.")):
                assert not any(v != v for v in store.read(variable, entity=entity).value)
    assert read > N // 50


def test_the_parquet_front(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    file = tmp_path / "f.parquet"
    frame = polars.DataFrame({"height": [1, 2, 3], "time_unix": [1231469665, 1231469744, 1231470173]})
    frame.write_parquet(file)
    base = file.read_bytes()
    rng = random.Random(20_260_102)
    with empty() as store:
        for _ in range(N):
            file.write_bytes(base[:4] + mutate(base[4:], rng))
            try:
                import_file(store, file, now_s=NOW_S)
            except InputError as error:
                assert "\n" not in str(error)  # noqa: PT017


def test_the_packed_block_times() -> None:
    packed = encode_block_times(range(100, 300), [1_600_000_000 + 600 * i for i in range(200)])
    raw = lzma.decompress(packed)
    rng = random.Random(20_260_103)
    for turn in range(N):
        data = mutate(packed, rng) if turn % 2 else lzma.compress(mutate(raw, rng), preset=0)
        try:
            heights, times = decode_block_times(data)
        except DataError as error:
            assert "\n" not in str(error)  # noqa: PT017
        else:
            assert heights.size == times.size > 0


def test_the_as_of_date() -> None:
    rng = random.Random(20_260_104)
    seeds = (b"2022-11-09", b"2022-11-09T18:00:00Z", b"2022-11-09T18:00:00.5+05:30")
    for _ in range(N):
        try:
            second = parse_as_of(mutate(rng.choice(seeds), rng).decode("latin-1"))
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017
        else:
            assert 1_230_768_000 < second <= 4_102_444_800
