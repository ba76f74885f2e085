"""Cells of text to numbers, keys and times, with a message for each that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..series import Variable
from ..units import SECONDS_PER_DAY
from .clock import day_start_s
from .write import Batch

__all__ = [
    "Gathered",
    "Problems",
    "day_keys",
    "height_keys",
    "not_before_first",
    "number",
    "numbers",
    "out_of_range",
    "words",
]

MAX_HEIGHT = 20_000_000
#: 2009-01-03, the day of the first block.
_FIRST_DAY_S = 1_230_940_800
_MAX_TEXT = 2000
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*", re.ASCII)

Problems = list[tuple[int, str]]


def shown(cell: str) -> str:
    """Return a cell as a message may show it."""
    return repr(cell[:30])


def number(cell: str) -> float:
    """Read one cell; a blank one is NaN.

    Raises
    ------
    ValueError
        Not a plain finite number.
    """
    if not cell or cell.isspace():
        return float("nan")
    if not _NUMBER.fullmatch(cell):
        raise ValueError(f"{shown(cell)} is not a finite number")
    value = float(cell)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{shown(cell)} is not a finite number")
    return value


def numbers(
    cells: Sequence[str], line: NDArray[np.int64], name: str, problems: Problems
) -> NDArray[np.float64]:
    """Read a column; blank cells are NaN, bad ones too and a problem each."""
    try:
        joined = "".join(cells)
        if joined.isascii() and "_" not in joined:
            values = np.array([float(c) if c else np.nan for c in cells], dtype=np.float64)
            if int(np.isfinite(values).sum()) + cells.count("") == len(cells):
                return values
    except ValueError:
        pass
    slow = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells):
        try:
            slow[i] = number(cell)
        except ValueError as error:
            problems.append((int(line[i]), f"{name}: {error}"))
    return slow


def out_of_range(
    value: NDArray[np.float64], line: NDArray[np.int64], variable: Variable, name: str, problems: Problems
) -> None:
    """Add a problem for each value outside the plausible range of the catalogue."""
    for i in np.flatnonzero((value < variable.low) | (value > variable.high)):
        problems.append(
            (int(line[i]), f"{name}: {value[i]:g} is not plausible ({variable.low:g} to {variable.high:g})")
        )


def not_before_first(second: int, cell: str) -> None:
    """Refuse a time before the day of the first block.

    Raises
    ------
    ValueError
        It lies before 2009-01-03.
    """
    if second < _FIRST_DAY_S:
        raise ValueError(f"{shown(cell)} is before 2009-01-03, the day of the first block")


def day_keys(
    cells: Sequence[str], line: NDArray[np.int64], name: str, now_s: int, problems: Problems
) -> NDArray[np.int64]:
    """Read dates as the starts of UTC days; a bad one is -1 and a problem."""
    days = np.full(len(cells), -1, dtype=np.int64)
    for i, cell in enumerate(cells):
        try:
            second = day_start_s(cell.strip())
            if second > now_s:
                raise ValueError(f"{shown(cell)} lies in the future")
            if second + SECONDS_PER_DAY > now_s:
                raise ValueError(f"the day {shown(cell)} is not over; its values are not final")
            not_before_first(second, cell)
            days[i] = second
        except ValueError as error:
            problems.append((int(line[i]), f"{name}: {error}"))
    return days


def height_keys(
    cells: Sequence[str], line: NDArray[np.int64], name: str, problems: Problems
) -> NDArray[np.int64]:
    """Read block heights; a bad one is -1 and a problem."""
    value = numbers(cells, line, name, problems)
    bad = {problem[0] for problem in problems}
    good = (value >= 0) & (value < MAX_HEIGHT) & (value == np.rint(value))
    for i in np.flatnonzero(~good):
        if int(line[i]) not in bad:
            problems.append((int(line[i]), f"{name}: {shown(cells[int(i)])} is not a block height"))
    return np.where(good, np.nan_to_num(value, nan=-1.0), -1.0).astype(np.int64)


def words(cell: str) -> str:
    """Read a cell of words.

    Raises
    ------
    ValueError
        Too long, or it holds control characters.
    """
    text = cell.strip()
    if len(text) > _MAX_TEXT:
        raise ValueError(f"text of {len(text)} characters; at most {_MAX_TEXT} are kept")
    if not text.isprintable():
        raise ValueError("text with control characters")
    return text


def instant(text: str) -> datetime:
    """Read an ISO date and time; naive where it states no offset.

    Raises
    ------
    ValueError
        Not such a time.
    """
    stripped = text.strip()
    if len(stripped) < 16 or not stripped.isascii():
        raise ValueError(f"{shown(text)} is not a date and time")
    try:
        found = datetime.fromisoformat(stripped)
        return found.astimezone(UTC) if found.tzinfo else found
    except (ValueError, OverflowError):
        raise ValueError(f"{shown(text)} is not a date and time") from None


@dataclass(slots=True)
class Gathered:
    """What the rows of a file came to, by variable, entity and source."""

    parts: dict[tuple[str, str, str], list[tuple[Any, ...]]] = field(default_factory=dict)
    problems: Problems = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)
    rows: int = 0

    def add(
        self,
        variable: str,
        entity: str,
        source: str,
        line: NDArray[np.int64],
        at: NDArray[np.int64],
        value: NDArray[Any],
        available_s: NDArray[np.int64],
    ) -> None:
        """Take whole columns; entries that are NaN or have no key are left out."""
        keep = ~np.isnan(value) & (at >= 0)
        if keep.any():
            assumed: NDArray[np.bool_] = np.zeros(int(keep.sum()), dtype=bool)
            part = (line[keep], at[keep], value[keep], available_s[keep], assumed)
            self.parts.setdefault((variable, entity, source), []).append(part)

    def add_one(
        self, variable: str, entity: str, source: str, row: tuple[int, int, float | str, int, bool]
    ) -> None:
        """Take one value: (line, at, value, available_s, assumed)."""
        self.parts.setdefault((variable, entity, source), []).append(row)

    def note(self, text: str) -> None:
        """Count something worth saying."""
        self.notes[text] = self.notes.get(text, 0) + 1

    def batches(self) -> list[Batch]:
        """Return the batches in order of key, without refused lines; equal repeats once, others a problem."""
        merged = {key: _merge(parts) for key, parts in self.parts.items()}
        self.parts.clear()
        refused = {line for line, _ in self.problems}
        for (variable, entity, _), batch in merged.items():
            self.problems.extend(_conflicts(variable, entity, batch, refused))
        refused = {line for line, _ in self.problems}
        out = []
        for (variable, entity, source), columns in merged.items():
            line, at, value, available_s, assumed = columns
            keep = np.ones(at.size, dtype=bool)
            keep[1:] = at[1:] != at[:-1]
            if refused:
                good = ~np.isin(line, list(refused))
                index = np.flatnonzero(good)
                keep = np.zeros(at.size, dtype=bool)
                first = np.ones(index.size, dtype=bool)
                first[1:] = at[index][1:] != at[index][:-1]
                keep[index[first]] = True
            if keep.any():
                out.append(
                    Batch(
                        variable,
                        entity,
                        source,
                        line[keep],
                        at[keep],
                        value[keep],
                        available_s[keep],
                        assumed[keep],
                    )
                )
        return out


def _merge(parts: list[tuple[Any, ...]]) -> tuple[NDArray[Any], ...]:
    if isinstance(parts[0][0], np.ndarray):
        columns = tuple(np.concatenate([part[i] for part in parts]) for i in range(5))
    else:
        line, at, value, available_s, assumed = zip(*parts, strict=True)
        kind = object if isinstance(value[0], str) else np.float64
        columns = (
            np.array(line, dtype=np.int64),
            np.array(at, dtype=np.int64),
            np.array(value, dtype=kind),
            np.array(available_s, dtype=np.int64),
            np.array(assumed, dtype=bool),
        )
    order = np.lexsort((columns[0], columns[1]))
    return tuple(column[order] for column in columns)


def _conflicts(
    variable: str, entity: str, columns: tuple[NDArray[Any], ...], refused: Iterable[int]
) -> list[tuple[int, str]]:
    """Return a problem for each later line that gives a key another value than the first did."""
    line, at, value, available_s, _ = columns
    if at.size < 2 or not np.any(at[1:] == at[:-1]):
        return []
    skip = set(refused)
    first: dict[int, int] = {}
    found = []
    repeated = np.isin(at, at[1:][at[1:] == at[:-1]])
    for i in np.flatnonzero(repeated):
        if int(line[i]) in skip:
            continue
        j = first.setdefault(int(at[i]), int(i))
        if value[j] != value[i] or available_s[j] != available_s[i]:
            of = f" of {entity}" if entity else ""
            what = "value" if value[j] != value[i] else "date of publication"
            found.append((int(line[i]), f"{variable}{of}: another {what} for the key of line {int(line[j])}"))
    return found
