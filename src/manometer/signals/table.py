"""The table of signals, by name; a new signal adds its declaration here."""

from __future__ import annotations

from .cost import PRICE_TO_COST
from .declaration import Declaration
from .difficulty_ribbon import DIFFICULTY_COMPRESSION, DIFFICULTY_RIBBON
from .drawdown import DRAWDOWNS
from .hashprice_percentile import HASHPRICE_PERCENTILE
from .kumo import KUMO
from .puell import PUELL, PUELL_HALVING_ADJUSTED
from .ribbon import HASH_RIBBON
from .selling import MINER_SELLING

__all__ = ["SIGNALS"]

_ALL = (
    HASH_RIBBON,
    PUELL,
    PUELL_HALVING_ADJUSTED,
    DIFFICULTY_RIBBON,
    DIFFICULTY_COMPRESSION,
    HASHPRICE_PERCENTILE,
    *PRICE_TO_COST,
    *DRAWDOWNS,
    MINER_SELLING,
    *KUMO,
)

SIGNALS: dict[str, Declaration] = {d.name: d for d in _ALL}
