"""The catalogue as shipped, its look-up, and rows of the caller's own."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tools.compile_machines import OUT, compile_machines
from tools.compile_record import read_rows

from manometer.equipment import CATEGORIES, COLUMNS, read_catalogue
from manometer.errors import InputError

CATALOGUE = read_catalogue()
ROWS = read_rows(OUT)


def instant(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_columns_and_names():
    assert tuple(ROWS[0]) == COLUMNS
    names = [row["model"] for row in ROWS]
    assert len({n.casefold() for n in names}) == len(names) == len(CATALOGUE)
    assert len(CATALOGUE) > 150


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["model"])
def test_row_has_source_date_and_a_nameplate_that_holds(row: dict[str, str]):
    assert row["source"]
    assert row["confidence"] in {"high", "medium", "low", "assumed"}
    assert row["category"] in CATEGORIES
    assert row["cooling"] in {"air", "hydro", "immersion"}
    assert row["release_precision"] in {"day", "month", "year"}
    released = date.fromisoformat(row["release_date"])
    assert date(2008, 1, 1) <= released <= date.fromisoformat(row["date_read"])
    if row["hashrate_ths"] and row["power_w"]:
        power = float(row["hashrate_ths"]) * float(row["efficiency_j_per_th"])
        assert power == pytest.approx(float(row["power_w"]), rel=1e-3)
    elif row["category"] != "home":
        assert row["efficiency_j_per_th"]


def test_published_nameplates():
    """Makers' figures (TH/s, W) as the lists agree on them."""
    for name, hashrate, power in [
        ("Antminer S19 Pro", 110, 3250),
        ("Antminer S19 XP", 140, 3010),
        ("Antminer S21", 200, 3500),
        ("Whatsminer M30S++", 106, 3472),
        ("Antminer S9", 13.5, 1323),
    ]:
        model = CATALOGUE[name]
        assert (model.hashrate_ths, model.power_w) == (hashrate, power)


def test_release_dates_that_lists_get_wrong():
    assert CATALOGUE["Antminer S19 XP"].release_date == "2022-07-31"
    assert CATALOGUE["Antminer S9"].release_date == "2016-06-12"
    assert CATALOGUE["Antminer S9k"].efficiency_j_per_th == pytest.approx(85)


def test_early_fleet_is_stylised_and_without_a_gap():
    stylised = CATALOGUE.of("stylised")
    assert len(stylised) == 6
    assert stylised["early ASICS"].release_date == "2013-02-04"
    dates = sorted(m.release_s for m in CATALOGUE.of("stylised", "industrial").values())
    gaps = [b - a for a, b in itertools.pairwise(dates)]
    assert max(gaps) < 600 * 86_400


def test_look_up_forgives():
    for name in ("antminer s21 pro", "S21 PRO", "s21-pro", "AntminerS21Pro"):
        assert CATALOGUE[name].model == "Antminer S21 Pro"
    assert CATALOGUE["s21"].model == "Antminer S21"
    assert CATALOGUE["bitaxe gamma 601"].model == "Bitaxe Gamma 601 (BM1370)"
    assert CATALOGUE["bitaxe gamma"].model == "Bitaxe Gamma 601 (BM1370)"
    assert CATALOGUE["S19j Pro+"].model == "Antminer S19j Pro+"


@pytest.mark.parametrize("name", ["Antminer S99", "", "Whatsminer"])
def test_unknown_name_lists_known_ones(name: str):
    with pytest.raises(InputError, match="unknown machine"):
        CATALOGUE[name]


def test_unknown_name_suggests():
    with pytest.raises(InputError, match="did you mean 'Antminer S21 Pro'"):
        CATALOGUE["Antminor S21 Pro"]


def test_as_of_hides_what_is_released_later():
    seen = CATALOGUE.available(instant("2022-06-30"))
    assert "Antminer S19 XP" not in seen
    assert "Antminer S19j Pro" in seen
    assert "Antminer S19 XP" in CATALOGUE.available(instant("2022-07-31"))
    assert len(CATALOGUE.available(0)) == 0


ROW = {
    "model": "Own Miner",
    "category": "home",
    "release_date": "2025-03",
    "source": "measured",
    "hashrate_ths": "2",
    "power_w": "40",
}


def test_extra_row_is_added_or_replaces():
    own = read_catalogue([ROW])["own miner"]
    assert own.efficiency_j_per_th == 20
    assert (own.release_date, own.release_precision) == ("2025-03-31", "month")
    changed = read_catalogue([ROW | {"model": "Antminer S19j Pro", "category": "industrial"}])
    assert changed["S19j Pro"].hashrate_ths == 2
    assert changed["S19j Pro"].modes
    assert len(changed) == len(CATALOGUE)
    assert CATALOGUE["S19j Pro"].hashrate_ths == 104


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": ""}, "source is blank"),
        ({"power_w": "-1"}, "power_w"),
        ({"power_w": "nan"}, "power_w"),
        ({"power_w": "abc"}, "power_w"),
        ({"efficiency_j_per_th": "25"}, "not 40 W"),
        ({"release_date": "03/2025"}, "not a date"),
        ({"category": "garage"}, "unknown category"),
    ],
)
def test_bad_row_is_refused(change: dict[str, str], message: str):
    with pytest.raises(InputError, match=message):
        read_catalogue([ROW | change])


def test_modes_name_catalogued_machines_and_sources():
    modes = read_rows(OUT.with_name("modes.csv"))
    assert {m["model"] for m in modes} <= set(CATALOGUE)
    assert all(m["source"] and float(m["hashrate_ths"]) > 0 and float(m["power_w"]) > 0 for m in modes)


@pytest.mark.shared
def test_recompiling_gives_the_same_bytes(shared_data: Path):
    assert compile_machines(shared_data) == OUT.read_bytes()
