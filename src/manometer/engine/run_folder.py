"""A run in a folder: a manifest and one Parquet file per finished chunk, each written whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, InputError
from .columns import Columns

__all__ = ["MANIFEST", "RunFolder", "digest_of"]

MANIFEST = "manifest.json"


def digest_of(value: object) -> str:
    """Return the SHA-256 of plain values, arrays and dataclasses, by their content."""
    digest = hashlib.sha256()
    _add(digest, value)
    return digest.hexdigest()


def _add(digest: Any, value: object) -> None:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        digest.update(type(value).__qualname__.encode())
        for f in dataclasses.fields(value):
            digest.update(f.name.encode() + b"=")
            _add(digest, getattr(value, f.name))
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype.str}{value.shape}".encode() + value.tobytes())
    elif isinstance(value, Mapping):
        for key in sorted(value, key=repr):
            _add(digest, key)
            _add(digest, value[key])
    elif isinstance(value, list | tuple):
        digest.update(f"[{len(value)}".encode())
        for part in value:
            _add(digest, part)
    else:
        digest.update(f"{type(value).__name__}:{value!r};".encode())


class RunFolder:
    """A folder with the chunks of one run; holds what `Kept` holds, on disk.

    Parameters
    ----------
    folder : made where it is not there.
    manifest : what decides the run; another run's folder is refused.
    resume : go on with a run that is there.

    Raises
    ------
    InputError
        Polars is missing, the folder cannot be made, holds something else, or holds a run and `resume` is not
        set.
    DataError
        The run in the folder is another one, or its manifest is damaged.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any], *, resume: bool) -> None:
        try:
            import polars as pl
        except ImportError:
            raise InputError(
                "a run is kept in a folder as Parquet, which needs polars: pip install 'manometer[parquet]'"
            ) from None
        self._pl: Any = pl
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            there = sorted(p.name for p in folder.iterdir() if not p.name.endswith(".part"))
        except OSError as error:
            raise InputError(f"{folder}: cannot hold a run: {error.strerror}") from None
        self.manifest: dict[str, Any] = dict(manifest)
        if MANIFEST in there:
            if not resume:
                raise InputError(
                    f"{folder} holds a run already: --resume goes on with it, or name another folder"
                )
            self.manifest = _agree(folder / MANIFEST, self.manifest)
        elif there:
            raise InputError(f"{folder} is not empty and holds no run; name an empty folder")
        else:
            _write_whole(folder / MANIFEST, json.dumps(self.manifest, indent=1).encode() + b"\n")

    def _file(self, first_path: int) -> Path:
        return self.folder / f"paths-{first_path:010d}.parquet"

    def keep(self, first_path: int, columns: Columns) -> None:
        """Write a chunk."""
        frame = self._pl.DataFrame(
            {"path": first_path + np.arange(len(next(iter(columns.values())))), **columns}
        )
        part = self._file(first_path).with_suffix(".part")
        try:
            frame.write_parquet(part, compression="zstd")
            part.replace(self._file(first_path))
        except OSError as error:
            raise DataError(f"{self.folder}: cannot write: {error.strerror or error}") from None

    def done(self) -> dict[int, int]:
        """Return first path -> number of paths of each chunk that is there whole.

        Raises
        ------
        DataError
            A file is damaged.
        """
        out = {}
        for file in sorted(self.folder.glob("paths-*.parquet")):
            try:
                out[int(file.stem.partition("-")[2])] = int(
                    self._pl.scan_parquet(file).select(self._pl.len()).collect().item()
                )
            except (ValueError, OSError, self._pl.exceptions.PolarsError):
                raise DataError(f"{file}: is damaged; remove it and resume") from None
        return out

    def parts(self) -> Iterator[tuple[int, Columns]]:
        """Yield the chunks in the order of their paths."""
        for first in self.done():
            frame = self._pl.read_parquet(self._file(first))
            yield first, {name: frame[name].to_numpy() for name in frame.columns if name != "path"}

    def column(self, name: str) -> NDArray[Any]:
        """Return a column over all paths, in their order; nothing else is read."""
        files = sorted(self.folder.glob("paths-*.parquet"))
        return np.concatenate([self._pl.read_parquet(f, columns=[name])[name].to_numpy() for f in files])

    def remove(self) -> None:
        """Take the run away: its result is known."""
        for file in (*self.folder.glob("paths-*"), self.folder / MANIFEST):
            file.unlink(missing_ok=True)
        self.folder.rmdir()


def _agree(file: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest of a folder, which must be of the same run; chunks keep the size that it names."""
    try:
        there = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        there = None
    if not isinstance(there, dict):
        raise DataError(f"{file}: is damaged; start the run again in another folder")
    for key, value in manifest.items():
        if key != "chunk_paths" and there.get(key) != value:
            raise DataError(f"{file.parent} holds another run: its {key} is {there.get(key)}, not {value}")
    return there


def _write_whole(file: Path, content: bytes) -> None:
    part = file.with_suffix(".part")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)
