"""What each posting moves, in cents and satoshi: `operator/ledger_kinds.py` and its books, compiled.

Every entry moves a balance and a term of one of the two identities, which the day loop compares each month.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import inner
from . import layout as at
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

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@inner
def usd_cents(usd: float) -> int:
    """Return whole cents, half to even."""
    return int(np.rint(usd * 100))


@inner
def happens(w: Ints, v: Floats, what: int, d: int) -> None:
    """Note the first day on which something happens."""
    if w[w[at.FIRST] + what] < 0:
        w[w[at.FIRST] + what] = d


@inner
def count_owed(p: Ints, q: Floats, w: Ints, v: Floats, bill: int, cents: int) -> None:
    """Let the layers, covenants and what was earned see a bill."""
    w[at.OWED_BY + bill] += cents
    if p[at.OWN_BILL + bill]:
        w[at.OWN_TODAY] += cents
    else:
        w[at.GROWTH_TODAY] += cents
    if bill == at.INTEREST or bill == at.PRINCIPAL:
        w[at.SERVICE_TODAY] += cents
        if bill == at.INTEREST:
            w[at.INTEREST_TODAY] += cents
    elif bill != at.TAX and bill != at.AI_CAPEX and (bill < at.SUSTAINING or bill >= at.AI_RUNNING):
        w[at.RUNNING_TODAY] += cents


@inner
def owe(p: Ints, q: Floats, w: Ints, v: Floats, bill: int, cents: int) -> None:
    """Owe a bill that is not principal."""
    w[at.PAYABLE] += cents
    count_owed(p, q, w, v, bill, cents)


@inner
def add_due(w: Ints, v: Floats, bill: int, name: int, cents: int, due: int, site: int) -> None:
    """Let a bill fall due, on top of what falls due with it."""
    n, latest = w[at.N_DUE], my_name(w, name) + at.LATEST + bill
    if w[latest]:
        # Bills of a name mostly fall due in order: only one before its latest has to be looked for.
        k, last = w[latest] - 1, w[my_bill(w, w[latest] - 1) + at.B_DUE]
        while k >= 0 and last >= due:
            b = my_bill(w, k)
            same = w[b + at.B_NAME] == name and w[b + at.B_BILL] == bill and w[b + at.B_DUE] == due
            if same and w[b + at.B_CENTS] > 0:
                w[b + at.B_CENTS] += cents
                return
            if last == due:
                break
            k -= 1
    if n == w[at.MOST_BILLS]:
        w[at.WRONG] = at.TOO_MANY_BILLS
        return
    w[my_bill(w, n) + at.B_BILL], w[my_bill(w, n) + at.B_NAME], w[my_bill(w, n) + at.B_CENTS] = (
        bill,
        name,
        cents,
    )
    w[my_bill(w, n) + at.B_DUE], w[my_bill(w, n) + at.B_SITE] = due, site
    w[at.N_DUE] = w[latest] = n + 1
    w[at.NEXT_DUE] = min(w[at.NEXT_DUE], due)


@inner
def owe_now(
    p: Ints, q: Floats, w: Ints, v: Floats, bill: int, name: int, cents: int, due: int, site: int
) -> None:
    """Owe a bill today that falls due on a day."""
    if cents > 0:
        owe(p, q, w, v, bill, cents)
        add_due(w, v, bill, name, cents, due, site)


@inner
def owe_principal(p: Ints, q: Floats, w: Ints, v: Floats, loan: int, cents: int, due: int) -> None:
    """Let principal fall due: it moves from the loan to what is payable."""
    if cents > 0:
        w[my_loan(w, loan) + at.WL_DEBT] -= cents
        owe(p, q, w, v, at.PRINCIPAL, cents)
        add_due(w, v, at.PRINCIPAL, p[of_loan(p, loan) + at.LI_NAME], cents, due, -1)


@inner
def forget_paid(w: Ints, v: Floats) -> None:
    """Drop bills of which nothing is left, in order."""
    kept, first = 0, at.NEVER
    for k in range(w[at.N_DUE]):
        b = my_bill(w, k)
        latest = my_name(w, w[b + at.B_NAME]) + at.LATEST + w[b + at.B_BILL]
        if w[latest] == k + 1:
            w[latest] = 0
        if w[b + at.B_CENTS] > 0:
            w[latest] = kept + 1
            if kept < k:
                for j in range(at.W_BILL):
                    w[my_bill(w, kept) + j] = w[b + j]
            first = min(first, w[b + at.B_DUE])
            kept += 1
    w[at.NEXT_DUE] = first
    w[at.N_DUE] = kept


@inner
def pay(p: Ints, q: Floats, w: Ints, v: Floats, bill: int, cents: int) -> None:
    """Pay what is owed in cash."""
    w[at.PAYABLE] -= cents
    prepay(p, q, w, v, bill, cents)


@inner
def prepay(p: Ints, q: Floats, w: Ints, v: Floats, bill: int, cents: int) -> None:
    """Let cash go on a bill."""
    w[at.CASH] -= cents
    w[at.TERMS + p[at.TERM + bill]] += cents
    w[at.USES + p[at.LINE + bill]] += cents
    w[at.SPENT_TODAY] += cents


@inner
def earn(w: Ints, v: Floats, gain: int, cents: int) -> None:
    """Earn an income besides coins, or a power credit."""
    w[at.GAINED + gain] += cents
    if gain == at.G_AI:
        w[at.GROWTH_TODAY] -= cents
    else:
        w[at.OWN_TODAY] -= cents
    w[at.RUNNING_TODAY] -= cents


@inner
def collect(w: Ints, v: Floats, cents: int) -> None:
    """Collect an income in cash."""
    w[at.CASH] += cents
    w[at.TERMS + at.T_RECEIPTS] += cents
    w[at.SOURCES + at.S_RECEIPTS] += cents


@inner
def grant_credit(w: Ints, v: Floats, name: int, cents: int) -> None:
    """Be granted a power credit: never cash."""
    w[my_name(w, name) + at.CREDIT] += cents
    earn(w, v, at.G_CREDIT, cents)


@inner
def sell_for(w: Ints, v: Floats, sat: int, cents: int) -> None:
    """Sell coins that are owned; the caller takes them out of their state."""
    w[at.CASH] += cents
    w[at.OWNED] -= sat
    w[at.TERMS + at.T_SOLD] += cents
    w[at.SOURCES + at.S_COINS] += cents
    w[at.COINS + at.C_SOLD] += sat
    cost = sat / at.SAT - cents / 100 / v[at.PRICE]
    v[at.OWN] += 0.0 if cost < 0.0 else cost


@inner
def pay_in_coin(w: Ints, v: Floats, cents: int, sat: int) -> None:
    """Settle what is owed with free coins."""
    w[at.PAYABLE] -= cents
    w[at.FREE] -= sat
    w[at.OWNED] -= sat
    w[at.COINS + at.C_PAID] += sat


@inner
def post(w: Ints, v: Floats, loan: int, sat: int) -> None:
    """Post free coins to a loan."""
    w[at.FREE] -= sat
    w[my_loan(w, loan) + at.WL_POSTED] += sat


@inner
def release(w: Ints, v: Floats, loan: int, sat: int) -> None:
    """Get posted coins back."""
    post(w, v, loan, -sat)


@inner
def seize(w: Ints, v: Floats, loan: int, sat: int, cents: int) -> None:
    """Let a lender take posted coins for its debt."""
    w[my_loan(w, loan) + at.WL_POSTED] -= sat
    w[my_loan(w, loan) + at.WL_DEBT] -= cents
    w[at.OWNED] -= sat
    w[at.COINS + at.C_SEIZED] += sat


@inner
def borrow(w: Ints, v: Floats, loan: int, cents: int) -> None:
    """Draw a loan."""
    w[my_loan(w, loan) + at.WL_DEBT] += cents
    w[at.CASH] += cents
    w[at.TERMS + at.T_BORROWED] += cents
    w[at.SOURCES + at.S_DEBT] += cents


@inner
def repay(w: Ints, v: Floats, loan: int, cents: int) -> None:
    """Repay before it is due."""
    w[my_loan(w, loan) + at.WL_DEBT] -= cents
    w[at.CASH] -= cents
    w[at.TERMS + at.T_PRINCIPAL] += cents
    w[at.USES + at.LINE_PRINCIPAL] += cents
    w[at.SPENT_TODAY] += cents


@inner
def raise_equity(w: Ints, v: Floats, cents: int) -> None:
    """Raise cash from shareholders."""
    w[at.CASH] += cents
    w[at.TERMS + at.T_EQUITY] += cents
    w[at.SOURCES + at.S_EQUITY] += cents


@inner
def distribute(w: Ints, v: Floats, cents: int) -> None:
    """Pay a dividend."""
    w[at.CASH] -= cents
    w[at.TERMS + at.T_DISTRIBUTIONS] += cents
    w[at.USES + at.LINE_OTHER] += cents


@inner
def forgive(w: Ints, v: Floats, k: int) -> None:
    """Be let off a bill."""
    w[at.PAYABLE] -= w[my_bill(w, k) + at.B_CENTS]
    w[my_bill(w, k) + at.B_CENTS] = 0
