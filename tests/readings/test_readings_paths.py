"""History and today as paths: the packaged record dealt again, lows only where they were imported."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from manometer import open_store
from manometer.processes import replay_path
from manometer.readings.paths import history_path


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("paths") / "s.sqlite") as opened:
        yield opened


def test_a_year_of_the_record_can_be_replayed(store) -> None:
    path = replay_path(history_path(store), date(2022, 1, 1), 365)
    assert str(path.day[0].astype("datetime64[D]")) == "2022-01-01"
    assert path.price_usd[[0, -1]] == pytest.approx([47_687, 16_547], rel=1e-3)  # exchange closes
    assert set(path.subsidy_btc) == {6.25}
    assert path.low_is_close


def test_an_as_of_ends_the_history(store) -> None:
    whole, part = history_path(store), history_path(store, 1_640_995_200)
    n = len(part.day)
    assert str(part.day[-1].astype("datetime64[D]")) == "2021-12-31"
    np.testing.assert_array_equal(whole.price_usd[:n], part.price_usd)
