"""What lenders measure, the room left to their limits, and the bitcoin price at which it is gone."""

from __future__ import annotations

import numpy as np

from ._arguments import (
    FINITE,
    FRACTION,
    NON_NEGATIVE,
    POSITIVE,
    Floats,
    Numbers,
    formula,
    formula_or_never,
    take,
)

__all__ = [
    "asset_decline_price",
    "debt_service_cover",
    "headroom",
    "liquidity",
    "liquidity_price",
    "net_debt_to_ebitda",
]


@formula_or_never
def debt_service_cover(
    *, operating_cash_usd: Numbers, interest_usd: Numbers, principal_usd: Numbers
) -> Floats:
    """Return cash from operations over the debt service of the same period; infinity where none is due.

    Parameters
    ----------
    operating_cash_usd : float or array
        Revenue from mining at the day's price less what running costs, before debt service [USD].
    interest_usd, principal_usd : float or array
        Due in the period, 0 or more [USD].

    Examples
    --------
    >>> debt_service_cover(operating_cash_usd=3.0e6, interest_usd=0.8e6, principal_usd=1.2e6)
    1.5
    """
    cash, interest, principal = take(
        operating_cash_usd=(operating_cash_usd, FINITE),
        interest_usd=(interest_usd, NON_NEGATIVE),
        principal_usd=(principal_usd, NON_NEGATIVE),
    )
    service = interest + principal
    return np.where(service > 0, cash / service, np.where(np.isnan(cash + service), np.nan, np.inf))


@formula_or_never
def net_debt_to_ebitda(*, debt_usd: Numbers, cash_usd: Numbers, ebitda_usd: Numbers) -> Floats:
    """Return debt less cash over a year's earnings before interest, tax and depreciation.

    Infinity where there is net debt and nothing is earned; nothing, or less, where cash covers the debt.

    Parameters
    ----------
    debt_usd, cash_usd : float or array
        0 or more [USD].
    ebitda_usd : float or array
        Of the trailing twelve months, fair-value changes of coins left out [USD].

    Examples
    --------
    >>> net_debt_to_ebitda(debt_usd=90e6, cash_usd=10e6, ebitda_usd=20e6)
    4.0
    """
    debt, cash, earned = take(
        debt_usd=(debt_usd, NON_NEGATIVE),
        cash_usd=(cash_usd, NON_NEGATIVE),
        ebitda_usd=(ebitda_usd, FINITE),
    )
    net = debt - cash
    ratio = np.where(net <= 0, np.where(earned > 0, net / earned, 0.0), np.inf)
    ratio = np.where((net > 0) & (earned > 0), net / earned, ratio)
    return np.where(np.isnan(net + earned), np.nan, ratio)


@formula
def liquidity(
    *, cash_usd: Numbers, free_btc: Numbers = 0.0, price_usd: Numbers = 0.0, haircut_frac: Numbers = 0.0
) -> Floats:
    """Return cash, and free coins after a haircut where the covenant counts them [USD].

    Parameters
    ----------
    cash_usd, free_btc, price_usd : float or array
        0 or more; posted and lent coins are not free.
    haircut_frac : float or array
        Share of the coins' value that does not count, 0 to 1.

    Examples
    --------
    >>> liquidity(cash_usd=2e6, free_btc=50, price_usd=60_000, haircut_frac=0.1)
    4700000.0
    """
    cash, coins, price, cut = take(
        cash_usd=(cash_usd, NON_NEGATIVE),
        free_btc=(free_btc, NON_NEGATIVE),
        price_usd=(price_usd, NON_NEGATIVE),
        haircut_frac=(haircut_frac, FRACTION),
    )
    return cash + coins * price * (1 - cut)


@formula_or_never
def liquidity_price(
    *, minimum_usd: Numbers, cash_usd: Numbers, free_btc: Numbers, haircut_frac: Numbers = 0.0
) -> Floats:
    """Return the bitcoin price at which liquidity meets its minimum [USD]; the inverse of `liquidity`.

    Zero where cash alone suffices: no price breaks it. Infinity where it is short and no coin counts.

    Parameters
    ----------
    minimum_usd, cash_usd, free_btc, haircut_frac
        As `liquidity`.

    Examples
    --------
    >>> liquidity_price(minimum_usd=5e6, cash_usd=2e6, free_btc=50)
    60000.0
    """
    least, cash, coins, cut = take(
        minimum_usd=(minimum_usd, NON_NEGATIVE),
        cash_usd=(cash_usd, NON_NEGATIVE),
        free_btc=(free_btc, NON_NEGATIVE),
        haircut_frac=(haircut_frac, FRACTION),
    )
    short = least - cash
    return np.where(short <= 0, 0.0, short / (coins * (1 - cut)))


@formula
def asset_decline_price(
    *, price_usd: Numbers, coins_btc: Numbers, other_assets_usd: Numbers, decline_frac: Numbers
) -> Floats:
    """Return the price at which net assets have fallen by a fraction [USD]; zero if no price does that.

    Parameters
    ----------
    price_usd : float or array
        Price from which the fall is counted, more than 0.
    coins_btc : float or array
        Coins owned, more than 0.
    other_assets_usd : float or array
        Net assets without the coins, any finite amount [USD].
    decline_frac : float or array
        Fall of net assets that the covenant allows, 0 to 1.

    Examples
    --------
    Coins worth 100 MUSD and 20 MUSD of other assets: a fall of 30 % is 36 MUSD, all of it on the coins.

    >>> asset_decline_price(price_usd=1e5, coins_btc=1000, other_assets_usd=20e6, decline_frac=0.3)
    64000.0
    """
    price, coins, other, fall = take(
        price_usd=(price_usd, POSITIVE),
        coins_btc=(coins_btc, POSITIVE),
        other_assets_usd=(other_assets_usd, FINITE),
        decline_frac=(decline_frac, FRACTION),
    )
    return np.maximum(price - fall * (coins * price + other) / coins, 0.0)


@formula
def headroom(*, value: Numbers, limit: Numbers, at_least: bool) -> Floats:
    """Return the share of a limit that is left before a breach; negative once it is broken.

    Parameters
    ----------
    value : float or array
        What is measured, any finite number.
    limit : float or array
        More than 0.
    at_least : bool
        Whether the value must be the limit or more (cover, liquidity), or the limit or less (leverage).

    Examples
    --------
    >>> headroom(value=1.5, limit=1.25, at_least=True)
    0.2
    >>> headroom(value=4.4, limit=4.0, at_least=False) < 0
    True
    """
    v, most = take(value=(value, FINITE), limit=(limit, POSITIVE))
    left = (v - most) / most
    return left if at_least else -left
