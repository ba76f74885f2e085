"""Hashrate 30, 60 and 90 days ahead given the realised price: what the cost curve was not given.

No hashrate after the day is used; the price path is. Three coefficients per horizon, without a constant: the
week's lead over the 30-day mean, the drift of the last 90 days, and the fleet's margin, ln(hashprice at the
realised price and today's difficulty / median cash break-even). Refitted each first of January on the four
years before; each set says up to which day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .nowcast import fit_days

__all__ = ["FEATURES", "Outlook", "OutlookInputs", "features", "walk_forward"]

Floats = NDArray[np.float64]

FEATURES = ("lead", "drift", "margin")
_TRAIN_DAYS = 4 * 365
_FIRST_TRAIN_DAYS = 500
_RIDGE = 1e-3


@dataclass(frozen=True, slots=True)
class OutlookInputs:
    """Daily arrays, shape (n,): hashrate in EH/s; hashprice and break-even in USD per PH/s per day."""

    day: NDArray[np.int64]
    price_usd: Floats
    hashrate_7d_ehs: Floats
    hashrate_30d_ehs: Floats
    hashprice_7d: Floats
    median_cash_breakeven: Floats


@dataclass(frozen=True, slots=True)
class Outlook:
    """Log change of the 30-day mean over the horizon: predicted and realised, (n,), and the sets used."""

    horizon_days: int
    predicted: Floats
    realised: Floats
    coefficients: dict[int, Floats]  # fitted_to_day -> (3,)


def features(x: OutlookInputs, horizon_days: int) -> Floats:
    """Regressors of a horizon given the realised price, shape (n, 3); NaN where the path is not known yet."""
    n, h = len(x.day), horizon_days
    path = np.full(n, np.nan)
    total = np.cumsum(np.concatenate([[0.0], np.nan_to_num(x.price_usd)]))
    last = min(h, 30)  # the price that the 30-day mean at the horizon lived on
    if n > h:
        end = np.arange(h, n) + 1
        path[: n - h] = (total[end] - total[end - last]) / last
    hashprice = x.hashprice_7d * path / x.price_usd
    past = np.full(n, np.nan)
    past[90:] = x.hashrate_30d_ehs[:-90]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack(
            [
                np.log(x.hashrate_7d_ehs / x.hashrate_30d_ehs),
                np.log(x.hashrate_30d_ehs / past) * h / 90,
                np.log(hashprice / x.median_cash_breakeven) * h / 30,
            ],
            axis=1,
        )


def walk_forward(x: OutlookInputs, horizon_days: int) -> Outlook:
    """Fit on the past of each first of January, predict the year that follows."""
    n, h = len(x.day), horizon_days
    table = features(x, h)
    realised = np.full(n, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        realised[: n - h] = np.log(x.hashrate_30d_ehs[h:] / x.hashrate_30d_ehs[: n - h])
    predicted = np.full(n, np.nan)
    coefficients: dict[int, Floats] = {}
    starts = [s - int(x.day[0]) for s in fit_days(x.day, first_year=2014)]
    for start, stop in zip(starts, [*starts[1:], n], strict=True):
        train = np.arange(max(start - _TRAIN_DAYS, 0), start - h)  # what had happened by the day before
        ok = train[np.isfinite(table[train]).all(1) & np.isfinite(realised[train])] if len(train) else train
        if len(ok) < _FIRST_TRAIN_DAYS:
            continue
        a, b = table[ok], realised[ok]
        ridge = _RIDGE * np.diag(a.std(0) ** 2)
        w = np.linalg.solve(a.T @ a / len(a) + ridge, a.T @ b / len(a))
        coefficients[int(x.day[start]) - 1] = w
        predicted[start:stop] = table[start:stop] @ w
    return Outlook(h, predicted, realised, coefficients)
