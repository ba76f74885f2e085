"""What an operator can do: each lever is a small change to its file, with cost, delay and effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..economics import breakeven_power_price, hashcost
from ..engine.calendar import add_months
from ..equipment import Catalogue, read_catalogue
from ..operator.money import Hedge, Loan
from ..operator.operator import Operator
from ..operator.plans import AiBuild, Expansion, MachineSale, usual_instalments
from ..operator.quantity import Money
from ..operator.sense import machine_power_w, machine_rate_ths
from ..operator.site import Machines, Site
from ..processes import DriverPath

__all__ = ["FORWARD_FRAC", "LEVERS", "OF_A_HOME", "Change", "Lever"]

#: Of the hashprice that is expected: what a forward pays.
FORWARD_FRAC = 0.97
_MOVE_DAYS = 42
_MOVE_USD_PER_MW = 30_000.0
_RENEGOTIATED_FRAC = 0.10
_RENEGOTIATE_DAYS = 60
_DEFERRED_DAYS = 180
_AI_MONTHS = 24
_REFINANCE_POINTS = 0.03
_REFINANCE_FEE_FRAC = 0.02
_SALE_DAYS = 30
_FORCED_FRAC = 0.25
_W_PER_MW = 1e6
_PHS_PER_THS = 1e-3
_YEAR = 365.25
_TENANT_MW = 20


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


def _draw_mw(site: Site, catalogue: Catalogue, overhead: float) -> float:
    return sum(machine_power_w(m, catalogue) * m.count for m in site.machines) * overhead / _W_PER_MW


def _each_group(site: Site, change: Callable[[Machines], Machines]) -> Site:
    return replace(site, machines=tuple(change(m) for m in site.machines))


def _margin_usd_per_day(s: Site, path: DriverPath) -> float | None:
    """Return what a site earns over what stops with it: power, people, upkeep; None on indexed power."""
    price, catalogue = s.power.price_usd_per_mwh, read_catalogue()
    if price is None:
        return None
    revenue = float(path.hashprice_usd_per_phs_day[0]) * (1 - s.pool.fee_frac)
    margin = 0.0
    for m in s.machines:
        rate = machine_rate_ths(m, catalogue)
        cost = hashcost(
            efficiency_j_per_th=machine_power_w(m, catalogue) / rate,
            power_price_usd_per_mwh=price + s.power.adder_usd_per_mwh,
            overhead=s.overhead,
        )
        margin += max(revenue - float(cost), 0.0) * rate * _PHS_PER_THS * m.count
    return margin - (s.staff * s.pay_usd_per_year + s.upkeep_usd_per_year) / _YEAR


def switch_off(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Close the sites that earn less than what stops with them; land and power contracts go on."""
    margins = {s.name: _margin_usd_per_day(s, path) for s in o.sites}
    closed = [n for n, x in margins.items() if x is not None and (x < 0 or o.kind == "home")]
    if not closed:
        return "every site with a price for power earns what would stop with it"
    catalogue = read_catalogue()

    def off(s: Site) -> Site:
        if s.name not in closed:
            return s
        taken, draw = s.power.minimum, _draw_mw(s, catalogue, s.overhead)
        if taken is not None and taken.contracted_mw is None:
            taken = replace(taken, contracted_mw=draw)
        return replace(
            s, machines=(), staff=0.0, upkeep_usd_per_year=0.0, power=replace(s.power, minimum=taken)
        )

    effect = "off" if o.kind == "home" else "closed: no people, no upkeep"
    return Lever(_each_site(o, off), f"{', '.join(closed)} {effect}")


def sell_machines(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Sell the machines that lose on electricity; where none does, the least efficient of several groups."""
    catalogue, hashprice = read_catalogue(), float(path.hashprice_usd_per_phs_day[0])
    at_loss: list[tuple[str, str]] = []
    groups: list[tuple[float, str, str]] = []
    for site in o.sites:
        price = site.power.price_usd_per_mwh
        for m in site.machines:
            j = machine_power_w(m, catalogue) / machine_rate_ths(m, catalogue)
            name = m.label or m.model or "own machines"
            if any((x.site, x.machines) == (site.name, name) for x in o.machine_sales):
                continue
            groups.append((j, site.name, name))
            most = float(
                breakeven_power_price(
                    hashprice_usd_per_phs_day=hashprice, efficiency_j_per_th=j, overhead=site.overhead
                )
            )
            if price is not None and most * (1 - site.pool.fee_frac) < price + site.power.adder_usd_per_mwh:
                at_loss.append((site.name, name))
    if not at_loss and len(groups) < 2:
        return "its one group of machines earns its electricity"
    gone = at_loss or [max(groups)[1:]]
    sales = (
        MachineSale(
            site=site, machines=name, on=start + timedelta(days=_SALE_DAYS), discount_frac=_FORCED_FRAC
        )
        for site, name in gone
    )
    which = "lose on electricity" if at_loss else "are the least efficient"
    return Lever(
        replace(o, machine_sales=(*o.machine_sales, *sales)),
        f"{', '.join(name for _, name in gone)} ({which}) sold after a month, 25 % under resale (assumed)",
        0.0,
        _SALE_DAYS,
    )


def pay_in_bitcoin(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Pay half of the people's wages in coins, a number fixed at today's price."""
    half = sum(s.staff * s.pay_usd_per_year for s in o.sites) / 2
    if half <= 0:
        return "the file has no people to pay"
    coins = half / float(path.price_usd[0])
    paid = replace(o.overheads, paid_in_coin_btc_per_year=o.overheads.paid_in_coin_btc_per_year + coins)
    return Lever(
        replace(_each_site(o, lambda s: replace(s, staff=s.staff / 2)), overheads=paid),
        f"half of the wages: {coins:,.4g} BTC a year, fixed at today's price",
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
        old = s.power.price_usd_per_mwh
        new = old * (1 - cut)
        return replace(
            s,
            power=replace(
                s.power, price_usd_per_mwh=Money(new, old.currency) if isinstance(old, Money) else new
            ),
        )

    return Lever(
        _each_site(o, cheaper), "10 % off the tariff after 60 days (assumed)", 0.0, _RENEGOTIATE_DAYS
    )


def delay_expansion(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Put off machines on order by half a year."""
    later = [e for e in o.expansions if e.delivered > start + timedelta(days=_DEFERRED_DAYS)]
    if not later:
        return "no order is far enough ahead to be put off"

    def put_off(e: Expansion) -> Expansion:
        # What was paid before the start is not paid again.
        parts = (
            replace(x, before_days=x.before_days + _DEFERRED_DAYS)
            if e.delivered - timedelta(days=round(x.before_days)) < start
            else x
            for x in e.payments or usual_instalments()
        )
        return replace(e, delivered=e.delivered + timedelta(days=_DEFERRED_DAYS), payments=tuple(parts))

    return Lever(
        replace(o, expansions=tuple(put_off(e) if e in later else e for e in o.expansions)),
        "orders come, and are paid, 180 days later",
        0.0,
        _DEFERRED_DAYS,
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
        return _draw_mw(s, catalogue, cheap.overhead)

    if cheap.limit_mw is not None and draw(cheap) + draw(dear) > cheap.limit_mw:
        return f"{cheap.name} has no room for {draw(dear):,.1f} MW"
    opens = start + timedelta(days=_MOVE_DAYS)
    there = replace(
        dear,
        name=f"{dear.name} at {cheap.name}",
        power=replace(cheap.power, deposit_usd=dear.power.deposit_usd),
        opens=opens,
        overhead=cheap.overhead,
        lease_usd_per_year=0.0,
        insurance_usd_per_year=0.0,
        limit_mw=None,
    )
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
        # The fee is added to the loan.
        return replace(x, kind="term", conversion=None, matures=add_months(end, 12), repaid="bullet",
                       amount_usd=x.amount_usd * (1 + _REFINANCE_FEE_FRAC),
                       rate_frac_per_year=x.rate_frac_per_year + _REFINANCE_POINTS)  # fmt: skip

    return Lever(
        replace(o, loans=tuple(longer(x) for x in o.loans)),
        "due a year after the run, +3 points, 2 % fee (assumed)",
        cost,
        0,
    )


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
        return _draw_mw(s, catalogue, s.overhead)

    site = max(o.sites, key=draw)
    if draw(site) < _TENANT_MW:
        return "no site has the 20 MW that a tenant asks for"
    build = AiBuild(name="AI", site=site.name, gross_mw=draw(site) / 2, signed=start + timedelta(days=30),
                    first_rent=add_months(start, _AI_MONTHS), loan_frac=0.5)  # fmt: skip
    capex = build.gross_mw * build.it_frac * build.capex_usd_per_mw
    return Lever(
        replace(o, ai=(build,)),
        f"{build.gross_mw:,.0f} MW of {site.name} to colocation: capital first, "
        f"first rent after {_AI_MONTHS} months",
        capex,
        _AI_MONTHS * 30.4,
    )


def hedge(o: Operator, path: DriverPath, start: date) -> Lever | str:
    """Fix the hashprice of half the hashrate for a year at most, 3 % under today's, halvings in it."""
    catalogue = read_catalogue()
    ths = sum(machine_rate_ths(m, catalogue) * m.count for s in o.sites for m in s.machines)
    if any(h.kind == "hashprice_forward" for h in o.hedges):
        return "hashprice is hedged already"
    # A forward knows the halvings that lie ahead, and nothing else of the path.
    days = min(len(path.day), 365)
    fees = float(path.fees_btc[0])
    reward = float((path.subsidy_btc[:days] + fees).mean()) / (float(path.subsidy_btc[0]) + fees)
    level = float(path.hashprice_usd_per_phs_day[0]) * reward * FORWARD_FRAC
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
    "sell machines": sell_machines,
    "re-tune": retune,
    "sell all that is mined": sell_coins,
    "hold until forced": hold_coins,
    "pay in bitcoin": pay_in_bitcoin,
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
OF_A_HOME = ("switch off", "re-tune", "renegotiate power")
