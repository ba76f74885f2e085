"""What an operator can do, ranked on one path: each lever is a small change to the file, and a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ..economics import breakeven_power_price
from ..economics.equity import equity_accretion, net_btc
from ..engine.calendar import add_months
from ..engine.run import Outcome, run
from ..engine.statement import Period, merged, periods, total_of
from ..equipment import read_catalogue
from ..operator.money import Hedge, Loan
from ..operator.operator import Operator
from ..operator.plans import AiBuild, MachineSale
from ..operator.sense import machine_power_w, machine_rate_ths
from ..operator.site import Machines, Site
from ..processes import DriverPath

__all__ = ["LEVERS", "Lever", "levers_reading"]

_MOVE_DAYS = 42
_MOVE_USD_PER_MW = 30_000.0
_RENEGOTIATED_FRAC = 0.10
_RENEGOTIATE_DAYS = 60
_DEFERRED_DAYS = 180
_AI_MONTHS = 24
_REFINANCE_POINTS = 0.03
_REFINANCE_FEE_FRAC = 0.02
_W_PER_MW = 1e6


@dataclass(frozen=True, slots=True)
class Lever:
    """A change to an operator: what it does in words, what it costs at once, and how long until it works."""

    operator: Operator
    effect: str
    cost_usd: float = 0.0
    delay_days: float = 0.0


Change = Callable[[Operator, DriverPath, date], "Lever | str"]


def _each_site(o: Operator, change: Callable[[Site], Site]) -> Operator:
    return replace(o, sites=tuple(change(s) for s in o.sites))


def _each_group(site: Site, change: Callable[[Machines], Machines]) -> Site:
    return replace(site, machines=tuple(change(m) for m in site.machines))


def switch_off(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Switch the machines that lose on electricity off for good, and sell them."""
    catalogue, hashprice = read_catalogue(), float(path.hashprice_usd_per_phs_day[0])
    sales = list(o.machine_sales)
    gone = []
    for site in o.sites:
        price = site.power.price_usd_per_mwh
        if price is None:
            continue
        for m in site.machines:
            j = machine_power_w(m, catalogue) / machine_rate_ths(m, catalogue)
            most = float(
                breakeven_power_price(
                    hashprice_usd_per_phs_day=hashprice, efficiency_j_per_th=j, overhead=site.overhead
                )
            )
            if most * (1 - site.pool.fee_frac) < price + site.power.adder_usd_per_mwh:
                name = m.label or m.model or "own machines"
                gone.append(name)
                sales.append(
                    MachineSale(
                        site=site.name, machines=name, on=start + timedelta(days=30), discount_frac=0.25
                    )
                )
    if not gone:
        return "no machine loses on electricity at today's hashprice"
    return Lever(
        replace(o, machine_sales=tuple(sales)),
        f"{', '.join(gone)} sold after a month, 25 % under resale",
        0.0,
        30,
    )


def retune(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Let every machine choose the mode with the largest margin."""
    if all(m.mode == "auto" for s in o.sites for m in s.machines):
        return "every machine chooses its mode already"
    return Lever(
        _each_site(o, lambda s: _each_group(s, lambda m: replace(m, mode="auto"))),
        "power mode by margin, daily",
    )


def sell_coins(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Sell what is mined as it comes."""
    if o.treasury.policy == "sell_all":
        return "everything mined is sold already"
    return Lever(
        replace(o, treasury=replace(o.treasury, policy="sell_all", share_frac=None)), "sell all that is mined"
    )


def hold_coins(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Sell nothing until forced."""
    if o.treasury.policy == "hold":
        return "nothing is sold of its own will already"
    return Lever(
        replace(o, treasury=replace(o.treasury, policy="hold", share_frac=None)), "hold until forced"
    )


def renegotiate(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Pay less for power."""
    priced = [s for s in o.sites if s.power.price_usd_per_mwh is not None]
    if not priced:
        return "no site has a price that can be renegotiated"

    def cheaper(s: Site) -> Site:
        if s.power.price_usd_per_mwh is None:
            return s
        # Two of the run's months pass before it holds: the mean price falls by the rest.
        n = len(path.day)
        cut = _RENEGOTIATED_FRAC * max(n - _RENEGOTIATE_DAYS, 0) / n
        return replace(s, power=replace(s.power, price_usd_per_mwh=type(s.power.price_usd_per_mwh)(
            *((s.power.price_usd_per_mwh * (1 - cut), s.power.price_usd_per_mwh.currency)
              if hasattr(s.power.price_usd_per_mwh, "currency") else (s.power.price_usd_per_mwh * (1 - cut),)))))  # fmt: skip

    return Lever(
        _each_site(o, cheaper), "10 % off the tariff after 60 days (assumed)", 0.0, _RENEGOTIATE_DAYS
    )


def delay_expansion(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Put off machines on order by half a year."""
    later = [e for e in o.expansions if e.delivered > start + timedelta(days=_DEFERRED_DAYS)]
    if not later:
        return "no order is far enough ahead to be put off"
    moved = tuple(
        replace(e, delivered=e.delivered + timedelta(days=_DEFERRED_DAYS)) if e in later else e
        for e in o.expansions
    )
    return Lever(
        replace(o, expansions=moved), "orders come, and are paid, 180 days later", 0.0, _DEFERRED_DAYS
    )


def move_machines(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Move the dearest site's machines to the cheapest site."""
    priced = sorted((s for s in o.sites if s.power.price_usd_per_mwh is not None and not s.borrower),
                    key=lambda s: float(s.power.price_usd_per_mwh or 0.0))  # fmt: skip
    if len(priced) < 2 or priced[0].power.price_usd_per_mwh == priced[-1].power.price_usd_per_mwh:
        return "there is no second site with cheaper power"
    cheap, dear = priced[0], priced[-1]
    catalogue = read_catalogue()

    def draw(s: Site) -> float:
        return sum(machine_power_w(m, catalogue) * m.count for m in s.machines) * cheap.overhead / _W_PER_MW

    if cheap.limit_mw is not None and draw(cheap) + draw(dear) > cheap.limit_mw:
        return f"{cheap.name} has no room for {draw(dear):,.1f} MW"
    opens = start + timedelta(days=_MOVE_DAYS)
    there = replace(dear, name=f"{dear.name} at {cheap.name}", power=replace(cheap.power, deposit_usd=0.0), opens=opens,
                    overhead=cheap.overhead, lease_usd_per_year=0.0, insurance_usd_per_year=0.0, limit_mw=None)  # fmt: skip
    cost = draw(dear) * _MOVE_USD_PER_MW
    upkeep = replace(there, upkeep_usd_per_year=there.upkeep_usd_per_year + cost * 365.25 / len(path.day))
    sites = tuple(upkeep if s.name == dear.name else s for s in o.sites)
    renamed = replace(
        o,
        sites=sites,
        expansions=tuple(replace(e, site=upkeep.name) if e.site == dear.name else e for e in o.expansions),
        machine_sales=tuple(
            replace(e, site=upkeep.name) if e.site == dear.name else e for e in o.machine_sales
        ),
        ai=tuple(replace(a, site=upkeep.name) if a.site == dear.name else a for a in o.ai),
    )
    return Lever(
        renamed, f"{dear.name} to {cheap.name}: 6 weeks down, 30 kUSD/MW (assumed)", cost, _MOVE_DAYS
    )


def refinance(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Replace loans that fall due within the run by one that does not, dearer."""
    end = start + timedelta(days=len(path.day))
    due = [x for x in o.loans if x.kind in ("term", "equipment", "convertible") and x.amount_usd
           and (x.matures is None or x.matures <= end or x.repaid != "bullet") and not x.drawn]  # fmt: skip
    if not due:
        return "no loan falls due within the run"
    cost = sum(x.amount_usd for x in due) * _REFINANCE_FEE_FRAC

    def longer(x: Loan) -> Loan:
        if x not in due:
            return x
        return replace(x, kind="term", conversion=None, matures=add_months(end, 12), repaid="bullet",
                       rate_frac_per_year=x.rate_frac_per_year + _REFINANCE_POINTS)  # fmt: skip

    more = replace(o.treasury, cash_usd=max(o.treasury.cash_usd - cost, 0.0))
    return Lever(
        replace(o, loans=tuple(longer(x) for x in o.loans), treasury=more),
        "due a year after the run, +3 points, 2 % fee (assumed)", cost, 0,
    )  # fmt: skip


def equity(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Sell shares every day, within what the market takes."""
    e = o.equity
    if e is None or e.most_usd <= 0 or e.volume_shares_per_day <= 0:
        return "the file has no equity line (equity: most, volume)"
    if e.when == "always":
        return "shares are sold every day already"
    return Lever(replace(o, equity=replace(e, when="always")), "sell shares every day within the programme")


def convert_to_ai(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Move half of the largest site to AI colocation, half of it borrowed."""
    if o.ai:
        return "a conversion is under way already"
    catalogue = read_catalogue()

    def draw(s: Site) -> float:
        return sum(machine_power_w(m, catalogue) * m.count for m in s.machines) * s.overhead / _W_PER_MW

    site = max(o.sites, key=draw)
    if draw(site) < 20:
        return "no site has the 20 MW that a tenant asks for"
    build = AiBuild(name="AI", site=site.name, gross_mw=draw(site) / 2, signed=start + timedelta(days=30),
                    first_rent=add_months(start, _AI_MONTHS), loan_frac=0.5)  # fmt: skip
    capex = build.gross_mw * build.it_frac * build.capex_usd_per_mw
    return Lever(
        replace(o, ai=(build,)),
        f"{build.gross_mw:,.0f} MW of {site.name} to colocation: capital first, first rent after {_AI_MONTHS} months",
        capex, _AI_MONTHS * 30.4,
    )  # fmt: skip


def hedge(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Fix the hashprice of half the hashrate for a year at most, 3 % under today's with the halvings in it."""
    catalogue = read_catalogue()
    ths = sum(machine_rate_ths(m, catalogue) * m.count for s in o.sites for m in s.machines)
    if any(h.kind == "hashprice_forward" for h in o.hedges):
        return "hashprice is hedged already"
    # A forward knows the halvings that lie ahead, and nothing else of the path.
    days = min(len(path.day), 365)
    fees = float(path.fees_btc[0])
    reward = float((path.subsidy_btc[:days] + fees).mean()) / (float(path.subsidy_btc[0]) + fees)
    level = float(path.hashprice_usd_per_phs_day[0]) * reward * 0.97
    contract = Hedge(name="lever: hashprice forward", kind="hashprice_forward", starts=start,
                     ends=start + timedelta(days=min(len(path.day), 365) - 1), hashrate_ths=ths / 2,
                     hashprice_usd_per_phs_day=level)  # fmt: skip
    margin = ths / 2 * 1e-3 * level * min(len(path.day), 365) * contract.margin_frac
    return Lever(
        replace(o, hedges=(*o.hedges, contract)), f"half of the hash at {level:,.2f} USD/PH/day", margin, 0
    )


def defer_maintenance(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Stop upkeep; more machines fail."""
    if not any(s.upkeep_usd_per_year for s in o.sites):
        return "the file has no upkeep to defer"
    worse = _each_site(
        o,
        lambda s: replace(
            s,
            upkeep_usd_per_year=0.0,
            uptime=replace(
                s.uptime, forced_off_frac=min(s.uptime.forced_off_frac + 0.03, 1 - s.uptime.planned_off_frac)
            ),
        ),
    )
    return Lever(worse, "no upkeep, 3 points more failures (assumed)")


def let_go(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Leave borrowers without recourse to their lenders at the first payment they cannot make."""
    there = [x for x in o.loans if x.recourse != "full" and not x.let_go]
    if not there:
        return "no loan is without recourse to the group"
    changed = tuple(replace(x, let_go=True) if x in there else x for x in o.loans)
    return Lever(replace(o, loans=changed), f"{', '.join(x.name for x in there)}: to the lender when missed")


LEVERS: dict[str, Change] = {
    "switch off": switch_off,
    "re-tune": retune,
    "sell all that is mined": sell_coins,
    "hold until forced": hold_coins,
    "renegotiate power": renegotiate,
    "delay expansion": delay_expansion,
    "move machines": move_machines,
    "refinance": refinance,
    "equity": equity,
    "AI conversion": convert_to_ai,
    "hedge hashprice": hedge,
    "defer maintenance": defer_maintenance,
    "let a borrower go": let_go,
}


def levers_reading(
    operator: Operator,
    path: DriverPath,
    folder: Path | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> dict[str, Any]:
    """Rank the levers by retained bitcoin net of debt, on one path; keep running is the baseline.

    Net of debt: coins plus cash less debt and unpaid bills in coins at the end price, against the baseline;
    new shares count by what a share then holds.
    """
    base = run(operator, path, folder=folder)
    start = base.days.start
    zero = _figures(base)
    rows = [_row("keep running", Lever(operator, "the baseline"), base, zero, zero)]
    refused = []
    for done, (name, change) in enumerate(LEVERS.items()):
        if progress is not None:
            progress(done, len(LEVERS))
        lever = change(operator, path, start)
        if isinstance(lever, str):
            refused.append({"name": name, "why": lever})
            continue
        after = run(lever.operator, path, folder=folder)
        rows.append(_row(name, lever, after, _figures(after), zero))
    rows.append(_spot(base, zero))
    rows.sort(key=lambda r: -r["net_btc_delta"])
    return {
        "operator": operator.operator,
        "path": path.name,
        "ranked_by": "net_btc_delta",
        "levers": rows,
        "not_offered": refused,
    }


def _figures(outcome: Outcome) -> dict[str, float]:
    total: Period = merged("total", periods(outcome))
    t = total_of(outcome, total)
    price = t["price_usd"]
    unpaid = outcome.books.total("payable") / 100
    held = outcome.books.total("deposits") / 100 + outcome.books.total("margin") / 100
    net = float(
        net_btc(
            coins_btc=t["held_btc"],
            cash_usd=t["cash_usd"] + held,
            debt_usd=t["debt_usd"] + unpaid,
            price_usd=price,
        )
    )
    return {
        "net": net,
        "kept": t["retained_btc"],
        "price": price,
        "raised": total.terms["equity_raised"] / 100,
    }


def _row(
    name: str, lever: Lever, after: Outcome, x: dict[str, float], zero: dict[str, float]
) -> dict[str, Any]:
    delta = x["net"] - zero["net"]
    accretion = None
    e = after.operator.equity
    if e is not None and after.new_shares:
        # Old owners keep their part of what all shares then hold.
        mine = e.shares / (e.shares + after.new_shares)
        delta = x["net"] * mine - zero["net"]
        before = x["net"] - x["raised"] / x["price"]
        if before > 0:
            accretion = float(
                equity_accretion(
                    net_btc=before, shares=e.shares, new_shares=after.new_shares, proceeds_usd=x["raised"],
                    price_usd=x["price"],
                )
            )  # fmt: skip
    first = after.first_shortfall
    return {
        "name": name,
        "effect": lever.effect,
        "net_btc_delta": delta,
        "retained_btc_delta": x["kept"] - zero["kept"],
        "cost_usd": lever.cost_usd,
        "delay_days": lever.delay_days,
        "first_shortfall_utc": None
        if first is None
        else after.days.at(first - int(after.days.number[0])).isoformat(),
        "btc_per_share_delta_frac": accretion,
    }


def _spot(base: Outcome, zero: dict[str, float]) -> dict[str, Any]:
    """Stop mining and buy coins with the dollars that mining would have cost, on the same days."""
    total = merged("total", periods(base))
    same = sum(c / 100 / float(base.path.price_usd[i]) for i, c in total.spent_by_day.items())
    return {
        "name": "buy spot instead",
        "effect": "the same dollars on the same days; machines stand still",
        "net_btc_delta": same - total.btc("mined"),
        "retained_btc_delta": same - zero["kept"],
        "cost_usd": 0.0,
        "delay_days": 0.0,
        "first_shortfall_utc": None,
        "btc_per_share_delta_frac": None,
    }
