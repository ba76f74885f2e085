"""What is kept of a path once its block is gone: one number per path and column, a kilobyte or two in all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..economics import hashprice
from ..operator.ledger_kinds import CASH_TERMS, COIN_TERMS, LINES, SOURCES
from .calendar import EPOCH, Days
from .drivers import PathBlock
from .simulated import MONTHLY, SimulatedBlock

__all__ = ["BYTES_PER_MONTH", "BYTES_PER_PATH", "Columns", "columns_of", "month_column", "month_ends"]

#: Name -> (n_paths,); a monthly figure has a column per month.
Columns = dict[str, NDArray[Any]]

_BALANCES = MONTHLY[4:]
_DRIVERS = ("price_usd", "hashprice_usd_per_phs_day", "hashrate_ehs")
BYTES_PER_PATH, BYTES_PER_MONTH = 450, 8 + 4 * len(_DRIVERS)


def month_column(name: str, month: int) -> str:
    """Return the name of a month's column, months counted from 0."""
    return f"{name}.{month:03d}"


def month_ends(first_day: int, n_days: int) -> NDArray[np.int64]:
    """Return the last day of each calendar month, and of the run, counted from the run's first."""
    days = Days(EPOCH + timedelta(days=first_day), n_days)
    ends = np.flatnonzero(days.ends_month)
    return np.asarray(ends if days.ends_month[-1] else np.append(ends, n_days - 1), dtype=np.int64)


def columns_of(block: SimulatedBlock, paths: PathBlock) -> Columns:
    """Return what a result is computed from, of each path of a block.

    Coins and cents are whole numbers; what the network did is kept in single precision at each month's end.
    """
    out: Columns = {f"{t}_sat": block.coins_sat[:, i].copy() for i, t in enumerate(COIN_TERMS)}
    out.update({name: block.monthly[name][:, -1].copy() for name in _BALANCES})
    out.update({name: value.copy() for name, value in block.total.items()})
    out.update({f"first_day.{name}": day.astype(np.int32) for name, day in block.first_day.items()})
    out.update({f"uses_cents.{line}": block.uses_cents[:, i].copy() for i, line in enumerate(LINES)})
    out.update({f"sources_cents.{s}": block.sources_cents[:, i].copy() for i, s in enumerate(SOURCES)})
    signs = np.array(list(CASH_TERMS.values()), dtype=np.int64)
    out["cash_change_cents"] = block.terms_cents @ signs
    m = block.monthly
    kept = np.cumsum(m["mined_sat"] - m["sold_sat"] - m["seized_sat"] - m["paid_out_sat"], axis=1)
    ends = month_ends(paths.first_day, paths.price_usd.shape[1])
    of_day = {
        "price_usd": paths.price_usd[:, ends],
        "hashprice_usd_per_phs_day": hashprice(
            price_usd=paths.price_usd[:, ends],
            difficulty=paths.difficulty[:, ends],
            subsidy_btc=paths.subsidy_btc[:, ends],
            fees_btc=paths.fees_btc[:, ends],
        ),
        "hashrate_ehs": paths.hashrate_ehs[:, ends],
    }
    for month in range(len(ends)):
        out[month_column("retained_sat", month)] = kept[:, month].copy()
        for name in _DRIVERS:
            out[month_column(name, month)] = np.asarray(of_day[name])[:, month].astype(np.float32)
    return out
