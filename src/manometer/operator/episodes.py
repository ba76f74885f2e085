"""What was published of four episodes: sales and postings that a replay stands beside."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..errors import unknown_name

__all__ = ["EPISODES", "Episode", "Published", "read_episode"]


@dataclass(frozen=True, slots=True)
class Published:
    """One figure of one company, or of the listed ones together ("listed")."""

    name: str
    what: str
    value: float
    unit: str
    window: str
    source: str


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of history: first and last day, whether balance sheets are known, and what was published."""

    name: str
    first: date
    last: date
    balance_sheets: bool
    published: tuple[Published, ...] = ()


_SPANS = (
    Episode("2018-11", date(2018, 11, 1), date(2018, 12, 31), balance_sheets=False),
    Episode("2022-06", date(2022, 6, 1), date(2022, 6, 30), balance_sheets=True),
    Episode("2022-11", date(2022, 11, 1), date(2022, 12, 31), balance_sheets=True),
    Episode("2024-04", date(2024, 4, 1), date(2024, 4, 30), balance_sheets=True),
)
#: Names of the episodes.
EPISODES = tuple(e.name for e in _SPANS)


def read_episode(name: str) -> Episode:
    """Return an episode with what was published of it.

    Raises
    ------
    InputError
        There is none of that name.
    """
    spans = {e.name: e for e in _SPANS}
    if name not in spans:
        raise unknown_name("replay", name, EPISODES)
    e = spans[name]
    with Path(__file__).with_name("episodes.csv").open(encoding="utf-8", newline="") as f:
        rows = [r for r in csv.DictReader(f) if r["replay"] == name]
    published = tuple(
        Published(r["name"], r["what"], float(r["published"]), r["unit"], r["window"], r["source"])
        for r in rows
    )
    return Episode(e.name, e.first, e.last, e.balance_sheets, published)
