"""The network in the loop: prices and luck in, hashrate and difficulty out, by the cellar or by its readable twin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..network.cohorts import PER_EHS, VINTAGE_MONTHS, Cohorts, whole
from ..network.growth import MONTH_DAYS, Growth
from .kernels import network as kernel

__all__ = ["NetworkPaths", "NetworkStart", "run_network", "run_network_twin"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NetworkStart:
    """The network on the eve of the first day.

    Parameters
    ----------
    level : smoothed hashprice that miners decide on [USD per PH/s per day].
    height : blocks found so far. epoch_s : seconds since the first block of the running epoch.
    """

    cohorts: Cohorts
    growth: Growth
    level: float
    difficulty: float
    height: int
    epoch_s: float

    def state(self) -> Floats:
        """Return what a path starts from, in the order of `kernels.network.STATE`."""
        c = self.cohorts
        on, idle = c.capacity_ehs[: c.n_on].sum(), c.capacity_ehs[c.n_on :].sum()
        return np.array(
            [
                self.level,
                c.n_on,
                on,
                c.base_ehs,
                self.difficulty,
                self.height,
                self.height % 2016,
                self.epoch_s,
                self.growth.surprise,
                idle,
            ],
            dtype=np.float64,
        )

    def constants(self) -> Floats:
        """Return what stays the same, in the order of `kernels.network.CONSTANTS`."""
        c, g = self.cohorts, self.growth
        return np.array(
            [
                c.weight_per_day,
                c.keep_base,
                c.base_share,
                g.at_zero,
                g.per_margin,
                g.most,
                g.persistence,
                g.deviation,
            ]
        )


@dataclass(frozen=True)
class NetworkPaths:
    """Difficulty at the end of each day, mean subsidy of its blocks, hashrate: shape (paths, days).

    switches : (paths,) cohorts that went on or off, all days together.
    """

    difficulty: Floats
    subsidy_btc: Floats
    hashrate_ehs: Floats
    switches: NDArray[np.int64]


def run_network(
    start: NetworkStart, price: Floats, fees: Floats, luck: Floats, shock: Floats, power: Floats
) -> NetworkPaths:
    """Run a chunk of paths in the compiled cellar.

    Parameters
    ----------
    price, fees : (paths, days) close [USD per BTC] and fees per block [BTC].
    luck : (paths, days) standard normals of the blocks found.
    shock : (paths, months) standard normals of what is installed.
    power : (paths, days) power price over that of the first day; thresholds move with it.
    """
    c = start.cohorts
    out = NetworkPaths(
        *(np.empty_like(price) for _ in range(3)), switches=np.zeros(len(price), dtype=np.int64)
    )
    kernel.network_paths(
        price,
        fees,
        power,
        luck,
        shock,
        start.state(),
        c.capacity_ehs,
        c.off,
        c.on,
        c.keep_on,
        c.keep_off,
        c.share,
        c.new_cost,
        start.growth.due_margin,
        start.constants(),
        MONTH_DAYS,
        VINTAGE_MONTHS,
        out.difficulty,
        out.subsidy_btc,
        out.hashrate_ehs,
        out.switches,
    )
    return out


def run_network_twin(
    start: NetworkStart, price: Floats, fees: Floats, luck: Floats, shock: Floats, power: Floats
) -> NetworkPaths:
    """Do the same day by day over whole arrays, every cohort a relay of its own: to read, and to check against."""
    c, g = start.cohorts, start.growth
    paths, days = price.shape
    capacity = np.tile(c.capacity_ehs, (paths, 1))
    running = np.arange(len(c.off))[None] < np.full((paths, 1), c.n_on)
    base, level, surprise = (np.full(paths, x) for x in (c.base_ehs, start.level, g.surprise))
    difficulty, height = np.full(paths, start.difficulty), np.full(paths, float(start.height))
    blocks, spent = np.full(paths, float(start.height % 2016)), np.full(paths, start.epoch_s)
    ordered = [np.full(paths, m) for m in g.due_margin]
    out = NetworkPaths(*(np.empty_like(price) for _ in range(3)), switches=np.zeros(paths, dtype=np.int64))
    for t in range(days):
        if t and t % MONTH_DAYS == 0:
            month = t // MONTH_DAYS
            vintage = min(month // VINTAGE_MONTHS, len(c.new_cost) - 1)
            ordered.append(np.maximum(1.0 - c.new_cost[vintage] / level, -1.0))
            installed = base + capacity.sum(1)
            surprise = g.persistence * surprise + g.deviation * shock[:, month - 1]
            grown = g.at_zero + g.per_margin * ordered.pop(0) + surprise
            bought = np.clip(grown, 0.0, g.most) * installed
            base = whole(base * c.keep_base, PER_EHS) + whole(bought * c.base_share, PER_EHS)
            rest = (bought * (1.0 - c.base_share))[:, None]
            left = whole(capacity * np.where(running, c.keep_on, c.keep_off), PER_EHS)
            capacity = left + whole(rest * c.share[vintage], PER_EHS)
        before = np.array([50.0 * 0.5 ** (h // 210_000) for h in height])
        hashprice = price[:, t] * (before + fees[:, t]) * (86_400 * 1e15) / (difficulty * 2.0**32)
        level = level + c.weight_per_day * (hashprice / power[:, t] - level)
        was = running
        running = (running | (c.on < level[:, None])) & ~(c.off > level[:, None])
        out.switches[:] += (running != was).sum(1)
        hashrate = base + (capacity * running).sum(1)

        expected = hashrate * (1e18 * 86_400) / (difficulty * 2.0**32)
        rate = np.maximum(expected + np.sqrt(expected) * luck[:, t], 0.0)
        left_days, found = np.ones(paths), np.zeros(paths)
        while (ends := rate * left_days >= 2016 - blocks).any():
            need = 2016 - blocks[ends]
            part = need / rate[ends]
            left_days[ends] -= part
            found[ends] += need
            seen = (spent[ends] + part * 86_400) * (2015 / 2016)
            ratio = np.clip(1_209_600 / np.maximum(seen, 1.0), 0.25, 4.0)
            new = np.maximum(difficulty[ends] * ratio, 1.0)
            rate[ends] = rate[ends] * difficulty[ends] / new
            difficulty[ends], blocks[ends], spent[ends] = new, 0.0, 0.0
        blocks += rate * left_days
        spent += left_days * 86_400
        found += rate * left_days

        halving = (height // 210_000 + 1.0) * 210_000
        early = np.where(height + found > halving, (halving - height) / np.maximum(found, 1e-300), 1.0)
        mean = before * early + 0.5 * before * (1.0 - early)
        height = height + found
        out.difficulty[:, t], out.subsidy_btc[:, t], out.hashrate_ehs[:, t] = difficulty, mean, hashrate
    return out
