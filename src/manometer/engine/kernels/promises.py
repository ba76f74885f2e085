"""Covenants, hedges and tax on their days: `engine/covenants.py` and parts of `engine/plans.py`, compiled."""

from __future__ import annotations

import numpy as np

from ...compiled import inner
from . import layout as at
from .cash import cents_of
from .layout import Plan, Work
from .loans import accelerate, loan_to_value, over
from .postings import collect, earn, happens, owe_now, sell_for, usd_cents
from .rows import (
    my_day,
    my_hedge,
    my_loan,
    of_covenant,
    of_day,
    of_hedge,
    of_loan,
    of_test,
    parts_of_covenant,
    parts_of_hedge,
)

__all__ = ["hedge_day", "keep_promises", "note_figures", "open_hedges", "tax_day", "total_debt"]

_PHS_PER_THS = 1e-3
_WINDOW = 365


@inner
def total_debt(p: Plan, w: Work) -> int:
    """Return all that is owed to lenders and not yet due."""
    debt = 0
    for x in range(p.n[at.P_LOANS]):
        debt += w.n[my_loan(w, x) + at.WL_DEBT]
    return debt


@inner
def note_figures(p: Plan, w: Work, mined: int, d: int) -> None:
    """Keep what covenants look back on, and what is taxed."""
    revenue = usd_cents(mined / at.SAT * w.x[at.PRICE])
    w.n[my_day(w, d)], w.n[my_day(w, d) + 1], w.n[my_day(w, d) + 2] = (
        revenue,
        w.n[at.RUNNING_TODAY],
        w.n[at.SERVICE_TODAY],
    )
    w.n[at.REVENUE_SUM] += revenue
    w.n[at.RUNNING_SUM] += w.n[my_day(w, d) + 1]
    w.n[at.SERVICE_SUM] += w.n[my_day(w, d) + 2]
    if d >= _WINDOW:
        w.n[at.REVENUE_SUM] -= w.n[my_day(w, d - _WINDOW)]
        w.n[at.RUNNING_SUM] -= w.n[my_day(w, d - _WINDOW) + 1]
        w.n[at.SERVICE_SUM] -= w.n[my_day(w, d - _WINDOW) + 2]
    if p.n[at.P_TAXED]:
        taxed = revenue if p.n[at.P_ON_RECEIPT] else 0
        w.x[at.INCOME] += (taxed - w.n[my_day(w, d) + 1] - w.n[at.INTEREST_TODAY]) / 100 - p.x[
            p.n[at.TAX_WEAR] + d
        ]


@inner
def measure(p: Plan, w: Work, c: int, d: int) -> float:
    """Return what a covenant measures today."""
    kind, cash, debt = p.n[of_covenant(p, c) + at.K_KIND], w.n[at.CASH] / 100, total_debt(p, w) / 100
    if kind == at.LIQUIDITY:
        coins = w.n[at.FREE] / at.SAT if p.n[of_covenant(p, c) + at.K_COINS] else 0.0
        return cash + coins * w.x[at.PRICE] * (1 - p.x[at.F_HAIRCUT])
    earned = (w.n[at.REVENUE_SUM] - w.n[at.RUNNING_SUM]) / 100
    if kind == at.COVER:
        service = w.n[at.SERVICE_SUM] / 100
        return earned / service if service > 0 else np.inf
    if kind == at.LEVERAGE:
        yearly, net = earned * 365 / min(_WINDOW, d + 1), debt - cash
        if yearly > 0:
            return net / yearly
        return 0.0 if net <= 0 else np.inf
    if kind == at.LOAN_TO_VALUE:
        return loan_to_value(w, p.n[of_covenant(p, c) + at.K_LOAN], w.x[at.PRICE])
    now, before = cash + w.n[at.OWNED] / at.SAT * w.x[at.PRICE] - debt, w.x[w.n[at.NET_ASSETS] + c]
    return 1 - now / before if before > 0 else 0.0


@inner
def keep_promises(p: Plan, w: Work, d: int, day: int) -> None:
    """Test what is tested today; a breach is waived for a fee so many times, then the loan is due."""
    for c in range(p.n[at.P_COVENANTS]):
        if not p.n[of_test(p, c, d)]:
            continue
        value, limit, kind = (
            measure(p, w, c, d),
            p.x[parts_of_covenant(p, c) + 0],
            p.n[of_covenant(p, c) + at.K_KIND],
        )
        room = (min(max(value, -1e18), 1e18) - limit) / limit
        if kind != at.LIQUIDITY and kind != at.COVER:
            room = -room
        coins = w.n[at.OWNED] / at.SAT * w.x[at.PRICE]
        w.x[w.n[at.NET_ASSETS] + c] = w.n[at.CASH] / 100 + coins - total_debt(p, w) / 100
        if room >= 0:
            continue
        happens(w, at.DARK + 1 + c, d)
        x = p.n[of_covenant(p, c) + at.K_LOAN]
        if x < 0 or over(w, x):
            continue
        if w.n[my_loan(w, x) + at.WL_WAIVED] < p.n[of_covenant(p, c) + at.K_WAIVERS]:
            w.n[my_loan(w, x) + at.WL_WAIVED] += 1
            fee = usd_cents(w.n[my_loan(w, x) + at.WL_DEBT] / 100 * p.x[parts_of_covenant(p, c) + 1])
            owe_now(p, w, at.INTEREST, p.n[of_loan(p, x) + at.LI_NAME], fee, day, -1)
        else:
            accelerate(p, w, x, d, day)


@inner
def open_hedges(p: Plan, w: Work, d: int, day: int) -> None:
    """Post margin, pay or take premiums on the first day of each hedge."""
    for h in range(p.n[at.P_HEDGES]):
        if p.n[of_hedge(p, h) + at.H_FIRST] != d:
            continue
        kind = p.n[of_hedge(p, h) + at.H_KIND]
        if (kind == at.HASHPRICE_FORWARD or kind == at.PRICE_FORWARD) and p.x[
            parts_of_hedge(p, h) + at.HF_MARGIN
        ] > 0:
            value = p.x[parts_of_hedge(p, h) + at.HF_COINS] * p.x[parts_of_hedge(p, h) + at.HF_PRICE]
            if kind == at.HASHPRICE_FORWARD:
                value = (
                    p.x[parts_of_hedge(p, h) + at.HF_THS]
                    * _PHS_PER_THS
                    * p.x[parts_of_hedge(p, h) + at.HF_LEVEL]
                    * p.x[parts_of_hedge(p, h) + at.HF_DAYS]
                )
            margin = min(usd_cents(value * p.x[parts_of_hedge(p, h) + at.HF_MARGIN]), w.n[at.CASH])
            if margin:
                w.n[my_hedge(w, h)] += margin
                w.n[at.HELD] += margin
                w.n[at.CASH] -= margin
                w.n[at.TERMS + at.T_MARGIN] += margin
                w.n[at.USES + at.LINE_MARGIN] += margin
        if (kind == at.PUT or kind == at.COLLAR) and p.n[of_hedge(p, h) + at.H_PREMIUM]:
            owe_now(
                p, w, at.OTHER, p.n[of_hedge(p, h) + at.H_NAME], p.n[of_hedge(p, h) + at.H_PREMIUM], day, -1
            )
        if kind == at.COVERED_CALL:
            sat = min(p.n[of_hedge(p, h) + at.H_SAT], w.n[at.FREE])
            if sat:
                w.n[at.FREE] -= sat
                w.n[at.WRITTEN] += sat
                w.n[my_hedge(w, h) + 1] += sat
                w.n[at.CASH] += p.n[of_hedge(p, h) + at.H_PREMIUM]
                w.n[at.TERMS + at.T_RECEIPTS] += p.n[of_hedge(p, h) + at.H_PREMIUM]
                w.n[at.SOURCES + at.S_RECEIPTS] += p.n[of_hedge(p, h) + at.H_PREMIUM]
                w.n[at.GAINED + at.G_OTHER] += p.n[of_hedge(p, h) + at.H_PREMIUM]
                w.n[at.OWN_TODAY] -= p.n[of_hedge(p, h) + at.H_PREMIUM]


@inner
def hedge_day(p: Plan, w: Work, hashprice: float, d: int, day: int) -> None:
    """Let forwards on hashprice settle at each month's end, and the rest on their last day."""
    for h in range(p.n[at.P_HEDGES]):
        if not p.n[of_hedge(p, h) + at.H_FIRST] <= d <= p.n[of_hedge(p, h) + at.H_LAST]:
            continue
        kind, last = p.n[of_hedge(p, h) + at.H_KIND], d == p.n[of_hedge(p, h) + at.H_LAST]
        if kind == at.HASHPRICE_FORWARD:
            each = p.x[parts_of_hedge(p, h) + at.HF_THS] * _PHS_PER_THS
            w.x[w.n[at.OWING] + h] += each * (p.x[parts_of_hedge(p, h) + at.HF_LEVEL] - hashprice)
            if last or p.n[of_day(p, d) + at.ENDS_MONTH]:
                settle(p, w, h, w.x[w.n[at.OWING] + h], day)
                w.x[w.n[at.OWING] + h] = 0.0
        elif last and kind == at.COVERED_CALL:
            end_call(p, w, h)
        elif last:
            gain = p.x[parts_of_hedge(p, h) + at.HF_PRICE] - w.x[at.PRICE]
            if kind != at.PRICE_FORWARD:
                gain = max(gain, 0.0)
            if kind == at.COLLAR:
                gain -= max(w.x[at.PRICE] - p.x[parts_of_hedge(p, h) + at.HF_CALL], 0.0)
            settle(p, w, h, gain * p.x[parts_of_hedge(p, h) + at.HF_COINS], day)
        if last and w.n[my_hedge(w, h)]:
            w.n[at.CASH] += w.n[my_hedge(w, h)]
            w.n[at.HELD] -= w.n[my_hedge(w, h)]
            w.n[at.TERMS + at.T_RETURNED] += w.n[my_hedge(w, h)]
            w.n[at.SOURCES + at.S_RETURNED] += w.n[my_hedge(w, h)]
            w.n[my_hedge(w, h)] = 0


@inner
def settle(p: Plan, w: Work, h: int, gain_usd: float, day: int) -> None:
    """Collect or owe what a contract brings."""
    cents = usd_cents(abs(gain_usd))
    if not cents:
        return
    if gain_usd > 0:
        earn(w, at.G_OTHER, cents)
        collect(w, cents)
    else:
        owe_now(p, w, at.OTHER, p.n[of_hedge(p, h) + at.H_NAME], cents, day, -1)


@inner
def end_call(p: Plan, w: Work, h: int) -> None:
    """Let a call be exercised or expire."""
    sat = w.n[my_hedge(w, h) + 1]
    if not sat:
        return
    w.n[my_hedge(w, h) + 1] = 0
    w.n[at.WRITTEN] -= sat
    if w.x[at.PRICE] > p.x[parts_of_hedge(p, h) + at.HF_CALL]:
        sell_for(w, sat, cents_of(sat, p.x[parts_of_hedge(p, h) + at.HF_CALL], 0.0))
    else:
        w.n[at.FREE] += sat


@inner
def tax_day(p: Plan, w: Work, d: int, day: int) -> None:
    """Owe a quarter's tax at its end; carry a loss."""
    if not p.n[at.P_TAXED] or not p.n[of_day(p, d) + at.ENDS_QUARTER]:
        return
    taxable = w.x[at.INCOME] + w.x[at.GAINS] + w.x[at.LOSS]
    w.x[at.INCOME] = w.x[at.GAINS] = 0.0
    if taxable > 0:
        owed = usd_cents(taxable * p.x[at.F_TAX_RATE])
        owe_now(p, w, at.TAX, p.n[at.P_COMPANY], owed, day + p.n[at.P_TAX_WAIT], -1)
        w.x[at.LOSS] = 0.0
    else:
        w.x[at.LOSS] = taxable if p.n[at.P_CARRIED] else 0.0
