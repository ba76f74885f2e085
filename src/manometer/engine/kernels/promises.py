"""Covenants, hedges and tax on their days: `engine/covenants.py` and parts of `engine/plans.py`, compiled."""

from __future__ import annotations

import numpy as np

from ...compiled import jit
from . import layout as at
from .cash import cents_of
from .layout import Plan, Work
from .loans import accelerate, loan_to_value, over
from .postings import collect, earn, happens, owe_now, sell_for, usd_cents

__all__ = ["hedge_day", "keep_promises", "note_figures", "open_hedges", "tax_day", "total_debt"]

_PHS_PER_THS = 1e-3
_WINDOW = 365


@jit
def total_debt(w: Work) -> int:
    """Return all that is owed to lenders and not yet due."""
    debt = 0
    for x in range(len(w.loan_i)):
        debt += w.loan_i[x, at.WL_DEBT]
    return debt


@jit
def note_figures(p: Plan, w: Work, mined: int, d: int) -> None:
    """Keep what covenants look back on, and what is taxed."""
    revenue = usd_cents(mined / at.SAT * w.f[at.PRICE])
    w.revenue[d], w.running[d], w.service[d] = revenue, w.i[at.RUNNING_TODAY], w.i[at.SERVICE_TODAY]
    w.i[at.REVENUE_SUM] += revenue
    w.i[at.RUNNING_SUM] += w.running[d]
    w.i[at.SERVICE_SUM] += w.service[d]
    if d >= _WINDOW:
        w.i[at.REVENUE_SUM] -= w.revenue[d - _WINDOW]
        w.i[at.RUNNING_SUM] -= w.running[d - _WINDOW]
        w.i[at.SERVICE_SUM] -= w.service[d - _WINDOW]
    if len(p.tax_wear):
        taxed = revenue if p.whole[at.P_ON_RECEIPT] else 0
        w.f[at.INCOME] += (taxed - w.running[d] - w.i[at.INTEREST_TODAY]) / 100 - p.tax_wear[d]


@jit
def measure(p: Plan, w: Work, c: int, d: int) -> float:
    """Return what a covenant measures today."""
    kind, cash, debt = p.covenant_i[c, at.K_KIND], w.i[at.CASH] / 100, total_debt(w) / 100
    if kind == at.LIQUIDITY:
        coins = w.i[at.FREE] / at.SAT if p.covenant_i[c, at.K_COINS] else 0.0
        return cash + coins * w.f[at.PRICE] * (1 - p.part[at.F_HAIRCUT])
    earned = (w.i[at.REVENUE_SUM] - w.i[at.RUNNING_SUM]) / 100
    if kind == at.COVER:
        service = w.i[at.SERVICE_SUM] / 100
        return earned / service if service > 0 else np.inf
    if kind == at.LEVERAGE:
        yearly, net = earned * 365 / min(_WINDOW, d + 1), debt - cash
        if yearly > 0:
            return net / yearly
        return 0.0 if net <= 0 else np.inf
    if kind == at.LOAN_TO_VALUE:
        return loan_to_value(w, p.covenant_i[c, at.K_LOAN], w.f[at.PRICE])
    now, before = cash + w.i[at.OWNED] / at.SAT * w.f[at.PRICE] - debt, w.net_assets[c]
    return 1 - now / before if before > 0 else 0.0


@jit
def keep_promises(p: Plan, w: Work, d: int, day: int) -> None:
    """Test what is tested today; a breach is waived for a fee so many times, then the loan is due."""
    for c in range(len(p.covenant_i)):
        if not p.covenant_day[c, d]:
            continue
        value, limit, kind = measure(p, w, c, d), p.covenant_f[c, 0], p.covenant_i[c, at.K_KIND]
        room = (min(max(value, -1e18), 1e18) - limit) / limit
        if kind != at.LIQUIDITY and kind != at.COVER:
            room = -room
        coins = w.i[at.OWNED] / at.SAT * w.f[at.PRICE]
        w.net_assets[c] = w.i[at.CASH] / 100 + coins - total_debt(w) / 100
        if room >= 0:
            continue
        happens(w, at.DARK + 1 + c, d)
        x = p.covenant_i[c, at.K_LOAN]
        if x < 0 or over(w, x):
            continue
        if w.loan_i[x, at.WL_WAIVED] < p.covenant_i[c, at.K_WAIVERS]:
            w.loan_i[x, at.WL_WAIVED] += 1
            fee = usd_cents(w.loan_i[x, at.WL_DEBT] / 100 * p.covenant_f[c, 1])
            owe_now(p, w, at.INTEREST, p.loan_i[x, at.LI_NAME], fee, day, -1)
        else:
            accelerate(p, w, x, d, day)


@jit
def open_hedges(p: Plan, w: Work, d: int, day: int) -> None:
    """Post margin, pay or take premiums on the first day of each hedge."""
    for h in range(len(p.hedge_i)):
        if p.hedge_i[h, at.H_FIRST] != d:
            continue
        kind = p.hedge_i[h, at.H_KIND]
        if (kind == at.HASHPRICE_FORWARD or kind == at.PRICE_FORWARD) and p.hedge_f[h, at.HF_MARGIN] > 0:
            value = p.hedge_f[h, at.HF_COINS] * p.hedge_f[h, at.HF_PRICE]
            if kind == at.HASHPRICE_FORWARD:
                value = (
                    p.hedge_f[h, at.HF_THS]
                    * _PHS_PER_THS
                    * p.hedge_f[h, at.HF_LEVEL]
                    * p.hedge_f[h, at.HF_DAYS]
                )
            margin = min(usd_cents(value * p.hedge_f[h, at.HF_MARGIN]), w.i[at.CASH])
            if margin:
                w.margin[h] += margin
                w.i[at.HELD] += margin
                w.i[at.CASH] -= margin
                w.terms[at.T_MARGIN] += margin
                w.uses[at.LINE_MARGIN] += margin
        if (kind == at.PUT or kind == at.COLLAR) and p.hedge_i[h, at.H_PREMIUM]:
            owe_now(p, w, at.OTHER, p.hedge_i[h, at.H_NAME], p.hedge_i[h, at.H_PREMIUM], day, -1)
        if kind == at.COVERED_CALL:
            sat = min(p.hedge_i[h, at.H_SAT], w.i[at.FREE])
            if sat:
                w.i[at.FREE] -= sat
                w.i[at.WRITTEN] += sat
                w.written[h] += sat
                w.i[at.CASH] += p.hedge_i[h, at.H_PREMIUM]
                w.terms[at.T_RECEIPTS] += p.hedge_i[h, at.H_PREMIUM]
                w.sources[at.S_RECEIPTS] += p.hedge_i[h, at.H_PREMIUM]
                w.gained[at.G_OTHER] += p.hedge_i[h, at.H_PREMIUM]
                w.i[at.OWN_TODAY] -= p.hedge_i[h, at.H_PREMIUM]


@jit
def hedge_day(p: Plan, w: Work, hashprice: float, d: int, day: int) -> None:
    """Let forwards on hashprice settle at each month's end, and the rest on their last day."""
    for h in range(len(p.hedge_i)):
        if not p.hedge_i[h, at.H_FIRST] <= d <= p.hedge_i[h, at.H_LAST]:
            continue
        kind, last = p.hedge_i[h, at.H_KIND], d == p.hedge_i[h, at.H_LAST]
        if kind == at.HASHPRICE_FORWARD:
            each = p.hedge_f[h, at.HF_THS] * _PHS_PER_THS
            w.owing[h] += each * (p.hedge_f[h, at.HF_LEVEL] - hashprice)
            if last or p.calendar[d, at.ENDS_MONTH]:
                settle(p, w, h, w.owing[h], day)
                w.owing[h] = 0.0
        elif last and kind == at.COVERED_CALL:
            end_call(p, w, h)
        elif last:
            gain = p.hedge_f[h, at.HF_PRICE] - w.f[at.PRICE]
            if kind != at.PRICE_FORWARD:
                gain = max(gain, 0.0)
            if kind == at.COLLAR:
                gain -= max(w.f[at.PRICE] - p.hedge_f[h, at.HF_CALL], 0.0)
            settle(p, w, h, gain * p.hedge_f[h, at.HF_COINS], day)
        if last and w.margin[h]:
            w.i[at.CASH] += w.margin[h]
            w.i[at.HELD] -= w.margin[h]
            w.terms[at.T_RETURNED] += w.margin[h]
            w.sources[at.S_RETURNED] += w.margin[h]
            w.margin[h] = 0


@jit
def settle(p: Plan, w: Work, h: int, gain_usd: float, day: int) -> None:
    """Collect or owe what a contract brings."""
    cents = usd_cents(abs(gain_usd))
    if not cents:
        return
    if gain_usd > 0:
        earn(w, at.G_OTHER, cents)
        collect(w, cents)
    else:
        owe_now(p, w, at.OTHER, p.hedge_i[h, at.H_NAME], cents, day, -1)


@jit
def end_call(p: Plan, w: Work, h: int) -> None:
    """Let a call be exercised or expire."""
    sat = w.written[h]
    if not sat:
        return
    w.written[h] = 0
    w.i[at.WRITTEN] -= sat
    if w.f[at.PRICE] > p.hedge_f[h, at.HF_CALL]:
        sell_for(w, sat, cents_of(sat, p.hedge_f[h, at.HF_CALL], 0.0))
    else:
        w.i[at.FREE] += sat


@jit
def tax_day(p: Plan, w: Work, d: int, day: int) -> None:
    """Owe a quarter's tax at its end; carry a loss."""
    if not len(p.tax_wear) or not p.calendar[d, at.ENDS_QUARTER]:
        return
    taxable = w.f[at.INCOME] + w.f[at.GAINS] + w.f[at.LOSS]
    w.f[at.INCOME] = w.f[at.GAINS] = 0.0
    if taxable > 0:
        owed = usd_cents(taxable * p.part[at.F_TAX_RATE])
        owe_now(p, w, at.TAX, p.whole[at.P_COMPANY], owed, day + p.whole[at.P_TAX_WAIT], -1)
        w.f[at.LOSS] = 0.0
    else:
        w.f[at.LOSS] = taxable if p.whole[at.P_CARRIED] else 0.0
