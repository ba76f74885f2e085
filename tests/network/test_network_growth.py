"""Where a simulation begins: growth fitted on what made the data, a cost curve merged to cohorts."""

from __future__ import annotations

import numpy as np
import pytest
from tests.network.network_samples import sample_inputs, sample_releases

from manometer.errors import DataError, InputError
from manometer.network.assumptions import Assumptions
from manometer.network.cohorts import Cohorts, cohorts
from manometer.network.curve import CostCurve
from manometer.network.fleet import Year
from manometer.network.growth import LEAD_MONTHS, Growth, new_margin
from manometer.network.history import initial_state, run_history

ONE = Assumptions(1)


def made_up_months(n: int, slope: float, keep: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Months that the model itself made: level 4 %, shocks of 1 %."""
    rng = np.random.default_rng(seed)
    margin = 0.4 + 0.2 * np.sin(np.arange(n) / 5) + rng.normal(0, 0.1, n)
    added, surprise = np.empty(n), 0.0
    for t in range(n):
        surprise = keep * surprise + rng.normal(0, 0.01)
        added[t] = 0.04 + slope * margin[max(t - LEAD_MONTHS, 0)] + surprise
    return added, margin


def test_growth_finds_what_made_the_months():
    fitted = [Growth.calibrate(*made_up_months(48, 0.1, 0.5, seed)) for seed in range(300)]
    error = np.array([(g.at_zero - 0.04, g.per_margin - 0.1, g.deviation - 0.01) for g in fitted])
    assert (np.abs(error.mean(0)) < 4 * error.std(0) / np.sqrt(300) + [0.002, 0.005, 0.001]).all()
    # A short sample makes persistence look smaller than it is.
    assert 0.2 < np.mean([g.persistence for g in fitted]) < 0.5


def test_growth_forgets():
    added, margin = made_up_months(48, 0.0, 0.0)
    added[:24] += 0.10
    assert Growth.calibrate(added, margin).at_zero < added.mean() - 0.02


def test_more_margin_never_means_fewer_machines():
    added, margin = made_up_months(48, -0.3, 0.0)
    growth = Growth.calibrate(added, margin)
    assert growth.per_margin == 0.0
    assert growth.due_margin.tolist() == margin[-LEAD_MONTHS:].tolist()
    assert growth.most <= added.max()


@pytest.mark.parametrize("bad", [23, np.nan])
def test_growth_needs_months_in_a_row(bad):
    added, margin = made_up_months(48, 0.1, 0.5)
    if bad == 23:
        added, margin = added[:23], margin[:23]
    else:
        added[7] = bad
    with pytest.raises(DataError, match="growth needs 24"):
        Growth.calibrate(added, margin)


def test_margin_is_bounded_below():
    assert new_margin(30.0, 60.0) == 0.5
    assert new_margin(300.0, 60.0) == -1.0


@pytest.fixture(scope="module")
def curve() -> CostCurve:
    kept: list[CostCurve] = []
    inputs = sample_inputs()
    run_history(
        inputs,
        sample_releases(),
        ONE,
        initial_state(ONE, int(inputs.day[0])),
        int(inputs.day[-1]),
        kept.append,
    )
    return kept[-1]


def merged(curve: CostCurve, count: int = 64, ehs: float = 200.0, hashprice: float = 200.0) -> Cohorts:
    """Cohorts of the curve at a hashrate and hashprice of one's own."""
    return cohorts(
        curve,
        Year.of_day(ONE, curve.day),
        hashrate_ehs=ehs,
        hashprice_usd_per_phs_day=hashprice,
        new_j_per_th=np.array([30.0, 27.0]),
        count=count,
    )


@pytest.mark.parametrize("count", [48, 256])
def test_cohorts_keep_the_hashrate_the_order_and_whole_quanta(curve, count):
    c = merged(curve, count, ehs=float(curve.running_ehs[0].sum()))
    assert len(c.off) == count
    assert (np.diff(c.off) >= 0).all()
    assert (c.off <= c.on).all()
    assert c.hashrate_ehs == pytest.approx(float(curve.running_ehs[0].sum()), abs=1 / c.per_ehs)
    quanta = np.append(c.capacity_ehs, c.base_ehs) * c.per_ehs
    assert (quanta == np.floor(quanta)).all()
    assert c.share.sum(1) == pytest.approx(np.ones(2))
    assert ((c.keep_off > 0) & (c.keep_off < c.keep_on) & (c.keep_on <= 1)).all()
    assert c.base_ehs >= 0


def test_a_lower_hashprice_runs_fewer(curve):
    running = [merged(curve, hashprice=h).n_on for h in (20.0, 60.0, 120.0, 400.0)]
    assert running == sorted(running)
    assert running[0] < running[-1]


def test_too_few_cohorts_say_so(curve):
    with pytest.raises(InputError, match="must be 48 or more"):
        merged(curve, 40)
