"""Paths in chunks, on the threads of one machine: what a chunk gives depends on its paths' numbers alone.

So a chunk may be run again, anywhere and in any order, and a run may be cut into chunks of any size.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .columns import Columns, columns_of
from .drivers import Drivers, PathBlock, draw_paths
from .simulated import SimulatedBlock

__all__ = ["Chunk", "Keep", "Kept", "PathWork", "Runner", "chunk_paths", "chunks", "run_on_threads"]

#: First path and number of paths.
Chunk = tuple[int, int]
Keep = Callable[[int, Columns], None]
_LEAST = 16
_MOST_PATH_DAYS = 300_000  # of some fifteen arrays while a chunk is drawn: 36 MB
_CHUNKS_PER_THREAD = 8
_AHEAD = 2  # chunks per thread that wait for a free one


class Runner(Protocol):
    """Run some chunks and hand each one's columns over, in any order, from the caller's own thread."""

    def __call__(self, work: PathWork, todo: Iterable[Chunk], keep: Keep) -> None: ...


@dataclass(frozen=True)
class PathWork:
    """Draw paths, carry the operator along them, and keep what results need; picklable.

    Parameters
    ----------
    simulate : the ledger, compiled or readable: paths in, what is kept of each out.
    shift : added to every path's number; paths that no other run has seen lie beyond its last one.
    """

    simulate: Callable[[PathBlock], SimulatedBlock]
    drivers: Drivers
    seed: int
    shift: int = 0

    def __call__(self, first_path: int, n_paths: int) -> Columns:
        """Return the columns of some paths."""
        paths = draw_paths(self.drivers, self.seed, self.shift + first_path, n_paths)
        return columns_of(self.simulate(paths), paths)


class Kept:
    """Columns of finished chunks, in memory."""

    def __init__(self) -> None:
        self._parts: dict[int, Columns] = {}

    def keep(self, first_path: int, columns: Columns) -> None:
        """Take a chunk; one that is there already is replaced by its equal."""
        self._parts[first_path] = columns

    def done(self) -> dict[int, int]:
        """Return first path -> number of paths of each chunk."""
        return {first: len(next(iter(c.values()))) for first, c in sorted(self._parts.items())}

    def parts(self) -> Iterator[tuple[int, Columns]]:
        """Yield the chunks in the order of their paths."""
        yield from sorted(self._parts.items())

    def column(self, name: str) -> NDArray[Any]:
        """Return a column over all paths, in their order."""
        return np.concatenate([c[name] for _, c in self.parts()])


def chunk_paths(n_paths: int, threads: int, n_days: int) -> int:
    """Return how many paths a chunk has: some chunks for each thread, none too small or too large."""
    fair = -(-n_paths // (threads * _CHUNKS_PER_THREAD))
    most = max(_MOST_PATH_DAYS // n_days // _LEAST * _LEAST, _LEAST)
    return min(max(-(-fair // _LEAST) * _LEAST, _LEAST), most)


def chunks(n_paths: int, size: int, done: Iterable[int] = ()) -> Iterator[Chunk]:
    """Yield the chunks of a run that are not done.

    Raises
    ------
    InputError
        There are no paths, or a chunk would have none.
    """
    if n_paths < 1 or size < 1:
        raise InputError(f"{n_paths} paths in chunks of {size}: need 1 or more of both")
    known = frozenset(done)
    return ((k, min(size, n_paths - k)) for k in range(0, n_paths, size) if k not in known)


def all_cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_on_threads(work: PathWork, todo: Iterable[Chunk], keep: Keep, *, threads: int) -> None:
    """Run chunks on threads; the compiled parts hold no lock.

    An interrupt lets the chunks that are running finish, keeps them, and is raised again.

    Raises
    ------
    InputError
        There are no threads.
    """
    if threads < 1:
        raise InputError(f"threads: {threads} must be 1 or more")
    left = iter(todo)
    running: dict[Future[Columns], int] = {}

    def take(futures: Iterable[Future[Columns]]) -> None:
        for future in futures:
            keep(running.pop(future), future.result())

    with ThreadPoolExecutor(threads, thread_name_prefix="paths") as pool:
        try:
            while True:
                for first, n in islice(left, threads * _AHEAD - len(running)):
                    running[pool.submit(work, first, n)] = first
                if not running:
                    return
                take(wait(running, return_when=FIRST_COMPLETED).done)
        except BaseException as error:
            started = [f for f in running if not f.cancel()]
            if isinstance(error, KeyboardInterrupt):
                take(wait(started).done)
            raise
