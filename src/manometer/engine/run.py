"""Carry one operator along one path: mine, bill, receive, pay, test margins, follow the policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..equipment import Catalogue, read_catalogue
from ..errors import InputError
from ..operator.books import Books
from ..operator.ledger import Key
from ..operator.money import Ladder, Loan
from ..operator.operator import Operator
from ..policies.treasury import SellToCover
from ..processes import DriverPath
from ..units import SAT_PER_BTC
from .bills import Meter, charge_company, charge_site, prepay
from .calendar import EPOCH, Days
from .cash import follow_policy, pay_bills, policy_of, raise_shares
from .covenants import keep_promises
from .debts import draw, fall_due, margin_test, open_loan, progress
from .lots import dispose
from .order import PAYMENT_ORDER
from .plans import ai_builds, hedge_day, machine_orders, open_hedges, sell_machines, take_steps, tax_day
from .plant import Group, Operations, groups_of, operate
from .power import contract_rates, currency_of, power_hours, read_hourly
from .state import UNPAID, Event, LoanState, State, share_prices, usd_cents

__all__ = ["Outcome", "balances_at", "run"]

Floats = NDArray[np.float64]
_YEAR = 365.25
_DARK_AFTER_DAYS = next(row.dark_after_days or 0 for row in PAYMENT_ORDER if row.bill == "power")


@dataclass(frozen=True)
class Outcome:
    """What came of a run: the ledger, and by day what it does not hold.

    `balances` are by day: cash_usd, free_btc, posted_btc, other_btc, debt_usd; `plant` by day: phs, mwh,
    mined_btc, power_usd.
    """

    operator: Operator
    path: DriverPath
    days: Days
    books: Books
    groups: list[Group]
    operations: list[Operations]
    events: list[Event]
    loans: Mapping[str, LoanState]
    covenants: list[dict[str, object]]
    balances: Mapping[str, Floats]
    plant: Mapping[str, Floats]
    first_shortfall: int | None
    runway_ends: int | None
    forced_btc: float
    new_shares: float
    share_price: tuple[float, float]
    opening_cents: int
    opening_sat: int
    installed_mw: float
    notes: list[str] = field(default_factory=list)


def balances_at(outcome: Outcome, i: int) -> dict[Key, int]:
    """Return every balance at the close of a day of the run."""
    if i == outcome.days.n - 1:
        return outcome.books.balances()
    return outcome.books.ledger.balances(int(outcome.days.number[i]) + 1)


def run(
    operator: Operator,
    path: DriverPath,
    *,
    folder: Path | None = None,
    catalogue: Catalogue | None = None,
    series: Mapping[str, Floats] | None = None,
) -> Outcome:
    """Run an operator along a path.

    Parameters
    ----------
    operator : Operator
        From `read_operator`.
    path : DriverPath
        Price, low, difficulty, subsidy and fees by day; the run has its days.
    folder : Path, optional
        Where the hourly series that the file names lie.
    catalogue : Catalogue, optional
        Machines; the packaged ones by default.
    series : mapping of site to (n_days, 24) array, optional
        Hourly prices in place of files.

    Raises
    ------
    InputError
        A series does not cover the days.
    InternalError
        A conservation law broke: our bug.
    """
    catalogue = catalogue or read_catalogue()
    days = Days(EPOCH + timedelta(days=int(path.day[0])), len(path.day))
    s = State(operator, path, days, day=int(path.day[0]))
    s.shares_usd = share_prices(operator, path.price_usd, path.share_noise).tolist()
    years = np.arange(days.n) / _YEAR
    s.index = {c: (1 / (1 + x.yearly_change_frac) ** years).tolist() for c, x in operator.exchange.items()}
    groups = groups_of(operator, days, catalogue)
    operations, meters = _plant(s, groups, catalogue, folder, series or {})
    frontier = min(m.efficiency_j_per_th for m in catalogue.values() if m.efficiency_j_per_th)
    _open(s)
    opening = (s.books.cash, s.books.owned)
    traced = _carry(s, groups, operations, meters, frontier)
    s.books.audit()
    return Outcome(
        operator=operator, path=path, days=days, books=s.books, groups=groups,
        operations=operations,
        events=s.events, loans=s.loans, covenants=s.covenants,
        balances={k: np.array(v) for k, v in traced[0].items()},
        plant={k: np.array(v) for k, v in traced[1].items()},
        first_shortfall=s.first_shortfall, runway_ends=s.runway_ends, forced_btc=s.forced_sat / SAT_PER_BTC,
        new_shares=s.new_shares,
        share_price=(float(operator.equity.price_usd_per_share) if operator.equity else 0.0, s.share_price),
        opening_cents=opening[0], opening_sat=opening[1],
        installed_mw=sum(m.installed_mw for m in meters.values()),
    )  # fmt: skip


def _plant(
    s: State, groups: list[Group], catalogue: Catalogue, folder: Path | None, series: Mapping[str, Floats]
) -> tuple[list[Operations], dict[str, Meter]]:
    by_site: dict[str, list[tuple[Operations, bool]]] = {}
    index_of = {c: np.array(x) for c, x in s.index.items()}
    operations, meters, hours = [], {}, {}
    for site in s.operator.sites:
        prices = series.get(site.name)
        if prices is None and site.power.series:
            if folder is None:
                raise InputError(
                    f"site {site.name!r}: its hourly series is a file; say which folder it is in"
                )
            prices = read_hourly(folder / site.power.series, s.days)
        index = index_of.get(currency_of(site.power.price_usd_per_mwh), np.ones(s.days.n))
        hours[site.name] = power_hours(site.power, s.days, prices, index, s.path.power_factor)
    sites = {site.name: site for site in s.operator.sites}
    for g in groups:
        done = operate(g, sites[g.site], hours[g.site], s.path, s.days, catalogue, s.operator.kind == "home")
        operations.append(done)
        by_site.setdefault(g.site, []).append((done, True))
    for site in s.operator.sites:
        mw = sum(g.mw * float(g.share.max()) for g in groups if g.site == site.name) * site.overhead
        rates = contract_rates(site.power, s.days, index_of).tolist()
        meters[site.name] = Meter(site, mw, rates)
        meters[site.name].take(by_site.get(site.name, []), s.days.n)
    return operations, meters


def _open(s: State) -> None:
    """Post the opening treasury and debts on the eve of the first day."""
    t, eve = s.operator.treasury, s.day - 1
    b = s.books
    b.issue_equity(eve, usd_cents(t.cash_usd) + sum(usd_cents(x.power.deposit_usd) for x in s.operator.sites))
    for site in s.operator.sites:
        if site.power.deposit_usd:
            b.deposit(eve, site.name, usd_cents(site.power.deposit_usd))
    free = round(t.coins_btc * SAT_PER_BTC)
    lent, written = round(t.lent_btc * SAT_PER_BTC), round(t.written_btc * SAT_PER_BTC)
    redeemable = round(t.redeemable_btc * SAT_PER_BTC)
    posted = {x.name: round(x.posted_btc * SAT_PER_BTC) for x in s.operator.loans}
    price = float(s.path.price_usd[0])
    for loan in s.operator.loans:
        # Left out, the opening level says what is posted; it comes out of the free coins.
        if loan.kind == "bitcoin_backed" and not loan.posted_btc and not _later(s, loan) and loan.amount_usd:
            level = (loan.ladder or Ladder()).opening_frac
            posted[loan.name] = -int(-loan.amount_usd / (price * level) * SAT_PER_BTC // 1)
            free -= posted[loan.name]
            if free < 0:
                raise InputError(
                    f"loan {loan.name!r}: its opening level needs "
                    f"{posted[loan.name] / SAT_PER_BTC:,.2f} BTC posted, "
                    f"the treasury has {t.coins_btc:,.2f}; give 'posted' or more 'coins'"
                )
    receivable = round(t.receivable_btc * SAT_PER_BTC)
    if receivable:
        b.mine(eve, s.operator.sites[0].name, receivable)
    total = free + lent + written + redeemable + sum(posted.values())
    if total:
        b.receive_coins(eve, "opening", total)
    if lent:
        b.set_aside(eve, "lent", "borrower", lent)
    if written:
        b.set_aside(eve, "written", "calls", written)
    if redeemable:
        # Handed over before the start, against a bill that is paid: a cent stands for it.
        b.owe(eve, "capex_growth", "handed over", 1)
        b.hand_over(eve, "capex_growth", "handed over", redeemable, 1, eve)
    for name, sat in posted.items():
        if sat:
            b.post_collateral(eve, name, sat)
    if s.operator.tax is not None and total:
        s.lots.append([total, float(t.cost_basis_usd_per_btc or price)])
    for loan in s.operator.loans:
        one = LoanState(loan)
        s.loans[loan.name] = one
        if not _later(s, loan) and loan.amount_usd:
            # What was borrowed before the start was spent before it.
            b.borrow(eve, loan.name, usd_cents(loan.amount_usd))
            b.distribute(eve, usd_cents(loan.amount_usd))
        open_loan(s, one)
    b.close(eve)


def _later(s: State, loan: Loan) -> bool:
    return loan.drawn is not None and loan.drawn >= s.days.start


def _carry(
    s: State, groups: list[Group], operations: list[Operations], meters: dict[str, Meter], frontier: float
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    rule, t = policy_of(s.operator.treasury), s.operator.treasury
    value = np.asarray(s.path.hashvalue_btc_per_phs_day).tolist()
    prices, lows = s.path.price_usd.tolist(), s.path.low_usd.tolist()
    block = (s.path.subsidy_btc + s.path.fees_btc).tolist()
    carry = dict.fromkeys(meters, 0.0)
    waiting: dict[str, list[tuple[int, int]]] = {name: [] for name in meters}
    fresh = dict.fromkeys(meters, 0)
    for name in meters:
        if opening := s.books.coins("receivable", name):
            waiting[name].append((s.day, opening))
    hedged: dict[str, float] = {}
    loss = lent = pay_coin = 0.0
    trace: dict[str, list[float]] = {
        k: [] for k in ("cash_usd", "free_btc", "posted_btc", "owned_btc", "debt_usd", "due_usd")
    }
    plant: dict[str, list[float]] = {k: [] for k in ("phs", "mwh", "mined_btc", "power_usd", "curtailed_mwh")}
    wear, tax_wear = depreciation(s.operator, s.days, groups)
    s.tax_wear = tax_wear.tolist()
    orders, builds = machine_orders(s.operator, s.days, groups), ai_builds(s.operator, s.days)
    waits: set[str] = set()
    for i in range(s.days.n):
        s.i, s.day = i, int(s.days.number[0]) + i
        s.price, s.low, s.sold_today, s.shares_today = prices[s.i], lows[s.i], 0, 0.0
        if s.i == 0:
            open_hedges(s)
        mined = 0
        today = dict.fromkeys(plant, 0.0)
        # mine
        for name, m in meters.items():
            pool, on = m.site.pool, name not in s.dark
            phs = m.flows["phs"][s.i] if on else 0.0
            gross = phs * value[s.i]
            due = gross * (1 - pool.fee_frac) + carry[name]
            sat = int(due * SAT_PER_BTC)
            if pool.scheme == "solo":
                sat = int(block[s.i] * (1 - pool.fee_frac) * SAT_PER_BTC) * int(due / block[s.i])
            if sat:
                s.books.mine(s.day, name, sat)
                if s.operator.tax is not None:
                    # What was not taxed when it came has no cost when it goes.
                    s.lots.append([sat, s.price if s.operator.tax.on_receipt else 0.0])
            carry[name] = due - sat / SAT_PER_BTC
            fresh[name] = sat
            mined += sat
            today["phs"] += phs
            today["mined_btc"] += sat / SAT_PER_BTC
            for key in ("mwh", "power_usd", "curtailed_mwh"):
                today[key] += m.flows[key][s.i] if on else 0.0
            # bill
            charge_site(s, m, sat / SAT_PER_BTC * s.price)
        charge_company(s)
        take_steps(s, orders)
        sell_machines(s, groups, frontier)
        take_steps(s, builds)
        if s.i:
            open_hedges(s)
        hedge_day(s, hedged)
        fall_due(s)
        for name, cents in wear[s.i].items():
            s.books.depreciate(s.day, name, cents)
        # receive
        for one in s.loans.values():
            if one.loan.drawn and (one.loan.drawn - EPOCH).days == s.day and one.loan.amount_usd:
                draw(s, one, usd_cents(one.loan.amount_usd))
                open_loan(s, one)
            for part in one.loan.draws:
                if part.on == s.days.at(s.i) and one.status == "current":
                    draw(s, one, usd_cents(part.amount_usd))
                    open_loan(s, one)
        for name, m in meters.items():
            _pay_out(s, m, waiting[name], fresh[name])
        if t.lent_rate_frac_per_year and s.books.coins("lent", "borrower"):
            lent += s.books.coins("lent", "borrower") * t.lent_rate_frac_per_year / 365
            if int(lent):
                s.books.receive_coins(s.day, "interest on lent coins", int(lent))
                lent -= int(lent)
        if s.operator.overheads.paid_in_coin_btc_per_year:
            pay_coin = _pay_people_in_coin(s, pay_coin)
        # pay
        if t.policy != "hold" and s.operator.kind != "home":
            follow_policy(s, SellToCover(), 0)
        pay_bills(s)
        for m in meters.values():
            prepay(s, m)
        margin_test(s)
        if s.operator.kind != "home":
            follow_policy(s, rule, mined)
        if s.operator.equity is not None and s.operator.equity.when == "always":
            raise_shares(s, 10**15)
        _distribute(s)
        progress(s)
        _go_dark(s)
        _note_figures(s, mined)
        loss = tax_day(s, loss)
        keep_promises(s)
        _deliver(s, groups, operations, meters, waits)
        s.books.close(s.day)
        trace["cash_usd"].append(s.books.cash / 100)
        trace["free_btc"].append(s.books.free / SAT_PER_BTC)
        trace["posted_btc"].append(s.books.state("posted") / SAT_PER_BTC)
        trace["owned_btc"].append(s.books.owned / SAT_PER_BTC)
        trace["debt_usd"].append(s.books.total("debt") / 100)
        trace["due_usd"].append(sum(o.cents for o in s.due if o.due <= s.day) / 100)
        for key, amount in today.items():
            plant[key].append(amount)
    return trace, plant


def _pay_out(s: State, m: Meter, waiting: list[tuple[int, int]], mined: int) -> None:
    """Credit what a pool pays out today: coins old enough, once they reach its threshold."""
    pool = m.site.pool
    if mined:
        waiting.append((s.day + round(pool.payout_days), mined))
    ready = [w for w in waiting if w[0] <= s.day]
    sat = sum(x for _, x in ready)
    if sat and sat >= pool.threshold_btc * SAT_PER_BTC:
        del waiting[: len(ready)]
        s.books.credit_payout(s.day, m.site.name, sat)


def _pay_people_in_coin(s: State, carried: float) -> float:
    """Owe people's coins day by day and hand them over at the month's end."""
    carried += s.operator.overheads.paid_in_coin_btc_per_year * SAT_PER_BTC / _YEAR
    sat = min(int(carried), s.books.free)
    if not s.days.ends_month[s.i] or sat <= 0:
        return carried
    cents = int(sat * s.price * 100 / SAT_PER_BTC)
    s.books.owe(s.day, "people", "company", cents)
    s.books.pay_in_coin(s.day, "people", "company", cents, sat, s.day)
    dispose(s, sat, cents)
    return carried - sat


def _distribute(s: State) -> None:
    yearly = s.operator.overheads.dividend_usd_per_year
    spare = s.books.cash - usd_cents(s.operator.treasury.minimum_cash_usd)
    if yearly and s.days.ends_quarter[s.i] and not any(o.due <= s.day for o in s.due):
        paid = min(usd_cents(yearly / 4), spare)
        if paid > 0:
            s.books.distribute(s.day, paid)


def _go_dark(s: State) -> None:
    """Switch a site off whose power has not been paid for too long, and on again when it has."""
    late: dict[str, int] = {}
    for o in s.due:
        if o.site and o.due <= s.day and o.bill in ("power", "hosting"):
            late[o.site] = max(late.get(o.site, 0), s.day - o.due)
    for site, n in late.items():
        if n >= _DARK_AFTER_DAYS and site not in s.dark:
            s.dark[site] = UNPAID
            s.tell("dark", site, f"power unpaid for {n} days: switched off")
    for site in [k for k, why in s.dark.items() if why == UNPAID and k not in late]:
        del s.dark[site]
        s.tell("lit", site, "power is paid: on again")


def _note_figures(s: State, mined: int) -> None:
    """Keep what covenants look back on, and what is taxed."""
    span = s.books.ledger.span(s.day, s.day)
    running = service = other = 0
    for _, kind, _, cents, _ in s.books.ledger.rows(span):
        verb, _, bill = kind.partition(":")
        if verb == "owe" and bill in (
            "power",
            "hosting",
            "people",
            "site",
            "overheads",
            "ai_running",
            "other",
        ):
            running += cents
        elif verb == "owe" and bill in ("interest", "principal"):
            service += cents
            other += 0 if bill == "principal" else cents
        elif verb == "earn" or kind == "grant_credit":
            running -= cents
    revenue = usd_cents(mined / SAT_PER_BTC * s.price)
    s.revenue.append(revenue)
    s.running.append(running)
    s.service.append(service)
    if s.operator.tax is not None:
        taxed = revenue if s.operator.tax.on_receipt else 0
        s.income_usd += (taxed - running - other) / 100 - s.tax_wear[s.i]


def depreciation(operator: Operator, days: Days, groups: list[Group]) -> tuple[list[dict[str, int]], Floats]:
    """Return what wears down each day by name [cents], and what tax lets wear down [USD].

    Straight line over the stated life, none after it; tax takes the same costs over its own life.
    """
    d = operator.depreciation
    out: list[dict[str, int]] = [{} for _ in range(days.n)]
    rows: list[tuple[str, float, float, int]] = []
    for g in groups:
        plan = next((p for p in operator.expansions if p.name == g.expansion), None)
        paid = plan.price_usd_per_ths if plan else g.machines.price_paid_usd_per_ths
        if paid:
            first = days.index(plan.delivered) if plan else 0
            age = 0.0 if plan else g.machines.age_days
            cost = float(paid) * g.rate_ths * g.machines.count
            rows.append((f"{g.site} {g.name}", cost / d.machines_days, d.machines_days - age, max(first, 0)))
    if d.infrastructure_usd:
        rows.append(
            ("infrastructure", d.infrastructure_usd / d.infrastructure_days, d.infrastructure_days, 0)
        )
    sold = {f"{x.site} {x.machines}": days.index(x.on) for x in operator.machine_sales}
    for name, per_day, left, first in rows:
        for i in range(first, min(first + max(int(left), 0), sold.get(name, days.n), days.n)):
            out[i][name] = usd_cents(per_day)
    return out, _tax_wear(operator, days, rows, sold)


def _tax_wear(
    operator: Operator, days: Days, rows: list[tuple[str, float, float, int]], sold: Mapping[str, int]
) -> Floats:
    """What has not worn down of sold machines goes on the day of the sale, beside what they brought."""
    out = np.zeros(days.n)
    if operator.tax is None:
        return out
    life, book_days = operator.tax.machine_life_days, operator.depreciation.machines_days
    for name, per_day, left, first in rows:
        # Infrastructure keeps its book life; a machine's age is the same under both.
        longer = 1.0 if name == "infrastructure" else life / book_days
        age = 0.0 if name == "infrastructure" else book_days - left
        end = first + max(int(left if name == "infrastructure" else life - age), 0)
        gone = sold.get(name, days.n)
        out[first : max(min(end, gone), 0)] += per_day / longer
        if 0 <= gone < days.n and end > gone:
            out[gone] += (end - max(gone, first)) * per_day / longer
    return out


def _deliver(
    s: State, groups: list[Group], operations: list[Operations], meters: dict[str, Meter], waits: set[str]
) -> None:
    """Machines that are not paid for do not arrive: they wait for the last instalment."""
    for plan in s.operator.expansions:
        if s.days.index(plan.delivered) > s.i + 1:
            continue
        unpaid = any(o.name == plan.name and o.due <= s.day for o in s.due)
        if unpaid == (plan.name in waits):
            continue
        waits ^= {plan.name}
        s.tell("delayed" if unpaid else "delivered", plan.name, "instalments unpaid" if unpaid else "paid")
        parts = [
            (o, g.expansion not in waits)
            for g, o in zip(groups, operations, strict=True)
            if g.site == plan.site
        ]
        meters[plan.site].take(parts, s.days.n)
