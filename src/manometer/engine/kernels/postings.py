"""What each posting moves, in cents and satoshi: `operator/ledger_kinds.py` and its books, compiled.

Every entry moves a balance and a term of one of the two identities, which the day loop compares each month.
"""

from __future__ import annotations

import numpy as np

from ...compiled import inner
from . import layout as at
from .layout import Plan, Work
from .rows import my_bill, my_loan, my_name, of_loan

__all__ = [
    "add_due",
    "borrow",
    "collect",
    "distribute",
    "earn",
    "forget_paid",
    "forgive",
    "happens",
    "owe",
    "owe_now",
    "owe_principal",
    "pay",
    "post",
    "prepay",
    "raise_equity",
    "release",
    "repay",
    "seize",
    "sell_for",
    "usd_cents",
]


@inner
def usd_cents(usd: float) -> int:
    """Return whole cents, half to even."""
    return int(np.rint(usd * 100))


@inner
def happens(w: Work, what: int, d: int) -> None:
    """Note the first day on which something happens."""
    if w.n[w.n[at.FIRST] + what] < 0:
        w.n[w.n[at.FIRST] + what] = d


@inner
def count_owed(p: Plan, w: Work, bill: int, cents: int) -> None:
    """Let the layers, covenants and what was earned see a bill."""
    w.n[at.OWED_BY + bill] += cents
    if p.n[at.OWN_BILL + bill]:
        w.n[at.OWN_TODAY] += cents
    else:
        w.n[at.GROWTH_TODAY] += cents
    if bill == at.INTEREST or bill == at.PRINCIPAL:
        w.n[at.SERVICE_TODAY] += cents
        if bill == at.INTEREST:
            w.n[at.INTEREST_TODAY] += cents
    elif bill != at.TAX and bill != at.AI_CAPEX and (bill < at.SUSTAINING or bill >= at.AI_RUNNING):
        w.n[at.RUNNING_TODAY] += cents


@inner
def owe(p: Plan, w: Work, bill: int, cents: int) -> None:
    """Owe a bill that is not principal."""
    w.n[at.PAYABLE] += cents
    count_owed(p, w, bill, cents)


@inner
def add_due(w: Work, bill: int, name: int, cents: int, due: int, site: int) -> None:
    """Let a bill fall due, on top of what falls due with it."""
    n = w.n[at.N_DUE]
    for k in range(n - 1, -1, -1):
        b = my_bill(w, k)
        if (
            w.n[b + at.B_DUE] == due
            and w.n[b + at.B_NAME] == name
            and w.n[b + at.B_BILL] == bill
            and w.n[b + at.B_CENTS] > 0
        ):
            w.n[b + at.B_CENTS] += cents
            return
    if n == w.n[at.MOST_BILLS]:
        w.n[at.WRONG] = at.TOO_MANY_BILLS
        return
    w.n[my_bill(w, n) + at.B_BILL], w.n[my_bill(w, n) + at.B_NAME], w.n[my_bill(w, n) + at.B_CENTS] = (
        bill,
        name,
        cents,
    )
    w.n[my_bill(w, n) + at.B_DUE], w.n[my_bill(w, n) + at.B_SITE] = due, site
    w.n[at.N_DUE] = n + 1


@inner
def owe_now(p: Plan, w: Work, bill: int, name: int, cents: int, due: int, site: int) -> None:
    """Owe a bill today that falls due on a day."""
    if cents > 0:
        owe(p, w, bill, cents)
        add_due(w, bill, name, cents, due, site)


@inner
def owe_principal(p: Plan, w: Work, loan: int, cents: int, due: int) -> None:
    """Let principal fall due: it moves from the loan to what is payable."""
    if cents > 0:
        w.n[my_loan(w, loan) + at.WL_DEBT] -= cents
        owe(p, w, at.PRINCIPAL, cents)
        add_due(w, at.PRINCIPAL, p.n[of_loan(p, loan) + at.LI_NAME], cents, due, -1)


@inner
def forget_paid(w: Work) -> None:
    """Drop bills of which nothing is left, in order."""
    kept = 0
    for k in range(w.n[at.N_DUE]):
        if w.n[my_bill(w, k) + at.B_CENTS] > 0:
            if kept < k:
                for j in range(5):
                    w.n[my_bill(w, kept) + j] = w.n[my_bill(w, k) + j]
            kept += 1
    w.n[at.N_DUE] = kept


@inner
def pay(p: Plan, w: Work, bill: int, cents: int) -> None:
    """Pay what is owed in cash."""
    w.n[at.PAYABLE] -= cents
    prepay(p, w, bill, cents)


@inner
def prepay(p: Plan, w: Work, bill: int, cents: int) -> None:
    """Let cash go on a bill."""
    w.n[at.CASH] -= cents
    w.n[at.TERMS + p.n[at.TERM + bill]] += cents
    w.n[at.USES + p.n[at.LINE + bill]] += cents
    w.n[at.SPENT_TODAY] += cents


@inner
def earn(w: Work, gain: int, cents: int) -> None:
    """Earn an income besides coins, or a power credit."""
    w.n[at.GAINED + gain] += cents
    if gain == at.G_AI:
        w.n[at.GROWTH_TODAY] -= cents
    else:
        w.n[at.OWN_TODAY] -= cents
    w.n[at.RUNNING_TODAY] -= cents


@inner
def collect(w: Work, cents: int) -> None:
    """Collect an income in cash."""
    w.n[at.CASH] += cents
    w.n[at.TERMS + at.T_RECEIPTS] += cents
    w.n[at.SOURCES + at.S_RECEIPTS] += cents


@inner
def grant_credit(w: Work, name: int, cents: int) -> None:
    """Be granted a power credit: never cash."""
    w.n[my_name(w, name) + at.CREDIT] += cents
    earn(w, at.G_CREDIT, cents)


@inner
def sell_for(w: Work, sat: int, cents: int) -> None:
    """Sell coins that are owned; the caller takes them out of their state."""
    w.n[at.CASH] += cents
    w.n[at.OWNED] -= sat
    w.n[at.TERMS + at.T_SOLD] += cents
    w.n[at.SOURCES + at.S_COINS] += cents
    w.n[at.COINS + at.C_SOLD] += sat
    cost = sat / at.SAT - cents / 100 / w.x[at.PRICE]
    w.x[at.OWN] += 0.0 if cost < 0.0 else cost


@inner
def pay_in_coin(w: Work, cents: int, sat: int) -> None:
    """Settle what is owed with free coins."""
    w.n[at.PAYABLE] -= cents
    w.n[at.FREE] -= sat
    w.n[at.OWNED] -= sat
    w.n[at.COINS + at.C_PAID] += sat


@inner
def post(w: Work, loan: int, sat: int) -> None:
    """Post free coins to a loan."""
    w.n[at.FREE] -= sat
    w.n[my_loan(w, loan) + at.WL_POSTED] += sat


@inner
def release(w: Work, loan: int, sat: int) -> None:
    """Get posted coins back."""
    post(w, loan, -sat)


@inner
def seize(w: Work, loan: int, sat: int, cents: int) -> None:
    """Let a lender take posted coins for its debt."""
    w.n[my_loan(w, loan) + at.WL_POSTED] -= sat
    w.n[my_loan(w, loan) + at.WL_DEBT] -= cents
    w.n[at.OWNED] -= sat
    w.n[at.COINS + at.C_SEIZED] += sat


@inner
def borrow(w: Work, loan: int, cents: int) -> None:
    """Draw a loan."""
    w.n[my_loan(w, loan) + at.WL_DEBT] += cents
    w.n[at.CASH] += cents
    w.n[at.TERMS + at.T_BORROWED] += cents
    w.n[at.SOURCES + at.S_DEBT] += cents


@inner
def repay(w: Work, loan: int, cents: int) -> None:
    """Repay before it is due."""
    w.n[my_loan(w, loan) + at.WL_DEBT] -= cents
    w.n[at.CASH] -= cents
    w.n[at.TERMS + at.T_PRINCIPAL] += cents
    w.n[at.USES + at.LINE_PRINCIPAL] += cents
    w.n[at.SPENT_TODAY] += cents


@inner
def raise_equity(w: Work, cents: int) -> None:
    """Raise cash from shareholders."""
    w.n[at.CASH] += cents
    w.n[at.TERMS + at.T_EQUITY] += cents
    w.n[at.SOURCES + at.S_EQUITY] += cents


@inner
def distribute(w: Work, cents: int) -> None:
    """Pay a dividend."""
    w.n[at.CASH] -= cents
    w.n[at.TERMS + at.T_DISTRIBUTIONS] += cents
    w.n[at.USES + at.LINE_OTHER] += cents


@inner
def forgive(w: Work, k: int) -> None:
    """Be let off a bill."""
    w.n[at.PAYABLE] -= w.n[my_bill(w, k) + at.B_CENTS]
    w.n[my_bill(w, k) + at.B_CENTS] = 0
