"""Tax lots of coins that go: `engine/lots.py` compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import inner
from . import layout as at
from .rows import my_lot

__all__ = ["dispose"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@inner
def dispose(p: Ints, q: Floats, w: Ints, v: Floats, sat: int, got: int) -> None:
    """Let coins go: what they fetch over the cost of their lots is a gain."""
    if not p[at.P_TAXED]:
        return
    left, cost = sat, 0.0
    while left > 0 and w[at.FIRST_LOT] < w[at.N_LOTS]:
        k = w[at.FIRST_LOT]
        if p[at.P_LOTS] == 1:
            k = w[at.N_LOTS] - 1
        elif p[at.P_LOTS] == 2:
            for j in range(w[at.FIRST_LOT] + 1, w[at.N_LOTS]):
                if v[w[at.LOT_PRICES] + j] > v[w[at.LOT_PRICES] + k]:
                    k = j
        used = min(left, w[my_lot(w, k)])
        cost += used * v[w[at.LOT_PRICES] + k] / at.SAT
        w[my_lot(w, k)] -= used
        left -= used
        if w[my_lot(w, k)] <= 0:
            if k == w[at.FIRST_LOT]:
                w[at.FIRST_LOT] += 1
            else:
                for j in range(k, w[at.N_LOTS] - 1):
                    w[my_lot(w, j)], v[w[at.LOT_PRICES] + j] = (
                        w[my_lot(w, j + 1)],
                        v[w[at.LOT_PRICES] + j + 1],
                    )
                w[at.N_LOTS] -= 1
    if p[at.P_ON_SALE]:
        v[at.GAINS] += got / 100 - cost
