"""The plain Numba kernel on a case: paths given or drawn, the floor, and the limit of its shocks."""

from __future__ import annotations

import numpy as np

from manometer.engine.kernels.shocks import LANES

from . import numba_kernel as k
from .model import N_ENDS, SHOCKS, SNAPSHOT_DAYS, Case, Floats

__all__ = ["draw_paths", "limit", "run_drawn", "run_given"]


def draw_paths(seed: int, n_paths: int, n_days: int) -> tuple[Floats, Floats]:
    """Return price before impact [USD] and fees per block [BTC], (paths, days)."""
    price, fees = np.empty((n_paths, n_days)), np.empty((n_paths, n_days))
    k.shocks_alone(seed, n_days, *SHOCKS, price, fees)
    return price, fees


def limit(case: Case) -> float:
    """Draw the case's shocks and throw them away: what no kernel that draws them can beat."""
    nothing = np.empty((len(case.price_usd), 0))
    return float(k.shocks_alone(case.seed, case.price_usd.shape[1], *SHOCKS, nothing, nothing))


def run_given(case: Case, *, cohorts: bool = True) -> tuple[Floats, Floats]:
    """Return the outputs of reduced.md, and switches of each path, from price and fees that are given."""
    out, switches = _room(case)
    k.paths_given(case.price_usd, case.fees_btc, *_data(case), cohorts, out, switches)
    return out[: len(case.price_usd)], switches[: len(case.price_usd)]


def run_drawn(case: Case, first: int = 0, *, cohorts: bool = True) -> tuple[Floats, Floats]:
    """Return the same, price and fees drawn by address on the way, from path `first` on."""
    out, switches = _room(case)
    n_days = case.price_usd.shape[1]
    k.paths_drawn(case.seed, first, n_days, *SHOCKS, *_data(case), cohorts, out, switches)
    return out[: len(case.price_usd)], switches[: len(case.price_usd)]


def _room(case: Case) -> tuple[Floats, Floats]:
    n, n_days = case.price_usd.shape
    whole_tiles = -(-n // LANES) * LANES
    return np.zeros((whole_tiles, N_ENDS + 3 * (n_days // SNAPSHOT_DAYS))), np.zeros(whole_tiles)


def _data(case: Case) -> tuple[object, ...]:
    """Lay a case out for the kernel, in the order of its arguments."""
    m, n_operators = len(case.on), len(case.cash)
    n_blocks = -(-n_operators // LANES)

    def by_lane(*rows: Floats) -> Floats:
        padded = np.zeros((len(rows), n_blocks * LANES))
        padded[:, :n_operators] = rows
        by_block = padded.reshape(len(rows), n_blocks, LANES).swapaxes(0, 1)
        return np.ascontiguousarray(by_block).reshape(n_blocks, -1)

    there = (case.born_day == 0).astype(np.float64)
    at_start = there[case.owned] * (case.owned < case.n_on)
    books = by_lane(
        case.cash, case.free, (case.own_ehs * at_start).sum(1), (case.own_cents * at_start).sum(1),
        np.ones(n_operators), case.term, case.loan, case.posted,
    )  # fmt: skip
    terms = by_lane(
        case.share, case.buffer, case.fixed, case.instalment, case.loan_rate, case.term_rate, case.restore,
        case.call, case.liquidate,
    )  # fmt: skip
    start, halvings = np.zeros(k.N_ROWS), case.height // 210_000
    for row, value in (
        (k.LEVEL, case.level), (k.DIFFICULTY, case.difficulty), (k.HEIGHT, case.height),
        (k.EPOCH, case.height % 2016), (k.SPENT, case.epoch_s), (k.SUBSIDY, 50.0 * 0.5**halvings),
        (k.HALVING, (halvings + 1) * 210_000), (k.CALLED_AT, np.inf),
        (k.RUNNING, (case.capacity_ehs * there)[: case.n_on].sum()),
    ):  # fmt: skip
        start[row // LANES] = value

    order = np.argsort(case.owned.ravel(), kind="stable")
    ends = np.searchsorted(case.owned.ravel()[order], np.arange(m + 1))
    who = np.repeat(np.arange(n_operators), case.owned.shape[1])[order]
    own = np.stack([case.own_ehs.ravel()[order], case.own_cents.ravel()[order]], axis=1)
    below = np.zeros((m + 1, 2))
    below[1:] = np.cumsum(np.stack([case.capacity_ehs * there, there], axis=1), axis=0)
    later = np.argsort(case.born_day, kind="stable")[int(there.sum()) :]
    return (
        start, books, case.n_on, below.ravel(), (own * there[case.owned.ravel()[order], None]).ravel(),
        np.append(case.on, np.inf), np.append(-np.inf, case.off), case.capacity_ehs, ends,
        np.stack([who // LANES, who % LANES], axis=1).ravel(), own.ravel(),
        np.append(case.born_day[later], -1), later, terms,
        np.array([case.base_ehs, case.weight, case.root, case.stays]),
    )  # fmt: skip
