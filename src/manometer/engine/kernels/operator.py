"""One operator along one path, day by day: `engine/run.py` compiled, equal to it to the cent and satoshi."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import folded, inner
from . import layout as at
from .bills import charge_site, pay_ahead
from .cash import follow_policy, pay_bills, raise_shares
from .loans import add_to_debt, draw, fall_due, margin_test, open_loan, progress
from .lots import dispose
from .plant import add_up, plant
from .postings import borrow, collect, distribute, earn, happens, owe, owe_now, pay_in_coin, usd_cents
from .promises import hedge_day, keep_promises, note_figures, open_hedges, tax_day, total_debt
from .rows import (
    my_bill,
    my_flows,
    my_loan,
    my_loan_parts,
    my_lot,
    my_month,
    my_queue,
    my_site,
    my_site_parts,
    of_day,
    of_delivery,
    of_draw,
    of_event,
    of_loan,
    of_site,
    parts_of_loan,
    parts_of_site,
)

__all__ = ["run_path"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@inner
def run_path(
    p: Ints,
    q: Floats,
    w: Ints,
    v: Floats,
    price: Floats,
    low: Floats,
    share: Floats,
    hashprice: Floats,
    hashvalue: Floats,
    block_btc: Floats,
    factor: Floats,
    sale_cents: Ints,
    n_days: int,
) -> None:
    """Carry the operator along a path; arrays (days,), `sale_cents` (sales,) what sold machines bring."""
    clear(p, q, w, v)
    plant(p, q, w, v, hashprice, factor)
    v[at.PRICE], v[at.LOW], v[at.SHARE] = price[0], low[0], share[0]
    begin(p, q, w, v, price[0])
    opening_cash, opening_coins = w[at.CASH], w[at.OWNED]
    w[at.CASH_BEFORE] = opening_cash
    for d in range(n_days):
        day = p[at.P_DAY_ONE] + d
        v[at.PRICE], v[at.LOW], v[at.SHARE] = price[d], low[d], share[d]
        begin_day(w, v)
        if d == 0:
            open_hedges(p, q, w, v, d, day)
        mined = 0
        for s in range(p[at.P_SITES]):
            sat = mine(p, q, w, v, s, hashvalue[d], block_btc[d], d)
            mined += sat
            charge_site(p, q, w, v, s, sat / at.SAT * price[d], d, day)
        owe_now(
            p,
            q,
            w,
            v,
            at.OVERHEADS,
            p[at.P_COMPANY],
            p[of_day(p, d) + at.OVERHEAD_CENTS],
            day + p[of_day(p, d) + at.OVERHEAD_WAIT],
            -1,
        )
        happen(p, q, w, v, at.NEXT_ORDER, p[at.P_ORDERS], d, day)
        sell_machines(p, q, w, v, sale_cents, d)
        happen(p, q, w, v, at.NEXT_BUILD, p[at.P_EVENTS], d, day)
        if d > 0:
            open_hedges(p, q, w, v, d, day)
        hedge_day(p, q, w, v, hashprice[d], d, day)
        fall_due(p, q, w, v, d, day)
        receive(p, q, w, v, d, day)
        settle_day(p, q, w, v, mined, d, day)
        end_day(p, q, w, v, mined, d)
        if p[of_day(p, d) + at.ENDS_MONTH] or d == n_days - 1:
            end_of_month(p, q, w, v, d)
            attribute_sales(w, v)
            check(p, q, w, v, opening_cash, opening_coins)


@folded
def settle_day(p: Ints, q: Floats, w: Ints, v: Floats, mined: int, d: int, day: int) -> None:
    """Pay, test margins, follow the policy, and see what is left undone."""
    home, rule = p[at.P_HOME] != 0, p[at.P_POLICY]
    if rule != at.HOLD and not home:
        follow_policy(p, q, w, v, at.SELL_TO_COVER, 0, d, day)
    pay_bills(p, q, w, v, d, day)
    for s in range(p[at.P_SITES]):
        pay_ahead(p, q, w, v, s, d)
    margin_test(p, q, w, v, d, day)
    if not home:
        follow_policy(p, q, w, v, rule, mined, d, day)
    if p[at.P_EQUITY] and p[at.P_EQUITY_WHEN] == 2:
        raise_shares(p, q, w, v, 10**15)
    if p[at.P_DIVIDEND] and p[of_day(p, d) + at.ENDS_QUARTER]:
        pay_dividend(p, q, w, v, day)
    progress(p, q, w, v, d, day)
    go_dark(p, q, w, v, d, day)
    note_figures(p, q, w, v, mined, d)
    tax_day(p, q, w, v, d, day)
    keep_promises(p, q, w, v, d, day)
    deliver(p, q, w, v, d, day)


@inner
def clear(p: Ints, q: Floats, w: Ints, v: Floats) -> None:
    """Begin with nothing, in all that a path does not write before it reads."""
    for k in range(at.N_HEADER, w[at.BILLS]):
        w[k] = 0
    for k in range(w[at.LOT_PRICES]):
        v[k] = 0.0
    for k in range(p[at.P_FIRSTS]):
        w[w[at.FIRST] + k] = -1
    w[at.NEXT_BUILD], w[at.NEXT_DUE] = p[at.P_ORDERS], at.NEVER


@inner
def begin(p: Ints, q: Floats, w: Ints, v: Floats, price: float) -> None:
    """Lay out the opening treasury and debts, as they stand on the eve of the first day."""
    w[at.CASH], free = p[at.P_CASH], p[at.P_FREE]
    w[at.RECEIVABLE], w[at.LENT] = p[at.P_RECEIVABLE], p[at.P_LENT]
    w[at.WRITTEN], w[at.REDEEMABLE] = p[at.P_WRITTEN], p[at.P_REDEEMABLE]
    owned = free + w[at.RECEIVABLE] + w[at.LENT] + w[at.WRITTEN] + w[at.REDEEMABLE]
    for x in range(p[at.P_LOANS]):
        w[my_loan(w, x) + at.WL_CALL_BY] = -1
        posted, amount = p[of_loan(p, x) + at.LI_POSTED], p[of_loan(p, x) + at.LI_AMOUNT]
        if posted < 0:
            posted = int(
                np.ceil(
                    q[parts_of_loan(p, x) + at.LF_AMOUNT]
                    / (price * q[parts_of_loan(p, x) + at.LF_OPENING])
                    * at.SAT
                )
            )
            free -= posted
            if free < 0:
                w[at.WRONG] = at.NO_COLLATERAL
        else:
            owned += posted
        w[my_loan(w, x) + at.WL_POSTED] = posted
        if p[of_loan(p, x) + at.LI_DRAWN] < 0 and not p[of_loan(p, x) + at.LI_AI]:
            w[my_loan(w, x) + at.WL_DEBT] = amount
        if not p[of_loan(p, x) + at.LI_AI]:
            open_loan(p, q, w, v, x, 0)
    w[at.FREE], w[at.OWNED] = free, owned
    if p[at.P_TAXED]:
        lots = owned - w[at.RECEIVABLE]
        if lots:
            w[my_lot(w, 0)], v[w[at.LOT_PRICES] + 0], w[at.N_LOTS] = lots, q[at.F_BASIS], 1
            if q[at.F_BASIS] <= 0:
                v[w[at.LOT_PRICES] + 0] = price
    for s in range(p[at.P_SITES]):
        w[my_site(w, s) + at.WS_DEPOSIT] = p[of_site(p, s) + at.SI_DEPOSIT]
        w[at.HELD] += p[of_site(p, s) + at.SI_DEPOSIT]
        w[my_site(w, s) + at.WS_YEAR], v[my_site_parts(w, s) + at.WF_CHARGED] = (
            p[of_day(p, 0) + at.YEAR],
            q[parts_of_site(p, s) + at.SF_CHARGED],
        )
    if w[at.RECEIVABLE]:
        w[my_queue(w, 0, 0) + 0], w[my_queue(w, 0, 0) + 1] = p[at.P_DAY_ONE], w[at.RECEIVABLE]
        w[my_site(w, 0) + at.WS_QUEUE_TO] = 1


@folded
def begin_day(w: Ints, v: Floats) -> None:
    """Forget yesterday's sums."""
    for k in (at.SOLD_TODAY, at.SPENT_TODAY, at.OWN_TODAY, at.GROWTH_TODAY, at.RUNNING_TODAY,
              at.SERVICE_TODAY, at.INTEREST_TODAY):  # fmt: skip
        w[k] = 0
    v[at.SHARES_TODAY] = 0.0


@folded
def mine(p: Ints, q: Floats, w: Ints, v: Floats, s: int, hashvalue: float, block_btc: float, d: int) -> int:
    """Credit a day's coins, rounded down; the rest is carried."""
    keep = q[parts_of_site(p, s) + at.SF_KEEP]
    phs = 0.0 if w[my_site(w, s) + at.WS_DARK] else v[my_flows(w, s, d) + at.PHS]
    due = phs * hashvalue * keep + v[my_site_parts(w, s) + at.WF_CARRY]
    sat = int(due * at.SAT)
    if p[of_site(p, s) + at.SI_SOLO]:
        sat = int(block_btc * keep * at.SAT) * int(due / block_btc)
    if sat:
        w[at.RECEIVABLE] += sat
        w[at.OWNED] += sat
        w[at.COINS + at.C_MINED] += sat
        if p[at.P_TAXED]:
            # What was not taxed when it came has no cost when it goes.
            w[my_lot(w, w[at.N_LOTS])] = sat
            v[w[at.LOT_PRICES] + w[at.N_LOTS]] = v[at.PRICE] if p[at.P_ON_RECEIPT] else 0.0
            w[at.N_LOTS] += 1
    v[my_site_parts(w, s) + at.WF_CARRY] = due - sat / at.SAT
    w[my_site(w, s) + at.WS_FRESH] = sat
    return sat


@inner
def happen(p: Ints, q: Floats, w: Ints, v: Floats, pointer: int, end: int, d: int, day: int) -> None:
    """Let today's planned events happen: instalments, capital, rent."""
    while w[pointer] < end and p[of_event(p, w[pointer]) + at.E_DAY] == d:
        e = of_event(p, w[pointer])
        w[pointer] += 1
        does, name, cents = p[e + at.E_DOES], p[e + at.E_NAME], p[e + at.E_CENTS]
        if does == at.OWES:
            owe_now(p, q, w, v, p[e + at.E_BILL], name, cents, day + p[e + at.E_MORE], -1)
        elif does == at.BORROWS:
            borrow_for_a_build(p, q, w, v, name, cents)
        elif does == at.STARTS:
            start_service(p, q, w, v, name, d)
        else:
            earn(w, v, at.G_AI, cents)
            collect(w, v, cents)
            owe_now(p, q, w, v, at.AI_RUNNING, name, p[e + at.E_MORE], day, -1)


@inner
def borrow_for_a_build(p: Ints, q: Floats, w: Ints, v: Floats, x: int, cents: int) -> None:
    """Draw a day's part of a building's loan, which bears interest from then on."""
    if not w[my_loan(w, x) + at.WL_OPEN]:
        w[my_loan(w, x) + at.WL_OPEN] = 1
        v[my_loan_parts(w, x) + at.WLF_RATE] = q[parts_of_loan(p, x) + at.LF_RATE]
    borrow(w, v, x, cents)


@inner
def start_service(p: Ints, q: Floats, w: Ints, v: Floats, x: int, d: int) -> None:
    """Add the interest of the years of building to the loan, and set its equal payments."""
    accrued = my_loan_parts(w, x) + at.WLF_ACCRUED
    interest = usd_cents(v[accrued])
    v[accrued] = 0.0
    if interest:
        owe(p, q, w, v, at.INTEREST, interest)
        add_to_debt(w, v, x, interest)
    open_loan(p, q, w, v, x, d)


@folded
def sell_machines(p: Ints, q: Floats, w: Ints, v: Floats, sale_cents: Ints, d: int) -> None:
    """Sell the machines whose day it is."""
    while w[at.NEXT_SALE] < p[at.P_SALES] and p[p[at.SALES] + w[at.NEXT_SALE]] == d:
        got = sale_cents[w[at.NEXT_SALE]]
        w[at.NEXT_SALE] += 1
        w[at.CASH] += got
        w[at.TERMS + at.T_RECEIPTS] += got
        w[at.SOURCES + at.S_ASSETS] += got
        w[at.GROWTH_TODAY] -= got
        if p[at.P_TAXED]:
            v[at.INCOME] += got / 100


@folded
def receive(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Take what is drawn today, payouts, interest on lent coins; hand people their coins."""
    for x in range(p[at.P_LOANS]):
        if p[of_loan(p, x) + at.LI_DRAWN] == d and p[of_loan(p, x) + at.LI_AMOUNT]:
            draw(p, q, w, v, x, p[of_loan(p, x) + at.LI_AMOUNT], day)
            open_loan(p, q, w, v, x, d)
        for k in range(p[at.P_DRAWS]):
            if (
                p[of_draw(p, k) + 0] == d
                and p[of_draw(p, k) + 1] == x
                and w[my_loan(w, x) + at.WL_STATUS] == at.CURRENT
            ):
                draw(p, q, w, v, x, p[of_draw(p, k) + 2], day)
                open_loan(p, q, w, v, x, d)
    for s in range(p[at.P_SITES]):
        pay_out(p, q, w, v, s, day)
    if q[at.F_LENT_RATE] > 0 and w[at.LENT]:
        v[at.LENT_COINS] += w[at.LENT] * q[at.F_LENT_RATE] / 365
        sat = int(v[at.LENT_COINS])
        if sat:
            w[at.FREE] += sat
            w[at.OWNED] += sat
            w[at.COINS + at.C_RECEIVED] += sat
            v[at.LENT_COINS] -= sat
    if q[at.F_COIN_PAY] > 0:
        pay_people_in_coin(p, q, w, v, d)


@folded
def pay_out(p: Ints, q: Floats, w: Ints, v: Floats, s: int, day: int) -> None:
    """Credit what a pool pays out today: coins old enough, once they reach its threshold."""
    start, end, sat = w[my_site(w, s) + at.WS_QUEUE_FROM], w[my_site(w, s) + at.WS_QUEUE_TO], 0
    if w[my_site(w, s) + at.WS_FRESH]:
        w[my_queue(w, s, end) + 0], w[my_queue(w, s, end) + 1] = (
            day + p[of_site(p, s) + at.SI_PAYOUT],
            w[my_site(w, s) + at.WS_FRESH],
        )
        end += 1
    k = start
    while k < end and w[my_queue(w, s, k) + 0] <= day:
        sat += w[my_queue(w, s, k) + 1]
        k += 1
    if sat and sat >= q[parts_of_site(p, s) + at.SF_THRESHOLD]:
        w[at.RECEIVABLE] -= sat
        w[at.FREE] += sat
        start = k
    w[my_site(w, s) + at.WS_QUEUE_FROM], w[my_site(w, s) + at.WS_QUEUE_TO] = start, end


@inner
def pay_people_in_coin(p: Ints, q: Floats, w: Ints, v: Floats, d: int) -> None:
    """Owe people's coins day by day and hand them over at the month's end."""
    v[at.COIN_PAY] += q[at.F_COIN_PAY]
    sat = min(int(v[at.COIN_PAY]), w[at.FREE])
    if not p[of_day(p, d) + at.ENDS_MONTH] or sat <= 0:
        return
    cents = int(sat * v[at.PRICE] * 100 / at.SAT)
    owe(p, q, w, v, at.PEOPLE, cents)
    w[at.COMPANY_PEOPLE] += cents
    pay_in_coin(w, v, cents, sat)
    dispose(p, q, w, v, sat, cents)
    v[at.COIN_PAY] -= sat


@inner
def pay_dividend(p: Ints, q: Floats, w: Ints, v: Floats, day: int) -> None:
    """Pay shareholders what is spare, when nothing is overdue."""
    if w[at.NEXT_DUE] <= day:
        return
    paid = min(p[at.P_DIVIDEND], w[at.CASH] - p[at.P_MINIMUM])
    if paid > 0:
        distribute(w, v, paid)


@folded
def go_dark(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Switch a site off whose power has not been paid for too long, and on again when it has."""
    for s in range(p[at.P_SITES]):
        late = -1
        for k in range(w[at.N_DUE] if w[at.NEXT_DUE] <= day else 0):
            b = my_bill(w, k)
            if w[b + at.B_SITE] == s and w[b + at.B_DUE] <= day and w[b + at.B_BILL] <= at.HOSTING:
                late = max(late, day - w[b + at.B_DUE])
        if late >= p[at.P_DARK_AFTER] and not w[my_site(w, s) + at.WS_DARK]:
            w[my_site(w, s) + at.WS_DARK] = at.UNPAID
            happens(w, v, at.DARK, d)
        elif late < 0 and w[my_site(w, s) + at.WS_DARK] == at.UNPAID:
            w[my_site(w, s) + at.WS_DARK] = at.LIT


@folded
def deliver(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Machines that are not paid for do not arrive: they wait for the last instalment."""
    for x in range(p[at.P_DELIVERIES]):
        if p[of_delivery(p, x) + 0] > d + 1:
            continue
        unpaid = 0
        for k in range(w[at.N_DUE] if w[at.NEXT_DUE] <= day else 0):
            if (
                w[my_bill(w, k) + at.B_NAME] == p[of_delivery(p, x) + 1]
                and w[my_bill(w, k) + at.B_DUE] <= day
            ):
                unpaid = 1
        if unpaid != w[w[at.WAITING] + x]:
            w[w[at.WAITING] + x] = unpaid
            add_up(p, q, w, v, p[of_delivery(p, x) + 2])


@folded
def end_day(p: Ints, q: Floats, w: Ints, v: Floats, mined: int, d: int) -> None:
    """Turn the day's dollars into coins at its price."""
    price = v[at.PRICE]
    w[at.SPENT] += w[at.SPENT_TODAY]
    if w[at.SPENT_TODAY]:
        v[at.SPENT_BTC] += w[at.SPENT_TODAY] / 100 / price
    if w[at.OWN_TODAY]:
        v[at.OWN] += w[at.OWN_TODAY] / 100 / price
    if w[at.GROWTH_TODAY]:
        v[at.GROWN] += w[at.GROWTH_TODAY] / 100 / price


@inner
def end_of_month(p: Ints, q: Floats, w: Ints, v: Floats, d: int) -> None:
    """Keep the month: coins that moved since the start, and balances. The caller takes differences."""
    m, posted = p[of_day(p, d) + at.MONTH_INDEX], 0
    for x in range(p[at.P_LOANS]):
        posted += w[my_loan(w, x) + at.WL_POSTED]
    w[my_month(w, at.M_MINED, m)], w[my_month(w, at.M_SOLD, m)] = (
        w[at.COINS + at.C_MINED],
        w[at.COINS + at.C_SOLD],
    )
    w[my_month(w, at.M_SEIZED, m)], w[my_month(w, at.M_PAID, m)] = (
        w[at.COINS + at.C_SEIZED],
        w[at.COINS + at.C_PAID],
    )
    w[my_month(w, at.M_OWNED, m)], w[my_month(w, at.M_FREE, m)] = w[at.OWNED], w[at.FREE]
    w[my_month(w, at.M_POSTED, m)] = posted
    w[my_month(w, at.M_CASH, m)], w[my_month(w, at.M_DEBT, m)] = w[at.CASH], total_debt(p, q, w, v)


@inner
def attribute_sales(w: Ints, v: Floats) -> None:
    """Say what the month's coins were sold for, pro rata to its uses of cash: `statement.sales_by_use`."""
    more = max(w[at.CASH] - w[at.CASH_BEFORE], 0)
    whole, sold = more, (w[at.COINS + at.C_SOLD] - w[at.SOLD_BEFORE]) / at.SAT
    for k in range(at.N_LINES):
        whole += w[at.USES + k] - w[at.USES_BEFORE + k]
    for k in range(at.N_LINES):
        if whole:
            v[at.SOLD_FOR + k] += sold * (w[at.USES + k] - w[at.USES_BEFORE + k]) / whole
        w[at.USES_BEFORE + k] = w[at.USES + k]
    v[at.KEPT_AS_CASH] += sold * more / whole if whole else sold
    w[at.CASH_BEFORE], w[at.SOLD_BEFORE] = w[at.CASH], w[at.COINS + at.C_SOLD]


@inner
def check(p: Ints, q: Floats, w: Ints, v: Floats, opening_cash: int, opening_coins: int) -> None:
    """Compare cash and coins with the terms of the two identities."""
    cash = opening_cash
    for k in range(at.N_TERMS):
        cash += w[at.TERMS + k] if k < 5 else -w[at.TERMS + k]
    coins = opening_coins
    for k in range(at.N_COINS):
        coins += w[at.COINS + k] if k < 3 else -w[at.COINS + k]
    states = w[at.FREE] + w[at.RECEIVABLE] + w[at.LENT] + w[at.WRITTEN] + w[at.REDEEMABLE]
    for x in range(p[at.P_LOANS]):
        states += w[my_loan(w, x) + at.WL_POSTED]
        if w[my_loan(w, x) + at.WL_POSTED] < 0 or w[my_loan(w, x) + at.WL_DEBT] < 0:
            w[at.WRONG] = at.NEGATIVE
    if cash != w[at.CASH]:
        w[at.WRONG] = at.CASH_LAW
    if coins != w[at.OWNED] or states != w[at.OWNED]:
        w[at.WRONG] = at.COIN_LAW
    if w[at.CASH] < 0 or w[at.FREE] < 0 or w[at.PAYABLE] < 0:
        w[at.WRONG] = at.NEGATIVE
