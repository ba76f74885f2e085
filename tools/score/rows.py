"""One row of the scorecard, the list of required rows, and what makes a scorecard fail."""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["PUBLISHED", "ROOT", "Row", "failures", "needs", "read_published", "relative", "required_items"]

ROOT = Path(__file__).parent.parent.parent
PUBLISHED = ROOT / "tests" / "published"


@dataclass(frozen=True, slots=True)
class Row:
    """Ours beside a published value.

    ours, published : float or None
        In `unit`; None where data are missing, which the note then says.
    error_frac : float or None
        ours / published - 1 for levels; for changes and for limits, as the unit says, the difference.
    passed : bool or None
        A gate held or failed; None where nothing is judged.
    interval : (float, float) or None
        90 % interval of ours, printed under it.
    """

    section: str
    item: str
    ours: float | None
    published: float | None
    unit: str
    error_frac: float | None
    source: str
    passed: bool | None = None
    note: str = ""
    interval: tuple[float, float] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the row under its settled keys; a number that is not finite becomes null."""
        numbers = {k: _finite(getattr(self, k)) for k in ("ours", "published", "error_frac")}
        return {
            "item": self.item,
            "ours": numbers["ours"],
            "published": numbers["published"],
            "unit": self.unit,
            "error_frac": numbers["error_frac"],
            "source": self.source,
            "section": self.section,
            "pass": self.passed,
            "note": self.note,
            "interval90": None if self.interval is None else [float(v) for v in self.interval],
        }


def relative(
    section: str, item: str, ours: float, published: float, unit: str, source: str, note: str = ""
) -> Row:
    """Make a row of two levels whose error is relative and which is not judged."""
    return Row(section, item, ours, published, unit, ours / published - 1, source, None, note)


def needs(section: str, item: str, published: float | None, unit: str, source: str, what: str) -> Row:
    """Make a row that cannot be filled here and says what it needs."""
    return Row(section, item, None, published, unit, None, source, None, f"needs {what}")


def read_published(name: str) -> list[dict[str, str]]:
    """Read a table of published values; lines that start with # are remarks."""
    lines = (PUBLISHED / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def required_items() -> list[str]:
    """Read the items that a scorecard must have, one per line."""
    lines = (Path(__file__).parent / "required.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def failures(rows: list[Row], required: list[str]) -> list[str]:
    """Say what fails: gates that do not hold, required rows that are missing, items that stand twice."""
    count = Counter(r.item for r in rows)
    return [
        *(
            f"gate: {r.item}: {_text(r.ours)} against {_text(r.published)} {r.unit}"
            for r in rows
            if r.passed is False
        ),
        *(f"missing row: {item}" for item in required if not count[item]),
        *(f"row stands twice: {item}" for item, n in count.items() if n > 1),
    ]


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _text(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.6g}"
