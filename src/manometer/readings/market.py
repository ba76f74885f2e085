"""The daily table that every reading stands on: read once from the store, as it was known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..chain import subsidy_sat
from ..economics import hashprice
from ..equipment import Catalogue, read_catalogue
from ..errors import DataError, InputError
from ..network.fleet import Releases
from ..network.history import DailyInputs
from ..network.nowcast import hashrate_of_blocks_ehs
from ..series import Series, align
from ..store import Store
from ..store.clock import date_text, parse_as_of
from ..units import BLOCKS_PER_DAY, SAT_PER_BTC, SECONDS_PER_DAY

__all__ = ["Market", "as_of_second", "machine_releases", "read_market"]

Floats = NDArray[np.float64]

_CURVE_CATEGORIES = ("industrial", "stylised")
_MACHINE_NUMBERS = ("hashrate_ths", "power_w", "efficiency_j_per_th")


@dataclass(frozen=True, slots=True)
class Market:
    """Daily inputs up to the last complete day, and the retarget table, as known at `as_of_s`.

    height : (n,) height of the last block of each day, interpolated between epoch starts.
    epoch_height, epoch_time_s, epoch_bits : one row per retarget that was known.
    known_s : variable -> instant from which its newest value was known [s].
    catalogue : every machine, those imported included; see `Catalogue.available` for those on sale.
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
    catalogue: Catalogue
    fees_known: bool
    sources: dict[str, str]

    @property
    def last_day_s(self) -> int:
        """Start of the last complete day [s]."""
        return int(self.inputs.day[-1]) * SECONDS_PER_DAY


def as_of_second(as_of: str | int | date | None) -> int | None:
    """Return an as-of as seconds since 1970: a date is the end of its UTC day, a naive datetime is UTC.

    Raises
    ------
    InputError
        It is none of these.
    """
    if as_of is None or isinstance(as_of, str):
        return None if as_of is None else parse_as_of(as_of)
    if isinstance(as_of, datetime):
        return int((as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)).timestamp())
    if isinstance(as_of, date):
        return parse_as_of(as_of.isoformat())
    if isinstance(as_of, (int, np.integer)) and not isinstance(as_of, bool):
        return int(as_of)
    raise InputError(f"as_of {as_of!r}: give a date, a UTC instant, or seconds since 1970")


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
        catalogue=_machine_catalogue(store, as_of_s, retrieved_by_s),
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


def _machine_catalogue(store: Store, as_of_s: int, retrieved_by_s: int | None) -> Catalogue:
    """Return the packaged catalogue, and the imported machines that it does not name."""
    catalogue = read_catalogue()
    extra = []
    for entity in store.entities("machine.efficiency_j_per_th"):
        name = entity.split(" @ ")[0]
        if name in catalogue:
            continue

        def newest(variable: str, entity: str = entity) -> str:
            known = {"entity": entity, "as_of_s": as_of_s, "retrieved_by_s": retrieved_by_s}
            read: Any = store.read if variable in _MACHINE_NUMBERS else store.read_words
            found = read(f"machine.{variable}", **known)
            if not len(found):
                return ""
            return repr(float(found.value[-1])) if variable in _MACHINE_NUMBERS else str(found[-1][1])

        if not newest("efficiency_j_per_th"):
            continue
        released = store.read("machine.efficiency_j_per_th", entity=entity, as_of_s=as_of_s)
        extra.append(
            {
                "model": name,
                "maker": newest("manufacturer"),
                "category": newest("category"),
                "cooling": newest("cooling"),
                "hashrate_ths": newest("hashrate_ths"),
                "power_w": newest("power_w"),
                "efficiency_j_per_th": newest("efficiency_j_per_th"),
                "release_date": date_text(int(released.at[-1])),
                "source": "imported",
                "confidence": newest("confidence") or "low",
            }
        )
    return read_catalogue(extra) if extra else catalogue


def machine_releases(catalogue: Catalogue | None = None) -> Releases:
    """Return release days and efficiencies of the machines that make up the cost curve."""
    rows = [
        (m.release_s / SECONDS_PER_DAY, m.efficiency_j_per_th)
        for m in (catalogue or read_catalogue()).of(*_CURVE_CATEGORIES).values()
        if m.efficiency_j_per_th is not None
    ]
    return Releases(
        day=np.array([r[0] for r in rows], dtype=np.float64),
        efficiency_j_per_th=np.array([r[1] for r in rows], dtype=np.float64),
    )
