"""Machines as data: the catalogue, tuning curves, ageing and resale."""

from .ageing import ASSUMED_AGEING, Ageing
from .machine import CATEGORIES, COLUMNS, Catalogue, MachineModel, PowerMode, parse_row, read_catalogue
from .resale import FORCED_DISCOUNT_FRAC, lagged_hashprice, resale_days, resale_value
from .tuning import OFF, TUNING_RANGE_FRAC, Mode, best_mode, marginal_modes, power_frac, tuning_curve

__all__ = [
    "ASSUMED_AGEING",
    "CATEGORIES",
    "COLUMNS",
    "FORCED_DISCOUNT_FRAC",
    "OFF",
    "TUNING_RANGE_FRAC",
    "Ageing",
    "Catalogue",
    "MachineModel",
    "Mode",
    "PowerMode",
    "best_mode",
    "lagged_hashprice",
    "marginal_modes",
    "parse_row",
    "power_frac",
    "read_catalogue",
    "resale_days",
    "resale_value",
    "tuning_curve",
]
