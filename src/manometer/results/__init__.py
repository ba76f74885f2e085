"""Outcomes and the questions asked of them: what was kept, what was earned, and who paid the difference."""

from .retention import (
    earned,
    funded_gap,
    liquidation_to_production,
    retained,
    retention_frac,
    split_gap,
)

__all__ = [
    "earned",
    "funded_gap",
    "liquidation_to_production",
    "retained",
    "retention_frac",
    "split_gap",
]
