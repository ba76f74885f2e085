"""Coins and machines that go otherwise than by a sale of coins, and what contracts ask in their currency."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from test_engine_cases import coin_loan, path, site, spv, with_prices

from manometer.engine.power import contract_rates
from manometer.engine.run import Outcome, run
from manometer.engine.statement import merged, periods, total_of
from manometer.operator.money import Hedge, Treasury
from manometer.operator.operator import Exchange, Operator, Overheads
from manometer.operator.plans import MachineSale, Tax
from manometer.operator.quantity import Money
from manometer.operator.site import Machines, Minimum, Power


def test_what_goes_with_a_borrower_that_is_let_go():
    """The month's power that is not billed yet and the deposit go with the site: nobody pays the one or gets the other."""
    group = spv()
    bad = replace(group.sites[1], power=Power(price_usd_per_mwh=45.0, terms_days=0.0, deposit_usd=5_000.0))
    outcome = run(replace(group, sites=(group.sites[0], bad)), path(6))
    went = next(e.day for e in outcome.events if e.kind == "let_go")
    assert outcome.books.balance("deposits", "", "spv site") == 0
    assert outcome.books.balance("payable", "power", "spv site") == 0
    rows = [
        (kind, cents) for day, kind, name, cents, _ in outcome.books.ledger.rows(outcome.books.ledger.span(went, went))
        if name == "spv site"
    ]  # fmt: skip
    assert ("forfeit_deposit", 500_000) in rows
    # On the last day of a month its power is billed and due before the loan is seen: that bill is forgiven.
    assert sum(cents for kind, cents in rows if kind == "forgive:power") > 0


def taxed(**treasury) -> Operator:
    """No machines, a million of cash, coins that cost 10,000 USD, a fifth of gains to pay."""
    return Operator(
        operator="t", sites=(site(machines=()),), tax=Tax(rate_frac=0.2, paid_after_days=0.0),
        treasury=Treasury(cash_usd=1e6, cost_basis_usd_per_btc=10_000.0, **treasury),
    )  # fmt: skip


def tax_of(outcome: Outcome) -> float:
    """Tax owed over the run."""
    return total_of(outcome, merged("t", periods(outcome)))["owed_usd"]["tax"]


def test_coins_that_a_lender_takes_are_a_disposal():
    """100 coins that cost 10,000 stand for 2 MUSD; some are taken at 21,000: debt relieved less cost is the gain."""
    operator = taxed(policy="hold")
    loan = coin_loan(margin_price="close")
    outcome = run(replace(operator, loans=(loan,)), with_prices([50_000.0] + [21_000.0] * 89))
    total = total_of(outcome, merged("t", periods(outcome)))
    assert total["seized_btc"] > 0
    relieved = sum(
        cents for _, kind, _, cents, _ in outcome.books.ledger.rows(outcome.books.ledger.span(0, 1 << 40)) if kind == "seize"
    )  # fmt: skip
    interest = total["owed_usd"]["interest"]
    gain = relieved / 100 - total["seized_btc"] * 10_000.0
    assert tax_of(outcome) == pytest.approx(0.2 * (gain - interest), rel=1e-3)


def test_coins_called_away_are_a_disposal():
    """10 coins that cost 10,000 are called away at 60,000: 0.5 MUSD of gain, taxed at a fifth."""
    operator = taxed(coins_btc=10.0, policy="hold")
    call = Hedge(
        name="c", kind="covered_call", ends=date(2025, 1, 20), coins_btc=10.0, call_usd_per_btc=60_000.0
    )
    outcome = run(replace(operator, hedges=(call,)), with_prices([50_000.0] + [80_000.0] * 89))
    assert tax_of(outcome) == pytest.approx(0.2 * 500_000.0, abs=0.01)


def test_coins_that_staff_are_paid_in_are_a_disposal():
    """A coin that cost 10,000 pays 50,000 of wages: a cost of 50,000 and a gain of 40,000, beside the call's gain."""
    call = Hedge(
        name="c", kind="covered_call", ends=date(2025, 3, 31), coins_btc=10.0, call_usd_per_btc=49_000.0
    )
    operator = replace(
        taxed(coins_btc=50.0, policy="hold"), hedges=(call,), overheads=Overheads(paid_in_coin_btc_per_year=36.525)
    )  # fmt: skip
    outcome = run(operator, path(3))
    out = total_of(outcome, merged("t", periods(outcome)))["paid_out_btc"]
    assert out == pytest.approx(9.0, abs=1e-6)
    assert tax_of(outcome) == pytest.approx(0.2 * (10 * 39_000.0 - out * 10_000.0), abs=1.0)


def test_sold_machines_are_taxed_on_what_they_bring_over_what_is_left_of_their_cost():
    """20 kUSD over a thousand days: on day 31 969 days are left to write off against the proceeds."""
    machines = Machines(label="a", hashrate_ths=100.0, power_w=3000.0, count=100, price_paid_usd_per_ths=2.0)
    sale = MachineSale(site="site", machines="a", on=date(2025, 2, 1))
    tax = Tax(rate_frac=0.2, machine_life_days=1000.0, on_receipt=True, on_sale=False)
    operator = Operator(
        operator="s", sites=(site(machines=(machines,)),), treasury=Treasury(cash_usd=1e6), tax=tax,
        machine_sales=(sale,),
    )  # fmt: skip
    outcome = run(operator, path(3))
    total = total_of(outcome, merged("t", periods(outcome)))
    proceeds = total["sources_usd"]["assets"]
    mined = total["mined_btc"] * 50_000.0
    power = total["owed_usd"]["power"]
    assert proceeds > 0
    assert tax_of(outcome) == pytest.approx(0.2 * (mined - power + proceeds - 20_000.0), abs=1.0)


def test_minimum_take_and_peak_load_follow_their_currency():
    """A guarani that loses half of its value in a year halves both; the escalator raises the first alone."""
    power = Power(
        price_usd_per_mwh=Money(40.0, "PYG"), yearly_change_frac=0.1, minimum=Minimum(take_frac=1.0, contracted_mw=1.0),
        demand_charge_usd_per_kw_month=Money(6.0, "PYG"),
    )  # fmt: skip
    operator = Operator(
        operator="p", sites=(site(machines=(), power=power),), treasury=Treasury(cash_usd=1e7),
        exchange={"PYG": Exchange(rate=7_000.0, yearly_change_frac=1.0)},
    )  # fmt: skip
    outcome = run(operator, path(14))
    months = [total_of(outcome, p)["owed_usd"]["power"] for p in periods(outcome)]
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31]
    for k, (n, before) in enumerate(zip(days, np.cumsum(days), strict=True)):
        rise = 1.1 if k == 12 else 1.0
        rate = 0.5 ** ((before - 1) / 365.25)
        assert months[k] == pytest.approx(24 * n * 40.0 * rise * rate, rel=1e-6)
    index = {"PYG": np.linspace(1.0, 0.5, outcome.days.n)}
    assert contract_rates(power, outcome.days, index)[:, 1] == pytest.approx(6.0 * index["PYG"])
