"""`manometer retarget` and `retarget score`: keys, screens, pictures, and input that is refused."""

from __future__ import annotations

import pytest

KEYS = {
    "height", "progress_frac", "change_frac", "p05", "p25", "p75", "p95", "eta_utc", "difficulty_next",
    "later",
}  # fmt: skip
SCORE = {"progress_frac", "method", "n", "mae_frac", "crps_frac", "coverage50", "coverage90"}


def test_the_settled_keys(cli) -> None:
    data = cli("retarget", "--as-of", "2024-07-03", "--json").data
    assert data.keys() >= KEYS
    assert len(data["later"]) == 3
    assert {"change_frac", "p05", "p95", "eta_utc"} <= data["later"][0].keys()


def test_the_score_has_every_method_at_every_share(cli) -> None:
    data = cli("retarget", "score", "--from", "2022-01-01", "--to", "2022-12-31", "--json").data
    assert all(r.keys() >= SCORE for r in data["rows"])
    assert {r["method"] for r in data["rows"]} == {"manometer", "constant", "window504", "rolling2015"}
    assert {r["progress_frac"] for r in data["rows"]} == {0.05, 0.1, 0.25, 0.5, 0.75, 0.9}
    assert {y["year"] for y in data["years"]} == {2022}


@pytest.mark.parametrize("width", [80, 160])
def test_the_screens_fit(cli, width: int) -> None:
    for words in (("retarget", "--as-of", "2024-07-03"), ("retarget", "score", "--from", "2023-01-01")):
        done = cli(*words, width=width)
        assert done.code == 0
        assert max(len(line) for line in done.out.splitlines()) <= width


def test_pictures_and_tables_are_written(cli, tmp_path) -> None:
    fan, score, table = tmp_path / "fan.svg", tmp_path / "score.png", tmp_path / "fan.csv"
    cli("retarget", "--as-of", "2024-07-03", "--plot", str(fan), "--csv", str(table))
    cli("retarget", "score", "--from", "2023-01-01", "--plot", str(score))
    assert fan.read_text("utf-8").startswith("<?xml")
    assert score.read_bytes()[:4] == b"\x89PNG"
    assert table.read_text("utf-8").splitlines()[0].startswith("height,progress_frac,change_frac")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("retarget", "--as-of", "2009-01-01"), 3, "first price"),
        (("retarget", "--price-usd", "0"), 2, "price-usd"),
        (("retarget", "--price-usd", "many"), 2, "price-usd"),
        (("retarget", "--plot", "x.gif"), 2, ".png"),
        (("retarget", "score", "--from", "tomorrow"), 2, "from"),
        (("retarget", "score", "--from", "2025-08-23"), 2, "no epoch ended"),
    ],
)
def test_bad_input_gets_one_line(cli, words, code, says) -> None:
    done = cli(*words)
    assert done.code == code
    assert says in done.err
    assert len(done.err.splitlines()) == 1
