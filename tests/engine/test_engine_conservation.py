"""Whatever the operator and the path: nothing is made or lost, and nothing is sold that is not free."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from manometer.engine.run import Outcome, run
from manometer.engine.statement import GAP_SOURCES, merged, periods, total_of
from manometer.operator.ledger_kinds import CASH_TERMS, COIN_TERMS
from operators import operators, paths


def _terms(outcome: Outcome, first: int, last: int) -> tuple[int, int]:
    cash = coins = 0
    ledger = outcome.books.ledger
    for number in ledger.span(first, last):
        e, kind = ledger[number], ledger.kinds[ledger[number].kind]
        cash += CASH_TERMS[kind.cash_term] * e.cents if kind.cash_term else 0
        coins += COIN_TERMS[kind.coin_term] * e.sat if kind.coin_term else 0
    return cash, coins


@settings(max_examples=150, deadline=None)
@given(operator=operators(), path=paths())
def test_cash_and_coins_are_conserved(operator, path):
    """Cash and coins move by the terms of the two identities, and no state of a coin is ever overdrawn."""
    outcome = run(operator, path)
    first, last = int(outcome.days.number[0]), int(outcome.days.number[-1])
    cash, coins = _terms(outcome, first, last)
    assert outcome.books.cash == outcome.opening_cents + cash
    assert outcome.books.owned == outcome.opening_sat + coins
    assert outcome.books.cash >= 0
    for name in ("cash_usd", "free_btc", "posted_btc", "debt_usd"):
        assert (outcome.balances[name] >= 0).all(), name
    running: dict = {}
    ledger = outcome.books.ledger
    for number in range(len(ledger)):
        ledger.add_to(running, range(number, number + 1))
        for key, _ in ledger.deltas(number):
            if key[0].startswith("coins.") or key[0] == "cash":
                assert running[key] >= 0, ledger[number]


@settings(max_examples=60, deadline=None)
@given(operator=operators(), path=paths())
def test_the_statement_adds_up(operator, path):
    """Periods of any step add up to the total; each sold coin has one use; the gap is what kept less earned is."""
    outcome = run(operator, path)
    months = periods(outcome, "month")
    whole = total_of(outcome, merged("total", months))
    for step in ("day", "week"):
        again = total_of(outcome, merged("total", periods(outcome, step)))
        for key in ("mined_btc", "sold_btc", "retained_btc", "earned_btc", "gap_btc"):
            assert np.isclose(again[key], whole[key], rtol=1e-9, atol=1e-9), (step, key)
    used = sum(whole["sold_for_btc"].values()) + whole["kept_as_cash_btc"]
    assert np.isclose(used, whole["sold_btc"], rtol=1e-9, atol=1e-9)
    gap = sum(whole["funded_gap_btc"].values())
    assert np.isclose(gap, max(whole["gap_btc"], 0.0), rtol=1e-9, atol=1e-9)
    payers = sum(merged("total", months).at_price[k] for k in GAP_SOURCES)
    scale = whole["mined_btc"] + whole["sold_btc"] + outcome.opening_cents / 1e4
    assert abs(payers - whole["gap_btc"]) <= 1e-5 * (1 + scale), "who paid is known to the coin"
    costs = list(whole["cost_usd"].values())
    assert costs[1] >= costs[0] - 1e-6
    assert costs[3] >= costs[2] - 1e-6


@settings(max_examples=80, deadline=None)
@given(operator=operators(), path=paths(), cut=st.integers(10, 110))
def test_nothing_is_known_before_its_day(operator, path, cut):
    """Another price and difficulty from a day on leave every entry before it as it was."""
    later = np.arange(len(path.day)) >= cut
    other = replace(
        path,
        price_usd=path.price_usd * np.where(later, 0.5, 1.0),
        low_usd=path.low_usd * np.where(later, 0.4, 1.0),
        difficulty=path.difficulty * np.where(later, 1.7, 1.0),
    )
    before = [
        [e for e in run(operator, p).books.ledger if e.day < int(path.day[0]) + cut] for p in (path, other)
    ]
    assert before[0] == before[1]
