"""The Parquet front: rows as text, so that one set of rules reads every format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import InputError

__all__ = ["parquet_rows"]

Take = Callable[[int], tuple[Sequence[int], list[list[str]]]]

_MAX_CELLS = 50_000_000
_MAX_TEXT_BYTES = 512 * 2**20


def parquet_rows(path: Path, name: str) -> tuple[list[str], Take]:
    """Return the header of a Parquet file and what takes its rows.

    Raises
    ------
    InputError
        Polars is not installed, or the file is damaged or too large.
    """
    try:
        import polars
    except ImportError:
        raise InputError(
            f"{name}: Parquet needs the extra 'parquet' (pip install 'manometer[parquet]')"
        ) from None
    try:
        with _quiet_stderr():
            frame = _frame(polars, path, name)
    except InputError:
        raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        # A panic inside polars is no `Exception`.
        said = " ".join(str(error).split())[:120]
        raise InputError(f"{name}: not a readable Parquet file ({said})") from None
    return list(frame.columns), _FrameRows(frame).take


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep the Rust side from writing its panics to the terminal: the caller gets one line instead."""
    try:
        saved = os.dup(2)
    except OSError:
        yield
        return
    try:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 2)
        os.close(silent)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _frame(polars: Any, path: Path, name: str) -> Any:
    scan = polars.scan_parquet(path, glob=False, hive_partitioning=False)
    schema = scan.collect_schema()
    height = int(scan.select(polars.len()).collect().item())
    if height * max(len(schema), 1) > _MAX_CELLS:
        raise InputError(f"{name}: {height:,} rows of {len(schema)} columns are too many; split the file")
    columns = []
    for column, kind in schema.items():
        cell = polars.col(column)
        if kind.is_nested() or kind == polars.Binary or kind == polars.Object:
            raise InputError(f"{name}: column {column[:40]!r} holds {kind}, not numbers or text")
        if kind == polars.Datetime:
            zoned = getattr(kind, "time_zone", None) is not None
            cell = cell.dt.convert_time_zone("UTC") if zoned else cell
            cell = cell.dt.strftime("%Y-%m-%dT%H:%M:%SZ" if zoned else "%Y-%m-%d %H:%M:%S")
        columns.append(cell.cast(polars.String).fill_null(""))
    frame = scan.select(columns).collect()
    size = sum(int(frame[column].str.len_bytes().sum() or 0) for column in frame.columns)
    if size > _MAX_TEXT_BYTES:
        raise InputError(f"{name}: unpacks to more than {_MAX_TEXT_BYTES >> 20} MiB; split the file")
    return frame


class _FrameRows:
    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._done = 0

    def take(self, count: int) -> tuple[Sequence[int], list[list[str]]]:
        """Return the next `count` rows and their numbers from 1."""
        part = self._frame.slice(self._done, count)
        lines = range(self._done + 1, self._done + part.height + 1)
        self._done += part.height
        return lines, part.rows()
