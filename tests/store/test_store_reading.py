"""Which value is read: as of a date, by retrieval, by the order of sources, in whatever order files came."""

from __future__ import annotations

import itertools
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from store_samples import BLOCKS, DAY, MONTHLY, NETWORK, NOW_S, OHLCV, empty, write

from manometer.errors import DataError, InputError
from manometer.store import Store, import_file, open_store, parse_as_of


def test_a_bare_date_takes_its_own_day_in(tmp_path: Path) -> None:
    file = write(tmp_path, "n.csv", NETWORK, "2021-01-01,30000,144,2e13,,,", "2021-01-02,31000,150,2e13,,,")
    with empty() as store:
        import_file(store, file, now_s=NOW_S)
        assert store.read("price_usd", as_of_s=parse_as_of("2021-01-01")).value.tolist() == [30000.0]
        assert store.read("price_usd", as_of_s=parse_as_of("2021-01-01") - 1).value.tolist() == []
        assert store.read("price_usd", as_of_s=parse_as_of("2021-01-02")).value.tolist() == [30000.0, 31000.0]
        assert store.last_known_s() == parse_as_of("2021-01-02")


def test_a_block_is_known_from_its_header_time(tmp_path: Path) -> None:
    file = write(tmp_path, "b.csv", BLOCKS, "1,1300000000", "2,1299999990", "3,1300000600")
    with empty() as store:
        import_file(store, file, now_s=NOW_S)
        assert store.read("block_time_s", as_of_s=1299999990).at.tolist() == [2]
        assert store.read("block_time_s", as_of_s=1300000599).at.tolist() == [1, 2]
        assert store.read("block_time_s", first=2, last=2).value.tolist() == [1299999990.0]


def test_company_figures_are_known_when_published_else_by_assumption(tmp_path: Path) -> None:
    assumed = write(tmp_path, "m.csv", MONTHLY, "RIOT,2024-01-31,500,400,first")
    stated = write(tmp_path, "k.csv", MONTHLY + ",known_at_utc", "RIOT,2024-01-31,500,400,first,2024-02-20")
    name = "company.monthly.mined_btc"

    def known_on(store: Store, day: str) -> bool:
        return len(store.read(name, entity="RIOT", as_of_s=parse_as_of(day))) == 1

    for files in ((assumed,), (assumed, stated), (stated, assumed)):
        with empty() as store:
            for file in files:
                import_file(store, file, now_s=NOW_S)
            first = "2024-02-05" if files == (assumed,) else "2024-02-20"
            before = "2024-02-04" if files == (assumed,) else "2024-02-19"
            assert known_on(store, first)
            assert not known_on(store, before)
            words = store.read_words("company.monthly.note", entity="RIOT")
            assert [text for _, text, _ in words] == ["first"]


def test_a_restated_figure_leaves_the_old_one_visible_before(tmp_path: Path) -> None:
    header = MONTHLY + ",known_at_utc"
    old = write(tmp_path, "a.csv", header, "RIOT,2024-01-31,500,400,,2024-02-05")
    new = write(tmp_path, "b.csv", header, "RIOT,2024-01-31,510,400,,2024-05-01")
    with empty() as store:
        import_file(store, old, now_s=NOW_S)
        assert import_file(store, new, now_s=NOW_S).rows_added == 1
        name = "company.monthly.mined_btc"
        assert store.read(name, entity="RIOT", as_of_s=parse_as_of("2024-04-30")).value.tolist() == [500.0]
        assert store.read(name, entity="RIOT", as_of_s=parse_as_of("2024-05-01")).value.tolist() == [510.0]


def test_within_a_source_the_later_retrieval_is_read(tmp_path: Path) -> None:
    first = write(tmp_path, "a.csv", NETWORK, "2021-01-01,30000,144,2e13,,,")
    second = write(tmp_path, "b.csv", NETWORK, "2021-01-01,30500,144,2e13,,,")
    with empty() as store:
        import_file(store, first, now_s=NOW_S)
        import_file(store, second, now_s=NOW_S + 10)
        assert store.read("price_usd").value.tolist() == [30500.0]
        assert store.read("price_usd", retrieved_by_s=NOW_S + 9).value.tolist() == [30000.0]
        assert store.read("price_usd", retrieved_by_s=NOW_S - 1).value.tolist() == []
        # Back to the first value: that is news again.
        assert import_file(store, first, now_s=NOW_S + 20).rows_added == 1
        assert store.read("price_usd").value.tolist() == [30000.0]


def test_a_clock_that_runs_back_does_not_hide_an_import(tmp_path: Path) -> None:
    first = write(tmp_path, "a.csv", NETWORK, "2021-01-01,30000,144,2e13,,,")
    second = write(tmp_path, "b.csv", NETWORK, "2021-01-01,30500,144,2e13,,,")
    with empty() as store:
        import_file(store, first, now_s=NOW_S)
        import_file(store, second, now_s=NOW_S - 1000)
        assert store.read("price_usd").value.tolist() == [30500.0]
        assert import_file(store, second, now_s=NOW_S - 900).rows_added == 0


def test_files_in_any_order_give_the_same_reading(tmp_path: Path) -> None:
    files = [
        write(tmp_path, "n.csv", NETWORK, "2021-01-01,30000,144,2e13,,,", "2021-01-03,33000,144,2e13,,,"),
        write(
            tmp_path,
            "o.csv",
            OHLCV,
            "2021-01-01,3e4,2.8e4,29000,1e9,29100,1e8",
            "2021-01-02,3e4,2e4,28000,1e9,,",
        ),
        write(tmp_path, "p.csv", OHLCV, "2021-01-04,3e4,2.8e4,,1e9,29500,1e8"),
    ]
    readings = set()
    for order in itertools.permutations(files):
        with empty() as store:
            for file in order:
                import_file(store, file, now_s=NOW_S)
            series = store.read("price_usd")
            sources = [series.source_of(i) for i in range(len(series))]
            readings.add((tuple(series.at.tolist()), tuple(series.value.tolist()), tuple(sources)))
            assert store.read("price_usd", source="node").value.tolist() == [30000.0, 33000.0]
    assert len(readings) == 1
    ((_, value, sources),) = readings
    assert value == (29000.0, 28000.0, 33000.0, 29500.0)
    assert sources == ("yahoo-close", "yahoo-close", "node", "coindesk-close")


def test_nothing_in_the_future_changes_what_was_known(tmp_path: Path) -> None:
    rows = [f"2021-01-{d:02d},{30000 + d},144,2e13,,," for d in range(1, 29)]
    cut = parse_as_of("2021-01-14")
    with empty() as store:
        import_file(store, write(tmp_path, "a.csv", NETWORK, *rows), now_s=NOW_S)
        before = store.read("price_usd", as_of_s=cut)
        altered = [f"2021-01-{d:02d},{50000 + d},144,2e13,,," for d in range(15, 29)]
        import_file(store, write(tmp_path, "b.csv", NETWORK, *altered), now_s=NOW_S + 5)
        after = store.read("price_usd", as_of_s=cut)
    np.testing.assert_array_equal(before.value, after.value)
    assert after.at[-1] == cut - DAY


def test_observations_cannot_be_changed(tmp_path: Path) -> None:
    file = write(tmp_path, "n.csv", NETWORK, "2021-01-01,30000,144,2e13,,,")
    path = tmp_path / "s.sqlite"
    with open_store(path, record=None) as store:
        import_file(store, file, now_s=NOW_S)
    connection = sqlite3.connect(path)
    try:
        for table in ("observation", "retrieval", "series"):
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = 1 WHERE 0 = 1"):
                if "UPDATE" in statement:
                    statement = f"UPDATE {table} SET {'at = 1' if table == 'observation' else 'id = 9'}"
                with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                    connection.execute(statement)
    finally:
        connection.close()


def test_words_and_numbers_do_not_mix() -> None:
    with empty() as store:
        with pytest.raises(InputError, match="read_words"):
            store.read("event.kind")
        with pytest.raises(InputError, match="numbers"):
            store.read_words("price_usd")
        with pytest.raises(InputError, match="unknown variable"):
            store.read("prize_usd")
        with pytest.raises(DataError, match="no price_usd"):
            store.last_known_s()


def test_derived_results_are_cached_by_fingerprint() -> None:
    with empty() as store:
        assert store.get_derived("gauge", "2021", "f1") is None
        assert store.put_derived("gauge", "2021", "f1", b"one")
        assert store.put_derived("gauge", "2021", "f2", b"two")
        assert store.get_derived("gauge", "2021", "f1") is None
        assert store.get_derived("gauge", "2021", "f2") == b"two"


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("2022-11-09", 1_668_038_400),
        ("2022-11-09T00:00:00Z", 1_667_952_000),
        ("2022-11-09 02:00+02:00", 1_667_952_000),
        ("2022-11-09T00:00:00.75Z", 1_667_952_000),
    ],
)
def test_as_of_is_read(text: str, second: int) -> None:
    assert parse_as_of(text) == second


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2008-12-31", "2022-13-01", "2022-02-30", "9999-12-31", "2022", "20221109", "١٢"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="as-of"):
        parse_as_of(text)
