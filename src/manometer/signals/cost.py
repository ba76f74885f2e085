"""Price against cost, by layer: the gap, the loss per coin, the rise that would close it, the days under."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .declaration import Declaration, Signal, SignalInputs, entries, graded
from .difficulty_ribbon import EPOCH_LUCK_SD

__all__ = ["PRICE_TO_COST", "PriceToCost", "days_under", "price_to_cost"]

Floats = NDArray[np.float64]

_LAYERS = {
    "electricity": "electricity",
    "direct": "electricity and what else runs with the machines",
    "cash": "all cash costs",
    "all_in": "all cash costs and depreciation",
}


@dataclass(frozen=True, slots=True)
class PriceToCost:
    """One layer on one day. `loss_per_btc_usd` and `rise_needed_frac` are zero when price is above cost."""

    gap_frac: float
    loss_per_btc_usd: float
    rise_needed_frac: float
    days_under: int


def days_under(price: Floats, cost: Floats) -> int:
    """Number of days up to the last one, in a row, on which price was under cost."""
    above = np.flatnonzero(~(price < cost))
    return len(price) - 1 - int(above[-1]) if len(above) else len(price)


def price_to_cost(price_usd: Floats, mean_cost_usd_per_btc: Floats) -> PriceToCost:
    """Read the last day of daily price and mean cost per bitcoin of one layer, both (n,)."""
    price, cost = float(price_usd[-1]), float(mean_cost_usd_per_btc[-1])
    if not cost > 0:  # no fleet yet: nothing is known of its cost
        return PriceToCost(math.nan, math.nan, math.nan, 0)
    return PriceToCost(
        gap_frac=(price - cost) / cost,
        loss_per_btc_usd=max(cost - price, 0.0),
        rise_needed_frac=max(cost / price - 1, 0.0),
        days_under=days_under(price_usd, mean_cost_usd_per_btc),
    )


def _signal(x: SignalInputs, layer: str) -> Signal:
    value = x.price_usd / x.cost_usd_per_btc[layer]
    return Signal(
        value=value,
        noise_sd=value * EPOCH_LUCK_SD,
        state=graded(value, (1.0,), ("under_cost", "over_cost")),
        events={"under_cost": entries(value < 1, value), "over_cost": entries(value >= 1, value)},
    )


def _declare(layer: str, what: str) -> Declaration:
    return Declaration(
        name=f"price_to_cost_{layer}",
        unit="ratio",
        doc=f"price over the network's mean cost of a bitcoin, {what}; luck is that of the difficulty, and "
        "the band of the cost curve itself is wider",
        source="Manometer's cost curve, docs/explanation/cost-curve.md",
        inputs=("price_usd", "cost_usd_per_btc"),
        states=("under_cost", "over_cost"),
        events={
            "under_cost": "price falls under cost, not having been there for 30 days",
            "over_cost": "price rises over cost, not having been there for 30 days",
        },
        read=lambda x: _signal(x, layer),
        marks=(1.0,),
    )


PRICE_TO_COST = tuple(_declare(layer, what) for layer, what in _LAYERS.items())
