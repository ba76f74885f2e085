"""The ledger: every kind of posting is a double entry, and both identities follow from the entries alone."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manometer.errors import InputError
from manometer.operator import ledger as module
from manometer.operator.ledger import Ledger
from manometer.operator.ledger_kinds import (
    ACCOUNTS,
    BILLS,
    CASH_TERMS,
    COIN_STATES,
    COIN_TERMS,
    KINDS,
    LINES,
    SOURCES,
)

DAY = 19_000
POSTINGS = st.lists(
    st.tuples(
        st.sampled_from(sorted(KINDS)),
        st.integers(0, 10**12),
        st.integers(0, 21 * 10**14),
        st.sampled_from(["a", "b"]),
    ),
    max_size=40,
)


def test_the_example_runs() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_kind_names_accounts_that_there_are_and_pairs_them(kind) -> None:
    assert bool(kind.debit) == bool(kind.credit)
    assert bool(kind.leaves) == bool(kind.enters)
    assert kind.debit or kind.leaves
    assert {kind.debit, kind.credit} - {""} <= set(ACCOUNTS)
    places = {kind.leaves, kind.enters} - {""}
    assert places <= set(COIN_STATES) | set(COIN_TERMS)
    assert kind.line in (*LINES, "")
    assert kind.source in (*SOURCES, "")
    # coins come from where coins come from, and go where they go
    assert COIN_TERMS.get(kind.leaves, 1) == 1
    assert COIN_TERMS.get(kind.enters, -1) == -1


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_cash_moves_exactly_where_a_term_of_its_identity_says(kind) -> None:
    assert ("cash" in (kind.debit, kind.credit)) == bool(kind.cash_term)
    if kind.cash_term:
        assert CASH_TERMS[kind.cash_term] == (1 if kind.debit == "cash" else -1)


def test_every_bill_can_be_owed_and_paid_apart() -> None:
    for bill in BILLS:
        assert not KINDS[f"owe:{bill}"].cash_term
        assert KINDS[f"pay:{bill}"].credit == "cash"


def posted(postings) -> Ledger:
    ledger = Ledger()
    for i, (kind, cents, sat, name) in enumerate(postings):
        row = KINDS[kind]
        ledger.post(
            DAY + i // 3, kind, name, cents if row.debit else 0, sat if row.leaves else 0, owed_day=DAY
        )
    return ledger


@given(POSTINGS)
def test_debits_equal_credits_to_the_cent(postings) -> None:
    balances = posted(postings).balances()
    total = sum(
        ACCOUNTS[key[0]].debit_sign * amount for key, amount in balances.items() if key[0] in ACCOUNTS
    )
    assert total == 0


@given(POSTINGS)
def test_the_change_in_cash_is_the_sum_of_its_terms(postings) -> None:
    balances = posted(postings).balances()
    terms = sum(s * balances.get(("term." + t, "", ""), 0) for t, s in CASH_TERMS.items())
    assert balances.get(("cash", "", ""), 0) == terms


@given(POSTINGS)
def test_the_change_in_coins_owned_is_the_sum_of_its_terms(postings) -> None:
    balances = posted(postings).balances()
    owned = sum(amount for key, amount in balances.items() if key[0].startswith("coins."))
    terms = sum(s * balances.get(("outside." + t, "", ""), 0) for t, s in COIN_TERMS.items())
    assert owned == terms


@given(POSTINGS, st.integers(0, 15))
def test_a_day_s_opening_is_what_came_before_it(postings, k) -> None:
    ledger = posted(postings)
    opening = ledger.balances(before_day=DAY + k)
    ledger.add_to(opening, ledger.span(DAY + k, DAY + 10**6))
    assert opening == ledger.balances()


def test_a_month_by_hand() -> None:
    """Ten coins mined, four sold at 50,000; power of 150,000 owed in one month and paid in the next."""
    ledger, sat = Ledger(), 10**8
    ledger.post(DAY, "mine", "pool", sat=10 * sat)
    ledger.post(DAY + 1, "credit_pool_payout", "pool", sat=10 * sat)
    ledger.post(DAY + 30, "owe:power", "site", cents=15_000_000)
    ledger.post(DAY + 40, "sell", cents=20_000_000, sat=4 * sat)
    ledger.post(DAY + 45, "pay:power", "site", cents=15_000_000, owed_day=DAY + 30)
    ledger.post(DAY + 45, "post_collateral", "lender", sat=2 * sat)
    first = ledger.balances(before_day=DAY + 31)
    assert first["payable", "power", "site"] == 15_000_000
    assert "cash" not in {key[0] for key in first}
    last = ledger.balances()
    assert last["cash", "", ""] == 5_000_000
    assert last["payable", "power", "site"] == 0
    assert last["expense", "power", DAY + 30] == 15_000_000
    assert last["coins.free", "", ""] == 4 * sat
    assert last["coins.posted", "", "lender"] == 2 * sat
    assert last["coins.receivable", "", "pool"] == 0


def test_entries_are_only_appended_and_only_of_known_kinds() -> None:
    ledger = Ledger()
    ledger.post(DAY, "borrow", "note", cents=1)
    with pytest.raises(InputError, match="only appended"):
        ledger.post(DAY - 1, "borrow", "note", cents=1)
    with pytest.raises(InputError, match="did you mean 'borrow'"):
        ledger.post(DAY, "borow", "note", cents=1)
    assert len(ledger) == 1
    assert str(ledger[0]) == f"entry 0 (day {DAY}, borrow 'note', 1 cents, 0 sat, owed day {DAY})"
    assert [e.kind for e in ledger] == ["borrow"]
    assert ledger.deltas(0) == [
        (("cash", "", ""), 1),
        (("debt", "", "note"), 1),
        (("term.borrowed", "", ""), 1),
    ]


def test_a_span_holds_the_entries_of_its_days_alone() -> None:
    ledger = Ledger()
    for i in range(300):
        ledger.post(DAY + i // 10, "borrow", "note", cents=1)
    assert len(ledger.span(DAY + 7, DAY + 7)) == 10
    assert len(ledger.span(DAY - 5, DAY - 1)) == 0
