"""`fleet simulate` and `fleet levers --paths` as a user meets them: keys, screens, pictures, refusals."""

import csv
import io
import json
from pathlib import Path

import pytest

from manometer.faces import simulate_picture
from manometer.readings import simulate as reading

HERE = Path(__file__).parent
FILE = str(HERE / "small_listed.yaml")
ROOT = HERE.parents[1]
HOME = str(ROOT / "examples" / "bitaxe_at_home.yaml")
FEW = ("--paths", "24", "--months", "2", "--threads", "2")

SETTLED = ("retained_btc", "retention_frac", "runway_days", "default_probability", "breach_probability",
           "buy_instead_btc", "seed", "paths", "wall_s")  # fmt: skip
QUANTILES = ("mean", "p05", "p25", "p50", "p75", "p95")
INDUSTRIAL = ("staff", "covenant", "overhead", "equity", "margin", "hosting", "people", "profit", "net of",
              "loan", "earned", "yield", "bill is missed")  # fmt: skip

WRONG = [
    (("--paths", "0"), 2, "paths: 0"),
    (("--paths", "-5"), 2, "paths"),
    (("--paths", "1.5"), 2, "whole number"),
    (("--paths", "many"), 2, "not a number"),
    (("--paths", "1000000000", "--months", "1"), 2, "--yes"),
    (("--months", "121"), 2, "at most 120"),
    (("--seed", "-1"), 2, "seed"),
    (("--seed", "1e300"), 2, "seed"),
    (("--process", "garch"), 2, "did you mean 'garch_fhs'"),
    (("--policy", "hodl"), 2, "did you mean 'hold'"),
    (("--drift", "-1"), 2, "drift"),
    (("--drift", "nan"), 2, "drift"),
    (("--volatility", "50"), 2, "volatility 50 a year"),
    (("--volatility", "-0.5"), 2, "volatility"),
    (("--as-of", "tomorrow"), 2, "not a date"),
    (("--from", "soon"), 2, "not a day"),
    (("--from", "2009-01-03"), 3, "first price"),
    (("--threads", "0"), 2, "threads"),
    (("--cluster", "carrier pigeon", *FEW), 2, "tcp://HOST:PORT"),
    (("--resume",), 2, "no stopped run"),
    (("--stream", "/dev/null/run", *FEW), 2, "cannot hold a run"),
    (("--plot", "picture.bmp"), 2, ".png or .svg"),
    (("--plot", "/nowhere/at/all.png"), 2, "no folder"),
    (("--set", "sites.0.machines.0.count=90000000"), 1, "times the network's"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), WRONG, ids=[" ".join(w[0])[:40] for w in WRONG])
def test_a_wrong_request_is_one_clear_line(cli, arguments, code, said):
    """Exit code, one line on stderr, nothing on stdout."""
    ran = cli("fleet", "simulate", FILE, *arguments)
    assert ran.code == code, ran.err
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert ran.out == ""


def test_settled_keys(cli):
    """What scripts rely on, with errors beside the means; quantiles in order."""
    data = cli("fleet", "simulate", FILE, *FEW, "--json").data
    assert set(SETTLED) <= data.keys()
    for name in ("retained_btc", "retention_frac"):
        marks = [data[name][k] for k in QUANTILES[1:]]
        assert marks == sorted(marks)
        assert data[name]["se"] > 0
    assert set(QUANTILES) <= data["buy_instead_btc"]["same_dates"].keys()
    assert data["buy_instead_btc"].keys() == {"same_dates", "day_one"}
    assert set(QUANTILES) <= data["runway_days"].keys()
    assert (data["paths"], data["seed"], data["months"]) == (24, 1, 2)
    assert [r["month"] for r in data["fan"]] == ["2024-01", "2024-02"]
    again = cli("fleet", "simulate", FILE, *FEW, "--json", "--seed", "1").data
    for how in ("wall_s", "prepare_s"):
        again.pop(how), data.pop(how)
    assert again == data


def test_a_policy_by_name_and_csv(cli):
    """Holding keeps no less than selling all; a row per month as CSV."""
    kept = {}
    for policy in ("hold", "sell_all"):
        data = cli("fleet", "simulate", FILE, *FEW, "--json", "--policy", policy).data
        assert data["policy"] == policy
        kept[policy] = data["retained_btc"]["mean"]
    assert kept["hold"] > kept["sell_all"]
    table = list(csv.DictReader(io.StringIO(cli("fleet", "simulate", FILE, *FEW, "--csv", "-").out)))
    assert [row["month"] for row in table] == ["2024-01", "2024-02"]
    assert float(table[0]["retained_btc.p05"]) <= float(table[0]["retained_btc.p95"])


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize(
    "file", [FILE, HOME, str(ROOT / "examples" / "warehouse_2mw.yaml")], ids=["listed", "home", "site"]
)
def test_pages_fit_the_screen(cli, file, width):
    """No line wider than the terminal, nothing cut off, the answer before any table."""
    ran = cli("fleet", "simulate", file, *FEW, width=width)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in ran.out
    assert "\x1b" not in ran.out
    if file != HOME:
        text = " ".join(ran.out.split())
        assert text.index("On the middle path") < text.index("Coins kept since the start")
        assert "meets every bill for 2 months" in text


def test_a_home_shows_no_industrial_line_and_no_profit(cli):
    """Odds and cost in plain words, in the fan's place."""
    page = cli("fleet", "simulate", HOME, *FEW).out
    assert "chance of a block in a year" in page
    assert "not an income" in page
    assert not [w for w in INDUSTRIAL if w in page]


@pytest.mark.parametrize(("name", "more"), [("a.png", ()), ("b.svg", ("--dark",)), ("c.PNG", ("--dark",))])
def test_pictures(cli, tmp_path, name, more):
    """Drawn where asked, in either ground, and named in the JSON."""
    pytest.importorskip("matplotlib")
    file = tmp_path / name
    ran = cli("fleet", "simulate", FILE, *FEW, "--json", "--plot", str(file), *more)
    assert ran.data["files"] == [str(file)]
    head = file.read_bytes()[:5]
    assert head == (b"<?xml" if name.endswith("svg") else b"\x89PNG\r")


def test_the_picture_of_a_home_is_its_fan_alone(cli, tmp_path):
    """No waterfall, no survival of a company."""
    pytest.importorskip("matplotlib")
    file = tmp_path / "home.svg"
    assert cli("fleet", "simulate", HOME, *FEW, "--plot", str(file)).code == 0
    text = file.read_text(encoding="utf-8")
    assert "Coins kept" in text
    assert not [w for w in (*INDUSTRIAL, "sold for", "bill") if w in text]


def test_the_waterfall_drawn_ends_where_it_should(tmp_path):
    """Bars go from what was mined to what was kept, without a gap, also where more was sold than mined."""
    for kept, sold in ((4.0, 6.0), (-2.0, 12.0)):
        parts = simulate_picture.falls({
            "mined": {"mean": 10.0}, "retained": {"mean": kept}, "kept_as_cash": {"mean": 1.0},
            "seized": {"mean": 0.0},
            "sold_for": {"power": {"mean": sold - 1.0}, "tax": {"mean": 0.0}}, "paid_out": {"mean": 0.0},
        })  # fmt: skip
        assert [p[0] for p in parts] == ["mined", "sold for power", "sold, kept as cash", parts[-1][0]]
        assert parts[1][1] + parts[1][2] == 10.0
        assert parts[-2][1] == pytest.approx(kept), "the last fall ends at what was kept"


def test_ctrl_c_says_how_to_go_on(cli, monkeypatch):
    """Exit 130; what is done is kept, and the same command with --resume goes on to the same answer."""
    pytest.importorskip("polars")
    command = ("fleet", "simulate", FILE, *FEW, "--seed", "9", "--json")
    whole = cli(*command).data
    real = reading.run_on_threads

    def stopped(work, todo, keep, *, threads):
        first = next(iter(todo))
        keep(first[0], work(*first))
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "run_on_threads", stopped)
    ran = cli(*command)
    assert ran.code == 130
    assert "interrupted after 16 of 24 paths" in ran.err
    assert "--resume" in ran.err
    assert ran.out == ""
    monkeypatch.setattr(reading, "run_on_threads", real)
    resumed = cli(*command, "--resume").data
    assert resumed["retained_btc"] == whole["retained_btc"]
    assert resumed["waterfall_btc"] == whole["waterfall_btc"]


def test_levers_on_many_paths(cli):
    """Settled keys, the plan and its estimate; without --paths all stays as it was."""
    ran = cli("fleet", "levers", FILE, "--paths", "6", "--months", "1", "--survival", "0.9", "--json")
    data = ran.data
    assert all(
        {"name", "retained_btc_delta", "se", "survival_delta", "cost_usd"} <= r.keys() for r in data["levers"]
    )
    assert isinstance(data["plan"], list)
    assert data["survival_target"] == 0.9
    deltas = [r["net_btc_delta"] for r in data["levers"] if not r.get("below_net_asset_value")]
    assert deltas == sorted(deltas, reverse=True)
    plain = cli("fleet", "levers", FILE, "--months", "1", "--json").data
    assert "plan" not in plain
    assert plain["levers"][0]["se"] is None
    page = cli("fleet", "levers", FILE, "--paths", "6", "--months", "1").out
    assert max(map(len, page.splitlines())) <= 80
    assert "…" not in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--seed", "1"), "--paths"),
        (("--paths", "6", "--price-usd", "9"), "keep one"),
        (("--paths", "6", "--replay", "2022-01-01"), "keep one"),
        (("--paths", "0"), "paths"),
        (("--survival", "0"), "survival"),
        (("--survival", "1.5"), "survival"),
    ],
)  # fmt: skip
def test_wrong_levers(cli, arguments, said):
    """Exit 2, one line."""
    ran = cli("fleet", "levers", FILE, *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_json_has_no_nan(cli):
    """Where nothing is mined, retention is unknown, not NaN."""
    ran = cli("fleet", "simulate", FILE, *FEW, "--json", "--set", "sites.0.power.price=900 USD/MWh",
              "--set", "sites.0.machines.0.mode=auto")  # fmt: skip
    assert json.loads(ran.out)["retention_frac"]["p50"] is None
    page = cli("fleet", "simulate", FILE, *FEW, "--set", "sites.0.power.price=900 USD/MWh",
               "--set", "sites.0.machines.0.mode=auto").out  # fmt: skip
    assert "Nothing is mined on any path" in page
