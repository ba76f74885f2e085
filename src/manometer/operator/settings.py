"""An operator file with some of its values replaced: `treasury.policy=hold`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ..errors import InputError
from .nodes import compose, read_bytes
from .operator import Operator
from .reader import parse_operator

__all__ = ["replaced", "with_settings"]


def with_settings(file: Path, settings: list[str]) -> Operator:
    """Read a file with settings in place of what it says.

    Raises
    ------
    InputError
        The file or a setting is wrong.
    """
    raw = replaced(read_bytes(file), dict(_pair(text) for text in settings))
    operator, problems = parse_operator(raw, folder=file.parent)
    if operator is None:
        raise InputError(f"{file} with {', '.join(settings)}: {problems[0].path}: {problems[0].message}")
    return operator


def replaced(raw: bytes, settings: dict[str, Any]) -> bytes:
    """Return an operator file's bytes with the values at some paths replaced (None takes a key out)."""
    root, problems = compose(raw)
    if root is None:
        raise InputError(str(problems[0]))
    data = _plain(root)
    for path, value in settings.items():
        _put(data, path, value)
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True).encode()


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise InputError(f"--set {text[:60]!r}: write KEY=VALUE, such as treasury.policy=hold")
    return key.strip(), value.strip()


def _plain(node: yaml.Node) -> Any:
    """Return nodes as text, lists and mappings: nothing is read as a date or a number here."""
    if isinstance(node, yaml.MappingNode):
        return {str(k.value): _plain(v) for k, v in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(v) for v in node.value]
    return node.value


def _put(data: Any, path: str, value: Any) -> None:
    parts = path.replace("[", ".").replace("]", "").split(".")
    at = data
    for k, part in enumerate(parts):
        where = ".".join(parts[: k + 1])
        last = k == len(parts) - 1
        if isinstance(at, list):
            if part == "+" and last:
                at.append(value)
                return
            if not part.isdigit() or int(part) >= len(at):
                raise InputError(f"--set {where}: the list has {len(at)} entries, counted from 0")
            key: Any = int(part)
        elif isinstance(at, dict):
            key = part
            if not last and part not in at:
                at[part] = {}
        else:
            raise InputError(f"--set {where}: {'.'.join(parts[:k])} is one value, it has no {part!r}")
        if last:
            if value is None and isinstance(at, dict):
                at.pop(key, None)
            else:
                at[key] = value
            return
        at = at[key]
