"""The reduced population model's data: parameters from one seed, shared paths, and what is compared.

Needs NumPy alone, so that every peer's environment can read a case; only `draw_case` needs Manometer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BLOCKS",
    "FEES_BTC",
    "HASHPRICE",
    "MONTH_DAYS",
    "N_ENDS",
    "PRICE_USD",
    "SATOSHI",
    "SHOCKS",
    "SNAPSHOT_DAYS",
    "Case",
    "difference",
    "digest",
    "draw_case",
    "read_case",
    "write_case",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MONTH_DAYS, SNAPSHOT_DAYS = 30, 90
N_ENDS = 13  # outputs of the last day; three more per snapshot
HASHPRICE = 1e15 * 86_400 / 2.0**32  # blocks that a PH/s finds in a day at difficulty 1
BLOCKS = 1e18 * 86_400 / 2.0**32  # and an EH/s
SATOSHI = 1e18 * 86_400 * 1e8 / 2.0**32

_PER_EHS = 8192.0
_OWNED_PER_OPERATOR, _LATE_FRAC, _BAND_FRAC = 8, 0.3, 0.0125
_RUNNING_EHS = 900.0

PRICE_USD, FEES_BTC = 60_000.0, 0.06
#: How prices and fees move, in the order of `engine.kernels.shocks.SHOCKS`; and the drift of a day.
SHOCKS = (
    np.array([0.025, 0.02, 0.45, 0.05, 0.06, 0.9, 0.14, 0.0]),
    np.full(64, 0.0002),
)


@dataclass(frozen=True)
class Case:
    """One population with its paths; shapes and units as in reduced.md. `owned` (K, 8) are cohorts."""

    capacity_ehs: Floats
    on: Floats
    off: Floats
    born_day: Whole
    owned: Whole
    own_ehs: Floats
    own_cents: Floats
    share: Floats
    buffer: Floats
    fixed: Floats
    instalment: Floats
    loan_rate: Floats
    term_rate: Floats
    restore: Floats
    call: Floats
    liquidate: Floats
    cash: Floats
    free: Floats
    posted: Floats
    loan: Floats
    term: Floats
    base_ehs: float
    difficulty: float
    height: float
    epoch_s: float
    level: float
    weight: float
    root: float
    stays: float
    n_on: int
    seed: int
    price_usd: Floats
    fees_btc: Floats

    def cut(self, n_paths: int, n_days: int) -> Case:
        """Return the first paths and days."""
        return replace(
            self, price_usd=self.price_usd[:n_paths, :n_days], fees_btc=self.fees_btc[:n_paths, :n_days]
        )


def draw_case(n_cohorts: int, n_operators: int, n_paths: int, n_days: int, seed: int = 1) -> Case:
    """Draw a population and its paths; with 256 cohorts and all days about 1.7 switches a day."""
    from .numba_side import draw_paths

    rng = np.random.Generator(np.random.PCG64(seed))
    m, k, n = n_cohorts, n_operators, _OWNED_PER_OPERATOR

    def between(low: float, high: float, size: int | tuple[int, ...]) -> Floats:
        return low + (high - low) * rng.random(size)

    cost = np.sort(between(0.0, 1.0, m)) ** 1.2 * 55.0 + 8.0  # USD per PH/s per day
    born_day = np.where(rng.random(m) < _LATE_FRAC, 1 + np.floor(between(0, 1460, m)), 0).astype(np.int64)
    capacity = _down(between(0.5, 1.5, m) * (1.9 * _RUNNING_EHS / m), _PER_EHS)
    n_on = int((cost < 32.0).sum())
    base = _down(np.array(_RUNNING_EHS - capacity[:n_on][born_day[:n_on] == 0].sum()), _PER_EHS)

    owned = np.stack([rng.permutation(m)[:n] for _ in range(k)])
    owners = np.maximum(np.bincount(owned.ravel(), minlength=m), 1)
    own_ehs = _down(capacity[owned] * between(0.3, 0.9, (k, n)) / owners[owned], _PER_EHS)
    own_cents = np.rint(own_ehs * 1e5 * cost[owned] * between(0.9, 1.1, (k, n)))
    running = (owned < n_on) & (born_day[owned] == 0)
    bill = np.maximum((own_cents * running).sum(1), 0.1 * own_cents.sum(1))  # per day
    mined = np.maximum((own_ehs * running).sum(1), 0.1 * own_ehs.sum(1)) * 144 * 3.185 / _RUNNING_EHS * 1e8

    policy = np.arange(k) % 4  # sell all, sell to cover, cash buffer, fixed share
    loan, term = np.rint(bill * between(0, 240, k)), np.rint(bill * between(0, 240, k))
    restore = between(0.35, 0.5, k)
    price, fees = draw_paths(seed, n_paths, n_days)
    return Case(
        capacity_ehs=capacity,
        on=cost * (1 + _BAND_FRAC),
        off=cost * (1 - _BAND_FRAC),
        born_day=born_day,
        owned=owned,
        own_ehs=own_ehs,
        own_cents=own_cents,
        share=np.choose(policy, [1.0, 0.0, 0.0, 0.5]),
        buffer=np.where(policy == 2, np.rint(bill * 30), 0.0),
        fixed=np.rint(bill * between(1, 5, k)),
        instalment=np.rint(term / 48),
        loan_rate=between(0.06, 0.14, k) / 12,
        term_rate=between(0.06, 0.14, k) / 12,
        restore=restore,
        call=between(0.65, 0.75, k),
        liquidate=between(0.8, 0.9, k),
        cash=np.rint(bill * between(20, 150, k)),
        free=np.where(policy == 0, 0.0, np.rint(mined * between(0, 400, k))),
        posted=np.ceil(loan / (restore * PRICE_USD * 1e-6)),
        loan=loan,
        term=term,
        base_ehs=float(base),
        difficulty=float(np.floor(_RUNNING_EHS * 1e18 * 600 / 2.0**32)),
        height=950_000.0,
        epoch_s=600.0 * (950_000 % 2016),
        level=float(cost[n_on]),
        weight=1.0,
        root=0.03 / np.sqrt(30_000e8),
        stays=0.9,
        n_on=n_on,
        seed=seed,
        price_usd=price,
        fees_btc=fees,
    )


def write_case(path: Path, case: Case, expected: Floats, expected_year: Floats) -> None:
    """Write a case, and the oracle's outputs for its first paths: all days, and 365 of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {f.name: getattr(case, f.name) for f in fields(Case)}
    np.savez(path, **values, expected=expected, expected_year=expected_year)


def read_case(path: Path) -> tuple[Case, Floats, Floats]:
    """Read what `write_case` wrote."""
    if not path.is_file():
        raise SystemExit(f"{path}: no such case; `python -m benchmarks.peers` writes it")
    with np.load(path) as stored:
        values = {f.name: stored[f.name] for f in fields(Case)}
        scalars = {k: v.item() for k, v in values.items() if v.ndim == 0}
        return Case(**{**values, **scalars}), stored["expected"], stored["expected_year"]


def digest(outputs: Floats) -> str:
    """Return the SHA-256 of outputs."""
    return hashlib.sha256(np.ascontiguousarray(outputs, dtype="<f8").tobytes()).hexdigest()


def difference(outputs: Floats, expected: Floats) -> dict[str, float | str]:
    """Return how far outputs are from the oracle's, on the paths that both have."""
    n = min(len(outputs), len(expected))
    got, want = outputs[:n], expected[:n]
    relative = np.abs(got - want) / np.maximum(np.abs(want), 1.0)
    return {
        "digest": digest(got)[:16],
        "same_bits": bool((got == want).all()),
        "worst_relative": float(relative.max()),
        "paths_differ_frac": float((relative.max(1) > 1e-9).mean()),
        "n_compared": n,
    }


def _down(x: Floats, per_unit: float) -> Floats:
    return np.asarray(np.floor(x * per_unit) / per_unit)
