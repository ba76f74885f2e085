"""Area under the curve by Mann-Whitney, and its interval by moving-block bootstrap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK_DAYS", "auc", "block_bootstrap"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BLOCK_DAYS = 60


def auc(score: Floats, fell: Bools) -> float:
    """Chance that a day before a fall scores higher than a day before none; ties count half.

    Parameters
    ----------
    score : (n,) finite. fell : (n,).

    Returns
    -------
    float
        NaN where one of the two kinds of day is missing.

    References
    ----------
    H. B. Mann, D. R. Whitney, "On a test of whether one of two random variables is stochastically larger
    than the other", 1947.
    """
    code = np.unique(score, return_inverse=True)[1].ravel()
    return _auc_of_codes(code, fell, int(code.max()) + 1 if len(code) else 0)


def _auc_of_codes(code: NDArray[np.int64], fell: Bools, n_codes: int) -> float:
    positive = np.bincount(code[fell], minlength=n_codes).astype(np.float64)
    negative = np.bincount(code[~fell], minlength=n_codes).astype(np.float64)
    pairs = positive.sum() * negative.sum()
    if not pairs:
        return float("nan")
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / pairs)


def block_bootstrap(
    scores: dict[str, Floats],
    fell: Bools,
    n_resamples: int = 500,
    block_days: int = BLOCK_DAYS,
    seed: int = 2014,
) -> dict[str, Floats]:
    """Resample days in blocks, the same blocks for every score, so that differences may be taken.

    Returns
    -------
    dict of name -> (n_resamples,)
        The area under the curve of each resample; NaN where it drew no fall, or falls only.
    """
    n = len(fell)
    length = min(block_days, n)
    rng = np.random.Generator(np.random.Philox(key=seed))
    codes = {k: np.unique(v, return_inverse=True)[1].ravel() for k, v in scores.items()}
    size = {k: int(v.max()) + 1 for k, v in codes.items()}
    out = {k: np.empty(n_resamples) for k in scores}
    for i in range(n_resamples):
        starts = rng.integers(0, n - length + 1, -(-n // length))
        take = (starts[:, None] + np.arange(length)).ravel()[:n]
        drawn = fell[take]
        for k, code in codes.items():
            out[k][i] = _auc_of_codes(code[take], drawn, size[k])
    return out
