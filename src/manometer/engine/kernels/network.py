"""One day of the network on one path: who runs, what is found, when difficulty moves, who comes and goes.

Cohorts stand in the order of their cost, and both thresholds rise with it, so the cohorts that run are
always the first ones: the whole hysteresis is one number, moved only by those that switch. Every capacity is
a whole number of quanta, so sums are exact and adding or taking one cohort never drifts. Each day a thirtieth
of the cohorts has its monthly turn, which spreads arrivals and departures over the month.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...compiled import jit
from ...network.growth import MONTH_DAYS

__all__ = ["CONSTANTS", "STATE", "Fleet", "network_day", "network_paths", "retarget"]

Floats = NDArray[np.float64]

#: What a path carries from day to day, by place.
STATE = (
    "level",  # smoothed hashprice over the power index [USD per PH/s per day]
    "n_on",
    "on_ehs",
    "base_ehs",
    "installed_ehs",  # base and all cohorts
    "bought_ehs",  # arrives within the running month
    "surprise",
    "at_zero",  # this path's own level of growth
    "difficulty",
    "height",  # blocks found before today, with its fraction
    "halving_height",
    "subsidy_btc",
    "epoch_blocks",
    "epoch_s",
)
_LEVEL, _N_ON, _ON, _BASE, _INSTALLED, _BOUGHT, _SURPRISE, _AT_ZERO = range(8)
_DIFFICULTY, _HEIGHT, _HALVING, _SUBSIDY, _BLOCKS, _SPENT = range(8, 14)

#: What stays the same on every path and day, by place.
CONSTANTS = (
    "weight_per_day",
    "keep_base_per_day",
    "base_share",
    "at_zero_error",
    "per_margin",
    "most",
    "persistence",
    "deviation",
    "per_ehs",
    "vintage_months",
)
_WEIGHT, _KEEP_BASE, _BASE_SHARE, _ERROR, _PER_MARGIN, _MOST, _PERSISTENCE, _DEVIATION = range(8)
_PER_EHS, _VINTAGE = range(8, 10)

_SECONDS = 86_400.0
_PER_PHS = _SECONDS * 1e15 / 4294967296.0  # difficulties that one PH/s works through in a day
_PER_EHS_DAY = _SECONDS * 1e18 / 4294967296.0
_EPOCH, _BLOCKS_PER_HALVING = 2016.0, 210_000.0
_TARGET_S = 1_209_600.0
_SEEN = 2015.0 / 2016.0  # the rule measures 2015 of an epoch's 2016 intervals
_CLAMP = 4.0
_LOWEST_MARGIN = -1.0
_MOST_RETARGETS = 64  # of a day
_TILE = 16  # paths side by side, so that one waits while the others compute


class Fleet(NamedTuple):
    """What the cohorts are, the same on every path; see `network.cohorts.Cohorts`."""

    off: Floats
    on: Floats
    keep_on: Floats
    keep_off: Floats
    share: Floats
    new_cost: Floats
    constants: Floats


@jit
def retarget(difficulty: float, epoch_s: float) -> float:
    """Difficulty after an epoch whose 2016 blocks took so many seconds: the true rule, clamp and slip."""
    ratio = _TARGET_S / max(epoch_s * _SEEN, 1.0)
    ratio = min(max(ratio, 1.0 / _CLAMP), _CLAMP)
    return max(difficulty * ratio, 1.0)


@jit
def _order(t: int, s: Floats, ordered: Floats, f: Fleet, shock: float) -> None:
    """At the start of a month: say what arrives in it, and order what arrives months later."""
    c = f.constants
    month = t // MONTH_DAYS
    if month > 0:
        vintage = min(month // int(c[_VINTAGE]), len(f.new_cost) - 1)
        ordered[(month - 1) % len(ordered)] = max(1.0 - f.new_cost[vintage] / s[_LEVEL], _LOWEST_MARGIN)
    s[_SURPRISE] = c[_PERSISTENCE] * s[_SURPRISE] + c[_DEVIATION] * shock
    grown = s[_AT_ZERO] + c[_PER_MARGIN] * ordered[month % len(ordered)] + s[_SURPRISE]
    s[_BOUGHT] = min(max(grown, 0.0), c[_MOST]) * s[_INSTALLED]


@jit
def _turn(t: int, s: Floats, capacity: Floats, f: Fleet) -> None:
    """Scrap and install: the base by the day, and a thirtieth of the cohorts by the month."""
    c = f.constants
    per_ehs = c[_PER_EHS]
    quantum = 1.0 / per_ehs
    vintage = min(t // MONTH_DAYS // int(c[_VINTAGE]), len(f.new_cost) - 1)
    bought = s[_BOUGHT] * per_ehs
    base = np.floor(s[_BASE] * c[_KEEP_BASE] * per_ehs) * quantum
    base += np.floor(bought * c[_BASE_SHARE] / MONTH_DAYS) * quantum
    rest = bought * (1.0 - c[_BASE_SHARE])
    n_on = int(s[_N_ON])
    run, installed = s[_ON], s[_INSTALLED] + (base - s[_BASE])
    for i in range(t % MONTH_DAYS, len(capacity), MONTH_DAYS):
        keep = f.keep_on[i] if i < n_on else f.keep_off[i]
        new = (np.floor(capacity[i] * keep * per_ehs) + np.floor(rest * f.share[vintage, i])) * quantum
        change = new - capacity[i]
        capacity[i] = new
        installed += change
        run += change if i < n_on else 0.0
    s[_BASE], s[_ON], s[_INSTALLED] = base, run, installed


@jit
def _switch(s: Floats, capacity: Floats, f: Fleet) -> None:
    """Move the border of who runs to where the smoothed hashprice puts it."""
    n, run, level = int(s[_N_ON]), s[_ON], s[_LEVEL]
    while n < len(capacity) and f.on[n] < level:
        run += capacity[n]
        n += 1
    while n > 0 and f.off[n - 1] > level:
        n -= 1
        run -= capacity[n]
    s[_N_ON], s[_ON] = n, run


@jit
def network_day(
    t: int,
    s: Floats,
    capacity: Floats,
    ordered: Floats,
    f: Fleet,
    price: float,
    fees: float,
    power: float,
    luck: float,
    shock: float,
) -> tuple[float, float, float]:
    """Advance a path by its day `t`; return hashprice at its start, hashrate, mean subsidy of its blocks.

    `s`, `capacity` and `ordered` are changed. `shock` is read on the first day of each month alone.
    """
    if t % MONTH_DAYS == 0:
        _order(t, s, ordered, f, shock)
    _turn(t, s, capacity, f)
    per_difficulty = 1.0 / s[_DIFFICULTY]
    before = s[_SUBSIDY]
    hashprice = price * (before + fees) * (_PER_PHS * per_difficulty)
    s[_LEVEL] += f.constants[_WEIGHT] * (hashprice / power - s[_LEVEL])
    _switch(s, capacity, f)
    hashrate = s[_BASE] + s[_ON]

    expected = hashrate * (_PER_EHS_DAY * per_difficulty)
    rate = max(expected + math.sqrt(expected) * luck, 0.0)
    left, found = 1.0, 0.0
    for _ in range(_MOST_RETARGETS):
        need = _EPOCH - s[_BLOCKS]
        if rate * left < need:
            break
        part = need / rate
        left -= part
        found += need
        new = retarget(s[_DIFFICULTY], s[_SPENT] + part * _SECONDS)
        rate = rate * s[_DIFFICULTY] / new
        s[_DIFFICULTY], s[_BLOCKS], s[_SPENT] = new, 0.0, 0.0
    s[_BLOCKS] += rate * left
    s[_SPENT] += left * _SECONDS
    found += rate * left

    mean = before
    if s[_HEIGHT] + found > s[_HALVING]:
        early = (s[_HALVING] - s[_HEIGHT]) / found
        mean = before * early + 0.5 * before * (1.0 - early)
        s[_SUBSIDY] = 0.5 * before
        s[_HALVING] += _BLOCKS_PER_HALVING
    s[_HEIGHT] += found
    return hashprice, hashrate, mean


@jit
def network_paths(
    price: Floats,
    fees: Floats,
    power: Floats,
    luck: Floats,
    level: Floats,
    shock: Floats,
    start: Floats,
    capacity: Floats,
    due: Floats,
    f: Fleet,
    difficulty: Floats,
    subsidy: Floats,
    hashrate: Floats,
    switches: NDArray[np.int64],
) -> None:
    """Run a chunk of paths: (paths, days), `level` (paths,), `shock` (paths, months); fill the last four."""
    paths, days = price.shape
    s = np.empty((_TILE, len(start)))
    cap = np.empty((_TILE, len(capacity)))
    ordered = np.empty((_TILE, len(due)))
    for first in range(0, paths, _TILE):
        n = min(_TILE, paths - first)
        for k in range(n):
            s[k], cap[k], ordered[k] = start, capacity, due
            s[k, _AT_ZERO] += f.constants[_ERROR] * level[first + k]
        for t in range(days):
            for k in range(n):
                p = first + k
                was = s[k, _N_ON]
                _, hashrate[p, t], subsidy[p, t] = network_day(
                    t,
                    s[k],
                    cap[k],
                    ordered[k],
                    f,
                    price[p, t],
                    fees[p, t],
                    power[p, t],
                    luck[p, t],
                    shock[p, t // MONTH_DAYS],
                )
                difficulty[p, t] = s[k, _DIFFICULTY]
                switches[p] += abs(int(s[k, _N_ON] - was))
