"""Kept against earned: CleanSpark's nine months from its own filing, and the laws that tie the figures."""

from __future__ import annotations

import csv
import doctest
import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.score.operators import clsk_facts
from tools.score.rows import read_published

from manometer.errors import InputError
from manometer.results import earned, funded_gap, retained, retention, retention_frac, split_gap

AMOUNT = st.floats(0, 1e9)


def test_examples_run() -> None:
    assert doctest.testmod(retention).failed == 0


def test_cleanspark_kept_sixty_percent_and_earned_minus_fifty() -> None:
    """Sums in MUSD: mined 542.7, sold 127.8, paid out 88.3, operations -341.6, capex 516.3 less 42.8."""
    f = clsk_facts()
    assert retention_frac(mined=f["mined"], sold=f["sold"]) == pytest.approx(0.764, abs=5e-4)
    kept = retained(mined=f["mined"], sold=f["sold"], paid_out=f["paid_out"])
    assert kept / f["mined"] == pytest.approx(0.602, abs=5e-4)
    own = earned(mined=f["mined"], own_bills=341.623e6)
    assert own / f["mined"] == pytest.approx(0.370, abs=6e-4)
    after = earned(mined=f["mined"], own_bills=341.623e6, growth=516.271e6 - 42.832e6)
    assert after / f["mined"] == pytest.approx(-0.502, abs=5e-4)
    assert f["coins"] + f["posted_value"] / f["coin_price"] == pytest.approx(12_608, abs=0.5)


def test_the_committed_facts_are_those_of_the_filing(shared_data) -> None:
    filed = {}
    with gzip.open(shared_data / "public_miners_sec_facts.csv.gz", "rt") as f:
        for r in csv.DictReader(f):
            if r["filing"].endswith("10-Q-2025-06-30.html") and r["period_end"] == "2025-06-30":
                kind = {"2024-10-01": "duration", "": "instant"}.get(r["period_start"])
                filed[r["concept"], kind] = float(r["value"])
    for r in read_published("score_clsk_nine_months.csv"):
        assert filed[r["concept"], r["kind"]] == float(r["value"]), r["name"]


@given(AMOUNT, AMOUNT, AMOUNT, AMOUNT, st.floats(-1e9, 1e9), AMOUNT)
def test_gap_and_earned_are_what_was_kept(mined, sold, seized, paid, bills, growth) -> None:
    kept = retained(mined=mined, sold=sold, seized=seized, paid_out=paid)
    own = earned(mined=mined, own_bills=bills, growth=growth)
    assert own + funded_gap(retained=kept, earned=own) == pytest.approx(kept, rel=1e-9, abs=1e-3)


@given(st.floats(1, 1e6), st.floats(0, 1), st.floats(0.01, 1e5))
def test_a_share_kept_is_the_same_in_coins_and_in_dollars(mined, share, price) -> None:
    coins = retention_frac(mined=mined, sold=mined * share)
    money = retention_frac(mined=mined * price, sold=mined * share * price)
    assert money == pytest.approx(coins, abs=1e-9)


@given(st.floats(0.01, 1e9), st.dictionaries(st.sampled_from("abcd"), st.floats(-1e9, 1e9), min_size=1))
def test_payers_sum_to_the_gap_and_none_pays_for_what_it_took(gap, sources) -> None:
    if max(sources.values()) <= 0:
        with pytest.raises(InputError, match="who paid"):
            split_gap(gap, sources)
        return
    paid = split_gap(gap, sources)
    assert sum(paid.values()) == pytest.approx(gap)
    assert all(v >= 0 for v in paid.values())
    assert all(paid[k] == 0 for k, v in sources.items() if v <= 0)


def test_nothing_mined_has_no_retention_and_a_drained_treasury_is_negative() -> None:
    got = retention_frac(mined=[0, 10], sold=[0, 25])
    np.testing.assert_array_equal(got, [np.nan, -1.5])
    assert set(split_gap(-1, {"debt": 5.0}).values()) == {0.0}


@pytest.mark.parametrize("wrong", [{"sold": -1}, {"sold": np.inf}, {"sold": 0, "seized": np.nan}])
def test_absurd_amounts_are_refused(wrong) -> None:
    with pytest.raises(InputError):
        retained(mined=1, **wrong)
