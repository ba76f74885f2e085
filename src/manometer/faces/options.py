"""Options that several commands share, and numbers as they are typed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter

from ..errors import DataError, InputError
from ..units import SECONDS_PER_DAY

if TYPE_CHECKING:
    from ..store import Store

__all__ = [
    "Gross",
    "Number",
    "Output",
    "Reading",
    "Table",
    "check_age",
    "check_number",
    "instant",
    "opened",
]

_GENERAL = Group("General", sort_key=9)

#: A number as it is typed: read later, so that every mistake gets the same clear line.
Number = Annotated[str | None, Parameter(allow_leading_hyphen=True, metavar="NUMBER")]


@Parameter(name="*")
@dataclass(frozen=True)
class Output:
    """How the answer is written."""

    json: Annotated[
        bool, Parameter(name="--json", negative=(), group=_GENERAL, help="One JSON object on stdout.")
    ] = False
    quiet: Annotated[
        bool, Parameter(name=("--quiet", "-q"), negative=(), group=_GENERAL, help="No progress, no notes.")
    ] = False
    store: Annotated[
        str | None,
        Parameter(
            name="--store",
            group=_GENERAL,
            metavar="URL",
            help="Path or sqlite:///PATH; else MANOMETER_STORE, else the user's data folder.",
        ),
    ] = None


@Parameter(name="*")
@dataclass(frozen=True)
class Reading:
    """As known when."""

    as_of: Annotated[
        str | None,
        Parameter(
            name="--as-of",
            metavar="DATE",
            allow_leading_hyphen=True,
            help="UTC date (its end) or instant: nothing known later is used.",
        ),
    ] = None
    retrieved_by: Annotated[
        str | None,
        Parameter(
            name="--retrieved-by",
            metavar="DATE",
            allow_leading_hyphen=True,
            help="Use only what was imported by then.",
        ),
    ] = None
    max_age: Annotated[
        str | None,
        Parameter(
            name="--max-age",
            metavar="DAYS",
            allow_leading_hyphen=True,
            help="Exit 3 if the data are older than this at the time asked about (now, or --as-of).",
        ),
    ] = None

    def as_of_s(self) -> int | None:
        """Return the instant as of which to read, None for the last complete day."""
        return instant(self.as_of, "as-of")

    def retrieved_by_s(self) -> int | None:
        """Return the last instant of retrieval that counts."""
        return instant(self.retrieved_by, "retrieved-by")


Table = Annotated[
    Path | None,
    Parameter(
        name="--csv",
        metavar="FILE",
        allow_leading_hyphen=True,
        help="Also write the table as CSV; - for stdout.",
    ),
]

Gross = Annotated[bool, Parameter(name="--gross", negative=(), help="Cost per bitcoin before the pool fee.")]


def instant(text: str | None, name: str) -> int | None:
    """Read a date or instant of an option; None where it was left out."""
    if text is None:
        return None
    from ..store import parse_as_of

    try:
        return parse_as_of(text)
    except InputError as error:
        raise InputError(str(error).replace("as-of", name, 1)) from None


def check_number(
    text: str | float, name: str, *, low: float = 0.0, high: float = math.inf, above: bool = False
) -> float:
    """Read a plain number.

    Raises
    ------
    InputError
        It is no number, not finite, or outside the range; `above` leaves `low` itself out.
    """
    try:
        value = float(str(text).replace(",", "").replace("_", ""))
    except ValueError:
        raise InputError(f"{name}: {str(text)[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise InputError(f"{name}: {str(text)[:40]!r} is not a finite number")
    if value < low or value > high or (above and value == low):
        bound = f"more than {low:g}" if above else f"at least {low:g}"
        if value > high:
            bound = f"at most {high:g}"
        raise InputError(f"{name}: {value:g} is out of range, must be {bound}")
    return value


def check_age(reading: Reading, end_s: int) -> None:
    """Stop where the data end too long before the instant asked about.

    Raises
    ------
    DataError
        The last complete day is older than --max-age.
    """
    if reading.max_age is None:
        return
    limit = check_number(reading.max_age, "max-age")
    asked = reading.as_of_s()
    age = ((time.time() if asked is None else asked) - end_s) / SECONDS_PER_DAY
    if age > limit:
        raise DataError(f"the data are {age:,.1f} days old, more than --max-age {limit:g}; import newer ones")


def opened(output: Output) -> Callable[[], Store]:
    """Return what opens the store when it is needed."""

    def open_it() -> Store:
        from ..store import open_store

        return open_store(output.store)

    return open_it
