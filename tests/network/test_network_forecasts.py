"""The plain retarget estimate, the hashrate outlook, and the causes of a fall."""

from __future__ import annotations

import numpy as np
import pytest
from tests.network.network_samples import sample_inputs

from manometer.network.causes import CAUSES, Event, fall_causes, read_events
from manometer.network.outlook import OutlookInputs, walk_forward
from manometer.network.retarget_estimate import estimate_from_blocks, estimate_from_days
from manometer.signals.rolling import rolling_mean

EPOCH = 2016


def blocks(tip: int, interval_s: float) -> tuple[np.ndarray, np.ndarray]:
    height = np.arange(tip - 3000, tip + 1)
    return height, (1.6e9 + (height - height[0]) * interval_s).astype(np.int64)


@pytest.mark.parametrize("interval_s", [540.0, 600.0, 660.0])
@pytest.mark.parametrize("into", [0, 500, 2015])
def test_steady_blocks_give_the_change_of_the_rule(interval_s: float, into: int) -> None:
    """2,015 intervals are measured against 2,016 x 600 s."""
    r = estimate_from_blocks(*blocks(400 * EPOCH + into, interval_s))
    assert r.change_frac == pytest.approx(1_209_600 / (2015 * interval_s) - 1, rel=1e-6)
    assert r.progress_frac == pytest.approx((into + 1) / EPOCH)
    assert r.next_height == 401 * EPOCH
    assert r.p05 <= r.change_frac <= r.p95


def test_a_retarget_is_not_forecast_twice() -> None:
    """Hashrate fell by 20 % before the epoch; difficulty followed; blocks are on time now."""
    tip = 400 * EPOCH + 100
    height = np.arange(tip - 3000, tip + 1)
    step_s = np.where(height > 400 * EPOCH, 600.3, 750.375)
    time = (1.6e9 + np.cumsum(step_s)).astype(np.int64)
    assert abs(estimate_from_blocks(height, time, 0.8).change_frac) < 1e-3
    assert estimate_from_blocks(height, time).change_frac < -0.15  # what it said without the ratio


def test_the_last_block_of_the_epoch_leaves_no_doubt() -> None:
    r = estimate_from_blocks(*blocks(400 * EPOCH + 2015, 610.0))
    assert r.p05 == r.p95 == r.change_frac


def test_change_stays_inside_the_clamps() -> None:
    assert estimate_from_blocks(*blocks(400 * EPOCH + 10, 60_000.0)).change_frac == -0.75
    assert estimate_from_blocks(*blocks(400 * EPOCH + 10, 60.0)).change_frac == 3.0


def test_band_holds_what_luck_does() -> None:
    """At a known constant rate the realised change falls into the 5-95 % band nine times in ten."""
    rng = np.random.Generator(np.random.Philox(9))
    hits, runs, into = 0, 400, 1000
    for _ in range(runs):
        time = 1.6e9 + np.cumsum(rng.exponential(600.0, 2 * EPOCH + 1))
        height = 500 * EPOCH - EPOCH + np.arange(2 * EPOCH + 1)
        known = height <= 500 * EPOCH + into
        r = estimate_from_blocks(height[known], time[known].astype(np.int64))
        span = time[height == 500 * EPOCH + 2015][0] - time[height == 500 * EPOCH][0]
        hits += r.p05 <= 1_209_600 / span - 1 <= r.p95
    assert abs(hits / runs - 0.90) < 4 * np.sqrt(0.09 / runs)


def test_daily_data_give_the_same_answer_as_blocks() -> None:
    height, time = blocks(400 * EPOCH + 1000, 590.0)
    exact = estimate_from_blocks(height, time)
    daily = estimate_from_days(
        height=float(height[-1]),
        end_s=float(time[-1]),
        epoch_start_s=float(time[-1] - 1000 * 590),
        epoch_height=400 * EPOCH,
        interval_s=590.0,
    )
    assert daily.change_frac == pytest.approx(exact.change_frac, abs=1e-6)
    assert daily.eta_s == pytest.approx(exact.eta_s, abs=1.0)


def outlook_inputs(n: int = 2600) -> OutlookInputs:
    x = sample_inputs(n)
    return OutlookInputs(
        day=x.day,
        price_usd=x.price_usd,
        hashrate_7d_ehs=rolling_mean(x.hashrate_ehs, 7),
        hashrate_30d_ehs=rolling_mean(x.hashrate_ehs, 30),
        hashprice_7d=rolling_mean(x.hashprice_usd_per_phs_day, 7),
        median_cash_breakeven=np.full(n, 200.0),
    )


def test_outlook_is_fitted_on_the_past_only() -> None:
    """Changing hashrate after a day changes no prediction made up to it: price alone is given ahead."""
    x = outlook_inputs()
    k = 2000
    bent = x.hashrate_30d_ehs.copy()
    bent[k + 1 :] *= 3.0
    other = OutlookInputs(
        x.day, x.price_usd, x.hashrate_7d_ehs, bent, x.hashprice_7d, x.median_cash_breakeven
    )
    a, b = walk_forward(x, 60), walk_forward(other, 60)
    np.testing.assert_array_equal(a.predicted[: k + 1], b.predicted[: k + 1])
    assert np.isfinite(a.predicted[1200 : len(x.day) - 60]).all()


def test_each_set_of_the_outlook_says_up_to_when_it_was_fitted() -> None:
    x = outlook_inputs()
    for last in walk_forward(x, 30).coefficients:
        assert str(np.datetime64(last, "D")).endswith("-12-31")


FALL = {"peak_ehs": 100.0, "now_ehs": 80.0, "now_p05_ehs": 77.0, "now_p95_ehs": 83.0}


def test_shares_of_a_fall_add_up_and_unknown_is_an_answer() -> None:
    r = fall_causes(17_900, **FALL, economic_ehs=(2.0, 5.0, 8.0), curtailable_frac=0.0, events=())
    assert set(r.shares) == set(CAUSES)
    assert sum(v[1] for v in r.shares.values()) == pytest.approx(1.0)
    assert all(low <= mid <= high + 1e-12 for low, mid, high in r.shares.values())
    assert r.shares["economics"][1] == pytest.approx(0.25)
    assert r.shares["unknown"][2] == pytest.approx(
        1 - sum(v[0] for k, v in r.shares.items() if k != "unknown")
    )
    assert r.likely == "unknown"


def test_an_event_counts_from_the_day_it_was_known() -> None:
    ban = Event(100, 200, 120, "policy", 0.3, 0.6, "a ban", "press")
    before = fall_causes(110, **FALL, economic_ehs=(0.0, 0.0, 0.0), curtailable_frac=0.0, events=(ban,))
    after = fall_causes(120, **FALL, economic_ehs=(0.0, 0.0, 0.0), curtailable_frac=0.0, events=(ban,))
    assert before.shares["policy"][1] == 0.0
    assert after.likely == "policy"
    assert after.event == "a ban"


def test_season_explains_only_in_season() -> None:
    june = int(np.datetime64("2024-06-20").astype(int))
    march = int(np.datetime64("2024-03-20").astype(int))
    kw = {**FALL, "economic_ehs": (0.0, 0.0, 0.0), "curtailable_frac": 0.1, "events": ()}
    assert fall_causes(june, **kw).shares["curtailment"][1] > 0.2
    assert fall_causes(march, **kw).shares["curtailment"][1] == 0.0
    assert fall_causes(june, **kw).seasonal_frac == pytest.approx(0.1)
    assert fall_causes(march, **kw).seasonal_frac == 0.0


def test_the_low_end_leaves_room_for_the_other_causes() -> None:
    """Fall 20; cost 10 to 18 EH/s, and luck could have done 3.6 at most: cost did 10, whatever luck did."""
    r = fall_causes(17_900, **FALL, economic_ehs=(10.0, 15.0, 18.0), curtailable_frac=0.0, events=())
    assert r.shares["economics"] == pytest.approx((0.5, 0.75, 0.9))
    storm = Event(17_890, 17_910, 17_890, "curtailment", 0.1, 0.18, "a storm", "press")
    r = fall_causes(17_900, **FALL, economic_ehs=(10.0, 15.0, 18.0), curtailable_frac=0.0, events=(storm,))
    assert r.shares["economics"][0] == 0.0  # storm and luck together could have done all of it


def test_a_fall_inside_block_luck_has_no_shares() -> None:
    r = fall_causes(
        17_900,
        peak_ehs=80.0,
        now_ehs=79.0,
        now_p05_ehs=75.0,
        now_p95_ehs=83.0,
        economic_ehs=(9.0, 9.0, 9.0),
        curtailable_frac=0.1,
    )
    assert r.shares == {}
    assert r.likely == "luck"


def test_no_fall_has_no_cause() -> None:
    r = fall_causes(
        17_900,
        peak_ehs=80.0,
        now_ehs=90.0,
        now_p05_ehs=88.0,
        now_p95_ehs=92.0,
        economic_ehs=(9.0, 9.0, 9.0),
        curtailable_frac=0.1,
    )
    assert r.shares == {}
    assert r.likely == "none"


def test_events_are_dated_and_sourced() -> None:
    for event in read_events():
        assert event.start <= event.end
        assert event.kind in CAUSES
        assert 0 < event.share_low <= event.share_high < 1
        assert event.source
