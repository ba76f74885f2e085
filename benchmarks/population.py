"""The population of `cascade`: the cellar against its NumPy twin, its floor, and the limit of its shocks."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from manometer.engine.kernels.places import CONSTANTS, OPERATOR, TERMS
from manometer.engine.kernels.shocks import BLOCK_DAYS, DAY, LANES, ROOM, shock_block
from manometer.engine.population import Days, Population, draw_shocks, run_population
from manometer.engine.population_twin import run_population_twin

from .timing import row

_DAYS = 1460
_PATHS = 576
_TWIN_PATHS = 500
_PER_EHS = 8192.0


def sample(cohorts: int = 256, operators: int = 32, days: int = _DAYS, seed: int = 1) -> Population:
    """Return a made-up population: a third of the cohorts join later; operators have eight each, and owe."""
    r = np.random.default_rng(seed)
    price, difficulty, subsidy = 30_000.0, 5e13, 6.25
    network = difficulty * 2**32 / 600 / 1e18
    hashprice = price * subsidy * 86_400e15 / (difficulty * 2**32)
    cost = np.sort(hashprice * np.exp(r.normal(-0.45, 0.45, cohorts)))
    capacity = np.floor(np.full(cohorts, 1.15 * network / cohorts) * _PER_EHS) / _PER_EHS
    born = np.where(r.random(cohorts) < 0.3, r.integers(1, days, cohorts), 0)
    owner, owned, bill = [], [], []
    start, terms = np.zeros((operators, len(OPERATOR))), np.zeros((operators, len(TERMS)))
    for k in range(operators):
        mine = r.choice(cohorts, min(8, cohorts), replace=False)
        ehs = np.floor(capacity[mine] * r.uniform(0.1, 0.5, len(mine)) * _PER_EHS) / _PER_EHS
        owner += [(m, k) for m in mine]
        owned += list(ehs)
        bill += list(np.rint(ehs * 1000 * cost[mine] * 90))
        daily = float(ehs.sum() * 1000 * hashprice)  # USD that all its machines earn
        loan = daily * r.uniform(10, 120) * (k % 2)
        term = np.rint(daily * 100 * r.uniform(0, 200))
        _put(start[k], OPERATOR, cash_cents=np.rint(daily * 100 * r.uniform(9, 60)),
             free_sat=np.rint(daily / price * 1e8 * r.uniform(30, 300)), loan_cents=np.rint(loan * 100),
             posted_sat=np.rint(loan / price / r.uniform(0.35, 0.6) * 1e8), term_cents=term)  # fmt: skip
        _put(terms[k], TERMS, keep_frac=0.97, share_frac=(1.0, 0.0, 0.5)[k % 3],
             floor_cents=np.rint(daily * 3000) if k % 3 == 1 else 0.0, fixed_cents=np.rint(daily * 300),
             term_rate=0.1 / 12, loan_rate=0.1 / 12, instalment_cents=np.rint(term / 48),
             matures_day=2000.0 if k % 5 else 700.0, call_frac=0.75, restore_frac=0.65, liquidation_frac=0.85,
             cure_days=k % 4, sells_to_calls=k // 2 % 2, grace_days=20, stops=k % 2, recovery_frac=0.3,
             loan_lender=k % 4, term_lender=k // 4 % 4)  # fmt: skip
    deviation, volume_btc = 0.03, 25_000.0
    constants = np.zeros(len(CONSTANTS))
    _put(constants, CONSTANTS, fees_btc=0.3, weight_per_day=0.3, luck=1.0,
         root=deviation / np.sqrt(volume_btc * 1e8), stays=0.9, sale_cost_frac=0.0015,
         caught_frac=0.5)  # fmt: skip
    n_on = int((cost * 0.95 <= hashprice).sum())
    return Population(
        operators=start,
        terms=terms,
        lender_equity_cents=np.full(4, 2e9),
        capacity_ehs=capacity,
        off=cost * 0.95,
        on=cost * 1.05,
        born_day=born,
        n_on=n_on,
        base_ehs=np.floor(0.05 * network * _PER_EHS) / _PER_EHS,
        owner=np.array(owner),
        owned_ehs=np.array(owned),
        bill_cents=np.array(bill),
        price_usd=price,
        difficulty=difficulty,
        height=700_500,
        epoch_s=300_000.0,
        level=hashprice,
        constants=constants,
        shocks=np.array([deviation, 0.02, 0.45, 0.04, 0.05, 0.95, 0.15, 1.0]),
        long_usd=price * np.linspace(0.95, 0.5, 10),
        long_sat=np.full(10, 2e9),
    )


def _put(line: Any, names: tuple[str, ...], **values: float) -> None:
    for name, value in values.items():
        line[names.index(name)] = value


def without_cohorts(start: Population) -> Population:
    """Return the same with its cohorts held as they are: what is left is the floor of the cellar."""
    m = len(start.off)
    return replace(
        start, off=np.full(m, -np.inf), on=np.full(m, np.inf), born_day=np.zeros(m, dtype=np.int64)
    )


def _shocks_alone(start: Population, days: Days, n_paths: int) -> None:
    fee, block = np.zeros(ROOM), np.empty(BLOCK_DAYS * DAY)
    for tile in range(n_paths // LANES):
        for day in range(0, len(days.drift) - BLOCK_DAYS + 1, BLOCK_DAYS):
            part = slice(day, day + BLOCK_DAYS)
            shock_block(
                1, tile * LANES, day, days.drift[part], days.dip[part], start.shocks, True, fee, block
            )  # fmt: skip


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the benchmark's rows: nanoseconds per path-day, all sides in turn in one run; compile time."""
    n_days = 70 if quick else _DAYS
    n, n_twin, rounds = (32, 32, 1) if quick else (_PATHS, _TWIN_PATHS, 5)
    days = Days.plain(n_days)
    s = {m: sample(m, days=n_days) for m in (64, 256, 1024)}
    drawn = draw_shocks(s[256], days, seed=1, first_path=0, n_paths=n_twin)
    floor = without_cohorts(s[256])

    def ours(start: Population, threads: int = 1) -> Callable[[], object]:
        return lambda: run_population(start, days, seed=1, n_paths=n, threads=threads)

    sides: dict[str, tuple[Callable[[], object], int]] = {
        "64": (ours(s[64]), n),
        "256": (ours(s[256]), n),
        "1024": (ours(s[1024]), n),
        "two": (ours(s[256], 2), n),
        "floor": (ours(floor), n),
        "limit": (lambda: _shocks_alone(s[256], days, n), n),
        "twin": (lambda: run_population_twin(s[256], days, seed=1, n_paths=n_twin, drawn=drawn), n_twin),
    }
    ns: dict[str, list[float]] = {name: [] for name in sides}
    for call, _ in sides.values():
        call()
    for _ in range(rounds):
        for name, (call, paths) in sides.items():
            began = time.perf_counter()
            call()
            ns[name].append((time.perf_counter() - began) * 1e9 / paths / n_days)
    mid = {name: statistics.median(v) for name, v in ns.items()}
    out = []
    for m in (64, 256, 1024):
        done = run_population(s[m], days, seed=1, n_paths=n)
        switches = done.at_end("switches").mean() / n_days
        name = f"population, {m} cohorts, 32 operators, {n_days} days, {switches:.1f} switches a day"
        out.append((name, str(m), "twin" if m == 256 else "256", "floor"))
    out += [("the same on two threads", "two", "256", "floor"),
            ("without cohort work: the floor, whose limit is its shocks", "floor", "256", "limit"),
            ("the NumPy twin", "twin", "256", "floor")]  # fmt: skip
    table = [
        row(name, "ns/path-day", _PEERS[peer], {"ours": mid[side], "peer": mid[peer], "limit": mid[limit]},
            mid[limit] / mid[side], _spread(ns[side]))
        for name, side, peer, limit in out
    ]  # fmt: skip
    table[3]["threads"] = 2
    return table if quick else [*table, _start_up()]


_PEERS = {"twin": "the NumPy twin, 500 paths at once", "256": "256 cohorts on one thread"}
_FIRST = """
from benchmarks.population import sample
from manometer.engine.population import Days, run_population
run_population(sample(days=30), Days.plain(30), seed=1, n_paths=16)
"""


def _start_up() -> dict[str, Any]:
    """Return the seconds of a fresh process to its first result: nothing compiled yet, and all compiled."""
    seconds = []
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(2):
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", _FIRST], env={**os.environ, "XDG_CACHE_HOME": cache}, check=True
            )
            seconds.append(time.perf_counter() - began)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import numba"], check=True)
        bare = time.perf_counter() - began
    cold, warm = seconds
    value = {"ours": cold, "peer": warm, "limit": bare}
    name = "population, process to first result with nothing compiled (paid once per installation)"
    return row(name, "s", "the same with a warm cache", value, bare / cold, 0.0)


def _spread(values: list[float]) -> float:
    return (max(values) - min(values)) / 2 / statistics.median(values)
