"""Means, quantiles and chances over paths: against closed forms, and laws that hold for any sample."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from manometer.errors import InputError
from manometer.results import (
    LEVELS,
    distribution,
    first_passage,
    kept_as_cash,
    mean_of,
    probability_of,
    sold_for,
    survival_curve,
)

FINITE = st.floats(-1e9, 1e9, allow_nan=False)


def test_a_row_by_hand():
    """Of 1 to 20 the smallest value that half, or 19 in 20, do not exceed; the mean's error: s / sqrt(n)."""
    d = distribution(np.arange(1.0, 21.0))
    assert [d[k] for k in LEVELS] == [1.0, 5.0, 10.0, 15.0, 19.0]
    assert d["mean"] == 10.5
    assert d["se"] == pytest.approx(math.sqrt(35.0 / 20), rel=1e-15)


def test_standard_errors_against_closed_form():
    """Normal sample: quantiles within 4 errors, errors within 3 of their own of sqrt(q(1-q)/n)/density.

    The distance over k ranks is a sum of k nearly exponential gaps, so its relative deviation is 1/sqrt(k).
    """
    n = 40_000
    x = np.random.Generator(np.random.Philox(11)).normal(size=n)
    d = distribution(x)
    normal = {"p05": -1.6448536269514729, "p25": -0.6744897501960817, "p50": 0.0}
    for key, z in normal.items():
        level = LEVELS[key]
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        se = math.sqrt(level * (1 - level) / n) / density
        assert abs(d[key] - z) < 4 * se, key
        ranks = 4 * math.sqrt(n * level * (1 - level))
        assert d[f"se_{key}"] == pytest.approx(se, rel=3 / math.sqrt(ranks)), key
    assert abs(d["mean"]) < 4 / math.sqrt(n)
    assert d["se"] == pytest.approx(1 / math.sqrt(n), rel=0.02)


@given(arrays(np.float64, st.integers(1, 60), elements=FINITE))
def test_any_sample(x):
    """Quantiles are in order, members of the sample, and the mean lies between its ends."""
    d = distribution(x)
    marks = [d[k] for k in LEVELS]
    assert marks == sorted(marks)
    assert all(m in x for m in marks)
    slack = 1e-9 * (1 + np.abs(x).max())
    assert x.min() - slack <= d["mean"] <= x.max() + slack
    assert np.mean(x <= d["p95"]) >= 0.95 - 1e-12
    assert distribution(np.random.Generator(np.random.Philox(1)).permutation(x)) == d, "order is no matter"


def test_undefined_is_left_out_and_never_is_beyond():
    """NaN is no observation; infinity leaves no mean, and quantiles among it are beyond the horizon."""
    assert mean_of(np.array([1.0, np.nan, 3.0])).value == 2.0
    d = distribution(np.array([10.0, 20.0, np.inf, np.inf]))
    assert (d["mean"], d["p25"], d["p50"], d["p75"]) == (None, 10.0, 20.0, None)
    empty = distribution(np.array([np.nan]))
    assert set(empty.values()) == {None}
    assert mean_of(np.array([7.0])).se is None


def test_chances():
    """A quarter of four; none of a thousand keeps an error near the rule of three's third part."""
    assert probability_of(np.array([True, False, False, False])).value == 0.25
    none = probability_of(np.zeros(1000, dtype=bool))
    assert none.value == 0.0
    assert 0.0005 < none.se < 0.0015
    with pytest.raises(InputError, match="no paths"):
        probability_of(np.zeros(0, dtype=bool))


@given(arrays(np.int64, st.integers(1, 50), elements=st.integers(-1, 40)))
def test_survival_and_first_passage_agree(day):
    """The curve never rises and ends at one less the chance; it is what Kaplan and Meier's product gives."""
    ends = list(range(41))
    curve = [e.value for e in survival_curve(day, ends)]
    assert all(a >= b for a, b in pairwise(curve))
    chance = first_passage(day)
    assert curve[-1] == pytest.approx(1 - chance["probability"], abs=1e-12)
    product = 1.0
    for end in ends:
        at_risk = np.count_nonzero((day < 0) | (day >= end))
        if at_risk:
            product *= 1 - np.count_nonzero(day == end) / at_risk
        assert curve[end] == pytest.approx(product, abs=1e-9)
    if chance["probability"] >= 0.5:
        assert chance["p50_days"] == np.sort(np.where(day < 0, 10**6, day))[math.ceil(len(day) / 2) - 1]
    else:
        assert chance["p50_days"] is None


@given(
    arrays(np.float64, 5, elements=st.integers(0, 10**14).map(lambda sat: sat / 1e8)),
    arrays(np.float64, (3, 5), elements=st.integers(0, 10**11).map(lambda cents: cents / 100)),
    arrays(np.float64, 5, elements=st.integers(-(10**11), 10**11).map(lambda cents: cents / 100)),
)
def test_every_coin_sold_has_one_use(sold, uses, change):
    """Uses and what is kept as cash add up to what was sold, each 0 or more."""
    lines = dict(zip("abc", uses, strict=True))
    parts = [*sold_for(sold, lines, change).values(), kept_as_cash(sold, lines, change)]
    assert np.allclose(sum(parts), sold, rtol=1e-12, atol=1e-12)
    assert all((p >= 0).all() for p in parts)
