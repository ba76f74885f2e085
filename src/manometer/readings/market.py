"""The daily table that every reading stands on: read once from the store, as it was known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chain import subsidy_sat
from ..economics import hashprice
from ..equipment import read_catalogue
from ..errors import DataError
from ..network.fleet import Releases
from ..network.history import DailyInputs
from ..network.nowcast import hashrate_of_blocks_ehs
from ..series import Series, align
from ..store import Store
from ..store.clock import date_text
from ..units import BLOCKS_PER_DAY, SAT_PER_BTC, SECONDS_PER_DAY

__all__ = ["Market", "machine_releases", "read_market"]

Floats = NDArray[np.float64]

_CURVE_CATEGORIES = ("industrial", "stylised")


@dataclass(frozen=True, slots=True)
class Market:
    """Daily inputs up to the last complete day, and the retarget table, as known at `as_of_s`.

    height : (n,) height of the last block of each day, interpolated between epoch starts.
    epoch_height, epoch_time_s, epoch_bits : one row per retarget that was known.
    known_s : variable -> instant from which its newest value was known [s].
    fees_known : whether the last day has fees; without them hashprice holds the subsidy alone.
    sources : variable -> source of its newest value.
    """

    as_of_s: int
    inputs: DailyInputs
    height: Floats
    epoch_height: NDArray[np.int64]
    epoch_time_s: NDArray[np.int64]
    epoch_bits: NDArray[np.int64]
    known_s: dict[str, int]
    fees_known: bool
    sources: dict[str, str]

    @property
    def last_day_s(self) -> int:
        """Start of the last complete day [s]."""
        return int(self.inputs.day[-1]) * SECONDS_PER_DAY


def read_market(store: Store, as_of_s: int | None = None, retrieved_by_s: int | None = None) -> Market:
    """Read price, difficulty, blocks and fees as known at an instant; by default the newest complete day.

    Raises
    ------
    DataError
        Nothing is known by then: before the first price, or an empty store.
    """
    if as_of_s is None:
        as_of_s = store.last_known_s("price_usd", retrieved_by_s=retrieved_by_s)

    def read(name: str) -> Series:
        return store.read(name, as_of_s=as_of_s, retrieved_by_s=retrieved_by_s)

    price, difficulty, blocks, fees = (
        read(n) for n in ("price_usd", "difficulty", "block_count", "fees_per_block_btc")
    )
    bits, starts = read("bits"), read("epoch_start_time_s")
    if not len(price):
        first = store.read("price_usd", retrieved_by_s=retrieved_by_s)
        since = (
            f"the first price is of {date_text(int(first.at[0]))}" if len(first) else "the store has no price"
        )
        raise DataError(f"nothing to read as of {date_text(as_of_s - 1)}: {since}")
    if not len(difficulty) or not len(bits):
        raise DataError("the store has prices but no difficulty; import a network-daily or retargets file")
    both = np.intersect1d(price.at, difficulty.at)
    if not len(both):
        raise DataError("the store has no day with both a price and a difficulty")
    last = int(both[-1])
    at = np.arange(int(price.at[0]), last + 1, SECONDS_PER_DAY, dtype=np.int64)
    p, d, n, f = (align(s, at) for s in (price, difficulty, blocks, fees))
    epoch_height = bits.at
    epoch_time = align(starts, epoch_height)
    known = np.isfinite(epoch_time)
    height = _heights(at // SECONDS_PER_DAY, epoch_height[known], epoch_time[known], n)
    subsidy = np.asarray(subsidy_sat(height.astype(np.int64)), dtype=np.float64) / SAT_PER_BTC
    fees_btc = np.where(np.isfinite(f), f, 0.0)
    inputs = DailyInputs(
        day=at // SECONDS_PER_DAY,
        price_usd=p,
        difficulty=d,
        block_count=n,
        subsidy_btc=subsidy,
        fees_btc=fees_btc,
        hashprice_usd_per_phs_day=np.asarray(
            hashprice(price_usd=p, difficulty=d, subsidy_btc=subsidy, fees_btc=fees_btc)
        ),
        hashrate_ehs=hashrate_of_blocks_ehs(n, d),
    )
    newest = {"price_usd": price, "difficulty": difficulty, "block_count": blocks, "fees_per_block_btc": fees}
    return Market(
        as_of_s=as_of_s,
        inputs=inputs,
        height=height,
        epoch_height=epoch_height[known],
        epoch_time_s=epoch_time[known].astype(np.int64),
        epoch_bits=bits.value[known].astype(np.int64),
        known_s={k: int(s.at[-1]) + SECONDS_PER_DAY for k, s in newest.items() if len(s)},
        fees_known=bool(np.isfinite(f[-1])),
        sources={k: s.source_of(-1) for k, s in newest.items() if len(s)},
    )


def _heights(
    day: NDArray[np.int64], epoch_height: NDArray[np.int64], epoch_time: Floats, block_count: Floats
) -> Floats:
    """Height of the last block of each day: the days' blocks added up, tied to the epoch starts seen.

    An epoch's first block lies in the day of its time, which bounds the sum from both sides: each tie moves
    the count no further than it must. Nothing after a day is used for it.
    """
    total = np.cumsum(np.where(np.isfinite(block_count), block_count, BLOCKS_PER_DAY))
    start_day = (epoch_time // SECONDS_PER_DAY).astype(np.int64)
    before = np.flatnonzero(start_day <= day[0])
    base = float(epoch_height[before[-1]]) if len(before) else 0.0
    bases = np.full(len(day), np.nan)
    bases[0] = base
    for height, tied in zip(epoch_height, start_day, strict=True):
        if day[0] < tied <= day[-1]:
            i = int(tied - day[0])
            base = min(max(base, float(height) - total[i]), float(height) - total[i - 1] - 1)
            bases[i] = base
    known = np.maximum.accumulate(np.where(np.isfinite(bases), np.arange(len(day)), 0))
    return np.asarray(np.floor(bases[known] + total))


def machine_releases(
    store: Store | None = None, as_of_s: int | None = None, retrieved_by_s: int | None = None
) -> Releases:
    """Return release days and efficiencies of the machines that make up the cost curve.

    The packaged catalogue, and what was imported into the store that the catalogue does not name.
    """
    catalogue = read_catalogue()
    rows = [
        (m.release_s / SECONDS_PER_DAY, m.efficiency_j_per_th)
        for m in catalogue.of(*_CURVE_CATEGORIES).values()
        if m.efficiency_j_per_th is not None
    ]
    if store is None:
        return _releases(rows)
    for entity in store.entities("machine.efficiency_j_per_th"):
        if entity.split(" @ ")[0] in catalogue:
            continue
        efficiency = store.read(
            "machine.efficiency_j_per_th", entity=entity, as_of_s=as_of_s, retrieved_by_s=retrieved_by_s
        )
        category = store.read_words(
            "machine.category", entity=entity, as_of_s=as_of_s, retrieved_by_s=retrieved_by_s
        )
        if len(efficiency) and category and category[-1][1] in _CURVE_CATEGORIES:
            rows.append((efficiency.at[-1] / SECONDS_PER_DAY, float(efficiency.value[-1])))
    return _releases(rows)


def _releases(rows: list[tuple[float, float]]) -> Releases:
    return Releases(
        day=np.array([r[0] for r in rows], dtype=np.float64),
        efficiency_j_per_th=np.array([r[1] for r in rows], dtype=np.float64),
    )
