"""The ledger of claims on the packaged record: every row is judged, and counts are those of the record."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from manometer.errors import InputError
from manometer.network.curve import LAYERS
from manometer.readings.claim_tests import cost_floor
from manometer.readings.claims import JUDGES, VERDICTS, claims, read_claims
from manometer.readings.pulse import Pulse
from manometer.store import Store, parse_as_of

KEYS = {"says", "where", "said_by", "test", "verdict", "finding", "computation", "n", "sample", "price_usd",
        "price_utc", "figures"}  # fmt: skip


@pytest.fixture(scope="module")
def rows(packaged: Store) -> dict[str, Any]:
    return {r["name"]: r for r in claims(packaged).data["claims"]}


def test_a_claim_is_a_row_and_a_judge() -> None:
    assert set(read_claims()) == set(JUDGES)


def test_each_claim_has_its_verdict_price_hour_and_sample(rows: dict[str, Any]) -> None:
    assert set(rows) == set(JUDGES)
    for row in rows.values():
        assert row.keys() >= KEYS
        assert row["verdict"] in VERDICTS
        assert (row["price_usd"], row["price_utc"]) == (116_874.0, "2025-08-23T00:00:00Z")


def test_days_under_cost_are_counted_as_the_record_has_them(rows: dict[str, Any], pulse: Pulse) -> None:
    x = pulse.market.inputs
    since = x.day >= np.datetime64("2014-01-01").astype(np.int64)
    for layer in LAYERS:
        told = rows["cost_is_a_floor"]["figures"]["by_layer"][layer]
        under = (x.price_usd < pulse.cost_usd_per_btc(f"mean_{layer}"))[since]
        low = (x.price_usd < pulse.cost_usd_per_btc(f"band_p05_{layer}"))[since]
        assert (told["n_days"], told["n_days_under"]) == (since.sum(), under.sum())
        assert sum(s["days"] for s in told["spells"]) == told["n_days_under"]
        assert max(s["days"] for s in told["spells"]) == told["longest_days"]
        assert (told["verdict"] == "does not hold") == bool(low.any())


def test_lower_layers_are_crossed_less_often(rows: dict[str, Any]) -> None:
    under = [rows["cost_is_a_floor"]["figures"]["by_layer"][k]["n_days_under"] for k in LAYERS]
    assert under == sorted(under)


def test_two_gaps_are_a_price_apart(rows: dict[str, Any]) -> None:
    """0.741 / 0.730 = 1.01507: the same cost, two prices."""
    figures = rows["gap_27_against_25_9"]["figures"]
    assert figures["apart_frac"] == pytest.approx(0.0150685, abs=1e-7)
    assert figures["days_with_wider_range_frac"] is None  # the packaged record has closes alone
    assert rows["gap_27_against_25_9"]["verdict"] == "cannot be told"


def test_correction_for_looks_makes_no_p_smaller(rows: dict[str, Any]) -> None:
    for s in rows["hash_ribbon_buy_works"]["figures"]["study"]:
        assert s["p"] <= s["p_holm_of_claim"] <= s["p_holm"]


def test_a_kumo_reading_counts_its_own_list(rows: dict[str, Any]) -> None:
    for cloud in ("leading", "current"):
        figures = rows["bearish_kumo_twist"]["figures"][cloud]
        for point in ("twist", "peak"):
            told = figures[f"from_{point}"]
            falls = [t[f"from_{point}_frac"] for t in figures["twists"]]
            done = [f for f in falls if f is not None]
            assert (told["n"], told["n_deep"]) == (len(done), sum(f >= 0.67 for f in done))


def test_before_there_is_a_record_nothing_can_be_told(packaged: Store) -> None:
    rows = claims(packaged, parse_as_of("2013-06-01")).data["claims"]
    for row in rows:
        assert row["verdict"] == "cannot be told", row["name"]
    by_name = {r["name"]: r for r in rows}
    assert by_name["cost_is_a_floor"]["n"] == 0
    assert by_name["ten_to_fifteen_starts_a_cascade"]["n"] == 0


def test_an_unknown_claim_lists_the_known(packaged: Store) -> None:
    with pytest.raises(InputError, match="bearish_kumo_twist"):
        claims(packaged, names=("cost_is_a_flor",))


@pytest.mark.parametrize(
    ("lowest", "verdict", "days_under", "spells"),
    [(101.0, "holds", 0, 0), (95.0, "cannot be told", 3, 2), (80.0, "does not hold", 3, 2)],
)
def test_a_floor_is_broken_only_beyond_its_band(
    lowest: float, verdict: str, days_under: int, spells: int
) -> None:
    """Cost 100, low end of its band 90: two days, and one apart, at the lowest close."""
    first = int(np.datetime64("2014-01-01").astype(np.int64))
    price = np.array([110.0, lowest, lowest, 120.0, lowest, 110.0])
    cost = {"mean": np.full(6, 100.0), "band_p05": np.full(6, 90.0)}
    record: Any = SimpleNamespace(
        start=0,
        history=SimpleNamespace(day=[]),
        pulse=SimpleNamespace(
            market=SimpleNamespace(inputs=SimpleNamespace(price_usd=price)),
            cost_usd_per_btc=lambda name: cost["mean" if name.startswith("mean") else "band_p05"],
        ),
        date=lambda at: str(np.datetime64(first + at, "D")),
    )
    told = cost_floor(record)
    assert (told.verdict, told.n) == (verdict, 6)
    layer = told.figures["by_layer"]["cash"]
    assert (layer["n_days_under"], layer["n_spells"]) == (days_under, spells)
    if spells:
        assert layer["spells"][0] == {
            "first": "2014-01-02",
            "last": "2014-01-03",
            "days": 2,
            "deepest_frac": pytest.approx(1 - lowest / 100),
        }


def test_a_population_without_known_debts_decides_nothing(packaged: Store) -> None:
    (row,) = claims(packaged, parse_as_of("2018-12-15"), ("ten_to_fifteen_starts_a_cascade",)).data["claims"]
    assert row["figures"]["population"]["debt_usd"] == 0
    assert row["verdict"] == "cannot be told"
