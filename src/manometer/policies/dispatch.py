"""Which hours a machine runs: a rule with hysteresis that knows the past and this hour, nothing later."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

__all__ = ["dispatch"]

Floats = NDArray[np.float64]


def dispatch(
    margin_usd_per_mwh: Floats,
    *,
    restart_usd_per_mw: float = 0.0,
    min_run_h: int = 0,
    min_rest_h: int = 0,
    on: bool = True,
) -> NDArray[np.bool_]:
    """Return which hours run, shape (n,): off where running loses more than a restart, and not for a moment.

    A machine at rest starts when the margin of its least run pays the restart; one that runs stops when the
    loss of its least rest exceeds the restart. Between the two prices it stays as it is. Without a restart
    cost it runs exactly in the hours with a margin.

    Parameters
    ----------
    margin_usd_per_mwh : (n,) revenue less avoidable cost of each hour; NaN keeps the machine as it is.
    restart_usd_per_mw : cost of one stop and start, 0 or more.
    min_run_h, min_rest_h : hours that a run and a rest last at least.
    on : state before the first hour, in which it may be left at once.

    Raises
    ------
    InputError
        A cost or a number of hours is negative or not finite.

    References
    ----------
    A. Dixit, "Entry and Exit Decisions under Uncertainty", Journal of Political Economy, 1989: a cost of
    switching opens a band of prices in which nothing changes.
    """
    if not (math.isfinite(restart_usd_per_mw) and restart_usd_per_mw >= 0):
        raise InputError(f"restart_usd_per_mw: {restart_usd_per_mw} must be 0 or more")
    for name, hours in (("min_run_h", min_run_h), ("min_rest_h", min_rest_h)):
        if hours < 0:
            raise InputError(f"{name}: {hours} must be 0 or more hours")
    margin = np.asarray(margin_usd_per_mwh, dtype=np.float64)
    starts = np.flatnonzero(margin > restart_usd_per_mw / max(min_run_h, 1))
    stops = np.flatnonzero(margin < -restart_usd_per_mw / max(min_rest_h, 1))
    out = np.zeros(len(margin), dtype=np.bool_)
    hour, free_from = 0, 0
    while hour < len(margin):
        turns = stops if on else starts
        k = int(np.searchsorted(turns, max(hour, free_from)))
        until = int(turns[k]) if k < len(turns) else len(margin)
        out[hour:until] = on
        on = not on
        hour, free_from = until, until + (min_run_h if on else min_rest_h)
    return out
