"""The retarget forecast: exact where it must be, honest where it cannot, and blind to what comes later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manometer.chain import bits_from_target, difficulty_from_bits, retarget, target_from_bits
from manometer.network.epochs import Chain, chain_of
from manometer.network.hashrate_outlook import hashrate_outlook
from manometer.network.hashrate_state import ASSUMED, SETTINGS, Stretches, advance, first_bank, run_bank
from manometer.network.retarget_forecast import PROGRESS, changes, forecast, forecasts_at
from manometer.network.retarget_score import METHODS, known_rate_floor, moments, outcomes, score

P = (0.05, 0.25, 0.5, 0.75, 0.95)
FIRST = 1_500_000_000


def made_chain(n_epochs: int, seed: int | None, growth_per_block: float = 0.0, tail: int = 0) -> Chain:
    """A chain with every block known: waits by chance at a rate that grows, or steady without a seed."""
    rng = None if seed is None else np.random.Generator(np.random.Philox(seed))
    bits = [bits_from_target(target_from_bits(0x1B04864C))]
    start, start_s, heights, times = [0], [float(FIRST)], [np.array([0])], [np.array([float(FIRST)])]
    at, height = float(FIRST), 0
    rate = 1 / (600.0 / difficulty_from_bits(bits[0]))  # work per second at which blocks are on time
    for k in range(n_epochs + (tail > 0)):
        n = tail if k == n_epochs else 2016
        unit = np.ones(n) if rng is None else rng.exponential(size=n)
        grown = rate * np.exp(growth_per_block * (height + np.arange(n)))
        t = np.rint(at + np.cumsum(unit * difficulty_from_bits(bits[-1]) / grown))
        heights.append(height + 1 + np.arange(n))
        times.append(t)
        if n == 2016:
            bits.append(retarget(bits[-1], first_time_s=int(at), last_time_s=int(t[-2])))
            start.append(height + 2016)
            start_s.append(float(t[-1]))
        at, height = float(t[-1]), height + n
    days = np.arange(FIRST // 86_400, int(at) // 86_400)
    block, block_s = np.concatenate(heights), np.concatenate(times)
    known = np.searchsorted(block_s, (days + 1.0) * 86_400, side="right") - 1
    return chain_of(
        epoch_height=np.array(start), epoch_time_s=np.array(start_s), epoch_bits=np.array(bits), day=days,
        day_height=block[known].astype(float), price_usd=np.full(len(days), 100.0),
        block=block, block_s=block_s,
    )  # fmt: skip


def test_a_stretch_says_how_fast_blocks_came() -> None:
    """With nothing known before, the level is that of the stretch; blocks twice as fast are ln 2 more."""
    slow = advance(first_bank(np.log(100 / 60_000)), 100, 60_000.0, 1.0, 0.0)
    fast = advance(first_bank(np.log(100 / 60_000)), 100, 30_000.0, 1.0, 0.0)
    assert slow.level == pytest.approx(np.log(100 / 60_000), abs=2e-3)
    assert (fast.level > slow.level + 0.4).all()
    still = advance(slow, 0, 0.0, 1.0, 0.0)
    np.testing.assert_array_equal(still.level, slow.level)
    assert (slow.level_var < first_bank(0.0).level_var / 50).all()  # one hundred blocks: about 1/100


def test_a_dearer_bitcoin_raises_the_drift_of_those_settings_that_say_so() -> None:
    bank = first_bank(0.0)
    moved = advance(bank, 144, 1e9, 1e9 * 144, 0.5).level - advance(bank, 144, 1e9, 1e9 * 144, 0.0).level
    assert (moved[SETTINGS.price_effect > 0] > 0).all()
    assert (moved[SETTINGS.price_effect == 0] == 0).all()


def test_after_the_last_interval_the_change_is_locked() -> None:
    """2,015 intervals of 610 s: the bits that the rule gives, in every quantile."""
    chain = made_chain(3, seed=5, tail=2015)
    f = forecast(chain, P)
    new = retarget(
        int(chain.bits[-1]), first_time_s=int(chain.start_s[-1]), last_time_s=int(chain.block_s[-1])
    )
    assert f.locked
    assert set(f.change.values()) == {difficulty_from_bits(new) / chain.difficulty[-1] - 1}
    early = forecast(made_chain(3, seed=5, tail=2014), P)
    assert not early.locked
    assert early.change[0.5] == pytest.approx(f.change[0.5], abs=2e-3)


def test_the_band_closes_as_blocks_come() -> None:
    chain = made_chain(40, seed=1)
    at = moments(chain, float(chain.start_s[30]), float(chain.start_s[40]))
    r = forecasts_at(chain, run_bank(chain.stretches()), at.epoch, at.height, at.time_s)
    width = changes(r, 0.95) - changes(r, 0.05)
    by_share = np.array([width[at.progress == k].mean() for k in range(len(PROGRESS))])
    assert (np.diff(by_share) < 0).all()


def test_blocks_on_time_keep_the_difficulty() -> None:
    """The rule counts 2,015 intervals against 2,016: a steady chain gains 0.05 %, and so it is forecast."""
    chain = made_chain(30, seed=None, tail=1000)
    f = forecast(chain, P)
    assert f.change[0.05] < 1 / 2015 < f.change[0.95]
    # The assumed long growth, half of what a filter of two weeks cannot see, is all that is added.
    assert f.change[0.5] == pytest.approx(0.0, abs=0.01)
    assert f.next_height == 31 * 2016
    assert [x.height for x in f.later] == [32 * 2016, 33 * 2016, 34 * 2016]
    for x in f.later:
        assert x.change[0.05] < x.change[0.5] < x.change[0.95]


def test_growth_is_seen_and_goes_on() -> None:
    """Hashrate that grows 2 % an epoch: every later change is near 2 %."""
    f = forecast(made_chain(60, seed=None, growth_per_block=np.log(1.02) / 2016, tail=500), P)
    assert f.change[0.5] == pytest.approx(0.02, abs=0.005)
    assert [x.change[0.5] for x in f.later] == pytest.approx([0.02] * 3, abs=0.008)


@pytest.mark.parametrize("seed", [3, 4])
def test_no_forecast_beats_the_luck_of_blocks_to_come(seed: int) -> None:
    """At a constant rate the mean error stays above what a known rate would leave."""
    chain = made_chain(160, seed=seed)
    at = moments(chain, float(chain.start_s[20]), float(chain.start_s[-1]) + 1)
    by = outcomes(chain, at)
    for method in METHODS:
        for row in score(at, by[method], method):
            assert row.mae_frac > known_rate_floor(row.progress_frac) - 2 * row.mae_se, (method, row)


def test_the_plain_methods_are_what_they_are_called() -> None:
    """Blocks every 600 s before the epoch and every 500 s in it, at one difficulty: by hand."""
    chain = made_chain(2, seed=None)
    n = 1008
    epoch = len(chain.start) - 1
    first_s = float(chain.start_s[-1])
    steady = float(chain.block_s[-1] - chain.block_s[-101]) / 100
    block = np.append(chain.block, chain.block[-1] + 1 + np.arange(n))
    block_s = np.append(chain.block_s, first_s + 500.0 * (1 + np.arange(n)))
    longer = chain_of(
        epoch_height=np.append(chain.start, chain.start[-1] + 2016),
        epoch_time_s=np.append(chain.start_s, first_s + 2016 * 500.0),
        epoch_bits=np.append(chain.bits, chain.bits[-1]),
        day=np.arange(FIRST // 86_400, FIRST // 86_400 + 3), day_height=np.full(3, np.nan),
        price_usd=np.full(3, 1.0), block=block, block_s=block_s,
    )  # fmt: skip
    at = moments(longer, first_s + 1, first_s + 1e9)
    half = at.progress == 3
    done, ratio = (
        float(at.height[half][0] - chain.start[-1]),
        chain.difficulty[epoch] / chain.difficulty[epoch - 1],
    )
    assert done == 1007
    by = outcomes(longer, at)
    span = 2015 * 500.0
    for method in ("constant", "window504"):
        assert by[method](0.5)[half][0] == pytest.approx(1_209_600 / span - 1)
    mean = (done * 500.0 + (2015 - done) * steady * ratio) / 2015
    assert by["rolling2015"](0.5)[half][0] == pytest.approx(
        1_209_600 / (done * 500 + (2015 - done) * mean) - 1, rel=1e-4
    )
    early = at.progress == 0
    done = float(at.height[early][0] - chain.start[-1])
    mean = (done * 500.0 + (504 - done) * steady * ratio) / 504
    assert by["window504"](0.5)[early][0] == pytest.approx(
        1_209_600 / (done * 500 + (2015 - done) * mean) - 1, rel=1e-4
    )


HISTORY = made_chain(90, seed=11, growth_per_block=2e-6)


@settings(max_examples=25, deadline=None)
@given(share=st.floats(0.4, 0.98), seed=st.integers(0, 2**32 - 1))
def test_nothing_later_moves_a_forecast(share: float, seed: int) -> None:
    """Alter every header time, retarget and price after an instant: forecasts made by then stay."""
    c, rng = HISTORY, np.random.Generator(np.random.Philox(seed))
    t = float(c.block_s[int(share * len(c.block_s))])
    later_block, later_epoch = c.block_s > t, c.start_s > t
    later_day = c.day_end_s > t
    moved = chain_of(
        epoch_height=c.start,
        epoch_time_s=np.where(later_epoch, c.start_s + rng.uniform(0, 1e5), c.start_s),
        epoch_bits=np.where(later_epoch, 0x1B04FFFF, c.bits),
        day=(c.day_end_s // 86_400).astype(np.int64) - 1,
        day_height=np.full(len(c.day_end_s), np.nan),
        price_usd=np.exp(np.where(later_day, c.log_price + rng.normal(), c.log_price)),
        block=c.block,
        block_s=np.where(later_block, c.block_s + rng.uniform(0, 1e5), c.block_s),
    )
    plain = replace(
        moved, start_s=c.start_s, bits=c.bits, difficulty=c.difficulty, log_price=c.log_price,
        block_s=c.block_s,        time_s=np.interp(moved.height, c.block, c.block_s),
    )  # fmt: skip
    at = moments(plain, float(c.start_s[30]), t + 1e7)
    known = at.time_s <= t
    a, b = (
        forecasts_at(x, run_bank(x.stretches()), at.epoch[known], at.height[known], at.time_s[known])
        for x in (plain, moved)
    )
    np.testing.assert_array_equal(a.centre, b.centre)
    np.testing.assert_array_equal(a.deviation, b.deviation)


def test_before_2015_the_setting_is_the_assumed_one() -> None:
    """The made chain begins in 2017: its first epochs have no past forecasts to choose on."""
    f = forecast(made_chain(2, seed=2, tail=100), P)
    assert f.setting == ASSUMED


def test_hashrate_ahead_follows_growth_and_price() -> None:
    chain = made_chain(60, seed=None, growth_per_block=np.log(1.02) / 2016, tail=72)
    run, now = run_bank(chain.stretches()), chain.time_s[-1:]
    k = np.array([int(np.flatnonzero(SETTINGS.price_effect > 0)[-1])])
    by = {h: hashrate_outlook(chain, run, now, k, h) for h in (30, 60, 90)}
    medians = [float(by[h].ehs(0.5)[0]) for h in by]
    # 2 % an epoch of 14 days and a bit: 4.4 % a month.
    assert np.diff(np.log(medians)) == pytest.approx([0.0425, 0.0425], abs=0.01)
    assert by[30].deviation < by[60].deviation < by[90].deviation
    higher = hashrate_outlook(chain, run, now, k, 60, np.full((1, 60), np.log(200.0)))
    assert higher.ehs(0.5) > by[60].ehs(0.5)


def test_a_backwards_header_time_is_survived() -> None:
    """Header times may go backwards by two hours: the level moves no further than the filter lets it."""
    s = Stretches(np.full(3, 72.0), np.array([43_200.0, -600.0, 43_200.0]), np.ones(3), np.zeros(3))
    run = run_bank(s)
    assert np.isfinite(run.level).all()
    assert np.abs(run.level[-1] - np.log(72 / 43_200)).max() < 0.5
