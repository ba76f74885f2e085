"""Where mining earns exactly what its power costs: six inverses of one identity.

    hashprice * (1 - pool fee) = efficiency * power price * 0.024 * overhead
    hashprice = price * (subsidy + fees) * 86,400 * 1e15 / (difficulty * 2^32)

Each function solves it for one quantity. The pool fee acts on revenue, the overhead on energy.
"""

from __future__ import annotations

import numpy as np

from ..chain import hashes_per_difficulty as _factor
from ..errors import InputError
from ..units import BLOCKS_PER_DAY, HASHES_PER_EH, SECONDS_PER_DAY, USD_PER_PHS_DAY_PER_USD_PER_MWH
from ._arguments import AT_LEAST_ONE, NON_NEGATIVE, POSITIVE, SHARE_LOST, Floats, Numbers, formula, take
from .cost import hashcost
from .revenue import hashvalue, revenue_per_mwh

__all__ = [
    "breakeven_difficulty",
    "breakeven_efficiency",
    "breakeven_hashprice",
    "breakeven_hashrate",
    "breakeven_power_price",
    "breakeven_price",
]


@formula
def breakeven_power_price(
    *,
    hashprice_usd_per_phs_day: Numbers,
    efficiency_j_per_th: Numbers,
    overhead: Numbers = 1.0,
    pool_fee_frac: Numbers = 0.0,
) -> Floats:
    """Return the power price [USD per MWh] at which a machine earns its electricity and no more.

    Parameters
    ----------
    hashprice_usd_per_phs_day : float or array
        0 or more.
    efficiency_j_per_th : float or array
        More than 0.
    overhead : float or array
        Site energy over machine energy (PUE), 1 or more.
    pool_fee_frac : float or array
        Share of revenue, 0 to less than 1.

    Raises
    ------
    InputError
        An argument is out of range, or the shapes do not broadcast.

    Examples
    --------
    >>> round(breakeven_power_price(hashprice_usd_per_phs_day=48, efficiency_j_per_th=20), 9)
    100.0
    """
    return np.asarray(
        revenue_per_mwh(
            hashprice_usd_per_phs_day=hashprice_usd_per_phs_day,
            efficiency_j_per_th=efficiency_j_per_th,
            overhead=overhead,
            pool_fee_frac=pool_fee_frac,
        )
    )


@formula
def breakeven_efficiency(
    *,
    hashprice_usd_per_phs_day: Numbers,
    power_price_usd_per_mwh: Numbers,
    overhead: Numbers = 1.0,
    pool_fee_frac: Numbers = 0.0,
) -> Floats:
    """Return the efficiency [J/TH] of the worst machine that still earns its electricity.

    Parameters
    ----------
    hashprice_usd_per_phs_day : float or array
        0 or more.
    power_price_usd_per_mwh : float or array
        More than 0: with free power every machine earns it.
    overhead, pool_fee_frac : float or array
        As `breakeven_power_price`.

    Examples
    --------
    >>> round(breakeven_efficiency(hashprice_usd_per_phs_day=48, power_price_usd_per_mwh=100), 9)
    20.0
    """
    value, power_price, factor, fee = take(
        hashprice_usd_per_phs_day=(hashprice_usd_per_phs_day, NON_NEGATIVE),
        power_price_usd_per_mwh=(power_price_usd_per_mwh, POSITIVE),
        overhead=(overhead, AT_LEAST_ONE),
        pool_fee_frac=(pool_fee_frac, SHARE_LOST),
    )
    return value * (1 - fee) / (power_price * factor * USD_PER_PHS_DAY_PER_USD_PER_MWH)


@formula
def breakeven_hashprice(
    *,
    efficiency_j_per_th: Numbers,
    power_price_usd_per_mwh: Numbers,
    overhead: Numbers = 1.0,
    pool_fee_frac: Numbers = 0.0,
) -> Floats:
    """Return the hashprice [USD per PH/s per day] at which a machine earns its electricity and no more.

    Parameters
    ----------
    efficiency_j_per_th : float or array
        More than 0.
    power_price_usd_per_mwh : float or array
        0 or more.
    overhead, pool_fee_frac : float or array
        As `breakeven_power_price`.

    Examples
    --------
    >>> round(breakeven_hashprice(efficiency_j_per_th=20, power_price_usd_per_mwh=100), 9)
    48.0
    """
    efficiency, power_price, factor, fee = take(
        efficiency_j_per_th=(efficiency_j_per_th, POSITIVE),
        power_price_usd_per_mwh=(power_price_usd_per_mwh, NON_NEGATIVE),
        overhead=(overhead, AT_LEAST_ONE),
        pool_fee_frac=(pool_fee_frac, SHARE_LOST),
    )
    cost = hashcost(efficiency_j_per_th=efficiency, power_price_usd_per_mwh=power_price, overhead=factor)
    return cost / (1 - fee)


@formula
def breakeven_price(
    *,
    efficiency_j_per_th: Numbers,
    power_price_usd_per_mwh: Numbers,
    difficulty: Numbers,
    subsidy_btc: Numbers,
    fees_btc: Numbers = 0.0,
    overhead: Numbers = 1.0,
    pool_fee_frac: Numbers = 0.0,
    hashes_per_difficulty: str = "2^32",
) -> Floats:
    """Return the bitcoin price [USD per BTC] at which a machine earns its electricity, at this difficulty.

    Parameters
    ----------
    efficiency_j_per_th, power_price_usd_per_mwh, overhead, pool_fee_frac : float or array
        As `breakeven_hashprice`.
    difficulty, subsidy_btc, fees_btc, hashes_per_difficulty
        As `hashvalue`; subsidy and fees together more than 0.

    Notes
    -----
    This is the electricity layer per bitcoin of this machine, not a floor under the price.

    Examples
    --------
    >>> round(breakeven_price(efficiency_j_per_th=20, power_price_usd_per_mwh=50, difficulty=1e14,
    ...                       subsidy_btc=3.125))
    38177
    """
    subsidy, fees = _reward(subsidy_btc, fees_btc)
    cost = breakeven_hashprice(
        efficiency_j_per_th=efficiency_j_per_th,
        power_price_usd_per_mwh=power_price_usd_per_mwh,
        overhead=overhead,
        pool_fee_frac=pool_fee_frac,
    )
    value = hashvalue(
        difficulty=difficulty,
        subsidy_btc=subsidy,
        fees_btc=fees,
        hashes_per_difficulty=hashes_per_difficulty,
    )
    top, bottom = take(efficiency_j_per_th=(cost, NON_NEGATIVE), difficulty=(value, POSITIVE))
    return top / bottom


@formula
def breakeven_difficulty(
    *,
    price_usd: Numbers,
    efficiency_j_per_th: Numbers,
    power_price_usd_per_mwh: Numbers,
    subsidy_btc: Numbers,
    fees_btc: Numbers = 0.0,
    overhead: Numbers = 1.0,
    pool_fee_frac: Numbers = 0.0,
    hashes_per_difficulty: str = "2^32",
) -> Floats:
    """Return the highest difficulty at which a machine earns its electricity, at this bitcoin price.

    Parameters
    ----------
    price_usd : float or array
        USD per BTC, more than 0.
    power_price_usd_per_mwh : float or array
        More than 0: with free power no difficulty is too high.
    efficiency_j_per_th, overhead, pool_fee_frac : float or array
        As `breakeven_hashprice`.
    subsidy_btc, fees_btc, hashes_per_difficulty
        As `hashvalue`; subsidy and fees together more than 0.

    Examples
    --------
    >>> round(breakeven_difficulty(price_usd=100_000, efficiency_j_per_th=20, power_price_usd_per_mwh=50,
    ...                            subsidy_btc=3.125) / 1e12, 2)
    261.93
    """
    subsidy, fees = _reward(subsidy_btc, fees_btc)
    price, power_price = take(
        price_usd=(price_usd, POSITIVE), power_price_usd_per_mwh=(power_price_usd_per_mwh, POSITIVE)
    )
    cost = breakeven_hashprice(
        efficiency_j_per_th=efficiency_j_per_th,
        power_price_usd_per_mwh=power_price,
        overhead=overhead,
        pool_fee_frac=pool_fee_frac,
    )
    value = hashvalue(
        difficulty=1.0, subsidy_btc=subsidy, fees_btc=fees, hashes_per_difficulty=hashes_per_difficulty
    )
    price, top, bottom = take(
        price_usd=(price, POSITIVE),
        subsidy_btc=(value, POSITIVE),
        efficiency_j_per_th=(cost, POSITIVE),
    )
    return price * top / bottom


@formula
def breakeven_hashrate(
    *,
    price_usd: Numbers,
    efficiency_j_per_th: Numbers,
    power_price_usd_per_mwh: Numbers,
    subsidy_btc: Numbers,
    fees_btc: Numbers = 0.0,
    overhead: Numbers = 1.0,
    pool_fee_frac: Numbers = 0.0,
    hashes_per_difficulty: str = "2^32",
) -> Floats:
    """Return the highest network hashrate [EH/s] at which a machine earns its electricity.

    Parameters
    ----------
    price_usd, efficiency_j_per_th, power_price_usd_per_mwh, subsidy_btc, fees_btc, overhead, pool_fee_frac
        As `breakeven_difficulty`.

    Notes
    -----
    The hashrate that finds 144 blocks a day at `breakeven_difficulty`: difficulty is taken as adjusted to it.

    Examples
    --------
    >>> round(breakeven_hashrate(price_usd=100_000, efficiency_j_per_th=20, power_price_usd_per_mwh=50,
    ...                          subsidy_btc=3.125))
    1875
    """
    difficulty = breakeven_difficulty(
        price_usd=price_usd,
        efficiency_j_per_th=efficiency_j_per_th,
        power_price_usd_per_mwh=power_price_usd_per_mwh,
        subsidy_btc=subsidy_btc,
        fees_btc=fees_btc,
        overhead=overhead,
        pool_fee_frac=pool_fee_frac,
        hashes_per_difficulty=hashes_per_difficulty,
    )
    hashes_per_block = np.asarray(difficulty) * _factor(hashes_per_difficulty)
    return hashes_per_block * BLOCKS_PER_DAY / SECONDS_PER_DAY / HASHES_PER_EH


def _reward(subsidy_btc: Numbers, fees_btc: Numbers) -> tuple[Floats, Floats]:
    subsidy, fees = take(subsidy_btc=(subsidy_btc, NON_NEGATIVE), fees_btc=(fees_btc, NON_NEGATIVE))
    if (subsidy + fees == 0).any():
        raise InputError("subsidy_btc: with no fees either, a block earns nothing and no break-even exists")
    return subsidy, fees
