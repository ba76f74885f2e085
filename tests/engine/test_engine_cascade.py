"""The cascade: exact where it must be, monotone, and its ladder by hand."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest
from population_cases import case, member

from manometer.economics.volume import Volume, volumes_of
from manometer.engine.cascade import amplification, drawn, ladder, sensitivity, sweep, tell, tipping
from manometer.engine.crowd import ASSUMED, Assumed, population_of, with_shock
from manometer.engine.population import run_population
from manometer.errors import InputError
from manometer.operator.roster import Roster

THIN = Volume("vetted", 20_000.0, "test")
BORROWER = member(
    "borrower", listed=True, ehs=20.0, free_btc=100.0, posted_btc=4_000.0, coin_loan_usd=1.2e8, policy="hold"
)


def test_without_impact_and_debts_amplification_is_exactly_one() -> None:
    one = case(member("a", listed=True, ehs=20.0, policy="sell_to_cover"), assumed=Assumed(prefactor=0.0))
    for kind in ("price", "hashprice", "power"):
        asked = replace(one, kind=kind)
        calm, bad = (tell(asked, THIN, s, 0.0) for s in (0.0, -0.3))
        assert amplification(calm, bad, -0.3) == 1.0
        assert sweep(asked, THIN, [-0.1, -0.3, -0.6], 0.0).tolist() == pytest.approx([1.0] * 3, abs=1e-12)


def test_a_borrower_amplifies_and_the_thin_market_more() -> None:
    asked = case(BORROWER)
    wide = Volume("all", 460_000.0, "test")
    thin_a, wide_a = (float(sweep(asked, v, [-0.35], asked.ordinary_btc(v))[0]) for v in (THIN, wide))
    assert thin_a > wide_a > 1


def test_the_quiet_story_is_the_path_of_the_cellar() -> None:
    asked = case(BORROWER)
    ordinary = asked.ordinary_btc(THIN)
    calm, bad = (tell(asked, THIN, s, ordinary) for s in (0.0, -0.35))
    told = amplification(calm, bad, -0.35)
    assert told == pytest.approx(float(sweep(asked, THIN, [-0.35], ordinary)[0]), rel=1e-12)
    assert bad.seized_btc.sum() > 0
    assert bad.forced_btc.sum() == pytest.approx(bad.seized_btc.sum(), rel=1e-12)


def test_amplification_never_falls_with_leverage() -> None:
    got = []
    for loan in np.linspace(2e7, 1.4e8, 25):
        # Cheap power: who cannot pay his bills sells twice, and the days between let the price recover.
        one = replace(
            BORROWER, coin_loan_usd=float(loan), free_btc=0.0, coin_rate_frac=0.0, power_usd_per_mwh=20.0
        )
        asked = case(one)
        got.append(float(sweep(asked, THIN, [-0.3], 300.0)[0]))
    assert np.all(np.diff(got) >= -1e-9)
    assert got[-1] > got[0]


def test_the_same_seed_is_the_same_answer() -> None:
    asked = case(BORROWER)
    first, again, other = (drawn(asked, THIN, -0.3, 300.0, seed=s, n_paths=20) for s in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    np.testing.assert_array_equal(first[:16], drawn(asked, THIN, -0.3, 300.0, seed=3, n_paths=16))


def test_everybody_together_owns_the_network() -> None:
    asked = case(BORROWER, member("b", listed=True, ehs=31.5, j_per_th=20.0, power_usd_per_mwh=40.0))
    start = asked.population(THIN, ordinary_btc=0.0)
    owned = np.bincount(start.owner[:, 0], start.owned_ehs, minlength=len(start.capacity_ehs))
    np.testing.assert_array_equal(owned, start.capacity_ehs)
    mine = np.bincount(start.owner[:, 1], start.owned_ehs)
    assert mine[0] == pytest.approx(20.0, abs=0.01)
    assert mine[1] == pytest.approx(31.5, abs=0.01)
    run = start.opened()[:, 0].sum()
    assert run == start.capacity_ehs[: start.n_on].sum() == asked.network.cohorts.hashrate_ehs


def test_companies_larger_than_the_network_are_refused() -> None:
    with pytest.raises(InputError, match="more than the network's"):
        case(member("a", listed=True, ehs=5_000.0)).population(THIN, ordinary_btc=0.0)


def test_dear_power_and_low_hashprice_switch_machines_off() -> None:
    asked = case(BORROWER)
    base = asked.population(THIN, ordinary_btc=0.0)
    days = asked.days()
    calm = run_population(base, days, seed=0, n_paths=1).at_end("hashrate_ehs")[0]
    for kind in ("hashprice", "power"):
        hit = run_population(with_shock(base, kind, -0.3), days, seed=0, n_paths=1).at_end("hashrate_ehs")[0]
        assert hit < calm


@pytest.mark.parametrize("shock", [0.1, -1.0, -2.0])
def test_a_shock_is_a_fall(shock: float) -> None:
    with pytest.raises(InputError, match="between -1 and 0"):
        case(BORROWER).days(shock)


def test_tipping_is_where_a_point_of_shock_makes_two_of_fall() -> None:
    shocks = [-0.1, -0.2, -0.3]
    assert tipping(shocks, np.array([1.0, 1.0, 1.0])) is None
    # Final falls 10, 20, 42 %: the last step makes 22 points of 10.
    assert tipping(shocks, np.array([1.0, 1.0, 1.4])) == -0.3
    assert tipping(shocks[::-1], np.array([1.4, 1.0, 1.0])) == -0.3
    assert tipping([], np.zeros(0)) is None


def test_the_ladder_posts_what_mara_posted() -> None:
    # 10-Q: 7,821 posted, 3,619 free, 100 M USD; at 16,212.50 it added 1,669 to stand at 65 %.
    mara = member("MARA", listed=True, ehs=7.0, free_btc=3_619.0, posted_btc=7_821.0, coin_loan_usd=1e8)
    roster = Roster(date(2022, 10, 31), date(2022, 11, 10), (mara,), ())
    rows = ladder(roster, 16_212.5, 0.0015)
    assert rows[0]["post_btc"] == pytest.approx(1_669, abs=1)
    assert rows[0]["sell_btc"] == 0
    assert rows[0]["who"] == ["MARA"]
    # Its last free coin goes at 13,449 USD, 17 % down (practice): at 20 % down a lender has to sell.
    fifteen, twenty = (next(r for r in rows if r["fall_frac"] == f) for f in (-0.15, -0.2))
    assert float(str(fifteen["post_btc"])) < 3_619
    assert twenty["post_btc"] == 3_619


def test_sensitivity_names_every_assumed_constant() -> None:
    rows = sensitivity(case(BORROWER), THIN, -0.3)
    assert [r["name"] for r in rows] == list(ASSUMED) == [f.name for f in fields(Assumed)]
    by_name = {r["name"]: r for r in rows}
    y = by_name["prefactor"]
    assert y["amplification_low"] < y["amplification_high"]
    longs = by_name["longs_btc"]
    assert longs["amplification_low"] < longs["amplification_high"]


def test_two_volumes_are_named_for_every_date() -> None:
    for on in (date(2018, 11, 1), date(2022, 6, 1), date(2025, 8, 22), date(2030, 1, 1)):
        thin, wide = volumes_of(on)
        assert (thin.name, wide.name) == ("vetted", "all_venues")
        assert wide.btc_per_day > 20 * thin.btc_per_day


def test_a_volume_is_never_of_a_later_year() -> None:
    assert volumes_of(date(2024, 12, 31)) == volumes_of(date(2022, 6, 1))
    assert volumes_of(date(2025, 1, 1)) != volumes_of(date(2024, 12, 31))


def test_a_population_is_made_of_whole_cents_and_satoshi() -> None:
    asked = case(replace(BORROWER, cash_usd=1234.5678, free_btc=0.123456789))
    start = population_of(
        asked.roster, asked.network, first_day=asked.first_day, price_usd=1.0, fees_btc=0.0, deviation=0.01,
        volume_btc=1.0, assumed=asked.assumed,
    )  # fmt: skip
    for table in (start.operators, start.bill_cents):
        np.testing.assert_array_equal(table, np.rint(table))
