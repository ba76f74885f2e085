"""Time callables in turn, so that a slow moment of the machine falls on all sides alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["in_turn", "row"]


def in_turn(sides: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Return side -> (median seconds, spread as half the range over the median), after one warm-up each."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for call in sides.values():
        call()
    for _ in range(rounds):
        for name, call in sides.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return {
        name: (statistics.median(s), (max(s) - min(s)) / 2 / statistics.median(s))
        for name, s in seconds.items()
    }


def row(
    name: str, unit: str, peer: str, value: Mapping[str, float], frac_of_limit: float, spread: float
) -> dict[str, Any]:
    """Return one row of the settled table; `value` holds "ours", "peer" and "limit" in `unit`."""
    return {
        "name": name,
        "ours": value["ours"],
        "unit": unit,
        "peer": peer,
        "peer_value": value["peer"],
        "ratio": value["ours"] / value["peer"],
        "limit": value["limit"],
        "frac_of_limit": frac_of_limit,
        "threads": 1,
        "spread": spread,
    }
