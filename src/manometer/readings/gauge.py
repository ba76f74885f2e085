"""The main reading: how much pressure Bitcoin miners are under, and why, on one day."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from ..network.causes import FallCauses
from ..network.curve import LAYERS, CostCurve, cost_curve
from ..network.fleet import Year
from ..network.history import step_day
from ..network.retarget_forecast import RetargetForecast
from ..signals.cost import price_to_cost
from ..signals.lamps import LAMPS, lamp_colour
from ..signals.pressure import PARTS
from ..signals.relief import relief_of, retargets
from ..signals.rolling import rolling_mean
from ..store import Store
from ..store.clock import instant_text
from ..units import HASHES_PER_EH, HASHES_PER_PH, SECONDS_PER_DAY
from .history import Progress
from .market import as_of_second
from .pulse import Pulse, take_pulse
from .retarget import METHOD, next_retarget

__all__ = ["GaugeView", "gauge", "gauge_of", "latest_curve"]

_STATISTICS = ("mean", "median", "p10", "p90", "band_p05", "band_p95")
_RELIEF = (
    "retarget_utc",
    "change_frac",
    "hashprice_delta_usd_per_phs_day",
    "price_equivalent_frac",
    "gap_closed_frac",
    "hashrate_returned_ehs",
)
_CHANGE_DAYS = {"day": 1, "month": 30, "year": 365}
_CHANGED = ("price_usd", "hashprice_usd_per_phs_day", "difficulty", "network_hashrate_ehs", "pressure")


@dataclass(frozen=True)
class GaugeView:
    """The reading of one day. `data` is the settled JSON; `trail` is what a picture of it needs.

    trail : dict of name -> last 180 daily values (pressure, hashprice, median cash break-even, hashrate).
    """

    data: dict[str, Any]
    trail: dict[str, list[float]]

    def __getitem__(self, key: str) -> Any:
        """Return one settled key, as in `gauge(store)["pressure"]`."""
        return self.data[key]

    def keys(self) -> list[str]:
        """Return the settled keys."""
        return list(self.data)


def gauge(
    store: Store,
    as_of: str | int | date | None = None,
    *,
    retrieved_by_s: int | None = None,
    now_s: float | None = None,
    gross: bool = False,
    progress: Progress | None = None,
) -> GaugeView:
    """Read the pressure gauge, by default as of the last complete day in the store.

    Parameters
    ----------
    as_of : str, int, date or datetime, optional
        A date means the end of that UTC day; a string is an ISO date or UTC instant; an int is seconds since
        1970. Nothing known later is used.
    now_s : float, optional
        The moment that ages are measured against when no `as_of` is given; the clock by default.
    gross : bool
        Cost per bitcoin before the pool fee instead of per bitcoin credited.

    Raises
    ------
    DataError
        Nothing is known by then.
    InputError
        The date cannot be read.
    """
    as_of_s = as_of_second(as_of)
    pulse = take_pulse(store, as_of_s, retrieved_by_s=retrieved_by_s, gross=gross, progress=progress)
    seen_s = float(as_of_s) if as_of_s is not None else (time.time() if now_s is None else now_s)
    return gauge_of(pulse, next_retarget(store, pulse.market, retrieved_by_s), seen_s)


def latest_curve(pulse: Pulse) -> CostCurve:
    """Return the cost curve that the last row was read from."""
    day = step_day(pulse.market.inputs)
    return cost_curve(pulse.fleet.stack, Year.of_day(pulse.assumptions, day), day)


def gauge_of(pulse: Pulse, retarget: RetargetForecast, seen_s: float) -> GaugeView:
    """Compose the view of the last day of a pulse; data ages are measured at `seen_s`."""
    x, rows = pulse.market.inputs, pulse.rows
    at = -1

    def column(name: str) -> float | None:
        return number(rows[name][at])

    costs = cost_table(pulse)
    gaps = {k: price_to_cost(x.price_usd, pulse.cost_usd_per_btc(f"mean_{k}")) for k in LAYERS}
    end_s = pulse.market.last_day_s + SECONDS_PER_DAY
    causes = pulse.causes[at]
    curve = latest_curve(pulse)
    known = {k: number(pulse.parts[k][at]) if k in pulse.parts else None for k in PARTS}
    underwater = {k: column(f"underwater_{k}") for k in LAYERS}
    data: dict[str, Any] = {
        "as_of_utc": instant_text(end_s),
        "last_day": str(np.datetime64(int(x.day[at]), "D")),
        "known_at_utc": instant_text(pulse.market.as_of_s),
        "price_usd": number(x.price_usd[at]),
        "price_utc": instant_text(end_s),
        "price_source": pulse.market.sources.get("price_usd"),
        "difficulty": number(x.difficulty[at]),
        "height": retarget.height,
        "subsidy_btc": number(x.subsidy_btc[at]),
        "fees_btc_per_block": number(x.fees_btc[at]) if pulse.market.fees_known else None,
        "hashprice_usd_per_phs_day": number(x.hashprice_usd_per_phs_day[at]),
        "network_hashrate_ehs": number(pulse.nowcast.mean_ehs[at]),
        "network_hashrate_band_ehs": {
            "p05": number(pulse.nowcast.p05_ehs[at]),
            "p95": number(pulse.nowcast.p95_ehs[at]),
        },
        "pressure": number(pulse.pressure[at]),
        "pressure_7d": number(rolling_mean(pulse.pressure, 7, 0.3)[at]),
        "state": str(pulse.states.state[at]),
        "state_since": str(np.datetime64(int(x.day[pulse.states.since[at]]), "D")),
        "state_cause": pulse.states.cause[at],
        "components": known,
        "parts_missing": [k for k, v in known.items() if v is None],
        "lamps": {k: lamp_colour(v[at]) for k, v in pulse.lamps.items()},
        "lamp_basis": dict(LAMPS),
        "margin_over_median_cash": number(pulse.margin[at]),
        "cost_usd_per_btc": costs,
        "price_to_cost_gap_frac": {k: number(g.gap_frac) for k, g in gaps.items()},
        "price_to_cost": {
            k: {
                "gap_frac": number(g.gap_frac),
                "loss_per_btc_usd": number(g.loss_per_btc_usd),
                "rise_needed_frac": number(g.rise_needed_frac),
                "days_under": g.days_under,
            }
            for k, g in gaps.items()
        },
        "breakeven_hashprice_usd_per_phs_day": {
            k: {s: column(f"{s}_{k}") for s in _STATISTICS} for k in LAYERS
        },
        "underwater_frac": underwater,
        "underwater_band_frac": {
            k: {"p05": column(f"underwater_{k}_p05"), "p95": column(f"underwater_{k}_p95")} for k in LAYERS
        },
        "underwater": {"hashrate_frac": underwater, "operators_frac": dict.fromkeys(LAYERS)},
        "sector_loss_usd_per_day": _sector_loss(curve, float(x.hashprice_usd_per_phs_day[at])),
        "idle_frac": column("idle_frac"),
        "resting_ehs": column("resting_ehs"),
        "efficiency_j_per_th": column("efficiency_j_per_th"),
        "dislocation": bool(pulse.dislocation[at]),
        "hashrate_fall_frac": number(causes.fall_frac),
        "hashrate_fall_causes": cause_table(causes),
        "hashrate_fall_event": causes.event,
        "hashrate_drawdown_frac": number(pulse.hashrate_drawdown[at]),
        "difficulty_drawdown_frac": number(pulse.difficulty_drawdown[at]),
        "price_drawdown_frac": number(pulse.price_drawdown[at]),
        "hash_ribbon": {
            "ratio": number(pulse.ribbon.ratio[at]),
            "noise_sd": pulse.ribbon.noise_sd,
            "state": str(pulse.ribbon.state[at]),
            "beyond_noise": bool(pulse.ribbon.beyond_noise[at]),
        },
        "next_retarget": _retarget(retarget),
        "relief": _relief(pulse, curve),
        "block_interval_s": number(SECONDS_PER_DAY / x.block_count[at]),
        "change": {k: _change(pulse, n) for k, n in _CHANGE_DAYS.items()},
        "data_ages": {f"{k}_s": round(seen_s - v) for k, v in pulse.market.known_s.items()},
        "data_sources": pulse.market.sources,
        "fitted": _fitted(pulse),
        "stylised_machines": bool(x.day[at] < np.datetime64("2013-07-01").astype(np.int64)),
    }
    trail = {
        "pressure": pulse.pressure[-180:].tolist(),
        "hashprice": x.hashprice_usd_per_phs_day[-180:].tolist(),
        "median_cash": rows["median_cash"][-180:].tolist(),
        "hashrate": pulse.nowcast.mean_ehs[-180:].tolist(),
    }
    return GaugeView(data, trail)


def number(value: Any) -> float | None:
    """Return a finite float, or None where there is none."""
    out = float(value)
    return out if math.isfinite(out) else None


def cost_table(pulse: Pulse) -> dict[str, dict[str, float | None]]:
    """Return layer -> statistic -> cost per bitcoin of the last day."""
    return {
        layer: {n: number(pulse.cost_usd_per_btc(f"{n}_{layer}")[-1]) for n in _STATISTICS}
        for layer in LAYERS
    }


def cause_table(causes: FallCauses) -> dict[str, dict[str, float | None]]:
    """Return cause -> low, central and high share of the fall."""
    return {
        k: dict(zip(("low", "central", "high"), map(number, v), strict=True))
        for k, v in causes.shares.items()
    }


def _sector_loss(curve: CostCurve, level: float) -> dict[str, float | None]:
    """USD per day that running hashrate under water loses, per layer, central draw."""
    running = curve.running_ehs[0]
    hashing = 1 - float(curve.resting_ehs[0]) / max(float(running.sum()), 1e-300)
    running = running * (hashing * HASHES_PER_EH / HASHES_PER_PH)
    keep = 1 - float(curve.pool_fee_frac[0])
    loss = {k: (running * np.maximum(curve.breakeven[k][0] - level, 0.0)).sum() * keep for k in LAYERS}
    return {k: number(v) for k, v in loss.items()}


def _fitted(pulse: Pulse) -> dict[str, Any]:
    """Parameters in force that are refitted each January, and up to when they saw data; None is assumed."""
    last = int(pulse.nowcast.fitted_to_day[-1])
    to = instant_text((last + 1) * SECONDS_PER_DAY) if last >= 0 else None
    return {"nowcast_level_sd_per_day": {"value": float(pulse.nowcast.level_sd[-1]), "fitted_to_utc": to}}


def _retarget(r: RetargetForecast) -> dict[str, Any]:
    return {
        "change_frac": number(r.change[0.5]),
        "p05": number(r.change[0.05]),
        "p95": number(r.change[0.95]),
        "eta_utc": instant_text(int(r.eta_s[0.5])),
        "progress_frac": number(r.progress_frac),
        "height": r.next_height,
        "method": "locked" if r.locked else METHOD,
    }


def _relief(pulse: Pulse, curve: CostCurve) -> dict[str, Any]:
    """What the last retarget did to hashprice, at today's price: relief in numbers, not recovery."""
    x = pulse.market.inputs
    before, after = retargets(x.difficulty)
    if not len(before):
        return dict.fromkeys(_RELIEF)
    start_day = pulse.market.epoch_time_s // SECONDS_PER_DAY
    on_day = pulse.market.epoch_time_s[(start_day > x.day[before[-1]]) & (start_day <= x.day[after[-1]])]
    last = relief_of(
        price_usd=x.price_usd[-1:],
        subsidy_btc=x.subsidy_btc[-1:],
        fees_btc=x.fees_btc[-1:],
        old_difficulty=x.difficulty[before[-1:]],
        new_difficulty=x.difficulty[after[-1:]],
        breakeven_usd_per_phs_day=pulse.rows["median_cash"][-1:],
    )
    values = (
        instant_text(int(on_day[-1])) if len(on_day) else None,
        number(last.change_frac[0]),
        number(last.delta_usd_per_phs_day[0]),
        number(last.price_equivalent_frac[0]),
        number(last.gap_closed_frac[0]),
        number(curve.supply_ehs(last.hashprice_after[0]) - curve.supply_ehs(last.hashprice_before[0])),
    )
    return dict(zip(_RELIEF, values, strict=True))


def _change(pulse: Pulse, days: int) -> dict[str, float | None]:
    """What moved since: relative change, pressure in points."""
    x = pulse.market.inputs
    series = dict(
        zip(
            _CHANGED,
            (x.price_usd, x.hashprice_usd_per_phs_day, x.difficulty, pulse.nowcast.mean_ehs, pulse.pressure),
            strict=True,
        )
    )
    if len(x.day) <= days:
        return dict.fromkeys(_CHANGED)
    out = {k: number(v[-1] / v[-1 - days] - 1) for k, v in series.items() if k != "pressure"}
    out["pressure_points"] = number(pulse.pressure[-1] - pulse.pressure[-1 - days])
    return out
