"""Tax lots: what the coins cost that an operator parts with, and what is gained on them."""

from __future__ import annotations

from ..units import SAT_PER_BTC
from .state import State

__all__ = ["dispose"]


def dispose(s: State, sat: int, got_cents: int) -> None:
    """Let coins go: sold, seized, paid to staff or called away. What they fetch over cost is a gain.

    Their cost is that of the lots that the tax rule names; a coin without a lot has none.
    """
    tax, left, cost = s.operator.tax, sat, 0.0
    if tax is None:
        return
    while left > 0 and s.lots:
        lot = s.lots[_lot(s, tax.lots)]
        used = min(left, int(lot[0]))
        cost += used * lot[1] / SAT_PER_BTC
        lot[0] -= used
        left -= used
        if lot[0] <= 0:
            s.lots.remove(lot)
    if tax.on_sale:
        s.gains_usd += got_cents / 100 - cost


def _lot(s: State, rule: str) -> int:
    if rule == "highest_cost":
        return max(range(len(s.lots)), key=lambda k: s.lots[k][1])
    return 0 if rule == "fifo" else len(s.lots) - 1
