"""JSON Schema of the operator file, so that an editor completes and checks it while one types."""

from __future__ import annotations

from typing import Any

from .fields import NEEDED, Spec, keys_of
from .operator import Operator
from .quantity import UNITS, example

__all__ = ["operator_schema"]


def operator_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12), made from the same table that the reader uses.

    Examples
    --------
    >>> operator_schema()["properties"]["operator"]["type"]
    'string'
    """
    defs: dict[str, Any] = {}
    root = _object(Operator, defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Manometer operator file",
        **root,
        "$defs": defs,
    }


def _object(of: Any, defs: dict[str, Any]) -> dict[str, Any]:
    properties, required = {}, []
    for key, (spec, default) in keys_of(of).items():
        properties[key] = {"description": _words(spec, default), **_form(spec, defs)}
        if default is NEEDED:
            required.append(key)
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


def _ref(of: Any, defs: dict[str, Any]) -> dict[str, Any]:
    if of.__name__ not in defs:
        defs[of.__name__] = {}
        defs[of.__name__] = _object(of, defs)
    return {"$ref": f"#/$defs/{of.__name__}"}


def _form(spec: Spec, defs: dict[str, Any]) -> dict[str, Any]:
    if spec.form == "quantity":
        kinds = ["number", "string"] if "" in UNITS[spec.suffix] else ["string"]
        return {"type": kinds if len(kinds) > 1 else kinds[0], "examples": [example(spec.suffix)]}
    if spec.form == "choice":
        named = {"enum": list(spec.options)}
        return {"anyOf": [named, {"type": "string"}]} if spec.added else named
    if spec.form == "group":
        return _ref(spec.of, defs)
    if spec.form == "groups":
        return {"type": "array", "items": _ref(spec.of, defs)}
    if spec.form == "named":
        names = {"pattern": "^[A-Z]{3}$"}
        return {"type": "object", "propertyNames": names, "additionalProperties": _ref(spec.of, defs)}
    if spec.form == "numbers":
        return {"type": "array", "items": _whole(spec)}
    day = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$", "examples": ["2025-03-01"]}
    return {
        "number": _whole(spec),
        "text": {"type": "string", "minLength": 1, "maxLength": 200},
        "flag": {"type": ["boolean", "string"]},
        "date": day,
        "days": {"type": "array", "items": day},
    }[spec.form]


def _whole(spec: Spec) -> dict[str, Any]:
    return {
        "type": "integer",
        "minimum": int(spec.low),
        "maximum": int(spec.high) if spec.high < 1e12 else 10**9,
    }


def _words(spec: Spec, default: Any) -> str:
    text = spec.doc
    if isinstance(default, int | float | str) and default != "" and not isinstance(default, bool):
        unit = next(iter(UNITS[spec.suffix])).replace("$", "USD") if spec.suffix else ""
        factor = UNITS[spec.suffix][next(iter(UNITS[spec.suffix]))] if spec.suffix else 1
        shown = f"{default / factor:.6g} {unit}".strip() if not isinstance(default, str) else default
        text += f" Default {shown}."
    elif isinstance(default, bool):
        text += f" Default {'yes' if default else 'no'}."
    return text + (f" Source: {spec.source}." if spec.source else "")
