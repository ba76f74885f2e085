"""The same price process, calmer or wilder: every return times one factor."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, cast

import numpy as np

from ..errors import InputError
from .price import Bootstrap, GarchFhs, Gbm, Jump, PriceProcess, Regime, Replay

__all__ = ["with_volatility"]

_DAYS_PER_YEAR = 365.25
_MOST_PER_DAY = 1.0

#: Fields that a factor on returns multiplies, and its power in them.
_SIZES: dict[type, dict[str, int]] = {
    Gbm: {"volatility_per_day": 1},
    Jump: {"diffusion_per_day": 1, "up_mean": 1, "down_mean": 1},
    GarchFhs: {"omega": 2, "variance_now": 2},
    Bootstrap: {"returns": 1},
    Regime: {"volatility": 1},
    Replay: {"returns": 1},
}


def with_volatility(process: PriceProcess, volatility_frac_per_year: float) -> PriceProcess:
    """Return a process whose long-run volatility is that of the caller; its shape stays as fitted.

    Raises
    ------
    InputError
        No volatility that a price can have: up to 100 % a day.

    Examples
    --------
    >>> round(with_volatility(Gbm(0.03), 0.8).volatility_per_day, 4)
    0.0419
    """
    most = _MOST_PER_DAY * math.sqrt(_DAYS_PER_YEAR)
    if not 0 < volatility_frac_per_year <= most:
        raise InputError(
            f"volatility {volatility_frac_per_year:g} a year: must be more than 0 and at most {most:.1f}, "
            "which is 100 % a day; bitcoin's has been 0.3 to 1.3"
        )
    factor = volatility_frac_per_year / math.sqrt(_DAYS_PER_YEAR) / process.volatility_per_day
    sizes = {}
    for name, power in _SIZES[type(process)].items():
        value = np.asarray(getattr(process, name)) * factor**power
        sizes[name] = value if isinstance(getattr(process, name), np.ndarray) else value.tolist()
        if isinstance(getattr(process, name), tuple):
            sizes[name] = tuple(value.tolist())
    return cast(PriceProcess, replace(cast(Any, process), **sizes))
