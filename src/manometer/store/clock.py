"""Read the date as of which to look, and write times as people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ..errors import InputError
from ..units import SECONDS_PER_DAY

__all__ = ["date_text", "day_start_s", "instant_text", "parse_as_of"]

#: The genesis block was mined on 2009-01-03; no question is older than its year.
_FIRST_S = 1_230_768_000
_LAST_S = 4_102_444_800
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,6})?\s?(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HINT = "write a UTC date such as 2022-11-09 or an instant such as 2022-11-09T18:00:00Z"


def day_start_s(text: str) -> int:
    """Return the first second of a UTC day written YYYY-MM-DD.

    Raises
    ------
    ValueError
        The text is no such date.
    """
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text[:30]!r} is not a date YYYY-MM-DD")
    try:
        return int((datetime.fromisoformat(text).replace(tzinfo=UTC) - _EPOCH).total_seconds())
    except ValueError:
        raise ValueError(f"{text[:30]!r} is no day of the calendar") from None


def parse_as_of(text: str) -> int:
    """Read a date or an instant as the last second that may be known, in UTC seconds.

    Parameters
    ----------
    text : str
        ``2022-11-09`` is the *end* of that UTC day, so the row dated that day is in;
        ``2022-11-09T18:00:00Z`` is that instant, in UTC unless it states an offset.

    Returns
    -------
    int
        Seconds since 1970 UTC; parts of a second are dropped.

    Raises
    ------
    InputError
        The text is neither, or lies before 2009 or after 2099.

    Examples
    --------
    >>> parse_as_of("1970-01-01".replace("1970", "2022")) - parse_as_of("2022-01-01T00:00Z")
    86400
    """
    written = text.strip() if isinstance(text, str) else ""
    shown = repr(text)[:40]
    match = _INSTANT.fullmatch(written)
    try:
        if match:
            zone = (match[5] or "Z").upper()
            iso = f"{match[1]}T{match[2]}{match[3] or ':00'}{'+00:00' if zone == 'Z' else zone}"
            second = (datetime.fromisoformat(iso) - _EPOCH) // timedelta(seconds=1)
        else:
            second = day_start_s(written) + SECONDS_PER_DAY
    except (ValueError, OverflowError):
        raise InputError(f"as-of {shown}: not a date; {_HINT}") from None
    if second <= _FIRST_S:
        raise InputError(f"as-of {shown}: before Bitcoin (2009); {_HINT}")
    if second > _LAST_S:
        raise InputError(f"as-of {shown}: after 2099; {_HINT}")
    return second


def date_text(second: int) -> str:
    """Return the UTC day of a second as YYYY-MM-DD."""
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%d")


def instant_text(second: int) -> str:
    """Return a second as YYYY-MM-DDTHH:MM:SSZ."""
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")
