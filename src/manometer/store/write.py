"""Append observations: what is new goes in under one retrieval per source, what is known does not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Batch", "Origin", "append"]

_CHUNK = 20_000
_INSERT = (
    "INSERT INTO observation (series_id, at, retrieval_id, value, available_s, assumed) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Values of one variable and entity from one source, with the lines they stood on.

    `at` increases strictly; `value` holds floats, or str in an object array.
    """

    variable: str
    entity: str
    source: str
    line: NDArray[np.int64]
    at: NDArray[np.int64]
    value: NDArray[Any]
    available_s: NDArray[np.int64]
    assumed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file came from, and when."""

    kind: str
    file: str
    sha256: str
    retrieved_utc_s: int
    licence: str = ""
    provenance: str = ""


def append(
    connection: sqlite3.Connection,
    batches: Sequence[Batch],
    origin: Origin,
    progress: Callable[[int], None] | None = None,
    *,
    into_empty: bool = False,
) -> NDArray[np.int64]:
    """Store what the store does not hold yet, inside the caller's transaction.

    A value is known when the newest retrieval of the same source gives the same value, known no later.

    Parameters
    ----------
    connection : sqlite3.Connection
        With a transaction open.
    batches : sequence of Batch
        At most one for each variable, entity and source.
    origin : Origin
        What the retrievals say.
    progress : callable, optional
        Called with the number of observations done.
    into_empty : bool
        The store is new: nothing can be known.

    Returns
    -------
    array of int64
        The lines that brought something new, each once.
    """
    retrievals: dict[str, int] = {}
    new_lines: list[NDArray[np.int64]] = []
    done = 0
    for batch in batches:
        series_id = _series_id(connection, batch.variable, batch.entity)
        if into_empty:
            fresh: NDArray[np.bool_] = np.ones(batch.at.size, dtype=bool)
        else:
            fresh = _fresh(connection, series_id, batch)
        if fresh.any():
            if batch.source not in retrievals:
                retrievals[batch.source] = _retrieval_id(connection, batch.source, origin)
            _insert(connection, series_id, retrievals[batch.source], batch, fresh, progress, done)
            new_lines.append(batch.line[fresh])
        done += int(batch.at.size)
    if not new_lines:
        return np.empty(0, dtype=np.int64)
    lines = np.sort(np.concatenate(new_lines))
    first: NDArray[np.bool_] = np.append(True, lines[1:] != lines[:-1])
    return lines[first]


def _series_id(connection: sqlite3.Connection, variable: str, entity: str) -> int:
    key = (variable, entity)
    row = connection.execute("SELECT id FROM series WHERE variable = ? AND entity = ?", key).fetchone()
    if row is None:
        cursor = connection.execute("INSERT INTO series (variable, entity) VALUES (?, ?)", key)
        return int(cursor.lastrowid or 0)
    return int(row[0])


def _retrieval_id(connection: sqlite3.Connection, source: str, origin: Origin) -> int:
    cursor = connection.execute(
        "INSERT INTO retrieval (source, kind, file, sha256, retrieved_utc_s, licence, provenance) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            source,
            origin.kind,
            origin.file,
            origin.sha256,
            origin.retrieved_utc_s,
            origin.licence,
            origin.provenance,
        ),
    )
    return int(cursor.lastrowid or 0)


def _insert(
    connection: sqlite3.Connection,
    series_id: int,
    retrieval_id: int,
    batch: Batch,
    fresh: NDArray[np.bool_],
    progress: Callable[[int], None] | None,
    done: int,
) -> None:
    at, value = batch.at[fresh].tolist(), batch.value[fresh].tolist()
    available, assumed = batch.available_s[fresh].tolist(), batch.assumed[fresh].astype(int).tolist()
    for start in range(0, len(at), _CHUNK):
        part = slice(start, start + _CHUNK)
        count = len(at[part])
        columns = ([series_id] * count, at[part], [retrieval_id] * count)
        connection.executemany(
            _INSERT, zip(*columns, value[part], available[part], assumed[part], strict=True)
        )
        if progress:
            progress(done + start + count)


def _fresh(connection: sqlite3.Connection, series_id: int, batch: Batch) -> NDArray[np.bool_]:
    """Return which values of the batch differ from the newest one held of the same source."""
    fresh: NDArray[np.bool_] = np.ones(batch.at.size, dtype=bool)
    if not batch.at.size:
        return fresh
    held: dict[int, tuple[tuple[int, int], Any, int, int]] = {}
    stated: set[tuple[int, Any]] = set()
    ranks = {
        int(row[0]): (int(row[1]), int(row[0]))
        for row in connection.execute(
            "SELECT id, retrieved_utc_s FROM retrieval WHERE source = ?", (batch.source,)
        )
    }
    rows = connection.execute(
        "SELECT at, value, available_s, retrieval_id, assumed FROM observation "
        "WHERE series_id = ? AND at BETWEEN ? AND ?",
        (series_id, int(batch.at[0]), int(batch.at[-1])),
    )
    for at, value, available_s, retrieval_id, assumed in rows:
        rank = ranks.get(retrieval_id)
        if rank is None:
            continue
        if not assumed:
            stated.add((at, value))
        if at not in held or rank > held[at][0]:
            held[at] = (rank, value, available_s, assumed)
    if not held:
        return fresh
    columns = (batch.at.tolist(), batch.value.tolist(), batch.available_s.tolist(), batch.assumed.tolist())
    for i, (at, value, available_s, assumed) in enumerate(zip(*columns, strict=True)):
        old = held.get(at)
        if old is None or old[1] != value:
            continue
        # A guess at the date of publication adds nothing to a stated one, nor a later guess to an earlier.
        fresh[i] = not (
            (assumed and ((at, value) in stated or old[2] <= available_s))
            or (not assumed and not old[3] and old[2] == available_s)
        )
    return fresh
