"""What each value allows alone and the whole does not: names, orders of dates and levels, what belongs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from ..equipment import Catalogue, read_catalogue
from ..errors import InputError, unknown_name
from .fields import key_of
from .money import COVENANTS, Ladder, Loan
from .nodes import Problem
from .operator import Operator
from .site import Machines, Power, Site

__all__ = ["machine_power_w", "machine_rate_ths", "sense"]

_MAX_SITES = 200
_W_PER_MW = 1e6


def machine_rate_ths(group: Machines, catalogue: Catalogue) -> float:
    """Return the nameplate hashrate of one machine [TH/s]."""
    own = group.hashrate_ths
    rate = own if own is not None else catalogue[group.model].hashrate_ths
    if rate is None:
        raise InputError(f"the catalogue has no hashrate for {group.model!r}; give one")
    return rate


def machine_power_w(group: Machines, catalogue: Catalogue) -> float:
    """Return the nameplate power of one machine [W]."""
    if group.power_w is not None:
        return group.power_w
    if group.efficiency_j_per_th is not None:
        return group.efficiency_j_per_th * machine_rate_ths(group, catalogue)
    power = catalogue[group.model].power_w
    if power is None:
        raise InputError(f"the catalogue has no power for {group.model!r}; give one")
    return power


def sense(operator: Operator, lines: Mapping[str, int], folder: Path | None) -> list[Problem]:
    """Return what is wrong with a file whose values are each right; `lines` is where each path stands."""
    out: list[Problem] = []

    def say(path: str, message: str) -> None:
        at = path
        while at not in lines and at:
            at = at[: max(at.rfind("."), at.rfind("["), 0)]
        out.append(Problem(lines.get(at, 1), path, message))

    catalogue = read_catalogue()
    _sites(operator, catalogue, folder, say)
    _names(operator, say)
    for i, loan in enumerate(operator.loans):
        _loan(operator, loan, f"loans[{i}]", say)
    _money(operator, say)
    _plans(operator, catalogue, say)
    _kind(operator, say)
    return out


Say = Callable[[str, str], None]


def _sites(operator: Operator, catalogue: Catalogue, folder: Path | None, say: Say) -> None:
    if not operator.sites:
        say("sites", "there is no site; list at least one with its machines")
    if len(operator.sites) > _MAX_SITES:
        say("sites", f"{len(operator.sites)} sites; at most {_MAX_SITES}")
    for i, site in enumerate(operator.sites):
        path = f"sites[{i}]"
        if not site.machines and not any(e.site == site.name for e in operator.expansions):
            say(path, f"{site.name!r} has no machines and none are on order; list some under 'machines'")
        draw = 0.0
        for k, group in enumerate(site.machines):
            draw += _machines(group, f"{path}.machines[{k}]", catalogue, say)
        _twice((g.label or g.model for g in site.machines), f"{path}.machines", "label", say)
        draw *= site.overhead / _W_PER_MW
        if site.limit_mw is not None and draw > site.limit_mw * 1.001:
            say(
                f"{path}.limit",
                f"the machines draw {draw:,.3g} MW with overhead, over the limit of {site.limit_mw:g} MW",
            )
        _power(site.power, f"{path}.power", folder, say)
        if site.uptime.planned_off_frac + site.uptime.forced_off_frac > 1:
            say(f"{path}.uptime", "planned_off and forced_off are more than 100 % together")


def _machines(group: Machines, path: str, catalogue: Catalogue, say: Say) -> float:
    """Return the draw of a group [W], 0 where it is not known."""
    if not group.model and (
        group.hashrate_ths is None or (group.power_w is None and group.efficiency_j_per_th is None)
    ):
        say(path, "give a 'model' of the catalogue, or 'hashrate' with 'power' or 'efficiency'")
        return 0.0
    if group.power_w is not None and group.efficiency_j_per_th is not None:
        say(f"{path}.efficiency", "'power' and 'efficiency' say the same thing; keep one")
    try:
        if group.model:
            model = catalogue[group.model]
            if group.mode not in ("nameplate", "auto") and group.mode not in {m.mode for m in model.modes}:
                known = ["nameplate", "auto", *(m.mode for m in model.modes)]
                say(f"{path}.mode", str(unknown_name("mode", group.mode, known)))
        elif group.mode not in ("nameplate", "auto"):
            say(f"{path}.mode", str(unknown_name("mode", group.mode, ("nameplate", "auto"))))
        return machine_power_w(group, catalogue) * group.count
    except InputError as error:
        say(f"{path}.model", str(error))
        return 0.0


def _power(power: Power, path: str, folder: Path | None, say: Say) -> None:
    hourly = bool(power.series) or power.shape is not None
    if power.series and power.shape is not None:
        say(f"{path}.shape", "'series' and 'shape' both give hourly prices; keep one")
    if power.contract == "indexed" and not hourly:
        say(path, "an indexed contract needs 'series' (a CSV of hourly prices) or 'shape' (illustrative)")
    if power.contract != "indexed" and power.price_usd_per_mwh is None:
        say(path, f"'price' is missing: a {power.contract} contract needs one (such as '55 USD/MWh')")
    if power.contract == "time_of_use" and not power.tariffs:
        say(path, "a time_of_use contract needs 'tariffs': hours with a price of their own")
    if power.tariffs and power.contract != "time_of_use":
        say(f"{path}.tariffs", "tariffs belong to a time_of_use contract")
    if (power.resale or power.curtailment) and not hourly:
        say(path, "resale and curtailment answer an hourly price: give 'series' or 'shape'")
    if power.contract == "hosted" and (
        power.resale or (power.curtailment and power.curtailment.paid_as == "credit")
    ):
        say(path, "a host gives no power credits: no 'resale', and curtailment with 'paid_as: cash'")
    if power.profit_share_frac and power.contract != "hosted":
        say(f"{path}.profit_share", "a profit share belongs to a hosted contract")
    if power.series and folder is not None:
        file = folder / power.series
        if Path(power.series).is_absolute() or ".." in Path(power.series).parts:
            say(f"{path}.series", "must be a file beside this one, without '..' or a leading '/'")
        elif not file.is_file():
            say(f"{path}.series", f"{power.series} is not beside this file; export hourly prices there")


def _names(operator: Operator, say: Say) -> None:
    for key, rows in (
        ("sites", operator.sites),
        ("loans", operator.loans),
        ("covenants", operator.covenants),
        ("hedges", operator.hedges),
        ("expansions", operator.expansions),
        ("ai", operator.ai),
    ):
        _twice((row.name for row in rows), key, "name", say)


def _twice(names: Iterable[str], path: str, key: str, say: Say) -> None:
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            say(f"{path}[{i}].{key}", f"{name!r} stands twice; give each its own {key}")
        seen.add(name)


def _loan(operator: Operator, loan: Loan, path: str, say: Say) -> None:
    coins = loan.ladder is not None or loan.kind == "bitcoin_backed"
    if loan.kind != "line" and loan.amount_usd == 0 and not loan.limit_usd:
        say(path, "'amount' is missing: what is owed (such as '12 MUSD')")
    if loan.kind == "line" and loan.limit_usd is None:
        say(path, "'limit' is missing: what may be drawn (such as '12 MUSD')")
    if loan.ladder is not None and loan.kind not in ("bitcoin_backed", "line"):
        say(f"{path}.ladder", "a ladder of loan to value belongs to a bitcoin_backed loan or a line")
    if loan.posted_btc and not coins:
        say(f"{path}.posted", "coins are posted to a bitcoin_backed loan only")
    if loan.kind == "convertible" and loan.conversion is None:
        say(path, "a convertible needs 'conversion' with its 'price'")
    if loan.conversion is not None and loan.kind != "convertible":
        say(f"{path}.conversion", "conversion terms belong to a convertible")
    if loan.conversion is not None and loan.conversion.settlement == "shares" and operator.equity is None:
        say(f"{path}.conversion", "conversion into shares needs 'equity' with a share price")
    if loan.repaid != "bullet" and loan.matures is None:
        say(path, "'matures' is missing: equal payments need the day of the last one")
    if loan.drawn and loan.matures and loan.matures <= loan.drawn:
        say(f"{path}.matures", f"{loan.matures} is not after 'drawn' {loan.drawn}")
    if operator.start and loan.matures and loan.matures <= operator.start:
        say(
            f"{path}.matures",
            f"{loan.matures} is not after the start {operator.start}; leave a repaid loan out",
        )
    drawn = loan.amount_usd + sum(part.amount_usd for part in loan.draws)
    if loan.limit_usd is not None and drawn > loan.limit_usd:
        say(f"{path}.draws", f"{drawn:,.0f} USD is drawn in all, of a limit of {loan.limit_usd:,.0f}")
    if loan.recourse == "borrower" and not loan.borrower:
        say(path, "recourse to a borrower needs 'borrower': the company whose sites it can reach")
    if loan.borrower and not any(s.borrower == loan.borrower for s in operator.sites):
        known = sorted({s.borrower for s in operator.sites if s.borrower})
        say(
            f"{path}.borrower",
            f"no site belongs to {loan.borrower!r} (borrowers of sites: {', '.join(known) or 'none'})",
        )
    if loan.let_go and loan.recourse == "full":
        say(f"{path}.let_go", "a loan with full recourse cannot be let go; set 'recourse: borrower'")
    if coins:
        _ladder(loan.ladder or Ladder(), f"{path}.ladder", say)


def _ladder(ladder: Ladder, path: str, say: Say) -> None:
    order = (
        ("release", ladder.release_frac, "restore", ladder.restore_frac),
        ("restore", ladder.restore_frac, "call", ladder.call_frac),
        ("opening", ladder.opening_frac, "call", ladder.call_frac),
        ("call", ladder.call_frac, "liquidation", ladder.liquidation_frac),
    )
    for low, x, high, y in order:
        if x >= y:
            say(f"{path}.{low}", f"{low} {x:.1%} must be under {high} {y:.1%}")


def _money(operator: Operator, say: Say) -> None:
    t = operator.treasury
    if (t.policy == "fixed_share") != (t.share_frac is not None):
        say("treasury.share", "'share' goes with policy fixed_share, and it needs one (such as '50 %')")
    if t.policy == "hedge" and not operator.hedges:
        say("treasury.policy", "policy hedge needs 'hedges': the contracts that it keeps")
    loans = {loan.name for loan in operator.loans}
    for i, covenant in enumerate(operator.covenants):
        path = f"covenants[{i}]"
        given = [a for a in COVENANTS.values() if getattr(covenant, a) is not None]
        if len(given) != 1:
            keys = ", ".join(key_of(a) for a in COVENANTS.values())
            say(path, f"has {len(given)} limits, must have one of: {keys}")
        if covenant.loan and covenant.loan not in loans:
            say(
                f"{path}.loan",
                str(unknown_name("loan", covenant.loan, loans)) if loans else "there are no loans",
            )
        if covenant.most_loan_to_value_frac is not None and not covenant.loan:
            say(path, "'loan' is missing: whose loan to value")
    for i, hedge in enumerate(operator.hedges):
        path = f"hedges[{i}]"
        if hedge.starts and hedge.ends <= hedge.starts:
            say(f"{path}.ends", f"{hedge.ends} is not after 'starts' {hedge.starts}")
        if hedge.kind == "hashprice_forward":
            if not (hedge.hashrate_ths and hedge.hashprice_usd_per_phs_day):
                say(path, "a hashprice_forward needs 'hashrate' and 'hashprice'")
        elif not hedge.coins_btc:
            say(path, f"a {hedge.kind} needs 'coins'")
        if hedge.kind in ("price_forward", "put", "collar") and not hedge.price_usd_per_btc:
            say(path, f"a {hedge.kind} needs 'price'")
        if hedge.kind in ("collar", "covered_call") and not hedge.call_usd_per_btc:
            say(path, f"a {hedge.kind} needs 'call'")


def _plans(operator: Operator, catalogue: Catalogue, say: Say) -> None:
    sites: dict[str, Site] = {s.name: s for s in operator.sites}

    def at(name: str, path: str) -> None:
        if name not in sites:
            say(f"{path}.site", str(unknown_name("site", name, sites)))

    for i, plan in enumerate(operator.expansions):
        path = f"expansions[{i}]"
        at(plan.site, path)
        _machines(plan.machines, f"{path}.machines", catalogue, say)
        if plan.payments and abs(sum(p.share_frac for p in plan.payments) - 1) > 1e-9:
            say(
                f"{path}.payments",
                f"the shares add to {sum(p.share_frac for p in plan.payments):.1%}, not 100 %",
            )
    for i, sale in enumerate(operator.machine_sales):
        path = f"machine_sales[{i}]"
        at(sale.site, path)
        groups = [g.label or g.model for g in sites[sale.site].machines] if sale.site in sites else []
        if groups and sale.machines not in groups:
            say(f"{path}.machines", str(unknown_name("group of machines", sale.machines, groups)))
    for i, build in enumerate(operator.ai):
        path = f"ai[{i}]"
        at(build.site, path)
        if build.first_rent <= build.signed + timedelta(days=29):
            say(
                f"{path}.first_rent",
                f"{build.first_rent} is not a month after 'signed' {build.signed}: nothing is built so fast",
            )
        limit = sites[build.site].limit_mw if build.site in sites else None
        if limit is not None and build.gross_mw > limit:
            say(f"{path}.gross", f"{build.gross_mw:g} MW is over the site's limit of {limit:g} MW")
        if build.loan_frac + build.tenant_pays_frac > 1:
            say(f"{path}.loan", "'loan' and 'tenant_pays' are more than 100 % of the capex")


def _kind(operator: Operator, say: Say) -> None:
    if operator.kind == "home":
        industrial = ("covenants", "equity", "hedges", "expansions", "ai", "loans")
        for key in industrial:
            if getattr(operator, key):
                say(key, f"a home file has no {key}; use 'kind: site' for a business")
        for i, site in enumerate(operator.sites):
            for key in ("staff", "lease_usd_per_year", "insurance_usd_per_year"):
                if getattr(site, key):
                    say(
                        f"sites[{i}]",
                        f"a home file has no {key.split('_')[0]}; use 'kind: site' for a business",
                    )
    elif operator.home is not None:
        say("home", "belongs to a file with 'kind: home'")
