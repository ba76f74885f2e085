"""Loans day by day: interest, principal, margin calls, default as a path: `engine/debts.py` compiled."""

from __future__ import annotations

import numpy as np

from ...compiled import jit
from . import layout as at
from .layout import Plan, Work
from .postings import (
    borrow,
    collect,
    earn,
    forget_paid,
    forgive,
    happens,
    owe,
    owe_now,
    owe_principal,
    post,
    release,
    repay,
    seize,
    usd_cents,
)

__all__ = [
    "accelerate",
    "draw",
    "draw_lines",
    "fall_due",
    "loan_to_value",
    "margin_test",
    "open_loan",
    "progress",
]


@jit
def open_loan(p: Plan, w: Work, x: int, d: int) -> None:
    """Set a loan's dates and equal payment from what is outstanding today."""
    w.loan_i[x, at.WL_OPEN] = 1
    w.loan_f[x, at.WLF_RATE] = p.loan_f[x, at.LF_RATE]
    w.loan_i[x, at.WL_LEFT] = max(p.loan_day[x, d, at.LD_LEFT], 1)
    outstanding = w.loan_i[x, at.WL_DEBT] / 100
    if p.loan_i[x, at.LI_REPAID] == at.ANNUITY:
        w.loan_f[x, at.WLF_PAYMENT] = outstanding * p.annuity[x, w.loan_i[x, at.WL_LEFT]]
    elif p.loan_i[x, at.LI_REPAID] == at.EQUAL:
        w.loan_f[x, at.WLF_PAYMENT] = outstanding / w.loan_i[x, at.WL_LEFT]


@jit
def whole_up(coins: float) -> int:
    """Return coins in satoshi, rounded up."""
    return int(np.ceil(coins * at.SAT))


@jit
def draw(p: Plan, w: Work, x: int, wanted: int, day: int) -> int:
    """Draw on a loan, with the coins that its opening level needs; return what came."""
    cents = wanted
    if cents <= 0:
        return 0
    price, posted, debt = w.f[at.PRICE], w.loan_i[x, at.WL_POSTED], w.loan_i[x, at.WL_DEBT]
    if p.loan_i[x, at.LI_LADDER]:
        level = p.loan_f[x, at.LF_OPENING]
        more = whole_up((debt + cents) / 100 / (price * level)) - posted
        if more > w.i[at.FREE]:
            can = (w.i[at.FREE] + posted) / at.SAT * price * level
            cents = max(int(can * 100) - debt, 0)
            more = w.i[at.FREE]
        if cents <= 0:
            return 0
        if more > 0:
            post(w, x, more)
    borrow(w, x, cents)
    fee = usd_cents(cents / 100 * p.loan_f[x, at.LF_UPFRONT])
    owe_now(p, w, at.INTEREST, p.loan_i[x, at.LI_NAME], fee, day, -1)
    return cents


@jit
def draw_lines(p: Plan, w: Work, wanted: int, d: int, day: int) -> None:
    """Draw lines that have room, in the order of the file."""
    short = wanted
    for x in range(len(p.loan_i)):
        if p.loan_i[x, at.LI_LIMIT] < 0 or w.loan_i[x, at.WL_STATUS] != at.CURRENT or short <= 0:
            continue
        if not w.loan_i[x, at.WL_OPEN] or p.loan_i[x, at.LI_MATURES] <= d:
            continue
        room = p.loan_i[x, at.LI_LIMIT] - w.loan_i[x, at.WL_DEBT]
        short -= draw(p, w, x, min(short, room), day)


@jit
def over(w: Work, x: int) -> bool:
    """Return whether a loan has come to its end."""
    return w.loan_i[x, at.WL_STATUS] >= at.ENFORCED or not w.loan_i[x, at.WL_OPEN]


@jit
def fall_due(p: Plan, w: Work, d: int, day: int) -> None:
    """Let today's interest accrue, and what is due today fall due."""
    for x in range(len(p.loan_i)):
        if over(w, x):
            continue
        owed, year = w.loan_i[x, at.WL_DEBT], p.loan_f[x, at.LF_YEAR]
        w.loan_f[x, at.WLF_ACCRUED] += owed / 100 * w.loan_f[x, at.WLF_RATE] / year
        if p.loan_i[x, at.LI_LIMIT] >= 0:
            unused = max(p.loan_f[x, at.LF_LIMIT] - owed / 100, 0.0)
            w.loan_f[x, at.WLF_ACCRUED] += unused * p.loan_f[x, at.LF_UNUSED] / year
        if not p.loan_day[x, d, at.LD_PAYS]:
            if p.loan_day[x, d, at.LD_PUT] and w.f[at.SHARE] < p.loan_f[x, at.LF_CONVERSION] and owed:
                owe_principal(p, w, x, owed, day)
            continue
        if (
            p.loan_i[x, at.LI_LET_GO]
            and p.loan_i[x, at.LI_RECOURSE] == at.BORROWER
            and not pays_alone(p, w, x, d)
        ):
            w.loan_i[x, at.WL_STATUS] = at.LET_GO
            enforce(p, w, x, d, day)
            continue
        interest = usd_cents(w.loan_f[x, at.WLF_ACCRUED])
        w.loan_f[x, at.WLF_ACCRUED] = 0.0
        owe_now(p, w, at.INTEREST, p.loan_i[x, at.LI_NAME], interest, day, -1)
        let_principal_fall_due(p, w, x, interest, d, day)


@jit
def pays_alone(p: Plan, w: Work, x: int, d: int) -> bool:
    """Return whether a borrower's sites earned, after power, what falls due since the last payment."""
    since = p.loan_day[x, d, at.LD_SINCE]
    net = 0
    for s in range(len(p.site_i)):
        if p.site_i[s, at.SI_BORROWER] == p.loan_i[x, at.LI_BORROWER]:
            for k in range(d + 1 - since, d + 1):
                net += w.net[s, k]
    accrued, payment = w.loan_f[x, at.WLF_ACCRUED], w.loan_f[x, at.WLF_PAYMENT]
    if p.loan_day[x, d, at.LD_LAST]:
        part = w.loan_i[x, at.WL_DEBT] / 100
    elif p.loan_i[x, at.LI_REPAID] == at.EQUAL:
        part = payment
    else:
        part = max(payment - accrued, 0.0)
    return net / 100 >= part + accrued


@jit
def let_principal_fall_due(p: Plan, w: Work, x: int, interest: int, d: int, day: int) -> None:
    """Owe the principal of a payment day; a convertible may become shares instead."""
    owed, last = w.loan_i[x, at.WL_DEBT], p.loan_day[x, d, at.LD_LAST] != 0
    w.loan_i[x, at.WL_LEFT] -= 1
    if last and p.loan_i[x, at.LI_CONVERTS] and w.f[at.SHARE] >= p.loan_f[x, at.LF_CONVERSION]:
        price, name = p.loan_f[x, at.LF_CONVERSION], p.loan_i[x, at.LI_NAME]
        shares = owed / 100 / price
        if not p.loan_i[x, at.LI_IN_SHARES]:
            owe_now(p, w, at.OTHER, name, usd_cents((w.f[at.SHARE] - price) * shares), day, -1)
        if p.loan_i[x, at.LI_CAPPED]:
            gain = usd_cents(max(min(w.f[at.SHARE], p.loan_f[x, at.LF_CAP]) - price, 0.0) * shares)
            if gain:
                earn(w, at.G_OTHER, gain)
                collect(w, gain)
        if p.loan_i[x, at.LI_IN_SHARES]:
            w.loan_i[x, at.WL_DEBT] = 0
            w.f[at.NEW_SHARES] += owed / 100 / price
            w.loan_i[x, at.WL_STATUS] = at.REPAID
            return
    if last:
        part = owed
    elif p.loan_i[x, at.LI_REPAID] == at.ANNUITY:
        part = max(usd_cents(w.loan_f[x, at.WLF_PAYMENT]) - interest, 0)
    elif p.loan_i[x, at.LI_REPAID] == at.EQUAL:
        part = usd_cents(w.loan_f[x, at.WLF_PAYMENT])
    else:
        part = 0
    owe_principal(p, w, x, min(part, owed), day)


@jit
def loan_to_value(w: Work, x: int, price: float) -> float:
    """Return a loan's loan to value at a price; infinity with no coins posted."""
    owed, posted = w.loan_i[x, at.WL_DEBT] / 100, w.loan_i[x, at.WL_POSTED] / at.SAT
    if owed == 0:
        return 0.0
    return owed / (posted * price) if posted > 0 else np.inf


@jit
def margin_test(p: Plan, w: Work, d: int, day: int) -> None:
    """Test each loan against coins: a call is answered within its cure period, or the lender sells."""
    for x in range(len(p.loan_i)):
        if not p.loan_i[x, at.LI_LADDER] or over(w, x):
            continue
        owed, posted = w.loan_i[x, at.WL_DEBT], w.loan_i[x, at.WL_POSTED]
        if owed == 0:
            if posted and not still_due(p, w, x):
                release(w, x, posted)
            continue
        tested = loan_to_value(w, x, w.f[at.LOW] if p.loan_i[x, at.LI_ON_LOW] else w.f[at.PRICE])
        call_by = w.loan_i[x, at.WL_CALL_BY]
        if tested >= p.loan_f[x, at.LF_LIQUIDATION]:
            liquidate(p, w, x, d, day)
        elif call_by >= 0 and day >= call_by:
            answer(p, w, x, d, day)
        elif call_by < 0 and tested > p.loan_f[x, at.LF_CALL]:
            w.loan_i[x, at.WL_CALL_BY] = day + p.loan_i[x, at.LI_CURE]
            happens(w, at.MARGIN_CALL, d)
            if p.loan_i[x, at.LI_CURE] == 0:
                answer(p, w, x, d, day)
        elif p.loan_f[x, at.LF_RELEASE] > 0 and tested < p.loan_f[x, at.LF_RELEASE]:
            need = owed / 100 / (w.f[at.PRICE] * p.loan_f[x, at.LF_RESTORE])
            back = int(max(posted / at.SAT - need, 0.0) * at.SAT)
            if 0 < back <= posted:
                release(w, x, back)


@jit
def still_due(p: Plan, w: Work, x: int) -> bool:
    """Return whether interest or principal of a loan is among the bills."""
    for k in range(w.i[at.N_DUE]):
        b = w.bills[k]
        if b[at.B_NAME] == p.loan_i[x, at.LI_NAME] and (
            b[at.B_BILL] == at.INTEREST or b[at.B_BILL] == at.PRINCIPAL
        ):
            return True
    return False


@jit
def answer(p: Plan, w: Work, x: int, d: int, day: int) -> None:
    """Meet a call at the end of its cure period, if the price has not met it."""
    w.loan_i[x, at.WL_CALL_BY] = -1
    price = w.f[at.PRICE]
    if loan_to_value(w, x, price) <= p.loan_f[x, at.LF_CALL]:
        return
    owed, posted = w.loan_i[x, at.WL_DEBT] / 100, w.loan_i[x, at.WL_POSTED] / at.SAT
    need = max(owed / (price * p.loan_f[x, at.LF_RESTORE]) - posted, 0.0)
    sat = min(whole_up(need), w.i[at.FREE])
    if sat > 0:
        post(w, x, sat)
    if loan_to_value(w, x, price) > p.loan_f[x, at.LF_CALL]:
        liquidate(p, w, x, d, day)


@jit
def liquidate(p: Plan, w: Work, x: int, d: int, day: int) -> None:
    """Let the lender sell posted coins until the loan is back at its restore level."""
    price = w.f[at.LOW] if p.loan_i[x, at.LI_ON_LOW] else w.f[at.PRICE]
    owed, posted = w.loan_i[x, at.WL_DEBT], w.loan_i[x, at.WL_POSTED]
    cost, level = p.part[at.F_SALE_COST], p.loan_f[x, at.LF_RESTORE]
    keep = 1 - cost - level
    sat = posted
    if keep > 0:
        wanted = (owed / 100 - level * posted / at.SAT * price) / (price * keep)
        sat = min(max(int(wanted * at.SAT) + 1, 0), posted)
    got = min(int(sat * price * (1 - cost) * 100 / at.SAT), owed)
    w.loan_i[x, at.WL_CALL_BY] = -1
    seize(w, x, sat, got)
    happens(w, at.LIQUIDATION, d)
    if w.loan_i[x, at.WL_POSTED] == 0 and w.loan_i[x, at.WL_DEBT] > 0:
        enforce(p, w, x, d, day)


@jit
def progress(p: Plan, w: Work, d: int, day: int) -> None:
    """Move missed loans along: grace, default, forbearance, acceleration, enforcement."""
    for x in range(len(p.loan_i)):
        if over(w, x):
            continue
        first = day + 1
        for k in range(w.i[at.N_DUE]):
            b = w.bills[k]
            if (
                b[at.B_NAME] == p.loan_i[x, at.LI_NAME]
                and (b[at.B_BILL] == at.INTEREST or b[at.B_BILL] == at.PRINCIPAL)
                and b[at.B_DUE] <= day
            ):
                first = min(first, b[at.B_DUE])
        status = w.loan_i[x, at.WL_STATUS]
        if first > day:
            if status == at.MISSED or status == at.DEFAULT or status == at.FORBORNE:
                w.loan_i[x, at.WL_STATUS] = at.CURRENT
                w.loan_f[x, at.WLF_RATE] = p.loan_f[x, at.LF_RATE]
            continue
        if status == at.CURRENT:
            w.loan_i[x, at.WL_STATUS] = at.MISSED
            if p.loan_i[x, at.LI_LET_GO] and p.loan_i[x, at.LI_RECOURSE] != at.FULL:
                w.loan_i[x, at.WL_STATUS] = at.LET_GO
                enforce(p, w, x, d, day)
        elif status == at.MISSED and day - first >= p.loan_f[x, at.LF_GRACE]:
            w.loan_i[x, at.WL_STATUS] = at.DEFAULT
            w.loan_f[x, at.WLF_RATE] = p.loan_f[x, at.LF_RATE] + p.loan_f[x, at.LF_DEFAULT_RATE]
            happens(w, at.DEFAULTED, d)
            if p.loan_i[x, at.LI_FORBEARS]:
                forbear(p, w, x, day)
        elif status == at.FORBORNE:
            keep_forbearing(p, w, x, d, day)
        elif status == at.DEFAULT:
            accelerate(p, w, x, d, day)


@jit
def forbear(p: Plan, w: Work, x: int, day: int) -> None:
    """Let the lender wait, for a fee added to the loan."""
    w.loan_i[x, at.WL_STATUS], w.loan_i[x, at.WL_FORBORNE_ON] = at.FORBORNE, day
    fee = usd_cents(w.loan_i[x, at.WL_DEBT] / 100 * p.loan_f[x, at.LF_FEE])
    if fee:
        owe(p, w, at.INTEREST, fee)
        add_to_debt(w, x, fee)


@jit
def add_to_debt(w: Work, x: int, cents: int) -> None:
    """Add owed interest to the loan."""
    w.i[at.PAYABLE] -= cents
    w.loan_i[x, at.WL_DEBT] += cents
    w.i[at.IN_KIND] += cents


@jit
def keep_forbearing(p: Plan, w: Work, x: int, d: int, day: int) -> None:
    """Add missed interest to the loan, sweep cash, and wait no longer than agreed."""
    left = False
    for k in range(w.i[at.N_DUE]):
        b = w.bills[k]
        if b[at.B_NAME] == p.loan_i[x, at.LI_NAME] and b[at.B_DUE] <= day:
            if b[at.B_BILL] == at.INTEREST and p.loan_i[x, at.LI_IN_KIND]:
                add_to_debt(w, x, b[at.B_CENTS])
                b[at.B_CENTS] = 0
            elif b[at.B_BILL] == at.INTEREST or b[at.B_BILL] == at.PRINCIPAL:
                left = True
    if p.loan_i[x, at.LI_IN_KIND]:
        forget_paid(w)
    spare = w.i[at.CASH] - p.whole[at.P_MINIMUM]
    if p.calendar[d, at.ENDS_MONTH] and spare > 0 and p.loan_f[x, at.LF_SWEEP] > 0:
        swept = min(int(spare * p.loan_f[x, at.LF_SWEEP]), w.loan_i[x, at.WL_DEBT])
        if swept > 0:
            repay(w, x, swept)
    if day - w.loan_i[x, at.WL_FORBORNE_ON] >= p.loan_f[x, at.LF_WAITS] and left:
        accelerate(p, w, x, d, day)


@jit
def accelerate(p: Plan, w: Work, x: int, d: int, day: int) -> None:
    """Call the whole loan due."""
    happens(w, at.DEFAULTED, d)
    enforce(p, w, x, d, day)


@jit
def enforce(p: Plan, w: Work, x: int, d: int, day: int) -> None:
    """Let the lender take what its recourse reaches: coins, the borrower's sites, or everything."""
    posted, owed = w.loan_i[x, at.WL_POSTED], w.loan_i[x, at.WL_DEBT]
    each = w.f[at.PRICE] * (1 - p.part[at.F_SALE_COST])
    if posted and owed:
        sat = min(int(owed / 100 / each * at.SAT) + 1, posted)
        got = int(sat * w.f[at.PRICE] * (1 - p.part[at.F_SALE_COST]) * 100 / at.SAT)
        seize(w, x, sat, min(got, owed))
    if w.loan_i[x, at.WL_POSTED]:
        release(w, x, w.loan_i[x, at.WL_POSTED])
    owed, borrower = w.loan_i[x, at.WL_DEBT], p.loan_i[x, at.LI_BORROWER]
    if p.loan_i[x, at.LI_RECOURSE] == at.FULL:
        owe_principal(p, w, x, owed, day)
        w.loan_i[x, at.WL_STATUS] = at.ENFORCED
        if owed:
            happens(w, at.DEFAULTED, d)
    else:
        if w.loan_i[x, at.WL_STATUS] != at.LET_GO:
            w.loan_i[x, at.WL_STATUS] = at.ENFORCED
        w.loan_i[x, at.WL_DEBT] = 0
        for k in range(w.i[at.N_DUE]):
            b = w.bills[k]
            mine = b[at.B_NAME] == p.loan_i[x, at.LI_NAME] and (
                b[at.B_BILL] == at.INTEREST or b[at.B_BILL] == at.PRINCIPAL
            )
            site = b[at.B_SITE]
            if mine or (site >= 0 and borrower >= 0 and p.site_i[site, at.SI_BORROWER] == borrower):
                forgive(w, k)
        forget_paid(w)
        happens(w, at.DEFAULTED, d)
    if p.loan_i[x, at.LI_CONTINUES]:
        return
    for s in range(len(p.site_i)):
        everything = p.loan_i[x, at.LI_RECOURSE] == at.FULL and owed > 0
        if everything or (
            p.loan_i[x, at.LI_RECOURSE] != at.FULL
            and borrower >= 0
            and p.site_i[s, at.SI_BORROWER] == borrower
        ):
            w.site_i[s, at.WS_DARK] = 2
