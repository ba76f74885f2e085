"""Where a simulation begins, on the packaged record: nothing later is read; each process can be asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from manometer.engine.drivers import Drivers, draw_paths
from manometer.errors import DataError, InputError
from manometer.processes.price import PROCESSES
from manometer.readings.market import read_market
from manometer.readings.start import drivers_as_of
from manometer.series import Series
from manometer.store import Store, import_file, open_store

AS_OF = "2021-09-30"
DAY = int(np.datetime64(AS_OF, "D").astype(np.int64))


@pytest.fixture(scope="module")
def drivers(packaged: Store) -> Drivers:
    return drivers_as_of(packaged, AS_OF, months=12)


def numbers(drivers: Drivers) -> dict[str, np.ndarray]:
    """All that a draw depends on, by drawing."""
    block = draw_paths(drivers, 5, 0, 3)
    return {k: getattr(block, k) for k in ("price_usd", "low_usd", "fees_btc", "difficulty", "hashrate_ehs")}


def test_it_begins_where_the_record_stood(packaged: Store, drivers: Drivers) -> None:
    market = read_market(packaged)
    k = int(np.flatnonzero(market.inputs.day == DAY)[0])
    assert drivers.first_day == DAY + 1
    assert drivers.n_days == 365
    assert drivers.fitted_to_day == DAY
    assert drivers.price_usd == market.inputs.price_usd[k]
    assert drivers.network.difficulty == market.inputs.difficulty[k]
    assert drivers.network.height == market.height[k]
    fortnight = market.inputs.hashrate_ehs[k - 13 : k + 1].mean()
    assert drivers.network.cohorts.hashrate_ehs == pytest.approx(fortnight, rel=1e-6)
    assert 0 <= drivers.network.epoch_s < 20 * 86_400
    assert drivers.drift_per_day == 0.0
    assert drivers.power is None


def test_later_data_change_nothing(packaged: Store, drivers: Drivers, tmp_path: Path) -> None:
    """The same record with other prices, difficulties and blocks from the next day on."""
    market = read_market(packaged)
    x = market.inputs
    later = np.flatnonzero((x.day > DAY) & (x.day <= DAY + 300))
    node = ["date,price_usd,block_count,difficulty,hashrate_24h_hs,subsidy_24h_btc,fees_24h_btc"]
    exchange = [
        "date,high_usd,low_usd,close_usd,volume_yahoo_usd,close_coindesk_usd,volume_coindesk_usd",
    ]
    for i in later:
        day, price = np.datetime64(int(x.day[i]), "D"), 3 * x.price_usd[i]
        node.append(f"{day},{price:.2f},{int(x.block_count[i] / 2)},{x.difficulty[i] * 2:.1f},,900,500")
        exchange.append(f"{day},{price:.2f},{price / 2:.2f},{price:.2f},1e9,{price:.2f},1e9")
    with open_store(tmp_path / "store.sqlite") as store:
        for kind, lines in (("network-daily", node), ("ohlcv-daily", exchange)):
            file = tmp_path / f"{kind}.csv"
            file.write_text("\n".join([*lines, ""]), encoding="utf-8")
            import_file(store, file, kind)
        changed = read_market(store).inputs
        assert changed.price_usd[later] == pytest.approx(x.price_usd[later] * 3, rel=1e-4)
        assert changed.difficulty[later] == pytest.approx(x.difficulty[later] * 2, rel=1e-4)
        other = drivers_as_of(store, AS_OF, months=12)
    for name, value in numbers(drivers).items():
        assert np.array_equal(value, numbers(other)[name]), name


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_every_process_can_be_asked_for(packaged: Store, name: str) -> None:
    drivers = drivers_as_of(packaged, "2024-12-31", months=6, process=name)
    block = draw_paths(drivers, 1, 0, 40)
    assert drivers.process.name == name
    for column in (block.price_usd, block.hashrate_ehs, block.difficulty, block.fees_btc):
        assert np.isfinite(column).all()
        assert column.min() > 0


def test_drift_is_the_callers_word(packaged: Store) -> None:
    drivers = drivers_as_of(packaged, AS_OF, months=12, drift_frac_per_year=0.2)
    assert drivers.drift_per_day * 365.25 == pytest.approx(np.log(1.2))


def power(values: np.ndarray, width_s: int = 3600) -> Series:
    """Prices of one place that end on the eve of the first day, and one of the day after."""
    end = (DAY + 1) * 86_400
    at = end + width_s - width_s * np.arange(len(values), 0, -1)
    return Series(
        "power_price_usd_per_mwh", "USD/MWh", "interval_start", width_s, "hub", at, values, ("test",),
        np.zeros(len(values), dtype=np.int16),
    )  # fmt: skip


def test_power_is_fitted_on_what_was_known_of_it(packaged: Store) -> None:
    rng = np.random.default_rng(3)
    hours = 24 * 900 + 1
    values = 30 * np.exp(rng.normal(0, 0.5, hours))
    values[-1] = 1e4  # of the next day
    drivers = drivers_as_of(packaged, AS_OF, months=12, power=power(values))
    assert drivers.power is not None
    factor = draw_paths(drivers, 1, 0, 200).power_factor
    assert factor.mean() == pytest.approx(1.0, abs=0.05)
    assert factor.max() < 10
    with pytest.raises(DataError, match="no price of hub"):
        drivers_as_of(packaged, "2015-01-01", months=12, power=power(values))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"months": 0}, "months"),
        ({"months": 121}, "months"),
        ({"months": 12, "process": "garch"}, "garch_fhs"),
        ({"months": 12, "drift_frac_per_year": -1.0}, "drift"),
        ({"months": 12, "cohorts": 10}, "cohorts"),
        ({"months": 12, "share_volatility_per_day": 2.0}, "share"),
    ],
)
def test_a_number_out_of_range_says_so(packaged: Store, changes, match) -> None:
    with pytest.raises(InputError, match=match):
        drivers_as_of(packaged, AS_OF, **changes)


def test_before_there_is_enough_history_it_says_so(packaged: Store) -> None:
    with pytest.raises(DataError):
        drivers_as_of(packaged, "2011-02-01", months=12)
