"""Small runs that can be checked by hand, and the cases that the domain turns on."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from manometer.engine.calendar import add_months
from manometer.engine.run import Outcome, run
from manometer.engine.statement import merged, periods, total_of
from manometer.operator.money import Equity, Ladder, Loan, Treasury
from manometer.operator.operator import Depreciation, Operator
from manometer.operator.plans import MachineSale, Tax
from manometer.operator.site import CoincidentPeak, Curtailment, Machines, Minimum, Pool, Power, Site, Uptime
from manometer.processes import DriverPath, constant_path
from manometer.readings.levers import levers_reading

HERE = Path(__file__).parent
NO_LOSS = Uptime(planned_off_frac=0.0, forced_off_frac=0.0)
DIFFICULTY = 10e15 * 86_400 * 3.125 / (2**32 * 0.008)


def site(**more) -> Site:
    """100 machines of 100 TH/s and 3 kW, 50 USD/MWh, no losses."""
    base = Site(
        name="site",
        overhead=1.0,
        uptime=NO_LOSS,
        pool=Pool(fee_frac=0.0),
        machines=(Machines(hashrate_ths=100.0, power_w=3000.0, count=100),),
        power=Power(price_usd_per_mwh=50.0),
    )
    return replace(base, **more)


def path(months: int = 12, price: float = 50_000.0, start: date = date(2025, 1, 1)) -> DriverPath:
    """A constant path at which the site mines 0.008 BTC a day."""
    n = (add_months(start, months) - start).days
    return constant_path(start, n, price_usd=price, difficulty=DIFFICULTY, height=880_000)


def with_prices(prices: list[float], low: list[float] | None = None) -> DriverPath:
    """A path of given closes and lows."""
    base = constant_path(date(2025, 1, 1), len(prices), price_usd=1.0, difficulty=DIFFICULTY, height=880_000)
    close = np.array(prices, dtype=float)
    return replace(base, price_usd=close, low_usd=np.array(low, dtype=float) if low else close)


def kinds(outcome: Outcome) -> list[str]:
    """Kinds of events in their order."""
    return [e.kind for e in outcome.events]


def test_a_year_by_hand():
    """One site, one loan, twelve months, line by line (hand_case.md says why each number is what it is)."""
    operator = Operator(
        operator="hand",
        sites=(site(staff=1, pay_usd_per_year=36_000.0, lease_usd_per_year=12_000.0),),
        treasury=Treasury(cash_usd=20_000.0, coins_btc=3.0, sale_cost_frac=0.0),
        loans=(
            Loan(name="loan", kind="term", amount_usd=120_000.0, rate_frac_per_year=0.12, repaid="equal",
                 matures=date(2025, 12, 31)),
        ),
    )  # fmt: skip
    outcome = run(operator, path())
    months = [total_of(outcome, p) for p in periods(outcome)]
    with (HERE / "hand_case.csv").open(encoding="utf-8") as file:
        expected = list(csv.DictReader(file))
    assert len(months) == len(expected) == 12
    for got, want in zip(months, expected, strict=True):
        assert got["mined_btc"] == pytest.approx(float(want["mined_btc"]), abs=2e-8), want["month"]
        assert got["sold_btc"] == pytest.approx(float(want["sold_btc"]), abs=1e-6), want["month"]
        assert got["owed_usd"]["power"] == float(want["power_owed_usd"])
        for line in ("power", "people", "site", "interest", "principal"):
            assert got["uses_usd"][line] == float(want[f"{line}_paid_usd"]), (want["month"], line)
        assert got["cash_usd"] == pytest.approx(float(want["cash_usd"]), abs=0.011), want["month"]
        assert got["held_btc"] == pytest.approx(float(want["held_btc"]), abs=1e-6), want["month"]
        assert got["debt_usd"] == float(want["debt_usd"])


def test_a_curtailed_month_lands_where_it_should():
    """Energy in the month it rests, the credit in the same month, its cash in the month it is paid."""
    n = (date(2025, 4, 30) - date(2025, 1, 1)).days + 1
    hours = np.full((n, 24), 30.0)
    hours[31 + 9, :] = 400.0  # all of 10 February
    power = Power(contract="indexed", curtailment=Curtailment(strike_usd_per_mwh=300.0, credit_usd_per_mwh=100.0,
                                                              paid_as="cash", paid_after_days=20))  # fmt: skip
    operator = Operator(operator="c", sites=(site(power=power),), treasury=Treasury(cash_usd=50_000.0))
    outcome = run(operator, path(4), series={"site": hours})
    jan, feb, mar, _ = (total_of(outcome, p) for p in periods(outcome))
    assert feb["mwh"] == pytest.approx(27 * 7.2)
    assert feb["curtailed_mwh"] == pytest.approx(7.2)
    assert feb["owed_usd"]["power"] == pytest.approx(27 * 7.2 * 30)
    assert (jan["incomes_usd"]["curtailment"], feb["incomes_usd"]["curtailment"]) == (0.0, 720.0)
    assert feb["sources_usd"]["receipts"] == 0.0
    assert mar["sources_usd"]["receipts"] == 720.0
    assert mar["uses_usd"]["power"] == pytest.approx(27 * 7.2 * 30)
    assert feb["cost_usd"]["electricity"] == pytest.approx(27 * 7.2 * 30 - 720)
    gross = total_of(outcome, periods(outcome)[1], net_of_credits=False)
    assert gross["cost_usd"]["electricity"] == pytest.approx(27 * 7.2 * 30)


def test_a_credit_is_never_cash():
    """Credits of February lower the power bill that is paid in March, and bring nothing else."""
    n = (date(2025, 4, 30) - date(2025, 1, 1)).days + 1
    hours = np.full((n, 24), 30.0)
    hours[31 + 9, :] = 400.0
    power = Power(
        contract="indexed", curtailment=Curtailment(strike_usd_per_mwh=300.0, credit_usd_per_mwh=100.0)
    )
    operator = Operator(operator="c", sites=(site(power=power),), treasury=Treasury(cash_usd=50_000.0))
    outcome = run(operator, path(4), series={"site": hours})
    _, feb, mar, _ = (total_of(outcome, p) for p in periods(outcome))
    assert feb["incomes_usd"]["power_credit"] == 720.0
    assert mar["sources_usd"]["receipts"] == 0.0
    assert mar["uses_usd"]["power"] == pytest.approx(27 * 7.2 * 30 - 720)


@pytest.mark.parametrize("avoid", [True, False])
def test_a_coincident_peak_is_saved_the_year_after(avoid):
    """Resting in this summer's peaks lowers the charge from January, not this year's."""
    peak = CoincidentPeak(rate_usd_per_mw_year=120_000.0, hours_off_per_month=2, avoid=avoid)
    power = Power(price_usd_per_mwh=50.0, coincident_peak=peak)
    operator = Operator(operator="p", sites=(site(power=power),), treasury=Treasury(cash_usd=500_000.0))
    outcome = run(operator, path(14))
    months = [total_of(outcome, p) for p in periods(outcome)]
    energy = [m["mwh"] * 50 for m in months]
    charge = [m["owed_usd"]["power"] - e for m, e in zip(months, energy, strict=True)]
    assert charge[:12] == pytest.approx([0.3 * 10_000.0] * 12, abs=0.5)
    assert charge[12:] == pytest.approx([0.0 if avoid else 3000.0] * 2, abs=0.5)
    assert months[6]["mwh"] == pytest.approx(31 * 7.2 - (2 * 0.3 if avoid else 0.0))


def coin_loan(**more) -> Loan:
    """10,000 USD against half a coin: 40 % at 50,000 USD, called over 75 %, liquidated over 90 %."""
    terms = {
        "cure_days": 1.0,
        "opening_frac": 0.4,
        "call_frac": 0.75,
        "restore_frac": 0.6,
        "liquidation_frac": 0.9,
    }
    return Loan(name="loan", kind="bitcoin_backed", amount_usd=10_000.0, posted_btc=0.5, rate_frac_per_year=0.0,
                ladder=Ladder(**{**terms, **more}))  # fmt: skip


def borrower(loan: Loan, **treasury) -> Operator:
    """The site with half a coin posted and one free, so cheap to run that nothing else moves."""
    held = Treasury(
        **{"cash_usd": 1e5, "coins_btc": 1.0, "policy": "hold", "sale_cost_frac": 0.0, **treasury}
    )
    return Operator(
        operator="b", sites=(site(power=Power(price_usd_per_mwh=1.0)),), treasury=held, loans=(loan,)
    )


def test_a_margin_call_on_the_low_is_answered_at_its_deadline():
    """The low of day 2 calls; the coins go on day 3, back to the restore level at that day's close."""
    outcome = run(
        borrower(coin_loan()), with_prices([50_000, 30_000, 26_000, 26_000], [50_000, 25_000, 26_000, 26_000])
    )
    assert [(e.kind, e.day - outcome.events[0].day) for e in outcome.events] == [
        ("margin_call", 0),
        ("posted", 1),
    ]
    assert outcome.balances["posted_btc"][-1] == pytest.approx(10_000 / (26_000 * 0.6), abs=1e-8)


def test_a_call_that_the_price_meets_lapses():
    """A spike down and back within the cure period posts nothing."""
    outcome = run(borrower(coin_loan()), with_prices([50_000, 40_000, 45_000], [50_000, 25_000, 45_000]))
    assert kinds(outcome) == ["margin_call", "call_lapsed"]
    assert outcome.balances["posted_btc"][-1] == 0.5


def test_testing_on_closes_does_not_see_the_low():
    """The same path with the margin price of the close: no call at all."""
    prices = with_prices([50_000, 40_000, 45_000], [50_000, 25_000, 45_000])
    assert kinds(run(borrower(coin_loan(margin_price="close")), prices)) == []


def test_a_call_without_free_coins_ends_in_a_sale_by_the_lender():
    """With nothing free the lender takes coins until the loan is back at the restore level."""
    outcome = run(borrower(coin_loan(), coins_btc=0.0), with_prices([50_000, 25_000, 25_000, 25_000]))
    assert "liquidated" in kinds(outcome)
    posted, owed = outcome.balances["posted_btc"][-1], outcome.balances["debt_usd"][-1]
    assert owed / (posted * 25_000) == pytest.approx(0.6, abs=0.02)


def test_the_liquidation_level_needs_no_call():
    """A gap through the last level is sold on the day, at the low."""
    outcome = run(borrower(coin_loan()), with_prices([50_000, 21_000]))
    assert kinds(outcome)[0] == "liquidated"


def spv(let_go: bool = True) -> Operator:
    """A group with a borrower whose site cannot pay its loan, as IREN had in 2022."""
    good = site(power=Power(price_usd_per_mwh=10.0))
    bad = site(name="spv site", borrower="spv", power=Power(price_usd_per_mwh=45.0))
    loan = Loan(name="machines", kind="equipment", amount_usd=700_000.0, repaid="equal", matures=date(2025, 12, 31),
                recourse="borrower", borrower="spv", let_go=let_go)  # fmt: skip
    return Operator(
        operator="group",
        sites=(good, bad),
        loans=(loan,),
        treasury=Treasury(cash_usd=20_000.0, policy="sell_to_cover"),
    )


def test_a_borrower_without_recourse_is_let_go_and_the_group_lives():
    """The lender gets the borrower's site and no more; the group's own site goes on, its coins stay."""
    outcome = run(spv(), path(6))
    assert "let_go" in kinds(outcome)
    assert outcome.loans["machines"].status == "let_go"
    assert outcome.balances["debt_usd"][-1] == 0.0
    phs = outcome.plant["phs"]
    assert (phs[0], phs[-1]) == (pytest.approx(20.0), pytest.approx(10.0))
    assert outcome.balances["free_btc"][-1] > 0


def test_iren_2022():
    """Two borrowers earn about 2 M USD a month against 7 M due: 3.6 EH/s stop, the group survives."""
    groups = tuple(
        site(name=name, borrower=who, machines=(Machines(hashrate_ths=100.0, power_w=3000.0, count=n),),
             power=Power(price_usd_per_mwh=58.0))
        for name, who, n in (("group", "", 20_000), ("spv 2 site", "spv 2", 16_000), ("spv 3 site", "spv 3", 20_000))
    )  # fmt: skip
    loans = tuple(
        Loan(name=f"{who} loan", kind="equipment", amount_usd=usd, repaid="equal", matures=date(2024, 6, 30),
             rate_frac_per_year=0.11, recourse="borrower", borrower=who, let_go=True)
        for who, usd in (("spv 2", 46e6), ("spv 3", 58e6))
    )  # fmt: skip
    n = (date(2023, 2, 28) - date(2022, 10, 1)).days + 1
    market = constant_path(
        date(2022, 10, 1), n, price_usd=17_500, difficulty=36.8e12, height=756_000, fees_btc=0.08
    )
    operator = Operator(operator="IREN-like", sites=groups, loans=loans, treasury=Treasury(cash_usd=4e6))
    outcome = run(operator, market)
    assert [x.status for x in outcome.loans.values()] == ["let_go", "let_go"]
    assert outcome.plant["phs"][0] - outcome.plant["phs"][-1] == pytest.approx(3600.0)
    assert outcome.plant["phs"][-1] == pytest.approx(2000.0)
    assert outcome.balances["debt_usd"][-1] == 0.0
    assert outcome.first_shortfall is None


@pytest.mark.parametrize(("share_price", "first"), [(0.002, False), (5.0, True)])
def test_equity_below_net_asset_value_never_ranks_first(share_price, first):
    """Shares sold under what they hold take bitcoin from each share; far above it they add."""
    equity = Equity(shares=1e6, price_usd_per_share=share_price, beta=0.0, volume_shares_per_day=1e6,
                    volume_share_frac=0.5, most_usd=1e6)  # fmt: skip
    operator = Operator(
        operator="e", sites=(site(),), treasury=Treasury(cash_usd=1e5, coins_btc=10.0), equity=equity
    )
    rows = levers_reading(operator, path())["levers"]
    at = [r["name"] for r in rows].index("equity")
    lever = rows[at]
    assert (lever["btc_per_share_delta_frac"] > 0) is first
    assert (lever["net_btc_delta"] > 0) is first
    if not first:
        assert at > [r["name"] for r in rows].index("keep running")


def test_machines_that_are_not_paid_for_do_not_arrive():
    """An order whose last instalment cannot be paid waits, and no hash is mined by it."""
    from manometer.operator.plans import Expansion

    order = Expansion(name="new", site="site", delivered=date(2025, 3, 1), price_usd_per_ths=1000.0,
                      machines=Machines(hashrate_ths=100.0, power_w=2000.0, count=100))  # fmt: skip
    operator = Operator(
        operator="x", sites=(site(),), treasury=Treasury(cash_usd=30_000.0), expansions=(order,)
    )
    outcome = run(operator, path(6))
    assert "delayed" in kinds(outcome)
    assert outcome.plant["phs"].max() == pytest.approx(10.0)


def test_what_is_kept_is_told_apart_from_what_is_earned():
    """A holder who pays its bills with shareholders' money kept all and earned less."""
    equity = Equity(shares=1e6, price_usd_per_share=100.0, volume_shares_per_day=1e6, most_usd=1e7)
    operator = Operator(operator="k", sites=(site(),), treasury=Treasury(policy="hold"), equity=equity)
    # No coin is free before the first is sold by force: money comes from shares when coins are posted.
    loan = coin_loan(call_frac=0.99, liquidation_frac=1.0)
    outcome = run(replace(operator, loans=(replace(loan, amount_usd=1.0),)), path())
    total = total_of(outcome, merged("t", periods(outcome)))
    assert total["retained_btc"] >= total["earned_btc"]
    assert total["gap_btc"] == pytest.approx(total["retained_btc"] - total["earned_after_growth_btc"])


def test_the_days_of_a_run_are_calendar_days():
    """A year from a leap day ends on the last of February."""
    assert add_months(date(2024, 2, 29), 12) - timedelta(days=1) == date(2025, 2, 27)
    assert add_months(date(2025, 1, 31), 1) == date(2025, 2, 28)


def test_insurance_is_paid_a_year_ahead_and_owed_by_the_day():
    """Cash goes on the first day; the cost lands in each month."""
    operator = Operator(
        operator="i", sites=(site(insurance_usd_per_year=12_000.0),), treasury=Treasury(cash_usd=50_000.0)
    )
    outcome = run(operator, path(3))
    months = [total_of(outcome, p) for p in periods(outcome)]
    assert [m["owed_usd"]["site"] for m in months] == [1000.0] * 3
    assert [m["uses_usd"]["site"] for m in months] == [
        pytest.approx(12_000.0 + 1000.0 / 31, abs=0.01),
        0.0,
        0.0,
    ]


def test_tax_wears_machines_down_over_its_own_life():
    """Half the wear of a day, on a life twice as long: the tax base is higher by the other half."""

    def owed(life: float) -> float:
        machines = (Machines(hashrate_ths=100.0, power_w=3000.0, count=100, price_paid_usd_per_ths=1.0),)
        tax = Tax(rate_frac=0.2, machine_life_days=life, on_sale=False)
        operator = Operator(
            operator="t", sites=(site(machines=machines),), treasury=Treasury(cash_usd=1e6), tax=tax
        )
        outcome = run(operator, path(3))
        return total_of(outcome, merged("t", periods(outcome)))["owed_usd"]["tax"]

    cost, days = 100 * 100 * 1.0, 90
    assert owed(2000.0) - owed(1000.0) == pytest.approx(0.2 * cost * days * (1 / 1000 - 1 / 2000), abs=0.05)
    mined = 0.008 * days * 50_000.0
    assert owed(1000.0) == pytest.approx(0.2 * (mined - 360.0 * days - cost * days / 1000), abs=1.0)


@pytest.mark.parametrize(("settlement", "cash"), [("shares", 500_000.0), ("cash", -500_000.0)])
def test_a_convertible_in_the_money(settlement, cash):
    """100,000 shares at 10 USD, the share at 20: shares are given, or 1 MUSD beyond the notes; the call brings 5 each."""
    from manometer.operator.money import Conversion

    terms = Conversion(price_usd_per_share=10.0, settlement=settlement, capped_call_usd_per_share=15.0)
    note = Loan(
        name="note",
        kind="convertible",
        amount_usd=1e6,
        rate_frac_per_year=0.0,
        matures=date(2025, 2, 10),
        conversion=terms,
    )
    operator = Operator(operator="n", sites=(site(power=Power(price_usd_per_mwh=0.0)),), loans=(note,),
                        treasury=Treasury(cash_usd=3e6, policy="hold"),
                        equity=Equity(shares=1e7, price_usd_per_share=20.0, beta=0.0, when="never"))  # fmt: skip
    outcome = run(operator, path(2))
    repaid = 0.0 if settlement == "shares" else 1e6
    assert outcome.books.cash / 100 == pytest.approx(3e6 + cash - repaid)
    assert outcome.new_shares == (100_000.0 if settlement == "shares" else 0.0)
    assert outcome.balances["debt_usd"][-1] == 0.0


def test_ai_is_borrowed_once_and_repaid_from_its_rent():
    """Capex by the day, its part borrowed as it is spent, equal payments from the first rent."""
    from manometer.operator.plans import AiBuild

    build = AiBuild(name="hall", site="site", gross_mw=0.1, it_frac=0.8, capex_usd_per_mw=1e6, signed=date(2025, 2, 1),
                    first_rent=date(2025, 6, 1), rent_usd_per_kw_month=100.0, margin_frac=0.9, ramp_months=0,
                    loan_frac=0.5, tenant_pays_frac=0.25, loan_years=1, loan_rate_frac_per_year=0.12)  # fmt: skip
    operator = Operator(operator="a", sites=(site(),), treasury=Treasury(cash_usd=1e5), ai=(build,))
    outcome = run(operator, path(12))
    total = total_of(outcome, merged("t", periods(outcome)))
    capex = 0.08 * 1e6 * 0.75
    assert total["owed_usd"]["ai_capex"] == pytest.approx(capex, abs=0.01)
    assert total["flows_usd"]["borrowed"] == pytest.approx(0.08 * 1e6 * 0.5, abs=2.0)
    assert total["incomes_usd"]["ai_income"] == pytest.approx(7 * 80 * 100.0)
    assert total["owed_usd"]["ai_running"] == pytest.approx(7 * 80 * 10.0)
    assert 0 < outcome.balances["debt_usd"][-1] < 0.08 * 1e6 * 0.5
    assert outcome.plant["phs"][0] / outcome.plant["phs"][-1] == pytest.approx(1 / (1 - 0.1 / 0.3))


class SellOverFifty:
    """A reader's own rule: all free coins where the price is over 50,000."""

    def decide(self, day):
        """Sell what is free where the price says so."""
        return np.asarray(day.free_btc) if day.price_usd > 50_000.0 else np.asarray(0.0)


def test_a_policy_of_the_readers_own(monkeypatch):
    """Installed under an entry point, named in the file like any other."""
    from importlib.metadata import EntryPoint

    from manometer.operator import reader
    from manometer.operator.reader import parse_operator
    from manometer.policies import treasury

    mine = EntryPoint("over_fifty", f"{__name__}:SellOverFifty", "manometer.policies")
    monkeypatch.setattr(EntryPoint, "load", lambda self: SellOverFifty)
    for module in (reader, treasury):
        monkeypatch.setattr(module, "entry_points", lambda group: [mine])
    text = (
        b"operator: o\nsites: [{name: s, machines: [{model: s21, count: 10}], power: {price: 1 USD/MWh}}]\n"
    )
    assert parse_operator(text + b"treasury: {policy: over_fifte}\n")[1][0].line == 3
    operator, problems = parse_operator(text + b"treasury: {policy: over_fifty, coins: 2 BTC}\n")
    assert problems == []
    assert operator is not None
    outcome = run(operator, with_prices([49_000.0, 51_000.0]))
    assert outcome.balances["free_btc"][0] == 2.0
    assert outcome.balances["free_btc"][1] == 0.0


def test_power_billed_weekly_and_never_paid_puts_a_site_out():
    """The oldest unpaid bill counts, not the newest: dark 14 days after the first Sunday that is not paid."""
    power = Power(price_usd_per_mwh=80.0, billed="weekly", terms_days=0, minimum=Minimum(take_frac=1.0))
    operator = Operator(operator="d", sites=(site(power=power),))
    outcome = run(operator, with_prices([50_000.0] + [10_000.0] * 60))
    assert [(e.kind, e.day - outcome.days.number[0]) for e in outcome.events] == [
        ("shortfall", 4),
        ("dark", 4 + 14),
    ]
    assert outcome.plant["phs"][18] > 0 == outcome.plant["phs"][19]


def test_machines_that_are_sold_wear_no_more():
    """20 kUSD a thousand days long, sold on 1 February."""
    machines = Machines(label="a", hashrate_ths=100.0, power_w=3000.0, count=100, price_paid_usd_per_ths=20.0)
    operator = Operator(operator="s", sites=(site(machines=(machines,)),), treasury=Treasury(cash_usd=1e6),
                        depreciation=Depreciation(machines_days=1000.0),
                        machine_sales=(MachineSale(site="site", machines="a", on=date(2025, 2, 1)),))  # fmt: skip
    months = [total_of(o, p) for o in [run(operator, path(3))] for p in periods(o)]
    assert [m["owed_usd"]["depreciation"] for m in months] == [31 * 200.0, 0.0, 0.0]


def test_coins_that_were_not_taxed_on_receipt_are_taxed_whole_when_sold():
    """Without tax on receipt a mined coin has no cost: what it sells for is the gain."""
    tax = Tax(rate_frac=0.2, on_receipt=False)
    operator = Operator(
        operator="t",
        sites=(site(power=Power(price_usd_per_mwh=0.0)),),
        treasury=Treasury(policy="sell_all", sale_cost_frac=0.0),
        tax=tax,
    )
    outcome = run(operator, path(3))
    total = total_of(outcome, merged("t", periods(outcome)))
    assert total["owed_usd"]["tax"] == pytest.approx(0.2 * total["sources_usd"]["coins"], abs=0.01)
    assert total["sold_btc"] > 0


def test_a_cash_buffer_holds_the_bills_of_its_days():
    """360 USD of power a day, 60 days: from the second month on, what is in cash and what is billed cover them."""
    held = Treasury(coins_btc=10.0, policy="cash_buffer", buffer_days=60)
    outcome = run(Operator(operator="b", sites=(site(),), treasury=held), path(6))
    assert outcome.balances["cash_usd"][45:].min() == pytest.approx(60 * 360.0, abs=1.0)


def test_sales_to_cover_leave_out_what_credits_pay():
    """A power bill that a credit meets sells no coin."""
    n = (date(2025, 3, 31) - date(2025, 1, 1)).days + 1
    hours = np.full((n, 24), 30.0)
    hours[4, :] = 4000.0
    power = Power(contract="indexed", curtailment=Curtailment(strike_usd_per_mwh=300.0))
    operator = Operator(operator="c", sites=(site(power=power),), treasury=Treasury(coins_btc=1.0))
    outcome = run(operator, path(3), series={"site": hours})
    assert total_of(outcome, merged("t", periods(outcome)))["sold_btc"] == 0.0


def test_runway_counts_free_coins_at_their_haircut():
    """January's 31 x 360 USD fall due on 15 February; 45 days' coins pay them in full, not at 95 % of their price.

    The run sells them and misses no bill that day; runway, which takes coins at their haircut, ends on it.
    """
    price = 31 * 360 / (45 * 0.008 * 0.97)
    operator = Operator(operator="hold", sites=(site(),), treasury=Treasury(policy="hold"))
    outcome = run(operator, with_prices([50_000.0] * 45 + [price] * 15))
    first = int(outcome.days.number[0])
    assert outcome.runway_ends == first + 45
    assert outcome.first_shortfall is None or outcome.first_shortfall > first + 45
    richer = replace(operator, treasury=Treasury(policy="hold", haircut_frac=0.0))
    assert run(richer, with_prices([50_000.0] * 45 + [price] * 15)).runway_ends != first + 45
