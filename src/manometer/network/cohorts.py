"""The fleet as a path meets it: cohorts in the order of their cost, and what becomes of them each month.

The cost curve of one day, its two mode slices and the machines that may still be bought are one list sorted
by avoidable cost, merged to as many cohorts as asked for. Capacities are whole numbers of quanta, a power of
two of about 2**-24 of the hashrate, so that sums of them are exact in any order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .curve import CostCurve
from .fleet import Year
from .growth import MONTH_DAYS

__all__ = ["VINTAGE_MONTHS", "Cohorts", "cohorts"]

Floats = NDArray[np.float64]

_QUANTUM_BITS = 24  # of the first day's hashrate: sums stay exact until it has grown 2**29 times
VINTAGE_MONTHS = 6  # machines bought within so many months are alike
_NEW = 8  # cohorts per future vintage
_LEAST = 32
_DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Cohorts:
    """Cohorts by rising avoidable cost, shape (M,), and the part of the fleet that does not answer price.

    Parameters
    ----------
    off, on : hashprice [USD per PH/s per day] under which one switches off and over which on; neither falls.
    capacity_ehs : what is installed of each on the first day; 0 for machines still to be bought.
    keep_on, keep_off : share that is left after a month of running and of resting.
    share : (vintages, M) where what is bought in each half-year goes.
    n_on : how many run on the first day; they are the first ones.
    base_ehs, keep_base_per_day, base_share : hashrate deaf to price, what a day leaves of it, its share of
        new machines.
    weight_per_day : of the day's hashprice in the smoothed one that switching answers to.
    new_cost : (vintages,) cash cost of a new machine [USD per PH/s per day].
    per_ehs : quanta per EH/s, a power of two.
    """

    off: Floats
    on: Floats
    capacity_ehs: Floats
    keep_on: Floats
    keep_off: Floats
    share: Floats
    n_on: int
    base_ehs: float
    keep_base_per_day: float
    base_share: float
    weight_per_day: float
    new_cost: Floats
    per_ehs: float

    @property
    def hashrate_ehs(self) -> float:
        """What runs on the first day."""
        return float(self.base_ehs + self.capacity_ehs[: self.n_on].sum())


def cohorts(
    curve: CostCurve,
    year: Year,
    *,
    hashrate_ehs: float,
    hashprice_usd_per_phs_day: float,
    new_j_per_th: Floats,
    count: int = 256,
) -> Cohorts:
    """Sort and merge the central draw of a cost curve.

    Parameters
    ----------
    hashrate_ehs : that the fleet had on the day; what the curve explains of it less well is called deaf.
    hashprice_usd_per_phs_day : that miners decided on, which says who runs.
    new_j_per_th : (vintages,) efficiency of what can be bought in each coming half-year.

    Raises
    ------
    InputError
        Fewer cohorts than can hold the coming vintages.
    """
    n_new = len(new_j_per_th) * _NEW
    if count < n_new + _LEAST:
        raise InputError(f"cohorts: {count} must be {n_new + _LEAST} or more for so many months")
    keep = float(1 - year.pool_fee[0])
    energy = curve.breakeven["electricity"][0] * keep
    running = max(float(curve.running_ehs[0].sum()), 1e-300)
    awake = 1 - min(float(curve.resting_ehs[0]) / running, 1.0)
    installed = curve.installed_ehs[0] * awake

    mean_energy = float((installed * energy).sum() / max(float(installed.sum()), 1e-300))
    relative = np.clip(energy / max(mean_energy, 1e-300), 0.05, 5.0) ** float(year.tilt[0, 0, 0])
    hazard = float(year.replacement[0, 0, 0]) / _DAYS_PER_MONTH * relative
    hazard = hazard / max(float((installed * relative).sum() / max(float(installed.sum()), 1e-300)), 1e-300)

    old = _merge(
        np.concatenate([p.avoidable[0].ravel() for p in curve.slices]),
        np.concatenate([p.installed_ehs[0].ravel() * awake for p in curve.slices]),
        np.concatenate([hazard.ravel()] * 2),
        count - n_new,
    )
    deaf = installed * year.mix.deaf
    lost = float((deaf * hazard).sum() / max(float(deaf.sum()), 1e-300))
    new, new_cost, base_share = _bought(curve, year, new_j_per_th)

    cost = np.concatenate([old[0], *(v[0] for v in new)])
    capacity = np.concatenate([old[1], np.zeros(n_new)])
    fresh = float(hazard[-1].min()) if hazard.size else 0.0
    rate = np.concatenate([old[2], np.full(n_new, fresh)])
    share = np.zeros((len(new), len(cost)))
    for i, v in enumerate(new):
        at = len(old[0]) + i * _NEW
        share[i, at : at + _NEW] = v[1]
    order = np.argsort(cost, kind="stable")
    cost, capacity, rate, share = cost[order], capacity[order], rate[order], share[:, order]
    idle = float(year.idle_life_days[0, 0, 0])
    off = cost * float(1 - year.commitment[0, 0, 0])
    on = cost * float(1 + year.restart[0, 0, 0])
    per_ehs = 2.0 ** (_QUANTUM_BITS - math.frexp(hashrate_ehs)[1])
    capacity = np.floor(capacity * per_ehs) / per_ehs
    n_on = int(np.searchsorted(off, hashprice_usd_per_phs_day, side="right"))
    while n_on and capacity[:n_on].sum() > hashrate_ehs:  # the day's hashrate is what it is
        n_on -= 1
    base = math.floor((hashrate_ehs - float(capacity[:n_on].sum())) * per_ehs) / per_ehs
    return Cohorts(
        off=off,
        on=on,
        capacity_ehs=capacity,
        keep_on=np.exp(-MONTH_DAYS * rate),
        keep_off=np.exp(-MONTH_DAYS * (rate + 1 / idle)),
        share=share,
        n_on=n_on,
        base_ehs=base,
        keep_base_per_day=math.exp(-lost),
        base_share=base_share,
        weight_per_day=1 - (1 - float(year.speed[0, 0, 0])) ** (1 / 7),
        new_cost=new_cost,
        per_ehs=per_ehs,
    )


def _merge(cost: Floats, weight: Floats, rate: Floats, n: int) -> tuple[Floats, Floats, Floats]:
    """Put neighbours by cost together until n groups of like weight are left; always n, empty ones last."""
    order = np.argsort(cost, kind="stable")
    cost, weight, rate = cost[order], weight[order], rate[order]
    total = max(float(weight.sum()), 1e-300)
    group = np.minimum(((np.cumsum(weight) - weight / 2) / total * n).astype(int), n - 1)
    size = np.asarray(np.bincount(group, weight, n), dtype=np.float64)
    full = np.where(size > 0, size, 1.0)
    # An empty group stands where the one before it stands, so that costs never fall.
    mean_cost = np.maximum.accumulate(np.bincount(group, weight * cost, n) / full)
    return mean_cost, size, np.bincount(group, weight * rate, n) / full


def _bought(
    curve: CostCurve, year: Year, j_per_th: Floats
) -> tuple[list[tuple[Floats, Floats]], Floats, float]:
    """Cost and share of each cohort of each coming vintage, its mean cash cost, and what of it is deaf."""
    newest = float(curve.efficiency_j_per_th[0, -1])
    weight = year.mix.weight[0]
    deaf = float((weight * year.mix.deaf).sum() / weight.sum())
    answering = weight * (1 - year.mix.deaf) / weight.sum()
    top = float(year.top_slice[0, 0, 0])
    vintages, cash = [], []
    for e in j_per_th:
        ratio = float(e) / newest
        cost = np.concatenate([p.avoidable[0, -1] * ratio for p in curve.slices])
        split = np.concatenate([answering * (1 - top), answering * top])
        merged_cost, merged, _ = _merge(cost, split, np.zeros_like(cost), _NEW)
        vintages.append((merged_cost, merged / max(float(merged.sum()), 1e-300)))
        layer = curve.breakeven["cash"][0, -1] * ratio
        cash.append(float((weight * layer).sum() / weight.sum()))
    return vintages, np.array(cash), deaf
