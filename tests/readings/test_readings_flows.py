"""Flows and the contradiction panel: sums one can check, named samples, nothing seen before its day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from manometer.readings.flows import flows
from manometer.readings.market import read_market
from manometer.readings.pulse import take_pulse
from manometer.readings.sentiment import sentiment
from manometer.store import Store, import_file, open_store, parse_as_of

MONTHLY = """ticker,month_end,btc_produced,btc_sold,known_at_utc
AAAA,2025-06-30,300,150,2025-07-03
BBBB,2025-06-30,600,660,2025-07-10
CCCC,2025-06-30,900,,2025-07-03
AAAA,2025-07-31,310,31,2025-08-04
"""
OHLCV = """date,high_usd,low_usd,close_usd,volume_yahoo_usd,close_coindesk_usd,volume_coindesk_usd
2025-08-01,110,90,100,5000,100,200
2025-08-02,220,180,200,30000,200,2000
2025-08-03,110,90,100,9000,100,700
"""
MOOD = """date,fear_greed_index,perp_funding_rate_mean
2022-07-10,24,-0.0001
2025-08-20,44,0.0002
2025-08-21,,0.0002
2025-08-22,76,
"""
SURVEYS = """date,value,question,source,known_at_utc
2025-06-10,0.81,most crowded trade,Somebody,2025-06-17
2025-08-10,0.45,most crowded trade,Somebody,2025-08-17
2025-08-10,0.09,share of the portfolio,Somebody,2025-08-17
"""


@pytest.fixture(scope="module")
def store(packaged_path: Path, packaged: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("flows")
    opened = open_store(folder / "store.sqlite")
    for name, text in {"m": MONTHLY, "o": OHLCV, "s": MOOD, "q": SURVEYS}.items():
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        import_file(opened, path)
    return opened


def told(store: Store, day: str) -> dict[str, Any]:
    return flows(store, read_market(store, parse_as_of(day))).data


def test_issuance_is_subsidy_times_blocks(packaged: Store) -> None:
    market = read_market(packaged)
    x = market.inputs
    by_hand = float(np.mean(x.subsidy_btc[-30:] * x.block_count[-30:]))
    row = flows(packaged, market).data["flows"]["issuance"]
    assert row["btc_per_day"] == pytest.approx(by_hand)
    assert (row["from"], row["to"], row["sample"]) == ("2025-07-24", "2025-08-22", "30 days")


def test_what_the_store_lacks_is_null(packaged: Store) -> None:
    data = flows(packaged, read_market(packaged)).data
    for name in ("listed_sales", "vetted_volume", "all_venues_volume"):
        assert data["flows"][name] is None
    assert all(v is None for v in data["shares"].values())
    assert data["companies"] == []


def test_listed_sales_are_of_companies_that_published_both(store: Store) -> None:
    row = told(store, "2025-07-20")["flows"]["listed_sales"]
    assert (row["from"], row["to"]) == ("2025-06-01", "2025-06-30")
    assert row["sample"] == "2 listed: AAAA, BBBB"
    assert row["btc_per_day"] == pytest.approx((150 + 660) / 30)


def test_a_month_is_seen_from_its_day_of_publication(store: Store) -> None:
    early = told(store, "2025-07-09")
    assert early["flows"]["listed_sales"]["sample"] == "1 listed: AAAA"
    assert early["companies"][0]["known_at_utc"] == "2025-07-04T00:00:00Z"
    assert told(store, "2025-08-03")["flows"]["listed_sales"]["to"] == "2025-06-30"
    assert told(store, "2025-08-04")["flows"]["listed_sales"]["to"] == "2025-07-31"


def test_volume_is_the_median_of_each_days_coins(store: Store) -> None:
    """Coins: 2, 10, 7 vetted; 50, 150, 90 of all venues."""
    rows = told(store, "2025-08-03")["flows"]
    assert rows["vetted_volume"]["btc_per_day"] == 7
    assert rows["all_venues_volume"]["btc_per_day"] == 90
    assert rows["vetted_volume"]["sample"] == "3 days"


def test_an_old_month_is_shown_but_not_set_against_today(store: Store) -> None:
    month_end = told(store, "2025-08-22")
    assert month_end["shares"]["listed_sales_of_issuance_frac"] is not None
    months = {m["month"]: m for m in month_end["months"]}
    assert months["2025-06"]["n_companies"] == 2
    assert months["2025-05"]["listed_sales_btc_per_day"] is None
    assert "2025-08" not in months  # not over


def panel(store: Store, day: str) -> dict[str, Any]:
    return sentiment(store, take_pulse(store, parse_as_of(day))).data


def test_mood_stands_beside_the_state_with_its_date(store: Store) -> None:
    now = panel(store, "2025-08-22")
    assert now["state"] == "expansion"
    assert now["fear_greed"]["value"] == 76
    assert now["fear_greed"]["mood"] == "greed"
    assert now["fear_greed"]["contradicts"] is False
    assert now["funding"] is None  # no seven days of it
    assert now["fear_greed"]["n_days"] == 3


def test_fear_in_a_capitulation_is_no_contradiction_and_old_mood_says_nothing(store: Store) -> None:
    then = panel(store, "2022-07-10")
    assert (then["state"], then["fear_greed"]["mood"]) == ("capitulation", "fear")
    assert then["fear_greed"]["contradicts"] is False
    later = panel(store, "2022-07-20")
    assert later["fear_greed"]["age_days"] == 10
    assert later["fear_greed"]["contradicts"] is None


def test_surveys_are_the_newest_known_answers(store: Store) -> None:
    now = {r["question"]: r for r in panel(store, "2025-08-22")["surveys"]}
    assert now["most crowded trade"]["value"] == 0.45
    assert now["most crowded trade"]["n_answers"] == 2
    then = panel(store, "2025-08-16")["surveys"]
    assert [(r["value"], r["date"]) for r in then] == [(0.81, "2025-06-10")]


def test_sentiment_changes_no_reading_of_miners(packaged: Store, store: Store) -> None:
    """Never blended: pressure is the same with and without it, on a day whose price is the record's."""
    assert panel(store, "2025-07-31")["pressure"] == panel(packaged, "2025-07-31")["pressure"]
    assert panel(packaged, "2025-07-31")["fear_greed"] is None
