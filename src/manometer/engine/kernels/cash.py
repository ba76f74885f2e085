"""Bills met in their order, and coins sold by rule or by need: `engine/cash.py` compiled."""

from __future__ import annotations

import numpy as np

from ...compiled import inner
from . import layout as at
from .layout import Plan, Work
from .loans import draw_lines
from .postings import forget_paid, happens, pay, raise_equity, sell_for
from .rows import my_bill, my_lot, my_name

__all__ = ["cents_of", "follow_policy", "pay_bills", "raise_shares"]


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
def sell(p: Plan, w: Work, wanted: int) -> int:
    """Sell free coins at the close; return how many."""
    sat = min(wanted, w.n[at.FREE])
    got = cents_of(sat, w.x[at.PRICE], p.x[at.F_SALE_COST])
    if sat <= 0 or got <= 0:
        return 0
    w.n[at.FREE] -= sat
    sell_for(w, sat, got)
    w.n[at.SOLD_TODAY] += sat
    if p.n[at.P_TAXED]:
        use_lots(p, w, sat, got)
    return sat


@inner
def use_lots(p: Plan, w: Work, sat: int, got: int) -> None:
    """Take the cost of sold coins from the lots that the tax rule names."""
    left, cost = sat, 0.0
    while left > 0 and w.n[at.FIRST_LOT] < w.n[at.N_LOTS]:
        k = w.n[at.FIRST_LOT]
        if p.n[at.P_LOTS] == 1:
            k = w.n[at.N_LOTS] - 1
        elif p.n[at.P_LOTS] == 2:
            for j in range(w.n[at.FIRST_LOT] + 1, w.n[at.N_LOTS]):
                if w.x[w.n[at.LOT_PRICES] + j] > w.x[w.n[at.LOT_PRICES] + k]:
                    k = j
        used = min(left, w.n[my_lot(w, k)])
        cost += used * w.x[w.n[at.LOT_PRICES] + k] / at.SAT
        w.n[my_lot(w, k)] -= used
        left -= used
        if w.n[my_lot(w, k)] <= 0:
            if k == w.n[at.FIRST_LOT]:
                w.n[at.FIRST_LOT] += 1
            else:
                for j in range(k, w.n[at.N_LOTS] - 1):
                    w.n[my_lot(w, j)], w.x[w.n[at.LOT_PRICES] + j] = (
                        w.n[my_lot(w, j + 1)],
                        w.x[w.n[at.LOT_PRICES] + j + 1],
                    )
                w.n[at.N_LOTS] -= 1
    if p.n[at.P_ON_SALE]:
        w.x[at.GAINS] += got / 100 - cost


@inner
def follow_policy(p: Plan, w: Work, rule: int, mined_sat: int, day: int) -> None:
    """Sell what a rule wishes today, within what the board allows."""
    due, ahead, until = 0, 0, day + p.x[at.F_BUFFER]
    for k in range(w.n[at.N_DUE]):
        if w.n[my_bill(w, k) + at.B_DUE] <= day:
            due += w.n[my_bill(w, k) + at.B_CENTS]
        elif w.n[my_bill(w, k) + at.B_DUE] <= until:
            ahead += w.n[my_bill(w, k) + at.B_CENTS]
    free, mined = w.n[at.FREE] / at.SAT, mined_sat / at.SAT
    each = w.x[at.PRICE] * (1 - p.x[at.F_SALE_COST])
    short = due / 100 + p.n[at.P_MINIMUM] / 100 - w.n[at.CASH] / 100
    if rule == at.CASH_BUFFER:
        short = short + ahead / 100
    wish = min(max(short, 0.0) / each, free)
    if rule == at.SELL_ALL:
        wish = max(min(mined, free), wish)
    elif rule == at.FIXED_SHARE:
        wish = max(min(p.x[at.F_SHARE] * mined, free), wish)
    elif rule == at.HOLD:
        wish = 0.0
    if p.n[at.P_BOARD]:
        most = max(p.x[at.F_MOST_PER_DAY] - w.n[at.SOLD_TODAY] / at.SAT, 0.0)
        wish = min(min(wish, most), max(free - p.x[at.F_LEAST_HELD], 0.0))
    # Up to the next cent, so that a sale to cover covers.
    sat = min(int(np.ceil(wish * at.SAT)) + (1 if wish > 0 else 0), w.n[at.FREE])
    if p.n[at.P_BOARD]:
        sat = min(sat, int(wish * at.SAT))
    sell(p, w, sat)


@inner
def raise_shares(p: Plan, w: Work, short: int) -> None:
    """Sell shares, within what the market takes in a day and the programme in all."""
    most = p.x[at.F_MOST_USD]
    if not p.n[at.P_EQUITY] or p.n[at.P_EQUITY_WHEN] == 0 or w.x[at.ISSUED] >= most:
        return
    each = 1.0 * w.x[at.SHARE] * (1 - p.x[at.F_DISCOUNT]) * (1 - p.x[at.F_FEE])
    if each <= 0:
        return
    shares = min(
        min(p.x[at.F_ROOM] - w.x[at.SHARES_TODAY], short / 100 / each), (most - w.x[at.ISSUED]) / each
    )
    got = int(shares * each * 100)
    if shares > 0 and got > 0:
        raise_equity(w, got)
        w.x[at.ISSUED] += got / 100
        w.x[at.NEW_SHARES] += shares
        w.x[at.SHARES_TODAY] += shares


@inner
def can_wait(p: Plan, w: Work, b: int, day: int) -> bool:
    """Return whether a supplier waits longer."""
    return p.n[at.WAITS + w.n[b + at.B_BILL]] != 0 and day < w.n[b + at.B_DUE] + p.x[at.F_STRETCH]


@inner
def find_means(p: Plan, w: Work, b: int, d: int, day: int) -> None:
    """Go through the steps that are taken when cash does not meet a bill."""
    for k in range(at.N_STEPS):
        step = p.n[at.STEPS + k]
        short = w.n[b + at.B_CENTS] - w.n[at.CASH]
        if short <= 0 or (step == at.STRETCH and can_wait(p, w, b, day)):
            return
        if step == at.SELL_COINS:
            w.n[at.FORCED] += sell(p, w, sat_for(short, w.x[at.PRICE], p.x[at.F_SALE_COST]))
        elif step == at.DRAW_LINES:
            draw_lines(p, w, short, d, day)
        elif step == at.SELL_SHARES:
            raise_shares(p, w, short)


@inner
def pay_bills(p: Plan, w: Work, d: int, day: int) -> None:
    """Pay what is due; what no step can pay stays overdue, and the first day of it is noted."""
    n = 0
    for k in range(w.n[at.N_DUE]):
        if w.n[my_bill(w, k) + at.B_DUE] <= day:
            # Into its place by rank and day; equals stay in the order in which they were made.
            rank, j = p.n[at.RANK + w.n[my_bill(w, k) + at.B_BILL]], n
            while j > 0:
                o = w.n[w.n[at.ORDER] + j - 1]
                before = p.n[at.RANK + w.n[my_bill(w, o) + at.B_BILL]]
                if before < rank or (
                    before == rank and w.n[my_bill(w, o) + at.B_DUE] <= w.n[my_bill(w, k) + at.B_DUE]
                ):
                    break
                w.n[w.n[at.ORDER] + j] = o
                j -= 1
            w.n[w.n[at.ORDER] + j] = k
            n += 1
    for j in range(n):
        b = my_bill(w, w.n[w.n[at.ORDER] + j])
        bill, name = w.n[b + at.B_BILL], w.n[b + at.B_NAME]
        if bill == at.POWER:
            used = min(w.n[b + at.B_CENTS], w.n[my_name(w, name) + at.CREDIT])
            w.n[my_name(w, name) + at.CREDIT] -= used
            w.n[at.PAYABLE] -= used
            w.n[b + at.B_CENTS] -= used
        used = min(w.n[b + at.B_CENTS], w.n[my_name(w, name) + bill])
        w.n[my_name(w, name) + bill] -= used
        w.n[at.PAYABLE] -= used
        w.n[b + at.B_CENTS] -= used
        if p.n[at.P_HOME] and w.n[at.CASH] < w.n[b + at.B_CENTS]:
            raise_equity(w, w.n[b + at.B_CENTS] - w.n[at.CASH])
        if w.n[at.CASH] < w.n[b + at.B_CENTS]:
            find_means(p, w, b, d, day)
        if w.n[at.CASH] < w.n[b + at.B_CENTS] and can_wait(p, w, b, day):
            continue
        paid = min(w.n[b + at.B_CENTS], w.n[at.CASH])
        if paid > 0:
            pay(p, w, bill, paid)
            w.n[b + at.B_CENTS] -= paid
        if w.n[b + at.B_CENTS] > 0 and bill != at.GROWTH and bill != at.AI_CAPEX:
            happens(w, at.SHORTFALL, d)
    if n:
        forget_paid(w)
