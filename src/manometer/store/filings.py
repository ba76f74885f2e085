"""Facts of filings, by XBRL concept: each filing is a source, and may say a thing twice."""

from __future__ import annotations

import re

from ..series import find_variable
from ..units import SECONDS_PER_DAY
from .cells import Gathered, shown
from .clock import day_start_s
from .context import Context
from .front import Chunk
from .one_by_one import Row, each_row, known_when, read_day, read_name, read_value

__all__ = ["sec_facts"]

_YEAR_LAG_S = 365 * SECONDS_PER_DAY
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ANNUAL = re.compile(r"10-?k|40-?f|20-?f", re.IGNORECASE)


def sec_facts(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read facts of filings; each filing is a source of its own."""

    def read(line: int, row: Row) -> None:
        filing, concept = read_name(row, "filing"), read_name(row, "concept")
        at = read_day(row, "period_end", context, future=True)
        start = row["period_start"].strip()
        if start and read_day(row, "period_start", context, future=True, past=True) > at:
            raise ValueError(f"period_start: {shown(start)} is after period_end")
        value = read_value(row, "value", f"sec.{concept}")
        if value != value:
            raise ValueError("value: is missing")
        filed = _DATE.search(filing)
        of_filing = day_start_s(filed[0]) if filed else at
        lag_s = _YEAR_LAG_S if _ANNUAL.search(filing) else find_variable("sec.x").assumed_lag_s
        known = known_when(row, min(at, of_filing), of_filing + SECONDS_PER_DAY + lag_s, context)
        entity = " ".join((read_name(row, "ticker"), start or "instant", read_name(row, "unit")))
        text = _fuller(
            context, out, (f"sec.{concept}", entity, filing, at), row["value"].strip(), line, known[0]
        )
        if text is not None:
            out.add_one(f"sec.{concept}", entity, filing, (line, at, float(text), *known))

    each_row(chunk, out, read)


def _fuller(
    context: Context, out: Gathered, key: tuple[str, str, str, int], text: str, line: int, known_s: int
) -> str | None:
    """Return the value to gather for a fact that a filing may give twice, once rounded; None to leave it."""
    before = context.facts.get(key)
    if before is None:
        context.facts[key] = (text, line, known_s)
        return text
    old = before[0]
    if float(old) == float(text):
        return None
    keep, drop = (old, text) if _grain(old) < _grain(text) else (text, old)
    if abs(float(keep) - float(drop)) > _grain(drop):
        raise ValueError(f"value: {text[:30]}, but line {before[1]} of the same filing says {old[:30]}")
    if keep == old:
        return None
    entries = out.parts[(key[0], key[1], key[2])]
    entries[:] = [entry for entry in entries if entry[1] != key[3]]
    context.facts[key] = (text, line, known_s)
    return text


def _grain(text: str) -> float:
    """Return the place value of the last digit that is not zero."""
    value = abs(float(text))
    mantissa, _, exponent = f"{value:.15e}".partition("e")
    digits = mantissa.replace(".", "").rstrip("0") or "0"
    return float(10.0 ** (int(exponent) - len(digits) + 1))
