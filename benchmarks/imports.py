"""Import rate: 200,000 block times from CSV.gz, against polars for parsing and against SQLite for writing."""

from __future__ import annotations

import csv
import gzip
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from manometer.store import import_file, open_store

from .timing import in_turn, row


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the benchmark's row."""
    n = 20_000 if quick else 200_000
    rng = np.random.Generator(np.random.Philox(3))
    heights = np.arange(664_063, 664_063 + n)
    times = 1_609_547_186 + np.cumsum(rng.exponential(600, n)).astype(np.int64)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "blocks.csv.gz"
        with gzip.open(path, "wt", newline="", compresslevel=1) as file:
            writer = csv.writer(file)
            writer.writerow(["height", "time_unix", "pool"])
            writer.writerows(zip(heights.tolist(), times.tolist(), ["unknown"] * n, strict=True))
        counter = iter(range(10_000))
        pairs = list(zip(heights.tolist(), times.tolist(), strict=True))

        def ours() -> None:
            with open_store(Path(folder) / f"{next(counter)}.sqlite", record=None) as store:
                done = import_file(store, path, now_s=2_000_000_000)
                if done.rows_added != n:
                    raise RuntimeError(f"{done.rows_added} of {n} rows")

        def polars_to_sqlite() -> None:
            frame = pl.read_csv(path)
            connection = sqlite3.connect(Path(folder) / f"{next(counter)}.sqlite")
            with connection:
                connection.execute("CREATE TABLE block (height INTEGER PRIMARY KEY, time INTEGER, pool TEXT)")
                connection.executemany("INSERT INTO block VALUES (?, ?, ?)", frame.iter_rows())
            connection.close()

        def sqlite_alone() -> None:
            connection = sqlite3.connect(Path(folder) / f"{next(counter)}.sqlite")
            with connection:
                connection.execute("CREATE TABLE block (height INTEGER PRIMARY KEY, time INTEGER)")
                connection.executemany("INSERT INTO block VALUES (?, ?)", pairs)
            connection.close()

        sides = {"ours": ours, "peer": polars_to_sqlite, "limit": sqlite_alone}
        t = in_turn(sides, 2 if quick else 7)
    rate = {k: n / v[0] for k, v in t.items()}
    return [
        row(
            f"import {n} block times, checked",
            "rows/s",
            "polars to SQLite, unchecked",
            rate,
            rate["ours"] / rate["limit"],
            t["ours"][1],
        )
    ]
