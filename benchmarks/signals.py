"""All signals as of every day at once: against a reading per day, and against the daily table alone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from manometer.readings.pulse import take_pulse
from manometer.readings.signals import read_signals, signal_events
from manometer.signals.event_study import HORIZONS_DAYS, forward
from manometer.store import open_store
from manometer.units import SECONDS_PER_DAY

from .timing import in_turn, row

_FIRST = np.datetime64("2014-01-01").astype(int)


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the benchmark's rows: every signal on every day since 2014, then the study of one."""
    rounds = 2 if quick else 9
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "s.sqlite") as store,
        open_store(
            Path(folder) / "peer.sqlite"
        ) as other,  # readings of past years share a place in the cache
    ):
        history = read_signals(store)  # fills the cache of the cost curve
        read_signals(other)
        days = history.day[history.day >= _FIRST]
        picks = iter(np.random.Generator(np.random.Philox(7)).choice(days, 1000))

        def one_day() -> object:
            return read_signals(other, (int(next(picks)) + 1) * SECONDS_PER_DAY)

        t = in_turn(
            {"ours": lambda: read_signals(store), "peer": one_day, "limit": lambda: take_pulse(store)}, rounds
        )
        n = len(days)
        rate = {"ours": n / t["ours"][0], "peer": 1 / t["peer"][0], "limit": n / t["limit"][0]}
        every_day = row(
            f"{len(history.signals)} signals as of {n} days: {t['ours'][0]:.2f} s",
            "days/s",
            "a reading per day",
            rate,
            rate["ours"] / rate["limit"],
            t["ours"][1],
        )
        s = in_turn(
            {
                "ours": lambda: signal_events(history, "hash_ribbon"),
                "peer": lambda: read_signals(store),
                "limit": lambda: [forward(history.price_usd, h) for h in HORIZONS_DAYS],
            },
            rounds,
        )
        study = row(
            "event study of all signals, one shown",
            "s",
            "the signals themselves",
            {k: v[0] for k, v in s.items()},
            s["limit"][0] / s["ours"][0],
            s["ours"][1],
        )
        return [every_day, study]
