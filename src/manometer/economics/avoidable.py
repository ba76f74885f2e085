"""What a machine's power costs *at the margin*, by the kind of contract that supplies it.

Switching compares hashprice with the avoidable cost: what stops being paid, or starts being earned, if the
machine is off this hour. It is rarely the average price on the bill.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from ..errors import InputError, unknown_name
from ._arguments import FINITE, FRACTION, NON_NEGATIVE, POSITIVE, FloatOrArray, Floats, Numbers, formula, take

__all__ = [
    "AVOIDABLE_POWER_PRICE",
    "avoidable_behind_the_meter",
    "avoidable_fixed",
    "avoidable_fixed_resellable",
    "avoidable_home_heat",
    "avoidable_hosted",
    "avoidable_indexed",
    "avoidable_power_price",
    "avoidable_state",
    "avoidable_stranded",
    "coincident_peak_adder",
]


@formula
def avoidable_indexed(*, spot_usd_per_mwh: Numbers, adders_usd_per_mwh: Numbers = 0.0) -> Floats:
    """Return the avoidable power price on an index [USD per MWh]: the hour's price and adders.

    Parameters
    ----------
    spot_usd_per_mwh : float or array
        The hour's price, negative in some hours.
    adders_usd_per_mwh : float or array
        Delivery, retail margin, and what `coincident_peak_adder` gives for this hour.

    Examples
    --------
    >>> avoidable_indexed(spot_usd_per_mwh=-5, adders_usd_per_mwh=8)
    3.0
    """
    spot, adders = take(
        spot_usd_per_mwh=(spot_usd_per_mwh, FINITE), adders_usd_per_mwh=(adders_usd_per_mwh, FINITE)
    )
    return spot + adders


@formula
def avoidable_fixed(*, variable_usd_per_mwh: Numbers = 0.0) -> Floats:
    """Return the avoidable power price under take-or-pay without resale [USD per MWh]: near zero.

    Parameters
    ----------
    variable_usd_per_mwh : float or array
        The little that does stop with the machine, such as metered delivery.

    Notes
    -----
    The contract price is owed whether the power is used or not, so it is no argument here.

    Examples
    --------
    >>> avoidable_fixed()
    0.0
    """
    (variable,) = take(variable_usd_per_mwh=(variable_usd_per_mwh, NON_NEGATIVE))
    return variable + 0.0


@formula
def avoidable_fixed_resellable(
    *, resale_usd_per_mwh: Numbers, resale_cost_usd_per_mwh: Numbers = 0.0
) -> Floats:
    """Return the avoidable power price of a block that can be sold back [USD per MWh]: the sale's proceeds.

    Parameters
    ----------
    resale_usd_per_mwh : float or array
        The hour's price that the block would fetch; what was paid for it is no argument.
    resale_cost_usd_per_mwh : float or array
        Cost of the sale, 0 or more.

    Notes
    -----
    max(resale - cost, 0): a block need not be sold at a loss.

    Examples
    --------
    >>> avoidable_fixed_resellable(resale_usd_per_mwh=300, resale_cost_usd_per_mwh=10)
    290.0
    """
    resale, cost = take(
        resale_usd_per_mwh=(resale_usd_per_mwh, FINITE),
        resale_cost_usd_per_mwh=(resale_cost_usd_per_mwh, NON_NEGATIVE),
    )
    return np.asarray(np.maximum(resale - cost, 0.0))


@formula
def avoidable_hosted(
    *, energy_rate_usd_per_mwh: Numbers, use_frac: Numbers = 1.0, minimum_take_frac: Numbers = 0.0
) -> Floats:
    """Return the avoidable power price at a host [USD per MWh]: the energy rate above the minimum take.

    Parameters
    ----------
    energy_rate_usd_per_mwh : float or array
        What the host bills per MWh, 0 or more.
    use_frac : float or array
        Use of the contracted energy if the machine runs, 0 to 1.
    minimum_take_frac : float or array
        Share of it that is billed whether used or not, 0 to 1. At or under it the price is 0.

    Examples
    --------
    >>> avoidable_hosted(energy_rate_usd_per_mwh=70, use_frac=[0.7, 0.9], minimum_take_frac=0.8)
    array([ 0., 70.])
    """
    rate, use, minimum = take(
        energy_rate_usd_per_mwh=(energy_rate_usd_per_mwh, NON_NEGATIVE),
        use_frac=(use_frac, FRACTION),
        minimum_take_frac=(minimum_take_frac, FRACTION),
    )
    known = rate + 0 * (use + minimum)  # NaN propagates
    return np.where(use <= minimum, 0 * known, known)


@formula
def avoidable_behind_the_meter(*, sale_usd_per_mwh: Numbers, delivery_usd_per_mwh: Numbers = 0.0) -> Floats:
    """Return the avoidable power price behind a generator's meter [USD per MWh]: the sale forgone.

    Parameters
    ----------
    sale_usd_per_mwh : float or array
        What the grid would pay this hour; negative when it pays to stay off it.
    delivery_usd_per_mwh : float or array
        Cost of delivering it there, 0 or more.

    Examples
    --------
    >>> avoidable_behind_the_meter(sale_usd_per_mwh=30, delivery_usd_per_mwh=4)
    26.0
    """
    sale, delivery = take(
        sale_usd_per_mwh=(sale_usd_per_mwh, FINITE), delivery_usd_per_mwh=(delivery_usd_per_mwh, NON_NEGATIVE)
    )
    return sale - delivery


@formula
def avoidable_stranded(*, generation_usd_per_mwh: Numbers = 0.0, relief_usd_per_mwh: Numbers = 0.0) -> Floats:
    """Return the avoidable power price of energy without a market [USD per MWh]: fuel and wear, less relief.

    Parameters
    ----------
    generation_usd_per_mwh : float or array
        Fuel, treatment and hourly wear of the generator, 0 or more.
    relief_usd_per_mwh : float or array
        Penalty for flaring or curtailing that running avoids, 0 or more.

    Examples
    --------
    >>> avoidable_stranded(generation_usd_per_mwh=18, relief_usd_per_mwh=5)
    13.0
    """
    generation, relief = take(
        generation_usd_per_mwh=(generation_usd_per_mwh, NON_NEGATIVE),
        relief_usd_per_mwh=(relief_usd_per_mwh, NON_NEGATIVE),
    )
    return generation - relief


@formula
def avoidable_state(*, tariff_usd_per_mwh: Numbers) -> Floats:
    """Return the avoidable power price of a state or subsidised supply [USD per MWh]: its tariff.

    Examples
    --------
    >>> avoidable_state(tariff_usd_per_mwh=31.7)
    31.7
    """
    (tariff,) = take(tariff_usd_per_mwh=(tariff_usd_per_mwh, NON_NEGATIVE))
    return tariff + 0.0


@formula
def avoidable_home_heat(
    *, tariff_usd_per_mwh: Numbers, heat_value_usd_per_mwh: Numbers = 0.0, heat_used_frac: Numbers = 0.0
) -> Floats:
    """Return the avoidable power price of a machine that heats [USD per MWh]: tariff less displaced fuel.

    Parameters
    ----------
    tariff_usd_per_mwh : float or array
        Household tariff of the hour, or the export price where it runs on one's own solar.
    heat_value_usd_per_mwh : float or array
        Cost of making one MWh of heat otherwise: fuel over boiler efficiency, or a third of the tariff with a
        heat pump. 0 or more.
    heat_used_frac : float or array
        Share of the heat that a room needs in this season, 0 to 1.

    Examples
    --------
    >>> avoidable_home_heat(tariff_usd_per_mwh=250, heat_value_usd_per_mwh=120, heat_used_frac=[0, 1])
    array([250., 130.])
    """
    tariff, heat, used = take(
        tariff_usd_per_mwh=(tariff_usd_per_mwh, FINITE),
        heat_value_usd_per_mwh=(heat_value_usd_per_mwh, NON_NEGATIVE),
        heat_used_frac=(heat_used_frac, FRACTION),
    )
    return tariff - heat * used


@formula
def coincident_peak_adder(
    *, charge_usd_per_mw_year: Numbers, n_peaks: Numbers, probability: Numbers
) -> Floats:
    """Return the expected coincident-peak charge of running this hour [USD per MWh].

    Parameters
    ----------
    charge_usd_per_mw_year : float or array
        Charge on the mean load over the peak hours of the year, 0 or more.
    n_peaks : float or array
        Number of those hours (4 for ERCOT's 4CP), more than 0.
    probability : float or array
        Chance that this hour is one of them, 0 to 1.

    Notes
    -----
    One MW through a peak hour raises the mean by 1 / n_peaks: charge * probability / n_peaks.

    References
    ----------
    ERCOT Nodal Protocols and PUCT 16 TAC 25.192: transmission cost by the four coincident peaks.

    Examples
    --------
    >>> coincident_peak_adder(charge_usd_per_mw_year=70_000, n_peaks=4, probability=0.02)
    350.0
    """
    charge, n, chance = take(
        charge_usd_per_mw_year=(charge_usd_per_mw_year, NON_NEGATIVE),
        n_peaks=(n_peaks, POSITIVE),
        probability=(probability, FRACTION),
    )
    return charge * chance / n


#: The avoidable power price [USD per MWh] by supply class.
AVOIDABLE_POWER_PRICE: Mapping[str, Callable[..., FloatOrArray]] = MappingProxyType(
    {
        "indexed": avoidable_indexed,
        "fixed": avoidable_fixed,
        "fixed_resellable": avoidable_fixed_resellable,
        "hosted": avoidable_hosted,
        "behind_the_meter": avoidable_behind_the_meter,
        "stranded": avoidable_stranded,
        "state": avoidable_state,
        "home_heat": avoidable_home_heat,
    }
)


def avoidable_power_price(supply: str, **terms: Numbers) -> FloatOrArray:
    """Return the avoidable power price [USD per MWh] under a supply class; `hashcost` makes it a hashcost.

    Raises
    ------
    InputError
        The class is unknown, or the terms are not those that it takes.

    Examples
    --------
    >>> avoidable_power_price("state", tariff_usd_per_mwh=31.7)
    31.7
    """
    if supply not in AVOIDABLE_POWER_PRICE:
        raise unknown_name("supply class", str(supply), AVOIDABLE_POWER_PRICE)
    try:
        return AVOIDABLE_POWER_PRICE[supply](**terms)
    except TypeError as error:
        raise InputError(f"supply class {supply!r}: {error}") from None
