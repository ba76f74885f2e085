"""Difficulty ribbon: eight means of difficulty, their order and their spread."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .declaration import Declaration, Signal, SignalInputs, entries, graded
from .rolling import rolling_mean

__all__ = [
    "DIFFICULTY_COMPRESSION",
    "DIFFICULTY_RIBBON",
    "EPOCH_LUCK_SD",
    "RIBBON_DAYS",
    "compression_luck",
    "difficulty_means",
    "ribbon_luck_sd",
]

Floats = NDArray[np.float64]

RIBBON_DAYS = (9, 14, 25, 40, 60, 90, 128, 200)
#: What block luck gives ln of one epoch's difficulty: 2,016 intervals decide it.
EPOCH_LUCK_SD = 1 / math.sqrt(2016)
_EPOCH_DAYS = 14
_COMPRESSED = 0.05
_SOURCE = "W. Woo, 2019-08-01: means of 9, 14, 25, 40, 60, 90, 128 and 200 days"


def difficulty_means(difficulty: Floats) -> Floats:
    """Return the eight means of daily difficulty (n,), shape (8, n), the shortest first."""
    return np.array([rolling_mean(difficulty, d) for d in RIBBON_DAYS])


def ribbon_luck_sd() -> float:
    """Standard deviation that luck alone gives to the shortest mean over the longest, hashrate constant."""
    w = _epoch_weights()
    return EPOCH_LUCK_SD * float(np.sqrt(((w[0] - w[-1]) ** 2).sum()))


def compression_luck() -> float:
    """Root mean square of the compression that luck alone makes of a constant hashrate."""
    w = _epoch_weights()
    return EPOCH_LUCK_SD * float(np.sqrt(((w - w.mean(0)) ** 2).sum(1).mean()))


def _epoch_weights() -> Floats:
    """Share of each epoch of 14 days in each mean, shape (8, epochs), on the last day of an epoch."""
    ago = np.arange(RIBBON_DAYS[-1]) // _EPOCH_DAYS
    return np.array([np.bincount(ago[:d], minlength=ago[-1] + 1) / d for d in RIBBON_DAYS])


def _ribbon(x: SignalInputs) -> Signal:
    means = difficulty_means(x.difficulty)
    value = means[0] / means[-1]
    return Signal(
        value=value,
        noise_sd=value * ribbon_luck_sd(),
        state=graded(value, (1.0,), ("inverted", "rising")),
        events={"inverted": entries(value < 1, value), "rising": entries(value >= 1, value)},
    )


def _compression(x: SignalInputs) -> Signal:
    means = difficulty_means(x.difficulty)
    value = means.std(0) / means.mean(0)
    return Signal(
        value=value,
        noise_sd=np.where(np.isfinite(value), compression_luck(), np.nan),
        state=graded(value, (_COMPRESSED,), ("compressed", "spread")),
        events={"compressed": entries(value < _COMPRESSED, value)},
    )


DIFFICULTY_RIBBON = Declaration(
    name="difficulty_ribbon",
    unit="ratio",
    doc="9-day over 200-day mean of difficulty",
    source=_SOURCE,
    inputs=("difficulty",),
    states=("inverted", "rising"),
    events={
        "inverted": "the 9-day mean falls under the 200-day mean, not having been there for 30 days",
        "rising": "the 9-day mean rises over the 200-day mean, not having been there for 30 days",
    },
    read=_ribbon,
    marks=(1.0,),
)
DIFFICULTY_COMPRESSION = Declaration(
    name="difficulty_compression",
    unit="ratio",
    doc="standard deviation over mean of the ribbon's eight means",
    source=_SOURCE + "; limit 0.05 as charts in use draw it",
    inputs=("difficulty",),
    states=("compressed", "spread"),
    events={"compressed": "the spread falls under 0.05, not having been there for 30 days"},
    read=_compression,
    marks=(_COMPRESSED,),
)
