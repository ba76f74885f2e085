"""A small made-up market for tests of the network model: 900 days, one price fall, known machines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from manometer.network.fleet import Releases
from manometer.network.history import DailyInputs

FIRST_DAY = 17_532  # 2018-01-01
_HASHES = 2**32 / 86_400 / 1e18


def sample_inputs(n: int = 900, seed: int = 5) -> DailyInputs:
    """Hashrate grows 0.2 % a day with block luck; price halves over days 400 to 460 and recovers."""
    rng = np.random.Generator(np.random.Philox(seed))
    day = np.arange(FIRST_DAY, FIRST_DAY + n)
    t = np.arange(n)
    price = 8_000.0 * np.exp(0.3 * np.sin(t / 150)) * np.where((t > 400) & (t < 600), 0.45, 1.0)
    hashrate = 40.0 * np.exp(0.002 * t)
    difficulty = hashrate[(t // 14) * 14] / _HASHES / 144
    count = rng.poisson(144 * hashrate / (difficulty * _HASHES * 144)).astype(float)
    subsidy = np.full(n, 12.5)
    fees = np.full(n, 0.2)
    hashprice = (subsidy + fees) * 86_400e15 / (difficulty * 2**32) * price
    return DailyInputs(day, price, difficulty, count, subsidy, fees, hashprice, count * difficulty * _HASHES)


def sample_releases() -> Releases:
    """A new machine every quarter from 2012 to 2020, 8 % better each time."""
    born = np.arange(15_400, 18_600, 91).astype(float)
    return Releases(born, 600.0 * 0.92 ** np.arange(len(born)))


def altered_after(inputs: DailyInputs, k: int) -> DailyInputs:
    """The same market up to day index `k`, and another one after it."""
    rng = np.random.Generator(np.random.Philox(77))
    changed = {}
    for name in (
        "price_usd",
        "difficulty",
        "block_count",
        "fees_btc",
        "hashprice_usd_per_phs_day",
        "hashrate_ehs",
    ):
        column = getattr(inputs, name).copy()
        column[k + 1 :] *= rng.uniform(0.3, 3.0, len(column) - k - 1)
        changed[name] = column
    return replace(inputs, **changed)
