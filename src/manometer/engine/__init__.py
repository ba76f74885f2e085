"""An operator carried along a path, day by day, through its ledger."""

from .run import Outcome, run

__all__ = ["Outcome", "run"]
