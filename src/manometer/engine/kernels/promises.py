"""Covenants, hedges and tax on their days: `engine/covenants.py` and parts of `engine/plans.py`, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import folded, inner
from . import layout as at
from .cash import cents_of
from .loans import accelerate, loan_to_value, over
from .lots import dispose
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

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PHS_PER_THS = 1e-3
_WINDOW = 365


@inner
def total_debt(p: Ints, q: Floats, w: Ints, v: Floats) -> int:
    """Return all that is owed to lenders and not yet due."""
    debt = 0
    for x in range(p[at.P_LOANS]):
        debt += w[my_loan(w, x) + at.WL_DEBT]
    return debt


@folded
def note_figures(p: Ints, q: Floats, w: Ints, v: Floats, mined: int, d: int) -> None:
    """Keep what covenants look back on, and what is taxed."""
    revenue = usd_cents(mined / at.SAT * v[at.PRICE])
    w[my_day(w, d)], w[my_day(w, d) + 1], w[my_day(w, d) + 2] = (
        revenue,
        w[at.RUNNING_TODAY],
        w[at.SERVICE_TODAY],
    )
    w[at.REVENUE_SUM] += revenue
    w[at.RUNNING_SUM] += w[my_day(w, d) + 1]
    w[at.SERVICE_SUM] += w[my_day(w, d) + 2]
    if d >= _WINDOW:
        w[at.REVENUE_SUM] -= w[my_day(w, d - _WINDOW)]
        w[at.RUNNING_SUM] -= w[my_day(w, d - _WINDOW) + 1]
        w[at.SERVICE_SUM] -= w[my_day(w, d - _WINDOW) + 2]
    if p[at.P_TAXED]:
        taxed = revenue if p[at.P_ON_RECEIPT] else 0
        v[at.INCOME] += (taxed - w[my_day(w, d) + 1] - w[at.INTEREST_TODAY]) / 100 - q[p[at.TAX_WEAR] + d]


@inner
def measure(p: Ints, q: Floats, w: Ints, v: Floats, c: int, d: int, day: int) -> float:
    """Return what a covenant measures today."""
    kind, cash, debt = p[of_covenant(p, c) + at.K_KIND], w[at.CASH] / 100, total_debt(p, q, w, v) / 100
    if kind == at.LIQUIDITY:
        coins = w[at.FREE] / at.SAT if p[of_covenant(p, c) + at.K_COINS] else 0.0
        return cash + coins * v[at.PRICE] * (1 - q[at.F_HAIRCUT])
    earned = (w[at.REVENUE_SUM] - w[at.RUNNING_SUM]) / 100
    if kind == at.COVER:
        service = w[at.SERVICE_SUM] / 100
        return earned / service if service > 0 else np.inf
    if kind == at.LEVERAGE:
        yearly, net = earned * 365 / min(_WINDOW, d + 1), debt - cash
        if yearly > 0:
            return net / yearly
        return 0.0 if net <= 0 else np.inf
    if kind == at.LOAN_TO_VALUE:
        return loan_to_value(p, w, p[of_covenant(p, c) + at.K_LOAN], v[at.PRICE], day)
    now, before = cash + w[at.OWNED] / at.SAT * v[at.PRICE] - debt, v[w[at.NET_ASSETS] + c]
    return 1 - now / before if before > 0 else 0.0


@folded
def keep_promises(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Test what is tested today; a breach is waived for a fee so many times, then the loan is due."""
    for c in range(p[at.P_COVENANTS]):
        if not p[of_test(p, c, d)]:
            continue
        value, limit, kind = (
            measure(p, q, w, v, c, d, day),
            q[parts_of_covenant(p, c) + 0],
            p[of_covenant(p, c) + at.K_KIND],
        )
        room = (min(max(value, -1e18), 1e18) - limit) / limit
        if kind != at.LIQUIDITY and kind != at.COVER:
            room = -room
        coins = w[at.OWNED] / at.SAT * v[at.PRICE]
        v[w[at.NET_ASSETS] + c] = w[at.CASH] / 100 + coins - total_debt(p, q, w, v) / 100
        if room >= 0:
            continue
        happens(w, v, at.DARK + 1 + c, d)
        x = p[of_covenant(p, c) + at.K_LOAN]
        if x < 0 or over(w, v, x):
            continue
        if w[my_loan(w, x) + at.WL_WAIVED] < p[of_covenant(p, c) + at.K_WAIVERS]:
            w[my_loan(w, x) + at.WL_WAIVED] += 1
            fee = usd_cents(w[my_loan(w, x) + at.WL_DEBT] / 100 * q[parts_of_covenant(p, c) + 1])
            owe_now(p, q, w, v, at.INTEREST, p[of_loan(p, x) + at.LI_NAME], fee, day, -1)
        else:
            accelerate(p, q, w, v, x, d, day)


@inner
def open_hedges(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Post margin, pay or take premiums on the first day of each hedge."""
    for h in range(p[at.P_HEDGES]):
        if p[of_hedge(p, h) + at.H_FIRST] != d:
            continue
        kind = p[of_hedge(p, h) + at.H_KIND]
        if (kind == at.HASHPRICE_FORWARD or kind == at.PRICE_FORWARD) and q[
            parts_of_hedge(p, h) + at.HF_MARGIN
        ] > 0:
            value = q[parts_of_hedge(p, h) + at.HF_COINS] * q[parts_of_hedge(p, h) + at.HF_PRICE]
            if kind == at.HASHPRICE_FORWARD:
                value = (
                    q[parts_of_hedge(p, h) + at.HF_THS]
                    * _PHS_PER_THS
                    * q[parts_of_hedge(p, h) + at.HF_LEVEL]
                    * q[parts_of_hedge(p, h) + at.HF_DAYS]
                )
            margin = min(usd_cents(value * q[parts_of_hedge(p, h) + at.HF_MARGIN]), w[at.CASH])
            if margin:
                w[my_hedge(w, h)] += margin
                w[at.HELD] += margin
                w[at.CASH] -= margin
                w[at.TERMS + at.T_MARGIN] += margin
                w[at.USES + at.LINE_MARGIN] += margin
        if (kind == at.PUT or kind == at.COLLAR) and p[of_hedge(p, h) + at.H_PREMIUM]:
            owe_now(
                p, q, w, v, at.OTHER, p[of_hedge(p, h) + at.H_NAME], p[of_hedge(p, h) + at.H_PREMIUM], day, -1
            )
        if kind == at.COVERED_CALL:
            sat = min(p[of_hedge(p, h) + at.H_SAT], w[at.FREE])
            if sat:
                w[at.FREE] -= sat
                w[at.WRITTEN] += sat
                w[my_hedge(w, h) + 1] += sat
                w[at.CASH] += p[of_hedge(p, h) + at.H_PREMIUM]
                w[at.TERMS + at.T_RECEIPTS] += p[of_hedge(p, h) + at.H_PREMIUM]
                w[at.SOURCES + at.S_RECEIPTS] += p[of_hedge(p, h) + at.H_PREMIUM]
                w[at.GAINED + at.G_OTHER] += p[of_hedge(p, h) + at.H_PREMIUM]
                w[at.OWN_TODAY] -= p[of_hedge(p, h) + at.H_PREMIUM]


@folded
def hedge_day(p: Ints, q: Floats, w: Ints, v: Floats, hashprice: float, d: int, day: int) -> None:
    """Let forwards on hashprice settle at each month's end, and the rest on their last day."""
    for h in range(p[at.P_HEDGES]):
        if not p[of_hedge(p, h) + at.H_FIRST] <= d <= p[of_hedge(p, h) + at.H_LAST]:
            continue
        kind, last = p[of_hedge(p, h) + at.H_KIND], d == p[of_hedge(p, h) + at.H_LAST]
        if kind == at.HASHPRICE_FORWARD:
            each = q[parts_of_hedge(p, h) + at.HF_THS] * _PHS_PER_THS
            v[w[at.OWING] + h] += each * (q[parts_of_hedge(p, h) + at.HF_LEVEL] - hashprice)
            if last or p[of_day(p, d) + at.ENDS_MONTH]:
                settle(p, q, w, v, h, v[w[at.OWING] + h], day)
                v[w[at.OWING] + h] = 0.0
        elif last and kind == at.COVERED_CALL:
            end_call(p, q, w, v, h)
        elif last:
            gain = q[parts_of_hedge(p, h) + at.HF_PRICE] - v[at.PRICE]
            if kind != at.PRICE_FORWARD:
                gain = max(gain, 0.0)
            if kind == at.COLLAR:
                gain -= max(v[at.PRICE] - q[parts_of_hedge(p, h) + at.HF_CALL], 0.0)
            settle(p, q, w, v, h, gain * q[parts_of_hedge(p, h) + at.HF_COINS], day)
        if last and w[my_hedge(w, h)]:
            w[at.CASH] += w[my_hedge(w, h)]
            w[at.HELD] -= w[my_hedge(w, h)]
            w[at.TERMS + at.T_RETURNED] += w[my_hedge(w, h)]
            w[at.SOURCES + at.S_RETURNED] += w[my_hedge(w, h)]
            w[my_hedge(w, h)] = 0


@inner
def settle(p: Ints, q: Floats, w: Ints, v: Floats, h: int, gain_usd: float, day: int) -> None:
    """Collect or owe what a contract brings."""
    cents = usd_cents(abs(gain_usd))
    if not cents:
        return
    if gain_usd > 0:
        earn(w, v, at.G_OTHER, cents)
        collect(w, v, cents)
    else:
        owe_now(p, q, w, v, at.OTHER, p[of_hedge(p, h) + at.H_NAME], cents, day, -1)


@inner
def end_call(p: Ints, q: Floats, w: Ints, v: Floats, h: int) -> None:
    """Let a call be exercised or expire."""
    sat = w[my_hedge(w, h) + 1]
    if not sat:
        return
    w[my_hedge(w, h) + 1] = 0
    w[at.WRITTEN] -= sat
    if v[at.PRICE] > q[parts_of_hedge(p, h) + at.HF_CALL]:
        got = cents_of(sat, q[parts_of_hedge(p, h) + at.HF_CALL], 0.0)
        sell_for(w, v, sat, got)
        dispose(p, q, w, v, sat, got)
    else:
        w[at.FREE] += sat


@folded
def tax_day(p: Ints, q: Floats, w: Ints, v: Floats, d: int, day: int) -> None:
    """Owe a quarter's tax at its end; carry a loss."""
    if not p[at.P_TAXED] or not p[of_day(p, d) + at.ENDS_QUARTER]:
        return
    taxable = v[at.INCOME] + v[at.GAINS] + v[at.LOSS]
    v[at.INCOME] = v[at.GAINS] = 0.0
    if taxable > 0:
        owed = usd_cents(taxable * q[at.F_TAX_RATE])
        owe_now(p, q, w, v, at.TAX, p[at.P_COMPANY], owed, day + p[at.P_TAX_WAIT], -1)
        v[at.LOSS] = 0.0
    else:
        v[at.LOSS] = taxable if p[at.P_CARRIED] else 0.0
