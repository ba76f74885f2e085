"""Where a row of a table begins: of the plan in `p`, of the path under way in `w`."""

from __future__ import annotations

from ...compiled import inner
from . import layout as at
from .layout import Plan, Work


@inner
def of_day(p: Plan, d: int) -> int:
    """A day of the calendar."""
    return p.n[at.CALENDAR] + d * at.W_CALENDAR


@inner
def of_site(p: Plan, s: int) -> int:
    """A site."""
    return p.n[at.SITES] + s * at.W_SITE


@inner
def parts_of_site(p: Plan, s: int) -> int:
    """A site, in `x`."""
    return p.n[at.SITE_PARTS] + s * at.W_SITE_PARTS


@inner
def of_site_day(p: Plan, s: int, d: int) -> int:
    """A day of a site."""
    return p.n[at.SITE_DAYS] + (s * p.n[at.P_DAYS] + d) * at.W_SITE_DAY


@inner
def of_group(p: Plan, g: int) -> int:
    """A group of machines."""
    return p.n[at.GROUPS] + g * at.W_GROUP


@inner
def parts_of_group(p: Plan, g: int) -> int:
    """A group of machines, in `x`."""
    return p.n[at.GROUP_PARTS] + g * at.W_GROUP_PARTS


@inner
def parts_of_group_day(p: Plan, g: int, d: int) -> int:
    """A day of a group, in `x`."""
    return p.n[at.GROUP_DAYS] + (g * p.n[at.P_DAYS] + d) * at.W_GROUP_DAY


@inner
def of_loan(p: Plan, x: int) -> int:
    """A loan."""
    return p.n[at.LOANS] + x * at.W_LOAN


@inner
def parts_of_loan(p: Plan, x: int) -> int:
    """A loan, in `x`."""
    return p.n[at.LOAN_PARTS] + x * at.W_LOAN_PARTS


@inner
def of_loan_day(p: Plan, x: int, d: int) -> int:
    """A day of a loan."""
    return p.n[at.LOAN_DAYS] + (x * p.n[at.P_DAYS] + d) * at.W_LOAN_DAY


@inner
def annuities_of(p: Plan, x: int) -> int:
    """Payments per dollar of a loan by how many are left, in `x`."""
    return p.n[at.ANNUITIES] + x * p.n[at.P_PAYMENTS]


@inner
def of_covenant(p: Plan, c: int) -> int:
    """A covenant."""
    return p.n[at.COVENANTS] + c * at.W_COVENANT


@inner
def parts_of_covenant(p: Plan, c: int) -> int:
    """A covenant, in `x`."""
    return p.n[at.COVENANT_PARTS] + c * at.W_COVENANT_PARTS


@inner
def of_test(p: Plan, c: int, d: int) -> int:
    """Whether a covenant is tested on a day."""
    return p.n[at.TESTS] + c * p.n[at.P_DAYS] + d


@inner
def of_hedge(p: Plan, h: int) -> int:
    """A hedge."""
    return p.n[at.HEDGES] + h * at.W_HEDGE


@inner
def parts_of_hedge(p: Plan, h: int) -> int:
    """A hedge, in `x`."""
    return p.n[at.HEDGE_PARTS] + h * at.W_HEDGE_PARTS


@inner
def of_event(p: Plan, k: int) -> int:
    """A planned event."""
    return p.n[at.EVENTS] + k * at.W_EVENT


@inner
def of_draw(p: Plan, k: int) -> int:
    """A later part of a loan: day, loan, cents."""
    return p.n[at.DRAWS] + 3 * k


@inner
def of_delivery(p: Plan, k: int) -> int:
    """Machines on order: day, name, site."""
    return p.n[at.DELIVERIES] + 3 * k


@inner
def my_site(w: Work, s: int) -> int:
    """A site on this path."""
    return w.n[at.MY_SITES] + s * at.N_SITE_INTS


@inner
def my_site_parts(w: Work, s: int) -> int:
    """A site on this path, in `x`."""
    return w.n[at.MY_SITE_PARTS] + s * at.N_SITE_FLOATS


@inner
def my_loan(w: Work, x: int) -> int:
    """A loan on this path."""
    return w.n[at.MY_LOANS] + x * at.N_LOAN_INTS


@inner
def my_loan_parts(w: Work, x: int) -> int:
    """A loan on this path, in `x`."""
    return w.n[at.MY_LOAN_PARTS] + x * at.N_LOAN_FLOATS


@inner
def my_name(w: Work, k: int) -> int:
    """What is paid ahead under a name, by bill, and its power credits."""
    return w.n[at.MY_NAMES] + k * at.W_NAME


@inner
def my_hedge(w: Work, h: int) -> int:
    """Margin posted and coins written against."""
    return w.n[at.MY_HEDGES] + 2 * h


@inner
def my_bill(w: Work, k: int) -> int:
    """A bill that falls due."""
    return w.n[at.BILLS] + k * at.W_BILL


@inner
def my_queue(w: Work, s: int, k: int) -> int:
    """A payout waited for (day, satoshi), and cash owed (day, cents)."""
    return w.n[at.QUEUES] + (s * (w.n[at.SPAN] + 2) + k) * at.W_QUEUE


@inner
def my_day(w: Work, d: int) -> int:
    """Revenue, running cost and debt service of a day."""
    return w.n[at.MY_DAYS] + 3 * d


@inner
def my_net(w: Work, s: int, d: int) -> int:
    """What a site earned on a day after power."""
    return w.n[at.MY_NETS] + s * w.n[at.SPAN] + d


@inner
def my_lot(w: Work, k: int) -> int:
    """Satoshi of a tax lot."""
    return w.n[at.LOTS] + k


@inner
def my_month(w: Work, k: int, m: int) -> int:
    """One figure of a month."""
    return w.n[at.MY_MONTHS] + k * w.n[at.N_MONTHS] + m


@inner
def my_flows(w: Work, s: int, d: int) -> int:
    """What a site does in a day, in `x`."""
    return w.n[at.FLOWS] + (s * w.n[at.SPAN] + d) * at.N_FLOWS


@inner
def my_ops(w: Work, g: int, d: int) -> int:
    """What a group does in a day, in `x`."""
    return w.n[at.OPS] + (g * w.n[at.SPAN] + d) * at.N_FLOWS
