"""The network's daily history, cached in the store by calendar year.

A year's cache is keyed by a fingerprint chained over everything it depends on: the model's own source and
assumptions, the machines released by its end, the inputs of its days, and the year before. A change in 2016
recomputes from 2016; a reading as of a past day reuses the complete years before it.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ..network.assumptions import Assumptions
from ..network.fleet import Releases, Stack
from ..network.history import COLUMNS, DailyInputs, HistoryState, initial_state, run_history
from ..store import Store
from .market import Market

__all__ = ["network_history"]

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

_NAME = "network-history"


def network_history(
    store: Store | None,
    market: Market,
    releases: Releases,
    assumptions: Assumptions,
    progress: Progress | None = None,
) -> tuple[dict[str, Floats], HistoryState]:
    """Return the daily rows of the cost curve for every day of `market`, and the fleet after the last.

    Parameters
    ----------
    store : Store or None
        Where years are cached; None computes everything.
    progress : callable(done_days, all_days), optional
        Told after each year.
    """
    inputs = market.inputs
    state = initial_state(assumptions, int(inputs.day[0]))
    chain = _model_fingerprint(assumptions)
    blocks: list[dict[str, Floats]] = []
    for year, first, last in _years(inputs.day):
        chain = _chained(chain, inputs, releases, first, last)
        key = _key(assumptions, year, int(inputs.day[last]))
        known = store.get_derived(_NAME, key, chain) if store else None
        block = _unpack(known, inputs.day[first : last + 1]) if known else None
        if block is None:
            rows, state = run_history(inputs, releases, assumptions, state, int(inputs.day[last]))
            if store is not None:
                store.put_derived(_NAME, key, chain, _pack(rows, state))
        else:
            rows, state = block
        blocks.append(rows)
        if progress is not None:
            progress(last + 1, len(inputs.day))
    return {c: np.concatenate([b[c] for b in blocks]) for c in COLUMNS}, state


def _key(assumptions: Assumptions, year: int, day: int) -> str:
    """Complete years keep a place each; a part of a year shares one, so that it never evicts a whole one."""
    whole = str(np.datetime64(day, "D")).endswith("-12-31")
    return f"{year if whole else 'part'}/{assumptions.n_draws}"


def _years(day: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Yield (year, first index, last index) of each calendar year."""
    year = day.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    starts = np.flatnonzero(np.r_[True, np.diff(year) != 0])
    for first, stop in zip(starts, np.r_[starts[1:], len(day)], strict=True):
        yield int(year[first]), int(first), int(stop) - 1


@lru_cache(maxsize=1)
def _source_bytes() -> bytes:
    """Source of all that the rows depend on: the network, its formulae and the units."""
    package = files(__package__.rpartition(".")[0])
    paths = [
        p for room in ("network", "economics") for p in (package / room).iterdir() if p.name.endswith(".py")
    ]
    return b"".join(p.read_bytes() for p in [*sorted(paths, key=str), package / "units.py"])


def _model_fingerprint(assumptions: Assumptions) -> str:
    text = repr((assumptions.n_draws, assumptions.rows, sorted(assumptions.overrides.items())))
    return hashlib.sha256(_source_bytes() + text.encode()).hexdigest()


def _chained(chain: str, inputs: DailyInputs, releases: Releases, first: int, last: int) -> str:
    digest = hashlib.sha256(chain.encode())
    for column in fields(inputs):
        digest.update(np.ascontiguousarray(getattr(inputs, column.name)[first : last + 1]).tobytes())
    seen = releases.day <= inputs.day[last]
    digest.update(releases.day[seen].tobytes() + releases.efficiency_j_per_th[seen].tobytes())
    return digest.hexdigest()


def _pack(rows: dict[str, Floats], state: HistoryState) -> bytes:
    buffer = io.BytesIO()
    table = np.array([rows[c] for c in COLUMNS])
    stack = {f"stack_{f.name}": getattr(state.stack, f.name) for f in fields(Stack)}
    np.savez(buffer, table=table, at=np.array([state.day, state.half_year]), **stack)
    return buffer.getvalue()


def _unpack(payload: bytes, day: NDArray[np.int64]) -> tuple[dict[str, Floats], HistoryState] | None:
    """Read a cached year; None where it does not fit, which only costs time."""
    try:
        with np.load(io.BytesIO(payload), allow_pickle=False) as data:
            table = data["table"]
            if table.shape != (len(COLUMNS), len(day)):
                return None
            stack = Stack(**{f.name: data[f"stack_{f.name}"] for f in fields(Stack)})
            at = data["at"]
        return dict(zip(COLUMNS, table, strict=True)), HistoryState(stack, int(at[0]), int(at[1]))
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile):
        return None
