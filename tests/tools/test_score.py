"""The scorecard of truth: it fills every required row, its gates hold, and its arithmetic is right."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from rich.console import Console
from tools.score import __main__ as command
from tools.score.auc import auc, block_bootstrap
from tools.score.context import Context, take_context
from tools.score.refit import fit_weights
from tools.score.rows import ROOT, Row, failures, needs, read_published, required_items
from tools.score.sections import SECTIONS, score
from tools.score.table import print_table
from tools.score.warning import fall_targets

from manometer import open_store

N_RESAMPLES = 40  # the gates do not depend on it
GATES = {
    "retargets, bit for bit",
    "bits in the record",
    "BTC points, largest error",
    "USD points within 3 %",
    "one of the windows of 2020",
    "2013-2025 outside the windows",
}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """One pulse of the packaged record, in a store of its own."""
    with open_store(tmp_path_factory.mktemp("score") / "score.sqlite") as store:
        yield take_context(store, N_RESAMPLES)


@pytest.fixture(scope="module")
def rows(context: Context) -> list[Row]:
    """All sections."""
    return score(context)


@pytest.fixture(scope="module")
def by_item(rows: list[Row]) -> dict[str, Row]:
    return {r.item: r for r in rows}


def test_no_required_row_is_missing_and_every_gate_holds(rows):
    assert failures(rows, required_items()) == []


def test_what_must_be_shown_is_judged(rows, by_item):
    judged = {r.item for r in rows if r.passed is not None}
    windows = [r for r in read_published("score_states.csv") if r["rule"] in ("hot", "cold", "calm")]
    assert judged >= GATES | {f"{r['first']} to {r['last'][2:]}" for r in windows}
    assert by_item["2011-01-01 to 13-06-30"].passed is None
    assert "stylised machines" in by_item["2011-01-01 to 13-06-30"].note
    assert by_item["retargets, bit for bit"].published == 122


def test_every_section_has_rows_with_source_and_unit(rows):
    assert {r.section for r in rows} == set(SECTIONS)
    assert all(r.source and r.unit and (r.ours is not None or r.note.startswith("needs ")) for r in rows)


def test_without_data_that_may_not_be_shipped_the_row_says_so(context):
    clean = Context(context.store, context.pulse, None)
    row = next(r for r in SECTIONS["hashprice"](clean) if r.item == "USD points in the day's range")
    assert (row.ours, row.passed) == (None, None)
    assert row.note.startswith("needs ohlc data")


@pytest.mark.shared
def test_usd_points_lie_in_the_range_of_their_day(shared_data, context):
    full = Context(context.store, context.pulse, shared_data)
    row = next(r for r in SECTIONS["hashprice"](full) if r.item == "USD points in the day's range")
    assert row.passed is True
    assert row.ours == row.published == 15


def test_signals_to_beat_are_measured_as_they_were_stated(rows):
    stated = [r for r in rows if r.item.startswith("to beat: ")]
    assert len(stated) == 9
    assert all(abs(r.ours - r.published) < 0.011 for r in stated)


def test_failures_name_gates_missing_rows_and_doubles():
    good = Row("s", "a", 1.0, 1.0, "u", 0.0, "x", True)
    bad = Row("s", "b", 2.0, 1.0, "u", 1.0, "x", False)
    open_ = needs("s", "c", None, "u", "x", "block data")
    assert failures([good, open_], ["a", "c"]) == []
    found = failures([good, good, bad], ["a", "b", "c"])
    assert [line.split(":")[0] for line in found] == ["gate", "missing row", "row stands twice"]


def test_rows_become_json_without_nan(rows):
    keys = ["item", "ours", "published", "unit", "error_frac", "source"]
    first = json.loads(json.dumps([r.as_json() for r in rows], allow_nan=False))[0]
    assert list(first)[: len(keys)] == keys
    assert Row("s", "i", float("nan"), None, "u", float("inf"), "x").as_json()["ours"] is None


@pytest.mark.parametrize("width", [80, 160])
def test_the_table_fits_the_screen(rows, width):
    text = io.StringIO()
    print_table(Console(width=width, file=text), rows)
    lines = text.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert sum(line.startswith("retargets, bit for bit") for line in lines) == 1


def test_command_writes_the_scorecard_and_fails_on_a_missing_row(monkeypatch, tmp_path, capsys, rows):
    monkeypatch.setattr(command, "_run", lambda *_: rows)
    out = tmp_path / "build" / "score.json"
    assert command.main(["--json", "-o", str(out)]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(out.read_text())
    monkeypatch.setattr(command, "_run", lambda *_: rows[1:])
    assert command.main(["-o", str(out)]) == 1
    assert json.loads(out.read_text())["failures"] == [f"missing row: {rows[0].item}"]


def test_auc_by_hand():
    assert auc(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, True])) == 1.0
    assert auc(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, False])) == 0.0
    assert auc(np.array([1.0, 1.0, 1.0]), np.array([True, False, True])) == 0.5
    # pairs (2 > 1), (2 = 2), (3 > 1), (3 > 2): 3.5 of 4
    assert auc(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True])) == 3.5 / 4
    assert np.isnan(auc(np.array([1.0, 2.0]), np.array([True, True])))


def test_auc_counts_pairs():
    rng = np.random.Generator(np.random.Philox(key=1))
    score_, fell = rng.integers(0, 6, 40).astype(float), rng.random(40) < 0.3
    pairs = [(a > b) + (a == b) / 2 for a, b in product(score_[fell], score_[~fell])]
    assert auc(score_, fell) == pytest.approx(np.mean(pairs), abs=1e-12)


def test_block_bootstrap_is_repeatable_paired_and_centred():
    rng = np.random.Generator(np.random.Philox(key=2))
    fell = np.repeat(rng.random(60) < 0.4, 30)
    signal = fell + rng.normal(0, 1.5, len(fell))
    scores = {"signal": signal, "twin": signal * 2 + 1, "noise": rng.normal(size=len(fell))}
    one, two = (block_bootstrap(scores, fell, 200) for _ in range(2))
    assert all(np.array_equal(one[k], two[k]) for k in scores)
    assert np.array_equal(one["signal"], one["twin"])  # same blocks, same order of days
    low, high = np.percentile(one["signal"], (5, 95))
    assert low < auc(signal, fell) < high
    assert abs(one["noise"].mean() - 0.5) < 0.05


def test_blocks_widen_the_interval_of_days_that_hang_together():
    rng = np.random.Generator(np.random.Philox(key=3))
    fell = np.repeat(rng.random(40) < 0.4, 60)
    signal = np.repeat(rng.normal(size=40), 60) + fell
    spread = [np.std(block_bootstrap({"s": signal}, fell, 200, days)["s"]) for days in (1, 60)]
    assert spread[1] > 3 * spread[0]


def test_fall_targets_by_hand():
    fell, known = fall_targets(np.array([100.0, 98.0, 99.0, 96.0, np.nan]), 1)
    assert known.tolist() == [True, True, True, False, False]
    assert fell[:3].tolist() == [True, False, True]
    deep, _ = fall_targets(np.array([100.0, 98.0, 99.0, 96.0]), 1, 0.03)
    assert deep[:3].tolist() == [False, False, True]


def test_refitted_weights_find_the_part_that_tells_and_never_go_negative():
    rng = np.random.Generator(np.random.Philox(key=4))
    features = rng.normal(size=(4000, 3))
    odds = 1.0 * features[:, 0] + 0.5 * features[:, 1] - 1.0 * features[:, 2] - 1.0
    fell = rng.random(4000) < 1 / (1 + np.exp(-odds))
    weights = fit_weights(features, fell)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[2] == 0.0
    assert weights[0] == pytest.approx(2 / 3, abs=0.06)


def test_readme_states_the_figures_of_this_scorecard(by_item):
    """README's table is written by hand; each figure in it that a row measures is that row's."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    horizons = (30, 60, 90)

    def of(template: str, text: str, side: str = "ours", scale: float = 1) -> str:
        values = (getattr(by_item[template.format(h)], side) * scale for h in horizons)
        return " / ".join(f"{v:{text}}" for v in values)

    outlook = "{} d since 2014: "
    fleet, switched = by_item["survey 2024-06, fleet efficiency"], by_item["2018-11-01, 60 days on"]
    stated = [
        of("pressure {} d, 2014-25", ".3f"),
        of("pressure {} d, 2014-25", ".3f", "published"),
        f"{by_item['BTC points, largest error'].ours:.2%}",
        f"{15 * by_item['USD points within 3 %'].ours:.0f} of 15 within 3 %",
        f"{fleet.ours:.1f} J/TH ({fleet.ours / fleet.published - 1:.1%} too high)",
        f"{by_item['fleets inside our 5-95 %'].ours:.0f} of 13",
        "{:.0%}, the later window {:.0%}".format(
            by_item["2020-03-15 to 20-04-24"].ours, by_item["2020-05-12 to 20-06-23"].ours
        ),
        f"{by_item['2013-2025 outside the windows'].ours:.1%} of all other days",
        f"{by_item['retargets, bit for bit'].ours:.0f} of 122",
        f"predicted {switched.ours:+.0%}, was {switched.published:.0%}",
        of(outlook + "random walk", ".1f", scale=100),
    ]
    rivals = ("random walk", "90-day drift", "momentum alone")
    stated += [of(outlook + name, ".1f", "published", 100) for name in rivals]
    stated = [text.replace("%", " %").replace("  %", " %") for text in stated]
    assert [text for text in stated if text not in readme] == []
