"""What is being deployed: how efficient it is, what it costs to run, and how much of it came each month."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from ..economics import hashcost
from ..errors import DataError
from ..units import fractional_year
from .assumptions import Assumptions
from .fleet import Releases, Year, frontier_j_per_th
from .growth import HISTORY_MONTHS, MONTH_DAYS, Growth, new_margin
from .history import DailyInputs

__all__ = [
    "DECIDED_DAYS",
    "cash_cost",
    "deployed_j_per_th",
    "growth_until",
    "known_mean",
    "progress_per_year",
]

Floats = NDArray[np.float64]

DECIDED_DAYS = 14  # of hashprice that a decision to buy or to switch looks at
_TREND_YEARS = 4.0
_DAYS_PER_YEAR = 365.25
_DAYS_PER_MONTH = _DAYS_PER_YEAR / 12


def deployed_j_per_th(releases: Releases, a: Assumptions, day: float) -> float:
    """Return the efficiency of what is deployed on a day [J/TH], central draw.

    Raises
    ------
    DataError
        No machine was on sale by then.
    """
    year = fractional_year(day)
    lag, half_life = a.at("frontier_lag", year)[:1], a.at("frontier_half_life", year)[:1]
    found = float(frontier_j_per_th(releases, day, lag, half_life)[0])
    if not found > 0:
        raise DataError("no machine is known to have been on sale by then: start later")
    return found


def progress_per_year(releases: Releases, a: Assumptions, day: float) -> float:
    """Return the change of the logarithm of that efficiency in a year, over the last four; 0 at most."""
    try:
        then = deployed_j_per_th(releases, a, day - _TREND_YEARS * _DAYS_PER_YEAR)
    except DataError:
        return 0.0
    return min(float(np.log(deployed_j_per_th(releases, a, day) / then)) / _TREND_YEARS, 0.0)


def cash_cost(releases: Releases, a: Assumptions, day: float) -> float:
    """Return the cash cost of what is deployed, at the mean power price [USD per PH/s per day]."""
    year = Year.of_day(a, day)
    weight = year.mix.weight[0]
    power = float((weight * year.power_usd_per_mwh[0]).sum() / weight.sum())
    other = float(year.site_usd_per_mwh[0, 0, 0] + year.cash_usd_per_mwh[0, 0, 0])
    cost = hashcost(
        efficiency_j_per_th=deployed_j_per_th(releases, a, day),
        power_price_usd_per_mwh=power + other,
        overhead=float(year.overhead[0, 0, 0]),
    )
    return float(cost) / float(1 - year.pool_fee[0])


def growth_until(x: DailyInputs, rows: dict[str, Floats], releases: Releases, a: Assumptions) -> Growth:
    """Fit growth on the months that end with the last day: what came is what is there, plus what left.

    Parameters
    ----------
    rows : daily rows of the fleet's history, of the same days as `x`.

    Raises
    ------
    DataError
        Under 24 months of a fleet.
    """
    last = len(x.day) - 1
    installed = rows["installed_ehs"]
    known = np.flatnonzero(installed > 0)
    first = int(known[0]) if len(known) else last
    n = min(HISTORY_MONTHS, (last - first) // MONTH_DAYS)
    added, margin = [], []
    for before, end in itertools.pairwise(last - MONTH_DAYS * np.arange(n, -1, -1)):
        day = int(x.day[end])
        year = Year.of_day(a, day)
        replaced = float(year.replacement[0, 0, 0]) * MONTH_DAYS / _DAYS_PER_MONTH
        forgotten = float(rows["idle_frac"][end]) * MONTH_DAYS / float(year.idle_life_days[0, 0, 0])
        added.append(float(np.log(installed[end] / installed[before])) + replaced + max(forgotten, 0.0))
        hashprice = known_mean(x.hashprice_usd_per_phs_day[end - DECIDED_DAYS + 1 : end + 1])
        margin.append(new_margin(cash_cost(releases, a, day), hashprice))
    return Growth.calibrate(np.array(added), np.array(margin))


def known_mean(x: Floats) -> float:
    """Return the mean of what is known; NaN where nothing is."""
    x = x[np.isfinite(x)]
    return float(x.mean()) if len(x) else float("nan")
