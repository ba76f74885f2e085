"""Random numbers by address: key = seed, counter = (day, path, stream). Nothing else decides a draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compiled import jit
from ..errors import InputError
from .exact import normal_pair, uniform_pair

__all__ = ["STREAMS", "check_seed", "normals", "uniforms"]

Floats = NDArray[np.float64]

#: The table of streams: one name, one number, never reused.
STREAMS = {
    "price": 0,
    "jump": 1,
    "history": 2,
    "regime": 3,
    "low": 4,
    "fees": 5,
    "power": 6,
    "blocks": 7,  # luck of the day's blocks, and the share price's own move
    "start": 9,
    "growth": 10,
    "unknown": 11,  # a path's own drift of price and level of growth
    "population": 16,  # price and fees
    "population_2": 17,  # jumps and lows
    "population_3": 18,  # blocks
}


def uniforms(seed: int, stream: str, first_path: int, n_paths: int, n_days: int) -> Floats:
    """Return two uniforms per path and day, shape (2, n_paths, n_days), between 0 and 1 and never either."""
    out = np.empty((2, n_paths, n_days))
    _uniforms(check_seed(seed), STREAMS[stream], first_path, out)
    return out


def normals(seed: int, stream: str, first_path: int, n_paths: int, n_days: int) -> Floats:
    """Return two independent standard normals per path and day, shape (2, n_paths, n_days)."""
    out = np.empty((2, n_paths, n_days))
    _normals(check_seed(seed), STREAMS[stream], first_path, out)
    return out


def check_seed(seed: int) -> int:
    """Return a seed.

    Raises
    ------
    InputError
        It is not a whole number from 0 to 2**63 - 1.
    """
    if isinstance(seed, bool) or int(seed) != seed or not 0 <= seed < 2**63:
        raise InputError(f"seed {seed}: give a whole number from 0 to 2^63 - 1")
    return int(seed)


@jit
def _uniforms(seed: int, stream: int, first: int, out: Floats) -> None:
    for p in range(out.shape[1]):
        for t in range(out.shape[2]):
            out[0, p, t], out[1, p, t] = uniform_pair(seed, first + p, t, stream)


@jit
def _normals(seed: int, stream: int, first: int, out: Floats) -> None:
    for p in range(out.shape[1]):
        for t in range(out.shape[2]):
            out[0, p, t], out[1, p, t] = normal_pair(seed, first + p, t, stream)
