"""Loans that are not repaid: what the lender can reach, and what it costs meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from test_engine_cases import borrower, coin_loan, kinds, path, site, with_prices

from manometer.engine.run import run
from manometer.engine.statement import merged, periods, total_of
from manometer.operator.money import Loan, Treasury
from manometer.operator.operator import Operator
from manometer.operator.plans import AiBuild
from manometer.operator.site import Minimum, Power


@pytest.mark.parametrize("recourse", ["collateral", "full"])
def test_collateral_answers_for_a_loan_that_is_not_repaid_at_maturity(recourse):
    """10,000 USD due on 10 January and not paid: the lender takes its coins at 50,000, 0.2 BTC, and no more."""
    loan = replace(coin_loan(), matures=date(2025, 1, 10), recourse=recourse, grace_days=3, forbearance=None)
    poor = replace(borrower(loan, cash_usd=0.0, coins_btc=0.0), sites=(replace(site(), machines=()),))
    outcome = run(poor, with_prices([50_000.0] * 30))
    total = total_of(outcome, merged("t", periods(outcome)))
    assert "seized" in kinds(outcome)
    assert total["seized_btc"] == pytest.approx(0.2, abs=1e-7)
    assert (total["free_btc"], total["debt_usd"]) == (pytest.approx(0.3, abs=1e-7), 0.0)


def test_what_is_overdue_goes_on_bearing_interest():
    """36,000 USD due on 31 January and not paid: 28 days of February at 12 and then 14 %, owed at its end."""
    loan = Loan(name="loan", kind="term", amount_usd=36_000.0, rate_frac_per_year=0.12, matures=date(2025, 1, 31),
                grace_days=5)  # fmt: skip
    poor = Operator(operator="p", sites=(replace(site(), machines=()),), loans=(loan,),
                    treasury=Treasury(cash_usd=372.0))  # fmt: skip
    january, february = (total_of(o, p) for o in [run(poor, path(2))] for p in periods(o))
    assert january["owed_usd"]["interest"] == 36_000 * 0.12 * 31 / 360
    fee = 360.0  # of forbearance, 1 % of the loan
    assert february["owed_usd"]["interest"] == pytest.approx(
        12.0 * 5 + 14.0 * 23 + fee * (1 + 0.14 * 23 / 360), abs=0.02
    )


def test_a_building_loan_bears_interest_while_it_is_drawn():
    """80,000 USD drawn evenly over 242 days at 10 %: (242 + 1)/2 days of it on average, added at first rent."""
    build = AiBuild(name="hall", site="site", gross_mw=0.1, it_frac=0.8, capex_usd_per_mw=1e6, signed=date(2025, 2, 1),
                    first_rent=date(2025, 10, 1), loan_frac=1.0, loan_rate_frac_per_year=0.10)  # fmt: skip
    outcome = run(
        Operator(operator="a", sites=(site(),), treasury=Treasury(cash_usd=1e5), ai=(build,)), path(10)
    )
    assert outcome.balances["debt_usd"][272] == pytest.approx(80_000.0, abs=0.01)
    interest = 80_000 * 0.10 * (242 + 1) / 2 / 360
    assert outcome.balances["debt_usd"][273] == pytest.approx(80_000 + interest, abs=0.02)


def test_people_and_land_are_owed_at_a_site_that_waits_for_power():
    """Dark from 2 March: wages and lease of March are owed in full; a site that its lender took owes none."""
    power = Power(price_usd_per_mwh=80.0, minimum=Minimum(take_frac=1.0))
    waits = site(power=power, staff=1, pay_usd_per_year=36_000.0, lease_usd_per_year=12_000.0)
    outcome = run(Operator(operator="d", sites=(waits,)), with_prices([10_000.0] * 90))
    march = total_of(outcome, periods(outcome)[2])
    assert "dark" in kinds(outcome)
    assert march["mined_btc"] == 0.008  # on the first of the month
    assert (march["owed_usd"]["people"], march["owed_usd"]["site"]) == (3000.0, 1000.0)
    loan = Loan(name="loan", kind="equipment", amount_usd=1e6, matures=date(2025, 12, 31), repaid="equal",
                recourse="borrower", borrower="spv", let_go=True)  # fmt: skip
    taken = Operator(operator="t", sites=(replace(waits, borrower="spv"),), loans=(loan,))
    outcome = run(taken, with_prices([10_000.0] * 90))
    assert total_of(outcome, periods(outcome)[2])["owed_usd"]["people"] == 0.0
