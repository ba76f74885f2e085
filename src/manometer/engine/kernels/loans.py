"""Loans day by day: interest, principal, margin calls, default as a path: `engine/debts.py` compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import folded, inner
from . import layout as at
from .lots import dispose
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
    "add_to_debt",
    "draw",
    "draw_lines",
    "fall_due",
    "loan_to_value",
    "margin_test",
    "open_loan",
    "progress",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@inner
def open_loan(p: Ints, q: Floats, w: Ints, v: Floats, x: int, d: int) -> None:
    """Set a loan's dates and equal payment from what is outstanding today."""
    w[my_loan(w, x) + at.WL_OPEN] = 1
    v[my_loan_parts(w, x) + at.WLF_RATE] = q[parts_of_loan(p, x) + at.LF_RATE]
    w[my_loan(w, x) + at.WL_LEFT] = max(p[of_loan_day(p, x, d) + at.LD_LEFT], 1)
    outstanding = w[my_loan(w, x) + at.WL_DEBT] / 100
    if p[of_loan(p, x) + at.LI_REPAID] == at.ANNUITY:
        v[my_loan_parts(w, x) + at.WLF_PAYMENT] = (
            outstanding * q[annuities_of(p, x) + w[my_loan(w, x) + at.WL_LEFT]]
        )
    elif p[of_loan(p, x) + at.LI_REPAID] == at.EQUAL:
        v[my_loan_parts(w, x) + at.WLF_PAYMENT] = outstanding / w[my_loan(w, x) + at.WL_LEFT]


@inner
def whole_up(coins: float) -> int:
    """Return coins in satoshi, rounded up."""
    return int(np.ceil(coins * at.SAT))


@inner
def draw(p: Ints, q: Floats, w: Ints, v: Floats, x: int, wanted: int, day: int) -> int:
    """Draw on a loan, with the coins that its opening level needs; return what came."""
    cents = wanted
    if cents <= 0:
        return 0
    price, posted, debt = v[at.PRICE], w[my_loan(w, x) + at.WL_POSTED], w[my_loan(w, x) + at.WL_DEBT]
    if p[of_loan(p, x) + at.LI_LADDER]:
        level = q[parts_of_loan(p, x) + at.LF_OPENING]
        more = whole_up((debt + cents) / 100 / (price * level)) - posted
        if more > w[at.FREE]:
            can = (w[at.FREE] + posted) / at.SAT * price * level
            cents = max(int(can * 100) - debt, 0)
            more = w[at.FREE]
        if cents <= 0:
            return 0
        if more > 0:
            post(w, v, x, more)
    borrow(w, v, x, cents)
    fee = usd_cents(cents / 100 * q[parts_of_loan(p, x) + at.LF_UPFRONT])
    owe_now(p, q, w, v, at.INTEREST, p[of_loan(p, x) + at.LI_NAME], fee, day, -1)
    return cents


@inner
def missed(p: Ints, w: Ints, x: int, k: int, day: int) -> bool:
    """Return whether a bill is interest or principal of a loan that fell due and is not paid."""
    b = my_bill(w, k)
    if w[b + at.B_NAME] != p[of_loan(p, x) + at.LI_NAME] or w[b + at.B_DUE] > day:
        return False
    return w[b + at.B_BILL] == at.INTEREST or w[b + at.B_BILL] == at.PRINCIPAL


@inner
def claim(p: Ints, w: Ints, x: int, day: int) -> int:
    """Return the loan with all that is overdue of it."""
    owed = w[my_loan(w, x) + at.WL_DEBT]
    if w[at.NEXT_DUE] > day:
        return owed
    for k in range(w[at.N_DUE]):
        if missed(p, w, x, k, day):
            owed += w[my_bill(w, k) + at.B_CENTS]
    return owed


@inner
def overdue(p: Ints, w: Ints, x: int, day: int) -> int:
    """Return principal that fell due and is not paid."""
    owed = 0
    if w[at.NEXT_DUE] > day:
        return owed
    for k in range(w[at.N_DUE]):
        if missed(p, w, x, k, day) and w[my_bill(w, k) + at.B_BILL] == at.PRINCIPAL:
            owed += w[my_bill(w, k) + at.B_CENTS]
    return owed


@inner
def call_in(p: Ints, w: Ints, v: Floats, x: int, day: int) -> int:
    """Put what is overdue back into the loan, so that collateral answers for it; return it."""
    back = 0
    for k in range(w[at.N_DUE]):
        if missed(p, w, x, k, day):
            b = my_bill(w, k)
            cents = w[b + at.B_CENTS]
            if w[b + at.B_BILL] == at.INTEREST:
                add_to_debt(w, v, x, cents)
            else:
                w[at.PAYABLE] -= cents
                w[my_loan(w, x) + at.WL_DEBT] += cents
                w[at.OWED_BY + at.PRINCIPAL] -= cents
                w[at.OWN_TODAY] -= cents
            back += cents
            w[b + at.B_CENTS] = 0
    forget_paid(w, v)
    return back


@inner
def draw_lines(p: Ints, q: Floats, w: Ints, v: Floats, wanted: int, d: int, day: int) -> None:
    """Draw lines that have room, in the order of the file."""
    short = wanted
    for x in range(p[at.P_LOANS]):
        if p[of_loan(p, x) + at.LI_LIMIT] < 0 or w[my_loan(w, x) + at.WL_STATUS] != at.CURRENT or short <= 0:
            continue
        if not w[my_loan(w, x) + at.WL_OPEN] or p[of_loan(p, x) + at.LI_MATURES] <= d:
            continue
        room = p[of_loan(p, x) + at.LI_LIMIT] - w[my_loan(w, x) + at.WL_DEBT]
        short -= draw(p, q, w, v, x, min(short, room), day)


@inner
def over(w: Ints, v: Floats, x: int) -> bool:
    """Return whether a loan has come to its end."""
    return w[my_loan(w, x) + at.WL_STATUS] >= at.ENFORCED or not w[my_loan(w, x) + at.WL_OPEN]


@folded
def fall_due(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Let today's interest accrue, and what is due today fall due."""
    for x in range(p[at.P_LOANS]):
        if over(w, v, x):
            continue
        owed, year = w[my_loan(w, x) + at.WL_DEBT], q[parts_of_loan(p, x) + at.LF_YEAR]
        accrued, rate = my_loan_parts(w, x) + at.WLF_ACCRUED, v[my_loan_parts(w, x) + at.WLF_RATE]
        v[accrued] += (owed + overdue(p, w, x, day)) / 100 * rate / year
        if p[of_loan(p, x) + at.LI_LIMIT] >= 0:
            unused = max(q[parts_of_loan(p, x) + at.LF_LIMIT] - owed / 100, 0.0)
            v[accrued] += unused * q[parts_of_loan(p, x) + at.LF_UNUSED] / year
        if not p[of_loan_day(p, x, d) + at.LD_PAYS]:
            if (
                p[of_loan_day(p, x, d) + at.LD_PUT]
                and v[at.SHARE] < q[parts_of_loan(p, x) + at.LF_CONVERSION]
                and owed
            ):
                owe_principal(p, q, w, v, x, owed, day)
            if d > p[of_loan(p, x) + at.LI_MATURES] and p[of_day(p, d) + at.ENDS_MONTH]:
                # What was not repaid at maturity goes on bearing interest.
                late = usd_cents(v[accrued])
                v[accrued] = 0.0
                owe_now(p, q, w, v, at.INTEREST, p[of_loan(p, x) + at.LI_NAME], late, day, -1)
            continue
        if (
            p[of_loan(p, x) + at.LI_LET_GO]
            and p[of_loan(p, x) + at.LI_RECOURSE] == at.BORROWER
            and not pays_alone(p, q, w, v, x, d)
        ):
            w[my_loan(w, x) + at.WL_STATUS] = at.LET_GO
            enforce(p, q, w, v, x, d, day)
            continue
        interest = usd_cents(v[my_loan_parts(w, x) + at.WLF_ACCRUED])
        v[my_loan_parts(w, x) + at.WLF_ACCRUED] = 0.0
        owe_now(p, q, w, v, at.INTEREST, p[of_loan(p, x) + at.LI_NAME], interest, day, -1)
        let_principal_fall_due(p, q, w, v, x, interest, d, day)


@inner
def pays_alone(p: Ints, q: Floats, w: Ints, v: Floats, x: int, d: int) -> bool:
    """Return whether a borrower's sites earned, after power, what falls due since the last payment."""
    since = p[of_loan_day(p, x, d) + at.LD_SINCE]
    net = 0
    for s in range(p[at.P_SITES]):
        if p[of_site(p, s) + at.SI_BORROWER] == p[of_loan(p, x) + at.LI_BORROWER]:
            for k in range(d + 1 - since, d + 1):
                net += w[my_net(w, s, k)]
    accrued, payment = v[my_loan_parts(w, x) + at.WLF_ACCRUED], v[my_loan_parts(w, x) + at.WLF_PAYMENT]
    if p[of_loan_day(p, x, d) + at.LD_LAST]:
        part = w[my_loan(w, x) + at.WL_DEBT] / 100
    elif p[of_loan(p, x) + at.LI_REPAID] == at.EQUAL:
        part = payment
    else:
        part = max(payment - accrued, 0.0)
    return net / 100 >= part + accrued


@inner
def let_principal_fall_due(
    p: Ints, q: Floats, w: Ints, v: Floats, x: int, interest: int, d: int, day: int
) -> None:
    """Owe the principal of a payment day; a convertible may become shares instead."""
    owed, last = w[my_loan(w, x) + at.WL_DEBT], p[of_loan_day(p, x, d) + at.LD_LAST] != 0
    w[my_loan(w, x) + at.WL_LEFT] -= 1
    if (
        last
        and p[of_loan(p, x) + at.LI_CONVERTS]
        and v[at.SHARE] >= q[parts_of_loan(p, x) + at.LF_CONVERSION]
    ):
        price, name = q[parts_of_loan(p, x) + at.LF_CONVERSION], p[of_loan(p, x) + at.LI_NAME]
        shares = owed / 100 / price
        if not p[of_loan(p, x) + at.LI_IN_SHARES]:
            owe_now(p, q, w, v, at.OTHER, name, usd_cents((v[at.SHARE] - price) * shares), day, -1)
        if p[of_loan(p, x) + at.LI_CAPPED]:
            gain = usd_cents(max(min(v[at.SHARE], q[parts_of_loan(p, x) + at.LF_CAP]) - price, 0.0) * shares)
            if gain:
                earn(w, v, at.G_OTHER, gain)
                collect(w, v, gain)
        if p[of_loan(p, x) + at.LI_IN_SHARES]:
            w[my_loan(w, x) + at.WL_DEBT] = 0
            v[at.NEW_SHARES] += owed / 100 / price
            w[my_loan(w, x) + at.WL_STATUS] = at.REPAID
            return
    if last:
        part = owed
    elif p[of_loan(p, x) + at.LI_REPAID] == at.ANNUITY:
        part = max(usd_cents(v[my_loan_parts(w, x) + at.WLF_PAYMENT]) - interest, 0)
    elif p[of_loan(p, x) + at.LI_REPAID] == at.EQUAL:
        part = usd_cents(v[my_loan_parts(w, x) + at.WLF_PAYMENT])
    else:
        part = 0
    owe_principal(p, q, w, v, x, min(part, owed), day)


@inner
def loan_to_value(p: Ints, w: Ints, x: int, price: float, day: int) -> float:
    """Return a loan's loan to value at a price; infinity with no coins posted."""
    owed, posted = claim(p, w, x, day) / 100, w[my_loan(w, x) + at.WL_POSTED] / at.SAT
    if owed == 0:
        return 0.0
    return owed / (posted * price) if posted > 0 else np.inf


@folded
def margin_test(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Test each loan against coins: a call is answered within its cure period, or the lender sells."""
    for x in range(p[at.P_LOANS]):
        if not p[of_loan(p, x) + at.LI_LADDER] or over(w, v, x):
            continue
        owed, posted = claim(p, w, x, day), w[my_loan(w, x) + at.WL_POSTED]
        if owed == 0:
            if posted and not still_due(p, q, w, v, x):
                release(w, v, x, posted)
            continue
        tested = loan_to_value(p, w, x, v[at.LOW] if p[of_loan(p, x) + at.LI_ON_LOW] else v[at.PRICE], day)
        call_by = w[my_loan(w, x) + at.WL_CALL_BY]
        if tested >= q[parts_of_loan(p, x) + at.LF_LIQUIDATION]:
            liquidate(p, q, w, v, x, d, day)
        elif call_by >= 0 and day >= call_by:
            answer(p, q, w, v, x, d, day)
        elif call_by < 0 and tested > q[parts_of_loan(p, x) + at.LF_CALL]:
            w[my_loan(w, x) + at.WL_CALL_BY] = day + p[of_loan(p, x) + at.LI_CURE]
            happens(w, v, at.MARGIN_CALL, d)
            if p[of_loan(p, x) + at.LI_CURE] == 0:
                answer(p, q, w, v, x, d, day)
        elif q[parts_of_loan(p, x) + at.LF_RELEASE] > 0 and tested < q[parts_of_loan(p, x) + at.LF_RELEASE]:
            need = owed / 100 / (v[at.PRICE] * q[parts_of_loan(p, x) + at.LF_RESTORE])
            back = int(max(posted / at.SAT - need, 0.0) * at.SAT)
            if 0 < back <= posted:
                release(w, v, x, back)


@inner
def still_due(p: Ints, q: Floats, w: Ints, v: Floats, x: int) -> bool:
    """Return whether interest or principal of a loan is among the bills."""
    for k in range(w[at.N_DUE]):
        b = my_bill(w, k)
        if w[b + at.B_NAME] == p[of_loan(p, x) + at.LI_NAME] and (
            w[b + at.B_BILL] == at.INTEREST or w[b + at.B_BILL] == at.PRINCIPAL
        ):
            return True
    return False


@inner
def answer(p: Ints, q: Floats, w: Ints, v: Floats, x: int, d: int, day: int) -> None:
    """Meet a call at the end of its cure period, if the price has not met it."""
    w[my_loan(w, x) + at.WL_CALL_BY] = -1
    price = v[at.PRICE]
    if loan_to_value(p, w, x, price, day) <= q[parts_of_loan(p, x) + at.LF_CALL]:
        return
    owed, posted = claim(p, w, x, day) / 100, w[my_loan(w, x) + at.WL_POSTED] / at.SAT
    need = max(owed / (price * q[parts_of_loan(p, x) + at.LF_RESTORE]) - posted, 0.0)
    sat = min(whole_up(need), w[at.FREE])
    if sat > 0:
        post(w, v, x, sat)
    if loan_to_value(p, w, x, price, day) > q[parts_of_loan(p, x) + at.LF_CALL]:
        liquidate(p, q, w, v, x, d, day)


@inner
def liquidate(p: Ints, q: Floats, w: Ints, v: Floats, x: int, d: int, day: int) -> None:
    """Let the lender sell posted coins until the loan is back at its restore level."""
    price = v[at.LOW] if p[of_loan(p, x) + at.LI_ON_LOW] else v[at.PRICE]
    back = call_in(p, w, v, x, day)
    owed, posted = w[my_loan(w, x) + at.WL_DEBT], w[my_loan(w, x) + at.WL_POSTED]
    cost, level = q[at.F_SALE_COST], q[parts_of_loan(p, x) + at.LF_RESTORE]
    keep = 1 - cost - level
    sat = posted
    if keep > 0:
        wanted = (owed / 100 - level * posted / at.SAT * price) / (price * keep)
        sat = min(max(int(wanted * at.SAT) + 1, 0), posted)
    got = min(int(sat * price * (1 - cost) * 100 / at.SAT), owed)
    w[my_loan(w, x) + at.WL_CALL_BY] = -1
    seize(w, v, x, sat, got)
    dispose(p, q, w, v, sat, got)
    happens(w, v, at.LIQUIDATION, d)
    rest = w[my_loan(w, x) + at.WL_DEBT]
    if w[my_loan(w, x) + at.WL_POSTED] == 0 and rest > 0:
        enforce(p, q, w, v, x, d, day)
    else:
        owe_principal(p, q, w, v, x, min(back, rest), day)


@folded
def progress(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Move missed loans along: grace, default, forbearance, acceleration, enforcement."""
    for x in range(p[at.P_LOANS]):
        if over(w, v, x):
            continue
        first = day + 1
        if w[at.NEXT_DUE] <= day:
            for k in range(w[at.N_DUE]):
                if missed(p, w, x, k, day):
                    first = min(first, w[my_bill(w, k) + at.B_DUE])
        status = w[my_loan(w, x) + at.WL_STATUS]
        if first > day:
            if status == at.MISSED or status == at.DEFAULT or status == at.FORBORNE:
                w[my_loan(w, x) + at.WL_STATUS] = at.CURRENT
                v[my_loan_parts(w, x) + at.WLF_RATE] = q[parts_of_loan(p, x) + at.LF_RATE]
            continue
        if status == at.CURRENT:
            w[my_loan(w, x) + at.WL_STATUS] = at.MISSED
            if p[of_loan(p, x) + at.LI_LET_GO] and p[of_loan(p, x) + at.LI_RECOURSE] != at.FULL:
                w[my_loan(w, x) + at.WL_STATUS] = at.LET_GO
                enforce(p, q, w, v, x, d, day)
        elif status == at.MISSED and day - first >= q[parts_of_loan(p, x) + at.LF_GRACE]:
            w[my_loan(w, x) + at.WL_STATUS] = at.DEFAULT
            v[my_loan_parts(w, x) + at.WLF_RATE] = (
                q[parts_of_loan(p, x) + at.LF_RATE] + q[parts_of_loan(p, x) + at.LF_DEFAULT_RATE]
            )
            happens(w, v, at.DEFAULTED, d)
            if p[of_loan(p, x) + at.LI_FORBEARS]:
                forbear(p, q, w, v, x, day)
        elif status == at.FORBORNE:
            keep_forbearing(p, q, w, v, x, d, day)
        elif status == at.DEFAULT:
            accelerate(p, q, w, v, x, d, day)


@inner
def forbear(p: Ints, q: Floats, w: Ints, v: Floats, x: int, day: int) -> None:
    """Let the lender wait, for a fee added to the loan."""
    w[my_loan(w, x) + at.WL_STATUS], w[my_loan(w, x) + at.WL_FORBORNE_ON] = at.FORBORNE, day
    fee = usd_cents(claim(p, w, x, day) / 100 * q[parts_of_loan(p, x) + at.LF_FEE])
    if fee:
        owe(p, q, w, v, at.INTEREST, fee)
        add_to_debt(w, v, x, fee)


@inner
def add_to_debt(w: Ints, v: Floats, x: int, cents: int) -> None:
    """Add owed interest to the loan."""
    w[at.PAYABLE] -= cents
    w[my_loan(w, x) + at.WL_DEBT] += cents
    w[at.IN_KIND] += cents


@inner
def keep_forbearing(p: Ints, q: Floats, w: Ints, v: Floats, x: int, d: int, day: int) -> None:
    """Add missed interest to the loan, sweep cash, and wait no longer than agreed."""
    left = False
    for k in range(w[at.N_DUE]):
        if missed(p, w, x, k, day):
            b = my_bill(w, k)
            if w[b + at.B_BILL] == at.INTEREST and p[of_loan(p, x) + at.LI_IN_KIND]:
                add_to_debt(w, v, x, w[b + at.B_CENTS])
                w[b + at.B_CENTS] = 0
            else:
                left = True
    if p[of_loan(p, x) + at.LI_IN_KIND]:
        forget_paid(w, v)
    spare = w[at.CASH] - p[at.P_MINIMUM]
    if p[of_day(p, d) + at.ENDS_MONTH] and spare > 0 and q[parts_of_loan(p, x) + at.LF_SWEEP] > 0:
        swept = min(int(spare * q[parts_of_loan(p, x) + at.LF_SWEEP]), w[my_loan(w, x) + at.WL_DEBT])
        if swept > 0:
            repay(w, v, x, swept)
    if day - w[my_loan(w, x) + at.WL_FORBORNE_ON] >= q[parts_of_loan(p, x) + at.LF_WAITS] and left:
        accelerate(p, q, w, v, x, d, day)


@inner
def accelerate(p: Ints, q: Floats, w: Ints, v: Floats, x: int, d: int, day: int) -> None:
    """Call the whole loan due."""
    happens(w, v, at.DEFAULTED, d)
    enforce(p, q, w, v, x, d, day)


@inner
def enforce(p: Ints, q: Floats, w: Ints, v: Floats, x: int, d: int, day: int) -> None:
    """Let the lender take what its recourse reaches: coins, the borrower's sites, or everything."""
    call_in(p, w, v, x, day)
    posted, owed = w[my_loan(w, x) + at.WL_POSTED], w[my_loan(w, x) + at.WL_DEBT]
    each = v[at.PRICE] * (1 - q[at.F_SALE_COST])
    if posted and owed:
        sat = min(int(owed / 100 / each * at.SAT) + 1, posted)
        got = int(sat * v[at.PRICE] * (1 - q[at.F_SALE_COST]) * 100 / at.SAT)
        got = min(got, owed)
        seize(w, v, x, sat, got)
        dispose(p, q, w, v, sat, got)
    if w[my_loan(w, x) + at.WL_POSTED]:
        release(w, v, x, w[my_loan(w, x) + at.WL_POSTED])
    owed, borrower = w[my_loan(w, x) + at.WL_DEBT], p[of_loan(p, x) + at.LI_BORROWER]
    stops = not p[of_loan(p, x) + at.LI_CONTINUES]
    if p[of_loan(p, x) + at.LI_RECOURSE] == at.FULL:
        owe_principal(p, q, w, v, x, owed, day)
        w[my_loan(w, x) + at.WL_STATUS] = at.ENFORCED
        if owed:
            happens(w, v, at.DEFAULTED, d)
    else:
        if w[my_loan(w, x) + at.WL_STATUS] != at.LET_GO:
            w[my_loan(w, x) + at.WL_STATUS] = at.ENFORCED
        w[my_loan(w, x) + at.WL_DEBT] = 0
        for k in range(w[at.N_DUE]):
            b = my_bill(w, k)
            mine = w[b + at.B_NAME] == p[of_loan(p, x) + at.LI_NAME] and (
                w[b + at.B_BILL] == at.INTEREST or w[b + at.B_BILL] == at.PRINCIPAL
            )
            site = w[b + at.B_SITE]
            its = site >= 0 and borrower >= 0 and p[of_site(p, site) + at.SI_BORROWER] == borrower
            if mine or (its and stops):
                forgive(w, v, k)
        forget_paid(w, v)
        happens(w, v, at.DEFAULTED, d)
    if not stops:
        return
    for s in range(p[at.P_SITES]):
        everything = p[of_loan(p, x) + at.LI_RECOURSE] == at.FULL and owed > 0
        if everything or (
            p[of_loan(p, x) + at.LI_RECOURSE] != at.FULL
            and borrower >= 0
            and p[of_site(p, s) + at.SI_BORROWER] == borrower
        ):
            w[my_site(w, s) + at.WS_DARK] = at.TAKEN
            if not everything:
                leave(w, s)


@inner
def leave(w: Ints, s: int) -> None:
    """Let power that is not billed yet and the deposit go with a site."""
    w[at.PAYABLE] -= w[my_site(w, s) + at.WS_UNBILLED]
    w[at.HELD] -= w[my_site(w, s) + at.WS_DEPOSIT]
    w[my_site(w, s) + at.WS_UNBILLED] = w[my_site(w, s) + at.WS_DEPOSIT] = 0
