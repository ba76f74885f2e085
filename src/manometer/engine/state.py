"""An operator on one day: its books, what falls due, and what has happened."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..operator.books import Books
from ..operator.money import Loan
from ..operator.operator import Operator
from ..operator.quantity import Money
from ..processes import DriverPath
from ..processes.elementary import exp_array, log_array
from ..units import SAT_PER_BTC
from .calendar import Days
from .order import PAYMENT_ORDER

__all__ = [
    "UNPAID",
    "Event",
    "LoanState",
    "Obligation",
    "State",
    "cents_of",
    "sat_for",
    "share_prices",
    "usd_cents",
]

Floats = NDArray[np.float64]
#: Why a site is dark that may be lit again.
UNPAID = "power not paid"
RANK = {row.bill: k for k, row in enumerate(PAYMENT_ORDER)}


@dataclass(slots=True)
class Obligation:
    """A bill that falls due."""

    bill: str
    name: str
    cents: int
    due: int
    site: str = ""

    @property
    def rank(self) -> tuple[int, int]:
        """Its place in the order of payment."""
        return (RANK[self.bill], self.due)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a reader would want to know the day of."""

    day: int
    kind: str
    name: str
    text: str
    usd: float = 0.0
    btc: float = 0.0


@dataclass(slots=True)
class LoanState:
    """A loan under way."""

    loan: Loan
    status: str = "current"
    rate: float = 0.0
    accrued: float = 0.0
    call_by: int | None = None
    missed_on: int | None = None
    forborne_on: int | None = None
    waived: int = 0
    pays_on: frozenset[int] = frozenset()
    n_left: int = 0
    payment: float = 0.0


@dataclass(slots=True)
class State:
    """Everything that changes from day to day."""

    operator: Operator
    path: DriverPath
    days: Days
    books: Books = field(default_factory=Books)
    i: int = 0
    day: int = 0
    price: float = 0.0
    low: float = 0.0
    due: list[Obligation] = field(default_factory=list)
    due_by_key: dict[tuple[str, str, int], Obligation] = field(default_factory=dict)
    loans: dict[str, LoanState] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    dark: dict[str, str] = field(default_factory=dict)
    unbilled: dict[str, int] = field(default_factory=dict)
    issued_usd: float = 0.0
    new_shares: float = 0.0
    shares_today: float = 0.0
    sold_today: int = 0
    forced_sat: int = 0
    first_shortfall: int | None = None
    runway_ends: int | None = None
    index: dict[str, list[float]] = field(default_factory=dict)
    covenants: list[dict[str, object]] = field(default_factory=list)
    lots: list[list[float]] = field(default_factory=list)
    gains_usd: float = 0.0
    income_usd: float = 0.0
    revenue: list[int] = field(default_factory=list)
    running: list[int] = field(default_factory=list)
    service: list[int] = field(default_factory=list)
    tax_wear: list[float] = field(default_factory=list)
    site_net: dict[str, list[int]] = field(default_factory=dict)
    shares_usd: list[float] = field(default_factory=list)

    def tell(self, kind: str, name: str, text: str, usd: float = 0.0, btc: float = 0.0) -> None:
        """Note an event of today."""
        self.events.append(Event(self.day, kind, name, text, usd, btc))

    def cents(self, amount: float, scale: float = 1.0) -> int:
        """Return an amount of the file in cents at today's rate of its currency."""
        if isinstance(amount, Money) and amount.currency != "USD":
            scale *= self.index[amount.currency][self.i]
        return usd_cents(float(amount) * scale)

    def owe_now(self, bill: str, name: str, cents: int, wait_days: int = 0, site: str = "") -> None:
        """Owe a bill today that is due some days on."""
        if cents > 0:
            self.books.owe(self.day, bill, name, cents)
            self.add_due(bill, name, cents, self.day + wait_days, site)

    def add_due(self, bill: str, name: str, cents: int, due: int, site: str = "") -> None:
        """Let a bill fall due, on top of what falls due with it."""
        key = (bill, name, due)
        there = self.due_by_key.get(key)
        if there is not None and there.cents:
            there.cents += cents
            return
        made = self.due_by_key[key] = Obligation(bill, name, cents, due, site)
        self.due.append(made)

    @property
    def share_price(self) -> float:
        """Today's share price."""
        return self.shares_usd[self.i]


def share_prices(operator: Operator, price_usd: Floats, noise: Floats | None) -> Floats:
    """Return the share's price by day, shape of `price_usd` (..., days): it moves with bitcoin by its beta.

    `noise` is what its logarithm has moved beyond that.
    """
    e = operator.equity
    if e is None:
        return np.zeros_like(price_usd)
    moved = log_array(price_usd / price_usd[..., :1]) * e.beta
    return float(e.price_usd_per_share) * exp_array(moved if noise is None else moved + noise)


def usd_cents(usd: float) -> int:
    """Return whole cents, half to even."""
    return round(usd * 100)


def cents_of(sat: int, price: float, cost_frac: float = 0.0) -> int:
    """Return what coins bring, in cents, rounded down."""
    return int(sat * price * (1 - cost_frac) * 100 / SAT_PER_BTC)


def sat_for(cents: int, price: float, cost_frac: float = 0.0) -> int:
    """Return the fewest coins that bring an amount."""
    sat = int(cents * SAT_PER_BTC / (100 * price * (1 - cost_frac)))
    while cents_of(sat, price, cost_frac) < cents:
        sat += max(1, (cents - cents_of(sat, price, cost_frac)) * SAT_PER_BTC // max(int(price * 100), 1))
    return sat
