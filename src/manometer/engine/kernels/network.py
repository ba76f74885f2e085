"""A day of the network on sixteen paths: who runs, what is found, when difficulty moves, who comes and goes.

Cohorts stand in the order of their cost, and both thresholds rise with it, so the cohorts that run are
always the first ones: the whole hysteresis is one number, moved only by those that switch. Every capacity is
a whole number of quanta, so sums are exact and adding or taking one cohort never drifts. Each day a thirtieth
of the cohorts has its monthly turn, which spreads arrivals and departures over the month.

Paths go in tiles of sixteen lanes, which do not know of each other: quantity q of lane k is at
q * LANES + k of a flat array, so that one instruction does several paths.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...compiled import inlined, jit
from ...network.growth import MONTH_DAYS

__all__ = [
    "CONSTANTS",
    "LANES",
    "N_IN",
    "N_OUT",
    "STATE",
    "Fleet",
    "network_day",
    "network_paths",
    "retarget",
]

Floats = NDArray[np.float64]

LANES = 16

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
    "switches",
)
_LEVEL, _N_ON, _ON, _BASE, _INSTALLED, _BOUGHT, _SURPRISE, _AT_ZERO = (i * LANES for i in range(8))
_DIFFICULTY, _HEIGHT, _HALVING, _SUBSIDY, _BLOCKS, _SPENT, _SWITCHES = (i * LANES for i in range(8, 15))

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

#: What a day brings: price, fees, power, luck and, on the first day of a month, the shock to growth.
N_IN = 5
_PRICE, _FEES, _POWER, _LUCK, _SHOCK = (i * LANES for i in range(N_IN))
#: What comes of it: hashprice at the day's start, hashrate, mean subsidy of the day's blocks.
N_OUT = 3
_HASHPRICE, _HASHRATE, _MEAN = (i * LANES for i in range(N_OUT))

_SECONDS = 86_400.0
_PER_PHS = _SECONDS * 1e15 / 4294967296.0  # difficulties that one PH/s works through in a day
_PER_EHS_DAY = _SECONDS * 1e18 / 4294967296.0
_EPOCH, _BLOCKS_PER_HALVING = 2016.0, 210_000.0
_TARGET_S = 1_209_600.0
_SEEN = 2015.0 / 2016.0  # the rule measures 2015 of an epoch's 2016 intervals
_CLAMP = 4.0
_LOWEST_MARGIN = -1.0
_MOST_RETARGETS = 64  # of a day


class Fleet(NamedTuple):
    """What the cohorts are, the same on every path; see `network.cohorts.Cohorts`."""

    off: Floats
    on: Floats
    keep_on: Floats
    keep_off: Floats
    share: Floats
    new_cost: Floats
    constants: Floats


@inlined
def retarget(difficulty: float, epoch_s: float) -> float:
    """Difficulty after an epoch whose 2016 blocks took so many seconds: the true rule, clamp and slip."""
    ratio = _TARGET_S / max(epoch_s * _SEEN, 1.0)
    ratio = min(max(ratio, 1.0 / _CLAMP), _CLAMP)
    return max(difficulty * ratio, 1.0)


@jit
def _order(t: int, s: Floats, ordered: Floats, f: Fleet, x: Floats) -> None:
    """At the start of a month: say what arrives in it, and order what arrives months later."""
    c = f.constants
    lead = len(ordered) // LANES
    month = t // MONTH_DAYS
    cost = f.new_cost[min(month // int(c[_VINTAGE]), len(f.new_cost) - 1)]
    for k in range(LANES):
        if month > 0:
            ordered[(month - 1) % lead * LANES + k] = max(1.0 - cost / s[_LEVEL + k], _LOWEST_MARGIN)
        s[_SURPRISE + k] = c[_PERSISTENCE] * s[_SURPRISE + k] + c[_DEVIATION] * x[_SHOCK + k]
        margin = ordered[month % lead * LANES + k]
        grown = s[_AT_ZERO + k] + c[_PER_MARGIN] * margin + s[_SURPRISE + k]
        s[_BOUGHT + k] = min(max(grown, 0.0), c[_MOST]) * s[_INSTALLED + k]


@jit
def _turn(t: int, s: Floats, capacity: Floats, f: Fleet) -> None:
    """Scrap and install: the base by the day, and a thirtieth of the cohorts by the month."""
    c = f.constants
    per_ehs, quantum, base_share = c[_PER_EHS], 1.0 / c[_PER_EHS], c[_BASE_SHARE]
    keep_base = c[_KEEP_BASE]
    vintage = min(t // MONTH_DAYS // int(c[_VINTAGE]), len(f.new_cost) - 1)
    for k in range(LANES):
        bought = s[_BOUGHT + k] * per_ehs
        base = np.floor(s[_BASE + k] * keep_base * per_ehs) * quantum
        base += np.floor(bought * base_share / MONTH_DAYS) * quantum
        s[_INSTALLED + k] += base - s[_BASE + k]
        s[_BASE + k] = base
    for i in range(t % MONTH_DAYS, len(f.off), MONTH_DAYS):
        keep_on, keep_off, share = f.keep_on[i], f.keep_off[i], f.share[vintage, i]
        row = capacity[i * LANES : (i + 1) * LANES]
        for k in range(LANES):
            runs = i < s[_N_ON + k]
            was = row[k]
            rest = s[_BOUGHT + k] * per_ehs * (1.0 - base_share)
            keep = keep_on if runs else keep_off
            new = (np.floor(was * keep * per_ehs) + np.floor(rest * share)) * quantum
            row[k] = new
            s[_INSTALLED + k] += new - was
            s[_ON + k] += new - was if runs else 0.0


@jit
def _switch(s: Floats, capacity: Floats, f: Fleet) -> None:
    """Move the border of who runs to where the smoothed hashprice puts it."""
    on, off, most = f.on, f.off, len(f.off)
    for k in range(LANES):
        level = s[_LEVEL + k]
        was = int(s[_N_ON + k])
        n, run = was, s[_ON + k]
        while n < most and on[n] < level:
            run += capacity[n * LANES + k]
            n += 1
        while n > 0 and off[n - 1] > level:
            n -= 1
            run -= capacity[n * LANES + k]
        if n != was:
            s[_N_ON + k], s[_ON + k] = n, run
            s[_SWITCHES + k] += abs(n - was)


@jit
def network_day(
    t: int, s: Floats, capacity: Floats, ordered: Floats, f: Fleet, x: Floats, out: Floats
) -> None:
    """Advance a tile by its day `t`: `s`, `capacity` and `ordered` are changed, `out` is filled.

    Parameters
    ----------
    s : (len(STATE) * LANES,). capacity : (cohorts * LANES,). ordered : (months of lead * LANES,) margins.
    x : (N_IN * LANES,) what the day brings. out : (N_OUT * LANES,).
    """
    if t % MONTH_DAYS == 0:
        _order(t, s, ordered, f, x)
    _turn(t, s, capacity, f)
    weight = f.constants[_WEIGHT]
    for k in range(LANES):
        reward = s[_SUBSIDY + k] + x[_FEES + k]
        hashprice = x[_PRICE + k] * reward * (_PER_PHS * (1.0 / s[_DIFFICULTY + k]))
        s[_LEVEL + k] += weight * (hashprice / x[_POWER + k] - s[_LEVEL + k])
        out[_HASHPRICE + k] = hashprice
    _switch(s, capacity, f)
    rates = np.empty(LANES)
    for k in range(LANES):
        hashrate = s[_BASE + k] + s[_ON + k]
        expected = hashrate * (_PER_EHS_DAY * (1.0 / s[_DIFFICULTY + k]))
        rates[k] = max(expected + np.sqrt(expected) * x[_LUCK + k], 0.0)
        out[_HASHRATE + k] = hashrate
        out[_MEAN + k] = s[_SUBSIDY + k]
    for k in range(LANES):
        rate, left, found = rates[k], 1.0, 0.0
        for _ in range(_MOST_RETARGETS):
            need = _EPOCH - s[_BLOCKS + k]
            if rate * left < need:
                break
            part = need / rate
            left -= part
            found += need
            new = retarget(s[_DIFFICULTY + k], s[_SPENT + k] + part * _SECONDS)
            rate = rate * s[_DIFFICULTY + k] / new
            s[_DIFFICULTY + k], s[_BLOCKS + k], s[_SPENT + k] = new, 0.0, 0.0
        s[_BLOCKS + k] += rate * left
        s[_SPENT + k] += left * _SECONDS
        found += rate * left
        if s[_HEIGHT + k] + found > s[_HALVING + k]:
            before = s[_SUBSIDY + k]
            early = (s[_HALVING + k] - s[_HEIGHT + k]) / found
            out[_MEAN + k] = before * early + 0.5 * before * (1.0 - early)
            s[_SUBSIDY + k] = 0.5 * before
            s[_HALVING + k] += _BLOCKS_PER_HALVING
        s[_HEIGHT + k] += found


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
    s, cap = np.empty(len(start) * LANES), np.empty(len(capacity) * LANES)
    ordered = np.empty(len(due) * LANES)
    x, out = np.empty(N_IN * LANES), np.empty(N_OUT * LANES)
    for first in range(0, paths, LANES):
        # Lanes without a path of their own do the last one again, to the same bits.
        at = np.minimum(first + np.arange(LANES), paths - 1)
        for k in range(LANES):
            s[k::LANES], cap[k::LANES], ordered[k::LANES] = start, capacity, due
            s[_AT_ZERO + k] += f.constants[_ERROR] * level[at[k]]
        for t in range(days):
            for k in range(LANES):
                p = at[k]
                x[_PRICE + k], x[_FEES + k] = price[p, t], fees[p, t]
                x[_POWER + k], x[_LUCK + k] = power[p, t], luck[p, t]
            if t % MONTH_DAYS == 0:
                for k in range(LANES):
                    x[_SHOCK + k] = shock[at[k], t // MONTH_DAYS]
            network_day(t, s, cap, ordered, f, x, out)
            for k in range(LANES):
                p = at[k]
                hashrate[p, t], subsidy[p, t] = out[_HASHRATE + k], out[_MEAN + k]
                difficulty[p, t] = s[_DIFFICULTY + k]
        for k in range(LANES):
            switches[at[k]] = int(s[_SWITCHES + k])
