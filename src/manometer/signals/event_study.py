"""Event studies: what price did after each event, beside random dates, with the doubt that few events leave.

All returns run from the close of the event's day, when the event is known. A window that has not ended by the
last day is left out, never cut short.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

__all__ = ["HORIZONS_DAYS", "Forward", "Study", "forward", "holm", "independent", "student_quantile", "study"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HORIZONS_DAYS = (30, 90, 180, 365)
_TAIL = 0.05  # of each side: a 90 % interval
_FEWEST = 5  # groups: the range of four values covers their mean in 88 % of cases at most


@dataclass(frozen=True, slots=True)
class Forward:
    """What price did in the days after each day, arrays (n,), NaN where the window has not ended.

    return_frac : close at the end over the day's close, less 1.
    drawdown_frac : how far the lowest close of the window lies under the day's close; 0 if it never does.
    peak_drawdown_frac : how far it lies under the highest close up to that day (the prior peak).
    """

    horizon_days: int
    return_frac: Floats
    drawdown_frac: Floats
    peak_drawdown_frac: Floats


@dataclass(frozen=True, slots=True)
class Study:
    """One kind of event at one horizon; NaN where too few windows have ended.

    n, n_independent : events whose window has ended, and groups of them whose windows do not overlap.
    ci_low, ci_high : 90 % interval of the mean return, NaN under five independent events.
    random_mean_frac, random_median_drawdown_frac : the same of all days of the span, a random date's lot.
    p : chance that the same pattern of dates, shifted at random, has a mean log return as far out.
    """

    horizon_days: int
    n: int
    n_independent: int
    mean_return_frac: float
    median_return_frac: float
    rose_frac: float
    ci_low: float
    ci_high: float
    random_mean_frac: float
    p: float
    median_drawdown_frac: float
    worst_drawdown_frac: float
    median_peak_drawdown_frac: float
    random_median_drawdown_frac: float


def forward(price_usd: Floats, horizon_days: int) -> Forward:
    """Look forward from every day of a daily close, shape (n,); only an event study may do that."""
    n, h = len(price_usd), horizon_days
    low, end = np.full(n, np.nan), np.full(n, np.nan)
    if n > h:
        low[: n - h] = sliding_window_view(price_usd, h + 1).min(1)
        end[: n - h] = price_usd[h:]
    end[~np.isfinite(low)] = np.nan  # a gap in the window leaves its end unknown too
    peak = np.fmax.accumulate(price_usd)
    return Forward(h, end / price_usd - 1, 1 - low / price_usd, 1 - low / peak)


def independent(at: Ints, horizon_days: int) -> Ints:
    """Number the groups of events, (n,): one inside the window of its group's first shares its number."""
    group = np.zeros(len(at), dtype=np.int64)
    first, number = -1, -1
    for i, day in enumerate(at.tolist()):
        if first < 0 or day - first >= horizon_days:
            first, number = day, number + 1
        group[i] = number
    return group


def study(ahead: Forward, at: Ints, first: int, last: int, uniforms: Floats) -> Study:
    """Study the events on days `at` (indices, rising) that lie in the span from `first` to `last`.

    Parameters
    ----------
    uniforms : (n_resamples, n) between 0 and 1, at least as many columns as independent events.

    Notes
    -----
    Interval: block bootstrap of the mean, whole groups of overlapping windows drawn with replacement; its
    percentiles are widened for the small number of groups as Student's t is against the normal.
    Random dates: all days of the span whose window has ended. p is two-sided and exact over all circular
    shifts of the events along those days, so that their spacing, and with it the overlap, is kept; it goes
    by log returns, as a few early years would decide any mean of plain ones.

    References
    ----------
    T. Hesterberg, "What Teachers Should Know About the Bootstrap", Am. Statistician 69 (2015), sec. 5.3
    (expanded percentile interval).
    """
    span = np.arange(first, last + 1)
    span = span[np.isfinite(ahead.return_frac[span])]
    place = np.flatnonzero(np.isin(span, at))
    lot, falls = ahead.return_frac[span], ahead.drawdown_frac[span]
    nan = math.nan
    random_mean = float(lot.mean()) if len(lot) else nan
    random_fall = float(np.median(falls)) if len(lot) else nan
    if not len(place):
        empty = (nan,) * 5
        return Study(ahead.horizon_days, 0, 0, *empty, random_mean, nan, nan, nan, nan, random_fall)
    won, fell = lot[place], falls[place]
    group = independent(span[place], ahead.horizon_days)
    ci_low, ci_high = _interval(won, group, uniforms)
    return Study(
        horizon_days=ahead.horizon_days,
        n=len(place),
        n_independent=int(group[-1]) + 1,
        mean_return_frac=float(won.mean()),
        median_return_frac=float(np.median(won)),
        rose_frac=float((won > 0).mean()),
        ci_low=ci_low,
        ci_high=ci_high,
        random_mean_frac=random_mean,
        p=_shift_p(np.log1p(lot), place),
        median_drawdown_frac=float(np.median(fell)),
        worst_drawdown_frac=float(fell.max()),
        median_peak_drawdown_frac=float(np.median(ahead.peak_drawdown_frac[span[place]])),
        random_median_drawdown_frac=random_fall,
    )


def holm(p: Floats) -> Floats:
    """Correct p-values for their number, shape (n,), NaN left out: Holm's step-down, of any dependence.

    References
    ----------
    S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scand. J. Statistics 6 (1979).
    """
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    looks = np.arange(len(order), 0, -1)
    out[order] = np.minimum(np.maximum.accumulate(p[order] * looks), 1.0)
    return out


def student_quantile(tail: float, df: int) -> float:
    """Return the t that leaves `tail` (under one half) above it, with `df` degrees of freedom.

    References
    ----------
    Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), 26.7.3 and 26.7.4, by bisection.
    """
    low, high = 0.0, math.pi / 2
    while high - low > 1e-14:
        angle = (low + high) / 2
        low, high = (angle, high) if (1 - _student_inside(angle, df)) / 2 > tail else (low, angle)
    return math.sqrt(df) * math.tan(low)


def _student_inside(angle: float, df: int) -> float:
    """Return the chance of |t| < sqrt(df) tan(angle)."""
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = df % 2
    term, total = (cosine if odd else 1.0), 0.0
    for k in range(odd, df - 1, 2):
        total += term
        term *= cosine * cosine * (k + 1) / (k + 2)
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


def _interval(won: Floats, group: Ints, uniforms: Floats) -> tuple[float, float]:
    """Return the widened percentile interval of the mean, groups drawn whole."""
    m = int(group[-1]) + 1
    if m < _FEWEST:
        return math.nan, math.nan
    drawn = (uniforms[:, :m] * m).astype(np.int64)
    means = np.bincount(group, won)[drawn].sum(1) / np.bincount(group)[drawn].sum(1)
    wide = math.sqrt(m / (m - 1)) * student_quantile(_TAIL, m - 1)
    tail = math.erfc(wide / math.sqrt(2)) / 2
    low, high = np.quantile(means, (tail, 1 - tail))
    return float(low), float(high)


def _shift_p(lot: Floats, place: Ints) -> float:
    """Return the two-sided p of the mean at `place` over all circular shifts along `lot`."""
    total = np.zeros(len(lot))
    for k in place.tolist():
        total += np.concatenate([lot[k:], lot[:k]])
    slack = 1e-12 * np.abs(lot).max()  # sums in another order
    above, below = (total >= total[0] - slack).mean(), (total <= total[0] + slack).mean()
    return float(min(2 * min(above, below), 1.0))
