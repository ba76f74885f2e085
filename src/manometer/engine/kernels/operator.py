"""One operator along one path, day by day: `engine/run.py` compiled, equal to it in every cent and satoshi."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import jit
from . import layout as at
from .bills import charge_site, pay_ahead
from .cash import follow_policy, pay_bills, raise_shares
from .layout import Plan, Work
from .loans import draw, fall_due, margin_test, open_loan, progress
from .plant import add_up, plant
from .postings import borrow, collect, distribute, earn, happens, owe, owe_now, pay_in_coin
from .promises import hedge_day, keep_promises, note_figures, open_hedges, tax_day, total_debt

__all__ = ["run_path"]

Floats = NDArray[np.float64]


@jit
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
    sale_cents: np.ndarray,  # type: ignore[type-arg]
) -> None:
    """Carry the operator along a path; arrays (days,), `sale_cents` (sales,) what sold machines bring."""
    clear(p, w)
    plant(p, w, hashprice, factor)
    w.f[at.PRICE], w.f[at.LOW], w.f[at.SHARE] = price[0], low[0], share[0]
    begin(p, w, price[0])
    opening_cash, opening_coins = w.i[at.CASH], w.i[at.OWNED]
    for d in range(len(price)):
        day = p.whole[at.P_DAY_ONE] + d
        w.f[at.PRICE], w.f[at.LOW], w.f[at.SHARE] = price[d], low[d], share[d]
        begin_day(w)
        if d == 0:
            open_hedges(p, w, d, day)
        mined = 0
        for s in range(len(p.site_i)):
            sat = mine(p, w, s, hashvalue[d], block_btc[d], d)
            mined += sat
            charge_site(p, w, s, sat / at.SAT * price[d], d, day)
        owe_now(p, w, at.OVERHEADS, p.whole[at.P_COMPANY], p.overhead_cents[d], day + p.overhead_wait[d], -1)
        happen(p, w, p.orders, at.NEXT_EVENT_A, d, day)
        sell_machines(p, w, sale_cents, d)
        happen(p, w, p.builds, at.NEXT_EVENT_B, d, day)
        if d > 0:
            open_hedges(p, w, d, day)
        hedge_day(p, w, hashprice[d], d, day)
        fall_due(p, w, d, day)
        receive(p, w, d, day)
        settle_day(p, w, mined, d, day)
        end_day(p, w, mined, d)
        if p.calendar[d, at.ENDS_MONTH] or d == len(price) - 1:
            end_of_month(p, w, d)
            check(w, opening_cash, opening_coins)


@jit
def settle_day(p: Plan, w: Work, mined: int, d: int, day: int) -> None:
    """Pay, test margins, follow the policy, and see what is left undone."""
    home, rule = p.whole[at.P_HOME] != 0, p.whole[at.P_POLICY]
    if rule != at.HOLD and not home:
        follow_policy(p, w, at.SELL_TO_COVER, 0, day)
    pay_bills(p, w, d, day)
    for s in range(len(p.site_i)):
        pay_ahead(p, w, s, d)
    margin_test(p, w, d, day)
    if not home:
        follow_policy(p, w, rule, mined, day)
    if p.whole[at.P_EQUITY] and p.whole[at.P_EQUITY_WHEN] == 2:
        raise_shares(p, w, 10**15)
    if p.whole[at.P_DIVIDEND] and p.calendar[d, at.ENDS_QUARTER]:
        pay_dividend(p, w, day)
    progress(p, w, d, day)
    go_dark(p, w, d, day)
    note_figures(p, w, mined, d)
    tax_day(p, w, d, day)
    keep_promises(p, w, d, day)
    deliver(p, w, d, day)


@jit
def clear(p: Plan, w: Work) -> None:
    """Begin with nothing."""
    for a in (w.i, w.credits, w.margin, w.written, w.waiting, w.uses, w.sources, w.terms, w.coins):
        a[:] = 0
    w.owed_by[:] = 0
    w.gained[:] = 0
    w.f[:] = 0.0
    w.owing[:] = 0.0
    w.net_assets[:] = 0.0
    w.site_i[:] = 0
    w.site_f[:] = 0.0
    w.loan_i[:] = 0
    w.loan_f[:] = 0.0
    w.prepaid[:] = 0
    w.monthly[:] = 0
    w.first[:] = -1


@jit
def begin(p: Plan, w: Work, price: float) -> None:
    """Lay out the opening treasury and debts, as they stand on the eve of the first day."""
    w.i[at.CASH], free = p.whole[at.P_CASH], p.whole[at.P_FREE]
    w.i[at.RECEIVABLE], w.i[at.LENT] = p.whole[at.P_RECEIVABLE], p.whole[at.P_LENT]
    w.i[at.WRITTEN], w.i[at.REDEEMABLE] = p.whole[at.P_WRITTEN], p.whole[at.P_REDEEMABLE]
    owned = free + w.i[at.RECEIVABLE] + w.i[at.LENT] + w.i[at.WRITTEN] + w.i[at.REDEEMABLE]
    for x in range(len(p.loan_i)):
        w.loan_i[x, at.WL_CALL_BY] = -1
        posted, amount = p.loan_i[x, at.LI_POSTED], p.loan_i[x, at.LI_AMOUNT]
        if posted < 0:
            posted = int(np.ceil(p.loan_f[x, at.LF_AMOUNT] / (price * p.loan_f[x, at.LF_OPENING]) * at.SAT))
            free -= posted
            if free < 0:
                w.i[at.WRONG] = at.NO_COLLATERAL
        else:
            owned += posted
        w.loan_i[x, at.WL_POSTED] = posted
        if p.loan_i[x, at.LI_DRAWN] < 0 and not p.loan_i[x, at.LI_AI]:
            w.loan_i[x, at.WL_DEBT] = amount
        if not p.loan_i[x, at.LI_AI]:
            open_loan(p, w, x, 0)
    w.i[at.FREE], w.i[at.OWNED] = free, owned
    if p.whole[at.P_TAXED]:
        lots = owned - w.i[at.RECEIVABLE]
        if lots:
            w.lot_sat[0], w.lot_usd[0], w.i[at.N_LOTS] = lots, p.part[at.F_BASIS], 1
            if p.part[at.F_BASIS] <= 0:
                w.lot_usd[0] = price
    for s in range(len(p.site_i)):
        w.site_i[s, at.WS_YEAR], w.site_f[s, at.WF_CHARGED] = (
            p.calendar[0, at.YEAR],
            p.site_f[s, at.SF_CHARGED],
        )
    if w.i[at.RECEIVABLE]:
        w.queue[0, 0, 0], w.queue[0, 0, 1] = p.whole[at.P_DAY_ONE], w.i[at.RECEIVABLE]
        w.site_i[0, at.WS_QUEUE_TO] = 1


@jit
def begin_day(w: Work) -> None:
    """Forget yesterday's sums."""
    for k in (at.SOLD_TODAY, at.SPENT_TODAY, at.OWN_TODAY, at.GROWTH_TODAY, at.RUNNING_TODAY,
              at.SERVICE_TODAY, at.INTEREST_TODAY):  # fmt: skip
        w.i[k] = 0
    w.f[at.SHARES_TODAY] = 0.0


@jit
def mine(p: Plan, w: Work, s: int, hashvalue: float, block_btc: float, d: int) -> int:
    """Credit a day's coins, rounded down; the rest is carried."""
    keep = p.site_f[s, at.SF_KEEP]
    phs = 0.0 if w.site_i[s, at.WS_DARK] else w.flows[s, d, at.PHS]
    due = phs * hashvalue * keep + w.site_f[s, at.WF_CARRY]
    sat = int(due * at.SAT)
    if p.site_i[s, at.SI_SOLO]:
        sat = int(block_btc * keep * at.SAT) * int(due / block_btc)
    if sat:
        w.i[at.RECEIVABLE] += sat
        w.i[at.OWNED] += sat
        w.coins[at.C_MINED] += sat
        if p.whole[at.P_TAXED]:
            w.lot_sat[w.i[at.N_LOTS]], w.lot_usd[w.i[at.N_LOTS]] = sat, w.f[at.PRICE]
            w.i[at.N_LOTS] += 1
    w.site_f[s, at.WF_CARRY] = due - sat / at.SAT
    w.site_i[s, at.WS_FRESH] = sat
    return sat


@jit
def happen(p: Plan, w: Work, events: np.ndarray, pointer: int, d: int, day: int) -> None:  # type: ignore[type-arg]
    """Let today's planned events happen: instalments, capital, rent."""
    while w.i[pointer] < len(events) and events[w.i[pointer], at.E_DAY] == d:
        e = events[w.i[pointer]]
        w.i[pointer] += 1
        does, cents = e[at.E_DOES], e[at.E_CENTS]
        if does == at.OWES:
            owe_now(p, w, e[at.E_BILL], e[at.E_NAME], cents, day + e[at.E_MORE], -1)
        elif does == at.BORROWS:
            borrow(w, e[at.E_NAME], cents)
        elif does == at.STARTS:
            if w.loan_i[e[at.E_NAME], at.WL_DEBT]:
                open_loan(p, w, e[at.E_NAME], d)
        else:
            earn(w, at.G_AI, cents)
            collect(w, cents)
            owe_now(p, w, at.AI_RUNNING, e[at.E_NAME], e[at.E_MORE], day, -1)


@jit
def sell_machines(p: Plan, w: Work, sale_cents: np.ndarray, d: int) -> None:  # type: ignore[type-arg]
    """Sell the machines whose day it is."""
    while w.i[at.NEXT_SALE] < len(p.sales) and p.sales[w.i[at.NEXT_SALE]] == d:
        got = sale_cents[w.i[at.NEXT_SALE]]
        w.i[at.NEXT_SALE] += 1
        w.i[at.CASH] += got
        w.terms[at.T_RECEIPTS] += got
        w.sources[at.S_ASSETS] += got
        w.i[at.GROWTH_TODAY] -= got


@jit
def receive(p: Plan, w: Work, d: int, day: int) -> None:
    """Take what is drawn today, payouts, interest on lent coins; hand people their coins."""
    for x in range(len(p.loan_i)):
        if p.loan_i[x, at.LI_DRAWN] == d and p.loan_i[x, at.LI_AMOUNT]:
            draw(p, w, x, p.loan_i[x, at.LI_AMOUNT], day)
            open_loan(p, w, x, d)
        for k in range(len(p.draws)):
            if p.draws[k, 0] == d and p.draws[k, 1] == x and w.loan_i[x, at.WL_STATUS] == at.CURRENT:
                draw(p, w, x, p.draws[k, 2], day)
                open_loan(p, w, x, d)
    for s in range(len(p.site_i)):
        pay_out(p, w, s, day)
    if p.part[at.F_LENT_RATE] > 0 and w.i[at.LENT]:
        w.f[at.LENT_COINS] += w.i[at.LENT] * p.part[at.F_LENT_RATE] / 365
        sat = int(w.f[at.LENT_COINS])
        if sat:
            w.i[at.FREE] += sat
            w.i[at.OWNED] += sat
            w.coins[at.C_RECEIVED] += sat
            w.f[at.LENT_COINS] -= sat
    if p.part[at.F_COIN_PAY] > 0:
        pay_people_in_coin(p, w, d)


@jit
def pay_out(p: Plan, w: Work, s: int, day: int) -> None:
    """Credit what a pool pays out today: coins old enough, once they reach its threshold."""
    start, end, sat = w.site_i[s, at.WS_QUEUE_FROM], w.site_i[s, at.WS_QUEUE_TO], 0
    if w.site_i[s, at.WS_FRESH]:
        w.queue[s, end, 0], w.queue[s, end, 1] = day + p.site_i[s, at.SI_PAYOUT], w.site_i[s, at.WS_FRESH]
        end += 1
    k = start
    while k < end and w.queue[s, k, 0] <= day:
        sat += w.queue[s, k, 1]
        k += 1
    if sat and sat >= p.site_f[s, at.SF_THRESHOLD]:
        w.i[at.RECEIVABLE] -= sat
        w.i[at.FREE] += sat
        start = k
    w.site_i[s, at.WS_QUEUE_FROM], w.site_i[s, at.WS_QUEUE_TO] = start, end


@jit
def pay_people_in_coin(p: Plan, w: Work, d: int) -> None:
    """Owe people's coins day by day and hand them over at the month's end."""
    w.f[at.COIN_PAY] += p.part[at.F_COIN_PAY]
    sat = min(int(w.f[at.COIN_PAY]), w.i[at.FREE])
    if not p.calendar[d, at.ENDS_MONTH] or sat <= 0:
        return
    cents = int(sat * w.f[at.PRICE] * 100 / at.SAT)
    owe(p, w, at.PEOPLE, cents)
    w.i[at.COMPANY_PEOPLE] += cents
    pay_in_coin(w, cents, sat)
    w.f[at.COIN_PAY] -= sat


@jit
def pay_dividend(p: Plan, w: Work, day: int) -> None:
    """Pay shareholders what is spare, when nothing is overdue."""
    for k in range(w.i[at.N_DUE]):
        if w.bills[k, at.B_DUE] <= day:
            return
    paid = min(p.whole[at.P_DIVIDEND], w.i[at.CASH] - p.whole[at.P_MINIMUM])
    if paid > 0:
        distribute(w, paid)


@jit
def go_dark(p: Plan, w: Work, d: int, day: int) -> None:
    """Switch a site off whose power has not been paid for too long, and on again when it has."""
    for s in range(len(p.site_i)):
        late = -1
        for k in range(w.i[at.N_DUE]):
            b = w.bills[k]
            if b[at.B_SITE] == s and b[at.B_DUE] <= day and b[at.B_BILL] <= at.HOSTING:
                late = day - b[at.B_DUE]
        if late >= p.whole[at.P_DARK_AFTER] and not w.site_i[s, at.WS_DARK]:
            w.site_i[s, at.WS_DARK] = 1
            happens(w, at.DARK, d)
        elif late < 0 and w.site_i[s, at.WS_DARK] == 1:
            w.site_i[s, at.WS_DARK] = 0


@jit
def deliver(p: Plan, w: Work, d: int, day: int) -> None:
    """Machines that are not paid for do not arrive: they wait for the last instalment."""
    for x in range(len(p.delivered)):
        if p.delivered[x, 0] > d + 1:
            continue
        unpaid = 0
        for k in range(w.i[at.N_DUE]):
            if w.bills[k, at.B_NAME] == p.delivered[x, 1] and w.bills[k, at.B_DUE] <= day:
                unpaid = 1
        if unpaid != w.waiting[x]:
            w.waiting[x] = unpaid
            add_up(p, w, p.delivered[x, 2])


@jit
def end_day(p: Plan, w: Work, mined: int, d: int) -> None:
    """Turn the day's dollars into coins at its price."""
    price = w.f[at.PRICE]
    w.i[at.SPENT] += w.i[at.SPENT_TODAY]
    if w.i[at.SPENT_TODAY]:
        w.f[at.SPENT_BTC] += w.i[at.SPENT_TODAY] / 100 / price
    if w.i[at.OWN_TODAY]:
        w.f[at.OWN] += w.i[at.OWN_TODAY] / 100 / price
    if w.i[at.GROWTH_TODAY]:
        w.f[at.GROWN] += w.i[at.GROWTH_TODAY] / 100 / price


@jit
def end_of_month(p: Plan, w: Work, d: int) -> None:
    """Keep the month: coins that moved since the start, and balances. The caller takes differences."""
    m, posted = p.calendar[d, at.MONTH_INDEX], 0
    for x in range(len(w.loan_i)):
        posted += w.loan_i[x, at.WL_POSTED]
    w.monthly[at.M_MINED, m], w.monthly[at.M_SOLD, m] = w.coins[at.C_MINED], w.coins[at.C_SOLD]
    w.monthly[at.M_SEIZED, m], w.monthly[at.M_PAID, m] = w.coins[at.C_SEIZED], w.coins[at.C_PAID]
    w.monthly[at.M_OWNED, m], w.monthly[at.M_FREE, m] = w.i[at.OWNED], w.i[at.FREE]
    w.monthly[at.M_POSTED, m] = posted
    w.monthly[at.M_CASH, m], w.monthly[at.M_DEBT, m] = w.i[at.CASH], total_debt(w)


@jit
def check(w: Work, opening_cash: int, opening_coins: int) -> None:
    """Compare cash and coins with the terms of the two identities."""
    cash = opening_cash
    for k in range(len(w.terms)):
        cash += w.terms[k] if k < 5 else -w.terms[k]
    coins = opening_coins
    for k in range(len(w.coins)):
        coins += w.coins[k] if k < 3 else -w.coins[k]
    states = w.i[at.FREE] + w.i[at.RECEIVABLE] + w.i[at.LENT] + w.i[at.WRITTEN] + w.i[at.REDEEMABLE]
    for x in range(len(w.loan_i)):
        states += w.loan_i[x, at.WL_POSTED]
        if w.loan_i[x, at.WL_POSTED] < 0 or w.loan_i[x, at.WL_DEBT] < 0:
            w.i[at.WRONG] = at.NEGATIVE
    if cash != w.i[at.CASH]:
        w.i[at.WRONG] = at.CASH_LAW
    if coins != w.i[at.OWNED] or states != w.i[at.OWNED]:
        w.i[at.WRONG] = at.COIN_LAW
    if w.i[at.CASH] < 0 or w.i[at.FREE] < 0 or w.i[at.PAYABLE] < 0:
        w.i[at.WRONG] = at.NEGATIVE
