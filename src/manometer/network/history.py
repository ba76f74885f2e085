"""Run the fleet through history: weekly steps of the stack, daily readings of its cost curve.

`run_history` is a recursion with a checkpoint at the end of each calendar year, so that a changed or a new
day costs only the years from it on. Everything on a day's row uses that day and earlier ones only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .assumptions import Assumptions
from .curve import LAYERS, CostCurve, cost_curve
from .fleet import (
    CLASS_QUANTILES,
    Releases,
    Stack,
    Year,
    empty_stack,
    frontier_j_per_th,
    new_vintage,
    step,
)

__all__ = ["COLUMNS", "DailyInputs", "HistoryState", "initial_state", "run_history", "step_day"]

Floats = NDArray[np.float64]

_WEEK = 7
_OBSERVED_DAYS = 21  # mean of block luck that the stack follows
_BAND = (5.0, 95.0)

#: Columns of a daily row; costs in USD per PH/s per day, so that cost per bitcoin is cost over hashvalue.
COLUMNS = (
    *(f"underwater_{k}" for k in LAYERS),
    *(f"underwater_{k}_{p}" for k in LAYERS for p in ("p05", "p95")),
    *(f"{s}_{k}" for k in LAYERS for s in ("mean", "median", "p10", "p90", "band_p05", "band_p95")),
    "running_at_a_loss_frac",
    "idle_frac",
    "resting_ehs",
    "idle_ehs",
    "installed_ehs",
    "efficiency_j_per_th",
    "efficiency_p05",
    "efficiency_p95",
    "marginal_avoidable",
    "marginal_power_usd_per_mwh",
    "curtailable_frac",
    "pool_fee_frac",
)


@dataclass(frozen=True)
class DailyInputs:
    """What the network model sees: one row per UTC day, no gap, shape (n,).

    day : days since 1970. price_usd, difficulty, subsidy_btc, fees_btc (per block). block_count may be NaN.
    hashprice_usd_per_phs_day : by the difficulty convention; NaN before the first price.
    hashrate_ehs : block count x difficulty of the day, NaN where the count is unknown.
    """

    day: NDArray[np.int64]
    price_usd: Floats
    difficulty: Floats
    block_count: Floats
    subsidy_btc: Floats
    fees_btc: Floats
    hashprice_usd_per_phs_day: Floats
    hashrate_ehs: Floats


@dataclass(frozen=True)
class HistoryState:
    """Checkpoint after a week: the fleet, the day it is of, and the half-year of the newest vintage."""

    stack: Stack
    day: int
    half_year: int


def initial_state(assumptions: Assumptions, day: int) -> HistoryState:
    """Return the state before the first day."""
    return HistoryState(empty_stack(assumptions.n_draws), day - 1, -1)


def run_history(
    inputs: DailyInputs,
    releases: Releases,
    assumptions: Assumptions,
    state: HistoryState,
    last_day: int,
    on_curve: Callable[[CostCurve], None] | None = None,
) -> tuple[dict[str, Floats], HistoryState]:
    """Advance from the day after `state.day` to `last_day`.

    Returns
    -------
    rows : dict of column -> (n_days,)
        The daily readings.
    state : HistoryState
        After the last complete week; running on from it gives the same rows as one long run.
    """
    blocks: list[dict[str, Floats]] = []
    after = state
    for start, stop in _weeks(state.day + 1, last_day):
        new, year = _advance(inputs, releases, assumptions, after, start)
        curve = cost_curve(new.stack, year, start)
        if on_curve is not None:
            on_curve(curve)
        k = np.searchsorted(inputs.day, np.arange(start, stop))
        blocks.append(_read(curve, year, assumptions, inputs.hashprice_usd_per_phs_day[k]))
        after = HistoryState(new.stack, stop - 1, new.half_year)
    if not blocks:
        return {c: np.empty(0) for c in COLUMNS}, state
    return {c: np.concatenate([b[c] for b in blocks]) for c in COLUMNS}, after


def _weeks(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Cut [first, last] at Mondays (day 4 since 1970 was one) and at years, where checkpoints are."""
    start = first
    while start <= last:
        year = np.datetime64(start, "D").astype("datetime64[Y]")
        next_year = int((year + 1).astype("datetime64[D]").astype(np.int64))
        stop = min(start + _WEEK - (start - 4) % _WEEK, next_year, last + 1)
        yield start, stop
        start = stop


def _advance(
    inputs: DailyInputs, releases: Releases, a: Assumptions, state: HistoryState, start: int
) -> tuple[HistoryState, Year]:
    """Step the stack at the start of a week, on what was known at the end of the day before."""
    year = Year.of_day(a, start)
    if (start - 4) % _WEEK and state.half_year >= 0:
        return state, year  # a week that a checkpoint has cut: its step is done
    k = int(np.searchsorted(inputs.day, start))
    observed = _mean(inputs.hashrate_ehs[max(k - _OBSERVED_DAYS, 0) : k])
    hashprice = _mean(inputs.hashprice_usd_per_phs_day[max(k - _WEEK, 0) : k])
    if not (observed > 0 and hashprice > 0):
        return state, year
    stack, half_year = state.stack, int(year.year * 2)
    if half_year != state.half_year:
        lag, half_life = a.at("frontier_lag", year.year), a.at("frontier_half_life", year.year)
        for q in CLASS_QUANTILES:
            efficiency = frontier_j_per_th(releases, start, lag, half_life, q)
            fallback = stack.efficiency_j_per_th[:, -1]
            stack = new_vintage(
                stack,
                start,
                np.where(np.isnan(efficiency), fallback, efficiency),
                year.payback_days * hashprice,
                year.life_days[:, 0, 0],
            )
    return HistoryState(step(stack, year, hashprice, observed), start, half_year), year


def step_day(inputs: DailyInputs) -> int:
    """Return the day on which the cost curve of the last row was read: a Monday or a first of January."""
    last = int(inputs.day[-1])
    return [start for start, _ in _weeks(max(last - 2 * _WEEK, int(inputs.day[0])), last)][-1]


def _mean(x: Floats) -> float:
    x = x[np.isfinite(x)]
    return float(x.mean()) if len(x) else float("nan")


def _read(curve: CostCurve, year: Year, a: Assumptions, hashprice: Floats) -> dict[str, Floats]:
    """Read a week of days off one cost curve."""
    n = len(hashprice)
    if not curve.installed_ehs[0].sum() > 0:  # no fleet yet: nothing is known of it
        return {c: np.full(n, np.nan) for c in COLUMNS}
    row: dict[str, Floats] = {}

    def constant(name: str, value: float) -> None:
        row[name] = np.full(n, value)

    def known(x: Floats) -> Floats:
        return np.where(np.isfinite(hashprice), x, np.nan)

    for layer in LAYERS:
        share = curve.underwater(layer, hashprice)
        row[f"underwater_{layer}"] = known(share[:, 0])
        low, high = np.percentile(share, _BAND, axis=1)
        row[f"underwater_{layer}_p05"], row[f"underwater_{layer}_p95"] = known(low), known(high)
        mean = curve.mean_breakeven(layer)
        for name, value in zip(
            ("median", "p10", "p90"), curve.quantiles(layer, (0.5, 0.1, 0.9)), strict=True
        ):
            constant(f"{name}_{layer}", float(value))
        constant(f"mean_{layer}", float(mean[0]))
        for name, value in zip(("band_p05", "band_p95"), np.percentile(mean, _BAND), strict=True):
            constant(f"{name}_{layer}", float(value))
    row["running_at_a_loss_frac"] = known(curve.running_at_a_loss(hashprice)[:, 0])
    installed = float(curve.installed_ehs[0].sum())
    running = float(curve.running_ehs[0].sum())
    constant("installed_ehs", installed)
    constant("idle_ehs", installed - running)
    constant("resting_ehs", float(curve.resting_ehs[0]))
    constant("idle_frac", 1 - (running - float(curve.resting_ehs[0])) / installed)
    efficiency = curve.mean_efficiency()
    constant("efficiency_j_per_th", float(efficiency[0]))
    for name, value in zip(
        ("efficiency_p05", "efficiency_p95"), np.percentile(efficiency, _BAND), strict=True
    ):
        constant(name, float(value))
    margin = curve.marginal()
    constant("marginal_avoidable", margin.avoidable_usd_per_phs_day)
    constant("marginal_power_usd_per_mwh", margin.power_usd_per_mwh)
    constant("pool_fee_frac", float(curve.pool_fee_frac[0]))
    constant("curtailable_frac", a.central("curtailable_share", year.year))
    return row
