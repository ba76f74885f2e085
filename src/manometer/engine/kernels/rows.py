"""Where a row of a table begins: of the plan in `p`, of the path under way in `w`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import inner
from . import layout as at

Ints = NDArray[np.int64]


@inner
def of_day(p: Ints, d: int) -> int:
    """A day of the calendar."""
    return p[at.CALENDAR] + d * at.W_CALENDAR


@inner
def of_site(p: Ints, s: int) -> int:
    """A site."""
    return p[at.SITES] + s * at.W_SITE


@inner
def parts_of_site(p: Ints, s: int) -> int:
    """A site, in `x`."""
    return p[at.SITE_PARTS] + s * at.W_SITE_PARTS


@inner
def of_site_day(p: Ints, s: int, d: int) -> int:
    """A day of a site."""
    return p[at.SITE_DAYS] + (s * p[at.P_DAYS] + d) * at.W_SITE_DAY


@inner
def rates_of_day(p: Ints, s: int, d: int) -> int:
    """What a site's contract asks on a day for power not taken and for peak load, in `q`."""
    return p[at.RATES] + (s * p[at.P_DAYS] + d) * at.W_RATES


@inner
def of_group(p: Ints, g: int) -> int:
    """A group of machines."""
    return p[at.GROUPS] + g * at.W_GROUP


@inner
def parts_of_group(p: Ints, g: int) -> int:
    """A group of machines, in `x`."""
    return p[at.GROUP_PARTS] + g * at.W_GROUP_PARTS


@inner
def parts_of_group_day(p: Ints, g: int, d: int) -> int:
    """A day of a group, in `x`."""
    return p[at.GROUP_DAYS] + (g * p[at.P_DAYS] + d) * at.W_GROUP_DAY


@inner
def of_loan(p: Ints, x: int) -> int:
    """A loan."""
    return p[at.LOANS] + x * at.W_LOAN


@inner
def parts_of_loan(p: Ints, x: int) -> int:
    """A loan, in `x`."""
    return p[at.LOAN_PARTS] + x * at.W_LOAN_PARTS


@inner
def of_loan_day(p: Ints, x: int, d: int) -> int:
    """A day of a loan."""
    return p[at.LOAN_DAYS] + (x * p[at.P_DAYS] + d) * at.W_LOAN_DAY


@inner
def annuities_of(p: Ints, x: int) -> int:
    """Payments per dollar of a loan by how many are left, in `x`."""
    return p[at.ANNUITIES] + x * p[at.P_PAYMENTS]


@inner
def of_covenant(p: Ints, c: int) -> int:
    """A covenant."""
    return p[at.COVENANTS] + c * at.W_COVENANT


@inner
def parts_of_covenant(p: Ints, c: int) -> int:
    """A covenant, in `x`."""
    return p[at.COVENANT_PARTS] + c * at.W_COVENANT_PARTS


@inner
def of_test(p: Ints, c: int, d: int) -> int:
    """Whether a covenant is tested on a day."""
    return p[at.TESTS] + c * p[at.P_DAYS] + d


@inner
def of_hedge(p: Ints, h: int) -> int:
    """A hedge."""
    return p[at.HEDGES] + h * at.W_HEDGE


@inner
def parts_of_hedge(p: Ints, h: int) -> int:
    """A hedge, in `x`."""
    return p[at.HEDGE_PARTS] + h * at.W_HEDGE_PARTS


@inner
def of_event(p: Ints, k: int) -> int:
    """A planned event."""
    return p[at.EVENTS] + k * at.W_EVENT


@inner
def of_draw(p: Ints, k: int) -> int:
    """A later part of a loan: day, loan, cents."""
    return p[at.DRAWS] + 3 * k


@inner
def of_delivery(p: Ints, k: int) -> int:
    """Machines on order: day, name, site."""
    return p[at.DELIVERIES] + 3 * k


@inner
def my_site(w: Ints, s: int) -> int:
    """A site on this path."""
    return w[at.MY_SITES] + s * at.N_SITE_INTS


@inner
def my_site_parts(w: Ints, s: int) -> int:
    """A site on this path, in `x`."""
    return w[at.MY_SITE_PARTS] + s * at.N_SITE_FLOATS


@inner
def my_loan(w: Ints, x: int) -> int:
    """A loan on this path."""
    return w[at.MY_LOANS] + x * at.N_LOAN_INTS


@inner
def my_loan_parts(w: Ints, x: int) -> int:
    """A loan on this path, in `x`."""
    return w[at.MY_LOAN_PARTS] + x * at.N_LOAN_FLOATS


@inner
def my_name(w: Ints, k: int) -> int:
    """What is paid ahead under a name, its power credits, and where its latest bills are."""
    return w[at.MY_NAMES] + k * at.W_NAME


@inner
def my_hedge(w: Ints, h: int) -> int:
    """Margin posted and coins written against."""
    return w[at.MY_HEDGES] + 2 * h


@inner
def my_bill(w: Ints, k: int) -> int:
    """A bill that falls due."""
    return w[at.BILLS] + k * at.W_BILL


@inner
def my_queue(w: Ints, s: int, k: int) -> int:
    """A payout waited for (day, satoshi), and cash owed (day, cents)."""
    return w[at.QUEUES] + (s * (w[at.SPAN] + 2) + k) * at.W_QUEUE


@inner
def my_day(w: Ints, d: int) -> int:
    """Revenue, running cost and debt service of a day."""
    return w[at.MY_DAYS] + 3 * d


@inner
def my_net(w: Ints, s: int, d: int) -> int:
    """What a site earned on a day after power."""
    return w[at.MY_NETS] + s * w[at.SPAN] + d


@inner
def my_lot(w: Ints, k: int) -> int:
    """Satoshi of a tax lot."""
    return w[at.LOTS] + k


@inner
def my_month(w: Ints, k: int, m: int) -> int:
    """One figure of a month."""
    return w[at.MY_MONTHS] + k * w[at.N_MONTHS] + m


@inner
def my_flows(w: Ints, s: int, d: int) -> int:
    """What a site does in a day, in `x`."""
    return w[at.FLOWS] + (s * w[at.SPAN] + d) * at.N_FLOWS


@inner
def my_ops(w: Ints, g: int, d: int) -> int:
    """What a group does in a day, in `x`."""
    return w[at.OPS] + (g * w[at.SPAN] + d) * at.N_FLOWS
