"""Small files for the tests of the store."""

from __future__ import annotations

from pathlib import Path

from manometer.store import Store, open_store

DAY = 86_400
#: A time of retrieval after all dates of the samples: 2026-01-01.
NOW_S = 1_767_225_600
NETWORK = "date,price_usd,block_count,difficulty,hashrate_24h_hs,subsidy_24h_btc,fees_24h_btc"
OHLCV = "date,high_usd,low_usd,close_usd,volume_yahoo_usd,close_coindesk_usd,volume_coindesk_usd"
BLOCKS = "height,time_unix"
MONTHLY = "ticker,month_end,btc_produced,btc_sold,note"


def empty() -> Store:
    """Return a store without the packaged record."""
    return open_store(":memory:", record=None)


def write(folder: Path, name: str, header: str, *rows: str) -> Path:
    """Write a CSV file."""
    path = folder / name
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path
