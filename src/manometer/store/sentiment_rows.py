"""What people say and pay for a view: fear and greed, funding of perpetuals, surveys."""

from __future__ import annotations

from typing import Any

from ..series import find_variable
from ..units import SECONDS_PER_DAY
from .cells import Gathered, day_keys, numbers, out_of_range
from .context import Context
from .front import Chunk
from .one_by_one import Row, each_row, known_when, read_day, read_name, read_value

__all__ = ["daily", "surveys"]

#: Column -> variable and the name of its source.
_DAILY = {
    "fear_greed_index": ("fear_greed_index", "alternative-me"),
    "perp_funding_rate_mean": ("funding_frac_per_8h", "perpetuals"),
}


def daily(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read the day's index and funding; either may be blank."""
    line = chunk.line
    day = day_keys(chunk.columns["date"], line, "date", context.now_s, out.problems)
    for column, (variable, source) in _DAILY.items():
        value = numbers(chunk.columns[column], line, column, out.problems)
        out_of_range(value, line, find_variable(variable), column, out.problems)
        out.add(variable, "", source, line, day, value, day + SECONDS_PER_DAY)


def surveys(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read answers; the entity is who asked and what."""

    def read(line: int, row: Row) -> None:
        at = read_day(row, "date", context)
        value = read_value(row, "value", "survey.value")
        if value != value:
            raise ValueError("value: is missing")
        question, source = read_name(row, "question"), read_name(row, "source")
        known, assumed = known_when(row, at, at + SECONDS_PER_DAY, context)
        values: dict[str, Any] = {"value": value, "question": question, "source": source}
        for name, v in values.items():
            found = (line, at, v, known, assumed)
            out.add_one(f"survey.{name}", f"{source}: {question}", context.source, found)

    each_row(chunk, out, read)
