"""The four lamps of recovery: revenue, efficiency, power cost, balance sheet; green, red, or grey (no data).

A falling difficulty is relief, not recovery: recovery needs the lamps. Each has an input that no other has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rolling import lagged, rolling_mean

__all__ = ["LAMPS", "LampInputs", "lamp_colour", "light_lamps"]

Floats = NDArray[np.float64]

#: Lamp -> what it is lit by.
LAMPS: dict[str, str] = {
    "revenue": "hashprice (7 days) over the fleet's median cash break-even, and higher than 30 days ago",
    "efficiency": "hashprice (7 days) over the avoidable cost of the marginal running machine (95 %)",
    "power_cost": "real power price at the margin at or under its level a year ago (assumed prices)",
    "balance_sheet": "proxy: the median cohort's cash margin, summed over 180 days, is positive",
}


@dataclass(frozen=True, slots=True)
class LampInputs:
    """Daily arrays (n,); hashprice and break-evens in USD per PH/s per day; CPI known on the day."""

    hashprice: Floats
    median_cash_breakeven: Floats
    marginal_avoidable: Floats
    marginal_power_usd_per_mwh: Floats
    cpi: Floats


def light_lamps(x: LampInputs) -> dict[str, Floats]:
    """Return each lamp per day: 1 green, 0 red, NaN grey."""
    week = rolling_mean(x.hashprice, 7)
    real_power = rolling_mean(x.marginal_power_usd_per_mwh / x.cpi, 30)
    margin = rolling_mean(x.hashprice - x.median_cash_breakeven, 180)
    return {
        "revenue": _lit(
            (week > x.median_cash_breakeven) & (week > lagged(week, 30)),
            week,
            lagged(week, 30),
            x.median_cash_breakeven,
        ),
        "efficiency": _lit(week > x.marginal_avoidable, week, x.marginal_avoidable),
        "power_cost": _lit(real_power <= lagged(real_power, 365), real_power, lagged(real_power, 365)),
        "balance_sheet": _lit(margin > 0, margin),
    }


def lamp_colour(lit: float) -> str:
    """Name the colour of a lamp value."""
    return "grey" if not np.isfinite(lit) else ("green" if lit else "red")


def _lit(green: NDArray[np.bool_], *inputs: Floats) -> Floats:
    known = np.all([np.isfinite(i) for i in inputs], axis=0)
    return np.where(known, green.astype(np.float64), np.nan)
