"""Read a table that may be hostile: CSV, CSV.gz or Parquet, by its first bytes and in bounded pieces."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

__all__ = ["Chunk", "Front", "open_front"]

MAX_BYTES = 512 * 2**20
MAX_LINE_BYTES = 2**20
MAX_ROWS = 5_000_000
_MAX_COLUMNS = 500
_READ_BYTES = 2**20
_CHUNK_ROWS = 20_000
_LINE_END = re.compile(r"\r\n|\r|\n")

#: Takes a number of rows; returns up to that many, and the line of each.
Take = Callable[[int], tuple[Sequence[int], list[list[str]]]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows: the wanted columns as text, the line each row ends on, and rows of the wrong width."""

    columns: dict[str, list[str]]
    line: NDArray[np.int64]
    problems: list[tuple[int, str]]


class Front:
    """An open table: its header, its checksum, and its rows in chunks."""

    def __init__(self, name: str, sha256: str, header: list[str], take: Take) -> None:
        self.name = name
        self.sha256 = sha256
        self.header = header
        self._take = take
        clean = [column for column in header if column]
        if len(header) > _MAX_COLUMNS:
            raise InputError(f"{name}: {len(header)} columns; at most {_MAX_COLUMNS} are read")
        doubled = sorted({column for column in clean if clean.count(column) > 1})
        if doubled:
            raise InputError(f"{name}: column {doubled[0][:40]!r} stands twice in the header")

    def chunks(self, wanted: Iterable[str]) -> Iterator[Chunk]:
        """Yield all rows, with the columns of `wanted` that the header has."""
        places = [(name, self.header.index(name)) for name in wanted if name in self.header]
        width, count = len(self.header), 0
        while True:
            lines, rows = self._take(_CHUNK_ROWS)
            if not rows:
                return
            count += len(rows)
            if count > MAX_ROWS:
                raise InputError(f"{self.name}: more than {MAX_ROWS:,} rows; split the file")
            problems: list[tuple[int, str]] = []
            if set(map(len, rows)) != {width}:
                text = f"fields where the header has {width}"
                pairs = [(n, row) for n, row in zip(lines, rows, strict=True) if row]
                problems = [(n, f"has {len(row)} {text}") for n, row in pairs if len(row) != width]
                pairs = [(n, row) for n, row in pairs if len(row) == width]
                lines, rows = [n for n, _ in pairs], [row for _, row in pairs]
            cells = list(zip(*rows, strict=True)) if rows else [()] * width
            columns = {name: list(cells[place]) for name, place in places}
            yield Chunk(columns, np.array(lines, dtype=np.int64), problems)


@contextmanager
def open_front(path: Path) -> Iterator[Front]:
    """Open a table for reading.

    Raises
    ------
    InputError
        The file cannot be read, is cut off, too large, not text, or not a table; one line that says so.
    """
    name = path.name[:80]
    try:
        if not path.exists():
            raise InputError(f"{path}: no such file")
        if not path.is_file():
            raise InputError(f"{path}: not a regular file")
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{name}: larger than {MAX_BYTES >> 20} MiB; split the file")
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            magic = file.read(4)
            file.seek(0)
            if magic == b"PAR1":
                from .parquet import parquet_rows

                columns, take = parquet_rows(path, name)
                yield Front(name, sha256, columns, take)
                return
            packed = magic[:2] == b"\x1f\x8b"
            stream: IO[bytes] = gzip.GzipFile(fileobj=file) if packed else file  # type: ignore[assignment]
            rows = _CsvRows(_Lines(stream, name).text(), name)
            header = [column.strip() for row in rows.take(1)[1] for column in row]
            if not any(header):
                raise InputError(f"{name}: empty; the first line must name the columns")
            yield Front(name, sha256, header, rows.take)
    except InputError:
        raise
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(f"{name}: the compressed file is damaged or cut off") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{name}: cannot be read ({reason[:200]})") from None


class _CsvRows:
    """Rows of a CSV reader by the thousand, each with the line it ends on."""

    def __init__(self, lines: Iterator[str], name: str) -> None:
        self._reader = csv.reader(lines, strict=True)
        self._name = name

    def take(self, count: int) -> tuple[Sequence[int], list[list[str]]]:
        """Return up to `count` rows; a broken quote or an endless field ends the reading with its line."""
        before = self._reader.line_num
        try:
            rows = list(islice(self._reader, count))
        except csv.Error as error:
            raise InputError(f"{self._name}: line {self._reader.line_num}: not CSV ({error})") from None
        if self._reader.line_num == before + len(rows):
            return range(before + 1, before + len(rows) + 1), rows
        # Some fields hold line ends: count them.
        spans = (1 + sum(len(_LINE_END.findall(cell)) for cell in row) for row in rows)
        return [before + n for n in accumulate(spans)], rows


class _Lines:
    """Lines of a byte stream as text, with caps on all that could be without end."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name
        self._seen = 0

    def text(self) -> Iterator[str]:
        """Yield lines with their ends, as `csv` wants them."""
        rest, line, first = b"", 1, True
        while True:
            block = self._stream.read(_READ_BYTES)
            self._seen += len(block)
            if self._seen > MAX_BYTES:
                raise InputError(f"{self._name}: unpacks to more than {MAX_BYTES >> 20} MiB; split the file")
            data = rest + block
            cut = data.rfind(b"\n") + 1 if block else len(data)
            if first and len(data) >= 3:
                data = data.removeprefix(b"\xef\xbb\xbf")
                cut, first = (data.rfind(b"\n") + 1 if block else len(data)), False
            data, rest = data[:cut], data[cut:]
            if len(rest) > MAX_LINE_BYTES:
                raise InputError(f"{self._name}: line {line + data.count(10)} is longer than 1 MiB")
            if b"\0" in data:
                at = line + data.count(b"\n", 0, data.index(b"\0"))
                raise InputError(f"{self._name}: line {at}: holds a NUL byte; not a text file")
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError as error:
                at = line + data.count(b"\n", 0, error.start)
                raise InputError(f"{self._name}: line {at}: not UTF-8 text") from None
            yield from io.StringIO(text, newline="")
            line += data.count(b"\n")
            if line > 2 * MAX_ROWS:
                raise InputError(f"{self._name}: more than {2 * MAX_ROWS:,} lines; split the file")
            if not block:
                return
