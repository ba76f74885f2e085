"""How the command line behaves: exit codes, one line per error, no escape codes in a pipe, widths."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from manometer.errors import InternalError
from manometer.faces import gauge_page
from manometer.signals import lamps, state

DAY = "2014-03-01"

WRONG = [
    (("gauge", "--as-of", "yesterday"), 2, "not a date"),
    (("gauge", "--as-of", "2022-02-30"), 2, "not a date"),
    (("gauge", "--as-of", "2009-06-01"), 3, "first price"),
    (("gauge", "--as-of", "1999-01-01"), 2, "before Bitcoin"),
    (("gauge", "--as-of", "-5"), 2, "not a date"),
    (("gauge", "--retrieved-by", "soon"), 2, "retrieved-by"),
    (("gauge", "--retrieved-by", "2009-06-01"), 3, ""),
    (("gauge", "--max-age", "nan", "--as-of", DAY), 2, "max-age"),
    (("gauge", "--max-age", "-1", "--as-of", DAY), 2, "max-age"),
    (("gauge", "--nonsense"), 2, "--nonsense"),
    (("gauge", "--history", "/dev/null/x"), 2, "cannot make"),
    (("gauge", "--store", "mysql://x"), 2, "store"),
    (("gauge", "--store", "/dev/null/x.sqlite"), 3, "store"),
    (("guage",), 2, "gauge"),
    (("hashprice", "--price-usd", "-5"), 2, "price-usd"),
    (("hashprice", "--price-usd", "nan"), 2, "price-usd"),
    (("hashprice", "--price-usd", "inf"), 2, "price-usd"),
    (("hashprice", "--price-usd", "1e999"), 2, "price-usd"),
    (("hashprice", "--price-usd", "5 bananas"), 2, "unknown unit"),
    (("hashprice", "--price-usd", ""), 2, "price-usd"),
    (("hashprice", "--difficulty", "0"), 2, "difficulty"),
    (("hashprice", "--difficulty", "nan"), 2, "difficulty"),
    (("hashprice", "--difficulty", "1e14", "--hashrate-ehs", "900"), 2, "not both"),
    (("hashprice", "--height", "1", "--subsidy-btc", "50"), 2, "not both"),
    (("hashprice", "--height", "1.5"), 2, "whole number"),
    (("hashprice", "--height", "-1"), 2, "height"),
    (("hashprice", "--hashrate-ehs", "0"), 2, "hashrate"),
    (("hashprice", "--fees-btc", "-0.1"), 2, "fees-btc"),
    (("hashprice", "--convention", "dificulty"), 2, "did you mean 'difficulty'"),
    (("hashprice", "--hashes-per-difficulty", "2^33"), 2, "2^32"),
    (("machines", "--model", "Antminer S99"), 2, "did you mean"),
    (("machines", "--model", "S21", "--as-of", DAY), 2, "released"),
    (("machines", "--power-price", "55 EUR/MWh"), 2, "unknown unit"),
    (("machines", "--power-price", "-5"), 2, "power-price"),
    (("machines", "--power-price", "0.055"), 2, "write '0.055 USD/kWh' or '55 USD/MWh'"),
    (("machines", "--power-price", "cheap"), 2, "not a number"),
    (("machines", "--hashprice", "inf"), 2, "hashprice"),
    (("machines", "--overhead", "0.5"), 2, "overhead"),
    (("machines", "--overhead", "nan"), 2, "overhead"),
    (("machines", "--sort", "colour"), 2, "sort order"),
    (("network", "--hashprice", "50", "--price-usd", "9", "--as-of", DAY), 2, "not both"),
    (("network", "--price-usd", "-9"), 2, "price-usd"),
    (("network", "--hashprice", "0", "--as-of", DAY), 2, "hashprice"),
    (("import",), 2, "at least one file"),
    (("import", "/nowhere/at all.csv"), 2, "no such file"),
    (("import", "/dev/null", "--kind", "networkdaily"), 2, ""),
    (("doctor", "--csv", "/dev/null/x"), 2, "cannot write"),
    (("doctor", "--json", "--csv", "-"), 2, "stdout"),
    (("completion", "tcsh"), 2, "tcsh"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "said"), WRONG, ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)
def test_a_mistake_is_one_clear_line_on_stderr(
    cli: Any, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = cli(*arguments)
    assert ran.code == code, ran.err
    assert ran.err.startswith("manometer: ")
    assert ran.err.count("\n") == 1
    assert said.casefold() in ran.err.casefold()
    assert "Traceback" not in ran.err


def test_age_alone_never_changes_the_exit_code_but_max_age_does(cli: Any) -> None:
    assert cli("hashprice").code == 0
    late = cli("hashprice", "--max-age", "1")
    assert (late.code, late.out) == (3, "")
    assert cli("hashprice", "--max-age", "1", "--as-of", DAY).code == 0


@pytest.mark.parametrize("command", ["gauge", "hashprice", "machines", "network"])
def test_age_counts_from_the_end_of_the_last_day(cli: Any, command: str) -> None:
    noon = (command, "--as-of", "2025-08-23T12:00:00Z", "--max-age")
    assert cli(*noon, "0.5").code == 0
    assert cli(*noon, "0.4").code == 3


def test_an_unexpected_error_is_one_line_and_a_hint(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr("manometer.store.doctor", fail)
    ran = cli("doctor")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert "MANOMETER_DEBUG=1" in ran.err


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (BrokenPipeError(), 0), (InternalError("law"), 1)]
)
def test_interrupts_pipes_and_our_bugs(
    cli: Any, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("manometer.store.doctor", fail)
    monkeypatch.setattr("manometer.faces.cli._let_go_of_stdout", lambda: None)
    assert cli("doctor").code == code


PAGES = [
    ("gauge",),
    ("gauge", "--as-of", "2010-08-16"),
    ("gauge", "--as-of", "2011-11-01"),
    ("gauge", "--as-of", "2021-07-05"),
    ("gauge", "--as-of", "2022-11-20"),
    ("network",),
    ("network", "--as-of", "2011-11-01"),
    ("network", "--as-of", "2022-11-20"),
    ("machines",),
    ("machines", "--all", "--tuned"),
    ("machines", "--home", "--power-price", "30 c/kWh"),
    ("machines", "--as-of", "2011-11-01"),
    ("hashprice", "--convention", "revenue_over_hashrate"),
    ("doctor",),
]


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_pages_keep_to_the_width_and_have_no_escape_codes(cli: Any, page: tuple[str, ...]) -> None:
    for width in (80, 160):
        ran = cli(*page, width=width)
        assert ran.code == 0
        assert ran.err == ""
        assert "\x1b" not in ran.out
        assert max(len(line) for line in ran.out.splitlines()) <= width
        assert "nan" not in re.findall(r"[a-z]+", ran.out)
        assert not re.search(r"\bNone\b", ran.out)


def test_the_gauge_says_first_what_is_happening_and_last_what_cost_is_not(cli: Any) -> None:
    lines = cli("gauge").out.rstrip("\n").splitlines()
    assert lines[0].startswith("As of 2025-08-22, last complete day in the store, ")
    assert "116,874 USD/BTC" in lines[0]
    assert lines[1].split()[0] in {s.upper() for s in state.STATES}
    assert lines[-1] == "Cost is a pressure gauge, not a price floor."
    assert len(lines) <= 48


@pytest.mark.parametrize(("width", "rows"), [(80, 52), (160, 36)])
def test_the_gauge_shows_every_part_lamp_and_layer(cli: Any, width: int, rows: int) -> None:
    text = cli("gauge", "--as-of", "2018-12-10", width=width).out
    for word in ("revenue", "time under cost", "selling", "missing", "efficiency", "power cost", "proxy:"):
        assert word in text
    for word in ("electricity", "direct", "cash", "all-in", "Retarget", "Ribbon", "block luck", "Relief"):
        assert word in text
    assert len(text.splitlines()) <= rows


def test_before_the_first_machines_the_gauge_says_so(cli: Any) -> None:
    assert "stylised machines" in cli("gauge", "--as-of", "2012-06-01").out


def test_a_ban_shows_as_a_dislocation_with_its_cause(cli: Any) -> None:
    text = cli("gauge", "--as-of", "2021-07-05").out
    assert "Dislocation" in text
    assert "policy" in text
    assert "Hashrate is leaving although mining pays" in text
    assert "Pressure has built up" not in text


@pytest.mark.parametrize("width", [80, 160])
def test_a_fleet_that_is_not_known_yet_is_one_sentence(cli: Any, width: int) -> None:
    text = cli("gauge", "--as-of", "2010-08-16", width=width).out
    assert "The fleet is not known yet" in text
    assert "unknown of the" not in text
    assert "?-?" not in text


def test_stress_on_a_calm_day_names_the_week(cli: Any) -> None:
    asked = ("gauge", "--as-of", "2020-04-12")
    d = cli(*asked, "--json").data
    assert d["state"] in ("stress", "capitulation")
    assert d["pressure"] < 50
    said = f"the week's mean pressure, {d['pressure_7d']:.0f}, not by the day's {d['pressure']:.0f}."
    assert said in " ".join(cli(*asked).out.split())


def test_machines_that_run_on_at_a_loss_are_committed(cli: Any) -> None:
    line = "those above today's hashprice run on at a loss: commitment"
    assert line in cli("network", "--as-of", "2022-11-20").out
    assert line not in cli("network").out


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("more", [(), ("--all",), ("--home",)], ids=" ".join)
def test_no_number_of_a_machine_is_cut_off(cli: Any, width: int, more: tuple[str, ...]) -> None:
    lines = cli("machines", "--tuned", *more, width=width).out.splitlines()
    assert any("115%" in line for line in lines)
    assert "tuned 115%" not in "".join(lines)
    for line in lines:
        assert len(line) <= width
        assert line.count("…") <= 1, line
        assert not re.search(r"\s(-?[\d.,]+|unkno\w*)…", line), line


def test_history_without_matplotlib_is_the_table_and_a_line(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: None)
    ran = cli("gauge", "--as-of", "2012-01-01", "--history", str(tmp_path), "--json")
    assert ran.code == 0
    assert ran.data["files"] == [str(tmp_path / "history.csv")]
    assert ran.err.count("\n") == 1
    assert "pip install 'manometer[plot]'" in ran.err


def test_the_marks_of_the_needle_are_the_thresholds_of_the_state() -> None:
    marks = [p for p, _ in gauge_page.MARKS]
    assert marks == [state._LEAVE_TIGHT, state._ENTER_TIGHT, state._ENTER_STRESS]
    assert gauge_page.SHORT_BASIS.keys() == lamps.LAMPS.keys()


def test_home_machines_are_never_sold_as_income(cli: Any) -> None:
    text = cli("machines", "--home").out.casefold()
    assert "odds" in text
    for word in ("profit", "earn", "yield", "income", "return"):
        assert word not in text


def test_quiet_keeps_the_answer(cli: Any) -> None:
    ran = cli("hashprice", "--quiet")
    assert "USD per PH/s per day" in ran.out
    assert len(ran.out.splitlines()) == 2


def test_version_and_help(cli: Any) -> None:
    import manometer

    assert cli("--version").out.strip() == manometer.__version__
    text = cli("--help").out
    for command in ("gauge", "network", "machines", "hashprice", "import", "doctor"):
        assert command in text
        helped = cli(command, "--help")
        assert helped.code == 0
        for option in ("--json", "--store", "--quiet"):
            assert option in helped.out


def test_help_keeps_to_the_width(cli: Any) -> None:
    for command in ("gauge", "machines", "import"):
        for width in (80, 160):
            assert max(map(len, cli(command, "--help", width=width).out.splitlines())) <= width


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_the_commands(cli: Any, shell: str) -> None:
    assert "hashprice" in cli("completion", shell).out


def run(*arguments: str, store: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    keep = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "PYTHONUTF8")}
    return subprocess.run(
        [sys.executable, "-m", "manometer", *arguments],
        capture_output=True,
        env={**keep, "MANOMETER_STORE": str(store), "COLUMNS": "80", **environment},
        timeout=120,
        check=False,
    )


def on_a_terminal(*arguments: str, store: Path, **environment: str) -> str:
    ours, theirs = os.openpty()
    keep = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "manometer", *arguments],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**keep, "MANOMETER_STORE": str(store), "COLUMNS": "80", "TERM": "xterm-256color", **environment},
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    assert process.wait(timeout=120) == 0
    return b"".join(parts).decode()


def test_colours_on_a_terminal_and_none_with_no_color(cli: Any, faces_store: Path) -> None:
    colour = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7])m")
    assert cli("machines").code == 0
    shown = on_a_terminal("machines", "--hashprice", "20", store=faces_store)
    assert colour.search(shown)
    assert not colour.search(on_a_terminal("machines", "--hashprice", "20", store=faces_store, NO_COLOR="1"))


def test_a_screen_of_ascii_gets_ascii(cli: Any, faces_store: Path) -> None:
    assert cli("gauge", "--as-of", DAY).code == 0
    ran = run("gauge", "--as-of", DAY, store=faces_store, PYTHONIOENCODING="ascii")
    assert ran.returncode == 0, ran.stderr
    assert b"Pressure" in ran.stdout
    assert ran.stdout.isascii()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["machines", "machines --csv -", "--help", "completion bash"])
def test_a_full_disk_is_one_line(cli: Any, faces_store: Path, command: str, unbuffered: str) -> None:
    assert cli("machines").code == 0
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "manometer", *command.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "MANOMETER_STORE": str(faces_store), "PYTHONUNBUFFERED": unbuffered},
            timeout=60,
            check=False,
        )
    assert ran.returncode == 3
    assert ran.stderr == b"manometer: cannot write the output: No space left on device\n"


def test_a_closed_pipe_is_quiet(cli: Any, faces_store: Path) -> None:
    assert cli("machines").code == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "manometer", "machines", "--all"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "MANOMETER_STORE": str(faces_store)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 0
    process.stderr.close()
