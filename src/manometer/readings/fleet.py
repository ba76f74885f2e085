"""One operator's statement: what was kept, what was earned, who paid, and what price does what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

from ..economics import loan_to_value
from ..economics.conversion import ai_net_btc
from ..economics.covenants import debt_service_cover
from ..engine.calendar import EPOCH, add_months
from ..engine.run import Outcome, balances_at, run
from ..engine.statement import Period, merged, periods, total_of
from ..engine.triggers import exhaustion_fall, liquidity_now, maturities, triggers
from ..errors import InputError
from ..operator.operator import Operator
from ..operator.reader import read_operator
from ..processes import DriverPath, constant_path, cut, read_path_table, replay_path, shocked
from ..store import Store
from ..units import BLOCKS_PER_DAY, SAT_PER_BTC, SECONDS_PER_DAY
from .market import Market, read_market
from .paths import history_path

__all__ = ["FleetView", "Terms", "fleet_path", "fleet_reading", "read_with"]

_MAX_MONTHS = 240
_MONTHS = 12
_STEPS = ("day", "week", "month")
_WEEKS_SHOWN = 13


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run is asked for; None where the file, the path or the store says it; else 12 months."""

    start: date | None = None
    months: int | None = None
    price_usd: float | None = None
    replay: date | None = None
    shock_frac: float | None = None
    table: Path | None = None
    step: str = "month"
    gross_of_credits: bool = False


@dataclass(frozen=True, slots=True)
class FleetView:
    """The statement as data, and the run that it was read off."""

    data: dict[str, Any]
    outcome: Outcome


def read_with(file: Path, settings: list[str]) -> Operator:
    """Read an operator file, with `KEY=VALUE` settings put in place of what it says.

    Raises
    ------
    InputError
        A setting names no key of the file, or its value is wrong.
    """
    if not settings:
        return read_operator(file)
    from ..operator.settings import with_settings

    return with_settings(file, settings)


def fleet_path(
    operator: Operator, terms: Terms, open_it: Callable[[], Store], as_of_s: int | None
) -> DriverPath:
    """Return the path that is asked for: a table, history again, or today's terms that stay.

    Raises
    ------
    InputError
        The terms exclude each other or leave the days that are known.
    """
    months = _MONTHS if terms.months is None else terms.months
    if not 1 <= months <= _MAX_MONTHS:
        raise InputError(f"months: {terms.months} must be 1 to {_MAX_MONTHS}")
    if terms.step not in _STEPS:
        raise InputError(f"step: {terms.step!r} must be one of {', '.join(_STEPS)}")
    given = [
        n
        for n, v in (("--replay", terms.replay), ("--path", terms.table), ("--price-usd", terms.price_usd))
        if v
    ]
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)} each give the price; keep one")
    if terms.replay is not None and terms.start not in (None, terms.replay):
        raise InputError("--replay says the first day; leave --from out")
    if terms.table is not None:
        with open_it() as store:
            market = read_market(store, as_of_s)
        path = read_path_table(
            terms.table,
            height=lambda day: _height_on(market, day),
            fees_btc=lambda day: _fees_before(market, day),
        )
        first = EPOCH + timedelta(days=int(path.day[0]))
        start = terms.start or first
        if terms.start is not None or terms.months is not None:
            whole = len(path.day) - (start - first).days
            n = whole if terms.months is None else _n_days(start, months)
            path = cut(path, (start - first).days, n)
    elif terms.replay is not None:
        with open_it() as store:
            history = history_path(store, as_of_s)
        path = replay_path(history, terms.replay, _n_days(terms.replay, months))
    else:
        path = _constant(operator, terms, months, open_it, as_of_s)
    return shocked(path, terms.shock_frac) if terms.shock_frac is not None else path


def _constant(
    operator: Operator, terms: Terms, months: int, open_it: Callable[[], Store], as_of_s: int | None
) -> DriverPath:
    """Keep the terms of the day before the start, or of the last day known before it."""
    start = terms.start or operator.start
    with open_it() as store:
        until = as_of_s
        if start is not None:
            eve = (start - EPOCH).days * SECONDS_PER_DAY
            until = eve if as_of_s is None else min(as_of_s, eve)
        market = read_market(store, until)
    x = market.inputs
    known = EPOCH.toordinal() + market.last_day_s // SECONDS_PER_DAY
    first = start or date.fromordinal(known + 1)
    path = constant_path(
        first,
        _n_days(first, months),
        price_usd=float(x.price_usd[-1]) if terms.price_usd is None else terms.price_usd,
        difficulty=float(x.difficulty[-1]),
        fees_btc=float(x.fees_btc[-1]),
        height=_height_on(market, (first - EPOCH).days),
    )
    return replace(path, name=f"constant, as of {date.fromordinal(known)}")


def _fees_before(market: Market, day: int) -> float:
    """Return the fees a block of the last day before a day since 1970; the first known for one before all."""
    fees = market.inputs.fees_btc
    return float(fees[min(max(day - int(market.inputs.day[0]) - 1, 0), len(fees) - 1)])


def _height_on(market: Market, day: int) -> int:
    """Return the first block of a day; past the last day known, blocks go on being found."""
    i = day - int(market.inputs.day[0])
    known = len(market.height)
    if i <= 0:
        return 0
    return int(market.height[min(i, known) - 1]) + 1 + max(i - known, 0) * BLOCKS_PER_DAY


def _n_days(start: date, months: int) -> int:
    return (add_months(start, months) - start).days


def fleet_reading(
    operator: Operator, path: DriverPath, terms: Terms, folder: Path | None = None
) -> FleetView:
    """Run an operator along a path and lay its statement out."""
    outcome = run(operator, path, folder=folder)
    months, weeks = periods(outcome, "month"), periods(outcome, "week")
    net = not terms.gross_of_credits
    total = merged("total", months)
    figures = total_of(outcome, total, net_of_credits=net)
    rows = [{"month": p.label, **total_of(outcome, p, net_of_credits=net)} for p in months]
    table = triggers(outcome, weeks, partial(run, operator, folder=folder))
    days = outcome.days
    low = int(outcome.balances["cash_usd"].argmin())
    credited = float(outcome.plant["mined_btc"].sum())
    value = outcome.path.hashprice_usd_per_phs_day * outcome.plant["phs"]
    direct = figures["cost_usd"]["direct"]
    gross = float(value.sum())
    phs_days = float(outcome.plant["phs"].sum())
    fee = 1 - _fee_frac(outcome)
    price0 = float(path.price_usd[0])
    short = outcome.first_shortfall
    data: dict[str, Any] = {
        "operator": operator.operator,
        "question": operator.question or None,
        "kind": operator.kind,
        "path": path.name,
        "first_day": days.start.isoformat(),
        "last_day": days.at(-1).isoformat(),
        "price_usd": price0,
        "end_price_usd": float(path.price_usd[-1]),
        "hashprice_usd_per_phs_day": float(path.hashprice_usd_per_phs_day[0]),
        "difficulty": float(path.difficulty[0]),
        "margin_tested_on": "close" if path.low_is_close else "low",
        "months": rows,
        "total": {
            **figures,
            "opening_btc": outcome.opening_sat / SAT_PER_BTC,
            "opening_cash_usd": outcome.opening_cents / 100,
            "forced_sales_btc": outcome.forced_btc,
            "net_btc_per_share": _per_share(outcome, figures["net_btc"]),
            "cost_layers_are": "net of power credits" if net else "gross of power credits",
            "denominator": "bitcoin credited after the pool fee",
            "buy_instead_btc": _bought(outcome, total),
            "keep_usd_per_btc": _keep(figures),
            "debt_service_cover": _cover(outcome, figures),
        },
        "first_shortfall_utc": None if short is None else days.at(short - int(days.number[0])).isoformat(),
        "runway_days": _runway_days(outcome),
        "breakeven_hashprice_usd_per_phs_day": direct / (phs_days * fee) if phs_days else None,
        "breakeven_price_usd": direct / credited if credited else None,
        "mean_hashprice_usd_per_phs_day": gross / phs_days if phs_days else None,
        "triggers": table,
        "fall_to_exhaustion_frac": exhaustion_fall(table),
        "liquidity": liquidity_now(outcome),
        "liquidity_end": liquidity_now(outcome, days.n - 1),
        "covenants": _covenants(outcome),
        "maturities": maturities(outcome),
        "loans": [
            {
                "name": n,
                "status": x.status,
                "kind": x.loan.kind,
                "rate_frac": x.rate,
                "loan_to_value_frac": {
                    "first": _worth(outcome, n, 0),
                    "last": _worth(outcome, n, days.n - 1),
                },
            }
            for n, x in outcome.loans.items()
        ],
        "ai": _ai(outcome),
        "events": [
            {
                "date": days.at(e.day - int(days.number[0])).isoformat(),
                "kind": e.kind,
                "name": e.name,
                "text": e.text,
            }
            for e in outcome.events
        ],
        "low_point": {"date": days.at(low).isoformat(), "cash_usd": float(outcome.balances["cash_usd"][low])},
        "sources_usd": figures["sources_usd"],
        "uses_usd": figures["uses_usd"],
        "assumed": _assumed(operator, path),
    }
    if terms.step != "month":
        cut = weeks[:_WEEKS_SHOWN] if terms.step == "week" else periods(outcome, "day")
        data[terms.step + "s"] = [
            {terms.step: p.label, **total_of(outcome, p, net_of_credits=net)} for p in cut
        ]
    if operator.kind == "home":
        from .home import home_figures

        data["home"] = home_figures(outcome, total)
    return FleetView(data, outcome)


def _ai(outcome: Outcome) -> list[dict[str, Any]]:
    """Return each AI build as a source and use of coins at the end price, and its contract."""
    if not outcome.operator.ai:
        return []
    sums: dict[tuple[str, str], int] = {}
    ledger = outcome.books.ledger
    for _, kind, name, cents, _ in ledger.rows(range(len(ledger))):
        sums[kind, name] = sums.get((kind, name), 0) + cents
    out = []
    for b in outcome.operator.ai:

        def usd(*kinds: str, name: str = b.name) -> float:
            return sum(sums.get((kind, name), 0) for kind in kinds) / 100

        debt = f"ai {b.name}"
        figures = {
            "operating_cash_usd": usd("earn:ai_income") - usd("owe:ai_running"),
            "capex_usd": usd("owe:ai_capex"),
            "raised_usd": usd("borrow", name=debt),
            "debt_service_usd": usd("owe:interest", "owe:principal", name=debt)
            - usd("interest_in_kind", "defer_principal", name=debt),
        }
        net = ai_net_btc(**figures, price_usd=float(outcome.path.price_usd[-1]))
        out.append(
            {
                "name": b.name,
                "site": b.site,
                "gross_mw": b.gross_mw,
                "critical_it_mw": b.gross_mw * b.it_frac,
                "first_rent": b.first_rent.isoformat(),
                "years": b.years,
                "take_or_pay": b.take_or_pay,
                "backstop": b.backstop or None,
                "tenant_pays_frac": b.tenant_pays_frac,
                **figures,
                "net_btc": float(net),
            }
        )
    return out


def _runway_days(outcome: Outcome) -> int | None:
    """Return days until what is due cannot be met, free coins counted after their haircut; None if never."""
    ends = [x for x in (outcome.runway_ends, outcome.first_shortfall) if x is not None]
    return min(ends) - int(outcome.days.number[0]) if ends else None


def _fee_frac(outcome: Outcome) -> float:
    """Return the pool fee over the run, weighted by hash."""
    sites = {s.name: s for s in outcome.operator.sites}
    weight = dict.fromkeys(sites, 0.0)
    for g, o in zip(outcome.groups, outcome.operations, strict=True):
        weight[g.site] += float(o.phs.sum())
    whole = sum(weight.values())
    return sum(sites[n].pool.fee_frac * w for n, w in weight.items()) / whole if whole else 0.0


def _per_share(outcome: Outcome, net_btc: float) -> float | None:
    e = outcome.operator.equity
    return None if e is None else net_btc / (e.shares + outcome.new_shares)


def _keep(figures: dict[str, Any]) -> float | None:
    """Return what a coin must fetch so that it can be kept: L3, due principal and sustaining capex."""
    owed, mined = figures["owed_usd"], figures["mined_btc"]
    whole = figures["cost_usd"]["cash"] + owed["principal"] + owed["capex_sustaining"]
    return whole / mined if mined else None


def _cover(outcome: Outcome, figures: dict[str, Any]) -> float | None:
    """Return cash from operations, coins at their day's price, over debt service; None where none is due."""
    owed = figures["owed_usd"]
    mined = float((outcome.plant["mined_btc"] * outcome.path.price_usd).sum())
    running = sum(owed[k] for k in ("power", "hosting", "people", "site", "overheads", "other", "ai_running"))
    if not owed["interest"] + owed["principal"]:
        return None
    return float(
        debt_service_cover(
            operating_cash_usd=mined + sum(figures["incomes_usd"].values()) - running,
            interest_usd=owed["interest"],
            principal_usd=owed["principal"],
        )
    )


def _worth(outcome: Outcome, name: str, i: int) -> float | None:
    """Return a loan's loan to value at the close of a day; None where no coins stand behind it."""
    balances = balances_at(outcome, i)
    owed = balances.get(("debt", "", name), 0) / 100
    posted = balances.get(("coins.posted", "", name), 0) / SAT_PER_BTC
    price = float(outcome.path.price_usd[i])
    return float(loan_to_value(loan_usd=owed, collateral_btc=posted, price_usd=price)) if posted else None


def _bought(outcome: Outcome, total: Period) -> dict[str, float]:
    """Return the coins that the same dollars would have bought, on their days and all on the first."""
    price = outcome.path.price_usd
    same = sum(c / 100 / float(price[i]) for i, c in total.spent_by_day.items())
    return {"same_dates": same, "day_one": sum(total.spent_by_day.values()) / 100 / float(price[0])}


def _covenants(outcome: Outcome) -> list[dict[str, Any]]:
    first = int(outcome.days.number[0])
    return [
        {
            "name": t["name"],
            "kind": t["kind"],
            "test_date": outcome.days.at(int(str(t["day"])) - first).isoformat(),
            "value": t["value"],
            "limit": t["limit"],
            # Cover without debt service has no bound: unknown, not a number.
            "headroom_frac": t["headroom_frac"] if isfinite(float(str(t["value"]))) else None,
        }
        for t in outcome.covenants
    ]


def _assumed(operator: Operator, path: DriverPath) -> list[str]:
    """Return what a reader must know is not measured."""
    out = []
    if path.low_is_close and any(x.ladder or x.kind == "bitcoin_backed" for x in operator.loans):
        out.append(
            "no daily lows are known on this path: loans are tested on closes (import ohlcv-daily adds lows)"
        )
    for site in operator.sites:
        if site.power.shape is not None:
            out.append(f"{site.name}: hourly prices are illustrative, made from a shape")
        if site.power.coincident_peak is not None:
            out.append(f"{site.name}: peak hours are assumed (16:00 on the first days of each peak month)")
    if operator.equity is not None:
        out.append(f"the share moves {operator.equity.beta:g} times as much as bitcoin")
    return out
