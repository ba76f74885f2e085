"""The cost curve read off a fleet: four layers, shares under water, the margin, who goes and who returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..economics import LAYERS, depreciation, hashcost
from ..units import HASHES_PER_PH, HASHES_PER_TH
from .fleet import Stack, Year

__all__ = ["LAYERS", "CostCurve", "cost_curve", "weighted_quantile"]

Floats = NDArray[np.float64]

_LONG_AGO_DAYS = 1e5  # age of a vintage that holds no machine


@dataclass(frozen=True)
class CostCurve:
    """Cohorts of machine generation x power price, each with its break-even hashprice in four layers.

    All arrays are (draws, vintages, bins). `breakeven` is the hashprice before the pool fee at which the
    cohort's layer is just covered [USD per PH/s per day]; `avoidable` the hashprice under which its base
    machines switch off; `top_avoidable` the same for the mode slice that is under-clocked first.
    """

    day: float
    born_day: Floats
    efficiency_j_per_th: Floats  # (draws, vintages)
    installed_ehs: Floats
    running_ehs: Floats
    deaf_frac: Floats  # (bins,)
    top_slice: Floats
    breakeven: dict[str, Floats]
    avoidable: Floats
    top_avoidable: Floats
    power_usd_per_mwh: Floats  # (draws, bins)
    region: dict[str, Floats]
    supply_class: dict[str, Floats]
    pool_fee_frac: Floats  # (draws,)

    def underwater(self, layer: str, hashprice_usd_per_phs_day: Floats) -> Floats:
        """Share of installed hashrate whose layer costs more than hashprice, shape (n, draws)."""
        return self._share(self.installed_ehs, self.breakeven[layer], hashprice_usd_per_phs_day)

    def out_of_the_money(self, hashprice_usd_per_phs_day: Floats) -> Floats:
        """Share of running hashrate that earns less than its avoidable cost, deaf part aside, (n, draws)."""
        running = np.maximum(self.running_ehs.sum((1, 2)), 1e-300)
        answering = np.minimum(self.running_ehs, self.installed_ehs * (1 - self.deaf_frac))
        losing = self._share(answering, self.avoidable, hashprice_usd_per_phs_day)
        return np.asarray(losing * answering.sum((1, 2)) / running)

    @staticmethod
    def _share(weight: Floats, cost: Floats, level: Floats) -> Floats:
        total = np.maximum(weight.sum((1, 2)), 1e-300)
        above = cost[None] > np.asarray(level)[:, None, None, None]
        return np.asarray(np.minimum(np.einsum("ndvb,dvb->nd", above, weight) / total, 1.0))

    def mean_breakeven(self, layer: str) -> Floats:
        """Mean break-even over running hashrate, shape (draws,)."""
        w = self.running_ehs
        return np.asarray((w * self.breakeven[layer]).sum((1, 2)) / np.maximum(w.sum((1, 2)), 1e-300))

    def quantiles(self, layer: str, q: tuple[float, ...], draw: int = 0) -> Floats:
        """Quantiles of break-even over running hashrate in one draw."""
        return weighted_quantile(self.breakeven[layer][draw], self.running_ehs[draw], q)

    def mean_efficiency(self) -> Floats:
        """Efficiency of running hashrate [J/TH at nameplate], shape (draws,)."""
        w = self.running_ehs.sum(2)
        return np.asarray((w * self.efficiency_j_per_th).sum(1) / np.maximum(w.sum(1), 1e-300))

    def supply_ehs(self, hashprice_usd_per_phs_day: float, draw: int = 0) -> float:
        """Hashrate of the installed fleet that would run at a hashprice, everybody having decided [EH/s]."""
        h, top = hashprice_usd_per_phs_day, self.top_slice[draw]
        on = (1 - top) * (self.avoidable[draw] <= h) + top * (self.top_avoidable[draw] <= h)
        return float((self.installed_ehs[draw] * (self.deaf_frac + (1 - self.deaf_frac) * on)).sum())

    def marginal(self, q: float = 0.95, draw: int = 0) -> tuple[float, float, float]:
        """Return (avoidable hashprice, power price, J/TH) of the cohort at quantile `q` of what runs."""
        w, c = self.running_ehs[draw].ravel(), self.avoidable[draw].ravel()
        order = np.argsort(c, kind="stable")
        k = order[min(int(np.searchsorted(np.cumsum(w[order]), q * w.sum())), len(order) - 1)]
        v, b = divmod(int(k), self.avoidable.shape[2])
        power = float(self.power_usd_per_mwh[draw, b])
        return float(c[k]), power, float(self.efficiency_j_per_th[draw, v])


def weighted_quantile(value: Floats, weight: Floats, q: tuple[float, ...]) -> Floats:
    """Return quantiles of `value` under `weight`, interpolated at the middles of the weights."""
    order = np.argsort(value, axis=None, kind="stable")
    v, w = value.ravel()[order], weight.ravel()[order]
    keep = w > 0
    if not keep.any():
        return np.full(len(q), np.nan)
    v, w = v[keep], w[keep]
    middle = (np.cumsum(w) - w / 2) / w.sum()
    return np.interp(q, middle, v)


def cost_curve(stack: Stack, year: Year, day: float) -> CostCurve:
    """Price every cohort of a fleet in four layers.

    Electricity is energy with overhead at the price paid. Direct adds site people, lease and hosting margin;
    cash adds corporate overhead and interest; all-in adds straight-line depreciation of the price at purchase
    over its life, and stock compensation. Fixed costs accrue per installed MW, so they are divided by uptime.
    """

    def per_mwh(usd_per_mwh: Floats) -> Floats:
        efficiency = stack.efficiency_j_per_th[:, :, None]
        return np.asarray(hashcost(efficiency_j_per_th=efficiency, power_price_usd_per_mwh=usd_per_mwh))

    energy = stack.energy_cost(year)
    direct = energy + per_mwh(year.site_usd_per_mwh)
    cash = direct + per_mwh(year.cash_usd_per_mwh)
    charge = depreciation(
        purchase_price_usd_per_ths=stack.price_usd_per_phs / (HASHES_PER_PH / HASHES_PER_TH),
        life_days=stack.life_days,
        age_days=np.minimum(day - stack.born_day, _LONG_AGO_DAYS)[None, :],
    )
    all_in = cash + np.asarray(charge)[:, :, None] + per_mwh(year.stock_usd_per_mwh)
    keep = (1 - year.pool_fee)[:, None, None]
    slice_ = np.broadcast_to(year.top_slice, energy.shape)
    base_ratio = (1 - year.top_slice * year.top_ratio) / (1 - year.top_slice)
    avoidable = energy * year.mix.avoidable / keep
    return CostCurve(
        day=day,
        born_day=stack.born_day,
        efficiency_j_per_th=stack.efficiency_j_per_th,
        installed_ehs=stack.installed_ehs,
        running_ehs=stack.installed_ehs * stack.running(year),
        deaf_frac=year.mix.deaf,
        top_slice=slice_,
        breakeven={k: v / keep for k, v in zip(LAYERS, (energy, direct, cash, all_in), strict=True)},
        avoidable=avoidable * base_ratio,
        top_avoidable=avoidable * year.top_ratio,
        power_usd_per_mwh=year.power_usd_per_mwh,
        region=year.mix.region,
        supply_class=year.mix.supply_class,
        pool_fee_frac=year.pool_fee,
    )
