"""Who pays what for power: regions x supply classes, folded into price bins that cohorts live in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .assumptions import Assumptions

__all__ = ["N_BINS", "PRICE_RATIO", "PowerMix", "power_mix"]

Floats = NDArray[np.float64]

N_BINS = 14
_EDGES = np.exp(np.linspace(math.log(0.30), math.log(3.0), N_BINS + 1))
#: Power price of each bin over the world median, shape (N_BINS,).
PRICE_RATIO: Floats = np.sqrt(_EDGES[1:] * _EDGES[:-1])
_erf = np.frompyfunc(math.erf, 1, 1)


@dataclass(frozen=True, slots=True)
class PowerMix:
    """How the hashrate of one year spreads over the price bins.

    weight : (n_draws, N_BINS) share of hashrate in each bin, rows add up to 1.
    deaf : (N_BINS,) share of each bin that does not answer price.
    avoidable : (N_BINS,) avoidable over paid power price of those that answer price.
    region, supply_class : name -> (N_BINS,) share of each bin, central draw.
    """

    weight: Floats
    deaf: Floats
    avoidable: Floats
    region: dict[str, Floats]
    supply_class: dict[str, Floats]


def power_mix(assumptions: Assumptions, year: float) -> PowerMix:
    """Mix the lognormal prices of every region and supply class into the bins, median one.

    Within a (region, class) pair prices are lognormal around ``region ratio x class ratio`` with the spread
    of the table; the mixture is scaled so that its median is the table's `power_price`.
    """
    regions, classes = assumptions.keys("region_weight"), assumptions.keys("class_share")

    def table(name: str, keys: list[str]) -> Floats:
        return np.array([assumptions.central(name, year, k) for k in keys])

    region_weight = table("region_weight", regions)
    class_share = table("class_share", classes)
    pair = np.outer(region_weight / region_weight.sum(), class_share / class_share.sum())
    centre = np.log(np.outer(table("region_price_ratio", regions), table("class_price_ratio", classes)))
    spread = assumptions.at("power_spread", year)
    centre = centre - _log_median(pair, centre, float(spread[0]))
    edges = np.log(_EDGES)
    edges[0], edges[-1] = -np.inf, np.inf
    cdf = _normal_cdf((edges[:, None, None, None] - centre[None, None]) / spread[None, :, None, None])
    mass = pair * np.diff(cdf, axis=0)  # (bins, draws, regions, classes)
    weight = mass.sum((2, 3)).T
    central = mass[:, 0]
    share = central / central.sum((1, 2), keepdims=True)
    by_class = share.sum(1)
    deaf = table("class_deaf", classes)
    answers = by_class * (1.0 - deaf)
    return PowerMix(
        weight=weight / weight.sum(1, keepdims=True),
        deaf=by_class @ deaf,
        avoidable=answers @ table("class_avoidable_ratio", classes) / answers.sum(1),
        region=dict(zip(regions, share.sum(2).T, strict=True)),
        supply_class=dict(zip(classes, by_class.T, strict=True)),
    )


def _normal_cdf(z: Floats) -> Floats:
    return 0.5 * (1.0 + np.asarray(_erf(z / math.sqrt(2.0)), dtype=np.float64))


def _log_median(pair: Floats, centre: Floats, spread: float) -> float:
    """Log of the median of the mixture, by bisection."""
    low, high = float(centre.min()) - 1.0, float(centre.max()) + 1.0
    for _ in range(40):
        mid = 0.5 * (low + high)
        below = float((pair * _normal_cdf((mid - centre) / spread)).sum())
        low, high = (mid, high) if below < 0.5 else (low, mid)
    return 0.5 * (low + high)
