"""Formulae against published values, and against mistakes found in public calculators."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from manometer.economics import (
    HASHPRICE_CONVENTIONS,
    CostDefinition,
    annuity,
    breakeven_power_price,
    cost_to_mine,
    hashcost,
    hashprice,
    hashprice_blocks144_over_hashrate,
    hashprice_by,
    hashprice_revenue_over_hashrate,
    hashvalue,
    loan_to_value,
    revenue_per_mwh,
    solo_odds,
)
from manometer.errors import InputError


def test_hashvalue_at_a_round_difficulty() -> None:
    """Published by elektronics.dev: difficulty 1e14 and 3.125 BTC give 6.29e-4 BTC per PH/s per day."""
    assert hashvalue(difficulty=1e14, subsidy_btc=3.125) == pytest.approx(6.29e-4, abs=5e-7)
    assert hashprice(price_usd=100_000, difficulty=1e14, subsidy_btc=3.125) == pytest.approx(62.9, abs=0.05)


def test_revenue_per_mwh_of_a_press_figure() -> None:
    """cryptopressnews.com: 17.5 J/TH at 39 USD per PH/s per day earns 93 USD per MWh."""
    found = revenue_per_mwh(hashprice_usd_per_phs_day=39, efficiency_j_per_th=17.5)
    assert found == pytest.approx(93, abs=0.5)


@pytest.mark.shared
def test_published_hashprices_in_bitcoin(shared_data: Path) -> None:
    """Luxor's BTC values within 0.3 %: subsidy + mean fees of the day over the day's difficulty."""
    with (shared_data / "btc_network_daily.csv").open(encoding="utf-8") as file:
        days = {row["date"]: row for row in csv.DictReader(file)}
    with (shared_data / "hashprice_published_points.csv").open(encoding="utf-8") as file:
        points = [row for row in csv.DictReader(file) if row["unit"].startswith("BTC")]
    errors = []
    for point in points:
        day = days[point["date"]]
        subsidy = 6.25 if point["date"] < "2024-04-20" else 3.125
        fees = float(day["fees_24h_btc"]) * subsidy / float(day["subsidy_24h_btc"])
        ours = hashvalue(difficulty=float(day["difficulty"]), subsidy_btc=subsidy, fees_btc=fees)
        errors.append(abs(float(ours) / float(point["hashprice"]) - 1))
    assert errors
    assert sorted(errors)[len(errors) // 2] < 0.003, errors


def test_not_the_inverted_hashprice() -> None:
    """Regression: "total hashrate / (BTC + fees) x price" rises with hashrate; hashprice falls."""
    easy = hashprice(price_usd=60_000, difficulty=50e12, subsidy_btc=3.125, fees_btc=0.1)
    hard = hashprice(price_usd=60_000, difficulty=100e12, subsidy_btc=3.125, fees_btc=0.1)
    assert hard == pytest.approx(float(easy) / 2)
    assert hard < hashprice(price_usd=60_000, difficulty=100e12, subsidy_btc=3.125, fees_btc=0.2)


def test_hashcost_is_not_off_by_a_thousand() -> None:
    """Regression: J/TH x USD/MWh x 24 quoted as USD per PH/s per day.

    By hand: 1 PH/s at 30 J/TH draws 30 kW, 0.72 MWh a day, 36 USD at 50 USD per MWh.
    """
    assert hashcost(efficiency_j_per_th=30, power_price_usd_per_mwh=50) == pytest.approx(36.0)
    assert hashcost(efficiency_j_per_th=30, power_price_usd_per_mwh=50, overhead=1.1) == pytest.approx(39.6)
    assert breakeven_power_price(hashprice_usd_per_phs_day=36, efficiency_j_per_th=30) == pytest.approx(50.0)


def test_the_conventions_agree_when_blocks_are_on_schedule() -> None:
    """At 144 blocks a day the three differ by nothing; luck is all that separates them."""
    difficulty, price = 1.2e14, 110_000.0
    hashrate_ehs = difficulty * 2**32 / 600 / 1e18
    by_difficulty = hashprice(price_usd=price, difficulty=difficulty, subsidy_btc=3.125, fees_btc=0.04)
    revenue = 144 * 3.165 * price
    assert hashprice_revenue_over_hashrate(revenue_usd=revenue, hashrate_ehs=hashrate_ehs) == pytest.approx(
        by_difficulty, rel=1e-12
    )
    assert hashprice_blocks144_over_hashrate(
        price_usd=price, subsidy_btc=3.125, fees_btc=0.04, hashrate_ehs=hashrate_ehs
    ) == pytest.approx(by_difficulty, rel=1e-12)


def test_conventions_by_name() -> None:
    assert list(HASHPRICE_CONVENTIONS) == [
        "difficulty",
        "revenue_over_hashrate",
        "blocks144_over_hashrate",
    ]
    assert hashprice_by("difficulty", price_usd=1e5, difficulty=1e14, subsidy_btc=3.125) == hashprice(
        price_usd=1e5, difficulty=1e14, subsidy_btc=3.125
    )
    with pytest.raises(InputError, match="did you mean 'difficulty'"):
        hashprice_by("dificulty")
    with pytest.raises(InputError, match="hashrate_ehs"):
        hashprice_by("difficulty", hashrate_ehs=900)
    exact = hashvalue(difficulty=1e14, subsidy_btc=3.125, hashes_per_difficulty="exact")
    customary = hashvalue(difficulty=1e14, subsidy_btc=3.125)
    assert float(exact) / float(customary) == pytest.approx(65535 / 65536, rel=1e-12)
    with pytest.raises(InputError, match="exact"):
        hashvalue(difficulty=1e14, subsidy_btc=3.125, hashes_per_difficulty="other")


def test_loans() -> None:
    """Collateral ratios of 143 % and 133 % are 0.699 and 0.752; an annuity by the schedule of its balance."""
    for ratio, expected in ((1.43, 0.699), (1.33, 0.752)):
        found = loan_to_value(loan_usd=1e8, collateral_btc=1e8 * ratio / 50_000, price_usd=50_000)
        assert found == pytest.approx(expected, abs=5e-4)
    payment = float(annuity(principal_usd=1000, rate_frac_per_period=0.02, n_periods=24))
    balance = 1000.0
    for _ in range(24):
        balance = balance * 1.02 - payment
    assert balance == pytest.approx(0, abs=1e-9)
    assert annuity(principal_usd=1200, rate_frac_per_period=0, n_periods=12) == 100
    tiny = annuity(principal_usd=1200, rate_frac_per_period=1e-14, n_periods=12)
    assert tiny == pytest.approx(100, rel=1e-12)


def test_solo_odds_of_a_small_board() -> None:
    """1.2 TH/s at difficulty 150e12: one chance in 17,000 a year; no digits lost to 1 - exp."""
    odds = solo_odds(hashrate_ths=1.2, difficulty=150e12, days=365.25)
    assert 1 / float(odds.probability) == pytest.approx(17_000, rel=2e-3)
    assert float(odds.expected_days) * float(odds.expected_blocks) == pytest.approx(365.25)
    tiny = solo_odds(hashrate_ths=1e-9, difficulty=1e15, days=1)
    assert tiny.probability == tiny.expected_blocks > 0
    assert solo_odds(hashrate_ths=1, difficulty=1e14, days=0).probability == 0
    many = solo_odds(hashrate_ths=[1.0, 2.0], difficulty=1e14, days=[[1.0], [2.0], [3.0]])
    assert [x.shape for x in many] == [(3, 2)] * 3  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("lines", "btc", "printed", "within"),
    [
        ((28_555_000, 7_994_000, 5_131_000), 1_364, 23_034, 1.0),
        # The lines give 43,802: coins are printed whole, and half a coin of 1,530 is 14 USD a coin.
        ((61_830_000, 12_988_000, 7_801_000), 1_530, 43_808, 43_808 * 0.5 / 1_530),
    ],
)
def test_riot_prints_its_cost_net_of_credits(lines, btc, printed, within) -> None:
    """Riot Platforms, results of 2025Q1: the first quarters of 2024 and 2025, as far as coins are printed."""
    power, other, credit = lines
    filed = {"power_usd": power, "other_direct_usd": other, "credits_usd": credit, "mined_btc": btc}
    assert cost_to_mine(**filed, definition=CostDefinition()) == pytest.approx(printed, abs=within)


def test_each_switch_of_a_definition_moves_the_cost() -> None:
    """100 of power, 20 of the rest, 30 of credits (two coins' worth), 10 of wear, on 10 coins."""
    filed = {"power_usd": 100.0, "other_direct_usd": 20.0, "credits_usd": 30.0, "depreciation_usd": 10.0,
             "mined_btc": 10.0, "equivalents_btc": 2.0}  # fmt: skip

    def cost(**switches: bool) -> float:
        return float(cost_to_mine(**filed, definition=CostDefinition(**switches)))

    assert cost() == 9.0
    assert cost(net_of_credits=False) == 12.0
    assert cost(with_depreciation=True) == 10.0
    assert cost(net_of_credits=False, with_equivalents=True) == 10.0
    with pytest.raises(InputError, match="taken off the cost already"):
        CostDefinition(with_equivalents=True)
