"""The cost curve read off a fleet: four layers, shares under water, the margin, who goes and who returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..economics import LAYERS, depreciation, hashcost
from ..units import HASHES_PER_PH, HASHES_PER_TH
from .fleet import Stack, Year

__all__ = ["LAYERS", "CostCurve", "Marginal", "Slice", "cost_curve", "weighted_quantile"]

Floats = NDArray[np.float64]

_LONG_AGO_DAYS = 1e5  # age of a vintage that holds no machine
_MARGIN_AT, _MARGIN_FROM = 0.95, 0.90  # quantiles of what answers price and runs


@dataclass(frozen=True)
class CostCurve:
    """Cohorts of machine generation x power price, each with its break-even hashprice in four layers.

    All arrays are (draws, vintages, bins). `breakeven` is the hashprice before the pool fee at which the
    cohort's layer is just covered [USD per PH/s per day]. Those who answer price are in two slices: base, and
    top, the part that is under-clocked first; each has what is installed, what of it runs, and the
    hashprice under which it switches off (`avoidable`). Running hashrate includes those who are deaf to
    price, and hashrate that rests although it earns.
    """

    day: float
    born_day: Floats
    efficiency_j_per_th: Floats  # (draws, vintages)
    installed_ehs: Floats
    running_ehs: Floats
    resting_ehs: Floats  # (draws,)
    slices: tuple[Slice, Slice]
    breakeven: dict[str, Floats]
    power_usd_per_mwh: Floats  # (draws, bins)
    region: dict[str, Floats]
    supply_class: dict[str, Floats]
    pool_fee_frac: Floats  # (draws,)

    def underwater(self, layer: str, hashprice_usd_per_phs_day: Floats) -> Floats:
        """Share of installed hashrate whose layer costs more than hashprice, shape (n, draws)."""
        return self._share(self.installed_ehs, self.breakeven[layer], hashprice_usd_per_phs_day)

    def running_at_a_loss(self, hashprice_usd_per_phs_day: Floats) -> Floats:
        """Share of running hashrate that answers price and earns less than its avoidable cost, (n, draws)."""
        running = np.maximum(self.running_ehs.sum((1, 2)), 1e-300)
        losing: Floats | float = 0.0
        for part in self.slices:
            share = self._share(part.running_ehs, part.avoidable, hashprice_usd_per_phs_day)
            losing = losing + share * part.running_ehs.sum((1, 2))
        return np.asarray(losing / running)

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
        total = float(self.installed_ehs[draw].sum())
        for part in self.slices:
            off = part.avoidable[draw] > hashprice_usd_per_phs_day
            total -= float((part.installed_ehs[draw] * off).sum())
        return total

    def marginal(self, draw: int = 0) -> Marginal:
        """Return the margin of what answers price and runs: 95 % quantile, and the dearest tenth's power."""
        cost = np.concatenate([p.avoidable[draw] for p in self.slices])
        weight = np.concatenate([p.running_ehs[draw] for p in self.slices])
        power = np.broadcast_to(self.power_usd_per_mwh[draw], cost.shape)
        efficiency = np.broadcast_to(np.tile(self.efficiency_j_per_th[draw], 2)[:, None], cost.shape)
        order = np.argsort(cost, axis=None, kind="stable")
        w = weight.ravel()[order]
        if not w.sum() > 0:
            return Marginal(np.nan, np.nan, np.nan)
        above = np.cumsum(w) / w.sum()
        dearest = w * (above > _MARGIN_FROM)
        at = order[min(int(np.searchsorted(above, _MARGIN_AT)), len(order) - 1)]
        return Marginal(
            avoidable_usd_per_phs_day=float(cost.ravel()[at]),
            power_usd_per_mwh=float(
                (power.ravel()[order] * dearest).sum() / max(float(dearest.sum()), 1e-300)
            ),
            efficiency_j_per_th=float(efficiency.ravel()[at]),
        )


@dataclass(frozen=True, slots=True)
class Slice:
    """Hashrate that answers price in one mode: installed and running [EH/s], and its avoidable hashprice."""

    installed_ehs: Floats
    running_ehs: Floats
    avoidable: Floats


@dataclass(frozen=True, slots=True)
class Marginal:
    """The marginal cohort: where it switches off, what the dearest tenth pays for power, and its J/TH."""

    avoidable_usd_per_phs_day: float
    power_usd_per_mwh: float
    efficiency_j_per_th: float


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
    over its life, and stock compensation. Fixed costs are stated per MWh used at normal uptime, depreciation
    per installed machine, so it is divided by uptime.
    """

    def per_mwh(usd_per_mwh: Floats) -> Floats:
        return np.asarray(
            hashcost(
                efficiency_j_per_th=stack.efficiency_j_per_th[:, :, None],
                power_price_usd_per_mwh=usd_per_mwh,
                overhead=year.overhead,
            )
        )

    energy = stack.energy_cost(year)
    direct = energy + per_mwh(year.site_usd_per_mwh)
    cash = direct + per_mwh(year.cash_usd_per_mwh)
    charge = depreciation(
        purchase_price_usd_per_ths=stack.price_usd_per_phs / (HASHES_PER_PH / HASHES_PER_TH),
        life_days=stack.life_days,
        age_days=np.minimum(day - stack.born_day, _LONG_AGO_DAYS)[None, :],
    )
    all_in = cash + np.asarray(charge)[:, :, None] / year.uptime + per_mwh(year.stock_usd_per_mwh)
    keep = (1 - year.pool_fee)[:, None, None]
    answering = stack.installed_ehs * (1 - year.mix.deaf)
    base, top = answering * (1 - year.top_slice), answering * year.top_slice
    avoidable = energy * year.mix.avoidable / keep
    return CostCurve(
        day=day,
        born_day=stack.born_day,
        efficiency_j_per_th=stack.efficiency_j_per_th,
        installed_ehs=stack.installed_ehs,
        running_ehs=stack.installed_ehs * stack.running(year),
        resting_ehs=stack.resting_ehs,
        slices=(
            Slice(base, base * stack.base, avoidable * year.base_ratio),
            Slice(top, top * stack.top, avoidable * year.top_ratio),
        ),
        breakeven={k: v / keep for k, v in zip(LAYERS, (energy, direct, cash, all_in), strict=True)},
        power_usd_per_mwh=year.power_usd_per_mwh,
        region=year.mix.region,
        supply_class=year.mix.supply_class,
        pool_fee_frac=year.pool_fee,
    )
