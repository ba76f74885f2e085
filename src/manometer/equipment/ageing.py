"""What age does to a machine: more energy per hash, fewer hours, lost boards.

All constants are assumed: no public fleet record separates age from site and season. CleanSpark's metered
energy lies 2 to 7 % above nameplate on a fleet of one to three years, which is what the drift gives with a
site overhead of 1.03; availability of hosted sites is reported as 0.90 to 0.98.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import InputError

__all__ = ["ASSUMED_AGEING", "Ageing"]

Floats = npt.NDArray[np.float64]
_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Ageing:
    """Drift of a machine with age, in yearly rates.

    Attributes
    ----------
    efficiency_drift_frac_per_year : float
        Energy per hash rises by this share a year (paste, fans, dust).
    uptime_new_frac, uptime_loss_frac_per_year, uptime_floor_frac : float
        Share of hours that a new machine hashes, what it loses a year, and where the loss stops.
    board_loss_frac_per_year : float
        Share of nameplate hashrate lost a year to dead boards that are not replaced.
    """

    efficiency_drift_frac_per_year: float = 0.01
    uptime_new_frac: float = 0.97
    uptime_loss_frac_per_year: float = 0.01
    uptime_floor_frac: float = 0.85
    board_loss_frac_per_year: float = 0.02

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value <= 1:
                raise InputError(f"ageing: {name} is {value!r}, must be 0 to 1")

    def efficiency_factor(self, age_days: npt.ArrayLike) -> Floats:
        """Return energy per hash over that of a new machine, 1 or more.

        Examples
        --------
        >>> Ageing().efficiency_factor([0, 365.25]).tolist()
        [1.0, 1.01]
        """
        return np.asarray(1 + self.efficiency_drift_frac_per_year * _years(age_days))

    def uptime_frac(self, age_days: npt.ArrayLike) -> Floats:
        """Return the share of hours in which the machine hashes."""
        uptime = self.uptime_new_frac - self.uptime_loss_frac_per_year * _years(age_days)
        return np.maximum(min(self.uptime_floor_frac, self.uptime_new_frac), uptime)

    def hashrate_factor(self, age_days: npt.ArrayLike) -> Floats:
        """Return the hashrate left over that of a new machine, when it runs."""
        return np.asarray((1 - self.board_loss_frac_per_year) ** _years(age_days))


#: The default, marked as assumed wherever it is shown.
ASSUMED_AGEING = Ageing()


def _years(age_days: npt.ArrayLike) -> Floats:
    days = np.asarray(age_days, dtype=np.float64)
    if np.any(days < 0):
        raise InputError("age_days: a negative age")
    return days / _DAYS_PER_YEAR
