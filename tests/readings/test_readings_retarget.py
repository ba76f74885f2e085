"""The retarget reading on the packaged record: keys, gates of its score, and what it knew when."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from manometer.errors import InputError
from manometer.network.retarget_score import METHODS, known_rate_floor
from manometer.readings.retarget import retarget_reading, retarget_score
from manometer.store import Store, parse_as_of

DAY_S = 86_400


def second(date: str) -> int:
    return int(np.datetime64(date, "s").astype(np.int64))


def by_method(data: dict) -> dict[tuple[str, float], dict]:
    return {(r["method"], r["progress_frac"]): r for r in data["rows"]}


@pytest.fixture(scope="module")
def scored(packaged: Store) -> dict:
    return retarget_score(packaged, second("2014-01-01")).data


def test_it_beats_the_plain_methods_by_what_was_asked(scored: dict) -> None:
    """10 % at 5, 10 and 25 % of the epoch, 5 % at 50 and 75 %, no worse at 90 %: both error and CRPS."""
    rows = by_method(scored)
    for share, most in zip((0.05, 0.1, 0.25, 0.5, 0.75, 0.9), (0.9, 0.9, 0.9, 0.95, 0.95, 1.0), strict=True):
        for key in ("mae_frac", "crps_frac"):
            best = min(rows[m, share][key] for m in METHODS if m != "manometer")
            assert rows["manometer", share][key] <= most * best, (share, key)


def test_its_bands_hold_what_they_say(scored: dict) -> None:
    assert 0.86 <= scored["pooled"]["coverage90"] <= 0.94
    assert 0.45 <= scored["pooled"]["coverage50"] <= 0.55


def test_nothing_is_better_than_luck_allows(scored: dict) -> None:
    for (method, share), row in by_method(scored).items():
        assert row["mae_frac"] > known_rate_floor(share) - 2 * row["mae_se"], (method, share)


def test_the_plain_methods_on_block_times(packaged: Store) -> None:
    """The plain methods on the epochs with block times, as others worked them out before; in points."""
    rows = by_method(retarget_score(packaged, second("2021-01-20"), second("2025-08-23")).data)
    expected = {
        "constant": (8.0, 6.3, 4.0, 2.3, 1.2, 0.63),
        "window504": (4.6, 4.6, 4.0, 2.3, 1.2, 0.62),
        "rolling2015": (4.1, 4.0, 3.4, 2.3, 1.2, 0.62),
    }
    for method, errors in expected.items():
        for share, error in zip((0.05, 0.1, 0.25, 0.5, 0.75, 0.9), errors, strict=True):
            # They are given to two digits, and which epoch is the first is not said.
            assert 100 * rows[method, share]["mae_frac"] == pytest.approx(error, abs=0.11), (method, share)


def test_a_reading_has_what_a_person_looks_for(packaged: Store) -> None:
    """2024-07-03: two days later the retarget was -5.0 %."""
    d = retarget_reading(packaged, parse_as_of("2024-07-03")).data
    assert d["change_frac"] == pytest.approx(-0.05, abs=0.01)
    assert d["p05"] < d["p25"] < d["change_frac"] < d["p75"] < d["p95"]
    assert d["p05"] < -0.05 < d["p95"]
    assert d["eta_utc"].startswith("2024-07-05")
    assert d["difficulty_next"] == pytest.approx(d["difficulty"] * (1 + d["change_frac"]))
    assert [x["height"] for x in d["later"]] == [852_768, 854_784, 856_800]
    assert d["fan"][-1]["height"] == d["height"]
    assert [o["days"] for o in d["outlook"]] == [30, 60, 90]
    assert d["setting"]["fitted_to_utc"].startswith("2024-01-01")


def test_a_higher_price_brings_more_hashrate(packaged: Store) -> None:
    as_of = parse_as_of("2024-07-03")
    low, high = (
        retarget_reading(packaged, as_of, price_usd=p).data["outlook"][2]["hashrate_ehs"]["median"]
        for p in (30_000.0, 120_000.0)
    )
    assert low < high


@pytest.mark.parametrize("date", ["2013-05-01", "2017-11-15", "2021-07-01", "2024-01-01"])
def test_a_day_later_the_forecasts_made_before_are_the_same(packaged: Store, date: str) -> None:
    """The fan of an epoch grows at its end: what it showed a day ago stays."""
    early = retarget_reading(packaged, parse_as_of(date)).data
    later = retarget_reading(packaged, parse_as_of(date) + DAY_S).data
    if later["next_height"] != early["next_height"]:
        pytest.skip("the epoch ended on that day")
    fan = {r["height"]: r for r in later["fan"]}
    shared = [r for r in early["fan"][:-1] if r["height"] in fan]
    assert shared or len(early["fan"]) < 3
    for r in shared:
        assert fan[r["height"]] == pytest.approx(r)


def test_a_path_of_prices_lies_between_its_ends(packaged: Store, tmp_path: Path) -> None:
    """A fall within sixty days costs less hashrate in ninety than the same fall today."""
    as_of, file = parse_as_of("2024-07-03"), tmp_path / "path.csv"
    file.write_text("date,price_usd\n2024-09-01,30000\n", encoding="utf-8")
    at_once, later, stays = (
        retarget_reading(packaged, as_of, **how).data["outlook"][2]["hashrate_ehs"]["median"]
        for how in ({"price_usd": 30_000.0}, {"price_path": file}, {})
    )
    assert at_once < later < stays
    file.write_text("date,price_usd\n2024-07-01,30000\n", encoding="utf-8")
    with pytest.raises(InputError, match="not after 2024-07-03"):
        retarget_reading(packaged, as_of, price_path=file)


def test_the_first_days_of_the_record_are_read_too(packaged: Store) -> None:
    """2010-09-01: a week later the retarget was +14.4 %; before the record only epochs are known."""
    d = retarget_reading(packaged, parse_as_of("2010-09-01")).data
    assert d["change_frac"] == pytest.approx(0.144, abs=0.06)
    assert d["setting"]["fitted_to_utc"] is None


def test_no_epoch_is_said(packaged: Store) -> None:
    with pytest.raises(InputError, match="no epoch ended"):
        retarget_score(packaged, second("2025-08-22") + DAY_S, None)
