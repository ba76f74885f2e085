"""`manometer import` through the command line, and the files that `gauge --history` writes."""

from __future__ import annotations

import builtins
import csv
from pathlib import Path
from typing import Any

import pytest

OHLCV = "date,open_usd,high_usd,low_usd,close_usd,volume_yahoo_usd,close_coindesk_usd,volume_coindesk_usd\n"
GOOD = "2025-09-01,100,110,90,105,1000,,\n"
BAD = "2025-09-02,100,110,90,dear,1000,,\n"


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return tmp_path / "fresh.sqlite"


def table(tmp_path: Path, name: str, *rows: str) -> str:
    path = tmp_path / name
    path.write_text(OHLCV + "".join(rows))
    return str(path)


def test_an_import_is_counted_and_a_second_one_adds_nothing(cli: Any, tmp_path: Path, fresh: Path) -> None:
    file = table(tmp_path, "day.csv", GOOD)
    (first,) = cli("import", file, "--json", store=fresh).data["files"]
    keys = {"file", "kind", "rows_added", "rows_known", "rows_refused", "first", "last"}
    assert first.keys() >= keys
    assert (first["kind"], first["rows_added"], first["rows_refused"]) == ("ohlcv-daily", 1, 0)
    assert first["first"] == first["last"] == "2025-09-01"
    (second,) = cli("import", file, "--json", store=fresh).data["files"]
    assert (second["rows_added"], second["rows_known"]) == (0, 1)
    assert "ohlcv-daily" in cli("import", file, store=fresh).out
    assert cli("import", file, "--quiet", store=fresh).out == ""


def test_a_refused_row_stores_nothing_and_is_named(cli: Any, tmp_path: Path, fresh: Path) -> None:
    file = table(tmp_path, "bad.csv", GOOD, BAD)
    ran = cli("import", file, store=fresh)
    assert ran.code == 2
    assert "line 3" in ran.err
    assert ran.err.count("\n") == 1
    assert cli("import", file, "--json", store=fresh).data["files"][0]["rows_added"] == 0
    kept = cli("import", file, "--skip-bad", store=fresh)
    assert kept.code == 0
    assert "line 3" in kept.out
    assert cli("import", file, "--skip-bad", "--json", store=fresh).data["files"][0]["rows_refused"] == 1


def test_one_bad_file_does_not_hide_the_others(cli: Any, tmp_path: Path, fresh: Path) -> None:
    good, bad = table(tmp_path, "good.csv", GOOD), table(tmp_path, "bad.csv", BAD)
    ran = cli("import", bad, good, str(tmp_path / "none.csv"), "--json", store=fresh)
    assert ran.code == 2
    assert [f["rows_added"] for f in ran.data["files"]] == [0, 1, 0]
    assert [line.startswith("manometer: ") for line in ran.err.splitlines()] == [True, True]


def test_a_refused_file_is_in_json_line_by_line(
    cli: Any, tmp_path: Path, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = table(tmp_path, "bad.csv", GOOD, *[BAD] * 30)
    ran = cli("import", file, "--json", store=fresh)
    assert ran.code == 2
    (row,) = ran.data["files"]
    assert (row["kind"], row["rows_added"], row["rows_refused"]) == ("ohlcv-daily", 0, 30)
    assert [p["line"] for p in row["problems"]] == list(range(3, 33))
    assert row["problems"][0]["message"] == "close_usd: 'dear' is not a finite number"
    assert row["problems_left_out"] == 0
    text = cli("import", file, store=fresh)
    assert text.err.count("line ") == 20
    assert "and 10 more" in text.err
    assert len(text.out.splitlines()) == 2
    kept = cli("import", file, "--skip-bad", store=fresh).out
    assert kept.count(": line ") == 20
    assert "bad.csv: and 10 more" in kept
    monkeypatch.setattr("manometer.faces.store_commands._JSON_PROBLEMS", 25)
    (row,) = cli("import", file, "--json", store=fresh).data["files"]
    assert (len(row["problems"]), row["problems_left_out"]) == (25, 5)


def test_names_are_shown_as_they_are(cli: Any, tmp_path: Path, fresh: Path) -> None:
    """No markup in stored words and file names; in a pipe one whole line per file."""
    long = "[red]" + "long-name-" * 20 + ".csv"
    for name, code in ((long, 0), ("[bold]" + long, 2)):
        ran = cli("import", table(tmp_path, name, BAD if code else GOOD), store=fresh)
        assert ran.code == code
        assert [line.split()[0] for line in ran.out.splitlines()] == ["file", name]
    machines = tmp_path / "machines.csv"
    rows = "".join(f"{model},100,3000,2020-01-01\n" for model in ("[red]Evil[/red]", "Good"))
    machines.write_text("model,hashrate_th,power_w,release_date\n" + rows)
    assert cli("import", str(machines), store=fresh).code == 0
    power = tmp_path / "[red]Evil[-red]"
    power.write_text("time_local,usd_per_mwh\n2024-01-31T00:00Z,5\n2024-01-31T05:00Z,5\n")
    assert cli("import", str(power), store=fresh).code == 0
    report = cli("doctor", store=fresh, width=160)
    assert "gaps in power_price_usd_per_mwh [red]Evil[-red]: " in report.out
    names = {row["entity"] for row in cli("doctor", "--json", store=fresh).data["series"]}
    assert "[red]Evil[/red] @ 100 TH/s" in names


def test_doctor_counts_the_entities_of_a_variable(cli: Any, tmp_path: Path, fresh: Path) -> None:
    months = tmp_path / "m.csv"
    months.write_text(
        "ticker,month_end,btc_produced\nRIOT,2024-01-31,5\nMARA,2024-02-29,6\n[red]Evil[/red],2024-03-31,7\n"
    )
    fact = "A,10-Q-2024-03-31,us:{},2024-01-01,2024-03-31,5,USD\n"
    facts = tmp_path / "f.csv"
    facts.write_text(
        "ticker,filing,concept,period_start,period_end,value,unit\n" + "".join(map(fact.format, "XYZ"))
    )
    assert cli("import", str(months), str(facts), store=fresh).code == 0
    lines = cli("doctor", store=fresh, width=160).out.splitlines()
    (mined,) = [line.split() for line in lines if line.startswith("company.monthly.mined_btc")]
    assert mined[1:5] == ["3", "3", "2024-01-31", "2024-03-31"]
    (filed,) = [line.split() for line in lines if line.startswith("sec.")]
    assert filed[:3] == ["sec.*", "1", "3"]
    assert sum(line.startswith("price_usd ") for line in lines) == 1
    listed = [row["name"] for row in cli("doctor", "--json", store=fresh).data["series"]]
    assert listed.count("company.monthly.mined_btc") == 3


def test_an_interrupted_import_leaves_nothing(
    cli: Any, tmp_path: Path, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = table(tmp_path, "day.csv", GOOD)
    assert cli("doctor", store=fresh).code == 0

    def stop(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("manometer.store.load.append", stop)
        assert cli("import", file, store=fresh).code == 130
    assert cli("import", file, "--json", store=fresh).data["files"][0]["rows_added"] == 1


def test_the_history_has_a_row_per_day_and_pictures(cli: Any, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    ran = cli("gauge", "--as-of", "2013-12-31", "--history", str(folder), "--json")
    assert ran.code == 0
    assert {Path(p).name for p in ran.data["files"]} == {
        "history.csv",
        "history.png",
        "history.svg",
        "history-dark.png",
    }
    with (folder / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["date"] == "2010-08-16"
    assert rows[-1]["date"] == "2013-12-31"
    assert len(rows) == 1234  # 2010-08-16 to 2013-12-31, both included
    assert float(rows[-1]["pressure"]) == pytest.approx(ran.data["pressure"], rel=1e-5)
    assert rows[-1]["state"] == ran.data["state"]
    assert "nan" not in (folder / "history.csv").read_text()
    assert (folder / "history.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "price floor" in (folder / "history.svg").read_text()


def test_without_matplotlib_the_remedy_is_named(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *_: None)
    ran = cli("gauge", "--history", str(tmp_path))
    assert ran.code == 0
    assert "pip install 'manometer[plot]'" in ran.err
    assert [p.name for p in tmp_path.iterdir()] == ["history.csv"]


def test_reading_needs_no_drawing_and_no_frames(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def guarded(name: str, *rest: Any, **more: Any) -> Any:
        assert name.partition(".")[0] not in ("matplotlib", "polars"), name
        return imported(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", guarded)
    assert cli("gauge", "--as-of", "2011-06-01").code == 0
    assert cli("machines", "--as-of", "2016-01-01").code == 0
