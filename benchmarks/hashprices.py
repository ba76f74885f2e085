"""One million hashprices: the public formula against the bare NumPy expression and against copying memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from manometer import hashprice

from .timing import in_turn, row

N = 1_000_000


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the benchmark's rows."""
    rng = np.random.Generator(np.random.Philox(1))
    price, difficulty = rng.uniform(1e4, 1e5, N), rng.uniform(1e13, 1e14, N)
    fees = rng.uniform(0, 1, N)
    out = np.empty(N)

    def ours() -> object:
        return hashprice(price_usd=price, difficulty=difficulty, subsidy_btc=3.125, fees_btc=fees)

    def peer() -> object:
        return (3.125 + fees) * 86_400e15 / (difficulty * 2.0**32) * price

    def limit() -> None:
        for source in (price, difficulty, fees):
            np.copyto(out, source)

    t = in_turn({"ours": ours, "peer": peer, "limit": limit}, 5 if quick else 30)
    rate = {k: N / v[0] for k, v in t.items()}
    return [
        row(
            "10^6 hashprices, arguments checked",
            "hashprices/s",
            "bare NumPy expression",
            rate,
            rate["ours"] / rate["limit"],
            t["ours"][1],
        )
    ]
