"""The arithmetic of the simulation's score, and that it calibrates as a reader's own call does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tools.score.context import Context, take_context
from tools.score.simulation import crps_of_draws, crps_of_normal, until

from manometer import open_store
from manometer.engine.drivers import draw_paths
from manometer.network.assumptions import Assumptions
from manometer.readings.start import drivers_as_of, drivers_of


def test_crps_of_a_normal_is_the_integral_of_its_definition():
    x = np.linspace(-12, 12, 200_001)
    cdf = np.cumsum(np.exp(-x * x / 2)) / np.exp(-x * x / 2).sum()
    for real in (-1.3, 0.0, 2.4):
        step = (x >= real).astype(float)
        integral = ((cdf - step) ** 2).sum() * (x[1] - x[0])
        assert crps_of_normal(0.5, 2.0, 0.5 + 2.0 * real) == pytest.approx(2.0 * integral, rel=1e-3)


def test_crps_of_draws_has_no_bias_of_their_number():
    rng = np.random.default_rng(1)
    drawn = np.sort(rng.normal(0.5, 2.0, (20_000, 5)), axis=1)
    scores = np.array([crps_of_draws(d, 1.7) for d in drawn])
    error = scores.std() / np.sqrt(len(scores))
    assert abs(scores.mean() - crps_of_normal(0.5, 2.0, 1.7)) < 4 * error


def test_a_start_is_what_an_as_of_call_gives(tmp_path: Path):
    with open_store(tmp_path / "score.sqlite") as store:
        c: Context = take_context(store, 10)
        eve = "2020-02-29"
        k = c.index(eve)
        ours = drivers_of(
            until(c.pulse.market, k),
            {name: column[: k + 1] for name, column in c.pulse.rows.items()},
            c.curves([eve])[eve],
            c.pulse.releases,
            Assumptions(1),
            months=12,
        )
        theirs = drivers_as_of(store, eve, months=12)
    a, b = draw_paths(ours, 1, 0, 5), draw_paths(theirs, 1, 0, 5)
    assert np.array_equal(a.price_usd, b.price_usd)
    assert np.array_equal(a.fees_btc, b.fees_btc)
    assert a.hashrate_ehs == pytest.approx(b.hashrate_ehs, rel=1e-6)
