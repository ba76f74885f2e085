"""Paths of one seed: the draws alone, the network in the loop against its twin, and all of it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from manometer import open_store
from manometer.engine.drivers import Drivers, draw_paths
from manometer.engine.network_loop import run_network, run_network_twin
from manometer.processes.closes import price_paths
from manometer.processes.draws import normals, uniforms
from manometer.readings.start import drivers_as_of

from .timing import in_turn, row

_MONTHS, _PATHS, _ROUNDS = 48, 64, 7
_COHORTS = (64, 256, 1024)
_UNIT = "path-days/s"


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the benchmark's rows; the limit is two arrays of uniforms, what a day cannot do without."""
    months, paths, rounds = (2, 16, 1) if quick else (_MONTHS, _PATHS, _ROUNDS)
    with (
        tempfile.TemporaryDirectory(prefix="manometer-bench-") as folder,
        open_store(Path(folder) / "bench.sqlite") as store,
    ):
        # Four years ahead have 72 cohorts of machines still to be bought: 64 in all are for fewer years.
        by_cohorts = {
            c: drivers_as_of(store, months=min(months, 18) if c == 64 else months, cohorts=c)
            for c in _COHORTS
        }
    drivers = by_cohorts[256]
    days = drivers.n_days
    sides = {
        "all": lambda: draw_paths(drivers, 1, 0, paths),
        "prices": lambda: price_paths(drivers.process, drivers.price_usd, 1, 0, paths, days),
        "numpy": lambda: _numpy_prices(paths, days),
        "limit": lambda: uniforms(1, "price", 0, paths, days),
    }
    work = {"all": paths * days, "prices": paths * days, "numpy": paths * days, "limit": paths * days}
    switches = {}
    twin_paths, twin_days = (16, 20) if quick else (512, 60)  # the twin is at its best on many paths
    for cohorts, d in by_cohorts.items():
        switches[cohorts] = float(draw_paths(d, 1, 0, paths).switches.mean()) / d.n_days
        ours, twins = _drawn(d, paths), _drawn(replace(d, n_days=twin_days), twin_paths)
        sides[f"network {cohorts}"] = lambda d=d, drawn=ours: run_network(d.network, *drawn)
        sides[f"twin {cohorts}"] = lambda d=d, drawn=twins: run_network_twin(d.network, *drawn)
        work[f"network {cohorts}"], work[f"twin {cohorts}"] = paths * d.n_days, twin_paths * twin_days
    found = in_turn(sides, rounds)
    rate = {name: work[name] / found[name][0] for name in sides}

    def line(name: str, side: str, peer: str, rival: str) -> dict[str, Any]:
        value = {"ours": rate[side], "peer": rate[rival], "limit": rate["limit"]}
        return row(name, _UNIT, peer, value, rate[side] / rate["limit"], found[side][1])

    return [
        line("prices and lows, garch_fhs", "prices", "NumPy: normals, cumulated, exponential", "numpy"),
        *(
            line(
                f"network, {c} cohorts, {switches[c]:.2f} switches a day",
                f"network {c}",
                "the readable twin in NumPy",
                f"twin {c}",
            )
            for c in by_cohorts
        ),
        line("all that a seed turns into, 256 cohorts", "all", "the network's twin alone", "twin 256"),
    ]


def _drawn(d: Drivers, paths: int) -> list[np.ndarray]:
    """What the network meets on paths of its drivers."""
    block = draw_paths(d, 1, 0, paths)
    luck = normals(1, "blocks", 0, paths, d.n_days)[0]
    shock = normals(1, "growth", 0, paths, d.n_days // 30 + 1)[0]
    return [block.price_usd, block.fees_btc, luck, np.zeros(paths), shock, np.ones_like(luck)]


def _numpy_prices(paths: int, days: int) -> np.ndarray:
    generator = np.random.Generator(np.random.Philox(1))
    return np.exp(np.cumsum(0.03 * generator.standard_normal((paths, days)), axis=1))
