"""The population: a network, its operators, their lenders and one market, ready for many paths at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..processes.draws import check_seed
from .kernels import places
from .kernels import population as kernel
from .kernels.places import LANES, MARKET, OPERATOR, TERMS
from .kernels.shocks import BLOCK_DAYS, DAY, FIELDS, ROOM, shock_block

__all__ = ["Days", "Population", "PopulationPaths", "draw_shocks", "run_population"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[int, int | None], None]

CHUNK = 96  # paths that a thread takes at a time, six tiles

_HALVING = 210_000


@dataclass(frozen=True)
class Population:
    """All that a path starts from.

    Parameters
    ----------
    operators : (K, OPERATOR) state on the eve; what runs, its bill and triggers are filled in.
    terms : (K, TERMS). lender_equity_cents : (L,) infinite for one that cannot fail.
    capacity_ehs, off, on, born_day : (M,) cohorts by rising cost, in quanta of a power of two; the hashprice
        under which one stops and over which it starts; the day from which it is there (0: from the start).
    n_on : the first so many run. base_ehs : runs at any price.
    owner : (E, 2) cohort and operator; owned_ehs, bill_cents : (E,) that this operator has of that
        cohort, and the energy it takes in a day.
    price_usd, difficulty, height, epoch_s, level : of the eve, `level` being the smoothed hashprice.
    constants, shocks : in the order of `kernels.places.CONSTANTS` and `kernels.shocks.SHOCKS`.
    long_usd, long_sat : (N,) prices, falling, at which leveraged longs are closed, and their coins.
    reward_frac : of the subsidy that is paid: a shock to hashprice alone.
    """

    operators: Floats
    terms: Floats
    lender_equity_cents: Floats
    capacity_ehs: Floats
    off: Floats
    on: Floats
    born_day: Ints
    n_on: int
    base_ehs: float
    owner: Ints
    owned_ehs: Floats
    bill_cents: Floats
    price_usd: float
    difficulty: float
    height: int
    epoch_s: float
    level: float
    constants: Floats
    shocks: Floats
    long_usd: Floats
    long_sat: Floats
    reward_frac: float = 1.0

    def opened(self) -> Floats:
        """Return the operators with what they run, what it takes, and the price of each call filled in."""
        out = np.array(self.operators, dtype=np.float64)
        at = {name: i for i, name in enumerate(OPERATOR)}
        runs = (self.owner[:, 0] < self.n_on) & (self.born_day[self.owner[:, 0]] == 0)
        out[:, at["running_ehs"]] = np.bincount(self.owner[runs, 1], self.owned_ehs[runs], minlength=len(out))
        out[:, at["energy_cents"]] = np.bincount(
            self.owner[runs, 1], self.bill_cents[runs], minlength=len(out)
        )
        owed, posted = out[:, at["loan_cents"]], out[:, at["posted_sat"]]
        level = self.terms[:, TERMS.index("call_frac")]
        with np.errstate(divide="ignore", invalid="ignore"):
            out[:, at["trigger_usd"]] = np.where(
                owed > 0, np.where(posted > 0, owed / (posted * level) * 1e6, np.inf), 0.0
            )
        out[:, at["call_by_day"]] = out[:, at["default_day"]] = -1.0
        return out

    def market(self, opened: Floats) -> Floats:
        """Return what the market starts from, in the order of `kernels.places.MARKET`."""
        out = np.zeros(len(MARKET))
        at = {name: i for i, name in enumerate(MARKET)}
        there = np.arange(len(self.capacity_ehs)) < self.n_on
        out[at["unsold_usd"]] = out[at["price_usd"]] = out[at["low_usd"]] = self.price_usd
        out[at["difficulty"]], out[at["height"]] = self.difficulty, self.height
        out[at["subsidy_btc"]] = self.reward_frac * 50.0 * 0.5 ** (self.height // _HALVING)
        out[at["halving_height"]] = (self.height // _HALVING + 1) * _HALVING
        out[at["epoch_blocks"]], out[at["epoch_s"]] = self.height % 2016, self.epoch_s
        out[at["level"]] = self.level
        out[at["hashrate_ehs"]] = self.base_ehs + self.capacity_ehs[there & (self.born_day == 0)].sum()
        out[at["trigger_usd"]] = opened[:, OPERATOR.index("trigger_usd")].max()
        out[at["late"]] = opened[:, OPERATOR.index("owed_cents")].sum()
        return out


@dataclass(frozen=True)
class Days:
    """What all paths share of the days to come, shape (T,).

    Parameters
    ----------
    drift : log return that is no chance: a shock, or history. dip : low over close, 1 where it is drawn.
    months : whether the month's bills fall due.
    """

    drift: Floats
    dip: Floats
    months: NDArray[np.bool_]

    @classmethod
    def plain(cls, n: int, *, shock_frac: float = 0.0, month_days: int = 30) -> Days:
        """Return days without drift after a shock on the first; a month's bills fall due every 30 days."""
        drift = np.zeros(n)
        drift[0] = np.log1p(shock_frac)
        return cls(drift, np.ones(n), np.arange(1, n + 1) % month_days == 0)


@dataclass(frozen=True)
class PopulationPaths:
    """What became of each path.

    Parameters
    ----------
    kept : (days kept, SNAPSHOT, paths). operators : (paths, K, OPERATOR). market : (paths, MARKET).
    lender_cents : (paths, L) equity at the end.
    """

    kept: Floats
    operators: Floats
    market: Floats
    lender_cents: Floats

    def of(self, name: str) -> Floats:
        """Return an operator's field at the end, (paths, K)."""
        return self.operators[:, :, OPERATOR.index(name)]

    def at_end(self, name: str) -> Floats:
        """Return a field of the market at the end, (paths,)."""
        return self.market[:, MARKET.index(name)]


def run_population(
    start: Population,
    days: Days,
    *,
    seed: int,
    n_paths: int,
    days_kept: Ints | None = None,
    first_path: int = 0,
    threads: int = 1,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> PopulationPaths:
    """Run paths in the compiled cellar; the answer depends on neither threads nor chunk.

    Parameters
    ----------
    days_kept : days (from 0) whose market is kept; none by default.
    first_path : number of the first path; a path depends on its own number alone.

    Raises
    ------
    InputError
        No path, or a seed that is none.
    """
    if n_paths < 1:
        raise InputError(f"paths: {n_paths} must be 1 or more")
    seed, kept = check_seed(seed), np.zeros(0, np.int64) if days_kept is None else days_kept
    size = max(-(-chunk // LANES), 1) * LANES
    packed = _packed(start)
    pieces = range(0, n_paths, size)
    done: list[PopulationPaths] = []

    def piece(first: int) -> PopulationPaths:
        n = -(-min(size, n_paths - first) // LANES) * LANES
        return _chunk(start, packed, days, seed, first_path + first, n, kept)

    with ThreadPoolExecutor(threads) as pool:
        for part in pool.map(piece, pieces):
            done.append(part)
            if progress is not None:
                progress(min(len(done) * size, n_paths), n_paths)
    return PopulationPaths(
        np.concatenate([d.kept for d in done], axis=2)[:, :, :n_paths],
        np.concatenate([d.operators for d in done])[:n_paths],
        np.concatenate([d.market for d in done])[:n_paths],
        np.concatenate([d.lender_cents for d in done])[:n_paths],
    )


@dataclass(frozen=True)
class _Packed:
    """The start as the cellar lays it out: blocks of sixteen operators, cohorts with an end, owners."""

    operators: Floats
    terms: Floats
    lender: Floats
    market: Floats
    cohorts: Floats
    later: Ints
    owners: Floats
    longs: Floats


def _packed(s: Population) -> _Packed:
    n, m = len(s.operators), len(s.capacity_ehs)
    opened = s.opened()
    order = np.argsort(s.owner[:, 0], kind="stable")
    cohort, operator = s.owner[order, 0], s.owner[order, 1]
    place = (operator // LANES) * len(OPERATOR) * LANES + operator % LANES
    born = np.append(s.born_day, 0).astype(np.int64)
    later = np.flatnonzero(born > 0)
    lender = np.zeros((len(s.lender_equity_cents), 2))
    lender[:, 0] = s.lender_equity_cents
    return _Packed(
        operators=_blocks(opened, n),
        terms=_blocks(s.terms, n),
        lender=lender.ravel(),
        market=s.market(opened),
        cohorts=np.stack([np.append(-np.inf, s.off), np.append(s.on, np.inf), np.append(s.capacity_ehs, 0.0),
                          born, np.searchsorted(cohort, np.arange(m + 1))], axis=1).ravel(),
        later=later[np.argsort(born[later], kind="stable")],
        owners=np.stack([place, s.owned_ehs[order], s.bill_cents[order],
                         s.born_day[cohort]], axis=1).ravel(),
        longs=np.stack([np.append(s.long_usd, 0.0), np.append(s.long_sat, 0.0)], axis=1).ravel(),
    )  # fmt: skip


def _blocks(table: Floats, n: int) -> Floats:
    """Lay a table (n, rows) out in blocks of sixteen, row by row; the last block is filled up with nobody."""
    blocks = -(-n // LANES)
    out = np.zeros((blocks * LANES, table.shape[1]))
    out[:n] = table
    if table.shape[1] == len(OPERATOR):
        out[n:, [OPERATOR.index("call_by_day"), OPERATOR.index("default_day")]] = -1.0
    return np.ascontiguousarray(out.reshape(blocks, LANES, -1).transpose(0, 2, 1)).ravel()


def _chunk(
    s: Population, p: _Packed, days: Days, seed: int, first: int, n: int, kept_days: Ints
) -> PopulationPaths:
    kept = np.empty((len(kept_days), len(places.SNAPSHOT), n))
    last, market = np.empty((n, len(p.operators))), np.empty((n, len(MARKET)))
    lenders = np.empty((n, len(p.lender)))
    kernel.population_paths(
        seed, first, days.months, days.drift, days.dip, s.shocks, s.constants, p.market, s.n_on,
        p.operators, p.terms, p.lender, p.cohorts, p.later, p.owners, p.longs, kept_days,
        kept, last, market, lenders,
    )  # fmt: skip
    table = last.reshape(n, -1, len(OPERATOR), LANES).transpose(0, 1, 3, 2).reshape(n, -1, len(OPERATOR))
    return PopulationPaths(kept, table[:, : len(s.operators)], market, lenders[:, ::2])


def draw_shocks(s: Population, days: Days, *, seed: int, first_path: int, n_paths: int) -> Floats:
    """Return what chance does, shape (FIELDS, days, paths): the draws that the cellar makes for itself."""
    n_days = len(days.drift)
    tiles = -(-n_paths // LANES)
    out = np.empty((len(FIELDS), n_days, tiles * LANES))
    block, lucky = np.empty(BLOCK_DAYS * DAY), bool(s.constants[places.LUCK])
    for tile in range(tiles):
        fee = np.zeros(ROOM)
        for day in range(0, n_days, BLOCK_DAYS):
            end = min(day + BLOCK_DAYS, n_days)
            drift, dip = days.drift[day:end], days.dip[day:end]
            shock_block(seed, first_path + tile * LANES, day, drift, dip, s.shocks, lucky, fee, block)
            part = block.reshape(BLOCK_DAYS, len(FIELDS), LANES)[: end - day]
            out[:, day:end, tile * LANES : (tile + 1) * LANES] = part.transpose(1, 0, 2)
    return out[:, :, :n_paths]
