"""What a site and its company owe each day, and when it is billed: `engine/bills.py` compiled."""

from __future__ import annotations

import numpy as np

from ...compiled import inner
from . import layout as at
from .layout import Plan, Work
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
)

__all__ = ["charge_site", "pay_ahead"]


@inner
def charge_site(p: Plan, w: Work, s: int, revenue_usd: float, d: int, day: int) -> None:
    """Owe a site's day, and bill it where a bill is made."""
    dark = w.n[my_site(w, s) + at.WS_DARK] != 0
    usd = 0.0 if dark else w.x[my_flows(w, s, d) + at.BILLED]
    cost, bill = usd_cents(usd), p.n[of_site(p, s) + at.SI_BILL]
    if cost > 0:
        owe(p, w, bill, cost)
        w.n[my_site(w, s) + at.WS_UNBILLED] += cost
    elif cost < 0:
        earn(w, at.G_OTHER, -cost)
        collect(w, -cost)
    w.n[my_net(w, s, d)] = usd_cents(revenue_usd - usd)
    f = my_site_parts(w, s)
    w.x[f + at.WF_ENERGY] += usd
    w.x[f + at.WF_REVENUE] += revenue_usd
    if not dark:
        w.x[f + at.WF_MWH] += w.x[my_flows(w, s, d) + at.MWH]
        w.x[f + at.WF_PEAK] = max(w.x[f + at.WF_PEAK], w.x[my_flows(w, s, d) + at.LOAD])
        w.x[f + at.WF_CREDIT] += w.x[my_flows(w, s, d) + at.CURTAILED]
        w.x[f + at.WF_RESOLD] += w.x[my_flows(w, s, d) + at.RESOLD]
    if p.n[of_site(p, s) + at.SI_PEAK]:
        watch_peak(p, w, s, 0.0 if dark else w.x[my_flows(w, s, d) + at.PEAK], d)
    if p.n[of_day(p, d) + at.ENDS_MONTH]:
        end_month(p, w, s, bill, d, day)
    kind, unbilled = p.n[of_site(p, s) + at.SI_BILLED], w.n[my_site(w, s) + at.WS_UNBILLED]
    made = p.n[of_day(p, d) + at.ENDS_MONTH] if kind == at.MONTHLY_BILL else p.n[of_day(p, d) + at.ENDS_WEEK]
    if (made or kind == at.PREPAID_BILL) and unbilled:
        wait = 0 if kind == at.PREPAID_BILL else p.n[of_site(p, s) + at.SI_TERMS]
        add_due(w, bill, s, unbilled, day + wait, s)
        w.n[my_site(w, s) + at.WS_UNBILLED] = 0
    collect_credits(w, s, day)
    if not dark:
        row = of_site_day(p, s, d)
        ends = day + p.n[of_day(p, d) + at.MONTH_DAYS] - p.n[of_day(p, d) + at.DAY_OF_MONTH]
        owe_now(p, w, at.PEOPLE, s, p.n[row + at.D_PAY], ends, s)
        owe_now(p, w, at.SITE, s, p.n[row + at.D_GROUND], ends, s)
        # Paid a year ahead: what is owed today is drawn from it, and what is missing is due today.
        owe_now(p, w, at.SITE, p.n[of_site(p, s) + at.SI_COVER], p.n[row + at.D_COVER], day, s)
        owe_now(p, w, at.SUSTAINING, s, p.n[row + at.D_UPKEEP], ends, s)


@inner
def watch_peak(p: Plan, w: Work, s: int, peak_mw: float, d: int) -> None:
    """Keep the load of peak hours, and charge last summer's mean this year."""
    year = p.n[of_day(p, d) + at.YEAR]
    if year != w.n[my_site(w, s) + at.WS_YEAR]:
        if w.n[my_site(w, s) + at.WS_PEAKS]:
            w.x[my_site_parts(w, s) + at.WF_CHARGED] = (
                w.x[my_site_parts(w, s) + at.WF_SUMMER] / w.n[my_site(w, s) + at.WS_PEAKS]
            )
        (
            w.n[my_site(w, s) + at.WS_YEAR],
            w.n[my_site(w, s) + at.WS_PEAKS],
            w.x[my_site_parts(w, s) + at.WF_SUMMER],
        ) = year, 0, 0.0
    if p.n[of_site_day(p, s, d) + at.D_PEAK_MONTH] and not np.isnan(peak_mw):
        w.x[my_site_parts(w, s) + at.WF_SUMMER] += peak_mw
        w.n[my_site(w, s) + at.WS_PEAKS] += 1


@inner
def end_month(p: Plan, w: Work, s: int, bill: int, d: int, day: int) -> None:
    """Owe what only a whole month shows: minimum take, peak load, profit share; and earn its credits."""
    f, site = my_site_parts(w, s), parts_of_site(p, s)
    extra = 0.0
    if p.n[of_site(p, s) + at.SI_MINIMUM]:
        energy = (
            p.x[site + at.SF_CONTRACTED] * 24 * p.n[of_day(p, d) + at.DAY_OF_MONTH] * p.x[site + at.SF_TAKE]
        )
        extra += max(energy - w.x[f + at.WF_MWH], 0.0) * p.x[site + at.SF_PRICE]
    if p.x[site + at.SF_DEMAND] > 0:
        extra += w.x[f + at.WF_PEAK] * 1000.0 * p.x[site + at.SF_DEMAND]
    if p.n[of_site(p, s) + at.SI_PEAK]:
        extra += w.x[f + at.WF_CHARGED] * p.x[site + at.SF_PEAK_RATE] / 12
    if p.x[site + at.SF_PROFIT] > 0:
        extra += p.x[site + at.SF_PROFIT] * max(w.x[f + at.WF_REVENUE] - w.x[f + at.WF_ENERGY], 0.0)
    cents = usd_cents(extra)
    if cents > 0 and not w.n[my_site(w, s) + at.WS_DARK]:
        owe(p, w, bill, cents)
        w.n[my_site(w, s) + at.WS_UNBILLED] += cents
    gained = usd_cents(w.x[f + at.WF_CREDIT])
    if gained > 0 and p.n[of_site(p, s) + at.SI_CURTAILED]:
        if p.n[of_site(p, s) + at.SI_CREDIT_CASH]:
            k = w.n[my_site(w, s) + at.WS_OWED_TO]
            w.n[my_queue(w, s, k) + 2 + 0], w.n[my_queue(w, s, k) + 2 + 1] = (
                day + p.n[of_site(p, s) + at.SI_CREDIT_WAIT],
                gained,
            )
            w.n[my_site(w, s) + at.WS_OWED_TO] += 1
            earn(w, at.G_CURTAILMENT, gained)
        else:
            grant_credit(w, s, gained)
    resold = usd_cents(w.x[f + at.WF_RESOLD])
    if resold > 0:
        grant_credit(w, s, resold)
    w.x[f + at.WF_MWH] = w.x[f + at.WF_ENERGY] = w.x[f + at.WF_REVENUE] = w.x[f + at.WF_PEAK] = w.x[
        f + at.WF_CREDIT
    ] = w.x[f + at.WF_RESOLD] = 0.0


@inner
def collect_credits(w: Work, s: int, day: int) -> None:
    """Collect what curtailment is paid in cash, once it is due."""
    while w.n[my_site(w, s) + at.WS_OWED_FROM] < w.n[my_site(w, s) + at.WS_OWED_TO]:
        k = w.n[my_site(w, s) + at.WS_OWED_FROM]
        if w.n[my_queue(w, s, k) + 2 + 0] > day:
            return
        collect(w, w.n[my_queue(w, s, k) + 2 + 1])
        w.n[my_site(w, s) + at.WS_OWED_FROM] += 1


@inner
def pay_ahead(p: Plan, w: Work, s: int, d: int) -> None:
    """Pay a year of insurance and the contract's days of power ahead, as far as cash goes."""
    if w.n[my_site(w, s) + at.WS_DARK]:
        return
    if p.n[of_site(p, s) + at.SI_INSURED] and p.n[of_site_day(p, s, d) + at.D_YEAR_COVER]:
        cover = p.n[of_site(p, s) + at.SI_COVER]
        more = min(
            p.n[of_site_day(p, s, d) + at.D_YEAR_COVER] - w.n[my_name(w, cover) + at.SITE], w.n[at.CASH]
        )
        if more > 0:
            w.n[my_name(w, cover) + at.SITE] += more
            prepay(p, w, at.SITE, more)
    if p.n[of_site(p, s) + at.SI_BILLED] != at.PREPAID_BILL:
        return
    need, bill = 0.0, p.n[of_site(p, s) + at.SI_BILL]
    for k in range(d + 1, min(d + 1 + p.n[of_site(p, s) + at.SI_TERMS], p.n[at.P_DAYS])):
        need += max(w.x[my_flows(w, s, k) + at.BILLED], 0.0)
    more = min(usd_cents(need) - w.n[my_name(w, s) + bill], w.n[at.CASH])
    if more > 0:
        w.n[my_name(w, s) + bill] += more
        prepay(p, w, bill, more)
