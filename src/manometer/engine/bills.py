"""What is owed each day, and when each bill is made and falls due."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..economics.power_bill import demand_charge
from ..operator.site import Site
from .plant import Operations
from .power import SUMMER
from .state import UNPAID, State, usd_cents

__all__ = ["Meter", "charge_company", "charge_site", "prepay", "share_of_month"]

_HOURS_PER_DAY = 24
_MONTHS = 12


@dataclass(slots=True)
class Meter:
    """What a site's bills are read from; lists by day, and what has run up since the last bill.

    `rates` by day: of power not taken [USD per MWh], of peak load [USD per kW and month].
    """

    site: Site
    installed_mw: float
    rates: list[list[float]]
    flows: dict[str, list[float]] = field(default_factory=dict)
    used_mwh: float = 0.0
    energy_usd: float = 0.0
    revenue_usd: float = 0.0
    peak_mw: float = 0.0
    credit_usd: float = 0.0
    resold_usd: float = 0.0
    summer_peak_mw: float = 0.0
    n_peaks: int = 0
    charged_mw: float = 0.0
    billing_year: int = 0
    credits_due: list[tuple[int, int]] = field(default_factory=list)

    def take(self, parts: list[tuple[Operations, bool]], n: int) -> None:
        """Add up the groups that may run."""
        for key in (
            "phs",
            "mwh",
            "power_usd",
            "resold_usd",
            "curtailed_usd",
            "curtailed_mwh",
            "load_mw",
            "peak_mw",
        ):
            total = np.zeros(n)
            for operations, runs in parts:
                if runs:
                    total = total + getattr(operations, key)
            self.flows[key] = total.tolist()


def share_of_month(s: State, monthly_cents: int) -> int:
    """Return today's part of a month's bill, so that the days of a month add up to it."""
    day, of = int(s.days.day_of_month[s.i]), int(s.days.month_days[s.i])
    return monthly_cents * day // of - monthly_cents * (day - 1) // of


def charge_site(s: State, m: Meter, revenue_usd: float) -> None:
    """Owe a site's day, and bill it where a bill is made."""
    site, p, i = m.site, m.site.power, s.i
    dark = site.name in s.dark
    flow = {k: (0.0 if dark else v[i]) for k, v in m.flows.items()}
    cost = usd_cents(flow["power_usd"])
    bill = p.bill
    if cost > 0:
        s.books.owe(s.day, bill, site.name, cost)
        s.unbilled[site.name] = s.unbilled.get(site.name, 0) + cost
    elif cost < 0:
        s.books.earn(s.day, "other_income", site.name, -cost)
        s.books.collect(s.day, "other_income", site.name, -cost, s.day)
    s.site_net.setdefault(site.name, []).append(usd_cents(revenue_usd - flow["power_usd"]))
    m.used_mwh += flow["mwh"]
    m.energy_usd += flow["power_usd"]
    m.revenue_usd += revenue_usd
    m.peak_mw = max(m.peak_mw, flow["load_mw"])
    m.credit_usd += flow["curtailed_usd"]
    m.resold_usd += flow["resold_usd"]
    if p.coincident_peak is not None:
        _watch_peak(s, m, flow)
    if s.days.ends_month[i]:
        _end_month(s, m, bill)
    made = s.days.ends_month[i] if p.billed == "monthly" else s.days.ends_week[i] or p.billed == "prepaid"
    if made and (unbilled := s.unbilled.pop(site.name, 0)):
        wait = 0 if p.billed == "prepaid" else round(p.terms_days)
        s.add_due(bill, site.name, unbilled, s.day + wait, site.name)
    _collect(s, m)
    _people(s, site, dark)


def prepay(s: State, m: Meter) -> None:
    """Pay a year of insurance and the contract's days of power ahead, as far as cash goes."""
    p, today = m.site.power, s.days.at(s.i)
    if m.site.name in s.dark:
        return
    if m.site.insurance_usd_per_year and (today.month, today.day) == (s.days.start.month, s.days.start.day):
        cover = f"{m.site.name} insurance"
        year = s.cents(m.site.insurance_usd_per_year) - s.books.balance("prepaid", "site", cover)
        if min(year, s.books.cash) > 0:
            s.books.prepay(s.day, "site", cover, min(year, s.books.cash))
    if p.billed != "prepaid":
        return
    bill = p.bill
    # What the days ahead will use is not known: each is taken to be like today.
    need = max(m.flows["power_usd"][s.i], 0.0) * round(p.terms_days)
    more = min(usd_cents(need) - s.books.balance("prepaid", bill, m.site.name), s.books.cash)
    if more > 0:
        s.books.prepay(s.day, bill, m.site.name, more)


def _watch_peak(s: State, m: Meter, flow: dict[str, float]) -> None:
    terms = m.site.power.coincident_peak
    assert terms is not None
    year = s.days.at(s.i).year
    if not m.billing_year:
        m.billing_year = year
        m.charged_mw = m.installed_mw if terms.opening_mw is None else terms.opening_mw
    if year != m.billing_year:
        if m.n_peaks:
            m.charged_mw = m.summer_peak_mw / m.n_peaks
        m.billing_year, m.summer_peak_mw, m.n_peaks = year, 0.0, 0
    if int(s.days.month[s.i]) in (terms.months or SUMMER) and flow["peak_mw"] == flow["peak_mw"]:
        m.summer_peak_mw += flow["peak_mw"]
        m.n_peaks += 1


def _end_month(s: State, m: Meter, bill: str) -> None:
    """Owe what only a whole month shows: minimum take, peak load, profit share; and earn its credits."""
    p, site = m.site.power, m.site
    days = int(s.days.day_of_month[s.i])
    extra = 0.0
    if p.minimum is not None and not p.resale and p.price_usd_per_mwh is not None:
        contracted = m.installed_mw if p.minimum.contracted_mw is None else p.minimum.contracted_mw
        short = max(contracted * _HOURS_PER_DAY * days * p.minimum.take_frac - m.used_mwh, 0.0)
        extra += short * m.rates[s.i][0]
    if m.rates[s.i][1]:
        extra += float(demand_charge(peak_mw=m.peak_mw, rate_usd_per_kw_month=m.rates[s.i][1]))
    if p.coincident_peak is not None:
        extra += m.charged_mw * p.coincident_peak.rate_usd_per_mw_year / _MONTHS
    if p.profit_share_frac:
        extra += p.profit_share_frac * max(m.revenue_usd - m.energy_usd, 0.0)
    cents = usd_cents(extra)
    if cents > 0 and site.name not in s.dark:
        s.books.owe(s.day, bill, site.name, cents)
        s.unbilled[site.name] = s.unbilled.get(site.name, 0) + cents
    gained = usd_cents(m.credit_usd)
    terms = p.curtailment
    if gained > 0 and terms is not None:
        if terms.paid_as == "credit":
            s.books.grant_credit(s.day, site.name, gained)
        else:
            m.credits_due.append((s.day + round(terms.paid_after_days), gained))
            s.books.earn(s.day, "curtailment", site.name, gained)
    resold = usd_cents(m.resold_usd)
    if resold > 0:
        # Resale is a credit on the next power bill, never cash (Riot 10-Q).
        s.books.grant_credit(s.day, site.name, resold)
    m.used_mwh = m.energy_usd = m.revenue_usd = m.peak_mw = m.credit_usd = m.resold_usd = 0.0


def _collect(s: State, m: Meter) -> None:
    name = m.site.name
    for due in [c for c in m.credits_due if c[0] <= s.day]:
        m.credits_due.remove(due)
        s.books.collect(s.day, "curtailment", name, due[1], due[0])


def _people(s: State, site: Site, dark: bool) -> None:
    pay = share_of_month(s, s.cents(site.pay_usd_per_year, site.staff / _MONTHS))
    ground = share_of_month(s, s.cents(site.lease_usd_per_year, 1 / _MONTHS))
    cover = share_of_month(s, s.cents(site.insurance_usd_per_year, 1 / _MONTHS))
    upkeep = share_of_month(s, s.cents(site.upkeep_usd_per_year, 1 / _MONTHS))
    if dark and s.dark[site.name] != UNPAID:
        # A site that a lender has taken owes no more; one that waits for power keeps its people and its land.
        return
    ends = int(s.days.month_days[s.i] - s.days.day_of_month[s.i])
    s.owe_now("people", site.name, pay, ends, site.name)
    s.owe_now("site", site.name, ground, ends, site.name)
    # Paid a year ahead: what is owed today is drawn from it, and what is missing is due today.
    s.owe_now("site", f"{site.name} insurance", cover, 0, site.name)
    s.owe_now("capex_sustaining", site.name, 0 if dark else upkeep, ends, site.name)


def charge_company(s: State) -> None:
    """Owe the company's own day."""
    o = s.operator.overheads
    ends = int(s.days.month_days[s.i] - s.days.day_of_month[s.i])
    s.owe_now(
        "overheads",
        "company",
        share_of_month(s, s.cents(o.cash_usd_per_year, 1 / _MONTHS)),
        ends + round(o.terms_days),
    )
    stock = share_of_month(s, usd_cents(o.stock_compensation_usd_per_year / _MONTHS))
    if stock:
        s.books.compensate_in_stock(s.day, stock)
