"""How fast machines are added: ordered on what a new one earns, delivered months later, within limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

__all__ = ["HISTORY_MONTHS", "LEAD_MONTHS", "MONTH_DAYS", "Growth", "new_margin"]

Floats = NDArray[np.float64]

MONTH_DAYS = 30  # the fleet is bought and scrapped in steps of so many days
LEAD_MONTHS = 4  # from order to running; assumed: makers quoted 3 to 6 months outside the shortage of 2021
HISTORY_MONTHS = 48  # that growth is fitted on
_HALF_LIFE_MONTHS = 12.0  # growth slows as the network grows: what happened a year ago weighs half
_LEAST_MONTHS = 24
_MOST = 0.95  # quantile of monthly additions that deliveries allow
_LOWEST_MARGIN = -1.0
_FITTED = 3  # level, slope, persistence


@dataclass(frozen=True)
class Growth:
    """Share of the installed hashrate that is added in a month, by the margin of a new machine at its order.

    added = at_zero + per_margin x margin(when ordered) + surprise, from 0 to `most`. The surprise keeps
    `persistence` of itself from month to month and takes a normal shock of `deviation`.

    Parameters
    ----------
    at_zero, at_zero_error : the fitted value and its standard error; each path draws its own.
    due_margin : (LEAD_MONTHS,) margins at which what arrives in the first months was ordered, oldest first.
    surprise : that of the last month known.
    """

    at_zero: float
    at_zero_error: float
    per_margin: float
    most: float
    persistence: float
    deviation: float
    surprise: float
    due_margin: Floats

    @classmethod
    def calibrate(cls, added_frac: Floats, margin: Floats) -> Growth:
        """Fit on months in a row, oldest first; more margin never means fewer machines.

        Least squares in which a month's weight halves every year of its age; the error of the level is that
        of a mean of so many effective months whose surprises persist.

        Parameters
        ----------
        added_frac : (n,) hashrate added in each month, departures not counted, over that at its start.
        margin : (n,) what was left of a new machine's revenue after its cash cost, at the month's end.

        Raises
        ------
        DataError
            Under 24 months, or one that is not known.
        """
        g, m = np.asarray(added_frac, dtype=np.float64), np.asarray(margin, dtype=np.float64)
        if len(g) < _LEAST_MONTHS or not (np.isfinite(g).all() and np.isfinite(m).all()):
            raise DataError(f"{len(g)} months: growth needs {_LEAST_MONTHS} in a row, all known")
        m = np.maximum(m, _LOWEST_MARGIN)
        y, x = g[LEAD_MONTHS:], m[:-LEAD_MONTHS]
        w = 0.5 ** (np.arange(len(y))[::-1] / _HALF_LIFE_MONTHS)
        w = w / w.sum()
        mean_x, mean_y = float(w @ x), float(w @ y)
        spread = float(w @ (x - mean_x) ** 2)
        slope = max(float(w @ ((x - mean_x) * (y - mean_y))) / spread, 0.0) if spread > 0 else 0.0
        e = y - mean_y - slope * (x - mean_x)
        square = float(w[1:] @ e[:-1] ** 2)
        keep = float(np.clip(w[1:] @ (e[1:] * e[:-1]) / square, 0.0, 0.9)) if square > 0 else 0.0
        shock = e[1:] - keep * e[:-1]
        deviation = float(np.sqrt((shock**2).sum() / (len(shock) - _FITTED)))
        return cls(
            at_zero=mean_y - slope * mean_x,
            at_zero_error=deviation / (1 - keep) * float(np.sqrt(w @ w)),
            per_margin=slope,
            most=max(float(np.quantile(y, _MOST)), 0.0),
            persistence=keep,
            deviation=deviation,
            surprise=float(e[-1]),
            due_margin=m[-LEAD_MONTHS:],
        )


def new_margin(cash_cost: float, hashprice: float) -> float:
    """Return the share of a new machine's revenue that its cash cost leaves, both in USD per PH/s per day."""
    return max(1 - cash_cost / hashprice, _LOWEST_MARGIN)
