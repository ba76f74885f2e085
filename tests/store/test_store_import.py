"""Importing: whole or not at all, once however often, and bad rows refused by their line."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from store_samples import BLOCKS, MONTHLY, NETWORK, NOW_S, OHLCV, empty, write

from manometer.errors import InputError
from manometer.store import Store, import_file, open_store
from manometer.store import front as front_module
from manometer.store.load import RefusedError

KILLED = """
import os, signal, sys
from manometer.store import import_file, open_store
def progress(done, total):
    if total is not None and done >= 40_000:
        os.kill(os.getpid(), signal.SIGKILL)
with open_store(sys.argv[1], record=None) as store:
    import_file(store, sys.argv[2], progress=progress)
"""

AT_ONCE = """
import sys
from manometer.store import import_file, open_store
with open_store(sys.argv[1], record=None) as store:
    result = import_file(store, sys.argv[2])
    print(result.rows_added, result.rows_known)
"""


def refusal(store: Store, file: Path, **given: object) -> str:
    """Return the message of a refused import, having seen that it stored nothing."""
    with pytest.raises(InputError) as caught:
        import_file(store, file, now_s=NOW_S, **given)  # type: ignore[arg-type]
    assert store.series_names() == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_importing_twice_adds_nothing(tmp_path: Path) -> None:
    file = write(tmp_path, "n.csv", NETWORK, "2021-01-01,30000,144,2e13,,,", "2021-01-02,31000,150,2e13,,,")
    with empty() as store:
        first = import_file(store, file, now_s=NOW_S)
        again = import_file(store, file, now_s=NOW_S + 5)
        assert (first.kind, first.rows_added, first.rows_known) == ("network-daily", 2, 0)
        assert (first.first, first.last) == ("2021-01-01", "2021-01-02")
        assert (again.rows_added, again.rows_known) == (0, 2)
        with store.reading() as connection:
            assert connection.execute("SELECT count(*) FROM observation").fetchone() == (6,)
            assert connection.execute("SELECT count(*) FROM retrieval").fetchone() == (1,)


def test_an_import_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    file = write(tmp_path, "b.csv", BLOCKS, *(f"{h},{1_300_000_000 + 600 * h}" for h in range(100_000)))
    path = tmp_path / "s.sqlite"
    child = subprocess.run([sys.executable, "-c", KILLED, str(path), str(file)], timeout=60, check=False)
    assert child.returncode == -signal.SIGKILL
    with open_store(path, record=None) as store:
        assert store.series_names() == []
        assert import_file(store, file).rows_added == 100_000


def test_imports_at_once_all_succeed(tmp_path: Path) -> None:
    files = [
        write(tmp_path, f"{i}.csv", BLOCKS, *(f"{h},{1_300_000_000 + 600 * h}" for h in range(i, 20_000 + i)))
        for i in (0, 10_000, 30_000)
    ]
    path = tmp_path / "s.sqlite"
    command = [sys.executable, "-c", AT_ONCE, str(path)]
    children = [subprocess.Popen([*command, str(f)], stdout=subprocess.PIPE, text=True) for f in files]
    said = [child.communicate(timeout=60)[0].split() for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    # Which child comes first is open, but together they bring each block once.
    assert sum(int(added) for added, _ in said) == 50_000
    with open_store(path, record=None) as store:
        np.testing.assert_array_equal(store.read("block_time_s").at, np.arange(50_000))


def test_a_bad_row_stores_nothing_unless_skipped(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "n.csv",
        NETWORK,
        "2021-01-01,30000,144,2e13,,,",
        "2021-01-02,-5,150,2e13,,,",
        "2021-02-30,31000,150,2e13,,,",
        "2021-01-04,31000,150,nan,,,",
        "2021-01-05,31000,150",
        "2021-01-06,33000,150,2e13,,,",
    )
    with empty() as store:
        message = refusal(store, file)
        assert "4 rows refused, nothing stored" in message
        assert "line 3: price_usd: -5 is not plausible" in message
        assert "line 4: date: '2021-02-30' is no day" in message
        assert "line 5: difficulty: 'nan' is not a finite number" in message
        assert "line 6: has 3 fields where the header has 7" in message
        result = import_file(store, file, skip_bad=True, now_s=NOW_S)
        assert (result.rows_added, result.rows_known, result.rows_refused) == (2, 0, 4)
        assert [line for line, _ in result.problems] == [3, 4, 5, 6]
        assert store.read("price_usd").value.tolist() == [30000.0, 33000.0]
        # The other cells of a refused row are not taken either.
        assert len(store.read("block_count")) == 2


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        (NETWORK, ["2021-01-01,inf,,,,,"], "line 2: price_usd: 'inf'"),
        (NETWORK, ["2021-01-01,1_000,,,,,"], "line 2: price_usd: '1_000'"),
        (NETWORK, ["2021-01-01,1e9,,,,,"], "line 2: price_usd: 1e+09 is not plausible"),
        (NETWORK, ["2026-01-02,30000,,,,,"], "line 2: date: '2026-01-02' lies in the future"),
        (NETWORK, ["2026-01-01,30000,,,,,"], "line 2: date: the day '2026-01-01' is not over"),
        (NETWORK, ["2021-01-01,3,,,,,", "2021-01-01,4,,,,,"], "line 3: price_usd: another value"),
        (NETWORK, ["2021-01-01,3,,,,,-1"], "line 2: fees_24h_btc: -1 is negative"),
        (NETWORK, ["2021-01-01,,144.5,,,,"], "line 2: block_count: 144.5 is not a whole number"),
        (NETWORK, ["2021-01-01,,many,,,,"], "line 2: block_count: 'many' is not a finite number"),
        (NETWORK, ["2021-01-01,,0,,,,"], "line 2: block_count: 0 is not plausible"),
        (NETWORK, ["2021-01-01,,-3,,,,"], "line 2: block_count: -3 is not plausible"),
        (NETWORK, ["2021-01-01,,,0.5,,,"], "line 2: difficulty: 0.5 is not plausible"),
        (
            NETWORK,
            ["2009-01-02,30000,,,,,"],
            "line 2: date: '2009-01-02' is before 2009-01-03, the day of the",
        ),
        (OHLCV, ["2008-12-31,5,4,4.5,1,,"], "line 2: date: '2008-12-31' is before 2009-01-03"),
        (OHLCV + ",open_usd", ["2021-01-01,5,4,4.5,1,,,cheap"], "line 2: open_usd: 'cheap' is not a finite"),
        (OHLCV + ",open_usd", ["2021-01-01,5,4,4.5,1,,,0"], "line 2: open_usd: 0 is not plausible"),
        (OHLCV + ",open_usd", ["2021-01-01,5,4,4.5,1,,,-4"], "line 2: open_usd: -4 is not plausible"),
        (OHLCV, ["2021-01-01,5,4,4.5,1,0,"], "line 2: close_coindesk_usd: 0 is not plausible"),
        (OHLCV, ["2021-01-01,5,4,4.5,x,,"], "line 2: volume_yahoo_usd: 'x'"),
        (MONTHLY, ["RIOT,2008-12-31,5,,"], "line 2: month_end: '2008-12-31' is before 2009-01-03"),
        (
            "time_local,usd_per_mwh",
            ["2009-01-02T23:00Z,5"],
            "line 2: time_local: '2009-01-02T23:00Z' is before",
        ),
        (
            "model,hashrate_th,power_w,release_date",
            ["S,10,1000,2008"],
            "line 2: release_date: '2008-12-31' is",
        ),
        ("date,company,event", ["2008-01-01,X,sold"], "line 2: date: '2008-01-01' is before"),
        (OHLCV, ["2021-01-01,5,6,5.5,1,,"], "line 2: high_usd 5 is under low_usd 6"),
        (OHLCV, ["2021-01-01,5,4,7,1,,"], "line 2: close_usd 7 is not between"),
        (BLOCKS, ["1,1300010000", "2,1300000000"], "line 3: time_unix: block 2 is 10000 s before"),
        (BLOCKS, ["1.5,1300010000"], "line 2: height: '1.5' is not a block height"),
        (BLOCKS, ["-1,1300010000"], "line 2: height: '-1' is not a block height"),
        (BLOCKS, ["1,"], "line 2: time_unix: is missing"),
        (BLOCKS, ["1,1767999999"], "line 2: time_unix: 1767999999 lies in the future"),
        ("start_height,start_time_unix,bits", ["0,1231006505,0x1d00zzff"], "line 2: bits: '0x1d00zzff'"),
        ("start_height,start_time_unix,bits", ["5,1231006505,0x1d00ffff"], "not a multiple of 2016"),
        ("start_height,start_time_unix,bits,difficulty", ["0,1231006505,0x1d00ffff,7"], "but bits mean 1"),
        (MONTHLY, ["RIOT,2024-01-31,-5,,"], "line 2: btc_produced: -5 is not plausible"),
        (MONTHLY, [",2024-01-31,5,,"], "line 2: ticker: is missing"),
        (MONTHLY, ["RIOT,2024-01-31,5,,\x1b[31m"], "line 2: note: text with control characters"),
        (MONTHLY + ",known_at_utc", ["RIOT,2024-01-31,5,,,2024-01-01"], "before the period's last day"),
        (
            "model,hashrate_th,power_w,efficiency_j_th,release_date",
            ["S,10,1000,50,2020"],
            "power over hashrate",
        ),
        ("model,hashrate_th,power_w,release_date", ["S,10,1000,soon"], "line 2: release_date: 'soon'"),
    ],
)
def test_what_is_refused(tmp_path: Path, header: str, rows: list[str], message: str) -> None:
    with empty() as store:
        assert message in refusal(store, write(tmp_path, "f.csv", header, *rows))


def difficulties(folder: Path, name: str, *days: str) -> Path:
    """Write a file of days and their difficulty."""
    return write(folder, name, NETWORK, *(f"{d.split()[0]},,,{d.split()[1]},,," for d in days))


@pytest.mark.parametrize("value", ["9e13", "4.9e12"])
def test_a_difficulty_that_no_retarget_reaches_is_refused(tmp_path: Path, value: str) -> None:
    # In any order, and a row that is refused is not what the next is compared with.
    days = ["2021-01-03 2.1e13", f"2021-01-02 {value}", "2021-01-01 2e13"]
    with empty() as store:
        message = refusal(store, difficulties(tmp_path, "n.csv", *days))
        assert "1 row refused" in message
        assert f"line 3: difficulty: {float(value):g} is" in message
        assert "times the 2e+13 of 2021-01-01; one retarget changes it by a factor 4 at most" in message


def test_a_difficulty_is_compared_with_the_store_and_only_with_near_days(tmp_path: Path) -> None:
    with empty() as store:
        import_file(store, difficulties(tmp_path, "a.csv", "2021-01-01 2e13"), now_s=NOW_S)
        near = difficulties(tmp_path, "b.csv", "2021-01-15 9e13", "2021-01-16 2e13")
        with pytest.raises(
            InputError, match=r"line 2: difficulty: 9e\+13 is 4.5 times the 2e\+13 of 2021-01-01"
        ):
            import_file(store, near, now_s=NOW_S)
        far = difficulties(tmp_path, "c.csv", "2021-01-16 9e13", "2021-01-17 3.6e14", "2021-02-01 1")
        assert import_file(store, far, now_s=NOW_S).rows_added == 3


def test_a_refusal_carries_all_that_is_wrong(tmp_path: Path) -> None:
    file = write(tmp_path, "b.csv", BLOCKS, "1,1300000000", *(f"x,{1_300_000_000 + h}" for h in range(50)))
    with empty() as store, pytest.raises(RefusedError) as caught:
        import_file(store, file, now_s=NOW_S)
    result = caught.value.result
    assert (result.file, result.kind) == (str(file), "block-times")
    assert (result.rows_added, result.rows_known, result.rows_refused) == (0, 0, 50)
    assert [line for line, _ in result.problems] == list(range(3, 53))


def test_equal_repeats_in_a_file_are_read_once(tmp_path: Path) -> None:
    file = write(tmp_path, "b.csv", BLOCKS, "1,1300000000", "1,1300000000", "", "2,1300000600")
    with empty() as store:
        result = import_file(store, file, now_s=NOW_S)
        assert (result.rows_added, result.rows_known, result.rows_refused) == (2, 1, 0)


def test_only_twenty_lines_are_shown(tmp_path: Path) -> None:
    file = write(tmp_path, "b.csv", BLOCKS, *(f"x,{h}" for h in range(50)))
    with empty() as store:
        message = refusal(store, file)
    assert message.count("line ") == 20
    assert "more" in message


def test_lines_are_counted_past_quoted_line_ends(tmp_path: Path) -> None:
    file = write(tmp_path, "m.csv", MONTHLY, 'RIOT,2024-01-31,5,,"a""b"', "MARA,2024-01-31,bad,,")
    with empty() as store:
        assert "line 3: btc_produced" in refusal(store, file)
    file.write_text(MONTHLY + '\nRIOT,2024-01-31,5,,"a\nb"\nMARA,2024-01-31,bad,,\n', encoding="utf-8")
    with empty() as store:
        assert "line 4: btc_produced" in refusal(store, file)


def test_the_kind_is_known_by_its_header(tmp_path: Path) -> None:
    with empty() as store:
        message = refusal(store, write(tmp_path, "f.csv", "height,time", "1,2"))
        assert "nearest is block-times, but time_unix are missing" in message
        assert "sec-facts" in message
        assert "also needs the columns time_unix" in refusal(
            store, write(tmp_path, "f.csv", "height,time", "1,2"), kind="block-times"
        )
        assert "unknown kind 'block-time'" in refusal(
            store, write(tmp_path, "f.csv", BLOCKS, "1,1300000000"), kind="block-time"
        )
        # The prices of a share are not those of bitcoin, however alike their columns.
        share = "ticker,date,high_usd,low_usd,close_usd,volume_yahoo_usd"
        assert "no known kind" in refusal(store, write(tmp_path, "f.csv", share, "MARA,2024-01-02,3,1,2,5"))
        assert "twice" in refusal(
            store, write(tmp_path, "f.csv", "height,height,time_unix", "1,1,1300000000")
        )


def test_columns_may_stand_in_any_order_and_further_ones_are_let_be(tmp_path: Path) -> None:
    file = tmp_path / "b.csv"
    file.write_bytes(b"\xef\xbb\xbfpool,time_unix,height\r\nx,1300000000,1\r\n")
    with empty() as store:
        assert import_file(store, file, now_s=NOW_S).rows_added == 1


def test_a_source_may_be_named(tmp_path: Path) -> None:
    network = write(tmp_path, "n.csv", NETWORK, "2021-01-01,30000,144,2e13,,,")
    ohlcv = write(tmp_path, "o.csv", OHLCV, "2021-01-01,5,4,4.5,1,,")
    with empty() as store:
        assert "no meaning" in refusal(store, ohlcv, source="kraken")
        assert "letters" in refusal(store, network, source="a b")
        import_file(store, network, source="my-node", now_s=NOW_S)
        assert store.read("price_usd").source == ("my-node",)


def test_local_hours_need_a_zone_and_follow_the_clocks(tmp_path: Path) -> None:
    header = "time_local,usd_per_mwh"
    # 2024-11-03: 01:00 comes twice in Chicago; 2024-03-10: 02:00 never comes.
    rows = [f"2024-11-03 {h}:00:00,{p}" for h, p in (("00", 1), ("01", 2), ("01", 3), ("02", 4))]
    file = write(tmp_path, "hb_north.csv", header, *rows)
    with empty() as store:
        assert "--timezone" in refusal(store, file)
        assert "not known" in refusal(store, file, timezone="Mars/Olympus")
        result = import_file(store, file, timezone="America/Chicago", now_s=NOW_S)
        assert result.rows_added == 4
        assert "repeats" in result.notes[0]
        series = store.read("power_price_usd_per_mwh", entity="hb_north")
        assert np.diff(series.at).tolist() == [3600, 3600, 3600]
        assert series.value.tolist() == [1.0, 2.0, 3.0, 4.0]
    skipped = write(tmp_path, "s.csv", header, "2024-03-10 02:00:00,5")
    with empty() as store:
        assert "does not exist in America/Chicago" in refusal(store, skipped, timezone="America/Chicago")
        utc = write(tmp_path, "u.csv", header, "2024-03-10T02:00:00Z,-5")
        assert import_file(store, utc, entity="HB", now_s=NOW_S).rows_added == 1
        assert store.entities("power_price_usd_per_mwh") == ["HB"]


def test_fees_per_block_are_those_of_the_window(tmp_path: Path) -> None:
    # 150 blocks in the window: hashrate = 150 x difficulty x 2^32 / 86,400.
    hashrate = 150 * 2e13 * 2**32 / 86_400
    rows = [
        f"2021-01-01,,144,2e13,{hashrate:.6e},,30",
        "2021-01-02,,144,2e13,,937.5,30",
        "2021-01-03,,,,,,30",
    ]
    with empty() as store:
        import_file(store, write(tmp_path, "n.csv", NETWORK, *rows), now_s=NOW_S)
        np.testing.assert_allclose(store.read("fees_per_block_btc").value, [0.2, 0.2], rtol=1e-12)


def test_retargets_give_the_difficulty_at_the_end_of_each_day(tmp_path: Path) -> None:
    header = "start_height,start_time_unix,bits"
    day = 1_700_006_400  # 2023-11-15 00:00 UTC
    with empty() as store:
        rows = [f"2016,{day + 90_000},0x1c00ffff", f"0,{day + 5},0x1d00ffff"]
        import_file(store, write(tmp_path, "r.csv", header, *rows), now_s=NOW_S)
        series = store.read("difficulty")
        assert series.value.tolist() == [1.0, 256.0]
        assert series.at.tolist() == [day, day + 86_400]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"height,time_unix\n1,13\x0000\n", "line 2: holds a NUL"),
        (b"height,time_unix\n1,2\n\xff\xfe\n", "line 3: not UTF-8"),
        (b'height,time_unix\n"1,2\n', "not CSV"),
        (b"height,time_unix\n1," + b"9" * 200_000 + b"\n", "not CSV"),
        (b"height,time_unix\n1," + b"9" * 3_000_000 + b"\n", "longer than 1 MiB"),
        (gzip.compress(b"height,time_unix\n" + b"1,1300000000\n" * 50, mtime=0)[:-9], "damaged or cut off"),
        (b"\x1f\x8b\x08\x00 not gzip at all", "damaged or cut off"),
        (gzip.compress(bytes(5_000_000), mtime=0), "longer than 1 MiB"),
        (b"PAR1 but nothing else", "not a readable Parquet file"),
    ],
)
def test_hostile_files_get_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes(content)
    with empty() as store:
        assert message in refusal(store, file)


def test_bombs_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_module, "MAX_BYTES", 3 * 2**20)
    file = tmp_path / "f.csv.gz"
    with empty() as store:
        file.write_bytes(gzip.compress(b"height,time_unix\n" + b"1,1300000000      \n" * 300_000, mtime=0))
        assert "unpacks to more than 3 MiB" in refusal(store, file)
        monkeypatch.setattr(front_module, "MAX_ROWS", 50_000)
        file.write_bytes(gzip.compress(b"height,time_unix\n" + b"1,1300000000\n" * 60_000, mtime=0))
        assert "more than 50,000 rows" in refusal(store, file)
        file.write_bytes(gzip.compress(b"height,time_unix\n" + b"\n" * 200_000, mtime=0))
        assert "more than" in refusal(store, file)


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    with empty() as store:
        assert "no such file" in refusal(store, tmp_path / "absent.csv")
        assert "not a regular file" in refusal(store, tmp_path)


def test_progress_counts_up(tmp_path: Path) -> None:
    file = write(tmp_path, "b.csv", BLOCKS, *(f"{h},{1_300_000_000 + 600 * h}" for h in range(30_000)))
    seen: list[tuple[int, int | None]] = []
    with empty() as store:
        import_file(store, file, progress=lambda done, total: seen.append((done, total)), now_s=NOW_S)
    assert seen == [(20_000, None), (30_000, None), (20_000, 30_000), (30_000, 30_000)]
