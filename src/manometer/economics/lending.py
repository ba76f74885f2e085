"""Loans against bitcoin: the price of every call, the coins each needs, and where the free coins end.

A loan is worth a fraction of its collateral (`loan_to_value`). As the price falls the fraction rises: at the
call level coins are added until it is back at the restore level; at the liquidation level they are sold.
"""

from __future__ import annotations

import numpy as np

from ..errors import unknown_name
from ._arguments import NON_NEGATIVE, POSITIVE, Floats, Numbers, Range, formula, formula_or_never, take

__all__ = [
    "coins_to_restore",
    "coins_to_secure",
    "exhaustion_price",
    "fall_to",
    "interest",
    "price_at_loan_to_value",
    "releasable_coins",
]

#: A loan to value of 1 is a loan of all its collateral is worth.
_LEVEL = Range(0.0, 1.0, "must be more than 0 and at most 1 (a share, such as 0.65)", low_open=True)
_DAYS_OF_YEAR = {"ACT/360": 360.0, "ACT/365": 365.0}


@formula_or_never
def price_at_loan_to_value(*, loan_usd: Numbers, posted_btc: Numbers, loan_to_value_frac: Numbers) -> Floats:
    """Return the bitcoin price at which a loan stands at a loan to value [USD]; infinity with no coins.

    With the call level it is the price of the margin call, with the liquidation level that of the sale.

    Parameters
    ----------
    loan_usd : float or array
        What is owed, 0 or more.
    posted_btc : float or array
        Collateral, 0 or more.
    loan_to_value_frac : float or array
        More than 0, at most 1.

    Notes
    -----
    loan / (posted x level), the inverse of `loan_to_value` in the price.

    Examples
    --------
    >>> price_at_loan_to_value(loan_usd=35e6, posted_btc=1000, loan_to_value_frac=0.7)
    50000.0
    """
    loan, posted, level = take(
        loan_usd=(loan_usd, NON_NEGATIVE),
        posted_btc=(posted_btc, NON_NEGATIVE),
        loan_to_value_frac=(loan_to_value_frac, _LEVEL),
    )
    return np.where(loan == 0, 0.0, loan / (posted * level))


@formula
def coins_to_secure(*, loan_usd: Numbers, price_usd: Numbers, loan_to_value_frac: Numbers) -> Floats:
    """Return the coins that a loan needs posted to stand at a loan to value [BTC].

    Parameters
    ----------
    loan_usd : float or array
        0 or more.
    price_usd : float or array
        More than 0.
    loan_to_value_frac : float or array
        Opening or restore level, more than 0, at most 1.

    Examples
    --------
    >>> coins_to_secure(loan_usd=65e6, price_usd=50_000, loan_to_value_frac=0.65)
    2000.0
    """
    loan, price, level = take(
        loan_usd=(loan_usd, NON_NEGATIVE),
        price_usd=(price_usd, POSITIVE),
        loan_to_value_frac=(loan_to_value_frac, _LEVEL),
    )
    return loan / (price * level)


@formula
def coins_to_restore(
    *, loan_usd: Numbers, posted_btc: Numbers, price_usd: Numbers, restore_frac: Numbers
) -> Floats:
    """Return the coins to add so that a loan is back at its restore level [BTC]; none where it is under it.

    Parameters
    ----------
    loan_usd, posted_btc : float or array
        0 or more.
    price_usd : float or array
        More than 0.
    restore_frac : float or array
        Loan to value after the call, more than 0, at most 1.

    Examples
    --------
    >>> round(coins_to_restore(loan_usd=65e6, posted_btc=1800, price_usd=50_000, restore_frac=0.65), 6)
    200.0
    """
    loan, posted, price, level = take(
        loan_usd=(loan_usd, NON_NEGATIVE),
        posted_btc=(posted_btc, NON_NEGATIVE),
        price_usd=(price_usd, POSITIVE),
        restore_frac=(restore_frac, _LEVEL),
    )
    return np.maximum(loan / (price * level) - posted, 0.0)


@formula
def releasable_coins(
    *, loan_usd: Numbers, posted_btc: Numbers, price_usd: Numbers, release_frac: Numbers
) -> Floats:
    """Return the coins that come free if a loan may stand at a level again [BTC]; none where it is over it.

    Parameters
    ----------
    loan_usd, posted_btc, price_usd
        As `coins_to_restore`.
    release_frac : float or array
        Loan to value up to which coins are given back, more than 0, at most 1.

    Examples
    --------
    >>> round(releasable_coins(loan_usd=45e6, posted_btc=2000, price_usd=60_000, release_frac=0.45), 6)
    333.333333
    """
    loan, posted, price, level = take(
        loan_usd=(loan_usd, NON_NEGATIVE),
        posted_btc=(posted_btc, NON_NEGATIVE),
        price_usd=(price_usd, POSITIVE),
        release_frac=(release_frac, _LEVEL),
    )
    return np.maximum(posted - loan / (price * level), 0.0)


@formula_or_never
def exhaustion_price(
    *, loan_usd: Numbers, posted_btc: Numbers, free_btc: Numbers, restore_frac: Numbers
) -> Floats:
    """Return the price at which the last free coin is posted to keep the restore level [USD].

    Parameters
    ----------
    loan_usd, posted_btc, free_btc : float or array
        0 or more; all free coins are taken to go to this loan.
    restore_frac : float or array
        Loan to value that the lender wants kept, more than 0, at most 1.

    Examples
    --------
    >>> exhaustion_price(loan_usd=65e6, posted_btc=2000, free_btc=500, restore_frac=0.65)
    40000.0
    """
    loan, posted, free, level = take(
        loan_usd=(loan_usd, NON_NEGATIVE),
        posted_btc=(posted_btc, NON_NEGATIVE),
        free_btc=(free_btc, NON_NEGATIVE),
        restore_frac=(restore_frac, _LEVEL),
    )
    return np.where(loan == 0, 0.0, loan / ((posted + free) * level))


@formula
def fall_to(*, trigger_price_usd: Numbers, price_usd: Numbers) -> Floats:
    """Return the change of price that leads to a trigger, as a fraction: -0.17 is a further fall of 17 %.

    Parameters
    ----------
    trigger_price_usd : float or array
        0 or more; above the price the trigger has been passed, and the fraction is positive.
    price_usd : float or array
        More than 0.

    Examples
    --------
    >>> fall_to(trigger_price_usd=40_000, price_usd=50_000)
    -0.2
    """
    trigger, price = take(
        trigger_price_usd=(trigger_price_usd, NON_NEGATIVE), price_usd=(price_usd, POSITIVE)
    )
    return (trigger - price) / price


@formula
def interest(
    *, principal_usd: Numbers, rate_frac_per_year: Numbers, days: Numbers, day_count: str = "ACT/360"
) -> Floats:
    """Return simple interest for a number of days [USD].

    Parameters
    ----------
    principal_usd, rate_frac_per_year, days : float or array
        0 or more.
    day_count : {"ACT/360", "ACT/365"}
        Days of the year that the contract counts.

    Raises
    ------
    InputError
        An argument is out of range, or the day count is unknown.

    References
    ----------
    ISDA 2006 Definitions, section 4.16: (d) Actual/365 Fixed, (e) Actual/360.

    Examples
    --------
    >>> interest(principal_usd=36_000_000, rate_frac_per_year=0.1, days=30)
    300000.0
    """
    if day_count not in _DAYS_OF_YEAR:
        raise unknown_name("day count", day_count, _DAYS_OF_YEAR)
    principal, rate, n = take(
        principal_usd=(principal_usd, NON_NEGATIVE),
        rate_frac_per_year=(rate_frac_per_year, NON_NEGATIVE),
        days=(days, NON_NEGATIVE),
    )
    return principal * rate * n / _DAYS_OF_YEAR[day_count]
