"""The reduced model of `make bench-peers`: our kernel, a plain one and both NumPy forms give the same bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.peers import home_side, numba_side, numpy_side, ours
from benchmarks.peers.model import Case, Floats, difference, draw_case, read_case, write_case

Answers = tuple[Floats, Floats]


@pytest.fixture(scope="module")
def case() -> Case:
    """Forty cohorts, twenty operators (one block is not full), nineteen paths (one tile is not)."""
    return draw_case(40, 20, 19, 400)


@pytest.fixture(scope="module")
def oracle(case: Case) -> Answers:
    return numpy_side.run(case, numpy_side.Dense)


def test_a_border_is_every_relay(case: Case, oracle: Answers) -> None:
    outputs, switches = numpy_side.run(case, numpy_side.Staircase, batch=7)
    assert difference(outputs, oracle[0])["same_bits"]
    assert (switches == oracle[1]).all()


@pytest.mark.parametrize("form", [numba_side.run_given, numba_side.run_drawn])
def test_the_plain_kernel_is_the_oracle(case: Case, oracle: Answers, form: Callable[[Case], Answers]) -> None:
    outputs, switches = form(case)
    assert difference(outputs, oracle[0])["same_bits"]
    assert (switches == oracle[1]).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_our_kernel_is_the_oracle(case: Case, oracle: Answers, threads: int) -> None:
    start, days = ours.population_of(case), ours.days_of(case)
    assert difference(ours.run_ours(start, days, case.seed, 19, threads), oracle[0])["same_bits"]


def test_the_case_is_lively(oracle: Answers) -> None:
    outputs, switches = oracle
    assert switches.min() > 0
    defaults, forced_sat = outputs[:, 9], outputs[:, 12]
    assert 0 < defaults.mean() < 20
    assert forced_sat.max() > 0


def test_an_operator_without_sales_or_debts_leaves_the_price_alone(case: Case) -> None:
    nothing = np.zeros(20)
    alone = replace(
        case, root=1.0, share=nothing, buffer=nothing, fixed=nothing, loan=nothing, term=nothing,
        instalment=nothing, posted=nothing, cash=np.full(20, 1e15),
    )  # fmt: skip
    outputs, _ = numpy_side.run(alone, numpy_side.Dense)
    assert (outputs[:, 0] == case.price_usd[:, -1]).all()
    assert (outputs[:, 4] == 0).all()


def test_a_case_comes_back_as_it_was(case: Case, oracle: Answers, tmp_path: Path) -> None:
    path = tmp_path / "case.npz"
    write_case(path, case, oracle[0], oracle[0][:2])
    again, expected, _ = read_case(path)
    assert difference(numpy_side.run(again, numpy_side.Staircase)[0], expected)["same_bits"]


def test_every_form_of_the_benchmark_at_home_runs(case: Case, oracle: Answers) -> None:
    compared = 0
    for form in home_side.forms(case):
        outputs = form.run()
        if not isinstance(outputs, float):
            assert difference(outputs, oracle[0])["same_bits"], form.name
            compared += 1
    assert compared >= 6
