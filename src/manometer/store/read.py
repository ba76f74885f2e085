"""Read one variable as it was known: visible by then, newest retrieval, fixed order of sources."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..series import Series, Variable

__all__ = ["Ranking", "rank_retrievals", "read_numbers", "read_words"]

_ROW = np.dtype([("at", np.int64), ("value", np.float64), ("retrieval", np.int64)])
_FIRST, _LAST = -(2**62), 2**62

#: By retrieval id: rank (the higher is read, -1 is out) and source.
Ranking = tuple[NDArray[np.int64], dict[int, str]]


def rank_retrievals(
    connection: sqlite3.Connection, variable: Variable, retrieved_by_s: int | None, source: str | None
) -> Ranking:
    """Order all retrievals for one variable: by the catalogue's source order, then by time of retrieval."""
    rows = connection.execute("SELECT id, source, retrieved_utc_s FROM retrieval").fetchall()
    kept = [
        row
        for row in rows
        if (retrieved_by_s is None or row[2] <= retrieved_by_s) and (source is None or row[1] == source)
    ]
    # Best source last, so that the highest rank is the one to read.
    order = {name: i for i, name in enumerate(sorted({r[1] for r in kept}, key=variable.rank, reverse=True))}
    kept.sort(key=lambda row: (order[row[1]], row[2], row[0]))
    rank = np.full(max((row[0] for row in rows), default=0) + 1, -1, dtype=np.int64)
    for place, row in enumerate(kept):
        rank[row[0]] = place
    return rank, {int(row[0]): str(row[1]) for row in kept}


def read_numbers(
    connection: sqlite3.Connection,
    variable: Variable,
    entity: str,
    ranking: Ranking,
    as_of_s: int | None,
    first: int | None,
    last: int | None,
) -> Series:
    """Read the numbers of one variable and entity."""
    if variable.available == "published":
        chosen = _published(connection, variable, entity, ranking, as_of_s, first, last)
        rows = np.array([(at, value, rid) for at, value, rid in chosen], dtype=_ROW)
    else:
        query = (
            "SELECT at, value, retrieval_id FROM observation WHERE series_id = "
            "(SELECT id FROM series WHERE variable = ? AND entity = ?) AND at BETWEEN ? AND ?"
        )
        given: list[Any] = [variable.name, entity, *_range(first, last)]
        if as_of_s is not None:
            query, given = query + " AND available_s <= ?", [*given, as_of_s]
        rows = np.fromiter(connection.execute(query + " ORDER BY at", given), dtype=_ROW)
        rows = _best(rows, ranking[0])
    used, index = np.unique(rows["retrieval"], return_inverse=True)
    names = [ranking[1][int(r)] for r in used]
    sources = tuple(sorted(set(names), key=variable.rank))
    of_retrieval = np.array([sources.index(n) for n in names], dtype=np.int16)
    source_index = of_retrieval[index] if used.size else np.empty(0, dtype=np.int16)
    return Series(
        variable.name,
        variable.unit,
        variable.stamp,
        variable.width_s,
        entity,
        rows["at"],
        rows["value"],
        sources,
        source_index,
    )


def read_words(
    connection: sqlite3.Connection,
    variable: Variable,
    entity: str,
    ranking: Ranking,
    as_of_s: int | None,
    first: int | None,
    last: int | None,
) -> list[tuple[int, str, str]]:
    """Read the words of one variable and entity as (key, text, source)."""
    chosen = _published(connection, variable, entity, ranking, as_of_s, first, last)
    return [(at, str(value), ranking[1][rid]) for at, value, rid in chosen]


def _range(first: int | None, last: int | None) -> tuple[int, int]:
    return _FIRST if first is None else int(first), _LAST if last is None else int(last)


def _best(rows: NDArray[Any], rank: NDArray[np.int64]) -> NDArray[Any]:
    """Keep, for each key, the row of the highest rank."""
    places = rank[rows["retrieval"]]
    if places.size and places.min() < 0:
        rows, places = rows[places >= 0], places[places >= 0]
    if np.all(rows["at"][1:] > rows["at"][:-1]):
        return rows
    order = np.lexsort((places, rows["at"]))
    rows = rows[order]
    last_of_key = np.append(rows["at"][1:] != rows["at"][:-1], True)
    best: NDArray[Any] = rows[last_of_key]
    return best


def _published(
    connection: sqlite3.Connection,
    variable: Variable,
    entity: str,
    ranking: Ranking,
    as_of_s: int | None,
    first: int | None,
    last: int | None,
) -> list[tuple[int, Any, int]]:
    """Choose among rows with a date of publication, which a later retrieval may state or correct."""
    rows = connection.execute(
        "SELECT at, value, retrieval_id, available_s, assumed FROM observation "
        "WHERE series_id = (SELECT id FROM series WHERE variable = ? AND entity = ?) AND at BETWEEN ? AND ?",
        (variable.name, entity, *_range(first, last)),
    )
    rank, names = ranking
    by_key: dict[int, dict[str, list[tuple[int, Any, int, int, int]]]] = {}
    for at, value, rid, available_s, assumed in rows:
        if rank[rid] >= 0:
            row = (int(rank[rid]), value, rid, available_s, assumed)
            by_key.setdefault(at, {}).setdefault(names[rid], []).append(row)
    chosen: list[tuple[int, Any, int]] = []
    for at in sorted(by_key):
        visible = [
            row
            for of_source in by_key[at].values()
            for row in _standing(of_source)
            if as_of_s is None or row[3] <= as_of_s
        ]
        if visible:
            best = max(visible, key=lambda row: row[0])
            chosen.append((at, best[1], best[2]))
    return chosen


def _standing(rows: Iterable[tuple[int, Any, int, int, int]]) -> list[tuple[int, Any, int, int, int]]:
    """Drop what one source has withdrawn: for each value its last stated date of publication stands.

    A date that is only assumed stands when none is stated, and then the earliest.
    """
    by_value: dict[Any, list[tuple[int, Any, int, int, int]]] = {}
    for row in rows:
        by_value.setdefault(row[1], []).append(row)
    standing = []
    for same in by_value.values():
        stated = [row for row in same if not row[4]]
        if stated:
            newest = max(stated, key=lambda row: row[0])
            available_s, assumed = newest[3], 0
        else:
            available_s, assumed = min(row[3] for row in same), 1
        last = max(same, key=lambda row: row[0])
        standing.append((last[0], last[1], last[2], available_s, assumed))
    return standing
