"""The table of signals: settled names, honest declarations, and nothing from later in any of them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.signals.signals_samples import LAYERS, N, bend, columns, sample

from manometer.signals.declaration import UNKNOWN, SignalInputs, entries, graded
from manometer.signals.table import SIGNALS


def test_the_names_are_the_settled_ones() -> None:
    layers = ", ".join(f"price_to_cost_{k}" for k in LAYERS)
    settled = (
        "hash_ribbon, puell, puell_halving_adjusted, difficulty_ribbon, difficulty_compression, "
        f"hashprice_percentile, {layers}, price_drawdown, hashrate_drawdown, difficulty_drawdown, "
        "miner_selling, kumo_twist_leading, kumo_twist_current"
    )
    assert ", ".join(SIGNALS) == settled


@given(st.integers(60, N - 2), st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_altering_any_datum_after_t_changes_nothing_as_of_t(t: int, seed: int) -> None:
    x = sample()
    bent = bend(x, t, np.random.Generator(np.random.Philox(seed)))
    for name, d in SIGNALS.items():
        a, b = columns(d.read(x)), columns(d.read(bent))
        for what in a:
            np.testing.assert_array_equal(a[what][: t + 1], b[what][: t + 1], err_msg=f"{name}, {what}")


@given(st.integers(1, N - 1))
@settings(max_examples=25, deadline=None)
def test_a_shorter_record_says_the_same_of_its_days(t: int) -> None:
    """Cutting the record is the other way of not knowing the future."""
    x = sample()
    cut: dict[str, Any] = {f.name: getattr(x, f.name) for f in fields(x)}
    cut = {k: {a: b[:t] for a, b in v.items()} if isinstance(v, dict) else v[:t] for k, v in cut.items()}
    for name, d in SIGNALS.items():
        a, b = columns(d.read(x)), columns(d.read(SignalInputs(**cut)))
        for what in a:
            np.testing.assert_array_equal(a[what][:t], b[what], err_msg=f"{name}, {what}")


@pytest.mark.parametrize("name", list(SIGNALS))
def test_a_declaration_is_true(name: str) -> None:
    """Only declared inputs are read, only declared states and events come out."""
    x, d = sample(), SIGNALS[name]
    blank: dict[str, Any] = {
        f.name: np.full(N, np.nan) for f in fields(x) if f.name not in (*d.inputs, "day", "cost_usd_per_btc")
    }
    if "cost_usd_per_btc" not in d.inputs:
        blank["cost_usd_per_btc"] = {k: np.full(N, np.nan) for k in LAYERS}
    a, b = d.read(x), d.read(replace(x, **blank))
    for what, value in columns(a).items():
        np.testing.assert_array_equal(value, columns(b)[what], err_msg=what)
    assert set(a.state) <= {*d.states, UNKNOWN}
    assert set(a.events) == set(d.events)
    assert np.isfinite(a.value).any()
    np.testing.assert_array_equal(a.state == UNKNOWN, ~np.isfinite(a.value))


def test_graded_and_entries_by_hand() -> None:
    value = np.array([np.nan, 0.4, 0.6, 0.4, 0.4, 5.0, 0.4, 0.6])
    names = graded(value, (0.5, 4.0), ("low", "middle", "high"))
    assert names.tolist() == ["unknown", "low", "middle", "low", "low", "high", "low", "middle"]
    # Day 1 follows an unknown day; day 3 is within two days of day 1; day 6 is not within one of day 4.
    assert np.flatnonzero(entries(value < 0.5, value, 1)).tolist() == [3, 6]
    assert np.flatnonzero(entries(value < 0.5, value, 2)).tolist() == []
