"""Shares as a source of cash: what the market takes, what it brings, and what a share then holds."""

from __future__ import annotations

from ._arguments import FINITE, FRACTION, NON_NEGATIVE, POSITIVE, SHARE_LOST, Floats, Numbers, formula, take

__all__ = ["equity_accretion", "equity_capacity_shares", "equity_proceeds", "net_btc"]


@formula
def equity_capacity_shares(*, volume_shares_per_day: Numbers, volume_frac: Numbers, days: Numbers) -> Floats:
    """Return the shares that can be sold without being more than a share of the market's volume.

    Parameters
    ----------
    volume_shares_per_day : float or array
        Shares that change hands in a day, 0 or more.
    volume_frac : float or array
        Share of that volume, 0 to 1; programmes at the market keep to 0.10-0.15.
    days : float or array
        Trading days, 0 or more.

    Examples
    --------
    >>> equity_capacity_shares(volume_shares_per_day=20e6, volume_frac=0.1, days=5)
    10000000.0
    """
    volume, share, d = take(
        volume_shares_per_day=(volume_shares_per_day, NON_NEGATIVE),
        volume_frac=(volume_frac, FRACTION),
        days=(days, NON_NEGATIVE),
    )
    return volume * share * d


@formula
def equity_proceeds(
    *, shares: Numbers, share_price_usd: Numbers, discount_frac: Numbers = 0.0, fee_frac: Numbers = 0.0
) -> Floats:
    """Return the cash that new shares bring [USD], after the discount at which they sell and the fee.

    Parameters
    ----------
    shares : float or array
        New shares, 0 or more.
    share_price_usd : float or array
        Price before the sale [USD], 0 or more.
    discount_frac, fee_frac : float or array
        Each 0 to less than 1; the fee is a share of what the shares sell for.

    Examples
    --------
    >>> equity_proceeds(shares=1e6, share_price_usd=10, discount_frac=0.05, fee_frac=0.02)
    9310000.0
    """
    n, price, discount, fee = take(
        shares=(shares, NON_NEGATIVE),
        share_price_usd=(share_price_usd, NON_NEGATIVE),
        discount_frac=(discount_frac, SHARE_LOST),
        fee_frac=(fee_frac, SHARE_LOST),
    )
    return n * price * (1 - discount) * (1 - fee)


@formula
def net_btc(*, coins_btc: Numbers, cash_usd: Numbers, debt_usd: Numbers, price_usd: Numbers) -> Floats:
    """Return the coins left if debt were paid and cash turned into bitcoin; negative if owed more than owned.

    Parameters
    ----------
    coins_btc : float or array
        Coins owned in every state, 0 or more.
    cash_usd, debt_usd : float or array
        0 or more.
    price_usd : float or array
        More than 0.

    Examples
    --------
    >>> net_btc(coins_btc=1000, cash_usd=5e6, debt_usd=45e6, price_usd=1e5)
    600.0
    """
    coins, cash, debt, price = take(
        coins_btc=(coins_btc, NON_NEGATIVE),
        cash_usd=(cash_usd, NON_NEGATIVE),
        debt_usd=(debt_usd, NON_NEGATIVE),
        price_usd=(price_usd, POSITIVE),
    )
    return coins + (cash - debt) / price


@formula
def equity_accretion(
    *, net_btc: Numbers, shares: Numbers, new_shares: Numbers, proceeds_usd: Numbers, price_usd: Numbers
) -> Floats:
    """Return what an issue does to the net bitcoin of a diluted share, as a fraction of it.

    Above net asset value it adds, below it takes: the sign is that of the issue price less the net assets
    of a share. Not defined, and refused, where a share holds nothing.

    Parameters
    ----------
    net_btc : float or array
        Net bitcoin before the issue, more than 0.
    shares : float or array
        Diluted shares before it, more than 0.
    new_shares : float or array
        0 or more.
    proceeds_usd : float or array
        Cash that they bring, any finite amount.
    price_usd : float or array
        Bitcoin price [USD], more than 0.

    Notes
    -----
    (net + proceeds / price) / (shares + new) / (net / shares) - 1.

    Examples
    --------
    Shares that hold 10 USD of net bitcoin each, a tenth more of them sold at 12 and at 8:

    >>> terms = {"net_btc": 1000, "shares": 1e7, "new_shares": 1e6, "price_usd": 1e5}
    >>> round(equity_accretion(proceeds_usd=12e6, **terms), 4)
    0.0182
    >>> round(equity_accretion(proceeds_usd=8e6, **terms), 4)
    -0.0182
    """
    net, n, new, cash, price = take(
        net_btc=(net_btc, POSITIVE),
        shares=(shares, POSITIVE),
        new_shares=(new_shares, NON_NEGATIVE),
        proceeds_usd=(proceeds_usd, FINITE),
        price_usd=(price_usd, POSITIVE),
    )
    return (net + cash / price) / net * (n / (n + new)) - 1
