"""The cost of hash, and of a bitcoin, in four named layers.

electricity   power at the meter
direct        electricity + hosting + site labour and lease
cash          direct + cash overheads + interest paid + tax
all_in        cash + depreciation + stock compensation

Per PH/s *installed* per day; or per bitcoin, over the coins credited after the pool fee. The fee has thereby
been paid in coins: it is shown as a memo and never added to a layer. Site and overhead costs accrue per
installed MW whether it runs or not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..units import SUFFIXES
from ._arguments import (
    AT_LEAST_ONE,
    FINITE,
    FRACTION,
    NON_NEGATIVE,
    POSITIVE,
    SHARE_LOST,
    FloatOrArray,
    Floats,
    Numbers,
    formula,
    take,
)
from .cost import hashcost, installed_mw_per_phs

__all__ = ["LAYERS", "CostLayers", "cost_layers", "pool_fee_memo"]

#: The layers, from the narrowest to the widest.
LAYERS = ("electricity", "direct", "cash", "all_in")
_DAYS_PER_YEAR = SUFFIXES["days"]["years"]


@dataclass(frozen=True)
class CostLayers:
    """One cost in four layers, each a float or an array of one shape.

    Attributes
    ----------
    electricity, direct, cash, all_in : float or ndarray
        Cumulative: each holds the one before it.
    unit : str
        "usd_per_phs_day" (installed) or "usd_per_btc".
    denominator : str or None
        For "usd_per_btc": "credited" (after the pool fee) or "gross" (before it).
    """

    electricity: FloatOrArray
    direct: FloatOrArray
    cash: FloatOrArray
    all_in: FloatOrArray
    unit: str = "usd_per_phs_day"
    denominator: str | None = None

    def as_dict(self) -> dict[str, FloatOrArray]:
        """Return the four layers by name."""
        return {name: getattr(self, name) for name in LAYERS}

    def per_btc(self, *, btc_per_installed_phs_day: Numbers, denominator: str = "credited") -> CostLayers:
        """Return the layers per bitcoin.

        Parameters
        ----------
        btc_per_installed_phs_day : float or array
            Coins per installed PH/s per day, more than 0: `credited_hashvalue`, without its fee for "gross".
        denominator : {"credited", "gross"}
            What those coins are; carried along so that the figure can say it.

        Raises
        ------
        InputError
            The layers are per bitcoin already, the coins are not positive, or the denominator is unknown.
        """
        if self.unit != "usd_per_phs_day":
            raise InputError(f"unit: the layers are in {self.unit} already")
        if denominator not in ("credited", "gross"):
            raise InputError(f"denominator: {denominator!r} is not 'credited' or 'gross'")
        coins = btc_per_installed_phs_day
        per_coin = {
            name: _over(cost=cost, btc_per_installed_phs_day=coins) for name, cost in self.as_dict().items()
        }
        return CostLayers(**per_coin, unit="usd_per_btc", denominator=denominator)


def cost_layers(
    *,
    efficiency_j_per_th: Numbers,
    power_price_usd_per_mwh: Numbers,
    overhead: Numbers = 1.0,
    energy_frac: Numbers = 1.0,
    hosting_usd_per_phs_day: Numbers = 0.0,
    site_usd_per_mw_year: Numbers = 0.0,
    overheads_usd_per_mw_year: Numbers = 0.0,
    interest_usd_per_phs_day: Numbers = 0.0,
    tax_usd_per_phs_day: Numbers = 0.0,
    depreciation_usd_per_phs_day: Numbers = 0.0,
    stock_compensation_usd_per_phs_day: Numbers = 0.0,
) -> CostLayers:
    """Return the four cost layers [USD per PH/s installed per day].

    Parameters
    ----------
    efficiency_j_per_th, power_price_usd_per_mwh, overhead : float or array
        As `hashcost`; the power price net of credits, or gross of them, as the figure says.
    energy_frac : float or array
        Energy paid for over full consumption, 0 to 1: `energy_factor`. Scales electricity and nothing else.
    hosting_usd_per_phs_day : float or array
        Host's charge beyond power, per installed PH/s.
    site_usd_per_mw_year : float or array
        Site labour and lease per installed MW, running or not.
    overheads_usd_per_mw_year : float or array
        Cash overheads per installed MW, running or not.
    interest_usd_per_phs_day : float or array
        Interest that is paid in cash.
    tax_usd_per_phs_day : float or array
        0 unless tax is to be counted.
    depreciation_usd_per_phs_day : float or array
        `depreciation`, as reported or at one common life.
    stock_compensation_usd_per_phs_day : float or array
        Share-based pay.

    Returns
    -------
    CostLayers
        In "usd_per_phs_day", every layer of the same shape.

    Raises
    ------
    InputError
        An argument is out of range, or the shapes do not broadcast.

    References
    ----------
    CoinShares, "Bitcoin Mining Report", quarterly: electricity, cash and all-in cost per bitcoin;
    Luxor, Hashrate Index, on direct and all-in break-even.

    Examples
    --------
    >>> layers = cost_layers(efficiency_j_per_th=20, power_price_usd_per_mwh=50, site_usd_per_mw_year=73_050,
    ...                      depreciation_usd_per_phs_day=10)
    >>> {name: round(value, 6) for name, value in layers.as_dict().items()}
    {'electricity': 24.0, 'direct': 28.0, 'cash': 28.0, 'all_in': 38.0}
    """
    arguments = take(
        efficiency_j_per_th=(efficiency_j_per_th, POSITIVE),
        power_price_usd_per_mwh=(power_price_usd_per_mwh, FINITE),
        overhead=(overhead, AT_LEAST_ONE),
        energy_frac=(energy_frac, FRACTION),
        hosting_usd_per_phs_day=(hosting_usd_per_phs_day, NON_NEGATIVE),
        site_usd_per_mw_year=(site_usd_per_mw_year, NON_NEGATIVE),
        overheads_usd_per_mw_year=(overheads_usd_per_mw_year, NON_NEGATIVE),
        interest_usd_per_phs_day=(interest_usd_per_phs_day, NON_NEGATIVE),
        tax_usd_per_phs_day=(tax_usd_per_phs_day, NON_NEGATIVE),
        depreciation_usd_per_phs_day=(depreciation_usd_per_phs_day, NON_NEGATIVE),
        stock_compensation_usd_per_phs_day=(stock_compensation_usd_per_phs_day, NON_NEGATIVE),
    )
    shape = np.broadcast_shapes(*(a.shape for a in arguments))
    efficiency, power_price, factor, energy, hosting, site, overheads, interest, tax, wear, stock = arguments
    power = np.asarray(
        hashcost(efficiency_j_per_th=efficiency, power_price_usd_per_mwh=power_price, overhead=factor)
    )
    mw_days = (
        np.asarray(installed_mw_per_phs(efficiency_j_per_th=efficiency, overhead=factor)) / _DAYS_PER_YEAR
    )
    electricity = power * energy
    direct = electricity + hosting + site * mw_days
    cash = direct + overheads * mw_days + interest + tax
    all_in = cash + wear + stock
    return CostLayers(
        electricity=_plain(layer=np.broadcast_to(electricity, shape)),
        direct=_plain(layer=np.broadcast_to(direct, shape)),
        cash=_plain(layer=np.broadcast_to(cash, shape)),
        all_in=_plain(layer=np.broadcast_to(all_in, shape)),
    )


@formula
def pool_fee_memo(*, gross_btc_per_installed_phs_day: Numbers, pool_fee_frac: Numbers) -> Floats:
    """Return the coins that the pool kept [BTC per PH/s installed per day]: shown beside the layers, in none.

    Examples
    --------
    >>> pool_fee_memo(gross_btc_per_installed_phs_day=5e-4, pool_fee_frac=0.02)
    1e-05
    """
    gross, fee = take(
        gross_btc_per_installed_phs_day=(gross_btc_per_installed_phs_day, NON_NEGATIVE),
        pool_fee_frac=(pool_fee_frac, SHARE_LOST),
    )
    return gross * fee


@formula
def _plain(*, layer: Floats) -> Floats:
    return layer.copy()


@formula
def _over(*, cost: Numbers, btc_per_installed_phs_day: Numbers) -> Floats:
    top, coins = take(cost=(cost, FINITE), btc_per_installed_phs_day=(btc_per_installed_phs_day, POSITIVE))
    return top / coins
