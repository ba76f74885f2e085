"""`relief`, `flows`, `sentiment` and `claims` as a user meets them: keys, pages, tables, refusals."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

HEAD = {"as_of_utc", "known_at_utc", "last_day", "price_usd"}
KEYS = {
    "relief": {"state", "lamps", "lamp_basis", "capitulations", "summary", "within_luck"},
    "flows": {"flows", "shares", "companies", "months", "packaged_volume"},
    "sentiment": {"state", "state_since", "fear_greed", "funding", "surveys"},
    "claims": {"claims"},
}


@pytest.mark.parametrize("command", KEYS)
def test_one_json_object_with_its_keys(cli: Any, command: str) -> None:
    ran = cli(command, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.data.keys() >= HEAD | KEYS[command]


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("command", KEYS)
def test_pages_fit_the_screen(cli: Any, command: str, width: int) -> None:
    ran = cli(command, width=width)
    assert ran.code == 0
    assert "As of 2025-08-22, last complete day in the store" in ran.out.splitlines()[0]
    assert max(map(len, ran.out.splitlines())) <= width


@pytest.mark.parametrize(
    ("command", "rows"), [("relief", "capitulations"), ("flows", "months"), ("claims", "claims")]
)
def test_the_table_has_a_row_for_each(cli: Any, tmp_path: Path, command: str, rows: str) -> None:
    table = list(csv.DictReader(io.StringIO(cli(command, "--csv", "-").out)))
    assert len(table) == len(cli(command, "--json").data[rows])


def test_one_claim_shows_its_test_and_the_sentence_of_its_verdict(cli: Any) -> None:
    ran = cli("claims", "cost_is_a_floor", width=80)
    assert "DOES NOT HOLD" in ran.out
    assert "test: per layer" in ran.out
    assert "2015-01-14" in ran.out  # a close under the electricity of a coin
    assert max(map(len, ran.out.splitlines())) <= 80


def test_relief_draws_its_picture(cli: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    ran = cli("relief", "--from", "2018-01-01", "--plot", str(tmp_path / "relief.svg"))
    assert ran.code == 0
    picture = (tmp_path / "relief.svg").read_text(encoding="utf-8")
    assert "2018-11-12" in picture
    assert "2014-12-19" not in picture


def test_an_unknown_claim_and_a_wrong_date_are_the_users_to_fix(cli: Any) -> None:
    for arguments in (("claims", "cost_is_a_flor"), ("relief", "--from", "2018-13-01")):
        ran = cli(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("command", KEYS)
def test_nothing_known_yet_is_missing_data(cli: Any, command: str) -> None:
    ran = cli(command, "--as-of", "2010-01-01")
    assert (ran.code, ran.out) == (3, "")


def test_sentiment_shows_what_was_imported(cli: Any, tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite"
    mood, asked = tmp_path / "mood.csv", tmp_path / "asked.csv"
    mood.write_text("date,fear_greed_index,perp_funding_rate_mean\n2025-08-22,20,0.0001\n", encoding="utf-8")
    asked.write_text("date,value,question,source\n2025-08-20,0.4,bullish share,Somebody\n", encoding="utf-8")
    kinds = cli("import", str(mood), str(asked), "--json", store=store).data["files"]
    assert [k["kind"] for k in kinds] == ["sentiment-daily", "surveys"]
    data = cli("sentiment", "--json", store=store).data
    assert data["fear_greed"]["mood"] == "fear"
    assert data["fear_greed"]["contradicts"] is True  # expansion, and fear
    page = cli("sentiment", store=store).out
    assert "bullish share" in page


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        ("date,fear_greed_index,perp_funding_rate_mean", "2025-08-20,101,", "not plausible"),
        ("date,fear_greed_index,perp_funding_rate_mean", "2025-08-20,50,7", "not plausible"),
        ("date,value,question,source", "2025-08-20,,bullish share,Somebody", "value: is missing"),
        ("date,value,question,source", "2025-08-20,0.4,,Somebody", "question: is missing"),
    ],
)
def test_bad_rows_of_sentiment_are_refused_by_line(
    cli: Any, tmp_path: Path, header: str, row: str, message: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    ran = cli("import", str(path), store=tmp_path / "store.sqlite")
    assert ran.code == 2
    assert "line 2" in ran.err
    assert message in ran.err
