"""One day of the network on one path: who runs, what is found, when difficulty moves, what is bought and scrapped.

Cohorts stand in the order of their cost, and both thresholds rise with it, so the cohorts that run are always
the first ones: the whole hysteresis is one number, moved only by those that switch. Every capacity is a multiple
of 2**-13 EH/s, so sums are exact and adding or taking one cohort never drifts.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...compiled import jit

__all__ = [
    "CONSTANTS",
    "N_STATE",
    "STATE",
    "network_day",
    "network_month",
    "network_paths",
    "retarget",
]

Floats = NDArray[np.float64]

#: What a path carries from day to day, by place.
STATE = (
    "level",  # smoothed hashprice over the power index [USD per PH/s per day]
    "n_on",
    "on_ehs",
    "base_ehs",
    "difficulty",
    "height",  # blocks found before today, with its fraction
    "epoch_blocks",
    "epoch_s",
    "surprise",
    "idle_ehs",
)
N_STATE = len(STATE)
_LEVEL, _N_ON, _ON, _BASE, _DIFFICULTY, _HEIGHT, _BLOCKS, _SPENT, _SURPRISE, _IDLE = range(10)

#: What stays the same on every path and day, by place.
CONSTANTS = (
    "weight_per_day",
    "keep_base",
    "base_share",
    "at_zero",
    "per_margin",
    "most",
    "persistence",
    "deviation",
)
_WEIGHT, _KEEP_BASE, _BASE_SHARE, _AT_ZERO, _PER_MARGIN, _MOST, _PERSISTENCE, _DEVIATION = range(8)

_SECONDS = 86_400.0
_HASHES_PER_DIFFICULTY = 4294967296.0
_EPOCH, _HALVING, _FIRST_SUBSIDY = 2016.0, 210_000.0, 50.0
_TARGET_S = 1_209_600.0
_SEEN = 2015.0 / 2016.0  # the rule measures 2015 of an epoch's 2016 intervals
_CLAMP = 4.0
_PER_EHS = 8192.0
_LOWEST_MARGIN = -1.0
_MOST_RETARGETS = 64  # of a day


@jit
def subsidy_btc(height: float) -> float:
    """Subsidy of the block at a height, its fraction aside."""
    s = _FIRST_SUBSIDY
    for _ in range(int(height // _HALVING)):
        s *= 0.5
    return s


@jit
def retarget(difficulty: float, epoch_s: float) -> float:
    """Difficulty after an epoch whose 2016 blocks took so many seconds: the true rule, its clamp and its slip."""
    ratio = _TARGET_S / max(epoch_s * _SEEN, 1.0)
    ratio = min(max(ratio, 1.0 / _CLAMP), _CLAMP)
    return max(difficulty * ratio, 1.0)


@jit
def switch(s: Floats, capacity: Floats, off: Floats, on: Floats) -> None:
    """Move the border of who runs to where the smoothed hashprice puts it."""
    n, run, level = int(s[_N_ON]), s[_ON], s[_LEVEL]
    while n < len(capacity) and on[n] < level:
        run += capacity[n]
        n += 1
    while n > 0 and off[n - 1] > level:
        n -= 1
        run -= capacity[n]
    s[_N_ON], s[_ON] = n, run


@jit
def network_day(
    s: Floats,
    capacity: Floats,
    off: Floats,
    on: Floats,
    weight: float,
    price: float,
    fees: float,
    power: float,
    luck: float,
) -> tuple[float, float, float]:
    """Advance a path by a day; return hashprice at its start, hashrate, and the mean subsidy of its blocks."""
    before = subsidy_btc(s[_HEIGHT])
    hashprice = price * (before + fees) * (_SECONDS * 1e15) / (s[_DIFFICULTY] * _HASHES_PER_DIFFICULTY)
    s[_LEVEL] += weight * (hashprice / power - s[_LEVEL])
    switch(s, capacity, off, on)
    hashrate = s[_BASE] + s[_ON]

    expected = hashrate * (1e18 * _SECONDS) / (s[_DIFFICULTY] * _HASHES_PER_DIFFICULTY)
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

    next_halving = (s[_HEIGHT] // _HALVING + 1.0) * _HALVING
    mean = before
    if s[_HEIGHT] + found > next_halving:
        early = (next_halving - s[_HEIGHT]) / found
        mean = before * early + 0.5 * before * (1.0 - early)
    s[_HEIGHT] += found
    return hashprice, hashrate, mean


@jit
def network_month(
    s: Floats,
    capacity: Floats,
    keep_on: Floats,
    keep_off: Floats,
    on: Floats,
    share: Floats,
    c: Floats,
    margin: float,
    shock: float,
) -> float:
    """Scrap and install what a month brings, ordered at `margin`; return the installed hashrate."""
    n_on, m = int(s[_N_ON]), len(capacity)
    base = math.floor(s[_BASE] * c[_KEEP_BASE] * _PER_EHS) / _PER_EHS
    installed = s[_BASE]
    for i in range(m):
        installed += capacity[i]
    s[_SURPRISE] = c[_PERSISTENCE] * s[_SURPRISE] + c[_DEVIATION] * shock
    grown = c[_AT_ZERO] + c[_PER_MARGIN] * margin + s[_SURPRISE]
    bought = min(max(grown, 0.0), c[_MOST]) * installed
    s[_BASE] = base + math.floor(bought * c[_BASE_SHARE] * _PER_EHS) / _PER_EHS
    rest = bought * (1.0 - c[_BASE_SHARE])
    run, idle = 0.0, 0.0
    for i in range(m):
        left = math.floor(capacity[i] * (keep_on[i] if i < n_on else keep_off[i]) * _PER_EHS) / _PER_EHS
        capacity[i] = left + math.floor(rest * share[i] * _PER_EHS) / _PER_EHS
        if i < n_on:
            run += capacity[i]
        else:
            idle += capacity[i]
    s[_ON], s[_IDLE] = run, idle
    return installed


@jit
def network_paths(
    price: Floats,
    fees: Floats,
    power: Floats,
    luck: Floats,
    shock: Floats,
    start: Floats,
    capacity: Floats,
    off: Floats,
    on: Floats,
    keep_on: Floats,
    keep_off: Floats,
    share: Floats,
    new_cost: Floats,
    due: Floats,
    c: Floats,
    month_days: int,
    vintage_months: int,
    difficulty: Floats,
    subsidy: Floats,
    hashrate: Floats,
    switches: NDArray[np.int64],
) -> None:
    """Run a chunk of paths; arrays are (paths, days), `shock` (paths, months); the last four are filled."""
    lead = len(due)
    s, cap, ordered = np.empty(N_STATE), np.empty_like(capacity), np.empty(lead)
    for p in range(price.shape[0]):
        s[:] = start
        cap[:] = capacity
        ordered[:] = due
        for t in range(price.shape[1]):
            if t > 0 and t % month_days == 0:
                month = t // month_days
                vintage = min(month // vintage_months, len(new_cost) - 1)
                margin = max(1.0 - new_cost[vintage] / s[_LEVEL], _LOWEST_MARGIN)
                due_now = ordered[(month - 1) % lead]
                ordered[(month - 1) % lead] = margin
                network_month(s, cap, keep_on, keep_off, on, share[vintage], c, due_now, shock[p, month - 1])
            was = int(s[_N_ON])
            _, hashrate[p, t], subsidy[p, t] = network_day(
                s, cap, off, on, c[_WEIGHT], price[p, t], fees[p, t], power[p, t], luck[p, t]
            )
            difficulty[p, t] = s[_DIFFICULTY]
            switches[p] += abs(int(s[_N_ON]) - was)
