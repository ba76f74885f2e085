"""The operator file into an `Operator`: strict, with every problem by its line and path."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import yaml

from ..errors import InputError
from .fields import NEEDED, Spec, keys_of
from .nodes import Problem, compose, read_bytes
from .operator import Operator
from .quantity import example, read_quantity

__all__ = ["check_operator", "parse_operator", "read_operator"]

_YES = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_YEARS = (2009, 2140)
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)


def read_operator(path: str | Path) -> Operator:
    """Read an operator file.

    Raises
    ------
    InputError
        The first problem of the file, by line and path, and how many more there are.

    Examples
    --------
    >>> read_operator("nowhere.yaml")
    Traceback (most recent call last):
    manometer.errors.InputError: nowhere.yaml: is not there
    """
    file = Path(path)
    operator, problems = parse_operator(read_bytes(file), folder=file.parent)
    if problems or operator is None:
        more = f" (and {len(problems) - 1} more: manometer fleet check)" if len(problems) > 1 else ""
        raise InputError(f"{file}: {problems[0]}{more}")
    return operator


def check_operator(path: str | Path) -> list[Problem]:
    """Return everything that is wrong with an operator file, in the order of its lines."""
    file = Path(path)
    return parse_operator(read_bytes(file), folder=file.parent)[1]


def parse_operator(raw: bytes, folder: Path | None = None) -> tuple[Operator | None, list[Problem]]:
    """Read the bytes of an operator file; `folder` is where the series that it names are looked for."""
    from .sense import sense

    root, problems = compose(raw)
    if root is None:
        return None, problems
    walk = _Walk()
    operator = walk.group(root, Operator, "")
    if operator is not None and not walk.problems:
        walk.problems += sense(operator, walk.lines, folder)
    found = sorted(walk.problems, key=lambda p: (p.line, p.path))
    return (None if found else operator), found


@dataclass
class _Walk:
    """One pass over the nodes."""

    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)

    def say(self, node: yaml.Node, path: str, message: str) -> None:
        self.problems.append(Problem(node.start_mark.line + 1, path, message))

    def pairs(self, node: yaml.Node, path: str) -> dict[str, yaml.Node] | None:
        """Return the keys of a mapping; a key that stands twice is a problem."""
        if not isinstance(node, yaml.MappingNode):
            self.say(node, path, f"must be keys with values, not {_kind(node)}")
            return None
        out: dict[str, yaml.Node] = {}
        first: dict[str, int] = {}
        for key_node, value in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.say(key_node, path, "a key must be a word")
                continue
            key = str(key_node.value)
            if key in out:
                self.say(key_node, _at(path, key), f"stands twice (first on line {first[key]}); keep one")
                continue
            out[key], first[key] = value, key_node.start_mark.line + 1
            self.lines[_at(path, key)] = key_node.start_mark.line + 1
        return out

    def group(self, node: yaml.Node, of: Any, path: str) -> Any:
        """Return a dataclass from a mapping, None where it has a problem."""
        pairs = self.pairs(node, path)
        if pairs is None:
            return None
        before = len(self.problems)
        self.lines.setdefault(path, node.start_mark.line + 1)
        known = keys_of(of)
        if of is Operator and "exchange" in pairs:
            self.exchange(pairs["exchange"])
        for key in pairs.keys() - known.keys():
            self.unknown(pairs[key], path, key, list(known))
        values: dict[str, Any] = {}
        for (key, (spec, default)), attribute in zip(known.items(), _attributes(of), strict=True):
            if key in pairs and not _is_null(pairs[key]):
                values[attribute] = self.value(pairs[key], spec, _at(path, key))
            elif default is NEEDED:
                self.say(node, path, f"{key!r} is missing: {spec.doc} {_how(spec)}".rstrip())
        return of(**values) if len(self.problems) == before else None

    def unknown(self, node: yaml.Node, path: str, key: str, known: list[str]) -> None:
        near = difflib.get_close_matches(key.casefold(), known, n=1, cutoff=0.6)
        hint = f"; did you mean {near[0]!r}?" if near else f" (known here: {', '.join(known)})"
        line = self.lines.get(_at(path, key), node.start_mark.line + 1)
        self.problems.append(Problem(line, _at(path, key), f"unknown key {key[:40]!r}{hint}"))

    def exchange(self, node: yaml.Node) -> None:
        """Read the rates before anything that is billed in them."""
        from .operator import Exchange

        quiet = _Walk()
        for code, rate in (quiet.pairs(node, "exchange") or {}).items():
            made = quiet.group(rate, Exchange, "exchange")
            if made is not None and _CODE.fullmatch(code):
                self.rates[code] = made.rate

    def value(self, node: yaml.Node, spec: Spec, path: str) -> Any:
        return getattr(self, "_" + spec.form)(node, spec, path)

    def _scalar(self, node: yaml.Node, path: str, how: str) -> str | None:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value).strip()
        self.say(node, path, f"must be one value{how}, not {_kind(node)}")
        return None

    def _quantity(self, node: yaml.Node, spec: Spec, path: str) -> float | None:
        text = self._scalar(node, path, f" such as '{example(spec.suffix)}'")
        if text is None:
            return None
        try:
            return read_quantity(text, spec.suffix, rates=self.rates, low=spec.low, high=spec.high)
        except InputError as error:
            self.say(node, path, str(error))
            return None

    def _number(self, node: yaml.Node, spec: Spec, path: str) -> int | None:
        text = self._scalar(node, path, " such as 12")
        if text is None:
            return None
        digits = text.replace("_", "").replace(",", "")
        if not re.fullmatch(r"[+-]?\d{1,12}", digits, re.ASCII):
            self.say(node, path, f"{text[:40]!r} is not a whole number without a unit; write one such as 12")
            return None
        number = int(digits)
        if not spec.low <= number <= spec.high:
            self.say(node, path, f"{number} is out of range, must be {spec.low:g} to {spec.high:g}")
            return None
        return number

    def _text(self, node: yaml.Node, spec: Spec, path: str) -> str | None:
        text = self._scalar(node, path, "")
        if text is not None and (len(text) > 200 or not text.isprintable()):
            self.say(node, path, "must be one line of at most 200 characters")
            return None
        if text == "":
            self.say(node, path, "is empty; give a name or leave the key out")
            return None
        return text

    def _choice(self, node: yaml.Node, spec: Spec, path: str) -> str | None:
        text = self._scalar(node, path, f": one of {', '.join(spec.options)}")
        if text is None or text in spec.options:
            return text
        if spec.added and text in {e.name for e in entry_points(group=spec.added)}:
            return text
        near = difflib.get_close_matches(text.casefold(), spec.options, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        self.say(node, path, f"{text[:40]!r} is not known; {hint}(one of: {', '.join(spec.options)})")
        return None

    def _flag(self, node: yaml.Node, spec: Spec, path: str) -> bool | None:
        text = self._scalar(node, path, ": yes or no")
        if text is not None and text.casefold() not in _YES:
            self.say(node, path, f"{text[:40]!r} is not yes or no")
            return None
        return None if text is None else _YES[text.casefold()]

    def _date(self, node: yaml.Node, spec: Spec, path: str) -> date | None:
        text = self._scalar(node, path, " such as 2025-03-01")
        if text is None:
            return None
        try:
            day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
        except ValueError:
            day = None
        if day is None:
            self.say(node, path, f"{text[:40]!r} is not a day; write one such as 2025-03-01")
        elif not _YEARS[0] <= day.year <= _YEARS[1]:
            self.say(node, path, f"{text}: the year must be {_YEARS[0]} to {_YEARS[1]}")
            day = None
        return day

    def _list(self, node: yaml.Node, path: str, one: Callable[[yaml.Node, str], Any]) -> tuple[Any, ...]:
        if not isinstance(node, yaml.SequenceNode):
            self.say(node, path, f"must be a list, each with '- ' before it, not {_kind(node)}")
            return ()
        return tuple(one(item, f"{path}[{i}]") for i, item in enumerate(node.value))

    def _groups(self, node: yaml.Node, spec: Spec, path: str) -> tuple[Any, ...]:
        return self._list(node, path, lambda item, at: self.group(item, spec.of, at))

    def _group(self, node: yaml.Node, spec: Spec, path: str) -> Any:
        return self.group(node, spec.of, path)

    def _named(self, node: yaml.Node, spec: Spec, path: str) -> dict[str, Any]:
        out = {}
        for code, item in (self.pairs(node, path) or {}).items():
            if not _CODE.fullmatch(code):
                self.say(
                    item,
                    _at(path, code),
                    f"{code[:20]!r} is not a currency; write three capitals such as EUR",
                )
            elif code in ("USD", "BTC"):
                self.say(
                    item,
                    _at(path, code),
                    f"{code} needs no rate: everything is reckoned in USD; leave it out",
                )
            out[code] = self.group(item, spec.of, _at(path, code))
        return out

    def _days(self, node: yaml.Node, spec: Spec, path: str) -> tuple[Any, ...]:
        return self._list(node, path, lambda item, at: self._date(item, spec, at))

    def _numbers(self, node: yaml.Node, spec: Spec, path: str) -> tuple[Any, ...]:
        return self._list(node, path, lambda item, at: self._number(item, spec, at))


def _attributes(of: Any) -> list[str]:
    return list(of.__dataclass_fields__)


def _at(path: str, key: str) -> str:
    shown = key if len(key) <= 40 else key[:37] + "..."
    return f"{path}.{shown}" if path else shown


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "keys with values"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return f"{str(node.value)[:40]!r}" if node.value else "nothing"


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None and node.value in ("", "~", "null")


def _how(spec: Spec) -> str:
    if spec.form == "quantity":
        return f"(such as '{example(spec.suffix)}')"
    if spec.form == "choice":
        return f"(one of: {', '.join(spec.options)})"
    return {"date": "(such as 2025-03-01)", "number": "(such as 12)"}.get(spec.form, "")
