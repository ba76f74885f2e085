"""Made-up networks for the tests of the simulation: a staircase of costs, machines to be bought, no store."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from manometer.engine.drivers import Drivers
from manometer.engine.network_loop import NetworkPaths, NetworkStart
from manometer.network.cohorts import Cohorts
from manometer.network.growth import Growth
from manometer.processes.price import Gbm, PriceProcess
from manometer.processes.reverting import Reverting

PER_DIFFICULTY = 2**32 / 86_400 / 1e18  # EH/s that find one block a day at difficulty 1
PER_EHS = 2.0**16
LEVEL = 60.0


def start(
    count: int = 48, *, ehs: float = 600.0, height: int = 900_000, seed: int = 3, growth: bool = True
) -> NetworkStart:
    """Costs from 20 to 110 USD per PH/s per day, three vintages to come, difficulty in step with hashrate."""
    rng = np.random.default_rng(seed)
    cost = np.sort(rng.uniform(20.0, 110.0, count))
    off, on = cost * 0.92, cost * 1.03
    n_on = int(np.searchsorted(off, LEVEL, side="right"))
    share = rng.uniform(0.0, 1.0, (3, count)) * (cost < 70)
    base = np.floor(0.2 * ehs * PER_EHS) / PER_EHS
    size = rng.uniform(0.5, 1.5, count)
    capacity = np.floor(size / size[:n_on].sum() * (ehs - base) * PER_EHS) / PER_EHS
    return NetworkStart(
        cohorts=Cohorts(
            off=off,
            on=on,
            capacity_ehs=capacity,
            keep_on=np.full(count, 0.97),
            keep_off=np.full(count, 0.70),
            share=share / share.sum(1, keepdims=True),
            n_on=n_on,
            base_ehs=float(base),
            keep_base_per_day=0.999,
            base_share=0.2,
            weight_per_day=0.06,
            new_cost=np.array([35.0, 31.0, 28.0]),
            per_ehs=PER_EHS,
        ),
        growth=Growth(
            at_zero=0.02,
            at_zero_error=0.005,
            per_margin=0.06,
            most=0.15,
            persistence=0.4,
            deviation=0.03,
            surprise=0.01,
            due_margin=np.array([0.1, 0.3, 0.2, 0.4]),
        )
        if growth
        else quiet(),
        level=LEVEL,
        difficulty=ehs / PER_DIFFICULTY / 144,
        height=height - 1,
        epoch_s=height % 2016 * 600.0,
    )


def quiet() -> Growth:
    """Nothing is ever bought."""
    return Growth(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, np.zeros(4))


def unchanging(network: NetworkStart) -> NetworkStart:
    """The same network in which nothing arrives and nothing leaves."""
    c = network.cohorts
    kept = replace(c, keep_on=c.keep_on * 0 + 1, keep_off=c.keep_off * 0 + 1, keep_base_per_day=1.0)
    return replace(network, cohorts=kept, growth=quiet())


def made_up_drivers(n_days: int = 120, *, process: PriceProcess | None = None, **changes) -> Drivers:
    """Drivers from the first of January 2024 on; subsidy halves on the way."""
    e = np.random.default_rng(1).laplace(0, 0.2, 500)
    reverting = Reverting(np.full(12, np.log(0.3)), 0.9, e - e.mean(), 0.5)
    given = {
        "first_day": 19_723,
        "n_days": n_days,
        "price_usd": 42_000.0,
        "process": process or Gbm(0.035),
        "fees": reverting,
        "network": start(height=839_000),
        "drift_error_per_day": 0.001,
        "power": replace(reverting, level=np.zeros(12)),
        "share_volatility_per_day": 0.02,
    }
    return Drivers(**{**given, **changes})


def arrays(paths: NetworkPaths) -> list[np.ndarray]:
    """What a run gives, to compare bit for bit."""
    return [paths.difficulty, paths.subsidy_btc, paths.hashrate_ehs, paths.switches]
