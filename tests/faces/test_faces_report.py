"""Reports: the same figures in three formats, and no name that becomes markup or a formula."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from manometer.engine.calendar import add_months
from manometer.errors import InputError
from manometer.faces.cli import main
from manometer.faces.report import build_report
from manometer.faces.report_html import html_of
from manometer.faces.report_pdf import pdf_of
from manometer.faces.report_xlsx import xlsx_of
from manometer.faces.screen import plain
from manometer.operator.reader import read_operator
from manometer.processes import constant_path
from manometer.readings.fleet import Terms, fleet_reading

ROOT = Path(__file__).parents[2]
EVIL = "<b>&\"'=1+2 #strong[x]"


def data_of(file: Path, **terms) -> dict:
    """The statement of an example on a constant path."""
    start = date(2024, 1, 1)
    n = (add_months(start, 6) - start).days
    path = constant_path(start, n, price_usd=42_000, difficulty=7.2e13, height=823_786, fees_btc=0.5)
    return plain(fleet_reading(read_operator(file), path, Terms(months=6), folder=file.parent).data)


@pytest.fixture(scope="module")
def data() -> dict:
    """A site's statement with names that a page must not believe."""
    d = data_of(ROOT / "examples" / "warehouse_2mw.yaml")
    d["operator"] = "=cmd|'/c calc'!A1"
    d["question"] = EVIL
    d["events"] = [{"date": "2024-01-01", "kind": "shortfall", "name": "+1+1", "text": EVIL}]
    return d


def test_html_stands_alone_and_escapes(data):
    """No script, no address, no markup from names."""
    page = html_of(build_report(data))
    assert "<script" not in page
    assert not re.findall(r"https?://|src=|@import|url\(", page)
    assert EVIL not in page
    assert "&lt;b&gt;&amp;&quot;&#x27;=1+2" in page
    assert "prefers-color-scheme:dark" in page
    ElementTree.fromstring(page.split("<body>")[1].join(["<body>", ""]).replace("</html>", ""))


def test_pdf_is_made_of_data(data):
    """Markup in a name is text there too."""
    raw = pdf_of(build_report(data))
    assert raw.startswith(b"%PDF-")
    assert len(raw) > 10_000


def test_xlsx_sums_are_formulas_with_their_values_and_names_are_text(data, tmp_path):
    """The months' total and what was kept are live; a name that starts with = is a string."""
    file = tmp_path / "r.xlsx"
    file.write_bytes(xlsx_of(build_report(data)))
    with zipfile.ZipFile(file) as book:
        sheets = {n: book.read(n).decode() for n in book.namelist() if "worksheets/sheet" in n}
        shared = book.read("xl/sharedStrings.xml").decode()
    summary, months = sheets["xl/worksheets/sheet1.xml"], sheets["xl/worksheets/sheet2.xml"]
    assert "<f>" not in summary
    assert "cmd|" in shared
    assert all("<f>" not in text for name, text in sheets.items() if not name.endswith("sheet2.xml"))
    formulas = re.findall(r"<c r=\"(\w+)\"[^>]*><f>([^<]+)</f><v>([^<]*)</v>", months)
    last = 2 + len(data["months"]) + 1
    total = {cell: (f, v) for cell, f, v in formulas if cell.endswith(str(last))}
    assert total[f"B{last}"][0] == f"SUM(B3:B{last - 1})"
    assert float(total[f"B{last}"][1]) == pytest.approx(data["total"]["mined_btc"])
    assert total[f"F{last}"][0] == f"B{last}-C{last}-D{last}-E{last}"
    assert float(total[f"F{last}"][1]) == pytest.approx(data["total"]["retained_btc"])


def test_the_three_say_what_the_statement_says(data):
    """Kept and earned to the digit of the screen."""
    page = html_of(build_report(data))
    assert f"{data['total']['retained_btc']:,.2f}" in page
    assert f"{data['total']['earned_btc']:,.2f}" in page


def test_a_home_report_has_no_industrial_line():
    """Cost and odds alone."""
    page = html_of(build_report(data_of(ROOT / "examples" / "bitaxe_at_home.yaml")))
    assert "chance of a block in a year" in page
    for word in ("overhead", "covenant", "hosting", "people", "Liquidity", "net bitcoin", "USD/PH"):
        assert word not in page


def test_the_command_writes_and_refuses(tmp_path, capsys, monkeypatch):
    """A file per format; another ending is one clear line."""
    monkeypatch.setenv("MANOMETER_STORE", str(tmp_path / "s.sqlite"))
    file = str(ROOT / "examples" / "warehouse_2mw.yaml")
    for ending in ("html", "pdf", "xlsx"):
        out = tmp_path / f"r.{ending}"
        assert main(["report", file, "-o", str(out), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["bytes"] == out.stat().st_size
    assert main(["report", file, "-o", str(tmp_path / "r.doc")]) == 2
    assert ".html, .pdf, .xlsx" in capsys.readouterr().err
    assert main(["report", file, "-o", str(tmp_path / "none" / "r.html")]) == 2


@pytest.mark.parametrize(("module", "make"), [("typst", pdf_of), ("xlsxwriter", xlsx_of)])
def test_a_missing_library_says_how_to_get_it(data, monkeypatch, module, make):
    """Not a traceback."""
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(InputError, match=r"manometer\[report\]"):
        make(build_report(data))


def test_paths_are_a_part_of_the_report(tmp_path, monkeypatch):
    """Asked for, the simulation's table and chances stand in it; a home has none."""
    monkeypatch.setenv("MANOMETER_STORE", str(tmp_path / "store.sqlite"))
    file, out = ROOT / "examples" / "warehouse_2mw.yaml", tmp_path / "r.html"
    asked = ["--months", "2", "--paths", "20", "-o", str(out), "-q"]
    assert main(["report", str(file), *asked]) == 0
    page = out.read_text(encoding="utf-8")
    assert "On 20 paths of 2 months" in page
    assert "On the middle path it keeps" in page
    assert "a bill is missed" in page
    assert main(["report", str(file), "-o", str(out), "-q"]) == 0
    assert "On 20 paths" not in out.read_text(encoding="utf-8")
    assert main(["report", str(ROOT / "examples" / "bitaxe_at_home.yaml"), *asked]) == 2
    assert main(["report", str(file), "--seed", "2", "-o", str(out)]) == 2
