"""What a power contract costs in a month, and what it pays back: each term on its own."""

from __future__ import annotations

import numpy as np

from ._arguments import FINITE, FRACTION, NON_NEGATIVE, Floats, Numbers, formula, take

__all__ = [
    "coincident_peak_saving",
    "demand_charge",
    "hosting_bill",
    "power_resale_credit",
    "take_or_pay_bill",
]

_MONTHS_PER_YEAR = 12
_KW_PER_MW = 1000.0


@formula
def take_or_pay_bill(
    *, used_mwh: Numbers, contracted_mwh: Numbers, minimum_take_frac: Numbers, rate_usd_per_mwh: Numbers
) -> Floats:
    """Return the energy bill [USD] of a contract that is paid up to its minimum take, used or not.

    Parameters
    ----------
    used_mwh, contracted_mwh : float or array
        Energy of the month [MWh], 0 or more; what is used beyond the contract is billed at the same rate.
    minimum_take_frac : float or array
        Share of the contracted energy that is always paid, 0 to 1.
    rate_usd_per_mwh : float or array
        0 or more.

    Examples
    --------
    >>> take_or_pay_bill(used_mwh=500, contracted_mwh=1000, minimum_take_frac=0.8, rate_usd_per_mwh=40)
    32000.0
    """
    used, contracted, least, rate = take(
        used_mwh=(used_mwh, NON_NEGATIVE),
        contracted_mwh=(contracted_mwh, NON_NEGATIVE),
        minimum_take_frac=(minimum_take_frac, FRACTION),
        rate_usd_per_mwh=(rate_usd_per_mwh, NON_NEGATIVE),
    )
    return np.maximum(used, least * contracted) * rate


@formula
def hosting_bill(
    *,
    used_mwh: Numbers,
    contracted_mwh: Numbers,
    minimum_take_frac: Numbers,
    rate_usd_per_mwh: Numbers,
    revenue_usd: Numbers = 0.0,
    profit_share_frac: Numbers = 0.0,
) -> Floats:
    """Return a host's bill [USD]: energy as in `take_or_pay_bill`, then a share of what is left of revenue.

    Parameters
    ----------
    used_mwh, contracted_mwh, minimum_take_frac, rate_usd_per_mwh
        As `take_or_pay_bill`.
    revenue_usd : float or array
        What the hosted machines earned, 0 or more [USD].
    profit_share_frac : float or array
        Share of revenue less energy that goes to the host, 0 to 1; a loss is not shared.

    Examples
    --------
    >>> hosting_bill(used_mwh=1000, contracted_mwh=1000, minimum_take_frac=0, rate_usd_per_mwh=60,
    ...     revenue_usd=100_000, profit_share_frac=0.25)
    70000.0
    """
    revenue, share = take(
        revenue_usd=(revenue_usd, NON_NEGATIVE), profit_share_frac=(profit_share_frac, FRACTION)
    )
    energy = np.asarray(
        take_or_pay_bill(
            used_mwh=used_mwh,
            contracted_mwh=contracted_mwh,
            minimum_take_frac=minimum_take_frac,
            rate_usd_per_mwh=rate_usd_per_mwh,
        )
    )
    return np.asarray(energy + share * np.maximum(revenue - energy, 0.0), dtype=np.float64)


@formula
def power_resale_credit(
    *, resold_mwh: Numbers, spot_usd_per_mwh: Numbers, resale_cost_usd_per_mwh: Numbers = 0.0
) -> Floats:
    """Return the credit [USD] for contracted power sold back in an hour; the contract itself is still paid.

    Parameters
    ----------
    resold_mwh : float or array
        0 or more.
    spot_usd_per_mwh : float or array
        Price of the hour, negative too: then there is nothing to gain and nothing is sold.
    resale_cost_usd_per_mwh : float or array
        0 or more.

    Examples
    --------
    >>> power_resale_credit(resold_mwh=100, spot_usd_per_mwh=[250, -20])
    array([25000.,     0.])
    """
    sold, spot, cost = take(
        resold_mwh=(resold_mwh, NON_NEGATIVE),
        spot_usd_per_mwh=(spot_usd_per_mwh, FINITE),
        resale_cost_usd_per_mwh=(resale_cost_usd_per_mwh, NON_NEGATIVE),
    )
    return sold * np.maximum(spot - cost, 0.0)


@formula
def demand_charge(*, peak_mw: Numbers, rate_usd_per_kw_month: Numbers) -> Floats:
    """Return a month's charge for the highest load of the month [USD].

    Parameters
    ----------
    peak_mw : float or array
        Highest load [MW], 0 or more.
    rate_usd_per_kw_month : float or array
        0 or more.

    Examples
    --------
    >>> demand_charge(peak_mw=2, rate_usd_per_kw_month=12.5)
    25000.0
    """
    peak, rate = take(
        peak_mw=(peak_mw, NON_NEGATIVE), rate_usd_per_kw_month=(rate_usd_per_kw_month, NON_NEGATIVE)
    )
    return peak * _KW_PER_MW * rate


@formula
def coincident_peak_saving(
    *, mean_load_mw: Numbers, peak_load_mw: Numbers, rate_usd_per_mw_year: Numbers
) -> Floats:
    """Return the transmission charge saved in each month of the *next* year [USD per month].

    Parameters
    ----------
    mean_load_mw : float or array
        Load that would have been charged [MW], 0 or more.
    peak_load_mw : float or array
        Mean load in the four peak intervals of this summer [MW], 0 or more.
    rate_usd_per_mw_year : float or array
        Charge per MW and year, 0 or more.

    Examples
    --------
    >>> coincident_peak_saving(mean_load_mw=100, peak_load_mw=4, rate_usd_per_mw_year=60_000)
    480000.0
    """
    mean, peak, rate = take(
        mean_load_mw=(mean_load_mw, NON_NEGATIVE),
        peak_load_mw=(peak_load_mw, NON_NEGATIVE),
        rate_usd_per_mw_year=(rate_usd_per_mw_year, NON_NEGATIVE),
    )
    return np.maximum(mean - peak, 0.0) * rate / _MONTHS_PER_YEAR
