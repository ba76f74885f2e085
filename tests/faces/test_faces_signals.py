"""`manometer signals` as a user meets it: settled keys, the studies, tables, pictures, and clear refusals."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

SIGNAL = {"value", "unit", "state", "noise_sd"}
STUDY = {
    "horizon_days",
    "n",
    "mean_return_frac",
    "ci_low",
    "ci_high",
    "random_mean_frac",
    "median_drawdown_frac",
}


def test_the_settled_keys_are_there(cli: Any) -> None:
    ran = cli("signals", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.data["signals"]) == 16
    assert all(row.keys() >= SIGNAL for row in ran.data["signals"].values())


def test_the_settled_keys_of_a_study_are_there(cli: Any) -> None:
    ran = cli("signals", "events", "hash_ribbon", "--from", "2019-01-01", "--to", "2020-12-31", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert all(e.keys() >= {"date", "kind"} for e in ran.data["events"])
    assert all(s.keys() >= STUDY for s in ran.data["study"])
    assert [s["horizon_days"] for s in ran.data["study"][:4]] == [30, 90, 180, 365]
    dates = [e["date"] for e in ran.data["events"] if e["kind"] == "buy"]
    assert dates == ["2019-01-10", "2019-12-27", "2020-04-24", "2020-07-12", "2020-12-02"]
    assert ran.data["study"][0]["kind"] == "buy"
    assert ran.data["study"][0]["n"] == 5


def test_as_of_an_earlier_day_the_later_events_are_not_there(cli: Any) -> None:
    now = cli("signals", "events", "kumo_twist_leading", "--to", "2019-12-31", "--json").data
    then = cli("signals", "events", "kumo_twist_leading", "--as-of", "2019-12-31", "--json").data
    assert [e["date"] for e in now["events"]] == [e["date"] for e in then["events"]]
    assert then["events"][-1]["outcomes"][-1]["return_frac"] is None
    assert now["events"][-1]["outcomes"][-1]["return_frac"] is not None


@pytest.mark.parametrize("width", [80, 140])
def test_pages_fit_the_screen_and_say_what_is_behind_them(cli: Any, width: int) -> None:
    page = cli("signals", width=width)
    study = cli("signals", "events", "hash_ribbon", "--from", "2014-01-01", width=width)
    for ran in (page, study):
        assert ran.code == 0
        assert "As of 2025-08-22, last complete day in the store" in ran.out.splitlines()[0]
        assert max(map(len, ran.out.splitlines())) <= width
    row = next(line for line in page.out.splitlines() if line.startswith("miner_selling"))
    assert "no data" in row
    for words in ("(Holm)", "random", "block bootstrap"):
        assert words in study.out


def test_events_from_closes_alone_are_marked(cli: Any) -> None:
    out = cli("signals", "events", "kumo_twist_leading", "--from", "2014-01-01").out
    assert "2014-06-08* bearish twist" in out
    assert "* from closes only" in out


def test_the_table_of_events_has_a_column_per_outcome(cli: Any) -> None:
    out = cli("signals", "events", "puell", "--from", "2014-01-01", "--csv", "-").out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert rows[0].keys() >= {"date", "kind", "price_usd", "return_frac_30d", "drawdown_frac_365d"}
    data = cli("signals", "events", "puell", "--from", "2014-01-01", "--json").data
    assert [r["date"] for r in rows] == [e["date"] for e in data["events"]]
    assert float(rows[0]["return_frac_30d"]) == data["events"][0]["outcomes"][0]["return_frac"]


def test_a_history_has_every_day_and_a_picture_of_each_known_signal(cli: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    ran = cli("signals", "--history", str(tmp_path / "h"), "--as-of", "2013-12-31", "--json")
    assert ran.code == 0
    files = {Path(f).name for f in ran.data["files"]}
    assert files == {
        "signals.csv",
        *(f"{k}.png" for k, v in ran.data["signals"].items() if v["value"] is not None),
    }
    with (tmp_path / "h" / "signals.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[-1]["date"] == "2013-12-31"
    assert float(rows[-1]["puell"]) == pytest.approx(ran.data["signals"]["puell"]["value"], rel=1e-9)
    assert rows[-1]["hash_ribbon_state"] == ran.data["signals"]["hash_ribbon"]["state"]
    assert "buy" in {kind for r in rows for kind in r["hash_ribbon_event"].split()}


def test_a_picture_of_a_study(cli: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / "k.svg"
    ran = cli("signals", "events", "kumo_twist_current", "--from", "2014-09-01", "--plot", str(file), "-q")
    assert ran.code == 0
    text = file.read_text(encoding="utf-8")
    assert "kumo twist current" in text
    n = sum(" bearish twist " in line for line in ran.out.splitlines())
    assert f"bearish twist ({n})" in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("events", "hash_ribon"), 2, "hash_ribbon"),
        (("events", "puell", "--from", "2020-01-01", "--to", "2019-01-01"), 2, "earlier date first"),
        (("events", "puell", "--from", "soon"), 2, "soon"),
        (("events", "puell", "--from", "2031-01-01"), 2, "the record ends on 2025-08-22"),
        (("events", "puell", "--to", "2009-01-10"), 2, "the record begins on"),
        (("events", "miner_selling"), 3, "companies-monthly"),
        (("events", "kumo_twist_current", "--to", "2011-01-01"), 3, "no value in this span"),
        (("events", "puell", "--plot", "x.gif"), 2, ".png or .svg"),
        (("--as-of", "2009-01-10"), 3, "the first price"),
        (("--max-age", "1"), 3, "days old"),
    ],
)
def test_questions_that_are_wrong(cli: Any, arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = cli("signals", *arguments)
    assert ran.code == code
    assert said in ran.err
    assert ran.out == ""
    assert ran.err.count("\n") == 1
