"""The full-history reading with its bands: against one run per draw, and against the fleet alone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from manometer.network.assumptions import Assumptions
from manometer.network.fleet import Year, empty_stack, step
from manometer.readings.gauge import gauge
from manometer.readings.history import network_history
from manometer.readings.market import machine_releases, read_market
from manometer.readings.pulse import N_DRAWS, take_pulse
from manometer.store import open_store

from .timing import in_turn, row


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the benchmark's rows: full history, then a reading as of random earlier days."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "s.sqlite") as store:
        market, releases = read_market(store), machine_releases()
        n = len(market.inputs.day)
        draws = 2 if quick else N_DRAWS

        def ours() -> object:
            return network_history(None, market, releases, Assumptions(draws))

        def one_draw() -> object:
            return network_history(None, market, releases, Assumptions(1))

        def fleet_alone() -> None:
            a = Assumptions(draws)
            stack = empty_stack(draws)
            for day in range(int(market.inputs.day[0]), int(market.inputs.day[-1]), 7):
                stack = step(stack, Year.of_day(a, day), 100.0, 1.0)

        t = in_turn({"ours": ours, "peer": one_draw, "limit": fleet_alone}, 1 if quick else 5)
        rate = {"ours": n / t["ours"][0], "peer": n / (t["peer"][0] * draws), "limit": n / t["limit"][0]}
        history = row(
            f"full history, {n} days, {draws} draws: {t['ours'][0]:.1f} s",
            "days/s",
            "the same, a run per draw",
            rate,
            rate["ours"] / rate["limit"],
            t["ours"][1],
        )
        take_pulse(store)  # fills the cache
        rng = np.random.Generator(np.random.Philox(7))
        picks = iter(rng.choice(market.inputs.day[400:-1], 1000))

        def as_of() -> object:
            return gauge(store, str(np.datetime64(int(next(picks)), "D")))

        def newest() -> object:
            return gauge(store)

        s = in_turn({"ours": as_of, "peer": newest, "limit": lambda: read_market(store)}, 3 if quick else 15)
        reading = row(
            "gauge as of a random earlier day",
            "s",
            "gauge of the newest day",
            {k: v[0] for k, v in s.items()},
            s["limit"][0] / s["ours"][0],
            s["ours"][1],
        )
        return [history, reading]
