"""Loans day by day: interest, principal, margin calls, default as a path: `engine/debts.py` compiled."""

from __future__ import annotations

import numpy as np

from ...compiled import inner
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
from .rows import (
    annuities_of,
    my_bill,
    my_loan,
    my_loan_parts,
    my_net,
    my_site,
    of_day,
    of_loan,
    of_loan_day,
    of_site,
    parts_of_loan,
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


@inner
def open_loan(p: Plan, w: Work, x: int, d: int) -> None:
    """Set a loan's dates and equal payment from what is outstanding today."""
    w.n[my_loan(w, x) + at.WL_OPEN] = 1
    w.x[my_loan_parts(w, x) + at.WLF_RATE] = p.x[parts_of_loan(p, x) + at.LF_RATE]
    w.n[my_loan(w, x) + at.WL_LEFT] = max(p.n[of_loan_day(p, x, d) + at.LD_LEFT], 1)
    outstanding = w.n[my_loan(w, x) + at.WL_DEBT] / 100
    if p.n[of_loan(p, x) + at.LI_REPAID] == at.ANNUITY:
        w.x[my_loan_parts(w, x) + at.WLF_PAYMENT] = (
            outstanding * p.x[annuities_of(p, x) + w.n[my_loan(w, x) + at.WL_LEFT]]
        )
    elif p.n[of_loan(p, x) + at.LI_REPAID] == at.EQUAL:
        w.x[my_loan_parts(w, x) + at.WLF_PAYMENT] = outstanding / w.n[my_loan(w, x) + at.WL_LEFT]


@inner
def whole_up(coins: float) -> int:
    """Return coins in satoshi, rounded up."""
    return int(np.ceil(coins * at.SAT))


@inner
def draw(p: Plan, w: Work, x: int, wanted: int, day: int) -> int:
    """Draw on a loan, with the coins that its opening level needs; return what came."""
    cents = wanted
    if cents <= 0:
        return 0
    price, posted, debt = w.x[at.PRICE], w.n[my_loan(w, x) + at.WL_POSTED], w.n[my_loan(w, x) + at.WL_DEBT]
    if p.n[of_loan(p, x) + at.LI_LADDER]:
        level = p.x[parts_of_loan(p, x) + at.LF_OPENING]
        more = whole_up((debt + cents) / 100 / (price * level)) - posted
        if more > w.n[at.FREE]:
            can = (w.n[at.FREE] + posted) / at.SAT * price * level
            cents = max(int(can * 100) - debt, 0)
            more = w.n[at.FREE]
        if cents <= 0:
            return 0
        if more > 0:
            post(w, x, more)
    borrow(w, x, cents)
    fee = usd_cents(cents / 100 * p.x[parts_of_loan(p, x) + at.LF_UPFRONT])
    owe_now(p, w, at.INTEREST, p.n[of_loan(p, x) + at.LI_NAME], fee, day, -1)
    return cents


@inner
def draw_lines(p: Plan, w: Work, wanted: int, d: int, day: int) -> None:
    """Draw lines that have room, in the order of the file."""
    short = wanted
    for x in range(p.n[at.P_LOANS]):
        if (
            p.n[of_loan(p, x) + at.LI_LIMIT] < 0
            or w.n[my_loan(w, x) + at.WL_STATUS] != at.CURRENT
            or short <= 0
        ):
            continue
        if not w.n[my_loan(w, x) + at.WL_OPEN] or p.n[of_loan(p, x) + at.LI_MATURES] <= d:
            continue
        room = p.n[of_loan(p, x) + at.LI_LIMIT] - w.n[my_loan(w, x) + at.WL_DEBT]
        short -= draw(p, w, x, min(short, room), day)


@inner
def over(w: Work, x: int) -> bool:
    """Return whether a loan has come to its end."""
    return w.n[my_loan(w, x) + at.WL_STATUS] >= at.ENFORCED or not w.n[my_loan(w, x) + at.WL_OPEN]


@inner
def fall_due(p: Plan, w: Work, d: int, day: int) -> None:
    """Let today's interest accrue, and what is due today fall due."""
    for x in range(p.n[at.P_LOANS]):
        if over(w, x):
            continue
        owed, year = w.n[my_loan(w, x) + at.WL_DEBT], p.x[parts_of_loan(p, x) + at.LF_YEAR]
        w.x[my_loan_parts(w, x) + at.WLF_ACCRUED] += (
            owed / 100 * w.x[my_loan_parts(w, x) + at.WLF_RATE] / year
        )
        if p.n[of_loan(p, x) + at.LI_LIMIT] >= 0:
            unused = max(p.x[parts_of_loan(p, x) + at.LF_LIMIT] - owed / 100, 0.0)
            w.x[my_loan_parts(w, x) + at.WLF_ACCRUED] += (
                unused * p.x[parts_of_loan(p, x) + at.LF_UNUSED] / year
            )
        if not p.n[of_loan_day(p, x, d) + at.LD_PAYS]:
            if (
                p.n[of_loan_day(p, x, d) + at.LD_PUT]
                and w.x[at.SHARE] < p.x[parts_of_loan(p, x) + at.LF_CONVERSION]
                and owed
            ):
                owe_principal(p, w, x, owed, day)
            continue
        if (
            p.n[of_loan(p, x) + at.LI_LET_GO]
            and p.n[of_loan(p, x) + at.LI_RECOURSE] == at.BORROWER
            and not pays_alone(p, w, x, d)
        ):
            w.n[my_loan(w, x) + at.WL_STATUS] = at.LET_GO
            enforce(p, w, x, d, day)
            continue
        interest = usd_cents(w.x[my_loan_parts(w, x) + at.WLF_ACCRUED])
        w.x[my_loan_parts(w, x) + at.WLF_ACCRUED] = 0.0
        owe_now(p, w, at.INTEREST, p.n[of_loan(p, x) + at.LI_NAME], interest, day, -1)
        let_principal_fall_due(p, w, x, interest, d, day)


@inner
def pays_alone(p: Plan, w: Work, x: int, d: int) -> bool:
    """Return whether a borrower's sites earned, after power, what falls due since the last payment."""
    since = p.n[of_loan_day(p, x, d) + at.LD_SINCE]
    net = 0
    for s in range(p.n[at.P_SITES]):
        if p.n[of_site(p, s) + at.SI_BORROWER] == p.n[of_loan(p, x) + at.LI_BORROWER]:
            for k in range(d + 1 - since, d + 1):
                net += w.n[my_net(w, s, k)]
    accrued, payment = w.x[my_loan_parts(w, x) + at.WLF_ACCRUED], w.x[my_loan_parts(w, x) + at.WLF_PAYMENT]
    if p.n[of_loan_day(p, x, d) + at.LD_LAST]:
        part = w.n[my_loan(w, x) + at.WL_DEBT] / 100
    elif p.n[of_loan(p, x) + at.LI_REPAID] == at.EQUAL:
        part = payment
    else:
        part = max(payment - accrued, 0.0)
    return net / 100 >= part + accrued


@inner
def let_principal_fall_due(p: Plan, w: Work, x: int, interest: int, d: int, day: int) -> None:
    """Owe the principal of a payment day; a convertible may become shares instead."""
    owed, last = w.n[my_loan(w, x) + at.WL_DEBT], p.n[of_loan_day(p, x, d) + at.LD_LAST] != 0
    w.n[my_loan(w, x) + at.WL_LEFT] -= 1
    if (
        last
        and p.n[of_loan(p, x) + at.LI_CONVERTS]
        and w.x[at.SHARE] >= p.x[parts_of_loan(p, x) + at.LF_CONVERSION]
    ):
        price, name = p.x[parts_of_loan(p, x) + at.LF_CONVERSION], p.n[of_loan(p, x) + at.LI_NAME]
        shares = owed / 100 / price
        if not p.n[of_loan(p, x) + at.LI_IN_SHARES]:
            owe_now(p, w, at.OTHER, name, usd_cents((w.x[at.SHARE] - price) * shares), day, -1)
        if p.n[of_loan(p, x) + at.LI_CAPPED]:
            gain = usd_cents(
                max(min(w.x[at.SHARE], p.x[parts_of_loan(p, x) + at.LF_CAP]) - price, 0.0) * shares
            )
            if gain:
                earn(w, at.G_OTHER, gain)
                collect(w, gain)
        if p.n[of_loan(p, x) + at.LI_IN_SHARES]:
            w.n[my_loan(w, x) + at.WL_DEBT] = 0
            w.x[at.NEW_SHARES] += owed / 100 / price
            w.n[my_loan(w, x) + at.WL_STATUS] = at.REPAID
            return
    if last:
        part = owed
    elif p.n[of_loan(p, x) + at.LI_REPAID] == at.ANNUITY:
        part = max(usd_cents(w.x[my_loan_parts(w, x) + at.WLF_PAYMENT]) - interest, 0)
    elif p.n[of_loan(p, x) + at.LI_REPAID] == at.EQUAL:
        part = usd_cents(w.x[my_loan_parts(w, x) + at.WLF_PAYMENT])
    else:
        part = 0
    owe_principal(p, w, x, min(part, owed), day)


@inner
def loan_to_value(w: Work, x: int, price: float) -> float:
    """Return a loan's loan to value at a price; infinity with no coins posted."""
    owed, posted = w.n[my_loan(w, x) + at.WL_DEBT] / 100, w.n[my_loan(w, x) + at.WL_POSTED] / at.SAT
    if owed == 0:
        return 0.0
    return owed / (posted * price) if posted > 0 else np.inf


@inner
def margin_test(p: Plan, w: Work, d: int, day: int) -> None:
    """Test each loan against coins: a call is answered within its cure period, or the lender sells."""
    for x in range(p.n[at.P_LOANS]):
        if not p.n[of_loan(p, x) + at.LI_LADDER] or over(w, x):
            continue
        owed, posted = w.n[my_loan(w, x) + at.WL_DEBT], w.n[my_loan(w, x) + at.WL_POSTED]
        if owed == 0:
            if posted and not still_due(p, w, x):
                release(w, x, posted)
            continue
        tested = loan_to_value(w, x, w.x[at.LOW] if p.n[of_loan(p, x) + at.LI_ON_LOW] else w.x[at.PRICE])
        call_by = w.n[my_loan(w, x) + at.WL_CALL_BY]
        if tested >= p.x[parts_of_loan(p, x) + at.LF_LIQUIDATION]:
            liquidate(p, w, x, d, day)
        elif call_by >= 0 and day >= call_by:
            answer(p, w, x, d, day)
        elif call_by < 0 and tested > p.x[parts_of_loan(p, x) + at.LF_CALL]:
            w.n[my_loan(w, x) + at.WL_CALL_BY] = day + p.n[of_loan(p, x) + at.LI_CURE]
            happens(w, at.MARGIN_CALL, d)
            if p.n[of_loan(p, x) + at.LI_CURE] == 0:
                answer(p, w, x, d, day)
        elif (
            p.x[parts_of_loan(p, x) + at.LF_RELEASE] > 0 and tested < p.x[parts_of_loan(p, x) + at.LF_RELEASE]
        ):
            need = owed / 100 / (w.x[at.PRICE] * p.x[parts_of_loan(p, x) + at.LF_RESTORE])
            back = int(max(posted / at.SAT - need, 0.0) * at.SAT)
            if 0 < back <= posted:
                release(w, x, back)


@inner
def still_due(p: Plan, w: Work, x: int) -> bool:
    """Return whether interest or principal of a loan is among the bills."""
    for k in range(w.n[at.N_DUE]):
        b = my_bill(w, k)
        if w.n[b + at.B_NAME] == p.n[of_loan(p, x) + at.LI_NAME] and (
            w.n[b + at.B_BILL] == at.INTEREST or w.n[b + at.B_BILL] == at.PRINCIPAL
        ):
            return True
    return False


@inner
def answer(p: Plan, w: Work, x: int, d: int, day: int) -> None:
    """Meet a call at the end of its cure period, if the price has not met it."""
    w.n[my_loan(w, x) + at.WL_CALL_BY] = -1
    price = w.x[at.PRICE]
    if loan_to_value(w, x, price) <= p.x[parts_of_loan(p, x) + at.LF_CALL]:
        return
    owed, posted = w.n[my_loan(w, x) + at.WL_DEBT] / 100, w.n[my_loan(w, x) + at.WL_POSTED] / at.SAT
    need = max(owed / (price * p.x[parts_of_loan(p, x) + at.LF_RESTORE]) - posted, 0.0)
    sat = min(whole_up(need), w.n[at.FREE])
    if sat > 0:
        post(w, x, sat)
    if loan_to_value(w, x, price) > p.x[parts_of_loan(p, x) + at.LF_CALL]:
        liquidate(p, w, x, d, day)


@inner
def liquidate(p: Plan, w: Work, x: int, d: int, day: int) -> None:
    """Let the lender sell posted coins until the loan is back at its restore level."""
    price = w.x[at.LOW] if p.n[of_loan(p, x) + at.LI_ON_LOW] else w.x[at.PRICE]
    owed, posted = w.n[my_loan(w, x) + at.WL_DEBT], w.n[my_loan(w, x) + at.WL_POSTED]
    cost, level = p.x[at.F_SALE_COST], p.x[parts_of_loan(p, x) + at.LF_RESTORE]
    keep = 1 - cost - level
    sat = posted
    if keep > 0:
        wanted = (owed / 100 - level * posted / at.SAT * price) / (price * keep)
        sat = min(max(int(wanted * at.SAT) + 1, 0), posted)
    got = min(int(sat * price * (1 - cost) * 100 / at.SAT), owed)
    w.n[my_loan(w, x) + at.WL_CALL_BY] = -1
    seize(w, x, sat, got)
    happens(w, at.LIQUIDATION, d)
    if w.n[my_loan(w, x) + at.WL_POSTED] == 0 and w.n[my_loan(w, x) + at.WL_DEBT] > 0:
        enforce(p, w, x, d, day)


@inner
def progress(p: Plan, w: Work, d: int, day: int) -> None:
    """Move missed loans along: grace, default, forbearance, acceleration, enforcement."""
    for x in range(p.n[at.P_LOANS]):
        if over(w, x):
            continue
        first = day + 1
        for k in range(w.n[at.N_DUE]):
            b = my_bill(w, k)
            if (
                w.n[b + at.B_NAME] == p.n[of_loan(p, x) + at.LI_NAME]
                and (w.n[b + at.B_BILL] == at.INTEREST or w.n[b + at.B_BILL] == at.PRINCIPAL)
                and w.n[b + at.B_DUE] <= day
            ):
                first = min(first, w.n[b + at.B_DUE])
        status = w.n[my_loan(w, x) + at.WL_STATUS]
        if first > day:
            if status == at.MISSED or status == at.DEFAULT or status == at.FORBORNE:
                w.n[my_loan(w, x) + at.WL_STATUS] = at.CURRENT
                w.x[my_loan_parts(w, x) + at.WLF_RATE] = p.x[parts_of_loan(p, x) + at.LF_RATE]
            continue
        if status == at.CURRENT:
            w.n[my_loan(w, x) + at.WL_STATUS] = at.MISSED
            if p.n[of_loan(p, x) + at.LI_LET_GO] and p.n[of_loan(p, x) + at.LI_RECOURSE] != at.FULL:
                w.n[my_loan(w, x) + at.WL_STATUS] = at.LET_GO
                enforce(p, w, x, d, day)
        elif status == at.MISSED and day - first >= p.x[parts_of_loan(p, x) + at.LF_GRACE]:
            w.n[my_loan(w, x) + at.WL_STATUS] = at.DEFAULT
            w.x[my_loan_parts(w, x) + at.WLF_RATE] = (
                p.x[parts_of_loan(p, x) + at.LF_RATE] + p.x[parts_of_loan(p, x) + at.LF_DEFAULT_RATE]
            )
            happens(w, at.DEFAULTED, d)
            if p.n[of_loan(p, x) + at.LI_FORBEARS]:
                forbear(p, w, x, day)
        elif status == at.FORBORNE:
            keep_forbearing(p, w, x, d, day)
        elif status == at.DEFAULT:
            accelerate(p, w, x, d, day)


@inner
def forbear(p: Plan, w: Work, x: int, day: int) -> None:
    """Let the lender wait, for a fee added to the loan."""
    w.n[my_loan(w, x) + at.WL_STATUS], w.n[my_loan(w, x) + at.WL_FORBORNE_ON] = at.FORBORNE, day
    fee = usd_cents(w.n[my_loan(w, x) + at.WL_DEBT] / 100 * p.x[parts_of_loan(p, x) + at.LF_FEE])
    if fee:
        owe(p, w, at.INTEREST, fee)
        add_to_debt(w, x, fee)


@inner
def add_to_debt(w: Work, x: int, cents: int) -> None:
    """Add owed interest to the loan."""
    w.n[at.PAYABLE] -= cents
    w.n[my_loan(w, x) + at.WL_DEBT] += cents
    w.n[at.IN_KIND] += cents


@inner
def keep_forbearing(p: Plan, w: Work, x: int, d: int, day: int) -> None:
    """Add missed interest to the loan, sweep cash, and wait no longer than agreed."""
    left = False
    for k in range(w.n[at.N_DUE]):
        b = my_bill(w, k)
        if w.n[b + at.B_NAME] == p.n[of_loan(p, x) + at.LI_NAME] and w.n[b + at.B_DUE] <= day:
            if w.n[b + at.B_BILL] == at.INTEREST and p.n[of_loan(p, x) + at.LI_IN_KIND]:
                add_to_debt(w, x, w.n[b + at.B_CENTS])
                w.n[b + at.B_CENTS] = 0
            elif w.n[b + at.B_BILL] == at.INTEREST or w.n[b + at.B_BILL] == at.PRINCIPAL:
                left = True
    if p.n[of_loan(p, x) + at.LI_IN_KIND]:
        forget_paid(w)
    spare = w.n[at.CASH] - p.n[at.P_MINIMUM]
    if p.n[of_day(p, d) + at.ENDS_MONTH] and spare > 0 and p.x[parts_of_loan(p, x) + at.LF_SWEEP] > 0:
        swept = min(int(spare * p.x[parts_of_loan(p, x) + at.LF_SWEEP]), w.n[my_loan(w, x) + at.WL_DEBT])
        if swept > 0:
            repay(w, x, swept)
    if day - w.n[my_loan(w, x) + at.WL_FORBORNE_ON] >= p.x[parts_of_loan(p, x) + at.LF_WAITS] and left:
        accelerate(p, w, x, d, day)


@inner
def accelerate(p: Plan, w: Work, x: int, d: int, day: int) -> None:
    """Call the whole loan due."""
    happens(w, at.DEFAULTED, d)
    enforce(p, w, x, d, day)


@inner
def enforce(p: Plan, w: Work, x: int, d: int, day: int) -> None:
    """Let the lender take what its recourse reaches: coins, the borrower's sites, or everything."""
    posted, owed = w.n[my_loan(w, x) + at.WL_POSTED], w.n[my_loan(w, x) + at.WL_DEBT]
    each = w.x[at.PRICE] * (1 - p.x[at.F_SALE_COST])
    if posted and owed:
        sat = min(int(owed / 100 / each * at.SAT) + 1, posted)
        got = int(sat * w.x[at.PRICE] * (1 - p.x[at.F_SALE_COST]) * 100 / at.SAT)
        seize(w, x, sat, min(got, owed))
    if w.n[my_loan(w, x) + at.WL_POSTED]:
        release(w, x, w.n[my_loan(w, x) + at.WL_POSTED])
    owed, borrower = w.n[my_loan(w, x) + at.WL_DEBT], p.n[of_loan(p, x) + at.LI_BORROWER]
    if p.n[of_loan(p, x) + at.LI_RECOURSE] == at.FULL:
        owe_principal(p, w, x, owed, day)
        w.n[my_loan(w, x) + at.WL_STATUS] = at.ENFORCED
        if owed:
            happens(w, at.DEFAULTED, d)
    else:
        if w.n[my_loan(w, x) + at.WL_STATUS] != at.LET_GO:
            w.n[my_loan(w, x) + at.WL_STATUS] = at.ENFORCED
        w.n[my_loan(w, x) + at.WL_DEBT] = 0
        for k in range(w.n[at.N_DUE]):
            b = my_bill(w, k)
            mine = w.n[b + at.B_NAME] == p.n[of_loan(p, x) + at.LI_NAME] and (
                w.n[b + at.B_BILL] == at.INTEREST or w.n[b + at.B_BILL] == at.PRINCIPAL
            )
            site = w.n[b + at.B_SITE]
            if mine or (site >= 0 and borrower >= 0 and p.n[of_site(p, site) + at.SI_BORROWER] == borrower):
                forgive(w, k)
        forget_paid(w)
        happens(w, at.DEFAULTED, d)
    if p.n[of_loan(p, x) + at.LI_CONTINUES]:
        return
    for s in range(p.n[at.P_SITES]):
        everything = p.n[of_loan(p, x) + at.LI_RECOURSE] == at.FULL and owed > 0
        if everything or (
            p.n[of_loan(p, x) + at.LI_RECOURSE] != at.FULL
            and borrower >= 0
            and p.n[of_site(p, s) + at.SI_BORROWER] == borrower
        ):
            w.n[my_site(w, s) + at.WS_DARK] = 2
