"""What a site and its company owe each day, and when it is billed: `engine/bills.py` compiled."""

from __future__ import annotations

import numpy as np

from ...compiled import jit
from . import layout as at
from .layout import Plan, Work
from .postings import add_due, collect, earn, grant_credit, owe, owe_now, prepay, usd_cents

__all__ = ["charge_site", "pay_ahead"]


@jit
def charge_site(p: Plan, w: Work, s: int, revenue_usd: float, d: int, day: int) -> None:
    """Owe a site's day, and bill it where a bill is made."""
    dark = w.site_i[s, at.WS_DARK] != 0
    usd = 0.0 if dark else w.flows[s, d, at.BILLED]
    cost, bill = usd_cents(usd), p.site_i[s, at.SI_BILL]
    if cost > 0:
        owe(p, w, bill, cost)
        w.site_i[s, at.WS_UNBILLED] += cost
    elif cost < 0:
        earn(w, at.G_OTHER, -cost)
        collect(w, -cost)
    w.net[s, d] = usd_cents(revenue_usd - usd)
    f = w.site_f[s]
    f[at.WF_ENERGY] += usd
    f[at.WF_REVENUE] += revenue_usd
    if not dark:
        f[at.WF_MWH] += w.flows[s, d, at.MWH]
        f[at.WF_PEAK] = max(f[at.WF_PEAK], w.flows[s, d, at.LOAD])
        f[at.WF_CREDIT] += w.flows[s, d, at.CURTAILED]
        f[at.WF_RESOLD] += w.flows[s, d, at.RESOLD]
    if p.site_i[s, at.SI_PEAK]:
        watch_peak(p, w, s, 0.0 if dark else w.flows[s, d, at.PEAK], d)
    if p.calendar[d, at.ENDS_MONTH]:
        end_month(p, w, s, bill, d, day)
    kind, unbilled = p.site_i[s, at.SI_BILLED], w.site_i[s, at.WS_UNBILLED]
    made = p.calendar[d, at.ENDS_MONTH] if kind == at.MONTHLY_BILL else p.calendar[d, at.ENDS_WEEK]
    if (made or kind == at.PREPAID_BILL) and unbilled:
        wait = 0 if kind == at.PREPAID_BILL else p.site_i[s, at.SI_TERMS]
        add_due(w, bill, s, unbilled, day + wait, s)
        w.site_i[s, at.WS_UNBILLED] = 0
    collect_credits(w, s, day)
    if not dark:
        day_rows = p.site_day[s, d]
        ends = day + p.calendar[d, at.MONTH_DAYS] - p.calendar[d, at.DAY_OF_MONTH]
        owe_now(p, w, at.PEOPLE, s, day_rows[at.D_PAY], ends, s)
        owe_now(p, w, at.SITE, s, day_rows[at.D_GROUND], ends, s)
        # Paid a year ahead: what is owed today is drawn from it, and what is missing is due today.
        owe_now(p, w, at.SITE, p.site_i[s, at.SI_COVER], day_rows[at.D_COVER], day, s)
        owe_now(p, w, at.SUSTAINING, s, day_rows[at.D_UPKEEP], ends, s)


@jit
def watch_peak(p: Plan, w: Work, s: int, peak_mw: float, d: int) -> None:
    """Keep the load of peak hours, and charge last summer's mean this year."""
    year = p.calendar[d, at.YEAR]
    if year != w.site_i[s, at.WS_YEAR]:
        if w.site_i[s, at.WS_PEAKS]:
            w.site_f[s, at.WF_CHARGED] = w.site_f[s, at.WF_SUMMER] / w.site_i[s, at.WS_PEAKS]
        w.site_i[s, at.WS_YEAR], w.site_i[s, at.WS_PEAKS], w.site_f[s, at.WF_SUMMER] = year, 0, 0.0
    if p.site_day[s, d, at.D_PEAK_MONTH] and not np.isnan(peak_mw):
        w.site_f[s, at.WF_SUMMER] += peak_mw
        w.site_i[s, at.WS_PEAKS] += 1


@jit
def end_month(p: Plan, w: Work, s: int, bill: int, d: int, day: int) -> None:
    """Owe what only a whole month shows: minimum take, peak load, profit share; and earn its credits."""
    f, site = w.site_f[s], p.site_f[s]
    extra = 0.0
    if p.site_i[s, at.SI_MINIMUM]:
        energy = site[at.SF_CONTRACTED] * 24 * p.calendar[d, at.DAY_OF_MONTH] * site[at.SF_TAKE]
        extra += max(energy - f[at.WF_MWH], 0.0) * site[at.SF_PRICE]
    if site[at.SF_DEMAND] > 0:
        extra += f[at.WF_PEAK] * 1000.0 * site[at.SF_DEMAND]
    if p.site_i[s, at.SI_PEAK]:
        extra += f[at.WF_CHARGED] * site[at.SF_PEAK_RATE] / 12
    if site[at.SF_PROFIT] > 0:
        extra += site[at.SF_PROFIT] * max(f[at.WF_REVENUE] - f[at.WF_ENERGY], 0.0)
    cents = usd_cents(extra)
    if cents > 0 and not w.site_i[s, at.WS_DARK]:
        owe(p, w, bill, cents)
        w.site_i[s, at.WS_UNBILLED] += cents
    gained = usd_cents(f[at.WF_CREDIT])
    if gained > 0 and p.site_i[s, at.SI_CURTAILED]:
        if p.site_i[s, at.SI_CREDIT_CASH]:
            k = w.site_i[s, at.WS_OWED_TO]
            w.owed[s, k, 0], w.owed[s, k, 1] = day + p.site_i[s, at.SI_CREDIT_WAIT], gained
            w.site_i[s, at.WS_OWED_TO] += 1
            earn(w, at.G_CURTAILMENT, gained)
        else:
            grant_credit(w, s, gained)
    resold = usd_cents(f[at.WF_RESOLD])
    if resold > 0:
        grant_credit(w, s, resold)
    f[at.WF_MWH] = f[at.WF_ENERGY] = f[at.WF_REVENUE] = f[at.WF_PEAK] = f[at.WF_CREDIT] = f[at.WF_RESOLD] = (
        0.0
    )


@jit
def collect_credits(w: Work, s: int, day: int) -> None:
    """Collect what curtailment is paid in cash, once it is due."""
    while w.site_i[s, at.WS_OWED_FROM] < w.site_i[s, at.WS_OWED_TO]:
        k = w.site_i[s, at.WS_OWED_FROM]
        if w.owed[s, k, 0] > day:
            return
        collect(w, w.owed[s, k, 1])
        w.site_i[s, at.WS_OWED_FROM] += 1


@jit
def pay_ahead(p: Plan, w: Work, s: int, d: int) -> None:
    """Pay a year of insurance and the contract's days of power ahead, as far as cash goes."""
    if w.site_i[s, at.WS_DARK]:
        return
    if p.site_i[s, at.SI_INSURED] and p.site_day[s, d, at.D_YEAR_COVER]:
        cover = p.site_i[s, at.SI_COVER]
        more = min(p.site_day[s, d, at.D_YEAR_COVER] - w.prepaid[at.SITE, cover], w.i[at.CASH])
        if more > 0:
            w.prepaid[at.SITE, cover] += more
            prepay(p, w, at.SITE, more)
    if p.site_i[s, at.SI_BILLED] != at.PREPAID_BILL:
        return
    need, bill = 0.0, p.site_i[s, at.SI_BILL]
    for k in range(d + 1, min(d + 1 + p.site_i[s, at.SI_TERMS], w.flows.shape[1])):
        need += max(w.flows[s, k, at.BILLED], 0.0)
    more = min(usd_cents(need) - w.prepaid[bill, s], w.i[at.CASH])
    if more > 0:
        w.prepaid[bill, s] += more
        prepay(p, w, bill, more)
