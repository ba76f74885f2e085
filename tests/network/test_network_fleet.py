"""The vintage stack: it follows what was observed, forgets nothing it needs, and never looks ahead."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.network.network_samples import FIRST_DAY, altered_after, sample_inputs, sample_releases

from manometer.network.assumptions import Assumptions
from manometer.network.fleet import Releases, Year, frontier_j_per_th, step
from manometer.network.history import COLUMNS, initial_state, run_history

DRAWS = 4


@pytest.fixture(scope="module")
def whole() -> dict[str, np.ndarray]:
    a = Assumptions(DRAWS)
    inputs = sample_inputs()
    rows, _ = run_history(inputs, sample_releases(), a, initial_state(a, FIRST_DAY), int(inputs.day[-1]))
    return rows


def test_what_is_online_agrees_with_what_was_observed(whole: dict[str, np.ndarray]) -> None:
    inputs = sample_inputs()
    online = whole["installed_ehs"] - whole["idle_ehs"] - whole["resting_ehs"]
    mean = np.convolve(inputs.hashrate_ehs, np.ones(21) / 21, "valid")  # of days i .. i+20
    monday = (inputs.day - 4) % 7 == 0
    k = np.flatnonzero(monday)
    k = k[(k > 60)]
    np.testing.assert_allclose(online[k], mean[k - 21], rtol=1e-6)


def test_every_column_is_there_and_finite(whole: dict[str, np.ndarray]) -> None:
    assert set(whole) == set(COLUMNS)
    for name, column in whole.items():
        assert np.isfinite(column[60:]).all(), name


def test_shares_are_shares_and_layers_are_ordered(whole: dict[str, np.ndarray]) -> None:
    layers = ("electricity", "direct", "cash", "all_in")
    for low, high in itertools.pairwise(layers):
        assert (whole[f"underwater_{low}"] <= whole[f"underwater_{high}"] + 1e-12)[60:].all()
        assert (whole[f"mean_{low}"] < whole[f"mean_{high}"])[60:].all()
    for layer in layers:
        share = whole[f"underwater_{layer}"][60:]
        assert ((share >= 0) & (share <= 1)).all()
        assert (whole[f"underwater_{layer}_p05"] <= whole[f"underwater_{layer}_p95"])[60:].all()


def test_the_price_fall_switches_machines_off(whole: dict[str, np.ndarray]) -> None:
    assert whole["underwater_electricity"][500] > whole["underwater_electricity"][390] + 0.05
    assert whole["idle_frac"][520] > whole["idle_frac"][390]


def test_no_look_ahead_in_observations(whole: dict[str, np.ndarray]) -> None:
    k = 555
    a = Assumptions(DRAWS)
    other = altered_after(sample_inputs(), k)
    rows, _ = run_history(other, sample_releases(), a, initial_state(a, FIRST_DAY), int(other.day[-1]))
    for name in COLUMNS:
        np.testing.assert_array_equal(rows[name][: k + 1], whole[name][: k + 1], err_msg=name)
    assert not np.array_equal(rows["underwater_cash"], whole["underwater_cash"])


def test_no_look_ahead_in_the_catalogue(whole: dict[str, np.ndarray]) -> None:
    k = 555
    machines = sample_releases()
    later = machines.day > FIRST_DAY + k
    assert later.any()
    other = Releases(
        machines.day, np.where(later, machines.efficiency_j_per_th / 3, machines.efficiency_j_per_th)
    )
    a = Assumptions(DRAWS)
    inputs = sample_inputs()
    rows, _ = run_history(inputs, other, a, initial_state(a, FIRST_DAY), int(inputs.day[-1]))
    for name in COLUMNS:
        np.testing.assert_array_equal(rows[name][: k + 1], whole[name][: k + 1], err_msg=name)


def test_running_on_from_a_checkpoint_is_one_run(whole: dict[str, np.ndarray]) -> None:
    a = Assumptions(DRAWS)
    inputs = sample_inputs()
    end_of_year = FIRST_DAY + 364
    first, state = run_history(inputs, sample_releases(), a, initial_state(a, FIRST_DAY), end_of_year)
    second, _ = run_history(inputs, sample_releases(), a, state, int(inputs.day[-1]))
    for name in COLUMNS:
        np.testing.assert_array_equal(np.concatenate([first[name], second[name]]), whole[name], err_msg=name)


def test_dear_machines_leave_first() -> None:
    """One week without additions: a dear pair of machine and power loses a larger share than a cheap one."""
    a = Assumptions(1)
    inputs = sample_inputs(500)
    _, state = run_history(inputs, sample_releases(), a, initial_state(a, FIRST_DAY), int(inputs.day[-1]))
    year = Year.of_day(a, state.day)
    before = state.stack
    after = step(before, year, 1e6, 1e-9)  # everybody earns, nothing is added
    energy, n = before.energy_cost(year)[0], before.installed_ehs[0]
    kept = np.where(n > 1e-9, after.installed_ehs[0] / np.maximum(n, 1e-9), np.nan)
    ran = np.isfinite(kept) & (before.base[0] > 0.999) & (before.top[0] > 0.999)
    order = np.argsort(energy[ran])
    share = kept[ran][order]
    assert (np.diff(share) <= 1e-9).all()
    assert (1 - share[-1]) > 2 * (1 - share[0])


def test_what_rests_long_is_forgotten() -> None:
    """Hashrate that earns and does not hash leaves the installed fleet with the life of idle hashrate."""
    a = Assumptions(1)
    inputs = sample_inputs(300)
    _, state = run_history(inputs, sample_releases(), a, initial_state(a, FIRST_DAY), int(inputs.day[-1]))
    stack, year = state.stack, Year.of_day(a, state.day)
    start = float(stack.installed_ehs.sum())
    for _ in range(26):  # half a year at half the hashrate
        stack = step(stack, year, 1e6, start / 2)
    assert float(stack.installed_ehs.sum()) < 0.62 * start
    assert float(stack.resting_ehs[0]) < 0.12 * start


def test_frontier_is_the_weighted_median_release() -> None:
    machines = Releases(np.array([0.0, 10.0, 20.0, 5000.0]), np.array([100.0, 50.0, 25.0, 1.0]))
    months = np.array([1.0])
    value = frontier_j_per_th(machines, 200.0, months, np.array([1e9]))  # equal weights, the last one unseen
    assert value[0] == pytest.approx(50.0, rel=1e-6)
    assert np.isnan(frontier_j_per_th(machines, 10.0, months, months))[0]
