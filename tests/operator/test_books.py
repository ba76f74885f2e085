"""The books against the ledger: each kind of posting dropped, doubled, mis-signed or changed is caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from manometer.errors import InternalError
from manometer.operator.books import Books
from manometer.operator.ledger import Ledger
from manometer.operator.ledger_kinds import BILLS, COIN_STATES, INCOMES, KINDS

DAY = 20_000
Post = Callable[[Books], None]


def stocked(ledger: Ledger | None = None) -> Books:
    """Books with something in every balance, closed on the eve."""
    b = Books()
    if ledger is not None:
        b.ledger = ledger
    eve = DAY - 1
    b.issue_equity(eve, 10_000_000)
    b.receive_coins(eve, "opening", 10_000)
    b.mine(eve, "pool", 500)
    for state, name in (("lent", "who"), ("written", "call")):
        b.set_aside(eve, state, name, 500)
    b.post_collateral(eve, "loan", 500)
    b.borrow(eve, "loan", 100_000)
    b.deposit(eve, "site", 1_000)
    b.post_margin(eve, "hedge", 1_000)
    b.grant_credit(eve, "site", 1_000)
    b.owe(eve, "capex_growth", "seller", 1_000)
    b.hand_over(eve, "capex_growth", "seller", 500, 1_000, eve)
    for bill in BILLS:
        b.owe(eve, bill, "loan", 1_000)
        b.prepay(eve, bill, "loan", 1_000)
    b.owe(eve, "power", "site", 1_000)
    for income in INCOMES:
        b.earn(eve, income, "site", 1_000)
    b.close(eve)
    return b


def _posts() -> dict[str, Post]:
    p: dict[str, Post] = {
        "mine": lambda b: b.mine(DAY, "pool", 7),
        "credit_pool_payout": lambda b: b.credit_payout(DAY, "pool", 7),
        "receive_coins": lambda b: b.receive_coins(DAY, "gift", 7),
        "buy": lambda b: b.buy(DAY, 7, 70),
        "sell": lambda b: b.sell(DAY, 7, 70),
        "post_collateral": lambda b: b.post_collateral(DAY, "loan", 7),
        "release_collateral": lambda b: b.release_collateral(DAY, "loan", 7),
        "seize": lambda b: b.seize(DAY, "loan", 7, 70),
        "lend": lambda b: b.set_aside(DAY, "lent", "who", 7),
        "return_lent": lambda b: b.return_lent(DAY, "who", 7),
        "write_call": lambda b: b.write_call(DAY, "call", 7, 70),
        "expire_call": lambda b: b.expire_call(DAY, "call", 7),
        "exercise_call": lambda b: b.exercise_call(DAY, "call", 7, 70),
        "redeem": lambda b: b.redeem(DAY, "seller", 7, 70),
        "lapse": lambda b: b.lapse(DAY, "seller", 7, 70),
        "grant_credit": lambda b: b.grant_credit(DAY, "site", 70),
        "offset_credit": lambda b: b.offset_credit(DAY, "site", 70, DAY),
        "deposit": lambda b: b.deposit(DAY, "site", 70),
        "return_deposit": lambda b: b.return_deposit(DAY, "site", 70),
        "forfeit_deposit": lambda b: b.forfeit_deposit(DAY, "site", 70),
        "post_margin": lambda b: b.post_margin(DAY, "hedge", 70),
        "return_margin": lambda b: b.return_margin(DAY, "hedge", 70),
        "borrow": lambda b: b.borrow(DAY, "loan", 70),
        "repay": lambda b: b.repay(DAY, "loan", 70),
        "interest_in_kind": lambda b: b.add_to_debt(DAY, "loan", 70, DAY),
        "defer_principal": lambda b: b.defer_principal(DAY, "loan", 70, DAY),
        "write_off_debt": lambda b: b.write_off_debt(DAY, "loan", 70),
        "convert_debt": lambda b: b.convert_debt(DAY, "loan", 70),
        "issue_equity": lambda b: b.issue_equity(DAY, 70),
        "buy_back": lambda b: b.buy_back(DAY, 70),
        "distribute": lambda b: b.distribute(DAY, 70),
        "sell_machine": lambda b: b.sell_machine(DAY, "m", 70),
        "depreciate": lambda b: b.depreciate(DAY, "m", 70),
        "stock_compensation": lambda b: b.compensate_in_stock(DAY, 70),
    }
    names = {"receivable": "pool", "posted": "loan", "lent": "who", "written": "call", "redeemable": "seller"}
    for state in COIN_STATES:
        p[f"lose:{state}"] = lambda b, s=state: b.lose(DAY, s, names.get(s, ""), 7)
    for bill in BILLS:
        p[f"owe:{bill}"] = lambda b, x=bill: b.owe(DAY, x, "loan", 70)
        p[f"pay:{bill}"] = lambda b, x=bill: b.pay(DAY, x, "loan", 70, DAY)
        p[f"prepay:{bill}"] = lambda b, x=bill: b.prepay(DAY, x, "loan", 70)
        p[f"draw_prepaid:{bill}"] = lambda b, x=bill: b.draw_prepaid(DAY, x, "loan", 70, DAY)
        p[f"pay_in_coin:{bill}"] = lambda b, x=bill: b.pay_in_coin(DAY, x, "loan", 70, 7, DAY)
        p[f"hand_over:{bill}"] = lambda b, x=bill: b.hand_over(DAY, x, "loan", 7, 70, DAY)
        p[f"forgive:{bill}"] = lambda b, x=bill: b.forgive(DAY, x, "loan", 70, DAY)
    for income in INCOMES:
        p[f"earn:{income}"] = lambda b, x=income: b.earn(DAY, x, "site", 70)
        p[f"collect:{income}"] = lambda b, x=income: b.collect(DAY, x, "site", 70, DAY)
    return p


POSTS = _posts()


class Mutant(Ledger):
    """A ledger that writes the entries of DAY wrongly."""

    __slots__ = ("how",)

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    def post(self, day, kind, name="", cents=0, sat=0, owed_day=None):
        """Append as the mutation says."""
        write = super().post
        if day < DAY:
            return write(day, kind, name, cents, sat, owed_day)
        if self.how == "drop":
            return -1
        if self.how == "double":
            write(day, kind, name, cents, sat, owed_day)
        elif self.how == "mis-sign":
            cents, sat = -cents, -sat
        elif self.how == "off by one":
            cents, sat = cents + (1 if cents else 0), sat + (1 if sat else 0)
        elif self.how == "another kind":
            kind = "distribute" if kind == "issue_equity" else "issue_equity"
        return write(day, kind, name, cents, sat, owed_day)


def test_every_kind_of_posting_has_a_verb():
    """None that the books cannot post, so none that is not tested here."""
    assert set(POSTS) == set(KINDS)


@pytest.mark.parametrize("kind", POSTS)
def test_a_right_posting_closes(kind):
    """Each verb posts the kind that it says, and agrees with the ledger's table."""
    b = stocked()
    POSTS[kind](b)
    assert b.ledger[-1].kind == kind
    b.close(DAY)
    b.audit()


@pytest.mark.parametrize("how", ["drop", "double", "mis-sign", "off by one", "another kind"])
@pytest.mark.parametrize("kind", POSTS)
def test_a_wrong_entry_is_caught_and_named(kind, how):
    """Dropped, doubled, mis-signed, off by one, or of another kind."""
    b = stocked(Mutant(how))
    POSTS[kind](b)
    with pytest.raises(InternalError) as caught:
        b.close(DAY)
    message = str(caught.value)
    assert kind in message or "entry" in message
    assert str(DAY) in message


@pytest.mark.parametrize("kind", POSTS)
def test_a_wrong_row_of_the_table_is_caught(kind):
    """Debit and credit swapped, the cash term lost, or the coins left where they were."""
    row = KINDS[kind]
    wrong = []
    if row.debit and row.credit:
        wrong.append(replace(row, debit=row.credit, credit=row.debit))
    if row.cash_term:
        wrong.append(replace(row, cash_term=""))
    if row.leaves in COIN_STATES and row.enters in COIN_STATES:
        wrong.append(replace(row, leaves=row.enters, enters=row.leaves))
    elif row.leaves or row.enters:
        wrong.append(replace(row, enters=""))
    assert wrong
    for bad in wrong:
        b = Books({**KINDS, kind: bad})
        stocked_day = stocked()
        # The opening is posted by the right table; the day by the wrong one.
        POSTS[kind](stocked_day)
        stocked_day.ledger._moves = b.ledger._moves
        with pytest.raises(InternalError):
            stocked_day.close(DAY)


IMPOSSIBLE: dict[str, Post] = {
    "more than is free": lambda b: b.sell(DAY, b.free + 1, 1),
    "coins that are posted": lambda b: b.sell(DAY, b.free + b.coins("posted", "loan"), 1),
    "more than was posted": lambda b: b.release_collateral(DAY, "loan", 501),
    "another's collateral": lambda b: b.seize(DAY, "other loan", 1, 1),
    "more than is owed": lambda b: b.pay(DAY, "tax", "loan", 1_001, DAY),
    "more cash than there is": lambda b: b.deposit(DAY, "site", b.cash + 1),
    "more than was borrowed": lambda b: b.repay(DAY, "loan", 100_001),
    "more than was prepaid": lambda b: b.draw_prepaid(DAY, "power", "site", 1, DAY),
    "more credit than granted": lambda b: b.offset_credit(DAY, "site", 1_001, DAY),
    "more than is receivable": lambda b: b.collect(DAY, "heat", "site", 1_001, DAY),
    "a negative amount": lambda b: b.borrow(DAY, "loan", -1),
    "negative coins": lambda b: b.mine(DAY, "pool", -1),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_what_is_impossible_is_refused_and_nothing_is_written(what):
    """The entry is not made, and the day still closes."""
    b = stocked()
    before = len(b.ledger)
    with pytest.raises(InternalError):
        IMPOSSIBLE[what](b)
    assert len(b.ledger) == before
    b.close(DAY)
