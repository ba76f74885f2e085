"""The family of errors, split by what the caller can do about them.

ManometerError
    InputError     fix the input: the message names the value, what would be right, and the line in a file
    DataError      data are missing, stale, damaged, or from another version: import or repair
    SourceError    an outside source is unavailable (retry) or refuses (do not)
    ModelError     the question has no answer: infeasible, or not converged
    InternalError  a law of ours broke: a bug of Manometer, please report

`exit_code` is what the command line returns for each.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "DataError",
    "InputError",
    "InternalError",
    "ManometerError",
    "ModelError",
    "SourceError",
    "unknown_name",
]


class ManometerError(Exception):
    """Base of all errors that Manometer raises on purpose."""

    exit_code = 1


class InputError(ManometerError, ValueError):
    """The input is wrong; the message says what would be right."""

    exit_code = 2


class DataError(ManometerError):
    """Data are missing, stale, damaged or from another version of the store."""

    exit_code = 3


class SourceError(ManometerError):
    """An outside source did not deliver."""

    exit_code = 3


class ModelError(ManometerError):
    """The scenario is infeasible or the method did not converge."""


class InternalError(ManometerError):
    """A law that must always hold did not: our bug."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> InputError:
    """Return the error for a name that is not in `known`, with the nearest one as a suggestion."""
    names = sorted(known)
    near = difflib.get_close_matches(name.casefold(), [n.casefold() for n in names], n=1, cutoff=0.5)
    hint = ""
    if near:
        original = next(n for n in names if n.casefold() == near[0])
        hint = f"; did you mean {original!r}?"
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return InputError(f"unknown {kind} {name!r}{hint} (known: {shown})")
