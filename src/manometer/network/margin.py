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
    """Idle hashrate of one vintage and slice, and the hashprice at which half of it would run again."""

    vintage: int
    hashrate_ehs: float
    hashprice_usd_per_phs_day: float
    power_usd_per_mwh: float
    underclocked: bool


def next_to_go(curve: CostCurve, hashprice_usd_per_phs_day: float, fall_frac: float = 0.10) -> list[Going]:
    """List the running hashrate whose avoidable cost is above hashprice once it has fallen.

    Central draw, by vintage, most hashrate first. Hashrate that already loses on its avoidable cost and still
    runs (commitment) goes first and is counted; what is deaf to price is not.
    """
    level = hashprice_usd_per_phs_day * (1 - fall_frac)
    goes = [p.running_ehs[0] * (p.avoidable[0] > level) for p in curve.slices]
    out = []
    for v in range(goes[0].shape[0]):
        weight = [g[v] for g in goes]
        total = float(sum(w.sum() for w in weight))
        if total <= 0:
            continue
        cost = sum(float((w * p.avoidable[0][v]).sum()) for w, p in zip(weight, curve.slices, strict=True))
        paid = float((sum(weight) * curve.power_usd_per_mwh[0]).sum()) / total
        out.append(Going(v, total, cost / total, paid, float(weight[1].sum())))
    return sorted(out, key=lambda g: -g.hashrate_ehs)


def next_to_return(curve: CostCurve, restart_frac: float) -> list[Returning]:
    """List idle hashrate by vintage and slice, the cheapest to bring back first."""
    out = []
    for k, part in enumerate(curve.slices):
        idle = np.maximum(part.installed_ehs[0] - part.running_ehs[0], 0.0)
        need = part.avoidable[0] * (1 + restart_frac)
        for v in range(idle.shape[0]):
            total = float(idle[v].sum())
            if total <= 0:
                continue
            order = np.argsort(need[v])
            at = order[min(int(np.searchsorted(np.cumsum(idle[v][order]), total / 2)), len(order) - 1)]
            out.append(Returning(v, total, float(need[v, at]), float(curve.power_usd_per_mwh[0, at]), k == 1))
    return sorted(out, key=lambda r: r.hashprice_usd_per_phs_day)


def equilibrium_ehs(curve: CostCurve, hashprice_of_ehs: Callable[[float], float], draw: int = 0) -> float:
    """Hashrate at which the installed fleet wants to run just what is running, difficulty having followed.

    Parameters
    ----------
    hashprice_of_ehs : callable
        Hashprice when difficulty has adjusted to a hashrate; must fall in it. What rests for other reasons
        than cost stays away.
    """

    def excess(ehs: float) -> float:
        return curve.supply_ehs(hashprice_of_ehs(ehs), draw) - float(curve.resting_ehs[draw]) - ehs

    low, high = 1e-12, max(float(curve.installed_ehs[draw].sum()), 1e-9) * 2
    for _ in range(60):
        mid = 0.5 * (low + high)
        low, high = (mid, high) if excess(mid) > 0 else (low, mid)
    return 0.5 * (low + high)
