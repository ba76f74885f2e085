"""Plans under way: machines on order, machines sold, AI builds, hedges, tax."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..economics.conversion import ai_operating_cash, critical_it_mw
from ..equipment import resale_value
from ..operator.money import Hedge, Loan
from ..operator.operator import Operator
from ..operator.plans import AiBuild, MachineSale, usual_instalments
from ..units import SAT_PER_BTC
from .calendar import Days, add_months
from .debts import open_loan
from .lots import dispose
from .plant import Group
from .state import LoanState, State, cents_of, usd_cents

__all__ = [
    "Step",
    "ai_builds",
    "hedge_day",
    "machine_orders",
    "open_hedges",
    "resale_usd_per_ths",
    "sell_machines",
    "service_loan",
    "take_steps",
    "tax_day",
]

Floats = NDArray[np.float64]

_PHS_PER_THS = 1e-3
_RESALE_WINDOW_DAYS = 30
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Step:
    """Something planned for a day of the run, whatever the path brings.

    `does` is owe, borrow, start (service on what was borrowed) or rent; `more` is the days until a bill is
    due, or of a rent the running cost that is owed with it [cents].
    """

    day: int
    does: str
    bill: str
    name: str
    cents: int
    more: int = 0


def machine_orders(operator: Operator, days: Days, groups: list[Group]) -> list[Step]:
    """Return the instalments of machines on order, by day."""
    out = []
    for plan in operator.expansions:
        group = next(g for g in groups if g.expansion == plan.name)
        price = usd_cents(group.rate_ths * group.machines.count * plan.price_usd_per_ths)
        bill = "capex_sustaining" if plan.sustaining else "capex_growth"
        left, delivered = price, days.index(plan.delivered)
        parts = plan.payments or usual_instalments()
        for k, part in enumerate(parts):
            share = left if k == len(parts) - 1 else usd_cents(price / 100 * part.share_frac)
            left -= share
            out.append(Step(delivered - round(part.before_days), "owe", bill, plan.name, share))
        if plan.building_usd_per_mw:
            out.append(
                Step(delivered, "owe", bill, plan.name, usd_cents(group.mw * plan.building_usd_per_mw))
            )
    return _within(out, days)


def ai_builds(operator: Operator, days: Days) -> list[Step]:
    """Return what is built for AI, by day: its capital, the part that is borrowed, and the rent."""
    out = []
    for build in operator.ai:
        it = float(critical_it_mw(gross_mw=build.gross_mw, it_frac=build.it_frac))
        mine = usd_cents(it * build.capex_usd_per_mw * (1 - build.tenant_pays_frac))
        signed, rent_from = days.index(build.signed), days.index(build.first_rent)
        n = rent_from - signed
        for i in range(max(signed, 0), min(rent_from, days.n)):
            k = i - signed
            part = mine * (k + 1) // n - mine * k // n
            borrowed = min(int(part * build.loan_frac / max(1 - build.tenant_pays_frac, 1e-9)), part)
            out.append(Step(i, "borrow", "", f"ai {build.name}", borrowed))
            wait = int(days.month_days[i] - days.day_of_month[i])
            out.append(Step(i, "owe", "ai_capex", build.name, part, wait))
        if build.loan_frac:
            out.append(Step(rent_from, "start", "", f"ai {build.name}", 0))
        out += _rents(build, it, days)
    return _within(out, days)


def _rents(build: AiBuild, it_mw: float, days: Days) -> list[Step]:
    out = []
    for i in np.flatnonzero(days.ends_month):
        today = days.at(int(i))
        months = (today.year - build.first_rent.year) * _MONTHS + today.month - build.first_rent.month
        if today < build.first_rent or months >= build.years * _MONTHS:
            continue
        rent = float(
            ai_operating_cash(
                it_mw=it_mw, rent_usd_per_kw_month=build.rent_usd_per_kw_month, site_margin_frac=1.0,
                months_since_first_rent=months, ramp_months=build.ramp_months,
                escalator_frac_per_year=build.escalator_frac,
            )
        )  # fmt: skip
        running = usd_cents(rent * (1 - build.margin_frac))
        out.append(Step(int(i), "rent", "ai_running", build.name, usd_cents(rent), running))
    return out


def _within(steps: list[Step], days: Days) -> list[Step]:
    """Return the steps of the run's days, by day; those of a day stay in the order of the file."""
    return sorted((x for x in steps if 0 <= x.day < days.n), key=lambda x: x.day)


def take_steps(s: State, steps: list[Step]) -> None:
    """Do what is planned for today; what is done is gone from the front of the list."""
    while steps and steps[0].day == s.i:
        x = steps.pop(0)
        if x.does == "owe":
            s.owe_now(x.bill, x.name, x.cents, x.more)
        elif x.does == "borrow":
            if x.cents:
                _draw(s, _build_of(s, x.name), x.cents)
        elif x.does == "start":
            _start_service(s, _build_of(s, x.name))
        else:
            s.books.earn(s.day, "ai_income", x.name, x.cents)
            s.books.collect(s.day, "ai_income", x.name, x.cents, s.day)
            s.owe_now(x.bill, x.name, x.more)


def sell_machines(s: State, groups: list[Group], frontier_j_per_th: float) -> None:
    """Sell the machines whose day it is, at the resale value of hashprice a month before."""
    for sale in s.operator.machine_sales:
        if sale.on != s.days.at(s.i):
            continue
        for g in groups:
            if g.site != sale.site or g.name != sale.machines:
                continue
            each = resale_usd_per_ths(s.path.hashprice_usd_per_phs_day, s.i, g, sale, frontier_j_per_th)
            got = usd_cents(each * g.rate_ths * g.machines.count)
            s.books.sell_machine(s.day, f"{g.site} {g.name}", got)
            if s.operator.tax is not None:
                s.income_usd += got / 100
            s.tell("machines_sold", g.name, f"{g.machines.count:,} machines at {each:,.2f} USD/TH", got / 100)


def resale_usd_per_ths(
    hashprice: Floats, i: int, group: Group, sale: MachineSale, frontier_j_per_th: float
) -> float:
    """Return what a TH/s of a group fetches on a day, by hashprice of a month that ended a month before."""
    end = max(i - _RESALE_WINDOW_DAYS, 0) + 1
    level = float(hashprice[max(end - _RESALE_WINDOW_DAYS, 0) : end].mean())
    return float(
        resale_value(
            lagged_hashprice_usd_per_phs_day=level,
            efficiency_j_per_th=group.power_w / group.rate_ths,
            frontier_efficiency_j_per_th=frontier_j_per_th,
            discount_frac=sale.discount_frac,
        )
    )


def service_loan(build: AiBuild, owed_usd: float) -> Loan:
    """Return the loan that what was borrowed for a build becomes at its first rent."""
    return Loan(
        name=f"ai {build.name}", kind="term", amount_usd=owed_usd, repaid="annuity", drawn=build.first_rent,
        matures=add_months(build.first_rent, build.loan_years * _MONTHS),
        rate_frac_per_year=build.loan_rate_frac_per_year,
    )  # fmt: skip


def _build_of(s: State, loan: str) -> AiBuild:
    return next(b for b in s.operator.ai if f"ai {b.name}" == loan)


def _draw(s: State, build: AiBuild, cents: int) -> None:
    """Draw a day's part of a building's loan, which bears interest from then on."""
    loan = service_loan(build, 0.0)
    if loan.name not in s.loans:
        s.loans[loan.name] = LoanState(loan, rate=loan.rate_frac_per_year)
    s.books.borrow(s.day, loan.name, cents)


def _start_service(s: State, build: AiBuild) -> None:
    """Add the interest of the years of building to the loan, and set its equal payments."""
    name = f"ai {build.name}"
    one = s.loans.get(name)
    if one is None:
        return
    interest, one.accrued = usd_cents(one.accrued), 0.0
    if interest:
        s.books.owe(s.day, "interest", name, interest)
        s.books.add_to_debt(s.day, name, interest, s.day)
    open_loan(s, one)


def open_hedges(s: State) -> None:
    """Post margin, pay or take premiums on the first day of each hedge."""
    for h in s.operator.hedges:
        if max((h.starts or s.days.start), s.days.start) != s.days.at(s.i):
            continue
        if h.kind in ("hashprice_forward", "price_forward") and h.margin_frac:
            n = (h.ends - s.days.at(s.i)).days + 1
            value = h.coins_btc * h.price_usd_per_btc
            if h.kind == "hashprice_forward":
                value = h.hashrate_ths * _PHS_PER_THS * h.hashprice_usd_per_phs_day * n
            margin = min(usd_cents(value * h.margin_frac), s.books.cash)
            if margin:
                s.books.post_margin(s.day, h.name, margin)
        if h.kind in ("put", "collar") and h.premium_usd:
            s.owe_now("other", h.name, usd_cents(h.premium_usd))
        if h.kind == "covered_call":
            sat = min(round(h.coins_btc * SAT_PER_BTC), s.books.free)
            if sat:
                s.books.write_call(s.day, h.name, sat, usd_cents(h.premium_usd))


def hedge_day(s: State, owing: dict[str, float]) -> None:
    """Let forwards on hashprice settle at each month's end, and the rest on their last day."""
    today = s.days.at(s.i)
    for h in s.operator.hedges:
        first = max(h.starts or s.days.start, s.days.start)
        if not first <= today <= h.ends:
            continue
        last = today == h.ends
        if h.kind == "hashprice_forward":
            spot = float(np.asarray(s.path.hashprice_usd_per_phs_day)[s.i])
            owing[h.name] = owing.get(h.name, 0.0) + h.hashrate_ths * _PHS_PER_THS * (
                h.hashprice_usd_per_phs_day - spot
            )
            if last or s.days.ends_month[s.i]:
                _settle(s, h, owing.pop(h.name))
        elif last and h.kind == "covered_call":
            _end_call(s, h)
        elif last:
            gain = h.price_usd_per_btc - s.price
            if h.kind != "price_forward":
                gain = max(gain, 0.0)
            if h.kind == "collar":
                gain -= max(s.price - h.call_usd_per_btc, 0.0)
            _settle(s, h, gain * h.coins_btc)
        if last and (margin := s.books.balance("margin", "", h.name)):
            s.books.return_margin(s.day, h.name, margin)


def _settle(s: State, h: Hedge, gain_usd: float) -> None:
    cents = usd_cents(abs(gain_usd))
    if not cents:
        return
    if gain_usd > 0:
        s.books.earn(s.day, "other_income", h.name, cents)
        s.books.collect(s.day, "other_income", h.name, cents, s.day)
    else:
        s.owe_now("other", h.name, cents)


def _end_call(s: State, h: Hedge) -> None:
    sat = s.books.coins("written", h.name)
    if not sat:
        return
    if s.price > h.call_usd_per_btc:
        got = cents_of(sat, h.call_usd_per_btc)
        s.books.exercise_call(s.day, h.name, sat, got)
        dispose(s, sat, got)
        s.tell(
            "exercised", h.name, f"{sat / SAT_PER_BTC:,.2f} BTC called away at {h.call_usd_per_btc:,.0f} USD"
        )
    else:
        s.books.expire_call(s.day, h.name, sat)


def tax_day(s: State, loss_usd: float) -> float:
    """Owe a quarter's tax at its end; return the loss that is carried."""
    tax = s.operator.tax
    if tax is None or not s.days.ends_quarter[s.i]:
        return loss_usd
    taxable = s.income_usd + s.gains_usd + loss_usd
    s.income_usd = s.gains_usd = 0.0
    if taxable > 0:
        s.owe_now("tax", "company", usd_cents(taxable * tax.rate_frac), round(tax.paid_after_days))
        return 0.0
    return taxable if tax.losses_carried else 0.0
