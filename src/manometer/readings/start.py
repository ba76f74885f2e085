"""Where a simulation begins: the day's state, and what was learnt from the days before it, none after."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ..engine.calendar import EPOCH, add_months
from ..engine.drivers import Drivers
from ..engine.network_loop import NetworkStart
from ..errors import DataError, InputError
from ..network.assumptions import Assumptions
from ..network.cohorts import VINTAGE_MONTHS, cohorts
from ..network.curve import CostCurve, cost_curve
from ..network.deployed import (
    DECIDED_DAYS,
    deployed_j_per_th,
    growth_until,
    known_mean,
    progress_per_year,
)
from ..network.fleet import Releases, Year
from ..network.history import step_day
from ..processes.closes import low_volatility
from ..processes.price import process as price_process
from ..processes.reverting import Reverting
from ..series import Series, align
from ..series import as_of as known_at
from ..store import Store
from ..units import SECONDS_PER_DAY
from .history import Progress, network_history
from .market import Market, as_of_second, machine_releases, read_market
from .pulse import N_DRAWS

__all__ = ["PRICE_DAYS", "drivers_as_of", "drivers_of", "network_start"]

Floats = NDArray[np.float64]

_OBSERVED_DAYS = 14
_DAYS_PER_YEAR = 365.25
PRICE_DAYS = 4 * 365  # of history that price and fees are fitted on: one cycle of the subsidy
_MOST_MONTHS = 120


def drivers_as_of(
    store: Store,
    as_of: str | int | date | None = None,
    *,
    months: int,
    process: str = "garch_fhs",
    drift_frac_per_year: float = 0.0,
    cohorts: int = 256,
    power: Series | None = None,
    share_volatility_per_day: float = 0.0,
    progress: Progress | None = None,
) -> Drivers:
    """Calibrate all drivers on what was known at an instant; by default on the newest complete day.

    Parameters
    ----------
    months : horizon, counted from the day after the last one known.
    process : name of a price process.
    drift_frac_per_year : growth of the median price.
    power : prices of one place, hourly or daily [USD/MWh]; None leaves indexed power prices as they are.

    Raises
    ------
    InputError
        A number is out of range, or there is no process of that name.
    DataError
        Too little was known by then.
    """
    market = read_market(store, as_of_second(as_of))
    assumptions = Assumptions(N_DRAWS)
    releases = machine_releases(market.catalogue)
    rows, fleet = network_history(store, market, releases, assumptions, progress)
    day = step_day(market.inputs)
    lows = store.read("price_low_usd", as_of_s=market.as_of_s)
    return drivers_of(
        market,
        rows,
        cost_curve(fleet.stack, Year.of_day(assumptions, day), day),
        releases,
        assumptions,
        months=months,
        process=process,
        drift_frac_per_year=drift_frac_per_year,
        cohorts=cohorts,
        lows=lows,
        power=power,
        share_volatility_per_day=share_volatility_per_day,
    )


def drivers_of(
    market: Market,
    rows: dict[str, Floats],
    curve: CostCurve,
    releases: Releases,
    assumptions: Assumptions,
    *,
    months: int,
    process: str = "garch_fhs",
    drift_frac_per_year: float = 0.0,
    cohorts: int = 256,
    lows: Series | None = None,
    power: Series | None = None,
    share_volatility_per_day: float = 0.0,
) -> Drivers:
    """Do it from a market and its fleet, which must end on the same day; see `drivers_as_of`.

    `lows` are daily lows of the price; without 250 days of them the price process says how low a day goes.
    """
    if not 1 <= months <= _MOST_MONTHS:
        raise InputError(f"months: {months} must be 1 to {_MOST_MONTHS}")
    if not drift_frac_per_year > -1:
        raise InputError(f"drift {drift_frac_per_year} a year: give a fraction above -1, such as 0.1")
    if not 0 <= share_volatility_per_day < 1:
        raise InputError(f"share_volatility_per_day: {share_volatility_per_day} must be from 0 to below 1")
    x = market.inputs
    last = int(x.day[-1])
    first = EPOCH + timedelta(days=last + 1)
    price = x.price_usd[-PRICE_DAYS:]
    model = price_process(process).calibrate(np.diff(np.log(price)))
    known_lows = np.full(len(price), np.nan)
    if lows is not None and len(lows):
        known_lows = align(known_at(lows, market.as_of_s), x.day[-PRICE_DAYS:] * SECONDS_PER_DAY)
    return Drivers(
        first_day=last + 1,
        n_days=(add_months(first, months) - first).days,
        price_usd=float(price[-1]),
        process=model,
        fees=Reverting.calibrate(_unbroken(x.fees_btc[-PRICE_DAYS:])),
        network=network_start(market, rows, curve, releases, assumptions, months=months, count=cohorts),
        drift_per_day=float(np.log1p(drift_frac_per_year)) / _DAYS_PER_YEAR,
        drift_error_per_day=model.volatility_per_day / float(np.sqrt(len(price) - 1)),
        low_volatility_per_day=low_volatility(price, known_lows),
        power=None if power is None else _power(power, market.as_of_s),
        share_volatility_per_day=share_volatility_per_day,
        fitted_to_day=last,
    )


def _unbroken(fees: Floats) -> Floats:
    """Return the last days in a row with fees on record; a day without them has 0."""
    paid = np.flatnonzero(fees > 0)
    last = int(paid[-1]) + 1 if len(paid) else 0
    gaps = np.flatnonzero(fees[:last] <= 0)
    return fees[int(gaps[-1]) + 1 if len(gaps) else 0 : last]


def _power(power: Series, as_of_s: int) -> Reverting:
    """Fit the daily means of the last years of a place's prices, in units of their mean."""
    known = known_at(power, as_of_s)
    if not len(known):
        raise DataError(f"power: no price of {power.entity or power.name} is known by then")
    day = known.at // SECONDS_PER_DAY
    count = np.bincount(day - day[0])
    mean = np.bincount(day - day[0], known.value) / np.maximum(count, 1)
    if (count == 0).any():
        raise DataError(
            f"power: {int((count == 0).sum())} days without a price between the first and the last"
        )
    mean = mean[-PRICE_DAYS:]
    days = np.arange(int(day[-1]) - len(mean) + 1, int(day[-1]) + 1).astype("datetime64[D]")
    month = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    return Reverting.calibrate(mean / mean.mean(), month)


def network_start(
    market: Market,
    rows: dict[str, Floats],
    curve: CostCurve,
    releases: Releases,
    assumptions: Assumptions,
    *,
    months: int,
    count: int = 256,
) -> NetworkStart:
    """Read the state on the last day of `market`.

    Parameters
    ----------
    rows : daily rows of the same market's fleet. curve : its cost curve in force on the last day.
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
    hashprice = known_mean(x.hashprice_usd_per_phs_day[-DECIDED_DAYS:])
    observed = known_mean(x.hashrate_ehs[-_OBSERVED_DAYS:])
    if not (observed > 0 and hashprice > 0 and curve.installed_ehs[0].sum() > 0):
        raise DataError(f"nothing is known of the fleet on {np.datetime64(day, 'D')}: start later")
    vintages = (months + 1) // VINTAGE_MONTHS + 1
    ahead = np.arange(vintages) * VINTAGE_MONTHS / 12
    now = deployed_j_per_th(releases, assumptions, day)
    return NetworkStart(
        cohorts=cohorts(
            curve,
            year,
            hashrate_ehs=observed,
            hashprice_usd_per_phs_day=hashprice,
            new_j_per_th=now * np.exp(progress_per_year(releases, assumptions, day) * ahead),
            count=count,
        ),
        growth=growth_until(x, rows, releases, assumptions),
        level=hashprice,
        difficulty=float(x.difficulty[-1]),
        height=int(market.height[-1]),
        epoch_s=float(market.last_day_s + SECONDS_PER_DAY - market.epoch_time_s[-1]),
    )
