"""One operator along one path, day by day: `engine/run.py` compiled, equal to it in every cent and satoshi."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import inner
from . import layout as at
from .bills import charge_site, pay_ahead
from .cash import follow_policy, pay_bills, raise_shares
from .layout import Plan, Work
from .loans import draw, fall_due, margin_test, open_loan, progress
from .plant import add_up, plant
from .postings import borrow, collect, distribute, earn, happens, owe, owe_now, pay_in_coin
from .promises import hedge_day, keep_promises, note_figures, open_hedges, tax_day, total_debt
from .rows import (
    my_bill,
    my_flows,
    my_loan,
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
    p: Plan,
    w: Work,
    price: Floats,
    low: Floats,
    share: Floats,
    hashprice: Floats,
    hashvalue: Floats,
    block_btc: Floats,
    factor: Floats,
    sale_cents: Ints,
) -> None:
    """Carry the operator along a path; arrays (days,), `sale_cents` (sales,) what sold machines bring."""
    clear(p, w)
    plant(p, w, hashprice, factor)
    w.x[at.PRICE], w.x[at.LOW], w.x[at.SHARE] = price[0], low[0], share[0]
    begin(p, w, price[0])
    opening_cash, opening_coins = w.n[at.CASH], w.n[at.OWNED]
    for d in range(len(price)):
        day = p.n[at.P_DAY_ONE] + d
        w.x[at.PRICE], w.x[at.LOW], w.x[at.SHARE] = price[d], low[d], share[d]
        begin_day(w)
        if d == 0:
            open_hedges(p, w, d, day)
        mined = 0
        for s in range(p.n[at.P_SITES]):
            sat = mine(p, w, s, hashvalue[d], block_btc[d], d)
            mined += sat
            charge_site(p, w, s, sat / at.SAT * price[d], d, day)
        owe_now(
            p,
            w,
            at.OVERHEADS,
            p.n[at.P_COMPANY],
            p.n[of_day(p, d) + at.OVERHEAD_CENTS],
            day + p.n[of_day(p, d) + at.OVERHEAD_WAIT],
            -1,
        )
        happen(p, w, at.NEXT_ORDER, p.n[at.P_ORDERS], d, day)
        sell_machines(p, w, sale_cents, d)
        happen(p, w, at.NEXT_BUILD, p.n[at.P_EVENTS], d, day)
        if d > 0:
            open_hedges(p, w, d, day)
        hedge_day(p, w, hashprice[d], d, day)
        fall_due(p, w, d, day)
        receive(p, w, d, day)
        settle_day(p, w, mined, d, day)
        end_day(p, w, mined, d)
        if p.n[of_day(p, d) + at.ENDS_MONTH] or d == len(price) - 1:
            end_of_month(p, w, d)
            check(p, w, opening_cash, opening_coins)


@inner
def settle_day(p: Plan, w: Work, mined: int, d: int, day: int) -> None:
    """Pay, test margins, follow the policy, and see what is left undone."""
    home, rule = p.n[at.P_HOME] != 0, p.n[at.P_POLICY]
    if rule != at.HOLD and not home:
        follow_policy(p, w, at.SELL_TO_COVER, 0, day)
    pay_bills(p, w, d, day)
    for s in range(p.n[at.P_SITES]):
        pay_ahead(p, w, s, d)
    margin_test(p, w, d, day)
    if not home:
        follow_policy(p, w, rule, mined, day)
    if p.n[at.P_EQUITY] and p.n[at.P_EQUITY_WHEN] == 2:
        raise_shares(p, w, 10**15)
    if p.n[at.P_DIVIDEND] and p.n[of_day(p, d) + at.ENDS_QUARTER]:
        pay_dividend(p, w, day)
    progress(p, w, d, day)
    go_dark(p, w, d, day)
    note_figures(p, w, mined, d)
    tax_day(p, w, d, day)
    keep_promises(p, w, d, day)
    deliver(p, w, d, day)


@inner
def clear(p: Plan, w: Work) -> None:
    """Begin with nothing, in all that a path does not write before it reads."""
    w.n[at.N_HEADER : w.n[at.BILLS]] = 0
    w.x[: w.n[at.LOT_PRICES]] = 0.0
    for k in range(p.n[at.P_FIRSTS]):
        w.n[w.n[at.FIRST] + k] = -1
    w.n[at.NEXT_BUILD] = p.n[at.P_ORDERS]


@inner
def begin(p: Plan, w: Work, price: float) -> None:
    """Lay out the opening treasury and debts, as they stand on the eve of the first day."""
    w.n[at.CASH], free = p.n[at.P_CASH], p.n[at.P_FREE]
    w.n[at.RECEIVABLE], w.n[at.LENT] = p.n[at.P_RECEIVABLE], p.n[at.P_LENT]
    w.n[at.WRITTEN], w.n[at.REDEEMABLE] = p.n[at.P_WRITTEN], p.n[at.P_REDEEMABLE]
    owned = free + w.n[at.RECEIVABLE] + w.n[at.LENT] + w.n[at.WRITTEN] + w.n[at.REDEEMABLE]
    for x in range(p.n[at.P_LOANS]):
        w.n[my_loan(w, x) + at.WL_CALL_BY] = -1
        posted, amount = p.n[of_loan(p, x) + at.LI_POSTED], p.n[of_loan(p, x) + at.LI_AMOUNT]
        if posted < 0:
            posted = int(
                np.ceil(
                    p.x[parts_of_loan(p, x) + at.LF_AMOUNT]
                    / (price * p.x[parts_of_loan(p, x) + at.LF_OPENING])
                    * at.SAT
                )
            )
            free -= posted
            if free < 0:
                w.n[at.WRONG] = at.NO_COLLATERAL
        else:
            owned += posted
        w.n[my_loan(w, x) + at.WL_POSTED] = posted
        if p.n[of_loan(p, x) + at.LI_DRAWN] < 0 and not p.n[of_loan(p, x) + at.LI_AI]:
            w.n[my_loan(w, x) + at.WL_DEBT] = amount
        if not p.n[of_loan(p, x) + at.LI_AI]:
            open_loan(p, w, x, 0)
    w.n[at.FREE], w.n[at.OWNED] = free, owned
    if p.n[at.P_TAXED]:
        lots = owned - w.n[at.RECEIVABLE]
        if lots:
            w.n[my_lot(w, 0)], w.x[w.n[at.LOT_PRICES] + 0], w.n[at.N_LOTS] = lots, p.x[at.F_BASIS], 1
            if p.x[at.F_BASIS] <= 0:
                w.x[w.n[at.LOT_PRICES] + 0] = price
    for s in range(p.n[at.P_SITES]):
        w.n[my_site(w, s) + at.WS_YEAR], w.x[my_site_parts(w, s) + at.WF_CHARGED] = (
            p.n[of_day(p, 0) + at.YEAR],
            p.x[parts_of_site(p, s) + at.SF_CHARGED],
        )
    if w.n[at.RECEIVABLE]:
        w.n[my_queue(w, 0, 0) + 0], w.n[my_queue(w, 0, 0) + 1] = p.n[at.P_DAY_ONE], w.n[at.RECEIVABLE]
        w.n[my_site(w, 0) + at.WS_QUEUE_TO] = 1


@inner
def begin_day(w: Work) -> None:
    """Forget yesterday's sums."""
    for k in (at.SOLD_TODAY, at.SPENT_TODAY, at.OWN_TODAY, at.GROWTH_TODAY, at.RUNNING_TODAY,
              at.SERVICE_TODAY, at.INTEREST_TODAY):  # fmt: skip
        w.n[k] = 0
    w.x[at.SHARES_TODAY] = 0.0


@inner
def mine(p: Plan, w: Work, s: int, hashvalue: float, block_btc: float, d: int) -> int:
    """Credit a day's coins, rounded down; the rest is carried."""
    keep = p.x[parts_of_site(p, s) + at.SF_KEEP]
    phs = 0.0 if w.n[my_site(w, s) + at.WS_DARK] else w.x[my_flows(w, s, d) + at.PHS]
    due = phs * hashvalue * keep + w.x[my_site_parts(w, s) + at.WF_CARRY]
    sat = int(due * at.SAT)
    if p.n[of_site(p, s) + at.SI_SOLO]:
        sat = int(block_btc * keep * at.SAT) * int(due / block_btc)
    if sat:
        w.n[at.RECEIVABLE] += sat
        w.n[at.OWNED] += sat
        w.n[at.COINS + at.C_MINED] += sat
        if p.n[at.P_TAXED]:
            w.n[my_lot(w, w.n[at.N_LOTS])], w.x[w.n[at.LOT_PRICES] + w.n[at.N_LOTS]] = sat, w.x[at.PRICE]
            w.n[at.N_LOTS] += 1
    w.x[my_site_parts(w, s) + at.WF_CARRY] = due - sat / at.SAT
    w.n[my_site(w, s) + at.WS_FRESH] = sat
    return sat


@inner
def happen(p: Plan, w: Work, pointer: int, end: int, d: int, day: int) -> None:
    """Let today's planned events happen: instalments, capital, rent."""
    while w.n[pointer] < end and p.n[of_event(p, w.n[pointer]) + at.E_DAY] == d:
        e = of_event(p, w.n[pointer])
        w.n[pointer] += 1
        does, name, cents = p.n[e + at.E_DOES], p.n[e + at.E_NAME], p.n[e + at.E_CENTS]
        if does == at.OWES:
            owe_now(p, w, p.n[e + at.E_BILL], name, cents, day + p.n[e + at.E_MORE], -1)
        elif does == at.BORROWS:
            borrow(w, name, cents)
        elif does == at.STARTS:
            if w.n[my_loan(w, name) + at.WL_DEBT]:
                open_loan(p, w, name, d)
        else:
            earn(w, at.G_AI, cents)
            collect(w, cents)
            owe_now(p, w, at.AI_RUNNING, name, p.n[e + at.E_MORE], day, -1)


@inner
def sell_machines(p: Plan, w: Work, sale_cents: Ints, d: int) -> None:
    """Sell the machines whose day it is."""
    while w.n[at.NEXT_SALE] < p.n[at.P_SALES] and p.n[p.n[at.SALES] + w.n[at.NEXT_SALE]] == d:
        got = sale_cents[w.n[at.NEXT_SALE]]
        w.n[at.NEXT_SALE] += 1
        w.n[at.CASH] += got
        w.n[at.TERMS + at.T_RECEIPTS] += got
        w.n[at.SOURCES + at.S_ASSETS] += got
        w.n[at.GROWTH_TODAY] -= got


@inner
def receive(p: Plan, w: Work, d: int, day: int) -> None:
    """Take what is drawn today, payouts, interest on lent coins; hand people their coins."""
    for x in range(p.n[at.P_LOANS]):
        if p.n[of_loan(p, x) + at.LI_DRAWN] == d and p.n[of_loan(p, x) + at.LI_AMOUNT]:
            draw(p, w, x, p.n[of_loan(p, x) + at.LI_AMOUNT], day)
            open_loan(p, w, x, d)
        for k in range(p.n[at.P_DRAWS]):
            if (
                p.n[of_draw(p, k) + 0] == d
                and p.n[of_draw(p, k) + 1] == x
                and w.n[my_loan(w, x) + at.WL_STATUS] == at.CURRENT
            ):
                draw(p, w, x, p.n[of_draw(p, k) + 2], day)
                open_loan(p, w, x, d)
    for s in range(p.n[at.P_SITES]):
        pay_out(p, w, s, day)
    if p.x[at.F_LENT_RATE] > 0 and w.n[at.LENT]:
        w.x[at.LENT_COINS] += w.n[at.LENT] * p.x[at.F_LENT_RATE] / 365
        sat = int(w.x[at.LENT_COINS])
        if sat:
            w.n[at.FREE] += sat
            w.n[at.OWNED] += sat
            w.n[at.COINS + at.C_RECEIVED] += sat
            w.x[at.LENT_COINS] -= sat
    if p.x[at.F_COIN_PAY] > 0:
        pay_people_in_coin(p, w, d)


@inner
def pay_out(p: Plan, w: Work, s: int, day: int) -> None:
    """Credit what a pool pays out today: coins old enough, once they reach its threshold."""
    start, end, sat = w.n[my_site(w, s) + at.WS_QUEUE_FROM], w.n[my_site(w, s) + at.WS_QUEUE_TO], 0
    if w.n[my_site(w, s) + at.WS_FRESH]:
        w.n[my_queue(w, s, end) + 0], w.n[my_queue(w, s, end) + 1] = (
            day + p.n[of_site(p, s) + at.SI_PAYOUT],
            w.n[my_site(w, s) + at.WS_FRESH],
        )
        end += 1
    k = start
    while k < end and w.n[my_queue(w, s, k) + 0] <= day:
        sat += w.n[my_queue(w, s, k) + 1]
        k += 1
    if sat and sat >= p.x[parts_of_site(p, s) + at.SF_THRESHOLD]:
        w.n[at.RECEIVABLE] -= sat
        w.n[at.FREE] += sat
        start = k
    w.n[my_site(w, s) + at.WS_QUEUE_FROM], w.n[my_site(w, s) + at.WS_QUEUE_TO] = start, end


@inner
def pay_people_in_coin(p: Plan, w: Work, d: int) -> None:
    """Owe people's coins day by day and hand them over at the month's end."""
    w.x[at.COIN_PAY] += p.x[at.F_COIN_PAY]
    sat = min(int(w.x[at.COIN_PAY]), w.n[at.FREE])
    if not p.n[of_day(p, d) + at.ENDS_MONTH] or sat <= 0:
        return
    cents = int(sat * w.x[at.PRICE] * 100 / at.SAT)
    owe(p, w, at.PEOPLE, cents)
    w.n[at.COMPANY_PEOPLE] += cents
    pay_in_coin(w, cents, sat)
    w.x[at.COIN_PAY] -= sat


@inner
def pay_dividend(p: Plan, w: Work, day: int) -> None:
    """Pay shareholders what is spare, when nothing is overdue."""
    for k in range(w.n[at.N_DUE]):
        if w.n[my_bill(w, k) + at.B_DUE] <= day:
            return
    paid = min(p.n[at.P_DIVIDEND], w.n[at.CASH] - p.n[at.P_MINIMUM])
    if paid > 0:
        distribute(w, paid)


@inner
def go_dark(p: Plan, w: Work, d: int, day: int) -> None:
    """Switch a site off whose power has not been paid for too long, and on again when it has."""
    for s in range(p.n[at.P_SITES]):
        late = -1
        for k in range(w.n[at.N_DUE]):
            b = my_bill(w, k)
            if w.n[b + at.B_SITE] == s and w.n[b + at.B_DUE] <= day and w.n[b + at.B_BILL] <= at.HOSTING:
                late = day - w.n[b + at.B_DUE]
        if late >= p.n[at.P_DARK_AFTER] and not w.n[my_site(w, s) + at.WS_DARK]:
            w.n[my_site(w, s) + at.WS_DARK] = 1
            happens(w, at.DARK, d)
        elif late < 0 and w.n[my_site(w, s) + at.WS_DARK] == 1:
            w.n[my_site(w, s) + at.WS_DARK] = 0


@inner
def deliver(p: Plan, w: Work, d: int, day: int) -> None:
    """Machines that are not paid for do not arrive: they wait for the last instalment."""
    for x in range(p.n[at.P_DELIVERIES]):
        if p.n[of_delivery(p, x) + 0] > d + 1:
            continue
        unpaid = 0
        for k in range(w.n[at.N_DUE]):
            if (
                w.n[my_bill(w, k) + at.B_NAME] == p.n[of_delivery(p, x) + 1]
                and w.n[my_bill(w, k) + at.B_DUE] <= day
            ):
                unpaid = 1
        if unpaid != w.n[w.n[at.WAITING] + x]:
            w.n[w.n[at.WAITING] + x] = unpaid
            add_up(p, w, p.n[of_delivery(p, x) + 2])


@inner
def end_day(p: Plan, w: Work, mined: int, d: int) -> None:
    """Turn the day's dollars into coins at its price."""
    price = w.x[at.PRICE]
    w.n[at.SPENT] += w.n[at.SPENT_TODAY]
    if w.n[at.SPENT_TODAY]:
        w.x[at.SPENT_BTC] += w.n[at.SPENT_TODAY] / 100 / price
    if w.n[at.OWN_TODAY]:
        w.x[at.OWN] += w.n[at.OWN_TODAY] / 100 / price
    if w.n[at.GROWTH_TODAY]:
        w.x[at.GROWN] += w.n[at.GROWTH_TODAY] / 100 / price


@inner
def end_of_month(p: Plan, w: Work, d: int) -> None:
    """Keep the month: coins that moved since the start, and balances. The caller takes differences."""
    m, posted = p.n[of_day(p, d) + at.MONTH_INDEX], 0
    for x in range(p.n[at.P_LOANS]):
        posted += w.n[my_loan(w, x) + at.WL_POSTED]
    w.n[my_month(w, at.M_MINED, m)], w.n[my_month(w, at.M_SOLD, m)] = (
        w.n[at.COINS + at.C_MINED],
        w.n[at.COINS + at.C_SOLD],
    )
    w.n[my_month(w, at.M_SEIZED, m)], w.n[my_month(w, at.M_PAID, m)] = (
        w.n[at.COINS + at.C_SEIZED],
        w.n[at.COINS + at.C_PAID],
    )
    w.n[my_month(w, at.M_OWNED, m)], w.n[my_month(w, at.M_FREE, m)] = w.n[at.OWNED], w.n[at.FREE]
    w.n[my_month(w, at.M_POSTED, m)] = posted
    w.n[my_month(w, at.M_CASH, m)], w.n[my_month(w, at.M_DEBT, m)] = w.n[at.CASH], total_debt(p, w)


@inner
def check(p: Plan, w: Work, opening_cash: int, opening_coins: int) -> None:
    """Compare cash and coins with the terms of the two identities."""
    cash = opening_cash
    for k in range(at.N_TERMS):
        cash += w.n[at.TERMS + k] if k < 5 else -w.n[at.TERMS + k]
    coins = opening_coins
    for k in range(at.N_COINS):
        coins += w.n[at.COINS + k] if k < 3 else -w.n[at.COINS + k]
    states = w.n[at.FREE] + w.n[at.RECEIVABLE] + w.n[at.LENT] + w.n[at.WRITTEN] + w.n[at.REDEEMABLE]
    for x in range(p.n[at.P_LOANS]):
        states += w.n[my_loan(w, x) + at.WL_POSTED]
        if w.n[my_loan(w, x) + at.WL_POSTED] < 0 or w.n[my_loan(w, x) + at.WL_DEBT] < 0:
            w.n[at.WRONG] = at.NEGATIVE
    if cash != w.n[at.CASH]:
        w.n[at.WRONG] = at.CASH_LAW
    if coins != w.n[at.OWNED] or states != w.n[at.OWNED]:
        w.n[at.WRONG] = at.COIN_LAW
    if w.n[at.CASH] < 0 or w.n[at.FREE] < 0 or w.n[at.PAYABLE] < 0:
        w.n[at.WRONG] = at.NEGATIVE
