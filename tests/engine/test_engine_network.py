"""The network in the loop: the cellar equals its readable twin to the last bit, and both keep the rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.networks import LEVEL, PER_DIFFICULTY, PER_EHS, arrays, start, unchanging

from manometer.chain import difficulty_from_bits, retarget
from manometer.engine.network_loop import NetworkStart, run_network, run_network_twin

BITS = 0x17023A04  # of a real epoch


def still(network: NetworkStart, paths: int = 1, days: int = 60, price: float | None = None):
    """Inputs without chance: a price that keeps hashprice at its level, luck and shocks of zero."""
    if price is None:
        price = network.level * network.difficulty * 2**32 / (86_400 * 1e15 * 3.125)
    flat = np.full((paths, days), price)
    zero = np.zeros_like(flat)
    return [flat, zero, zero, np.zeros(paths), np.zeros((paths, days // 30 + 1)), np.ones_like(flat)]


def chance(network: NetworkStart, paths: int, days: int, seed: int, size: float = 0.06):
    """Inputs with falls and rises that switch most of the fleet."""
    rng = np.random.default_rng(seed)
    level = still(network)[0][0, 0]
    price = level * np.exp(np.cumsum(rng.normal(0, size, (paths, days)), 1))
    return [
        price,
        rng.exponential(0.3, (paths, days)),
        rng.normal(size=(paths, days)),
        rng.normal(size=paths),
        rng.normal(size=(paths, days // 30 + 1)),
        np.exp(0.1 * rng.normal(size=(paths, days))),
    ]


@pytest.mark.parametrize("count", [17, 256])
def test_the_cellar_equals_the_twin_bit_for_bit(count):
    # 37 paths are two tiles and a part; the height is one halving away from the start.
    network = start(count, height=1_049_000)
    drawn = chance(network, 37, 400, seed=count)
    ours, twin = run_network(network, *drawn), run_network_twin(network, *drawn)
    for a, b in zip(arrays(ours), arrays(twin), strict=True):
        assert np.array_equal(a, b)
    assert ours.switches.min() > 0
    assert (ours.subsidy_btc[:, 0] == 3.125).all()
    assert (ours.subsidy_btc[:, -1] == 1.5625).all()


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    band=st.tuples(st.floats(0, 0.3), st.floats(0, 0.3)),
    size=st.floats(0.01, 0.4),
)
def test_any_band_that_keeps_the_order_leaves_a_prefix_running(seed, band, size):
    """The twin gives each cohort a relay of its own; that the cellar's one number agrees is the property."""
    network = start(24, seed=seed % 1000)
    cost = network.cohorts.off / 0.92
    off, on = cost * (1 - band[0]), cost * (1 + band[1])
    n_on = int(np.searchsorted(off, LEVEL, side="right"))
    network = replace(network, cohorts=replace(network.cohorts, off=off, on=on, n_on=n_on))
    drawn = chance(network, 3, 90, seed, size)
    for a, b in zip(
        arrays(run_network(network, *drawn)), arrays(run_network_twin(network, *drawn)), strict=True
    ):
        assert np.array_equal(a, b)


def test_hysteresis_keeps_off_what_a_dip_switched_off():
    network = unchanging(start())
    network = replace(network, cohorts=replace(network.cohorts, weight_per_day=1.0))
    price, *rest = still(network, days=12)
    price[0, 3:5] *= 0.7
    hashrate = run_network(network, price, *rest).hashrate_ehs[0]
    c = network.cohorts
    gone = c.capacity_ehs[: c.n_on][c.off[: c.n_on] > 0.7 * LEVEL].sum()
    back = c.capacity_ehs[: c.n_on][(c.off[: c.n_on] > 0.7 * LEVEL) & (c.on[: c.n_on] < LEVEL)].sum()
    assert hashrate[2] - hashrate[3] == gone > back > 0
    assert hashrate[5] - hashrate[4] == back


@pytest.mark.parametrize("faster", [0.02, 0.5, 1.0, 1.7, 3.9, 4.5])
def test_difficulty_follows_the_true_rule(faster):
    """An epoch at a steady rate; the chain's own rule on its times, to the rounding of compact bits."""
    difficulty = difficulty_from_bits(BITS)
    network = unchanging(start(ehs=faster * difficulty * PER_DIFFICULTY * 144, height=2016 * 500))
    network = replace(network, difficulty=difficulty, epoch_s=0.0)
    drawn = still(network, days=int(14 / faster) + 2, price=1e9)
    paths = run_network(network, *drawn)
    out, hashrate = paths.difficulty[0], paths.hashrate_ehs[0, 0]
    interval = 86_400 / (hashrate / PER_DIFFICULTY / difficulty)
    span = round(2015 * interval)
    new = difficulty_from_bits(retarget(BITS, first_time_s=10**9, last_time_s=10**9 + span))
    first = out[out != network.difficulty][0]
    assert first == pytest.approx(new, rel=3e-5)
    assert 0.25 <= first / network.difficulty <= 4.0


def test_a_surge_brings_several_retargets_in_a_day():
    network = replace(unchanging(start(height=2016 * 500)), epoch_s=0.0)
    network = replace(network, difficulty=network.difficulty / 4000)
    out = run_network(network, *still(network, days=3, price=1e9)).difficulty[0]
    assert out[0] / network.difficulty >= 4.0**2
    assert np.log(out[0] / network.difficulty) / np.log(4) == pytest.approx(
        round(np.log(out[0] / network.difficulty) / np.log(4)), abs=1e-9
    )


def test_luck_moves_blocks_by_a_poisson_deviation():
    network = replace(unchanging(start(height=2016 * 500)), epoch_s=0.0)
    drawn = still(network, days=14)
    drawn[2] = drawn[2] + 1.0
    lucky, plain = run_network(network, *drawn), run_network(network, *still(network, days=15))
    # 144 + 12 blocks a day end the epoch in 2016 / 156 days.
    first = lucky.difficulty[0][lucky.difficulty[0] != network.difficulty][0]
    hashrate = plain.hashrate_ehs[0, 0]
    per_day = hashrate / PER_DIFFICULTY / network.difficulty
    assert first / network.difficulty == pytest.approx(
        (per_day + per_day**0.5) / 144 * 2016 / 2015, rel=1e-12
    )


def test_the_subsidy_of_the_day_of_a_halving_is_a_mean():
    network = unchanging(start(height=1_050_000 - 100))
    network = replace(network, difficulty=network.cohorts.hashrate_ehs / PER_DIFFICULTY / 144, epoch_s=0.0)
    subsidy = run_network(network, *still(network, days=3, price=1e5)).subsidy_btc[0]
    assert subsidy[0] == pytest.approx(3.125 * 100 / 144 + 1.5625 * 44 / 144, rel=1e-12)
    assert subsidy[1] == subsidy[2] == 1.5625


def test_machines_arrive_months_after_they_were_ordered_and_within_what_is_delivered():
    network = unchanging(start())
    growth = replace(network.growth, per_margin=0.5, most=0.08)
    network = replace(network, growth=growth, cohorts=replace(network.cohorts, base_share=1.0))
    installed = network.cohorts.base_ehs + network.cohorts.capacity_ehs.sum()
    hashrate = run_network(network, *still(network, days=181, price=1e6)).hashrate_ehs[0]
    running = network.cohorts.base_ehs + network.cohorts.capacity_ehs.sum()  # the price is high: all run
    settled = hashrate[119]
    assert settled <= running
    assert hashrate[60:120] == pytest.approx(settled, rel=1e-12)  # ordered at no margin, four months before
    grown = hashrate[149] - settled
    quanta = 30 / PER_EHS  # each day's share is rounded down
    assert grown == pytest.approx(0.08 * installed, abs=quanta)
    assert hashrate[179] - hashrate[149] == pytest.approx(0.08 * (installed + grown), abs=quanta)


def test_what_rests_is_forgotten_and_what_runs_wears_out():
    network = replace(start(growth=False), level=1e-3)
    off = replace(network.cohorts, n_on=0, weight_per_day=0.0)
    network = replace(network, cohorts=off)
    c = network.cohorts
    drawn = still(network, days=31, price=1.0)
    assert run_network(network, *drawn).hashrate_ehs[0, -1] == pytest.approx(
        c.base_ehs * 0.999**31, abs=31 / PER_EHS
    )
    # After a month of rest the price is back: what is left of each is 70 %.
    awake = replace(network, cohorts=replace(c, weight_per_day=1.0))
    drawn = still(awake, days=32, price=1.0)
    drawn[0][0, 30:] = 1e9
    hashrate = run_network(awake, *drawn).hashrate_ehs[0, 30]
    left = c.capacity_ehs * 0.7
    left[::30] *= 0.7  # on day 30 cohorts 0 and 30 have their second turn, before the price is read
    assert hashrate == pytest.approx(c.base_ehs * 0.999**31 + left.sum(), rel=1e-4)


def test_a_price_of_almost_nothing_kills_no_path():
    network = start()
    drawn = chance(network, 20, 500, seed=1)
    drawn[0][:, 20:] *= 1e-7
    out = run_network(network, *drawn)
    assert np.isfinite(out.difficulty).all()
    assert (out.difficulty >= 1).all()
    assert (out.hashrate_ehs >= 0).all()
    assert np.isfinite(out.hashrate_ehs).all()


@pytest.mark.parametrize("size", [1, 7, 16, 19])
def test_any_chunk_gives_the_same_bits(size):
    network = start()
    drawn = chance(network, 40, 80, seed=9)
    whole = arrays(run_network(network, *drawn))
    parts = [arrays(run_network(network, *(x[k : k + size] for x in drawn))) for k in range(0, 40, size)]
    for i, column in enumerate(whole):
        assert np.array_equal(column, np.concatenate([part[i] for part in parts]))


def test_nothing_reads_a_later_day():
    network = start()
    drawn = chance(network, 16, 90, seed=4)
    other = [x.copy() for x in drawn]
    for k in (0, 1, 2, 5):
        other[k][:, 60:] = other[k][:, 60:] * 1.7 + 0.3
    a, b = run_network(network, *drawn), run_network(network, *other)
    for x, y in ((a.difficulty, b.difficulty), (a.hashrate_ehs, b.hashrate_ehs)):
        assert np.array_equal(x[:, :60], y[:, :60])
        assert not np.array_equal(x, y)
