"""What hash earns: hashvalue, hashprice in three conventions, and revenue per MWh."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ..chain import hashes_per_difficulty as _factor
from ..errors import InputError, unknown_name
from ..units import (
    BLOCKS_PER_DAY,
    HASHES_PER_EH,
    HASHES_PER_PH,
    SECONDS_PER_DAY,
    USD_PER_PHS_DAY_PER_USD_PER_MWH,
)
from ._arguments import (
    AT_LEAST_ONE,
    NON_NEGATIVE,
    POSITIVE,
    SHARE_LOST,
    FloatOrArray,
    Floats,
    Numbers,
    formula,
    take,
)

__all__ = [
    "HASHPRICE_CONVENTIONS",
    "hashprice",
    "hashprice_blocks144_over_hashrate",
    "hashprice_by",
    "hashprice_revenue_over_hashrate",
    "hashvalue",
    "revenue_per_mwh",
]

_PHS_PER_EHS = HASHES_PER_EH / HASHES_PER_PH


@formula
def hashvalue(
    *,
    difficulty: Numbers,
    subsidy_btc: Numbers,
    fees_btc: Numbers = 0.0,
    hashes_per_difficulty: str = "2^32",
) -> Floats:
    """Return what one PH/s earns in expectation [BTC per PH/s per day].

    Parameters
    ----------
    difficulty : float or array
        Network difficulty, more than 0.
    subsidy_btc, fees_btc : float or array
        Subsidy and mean fees per block [BTC], 0 or more; published figures average the last 144 blocks.
    hashes_per_difficulty : {"2^32", "exact"}
        Expected hashes per block at difficulty 1; published figures use 2^32.

    Returns
    -------
    float or ndarray
        86,400 * 1e15 / (difficulty * 2^32) * (subsidy + fees). NaN in an array propagates.

    Raises
    ------
    InputError
        An argument is out of range, or the shapes do not broadcast.

    References
    ----------
    Luxor, Hashrate Index, "Hashprice" documentation; Lumerin Protocol, hashprice-oracle, reward.ts.

    Examples
    --------
    >>> round(hashvalue(difficulty=1e14, subsidy_btc=3.125), 6)
    0.000629
    """
    d, subsidy, fees = take(
        difficulty=(difficulty, POSITIVE),
        subsidy_btc=(subsidy_btc, NON_NEGATIVE),
        fees_btc=(fees_btc, NON_NEGATIVE),
    )
    return _blocks_per_phs_day(hashes_per_difficulty) * (subsidy + fees) / d


@formula
def hashprice(
    *,
    price_usd: Numbers,
    difficulty: Numbers,
    subsidy_btc: Numbers,
    fees_btc: Numbers = 0.0,
    hashes_per_difficulty: str = "2^32",
) -> Floats:
    """Return what one PH/s earns in expectation [USD per PH/s per day], from difficulty: free of block luck.

    Parameters
    ----------
    price_usd : float or array
        USD per BTC, 0 or more.
    difficulty, subsidy_btc, fees_btc, hashes_per_difficulty
        As `hashvalue`.

    Returns
    -------
    float or ndarray
        price * hashvalue.

    Raises
    ------
    InputError
        An argument is out of range, or the shapes do not broadcast.

    References
    ----------
    Luxor, Hashrate Index, "Hashprice" documentation.

    Examples
    --------
    >>> round(hashprice(price_usd=100_000, difficulty=1e14, subsidy_btc=3.125), 2)
    62.86
    """
    price, d, subsidy, fees = take(
        price_usd=(price_usd, NON_NEGATIVE),
        difficulty=(difficulty, POSITIVE),
        subsidy_btc=(subsidy_btc, NON_NEGATIVE),
        fees_btc=(fees_btc, NON_NEGATIVE),
    )
    return price * (_blocks_per_phs_day(hashes_per_difficulty) * (subsidy + fees) / d)


@formula
def hashprice_revenue_over_hashrate(*, revenue_usd: Numbers, hashrate_ehs: Numbers) -> Floats:
    """Return the hashprice of dashboards [USD per PH/s per day]: the day's revenue over estimated hashrate.

    Parameters
    ----------
    revenue_usd : float or array
        Revenue of all miners in the day [USD], 0 or more.
    hashrate_ehs : float or array
        Hashrate estimated for that day [EH/s], more than 0.

    Notes
    -----
    Differs from `hashprice` unless both figures come from the same blocks: revenue and an averaged hashrate
    each carry the day's luck (one day of 144 blocks has a standard deviation of 8.3 %).

    References
    ----------
    Coin Metrics, "Network Data" documentation: miner revenue per hash unit (RevHashRateUSD).

    Examples
    --------
    >>> hashprice_revenue_over_hashrate(revenue_usd=45e6, hashrate_ehs=900)
    50.0
    """
    revenue, hashrate = take(revenue_usd=(revenue_usd, NON_NEGATIVE), hashrate_ehs=(hashrate_ehs, POSITIVE))
    return revenue / (hashrate * _PHS_PER_EHS)


@formula
def hashprice_blocks144_over_hashrate(
    *, price_usd: Numbers, subsidy_btc: Numbers, fees_btc: Numbers = 0.0, hashrate_ehs: Numbers
) -> Floats:
    """Return the hashprice of calculators [USD per PH/s per day]: 144 rewards over estimated hashrate.

    Parameters
    ----------
    price_usd : float or array
        USD per BTC, 0 or more.
    subsidy_btc, fees_btc : float or array
        Per block [BTC], 0 or more.
    hashrate_ehs : float or array
        Estimated hashrate of the network [EH/s], more than 0.

    Notes
    -----
    Equals `hashprice` only if blocks came on schedule: the estimated hashrate carries the luck of its window.

    Examples
    --------
    >>> hashprice_blocks144_over_hashrate(price_usd=100_000, subsidy_btc=3.125, hashrate_ehs=900)
    50.0
    """
    price, subsidy, fees, hashrate = take(
        price_usd=(price_usd, NON_NEGATIVE),
        subsidy_btc=(subsidy_btc, NON_NEGATIVE),
        fees_btc=(fees_btc, NON_NEGATIVE),
        hashrate_ehs=(hashrate_ehs, POSITIVE),
    )
    return BLOCKS_PER_DAY * (subsidy + fees) * price / (hashrate * _PHS_PER_EHS)


#: The conventions in use, by the name under which they are asked for.
HASHPRICE_CONVENTIONS: Mapping[str, Callable[..., FloatOrArray]] = MappingProxyType(
    {
        "difficulty": hashprice,
        "revenue_over_hashrate": hashprice_revenue_over_hashrate,
        "blocks144_over_hashrate": hashprice_blocks144_over_hashrate,
    }
)


def hashprice_by(convention: str, **arguments: Numbers) -> FloatOrArray:
    """Return the hashprice [USD per PH/s per day] under a named convention.

    Raises
    ------
    InputError
        The convention is unknown, or the arguments are not those that it takes.

    Examples
    --------
    >>> hashprice_by("revenue_over_hashrate", revenue_usd=45e6, hashrate_ehs=900)
    50.0
    """
    if convention not in HASHPRICE_CONVENTIONS:
        raise unknown_name("hashprice convention", str(convention), HASHPRICE_CONVENTIONS)
    try:
        return HASHPRICE_CONVENTIONS[convention](**arguments)
    except TypeError as error:
        raise InputError(f"hashprice convention {convention!r}: {error}") from None


@formula
def revenue_per_mwh(
    *,
    hashprice_usd_per_phs_day: Numbers,
    efficiency_j_per_th: Numbers,
    overhead: Numbers = 1.0,
    pool_fee_frac: Numbers = 0.0,
) -> Floats:
    """Return what mining earns from one MWh [USD per MWh]: at higher prices power is worth more.

    Parameters
    ----------
    hashprice_usd_per_phs_day : float or array
        0 or more.
    efficiency_j_per_th : float or array
        At the machine [J/TH], more than 0.
    overhead : float or array
        Site energy over machine energy (PUE), 1 or more.
    pool_fee_frac : float or array
        Share of revenue, 0 to less than 1.

    Examples
    --------
    >>> round(revenue_per_mwh(hashprice_usd_per_phs_day=39, efficiency_j_per_th=17.5))
    93
    """
    value, efficiency, factor, fee = take(
        hashprice_usd_per_phs_day=(hashprice_usd_per_phs_day, NON_NEGATIVE),
        efficiency_j_per_th=(efficiency_j_per_th, POSITIVE),
        overhead=(overhead, AT_LEAST_ONE),
        pool_fee_frac=(pool_fee_frac, SHARE_LOST),
    )
    return value * (1 - fee) / (efficiency * factor * USD_PER_PHS_DAY_PER_USD_PER_MWH)


def _blocks_per_phs_day(hashes_per_difficulty: str) -> float:
    """Return the expected blocks per PH/s per day at difficulty 1."""
    return SECONDS_PER_DAY * HASHES_PER_PH / _factor(hashes_per_difficulty)
