"""The state of the network: expansion, tightening, stress, capitulation, relief, recovery.

A small machine, run forward one day at a time. Thresholds are constants; leaving a state asks for more than
entering it (hysteresis), so that block luck does not flicker. Stress and capitulation need the revenue part
above its threshold *and* a thin margin: a hashrate fall with healthy margins is a dislocation, not a
capitulation. Relief is falling difficulty after stress; recovery needs every known lamp green.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rolling import rolling_mean

__all__ = ["STATES", "StateInputs", "StateReading", "run_states"]

Floats = NDArray[np.float64]

STATES = ("unknown", "expansion", "tightening", "stress", "capitulation", "relief", "recovery")

_ENTER_STRESS, _LEAVE_STRESS = 200 / 3, 50.0  # weekly mean pressure: two to one, even odds
_ENTER_TIGHT, _LEAVE_TIGHT = 40.0, 25.0
_REVENUE = 0.5  # the revenue part's threshold
_ENTER_MARGIN, _LEAVE_MARGIN = 1.45, 1.6  # hashprice over median cash break-even
_CALM_DAYS = 30  # of low pressure, before recovery becomes expansion
_GREEN_DAYS = 7  # of all known lamps green, before relief becomes recovery


@dataclass(frozen=True, slots=True)
class StateInputs:
    """Daily arrays (n,): pressure 0-100, revenue part 0-1, hashprice over median cash break-even.

    economic_fall : hashrate falls, cost can explain it, and a season's curtailment alone cannot.
    lamps : 1 green, 0 red, NaN grey.
    """

    pressure: Floats
    revenue: Floats
    margin: Floats
    economic_fall: NDArray[np.bool_]
    lamps: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class StateReading:
    """State of each day, the day it began (index), and what changed it."""

    state: NDArray[np.str_]
    since: NDArray[np.int64]
    cause: list[str]


def run_states(x: StateInputs) -> StateReading:
    """Run the machine over daily inputs."""
    n = len(x.pressure)
    state = np.full(n, "unknown", dtype="<U12")
    since = np.zeros(n, dtype=np.int64)
    cause = [""] * n
    lamps = np.array(list(x.lamps.values()))
    known = np.isfinite(lamps).sum(0)
    green = np.nansum(np.where(np.isfinite(lamps), lamps, 0.0), 0)
    lit = (green == known) & (known > 0)
    all_green = np.nan_to_num(rolling_mean(lit.astype(np.float64), _GREEN_DAYS)) > 1 - 1e-9
    now, began, why, calm = "unknown", 0, "no reading yet", 0
    pressure = rolling_mean(x.pressure, 7, 0.3)
    for i in range(n):
        p = pressure[i]
        if np.isfinite(p) and np.isfinite(x.margin[i]):
            calm = calm + 1 if p < _LEAVE_TIGHT else 0
            new, reason = _next(now, float(p), x, i, bool(all_green[i]), int(known[i] - green[i]), calm)
            if new != now:
                now, began, why = new, i, reason
        state[i], since[i], cause[i] = now, began, why
    return StateReading(state, since, cause)


def _next(now: str, p: float, x: StateInputs, i: int, lit: bool, red: int, calm: int) -> tuple[str, str]:
    """Return the state of a day and what changed it, given the state of the day before."""
    thin, revenue = float(x.margin[i]), float(x.revenue[i])
    if now in ("stress", "capitulation"):
        if p >= _LEAVE_STRESS and thin < _LEAVE_MARGIN:
            if now == "stress" and x.economic_fall[i]:
                return "capitulation", "hashrate falls while machines lose money"
            return now, ""
        reason = "pressure fell below 50" if p < _LEAVE_STRESS else "revenue: margin above 1.6"
        return "relief", reason
    if p >= _ENTER_STRESS and thin < _ENTER_MARGIN and revenue > _REVENUE:
        if x.economic_fall[i]:
            return "capitulation", "hashrate falls while machines lose money"
        return "stress", "revenue part above its threshold and pressure above 67"
    if now == "relief":
        if lit:
            known = sum(bool(np.isfinite(v[i])) for v in x.lamps.values())
            return "recovery", f"{known} of {len(x.lamps)} lamps green for a week"
        return now, ""
    if now == "recovery":
        if calm >= _CALM_DAYS:
            return "expansion", "pressure under 25 for 30 days"
        if p >= _ENTER_TIGHT and red:
            out = ", ".join(k for k, v in x.lamps.items() if v[i] == 0)
            return "tightening", f"pressure above 40, lamps out: {out}"
        return now, ""
    if now == "tightening":
        return ("expansion", "pressure fell below 25") if p < _LEAVE_TIGHT else (now, "")
    if p >= _ENTER_TIGHT:
        return "tightening", "pressure above 40"
    return "expansion", "first reading" if now == "unknown" else ""
