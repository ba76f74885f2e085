"""Formulae of mining money, array-blind: scalars give a float, arrays broadcast to an ndarray."""

from ._arguments import FloatOrArray, Numbers
from .avoidable import (
    AVOIDABLE_POWER_PRICE,
    avoidable_behind_the_meter,
    avoidable_fixed,
    avoidable_fixed_resellable,
    avoidable_home_heat,
    avoidable_hosted,
    avoidable_indexed,
    avoidable_power_price,
    avoidable_state,
    avoidable_stranded,
    coincident_peak_adder,
)
from .breakeven import (
    breakeven_difficulty,
    breakeven_efficiency,
    breakeven_hashprice,
    breakeven_hashrate,
    breakeven_power_price,
    breakeven_price,
)
from .cost import CostDefinition, cost_to_mine, depreciation, hashcost, installed_mw_per_phs
from .layers import LAYERS, CostLayers, cost_layers, pool_fee_memo
from .losses import credited_hashvalue, effective_efficiency, energy_factor, revenue_factor
from .profit import annuity, daily_profit, loan_to_value, margin, payback_days
from .revenue import (
    HASHPRICE_CONVENTIONS,
    hashprice,
    hashprice_blocks144_over_hashrate,
    hashprice_by,
    hashprice_revenue_over_hashrate,
    hashvalue,
    revenue_per_mwh,
)
from .solo import SoloOdds, solo_odds

__all__ = [
    "AVOIDABLE_POWER_PRICE",
    "HASHPRICE_CONVENTIONS",
    "LAYERS",
    "CostDefinition",
    "CostLayers",
    "FloatOrArray",
    "Numbers",
    "SoloOdds",
    "annuity",
    "avoidable_behind_the_meter",
    "avoidable_fixed",
    "avoidable_fixed_resellable",
    "avoidable_home_heat",
    "avoidable_hosted",
    "avoidable_indexed",
    "avoidable_power_price",
    "avoidable_state",
    "avoidable_stranded",
    "breakeven_difficulty",
    "breakeven_efficiency",
    "breakeven_hashprice",
    "breakeven_hashrate",
    "breakeven_power_price",
    "breakeven_price",
    "coincident_peak_adder",
    "cost_layers",
    "cost_to_mine",
    "credited_hashvalue",
    "daily_profit",
    "depreciation",
    "effective_efficiency",
    "energy_factor",
    "hashcost",
    "hashprice",
    "hashprice_blocks144_over_hashrate",
    "hashprice_by",
    "hashprice_revenue_over_hashrate",
    "hashvalue",
    "installed_mw_per_phs",
    "loan_to_value",
    "margin",
    "payback_days",
    "pool_fee_memo",
    "revenue_factor",
    "revenue_per_mwh",
    "solo_odds",
]
