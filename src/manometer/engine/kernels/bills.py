"""What a site and its company owe each day, and when it is billed: `engine/bills.py` compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import folded, inner
from . import layout as at
from .postings import add_due, collect, earn, grant_credit, owe, owe_now, prepay, usd_cents
from .rows import (
    my_flows,
    my_name,
    my_net,
    my_queue,
    my_site,
    my_site_parts,
    of_day,
    of_site,
    of_site_day,
    parts_of_site,
    rates_of_day,
)

__all__ = ["charge_site", "pay_ahead"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@folded
def charge_site(p: Ints, q: Floats, w: Ints, v: Floats, s: int, revenue_usd: float, d: int, day: int) -> None:
    """Owe a site's day, and bill it where a bill is made."""
    dark = w[my_site(w, s) + at.WS_DARK] != 0
    usd = 0.0 if dark else v[my_flows(w, s, d) + at.BILLED]
    cost, bill = usd_cents(usd), p[of_site(p, s) + at.SI_BILL]
    if cost > 0:
        owe(p, q, w, v, bill, cost)
        w[my_site(w, s) + at.WS_UNBILLED] += cost
    elif cost < 0:
        earn(w, v, at.G_OTHER, -cost)
        collect(w, v, -cost)
    w[my_net(w, s, d)] = usd_cents(revenue_usd - usd)
    f = my_site_parts(w, s)
    v[f + at.WF_ENERGY] += usd
    v[f + at.WF_REVENUE] += revenue_usd
    if not dark:
        v[f + at.WF_MWH] += v[my_flows(w, s, d) + at.MWH]
        v[f + at.WF_PEAK] = max(v[f + at.WF_PEAK], v[my_flows(w, s, d) + at.LOAD])
        v[f + at.WF_CREDIT] += v[my_flows(w, s, d) + at.CURTAILED]
        v[f + at.WF_RESOLD] += v[my_flows(w, s, d) + at.RESOLD]
    if p[of_site(p, s) + at.SI_PEAK]:
        watch_peak(p, q, w, v, s, 0.0 if dark else v[my_flows(w, s, d) + at.PEAK], d)
    if p[of_day(p, d) + at.ENDS_MONTH]:
        end_month(p, q, w, v, s, bill, d, day)
    kind, unbilled = p[of_site(p, s) + at.SI_BILLED], w[my_site(w, s) + at.WS_UNBILLED]
    made = p[of_day(p, d) + at.ENDS_MONTH] if kind == at.MONTHLY_BILL else p[of_day(p, d) + at.ENDS_WEEK]
    if (made or kind == at.PREPAID_BILL) and unbilled:
        wait = 0 if kind == at.PREPAID_BILL else p[of_site(p, s) + at.SI_TERMS]
        add_due(w, v, bill, s, unbilled, day + wait, s)
        w[my_site(w, s) + at.WS_UNBILLED] = 0
    collect_credits(w, v, s, day)
    if w[my_site(w, s) + at.WS_DARK] == at.TAKEN:
        # A site that a lender has taken owes no more; one that waits for power keeps its people and its land.
        return
    row = of_site_day(p, s, d)
    ends = day + p[of_day(p, d) + at.MONTH_DAYS] - p[of_day(p, d) + at.DAY_OF_MONTH]
    owe_now(p, q, w, v, at.PEOPLE, s, p[row + at.D_PAY], ends, s)
    owe_now(p, q, w, v, at.SITE, s, p[row + at.D_GROUND], ends, s)
    # Paid a year ahead: what is owed today is drawn from it, and what is missing is due today.
    owe_now(p, q, w, v, at.SITE, p[of_site(p, s) + at.SI_COVER], p[row + at.D_COVER], day, s)
    if not dark:
        owe_now(p, q, w, v, at.SUSTAINING, s, p[row + at.D_UPKEEP], ends, s)


@inner
def watch_peak(p: Ints, q: Floats, w: Ints, v: Floats, s: int, peak_mw: float, d: int) -> None:
    """Keep the load of peak hours, and charge last summer's mean this year."""
    year = p[of_day(p, d) + at.YEAR]
    if year != w[my_site(w, s) + at.WS_YEAR]:
        if w[my_site(w, s) + at.WS_PEAKS]:
            v[my_site_parts(w, s) + at.WF_CHARGED] = (
                v[my_site_parts(w, s) + at.WF_SUMMER] / w[my_site(w, s) + at.WS_PEAKS]
            )
        (
            w[my_site(w, s) + at.WS_YEAR],
            w[my_site(w, s) + at.WS_PEAKS],
            v[my_site_parts(w, s) + at.WF_SUMMER],
        ) = year, 0, 0.0
    if p[of_site_day(p, s, d) + at.D_PEAK_MONTH] and not np.isnan(peak_mw):
        v[my_site_parts(w, s) + at.WF_SUMMER] += peak_mw
        w[my_site(w, s) + at.WS_PEAKS] += 1


@inner
def end_month(p: Ints, q: Floats, w: Ints, v: Floats, s: int, bill: int, d: int, day: int) -> None:
    """Owe what only a whole month shows: minimum take, peak load, profit share; and earn its credits."""
    f, site, rates = my_site_parts(w, s), parts_of_site(p, s), rates_of_day(p, s, d)
    extra = 0.0
    if p[of_site(p, s) + at.SI_MINIMUM]:
        energy = q[site + at.SF_CONTRACTED] * 24 * p[of_day(p, d) + at.DAY_OF_MONTH] * q[site + at.SF_TAKE]
        extra += max(energy - v[f + at.WF_MWH], 0.0) * q[rates + at.R_TAKE]
    if q[rates + at.R_DEMAND] > 0:
        extra += v[f + at.WF_PEAK] * 1000.0 * q[rates + at.R_DEMAND]
    if p[of_site(p, s) + at.SI_PEAK]:
        extra += v[f + at.WF_CHARGED] * q[site + at.SF_PEAK_RATE] / 12
    if q[site + at.SF_PROFIT] > 0:
        extra += q[site + at.SF_PROFIT] * max(v[f + at.WF_REVENUE] - v[f + at.WF_ENERGY], 0.0)
    cents = usd_cents(extra)
    if cents > 0 and not w[my_site(w, s) + at.WS_DARK]:
        owe(p, q, w, v, bill, cents)
        w[my_site(w, s) + at.WS_UNBILLED] += cents
    gained = usd_cents(v[f + at.WF_CREDIT])
    if gained > 0 and p[of_site(p, s) + at.SI_CURTAILED]:
        if p[of_site(p, s) + at.SI_CREDIT_CASH]:
            k = w[my_site(w, s) + at.WS_OWED_TO]
            w[my_queue(w, s, k) + 2 + 0], w[my_queue(w, s, k) + 2 + 1] = (
                day + p[of_site(p, s) + at.SI_CREDIT_WAIT],
                gained,
            )
            w[my_site(w, s) + at.WS_OWED_TO] += 1
            w[at.HELD] += gained
            earn(w, v, at.G_CURTAILMENT, gained)
        else:
            grant_credit(w, v, s, gained)
    resold = usd_cents(v[f + at.WF_RESOLD])
    if resold > 0:
        grant_credit(w, v, s, resold)
    v[f + at.WF_MWH] = v[f + at.WF_ENERGY] = v[f + at.WF_REVENUE] = v[f + at.WF_PEAK] = v[
        f + at.WF_CREDIT
    ] = v[f + at.WF_RESOLD] = 0.0


@folded
def collect_credits(w: Ints, v: Floats, s: int, day: int) -> None:
    """Collect what curtailment is paid in cash, once it is due."""
    while w[my_site(w, s) + at.WS_OWED_FROM] < w[my_site(w, s) + at.WS_OWED_TO]:
        k = w[my_site(w, s) + at.WS_OWED_FROM]
        if w[my_queue(w, s, k) + 2 + 0] > day:
            return
        collect(w, v, w[my_queue(w, s, k) + 2 + 1])
        w[at.HELD] -= w[my_queue(w, s, k) + 3]
        w[my_site(w, s) + at.WS_OWED_FROM] += 1


@folded
def pay_ahead(p: Ints, q: Floats, w: Ints, v: Floats, s: int, d: int) -> None:
    """Pay a year of insurance and the contract's days of power ahead, as far as cash goes."""
    if w[my_site(w, s) + at.WS_DARK]:
        return
    if p[of_site(p, s) + at.SI_INSURED] and p[of_site_day(p, s, d) + at.D_YEAR_COVER]:
        cover = p[of_site(p, s) + at.SI_COVER]
        more = min(p[of_site_day(p, s, d) + at.D_YEAR_COVER] - w[my_name(w, cover) + at.SITE], w[at.CASH])
        if more > 0:
            w[my_name(w, cover) + at.SITE] += more
            w[at.PAID_AHEAD] += more
            prepay(p, q, w, v, at.SITE, more)
    if p[of_site(p, s) + at.SI_BILLED] != at.PREPAID_BILL:
        return
    bill = p[of_site(p, s) + at.SI_BILL]
    # What the days ahead will use is not known: each is taken to be like today.
    need = max(v[my_flows(w, s, d) + at.BILLED], 0.0) * p[of_site(p, s) + at.SI_TERMS]
    more = min(usd_cents(need) - w[my_name(w, s) + bill], w[at.CASH])
    if more > 0:
        w[my_name(w, s) + bill] += more
        w[at.PAID_AHEAD] += more
        prepay(p, q, w, v, bill, more)
