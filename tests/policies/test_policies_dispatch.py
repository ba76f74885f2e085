"""The dispatch rule: by hand, its limits, and that no later hour changes an earlier one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from manometer.errors import InputError
from manometer.policies.dispatch import dispatch

MARGINS = arrays(np.float64, st.integers(1, 60), elements=st.floats(-100, 100))
HOURS = st.integers(0, 6)


def runs(on: np.ndarray) -> list[tuple[bool, int]]:
    """Return (state, length) of each spell."""
    edges = np.flatnonzero(np.diff(on)) + 1
    return [(bool(s[0]), len(s)) for s in np.split(on, edges)]


def test_without_a_restart_cost_it_runs_in_the_hours_with_a_margin() -> None:
    margin = np.array([5.0, -1.0, 3.0, 0.0, -2.0, 1.0])
    # an hour of no margin changes nothing: it was running in the hour before
    np.testing.assert_array_equal(dispatch(margin), [True, False, True, True, False, True])


def test_a_restart_cost_opens_a_band_in_which_nothing_changes() -> None:
    """At 12 USD per restart and four hours each way it stops below -3 and starts above +3 USD/MWh."""
    margin = np.array([5.0, -2.9, -3.1, 2.9, 3.1, -2.9])
    on = dispatch(margin, restart_usd_per_mw=12, min_run_h=4, min_rest_h=1)
    np.testing.assert_array_equal(on, [True] * 6)  # one hour of rest would have to lose 12
    on = dispatch(margin, restart_usd_per_mw=12, min_run_h=4, min_rest_h=4)
    np.testing.assert_array_equal(on, [True, True, False, False, False, False])  # rests four hours at least


def test_an_unknown_hour_keeps_the_machine_as_it_is() -> None:
    margin = np.array([1.0, np.nan, -1.0, np.nan, 1.0])
    np.testing.assert_array_equal(dispatch(margin), [True, True, False, False, True])


@given(MARGINS, HOURS, HOURS, st.floats(0, 50), st.booleans())
def test_spells_last_as_long_as_they_must(margin, run_h, rest_h, restart, start) -> None:
    on = dispatch(margin, restart_usd_per_mw=restart, min_run_h=run_h, min_rest_h=rest_h, on=start)
    assert len(on) == len(margin)
    for state, length in runs(on)[1:-1]:
        assert length >= (run_h if state else rest_h)


@given(MARGINS, st.integers(0, 60), HOURS, HOURS)
def test_later_hours_change_nothing_before_them(margin, k, run_h, rest_h) -> None:
    k = min(k, len(margin))
    rule = {"restart_usd_per_mw": 7.0, "min_run_h": run_h, "min_rest_h": rest_h}
    changed = margin.copy()
    changed[k:] = -changed[k:]
    np.testing.assert_array_equal(dispatch(margin, **rule)[:k], dispatch(changed, **rule)[:k])


@given(MARGINS)
def test_it_never_earns_less_than_running_always(margin) -> None:
    assert margin[dispatch(margin)].sum() >= margin.sum() - 1e-9


@pytest.mark.parametrize(
    "wrong", [{"restart_usd_per_mw": -1}, {"restart_usd_per_mw": np.nan}, {"min_run_h": -1}]
)
def test_absurd_terms_are_refused(wrong) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        dispatch(np.ones(3), **wrong)
