"""Retargets, bit for bit; hashprice on the days for which others published it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from manometer import retarget

from .context import Context
from .rows import Row, needs, read_published

__all__ = ["hashprice_rows", "retarget_rows"]

_EPOCH = 2016
_BTC_LIMIT = 0.003
_USD_LIMIT, _USD_SHARE = 0.03, 12 / 15
_RANGE_LIMIT = 0.01
_LOSS = 1 - 1e-12


def retarget_rows(c: Context) -> Iterator[Row]:
    """Recompute every epoch whose header span is known."""
    section, source = "retargets", "tests/published/score_retargets.csv: facts of the block chain"
    table = [
        (int(r["start_height"]), int(r["bits"], 16), int(r["span_s"]), int(r["next_bits"], 16))
        for r in read_published("score_retargets.csv")
    ]
    exact = sum(retarget(bits, first_time_s=0, last_time_s=span) == new for _, bits, span, new in table)
    yield _count(section, "retargets, bit for bit", exact, len(table), source)
    market = c.pulse.market
    known = dict(zip(market.epoch_height.tolist(), market.epoch_bits.tolist(), strict=True))
    same = sum(known.get(h) == bits and known.get(h + _EPOCH) == new for h, bits, _, new in table)
    yield _count(section, "bits in the record", same, len(table), source)
    blocks = c.store.read("block_time_s")
    item = "header spans in the record"
    if not len(blocks):
        yield needs(section, item, float(len(table)), "epochs", source, "block data")
        return
    time = dict(zip(blocks.at.tolist(), blocks.value.astype(np.int64).tolist(), strict=True))
    spans = sum(
        h in time and h + _EPOCH - 1 in time and time[h + _EPOCH - 1] - time[h] == span
        for h, _, span, _ in table
    )
    yield _count(section, item, spans, len(table), source)


def hashprice_rows(c: Context) -> Iterator[Row]:
    """Put our hashprice beside each published point, then the three limits."""
    section = "hashprice"
    points = read_published("score_hashprice.csv")
    x = c.pulse.market.inputs
    close: list[float] = []
    worst = 0.0
    for p in points:
        k, published, money = c.index(p["date"]), float(p["hashprice"]), p["unit"][:3]
        ours = float(c.hashvalue[k] * (x.price_usd[k] if money == "USD" else 1.0))
        error = ours / published - 1
        if money == "USD":
            close.append(abs(error))
        else:
            worst = max(worst, abs(error))
        at = "at the day's close" if money == "USD" else "no price in it"
        yield Row(section, f"{p['date']} {money}", ours, published, p["unit"], error, p["source"], None, at)
    source = "tests/published/score_hashprice.csv"
    yield Row(
        section,
        "BTC points, largest error",
        worst,
        _BTC_LIMIT,
        "frac (max)",
        worst,
        source,
        worst <= _BTC_LIMIT,
    )
    share = float(np.mean(np.array(close) <= _USD_LIMIT))
    yield Row(
        section,
        "USD points within 3 %",
        share,
        _USD_SHARE,
        "frac (min)",
        max(_USD_SHARE - share, 0.0),
        source,
        share >= _USD_SHARE * _LOSS,
        f"{sum(e <= _USD_LIMIT for e in close)} of {len(close)}",
    )
    yield _in_range(c, section, [p for p in points if p["unit"].startswith("USD")], source)


def _in_range(c: Context, section: str, points: list[dict[str, str]], source: str) -> Row:
    """Is each point inside low-high x hashvalue of the day, widened? On a retarget day: of either one."""
    item, unit = "USD points in the day's range", "points"
    path = c.data / "btc_ohlcv_daily.csv" if c.data else None
    if path is None or not path.is_file():
        return needs(section, item, float(len(points)), unit, source, "ohlc data (MANOMETER_DATA)")
    low_high = _low_high(path)
    difficulty = c.pulse.market.inputs.difficulty
    outside = []
    for p in points:
        k, value = c.index(p["date"]), float(p["hashprice"])
        low, high = low_high[p["date"]]
        ends = {float(c.hashvalue[k]), float(c.hashvalue[k] * difficulty[k] / difficulty[k - 1])}
        if not any(low * v * (1 - _RANGE_LIMIT) <= value <= high * v * (1 + _RANGE_LIMIT) for v in ends):
            outside.append(p["date"])
    n, inside = float(len(points)), float(len(points) - len(outside))
    note = (
        "outside: " + ", ".join(outside) if outside else "widened by 1 %; either difficulty on retarget days"
    )
    return Row(section, item, inside, n, unit, inside / n - 1, source, not outside, note)


def _low_high(path: Path) -> dict[str, tuple[float, float]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {r["date"]: (float(r["low_usd"]), float(r["high_usd"])) for r in csv.DictReader(file)}


def _count(section: str, item: str, ours: int, of: int, source: str) -> Row:
    return Row(section, item, float(ours), float(of), "epochs", ours / of - 1, source, ours == of)
