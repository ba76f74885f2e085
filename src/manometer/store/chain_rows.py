"""Files of the chain: retargets, block times, block statistics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..chain import difficulty_from_bits
from ..series import find_variable
from .cells import Gathered, height_keys, number, numbers, out_of_range
from .context import Context
from .front import Chunk

__all__ = ["block_stats", "block_times", "check_block_times", "retargets"]

_EPOCH_BLOCKS = 2016
#: A header may run two hours ahead of the clock; so two blocks may stand that far in the wrong order.
_HEADER_SLACK_S = 7200


def retargets(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read compact targets and start times by the first height of the epoch."""
    cells, line = chunk.columns, chunk.line
    height = height_keys(cells["start_height"], line, "start_height", out.problems)
    start = _times(chunk, "start_time_unix", context, out)
    bits = np.array(
        [_bits(c, int(n), out) for c, n in zip(cells["bits"], line, strict=True)], dtype=np.float64
    )
    for i in np.flatnonzero((height >= 0) & (height % _EPOCH_BLOCKS != 0)):
        out.problems.append((int(line[i]), f"start_height: {height[i]} is not a multiple of {_EPOCH_BLOCKS}"))
    if "difficulty" in cells:
        stated = numbers(cells["difficulty"], line, "difficulty", out.problems)
        known = ~np.isnan(bits) & ~np.isnan(stated)
        implied = np.asarray(difficulty_from_bits(np.where(known, bits, 0x1D00FFFF).astype(np.int64)))
        for i in np.flatnonzero(known & (np.abs(stated / implied - 1) > 1e-6)):
            out.problems.append((int(line[i]), f"difficulty: {stated[i]:g}, but bits mean {implied[i]:g}"))
    _need(start, "start_time_unix", line, out)
    available = np.nan_to_num(start).astype(np.int64)
    out.add("bits", "", context.source, line, height, bits, available)
    out.add("epoch_start_time_s", "", context.source, line, height, start, available)


def block_times(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read header times by height."""
    height = height_keys(chunk.columns["height"], chunk.line, "height", out.problems)
    time = _times(chunk, "time_unix", context, out)
    _need(time, "time_unix", chunk.line, out)
    available = np.nan_to_num(time).astype(np.int64)
    out.add("block_time_s", "", context.source, chunk.line, height, time, available)


def block_stats(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read the statistics that a node gives of a block."""
    line = chunk.line
    height = height_keys(chunk.columns["height"], line, "height", out.problems)
    time = _times(chunk, "time_unix", context, out)
    _need(time, "time_unix", line, out)
    available = np.nan_to_num(time).astype(np.int64)
    out.add("block_time_s", "", context.source, line, height, time, available)
    for column, variable in (
        ("totalfee_sat", "block_fees_sat"),
        ("subsidy_sat", "block_subsidy_sat"),
        ("mediantime_unix", "block_median_time_s"),
        ("txs", "block_txs"),
        ("total_weight", "block_weight_wu"),
        ("feerate_p50_satvb", "block_feerate_p50_sat_per_vb"),
    ):
        if column in chunk.columns:
            value = numbers(chunk.columns[column], line, column, out.problems)
            out_of_range(value, line, find_variable(variable), column, out.problems)
            out.add(variable, "", context.source, line, height, value, available)


def check_block_times(out: Gathered) -> None:
    """Refuse block times that run back further than two headers can stand in the wrong order."""
    for (variable, _, _), parts in out.parts.items():
        if variable != "block_time_s":
            continue
        line, at, value = (np.concatenate([part[i] for part in parts]) for i in range(3))
        order = np.argsort(at, kind="stable")
        line, at, value = line[order], at[order], value[order]
        back = value[:-1] - value[1:]
        for i in np.flatnonzero((back > _HEADER_SLACK_S) & (at[1:] > at[:-1])):
            message = (
                f"time_unix: block {at[i + 1]} is {back[i]:.0f} s before block {at[i]}; at most 2 h can be"
            )
            out.problems.append((int(line[i + 1]), message))


def _times(chunk: Chunk, column: str, context: Context, out: Gathered) -> NDArray[np.float64]:
    value = numbers(chunk.columns[column], chunk.line, column, out.problems)
    out_of_range(value, chunk.line, find_variable("block_time_s"), column, out.problems)
    for i in np.flatnonzero(value > context.now_s + _HEADER_SLACK_S):
        out.problems.append((int(chunk.line[i]), f"{column}: {value[i]:.0f} lies in the future"))
    for i in np.flatnonzero(value != np.rint(value)):
        if np.isfinite(value[i]):
            out.problems.append((int(chunk.line[i]), f"{column}: {value[i]:g} is not a whole second"))
    return value


def _need(value: NDArray[np.float64], column: str, line: NDArray[np.int64], out: Gathered) -> None:
    absent = np.flatnonzero(np.isnan(value))
    if absent.size:
        named = {number for number, _ in out.problems}
        out.problems.extend(
            (int(line[i]), f"{column}: is missing") for i in absent if int(line[i]) not in named
        )


def _bits(cell: str, line: int, out: Gathered) -> float:
    text = cell.strip()
    try:
        value = int(text, 16) if text[:2].casefold() == "0x" and text[2:].isalnum() else int(number(text))
        if difficulty_from_bits(value) < 1:
            raise ValueError
        return float(value)
    except (ValueError, OverflowError):
        out.problems.append((line, f"bits: {text[:20]!r} is not a compact target such as 0x1d00ffff"))
        return float("nan")
