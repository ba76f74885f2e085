"""What many paths say of one figure: means, quantiles and probabilities, each with its Monte-Carlo error.

Sums are exactly rounded (`math.fsum`), so that a figure does not depend on the machine's vector width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

__all__ = [
    "LEVELS",
    "Estimate",
    "distribution",
    "first_passage",
    "mean_of",
    "probability_of",
    "quantile_of",
    "survival_curve",
]

Floats = NDArray[np.float64]

#: Of the rank of a quantile, to either side: fewer leave its error noisy, more need more paths.
_DEVIATIONS = 2.0

#: Quantiles that are shown, by their key.
LEVELS = {"p05": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its standard error; None where paths are too few, or the figure is undefined."""

    value: float | None
    se: float | None


def mean_of(x: NDArray[Any]) -> Estimate:
    """Return the mean over paths; undefined values (NaN) are left out, an infinite one leaves no mean.

    Parameters
    ----------
    x : array, shape (n_paths,)

    Examples
    --------
    >>> mean_of(np.array([1.0, 2.0, 3.0]))
    Estimate(value=2.0, se=0.5773502691896258)
    """
    known = [v for v in np.asarray(x, dtype=np.float64).tolist() if not math.isnan(v)]
    n = len(known)
    if not n or not all(map(math.isfinite, known)):
        return Estimate(None, None)
    middle = math.fsum(known) / n
    if n == 1:
        return Estimate(middle, None)
    return Estimate(middle, math.sqrt(math.fsum((v - middle) ** 2 for v in known) / (n - 1) / n))


def probability_of(happened: NDArray[np.bool_]) -> Estimate:
    """Return the share of paths on which something happened.

    The error is the binomial one at (k + 1) / (n + 2), so that none of n paths is not taken for certainty.

    Examples
    --------
    >>> probability_of(np.array([True, False, False, False])).value
    0.25
    """
    n = len(happened)
    if not n:
        raise InputError("no paths: there is nothing to count")
    k = int(np.count_nonzero(happened))
    p = (k + 1) / (n + 2)
    return Estimate(k / n, math.sqrt(p * (1 - p) / n))


def quantile_of(x: NDArray[Any], level: float) -> Estimate:
    """Return a quantile of the defined values, and its error; see `distribution`.

    Examples
    --------
    >>> quantile_of(np.array([3.0, 1.0, 2.0]), 0.5).value
    2.0
    """
    values = np.asarray(x, dtype=np.float64)
    return _quantile(np.sort(values[~np.isnan(values)]), level)


def distribution(x: NDArray[Any]) -> dict[str, float | None]:
    """Return mean, `se` of the mean, quantiles, and `se_p05` and so on of each quantile.

    A quantile is an order statistic: the smallest value that at least that share of paths does not exceed.
    Its error is a quarter of the distance between the order statistics two binomial deviations to either
    side; None where paths are too few for that, or where it is infinite (never within the horizon).

    Parameters
    ----------
    x : array, shape (n_paths,)
        NaN where undefined (left out), infinite where never.

    Examples
    --------
    >>> distribution(np.arange(1.0, 101.0))["p05"]
    5.0
    """
    values = np.asarray(x, dtype=np.float64)
    ranked = np.sort(values[~np.isnan(values)])
    average = mean_of(values)
    out: dict[str, float | None] = {"mean": average.value, "se": average.se}
    marks = {key: _quantile(ranked, level) for key, level in LEVELS.items()}
    out.update({key: e.value for key, e in marks.items()})
    out.update({f"se_{key}": e.se for key, e in marks.items()})
    return out


def _quantile(ranked: Floats, level: float) -> Estimate:
    n = len(ranked)
    if not n:
        return Estimate(None, None)
    # 1e-9: a product such as 0.05 * 100 must not be rounded up past its whole number.
    value = float(ranked[max(math.ceil(level * n - 1e-9), 1) - 1])
    spread = _DEVIATIONS * math.sqrt(n * level * (1 - level))
    low, high = math.floor(level * n - spread), math.ceil(level * n + spread)
    se = None
    if low >= 1 and high <= n and math.isfinite(ranked[high - 1]):
        se = float(ranked[high - 1] - ranked[low - 1]) / (2 * _DEVIATIONS)
    return Estimate(value if math.isfinite(value) else None, se)


def first_passage(first_day: NDArray[Any]) -> dict[str, float | None]:
    """Return when something first happens: `probability`, its `se`, and quantiles of the day, None for never.

    Parameters
    ----------
    first_day : array, shape (n_paths,)
        Day counted from 0; negative where it never comes within the horizon. Such a path is censored: a
        quantile that lies among them is beyond the horizon.
    """
    days = np.asarray(first_day, dtype=np.float64)
    when = np.where(days < 0, np.inf, days)
    chance = probability_of(days >= 0)
    spread = distribution(when)
    return {
        "probability": chance.value,
        "se": chance.se,
        **{f"{key}_days": spread[key] for key in LEVELS},
    }


def survival_curve(first_day: NDArray[Any], ends: Sequence[int]) -> list[Estimate]:
    """Return the share of paths on which something has not happened by the close of each day of `ends`.

    All paths are watched over the whole horizon, so that it is the plain count (Kaplan and Meier's estimate
    without a path lost from sight).
    """
    days = np.asarray(first_day, dtype=np.int64)
    return [probability_of((days < 0) | (days > end)) for end in ends]
