"""The compiled ledger and `run` on the same paths: every cent, satoshi and first day, whatever the file holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manometer.engine.calendar import EPOCH, Days
from manometer.engine.drivers import PathBlock
from manometer.engine.prepare import prepare
from manometer.engine.simulate import simulate_block
from manometer.engine.simulated import SimulatedBlock, run_block_by_ledger
from manometer.errors import InputError
from manometer.operator import read_operator
from manometer.operator.operator import Operator
from operators import START, operators, paths

EXAMPLES = sorted(Path("examples").glob("*.yaml"))
WHOLE = ("uses_cents", "sources_cents", "terms_cents", "owed_cents", "gained_cents", "coins_sat")


def random_walks(n_paths: int, n_days: int, seed: int, start: date) -> PathBlock:
    """Wild paths of every driver, so that calls, defaults and dark sites come up."""
    rng = np.random.default_rng(seed)
    shape = (n_paths, n_days)
    price = 60_000 * np.exp(np.cumsum(rng.normal(0, 0.04, shape), axis=1))
    return PathBlock(
        first_path=0,
        first_day=(start - EPOCH).days,
        price_usd=price,
        low_usd=price * np.exp(-np.abs(rng.normal(0, 0.03, shape))),
        difficulty=8e13 * np.exp(np.cumsum(rng.normal(0, 0.004, shape), axis=1)),
        subsidy_btc=np.full(shape, 3.125),
        fees_btc=0.2 * np.exp(rng.normal(0, 1, shape)),
        hashrate_ehs=np.full(shape, 700.0),
        power_factor=np.exp(rng.normal(0, 0.3, shape)),
        share_noise=np.cumsum(rng.normal(0, 0.03, shape), axis=1),
        switches=np.zeros(n_paths, dtype=np.int64),
    )


def one_path(path: object, seed: int) -> PathBlock:
    """A path of the property tests as a block of one."""
    rng = np.random.default_rng(seed)
    n = len(path.day)  # type: ignore[attr-defined]
    row = {k: np.array(getattr(path, k), dtype=np.float64)[None] for k in
           ("price_usd", "low_usd", "difficulty", "subsidy_btc", "fees_btc")}  # fmt: skip
    return PathBlock(
        first_path=0, first_day=int(path.day[0]), hashrate_ehs=np.ones((1, n)),  # type: ignore[attr-defined]
        power_factor=np.exp(rng.normal(0, 0.2, (1, n))), share_noise=np.cumsum(rng.normal(0, 0.03, (1, n)), 1),
        switches=np.zeros(1, dtype=np.int64), **row,
    )  # fmt: skip


def assert_equal(fast: SimulatedBlock, slow: SimulatedBlock) -> None:
    for name, amounts in slow.monthly.items():
        np.testing.assert_array_equal(fast.monthly[name], amounts, err_msg=name)
    for name, days in slow.first_day.items():
        np.testing.assert_array_equal(fast.first_day[name], days, err_msg=name)
    for name in WHOLE:
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name), err_msg=name)
    np.testing.assert_allclose(fast.sold_for_btc, slow.sold_for_btc, rtol=1e-12, atol=1e-12)
    for name, total in slow.total.items():
        if total.dtype.kind == "i" or name in ("spent_btc", "new_shares"):
            np.testing.assert_array_equal(fast.total[name], total, err_msg=name)
        else:
            # Bills as coins are added posting by posting in one, day by day in the other.
            np.testing.assert_allclose(fast.total[name], total, rtol=1e-9, atol=1e-7, err_msg=name)


def both(operator: Operator, block: PathBlock, folder: Path | None = None) -> None:
    days = Days(date.fromordinal(EPOCH.toordinal() + block.first_day), block.price_usd.shape[1])
    try:
        slow = run_block_by_ledger(operator, block, folder=folder)
    except InputError:
        with pytest.raises(InputError):
            simulate_block(prepare(operator, days, folder=folder), block)
        return
    assert_equal(simulate_block(prepare(operator, days, folder=folder), block), slow)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda f: f.stem)
def test_examples_are_equal_on_wild_paths(file: Path) -> None:
    operator = read_operator(file)
    both(operator, random_walks(3, 500, 7, operator.start or START), file.parent)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(operators(), paths(), st.integers(0, 2**32 - 1))
def test_any_operator_on_any_path_is_equal(operator: Operator, path: object, seed: int) -> None:
    both(operator, one_path(path, seed))


def test_the_days_must_be_those_prepared_for() -> None:
    operator = read_operator(EXAMPLES[-1])
    block = random_walks(1, 40, 1, START)
    with pytest.raises(InputError, match="prepared for 30"):
        simulate_block(prepare(operator, Days(START, 30)), block)


def test_a_policy_of_ones_own_is_refused_by_name() -> None:
    operator = read_operator(EXAMPLES[-1])
    own = replace(operator, treasury=replace(operator.treasury, policy="mine"))
    with pytest.raises(InputError, match="policy 'mine'"):
        prepare(own, Days(START, 30))
