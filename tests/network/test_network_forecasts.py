"""The outlook given the realised price, and the causes of a fall."""

from __future__ import annotations

import numpy as np
import pytest
from tests.network.network_samples import sample_inputs

from manometer.network.causes import CAUSES, Event, fall_causes, read_events
from manometer.network.outlook import OutlookInputs, walk_forward
from manometer.signals.rolling import rolling_mean


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
