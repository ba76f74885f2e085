"""What is left: margin, a machine's day, payback, and two formulae of lending."""

from __future__ import annotations

import numpy as np

from ..units import HASHES_PER_PH, HASHES_PER_TH
from ._arguments import (
    AT_LEAST_ONE,
    FINITE,
    NON_NEGATIVE,
    POSITIVE,
    SHARE_LOST,
    Floats,
    Numbers,
    formula,
    formula_or_never,
    take,
)
from .cost import hashcost

__all__ = ["annuity", "daily_profit", "loan_to_value", "margin", "payback_days"]


@formula
def margin(
    *,
    hashprice_usd_per_phs_day: Numbers,
    hashcost_usd_per_phs_day: Numbers,
    pool_fee_frac: Numbers = 0.0,
) -> Floats:
    """Return revenue after the pool fee less cost [USD per PH/s per day].

    Parameters
    ----------
    hashprice_usd_per_phs_day : float or array
        0 or more.
    hashcost_usd_per_phs_day : float or array
        Any finite cost, negative where power is.
    pool_fee_frac : float or array
        Share of revenue, 0 to less than 1.

    Examples
    --------
    >>> margin(hashprice_usd_per_phs_day=50, hashcost_usd_per_phs_day=24, pool_fee_frac=0.02)
    25.0
    """
    revenue, cost, fee = take(
        hashprice_usd_per_phs_day=(hashprice_usd_per_phs_day, NON_NEGATIVE),
        hashcost_usd_per_phs_day=(hashcost_usd_per_phs_day, FINITE),
        pool_fee_frac=(pool_fee_frac, SHARE_LOST),
    )
    return revenue * (1 - fee) - cost


@formula
def daily_profit(
    *,
    hashrate_ths: Numbers,
    hashprice_usd_per_phs_day: Numbers,
    efficiency_j_per_th: Numbers,
    power_price_usd_per_mwh: Numbers,
    overhead: Numbers = 1.0,
    pool_fee_frac: Numbers = 0.0,
) -> Floats:
    """Return what a machine that runs all day leaves after power and pool fee [USD per day].

    Parameters
    ----------
    hashrate_ths : float or array
        TH/s, 0 or more.
    hashprice_usd_per_phs_day, pool_fee_frac : float or array
        As `margin`.
    efficiency_j_per_th, power_price_usd_per_mwh, overhead : float or array
        As `hashcost`.

    Examples
    --------
    >>> daily_profit(hashrate_ths=200, hashprice_usd_per_phs_day=50, efficiency_j_per_th=20,
    ...              power_price_usd_per_mwh=50)
    5.2
    """
    hashrate, revenue, efficiency, power_price, factor, fee = take(
        hashrate_ths=(hashrate_ths, NON_NEGATIVE),
        hashprice_usd_per_phs_day=(hashprice_usd_per_phs_day, NON_NEGATIVE),
        efficiency_j_per_th=(efficiency_j_per_th, POSITIVE),
        power_price_usd_per_mwh=(power_price_usd_per_mwh, FINITE),
        overhead=(overhead, AT_LEAST_ONE),
        pool_fee_frac=(pool_fee_frac, SHARE_LOST),
    )
    cost = hashcost(efficiency_j_per_th=efficiency, power_price_usd_per_mwh=power_price, overhead=factor)
    left = margin(hashprice_usd_per_phs_day=revenue, hashcost_usd_per_phs_day=cost, pool_fee_frac=fee)
    return hashrate * HASHES_PER_TH / HASHES_PER_PH * left


@formula_or_never
def payback_days(*, machine_price_usd: Numbers, daily_profit_usd: Numbers) -> Floats:
    """Return the days until a machine has earned its price, infinity if it earns nothing.

    Parameters
    ----------
    machine_price_usd : float or array
        0 or more.
    daily_profit_usd : float or array
        Held constant, which it is not: difficulty rises and the subsidy halves.

    Examples
    --------
    >>> payback_days(machine_price_usd=2600, daily_profit_usd=5.2)
    500.0
    >>> payback_days(machine_price_usd=2600, daily_profit_usd=-1)
    inf
    """
    price, profit = take(
        machine_price_usd=(machine_price_usd, NON_NEGATIVE), daily_profit_usd=(daily_profit_usd, FINITE)
    )
    days = np.where(profit > 0, price / profit, np.inf)
    return np.where(np.isnan(price) | np.isnan(profit), np.nan, days)


@formula
def annuity(*, principal_usd: Numbers, rate_frac_per_period: Numbers, n_periods: Numbers) -> Floats:
    """Return the equal instalment [USD per period] that repays a loan, interest included.

    Parameters
    ----------
    principal_usd : float or array
        0 or more.
    rate_frac_per_period : float or array
        Interest per period, 0 or more (0.01 is 1 % a month on monthly instalments).
    n_periods : float or array
        Instalments, more than 0, paid at the end of each period.

    Notes
    -----
    principal * r / (1 - (1 + r)^-n), and principal / n at r = 0.

    References
    ----------
    S. A. Broverman, "Mathematics of Investment and Credit", chapter 2: level annuity-immediate.

    Examples
    --------
    >>> round(annuity(principal_usd=100_000, rate_frac_per_period=0.01, n_periods=12), 2)
    8884.88
    """
    principal, rate, n = take(
        principal_usd=(principal_usd, NON_NEGATIVE),
        rate_frac_per_period=(rate_frac_per_period, NON_NEGATIVE),
        n_periods=(n_periods, POSITIVE),
    )
    factor = np.where(rate == 0, 1 / n, rate / -np.expm1(-n * np.log1p(rate)))
    return principal * factor


@formula
def loan_to_value(*, loan_usd: Numbers, collateral_btc: Numbers, price_usd: Numbers) -> Floats:
    """Return a loan over the value of its collateral, as a fraction (a collateral ratio of 143 % is 0.699).

    Parameters
    ----------
    loan_usd : float or array
        What is owed, 0 or more.
    collateral_btc, price_usd : float or array
        More than 0.

    Examples
    --------
    >>> loan_to_value(loan_usd=35_000_000, collateral_btc=1000, price_usd=70_000)
    0.5
    """
    loan, coins, price = take(
        loan_usd=(loan_usd, NON_NEGATIVE),
        collateral_btc=(collateral_btc, POSITIVE),
        price_usd=(price_usd, POSITIVE),
    )
    return loan / (coins * price)
