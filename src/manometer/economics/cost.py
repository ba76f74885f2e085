"""What hash costs: power at the meter, a machine's price in a straight line, cost to mine as filed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..units import HASHES_PER_PH, HASHES_PER_TH, USD_PER_PHS_DAY_PER_USD_PER_MWH
from ._arguments import AT_LEAST_ONE, FINITE, NON_NEGATIVE, POSITIVE, Floats, Numbers, formula, take

__all__ = ["CostDefinition", "cost_to_mine", "depreciation", "hashcost", "installed_mw_per_phs"]

_WATTS_PER_MW = 1e6


@formula
def hashcost(
    *, efficiency_j_per_th: Numbers, power_price_usd_per_mwh: Numbers, overhead: Numbers = 1.0
) -> Floats:
    """Return the electricity that one PH/s burns [USD per PH/s per day], the unit of hashprice.

    Parameters
    ----------
    efficiency_j_per_th : float or array
        Energy at the machine [J/TH], more than 0.
    power_price_usd_per_mwh : float or array
        USD per MWh; negative in some wholesale hours, and so then is the cost.
    overhead : float or array
        Site energy over machine energy (PUE), 1 or more.

    Returns
    -------
    float or ndarray
        J/TH * USD/MWh * 0.024 * overhead. NaN in an array propagates.

    Raises
    ------
    InputError
        An argument is out of range, or the shapes do not broadcast.

    References
    ----------
    Luxor, Hashrate Index, "Hashcost" documentation: W/TH * USD/kWh * 24 per TH/s per day.

    Examples
    --------
    >>> hashcost(efficiency_j_per_th=20, power_price_usd_per_mwh=50)
    24.0
    """
    efficiency, power_price, factor = take(
        efficiency_j_per_th=(efficiency_j_per_th, POSITIVE),
        power_price_usd_per_mwh=(power_price_usd_per_mwh, FINITE),
        overhead=(overhead, AT_LEAST_ONE),
    )
    return efficiency * power_price * factor * USD_PER_PHS_DAY_PER_USD_PER_MWH


@formula
def installed_mw_per_phs(*, efficiency_j_per_th: Numbers, overhead: Numbers = 1.0) -> Floats:
    """Return the site power that one PH/s needs at nameplate [MW per PH/s].

    Examples
    --------
    >>> installed_mw_per_phs(efficiency_j_per_th=20)
    0.02
    """
    efficiency, factor = take(
        efficiency_j_per_th=(efficiency_j_per_th, POSITIVE), overhead=(overhead, AT_LEAST_ONE)
    )
    return efficiency * factor * (HASHES_PER_PH / HASHES_PER_TH) / _WATTS_PER_MW


@formula
def depreciation(*, purchase_price_usd_per_ths: Numbers, life_days: Numbers, age_days: Numbers) -> Floats:
    """Return the straight-line depreciation of a machine [USD per PH/s per day].

    Parameters
    ----------
    purchase_price_usd_per_ths : float or array
        What was paid [USD per TH/s], 0 or more.
    life_days : float or array
        Stated life [days], more than 0.
    age_days : float or array
        Days since the purchase, 0 or more; from `life_days` on nothing is left to depreciate.

    Examples
    --------
    >>> depreciation(purchase_price_usd_per_ths=15, life_days=1500, age_days=[0, 1499, 1500])
    array([10., 10.,  0.])
    """
    price, life, age = take(
        purchase_price_usd_per_ths=(purchase_price_usd_per_ths, NON_NEGATIVE),
        life_days=(life_days, POSITIVE),
        age_days=(age_days, NON_NEGATIVE),
    )
    daily = price * (HASHES_PER_PH / HASHES_PER_TH) / life + 0 * age  # NaN in the age propagates
    return np.where(age >= life, 0.0, daily)


@dataclass(frozen=True)
class CostDefinition:
    """What a filer counts in its cost to mine: the switches in which companies differ.

    Attributes
    ----------
    net_of_credits : whether power credits are taken off.
    with_depreciation : whether machines' depreciation is in.
    with_equivalents : whether credits are counted as coins instead, beside those mined.
    """

    net_of_credits: bool = True
    with_depreciation: bool = False
    with_equivalents: bool = False

    def __post_init__(self) -> None:
        """Refuse to count a credit twice."""
        if self.net_of_credits and self.with_equivalents:
            raise InputError(
                "with_equivalents: credits are taken off the cost already; give net_of_credits=False"
            )


_NET_OF_CREDITS = CostDefinition()


@formula
def cost_to_mine(
    *,
    power_usd: Numbers,
    other_direct_usd: Numbers,
    mined_btc: Numbers,
    credits_usd: Numbers = 0.0,
    depreciation_usd: Numbers = 0.0,
    equivalents_btc: Numbers = 0.0,
    definition: CostDefinition = _NET_OF_CREDITS,
) -> Floats:
    """Return the cost of a bitcoin under a company's own definition [USD per BTC].

    Parameters
    ----------
    power_usd, other_direct_usd, credits_usd, depreciation_usd : float or array
        Lines of a filing, 0 or more but power, which a credit within it may turn.
    mined_btc, equivalents_btc : float or array
        Coins mined, more than 0; credits over the period's mean price.
    definition : CostDefinition
        Which of them count; net of credits where left out.

    References
    ----------
    Riot Platforms, results of 2025Q1: (power + other direct cost - power credits) / bitcoin produced.

    Examples
    --------
    >>> lines = {"power_usd": 28_555_000, "other_direct_usd": 7_994_000, "credits_usd": 5_131_000}
    >>> round(cost_to_mine(**lines, mined_btc=1_364))
    23034
    >>> round(cost_to_mine(**lines, mined_btc=1_364, definition=CostDefinition(net_of_credits=False)))
    26795
    """
    power, other, credit, wear, mined, equal = take(
        power_usd=(power_usd, FINITE),
        other_direct_usd=(other_direct_usd, NON_NEGATIVE),
        credits_usd=(credits_usd, NON_NEGATIVE),
        depreciation_usd=(depreciation_usd, NON_NEGATIVE),
        mined_btc=(mined_btc, POSITIVE),
        equivalents_btc=(equivalents_btc, NON_NEGATIVE),
    )
    d = definition
    cost = power + other - d.net_of_credits * credit + d.with_depreciation * wear
    return cost / (mined + d.with_equivalents * equal)
