"""Each machine at a hashprice and a power price: what it costs, what it leaves, where it stops earning."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..economics import (
    breakeven_hashprice,
    breakeven_power_price,
    breakeven_price,
    daily_profit,
    hashcost,
    margin,
    solo_odds,
)
from ..equipment import OFF, Catalogue, MachineModel, Mode, best_mode
from ..errors import InputError, unknown_name
from ..store.clock import instant_text
from ..units import SECONDS_PER_DAY
from .market import Market

__all__ = ["SORTS", "MachineQuestion", "MachinesView", "machines_reading"]

#: Name -> (column, descending).
SORTS: dict[str, tuple[str, bool]] = {
    "profit": ("daily_profit_usd", True),
    "margin": ("margin_usd_per_phs_day", True),
    "efficiency": ("efficiency_j_per_th", False),
    "release": ("release_date", True),
    "model": ("model", False),
}
DEFAULT_POWER_USD_PER_MWH = 50.0
_YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True)
class MachineQuestion:
    """What to work out; None for what has a default, which the answer names.

    categories : "industrial", "home"; before the first catalogued ASICs the stylised fleet stands in.
    tuned : each machine in the power mode that leaves most, by `equipment.best_mode`.
    """

    hashprice_usd_per_phs_day: float | None = None
    power_price_usd_per_mwh: float | None = None
    overhead: float = 1.0
    models: tuple[str, ...] = ()
    tuned: bool = False
    categories: tuple[str, ...] = ("industrial",)
    sort: str = "margin"


@dataclass(frozen=True)
class MachinesView:
    """The table; `data` is the settled JSON."""

    data: dict[str, Any]


def machines_reading(question: MachineQuestion, market: Market) -> MachinesView:
    """Work out every machine that was on sale by the day of `market`.

    Parameters
    ----------
    market : Market
        Its last day gives the hashprice where none is given, and always difficulty, subsidy and fees for
        the break-even bitcoin price.

    Raises
    ------
    InputError
        A model, a category or a sort order is unknown, or a model was not released yet.
    """
    q = question
    if q.sort not in SORTS:
        raise unknown_name("sort order", q.sort, SORTS)
    x = market.inputs
    end_s = market.last_day_s + SECONDS_PER_DAY
    level = q.hashprice_usd_per_phs_day
    given = level is not None
    level = float(x.hashprice_usd_per_phs_day[-1]) if level is None else level
    power = DEFAULT_POWER_USD_PER_MWH if q.power_price_usd_per_mwh is None else q.power_price_usd_per_mwh
    rows = [_row(m, q, level, power, market) for m in _chosen(q, market.catalogue, market.as_of_s)]
    column, down = SORTS[q.sort]
    rows.sort(key=lambda r: _order(r[column], down))
    day = np.datetime64(int(x.day[-1]), "D")
    return MachinesView(
        {
            "as_of_utc": instant_text(end_s),
            "hashprice_usd_per_phs_day": level,
            "hashprice_from": "given" if given else f"store, {day}",
            "power_price_usd_per_mwh": power,
            "power_price_from": "given" if q.power_price_usd_per_mwh is not None else "default",
            "overhead": q.overhead,
            "difficulty": float(x.difficulty[-1]),
            "subsidy_btc": float(x.subsidy_btc[-1]),
            "fees_btc": float(x.fees_btc[-1]),
            "tuned": q.tuned,
            "machines": rows,
        }
    )


def _chosen(q: MachineQuestion, whole: Catalogue, as_of_s: float) -> list[MachineModel]:
    known = whole.available(as_of_s)
    if q.models:
        found = [whole[name] for name in q.models]
        for model in found:
            if model.model not in known:
                raise InputError(
                    f"machine {model.model!r}: released {model.release_date}, after the day asked"
                )
        return list(dict.fromkeys(found))
    chosen = list(known.of(*q.categories).values())
    if not chosen and "industrial" in q.categories:
        chosen = list(known.of("stylised").values())
    return chosen


def _order(value: Any, down: bool) -> tuple[bool, Any]:
    """Sort key: unknown last, in either direction."""
    if isinstance(value, str):
        return (False, tuple(-ord(c) for c in value) if down else value.casefold())
    if value is None:
        return (True, 0.0)
    return (False, -value if down else value)


def _row(
    model: MachineModel, q: MachineQuestion, level: float, power: float, market: Market
) -> dict[str, Any]:
    mode = _mode(model, q, level, power)
    row: dict[str, Any] = {
        "model": model.model,
        "mode": mode.name if mode else None,
        "category": model.category,
        "release_date": model.release_date,
        "hashrate_ths": _finite(mode.hashrate_ths if mode else model.hashrate_ths),
        "power_w": _finite(mode.power_w if mode else model.power_w),
        "noise_db": model.noise_db,
        "confidence": model.confidence,
        **dict.fromkeys(
            (
                "efficiency_j_per_th",
                "hashcost_usd_per_phs_day",
                "margin_usd_per_phs_day",
                "breakeven_power_price_usd_per_mwh",
                "breakeven_hashprice_usd_per_phs_day",
                "breakeven_price_usd",
                "daily_profit_usd",
                "power_cost_usd_per_day",
                "block_chance_year_frac",
            )
        ),
    }
    efficiency = model.efficiency_j_per_th
    if efficiency is None or mode is None:
        return row
    if mode is not OFF:
        efficiency = mode.efficiency_j_per_th
    x = market.inputs
    terms = {"efficiency_j_per_th": efficiency, "overhead": q.overhead}
    priced = {**terms, "power_price_usd_per_mwh": power}
    cost = float(hashcost(**priced))
    row.update(
        efficiency_j_per_th=efficiency,
        hashcost_usd_per_phs_day=cost,
        margin_usd_per_phs_day=float(margin(hashprice_usd_per_phs_day=level, hashcost_usd_per_phs_day=cost)),
        breakeven_power_price_usd_per_mwh=float(
            breakeven_power_price(hashprice_usd_per_phs_day=level, **terms)
        ),
        breakeven_hashprice_usd_per_phs_day=float(breakeven_hashprice(**priced)),
        breakeven_price_usd=float(
            breakeven_price(
                difficulty=float(x.difficulty[-1]),
                subsidy_btc=float(x.subsidy_btc[-1]),
                fees_btc=float(x.fees_btc[-1]),
                efficiency_j_per_th=efficiency,
                power_price_usd_per_mwh=power,
                overhead=q.overhead,
            )
        ),
    )
    if model.hashrate_ths is not None:
        running = {"hashrate_ths": mode.hashrate_ths, **priced}
        # What is off leaves nothing and costs nothing: 0, and not -0.
        row["daily_profit_usd"] = float(daily_profit(hashprice_usd_per_phs_day=level, **running)) + 0.0
        row["power_cost_usd_per_day"] = 0.0 - float(daily_profit(hashprice_usd_per_phs_day=0.0, **running))
        row["block_chance_year_frac"] = _chance(mode.hashrate_ths, float(x.difficulty[-1]))
    return row


def _mode(model: MachineModel, q: MachineQuestion, level: float, power: float) -> Mode | None:
    """Return the operating point: the best one if asked, else nameplate; None where the power is unknown."""
    if model.efficiency_j_per_th is None:
        return None
    if q.tuned:
        return best_mode(model, level, power, overhead=q.overhead)
    hashrate = model.hashrate_ths if model.hashrate_ths is not None else 1.0
    watts = model.power_w if model.power_w is not None else hashrate * model.efficiency_j_per_th
    return Mode("nameplate", hashrate, watts, math.nan)


def _chance(hashrate_ths: float, difficulty: float) -> float:
    """Return the chance of a block in a year of mining alone, at this difficulty."""
    if hashrate_ths <= 0:
        return 0.0
    return float(solo_odds(hashrate_ths=hashrate_ths, difficulty=difficulty, days=_YEAR_DAYS).probability)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
