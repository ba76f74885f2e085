"""The next retarget, and the three after it, as distributions.

The seconds that the blocks still to come take are log-normal: their centre is the filtered level with its
drift, and their variance adds up what is not known of level and drift, how both wander until the epoch ends,
and the luck of the blocks themselves. What has passed of the epoch is known exactly, so the band closes as
blocks arrive. The setting that speaks is the one whose forecasts of the five years before the last first of
January scored best; until 2015 it is assumed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ..chain import BLOCKS_PER_EPOCH, TARGET_TIMESPAN_S, difficulty_from_bits, retarget
from .epochs import Chain
from .hashrate_state import ASSUMED, SETTINGS, Bank, advance, run_bank
from .nowcast import fit_days

__all__ = [
    "INTERVALS",
    "PROGRESS",
    "Later",
    "Remaining",
    "RetargetForecast",
    "bank_at",
    "changes",
    "chosen_settings",
    "forecast",
    "forecasts_at",
    "remaining",
    "within_rule",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

INTERVALS = BLOCKS_PER_EPOCH - 1  # the span of the rule covers one interval fewer than blocks
#: Shares of an epoch at which forecasts are scored and settings are chosen.
PROGRESS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9)

_MEMORY_YEARS = 5  # three to six give nearly the same
_PRICE_BLOCKS = 8640.0  # sixty days: the price effect fades over them if price stays
_CAP = 9.0  # a miss beyond three sd tells no more about a setting than one at three
_YEAR_S = 31_556_952.0
_NODES = 32
_N_LATER = 3


def within_rule(change: Floats) -> Floats:
    """Hold a change of difficulty within the rule's factor of four."""
    return np.clip(change, -0.75, 3.0)


@dataclass(frozen=True, slots=True)
class Remaining:
    """Seconds that the blocks still to come of an epoch take: log-normal, arrays of one shape.

    elapsed_s : since the epoch's first block. blocks : intervals of the span still to come.
    centre, deviation : mean and standard deviation of the logarithm of their seconds.
    """

    elapsed_s: Floats
    blocks: Floats
    centre: Floats
    deviation: Floats

    def seconds(self, p: float) -> Floats:
        """Seconds not exceeded with probability p; 0 where nothing remains."""
        with np.errstate(over="ignore"):
            out = np.exp(self.centre + self.deviation * NormalDist().inv_cdf(p))
        return np.where(self.blocks > 0, out, 0.0)


def changes(r: Remaining, p: float) -> Floats:
    """Change of difficulty not exceeded with probability p."""
    return within_rule(TARGET_TIMESPAN_S / np.maximum(r.elapsed_s + r.seconds(1 - p), 1.0) - 1)


def bank_at(chain: Chain, run: Bank, height: Floats, time_s: Floats) -> Bank:
    """Return what was known when blocks of these heights came, arrays (n, n_settings)."""
    k = np.searchsorted(chain.height, height, side="right") - 1
    part = (
        (height - chain.height[k])[:, None],
        (time_s - chain.time_s[k])[:, None],
        chain.difficulty[chain.epoch[k]][:, None],
        chain.price_return(chain.time_s[k])[:, None],
    )
    return advance(run.at(k), *part)  # type: ignore[arg-type]


def remaining(
    bank: Bank, *, elapsed_s: Floats, blocks: Floats, difficulty: Floats, price_return: Floats
) -> Remaining:
    """Forecast the rest of an epoch for every setting; the inputs broadcast against the bank.

    The mean of the level over n blocks to come has, beyond what is not known now, the variance n/3 of its own
    steps and n**3/20 of the drift's; luck adds 1/n.
    """
    n = np.maximum(blocks, 1.0)
    fading = price_return * (n / 2 - n * n / (6 * _PRICE_BLOCKS))
    level = bank.level + bank.drift * n / 2 + SETTINGS.price_effect * fading
    variance = bank.level_var + n * bank.both + n * n / 4 * bank.drift_var
    variance = variance + SETTINGS.level_var * n / 3 + SETTINGS.drift_var * n**3 / 20 + 1 / n
    return Remaining(
        elapsed_s + 0 * level, blocks + 0 * level, np.log(n * difficulty) - level, np.sqrt(variance)
    )


def chosen_settings(chain: Chain, run: Bank, time_s: Floats) -> Ints:
    """Return which setting speaks at each instant, from the scores of epochs that had ended before."""
    epochs = np.arange(1, len(chain.start) - 1)
    score, ended = np.full((len(epochs), len(SETTINGS.level_var)), np.nan), chain.start_s[epochs + 1]
    asked = np.repeat(epochs, len(PROGRESS))
    done = np.tile(np.round(np.array(PROGRESS) * BLOCKS_PER_EPOCH) - 1, len(epochs))
    height = np.maximum(chain.last_known(chain.start[asked] + done), chain.start[asked])
    at = chain.time_of(height)
    r = _remaining_at(chain, run, asked, height, at)
    span = TARGET_TIMESPAN_S * chain.difficulty[asked] / chain.difficulty[asked + 1]
    truth = np.log(np.maximum(span - (at - chain.start_s[asked]), 60.0))[:, None]
    miss = np.minimum(((truth - r.centre) / r.deviation) ** 2, _CAP)
    score = (-np.log(r.deviation) - 0.5 * miss).reshape(len(epochs), len(PROGRESS), -1).mean(axis=1)
    out = np.full(len(time_s), ASSUMED)
    last = max(float(np.max(time_s, initial=0.0)), float(chain.day_end_s[-1]))
    days = np.arange(int(chain.day_end_s[0] // 86_400), int(last // 86_400) + 1)
    for day in fit_days(days):
        first = day * 86_400.0
        past = (ended <= first) & (ended > first - _MEMORY_YEARS * _YEAR_S)
        if past.any():
            out[time_s >= first] = int(np.argmax(score[past].mean(axis=0)))
    return out


def _remaining_at(chain: Chain, run: Bank, epoch: Ints, height: Floats, at: Floats) -> Remaining:
    return remaining(
        bank_at(chain, run, height, at),
        elapsed_s=(at - chain.start_s[epoch])[:, None],
        blocks=(INTERVALS - (height - chain.start[epoch]))[:, None],
        difficulty=chain.difficulty[epoch][:, None],
        price_return=chain.price_return(at)[:, None],
    )


def forecasts_at(chain: Chain, run: Bank, epoch: Ints, height: Floats, at: Floats) -> Remaining:
    """Forecast with the setting that speaks at each instant; arrays of shape (n,)."""
    r = _remaining_at(chain, run, epoch, height, at)
    k = chosen_settings(chain, run, at)
    row = np.arange(len(k))
    return Remaining(*(x[row, k] for x in (r.elapsed_s, r.blocks, r.centre, r.deviation)))


@dataclass(frozen=True, slots=True)
class Later:
    """A retarget after the next: quantiles of its change by probability, and its time at the median."""

    height: int
    change: dict[float, float]
    eta_s: float


@dataclass(frozen=True, slots=True)
class RetargetForecast:
    """The next retarget as known at a block.

    height, time_s : of the last block known. next_height : first block of the new difficulty.
    change, eta_s : quantiles by probability; of a locked retarget all are one.
    locked : whether the last interval of the span is known, so that the change is exact.
    setting : place in `SETTINGS`, chosen on what was known by `fitted_to_s` (None: assumed).
    """

    height: int
    time_s: float
    next_height: int
    progress_frac: float
    difficulty: float
    change: dict[float, float]
    eta_s: dict[float, float]
    locked: bool
    setting: int
    fitted_to_s: float | None
    later: tuple[Later, ...]


def forecast(chain: Chain, probabilities: Sequence[float]) -> RetargetForecast:
    """Forecast from all that a chain knows; the median is among the probabilities.

    Raises
    ------
    ValueError
        0.5 is not asked for.
    """
    if 0.5 not in probabilities:
        raise ValueError("the median is needed: ask for 0.5 too")
    run = run_bank(chain.stretches())
    epoch = len(chain.start) - 1
    height, now = np.array([chain.height[-1]]), np.array([chain.time_s[-1]])
    k = int(chosen_settings(chain, run, now)[0])
    all_settings = _remaining_at(chain, run, np.array([epoch]), height, now)
    r = Remaining(
        *(
            x[0, k]
            for x in (
                all_settings.elapsed_s,
                all_settings.blocks,
                all_settings.centre,
                all_settings.deviation,
            )
        )
    )
    left = float(r.blocks)
    interval = float(r.seconds(0.5)) / left if left > 0 else float(r.elapsed_s) / INTERVALS
    first = int(chain.start[-1])
    locked = left <= 0 and len(chain.block) > 0 and int(chain.block[-1]) == first + INTERVALS
    if locked:
        new = retarget(int(chain.bits[-1]), first_time_s=int(chain.start_s[-1]), last_time_s=int(now[0]))
        change = dict.fromkeys(probabilities, difficulty_from_bits(new) / float(chain.difficulty[-1]) - 1)
    else:
        change = {p: float(changes(r, p)) for p in probabilities}
    eta = {p: float(now[0] + r.seconds(p) + interval) for p in probabilities}
    january = [
        d * 86_400.0 for d in fit_days(np.arange(int(now[0] // 86_400) - 366, int(now[0] // 86_400) + 1))
    ]
    chosen_at = max(january, default=None)
    return RetargetForecast(
        height=int(height[0]), time_s=float(now[0]), next_height=first + BLOCKS_PER_EPOCH,
        progress_frac=(float(height[0]) - first + 1) / BLOCKS_PER_EPOCH,
        difficulty=float(chain.difficulty[-1]), change=change, eta_s=eta, locked=locked, setting=k,
        fitted_to_s=chosen_at,
        later=_later(chain, run, k, r, probabilities, eta[0.5], change[0.5]),
    )  # fmt: skip


def _later(
    chain: Chain,
    run: Bank,
    k: int,
    r: Remaining,
    probabilities: Sequence[float],
    eta_s: float,
    change: float,
) -> tuple[Later, ...]:
    """Forecast the retargets after the next: changes are ratios of means of the level over epochs.

    The means over the rest of this epoch and over the next ones are jointly normal. An epoch's change is its
    mean level over that of the epoch before, with the luck of both; of the first of them, what has passed of
    this epoch counts too, to first order.
    """
    left = max(float(r.blocks), 0.0)
    ends = np.array([0.0, left, *(left + BLOCKS_PER_EPOCH * (m + 1.0) for m in range(_N_LATER))])
    nodes = (np.arange(_NODES) + 0.5) / _NODES
    s = (ends[:-1, None] + np.diff(ends)[:, None] * nodes).ravel()
    last = run.at(-1)
    p, c, v = (float(x[k]) for x in (last.level_var, last.both, last.drift_var))
    small, large = np.minimum.outer(s, s), np.maximum.outer(s, s)
    spread = (
        p + c * np.add.outer(s, s) + v * np.multiply.outer(s, s) + float(SETTINGS.level_var[k]) * small
        + float(SETTINGS.drift_var[k]) * (small**2 * large / 2 - small**3 / 6)
    )  # fmt: skip
    n = _N_LATER + 1
    means = spread.reshape(n, _NODES, n, _NODES).mean(axis=(1, 3))
    blocks = np.array([max(left, 1.0), *([float(INTERVALS)] * _N_LATER)])
    means = means + np.diag(1 / blocks)
    returned = float(chain.price_return(chain.time_s[-1:])[0]) * float(SETTINGS.price_effect[k])
    path = float(last.drift[k]) * s + returned * (s - s * s / (2 * _PRICE_BLOCKS))
    rise = path.reshape(n, _NODES).mean(axis=1)
    total = float(r.elapsed_s + r.seconds(0.5))
    share = float(r.seconds(0.5)) / total if left > 0 else 0.0
    difficulty = float(chain.difficulty[-1]) * (1 + change)
    out, at = [], eta_s
    for m in range(1, n):
        seconds = INTERVALS * difficulty * math.exp(-(float(last.level[k]) + rise[m]))
        weight = np.zeros(n)
        weight[m], weight[m - 1] = 1.0, -share if m == 1 else -1.0
        deviation = math.sqrt(float(weight @ means @ weight))
        middle = math.log(TARGET_TIMESPAN_S / seconds)
        change_of = {
            q: float(within_rule(np.array(math.exp(middle + deviation * NormalDist().inv_cdf(q)) - 1)))
            for q in probabilities
        }
        at += seconds * BLOCKS_PER_EPOCH / INTERVALS
        height = int(chain.start[-1]) + BLOCKS_PER_EPOCH * (m + 1)
        out.append(Later(height, change_of, at))
        difficulty *= 1 + change_of[0.5]
    return tuple(out)
