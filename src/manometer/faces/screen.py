"""Where output goes: a console that keeps to the terminal's manners, JSON, CSV, and a bar on stderr."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ..errors import InputError, ManometerError
from .draw import PLAIN

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = [
    "GuardedStdout",
    "OutputError",
    "complain",
    "flat",
    "plain",
    "progress_bar",
    "publish",
    "screen_width",
    "show",
    "write_csv",
    "write_json",
]

_PATIENCE_S = 0.6
_NARROWEST = 40


class OutputError(ManometerError):
    """The answer cannot be written to stdout."""

    exit_code = 3


class GuardedStdout:
    """A stream like the one given, whose failed writes are an `OutputError`; a closed pipe stays one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write as the stream does."""
        with _guard():
            return self._stream.write(text)

    def flush(self) -> None:
        """Flush as the stream does."""
        with _guard():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _guard() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write the output: {error.strerror or error}") from None


def complain(text: str) -> None:
    """Write one line to stderr, whatever is in the text."""
    line = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    sys.stderr.write(f"manometer: {line}".encode(encoding, "replace").decode(encoding) + "\n")


def plain(value: Any) -> Any:
    """Return a view's data as JSON can hold it: no NaN, no infinity, no array."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write_json(data: Mapping[str, Any]) -> None:
    """Print one JSON object on stdout."""
    sys.stdout.write(json.dumps(plain(data), indent=2, allow_nan=False) + "\n")


def screen_width() -> int:
    """Return the width to write for: COLUMNS, else the terminal's, else 80."""
    from rich.console import Console

    return max(Console(file=sys.stdout).width, _NARROWEST)


def show(page: RenderableType, width: int | None = None) -> None:
    """Print a page on stdout: colours on a terminal only, ASCII where the encoding knows no more."""
    from rich.console import Console

    console = Console(file=sys.stdout, width=width or screen_width(), highlight=False, soft_wrap=False)
    with console.capture() as captured:
        console.print(page)
    text = captured.get()
    if not console.is_terminal:
        text = "\n".join(line.rstrip() for line in text.split("\n"))
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        text = text.translate(PLAIN).encode("ascii", "replace").decode("ascii")
    sys.stdout.write(text)


def write_csv(target: Path, rows: Sequence[Mapping[str, Any]], *, json: bool = False) -> None:
    """Write rows as CSV to a file, or to stdout for "-" unless JSON goes there; blank where unknown.

    Raises
    ------
    InputError
        The file cannot be written, or stdout is taken.
    """
    if json and str(target) == "-":
        raise InputError("--json and --csv - both want stdout; give --csv a file")
    buffer = io.StringIO()
    columns = list(dict.fromkeys(k for row in rows for k in row))
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if (v := plain(row.get(c))) is None else v for c in columns])
    if str(target) == "-":
        sys.stdout.write(buffer.getvalue())
        return
    try:
        target.write_text(buffer.getvalue(), encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot write {target}: {reason}") from None


def publish(
    data: Mapping[str, Any],
    page: Callable[[], RenderableType],
    *,
    json: bool,
    csv: Path | None = None,
    rows: Sequence[Mapping[str, Any]] = (),
    written: Sequence[object] = (),
) -> None:
    """Give a reading out: its table as CSV where asked, then JSON, or the page and what else was written."""
    if csv is not None:
        write_csv(csv, rows, json=json)
    if json:
        write_json(data)
    elif csv is None or str(csv) != "-":
        show(page())
        for what in written:
            show(f"written: {what}")


def flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested keys joined by a dot, as the columns of a table."""
    out: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            out.update(flat(value, f"{prefix}{key}."))
        elif not isinstance(value, list | tuple):
            out[f"{prefix}{key}"] = value
    return out


@contextmanager
def progress_bar(text: str, *, wanted: bool) -> Iterator[Callable[[int, int | None], None] | None]:
    """Lend a callback that draws a bar on stderr, once the work has taken a moment; None in a pipe."""
    if not (wanted and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    began = time.monotonic()
    task = bar.add_task(text, total=None)

    def tell(done: int, total: int | None) -> None:
        if not bar.live.is_started and time.monotonic() - began > _PATIENCE_S:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield tell
    finally:
        if bar.live.is_started:
            bar.stop()
