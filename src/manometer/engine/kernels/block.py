"""A block of paths, one after another, by one thread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import jit, make_bare
from ...processes.exact import exp, log
from . import layout as at
from .layout import Kept
from .operator import run_path
from .rows import my_month

__all__ = ["run_block"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_PER_PHS_DAY = 86_400.0 * 1e15 / 4294967296.0  # hashes of a PH/s-day over those of a unit of difficulty

bare = make_bare()


@jit
def run_block(
    p: Ints,
    q: Floats,
    w: Ints,
    v: Floats,
    price: Floats,
    low: Floats,
    difficulty: Floats,
    subsidy_btc: Floats,
    fees_btc: Floats,
    factor: Floats,
    share_noise: Floats,
    sale_cents: NDArray[np.int64],
    kept: Kept,
) -> None:
    """Run paths `first` to `last`; drivers are (paths, days), `sale_cents` (paths, sales)."""
    n = price.shape[1]
    share, hashprice, hashvalue, block_btc = np.zeros(n), np.empty(n), np.empty(n), np.empty(n)
    for k in range(price.shape[0]):
        for d in range(n):
            block_btc[d] = subsidy_btc[k, d] + fees_btc[k, d]
            hashvalue[d] = _PER_PHS_DAY * block_btc[d] / difficulty[k, d]
            hashprice[d] = price[k, d] * hashvalue[d]
            if p[at.P_EQUITY]:
                moved = log(price[k, d] / price[k, 0]) * q[at.F_BETA] + share_noise[k, d]
                share[d] = q[at.F_SHARE_PRICE] * exp(moved)
        run_path(
            bare(p), bare(q), bare(w), bare(v), bare(price[k]), bare(low[k]), bare(share), bare(hashprice),
            bare(hashvalue), bare(block_btc), bare(factor[k]), bare(sale_cents[k]), n,
        )  # fmt: skip
        kept.whole[k] = w[at.N_HEADER : w[at.WAITING]]
        kept.part[k] = v[: at.N_FLOATS]
        for j in range(at.N_MONTHLY):
            for m in range(w[at.N_MONTHS]):
                kept.monthly[k, j, m] = w[my_month(w, j, m)]
