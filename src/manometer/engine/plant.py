"""What the machines do on each day of a path: hash, energy, bills and credits, group by group."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..equipment import ASSUMED_AGEING, Catalogue, MachineModel, tuning_curve
from ..operator.operator import Operator
from ..operator.sense import machine_power_w, machine_rate_ths
from ..operator.site import Machines, Site
from ..policies import dispatch
from ..processes import DriverPath
from ..units import HASHES_PER_PH, HASHES_PER_TH, USD_PER_PHS_DAY_PER_USD_PER_MWH
from .calendar import Days
from .power import SUMMER, PowerHours

__all__ = ["Group", "Operations", "condition", "groups_of", "operate", "operating_points"]

Floats = NDArray[np.float64]
_PHS_PER_THS = HASHES_PER_TH / HASHES_PER_PH
_HOURS_PER_DAY = 24
_W_PER_MW = 1e6


@dataclass(frozen=True, slots=True)
class Group:
    """Equal machines at a site, with the share of them that stands there on each day."""

    name: str
    site: str
    rate_ths: float
    power_w: float
    machines: Machines
    share: Floats
    expansion: str = ""

    @property
    def mw(self) -> float:
        """Nameplate draw of the machines, before overhead."""
        return self.power_w * self.machines.count / _W_PER_MW


@dataclass(slots=True)
class Operations:
    """A group's day by day, each of shape (n,): what it does if it may run.

    `phs` is hash credited before the pool fee [PH/s-days], `mwh` at the meter, `power_usd` what it is billed,
    `resold_usd` and `curtailed_usd` what its rest brings, `load_mw` the month's peak is read from, and
    `peak_mwh` the energy of coincident-peak hours.
    """

    phs: Floats
    mwh: Floats
    power_usd: Floats
    resold_usd: Floats
    curtailed_usd: Floats
    curtailed_mwh: Floats
    load_mw: Floats
    peak_mw: Floats
    hash_frac: Floats
    efficiency_j_per_th: Floats = field(default_factory=lambda: np.zeros(0))


def groups_of(operator: Operator, days: Days, catalogue: Catalogue) -> list[Group]:
    """Return every group that stands or will stand at a site."""
    out = []
    for site in operator.sites:
        first = max(days.index(site.opens), 0) if site.opens else 0
        gross = (
            sum(machine_power_w(m, catalogue) * m.count for m in site.machines) * site.overhead / _W_PER_MW
        )
        moved = _moved_to_ai(operator, site, days, gross)
        for m in site.machines:
            name = m.label or m.model or "own machines"
            share = moved * (np.arange(days.n) >= first)
            for sale in operator.machine_sales:
                if sale.site == site.name and sale.machines == name:
                    share = share * (np.arange(days.n) < days.index(sale.on))
            out.append(
                Group(
                    name, site.name, machine_rate_ths(m, catalogue), machine_power_w(m, catalogue), m, share
                )
            )
    for plan in operator.expansions:
        m = replace(plan.machines, age_days=0.0)
        share = (np.arange(days.n) >= days.index(plan.delivered)).astype(float)
        rate, power = machine_rate_ths(m, catalogue), machine_power_w(m, catalogue)
        out.append(Group(f"{plan.name}: {m.label or m.model}", plan.site, rate, power, m, share, plan.name))
    return out


def _moved_to_ai(operator: Operator, site: Site, days: Days, gross_mw: float) -> Floats:
    share = np.ones(days.n)
    for build in operator.ai:
        if build.site == site.name and gross_mw > 0:
            gone = min(build.gross_mw / gross_mw, 1.0)
            share = share - gone * (np.arange(days.n) >= days.index(build.signed))
    return np.maximum(share, 0.0)


def operate(
    group: Group,
    site: Site,
    hours: PowerHours,
    path: DriverPath,
    days: Days,
    catalogue: Catalogue,
    deaf: bool,
) -> Operations:
    """Return what a group does along a path: mode by the day, hours by margin, losses by the file.

    `deaf` machines run whatever hashprice is, as those of a home do.
    """
    pool = site.pool
    hashprice = np.asarray(path.hashprice_usd_per_phs_day, dtype=np.float64)
    available, alive, thirst = condition(group, site, days)
    rate, power = _modes(group, site, hours, hashprice * alive * (1 - pool.fee_frac), catalogue)
    power = power * thirst
    n_hours = hours.billed.shape[1]
    per_hour = _HOURS_PER_DAY / n_hours
    with np.errstate(divide="ignore", invalid="ignore"):
        efficiency = np.where(rate > 0, power / rate, np.inf)
        net = hashprice * alive * (1 - pool.fee_frac)
        worth = net / (efficiency * site.overhead * USD_PER_PHS_DAY_PER_USD_PER_MWH)
    margin = np.where(rate[:, None] > 0, worth[:, None] - hours.avoidable, -np.inf)
    if deaf:
        margin = np.full(margin.shape, np.inf)
    steps = np.where(np.isnan(margin), -np.inf, margin).ravel()
    p = site.power
    on = dispatch(
        steps,
        restart_usd_per_mw=p.restart_usd_per_mw,
        min_run_h=round(p.minimum_run_hours / per_hour),
        min_rest_h=round(p.minimum_rest_hours / per_hour),
    ).reshape(margin.shape)
    on = on & ~hours.rest & (rate[:, None] > 0)
    count = group.machines.count
    full_mw = power * count * site.overhead / _W_PER_MW * available
    n_on = on.sum(axis=1)
    hash_frac = n_on / n_hours * available
    # What rests is nameplate power: a machine that is off for the price could have drawn it.
    idle_mwh = group.power_w * count * site.overhead / _W_PER_MW * available * per_hour
    idle = ~on
    nothing = np.zeros(days.n)
    resold = curtailed = curtailed_mwh = nothing
    if p.curtailment is not None:
        called = idle & (hours.spot > p.curtailment.strike_usd_per_mwh)
        credit = hours.spot if p.curtailment.credit_usd_per_mwh is None else p.curtailment.credit_usd_per_mwh
        curtailed_mwh = called.sum(axis=1) * idle_mwh
        curtailed = _by_hour(np.where(called, credit, 0.0)) * idle_mwh
        idle = idle & ~called
    billed = _by_hour(np.where(on, hours.billed, 0.0)) * full_mw * per_hour
    if p.resale:
        gain = np.maximum(np.nan_to_num(hours.spot) - p.resale_cost_usd_per_mwh, 0.0)
        resold = _by_hour(np.where(idle, gain, 0.0)) * idle_mwh
        # Fixed power is paid whether it is used or sold.
        billed = billed + _by_hour(np.where(idle, hours.billed - p.adder_usd_per_mwh, 0.0)) * idle_mwh
    peaks = hours.peak.sum(axis=1)
    at_peak = (on & hours.peak).sum(axis=1)
    peak_mw = np.where(peaks > 0, full_mw * at_peak / np.maximum(peaks, 1), np.nan)
    return Operations(
        phs=rate * count * hash_frac * alive * _PHS_PER_THS,
        mwh=n_on * full_mw * per_hour,
        power_usd=billed,
        resold_usd=resold,
        curtailed_usd=curtailed,
        curtailed_mwh=curtailed_mwh,
        load_mw=np.where(n_on > 0, full_mw, 0.0),
        peak_mw=peak_mw,
        hash_frac=hash_frac,
        efficiency_j_per_th=np.where(np.isfinite(efficiency), efficiency, np.nan),
    )


def condition(group: Group, site: Site, days: Days) -> tuple[Floats, Floats, Floats]:
    """Return by day what share of a group is on, what of its hash counts, and its power over nameplate."""
    up = site.uptime
    alive = (1 - up.weak_frac) * (1 - up.rejected_frac) * np.ones(days.n)
    summer = np.isin(days.month, site.summer_months or SUMMER)
    alive = alive * np.where(summer, 1 - site.summer_derating_frac, 1.0)
    thirst = np.ones(days.n)
    if group.machines.ageing:
        age = group.machines.age_days + np.maximum(np.cumsum(group.share > 0) - 1, 0)
        alive = alive * ASSUMED_AGEING.hashrate_factor(age)
        thirst = ASSUMED_AGEING.efficiency_factor(age) * ASSUMED_AGEING.hashrate_factor(age)
    # Planned and forced outage spread over all hours: off costs no energy.
    return (1 - up.planned_off_frac - up.forced_off_frac) * group.share, alive, thirst


def _by_hour(x: Floats) -> Floats:
    """Add up the hours of each day one after another, as the compiled ledger does."""
    total = np.zeros(len(x))
    for h in range(x.shape[1]):
        total = total + x[:, h]
    return total


def _modes(
    group: Group, site: Site, hours: PowerHours, revenue: Floats, catalogue: Catalogue
) -> tuple[Floats, Floats]:
    """Return hashrate [TH/s] and power [W] of one machine by day."""
    rates, powers, scale = operating_points(group, catalogue)
    if len(rates) == 1:
        return np.full(len(revenue), rates[0] * scale), np.full(len(revenue), powers[0] * scale)
    # The day's typical hour decides the mode; which hours run is decided after it.
    price = np.median(np.nan_to_num(hours.avoidable), axis=1)
    cost = powers * site.overhead * USD_PER_PHS_DAY_PER_USD_PER_MWH * _PHS_PER_THS
    gain = revenue[:, None] * rates * _PHS_PER_THS - price[:, None] * cost
    best = np.argmax(gain, axis=1)
    return rates[best] * scale, powers[best] * scale


def operating_points(group: Group, catalogue: Catalogue) -> tuple[Floats, Floats, float]:
    """Return hashrate [TH/s] and power [W] of one machine in each mode it may be run in, and their scale.

    One point alone is final; of several the best is chosen by the day, and scaled.
    """
    mode = group.machines.mode
    if mode == "nameplate":
        return np.array([group.rate_ths]), np.array([group.power_w]), 1.0
    model = catalogue[group.machines.model] if group.machines.model else _own(group)
    if mode != "auto":
        point = next(m for m in model.modes if m.mode == mode)
        return np.array([point.hashrate_ths]), np.array([point.power_w]), 1.0
    rates, powers = tuning_curve(model)
    return rates, powers, group.rate_ths / (model.hashrate_ths or group.rate_ths)


def _own(group: Group) -> MachineModel:
    return MachineModel(
        model=group.name, maker="", category="industrial", cooling="", release_s=0, release_precision="day",
        efficiency_j_per_th=group.power_w / group.rate_ths, noise_db=None, price_usd=None, price_asof="",
        source="", date_read="", confidence="low", hashrate_ths=group.rate_ths, power_w=group.power_w,
    )  # fmt: skip
