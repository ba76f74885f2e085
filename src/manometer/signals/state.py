"""The state of the network: expansion, tightening, stress, capitulation, relief, recovery.

A small machine, run forward one day at a time. Thresholds are constants; leaving a state asks for more than
entering it (hysteresis), so that block luck does not flicker. Stress and capitulation need the revenue part
above its threshold *and* a thin margin. A dislocation (hashrate falls although mining pays) keeps the state.
Relief is what follows stress once pressure is off; recovery needs every known lamp green for a week. Each
change of state names the part or lamp that moved most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rolling import lagged, rolling_mean

__all__ = ["STATES", "StateInputs", "StateReading", "run_states"]

Floats = NDArray[np.float64]

_SEVERITY = {"tightening": 1, "stress": 2, "capitulation": 3}
STATES = ("unknown", "expansion", "tightening", "stress", "capitulation", "relief", "recovery")

_ENTER_STRESS, _LEAVE_STRESS = 200 / 3, 50.0  # weekly mean pressure: two to one, even odds
_ENTER_TIGHT, _LEAVE_TIGHT = 40.0, 25.0
_REVENUE = 1 / 3  # the revenue part's threshold: one to two
_ENTER_MARGIN, _LEAVE_MARGIN = 1.45, 1.6  # hashprice over median cash break-even
_CALM_DAYS = 30  # of low pressure, before recovery becomes expansion
_LONG_CALM_DAYS = 90  # of low pressure, after which even relief has passed
_WEEK = 7
_LOOK_BACK_DAYS = 14
_GREEN_DAYS = 7  # of all known lamps green, before relief becomes recovery


@dataclass(frozen=True, slots=True)
class StateInputs:
    """Daily arrays (n,): pressure 0-100, hashprice over median cash break-even, and what explains a change.

    parts : name -> weighted log-odds, what each part adds to pressure; NaN where missing. "revenue" is one.
    revenue : the revenue part, 0-1.
    economic_fall : hashrate falls, cost can explain it, and a season's curtailment alone cannot.
    dislocation : hashrate falls although mining pays.
    lamps : 1 green, 0 red, NaN grey.
    """

    pressure: Floats
    revenue: Floats
    margin: Floats
    economic_fall: NDArray[np.bool_]
    dislocation: NDArray[np.bool_]
    parts: dict[str, Floats]
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
    pressure = rolling_mean(x.pressure, _WEEK, 0.3)
    revenue = rolling_mean(x.revenue, _WEEK, 0.3)
    moved = _moved_most(x.parts)
    lamps = np.array(list(x.lamps.values()))
    known = np.isfinite(lamps).sum(0)
    lit = (np.nansum(lamps, 0) == known) & (known > 0)
    all_green = np.nan_to_num(rolling_mean(lit.astype(np.float64), _GREEN_DAYS)) > 1 - 1e-9
    now, began, why, calm = "unknown", 0, "no reading yet", 0
    for i in range(n):
        p = float(pressure[i])
        if np.isfinite(p) and np.isfinite(x.margin[i]):
            calm = calm + 1 if p < _LEAVE_TIGHT else 0
            hot = p >= _ENTER_STRESS and x.margin[i] < _ENTER_MARGIN and revenue[i] > _REVENUE
            warm = p >= _LEAVE_STRESS and x.margin[i] < _LEAVE_MARGIN and revenue[i] > _REVENUE
            new, reason = _next(now, p, hot, warm, bool(x.economic_fall[i]), bool(all_green[i]), calm)
            if x.dislocation[i] and _SEVERITY.get(new, 0) > _SEVERITY.get(now, 0):
                new = now
            if new != now:
                now, began = new, i
                why = (
                    f"{int(known[i])} of {len(lamps)} {reason}"
                    if new == "recovery"
                    else f"{reason}: {moved[i]}"
                )
        state[i], since[i], cause[i] = now, began, why
    return StateReading(state, since, cause)


def _next(
    now: str, p: float, hot: bool, warm: bool, economic_fall: bool, all_green: bool, calm: int
) -> tuple[str, str]:
    """Return the state of a day and what changed it, given the state of the day before."""
    if now in ("stress", "capitulation"):
        if not warm:
            return "relief", "pressure is off"
        if now == "stress" and economic_fall:
            return "capitulation", "hashrate falls while machines lose money"
        return now, ""
    if hot:
        if economic_fall:
            return "capitulation", "hashrate falls while machines lose money"
        return "stress", "pressure above 67 on a thin margin"
    if now == "relief":
        if all_green:
            return "recovery", "lamps green for a week"
        return ("expansion", "pressure under 25 for 90 days") if calm >= _LONG_CALM_DAYS else (now, "")
    if now == "recovery":
        if calm >= _CALM_DAYS:
            return "expansion", "pressure under 25 for 30 days"
        return ("tightening", "pressure above 40") if p >= _ENTER_TIGHT and not all_green else (now, "")
    if now == "tightening":
        return ("expansion", "pressure below 25") if p < _LEAVE_TIGHT else (now, "")
    if p >= _ENTER_TIGHT:
        return "tightening", "pressure above 40"
    return "expansion", "pressure below 40"


def _moved_most(parts: dict[str, Floats]) -> list[str]:
    """Name, for each day, the part whose pull on pressure changed most over two weeks, and its direction."""
    names = list(parts)
    change = np.array([np.nan_to_num(v - lagged(v, _LOOK_BACK_DAYS)) for v in parts.values()])
    most = np.abs(change).argmax(0)
    rose = change[most, np.arange(change.shape[1])] > 0
    return [
        f"{names[k].replace('_', ' ')} {'rose' if up else 'fell'}" for k, up in zip(most, rose, strict=True)
    ]
