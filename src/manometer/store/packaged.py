"""The packaged record: what a new store starts with, checked against the sums in its manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, InputError
from ..units import SECONDS_PER_DAY
from .clock import day_start_s, parse_as_of
from .derive import daily_difficulty
from .packed import decode_block_times
from .write import Batch, Origin, append

__all__ = ["RECORD", "batches_of_record", "load_record"]

#: Folder of the record that comes with the package.
RECORD = Path(__file__).parent / "record"
_FILES = ("daily.csv", "retargets.csv", "block_times.xz")


@dataclass(frozen=True, slots=True)
class _Entry:
    origin: Origin
    content: bytes


def load_record(connection: sqlite3.Connection, folder: Path) -> None:
    """Put the record into a new store, inside the transaction that creates it.

    Raises
    ------
    DataError
        A file of the record is missing or is not what the manifest says.
    """
    entries = _entries(folder)
    try:
        for name, batches in batches_of_record({n: e.content for n, e in entries.items()}).items():
            append(connection, batches, entries[name].origin, into_empty=True)
    except (ValueError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"packaged record {folder}: damaged ({error}); install Manometer again") from error


def _entries(folder: Path) -> dict[str, _Entry]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        listed = {str(row["name"]): row for row in manifest["files"]}
        entries = {}
        for name in _FILES:
            row = listed[name]
            content = (folder / name).read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            if digest != row["sha256"]:
                raise DataError(
                    f"packaged record: {name} is not what its manifest says; install Manometer again"
                )
            compiled = _instant(str(row.get("compiled_utc") or manifest["compiled_utc"]))
            origin = Origin("record", name, digest, compiled, str(row["licence"]), str(row["provenance"]))
            entries[name] = _Entry(origin, content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"packaged record {folder}: incomplete ({error}); install Manometer again") from error
    return entries


def _instant(text: str) -> int:
    try:
        return parse_as_of(text)
    except InputError as error:
        raise ValueError(str(error)) from None


def batches_of_record(content: dict[str, bytes]) -> dict[str, list[Batch]]:
    """Return the observations of each file of the record, from its bytes by file name."""
    daily = _table(content["daily.csv"])
    days = np.array([day_start_s(d) for d in daily["date"]], dtype=np.int64)
    retargets = _table(content["retargets.csv"])
    heights = np.array(retargets["start_height"], dtype=np.int64)
    starts = np.array(retargets["start_time_s"], dtype=np.int64)
    bits = np.array([int(b, 16) for b in retargets["bits"]], dtype=np.int64)
    block_heights, block_times = decode_block_times(content["block_times.xz"])

    prices = _filled(daily["price_usd"])
    of_days = []
    for source in sorted({s for s in daily["price_source"] if s}):
        mask = np.array([s == source for s in daily["price_source"]])
        of_days.append(_days("price_usd", source, days, prices, mask))
    counts = _filled(daily["block_count"])
    for source in sorted({s for s in daily["block_count_source"] if s}):
        mask = np.array([s == source for s in daily["block_count_source"]])
        of_days.append(_days("block_count", source, days, counts, mask))
    fees = _filled(daily["fees_per_block_btc"])
    of_days.append(_days("fees_per_block_btc", "node", days, fees, np.ones(days.size, dtype=bool)))

    day, difficulty = daily_difficulty(starts, bits, int(days[-1]))
    return {
        "daily.csv": of_days,
        "retargets.csv": [
            _plain("bits", "headers", heights, bits, starts),
            _plain("epoch_start_time_s", "headers", heights, starts, starts),
            _plain("difficulty", "derived-from-bits", day, difficulty, day + SECONDS_PER_DAY),
        ],
        "block_times.xz": [_plain("block_time_s", "headers", block_heights, block_times, block_times)],
    }


def _table(content: bytes) -> dict[str, list[str]]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    columns = zip(*rows[1:], strict=True)
    return {name: list(column) for name, column in zip(rows[0], columns, strict=True)}


def _filled(cells: list[str]) -> NDArray[np.float64]:
    return np.array([float(c) if c else np.nan for c in cells], dtype=np.float64)


def _days(
    variable: str, source: str, days: NDArray[np.int64], value: NDArray[np.float64], mask: NDArray[np.bool_]
) -> Batch:
    keep = mask & ~np.isnan(value)
    return _plain(variable, source, days[keep], value[keep], days[keep] + SECONDS_PER_DAY)


def _plain(
    variable: str, source: str, at: NDArray[np.int64], value: NDArray[Any], available_s: NDArray[np.int64]
) -> Batch:
    line = np.zeros(at.size, dtype=np.int64)
    assumed: NDArray[np.bool_] = np.zeros(at.size, dtype=bool)
    return Batch(variable, "", source, line, at, value.astype(np.float64), available_s, assumed)
