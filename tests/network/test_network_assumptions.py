"""The table of assumptions: graded, ranged, and read the same way everywhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from manometer.network.assumptions import Assumptions, read_assumptions
from manometer.network.power import N_BINS, PRICE_RATIO, power_mix

GRADES = {"assumed", "memory", "press", "filing", "survey", "data"}


def test_every_row_is_graded_and_sourced() -> None:
    for row in read_assumptions():
        assert row.grade in GRADES, row
        assert len(row.source) > 10, row
        assert row.low <= row.value <= row.high, row


def test_what_the_issue_of_cost_needs_is_in_the_one_table() -> None:
    names = {r.parameter for r in read_assumptions()}
    assert {
        "frontier_lag",
        "replacement",
        "power_price",
        "power_spread",
        "overhead",
        "uptime",
        "site_opex",
        "cash_overhead",
        "interest",
        "depreciation_life",
        "machine_payback",
        "region_weight",
        "class_share",
        "class_deaf",
        "class_avoidable_ratio",
        "mode_top_slice",
    } <= names


@pytest.mark.parametrize("parameter", ["region_weight", "class_share"])
def test_shares_add_up_to_one_in_every_year(parameter: str) -> None:
    table = Assumptions(1)
    for year in np.arange(2010, 2026, 0.5):
        total = sum(table.central(parameter, year, k) for k in table.keys(parameter))
        assert total == pytest.approx(1.0, abs=0.02), (parameter, year)


def test_draw_zero_is_central_and_all_draws_keep_the_range() -> None:
    table = Assumptions(200)
    price = table.at("power_price", 2023.0)
    row = next(r for r in read_assumptions() if r.parameter == "power_price" and r.year == 2023)
    assert price[0] == row.value
    assert price.min() >= row.low
    assert price.max() <= row.high
    assert price.std() > 1.0


def test_a_row_holds_from_its_year_and_not_before() -> None:
    """No look-ahead in the table: what 2022 assumes changes nothing in 2021."""
    rows = read_assumptions()
    bent = tuple(
        replace(r, value=r.value * 2, high=r.high * 2)
        if r.parameter == "power_price" and r.year == 2022
        else r
        for r in rows
    )
    plain, other = Assumptions(4), Assumptions(4, rows=bent)
    np.testing.assert_array_equal(plain.at("power_price", 2021.99), other.at("power_price", 2021.99))
    assert other.central("power_price", 2022.0) == 2 * plain.central("power_price", 2022.0)


def test_a_draw_with_dear_power_has_it_in_every_year() -> None:
    table = Assumptions(50)
    early, late = table.at("power_price", 2016.0)[1:], table.at("power_price", 2024.0)[1:]
    assert np.array_equal(np.argsort(early), np.argsort(late))


def test_price_mix_has_median_one_and_adds_up() -> None:
    mix = power_mix(Assumptions(8), 2024.0)
    assert mix.weight.shape == (8, N_BINS)
    np.testing.assert_allclose(mix.weight.sum(1), 1.0, atol=1e-12)
    below = mix.weight[0][PRICE_RATIO < 1].sum()
    assert 0.40 < below < 0.60  # median one, within the width of a bin
    for groups in (mix.region, mix.supply_class):
        np.testing.assert_allclose(sum(groups.values()), 1.0, atol=1e-9)


def test_the_price_deaf_share_is_a_minority() -> None:
    mix = power_mix(Assumptions(1), 2024.0)
    share = float((mix.weight[0] * mix.deaf).sum())
    assert 0.10 < share < 0.30
