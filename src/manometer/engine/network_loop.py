"""The network in the loop: prices and luck in, hashrate and difficulty out, by the cellar or by its twin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chain import BLOCKS_PER_EPOCH, BLOCKS_PER_HALVING, subsidy_sat
from ..network.cohorts import VINTAGE_MONTHS, Cohorts
from ..network.growth import MONTH_DAYS, Growth
from ..units import SAT_PER_BTC
from .kernels import network as kernel

__all__ = ["NetworkPaths", "NetworkStart", "run_network", "run_network_twin"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NetworkStart:
    """The network on the eve of the first day.

    Parameters
    ----------
    level : smoothed hashprice that miners decide on [USD per PH/s per day].
    height : of the last block found. epoch_s : seconds since the first block of the running epoch.
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
        on = float(c.capacity_ehs[: c.n_on].sum())
        found = self.height + 1
        return np.array(
            [
                self.level,
                c.n_on,
                on,
                c.base_ehs,
                c.base_ehs + float(c.capacity_ehs.sum()),
                0.0,
                self.growth.surprise,
                self.growth.at_zero,
                self.difficulty,
                found,
                (found // BLOCKS_PER_HALVING + 1) * BLOCKS_PER_HALVING,
                int(subsidy_sat(found)) / SAT_PER_BTC,
                found % BLOCKS_PER_EPOCH,
                self.epoch_s,
                0.0,
            ],
            dtype=np.float64,
        )

    def fleet(self) -> kernel.Fleet:
        """Return what stays the same on every path."""
        c, g = self.cohorts, self.growth
        constants = np.array(
            [
                c.weight_per_day,
                c.keep_base_per_day,
                c.base_share,
                g.at_zero_error,
                g.per_margin,
                g.most,
                g.persistence,
                g.deviation,
                c.per_ehs,
                VINTAGE_MONTHS,
            ]
        )
        return kernel.Fleet(c.off, c.on, c.keep_on, c.keep_off, c.share, c.new_cost, constants)


@dataclass(frozen=True)
class NetworkPaths:
    """Difficulty at the end of each day, mean subsidy of its blocks, hashrate: shape (paths, days).

    switches : (paths,) cohorts that went on or off, all days together.
    """

    difficulty: Floats
    subsidy_btc: Floats
    hashrate_ehs: Floats
    switches: NDArray[np.int64]

    @classmethod
    def empty(cls, like: Floats) -> NetworkPaths:
        """Return room for as many paths and days."""
        a, b, c = (np.empty_like(like) for _ in range(3))
        return cls(a, b, c, np.zeros(len(like), dtype=np.int64))


def run_network(
    start: NetworkStart,
    price: Floats,
    fees: Floats,
    luck: Floats,
    level: Floats,
    shock: Floats,
    power: Floats,
) -> NetworkPaths:
    """Run a chunk of paths in the compiled cellar.

    Parameters
    ----------
    price, fees : (paths, days) close [USD per BTC] and fees per block [BTC].
    luck : (paths, days) standard normals of the blocks found.
    level : (paths,) standard normals of the level of growth.
    shock : (paths, months) standard normals of what is installed; a month has 30 days, the last may be short.
    power : (paths, days) power price over that of the first day; thresholds move with it.
    """
    out = NetworkPaths.empty(price)
    kernel.network_paths(
        price,
        fees,
        power,
        luck,
        level,
        shock,
        start.state(),
        start.cohorts.capacity_ehs,
        start.growth.due_margin,
        start.fleet(),
        out.difficulty,
        out.subsidy_btc,
        out.hashrate_ehs,
        out.switches,
    )
    return out


def run_network_twin(
    start: NetworkStart,
    price: Floats,
    fees: Floats,
    luck: Floats,
    level_of_growth: Floats,
    shock: Floats,
    power: Floats,
) -> NetworkPaths:
    """Do the same day by day over whole arrays, every cohort a relay of its own: to read and to check by."""
    c, g = start.cohorts, start.growth
    paths, days = price.shape
    quantum = 1 / c.per_ehs
    capacity = np.tile(c.capacity_ehs, (paths, 1))
    running = np.arange(len(c.off))[None] < np.full((paths, 1), c.n_on)
    base, level, surprise = (np.full(paths, x) for x in (c.base_ehs, start.level, g.surprise))
    found_before = start.height + 1
    difficulty, height = np.full(paths, start.difficulty), np.full(paths, float(found_before))
    blocks = np.full(paths, float(found_before % BLOCKS_PER_EPOCH))
    spent = np.full(paths, start.epoch_s)
    at_zero = g.at_zero + g.at_zero_error * level_of_growth
    ordered = [np.full(paths, m) for m in g.due_margin]
    out = NetworkPaths.empty(price)
    for t in range(days):
        month, turn = divmod(t, MONTH_DAYS)
        vintage = min(month // VINTAGE_MONTHS, len(c.new_cost) - 1)
        if turn == 0:
            if month:
                ordered.append(np.maximum(1.0 - c.new_cost[vintage] / level, -1.0))
            surprise = g.persistence * surprise + g.deviation * shock[:, month]
            grown = at_zero + g.per_margin * ordered[month] + surprise
            bought = np.clip(grown, 0.0, g.most) * (base + capacity.sum(1)) * c.per_ehs
        base = np.floor(base * c.keep_base_per_day * c.per_ehs) * quantum
        base += np.floor(bought * c.base_share / MONTH_DAYS) * quantum
        rest = (bought * (1.0 - c.base_share))[:, None]
        mine = slice(turn, None, MONTH_DAYS)
        keep = np.where(running[:, mine], c.keep_on[mine], c.keep_off[mine])
        left = np.floor(capacity[:, mine] * keep * c.per_ehs)
        capacity[:, mine] = (left + np.floor(rest * c.share[vintage, mine])) * quantum

        subsidy = np.asarray(subsidy_sat(height.astype(np.int64))) / SAT_PER_BTC
        hashprice = price[:, t] * (subsidy + fees[:, t]) * (86_400 * 1e15 / 2**32 * (1 / difficulty))
        level = level + c.weight_per_day * (hashprice / power[:, t] - level)
        was = running
        running = (running | (c.on < level[:, None])) & ~(c.off > level[:, None])
        out.switches[:] += (running != was).sum(1)
        hashrate = base + (capacity * running).sum(1)

        expected = hashrate * (86_400 * 1e18 / 2**32 * (1 / difficulty))
        rate = np.maximum(expected + np.sqrt(expected) * luck[:, t], 0.0)
        left_days, found = np.ones(paths), np.zeros(paths)
        for _ in range(64):
            ends = rate * left_days >= BLOCKS_PER_EPOCH - blocks
            if not ends.any():
                break
            need = BLOCKS_PER_EPOCH - blocks[ends]
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

        halving = (height // BLOCKS_PER_HALVING + 1) * BLOCKS_PER_HALVING
        late = height + found > halving
        early = np.divide(halving - height, found, out=np.ones(paths), where=late)
        out.subsidy_btc[:, t] = subsidy * early + 0.5 * subsidy * (1.0 - early)
        height = height + found
        out.difficulty[:, t], out.hashrate_ehs[:, t] = difficulty, hashrate
    return out
