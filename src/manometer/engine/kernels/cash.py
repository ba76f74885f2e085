"""Bills met in their order, and coins sold by rule or by need: `engine/cash.py` compiled."""

from __future__ import annotations

import numpy as np

from ...compiled import jit
from . import layout as at
from .layout import Plan, Work
from .loans import draw_lines
from .postings import forget_paid, happens, pay, raise_equity, sell_for

__all__ = ["cents_of", "follow_policy", "pay_bills", "raise_shares"]


@jit
def cents_of(sat: int, price: float, cost_frac: float) -> int:
    """Return what coins bring, in cents, rounded down."""
    return int(sat * price * (1 - cost_frac) * 100 / at.SAT)


@jit
def sat_for(cents: int, price: float, cost_frac: float) -> int:
    """Return the fewest coins that bring an amount."""
    sat = int(cents * at.SAT / (100 * price * (1 - cost_frac)))
    while cents_of(sat, price, cost_frac) < cents:
        sat += max(1, (cents - cents_of(sat, price, cost_frac)) * at.SAT // max(int(price * 100), 1))
    return sat


@jit
def sell(p: Plan, w: Work, wanted: int) -> int:
    """Sell free coins at the close; return how many."""
    sat = min(wanted, w.i[at.FREE])
    got = cents_of(sat, w.f[at.PRICE], p.part[at.F_SALE_COST])
    if sat <= 0 or got <= 0:
        return 0
    w.i[at.FREE] -= sat
    sell_for(w, sat, got)
    w.i[at.SOLD_TODAY] += sat
    if p.whole[at.P_TAXED]:
        use_lots(p, w, sat, got)
    return sat


@jit
def use_lots(p: Plan, w: Work, sat: int, got: int) -> None:
    """Take the cost of sold coins from the lots that the tax rule names."""
    left, cost = sat, 0.0
    while left > 0 and w.i[at.FIRST_LOT] < w.i[at.N_LOTS]:
        k = w.i[at.FIRST_LOT]
        if p.whole[at.P_LOTS] == 1:
            k = w.i[at.N_LOTS] - 1
        elif p.whole[at.P_LOTS] == 2:
            for j in range(w.i[at.FIRST_LOT] + 1, w.i[at.N_LOTS]):
                if w.lot_usd[j] > w.lot_usd[k]:
                    k = j
        used = min(left, w.lot_sat[k])
        cost += used * w.lot_usd[k] / at.SAT
        w.lot_sat[k] -= used
        left -= used
        if w.lot_sat[k] <= 0:
            if k == w.i[at.FIRST_LOT]:
                w.i[at.FIRST_LOT] += 1
            else:
                for j in range(k, w.i[at.N_LOTS] - 1):
                    w.lot_sat[j], w.lot_usd[j] = w.lot_sat[j + 1], w.lot_usd[j + 1]
                w.i[at.N_LOTS] -= 1
    if p.whole[at.P_ON_SALE]:
        w.f[at.GAINS] += got / 100 - cost


@jit
def follow_policy(p: Plan, w: Work, rule: int, mined_sat: int, day: int) -> None:
    """Sell what a rule wishes today, within what the board allows."""
    due, ahead, until = 0, 0, day + p.part[at.F_BUFFER]
    for k in range(w.i[at.N_DUE]):
        if w.bills[k, at.B_DUE] <= day:
            due += w.bills[k, at.B_CENTS]
        elif w.bills[k, at.B_DUE] <= until:
            ahead += w.bills[k, at.B_CENTS]
    free, mined = w.i[at.FREE] / at.SAT, mined_sat / at.SAT
    each = w.f[at.PRICE] * (1 - p.part[at.F_SALE_COST])
    short = due / 100 + p.whole[at.P_MINIMUM] / 100 - w.i[at.CASH] / 100
    if rule == at.CASH_BUFFER:
        short = short + ahead / 100
    wish = min(max(short, 0.0) / each, free)
    if rule == at.SELL_ALL:
        wish = max(min(mined, free), wish)
    elif rule == at.FIXED_SHARE:
        wish = max(min(p.part[at.F_SHARE] * mined, free), wish)
    elif rule == at.HOLD:
        wish = 0.0
    if p.whole[at.P_BOARD]:
        most = max(p.part[at.F_MOST_PER_DAY] - w.i[at.SOLD_TODAY] / at.SAT, 0.0)
        wish = min(min(wish, most), max(free - p.part[at.F_LEAST_HELD], 0.0))
    # Up to the next cent, so that a sale to cover covers.
    sat = min(int(np.ceil(wish * at.SAT)) + (1 if wish > 0 else 0), w.i[at.FREE])
    if p.whole[at.P_BOARD]:
        sat = min(sat, int(wish * at.SAT))
    sell(p, w, sat)


@jit
def raise_shares(p: Plan, w: Work, short: int) -> None:
    """Sell shares, within what the market takes in a day and the programme in all."""
    most = p.part[at.F_MOST_USD]
    if not p.whole[at.P_EQUITY] or p.whole[at.P_EQUITY_WHEN] == 0 or w.f[at.ISSUED] >= most:
        return
    each = 1.0 * w.f[at.SHARE] * (1 - p.part[at.F_DISCOUNT]) * (1 - p.part[at.F_FEE])
    if each <= 0:
        return
    shares = min(
        min(p.part[at.F_ROOM] - w.f[at.SHARES_TODAY], short / 100 / each), (most - w.f[at.ISSUED]) / each
    )
    got = int(shares * each * 100)
    if shares > 0 and got > 0:
        raise_equity(w, got)
        w.f[at.ISSUED] += got / 100
        w.f[at.NEW_SHARES] += shares
        w.f[at.SHARES_TODAY] += shares


@jit
def can_wait(p: Plan, b: np.ndarray, day: int) -> bool:  # type: ignore[type-arg]
    """Return whether a supplier waits longer."""
    return p.waits[b[at.B_BILL]] != 0 and day < b[at.B_DUE] + p.part[at.F_STRETCH]


@jit
def find_means(p: Plan, w: Work, b: np.ndarray, d: int, day: int) -> None:  # type: ignore[type-arg]
    """Go through the steps that are taken when cash does not meet a bill."""
    for step in p.steps:
        short = b[at.B_CENTS] - w.i[at.CASH]
        if short <= 0 or (step == at.STRETCH and can_wait(p, b, day)):
            return
        if step == at.SELL_COINS:
            w.i[at.FORCED] += sell(p, w, sat_for(short, w.f[at.PRICE], p.part[at.F_SALE_COST]))
        elif step == at.DRAW_LINES:
            draw_lines(p, w, short, d, day)
        elif step == at.SELL_SHARES:
            raise_shares(p, w, short)


@jit
def pay_bills(p: Plan, w: Work, d: int, day: int) -> None:
    """Pay what is due; what no step can pay stays overdue, and the first day of it is noted."""
    n = 0
    for k in range(w.i[at.N_DUE]):
        if w.bills[k, at.B_DUE] <= day:
            # Into its place by rank and day; equals stay in the order in which they were made.
            rank, j = p.rank[w.bills[k, at.B_BILL]], n
            while j > 0:
                o = w.order[j - 1]
                before = p.rank[w.bills[o, at.B_BILL]]
                if before < rank or (before == rank and w.bills[o, at.B_DUE] <= w.bills[k, at.B_DUE]):
                    break
                w.order[j] = o
                j -= 1
            w.order[j] = k
            n += 1
    for j in range(n):
        b = w.bills[w.order[j]]
        bill, name = b[at.B_BILL], b[at.B_NAME]
        if bill == at.POWER:
            used = min(b[at.B_CENTS], w.credits[name])
            w.credits[name] -= used
            w.i[at.PAYABLE] -= used
            b[at.B_CENTS] -= used
        used = min(b[at.B_CENTS], w.prepaid[bill, name])
        w.prepaid[bill, name] -= used
        w.i[at.PAYABLE] -= used
        b[at.B_CENTS] -= used
        if p.whole[at.P_HOME] and w.i[at.CASH] < b[at.B_CENTS]:
            raise_equity(w, b[at.B_CENTS] - w.i[at.CASH])
        if w.i[at.CASH] < b[at.B_CENTS]:
            find_means(p, w, b, d, day)
        if w.i[at.CASH] < b[at.B_CENTS] and can_wait(p, b, day):
            continue
        paid = min(b[at.B_CENTS], w.i[at.CASH])
        if paid > 0:
            pay(p, w, bill, paid)
            b[at.B_CENTS] -= paid
        if b[at.B_CENTS] > 0 and bill != at.GROWTH and bill != at.AI_CAPEX:
            happens(w, at.SHORTFALL, d)
    if n:
        forget_paid(w)
