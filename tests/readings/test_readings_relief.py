"""Relief and recovery on the packaged record: known episodes, and factors that multiply to the whole."""

from __future__ import annotations

from typing import Any

import pytest

from manometer.errors import InputError
from manometer.readings.pulse import Pulse, take_pulse
from manometer.readings.relief import relief
from manometer.signals.lamps import LAMPS
from manometer.store import Store, parse_as_of


@pytest.fixture(scope="module")
def data(pulse: Pulse) -> dict[str, Any]:
    return relief(pulse).data


def test_dates_are_those_of_the_state_and_of_the_ribbon(data: dict[str, Any], pulse: Pulse) -> None:
    state = dict(
        zip(pulse.market.inputs.day.astype("datetime64[D]").astype(str), pulse.states.state, strict=True)
    )
    ribbon = dict(zip(state, pulse.ribbon.state, strict=True))
    for row in data["capitulations"]:
        of = state if row["by"] == "state" else ribbon
        assert of[row["began"]] in ("capitulation", "springs")
        assert of[row["ended"]] not in ("stress", "capitulation", "relief", "springs")
        if row["relief_since"] is not None:
            assert of[row["relief_since"]] in ("relief", "springs")


def test_price_difficulty_and_reward_multiply_to_the_change_of_hashprice(data: dict[str, Any]) -> None:
    for row in data["capitulations"]:
        h = row["hashprice"]
        product = (1 + h["from_price_frac"]) * (1 + h["from_difficulty_frac"]) * (1 + h["from_reward_frac"])
        assert product == pytest.approx(1 + h["change_frac"], rel=1e-12)


def test_retargets_within_a_spell_multiply_to_its_change_of_difficulty(data: dict[str, Any]) -> None:
    for row in data["capitulations"]:
        product = 1.0
        for r in row["retargets"]:
            product *= 1 + r["change_frac"]
        assert 1 / product - 1 == pytest.approx(row["hashprice"]["from_difficulty_frac"], abs=1e-9)


def test_recovery_waits_for_every_known_lamp(data: dict[str, Any]) -> None:
    """By the state: a lamp that was red in the spell has turned by the day of recovery."""
    for row in data["capitulations"]:
        if row["by"] == "state" and row["ended_as"] == "recovery":
            assert set(row["lamps"]) == set(LAMPS)
            turned = {k: v["turned"] for k, v in row["lamps"].items() if not v["stayed_green"]}
            assert all(day is not None and day <= row["ended"] for day in turned.values()), turned


def test_2018_is_there_as_it_was(data: dict[str, Any]) -> None:
    """Regression: stated by no source but the record itself; the 15.1 % cut of 2018-12-03 is consensus."""
    row = next(r for r in data["capitulations"] if r["began"] == "2018-11-12")
    assert (row["relief_since"], row["ended"], row["ended_as"]) == ("2019-01-06", "2019-01-07", "recovery")
    assert row["largest_cut_frac"] == pytest.approx(-0.1513, abs=5e-4)


def test_asked_in_the_middle_of_it_a_spell_goes_on(packaged: Store) -> None:
    then = relief(take_pulse(packaged, parse_as_of("2018-12-15"))).data
    row = next(r for r in then["capitulations"] if r["by"] == "state" and r["began"] == "2018-11-12")
    assert row["ended"] is None
    assert row["stress_again"] is None
    assert row["days"]["all"] == 33
    assert all(r["date"] <= "2018-12-15" for r in row["retargets"])


def test_a_date_that_is_none_is_refused(pulse: Pulse) -> None:
    with pytest.raises(InputError, match="--from"):
        relief(pulse, "2018-13-01")
