"""Which coins to sell today: the policies of a treasury, each a rule on what is known today.

Forced sales are none of these: when cash is short the order of payment sells what it must, whatever the
policy wished.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from importlib.metadata import entry_points
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..errors import InputError, unknown_name

__all__ = [
    "POLICIES",
    "CashBuffer",
    "FixedShare",
    "Hold",
    "SellAll",
    "SellToCover",
    "TreasuryDay",
    "TreasuryPolicy",
    "limited",
    "policy",
]

Floats = npt.NDArray[np.float64]
Numbers = float | npt.ArrayLike


@dataclass(frozen=True, slots=True)
class TreasuryDay:
    """What a treasury knows at a day's close; arrays of one shape (paths,), or scalars.

    Parameters
    ----------
    price_usd : price at which coins are sold [USD per BTC].
    mined_btc : coins credited today.
    free_btc : coins that can be sold today, today's among them.
    cash_usd : cash before today's sale, after today's receipts.
    due_usd : what must be paid today.
    due_ahead_usd : what must be paid in the days of the buffer after today.
    minimum_cash_usd : cash that is never to be gone below.
    sale_cost_frac : cost of a sale, a share of its proceeds.
    """

    price_usd: Numbers
    mined_btc: Numbers
    free_btc: Numbers
    cash_usd: Numbers
    due_usd: Numbers
    due_ahead_usd: Numbers = 0.0
    minimum_cash_usd: Numbers = 0.0
    sale_cost_frac: float = 0.0

    def coins_for(self, cash_usd: Floats) -> Floats:
        """Coins whose sale brings an amount of cash, and never more than are free."""
        need = np.maximum(cash_usd, 0.0) / (np.asarray(self.price_usd) * (1 - self.sale_cost_frac))
        return np.asarray(np.minimum(need, self.free_btc))

    @property
    def short_usd(self) -> Floats:
        """Cash that is lacking to pay today and keep the minimum; negative where there is more."""
        return np.asarray(np.asarray(self.due_usd) + self.minimum_cash_usd - np.asarray(self.cash_usd))


class TreasuryPolicy(Protocol):
    """A frozen rule: coins to sell today [BTC], between none and those that are free."""

    def decide(self, day: TreasuryDay) -> Floats:
        """Return the coins to sell today, of the shape of the day's arrays."""


@dataclass(frozen=True, slots=True)
class SellAll:
    """Sell what is mined on the day it is credited; the opening treasury only where that does not pay."""

    def decide(self, day: TreasuryDay) -> Floats:
        """Sell today's coins, or what is short if that is more."""
        mined = np.minimum(day.mined_btc, day.free_btc)
        return np.asarray(np.maximum(mined, day.coins_for(day.short_usd)))


@dataclass(frozen=True, slots=True)
class SellToCover:
    """Sell what today's bills need beyond the cash above the minimum, and no more."""

    def decide(self, day: TreasuryDay) -> Floats:
        """Sell what is short."""
        return day.coins_for(day.short_usd)


@dataclass(frozen=True, slots=True)
class CashBuffer:
    """Keep cash for the bills of the days ahead: sell up to it, never beyond."""

    def decide(self, day: TreasuryDay) -> Floats:
        """Sell what is short of today's bills, the minimum and the bills ahead."""
        return day.coins_for(day.short_usd + np.asarray(day.due_ahead_usd))


@dataclass(frozen=True, slots=True)
class FixedShare:
    """Sell a fixed share of what is mined, and what is short if that is more."""

    share_frac: float

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        if not 0 <= self.share_frac <= 1:
            raise InputError(f"share_frac: {self.share_frac} must be 0 to 1, such as 0.5 for half")

    def decide(self, day: TreasuryDay) -> Floats:
        """Sell the share of today's coins, or what is short."""
        share = np.minimum(self.share_frac * np.asarray(day.mined_btc), day.free_btc)
        return np.asarray(np.maximum(share, day.coins_for(day.short_usd)))


@dataclass(frozen=True, slots=True)
class Hold:
    """Sell nothing of one's own will; what must be sold the order of payment sells."""

    def decide(self, day: TreasuryDay) -> Floats:
        """Sell nothing."""
        return np.zeros(np.broadcast_shapes(np.shape(day.price_usd), np.shape(day.free_btc)))


#: Name in an operator file -> rule. `hedge` joins with the forwards it needs.
POLICIES: Mapping[str, Callable[..., TreasuryPolicy]] = {
    "sell_all": SellAll,
    "sell_to_cover": SellToCover,
    "cash_buffer": CashBuffer,
    "fixed_share": FixedShare,
    "hold": Hold,
}


def policy(name: str, **parameters: float) -> TreasuryPolicy:
    """Make a policy by its name.

    Raises
    ------
    InputError
        The name or a parameter is unknown or missing; the message lists those there are.
    """
    rule = POLICIES.get(name) or _added(name)
    wanted: set[str] = {f.name for f in fields(rule)} if is_dataclass(rule) else set()
    if wrong := sorted(set(parameters) ^ wanted):
        takes = ", ".join(sorted(wanted)) or "no parameters"
        which = "is missing" if wrong[0] in wanted else "is not one of them"
        raise InputError(f"policy {name}: takes {takes}; {wrong[0]} {which}")
    return rule(**parameters)


def _added(name: str) -> Callable[..., TreasuryPolicy]:
    """Return a rule that an installed package adds under the entry points `manometer.policies`."""
    added = {e.name: e for e in entry_points(group="manometer.policies")}
    if name not in added:
        raise unknown_name("policy", name, {*POLICIES, *added})
    found: Callable[..., TreasuryPolicy] = added[name].load()
    return found


def limited(
    sale_btc: Numbers, day: TreasuryDay, *, most_per_day_btc: float = np.inf, least_held_btc: float = 0.0
) -> Floats:
    """Cut a wished sale to the limits of a board: coins a day, and free coins that must stay."""
    room = np.maximum(np.asarray(day.free_btc) - least_held_btc, 0.0)
    return np.asarray(np.minimum(np.minimum(sale_btc, most_per_day_btc), room))
