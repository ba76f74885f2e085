"""Hash that does not pay, in three kinds that cost differently.

=========  ============================  =========================================
kind       what is lost                  energy
=========  ============================  =========================================
off        all hash while off            none but standby, or the minimum take
weak       hash under the nameplate      full
rejected   hash sent and not credited    full
=========  ============================  =========================================

The pool fee is none of them: it is a share of what was credited.
"""

from __future__ import annotations

import numpy as np

from ._arguments import FRACTION, NON_NEGATIVE, POSITIVE, SHARE_LOST, Floats, Numbers, formula, take

__all__ = ["credited_hashvalue", "effective_efficiency", "energy_factor", "revenue_factor"]


@formula
def revenue_factor(
    *,
    off_frac: Numbers = 0.0,
    weak_frac: Numbers = 0.0,
    rejected_frac: Numbers = 0.0,
    pool_fee_frac: Numbers = 0.0,
) -> Floats:
    """Return the revenue credited over that of the nameplate running all the time.

    Parameters
    ----------
    off_frac : float or array
        Share of time off (curtailed, broken), 0 to 1.
    weak_frac : float or array
        Share of the nameplate that is missing while on, 0 to 1.
    rejected_frac : float or array
        Share of hash sent that is stale or refused, 0 to 1.
    pool_fee_frac : float or array
        Share of revenue, 0 to less than 1.

    Returns
    -------
    float or ndarray
        (1 - off)(1 - weak)(1 - rejected)(1 - fee).

    Examples
    --------
    >>> round(revenue_factor(off_frac=0.05, weak_frac=0.02, rejected_frac=0.01, pool_fee_frac=0.02), 4)
    0.9033
    """
    off, weak, rejected, fee = take(
        off_frac=(off_frac, FRACTION),
        weak_frac=(weak_frac, FRACTION),
        rejected_frac=(rejected_frac, FRACTION),
        pool_fee_frac=(pool_fee_frac, SHARE_LOST),
    )
    return (1 - off) * (1 - weak) * (1 - rejected) * (1 - fee)


@formula
def energy_factor(
    *, off_frac: Numbers = 0.0, standby_frac: Numbers = 0.0, minimum_take_frac: Numbers = 0.0
) -> Floats:
    """Return the energy paid for over that of the nameplate running all the time.

    Parameters
    ----------
    off_frac : float or array
        Share of time off, 0 to 1. Weak and rejected hash do not appear here: they cost full energy.
    standby_frac : float or array
        Draw while off over draw while on, 0 to 1.
    minimum_take_frac : float or array
        Share of full consumption that is paid for whether taken or not, 0 to 1.

    Returns
    -------
    float or ndarray
        max((1 - off) + off * standby, minimum take).

    Examples
    --------
    >>> energy_factor(off_frac=0.25)
    0.75
    >>> energy_factor(off_frac=0.25, minimum_take_frac=0.9)
    0.9
    """
    off, standby, minimum = take(
        off_frac=(off_frac, FRACTION),
        standby_frac=(standby_frac, FRACTION),
        minimum_take_frac=(minimum_take_frac, FRACTION),
    )
    return np.asarray(np.maximum(1 - off + off * standby, minimum))


@formula
def effective_efficiency(
    *, efficiency_j_per_th: Numbers, weak_frac: Numbers = 0.0, rejected_frac: Numbers = 0.0
) -> Floats:
    """Return the energy per credited hash [J/TH], of a machine that is on.

    Parameters
    ----------
    efficiency_j_per_th : float or array
        At nameplate, more than 0.
    weak_frac, rejected_frac : float or array
        0 to less than 1.

    Examples
    --------
    >>> effective_efficiency(efficiency_j_per_th=18, weak_frac=0.1)
    20.0
    """
    efficiency, weak, rejected = take(
        efficiency_j_per_th=(efficiency_j_per_th, POSITIVE),
        weak_frac=(weak_frac, SHARE_LOST),
        rejected_frac=(rejected_frac, SHARE_LOST),
    )
    return efficiency / ((1 - weak) * (1 - rejected))


@formula
def credited_hashvalue(
    *,
    hashvalue_btc_per_phs_day: Numbers,
    off_frac: Numbers = 0.0,
    weak_frac: Numbers = 0.0,
    rejected_frac: Numbers = 0.0,
    pool_fee_frac: Numbers = 0.0,
) -> Floats:
    """Return the bitcoin credited per installed PH/s [BTC per PH/s per day]: the denominator of every layer.

    Parameters
    ----------
    hashvalue_btc_per_phs_day : float or array
        0 or more.
    off_frac, weak_frac, rejected_frac, pool_fee_frac : float or array
        As `revenue_factor`; leave the fee at 0 for the denominator before it.

    Examples
    --------
    >>> round(credited_hashvalue(hashvalue_btc_per_phs_day=6e-4, off_frac=0.05, pool_fee_frac=0.02), 8)
    0.0005586
    """
    factor = revenue_factor(
        off_frac=off_frac, weak_frac=weak_frac, rejected_frac=rejected_frac, pool_fee_frac=pool_fee_frac
    )
    value, share = take(
        hashvalue_btc_per_phs_day=(hashvalue_btc_per_phs_day, NON_NEGATIVE), off_frac=(factor, FRACTION)
    )
    return value * share
