"""Manometer's own population kernel on the reduced model: what it has beyond that is switched off by data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from manometer.engine.kernels.places import CONSTANTS, OPERATOR, SNAPSHOT, TERMS
from manometer.engine.population import Days, Population, run_population

from .model import FEES_BTC, PRICE_USD, SHOCKS, SNAPSHOT_DAYS, Case, Floats

__all__ = ["days_of", "floor_of", "population_of", "run_ours"]


def _table(names: tuple[str, ...], n: int, **columns: Floats | float) -> Floats:
    out = np.zeros((n, len(names)))
    for name, column in columns.items():
        out[:, names.index(name)] = column
    return out


def population_of(case: Case) -> Population:
    """Return a case as a population: no grace, cure, luck or cost of sale, one lender that cannot fail."""
    k, n = case.owned.shape
    return Population(
        operators=_table(
            OPERATOR, k, cash_cents=case.cash, free_sat=case.free, posted_sat=case.posted,
            loan_cents=case.loan, term_cents=case.term,
        ),
        terms=_table(
            TERMS, k, keep_frac=1.0, floor_cents=case.buffer, share_frac=case.share, fixed_cents=case.fixed,
            term_rate=case.term_rate, loan_rate=case.loan_rate, instalment_cents=case.instalment,
            matures_day=np.inf, call_frac=case.call, restore_frac=case.restore,
            liquidation_frac=case.liquidate, stops=1.0,
        ),
        lender_equity_cents=np.array([np.inf]),
        capacity_ehs=case.capacity_ehs, off=case.off, on=case.on, born_day=case.born_day, n_on=case.n_on,
        base_ehs=case.base_ehs,
        owner=np.stack([case.owned.ravel(), np.repeat(np.arange(k), n)], axis=1),
        owned_ehs=case.own_ehs.ravel(), bill_cents=case.own_cents.ravel(),
        price_usd=PRICE_USD, difficulty=case.difficulty, height=int(case.height), epoch_s=case.epoch_s,
        level=case.level,
        constants=_table(
            CONSTANTS, 1, fees_btc=FEES_BTC, weight_per_day=case.weight, root=case.root, stays=case.stays
        )[0],
        shocks=SHOCKS[0], long_usd=np.zeros(0), long_sat=np.zeros(0),
    )  # fmt: skip


def floor_of(start: Population) -> Population:
    """Return a population whose cohorts never switch and never join: the kernel without cohort work."""
    m = len(start.on)
    never = np.zeros(m, dtype=np.int64)
    return replace(start, off=np.full(m, -np.inf), on=np.full(m, np.inf), born_day=never)


def days_of(case: Case) -> Days:
    """Return the days of a case: the drift that all share, and a month's end every 30 days."""
    n = case.price_usd.shape[1]
    return replace(Days.plain(n), drift=np.full(n, SHOCKS[1][0]))


def run_ours(start: Population, days: Days, seed: int, n_paths: int, threads: int = 1) -> Floats:
    """Return the outputs of reduced.md."""
    n_days = len(days.drift)
    kept = np.arange(SNAPSHOT_DAYS - 1, n_days, SNAPSHOT_DAYS)
    done = run_population(start, days, seed=seed, n_paths=n_paths, days_kept=kept, threads=threads)
    ends = [done.at_end(n) for n in ("price_usd", "difficulty", "height", "hashrate_ehs", "order_sat")]
    books = [done.of(n).sum(1) for n in ("free_sat", "posted_sat", "cash_cents")]
    debts = (done.of("loan_cents") + done.of("term_cents")).sum(1)
    default_days = np.maximum(done.of("default_day"), 0.0).sum(1)
    counts = [done.at_end("defaults"), default_days, done.at_end("sold_sat"), done.at_end("forced_sat")]
    named = [SNAPSHOT.index(n) for n in ("price_usd", "difficulty", "hashrate_ehs")]
    snapshots = done.kept[:, named].reshape(-1, n_paths)
    return np.concatenate([np.stack([*ends, *books, debts, *counts]), snapshots]).T
