"""The front door opens on the rooms, and only when used; every example in their docstrings runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import manometer
import manometer.chain
import manometer.economics


def modules() -> list[str]:
    found = []
    for room in (manometer.chain, manometer.economics):
        found += [f"{room.__name__}.{m.name}" for m in pkgutil.iter_modules(room.__path__)]
    return found


@pytest.mark.parametrize("name", modules())
def test_examples_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert result.attempted or name.rsplit(".", 1)[1].startswith("_")


def test_the_door_gives_the_functions_of_the_rooms() -> None:
    assert manometer.hashprice is manometer.economics.hashprice
    assert manometer.retarget is manometer.chain.retarget
    assert manometer.hashprice(
        price_usd=100_000, difficulty=1e14, subsidy_btc=manometer.subsidy_sat(840_000) / 1e8
    ) == pytest.approx(62.86, abs=0.01)
    assert {"gauge", "open_store", "solo_odds"} <= set(dir(manometer))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = manometer.no_such_name


def test_import_loads_no_room() -> None:
    code = "import sys, manometer; print([m for m in sys.modules if m.startswith(('manometer.', 'numpy'))])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
