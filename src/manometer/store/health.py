"""What the store holds, how old it is, where it has gaps and where its sources differ."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from ..series import Variable, find_variable
from .clock import date_text, instant_text
from .store import Store

__all__ = ["Difference", "DoctorReport", "Gap", "SeriesHealth", "doctor"]

_SHOWN_GAPS = 20


@dataclass(frozen=True, slots=True)
class Gap:
    """Keys that are missing between two that are there: the first, the last, and how many."""

    first: str | int
    last: str | int
    n: int


@dataclass(frozen=True, slots=True)
class SeriesHealth:
    """One series: keys held, their range, age of the newest [s], and the first twenty gaps of `n_gaps`."""

    name: str
    entity: str
    rows: int
    first: str | int
    last: str | int
    age_s: int
    gaps: tuple[Gap, ...]
    n_gaps: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two sources differ beyond the variable's tolerance: how often, and where most.

    `worst_frac` is relative to the source that is read first.
    """

    name: str
    sources: tuple[str, str]
    count: int
    compared: int
    worst_at: str | int
    worst_frac: float
    tolerance_frac: float


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """The health of a store; `integrity` is "ok" or what SQLite found."""

    store: str
    path: str
    schema_version: int
    read_only: bool
    integrity: str
    series: tuple[SeriesHealth, ...]
    differences: tuple[Difference, ...]


def doctor(store: Store, now_s: int) -> DoctorReport:
    """Look the store over.

    Parameters
    ----------
    store : Store
        The open store.
    now_s : int
        Time from which ages count [s since 1970 UTC].
    """
    with store.reading() as connection:
        integrity = str(connection.execute("PRAGMA quick_check").fetchone()[0])
        if integrity == "ok" and connection.execute("PRAGMA foreign_key_check").fetchone():
            integrity = "an observation points at nothing"
        names = connection.execute(
            "SELECT id, variable, entity FROM series ORDER BY variable, entity"
        ).fetchall()
        series = [_series(connection, int(i), str(v), str(e), now_s) for i, v, e in names]
        differences = [
            row
            for i, v, e in names
            if not e
            for row in _differences(connection, int(i), find_variable(str(v)))
        ]
    return DoctorReport(
        store=f"sqlite:///{store.path}",
        path=store.path,
        schema_version=store.schema_version,
        read_only=store.read_only,
        integrity=integrity,
        series=tuple(row for row in series if row is not None),
        differences=tuple(differences),
    )


def _label(variable: Variable, at: int) -> str | int:
    if variable.stamp == "height":
        return at
    return instant_text(at) if 0 < variable.width_s < 86_400 else date_text(at)


def _series(
    connection: sqlite3.Connection, series_id: int, name: str, entity: str, now_s: int
) -> SeriesHealth | None:
    variable = find_variable(name)
    rows = connection.execute(
        "SELECT DISTINCT at FROM observation WHERE series_id = ? ORDER BY at", (series_id,)
    )
    at = np.fromiter((row[0] for row in rows), dtype=np.int64)
    if not at.size:
        return None
    (known,) = connection.execute(
        "SELECT max(available_s) FROM observation WHERE series_id = ? AND at = ?", (series_id, int(at[-1]))
    ).fetchone()
    gaps: list[Gap] = []
    n_gaps = 0
    if variable.step:
        wide = np.flatnonzero(np.diff(at) > variable.step)
        n_gaps = int(wide.size)
        for i in wide[:_SHOWN_GAPS]:
            first, last = int(at[i]) + variable.step, int(at[i + 1]) - variable.step
            n = (last - first) // variable.step + 1
            gaps.append(Gap(_label(variable, first), _label(variable, last), n))
    return SeriesHealth(
        name,
        entity,
        int(at.size),
        _label(variable, int(at[0])),
        _label(variable, int(at[-1])),
        now_s - int(known),
        tuple(gaps),
        n_gaps,
    )


def _differences(connection: sqlite3.Connection, series_id: int, variable: Variable) -> list[Difference]:
    if variable.is_text:
        return []
    sources = [
        str(row[0])
        for row in connection.execute(
            "SELECT DISTINCT source FROM retrieval WHERE id IN "
            "(SELECT DISTINCT retrieval_id FROM observation WHERE series_id = ?)",
            (series_id,),
        )
    ]
    if len(sources) < 2:
        return []
    sources.sort(key=variable.rank)
    values = {source: _newest(connection, series_id, source) for source in sources}
    found = []
    for i, first in enumerate(sources):
        for second in sources[i + 1 :]:
            both, a, b = np.intersect1d(values[first][0], values[second][0], return_indices=True)
            if not both.size:
                continue
            one, other = values[first][1][a], values[second][1][b]
            scale = np.abs(one)
            apart = np.abs(one - other) / np.where(scale > 0, scale, 1.0)
            count = int(np.count_nonzero(apart > variable.tolerance_frac))
            if count:
                worst = int(np.argmax(apart))
                found.append(
                    Difference(
                        variable.name,
                        (first, second),
                        count,
                        int(both.size),
                        _label(variable, int(both[worst])),
                        float(apart[worst]),
                        variable.tolerance_frac,
                    )
                )
    return found


def _newest(
    connection: sqlite3.Connection, series_id: int, source: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rows = connection.execute(
        "SELECT o.at, o.value FROM observation o JOIN retrieval r ON r.id = o.retrieval_id "
        "WHERE o.series_id = ? AND r.source = ? ORDER BY o.at, r.retrieved_utc_s, r.id",
        (series_id, source),
    )
    try:
        held = {int(at): float(value) for at, value in rows}
    except (TypeError, ValueError):
        raise DataError(
            "a value that should be a number is not; run the import again into a new store"
        ) from None
    return np.array(list(held), dtype=np.int64), np.array(list(held.values()), dtype=np.float64)
