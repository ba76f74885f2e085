"""Where the paths of a run are kept, and how one that was stopped is found again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import __version__
from ..compiled import cache_folder
from ..engine.drivers import Drivers
from ..engine.run_folder import MANIFEST, RunFolder, digest_of
from ..engine.runner import Kept
from ..errors import InputError
from ..operator.operator import Operator
from ..store.connect import locate

__all__ = ["RunIdentity", "place_for", "put_by"]


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """All that decides a run's figures."""

    operator: Operator
    drivers: Drivers
    seed: int
    paths: int
    months: int
    folder: Path | None

    def manifest(self) -> dict[str, Any]:
        """Return it as it is written down: content by its digest."""
        series = sorted({s.power.series for s in self.operator.sites if s.power.series})
        return {
            "operator": self.operator.operator,
            "operator_digest": digest_of(self.operator),
            "series_digest": {
                name: None
                if self.folder is None
                else hashlib.sha256((self.folder / name).read_bytes()).hexdigest()
                for name in series
            },
            "drivers_digest": digest_of(self.drivers),
            "seed": self.seed,
            "paths": self.paths,
            "months": self.months,
            "program": f"manometer {__version__} {cache_folder().name}",
        }


def place_for(
    whole: RunIdentity, size: int, *, beside: str, stream: Path | None, resume: bool
) -> tuple[Kept | RunFolder, int]:
    """Return where chunks are kept, and their size: a run that goes on keeps its own.

    Parameters
    ----------
    size : paths of a chunk. beside : path of the store; a run that was stopped waits in its folder.
    stream : folder asked for; None for memory. resume : go on with a run.

    Raises
    ------
    InputError
        There is no such run, or the folder is taken.
    """
    if stream is None and not resume:
        return Kept(), size
    manifest = whole.manifest()
    where = stream or _waiting_room(manifest, beside)
    if resume and not (where / MANIFEST).is_file():
        raise InputError(f"--resume: no stopped run is in {where}; ask for it in the same words as before")
    run = RunFolder(where, {**manifest, "chunk_paths": size}, resume=resume)
    return run, int(run.manifest["chunk_paths"])


def put_by(kept: Kept | RunFolder, whole: RunIdentity, size: int, *, beside: str) -> str:
    """Put the finished chunks of a run that was stopped where --resume finds them; return what to tell."""
    n = sum(kept.done().values())
    said = f"interrupted after {n:,} of {whole.paths:,} paths"
    if not n:
        return said
    if isinstance(kept, Kept):
        manifest = whole.manifest()
        try:
            run = RunFolder(_waiting_room(manifest, beside), {**manifest, "chunk_paths": size}, resume=True)
            for first, columns in kept.parts():
                run.keep(first, columns)
        except InputError as error:
            return f"{said}; they are lost: {error}"
        kept = run
    return f"{said}; they are kept in {kept.folder}: the same command with --resume goes on"


def _waiting_room(manifest: dict[str, Any], beside: str) -> Path:
    store = locate(None) if beside == ":memory:" else beside
    return Path(store).parent / "runs" / digest_of(manifest)[:16]
