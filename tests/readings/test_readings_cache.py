"""The cached history: the same rows as without it, recomputed just from what changed, safe from damage."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from manometer.network.assumptions import Assumptions
from manometer.network.history import COLUMNS
from manometer.readings import history as cached
from manometer.readings.market import Market, machine_releases, read_market
from manometer.readings.pulse import Pulse
from manometer.store import Store, open_store

DRAWS = 2


def years_run(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record the first day of each year that is really computed."""
    seen: list[int] = []
    real = cached.run_history

    def spy(inputs, releases, a, state, last_day, **kw):  # type: ignore[no-untyped-def]
        seen.append(int(str(np.datetime64(last_day, "D"))[:4]))
        return real(inputs, releases, a, state, last_day, **kw)

    monkeypatch.setattr(cached, "run_history", spy)
    return seen


@pytest.fixture(scope="module")
def market(packaged: Store) -> Market:
    return read_market(packaged)


def cut(market: Market, stop: str) -> Market:
    k = int(np.datetime64(stop).astype(np.int64) - market.inputs.day[0]) + 1
    x = market.inputs
    return replace(market, inputs=type(x)(**{f: getattr(x, f)[:k] for f in x.__dataclass_fields__}))


def test_cache_changes_no_number(market: Market, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    a, releases = Assumptions(DRAWS), machine_releases()
    short = cut(market, "2013-05-20")
    with open_store(tmp_path / "s.sqlite", record=None) as store:
        plain, _ = cached.network_history(None, short, releases, a)
        cold, _ = cached.network_history(store, short, releases, a)
        seen = years_run(monkeypatch)
        warm, _ = cached.network_history(store, short, releases, a)
    assert seen == []
    for c in COLUMNS:
        np.testing.assert_array_equal(plain[c], cold[c], err_msg=c)
        np.testing.assert_array_equal(plain[c], warm[c], err_msg=c)


def test_a_change_recomputes_from_its_year_on(
    market: Market, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a, releases = Assumptions(DRAWS), machine_releases()
    short = cut(market, "2014-03-31")
    price = short.inputs.hashprice_usd_per_phs_day.copy()
    k = int(np.datetime64("2012-06-01").astype(np.int64) - short.inputs.day[0])
    price[k] *= 1.1
    bent = replace(short, inputs=replace(short.inputs, hashprice_usd_per_phs_day=price))
    with open_store(tmp_path / "s.sqlite", record=None) as store:
        cached.network_history(store, short, releases, a)
        seen = years_run(monkeypatch)
        warm, _ = cached.network_history(store, bent, releases, a)
        assert seen == [2012, 2013, 2014]
        seen.clear()
        cached.network_history(store, cut(short, "2013-08-01"), releases, a)
        assert seen == [2012, 2013]  # the fresh chain again, and a part of a year
    fresh, _ = cached.network_history(None, bent, releases, a)
    for c in COLUMNS:
        np.testing.assert_array_equal(warm[c], fresh[c], err_msg=c)


def test_a_damaged_cache_costs_time_only(market: Market, tmp_path: Path) -> None:
    a, releases = Assumptions(DRAWS), machine_releases()
    short = cut(market, "2011-12-31")
    with open_store(tmp_path / "s.sqlite", record=None) as store:
        want, _ = cached.network_history(store, short, releases, a)
        with store.writing() as connection:
            connection.execute("UPDATE derived SET payload = substr(payload, 1, 1000)")
        got, _ = cached.network_history(store, short, releases, a)
    for c in COLUMNS:
        np.testing.assert_array_equal(got[c], want[c])


def test_full_history_is_complete(pulse: Pulse) -> None:
    x = pulse.market.inputs
    assert len(x.day) > 5_400
    late = x.day > np.datetime64("2010-10-15").astype(np.int64)
    for c in COLUMNS:
        assert np.isfinite(pulse.rows[c][late]).all(), c
    assert np.isfinite(pulse.pressure[late]).all()
    assert (pulse.states.state[late] != "unknown").all()
