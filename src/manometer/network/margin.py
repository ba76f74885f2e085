"""Who goes next and who returns, at what price; and the equilibrium in which hashrate has answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .curve import CostCurve

__all__ = ["Going", "Returning", "equilibrium_ehs", "next_to_go", "next_to_return"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Going:
    """Hashrate of one vintage that stops if hashprice falls by the asked share."""

    vintage: int
    hashrate_ehs: float
    breakeven_hashprice_usd_per_phs_day: float
    power_usd_per_mwh: float
    underclocked_ehs: float


@dataclass(frozen=True, slots=True)
class Returning:
    """Idle hashrate of one vintage and what would bring it back, each on its own."""

    vintage: int
    hashrate_ehs: float
    hashprice_usd_per_phs_day: float
    power_usd_per_mwh: float
    power_needed_usd_per_mwh: float


def next_to_go(curve: CostCurve, hashprice_usd_per_phs_day: float, fall_frac: float = 0.10) -> list[Going]:
    """List the running hashrate whose avoidable cost lies between the fallen and the present hashprice.

    Central draw, by vintage, most hashrate first. Hashrate that already loses on its avoidable cost and still
    runs (commitment) goes first and is counted.
    """
    level = hashprice_usd_per_phs_day * (1 - fall_frac)
    answering = np.minimum(curve.running_ehs[0], curve.installed_ehs[0] * (1 - curve.deaf_frac))
    top = curve.top_slice[0]
    base_goes = answering * (1 - top) * (curve.avoidable[0] > level)
    top_goes = answering * top * (curve.top_avoidable[0] > level)
    power = np.broadcast_to(curve.power_usd_per_mwh[0], base_goes.shape)
    out = []
    for v in range(base_goes.shape[0]):
        weight = base_goes[v] + top_goes[v]
        total = float(weight.sum())
        if total <= 0:
            continue
        cost = (base_goes[v] * curve.avoidable[0][v] + top_goes[v] * curve.top_avoidable[0][v]).sum() / total
        paid = float((weight * power[v]).sum() / total)
        out.append(Going(v, total, float(cost), paid, float(top_goes[v].sum())))
    return sorted(out, key=lambda g: -g.hashrate_ehs)


def next_to_return(
    curve: CostCurve, hashprice_usd_per_phs_day: float, restart_frac: float
) -> list[Returning]:
    """List idle hashrate by vintage, and the hashprice or power price at which half of it would run."""
    idle = np.maximum(curve.installed_ehs[0] - curve.running_ehs[0], 0.0)
    need = curve.avoidable[0] * (1 + restart_frac)
    out = []
    for v in range(idle.shape[0]):
        total = float(idle[v].sum())
        if total <= 0:
            continue
        order = np.argsort(need[v])
        middle = order[min(int(np.searchsorted(np.cumsum(idle[v][order]), total / 2)), len(order) - 1)]
        level, power = float(need[v, middle]), float(curve.power_usd_per_mwh[0, middle])
        out.append(Returning(v, total, level, power, power * min(hashprice_usd_per_phs_day / level, 1.0)))
    return sorted(out, key=lambda r: r.hashprice_usd_per_phs_day)


def equilibrium_ehs(
    curve: CostCurve, hashprice_of_ehs: Callable[[float], float], draw: int = 0, resting_ehs: float = 0.0
) -> float:
    """Hashrate at which the installed fleet wants to run just what is running, difficulty having followed.

    Parameters
    ----------
    hashprice_of_ehs : callable
        Hashprice when difficulty has adjusted to a hashrate; must fall in it.
    resting_ehs : float
        Hashrate that rests for other reasons and stays away [EH/s].
    """

    def excess(ehs: float) -> float:
        return curve.supply_ehs(hashprice_of_ehs(ehs), draw) - resting_ehs - ehs

    low, high = 1e-12, max(float(curve.installed_ehs[draw].sum()), 1e-9) * 2
    for _ in range(60):
        mid = 0.5 * (low + high)
        low, high = (mid, high) if excess(mid) > 0 else (low, mid)
    return 0.5 * (low + high)
