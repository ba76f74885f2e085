"""Daily files: the network's, and the exchange's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..series import find_variable
from ..units import SECONDS_PER_DAY
from .cells import Gathered, day_keys, numbers, out_of_range
from .clock import date_text
from .context import Context
from .derive import blocks_in_window
from .front import Chunk

__all__ = ["NEAR_S", "check_difficulty", "network", "ohlcv"]

#: Days this near each other have one retarget between them, which at most quadruples or quarters.
NEAR_S = 14 * SECONDS_PER_DAY
#: A factor 4, and the rounding of the compact target.
_MOST = 4 * (1 + 1e-4)


def network(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read the network's day: what is of the calendar day, and fees per block of the 24 h window."""
    cells, line = chunk.columns, chunk.line
    day = day_keys(cells["date"], line, "date", context.now_s, out.problems)
    price = _column(chunk, "price_usd", "price_usd", out)
    difficulty = _column(chunk, "difficulty", "difficulty", out)
    count = _column(chunk, "block_count", "block_count", out)
    for i in np.flatnonzero(count != np.rint(count)):
        if not np.isnan(count[i]):
            out.problems.append((int(line[i]), f"block_count: {count[i]:g} is not a whole number"))
    hashrate = numbers(cells["hashrate_24h_hs"], line, "hashrate_24h_hs", out.problems)
    subsidy = numbers(cells["subsidy_24h_btc"], line, "subsidy_24h_btc", out.problems)
    fees = numbers(cells["fees_24h_btc"], line, "fees_24h_btc", out.problems)
    for name, value in (("hashrate_24h_hs", hashrate), ("subsidy_24h_btc", subsidy), ("fees_24h_btc", fees)):
        for i in np.flatnonzero(value < 0):
            out.problems.append((int(line[i]), f"{name}: {value[i]:g} is negative"))
    with np.errstate(all="ignore"):
        per_block = fees / blocks_in_window(hashrate, difficulty, subsidy)
    out_of_range(per_block, line, find_variable("fees_per_block_btc"), "fees per block", out.problems)
    known = day + SECONDS_PER_DAY
    out.add("price_usd", "", context.source, line, day, price, known)
    out.add("difficulty", "", context.source, line, day, difficulty, known)
    out.add("fees_per_block_btc", "", context.source, line, day, per_block, known)
    origins = np.array(
        [s.strip()[:40] for s in cells.get("block_count_source", [""] * len(line))], dtype=object
    )
    origins[origins == ""] = context.source
    for origin in sorted(set(origins.tolist())):
        of_origin = np.where(origins == origin, count, np.nan)
        out.add("block_count", "", origin, line, day, of_origin, known)


def ohlcv(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read the exchange's day."""
    line = chunk.line
    day = day_keys(chunk.columns["date"], line, "date", context.now_s, out.problems)
    known = day + SECONDS_PER_DAY
    high = _column(chunk, "high_usd", "price_high_usd", out)
    _column(chunk, "open_usd", "price_usd", out)  # not kept, but a row that is wrong there is wrong
    low = _column(chunk, "low_usd", "price_low_usd", out)
    close = _column(chunk, "close_usd", "price_usd", out)
    for i in np.flatnonzero(high < low):
        out.problems.append((int(line[i]), f"high_usd {high[i]:g} is under low_usd {low[i]:g}"))
    for i in np.flatnonzero((close > high * 1.000001) | (close < low * 0.999999)):
        out.problems.append((int(line[i]), f"close_usd {close[i]:g} is not between low and high"))
    yahoo, coindesk = "yahoo-close", "coindesk-close"
    columns = [
        ("price_usd", yahoo, close),
        ("price_high_usd", yahoo, high),
        ("price_low_usd", yahoo, low),
        ("volume_usd", yahoo, _column(chunk, "volume_yahoo_usd", "volume_usd", out)),
        ("price_usd", coindesk, _column(chunk, "close_coindesk_usd", "price_usd", out)),
        ("volume_vetted_usd", coindesk, _column(chunk, "volume_coindesk_usd", "volume_vetted_usd", out)),
    ]
    for variable, source, value in columns:
        out.add(variable, "", source, line, day, value, known)


def check_difficulty(out: Gathered, held: Callable[[int], tuple[int, float] | None]) -> None:
    """Refuse a daily difficulty that no retarget reaches from the previous known day.

    Parameters
    ----------
    out : Gathered
        What the file came to.
    held : callable
        Takes a day; returns the last one before it that the store knows, within `NEAR_S`, with its value.
    """
    for (variable, _, _), parts in out.parts.items():
        if variable != "difficulty":
            continue
        line, at, value = (np.concatenate([part[i] for part in parts]) for i in range(3))
        refused = {problem[0] for problem in out.problems}
        before = held(int(at.min()))
        for i in np.lexsort((line, at)):
            if int(line[i]) in refused or (before and before[0] == at[i]):
                continue
            if before and at[i] - before[0] <= NEAR_S:
                ratio = value[i] / before[1]
                if not 1 / _MOST <= ratio <= _MOST:
                    message = (
                        f"difficulty: {value[i]:g} is {ratio:.3g} times the {before[1]:g} of "
                        f"{date_text(before[0])}; one retarget changes it by a factor 4 at most"
                    )
                    out.problems.append((int(line[i]), message))
                    continue
            before = int(at[i]), float(value[i])


def _column(chunk: Chunk, column: str, variable: str, out: Gathered) -> NDArray[np.float64]:
    if column not in chunk.columns:
        return np.full(chunk.line.size, np.nan)
    value = numbers(chunk.columns[column], chunk.line, column, out.problems)
    out_of_range(value, chunk.line, find_variable(variable), column, out.problems)
    return value
