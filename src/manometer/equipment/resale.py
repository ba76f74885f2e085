"""What a used machine fetches: days of hashprice, by efficiency, a month late, less when many sell.

    USD/TH = 37.9 * (h / 100)^1.12 * (30 / e')^0.74,   e' = e * 21.5 / frontier

where h is the mean hashprice of 30 days that ended 30 days earlier [USD per PH/s per day], e the machine's
J/TH and frontier the J/TH of the best machine on sale (21.5 in the sample: what counts is the distance from
it). At h = 100 and 30 J/TH that is 379 days of hashprice. Least squares on 741 broker quotes of 2021-02 to
2022-08 up to 68 J/TH (nhamilton1/asics-tools): root mean square error of the log price 0.143. By class the
same fit gives 362 days and elasticity 1.11 (25 to 38 J/TH), 303 and 0.98 (38 to 68). Asking prices, one
falling market, United States: outside it the formula is an extrapolation, and the frontier scaling is
assumed. Out of sample, 30 list prices of 2025 (hashprice 56, frontier 13.5) lie 21 % below the formula in the
geometric mean, with a spread of 0.36 in logs. Forced sale: 20 to 30 % less within days in 2022, press.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import InputError

__all__ = [
    "FORCED_DISCOUNT_FRAC",
    "RESALE_LAG_DAYS",
    "RESALE_WINDOW_DAYS",
    "lagged_hashprice",
    "resale_days",
    "resale_value",
]

Floats = npt.NDArray[np.float64]

RESALE_LAG_DAYS = 30
RESALE_WINDOW_DAYS = 30
#: Middle of the 20 to 30 % seen in 2022.
FORCED_DISCOUNT_FRAC = 0.25
_VALUE_USD_PER_TH = 37.9
_HASHPRICE_ELASTICITY = 1.12
_EFFICIENCY_ELASTICITY = 0.74
_REFERENCE_HASHPRICE_USD_PER_PHS_DAY = 100.0
_REFERENCE_EFFICIENCY_J_PER_TH = 30.0
#: Best machine on sale when the quotes were made (Antminer S19 XP).
_SAMPLE_FRONTIER_J_PER_TH = 21.5
_THS_PER_PHS = 1000.0


def resale_value(
    *,
    lagged_hashprice_usd_per_phs_day: npt.ArrayLike,
    efficiency_j_per_th: npt.ArrayLike,
    frontier_efficiency_j_per_th: npt.ArrayLike = _SAMPLE_FRONTIER_J_PER_TH,
    discount_frac: npt.ArrayLike = 0.0,
) -> Floats:
    """Return what a used machine fetches [USD per TH/s].

    Parameters
    ----------
    lagged_hashprice_usd_per_phs_day : array_like
        Mean hashprice of the 30 days that ended 30 days ago, 0 or more: see `lagged_hashprice`.
    efficiency_j_per_th : array_like
        Nameplate of the machine, more than 0.
    frontier_efficiency_j_per_th : array_like
        Best machine on sale at the time, more than 0.
    discount_frac : array_like
        Further discount, 0 to 1; `FORCED_DISCOUNT_FRAC` when many sell at once.

    Notes
    -----
    Rises with hashprice, falls with J/TH and with a better frontier. NaN propagates.

    Examples
    --------
    >>> value = resale_value(lagged_hashprice_usd_per_phs_day=100, efficiency_j_per_th=30)
    >>> round(float(value), 1)
    37.9
    """
    hashprice = _at_least("hashprice", lagged_hashprice_usd_per_phs_day, 0.0)
    efficiency = _positive("efficiency", efficiency_j_per_th)
    frontier = _positive("frontier efficiency", frontier_efficiency_j_per_th)
    discount = _at_least("discount", discount_frac, 0.0)
    if np.any(discount > 1):
        raise InputError("resale discount: more than 1")
    relative = efficiency * _SAMPLE_FRONTIER_J_PER_TH / frontier
    value = (
        _VALUE_USD_PER_TH
        * (hashprice / _REFERENCE_HASHPRICE_USD_PER_PHS_DAY) ** _HASHPRICE_ELASTICITY
        * (_REFERENCE_EFFICIENCY_J_PER_TH / relative) ** _EFFICIENCY_ELASTICITY
    )
    return np.asarray(value * (1 - discount))


def resale_days(
    *,
    lagged_hashprice_usd_per_phs_day: npt.ArrayLike,
    efficiency_j_per_th: npt.ArrayLike,
    frontier_efficiency_j_per_th: npt.ArrayLike = _SAMPLE_FRONTIER_J_PER_TH,
) -> Floats:
    """Return the resale value as days of the lagged hashprice; NaN where that is 0."""
    hashprice = np.asarray(lagged_hashprice_usd_per_phs_day, dtype=np.float64)
    value = resale_value(
        lagged_hashprice_usd_per_phs_day=hashprice,
        efficiency_j_per_th=efficiency_j_per_th,
        frontier_efficiency_j_per_th=frontier_efficiency_j_per_th,
    )
    return np.asarray(value * _THS_PER_PHS / np.where(hashprice > 0, hashprice, np.nan))


def lagged_hashprice(
    daily_hashprice_usd_per_phs_day: npt.ArrayLike,
    lag_days: int = RESALE_LAG_DAYS,
    window_days: int = RESALE_WINDOW_DAYS,
) -> Floats:
    """Return for each day the mean of `window_days` values that ended `lag_days` earlier.

    Parameters
    ----------
    daily_hashprice_usd_per_phs_day : array_like, shape (n,)
        One value per day in order; NaN where unknown.

    Returns
    -------
    ndarray, shape (n,)
        NaN where the window reaches before the first day or holds a NaN.

    Examples
    --------
    >>> lagged_hashprice([1.0, 3.0, 5.0, 7.0], lag_days=1, window_days=2).tolist()
    [nan, nan, 2.0, 4.0]
    """
    daily = np.asarray(daily_hashprice_usd_per_phs_day, dtype=np.float64)
    if daily.ndim != 1 or lag_days < 0 or window_days < 1:
        raise InputError(
            "lagged hashprice: needs one value per day, a lag of 0 or more, a window of 1 or more"
        )
    out = np.full(daily.size, np.nan)
    last = daily.size - lag_days
    if last >= window_days:
        windows = np.lib.stride_tricks.sliding_window_view(daily[:last], window_days)
        out[lag_days + window_days - 1 :] = windows.mean(axis=1)
    return out


def _at_least(name: str, values: npt.ArrayLike, low: float) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if np.any(array < low) or np.any(np.isinf(array)):
        raise InputError(f"resale {name}: must be finite and {low:g} or more")
    return array


def _positive(name: str, values: npt.ArrayLike) -> Floats:
    array = _at_least(name, values, 0.0)
    if np.any(array == 0):
        raise InputError(f"resale {name}: must be more than 0")
    return array
