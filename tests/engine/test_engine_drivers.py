"""One seed turned into paths: the same bits from any block, thread and instruction set; moments; the path met."""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from tests.engine.networks import made_up_drivers

from manometer.economics import hashprice, hashvalue
from manometer.engine.drivers import Drivers, PathBlock, draw_paths
from manometer.errors import InputError
from manometer.processes.price import Bootstrap, GarchFhs, Gbm, Jump, Regime

RETURNS = np.random.default_rng(5).standard_t(4, 900) * 0.025
PROCESSES = [Gbm, Jump, GarchFhs, Bootstrap, Regime]


def columns(block: PathBlock) -> dict[str, np.ndarray]:
    """The arrays of a block by name."""
    return {f.name: x for f in fields(block) if isinstance(x := getattr(block, f.name), np.ndarray)}


def digest(drivers: Drivers, n_paths: int = 20) -> str:
    """One digest of all bits."""
    block = columns(draw_paths(drivers, 7, 3, n_paths))
    return hashlib.sha256(b"".join(block[k].tobytes() for k in sorted(block))).hexdigest()


@pytest.mark.parametrize("process", PROCESSES, ids=lambda p: p.name)
def test_any_block_gives_the_same_bits(process):
    drivers = made_up_drivers(process=process.calibrate(RETURNS))
    whole = columns(draw_paths(drivers, 11, 0, 50))
    for first, n in ((0, 1), (1, 16), (17, 33)):
        for name, part in columns(draw_paths(drivers, 11, first, n)).items():
            assert np.array_equal(whole[name][first : first + n], part), name


def test_threads_change_nothing():
    drivers = made_up_drivers()
    whole = columns(draw_paths(drivers, 11, 0, 48))
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(lambda k: columns(draw_paths(drivers, 11, k, 12)), range(0, 48, 12)))
    for name, x in whole.items():
        assert np.array_equal(x, np.concatenate([p[name] for p in parts])), name


def test_a_shorter_horizon_is_the_beginning_of_a_longer_one():
    short = columns(draw_paths(made_up_drivers(60), 11, 0, 20))
    long = columns(draw_paths(made_up_drivers(120), 11, 0, 20))
    for name in set(short) - {"switches"}:
        assert np.array_equal(short[name], long[name][:, :60]), name


def has_avx2() -> bool:
    cpu = Path("/proc/cpuinfo")
    return cpu.is_file() and "avx2" in cpu.read_text(encoding="utf-8")


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instruction sets of x86-64")
@pytest.mark.parametrize(
    "target", [("generic", ""), ("haswell", "+avx2,+fma,+bmi,+bmi2")], ids=lambda t: t[0]
)
def test_other_instruction_sets_give_the_same_bits(target, tmp_path):
    if target[0] == "haswell" and not has_avx2():
        pytest.skip("this machine has no AVX2")
    drivers = [made_up_drivers(90, process=p.calibrate(RETURNS)) for p in PROCESSES]
    (tmp_path / "drivers").write_bytes(pickle.dumps(drivers))
    program = (
        "import pickle, sys; from tests.engine.test_engine_drivers import digest; "
        "print(*(digest(d) for d in pickle.load(open(sys.argv[1], 'rb'))))"
    )
    environment = os.environ | {"NUMBA_CPU_NAME": target[0], "NUMBA_CPU_FEATURES": target[1]}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "drivers")],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [digest(d) for d in drivers]


def test_a_path_is_what_an_operator_meets():
    block = draw_paths(made_up_drivers(), 1, 5, 4)
    path = block.path(2)
    assert path.name == "path 7"
    assert path.day[0] == 19_723
    terms = {"difficulty": block.difficulty, "subsidy_btc": block.subsidy_btc, "fees_btc": block.fees_btc}
    assert np.array_equal(path.hashvalue_btc_per_phs_day, hashvalue(**terms)[2])
    assert np.array_equal(path.hashprice_usd_per_phs_day, hashprice(price_usd=block.price_usd, **terms)[2])
    assert (block.low_usd <= block.price_usd).all()
    with pytest.raises(InputError, match="has 4"):
        block.path(4)


def test_a_path_is_that_of_its_own_number():
    drivers = made_up_drivers()
    assert np.array_equal(
        draw_paths(drivers, 1, 7, 1).path(0).price_usd, draw_paths(drivers, 1, 5, 4).path(2).price_usd
    )
    assert not np.array_equal(draw_paths(drivers, 2, 7, 1).price_usd, draw_paths(drivers, 1, 7, 1).price_usd)


def test_price_has_the_variance_of_its_days_and_of_its_unknown_drift():
    n, days, s, error = 20_000, 40, 0.03, 0.004
    drivers = made_up_drivers(days, process=Gbm(s), drift_error_per_day=error, drift_per_day=0.001)
    x = np.log(draw_paths(drivers, 4, 0, n).price_usd[:, -1] / drivers.price_usd)
    expected = s**2 * days + (error * days) ** 2
    assert abs(x.mean() - 0.001 * days) < 4 * np.sqrt(expected / n)
    assert abs(x.var() - expected) < 4 * expected * np.sqrt(2 / n)


def test_the_share_has_its_own_moves_and_power_its_mean():
    n, days = 4000, 60
    block = draw_paths(made_up_drivers(days), 4, 0, n)
    expected = 0.02**2 * days
    assert abs(block.share_noise[:, -1].var() - expected) < 4 * expected * np.sqrt(2 / n)
    price = np.log(block.price_usd[:, -1])
    assert abs(np.corrcoef(price, block.share_noise[:, -1])[0, 1]) < 4 / np.sqrt(n)
    still = draw_paths(made_up_drivers(days, power=None, share_volatility_per_day=0.0), 4, 0, 20)
    assert (still.power_factor == 1).all()
    assert (still.share_noise == 0).all()


def test_fees_do_not_halve():
    drivers = made_up_drivers(120)
    block = draw_paths(drivers, 4, 0, 2000)
    assert block.subsidy_btc[:, 0].min() == 6.25
    assert block.subsidy_btc[:, -1].max() == 3.125
    log = np.log(block.fees_btc[:, -1])
    assert abs(log.mean() - np.log(0.3)) < 4 * log.std() / np.sqrt(2000)


def test_hashrate_answers_the_price():
    block = draw_paths(made_up_drivers(120), 4, 0, 2000)
    price, hashrate = np.log(block.price_usd[:, -1]), np.log(block.hashrate_ehs[:, -1])
    assert np.corrcoef(price, hashrate)[0, 1] > 0.4


@pytest.mark.parametrize(("first", "n", "days"), [(0, 0, 5), (-1, 5, 5), (0, 5, 0)])
def test_what_is_no_path_says_so(first, n, days):
    with pytest.raises(InputError, match="need 1 or more"):
        draw_paths(made_up_drivers(days), 1, first, n)
