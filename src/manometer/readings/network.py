"""The network reading: its cost curve at today's, or at another, hashprice; who goes, who returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..chain import expected_hashes
from ..economics import hashprice
from ..equipment import OFF, Catalogue, MachineModel, best_mode
from ..errors import InputError
from ..network.curve import LAYERS, CostCurve
from ..network.fleet import Year
from ..network.margin import Returning, equilibrium_ehs, next_to_go, next_to_return
from ..store import Store
from ..store.clock import instant_text
from ..units import HASHES_PER_EH, HASHES_PER_TH, SECONDS_PER_DAY, fractional_year
from .gauge import cause_table, cost_table, latest_curve, number
from .history import Progress
from .market import as_of_second
from .pulse import Pulse, take_pulse

__all__ = ["NetworkView", "network_reading"]

Floats = NDArray[np.float64]

_TARGET_INTERVAL_S = 600.0
_FALL = 0.10
_THS_PER_EHS = HASHES_PER_EH / HASHES_PER_TH
_BAND_DRAWS = 16
_COMMON_MAKERS = ("Bitmain", "MicroBT")  # names that people know; a vintage is a class, not one model
_SMALL = 1e-3  # share of the installed fleet under which a line is left out


@dataclass(frozen=True)
class NetworkView:
    """The reading; `data` is the settled JSON."""

    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Terms:
    """Price and block reward that turn hashrate into hashprice."""

    price_usd: float
    subsidy_btc: float
    fees_btc: float

    def hashprice(self, difficulty: float) -> float:
        return float(
            hashprice(
                price_usd=self.price_usd,
                difficulty=difficulty,
                subsidy_btc=self.subsidy_btc,
                fees_btc=self.fees_btc,
            )
        )


def network_reading(
    store: Store,
    as_of: str | int | None = None,
    *,
    hashprice_usd_per_phs_day: float | None = None,
    price_usd: float | None = None,
    retrieved_by_s: int | None = None,
    gross: bool = False,
    progress: Progress | None = None,
) -> NetworkView:
    """Read the cost curve as of a day, at that day's price or at a supposed price or hashprice.

    Raises
    ------
    InputError
        Both a price and a hashprice are supposed, or one is not positive.
    DataError
        Nothing is known by then.
    """
    if hashprice_usd_per_phs_day is not None and price_usd is not None:
        raise InputError("give either a price or a hashprice, not both: each follows from the other")
    for name, value in (("hashprice", hashprice_usd_per_phs_day), ("price", price_usd)):
        if value is not None and not (np.isfinite(value) and value > 0):
            raise InputError(f"{name}: {value} must be a positive number")
    pulse = take_pulse(
        store, as_of_second(as_of), retrieved_by_s=retrieved_by_s, gross=gross, progress=progress
    )
    x = pulse.market.inputs
    hashvalue = float(pulse.hashvalue_btc_per_phs_day[-1])
    if hashprice_usd_per_phs_day is not None:
        price_usd = hashprice_usd_per_phs_day / hashvalue
    supposed = price_usd is not None
    price = float(x.price_usd[-1]) if price_usd is None else price_usd
    terms = _Terms(price, float(x.subsidy_btc[-1]), float(x.fees_btc[-1]))
    return NetworkView(
        _compose(
            pulse,
            terms,
            supposed,
            pulse.market.catalogue.available(pulse.market.as_of_s),
        )
    )


def _compose(pulse: Pulse, terms: _Terms, supposed: bool, catalogue: Catalogue) -> dict[str, Any]:
    x = pulse.market.inputs
    curve = latest_curve(pulse)
    difficulty = float(x.difficulty[-1])
    level = terms.hashprice(difficulty)
    names = _vintage_names(curve, catalogue)
    fleet_known = bool(curve.installed_ehs[0].sum() > 0)
    shares = {
        k: curve.underwater(k, np.array([level]))[0] if fleet_known else np.full(1, np.nan) for k in LAYERS
    }
    return {
        "as_of_utc": instant_text(pulse.market.last_day_s + SECONDS_PER_DAY),
        "last_day": str(np.datetime64(int(x.day[-1]), "D")),
        "supposed": supposed,
        "price_usd": terms.price_usd,
        "hashprice_usd_per_phs_day": level,
        "hashrate_ehs": {
            "mean": number(pulse.nowcast.mean_ehs[-1]),
            "p05": number(pulse.nowcast.p05_ehs[-1]),
            "p95": number(pulse.nowcast.p95_ehs[-1]),
        },
        "efficiency_j_per_th": number(pulse.rows["efficiency_j_per_th"][-1]),
        "efficiency_band_j_per_th": {
            "p05": number(pulse.rows["efficiency_p05"][-1]),
            "p95": number(pulse.rows["efficiency_p95"][-1]),
        },
        "cost_usd_per_btc": cost_table(pulse),
        "underwater_frac": {k: number(v[0]) for k, v in shares.items()},
        "underwater_band_frac": {
            k: {"p05": number(np.percentile(v, 5)), "p95": number(np.percentile(v, 95))}
            for k, v in shares.items()
        },
        "underwater": {
            "hashrate_frac": {k: number(v[0]) for k, v in shares.items()},
            "machines_frac": _machines_under(curve, names, level),
            "operators_frac": dict.fromkeys(LAYERS),
        },
        "idle_frac": number(pulse.rows["idle_frac"][-1]),
        "resting_ehs": number(curve.resting_ehs[0] if fleet_known else math.nan),
        "marginal": _marginal(curve, names),
        "partial": {
            "price_usd": terms.price_usd,
            "hashrate_ehs": number(pulse.nowcast.mean_ehs[-1]),
            "difficulty": difficulty,
            "hashprice_usd_per_phs_day": level,
        },
        "equilibrium": _equilibrium(curve, terms, fleet_known),
        "fall_frac": _FALL,
        "next_to_go": _going(curve, names, level),
        "next_to_return": _returning(pulse, curve, names, level, terms),
        "stress_map": _stress_map(curve, level),
        "cost_curve": _picture(curve),
        "hashrate_fall_causes": cause_table(pulse.causes[-1]),
        "assumptions": "manometer/network/assumptions.csv: every row graded, with its source or 'assumed'",
    }


def _vintage_names(curve: CostCurve, catalogue: Catalogue) -> list[MachineModel | None]:
    """Name each vintage after the catalogue machine on sale then whose efficiency is nearest."""
    machines = [
        m
        for m in catalogue.of("industrial", "stylised").values()
        if m.efficiency_j_per_th
        and ((m.maker in _COMMON_MAKERS and m.cooling == "air") or m.category == "stylised")
    ]
    efficiency = np.array([m.efficiency_j_per_th for m in machines], dtype=np.float64)
    born = np.array([m.release_s for m in machines]) / SECONDS_PER_DAY
    out: list[MachineModel | None] = []
    for v, day in enumerate(curve.born_day):
        sold = np.flatnonzero(born <= day)
        if not np.isfinite(day) or not len(sold):
            out.append(None)
            continue
        distance = np.abs(np.log(efficiency[sold] / curve.efficiency_j_per_th[0, v]))
        out.append(machines[int(sold[int(np.argmin(distance))])])
    return out


def _label(model: MachineModel | None) -> str:
    return model.model if model else "unnamed"


def _machines_under(
    curve: CostCurve, names: list[MachineModel | None], level: float
) -> dict[str, float | None]:
    """Share of machines rather than of hashrate; only vintages whose machine has a nameplate count."""
    per_machine = np.array([m.hashrate_ths if m and m.hashrate_ths else np.nan for m in names])
    count = np.nan_to_num(curve.installed_ehs[0] / per_machine[:, None])
    total = float(count.sum())
    if not total > 0:
        return dict.fromkeys(LAYERS)
    return {k: number((count * (curve.breakeven[k][0] > level)).sum() / total) for k in LAYERS}


def _marginal(curve: CostCurve, names: list[MachineModel | None]) -> dict[str, Any]:
    margin = curve.marginal()
    v = int(np.argmin(np.abs(curve.efficiency_j_per_th[0] - margin.efficiency_j_per_th)))
    return {
        "model": _label(names[v]),
        "efficiency_j_per_th": number(margin.efficiency_j_per_th),
        "power_price_usd_per_mwh": number(margin.power_usd_per_mwh),
        "avoidable_hashprice_usd_per_phs_day": number(margin.avoidable_usd_per_phs_day),
        "quantile": 0.95,
    }


def _equilibrium(curve: CostCurve, terms: _Terms, fleet_known: bool) -> dict[str, Any]:
    """Hashrate, difficulty and hashprice once the installed fleet has answered; no new machines."""
    if not fleet_known:
        unknown = dict.fromkeys(("hashrate_ehs", "difficulty", "hashprice_usd_per_phs_day"))
        return {"price_usd": terms.price_usd, **unknown, "hashrate_band_ehs": {"p05": None, "p95": None}}

    def difficulty_of(ehs: float) -> float:
        return ehs * HASHES_PER_EH * _TARGET_INTERVAL_S / float(expected_hashes(1.0))

    def at(draw: int) -> float:
        return equilibrium_ehs(curve, lambda ehs: terms.hashprice(difficulty_of(ehs)), draw)

    ehs = at(0)
    low, high = np.percentile([at(d) for d in range(min(_BAND_DRAWS, curve.installed_ehs.shape[0]))], (5, 95))
    return {
        "price_usd": terms.price_usd,
        "hashrate_ehs": ehs,
        "hashrate_band_ehs": {"p05": float(low), "p95": float(high)},
        "difficulty": difficulty_of(ehs),
        "hashprice_usd_per_phs_day": terms.hashprice(difficulty_of(ehs)),
    }


def _going(curve: CostCurve, names: list[MachineModel | None], level: float) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for g in next_to_go(curve, level, _FALL):
        model = names[g.vintage]
        row = rows.setdefault(
            _label(model),
            {
                "model": _label(model),
                "hashrate_ehs": 0.0,
                "_cost": 0.0,
                "_power": 0.0,
                "underclocked_ehs": 0.0,
            },
        )
        row["hashrate_ehs"] += g.hashrate_ehs
        row["underclocked_ehs"] += g.underclocked_ehs
        row["_cost"] += g.hashrate_ehs * g.breakeven_hashprice_usd_per_phs_day
        row["_power"] += g.hashrate_ehs * g.power_usd_per_mwh
        row["_ths"] = model.hashrate_ths if model else None
    out = []
    for row in sorted(rows.values(), key=lambda r: -float(r["hashrate_ehs"])):
        total, ths = float(row["hashrate_ehs"]), row.pop("_ths")
        if total < _SMALL * float(curve.installed_ehs[0].sum()):
            continue
        row["breakeven_hashprice_usd_per_phs_day"] = row.pop("_cost") / total
        row["power_price_usd_per_mwh"] = row.pop("_power") / total
        row["n_machines"] = round(total * _THS_PER_EHS / ths) if ths else None
        out.append(row)
    return out


def _returning(
    pulse: Pulse, curve: CostCurve, names: list[MachineModel | None], level: float, terms: _Terms
) -> list[dict[str, Any]]:
    year = Year.of_day(pulse.assumptions, curve.day).year
    restart, overhead = (pulse.assumptions.central(k, year) for k in ("restart", "overhead"))
    least = _SMALL * float(curve.installed_ehs[0].sum())
    rows: dict[tuple[str, bool], list[Returning]] = {}
    for r in next_to_return(curve, restart):
        rows.setdefault((_label(names[r.vintage]), r.underclocked), []).append(r)
    out = []
    for (label, top), group in rows.items():
        total = sum(r.hashrate_ehs for r in group)
        if total < least:
            continue
        need = sum(r.hashrate_ehs * r.hashprice_usd_per_phs_day for r in group) / total
        pays = sum(r.hashrate_ehs * r.power_usd_per_mwh for r in group) / total
        model = names[group[0].vintage]
        best = best_mode(model, level, pays, overhead) if model and model.power_w is not None else OFF
        out.append(
            {
                "model": label,
                "ehs": total,
                "needs": {
                    "price_usd": terms.price_usd * need / level,
                    "hashprice_usd_per_phs_day": need,
                    "power_price_usd_per_mwh": pays * level / need,
                    "mode": None if best is OFF else best.name,
                },
                "pays_usd_per_mwh": pays,
                "underclocked_now": top,
                "earns_already": need <= level,
            }
        )
    return sorted(out, key=lambda r: float(r["needs"]["hashprice_usd_per_phs_day"]))


def _stress_map(curve: CostCurve, level: float) -> dict[str, Any]:
    """Share under its cash cost by year of installation, region and supply class, central draw."""
    n, under = curve.installed_ehs[0], curve.breakeven["cash"][0] > level
    total = float(n.sum())
    years = np.where(np.isfinite(curve.born_day), np.floor(fractional_year(curve.born_day)), np.nan)
    generations = []
    for year in np.unique(years[np.isfinite(years)]):
        rows = years == year
        size = float(n[rows].sum())
        if size > 1e-3 * total:
            share = float((n[rows] * under[rows]).sum()) / size
            mean = float((n[rows].sum(1) * curve.efficiency_j_per_th[0, rows]).sum()) / size
            generations.append(
                {
                    "year": int(year),
                    "share_frac": size / total,
                    "efficiency_j_per_th": mean,
                    "underwater_frac": share,
                }
            )

    def split(groups: dict[str, Floats]) -> dict[str, Any]:
        out = {}
        for name, weight in groups.items():
            size = float((n * weight).sum())
            if size > 0:
                out[name] = {
                    "share_frac": size / total,
                    "underwater_frac": float((n * weight * under).sum()) / size,
                }
        return out

    return {
        "layer": "cash",
        "by_generation": generations,
        "by_region": split(curve.region),
        "by_supply_class": split(curve.supply_class),
        "by_balance_sheet": None,
    }


def _picture(curve: CostCurve, points: int = 60) -> dict[str, list[float]]:
    """Cumulative running hashrate against break-even hashprice by layer: the supply curve to draw."""
    share = np.linspace(0.005, 0.995, points)
    return {
        "hashrate_share": share.tolist(),
        **{k: curve.quantiles(k, tuple(share)).tolist() for k in LAYERS},
    }
