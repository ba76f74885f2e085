"""What each posting moves, in cents and satoshi: `operator/ledger_kinds.py` and its books, compiled.

Every entry moves a balance and a term of one of the two identities, which the day loop compares each month.
"""

from __future__ import annotations

import numpy as np

from ...compiled import jit
from . import layout as at
from .layout import Plan, Work

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


@jit
def usd_cents(usd: float) -> int:
    """Return whole cents, half to even."""
    return int(np.rint(usd * 100))


@jit
def happens(w: Work, what: int, d: int) -> None:
    """Note the first day on which something happens."""
    if w.first[what] < 0:
        w.first[what] = d


@jit
def count_owed(p: Plan, w: Work, bill: int, cents: int) -> None:
    """Let the layers, covenants and what was earned see a bill."""
    w.owed_by[bill] += cents
    if p.own[bill]:
        w.i[at.OWN_TODAY] += cents
    else:
        w.i[at.GROWTH_TODAY] += cents
    if bill == at.INTEREST or bill == at.PRINCIPAL:
        w.i[at.SERVICE_TODAY] += cents
        if bill == at.INTEREST:
            w.i[at.INTEREST_TODAY] += cents
    elif bill != at.TAX and bill != at.AI_CAPEX and (bill < at.SUSTAINING or bill >= at.AI_RUNNING):
        w.i[at.RUNNING_TODAY] += cents


@jit
def owe(p: Plan, w: Work, bill: int, cents: int) -> None:
    """Owe a bill that is not principal."""
    w.i[at.PAYABLE] += cents
    count_owed(p, w, bill, cents)


@jit
def add_due(w: Work, bill: int, name: int, cents: int, due: int, site: int) -> None:
    """Let a bill fall due, on top of what falls due with it."""
    n = w.i[at.N_DUE]
    for k in range(n - 1, -1, -1):
        b = w.bills[k]
        if b[at.B_DUE] == due and b[at.B_NAME] == name and b[at.B_BILL] == bill and b[at.B_CENTS] > 0:
            b[at.B_CENTS] += cents
            return
    if n == len(w.bills):
        w.i[at.WRONG] = at.TOO_MANY_BILLS
        return
    w.bills[n, at.B_BILL], w.bills[n, at.B_NAME], w.bills[n, at.B_CENTS] = bill, name, cents
    w.bills[n, at.B_DUE], w.bills[n, at.B_SITE] = due, site
    w.i[at.N_DUE] = n + 1


@jit
def owe_now(p: Plan, w: Work, bill: int, name: int, cents: int, due: int, site: int) -> None:
    """Owe a bill today that falls due on a day."""
    if cents > 0:
        owe(p, w, bill, cents)
        add_due(w, bill, name, cents, due, site)


@jit
def owe_principal(p: Plan, w: Work, loan: int, cents: int, due: int) -> None:
    """Let principal fall due: it moves from the loan to what is payable."""
    if cents > 0:
        w.loan_i[loan, at.WL_DEBT] -= cents
        owe(p, w, at.PRINCIPAL, cents)
        add_due(w, at.PRINCIPAL, p.loan_i[loan, at.LI_NAME], cents, due, -1)


@jit
def forget_paid(w: Work) -> None:
    """Drop bills of which nothing is left, in order."""
    kept = 0
    for k in range(w.i[at.N_DUE]):
        if w.bills[k, at.B_CENTS] > 0:
            if kept < k:
                for j in range(5):
                    w.bills[kept, j] = w.bills[k, j]
            kept += 1
    w.i[at.N_DUE] = kept


@jit
def pay(p: Plan, w: Work, bill: int, cents: int) -> None:
    """Pay what is owed in cash."""
    w.i[at.PAYABLE] -= cents
    prepay(p, w, bill, cents)


@jit
def prepay(p: Plan, w: Work, bill: int, cents: int) -> None:
    """Let cash go on a bill."""
    w.i[at.CASH] -= cents
    w.terms[p.term[bill]] += cents
    w.uses[p.line[bill]] += cents
    w.i[at.SPENT_TODAY] += cents


@jit
def earn(w: Work, gain: int, cents: int) -> None:
    """Earn an income besides coins, or a power credit."""
    w.gained[gain] += cents
    if gain == at.G_AI:
        w.i[at.GROWTH_TODAY] -= cents
    else:
        w.i[at.OWN_TODAY] -= cents
    w.i[at.RUNNING_TODAY] -= cents


@jit
def collect(w: Work, cents: int) -> None:
    """Collect an income in cash."""
    w.i[at.CASH] += cents
    w.terms[at.T_RECEIPTS] += cents
    w.sources[at.S_RECEIPTS] += cents


@jit
def grant_credit(w: Work, name: int, cents: int) -> None:
    """Be granted a power credit: never cash."""
    w.credits[name] += cents
    earn(w, at.G_CREDIT, cents)


@jit
def sell_for(w: Work, sat: int, cents: int) -> None:
    """Sell coins that are owned; the caller takes them out of their state."""
    w.i[at.CASH] += cents
    w.i[at.OWNED] -= sat
    w.terms[at.T_SOLD] += cents
    w.sources[at.S_COINS] += cents
    w.coins[at.C_SOLD] += sat
    cost = sat / at.SAT - cents / 100 / w.f[at.PRICE]
    w.f[at.OWN] += 0.0 if cost < 0.0 else cost


@jit
def pay_in_coin(w: Work, cents: int, sat: int) -> None:
    """Settle what is owed with free coins."""
    w.i[at.PAYABLE] -= cents
    w.i[at.FREE] -= sat
    w.i[at.OWNED] -= sat
    w.coins[at.C_PAID] += sat


@jit
def post(w: Work, loan: int, sat: int) -> None:
    """Post free coins to a loan."""
    w.i[at.FREE] -= sat
    w.loan_i[loan, at.WL_POSTED] += sat


@jit
def release(w: Work, loan: int, sat: int) -> None:
    """Get posted coins back."""
    post(w, loan, -sat)


@jit
def seize(w: Work, loan: int, sat: int, cents: int) -> None:
    """Let a lender take posted coins for its debt."""
    w.loan_i[loan, at.WL_POSTED] -= sat
    w.loan_i[loan, at.WL_DEBT] -= cents
    w.i[at.OWNED] -= sat
    w.coins[at.C_SEIZED] += sat


@jit
def borrow(w: Work, loan: int, cents: int) -> None:
    """Draw a loan."""
    w.loan_i[loan, at.WL_DEBT] += cents
    w.i[at.CASH] += cents
    w.terms[at.T_BORROWED] += cents
    w.sources[at.S_DEBT] += cents


@jit
def repay(w: Work, loan: int, cents: int) -> None:
    """Repay before it is due."""
    w.loan_i[loan, at.WL_DEBT] -= cents
    w.i[at.CASH] -= cents
    w.terms[at.T_PRINCIPAL] += cents
    w.uses[at.LINE_PRINCIPAL] += cents
    w.i[at.SPENT_TODAY] += cents


@jit
def raise_equity(w: Work, cents: int) -> None:
    """Raise cash from shareholders."""
    w.i[at.CASH] += cents
    w.terms[at.T_EQUITY] += cents
    w.sources[at.S_EQUITY] += cents


@jit
def distribute(w: Work, cents: int) -> None:
    """Pay a dividend."""
    w.i[at.CASH] -= cents
    w.terms[at.T_DISTRIBUTIONS] += cents
    w.uses[at.LINE_OTHER] += cents


@jit
def forgive(w: Work, k: int) -> None:
    """Be let off a bill."""
    w.i[at.PAYABLE] -= w.bills[k, at.B_CENTS]
    w.bills[k, at.B_CENTS] = 0
