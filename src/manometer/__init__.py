"""Manometer: a pressure gauge for Bitcoin mining.

The calls below are the front door; each is loaded from its room when first used, so that ``import manometer``
costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .chain import difficulty_from_bits, retarget, subsidy_sat
    from .economics import (
        breakeven_difficulty,
        breakeven_efficiency,
        breakeven_hashprice,
        breakeven_hashrate,
        breakeven_power_price,
        breakeven_price,
        hashcost,
        hashprice,
        hashvalue,
        solo_odds,
    )
    from .engine import run
    from .operator import read_operator
    from .readings import gauge
    from .readings.cascade import cascade
    from .readings.simulate import simulate
    from .store import open_store

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "breakeven_difficulty",
    "breakeven_efficiency",
    "breakeven_hashprice",
    "breakeven_hashrate",
    "breakeven_power_price",
    "breakeven_price",
    "cascade",
    "difficulty_from_bits",
    "gauge",
    "hashcost",
    "hashprice",
    "hashvalue",
    "open_store",
    "read_operator",
    "retarget",
    "run",
    "simulate",
    "solo_odds",
    "subsidy_sat",
]

_ROOM = {
    **dict.fromkeys(("difficulty_from_bits", "retarget", "subsidy_sat"), "chain"),
    "cascade": "readings.cascade",
    "gauge": "readings",
    "read_operator": "operator",
    "run": "engine",
    "simulate": "readings.simulate",
    "open_store": "store",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{_ROOM.get(name, 'economics')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
