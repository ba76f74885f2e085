"""Power moved from mining to AI: capital first, rent later, judged in coins."""

from __future__ import annotations

import numpy as np

from ..units import HASHES_PER_PH, HASHES_PER_TH, SECONDS_PER_DAY
from ._arguments import (
    AT_LEAST_ONE,
    FINITE,
    FRACTION,
    NON_NEGATIVE,
    POSITIVE,
    Floats,
    Numbers,
    formula,
    take,
)

__all__ = ["ai_net_btc", "ai_operating_cash", "critical_it_mw", "mining_forgone"]

_HOURS_PER_DAY = SECONDS_PER_DAY / 3600
_MONTHS_PER_YEAR = 12
_KW_PER_MW = 1000.0
_W_PER_MW = 1e6


@formula
def critical_it_mw(*, gross_mw: Numbers, it_frac: Numbers) -> Floats:
    """Return the megawatts that a tenant's machines can draw, of those at the meter.

    Parameters
    ----------
    gross_mw : float or array
        Power at the meter [MW], 0 or more.
    it_frac : float or array
        Share that reaches the machines, 0 to 1: the rest cools them. Contracts of 2025 imply about 0.8.

    Examples
    --------
    >>> critical_it_mw(gross_mw=250, it_frac=0.8)
    200.0
    """
    gross, share = take(gross_mw=(gross_mw, NON_NEGATIVE), it_frac=(it_frac, FRACTION))
    return gross * share


@formula
def ai_operating_cash(
    *,
    it_mw: Numbers,
    rent_usd_per_kw_month: Numbers,
    site_margin_frac: Numbers,
    months_since_first_rent: Numbers,
    ramp_months: Numbers = 0.0,
    escalator_frac_per_year: Numbers = 0.0,
) -> Floats:
    """Return a month's operating cash of a colocation contract [USD per month]; none before the first rent.

    GPU cloud is another business, with another revenue and capital per MW: its figures do not belong here.

    Parameters
    ----------
    it_mw : float or array
        Critical IT power under contract [MW], 0 or more.
    rent_usd_per_kw_month : float or array
        Rent per kW of it [USD], 0 or more.
    site_margin_frac : float or array
        Share of the rent left after the site's own costs, 0 to 1.
    months_since_first_rent : float or array
        Negative while the site is built.
    ramp_months : float or array
        Months over which the rented power rises in a straight line to all of it, 0 or more.
    escalator_frac_per_year : float or array
        Rise of the rent on each anniversary, 0 or more.

    Examples
    --------
    >>> ai_operating_cash(
    ...     it_mw=200, rent_usd_per_kw_month=150, site_margin_frac=0.85, months_since_first_rent=0
    ... )
    25500000.0
    """
    mw, rent, share, months, ramp, rise = take(
        it_mw=(it_mw, NON_NEGATIVE),
        rent_usd_per_kw_month=(rent_usd_per_kw_month, NON_NEGATIVE),
        site_margin_frac=(site_margin_frac, FRACTION),
        months_since_first_rent=(months_since_first_rent, FINITE),
        ramp_months=(ramp_months, NON_NEGATIVE),
        escalator_frac_per_year=(escalator_frac_per_year, NON_NEGATIVE),
    )
    ramped = np.where(ramp > 0, np.clip((months + 1) / (ramp + 1), 0.0, 1.0), 1.0)
    years = np.floor(np.maximum(months, 0.0) / _MONTHS_PER_YEAR)
    full = mw * _KW_PER_MW * rent * share * (1 + rise) ** years
    return np.where(months < 0, 0.0, full * ramped)


@formula
def mining_forgone(
    *,
    gross_mw: Numbers,
    hashprice_usd_per_phs_day: Numbers,
    efficiency_j_per_th: Numbers,
    power_price_usd_per_mwh: Numbers,
    overhead: Numbers = 1.0,
) -> Floats:
    """Return the margin over electricity that the same power would earn by mining [USD per day].

    Parameters
    ----------
    gross_mw : float or array
        Power at the meter [MW], 0 or more.
    hashprice_usd_per_phs_day : float or array
        0 or more.
    efficiency_j_per_th : float or array
        Of the machines that stand there, more than 0.
    power_price_usd_per_mwh : float or array
        Any finite price.
    overhead : float or array
        Power at the meter over power at the machine, 1 or more.

    Notes
    -----
    MW x 1e6 / (J/TH x overhead) is TH/s; it earns hashprice and pays MW x 24 h. Never below zero: a machine
    that loses on electricity is off.

    Examples
    --------
    >>> round(mining_forgone(gross_mw=1, hashprice_usd_per_phs_day=50, efficiency_j_per_th=20,
    ...     power_price_usd_per_mwh=50), 2)
    1300.0
    """
    mw, level, efficiency, power, more = take(
        gross_mw=(gross_mw, NON_NEGATIVE),
        hashprice_usd_per_phs_day=(hashprice_usd_per_phs_day, NON_NEGATIVE),
        efficiency_j_per_th=(efficiency_j_per_th, POSITIVE),
        power_price_usd_per_mwh=(power_price_usd_per_mwh, FINITE),
        overhead=(overhead, AT_LEAST_ONE),
    )
    phs = mw * _W_PER_MW / (efficiency * more) * (HASHES_PER_TH / HASHES_PER_PH)
    return np.maximum(phs * level - mw * _HOURS_PER_DAY * power, 0.0)


@formula
def ai_net_btc(
    *,
    operating_cash_usd: Numbers,
    capex_usd: Numbers,
    raised_usd: Numbers,
    debt_service_usd: Numbers,
    price_usd: Numbers,
) -> Floats:
    """Return what AI gave or took in a period [BTC]: a source above zero, a use of coins below.

    Parameters
    ----------
    operating_cash_usd : float or array
        Any finite amount.
    capex_usd, raised_usd, debt_service_usd : float or array
        Paid for it, raised for it, and paid on what was raised, each 0 or more [USD].
    price_usd : float or array
        Bitcoin price [USD], more than 0.

    Examples
    --------
    >>> terms = {"capex_usd": 10e6, "raised_usd": 5e6, "debt_service_usd": 1e6}
    >>> ai_net_btc(operating_cash_usd=2e6, price_usd=1e5, **terms)
    -40.0
    """
    cash, capex, raised, service, price = take(
        operating_cash_usd=(operating_cash_usd, FINITE),
        capex_usd=(capex_usd, NON_NEGATIVE),
        raised_usd=(raised_usd, NON_NEGATIVE),
        debt_service_usd=(debt_service_usd, NON_NEGATIVE),
        price_usd=(price_usd, POSITIVE),
    )
    return (cash - capex + raised - service) / price
