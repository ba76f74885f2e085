"""What a key of the operator file may hold: a spec beside each field of a dataclass.

The reader, the JSON Schema and the reference table are all made from these, so a key is described once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

__all__ = [
    "NEEDED",
    "Spec",
    "day",
    "flag",
    "group",
    "groups",
    "key_of",
    "keys_of",
    "one_of",
    "quantity",
    "spec_of",
    "text",
    "whole",
    "words",
]

#: Marks a key that has no default.
NEEDED: Any = MISSING


@dataclass(frozen=True, slots=True)
class Spec:
    """One key: its form, meaning and range; `source` is where a default comes from, with its
    grade; `added` the group of entry points under which packages add options.

    `form` is quantity, number (whole), text, choice, flag, date, group (a dataclass), groups (a list of
    them), named (a mapping of name to group), days (a list of dates) or words (a list of text).
    """

    form: str
    doc: str
    suffix: str = ""
    low: float = 0.0
    high: float = math.inf
    options: tuple[str, ...] = ()
    of: Any = None
    source: str = ""
    added: str = ""


def _made(spec: Spec, default: Any) -> Any:
    if isinstance(default, Callable):  # type: ignore[arg-type]
        return field(default_factory=default, metadata={"spec": spec})
    return field(default=default, metadata={"spec": spec})


def quantity(
    suffix: str,
    doc: str,
    default: Any = NEEDED,
    *,
    low: float = 0.0,
    high: float = math.inf,
    source: str = "",
) -> Any:
    """Return a field with a unit."""
    return _made(Spec("quantity", doc, suffix, low, high, source=source), default)


def whole(doc: str, default: Any = NEEDED, *, low: int = 0, high: int = 10**9, source: str = "") -> Any:
    """Return a whole number without a unit."""
    return _made(Spec("number", doc, low=low, high=high, source=source), default)


def text(doc: str, default: Any = NEEDED) -> Any:
    """Return a text of one line."""
    return _made(Spec("text", doc), default)


def one_of(options: Iterable[str], doc: str, default: Any = NEEDED, *, added: str = "") -> Any:
    """Return a choice of words; `added` names the entry points of further ones."""
    return _made(Spec("choice", doc, options=tuple(options), added=added), default)


def flag(doc: str, default: Any = NEEDED) -> Any:
    """Return a yes or no."""
    return _made(Spec("flag", doc), default)


def day(doc: str, default: Any = NEEDED) -> Any:
    """Return a date."""
    return _made(Spec("date", doc), default)


def words(doc: str, form: str = "words", *, low: float = 0.0, high: float = math.inf) -> Any:
    """Return a list of text, of dates (`form="days"`) or of whole numbers (`form="numbers"`)."""
    return _made(Spec(form, doc, low=low, high=high), tuple)


def group(of: Any, doc: str, default: Any = None) -> Any:
    """Return a nested dataclass, None or its defaults where left out."""
    return _made(Spec("group", doc, of=of), default)


def groups(of: Any, doc: str, *, named: bool = False) -> Any:
    """Return a list of nested dataclasses, or a mapping of name to one."""
    return _made(Spec("named" if named else "groups", doc, of=of), dict if named else tuple)


def spec_of(one: Field[Any]) -> Spec:
    """Return the spec of a dataclass field."""
    spec = one.metadata["spec"]
    assert isinstance(spec, Spec)
    return spec


def keys_of(of: Any) -> dict[str, tuple[Spec, Any]]:
    """Return key -> (spec, default or NEEDED or a factory) of a dataclass made of these fields."""
    out = {}
    for one in fields(of):
        default = one.default if one.default is not MISSING else one.default_factory
        out[key_of(one.name)] = (spec_of(one), default)
    return out


def key_of(attribute: str) -> str:
    """Return the key of the file for an attribute: the unit is in the value, so the suffix goes."""
    from .quantity import UNITS

    longest = max((s for s in UNITS if attribute.endswith("_" + s)), key=len, default="")
    return attribute[: -len(longest) - 1] if longest else attribute
