"""Read a table that may be hostile: CSV, CSV.gz or Parquet, by its first bytes and in bounded pieces."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows: the wanted columns as text, the line each row ends on, and rows of the wrong width."""

    columns: dict[str, list[str]]
    line: NDArray[np.int64]
    problems: list[tuple[int, str]]


class Front:
    """An open table: its header, its checksum, and its rows in chunks."""

    def __init__(
        self, name: str, sha256: str, header: list[str], rows: Iterator[tuple[int, list[str]]]
    ) -> None:
        self.name = name
        self.sha256 = sha256
        self.header = header
        self._rows = rows
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
            lines: list[int] = []
            rows: list[list[str]] = []
            problems: list[tuple[int, str]] = []
            taken = 0
            for line, row in self._rows:
                taken += 1
                if len(row) == width:
                    lines.append(line)
                    rows.append(row)
                elif row:
                    problems.append((line, f"has {len(row)} fields where the header has {width}"))
                if taken == _CHUNK_ROWS:
                    break
            if not taken:
                return
            count += taken
            if count > MAX_ROWS:
                raise InputError(f"{self.name}: more than {MAX_ROWS:,} rows; split the file")
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

                header, rows = parquet_rows(path, name)
                yield Front(name, sha256, header, rows)
                return
            packed = magic[:2] == b"\x1f\x8b"
            stream: IO[bytes] = gzip.GzipFile(fileobj=file) if packed else file  # type: ignore[assignment]
            lines = _Lines(stream, name)
            reader = csv.reader(lines.text(), strict=True)
            header = [column.strip() for column in next(_rows(reader, name), (0, []))[1]]
            if not any(header):
                raise InputError(f"{name}: empty; the first line must name the columns")
            yield Front(name, sha256, header, _rows(reader, name))
    except InputError:
        raise
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(f"{name}: the compressed file is damaged or cut off") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{name}: cannot be read ({reason[:200]})") from None


def _rows(reader: Iterator[list[str]], name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells); a broken quote or an endless field ends the reading with its line."""
    try:
        for row in reader:
            yield reader.line_num, row  # type: ignore[attr-defined]
    except csv.Error as error:
        line = reader.line_num  # type: ignore[attr-defined]
        raise InputError(f"{name}: line {line}: not CSV ({error})") from None


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
