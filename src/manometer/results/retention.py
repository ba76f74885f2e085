"""Kept against earned: what a treasury did with its coins, and what the business could have kept alone.

All amounts of one call are in one unit: bitcoin, or dollars at the price of the day on which each coin moved.
The fractions are the same in both where the price is; filings give dollars.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ..errors import InputError

__all__ = [
    "earned",
    "funded_gap",
    "liquidation_to_production",
    "retained",
    "retention_frac",
    "split_gap",
]

Floats = npt.NDArray[np.float64]
Numbers = float | npt.ArrayLike


def retained(*, mined: Numbers, sold: Numbers, seized: Numbers = 0.0, paid_out: Numbers = 0.0) -> Floats:
    """Return what was kept of the coins mined: mined - sold - seized - paid out.

    Coins bought are no part of it. It is negative where the treasury was drawn on.

    Parameters
    ----------
    mined, sold, seized, paid_out : float or array
        Each 0 or more, in one unit; paid out are coins that settled a bill, wages and machines among them.

    Raises
    ------
    InputError
        An amount is negative or not finite.

    Examples
    --------
    >>> float(retained(mined=100, sold=30, seized=5, paid_out=10))
    55.0
    """
    m, s, z, p = _amounts(mined=mined, sold=sold, seized=seized, paid_out=paid_out)
    return np.asarray(m - s - z - p)


def retention_frac(
    *, mined: Numbers, sold: Numbers, seized: Numbers = 0.0, paid_out: Numbers = 0.0
) -> Floats:
    """Return the share of what was mined that was kept; NaN where nothing was mined.

    With `seized` and `paid_out` left out it is retention counting sales only, as most reports have it.

    Parameters
    ----------
    mined, sold, seized, paid_out
        As `retained`.

    Examples
    --------
    >>> float(retention_frac(mined=100, sold=30, paid_out=10))
    0.6
    """
    kept = retained(mined=mined, sold=sold, seized=seized, paid_out=paid_out)
    return _share(kept, mined)


def liquidation_to_production(*, mined: Numbers, sold: Numbers) -> Floats:
    """Return what was sold over what was mined; above 1 the treasury was drained. NaN if nothing was mined.

    Examples
    --------
    >>> round(float(liquidation_to_production(mined=3900, sold=14600)), 2)
    3.74
    """
    _, s = _amounts(mined=mined, sold=sold)
    return _share(s, mined)


def earned(*, mined: Numbers, own_bills: Numbers, growth: Numbers = 0.0) -> Floats:
    """Return what the business could keep with no outside money and no opening cash.

    Mined less what the period's own bills would have cost in coins; negative where they exceed it.

    Parameters
    ----------
    mined : float or array
        0 or more.
    own_bills : float or array
        Power, hosting, people, site, overheads, interest, tax, due principal, sustaining capex; net of
        credits, so that it may be negative.
    growth : float or array
        Growth and AI capex less what machines sold brought: left out, it is earned before growth.

    Examples
    --------
    >>> float(earned(mined=100, own_bills=63)), float(earned(mined=100, own_bills=63, growth=87))
    (37.0, -50.0)
    """
    (m,) = _amounts(mined=mined)
    bills, more = (_finite(n, v) for n, v in (("own_bills", own_bills), ("growth", growth)))
    return np.asarray(m - bills - more)


def funded_gap(*, retained: Numbers, earned: Numbers) -> Floats:
    """Return what was kept beyond what was earned: bills that someone else paid. Negative: more was earned.

    Examples
    --------
    >>> float(funded_gap(retained=60, earned=-50))
    110.0
    """
    return np.asarray(_finite("retained", retained) - _finite("earned", earned))


def split_gap(gap: float, sources: Mapping[str, float]) -> dict[str, float]:
    """Split a funded gap over the outside money of the period, pro rata: money is fungible.

    Parameters
    ----------
    gap : float
        From `funded_gap`; none or less has no payers.
    sources : mapping of str to float
        Net money from each source in the period, such as debt, equity, assets, opening_cash; one that took
        money out (a loan repaid) gave none.

    Raises
    ------
    InputError
        There is a gap and no source gave anything: an amount is missing.

    Examples
    --------
    >>> split_gap(110.0, {"debt": 60.0, "equity": 40.0, "opening_cash": -5.0})
    {'debt': 66.0, 'equity': 44.0, 'opening_cash': 0.0}
    """
    gave = {k: float(np.maximum(_finite(k, v), 0.0)) for k, v in sources.items()}
    total = sum(gave.values())
    if gap <= 0:
        return dict.fromkeys(gave, 0.0)
    if total == 0:
        raise InputError(f"a gap of {gap:g} and no source that gave money: who paid is missing")
    return {k: gap * (v / total) for k, v in gave.items()}


def _amounts(**amounts: Numbers) -> list[Floats]:
    out = []
    for name, value in amounts.items():
        array = _finite(name, value)
        if (array < 0).any():
            raise InputError(f"{name}: {float(array.min()):g} must be 0 or more")
        out.append(array)
    return out


def _finite(name: str, value: Numbers) -> Floats:
    array = np.asarray(value, dtype=np.float64)
    if not np.isfinite(array).all():
        raise InputError(f"{name}: every amount must be a finite number")
    return array


def _share(part: Floats, whole: Numbers) -> Floats:
    of = np.asarray(whole, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(of > 0, part / of, np.nan))
