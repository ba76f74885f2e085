"""Signals read from a store: as of any day, with company and exchange files, beside published dates."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from manometer.readings.selling import listed_selling
from manometer.readings.signals import SignalHistory, read_signals, signal_events, signals_of
from manometer.signals.ribbon import hash_ribbon
from manometer.store import Store, import_file, open_store

DAY_S = 86_400


@pytest.fixture(scope="module")
def history(packaged: Store) -> SignalHistory:
    return read_signals(packaged)


def day_of(date: str) -> int:
    return int(np.datetime64(date, "D").astype(np.int64))


def dates(history: SignalHistory, name: str, kind: str) -> list[str]:
    return [str(np.datetime64(int(d), "D")) for d in history.day[history.signals[name].events[kind]]]


@pytest.mark.parametrize("seed", range(4))
def test_a_reading_as_of_a_day_is_that_days_row(packaged: Store, history: SignalHistory, seed: int) -> None:
    """The store as of a random day knows no later datum, and every signal says what the whole record says."""
    rng = np.random.Generator(np.random.Philox(seed))
    k = int(rng.integers(1300, len(history.day) - 1))
    then = read_signals(packaged, (int(history.day[k]) + 1) * DAY_S)
    assert then.day[-1] == history.day[k]
    for name, signal in then.signals.items():
        whole = history.signals[name]
        assert signal.state[-1] == whole.state[k], name
        np.testing.assert_array_equal(signal.value, whole.value[: k + 1], err_msg=name)
        np.testing.assert_array_equal(signal.noise_sd, whole.noise_sd[: k + 1], err_msg=name)
        for kind, days in signal.events.items():
            np.testing.assert_array_equal(days, whole.events[kind][: k + 1], err_msg=f"{name} {kind}")


def test_what_has_no_data_is_null(history: SignalHistory) -> None:
    rows = signals_of(history).data["signals"]
    assert [k for k, v in rows.items() if v["value"] is None] == ["miner_selling"]
    assert rows["miner_selling"]["state"] is None
    assert rows["kumo_twist_leading"]["also"]["closes_only"] == 1.0
    assert rows["price_drawdown"]["noise_sd"] is None
    assert rows["hash_ribbon"]["noise_sd"] == pytest.approx(0.0108, abs=0.0003)


def test_a_study_counts_only_windows_that_have_ended(packaged: Store, history: SignalHistory) -> None:
    view = signal_events(history, "hash_ribbon", "2014-01-01", "2022-12-31").data
    assert view["from"] == "2014-01-01"
    buys = [e for e in view["events"] if e["kind"] == "buy"]
    row = next(s for s in view["study"] if s["kind"] == "buy" and s["horizon_days"] == 365)
    assert row["n"] == len(buys)
    mean = np.mean([e["outcomes"][-1]["return_frac"] for e in buys])
    assert row["mean_return_frac"] == pytest.approx(mean)
    early = read_signals(packaged, (day_of("2023-01-31") + 1) * DAY_S)
    row = next(
        s
        for s in signal_events(early, "hash_ribbon", "2014-01-01", "2022-12-31").data["study"]
        if s["kind"] == "buy" and s["horizon_days"] == 365
    )
    assert row["n"] < len(buys)  # the buys of 2022 had no year behind them


def test_published_buys_lie_within_two_days_where_luck_cannot_make_them(
    history: SignalHistory, published: Path, record_property: pytest.RecordProperty
) -> None:
    """Dates that others printed, some by the day of the article. Shallow capitulations are not judged."""
    lines = (published / "hash_ribbon_buys.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    ours = np.array([day_of(d) for d in dates(history, "hash_ribbon", "buy")])
    depth = history.signals["hash_ribbon"].also["depth_sd"]
    apart = []
    for row in rows:
        near = int(ours[np.abs(ours - day_of(row["published"])).argmin()])
        if depth[near - int(history.day[0])] > 2:
            apart.append(abs(near - day_of(row["published"])))
    assert len(apart) >= 12
    assert max(apart) <= 2
    record_property("counted", f"{len(apart)} published hash-ribbon buys within two days of ours")


@pytest.mark.shared
def test_three_series_of_hashrate_agree_on_each_buy(
    shared_data: Path, record_property: pytest.RecordProperty
) -> None:
    """Calendar-day blocks x difficulty, the 24 h window, and another source: at most one day apart.

    For every capitulation deeper than two standard deviations of block luck that has a buy.
    """

    def rows(name: str) -> list[dict[str, str]]:
        with (shared_data / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def column(table: list[dict[str, str]], name: str) -> np.ndarray:
        return np.array([float(r[name]) if r[name] else np.nan for r in table])

    main, other = rows("btc_network_daily.csv"), rows("btc_network_daily_alt.csv")
    dates = [r["date"] for r in main]
    alt = {r["date"]: float(r["hashrate_ths"]) for r in other if r["hashrate_ths"]}
    price = column(main, "price_usd")
    price[price <= 0] = np.nan
    ribbons = [
        hash_ribbon(h, price)
        for h in (
            column(main, "block_count") * column(main, "difficulty"),
            column(main, "hashrate_24h_hs"),
            np.array([alt.get(d, np.nan) for d in dates]),
        )
    ]
    buys = [np.flatnonzero(r.buy) for r in ribbons]
    deep = [int(i) for i in buys[0] if ribbons[0].depth_sd[i] > 2]
    assert len(deep) >= 10
    for i in deep:
        for b in buys[1:]:
            assert np.abs(b - i).min() <= 1, dates[i]
    record_property("counted", f"{len(deep)} deep capitulations with one buy day in three hashrate series")


COMPANIES = """ticker,month_end,btc_produced,btc_sold,known_at_utc
AAA,2024-01-31,100,50,2024-02-03T00:00:00Z
BBB,2024-01-31,300,350,2024-02-05T12:00:00Z
AAA,2024-02-29,100,,2024-03-03T00:00:00Z
AAA,2024-03-31,100,120,
"""


@pytest.fixture(scope="module")
def with_companies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("selling")
    (folder / "m.csv").write_text(COMPANIES, encoding="utf-8")
    with open_store(folder / "s.sqlite", record=None) as store:
        import_file(store, folder / "m.csv", now_s=1_750_000_000)
        yield store


def test_selling_by_hand(with_companies: Store) -> None:
    """Of January AAA is known on the 3rd at 0:00, the end of the 2nd; BBB during the 5th; of February nothing
    is sold in print; March is assumed known five days after its end; each month is left after 75 days."""
    day = np.arange(day_of("2024-01-31"), day_of("2024-07-01"))
    mined, sold, n = listed_selling(with_companies, day, day_of("2024-07-01") * DAY_S)

    def on(date: str) -> tuple[float, ...]:
        k = day_of(date) - int(day[0])
        return mined[k], sold[k], n[k]

    assert np.isnan(on("2024-02-01")).all()
    assert on("2024-02-02") == (100, 50, 1)
    assert on("2024-02-04") == (100, 50, 1)
    assert on("2024-02-05") == (400, 400, 2)
    assert on("2024-04-03") == (400, 400, 2)
    assert on("2024-04-05") == (100, 120, 1)
    assert on("2024-06-14") == (100, 120, 1)
    assert np.isnan(on("2024-06-15")).all()


def test_selling_as_of_a_day_knows_nothing_later(with_companies: Store) -> None:
    day = np.arange(day_of("2024-01-31"), day_of("2024-07-01"))
    whole = listed_selling(with_companies, day, day_of("2024-07-01") * DAY_S)
    for k in range(0, len(day), 7):
        then = listed_selling(with_companies, day[: k + 1], (int(day[k]) + 1) * DAY_S)
        for a, b in zip(then, whole, strict=True):
            np.testing.assert_array_equal(a, b[: k + 1])
