"""The one canonical time series and the catalogue of variables."""

from __future__ import annotations

from .catalogue import FAMILIES, VARIABLES, Variable, find_variable
from .series import Series, Stamp, align, as_of

__all__ = ["FAMILIES", "VARIABLES", "Series", "Stamp", "Variable", "align", "as_of", "find_variable"]
