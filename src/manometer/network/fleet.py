"""The vintage stack: which machines are installed at which power price, and which of them run.

A putty-clay fleet. Each week the hashrate that is missing against what was observed is added as machines that
were on sale some months before; machines leave from the expensive end; machines whose avoidable cost is above
hashprice switch off, with commitment, and are forgotten when idle for long. Hashrate that rests although it
earns is not explained by cost: it is kept apart as *resting* (curtailment, policy, outage, luck).
Nothing here is fitted day by day: the parameters are the rows of ``assumptions.csv``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..economics import hashcost
from ..units import fractional_year
from .assumptions import Assumptions
from .power import N_BINS, PRICE_RATIO, PowerMix, power_mix

__all__ = [
    "CLASS_QUANTILES",
    "N_CLASSES",
    "N_VINTAGES",
    "Releases",
    "Stack",
    "Year",
    "empty_stack",
    "frontier_j_per_th",
    "new_vintage",
    "step",
]

Floats = NDArray[np.float64]

N_CLASSES = 2  # efficiency classes of a half-year's machines, half of the new hashrate each
N_VINTAGES = 15 * N_CLASSES  # half-years kept apart; older ones are merged
CLASS_QUANTILES = (0.75, 0.25)  # of the releases on sale, by J/TH
_DAYS_PER_MONTH = 365.25 / 12
_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Releases:
    """Machines that came to market: release day (days since 1970) and efficiency [J/TH], shape (n,)."""

    day: Floats
    efficiency_j_per_th: Floats


@dataclass(frozen=True, slots=True)
class Year:
    """Assumptions at one moment, in the shapes the stack needs (draws first)."""

    year: float
    mix: PowerMix
    power_usd_per_mwh: Floats  # (draws, bins)
    overhead: Floats  # (draws, 1, 1) and so on
    commitment: Floats
    restart: Floats
    speed: Floats
    replacement: Floats
    tilt: Floats
    idle_life_days: Floats
    top_slice: Floats
    top_ratio: Floats
    site_usd_per_mwh: Floats
    cash_usd_per_mwh: Floats
    stock_usd_per_mwh: Floats
    uptime: Floats
    life_days: Floats
    payback_days: Floats
    pool_fee: Floats

    @property
    def base_ratio(self) -> Floats:
        """Marginal over mean J/TH of the base slice: what the top slice leaves."""
        return np.asarray((1 - self.top_slice * self.top_ratio) / (1 - self.top_slice))

    @classmethod
    def of_day(cls, a: Assumptions, day: float) -> Year:
        """Read the table at the start of the quarter of a day since 1970; kept, as weeks share quarters."""
        quarter = math.floor(fractional_year(day) * 4)
        if quarter not in a.kept:
            a.kept[quarter] = cls.at(a, quarter / 4)
        return a.kept[quarter]  # type: ignore[return-value]

    @classmethod
    def at(cls, a: Assumptions, year: float) -> Year:
        """Read the table at a fractional year."""
        mix = power_mix(a, year)

        def wide(name: str) -> Floats:
            return a.at(name, year)[:, None, None]

        return cls(
            year=year,
            mix=mix,
            power_usd_per_mwh=a.at("power_price", year)[:, None] * PRICE_RATIO[None],
            overhead=wide("overhead"),
            commitment=wide("commitment"),
            restart=wide("restart"),
            speed=wide("switch_speed"),
            replacement=wide("replacement"),
            tilt=wide("replacement_tilt"),
            idle_life_days=wide("idle_life"),
            top_slice=wide("mode_top_slice"),
            top_ratio=wide("mode_top_ratio"),
            site_usd_per_mwh=wide("site_opex"),
            cash_usd_per_mwh=wide("cash_overhead") + wide("interest"),
            stock_usd_per_mwh=wide("stock_compensation"),
            uptime=wide("uptime"),
            life_days=wide("depreciation_life") * 365.25,
            payback_days=a.at("machine_payback", year),
            pool_fee=a.at("pool_fee", year),
        )


@dataclass(frozen=True, slots=True)
class Stack:
    """The installed fleet; draws first, then vintages, then power-price bins.

    born_day : (V,) day each vintage started. efficiency_j_per_th, price_usd_per_phs, life_days : (D, V).
    installed_ehs : (D, V, B). base, top : (D, V, B) share of the base and of the top mode slice that runs,
    among those that answer price. resting_ehs : (D,) in the money and yet not hashing.
    """

    born_day: Floats
    efficiency_j_per_th: Floats
    price_usd_per_phs: Floats
    life_days: Floats
    installed_ehs: Floats
    base: Floats
    top: Floats
    resting_ehs: Floats

    def energy_cost(self, year: Year) -> Floats:
        """Electricity cost of every cohort [USD per PH/s per day], shape (D, V, B)."""
        return np.asarray(
            hashcost(
                efficiency_j_per_th=self.efficiency_j_per_th[:, :, None],
                power_price_usd_per_mwh=year.power_usd_per_mwh[:, None, :],
                overhead=year.overhead,
            )
        )

    def running(self, year: Year) -> Floats:
        """Share of every cohort that economics keeps on, deaf part included, shape (D, V, B)."""
        answer = (1 - year.top_slice) * self.base + year.top_slice * self.top
        return year.mix.deaf + (1 - year.mix.deaf) * answer


def empty_stack(n_draws: int) -> Stack:
    """Return a fleet with no machine."""
    zeros = np.zeros((n_draws, N_VINTAGES, N_BINS))
    ones = np.ones_like(zeros)
    per_vintage = np.zeros((n_draws, N_VINTAGES))
    return Stack(
        born_day=np.full(N_VINTAGES, -np.inf),
        efficiency_j_per_th=per_vintage + 1.0,
        price_usd_per_phs=per_vintage,
        life_days=per_vintage + 1.0,
        installed_ehs=zeros,
        base=ones,
        top=ones,
        resting_ehs=np.zeros(n_draws),
    )


def frontier_j_per_th(
    releases: Releases, day: float, lag_months: Floats, half_life_months: Floats, quantile: float = 0.5
) -> Floats:
    """Efficiency of the machines being deployed on a day, one value per draw.

    A quantile of the releases, weighted by how recent each was `lag_months` ago: a release counts from that
    lag on and its weight halves every `half_life_months`. NaN where nothing had been released yet.
    """
    order = np.argsort(releases.efficiency_j_per_th, kind="stable")
    log_e = np.log(releases.efficiency_j_per_th[order])
    age = (day - releases.day[order])[None, :] - lag_months[:, None] * _DAYS_PER_MONTH
    weight = np.where(age >= 0, 0.5 ** (age / (half_life_months[:, None] * _DAYS_PER_MONTH)), 0.0)
    total = weight.sum(1)
    middle = np.cumsum(weight, 1) - weight / 2
    out = np.full(len(lag_months), np.nan)
    for k in np.flatnonzero(total > 0):
        seen = weight[k] > 0
        out[k] = np.exp(np.interp(quantile * total[k], middle[k][seen], log_e[seen]))
    return out


def new_vintage(
    stack: Stack, day: float, efficiency: Floats, price_usd_per_phs: Floats, life_days: Floats
) -> Stack:
    """Open a vintage in the last place; the two oldest are merged by installed hashrate."""
    n = stack.installed_ehs
    first, second = n[:, 0].sum(1), n[:, 1].sum(1)
    share = first / np.maximum(first + second, 1e-300)

    def merged(x: Floats, new: Floats) -> Floats:
        mean = share * x[:, 0] + (1 - share) * x[:, 1]
        return np.concatenate([mean[:, None], x[:, 2:], new[:, None]], 1)

    def shifted(x: Floats, how: str) -> Floats:
        zero = np.zeros_like(x[:, :1])
        if how == "sum":
            head = x[:, :1] + x[:, 1:2]
            return np.concatenate([head, x[:, 2:], zero], 1)
        both = n[:, :1] + n[:, 1:2]
        head = np.where(
            both > 0, (x[:, :1] * n[:, :1] + x[:, 1:2] * n[:, 1:2]) / np.maximum(both, 1e-300), 1.0
        )
        return np.concatenate([head, x[:, 2:], zero + 1.0], 1)

    return replace(
        stack,
        born_day=np.concatenate([stack.born_day[1:], [day]]),
        efficiency_j_per_th=merged(stack.efficiency_j_per_th, efficiency),
        price_usd_per_phs=merged(stack.price_usd_per_phs, price_usd_per_phs),
        life_days=merged(stack.life_days, life_days),
        installed_ehs=shifted(n, "sum"),
        base=shifted(stack.base, "mean"),
        top=shifted(stack.top, "mean"),
    )


def step(stack: Stack, year: Year, hashprice_usd_per_phs_day: float, observed_ehs: float) -> Stack:
    """Advance the fleet by one week under the week's hashprice and the hashrate observed at its end.

    Parameters
    ----------
    hashprice_usd_per_phs_day : float
        Mean of the week, before the pool fee [USD per PH/s per day].
    observed_ehs : float
        Hashrate of the last weeks [EH/s].
    """
    earned = hashprice_usd_per_phs_day * (1 - year.pool_fee)[:, None, None]
    energy = stack.energy_cost(year)
    avoidable = energy * year.mix.avoidable
    base = _switch(stack.base, earned / (avoidable * year.base_ratio), year)
    top = _switch(stack.top, earned / (avoidable * year.top_ratio), year)

    # Departures: the expensive end first, and whatever has been off for long, for whichever reason.
    n = stack.installed_ehs
    on = year.mix.deaf + (1 - year.mix.deaf) * ((1 - year.top_slice) * base + year.top_slice * top)
    installed = np.maximum(n.sum((1, 2), keepdims=True), 1e-300)
    mean_energy = np.maximum((n * energy).sum((1, 2), keepdims=True) / installed, 1e-300)
    relative = np.clip(energy / np.maximum(mean_energy, energy / 10), 0.05, 5.0) ** year.tilt
    hazard = year.replacement / _DAYS_PER_MONTH * relative
    hazard /= np.maximum((n * relative).sum((1, 2), keepdims=True) / installed, 1e-300)
    economic = np.maximum((n * on).sum((1, 2), keepdims=True), 1e-300)
    rests = np.minimum(stack.resting_ehs[:, None, None] / economic, 1.0)
    n = n * np.exp(-_WEEK_DAYS * (hazard + (1 - on * (1 - rests)) / year.idle_life_days))

    # Agree with what was observed: too much rests, what is missing is added from what was on sale. New
    # machines go where they run, scaled so that what runs of them is what was added.
    gap = observed_ehs - (n * on).sum((1, 2))
    resting = np.maximum(-gap, 0.0)
    newest = on[:, -N_CLASSES:]
    where = year.mix.weight[:, None, :] * newest
    runs = np.maximum((where * newest).sum((1, 2), keepdims=True), 1e-300)
    n[:, -N_CLASSES:] += np.maximum(gap, 0.0)[:, None, None] * where / runs
    return replace(stack, installed_ehs=n, base=base, top=top, resting_ehs=resting)


def _switch(state: Floats, margin: Floats, year: Year) -> Floats:
    """Move running shares towards off below the commitment band and towards on above the restart band."""
    off = margin < 1 - year.commitment
    on = margin > 1 + year.restart
    return np.where(off, state * (1 - year.speed), np.where(on, state + (1 - state) * year.speed, state))
