"""Bills met in their order, and coins sold by rule or by need: `engine/cash.py` compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import folded, inner
from . import layout as at
from .loans import draw_lines
from .lots import dispose
from .postings import forget_paid, happens, pay, raise_equity, sell_for
from .rows import my_bill, my_day, my_loan, my_name, of_loan

__all__ = ["cents_of", "follow_policy", "pay_bills", "raise_shares"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_LATELY_DAYS = 30


@inner
def cents_of(sat: int, price: float, cost_frac: float) -> int:
    """Return what coins bring, in cents, rounded down."""
    return int(sat * price * (1 - cost_frac) * 100 / at.SAT)


@inner
def sat_for(cents: int, price: float, cost_frac: float) -> int:
    """Return the fewest coins that bring an amount."""
    sat = int(cents * at.SAT / (100 * price * (1 - cost_frac)))
    while cents_of(sat, price, cost_frac) < cents:
        sat += max(1, (cents - cents_of(sat, price, cost_frac)) * at.SAT // max(int(price * 100), 1))
    return sat


@inner
def sell(p: Ints, q: Floats, w: Ints, v: Floats, wanted: int) -> int:
    """Sell free coins at the close; return how many."""
    sat = min(wanted, w[at.FREE])
    got = cents_of(sat, v[at.PRICE], q[at.F_SALE_COST])
    if sat <= 0 or got <= 0:
        return 0
    w[at.FREE] -= sat
    sell_for(w, v, sat, got)
    w[at.SOLD_TODAY] += sat
    dispose(p, q, w, v, sat, got)
    return sat


@inner
def follow_policy(
    p: Ints, q: Floats, w: Ints, v: Floats, rule: int, mined_sat: int, d: int, day: int
) -> None:
    """Sell what a rule wishes today, within what the board allows."""
    if w[at.FREE] == 0:
        return
    due, ahead, until = 0, 0, day + q[at.F_BUFFER]
    for k in range(w[at.N_DUE] if w[at.NEXT_DUE] <= day or rule == at.CASH_BUFFER else 0):
        b = my_bill(w, k)
        if w[b + at.B_DUE] <= day:
            due += in_cash(w, b)
        elif rule == at.CASH_BUFFER and w[b + at.B_DUE] <= until:
            ahead += in_cash(w, b)
    if rule == at.CASH_BUFFER and d > 0:
        # Bills not made yet will be what they have been of late.
        n, late = min(_LATELY_DAYS, d), 0
        for k in range(d - n, d):
            late += w[my_day(w, k) + 1]
        ahead = max(ahead, int(np.rint(q[at.F_BUFFER] * late / n)))
    free, mined = w[at.FREE] / at.SAT, mined_sat / at.SAT
    each = v[at.PRICE] * (1 - q[at.F_SALE_COST])
    short = due / 100 + p[at.P_MINIMUM] / 100 - w[at.CASH] / 100
    if rule == at.CASH_BUFFER:
        short = short + ahead / 100
    wish = min(max(short, 0.0) / each, free)
    if rule == at.SELL_ALL:
        wish = max(min(mined, free), wish)
    elif rule == at.FIXED_SHARE:
        wish = max(min(q[at.F_SHARE] * mined, free), wish)
    elif rule == at.HOLD:
        wish = 0.0
    if p[at.P_BOARD]:
        most = max(q[at.F_MOST_PER_DAY] - w[at.SOLD_TODAY] / at.SAT, 0.0)
        wish = min(min(wish, most), max(free - q[at.F_LEAST_HELD], 0.0))
    # Up to the next cent, so that a sale to cover covers.
    sat = min(int(np.ceil(wish * at.SAT)) + (1 if wish > 0 else 0), w[at.FREE])
    if p[at.P_BOARD]:
        sat = min(sat, int(wish * at.SAT))
    sell(p, q, w, v, sat)


@inner
def in_cash(w: Ints, b: int) -> int:
    """Return what credits and prepayments leave of a bill to pay in cash."""
    name, bill = my_name(w, w[b + at.B_NAME]), w[b + at.B_BILL]
    paid = w[name + bill] + (w[name + at.CREDIT] if bill == at.POWER else 0)
    return max(w[b + at.B_CENTS] - paid, 0)


@inner
def raise_shares(p: Ints, q: Floats, w: Ints, v: Floats, short: int) -> None:
    """Sell shares, within what the market takes in a day and the programme in all."""
    most = q[at.F_MOST_USD]
    if not p[at.P_EQUITY] or p[at.P_EQUITY_WHEN] == 0 or v[at.ISSUED] >= most:
        return
    each = 1.0 * v[at.SHARE] * (1 - q[at.F_DISCOUNT]) * (1 - q[at.F_FEE])
    if each <= 0:
        return
    shares = min(min(q[at.F_ROOM] - v[at.SHARES_TODAY], short / 100 / each), (most - v[at.ISSUED]) / each)
    got = int(shares * each * 100)
    if shares > 0 and got > 0:
        raise_equity(w, v, got)
        v[at.ISSUED] += got / 100
        v[at.NEW_SHARES] += shares
        v[at.SHARES_TODAY] += shares


@inner
def can_wait(p: Ints, q: Floats, w: Ints, v: Floats, b: int, day: int) -> bool:
    """Return whether a supplier waits longer."""
    return p[at.WAITS + w[b + at.B_BILL]] != 0 and day < w[b + at.B_DUE] + q[at.F_STRETCH]


@inner
def find_means(p: Ints, q: Floats, w: Ints, v: Floats, b: int, d: int, day: int) -> None:
    """Go through the steps that are taken when cash does not meet a bill."""
    for k in range(at.N_STEPS):
        step = p[at.STEPS + k]
        short = w[b + at.B_CENTS] - w[at.CASH]
        if short <= 0 or (step == at.STRETCH and can_wait(p, q, w, v, b, day)):
            return
        if step == at.SELL_COINS and w[at.FREE] > 0:
            w[at.FORCED] += sell(p, q, w, v, sat_for(short, v[at.PRICE], q[at.F_SALE_COST]))
        elif step == at.DRAW_LINES:
            draw_lines(p, q, w, v, short, d, day)
        elif step == at.SELL_SHARES:
            raise_shares(p, q, w, v, short)


@inner
def put_in_order(p: Ints, w: Ints, day: int) -> int:
    """Order what is due by rank and day, equals as they were made; return how many there are."""
    for r in range(at.N_BILLS):
        w[at.OF_RANK + r] = 0
    for k in range(w[at.N_DUE]):
        if w[my_bill(w, k) + at.B_DUE] <= day:
            w[at.OF_RANK + p[at.RANK + w[my_bill(w, k) + at.B_BILL]]] += 1
    n = 0
    for rank in range(at.N_BILLS):
        first, left = n, w[at.OF_RANK + rank]
        for k in range(w[at.N_DUE] if left else 0):
            due = w[my_bill(w, k) + at.B_DUE]
            if due <= day and p[at.RANK + w[my_bill(w, k) + at.B_BILL]] == rank:
                j = n
                while j > first and w[my_bill(w, w[w[at.ORDER] + j - 1]) + at.B_DUE] > due:
                    w[w[at.ORDER] + j] = w[w[at.ORDER] + j - 1]
                    j -= 1
                w[w[at.ORDER] + j] = k
                n += 1
    return n


@inner
def settle_ahead(w: Ints, b: int, cents: int) -> None:
    """Settle a part of a bill from what was paid ahead, or from credits."""
    w[at.PAID_AHEAD] -= cents
    w[at.PAYABLE] -= cents
    w[b + at.B_CENTS] -= cents


@inner
def see_runway(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Note the first day on which cash, free coins at their haircut and what the file grants fall short."""
    if w[w[at.FIRST] + at.RUNWAY] >= 0 or p[at.P_HOME]:
        return
    due = 0
    for k in range(w[at.N_DUE]):
        b = my_bill(w, k)
        bill = w[b + at.B_BILL]
        if w[b + at.B_DUE] <= day and bill != at.GROWTH and bill != at.AI_CAPEX:
            due += 0 if can_wait(p, q, w, v, b, day) else in_cash(w, b)
    coins = w[at.FREE] / at.SAT * v[at.PRICE] * (1 - q[at.F_HAIRCUT])
    if due and due / 100 > w[at.CASH] / 100 + coins + granted_usd(p, q, w, v, d):
        happens(w, v, at.RUNWAY, d)


@inner
def granted_usd(p: Ints, q: Floats, w: Ints, v: Floats, d: int) -> float:
    """Return what lines and the share programme of the file could bring today [USD]."""
    lines = 0
    for x in range(p[at.P_LOANS]):
        loan, mine = of_loan(p, x), my_loan(w, x)
        usable = w[mine + at.WL_OPEN] and w[mine + at.WL_STATUS] == at.CURRENT
        if p[loan + at.LI_LIMIT] >= 0 and usable and p[loan + at.LI_MATURES] > d:
            lines += max(p[loan + at.LI_LIMIT] - w[mine + at.WL_DEBT], 0)
    if not p[at.P_EQUITY] or p[at.P_EQUITY_WHEN] == 0:
        return lines / 100
    each = v[at.SHARE] * (1 - q[at.F_DISCOUNT]) * (1 - q[at.F_FEE])
    return lines / 100 + min(q[at.F_ROOM] * each, max(q[at.F_MOST_USD] - v[at.ISSUED], 0.0))


@folded
def pay_bills(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Pay what is due; what no step can pay stays overdue, and the first day of it is noted."""
    if w[at.NEXT_DUE] > day:
        return
    see_runway(p, q, w, v, d, day)
    penniless = w[at.CASH] == 0 and w[at.FREE] == 0 and w[at.PAID_AHEAD] == 0 and not p[at.P_HELP]
    if penniless and w[w[at.FIRST] + at.SHORTFALL] >= 0:
        return
    n = put_in_order(p, w, day)
    for j in range(n):
        b = my_bill(w, w[w[at.ORDER] + j])
        bill, name = w[b + at.B_BILL], w[b + at.B_NAME]
        if bill == at.POWER:
            used = min(w[b + at.B_CENTS], w[my_name(w, name) + at.CREDIT])
            w[my_name(w, name) + at.CREDIT] -= used
            settle_ahead(w, b, used)
        used = min(w[b + at.B_CENTS], w[my_name(w, name) + bill])
        w[my_name(w, name) + bill] -= used
        settle_ahead(w, b, used)
        if p[at.P_HOME] and w[at.CASH] < w[b + at.B_CENTS]:
            raise_equity(w, v, w[b + at.B_CENTS] - w[at.CASH])
        if w[at.CASH] < w[b + at.B_CENTS]:
            find_means(p, q, w, v, b, d, day)
        if w[at.CASH] < w[b + at.B_CENTS] and can_wait(p, q, w, v, b, day):
            continue
        paid = min(w[b + at.B_CENTS], w[at.CASH])
        if paid > 0:
            pay(p, q, w, v, bill, paid)
            w[b + at.B_CENTS] -= paid
        if w[b + at.B_CENTS] > 0 and bill != at.GROWTH and bill != at.AI_CAPEX:
            happens(w, v, at.SHORTFALL, d)
    if n:
        forget_paid(w, v)
