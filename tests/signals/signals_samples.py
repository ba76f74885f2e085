"""Made-up days that pass through every state, and what is done to them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from manometer.signals.declaration import Signal, SignalInputs

LAYERS = ("electricity", "direct", "cash", "all_in")
N = 1300


def sample(n: int = N, seed: int = 1) -> SignalInputs:
    """Random walks that pass through every state; two months of company figures known for a while."""
    rng = np.random.Generator(np.random.Philox(seed))

    def walk(start: float, sd: float) -> np.ndarray:
        return start * np.exp(np.cumsum(sd * rng.standard_normal(n)))

    price = walk(20_000, 0.04)
    count = rng.poisson(144.0, n).astype(float)
    difficulty = np.repeat(walk(5e13, 0.01)[::14], 14)[:n]
    known = (np.arange(n) // 100) % 3 > 0
    return SignalInputs(
        day=np.arange(16_000, 16_000 + n),
        price_usd=price,
        high_usd=np.where(np.arange(n) > 200, price * 1.02, np.nan),
        low_usd=np.where(np.arange(n) > 200, price * 0.98, np.nan),
        difficulty=difficulty,
        block_count=count,
        subsidy_btc=np.where(np.arange(n) < 700, 6.25, 3.125),
        hashrate_ehs=count * difficulty / 1e13,
        hashprice=price / difficulty * 1e11,
        cost_usd_per_btc={k: walk(18_000, 0.01) for k in LAYERS},
        mined_btc=np.where(known, 700.0, np.nan),
        sold_btc=np.where(known, rng.uniform(0, 1400, n), np.nan),
        n_companies=np.where(known, 4.0, np.nan),
        volume_usd=walk(1e9, 0.02),
    )


def columns(s: Signal) -> dict[str, np.ndarray]:
    """Return every array of a signal by name."""
    return {
        "value": s.value,
        "noise_sd": s.noise_sd,
        "state": s.state,
        **{f"event {k}": v for k, v in s.events.items()},
        **{f"also {k}": v for k, v in s.also.items()},
    }


def bend(x: SignalInputs, t: int, rng: np.random.Generator) -> SignalInputs:
    """Alter every datum after day t, some of it to unknown."""

    def after(v: np.ndarray) -> np.ndarray:
        out = v.astype(float).copy()
        rest = len(v) - t - 1
        out[t + 1 :] *= rng.uniform(0.2, 5.0, rest)
        out[t + 1 :][rng.random(rest) < 0.1] = np.nan
        return out

    changed: dict[str, Any] = {
        f.name: after(getattr(x, f.name)) for f in fields(x) if f.name not in ("day", "cost_usd_per_btc")
    }
    changed["cost_usd_per_btc"] = {k: after(v) for k, v in x.cost_usd_per_btc.items()}
    return replace(x, **changed)
