"""Outside bytes into YAML nodes with their lines: bounded, no tags, no aliases that multiply."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from ..errors import InputError

__all__ = ["MAX_BYTES", "Problem", "compose", "read_bytes"]

MAX_BYTES = 1_000_000
_MAX_DEPTH = 20
_MAX_NODES = 50_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file: where, and what would be right."""

    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.path}" if self.path else "")
        return f"{where}: {self.message}"


def read_bytes(file: Path) -> bytes:
    """Read a file of at most `MAX_BYTES`.

    Raises
    ------
    InputError
        It cannot be read, is not a file, or is too large; a large one is not read to its end.
    """
    try:
        wrong = "" if file.is_file() else "is not a file" if file.exists() else "is not there"
        raw = b""
        if not wrong:
            with file.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if wrong:
        raise InputError(f"{file}: {wrong}")
    if len(raw) > MAX_BYTES:
        raise InputError(f"{file}: is over {MAX_BYTES / 1e6:g} MB; an operator file is a few kB of YAML")
    return raw


def compose(raw: bytes) -> tuple[yaml.Node | None, list[Problem]]:
    """Return the root node, None where the text is no YAML that is taken, and what is wrong with it."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return None, [Problem(line, "", "is not UTF-8 text; save the file as UTF-8")]
    for number, line_text in enumerate(text.splitlines(), start=1):
        if "\t" in line_text[: len(line_text) - len(line_text.lstrip())]:
            return None, [Problem(number, "", "a tab indents this line; indent with spaces")]
    loader = yaml.SafeLoader(text) if _printable(text) else None
    if loader is None:
        number = next(i for i, t in enumerate(text.split("\n"), 1) if not _printable(t))
        return None, [Problem(number, "", "holds a control character; an operator file is plain text")]
    try:
        if refused := _refused_events(text):
            return None, [refused]
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(error.problem or error.context or error).split())
        return None, [Problem(mark.line + 1 if mark else 1, "", f"is not YAML: {what}; {_hint(what)}")]
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return None, [Problem(1, "", f"is not YAML: {' '.join(str(error).split())[:120]}")]
    finally:
        loader.dispose()
    if root is None:
        return None, [
            Problem(1, "", "the file is empty; 'manometer fleet new site' writes one to start from")
        ]
    return root, []


def _printable(text: str) -> bool:
    return not yaml.reader.Reader.NON_PRINTABLE.search(text)


def _refused_events(text: str) -> Problem | None:
    """Look at the events before any node is made: aliases, tags, depth and number are bounded."""
    depth = 0
    for n, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        line = event.start_mark.line + 1 if event.start_mark else 1
        anchor = str(getattr(event, "anchor", None) or "")[:20]
        if isinstance(event, yaml.AliasEvent):
            return Problem(line, "", f"the alias *{anchor} is not taken; write the value out")
        if anchor:
            return Problem(line, "", f"the anchor &{anchor} is not taken; write the value out")
        tag = getattr(event, "tag", None)
        if tag and not str(tag).startswith("tag:yaml.org,2002:str"):
            return Problem(line, "", f"the tag {str(tag)[:40]} is not taken; write plain values")
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            return Problem(line, "", f"is nested more than {_MAX_DEPTH} deep; an operator file needs 6")
        if n > _MAX_NODES:
            return Problem(line, "", f"has more than {_MAX_NODES:,} values; group equal machines by 'count'")
        if isinstance(event, yaml.DocumentStartEvent) and n > 1:
            return Problem(line, "", "a second document starts; an operator file is one")
    return None


def _hint(what: str) -> str:
    if "mapping values" in what or "':'" in what:
        return "write 'key: value', and put text with a colon in quotes"
    return "check the indentation and the brackets"
