"""Where coins that were sold went: sources x uses, pro rata, because money is fungible."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

__all__ = ["kept_as_cash", "sold_for"]

Floats = npt.NDArray[np.float64]


def sold_for(
    sold: npt.ArrayLike, uses: Mapping[str, npt.ArrayLike], cash_change: npt.ArrayLike
) -> dict[str, Floats]:
    """Return the part of what was sold that went to each use; with `kept_as_cash` it adds up to `sold`.

    Parameters
    ----------
    sold : float or array
        Coins sold, 0 or more; the result has its unit.
    uses : mapping of str to float or array
        Money that went out, by line, in one unit.
    cash_change : float or array
        Rise of cash over the same time, in that unit; a fall is no use of money.

    Examples
    --------
    >>> {k: float(v) for k, v in sold_for(10.0, {"power": 60.0, "tax": 20.0}, 20.0).items()}
    {'power': 6.0, 'tax': 2.0}
    """
    coins, whole = np.asarray(sold, dtype=np.float64), _whole(uses, cash_change)
    return {k: _share(coins * np.asarray(v, dtype=np.float64), whole, 0.0) for k, v in uses.items()}


def kept_as_cash(
    sold: npt.ArrayLike, uses: Mapping[str, npt.ArrayLike], cash_change: npt.ArrayLike
) -> Floats:
    """Return the part of what was sold that is still cash; all of it where no money went anywhere."""
    coins = np.asarray(sold, dtype=np.float64)
    rise = np.maximum(np.asarray(cash_change, dtype=np.float64), 0.0)
    return _share(coins * rise, _whole(uses, cash_change), coins)


def _whole(uses: Mapping[str, npt.ArrayLike], cash_change: npt.ArrayLike) -> Floats:
    rise = np.maximum(np.asarray(cash_change, dtype=np.float64), 0.0)
    return np.asarray(sum((np.asarray(v, dtype=np.float64) for v in uses.values()), rise))


def _share(part: Floats, whole: Floats, otherwise: float | Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(whole != 0, part / whole, otherwise))
