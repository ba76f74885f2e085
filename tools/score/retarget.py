"""Retarget forecasts against plain ones, gated; hashrate ahead against random walk and drift."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from manometer.network.hashrate_outlook import HORIZONS, hashrate_outlook
from manometer.network.hashrate_state import run_bank
from manometer.network.retarget_forecast import PROGRESS, chosen_settings
from manometer.network.retarget_score import METHODS
from manometer.readings.retarget import read_chain, retarget_score
from manometer.units import SECONDS_PER_DAY

from .context import Context, day_of
from .rows import Row

__all__ = ["hashrate_ahead_rows", "retarget_forecast_rows"]

Floats = NDArray[np.float64]

_SECTION = "retarget forecast"
_AHEAD = "hashrate ahead"
_LAST = "2025-12-31"
#: What share of the best plain method's error may be left, by share of the epoch.
_GATES = dict(zip(PROGRESS, (0.9, 0.9, 0.9, 0.95, 0.95, 1.0), strict=True))
_COVERAGE = {"coverage50": (0.45, 0.55), "coverage90": (0.86, 0.94)}
_SINCE = (2014, 2021)
_STEP_DAYS, _MEMORY_DAYS, _FIRST_ERRORS = 7, 5 * 365, 30


def retarget_forecast_rows(c: Context) -> Iterator[Row]:
    """Error and CRPS as shares of the best plain method's, floor, and coverage, epochs from 2014 on."""
    for since in _SINCE:
        d = retarget_score(c.store, day_of(f"{since}-01-01") * SECONDS_PER_DAY).data
        rows = {(r["method"], r["progress_frac"]): r for r in d["rows"]}
        judged = since == _SINCE[0]
        for share in PROGRESS:
            ours = rows["manometer", share]
            for key, name in (("mae_frac", "MAE"), ("crps_frac", "CRPS")):
                best = min((rows[m, share] for m in METHODS[1:]), key=lambda r: float(r[key]))
                ratio = ours[key] / best[key]
                yield Row(
                    _SECTION, f"{share:.0%} of the epoch, since {since}: {name}", 100 * ours[key],
                    100 * best[key], "points", ratio - 1, f"best plain: {best['method']}, same moments",
                    ratio <= _GATES[share] if judged else None,
                    f"{ours['n']} epochs, walk-forward; at most {_GATES[share]:.0%} of the best plain",
                )  # fmt: skip
        for key, (low, high) in _COVERAGE.items():
            yield Row(
                _SECTION, f"{key}, pooled since {since}", d["pooled"][key], float(key[-2:]) / 100, "frac",
                d["pooled"][key] - float(key[-2:]) / 100, f"{d['epochs']} epochs at six shares",
                low <= d["pooled"][key] <= high if judged else None,
                f"binomial error over epochs {d['pooled'][f'{key}_se']:.3f}; gate {low:.0%} to {high:.0%}",
            )  # fmt: skip
        if judged:
            for floor in d["floor"]:
                share = floor["progress_frac"]
                ours = rows["manometer", share]
                yield Row(
                    _SECTION, f"{share:.0%} of the epoch: no better than luck allows", 100 * ours["mae_frac"],
                    100 * floor["mae_frac"], "points", ours["mae_frac"] - floor["mae_frac"],
                    "0.798 sqrt(blocks left) / 2,016",
                    ours["mae_frac"] > floor["mae_frac"] - 2 * ours["mae_se"], "a known constant rate",
                )  # fmt: skip


def hashrate_ahead_rows(c: Context) -> Iterator[Row]:
    """MAE and CRPS of the 30-day mean ahead, price unknown and price given, beside random walk and drift."""
    chain = read_chain(c.store, c.pulse.market)
    run, day = run_bank(chain.stretches()), c.day
    at = np.arange(400, len(day), _STEP_DAYS)
    time_s = (day[at] + 1.0) * SECONDS_PER_DAY
    setting = chosen_settings(chain, run, time_s)
    log_price, level = np.log(c.pulse.market.inputs.price_usd), np.log(c.month_ehs)
    for h in HORIZONS:
        inside = at + h < len(day)
        ahead = log_price[np.minimum(at[:, None] + 1 + np.arange(h), len(day) - 1)]
        truth = np.where(inside, level[np.minimum(at + h, len(day) - 1)], np.nan)
        plain, given = (hashrate_outlook(chain, run, time_s, setting, h, path) for path in (None, ahead))
        drift = (level[at] - level[np.maximum(at - 90, 0)]) * h / 90
        rivals = {
            name: (centre, _past_deviation(truth - centre, at, h))
            for name, centre in (("random walk", level[at]), ("90-day drift", level[at] + drift))
        }
        known = np.isfinite(truth) & np.all([np.isfinite(s) for _, s in rivals.values()], axis=0)
        for since in _SINCE:
            rows = known & (day[at] >= day_of(f"{since}-01-01")) & (day[at] <= day_of(_LAST))
            best = {
                k: min(f(truth[rows], m[rows], s[rows]) for m, s in rivals.values())
                for k, f in _SCORES.items()
            }
            for name, o in (("price stays", plain), ("price given", given)):
                for k, f in _SCORES.items():
                    ours = f(truth[rows], o.log_ehs[rows], o.deviation[rows])
                    yield Row(
                        _AHEAD, f"{h} d since {since}, {name}: {k}", ours, best[k], "log", ours / best[k] - 1,
                        "better of random walk and 90-day drift, band of their own past errors", None,
                        f"{int(rows.sum())} weeks; setting chosen each January; under zero is better",
                    )  # fmt: skip
                inside90 = np.abs(truth - o.log_ehs)[rows] < NormalDist().inv_cdf(0.95) * o.deviation[rows]
                yield Row(
                    _AHEAD, f"{h} d since {since}, {name}: coverage90", float(inside90.mean()), 0.9, "frac",
                    float(inside90.mean()) - 0.9, "outcomes within the band", None, "overlapping weeks",
                )  # fmt: skip


def _past_deviation(error: Floats, at: NDArray[np.int64], horizon_days: int) -> Floats:
    """Return the deviation of errors that were known by each moment, of five years; NaN where too few."""
    out = np.full(len(at), np.nan)
    for k, now in enumerate(at):
        past = error[(at + horizon_days <= now) & (at > now - _MEMORY_DAYS)]
        past = past[np.isfinite(past)]
        if len(past) >= _FIRST_ERRORS:
            out[k] = past.std()
    return out


def _mae(truth: Floats, centre: Floats, deviation: Floats) -> float:
    return float(np.abs(truth - centre).mean())


def _crps(truth: Floats, centre: Floats, deviation: Floats) -> float:
    """CRPS of a normal forecast (Gneiting and Raftery, 2007)."""
    z = (truth - centre) / deviation
    below = np.array([NormalDist().cdf(float(x)) for x in z])
    density = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    return float((deviation * (z * (2 * below - 1) + 2 * density - 1 / math.sqrt(math.pi))).mean())


_SCORES = {"MAE": _mae, "CRPS": _crps}
