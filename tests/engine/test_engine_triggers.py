"""What price does what, by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from test_engine_cases import borrower, coin_loan, path, site, with_prices

from manometer.engine.run import Outcome, run
from manometer.engine.statement import merged, periods, total_of
from manometer.engine.triggers import exhaustion_fall, triggers
from manometer.operator.money import Covenant, Loan, Treasury
from manometer.operator.operator import Operator
from manometer.operator.site import Power


def table_of(outcome: Outcome) -> list[dict]:
    """The trigger table as of the first evening."""
    return triggers(outcome, periods(outcome, "week"), partial(run, outcome.operator))


def row(outcome: Outcome, kind: str) -> dict:
    """The one trigger of a kind."""
    (found,) = [r for r in table_of(outcome) if r["kind"] == kind]
    return found


def test_two_loans_share_the_free_coins():
    """Each 10,000 USD on half a coin, restore 60 %: 2 x 16,667 over 1 + 0.6 coins is 20,833, not 15,152."""
    both = replace(
        borrower(coin_loan(), coins_btc=0.6), loans=(coin_loan(), replace(coin_loan(), name="two"))
    )
    outcome = run(both, with_prices([50_000.0] * 20))
    end = row(outcome, "free_coins_end")
    assert end["price_usd"] == pytest.approx(2 * 10_000 / 0.6 / 1.6)
    assert end["name"] == "loan, two"
    table = table_of(outcome)
    assert exhaustion_fall(table) == pytest.approx(end["price_usd"] / 50_000 - 1)


def test_nothing_is_posted_before_a_call():
    """With a tenth of a coin free, the call at 26,667 takes it all; above it the lender asks for none."""
    outcome = run(borrower(coin_loan(), coins_btc=0.1), with_prices([50_000.0] * 20))
    assert row(outcome, "free_coins_end")["price_usd"] == pytest.approx(10_000 / (0.5 * 0.75))


def test_a_cover_on_earnings_has_a_price():
    """60 days: 24,000 USD mined, 21,600 for power, 1,180 of interest due at 12 %; cover of 1.2 needs 23,016."""
    loan = Loan(name="loan", kind="term", amount_usd=60_000.0, rate_frac_per_year=0.12)
    operator = Operator(operator="c", sites=(site(),), loans=(loan,), treasury=Treasury(cash_usd=1e5),
                        covenants=(Covenant(name="cover", least_cover=1.2, tested="month"),))  # fmt: skip
    outcome = run(operator, path(2))
    interest = 60_000 * 0.12 * 59 / 360
    at = 50_000 * max(
        (1.2 * 60_000 * 0.12 * 31 / 360 + 31 * 360) / (31 * 400),
        (1.2 * interest + 59 * 360) / (59 * 400),
    )
    assert row(outcome, "covenant")["price_usd"] == pytest.approx(at, rel=1e-6)
    low = run(operator, path(2, price=at - 1))
    assert [e.kind for e in low.events] == ["breach", "breach"]
    assert run(operator, path(2, price=at + 1)).events == []


def test_a_sold_coin_goes_to_the_uses_of_its_month():
    """January is paid from cash, February by coins: what January paid for is no use of a coin, in the total either."""
    held = Treasury(cash_usd=13_000.0, coins_btc=2.0, sale_cost_frac=0.0)
    ground = site(insurance_usd_per_year=12_000.0)
    outcome = run(Operator(operator="s", sites=(ground,), treasury=held), path(3))
    months = [total_of(outcome, p) for p in periods(outcome)]
    total = total_of(outcome, merged("t", periods(outcome)))
    assert months[0]["sold_btc"] == 0.0 < months[1]["sold_btc"]
    for line, coins in total["sold_for_btc"].items():
        assert coins == pytest.approx(sum(m["sold_for_btc"][line] for m in months))
    assert total["sold_for_btc"]["site"] == 0.0
    assert total["sold_from_treasury_btc"] == pytest.approx(
        sum(max(m["sold_btc"] - m["mined_btc"], 0.0) for m in months)
    )


def test_a_shortfall_has_the_price_at_which_a_rerun_has_one():
    """Under 45,000 USD the machines rest: the first day's 360 less 100 in hand is asked of its 0.008 coin, so 32,500."""
    held = Treasury(cash_usd=100.0, sale_cost_frac=0.0, policy="sell_all")
    operator = Operator(operator="s", sites=(site(),), treasury=held)
    outcome = run(operator, path(2))
    found = row(outcome, "shortfall")
    assert outcome.first_shortfall is None
    assert found["price_usd"] == pytest.approx(32_500.0, rel=1e-3)
    assert found["coins_needed_btc"] == pytest.approx(0.008)
    for price, misses in ((found["price_usd"], True), (found["price_usd"] * 1.002, False)):
        rerun = run(operator, with_prices([50_000.0] + [price] * (outcome.days.n - 1)))
        assert (rerun.first_shortfall is not None) == misses


def test_a_shortfall_that_is_there_already_has_the_price_that_ends_it():
    """12,000 USD of wages on 31 January against the 0.24 coins of thirty payouts: met from 50,000 USD on."""
    free = site(power=Power(price_usd_per_mwh=0.0), staff=1.0, pay_usd_per_year=144_000.0)
    operator = Operator(operator="s", sites=(free,), treasury=Treasury(sale_cost_frac=0.0))
    outcome = run(operator, path(1, price=40_000.0))
    found = row(outcome, "shortfall")
    assert outcome.first_shortfall is not None
    assert found["price_usd"] == pytest.approx(50_000.0, rel=1e-3)
    assert found["coins_needed_btc"] == pytest.approx(0.24)


def test_a_home_has_no_shortfall():
    """Its owner pays."""
    outcome = run(Operator(operator="h", sites=(site(),), kind="home"), path(2))
    assert [r for r in table_of(outcome) if r["kind"] == "shortfall"] == []


def test_a_long_run_has_an_estimate_that_says_so():
    """Many years: no reruns, and the name tells."""
    ground = site(staff=1.0, lease_usd_per_year=12_000.0)
    outcome = run(Operator(operator="l", sites=(ground,), treasury=Treasury()), path(60, price=150_000.0))
    assert row(outcome, "shortfall")["name"] == "bills of the run, estimated"
