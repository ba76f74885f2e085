"""Rows of the compiled ledger's plan: a site, a group of machines, a loan, a hedge, a day, as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..economics import annuity
from ..equipment import Catalogue
from ..errors import InputError
from ..operator.ledger_kinds import BILLS
from ..operator.money import HEDGES, Hedge, Ladder, Loan
from ..operator.operator import Operator
from ..operator.quantity import Money
from ..operator.site import Site
from ..policies.treasury import POLICIES
from ..units import SAT_PER_BTC
from .calendar import EPOCH, Days
from .debts import schedule
from .kernels import layout as at
from .order import PAYMENT_ORDER
from .plans import Step, service_loan
from .plant import Group, condition, operating_points
from .power import SUMMER, currency_of, market_price, peak_hours, read_hourly, tariff
from .state import usd_cents

__all__ = [
    "GroupFigures",
    "Hours",
    "annuity_rows",
    "bill_names",
    "building_loans",
    "calendar_rows",
    "company_row",
    "covenant_days",
    "event_rows",
    "group_days",
    "group_figures",
    "hedge_parts",
    "hedge_whole",
    "loan_days",
    "loan_parts",
    "loan_whole",
    "middle_hours",
    "site_days",
    "site_hours",
    "site_parts",
    "site_whole",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_YEAR = 365.25
_MONTHS = 12
_RULES = ("sell_all", "sell_to_cover", "cash_buffer", "fixed_share", "hold")
_LOTS = ("fifo", "lifo", "highest_cost")


def building_loans(operator: Operator, builds: list[Step]) -> list[Loan]:
    """Return the loans that AI builds draw within the run, in the order of their first draw."""
    drawn = dict.fromkeys(x.name for x in builds if x.does == "borrow" and x.cents)
    return [service_loan(next(b for b in operator.ai if f"ai {b.name}" == name), 0.0) for name in drawn]


def bill_names(operator: Operator, loans: list[Loan]) -> list[str]:
    """Every name that a bill may carry; a site's number is its name's."""
    sites = [s.name for s in operator.sites]
    rest = [
        *(f"{s} insurance" for s in sites),
        "company",
        *(x.name for x in loans),
        *(x.name for x in operator.expansions),
        *(x.name for x in operator.ai),
        *(x.name for x in operator.hedges),
    ]
    return [*sites, *(n for n in dict.fromkeys(rest) if n not in sites)]


def calendar_rows(days: Days, operator: Operator, index: Mapping[str, Floats]) -> Ints:
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


def company_row(o: Operator, days: Days, where: Mapping[str, int]) -> tuple[Ints, Floats]:
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
class Hours:
    """A site's own price, its market's price and its peak hours, by day and hour."""

    own: Floats
    spot: Floats
    peak: NDArray[np.bool_]

    @property
    def n(self) -> int:
        return int(self.own.shape[1])


def site_hours(
    site: Site, days: Days, folder: Path | None, series: Floats | None, index: Mapping[str, Floats]
) -> Hours:
    p = site.power
    if series is None and p.series:
        if folder is None:
            raise InputError(f"site {site.name!r}: its hourly series is a file; say which folder it is in")
        series = read_hourly(folder / p.series, days)
    rate = index.get(currency_of(p.price_usd_per_mwh), np.ones(days.n))
    spot = market_price(p, days, series)
    return Hours(tariff(p, days, series, rate), spot, peak_hours(p, days, spot.shape))


def middle_hours(site: Site, hours: Hours) -> Ints:
    """Return for each day which two hours hold the median of what an hour off saves, in its first places."""
    out = np.zeros(hours.own.shape, dtype=np.int64)
    if hours.n > 1:
        by = hours.spot if site.power.contract == "indexed" or site.power.resale else hours.own
        out[:, :2] = np.argsort(by, axis=1, kind="stable")[:, hours.n // 2 - 1 : hours.n // 2 + 1]
    return out.ravel()


def site_whole(
    s: Site, where: Mapping[str, int], owners: Mapping[str, int], hours: Hours, start: int
) -> list[int]:
    p = s.power
    per_hour = 24 / hours.n
    kept = p.minimum is not None and not p.resale and p.price_usd_per_mwh is not None
    values = [
        s.pool.scheme == "solo", round(s.pool.payout_days),
        at.HOSTING if p.bill == "hosting" else at.POWER,
        ("monthly", "weekly", "prepaid").index(p.billed), round(p.terms_days),
        p.curtailment is not None and p.curtailment.paid_as == "cash",
        round(p.curtailment.paid_after_days) if p.curtailment else 0, p.coincident_peak is not None, kept,
        owners.get(s.borrower, -1), bool(s.insurance_usd_per_year), where[f"{s.name} insurance"],
        hours.n, start, p.contract == "indexed", p.resale, p.curtailment is not None,
        p.coincident_peak is not None and p.coincident_peak.avoid, round(p.minimum_run_hours / per_hour),
        round(p.minimum_rest_hours / per_hour), p.minimum is not None and p.minimum.take_frac > 0,
        p.curtailment is not None and p.curtailment.credit_usd_per_mwh is None, usd_cents(p.deposit_usd),
    ]  # fmt: skip
    return [int(v) for v in values]


def site_parts(s: Site, groups: list[Group], n_hours: int) -> list[float]:
    p = s.power
    mw = sum(g.mw * float(g.share.max()) for g in groups if g.site == s.name) * s.overhead
    peak, minimum, cut = p.coincident_peak, p.minimum, p.curtailment
    per_hour = 24 / n_hours
    return [
        1 - s.pool.fee_frac, s.pool.threshold_btc * SAT_PER_BTC, peak.rate_usd_per_mw_year if peak else 0.0,
        mw if peak is None or peak.opening_mw is None else peak.opening_mw, p.profit_share_frac,
        mw if minimum is None or minimum.contracted_mw is None else minimum.contracted_mw,
        minimum.take_frac if minimum else 0.0, p.adder_usd_per_mwh,
        p.resale_cost_usd_per_mwh, cut.strike_usd_per_mwh if cut else np.inf,
        cut.credit_usd_per_mwh if cut and cut.credit_usd_per_mwh is not None else 0.0,
        p.restart_usd_per_mw / max(round(p.minimum_run_hours / per_hour), 1),
        p.restart_usd_per_mw / max(round(p.minimum_rest_hours / per_hour), 1), s.overhead,
    ]  # fmt: skip


def site_days(s: Site, days: Days, index: Mapping[str, Floats]) -> Ints:
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
class GroupFigures:
    """Rate, power, count and scale of a group; its modes, where the best is chosen by the day."""

    parts: tuple[float, float, float, float]
    modes: list[tuple[float, float]]


def group_figures(g: Group, catalogue: Catalogue) -> GroupFigures:
    rates, powers, scale = operating_points(g, catalogue)
    modes = [] if len(rates) == 1 else list(zip(rates.tolist(), powers.tolist(), strict=True))
    return GroupFigures((float(rates[0]) * scale, float(powers[0]) * scale, g.machines.count, scale), modes)


def group_days(g: Group, site: Site, days: Days, n_hours: int) -> Floats:
    available, alive, thirst = condition(g, site, days)
    idle = g.power_w * g.machines.count * site.overhead / 1e6 * available * (24 / n_hours)
    return np.stack([available, alive, thirst, idle], axis=1)


def loan_whole(
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
        -1 if opening else round(x.posted_btc * SAT_PER_BTC),
        at.NEVER if x.matures is None else days.index(x.matures),
    )  # fmt: skip


def loan_parts(x: Loan) -> tuple[float, ...]:
    ladder, c, wait = x.ladder or Ladder(), x.conversion, x.forbearance
    return (
        x.rate_frac_per_year, x.unused_frac_per_year, x.upfront_frac,
        360.0 if x.day_count == "ACT/360" else 365.0,
        x.default_rate_frac, x.grace_days, ladder.opening_frac, ladder.call_frac, ladder.restore_frac,
        ladder.liquidation_frac, ladder.release_frac, wait.fee_frac if wait else 0.0,
        wait.waits_days if wait else 0.0, wait.sweep_frac if wait else 0.0,
        c.price_usd_per_share if c else 0.0,
        (c.capped_call_usd_per_share or 0.0) if c else 0.0, float(x.limit_usd or 0.0), float(x.amount_usd),
    )  # fmt: skip


def loan_days(x: Loan, days: Days) -> Ints:
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


def annuity_rows(loans: list[Loan], days: Days) -> Floats:
    """Return the equal payment per dollar owed, by how many payments are left."""
    most = max((len(schedule(x, days)) for x in loans), default=0)
    out = np.zeros((len(loans), most + 2))
    n = np.arange(1, most + 2)
    for k, x in enumerate(loans):
        per = x.rate_frac_per_year * {"month": 1, "quarter": 3}[x.every] / _MONTHS
        out[k, 1:] = annuity(principal_usd=1.0, rate_frac_per_period=per, n_periods=n)
    return out


def covenant_days(o: Operator, days: Days) -> Ints:
    out = np.zeros((len(o.covenants), days.n), dtype=np.int64)
    for k, c in enumerate(o.covenants):
        tested = days.ends_quarter if c.tested == "quarter" else days.ends_month
        first = days.index(c.starts) if c.starts else 0
        out[k] = tested & (np.arange(days.n) >= first)
    return out


def _hedge_first(h: Hedge, days: Days) -> int:
    return max(days.index(h.starts), 0) if h.starts else 0


def hedge_whole(h: Hedge, days: Days, where: Mapping[str, int]) -> tuple[float, ...]:
    return (
        HEDGES.index(h.kind), _hedge_first(h, days), days.index(h.ends), where[h.name],
        round(h.coins_btc * SAT_PER_BTC), usd_cents(h.premium_usd),
    )  # fmt: skip


def hedge_parts(h: Hedge, days: Days) -> tuple[float, ...]:
    return (
        h.hashrate_ths, h.hashprice_usd_per_phs_day, h.coins_btc, h.price_usd_per_btc, h.call_usd_per_btc,
        h.margin_frac, days.index(h.ends) - _hedge_first(h, days) + 1,
    )  # fmt: skip


def event_rows(
    steps: list[Step], where: Mapping[str, int], loan_at: Mapping[str, int]
) -> list[tuple[int, ...]]:
    does, bills = ("owe", "borrow", "start", "rent"), list(BILLS)
    rows: list[tuple[int, ...]] = []
    for x in steps:
        named = loan_at.get(x.name, -1) if x.does in ("borrow", "start") else where[x.name]
        if named >= 0:
            rows.append(
                (x.day, does.index(x.does), bills.index(x.bill) if x.bill else 0, named, x.cents, x.more)
            )
    return rows
