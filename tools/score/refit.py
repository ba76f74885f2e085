"""Weights of pressure's parts refitted each January on earlier years only: do the fixed ones have an edge?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from manometer.network.nowcast import fit_days
from manometer.signals.pressure import log_odds

__all__ = ["fit_weights", "refitted_scores"]

Floats = NDArray[np.float64]

_CLIP = 6.0
_POOLED_DAYS = (30, 60)
_N_STEPS = 3000


def refitted_scores(
    day: NDArray[np.int64], parts: dict[str, Floats], month_ehs: Floats
) -> tuple[Floats, dict[int, Floats]]:
    """Score each day with the weights that the years before it give.

    Returns
    -------
    score : (n,)
        Weighted mean of the parts' log-odds; NaN before the first fit.
    weights : dict of first day -> (n_parts,)
    """
    table = np.stack([np.clip(log_odds(v, 1e-9), -_CLIP, _CLIP) for v in parts.values()], axis=1)
    known = np.isfinite(table).all(1)
    score, used = np.full(len(day), np.nan), {}
    starts = [s - int(day[0]) for s in fit_days(day, first_year=2014)]
    for start, stop in zip(starts, [*starts[1:], len(day)], strict=True):
        features, targets = [], []
        for h in _POOLED_DAYS:
            train = np.arange(0, start - h)  # what had happened by the day before
            train = train[known[train] & np.isfinite(month_ehs[train]) & np.isfinite(month_ehs[train + h])]
            features.append(table[train])
            targets.append(month_ehs[train + h] < month_ehs[train])
        weights = fit_weights(np.concatenate(features), np.concatenate(targets))
        score[start:stop] = table[start:stop] @ weights
        used[int(day[start])] = weights
    return score, used


def fit_weights(features: Floats, fell: NDArray[np.bool_]) -> Floats:
    """Logistic regression with a constant and weights kept at or above zero, scaled to add up to one.

    Projected gradient with momentum; equal weights where every one falls to zero.
    """
    n, m = features.shape
    x = np.concatenate([np.ones((n, 1)), features], axis=1)
    rate = 4.0 * n / np.linalg.norm(x, 2) ** 2
    w, v = np.zeros(m + 1), np.zeros(m + 1)
    for k in range(_N_STEPS):
        gradient = x.T @ (1 / (1 + np.exp(-(x @ v))) - fell) / n
        new = v - rate * gradient
        new[1:] = np.maximum(new[1:], 0.0)
        v = new + k / (k + 3) * (new - w)
        done = np.abs(new - w).max() < 1e-7
        w = new
        if done and k > 10:
            break
    total = w[1:].sum()
    return w[1:] / total if total > 0 else np.full(m, 1 / m)
