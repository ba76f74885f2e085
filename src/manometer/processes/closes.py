"""Closes and lows from log returns: the price of each day, and how far under it the day went."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compiled import jit
from ..errors import InputError
from .draws import STREAMS, check_seed, normals
from .exact import exp, log, uniform_pair
from .price import PriceProcess

__all__ = ["low_volatility", "price_paths"]

Floats = NDArray[np.float64]
_MOST_VOLATILE = 1.0  # of a day
_LEAST_DAYS = 250


def price_paths(
    model: PriceProcess,
    price_usd: float,
    seed: int,
    first_path: int,
    n_paths: int,
    n_days: int,
    *,
    drift_per_day: float = 0.0,
    drift_error_per_day: float = 0.0,
    low_volatility_per_day: float | None = None,
) -> tuple[Floats, Floats]:
    """Return closes and lows, each of shape (n_paths, n_days), of the days after a price.

    Parameters
    ----------
    drift_per_day : mean log return of a day; 0 keeps the median where it is, nearly.
    drift_error_per_day : standard error of the drift; each path draws its own.
    low_volatility_per_day : of the bridge under which lows lie; None: the process's.

    Notes
    -----
    The low is the minimum of a Brownian bridge between two closes, drawn by its own distribution:
    P(min < m) = exp(-2 (a - m)(b - m) / s^2) for m below both logarithms a and b.

    Raises
    ------
    InputError
        The volatility or the price is out of range.
    """
    s = model.volatility_per_day
    if not (np.isfinite(s) and 0 <= s <= _MOST_VOLATILE):
        raise InputError(f"volatility {s:.3g} per day: must be from 0 to {_MOST_VOLATILE:g}")
    if not (np.isfinite(price_usd) and price_usd > 0):
        raise InputError(f"price_usd: {price_usd} must be more than 0")
    r = model.log_returns(seed, first_path, n_paths, n_days)
    drift = drift_per_day + drift_error_per_day * normals(seed, "unknown", first_path, n_paths, 1)[0, :, 0]
    if low_volatility_per_day is not None:
        s = low_volatility_per_day
    return _closes_and_lows(r, check_seed(seed), STREAMS["low"], first_path, price_usd, drift, s)


def low_volatility(close_usd: Floats, low_usd: Floats) -> float | None:
    """Return the volatility of the bridge that makes known lows likeliest; None under 250 of them.

    With m the logarithm of a day's low between closes a and b, 2 (a - m)(b - m) / s^2 is exponential with
    mean 1 (see `price_paths`), so s^2 is the mean of its numerator.

    Parameters
    ----------
    close_usd, low_usd : (n,) consecutive days, NaN where unknown.
    """
    a, b = np.log(close_usd[:-1]), np.log(close_usd[1:])
    m = np.minimum(np.log(low_usd[1:]), np.minimum(a, b))
    product = 2 * (a - m) * (b - m)
    known = product[np.isfinite(product)]
    return float(np.sqrt(known.mean())) if len(known) >= _LEAST_DAYS else None


@jit
def _closes_and_lows(
    r: Floats, seed: int, stream: int, first: int, price: float, drift: Floats, s: float
) -> tuple[Floats, Floats]:
    close, low = np.empty_like(r), np.empty_like(r)
    n = r.shape[1]
    x, u = np.empty(n + 1), np.empty(n)
    for p in range(r.shape[0]):
        x[0] = log(price)
        for t in range(n):
            x[t + 1] = x[t] + (drift[p] + r[p, t])
        for t in range(n):
            u[t] = uniform_pair(seed, first + p, t, stream)[0]
        for t in range(n):  # no day waits for the one before it
            a, b = x[t], x[t + 1]
            m = 0.5 * (a + b - np.sqrt((a - b) * (a - b) - 2.0 * s * s * log(u[t])))
            close[p, t], low[p, t] = exp(b), exp(min(m, b))
    return close, low
