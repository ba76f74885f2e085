"""One operator on many paths: what is kept of each path, and the readable way to get it, run by run.

The compiled ledger (`engine/kernels`) fills the same arrays; the two are held equal path by path by test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..equipment import Catalogue, read_catalogue
from ..operator.ledger_kinds import BILLS, CASH_TERMS, COIN_TERMS, INCOMES, LINES, SOURCES
from ..operator.operator import Operator
from ..units import SAT_PER_BTC
from .drivers import PathBlock
from .run import Outcome, run
from .statement import HELD_BY_OTHERS, merged, periods, sales_by_use, sales_still_cash

__all__ = [
    "FIRST_DAYS",
    "GAINS",
    "MONTHLY",
    "TOTALS",
    "SimulatedBlock",
    "run_block_by_ledger",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: By month: coins that moved [sat], then balances at the month's end [sat, cents].
MONTHLY = (
    "mined_sat",
    "sold_sat",
    "seized_sat",
    "paid_out_sat",
    "owned_sat",
    "free_sat",
    "posted_sat",
    "cash_cents",
    "debt_cents",
)
#: What may happen on a path; covenants add `breach:NAME`.
FIRST_DAYS = ("shortfall", "runway", "margin_call", "liquidation", "default", "dark")
_EVENTS = {
    "margin_call": "margin_call",
    "liquidated": "liquidation",
    "default": "default",
    "accelerated": "default",
    "let_go": "default",
    "enforced": "default",
    "restructured": "default",
    "dark": "dark",
}
GAINS = (*INCOMES, "power_credit")
#: Of a whole path. `held` is money that others hold for the operator; `spent` is what `buy_instead_btc`
#: spends; `own` and `growth` are bills as coins.
TOTALS = (
    "forced_sat",
    "received_sat",
    "payable_cents",
    "held_cents",
    "spent_cents",
    "company_people_cents",
    "in_kind_cents",
    "spent_btc",
    "own_btc",
    "growth_btc",
    "kept_as_cash_btc",
    "new_shares",
    "first_price_usd",
    "end_price_usd",
)
_WHOLE = tuple(t for t in TOTALS if t.endswith(("_sat", "_cents")))


@dataclass(frozen=True)
class SimulatedBlock:
    """What is kept of each path of a block; the first axis of every array is the path.

    Parameters
    ----------
    first_path : address of the first one; a path is its seed and this number, whatever block it is in.
    monthly : `MONTHLY` -> (paths, months) whole cents or satoshi.
    first_day : `FIRST_DAYS` and covenants -> (paths,) day counted from 0; -1 where it never comes.
    total : `TOTALS` -> (paths,).
    uses_cents, sources_cents, terms_cents : (paths, LINES), (paths, SOURCES), (paths, CASH_TERMS).
    owed_cents, gained_cents : (paths, BILLS), (paths, GAINS).
    coins_sat : (paths, COIN_TERMS). sold_for_btc : (paths, LINES) coins sold by use, each month pro rata.
    """

    first_path: int
    monthly: Mapping[str, Ints]
    first_day: Mapping[str, Ints]
    total: Mapping[str, NDArray[np.generic]]
    uses_cents: Ints
    sources_cents: Ints
    terms_cents: Ints
    owed_cents: Ints
    gained_cents: Ints
    coins_sat: Ints
    sold_for_btc: Floats

    @property
    def n_paths(self) -> int:
        """How many paths."""
        return len(self.uses_cents)


def empty_block(operator: Operator, first_path: int, n_paths: int, n_months: int) -> SimulatedBlock:
    """Return a block of zeros, nothing having happened on any path."""

    def cents(names: object) -> Ints:
        return np.zeros((n_paths, len(tuple(names))), dtype=np.int64)  # type: ignore[arg-type]

    return SimulatedBlock(
        first_path=first_path,
        monthly={k: np.zeros((n_paths, n_months), dtype=np.int64) for k in MONTHLY},
        first_day={
            k: np.full(n_paths, -1, dtype=np.int64)
            for k in (*FIRST_DAYS, *(f"breach:{c.name}" for c in operator.covenants))
        },
        total={k: np.zeros(n_paths, dtype=np.int64 if k in _WHOLE else np.float64) for k in TOTALS},
        uses_cents=cents(LINES),
        sources_cents=cents(SOURCES),
        terms_cents=cents(CASH_TERMS),
        owed_cents=cents(BILLS),
        gained_cents=cents(GAINS),
        coins_sat=cents(COIN_TERMS),
        sold_for_btc=np.zeros((n_paths, len(LINES))),
    )


def run_block_by_ledger(
    operator: Operator,
    paths: PathBlock,
    *,
    folder: Path | None = None,
    catalogue: Catalogue | None = None,
    series: Mapping[str, Floats] | None = None,
) -> SimulatedBlock:
    """Carry an operator along every path with `run`, and read what is kept off its ledger.

    A million times slower than the compiled ledger is built for: it is what that one is checked against, and
    what policies of a reader's own run on.
    """
    catalogue = catalogue or read_catalogue()
    out: SimulatedBlock | None = None
    for k in range(len(paths.price_usd)):
        outcome = run(operator, paths.path(k), folder=folder, catalogue=catalogue, series=series)
        if out is None:
            months = int(outcome.days.month_index[-1]) + 1
            out = empty_block(operator, paths.first_path, len(paths.price_usd), months)
        _read_off(out, k, outcome)
    assert out is not None
    return out


def _read_off(out: SimulatedBlock, k: int, outcome: Outcome) -> None:
    months = periods(outcome)
    total, b = merged("total", months), outcome.balances
    for m, p in enumerate(months):
        for name in ("mined", "sold", "seized", "paid_out"):
            out.monthly[f"{name}_sat"][k, m] = p.sat[name]
        for name, unit in (
            ("owned", "btc"),
            ("free", "btc"),
            ("posted", "btc"),
            ("cash", "usd"),
            ("debt", "usd"),
        ):
            whole, per = ("sat", SAT_PER_BTC) if unit == "btc" else ("cents", 100)
            out.monthly[f"{name}_{whole}"][k, m] = round(float(b[f"{name}_{unit}"][p.last]) * per)
    first = int(outcome.days.number[0])
    if outcome.first_shortfall is not None:
        out.first_day["shortfall"][k] = outcome.first_shortfall - first
    if outcome.runway_ends is not None:
        out.first_day["runway"][k] = outcome.runway_ends - first
    for e in outcome.events:
        name = f"breach:{e.name}" if e.kind == "breach" else _EVENTS.get(e.kind, "")
        if name and out.first_day[name][k] < 0:
            out.first_day[name][k] = e.day - first
    price = outcome.path.price_usd
    figures = {
        "forced_sat": round(outcome.forced_btc * SAT_PER_BTC),
        "received_sat": total.sat["received"],
        "payable_cents": outcome.books.total("payable"),
        "held_cents": sum(outcome.books.total(a) for a in HELD_BY_OTHERS),
        "spent_cents": sum(total.spent_by_day.values()),
        "company_people_cents": total.company_people,
        "in_kind_cents": total.in_kind,
        "spent_btc": sum(c / 100 / float(price[i]) for i, c in total.spent_by_day.items()),
        "own_btc": total.at_price["own"],
        "growth_btc": total.at_price["growth"],
        "kept_as_cash_btc": sales_still_cash(total),
        "new_shares": outcome.new_shares,
        "first_price_usd": float(price[0]),
        "end_price_usd": float(price[-1]),
    }
    for name, value in figures.items():
        out.total[name][k] = value
    for into, names, sums in (
        (out.uses_cents, LINES, total.uses),
        (out.sources_cents, SOURCES, total.sources),
        (out.terms_cents, CASH_TERMS, total.terms),
        (out.owed_cents, BILLS, total.owed),
        (out.gained_cents, GAINS, total.gained),
        (out.coins_sat, COIN_TERMS, total.sat),
    ):
        into[k] = [sums[name] for name in names]
    out.sold_for_btc[k] = list(sales_by_use(total).values())
