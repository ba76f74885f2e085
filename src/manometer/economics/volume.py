"""How much is traded in a day: two named measures, twenty times apart, that stand side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

__all__ = ["VOLUMES", "Volume", "volumes_of"]


@dataclass(frozen=True, slots=True)
class Volume:
    """A named measure of what is traded in a day."""

    name: str
    btc_per_day: float
    source: str


#: Year -> the vetted index and all venues; a date takes the newest that has begun, and before all the first.
VOLUMES = {
    2022: (
        Volume("vetted", 38_000.0, "median of 2022, index of vetted exchanges"),
        Volume("all_venues", 1_080_000.0, "median of 2022, all venues as reported"),
    ),
    2025: (
        Volume("vetted", 20_000.0, "median of 2025, index of vetted exchanges"),
        Volume("all_venues", 460_000.0, "median of 2025, all venues as reported"),
    ),
}


def volumes_of(on: date) -> tuple[Volume, Volume]:
    """Return the two volumes of the newest year that had begun on a day; before all of them, of the first.

    Examples
    --------
    >>> [v.btc_per_day for v in volumes_of(date(2024, 4, 20))]
    [38000.0, 1080000.0]
    """
    return VOLUMES[max((y for y in VOLUMES if y <= on.year), default=min(VOLUMES))]
