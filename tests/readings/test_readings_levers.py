"""Levers: what each changes, and that the baseline is the zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from manometer.engine.calendar import add_months
from manometer.operator.money import Equity, Loan, Treasury
from manometer.operator.operator import Operator, Overheads
from manometer.operator.plans import Expansion
from manometer.operator.site import Machines, Pool, Power, Site, Uptime
from manometer.processes import DriverPath, constant_path
from manometer.readings.lever_changes import (
    delay_expansion,
    pay_in_bitcoin,
    refinance,
    sell_machines,
    switch_off,
)
from manometer.readings.levers import levers_reading

START = date(2025, 1, 1)
GOOD = Machines(label="good", hashrate_ths=200.0, power_w=3000.0, count=100)
BAD = Machines(label="bad", hashrate_ths=100.0, power_w=6000.0, count=100)


def site(**more) -> Site:
    """100 machines of 15 J/TH at 50 USD/MWh: 18 USD/PH/day of power."""
    base = Site(
        name="site",
        overhead=1.0,
        machines=(GOOD,),
        power=Power(price_usd_per_mwh=50.0),
        pool=Pool(fee_frac=0.0),
        uptime=Uptime(planned_off_frac=0.0, forced_off_frac=0.0),
    )
    return replace(base, **more)


def path(months: int = 6) -> DriverPath:
    """40 USD/PH/day that stay."""
    n = (add_months(START, months) - START).days
    return constant_path(
        START, n, price_usd=50_000.0, difficulty=1e15 * 86_400 * 3.125 / (2**32 * 0.0008), height=880_000
    )


def rows(operator: Operator) -> dict[str, dict]:
    """Levers by name."""
    return {r["name"]: r for r in levers_reading(operator, path())["levers"]}


def test_keep_running_is_the_zero_where_shares_are_sold_to_pay_bills():
    """The baseline sells shares too: its owners' part is the zero for all."""
    equity = Equity(shares=1e6, price_usd_per_share=0.1, beta=0.0, volume_shares_per_day=1e6, most_usd=1e6)
    operator = Operator(operator="e", sites=(site(),), treasury=Treasury(policy="hold"), equity=equity,
                        overheads=Overheads(cash_usd_per_year=400_000.0))  # fmt: skip
    assert rows(operator)["keep running"]["net_btc_delta"] == 0.0


def test_a_refinancing_without_cash_still_pays_its_fee():
    """2 % of 1 MUSD is owed on top of it."""
    loan = Loan(name="loan", kind="term", amount_usd=1e6, matures=date(2025, 3, 31))
    lever = refinance(Operator(operator="r", sites=(site(),), loans=(loan,)), path(), START)
    assert lever.operator.loans[0].amount_usd == 1.02e6


def test_what_was_paid_for_an_order_is_not_paid_again():
    """10 % fell due before the start: after 180 days of delay it still did; the rest moves."""
    order = Expansion(name="new", site="site", machines=GOOD, delivered=date(2025, 7, 20))
    early = replace(order, payments=(instalment(0.1, 270), instalment(0.9, 7)))
    lever = delay_expansion(Operator(operator="d", sites=(site(),), expansions=(early,)), path(), START)
    later = lever.operator.expansions[0]
    assert later.delivered == date(2026, 1, 16)
    assert [p.before_days for p in later.payments] == [450, 7]


def instalment(share: float, before: float):
    """An instalment."""
    from manometer.operator.plans import Instalment

    return Instalment(share_frac=share, before_days=before)


def test_a_site_that_loses_is_closed_and_its_land_goes_on():
    """Machines at 60 J/TH and two people: they go, the lease stays."""
    bad = site(name="bad", machines=(BAD,), staff=2, lease_usd_per_year=12_000.0)
    operator = Operator(operator="s", sites=(site(), bad), treasury=Treasury(coins_btc=5.0))
    closed = switch_off(operator, path(), START).operator.sites[1]
    assert (closed.machines, closed.staff, closed.lease_usd_per_year) == ((), 0.0, 12_000.0)
    assert rows(operator)["switch off"]["net_btc_delta"] == pytest.approx(2 * 55_000 / 2 / 50_000, rel=0.02)
    assert isinstance(switch_off(replace(operator, sites=(site(),)), path(), START), str)


def test_the_machines_that_lose_are_sold_else_the_least_efficient():
    """60 J/TH at 50 USD/MWh costs 72 a day for 40; of two that earn, the weaker goes; one alone stays."""
    operator = Operator(operator="m", sites=(site(machines=(GOOD, BAD)),))
    assert [x.machines for x in sell_machines(operator, path(), START).operator.machine_sales] == ["bad"]
    fair = replace(BAD, label="fair", power_w=2000.0)
    both = replace(operator, sites=(site(machines=(GOOD, fair)),))
    assert [x.machines for x in sell_machines(both, path(), START).operator.machine_sales] == ["fair"]
    assert isinstance(sell_machines(replace(operator, sites=(site(),)), path(), START), str)


def test_half_of_the_wages_in_coins():
    """100 kUSD of wages at 50,000 USD: one coin a year, and half of the people in cash."""
    operator = Operator(operator="w", sites=(site(staff=2, pay_usd_per_year=50_000.0),))
    paid = pay_in_bitcoin(operator, path(), START).operator
    assert paid.overheads.paid_in_coin_btc_per_year == 1.0
    assert paid.sites[0].staff == 1.0


def test_a_home_is_offered_no_industrial_lever():
    """Off, another mode, another tariff, or coins instead; the owner's money counts."""
    home = Operator(operator="h", kind="home", sites=(site(machines=(replace(BAD, count=1),)),))
    offered = rows(home)
    assert set(offered) == {"keep running", "switch off", "re-tune", "renegotiate power", "buy spot instead"}
    assert offered["switch off"]["net_btc_delta"] > 0
