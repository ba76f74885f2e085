"""The population: cellar and twin to the last bit, what is conserved, what a metaorder may do."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.population import sample
from hypothesis import given, settings
from hypothesis import strategies as st
from population_cases import PRICE, borrower, falling, line, still

from manometer.engine.kernels.places import OPERATOR, TERMS
from manometer.engine.population import Days, Population, PopulationPaths, draw_shocks, run_population
from manometer.engine.population_twin import Today, run_population_twin
from manometer.errors import InputError

DAYS = Days.plain(400)


def stressed(cohorts: int, operators: int, days: int, seed: int) -> Population:
    """Return the sample with little cash and few coins, so that calls, defaults and failures happen."""
    start = sample(cohorts, operators, days=days, seed=seed)
    start.operators[:, OPERATOR.index("cash_cents")] = 0.0
    start.operators[:, OPERATOR.index("free_sat")] = np.rint(
        start.operators[:, OPERATOR.index("free_sat")] / 20
    )
    start.terms[:, TERMS.index("instalment_cents")] *= 8
    return replace(start, lender_equity_cents=start.lender_equity_cents / 4)


def bits(p: PopulationPaths) -> str:
    digest = hashlib.sha256()
    for a in (p.kept, p.operators, p.market, p.lender_cents):
        digest.update(np.ascontiguousarray(a).tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize(
    ("cohorts", "operators", "seed"), [(64, 5, 0), (256, 32, 1), (40, 16, 2), (300, 33, 3)]
)
def test_the_cellar_equals_its_twin_to_the_last_bit(cohorts: int, operators: int, seed: int) -> None:
    start = stressed(cohorts, operators, 400, seed)
    kept = np.array([0, 63, 64, 200, 399])
    ours = run_population(start, DAYS, seed=seed, n_paths=37, days_kept=kept)
    twin = run_population_twin(start, DAYS, seed=seed, n_paths=37, days_kept=kept)
    for name in ("kept", "operators", "market", "lender_cents"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(twin, name), err_msg=name)
    # A run in which nothing happens would prove nothing.
    assert ours.at_end("defaults").sum() > 0
    assert ours.at_end("switches").sum() > 0
    assert ours.at_end("forced_sat").sum() > 0


def test_the_same_bits_on_any_threads_and_chunks() -> None:
    start = sample(days=400)
    runs = {
        bits(run_population(start, DAYS, seed=9, n_paths=100, threads=t, chunk=c))
        for t, c in ((1, 96), (2, 16), (3, 48), (2, 1000))
    }
    assert len(runs) == 1


def test_a_path_depends_on_its_address_alone() -> None:
    start = sample(days=400)
    whole = run_population(start, DAYS, seed=9, n_paths=64)
    for run in (run_population, run_population_twin):
        part = run(start, DAYS, seed=9, n_paths=16, first_path=32)
        np.testing.assert_array_equal(whole.operators[32:48], part.operators)


_ELSEWHERE = """
import hashlib
import numpy as np
from benchmarks.population import sample
from manometer.engine.population import Days, run_population
p = run_population(sample(days=400), Days.plain(400), seed=9, n_paths=32)
parts = (p.kept, p.operators, p.market, p.lender_cents)
print(hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in parts)).hexdigest())
"""


def test_the_same_bits_without_the_machines_own_instructions() -> None:
    ours = bits(run_population(sample(days=400), DAYS, seed=9, n_paths=32))
    done = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE],
        env={**os.environ, "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] == ours


def test_another_seed_is_another_answer() -> None:
    start = sample(days=400)
    assert bits(run_population(start, DAYS, seed=1, n_paths=16)) != bits(
        run_population(start, DAYS, seed=2, n_paths=16)
    )


def test_no_paths_is_an_input_error() -> None:
    with pytest.raises(InputError, match="1 or more"):
        run_population(sample(days=400), DAYS, seed=1, n_paths=0)


def test_shocks_have_the_moments_that_were_asked_for() -> None:
    n = 640
    start = replace(sample(days=400), shocks=np.array([0.03, 0.0, 0.5, 0.0, 0.0, 0.9, 0.1, 1.0]))
    growth, dip, fee, luck = draw_shocks(start, DAYS, seed=4, first_path=0, n_paths=n)
    r = np.log(growth) / 0.03
    count = r.size
    for z in (r, luck):
        assert abs(z.mean()) < 4 / np.sqrt(count)
        assert abs((z**2).mean() - 1) < 4 * np.sqrt(2 / count)
        assert abs((z**4).mean() - 3) < 4 * np.sqrt(96 / count)
    # Of a Brownian bridge the low lies under both ends; its mean log is -deviation sqrt(2 / pi) under the open.
    low = np.log(growth * dip)
    assert (low <= np.minimum(np.log(growth), 0) + 1e-15).all()
    spread = 0.03 * np.sqrt(1 - 2 / np.pi) / np.sqrt(count)
    assert abs(low.mean() + 0.03 * np.sqrt(2 / np.pi)) < 4 * spread
    late = np.log(fee[200:])
    assert late.std() == pytest.approx(0.1 / np.sqrt(1 - 0.81), rel=0.05)


def test_jumps_are_as_frequent_and_as_large_as_asked() -> None:
    start = replace(sample(days=400), shocks=np.array([0.0, 0.1, 0.3, 0.04, 0.06, 0.0, 0.0, 0.0]))
    r = np.log(draw_shocks(start, DAYS, seed=4, first_path=0, n_paths=320)[0])
    n, k = r.size, (np.abs(r) > 0).sum()
    assert abs(k - 0.1 * n) < 4 * np.sqrt(0.09 * n)
    up, down = r[r > 0], -r[r < 0]
    assert abs(up.size - 0.3 * k) < 4 * np.sqrt(0.21 * k)
    assert abs(up.mean() - 0.04) < 4 * 0.04 / np.sqrt(up.size)
    assert abs(down.mean() - 0.06) < 4 * 0.06 / np.sqrt(down.size)


def coins(x: dict[str, np.ndarray]) -> np.ndarray:
    kept = x["free_sat"] + x["posted_sat"]
    return kept + x["sold_sat"] + x["seized_sat"] + x["caught_sat"] - x["mined_sat"]


@given(seed=st.integers(0, 2**31), operators=st.integers(1, 20), grace=st.sampled_from([0.0, 5.0, 30.0]))
@settings(max_examples=15, deadline=None)
def test_coins_are_conserved_on_every_day_of_every_path(seed: int, operators: int, grace: float) -> None:
    start = stressed(48, operators, 150, seed)
    start.terms[:, TERMS.index("grace_days")] = grace
    before = start.operators[:, [OPERATOR.index("free_sat"), OPERATOR.index("posted_sat")]].sum(1)

    def watch(t: Today) -> None:
        np.testing.assert_array_equal(coins(t.x), np.broadcast_to(before, t.x["free_sat"].shape))
        for name in ("free_sat", "posted_sat", "cash_cents", "owed_cents", "loan_cents", "term_cents"):
            assert (t.x[name] >= 0).all(), name
            assert (t.x[name] == np.rint(t.x[name])).all(), name

    run_population_twin(start, Days.plain(150), seed=seed, n_paths=16, watch=watch)


@given(seed=st.integers(0, 2**31))
@settings(max_examples=10, deadline=None)
def test_cents_are_conserved_where_nobody_is_enforced_against(seed: int) -> None:
    start = stressed(48, 12, 150, seed)
    start.terms[:, TERMS.index("grace_days")] = 1e6
    cash = [np.broadcast_to(start.operators[:, OPERATOR.index("cash_cents")], (16, 12))]

    def watch(t: Today) -> None:
        np.testing.assert_array_equal(t.x["cash_cents"] - cash[-1], t.got_cents - t.paid_cents)
        cash.append(t.x["cash_cents"].copy())

    run_population_twin(start, Days.plain(150), seed=seed, n_paths=16, watch=watch)


@given(seed=st.integers(0, 2**31), grace=st.sampled_from([0.0, 10.0]))
@settings(max_examples=10, deadline=None)
def test_debts_are_paid_sold_for_or_lost_and_nothing_else(seed: int, grace: float) -> None:
    start = stressed(48, 12, 150, seed)
    for name in ("fixed_cents", "term_rate", "loan_rate"):
        start.terms[:, TERMS.index(name)] = 0.0
    start.terms[:, TERMS.index("grace_days")] = grace
    start = replace(start, bill_cents=np.zeros_like(start.bill_cents))
    paid = [np.zeros((16, 12))]
    names = ("loan_cents", "term_cents", "owed_cents")
    before = sum(start.operators[:, OPERATOR.index(n)] for n in names)

    def watch(t: Today) -> None:
        paid.append(paid[-1] + t.paid_cents)
        owed = sum(t.x[n] for n in names)
        np.testing.assert_array_equal(
            owed + paid[-1] + t.x["repaid_cents"] + t.x["lost_cents"], before + 0 * owed
        )

    run_population_twin(start, Days.plain(150), seed=seed, n_paths=16, watch=watch)


def sells(n_days: int, sales: list[tuple[int, float]], stays: float) -> float:
    """Return the deepest impact of coins that are sold on given days, by longs closed as the price drifts."""
    nobody = borrower(0.0, 0.0)
    root = 0.025 / np.sqrt(20_000 * 1e8)
    start = still(*nobody, root=root)
    start.constants[5] = stays
    drift = np.full(n_days, -0.01)
    # Prices that only the day's own drift passes: the impact of such sales is far below a day's fall.
    order = sorted(sales)
    at = np.array([PRICE * np.exp(-0.01 * (d + 0.999)) for d, _ in order])
    start = replace(start, long_usd=at, long_sat=np.array([s for _, s in order]))
    days = Days(drift, np.ones(n_days), np.zeros(n_days, dtype=bool))
    every = np.arange(n_days)
    done = run_population(start, days, seed=0, n_paths=1, days_kept=every)
    unsold = PRICE * np.exp(np.cumsum(drift))
    sold = done.at_end("forced_sat")[0]
    assert sold == sum(s for _, s in order)
    return float((1 - done.kept[:, 0, 0] / unsold).max())


@given(
    whole=st.integers(2, 100).map(lambda k: k * 1e8),
    cut=st.floats(0.05, 0.95),
    later=st.integers(1, 8),
    stays=st.sampled_from([1.0, 0.9, 0.5]),
)
@settings(max_examples=25, deadline=None)
def test_neither_two_sellers_nor_more_days_raise_the_impact_of_a_sale(
    whole: float, cut: float, later: int, stays: float
) -> None:
    part = float(np.rint(whole * cut))
    at_once = sells(12, [(0, whole)], stays)
    assert sells(12, [(0, part), (0, whole - part)], stays) == at_once
    assert sells(12, [(0, part), (later, whole - part)], stays) <= at_once * (1 + 1e-12)


def test_impact_is_the_square_root_law_along_the_whole_order() -> None:
    impact = 0.025 * np.sqrt(14_600 / 20_000)
    nobody = borrower(0.0, 0.0)
    root = 0.025 / np.sqrt(20_000 * 1e8)
    start = replace(
        still(*nobody, root=root), long_usd=np.array([PRICE * 0.95]), long_sat=np.array([14_600e8])
    )
    done = run_population(start, falling(-0.1), seed=0, n_paths=1)
    assert done.at_end("price_usd")[0] == pytest.approx(PRICE * 0.9 * (1 - impact), rel=1e-12)


def one_borrower(loan_usd: float, linear: float, shock: float) -> float:
    """Return the amplification of one borrower with 1,000 coins at one lender, impact `linear` a coin."""
    start = still(*borrower(loan_usd, 1_000.0), linear=linear / 1e8)
    done = run_population(start, falling(shock), seed=0, n_paths=1, days_kept=np.arange(5))
    moved = done.kept[:, 0, 0].min() / (PRICE * (1 + shock))
    return float(1 + (1 + shock) * (1 - moved) / abs(shock))


def test_one_lender_one_borrower_and_linear_impact_have_a_closed_form() -> None:
    loan, linear, shock = 33e6, 2e-5, -0.2
    p = PRICE * (1 + shock)
    assert loan / (1_000 * p) > 0.8  # over the liquidation level
    sold = (loan - 0.65 * 1_000 * p) / (p * (1 - 0.65))
    left = (loan - sold * p) / ((1_000 - sold) * p * (1 - linear * sold))
    assert left < 0.75  # and then under the call level
    # One satoshi is rounded up.
    assert one_borrower(loan, linear, shock) == pytest.approx(1 + (1 + shock) * linear * sold / 0.2, abs=1e-9)


def test_amplification_never_falls_with_leverage() -> None:
    got = [one_borrower(loan, 2e-5, -0.2) for loan in np.linspace(1e6, 39e6, 60)]
    assert np.all(np.diff(got) >= -1e-12)
    assert got[0] == 1.0
    assert got[-1] > got[0]


def test_a_call_takes_free_coins_first_and_up_to_the_restore_level() -> None:
    # MARA on 2022-11-09 (10-Q): 100 M USD against 7,821 BTC at 16,212.50; 1,669 BTC were added.
    x, p = borrower(100e6, 7_821.0, 3_619.0, liquidation_frac=0.9)
    start = replace(still(x, p), price_usd=16_212.5)
    done = run_population(start, Days.plain(1, month_days=100), seed=0, n_paths=1)
    assert done.of("called_sat")[0, 0] / 1e8 == pytest.approx(1_669, abs=1)
    assert done.of("seized_sat")[0, 0] == 0


def test_a_lender_that_fails_sells_what_it_holds_and_calls_its_lines() -> None:
    x, p = borrower(10e6, 400.0, 5.0, grace_days=3.0)
    start = replace(still(x, p, caught_frac=0.5), lender_equity_cents=np.array([0.0]))
    done = run_population(start, Days.plain(1, month_days=100), seed=0, n_paths=1)
    sold, caught = done.of("seized_sat")[0, 0] / 1e8, done.of("caught_sat")[0, 0] / 1e8
    assert sold == pytest.approx(200, abs=1e-6)
    assert caught == pytest.approx(100, abs=1e-6)
    assert done.of("free_sat")[0, 0] / 1e8 == pytest.approx(105, abs=1e-6)
    assert done.of("loan_cents")[0, 0] == 0


def test_default_is_a_path_missed_grace_enforced() -> None:
    owes = np.stack([line(OPERATOR, term_cents=1e9, cash_cents=1e6)] * 2)
    terms = np.stack(
        [line(TERMS, matures_day=0, grace_days=4, stops=s, recovery_frac=0.5, call_frac=0.75) for s in (0, 1)]
    )
    start = replace(
        still(owes, terms),
        owner=np.array([[0, 0], [0, 1]]),
        owned_ehs=np.array([10.0, 20.0]),
        bill_cents=np.array([1e9, 1e9]),
    )
    done = run_population(start, Days.plain(8, month_days=2), seed=0, n_paths=1)
    np.testing.assert_array_equal(done.of("default_day")[0], [4.0, 4.0])
    np.testing.assert_array_equal(done.of("status")[0], [1.0, 2.0])
    assert done.at_end("hashrate_ehs")[0] == 480.0
    # Each owed 10 M USD that had matured; what they paid went to power, and machines answer for half.
    assert 1e14 - done.lender_cents[0, 0] == 2 * 0.5 * 1e9


def test_a_lender_bears_what_collateral_and_debtor_do_not_and_fails_of_it() -> None:
    # 10 M USD against 400 BTC; at 10,000 USD they bring 4 M, and the debtor has nothing else.
    x, p = borrower(10e6, 400.0, grace_days=3.0)
    start = replace(still(x, p), lender_equity_cents=np.array([5e8]))
    done = run_population(start, falling(-0.8, 8), seed=0, n_paths=1)
    assert done.of("lost_cents")[0, 0] == pytest.approx(6e8, rel=1e-9)
    assert done.lender_cents[0, 0] == 5e8 - done.of("lost_cents")[0, 0]


def test_a_bill_missed_after_an_instalment_was_paid_is_no_loss_of_the_lender() -> None:
    # The instalment of day 2 is paid in full; then power cannot be, and only the debt still open is lost.
    owes = line(OPERATOR, term_cents=10e8, cash_cents=1e8)[None]
    terms = line(TERMS, matures_day=1e9, instalment_cents=1e8, grace_days=2, recovery_frac=0.0)[None]
    start = replace(
        still(owes, terms), owner=np.array([[0, 0]]), owned_ehs=np.array([0.0]), bill_cents=np.array([0.0])
    )
    months = np.array([True] + [False] * 30 + [True] + [False] * 8)
    done = run_population(start, Days(np.zeros(40), np.ones(40), months), seed=0, n_paths=1)
    assert done.of("due_term_cents")[0, 0] == 0
    assert 1e14 - done.lender_cents[0, 0] == 9e8


def test_the_benchmark_sample_is_a_population() -> None:
    assert isinstance(sample(64, 4), Population)
