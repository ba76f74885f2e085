"""An operator and the days of a run as arrays: what the compiled ledger reads, made once for all paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..economics import annuity
from ..equipment import Catalogue, read_catalogue
from ..errors import InputError, InternalError
from ..operator.ledger_kinds import BILLS, CASH_TERMS, COIN_TERMS, LINES, SOURCES
from ..operator.money import HEDGES, Hedge, Ladder, Loan
from ..operator.operator import Operator
from ..operator.plans import MachineSale
from ..operator.quantity import Money
from ..operator.site import Site
from ..policies.treasury import POLICIES
from ..units import SAT_PER_BTC
from .calendar import EPOCH, Days
from .debts import schedule
from .kernels import layout as at
from .kernels.layout import Plan
from .order import PAYMENT_ORDER, WHEN_SHORT
from .plans import Step, ai_builds, machine_orders, service_loan
from .plant import Group, condition, groups_of, operating_points
from .power import SUMMER, billed_currency, market_price, peak_hours, read_hourly, tariff
from .run import depreciation
from .simulated import FIRST_DAYS
from .state import RANK, usd_cents
from .statement import OWN_BILLS

__all__ = ["Prepared", "prepare"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_YEAR = 365.25
_MONTHS = 12
_RULES = ("sell_all", "sell_to_cover", "cash_buffer", "fixed_share", "hold")
_RANKS = {row.bill: row for row in PAYMENT_ORDER}
_STEPS = ("stretch", "sell_free_coins", "draw_lines", "sell_shares")
_LOTS = ("fifo", "lifo", "highest_cost")
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
    loans = [*operator.loans, *_building_loans(operator, builds)]
    names = _names(operator, loans)
    where = {n: k for k, n in reversed(list(enumerate(names)))}
    sites = {s.name: k for k, s in enumerate(operator.sites)}
    owners = {n: k for k, n in enumerate(sorted({s.borrower for s in operator.sites} - {""}))}
    owners |= {n: len(owners) + k for k, n in enumerate(sorted({x.borrower for x in loans} - {"", *owners}))}
    loan_at = {x.name: k for k, x in enumerate(loans)}
    hours = [_hours(s, days, folder, (series or {}).get(s.name), index) for s in operator.sites]
    starts = np.cumsum([0, *(h.own.size for h in hours)])
    _, tax_wear = depreciation(operator, days, groups)
    sales = _sales(operator, groups, days)
    frontier = min(m.efficiency_j_per_th for m in catalogue.values() if m.efficiency_j_per_th)
    tables = _Tables()
    add, add_parts = tables.add, tables.add_parts
    add(at.CALENDAR, _calendar(days, operator, index))
    add_parts(at.TAX_WEAR, tax_wear if operator.tax is not None else ())
    add(
        at.SITES,
        [_site_whole(s, where, owners, hours[k], int(starts[k])) for k, s in enumerate(operator.sites)],
    )
    add_parts(
        at.SITE_PARTS, [_site_parts(s, groups, h.n) for s, h in zip(operator.sites, hours, strict=True)]
    )
    add(at.SITE_DAYS, [_site_days(s, days, index) for s in operator.sites])
    machines = [_machines(g, catalogue) for g in groups]
    points = np.cumsum([0, *(len(m.modes) for m in machines)])
    plans = [e.name for e in operator.expansions]
    add(at.GROUPS, [(sites[g.site], operator.kind == "home", len(m.modes), points[k],
                     plans.index(g.expansion) if g.expansion else -1)
                    for k, (g, m) in enumerate(zip(groups, machines, strict=True))])  # fmt: skip
    add_parts(at.GROUP_PARTS, [m.parts for m in machines])
    add_parts(
        at.GROUP_DAYS,
        [_group_days(g, operator.sites[sites[g.site]], days, hours[sites[g.site]].n) for g in groups],
    )
    add_parts(at.MODES, [point for m in machines for point in m.modes])
    add(
        at.LOANS, [_loan_whole(x, days, where, owners, k >= len(operator.loans)) for k, x in enumerate(loans)]
    )
    add_parts(at.LOAN_PARTS, [_loan_parts(x) for x in loans])
    add(at.LOAN_DAYS, [_loan_days(x, days) for x in loans])
    payments = _annuities(loans, days)
    add_parts(at.ANNUITIES, payments)
    covenants = operator.covenants
    add(
        at.COVENANTS,
        [(_KINDS.index(c.kind), loan_at.get(c.loan, -1), c.counts_coins, c.waivers) for c in covenants],
    )
    add_parts(at.COVENANT_PARTS, [(c.limit, c.waiver_frac) for c in covenants])
    add(at.TESTS, _covenant_days(operator, days))
    add(at.HEDGES, [_hedge_whole(h, days, where) for h in operator.hedges])
    add_parts(at.HEDGE_PARTS, [_hedge_parts(h, days) for h in operator.hedges])
    orders_kept = _events(orders, where, loan_at)
    events = [*orders_kept, *_events(builds, where, loan_at)]
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
            np.stack([h.peak.ravel(), _middle(s, h)], axis=1)
            for s, h in zip(operator.sites, hours, strict=True)
        ],
    )
    counts = (
        days.n, len(sites), len(groups), len(loans), len(covenants), len(operator.hedges), len(plans), len(sales),
        len(draws), len(orders_kept), len(events), len(FIRST_DAYS) + len(covenants), payments.shape[1],
    )  # fmt: skip
    plan = tables.plan(counts, *_company(operator, days, where))
    streams = 10 * len(sites) + 6 * len(loans) + 12
    months = int(days.month_index[-1]) + 2
    most = days.n * 2 * len(sites) + months * streams + len(orders) + len(builds) + 64
    return Prepared(operator, days, plan, tuple(sales), frontier, tuple(names), most)


def _check_order() -> None:
    """The compiled ledger counts on the order of these tables.

    Raises
    ------
    InternalError
        A table of kinds has another order: `kernels/layout.py` must follow it.
    """
    known = (
        (BILLS, "power hosting people site overheads interest principal capex_sustaining capex_growth ai_running "
                "ai_capex tax other"),
        (LINES, "power hosting people site overheads interest principal capex ai tax deposits margin_call other"),
        (CASH_TERMS, "coins_sold other_receipts borrowed equity_raised deposits_returned operating interest "
                     "principal capex deposits margin tax distributions coins_bought"),
        (SOURCES, "coins receipts debt equity assets deposits_returned"),
        (COIN_TERMS, "mined bought received sold paid_out seized lost"),
    )  # fmt: skip
    for table, order in known:
        if " ".join(table) != order:
            raise InternalError(f"the compiled ledger expects {order!r}, the table has {' '.join(table)!r}")


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
            [RANK[b] for b in BILLS], [_RANKS[b].waits for b in BILLS], [LINES.index(b.line) for b in BILLS.values()],
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


def _building_loans(operator: Operator, builds: list[Step]) -> list[Loan]:
    """Return the loans that AI builds draw within the run, in the order of their first draw."""
    drawn = dict.fromkeys(x.name for x in builds if x.does == "borrow" and x.cents)
    return [service_loan(next(b for b in operator.ai if f"ai {b.name}" == name), 0.0) for name in drawn]


def _names(operator: Operator, loans: list[Loan]) -> list[str]:
    """Every name that a bill may carry; a site's number is its name's."""
    sites = [s.name for s in operator.sites]
    rest = [
        *(f"{s} insurance" for s in sites),
        "company",
        *(x.name for x in (*loans, *operator.expansions, *operator.ai, *operator.hedges)),
    ]
    return [*sites, *(n for n in dict.fromkeys(rest) if n not in sites)]


def _calendar(days: Days, operator: Operator, index: Mapping[str, Floats]) -> Ints:
    year = np.array([days.at(i).year for i in range(days.n)])
    company = _share_of_month(days, _by_day(operator.overheads.cash_usd_per_year, 1 / _MONTHS, days, index))
    wait = days.month_days - days.day_of_month + round(operator.overheads.terms_days)
    columns = (
        days.ends_month, days.ends_quarter, days.ends_week, days.day_of_month, days.month_days, year,
        days.month_index, company, wait,
    )  # fmt: skip
    return np.stack([np.asarray(c, dtype=np.int64) for c in columns], axis=1)


def _by_day(amount: float, scale: float, days: Days, index: Mapping[str, Floats]) -> Ints:
    """Return an amount of the file in cents by day, at each day's rate of its currency."""
    by_day = np.full(days.n, scale)
    if isinstance(amount, Money) and amount.currency != "USD":
        by_day = scale * index[amount.currency]
    return np.rint(float(amount) * by_day * 100).astype(np.int64)


def _share_of_month(days: Days, monthly: Ints) -> Ints:
    day, of = days.day_of_month, days.month_days
    return np.asarray(monthly * day // of - monthly * (day - 1) // of)


def _company(o: Operator, days: Days, where: Mapping[str, int]) -> tuple[Ints, Floats]:
    t, e, tax, h = o.treasury, o.equity, o.tax, o.overheads
    if t.policy not in POLICIES and t.policy != "hedge":
        raise InputError(f"policy {t.policy!r}: the compiled ledger knows {', '.join(POLICIES)} and hedge")
    rule = "sell_to_cover" if t.policy == "hedge" else t.policy
    free, lent, written, redeemable, receivable = (
        round(x * SAT_PER_BTC)
        for x in (t.coins_btc, t.lent_btc, t.written_btc, t.redeemable_btc, t.receivable_btc)
    )
    # What was borrowed before the start was spent before it: it left no cash.
    whole = [
        o.kind == "home", _RULES.index(rule), usd_cents(t.minimum_cash_usd), where["company"],
        t.board is not None, tax is not None, tax is not None and tax.on_receipt,
        tax is not None and tax.on_sale, _LOTS.index(tax.lots) if tax else 0,
        tax is not None and tax.losses_carried, round(tax.paid_after_days) if tax else 0, e is not None,
        ("never", "short", "always").index(e.when) if e else 0,
        next(row.dark_after_days or 0 for row in PAYMENT_ORDER if row.bill == "power"),
        usd_cents(t.cash_usd), free, receivable, lent, written, redeemable,
        usd_cents(h.dividend_usd_per_year / 4) if h.dividend_usd_per_year else 0, int(days.number[0]),
    ]  # fmt: skip
    board = t.board
    part = [
        t.sale_cost_frac, t.haircut_frac, float(t.share_frac or 0.0), t.buffer_days,
        np.inf if board is None or board.most_per_day_btc is None else board.most_per_day_btc,
        board.least_held_btc if board else 0.0, t.lent_rate_frac_per_year,
        h.paid_in_coin_btc_per_year * SAT_PER_BTC / _YEAR, h.stretch_days,
        tax.rate_frac if tax else 0.0, float(t.cost_basis_usd_per_btc or 0.0), e.most_usd if e else 0.0,
        e.volume_shares_per_day * e.volume_share_frac * 1.0 if e else 0.0, e.discount_frac if e else 0.0,
        e.fee_frac if e else 0.0, float(e.price_usd_per_share) if e else 0.0, e.beta if e else 0.0,
    ]  # fmt: skip
    return np.array(whole, dtype=np.int64), np.array(part, dtype=np.float64)


@dataclass(frozen=True)
class _Hours:
    """A site's own price, its market's price and its peak hours, by day and hour."""

    own: Floats
    spot: Floats
    peak: NDArray[np.bool_]

    @property
    def n(self) -> int:
        return int(self.own.shape[1])


def _hours(
    site: Site, days: Days, folder: Path | None, series: Floats | None, index: Mapping[str, Floats]
) -> _Hours:
    p = site.power
    if series is None and p.series:
        if folder is None:
            raise InputError(f"site {site.name!r}: its hourly series is a file; say which folder it is in")
        series = read_hourly(folder / p.series, days)
    rate = index.get(billed_currency(p), np.ones(days.n))
    spot = market_price(p, days, series)
    return _Hours(tariff(p, days, series, rate), spot, peak_hours(p, days, spot.shape))


def _middle(site: Site, hours: _Hours) -> Ints:
    """Return for each day which two hours hold the median of what an hour off saves, at its first two places."""
    out = np.zeros(hours.own.shape, dtype=np.int64)
    if hours.n > 1:
        by = hours.spot if site.power.contract == "indexed" or site.power.resale else hours.own
        out[:, :2] = np.argsort(by, axis=1, kind="stable")[:, hours.n // 2 - 1 : hours.n // 2 + 1]
    return out.ravel()


def _site_whole(
    s: Site, where: Mapping[str, int], owners: Mapping[str, int], hours: _Hours, start: int
) -> list[int]:
    p = s.power
    per_hour = 24 / hours.n
    kept = p.minimum is not None and not p.resale and p.price_usd_per_mwh is not None
    values = [
        s.pool.scheme == "solo", round(s.pool.payout_days), at.HOSTING if p.contract == "hosted" else at.POWER,
        ("monthly", "weekly", "prepaid").index(p.billed), round(p.terms_days),
        p.curtailment is not None and p.curtailment.paid_as == "cash",
        round(p.curtailment.paid_after_days) if p.curtailment else 0, p.coincident_peak is not None, kept,
        owners.get(s.borrower, -1), bool(s.insurance_usd_per_year), where[f"{s.name} insurance"],
        hours.n, start, p.contract == "indexed", p.resale, p.curtailment is not None,
        p.coincident_peak is not None and p.coincident_peak.avoid, round(p.minimum_run_hours / per_hour),
        round(p.minimum_rest_hours / per_hour), p.minimum is not None and p.minimum.take_frac > 0,
        p.curtailment is not None and p.curtailment.credit_usd_per_mwh is None,
    ]  # fmt: skip
    return [int(v) for v in values]


def _site_parts(s: Site, groups: list[Group], n_hours: int) -> list[float]:
    p = s.power
    mw = sum(g.mw * float(g.share.max()) for g in groups if g.site == s.name) * s.overhead
    peak, minimum, cut = p.coincident_peak, p.minimum, p.curtailment
    per_hour = 24 / n_hours
    return [
        1 - s.pool.fee_frac, s.pool.threshold_btc * SAT_PER_BTC, p.demand_charge_usd_per_kw_month,
        peak.rate_usd_per_mw_year if peak else 0.0,
        mw if peak is None or peak.opening_mw is None else peak.opening_mw, p.profit_share_frac,
        mw if minimum is None or minimum.contracted_mw is None else minimum.contracted_mw,
        minimum.take_frac if minimum else 0.0, float(p.price_usd_per_mwh or 0.0), p.adder_usd_per_mwh,
        p.resale_cost_usd_per_mwh, cut.strike_usd_per_mwh if cut else np.inf,
        cut.credit_usd_per_mwh if cut and cut.credit_usd_per_mwh is not None else 0.0,
        p.restart_usd_per_mw / max(round(p.minimum_run_hours / per_hour), 1),
        p.restart_usd_per_mw / max(round(p.minimum_rest_hours / per_hour), 1), s.overhead,
    ]  # fmt: skip


def _site_days(s: Site, days: Days, index: Mapping[str, Floats]) -> Ints:
    def month(amount: float, scale: float = 1 / _MONTHS) -> Ints:
        return _share_of_month(days, _by_day(amount, scale, days, index))

    start, peak = days.start, s.power.coincident_peak
    same = np.array([(d.month, d.day) == (start.month, start.day) for d in map(days.at, range(days.n))])
    columns = (
        month(s.pay_usd_per_year, s.staff / _MONTHS),
        month(s.lease_usd_per_year),
        month(s.insurance_usd_per_year),
        month(s.upkeep_usd_per_year),
        np.where(same, _by_day(s.insurance_usd_per_year, 1.0, days, index), 0),
        np.isin(days.month, (peak.months if peak else ()) or SUMMER),
    )
    return np.stack([np.asarray(c, dtype=np.int64) for c in columns], axis=1)


@dataclass(frozen=True)
class _Machines:
    """Rate, power, count and scale of a group; its modes, where the best is chosen by the day."""

    parts: tuple[float, float, float, float]
    modes: list[tuple[float, float]]


def _machines(g: Group, catalogue: Catalogue) -> _Machines:
    rates, powers, scale = operating_points(g, catalogue)
    modes = [] if len(rates) == 1 else list(zip(rates.tolist(), powers.tolist(), strict=True))
    return _Machines((float(rates[0]) * scale, float(powers[0]) * scale, g.machines.count, scale), modes)


def _group_days(g: Group, site: Site, days: Days, n_hours: int) -> Floats:
    available, alive, thirst = condition(g, site, days)
    idle = g.power_w * g.machines.count * site.overhead / 1e6 * available * (24 / n_hours)
    return np.stack([available, alive, thirst, idle], axis=1)


def _loan_whole(
    x: Loan, days: Days, where: Mapping[str, int], owners: Mapping[str, int], ai: bool
) -> tuple[float, ...]:
    later = x.drawn is not None and x.drawn >= days.start
    backed = x.ladder is not None or x.kind == "bitcoin_backed"
    ladder, c, wait = x.ladder or Ladder(), x.conversion, x.forbearance
    opening = x.kind == "bitcoin_backed" and not x.posted_btc and not later and bool(x.amount_usd)
    return (
        where[x.name], -1 if x.limit_usd is None else usd_cents(x.limit_usd), backed,
        ladder.margin_price == "low", round(ladder.cure_days), ("bullet", "annuity", "equal").index(x.repaid),
        x.let_go, ("full", "borrower", "collateral").index(x.recourse), owners.get(x.borrower, -1),
        x.on_default == "continues", wait is not None, wait is not None and wait.in_kind, c is not None,
        c is not None and c.settlement == "shares", c is not None and c.capped_call_usd_per_share is not None,
        usd_cents(x.amount_usd), days.index(x.drawn) if later and x.drawn else -1, ai,
        -1 if opening else round(x.posted_btc * SAT_PER_BTC), at.NEVER if x.matures is None else days.index(x.matures),
    )  # fmt: skip


def _loan_parts(x: Loan) -> tuple[float, ...]:
    ladder, c, wait = x.ladder or Ladder(), x.conversion, x.forbearance
    return (
        x.rate_frac_per_year, x.unused_frac_per_year, x.upfront_frac, 360.0 if x.day_count == "ACT/360" else 365.0,
        x.default_rate_frac, x.grace_days, ladder.opening_frac, ladder.call_frac, ladder.restore_frac,
        ladder.liquidation_frac, ladder.release_frac, wait.fee_frac if wait else 0.0,
        wait.waits_days if wait else 0.0, wait.sweep_frac if wait else 0.0, c.price_usd_per_share if c else 0.0,
        (c.capped_call_usd_per_share or 0.0) if c else 0.0, float(x.limit_usd or 0.0), float(x.amount_usd),
    )  # fmt: skip


def _loan_days(x: Loan, days: Days) -> Ints:
    number = days.number
    pays = np.array(sorted(schedule(x, days)), dtype=np.int64)
    out = np.zeros((days.n, 5), dtype=np.int64)
    out[:, at.LD_PAYS] = np.isin(number, pays)
    if x.matures is not None:
        out[:, at.LD_LAST] = number == (x.matures - EPOCH).days
    if x.conversion is not None:
        out[:, at.LD_PUT] = np.isin(number, [(d - EPOCH).days for d in x.conversion.puts])
    # From the first day on what falls due on it still counts; on the first day itself it does not.
    out[:, at.LD_LEFT] = len(pays) - np.searchsorted(pays, number, side="left")
    out[0, at.LD_LEFT] = len(pays) - np.searchsorted(pays, number[0], side="right")
    before = np.searchsorted(pays, number, side="left") - 1
    since = np.where(before >= 0, pays[np.maximum(before, 0)], number - 30) if len(pays) else number - 30
    out[:, at.LD_SINCE] = np.minimum(number - since, np.arange(days.n) + 1)
    return out


def _annuities(loans: list[Loan], days: Days) -> Floats:
    """Return the equal payment per dollar owed, by how many payments are left."""
    most = max((len(schedule(x, days)) for x in loans), default=0)
    out = np.zeros((len(loans), most + 2))
    n = np.arange(1, most + 2)
    for k, x in enumerate(loans):
        per = x.rate_frac_per_year * {"month": 1, "quarter": 3}[x.every] / _MONTHS
        out[k, 1:] = annuity(principal_usd=1.0, rate_frac_per_period=per, n_periods=n)
    return out


def _covenant_days(o: Operator, days: Days) -> Ints:
    out = np.zeros((len(o.covenants), days.n), dtype=np.int64)
    for k, c in enumerate(o.covenants):
        tested = days.ends_quarter if c.tested == "quarter" else days.ends_month
        first = days.index(c.starts) if c.starts else 0
        out[k] = tested & (np.arange(days.n) >= first)
    return out


def _hedge_first(h: Hedge, days: Days) -> int:
    return max(days.index(h.starts), 0) if h.starts else 0


def _hedge_whole(h: Hedge, days: Days, where: Mapping[str, int]) -> tuple[float, ...]:
    return (
        HEDGES.index(h.kind), _hedge_first(h, days), days.index(h.ends), where[h.name],
        round(h.coins_btc * SAT_PER_BTC), usd_cents(h.premium_usd),
    )  # fmt: skip


def _hedge_parts(h: Hedge, days: Days) -> tuple[float, ...]:
    return (
        h.hashrate_ths, h.hashprice_usd_per_phs_day, h.coins_btc, h.price_usd_per_btc, h.call_usd_per_btc,
        h.margin_frac, days.index(h.ends) - _hedge_first(h, days) + 1,
    )  # fmt: skip


def _events(steps: list[Step], where: Mapping[str, int], loan_at: Mapping[str, int]) -> list[tuple[int, ...]]:
    does, bills = ("owe", "borrow", "start", "rent"), list(BILLS)
    rows = []
    for x in steps:
        named = loan_at.get(x.name, -1) if x.does in ("borrow", "start") else where[x.name]
        if named >= 0:
            rows.append(
                (x.day, does.index(x.does), bills.index(x.bill) if x.bill else 0, named, x.cents, x.more)
            )
    return rows


def _sales(o: Operator, groups: list[Group], days: Days) -> list[tuple[Group, MachineSale]]:
    """Return what is sold within the run, by day."""
    out = [
        (g, sale)
        for sale in o.machine_sales
        for g in groups
        if g.site == sale.site and g.name == sale.machines and 0 <= days.index(sale.on) < days.n
    ]
    return sorted(out, key=lambda pair: pair[1].on)
