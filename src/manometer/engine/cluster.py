"""The same chunks on the workers of a cluster: where the engine speaks to other machines, if asked to.

A chunk is idempotent, so a worker that is lost loses nothing: its chunks run again elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from ..errors import InputError, SourceError
from .columns import Columns
from .runner import Chunk, Keep, PathWork

__all__ = ["on_cluster", "run_on_cluster"]

_AHEAD = 3  # chunks per worker thread that wait for a free one
_PATIENCE_S = 10


@contextmanager
def on_cluster(address: str, threads: int) -> Iterator[Any]:
    """Lend a client of a scheduler, or of one of our own where the address is "local".

    Raises
    ------
    InputError
        dask.distributed is not installed, or the address is none.
    SourceError
        No scheduler answers there.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InputError("--cluster needs dask.distributed: pip install 'manometer[cluster]'") from None
    if address == "local":
        with (
            LocalCluster(
                n_workers=threads, threads_per_worker=1, dashboard_address=None, silence_logs=50
            ) as own,
            Client(own) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=_PATIENCE_S)
    except ValueError as error:
        raise InputError(f"cluster {address!r}: {error}; write tcp://HOST:PORT or local") from None
    except (OSError, TimeoutError):
        raise SourceError(f"cluster {address}: no scheduler answers within {_PATIENCE_S} s") from None
    with client:
        yield client


def run_on_cluster(work: PathWork, todo: Iterable[Chunk], keep: Keep, *, client: Any) -> None:
    """Run chunks on a client's workers and keep them in the order in which they come.

    The work travels once per worker, as the result of a task, so that it is made again where it is lost.

    Raises
    ------
    SourceError
        The cluster went away, or lost a chunk again and again.
    """
    from distributed import KilledWorker, as_completed
    from distributed.client import FutureCancelledError

    left = iter(todo)
    shared = client.submit(_same, work, pure=False)
    slots = max(sum(client.nthreads().values()), 1)
    running: dict[str, int] = {}

    def some(n: int) -> list[Any]:
        futures = []
        for first, size in islice(left, n):
            future = client.submit(_run, shared, first, size, pure=False)
            running[future.key] = first
            futures.append(future)
        return futures

    finished = as_completed(some(slots * _AHEAD))
    try:
        for future in finished:
            columns = future.result()
            keep(running.pop(future.key), columns)
            for more in some(1):
                finished.add(more)
    except (KilledWorker, FutureCancelledError) as error:
        raise SourceError(f"the cluster lost its workers: {error}; finished chunks are kept") from None


def _same(work: PathWork) -> PathWork:
    return work


def _run(work: PathWork, first: int, n_paths: int) -> Columns:
    return work(first, n_paths)
