"""Where a simulation begins: the network as it stood on the last day known, and what was learnt from the days before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..economics import hashcost
from ..engine.network_loop import NetworkStart
from ..errors import DataError
from ..network.assumptions import Assumptions
from ..network.cohorts import VINTAGE_MONTHS, cohorts
from ..network.curve import cost_curve
from ..network.fleet import Releases, Year, frontier_j_per_th
from ..network.growth import MONTH_DAYS, Growth, new_margin
from ..network.history import HistoryState
from ..units import SECONDS_PER_DAY
from .market import Market

__all__ = ["network_start"]

Floats = NDArray[np.float64]

_MONTHS = 60  # of history that growth is fitted on
_TREND_YEARS = 4.0
_OBSERVED_DAYS = 14
_DECIDED_DAYS = 14
_DAYS_PER_MONTH = 365.25 / 12


def network_start(
    market: Market,
    rows: dict[str, Floats],
    fleet: HistoryState,
    releases: Releases,
    assumptions: Assumptions,
    *,
    months: int,
    count: int = 256,
) -> NetworkStart:
    """Read the state on the last day of `market`.

    Parameters
    ----------
    rows, fleet : what `network_history` gives for the same market.
    months : how far the simulation will go.
    count : cohorts.

    Raises
    ------
    DataError
        Too little history: under two years of prices, or no fleet yet.
    """
    x = market.inputs
    day = int(x.day[-1])
    year = Year.of_day(assumptions, day)
    hashprice = _mean(x.hashprice_usd_per_phs_day, len(x.day) - 1, _DECIDED_DAYS)
    observed = _mean(x.hashrate_ehs, len(x.day) - 1, _OBSERVED_DAYS)
    if not (observed > 0 and hashprice > 0 and fleet.stack.installed_ehs[0].sum() > 0):
        raise DataError(f"nothing is known of the fleet on {np.datetime64(day, 'D')}: start later")
    vintages = (months + 1) // VINTAGE_MONTHS + 1
    ahead = np.arange(vintages) * VINTAGE_MONTHS / 12
    now, trend = _frontier(releases, assumptions, day)
    return NetworkStart(
        cohorts=cohorts(
            cost_curve(fleet.stack, year, day),
            year,
            hashrate_ehs=observed,
            hashprice_usd_per_phs_day=hashprice,
            new_j_per_th=now * np.exp(trend * ahead),
            count=count,
        ),
        growth=_growth(market, rows, releases, assumptions),
        level=hashprice,
        difficulty=float(x.difficulty[-1]),
        height=int(market.height[-1]),
        epoch_s=float(market.last_day_s + SECONDS_PER_DAY - market.epoch_time_s[-1]),
    )


def _frontier(releases: Releases, a: Assumptions, day: int) -> tuple[float, float]:
    """Efficiency of what is deployed today, and the yearly change of its logarithm over the last years."""

    def at(d: float) -> float:
        year = 1970 + d / 365.2425
        lag, half = a.at("frontier_lag", year)[:1], a.at("frontier_half_life", year)[:1]
        return float(frontier_j_per_th(releases, d, lag, half)[0])

    now, then = at(day), at(day - _TREND_YEARS * 365.25)
    if not now > 0:
        raise DataError("no machine is known to have been on sale by then: start later")
    return now, min(float(np.log(now / then)) / _TREND_YEARS, 0.0) if then > 0 else 0.0


def _growth(market: Market, rows: dict[str, Floats], releases: Releases, a: Assumptions) -> Growth:
    x = market.inputs
    last = len(x.day) - 1
    known = np.flatnonzero(np.isfinite(rows["installed_ehs"]) & (rows["installed_ehs"] > 0))
    first = int(known[0]) if len(known) else last
    n = min(_MONTHS, (last - first) // MONTH_DAYS)
    ends = last - MONTH_DAYS * np.arange(n, -1, -1)
    added, margin = [], []
    for before, end in zip(ends[:-1], ends[1:], strict=True):
        year = Year.of_day(a, int(x.day[end]))
        left = float(year.replacement[0, 0, 0]) * MONTH_DAYS / _DAYS_PER_MONTH
        forgotten = float(rows["idle_frac"][end]) * MONTH_DAYS / float(year.idle_life_days[0, 0, 0])
        grown = float(np.log(rows["installed_ehs"][end] / rows["installed_ehs"][before]))
        added.append(grown + left + max(forgotten, 0.0))
        margin.append(
            float(
                new_margin(
                    np.float64(_cash_cost(releases, a, year, int(x.day[end]))),
                    np.float64(_mean(x.hashprice_usd_per_phs_day, int(end), _DECIDED_DAYS)),
                )
            )
        )
    return Growth.calibrate(np.array(added), np.array(margin))


def _cash_cost(releases: Releases, a: Assumptions, year: Year, day: int) -> float:
    """Cash cost of a machine now deployed at the mean power price [USD per PH/s per day, before the pool fee]."""
    efficiency, _ = _frontier(releases, a, day)
    power = float((year.mix.weight[0] * year.power_usd_per_mwh[0]).sum() / year.mix.weight[0].sum())
    other = float(year.site_usd_per_mwh[0, 0, 0] + year.cash_usd_per_mwh[0, 0, 0])
    cost = hashcost(
        efficiency_j_per_th=efficiency,
        power_price_usd_per_mwh=power + other,
        overhead=float(year.overhead[0, 0, 0]),
    )
    return float(cost) / float(1 - year.pool_fee[0])


def _mean(x: Floats, end: int, days: int) -> float:
    part = x[max(end - days + 1, 0) : end + 1]
    part = part[np.isfinite(part)]
    return float(part.mean()) if len(part) else float("nan")
