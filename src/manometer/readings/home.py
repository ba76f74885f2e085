"""A home miner's own figures: what it costs, what its heat is worth, and the odds. Never a yield."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..economics import solo_odds
from ..engine.run import Outcome
from ..engine.statement import Period
from ..equipment import read_catalogue
from ..errors import InputError
from ..units import HASHES_PER_PH, HASHES_PER_TH

__all__ = ["home_figures"]

_WINTER = (10, 11, 12, 1, 2, 3)
_YEAR = 365.25


def home_figures(outcome: Outcome, total: Period) -> dict[str, Any]:
    """Return cost, heat, noise and odds of a home file's run."""
    home, days = outcome.operator.home, outcome.days
    mwh = sum((o.mwh for o in outcome.operations), np.zeros(days.n))
    # The books owe whole cents a day, of which a small device uses a few: the meter's own dollars are exact.
    meter = outcome.plant["power_usd"]
    cost = (total.owed["power"] + total.owed["hosting"]) / 100 + float((meter - meter.round(2)).sum())
    heat = solar = 0.0
    if home is not None:
        wall = mwh / home.supply_efficiency
        winter = np.isin(days.month, home.winter_months or _WINTER)
        heat = float((wall * winter).sum()) * home.useful_frac * home.fuel_usd_per_mwh / home.fuel_efficiency
        cost = cost / home.supply_efficiency
        grid = cost * (1 - home.solar_frac)
        solar = float(wall.sum()) * home.solar_frac * home.export_usd_per_mwh
        cost = grid + solar
    ths = float(np.mean(outcome.plant["phs"])) * HASHES_PER_PH / HASHES_PER_TH
    odds = {
        name: solo_odds(hashrate_ths=ths, difficulty=float(outcome.path.difficulty[0]), days=n).probability
        if ths
        else 0.0
        for name, n in (("day", 1.0), ("month", _YEAR / 12), ("year", _YEAR))
    }
    solo = [s.name for s in outcome.operator.sites if s.pool.scheme == "solo"]
    return {
        "scheme": "solo" if solo else "pool",
        "hashrate_ths": ths,
        "power_cost_usd": cost,
        "solar_forgone_usd": solar,
        "heat_value_usd": heat,
        "net_cost_usd": cost - heat,
        "net_cost_usd_per_month": (cost - heat) / days.n * _YEAR / 12,
        "block_chance_frac": odds if solo else None,
        "pool_btc": None if solo else total.btc("mined"),
        "pool_usd_at_price": None if solo else total.btc("mined") * float(outcome.path.price_usd[-1]),
        "noise_db": _noise(outcome),
        "noise_limit_db": None if home is None else home.noise_limit_db,
        "pleasure_usd_per_year": None if home is None else home.pleasure_usd_per_year or None,
    }


def _noise(outcome: Outcome) -> float | None:
    """Return the loudest machine's noise, where the catalogue knows it."""
    catalogue, found = read_catalogue(), []
    for g in outcome.groups:
        try:
            noise = catalogue[g.machines.model].noise_db if g.machines.model else None
        except InputError:
            noise = None
        if noise is not None:
            found.append(noise)
    return max(found) if found else None
