"""Whatever is altered after a day, relief, flows and the claim about cost say the same as of that day."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from manometer.readings.claims import claims
from manometer.readings.flows import flows
from manometer.readings.market import read_market
from manometer.readings.pulse import take_pulse
from manometer.readings.relief import relief
from manometer.store import Store, import_file, open_store

DAY_S = 86_400
COMPANIES = "ticker,month_end,btc_produced,btc_sold\nAAAA,{end},{mined},{sold}\n"


def said(store: Store, as_of_s: int) -> list[dict[str, Any]]:
    return [
        relief(take_pulse(store, as_of_s)).data,
        flows(store, read_market(store, as_of_s)).data,
        claims(store, as_of_s, ("cost_is_a_floor",)).data,
    ]


def altered(folder: Path, days: np.ndarray, rng: np.random.Generator) -> list[Path]:
    """Write another price, volume, block count, fee and company month for every day given."""
    close = 30_000 * np.exp(rng.standard_normal(len(days)))
    dates = days.astype("datetime64[D]").astype(str)
    ohlcv, network = folder / "ohlcv.csv", folder / "network.csv"
    ohlcv.write_text(
        "date,high_usd,low_usd,close_usd,volume_yahoo_usd\n"
        + "".join(
            f"{d},{1.1 * c:.2f},{0.9 * c:.2f},{c:.2f},{9 * c:.0f}\n"
            for d, c in zip(dates, close, strict=True)
        ),
        encoding="utf-8",
    )
    network.write_text(
        "date,price_usd,block_count,difficulty,hashrate_24h_hs,subsidy_24h_btc,fees_24h_btc,block_count_source\n"
        + "".join(
            f"{d},{c:.2f},{n},,,,,headers\n"
            for d, c, n in zip(dates, close, rng.integers(60, 240, len(days)), strict=True)
        ),
        encoding="utf-8",
    )
    return [ohlcv, network]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_altered_after_a_day_changes_nothing_as_of_it(
    packaged: Store, packaged_path: Path, tmp_path: Path, seed: int
) -> None:
    rng = np.random.Generator(np.random.Philox(seed))
    day = read_market(packaged).inputs.day
    t = int(rng.integers(np.datetime64("2015-01-01").astype(int), int(day[-1]) - 40))
    take_pulse(packaged)  # so that the copies have their history
    stores = []
    for name in ("as_it_was", "bent"):
        path = tmp_path / f"{name}.sqlite"
        shutil.copy(packaged_path, path)
        stores.append(open_store(path))
        month = tmp_path / f"{name}.csv"
        end = np.datetime64(t, "D").astype("datetime64[M]").astype("datetime64[D]") - 40
        month.write_text(COMPANIES.format(end=end, mined=100, sold=40), encoding="utf-8")
        import_file(stores[-1], month)
    after = tmp_path / "after.csv"
    after.write_text(COMPANIES.format(end=np.datetime64(t + 1, "D"), mined=100, sold=4000), encoding="utf-8")
    for path in [*altered(tmp_path, day[day > t], rng), after]:
        import_file(stores[1], path)
    as_of_s = (t + 1) * DAY_S
    as_it_was, bent = (said(s, as_of_s) for s in stores)
    for a, b in zip(as_it_was, bent, strict=True):
        assert a == b
    assert said(stores[1], as_of_s + 40 * DAY_S)[1] != said(stores[0], as_of_s + 40 * DAY_S)[1]
