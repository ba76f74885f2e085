"""An operator and the days of a run as arrays: what the compiled ledger reads, made once for all paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..equipment import Catalogue, read_catalogue
from ..errors import InternalError
from ..operator.ledger_kinds import BILLS, CASH_TERMS, COIN_TERMS, INCOMES, LINES, SOURCES
from ..operator.operator import Operator
from ..operator.plans import MachineSale
from .calendar import Days
from .kernels import layout as at
from .kernels.layout import Plan
from .order import PAYMENT_ORDER, WHEN_SHORT
from .plan_rows import (
    annuity_rows,
    bill_names,
    building_loans,
    calendar_rows,
    company_row,
    covenant_days,
    event_rows,
    group_days,
    group_figures,
    hedge_parts,
    hedge_whole,
    loan_days,
    loan_parts,
    loan_whole,
    middle_hours,
    site_days,
    site_hours,
    site_parts,
    site_whole,
)
from .plans import ai_builds, machine_orders
from .plant import Group, groups_of
from .power import contract_rates
from .run import depreciation
from .simulated import FIRST_DAYS
from .state import RANK, usd_cents
from .statement import OWN_BILLS

__all__ = ["Prepared", "prepare"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_YEAR = 365.25
_RANKS = {row.bill: row for row in PAYMENT_ORDER}
_STEPS = ("stretch", "sell_free_coins", "draw_lines", "sell_shares")
_KINDS = ("minimum_liquidity", "debt_service_cover", "net_debt_to_ebitda", "loan_to_value", "asset_decline")


@dataclass(frozen=True)
class Prepared:
    """An operator ready for the compiled ledger, over some days.

    Parameters
    ----------
    plan : its arrays. sales : (row of `plan.sales`) the group and the sale that a resale value is asked for.
    names : every name that a bill may carry. most_bills : that may be open at a time.
    """

    operator: Operator
    days: Days
    plan: Plan
    sales: tuple[tuple[Group, MachineSale], ...]
    frontier_j_per_th: float
    names: tuple[str, ...]
    most_bills: int


def prepare(
    operator: Operator,
    days: Days,
    *,
    folder: Path | None = None,
    catalogue: Catalogue | None = None,
    series: Mapping[str, Floats] | None = None,
) -> Prepared:
    """Lay an operator out as arrays.

    Parameters
    ----------
    folder, catalogue, series : as in `run`.

    Raises
    ------
    InputError
        Its policy is not one of the built-in ones, or a series does not cover the days.
    """
    catalogue = catalogue or read_catalogue()
    _check_order()
    years = np.arange(days.n) / _YEAR
    index = {c: 1 / (1 + x.yearly_change_frac) ** years for c, x in operator.exchange.items()}
    groups = groups_of(operator, days, catalogue)
    orders, builds = machine_orders(operator, days, groups), ai_builds(operator, days)
    loans = [*operator.loans, *building_loans(operator, builds)]
    names = bill_names(operator, loans)
    where = {n: k for k, n in reversed(list(enumerate(names)))}
    sites = {s.name: k for k, s in enumerate(operator.sites)}
    owners = {n: k for k, n in enumerate(sorted({s.borrower for s in operator.sites} - {""}))}
    owners |= {n: len(owners) + k for k, n in enumerate(sorted({x.borrower for x in loans} - {"", *owners}))}
    loan_at = {x.name: k for k, x in enumerate(loans)}
    hours = [site_hours(s, days, folder, (series or {}).get(s.name), index) for s in operator.sites]
    starts = np.cumsum([0, *(h.own.size for h in hours)])
    _, tax_wear = depreciation(operator, days, groups)
    sales = _sales(operator, groups, days)
    frontier = min(m.efficiency_j_per_th for m in catalogue.values() if m.efficiency_j_per_th)
    tables = _Tables()
    add, add_parts = tables.add, tables.add_parts
    add(at.CALENDAR, calendar_rows(days, operator, index))
    add_parts(at.TAX_WEAR, tax_wear if operator.tax is not None else ())
    add(
        at.SITES,
        [site_whole(s, where, owners, hours[k], int(starts[k])) for k, s in enumerate(operator.sites)],
    )
    add_parts(at.SITE_PARTS, [site_parts(s, groups, h.n) for s, h in zip(operator.sites, hours, strict=True)])
    add(at.SITE_DAYS, [site_days(s, days, index) for s in operator.sites])
    add_parts(at.RATES, [contract_rates(s.power, days, index) for s in operator.sites])
    machines = [group_figures(g, catalogue) for g in groups]
    points = np.cumsum([0, *(len(m.modes) for m in machines)])
    plans = [e.name for e in operator.expansions]
    add(at.GROUPS, [(sites[g.site], operator.kind == "home", len(m.modes), points[k],
                     plans.index(g.expansion) if g.expansion else -1)
                    for k, (g, m) in enumerate(zip(groups, machines, strict=True))])  # fmt: skip
    add_parts(at.GROUP_PARTS, [m.parts for m in machines])
    add_parts(
        at.GROUP_DAYS,
        [group_days(g, operator.sites[sites[g.site]], days, hours[sites[g.site]].n) for g in groups],
    )
    add_parts(at.MODES, [point for m in machines for point in m.modes])
    add(at.LOANS, [loan_whole(x, days, where, owners, k >= len(operator.loans)) for k, x in enumerate(loans)])
    add_parts(at.LOAN_PARTS, [loan_parts(x) for x in loans])
    add(at.LOAN_DAYS, [loan_days(x, days) for x in loans])
    payments = annuity_rows(loans, days)
    add_parts(at.ANNUITIES, payments)
    covenants = operator.covenants
    add(
        at.COVENANTS,
        [(_KINDS.index(c.kind), loan_at.get(c.loan, -1), c.counts_coins, c.waivers) for c in covenants],
    )
    add_parts(at.COVENANT_PARTS, [(c.limit, c.waiver_frac) for c in covenants])
    add(at.TESTS, covenant_days(operator, days))
    add(at.HEDGES, [hedge_whole(h, days, where) for h in operator.hedges])
    add_parts(at.HEDGE_PARTS, [hedge_parts(h, days) for h in operator.hedges])
    orders_kept = event_rows(orders, where, loan_at)
    events = [*orders_kept, *event_rows(builds, where, loan_at)]
    add(at.EVENTS, events)
    add(at.SALES, [days.index(sale.on) for _, sale in sales])
    add(at.DELIVERIES, [(days.index(e.delivered), where[e.name], sites[e.site]) for e in operator.expansions])
    draws = [
        (days.index(d.on), loan_at[x.name], usd_cents(d.amount_usd)) for x in operator.loans for d in x.draws
    ]
    add(at.DRAWS, draws)
    add_parts(at.PRICES, [np.stack([h.own.ravel(), h.spot.ravel()], axis=1) for h in hours])
    add(
        at.HOURS,
        [
            np.stack([h.peak.ravel(), middle_hours(s, h)], axis=1)
            for s, h in zip(operator.sites, hours, strict=True)
        ],
    )
    counts = (
        days.n, len(sites), len(groups), len(loans), len(covenants), len(operator.hedges), len(plans),
        len(sales), len(draws), len(orders_kept), len(events), len(FIRST_DAYS) + len(covenants),
        payments.shape[1],
        operator.kind == "home" or operator.equity is not None or any(x.limit_usd is not None for x in loans),
    )  # fmt: skip
    plan = tables.plan(counts, *company_row(operator, days, where))
    streams = 10 * len(sites) + 6 * len(loans) + 12
    months = int(days.month_index[-1]) + 2
    most = days.n * 2 * len(sites) + months * streams + len(orders) + len(builds) + 64
    return Prepared(operator, days, plan, tuple(sales), frontier, tuple(names), most)


#: The orders that `kernels/layout.py` counts on.
_ORDERS = (
    (BILLS, """power hosting people site overheads interest principal capex_sustaining capex_growth
               ai_running ai_capex tax other"""),
    (LINES, """power hosting people site overheads interest principal capex ai tax deposits margin_call
               other"""),
    (CASH_TERMS, """coins_sold other_receipts borrowed equity_raised deposits_returned operating interest
                    principal capex deposits margin tax distributions coins_bought"""),
    (SOURCES, "coins receipts debt equity assets deposits_returned"),
    (COIN_TERMS, "mined bought received sold paid_out seized lost"),
    (INCOMES, "curtailment demand_response hosting_income ai_income heat other_income"),
)  # fmt: skip


def _check_order() -> None:
    """Compare the tables of kinds with the order that the compiled ledger counts on.

    Raises
    ------
    InternalError
        One has another order.
    """
    for table, order in _ORDERS:
        if list(table) != order.split():
            raise InternalError(f"the compiled ledger expects {order.split()}, the table has {list(table)}")


class _Tables:
    """The plan's two flat arrays in the making: each table goes to the end, and the header says where."""

    def __init__(self) -> None:
        self.begins: dict[int, int] = {}
        self.whole: list[Ints] = []
        self.parts: list[Floats] = []
        self.n_whole, self.n_parts = at.STEPS + at.N_STEPS, at.N_F

    def add(self, slot: int, table: object) -> None:
        """Put a table of whole numbers."""
        flat = _flat(table, np.int64)
        self.begins[slot] = self.n_whole
        self.whole.append(flat)
        self.n_whole += flat.size

    def add_parts(self, slot: int, table: object) -> None:
        """Put a table of other numbers."""
        flat = _flat(table, np.float64)
        self.begins[slot] = self.n_parts
        self.parts.append(flat)
        self.n_parts += flat.size

    def plan(self, counts: Iterable[int], company: Ints, company_parts: Floats) -> Plan:
        """Return the plan; `counts` stand after the places of the tables, then the company and the rules."""
        rules = [
            [RANK[b] for b in BILLS],
            [_RANKS[b].waits for b in BILLS],
            [LINES.index(b.line) for b in BILLS.values()],
            [list(CASH_TERMS).index(b.term) for b in BILLS.values()], [b in OWN_BILLS for b in BILLS],
            [_STEPS.index(s) for s in WHEN_SHORT],
        ]  # fmt: skip
        header = np.array([*(self.begins[k] for k in range(at.P_DAYS)), *counts], dtype=np.int64)
        return Plan(
            n=np.concatenate([header, company, *(np.array(r, dtype=np.int64) for r in rules), *self.whole]),
            x=np.concatenate([company_parts, *self.parts]),
        )


def _flat(table: object, kind: type[np.generic]) -> NDArray[Any]:
    rows = table if isinstance(table, np.ndarray) else list(table)  # type: ignore[call-overload]
    if isinstance(rows, list) and rows and isinstance(rows[0], np.ndarray):
        rows = np.concatenate([r.ravel() for r in rows])
    return np.asarray(rows, dtype=kind).ravel()


def _sales(o: Operator, groups: list[Group], days: Days) -> list[tuple[Group, MachineSale]]:
    """Return what is sold within the run, by day."""
    out = [
        (g, sale)
        for sale in o.machine_sales
        for g in groups
        if g.site == sale.site and g.name == sale.machines and 0 <= days.index(sale.on) < days.n
    ]
    return sorted(out, key=lambda pair: pair[1].on)
