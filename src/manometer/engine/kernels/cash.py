"""Bills met in their order, and coins sold by rule or by need: `engine/cash.py` compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import inner
from . import layout as at
from .loans import draw_lines
from .postings import forget_paid, happens, pay, raise_equity, sell_for
from .rows import my_bill, my_lot, my_name

__all__ = ["cents_of", "follow_policy", "pay_bills", "raise_shares"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
    if p[at.P_TAXED]:
        use_lots(p, q, w, v, sat, got)
    return sat


@inner
def use_lots(p: Ints, q: Floats, w: Ints, v: Floats, sat: int, got: int) -> None:
    """Take the cost of sold coins from the lots that the tax rule names."""
    left, cost = sat, 0.0
    while left > 0 and w[at.FIRST_LOT] < w[at.N_LOTS]:
        k = w[at.FIRST_LOT]
        if p[at.P_LOTS] == 1:
            k = w[at.N_LOTS] - 1
        elif p[at.P_LOTS] == 2:
            for j in range(w[at.FIRST_LOT] + 1, w[at.N_LOTS]):
                if v[w[at.LOT_PRICES] + j] > v[w[at.LOT_PRICES] + k]:
                    k = j
        used = min(left, w[my_lot(w, k)])
        cost += used * v[w[at.LOT_PRICES] + k] / at.SAT
        w[my_lot(w, k)] -= used
        left -= used
        if w[my_lot(w, k)] <= 0:
            if k == w[at.FIRST_LOT]:
                w[at.FIRST_LOT] += 1
            else:
                for j in range(k, w[at.N_LOTS] - 1):
                    w[my_lot(w, j)], v[w[at.LOT_PRICES] + j] = (
                        w[my_lot(w, j + 1)],
                        v[w[at.LOT_PRICES] + j + 1],
                    )
                w[at.N_LOTS] -= 1
    if p[at.P_ON_SALE]:
        v[at.GAINS] += got / 100 - cost


@inner
def follow_policy(p: Ints, q: Floats, w: Ints, v: Floats, rule: int, mined_sat: int, day: int) -> None:
    """Sell what a rule wishes today, within what the board allows."""
    due, ahead, until = 0, 0, day + q[at.F_BUFFER]
    for k in range(w[at.N_DUE]):
        if w[my_bill(w, k) + at.B_DUE] <= day:
            due += w[my_bill(w, k) + at.B_CENTS]
        elif w[my_bill(w, k) + at.B_DUE] <= until:
            ahead += w[my_bill(w, k) + at.B_CENTS]
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
        if step == at.SELL_COINS:
            w[at.FORCED] += sell(p, q, w, v, sat_for(short, v[at.PRICE], q[at.F_SALE_COST]))
        elif step == at.DRAW_LINES:
            draw_lines(p, q, w, v, short, d, day)
        elif step == at.SELL_SHARES:
            raise_shares(p, q, w, v, short)


@inner
def pay_bills(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Pay what is due; what no step can pay stays overdue, and the first day of it is noted."""
    n = 0
    for k in range(w[at.N_DUE]):
        if w[my_bill(w, k) + at.B_DUE] <= day:
            # Into its place by rank and day; equals stay in the order in which they were made.
            rank, j = p[at.RANK + w[my_bill(w, k) + at.B_BILL]], n
            while j > 0:
                o = w[w[at.ORDER] + j - 1]
                before = p[at.RANK + w[my_bill(w, o) + at.B_BILL]]
                if before < rank or (
                    before == rank and w[my_bill(w, o) + at.B_DUE] <= w[my_bill(w, k) + at.B_DUE]
                ):
                    break
                w[w[at.ORDER] + j] = o
                j -= 1
            w[w[at.ORDER] + j] = k
            n += 1
    for j in range(n):
        b = my_bill(w, w[w[at.ORDER] + j])
        bill, name = w[b + at.B_BILL], w[b + at.B_NAME]
        if bill == at.POWER:
            used = min(w[b + at.B_CENTS], w[my_name(w, name) + at.CREDIT])
            w[my_name(w, name) + at.CREDIT] -= used
            w[at.PAYABLE] -= used
            w[b + at.B_CENTS] -= used
        used = min(w[b + at.B_CENTS], w[my_name(w, name) + bill])
        w[my_name(w, name) + bill] -= used
        w[at.PAYABLE] -= used
        w[b + at.B_CENTS] -= used
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
