"""The fleet commands as a user meets them: settled keys, exit codes, and what a home never shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from manometer.equipment import read_catalogue

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
MONTH = [
    "mined_btc",
    "sold_btc",
    "retained_btc",
    "held_btc",
    "pledged_btc",
    "cash_usd",
    "flows_usd",
    "sold_for_btc",
    "earned_btc",
    "month",
]
TOTAL = [
    "mined_btc",
    "sold_btc",
    "retained_btc",
    "retention_frac",
    "cost_usd_per_btc",
    "earned_btc",
    "earned_after_growth_btc",
    "funded_gap_btc",
    "net_btc",
    "buy_instead_btc",
]
KEYS = [
    "months",
    "total",
    "first_shortfall_utc",
    "breakeven_hashprice_usd_per_phs_day",
    "breakeven_price_usd",
    "liquidity",
    "triggers",
    "fall_to_exhaustion_frac",
    "covenants",
    "maturities",
    "low_point",
    "sources_usd",
    "uses_usd",
    "runway_days",
]
LINES = [
    "power",
    "hosting",
    "people",
    "site",
    "overheads",
    "interest",
    "principal",
    "capex",
    "ai",
    "tax",
    "deposits",
    "margin_call",
    "other",
]
INDUSTRIAL = (
    "staff",
    "covenant",
    "overhead",
    "equity",
    "margin call",
    "hosting",
    "people",
    "USD/PH/day",
    "profit",
    "net bitcoin",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """One store for all."""
    return tmp_path_factory.mktemp("fleet") / "store.sqlite"


def manometer(store: Path, *arguments: str, columns: int = 80) -> subprocess.CompletedProcess[str]:
    """Run the program in a pipe."""
    env = {**os.environ, "MANOMETER_STORE": str(store), "COLUMNS": str(columns), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "manometer", *arguments], capture_output=True, text=True, env=env
    )


@pytest.mark.parametrize("file", EXAMPLES, ids=[f.stem for f in EXAMPLES])
def test_each_example_is_a_question_and_runs(store, file):
    """Titled with a question, checked, run on history of its own start, with the settled keys."""
    head = file.read_text(encoding="utf-8").splitlines()[0]
    assert head.startswith("# Question: ")
    assert head.endswith("?")
    assert manometer(store, "fleet", "check", str(file)).returncode == 0
    how = ["--replay", "2022-01-01"] if "2022" in file.stem else []
    done = manometer(store, "fleet", "run", str(file), "--json", *how)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert set(KEYS) <= data.keys()
    assert set(TOTAL) <= data["total"].keys()
    assert all(set(MONTH) <= m.keys() for m in data["months"])
    assert list(data["total"]["sold_for_btc"]) == LINES
    assert len(data["months"]) == 12
    total = data["total"]
    kept = total["mined_btc"] - total["sold_btc"] - total["seized_btc"] - total["paid_out_btc"]
    assert total["retained_btc"] == pytest.approx(kept)
    if total["mined_btc"]:
        layers = [total["cost_usd_per_btc"][k] for k in ("electricity", "direct", "cash", "all_in")]
        assert layers == sorted(layers)


def test_a_leveraged_miner_of_2022_is_called_and_sells(store):
    """The replay says when the lender called and what was sold."""
    file = ROOT / "examples" / "listed_2022.yaml"
    data = json.loads(
        manometer(
            store, "fleet", "run", str(file), "--replay", "2022-01-01", "--months", "18", "--json"
        ).stdout
    )
    kinds = {e["kind"] for e in data["events"]}
    assert {"margin_call", "posted", "let_go"} <= kinds
    assert data["total"]["seized_btc"] + data["total"]["sold_btc"] > data["total"]["mined_btc"]
    assert data["triggers"][0]["price_usd"] < data["price_usd"]


def test_a_home_shows_no_industrial_line_and_no_yield(store):
    """Odds and cost in plain words."""
    page = manometer(store, "fleet", "run", str(ROOT / "examples" / "bitaxe_at_home.yaml")).stdout
    assert "chance of a block in a year" in page
    assert "not an income" in page
    assert not [w for w in (*INDUSTRIAL, "per day") if w in page]


@pytest.mark.parametrize("columns", [80, 160])
@pytest.mark.parametrize("kind", ["home", "site", "listed"])
def test_pages_fit_the_screen(store, tmp_path, kind, columns):
    """A starter written, checked and run; no line wider than the terminal."""
    file = tmp_path / f"{kind}.yaml"
    assert manometer(store, "fleet", "new", kind, "-o", str(file)).returncode == 0
    assert manometer(store, "fleet", "new", kind, "-o", str(file)).returncode == 2
    page = manometer(store, "fleet", "run", str(file), columns=columns)
    assert page.returncode == 0, page.stderr
    assert max(map(len, page.stdout.splitlines())) <= columns


def test_check_tells_every_problem_with_its_line(store, tmp_path):
    """Exit 2, line and path, as text and as JSON."""
    file = tmp_path / "bad.yaml"
    file.write_text("operator: A\nsites: []\ntresury: {}\n", encoding="utf-8")
    done = manometer(store, "fleet", "check", str(file))
    assert done.returncode == 2
    assert f"{file}:line 3, tresury: unknown key 'tresury'; did you mean 'treasury'?" in done.stdout
    data = json.loads(manometer(store, "fleet", "check", str(file), "--json").stdout)
    assert data["ok"] is False
    assert data["problems"][0]["line"] == 3


@pytest.mark.parametrize(
    ("arguments", "needle"),
    [
        (["--replay", "2022-01-01", "--price-usd", "9"], "keep one"),
        (["--months", "0"], "at least 1"),
        (["--months", "1.5"], "whole"),
        (["--replay", "1999-01-01"], "history goes from"),
        (["--shock", "-2"], "at least"),
        (["--step", "hour"], "must be one of"),
        (["--set", "treasury.policy=hodl"], "did you mean 'hold'"),
        (["--set", "nonsense"], "KEY=VALUE"),
        (["--from", "soon"], "not a day"),
    ],
)
def test_a_wrong_request_is_one_clear_line(store, arguments, needle):
    """Exit 2, no traceback."""
    done = manometer(store, "fleet", "run", str(ROOT / "examples" / "warehouse_2mw.yaml"), *arguments)
    assert done.returncode == 2
    assert needle in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_settings_shocks_and_steps(store, tmp_path):
    """A dearer tariff costs more; a shock lowers the price; thirteen weeks; a table of one's own."""
    file = str(ROOT / "examples" / "warehouse_2mw.yaml")
    base = json.loads(manometer(store, "fleet", "run", file, "--json").stdout)
    dear = json.loads(
        manometer(store, "fleet", "run", file, "--json", "--set", "sites.1.power.price=70 USD/MWh").stdout
    )
    assert dear["total"]["cost_usd_per_btc"]["electricity"] > base["total"]["cost_usd_per_btc"]["electricity"]
    low = json.loads(
        manometer(store, "fleet", "run", file, "--json", "--shock", "-0.2", "--step", "week").stdout
    )
    assert low["price_usd"] == pytest.approx(0.8 * base["price_usd"])
    assert len(low["weeks"]) == 13
    table = tmp_path / "path.csv"
    table.write_text(
        "date,price_usd,difficulty\n2024-01-01,40000,7e13\n2024-06-30,60000,8e13\n", encoding="utf-8"
    )
    own = json.loads(manometer(store, "fleet", "run", file, "--json", "--path", str(table)).stdout)
    assert (own["first_day"], own["last_day"]) == ("2024-01-01", "2024-06-30")
    csv = tmp_path / "months.csv"
    assert manometer(store, "fleet", "run", file, "--csv", str(csv)).returncode == 0
    assert csv.read_text().startswith("month,mined_btc,")


def test_levers_are_ranked_against_keeping_on(store):
    """Every lever of the field is offered or says why not; keep running is the zero."""
    file = str(ROOT / "examples" / "listed_2022.yaml")
    data = json.loads(manometer(store, "fleet", "levers", file, "--replay", "2022-01-01", "--json").stdout)
    names = {r["name"] for r in data["levers"]} | {r["name"] for r in data["not_offered"]}
    assert names >= {
        "keep running", "switch off", "sell machines", "pay in bitcoin", "re-tune", "sell all that is mined", "renegotiate power", "delay expansion",
        "move machines", "refinance", "equity", "AI conversion", "hedge hashprice", "defer maintenance",
        "let a borrower go", "buy spot instead",
    }  # fmt: skip
    ranks = [r["net_btc_delta"] for r in data["levers"]]
    assert ranks == sorted(ranks, reverse=True)
    assert {(r["se"], r["survival_delta"]) for r in data["levers"]} == {(None, None)}
    base = next(r for r in data["levers"] if r["name"] == "keep running")
    assert (base["net_btc_delta"], base["retained_btc_delta"]) == (0.0, 0.0)
    page = manometer(store, "fleet", "levers", file, "--replay", "2022-01-01")
    assert "keep running" in page.stdout


def test_what_lenders_did_is_in_the_first_sentence(store):
    """Not only in a list that is cut."""
    file = str(ROOT / "examples" / "listed_2022.yaml")
    page = manometer(store, "fleet", "run", file, "--replay", "2022-01-01", "--months", "18").stdout
    first = " ".join(page.split("Where the coins went")[0].split())
    assert "A borrower is let go on 2022-06-30 (Georgia machines)." in first
    assert "A lender takes coins on 2022-11-30 (coin loan)." in first
    assert "liquidated" in page or "seized" in page


def test_cover_without_debt_is_unknown_not_a_number(store, tmp_path):
    """Nothing falls due: no headroom of 10^17, no infinity in JSON."""
    file = tmp_path / "c.yaml"
    text = (ROOT / "examples" / "gulf_state.yaml").read_text(encoding="utf-8")
    file.write_text(f"{text}\ncovenants: [{{name: cover, least_cover: 1.2}}]\n", encoding="utf-8")
    data = json.loads(manometer(store, "fleet", "run", str(file), "--json").stdout)
    assert {c["headroom_frac"] for c in data["covenants"]} == {None}
    assert "nothing is due" in manometer(store, "fleet", "run", str(file)).stdout


def test_two_files_side_by_side(store):
    """On one path; different days are refused."""
    a, b = (str(ROOT / "examples" / f"{n}.yaml") for n in ("gulf_state", "texas_120mw"))
    data = json.loads(manometer(store, "fleet", "compare", a, b, "--json").stdout)
    assert data["first"]["price_usd"] == data["second"]["price_usd"]
    assert any(r["key"] == "total.retained_btc" for r in data["rows"])
    other = str(ROOT / "examples" / "old_and_new.yaml")
    assert manometer(store, "fleet", "compare", a, other).returncode == 2


def test_two_homes_side_by_side_have_no_industrial_lines(store):
    """Costs, heat and odds; a home beside a business is refused."""
    home = str(ROOT / "examples" / "bitaxe_at_home.yaml")
    page = manometer(store, "fleet", "compare", home, home).stdout
    assert "chance of a block in a year" in page
    assert not any(word in page for word in ("cost: cash", "break-even", "earned", "spot"))
    site = str(ROOT / "examples" / "gulf_state.yaml")
    mixed = manometer(store, "fleet", "compare", home, site, "--from", "2025-01-01")
    assert (mixed.returncode, "a home" in mixed.stderr) == (2, True)


def test_the_schema_is_printed(store):
    """For an editor to find."""
    data = json.loads(manometer(store, "fleet", "schema").stdout)
    assert "sites" in data["properties"]


def test_a_start_beyond_the_record_meets_the_halving(store):
    """The subsidy of 2030 is that of 2030; a file that is not there is said once."""
    file = str(ROOT / "examples" / "gulf_state.yaml")
    late = json.loads(
        manometer(store, "fleet", "run", file, "--from", "2030-01-01", "--months", "2", "--json").stdout
    )
    now = json.loads(
        manometer(store, "fleet", "run", file, "--from", "2025-08-23", "--months", "2", "--json").stdout
    )
    ratio = late["hashprice_usd_per_phs_day"] / now["hashprice_usd_per_phs_day"]
    assert 0.49 < ratio < 0.52
    assert late["path"] == "constant, as of 2025-08-22"
    done = manometer(store, "fleet", "run", "none.yaml")
    assert done.stderr == "manometer: none.yaml: is not there\n"


def test_a_table_has_the_subsidy_of_its_days_and_is_cut_to_those_asked_for(store, tmp_path):
    """6.25 in 2022; --from and --months take a part; what is not in it, or said twice, is refused."""
    file, table = str(ROOT / "examples" / "gulf_state.yaml"), tmp_path / "p.csv"
    table.write_text(
        "date,price_usd,difficulty,fees_btc\n2022-01-01,50000,2.4e13,0\n2022-06-01,50000,2.4e13,0\n",
        encoding="utf-8",
    )
    on_it = ("fleet", "run", file, "--json", "--path", str(table))
    data = json.loads(manometer(store, *on_it, "--from", "2022-02-01", "--months", "2").stdout)
    assert (data["first_day"], data["last_day"]) == ("2022-02-01", "2022-03-31")
    phs_days_of_a_block = 2.4e13 * 2**32 / 1e15 / 86_400
    assert data["hashprice_usd_per_phs_day"] == pytest.approx(50_000 * 6.25 / phs_days_of_a_block)
    assert "are not all in it" in manometer(store, *on_it, "--months", "12").stderr
    both = manometer(store, "fleet", "run", file, "--replay", "2022-01-01", "--from", "2022-03-01")
    assert (both.returncode, "leave --from out" in both.stderr) == (2, True)


def test_a_small_device_costs_what_its_meter_says(store):
    """19 W for a year at 0.32 EUR/kWh, 0.96 EUR to the dollar: not 365 times a whole number of cents."""
    file = str(ROOT / "examples" / "bitaxe_at_home.yaml")
    data = json.loads(manometer(store, "fleet", "run", file, "--json").stdout)
    machine = read_catalogue()["Bitaxe Gamma"]
    kwh = machine.power_w * 0.98 * 24 * 365 / 1000
    assert data["home"]["power_cost_usd"] == pytest.approx(kwh * 0.32 / 0.96, rel=1e-9)
