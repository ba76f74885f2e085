"""Outcomes and the questions asked of them: what was kept, what was earned, who paid, and how sure it is."""

from .attribution import kept_as_cash, sold_for
from .distribution import (
    LEVELS,
    Estimate,
    distribution,
    first_passage,
    mean_of,
    probability_of,
    quantile_of,
    survival_curve,
)
from .retention import (
    earned,
    funded_gap,
    liquidation_to_production,
    retained,
    retention_frac,
    split_gap,
)

__all__ = [
    "LEVELS",
    "Estimate",
    "distribution",
    "earned",
    "first_passage",
    "funded_gap",
    "kept_as_cash",
    "liquidation_to_production",
    "mean_of",
    "probability_of",
    "quantile_of",
    "retained",
    "retention_frac",
    "sold_for",
    "split_gap",
    "survival_curve",
]
