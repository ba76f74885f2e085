"""Read files of few rows one row at a time: what a row has wrong becomes its problem, by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..errors import InputError
from ..series import find_variable
from ..units import SECONDS_PER_DAY
from .cells import Gathered, not_before_first, number, shown, words
from .clock import day_start_s, parse_as_of
from .context import Context
from .front import Chunk

__all__ = ["Row", "each_row", "known_when", "read_day", "read_name", "read_text", "read_value"]

Row = dict[str, str]


def each_row(chunk: Chunk, out: Gathered, read: Callable[[int, Row], None]) -> None:
    """Read row by row; what a row has wrong becomes its problem."""
    for line, row in _rows(chunk):
        try:
            read(line, row)
        except (ValueError, OverflowError) as error:
            out.problems.append((line, str(error)))


def _rows(chunk: Chunk) -> Iterator[tuple[int, Row]]:
    names = list(chunk.columns)
    for line, *cells in zip(chunk.line.tolist(), *chunk.columns.values(), strict=True):
        yield line, dict(zip(names, cells, strict=True))


def read_day(row: Row, column: str, context: Context, *, future: bool = False, past: bool = False) -> int:
    """Read a day; one in the future, or before the first block, only where that is allowed."""
    try:
        second = day_start_s(row[column].strip())
        if not past:
            not_before_first(second, row[column])
    except ValueError as error:
        raise ValueError(f"{column}: {error}") from None
    if second > context.now_s and not future:
        raise ValueError(f"{column}: {shown(row[column])} lies in the future")
    return second


def known_when(row: Row, at: int, else_s: int, context: Context) -> tuple[int, bool]:
    """Return when a row became known, and whether that is assumed."""
    text = row.get("known_at_utc", "").strip()
    if not text:
        return else_s, True
    try:
        known_s = parse_as_of(text)
    except InputError:
        raise ValueError(f"known_at_utc: {shown(text)} is not a date or instant") from None
    if known_s < at:
        raise ValueError(f"known_at_utc: {shown(text)} is before the period's last day")
    if known_s > context.now_s + SECONDS_PER_DAY:
        raise ValueError(f"known_at_utc: {shown(text)} lies in the future")
    return known_s, False


def read_name(row: Row, column: str) -> str:
    try:
        text = words(row[column])
    except ValueError as error:
        raise ValueError(f"{column}: {error}") from None
    if not text:
        raise ValueError(f"{column}: is missing")
    return text[:200]


def read_value(row: Row, column: str, variable: str, factor: float = 1.0) -> float:
    """Read a number in the variable's unit; NaN where the cell is blank or absent."""
    found = find_variable(variable)
    try:
        value = number(row.get(column, ""))
    except ValueError as error:
        raise ValueError(f"{column}: {error}") from None
    # 15 digits: 0.0351 x 1000 shall be 35.1, not 35.099999999999994.
    value = float(f"{value * factor:.15g}") if factor != 1.0 else value
    if value < found.low or value > found.high:
        raise ValueError(f"{column}: {value:g} is not plausible ({found.low:g} to {found.high:g})")
    return value


def read_text(row: Row, column: str) -> str:
    try:
        return words(row.get(column, ""))
    except ValueError as error:
        raise ValueError(f"{column}: {error}") from None
