"""Benchmarks do not rot: each runs in its small size and gives the settled columns; none judges speed."""

from __future__ import annotations

import math
from types import ModuleType

import pytest
from benchmarks import drivers, hashprices, history, imports, population, signals
from benchmarks.__main__ import BENCHMARKS, COLUMNS


@pytest.mark.parametrize(
    "module", [hashprices, history, imports, drivers, population, signals], ids=lambda m: m.__name__
)
def test_a_benchmark_gives_its_rows(module: ModuleType) -> None:
    assert module in BENCHMARKS
    for row in module.rows(quick=True):
        assert set(row) == set(COLUMNS)
        for key in ("ours", "peer_value", "ratio", "limit", "frac_of_limit"):
            assert math.isfinite(row[key])
            assert row[key] > 0, key
