"""Import a file: find its kind, read it whole, refuse bad rows by line, store the rest in one transaction."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from ..errors import InputError
from ..series import find_variable
from ..units import SECONDS_PER_DAY
from .cells import Gathered
from .chain_rows import check_block_times
from .clock import date_text
from .context import Context
from .daily_rows import NEAR_S, check_difficulty
from .derive import daily_difficulty
from .front import open_front
from .kinds import Kind, find_kind
from .store import Store
from .write import Batch, Origin, append

__all__ = ["ImportResult", "RefusedError", "import_file"]

_SHOWN_PROBLEMS = 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file.

    Parameters
    ----------
    file, kind : str
        Path as given, and the kind it was read as.
    rows_added, rows_known, rows_refused : int
        Rows that brought something new, rows that did not, rows refused; together all rows. Of a file that
        was refused nothing was stored, and the first two are 0.
    first, last : str or int or None
        Range of the keys of all that was read: dates, or heights.
    problems : tuple of (int, str)
        Line and message of each thing refused.
    notes : tuple of str
        What was assumed while reading.
    """

    file: str
    kind: str
    rows_added: int
    rows_known: int
    rows_refused: int
    first: str | int | None
    last: str | int | None
    problems: tuple[tuple[int, str], ...]
    notes: tuple[str, ...] = ()


class RefusedError(InputError):
    """A file with bad rows, of which nothing was stored; `result` says of every line what is wrong."""

    def __init__(self, message: str, result: ImportResult) -> None:
        super().__init__(message)
        self.result = result


def import_file(
    store: Store,
    path: str | os.PathLike[str],
    kind: str | None = None,
    timezone: str | None = None,
    skip_bad: bool = False,
    source: str | None = None,
    progress: Progress | None = None,
    *,
    entity: str | None = None,
    now_s: int | None = None,
) -> ImportResult:
    """Add a file to the store, all of it or nothing.

    Parameters
    ----------
    store : Store
        Where to.
    path : path
        CSV, CSV.gz or Parquet; recognised by its content.
    kind : str, optional
        Name in `KINDS`; by default the header says it.
    timezone : str, optional
        Zone of local times, such as "America/Chicago".
    skip_bad : bool
        Store the good rows of a file that has bad ones.
    source : str, optional
        Name of the source instead of the kind's own; one the catalogue does not name is read last.
    progress : callable, optional
        Called with rows done and all rows (None while they are not known).
    entity : str, optional
        Name of the power hub; by default the file's.
    now_s : int, optional
        Time of retrieval [s since 1970 UTC]; by default the clock.

    Raises
    ------
    InputError
        The file cannot be read, is of no known kind, or has a bad row; nothing is stored. Of bad rows it is
        a `RefusedError`.
    DataError
        The store is read-only, busy, full or damaged; nothing is stored.
    """
    file = Path(path)
    now = int(time.time()) if now_s is None else now_s
    with open_front(file) as front:
        found = find_kind(front.name, front.header, kind)
        context = Context(now, _source(found, source), entity or file.name.partition(".")[0], _zone(timezone))
        gathered = Gathered()
        for chunk in front.chunks(found.wanted):
            gathered.problems.extend(chunk.problems)
            gathered.rows += chunk.line.size + len(chunk.problems)
            with np.errstate(invalid="ignore"):
                found.parse(chunk, context, gathered)
            if progress:
                progress(gathered.rows, None)
        sha256 = front.sha256
    check_block_times(gathered)
    check_difficulty(gathered, partial(_held_difficulty, store))
    batches = gathered.batches()
    problems = sorted(set(gathered.problems))
    refused = len({line for line, _ in problems})
    notes = tuple(f"{text} ({count} times)" for text, count in sorted(gathered.notes.items()))
    if problems and not skip_bad:
        nothing = ImportResult(str(path), found.name, 0, 0, refused, None, None, tuple(problems), notes)
        raise RefusedError(_refusal(file.name, problems, refused), nothing)
    total = sum(batch.at.size for batch in batches)
    added = 0
    if batches:
        with store.writing() as connection:
            origin = Origin(found.name, file.name[:200], sha256, _not_before(connection, now))
            report = (lambda done: progress(done, total)) if progress else None
            added = append(connection, batches, origin, report).size
            if any(batch.variable == "bits" for batch in batches):
                _derive_difficulty(connection, origin)
    first, last = _range(batches)
    return ImportResult(
        str(path),
        found.name,
        int(added),
        gathered.rows - int(added) - refused,
        refused,
        first,
        last,
        tuple(problems),
        notes,
    )


def _source(kind: Kind, source: str | None) -> str:
    if source is None:
        return kind.source
    if not kind.source:
        raise InputError(f"--source has no meaning for {kind.name}: its columns name the sources")
    if not _NAME.fullmatch(source):
        raise InputError(f"source {source[:40]!r}: write letters, digits, '-', '.', '_', at most 40")
    return source


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(name)
    raise InputError(f"timezone {name[:40]!r} is not known; write a name such as America/Chicago or UTC")


def _refusal(name: str, problems: list[tuple[int, str]], refused: int) -> str:
    lines = "; ".join(f"line {line}: {message}" for line, message in problems[:_SHOWN_PROBLEMS])
    more = len(problems) - _SHOWN_PROBLEMS
    tail = f"; and {more} more" if more > 0 else ""
    rows = "1 row" if refused == 1 else f"{refused} rows"
    return f"{name}: {rows} refused, nothing stored (--skip-bad stores the rest): {lines}{tail}"


def _held_difficulty(store: Store, day_s: int) -> tuple[int, float] | None:
    """Return the last day before another that the store knows the difficulty of, if near, and the value."""
    series = store.read("difficulty", first=day_s - NEAR_S, last=day_s - SECONDS_PER_DAY)
    return (int(series.at[-1]), float(series.value[-1])) if len(series) else None


def _not_before(connection: sqlite3.Connection, now_s: int) -> int:
    """Return the time of retrieval; a clock that runs behind the store must not put it before the last."""
    (newest,) = connection.execute("SELECT max(retrieved_utc_s) FROM retrieval").fetchone()
    return max(now_s, int(newest or 0))


def _derive_difficulty(connection: sqlite3.Connection, origin: Origin) -> None:
    """Add the end-of-day difficulty that follows from the epochs held, up to the last one's first day."""
    held: dict[str, dict[int, float]] = {"bits": {}, "epoch_start_time_s": {}}
    for name, values in held.items():
        rows = connection.execute(
            "SELECT at, value FROM observation WHERE series_id = (SELECT id FROM series WHERE variable = ? "
            "AND entity = '') ORDER BY at, retrieval_id",
            (name,),
        )
        values.update({int(at): float(value) for at, value in rows})
    heights = sorted(held["bits"].keys() & held["epoch_start_time_s"].keys())
    start = np.array([held["epoch_start_time_s"][h] for h in heights], dtype=np.int64)
    bits = np.array([held["bits"][h] for h in heights], dtype=np.int64)
    # Days between epochs that do not follow each other are not known.
    whole = np.flatnonzero(np.diff(np.array(heights)) != 2016) + 1
    batches = []
    days, difficulties = [], []
    for part in np.split(np.arange(len(heights)), whole):
        day, difficulty = daily_difficulty(start[part], bits[part], int(start[part][-1]))
        days.append(day)
        difficulties.append(difficulty)
    at, index = np.unique(np.concatenate(days), return_index=True)
    value = np.concatenate(difficulties)[index]
    line = np.zeros(at.size, dtype=np.int64)
    assumed = np.zeros(at.size, dtype=bool)
    batches.append(
        Batch("difficulty", "", "derived-from-bits", line, at, value, at + SECONDS_PER_DAY, assumed)
    )
    append(connection, batches, origin)


def _range(batches: list[Batch]) -> tuple[str | int | None, str | int | None]:
    if not batches:
        return None, None
    first, last = min(int(b.at[0]) for b in batches), max(int(b.at[-1]) for b in batches)
    if find_variable(batches[0].variable).stamp == "height":
        return first, last
    return date_text(first), date_text(last)
