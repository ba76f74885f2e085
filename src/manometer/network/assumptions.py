"""Every assumption of the network model: one table of data, read here and nowhere else.

Each row of ``assumptions.csv`` holds from the first of January of its year until the next row, with a low and
a high end and either a source or the word "assumed". They are constants chosen by people, not observations: a
reading as of a past date uses the row of that date and none after it, but some rows were chosen with later
history in view, which is why each is graded.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

__all__ = ["Assumption", "Assumptions", "read_assumptions"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Assumption:
    """One row: a parameter (and key) from a year on, its range, and where it comes from."""

    parameter: str
    key: str
    year: float
    value: float
    low: float
    high: float
    unit: str
    grade: str
    source: str


@lru_cache(maxsize=1)
def read_assumptions() -> tuple[Assumption, ...]:
    """Read the packaged table; a row without a range is taken as certain."""
    text = (files(__package__) / "assumptions.csv").read_text(encoding="utf-8")
    rows = []
    for r in csv.DictReader(text.splitlines()):
        value = float(r["value"])
        low, high = (float(r[k]) if r[k] else value for k in ("low", "high"))
        if not low <= value <= high:
            raise InputError(
                f"assumption {r['parameter']} {r['year']}: {value} is outside its range {low}-{high}"
            )
        rows.append(
            Assumption(
                r["parameter"],
                r["key"],
                float(r["year"]),
                value,
                low,
                high,
                r["unit"],
                r["grade"],
                r["source"],
            )
        )
    return tuple(rows)


@dataclass(frozen=True)
class Assumptions:
    """The table with draws: draw 0 is central, the others are triangular between low and high.

    One uniform number per parameter and draw (Latin hypercube, fixed seed): a draw that has dear power has
    it in every year, so bands are bands of models, not noise.

    Parameters
    ----------
    n_draws : int
        Number of draws, the central one included.
    rows : tuple of Assumption
        The table; the packaged one by default.
    overrides : mapping
        Parameter -> constant that replaces it in all years and draws (for scoring and what-if).
    """

    n_draws: int = 32
    rows: tuple[Assumption, ...] = field(default_factory=read_assumptions)
    overrides: Mapping[str, float] = field(default_factory=dict)
    #: What callers derive once per quarter and keep with the table.
    kept: dict[int, object] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        table: dict[tuple[str, str], list[Assumption]] = {}
        for row in self.rows:
            table.setdefault((row.parameter, row.key), []).append(row)
        uniform: dict[str, Floats] = {}
        n = self.n_draws - 1
        for i, name in enumerate(sorted({r.parameter for r in self.rows})):
            rng = np.random.Generator(np.random.Philox(key=[2009, i]))
            uniform[name] = (rng.permutation(n) + rng.random(n)) / max(n, 1)
        object.__setattr__(self, "_table", {k: sorted(v, key=lambda r: r.year) for k, v in table.items()})
        object.__setattr__(self, "_uniform", uniform)

    def at(self, parameter: str, year: float, key: str = "") -> Floats:
        """Return the draws of one parameter at a fractional year, shape (n_draws,)."""
        if parameter in self.overrides:
            return np.full(self.n_draws, self.overrides[parameter])
        rows: list[Assumption] = self._table[parameter, key]  # type: ignore[attr-defined]
        row = next((r for r in reversed(rows) if r.year <= year), rows[0])
        low, mid, high = row.low, row.value, row.high
        u: Floats = self._uniform[parameter]  # type: ignore[attr-defined]
        return np.concatenate([[mid], _triangular(u, low, mid, high)])

    def central(self, parameter: str, year: float, key: str = "") -> float:
        """Return the central value of one parameter at a fractional year."""
        return float(self.at(parameter, year, key)[0])

    def keys(self, parameter: str) -> list[str]:
        """Return the keys of a parameter in the order of the table."""
        return list(dict.fromkeys(r.key for r in self.rows if r.parameter == parameter))


def _triangular(u: Floats, low: float, mid: float, high: float) -> Floats:
    """Inverse distribution function of the triangular distribution."""
    if high <= low:
        return np.full_like(u, mid)
    cut = (mid - low) / (high - low)
    left = low + np.sqrt(u * (high - low) * (mid - low))
    right = high - np.sqrt((1 - u) * (high - low) * (high - mid))
    return np.where(u < cut, left, right)
