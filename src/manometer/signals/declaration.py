"""What a signal is: a pure function of daily arrays, and a declaration that says what it reads and tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .rolling import rolling_max

__all__ = ["UNKNOWN", "Declaration", "Signal", "SignalInputs", "entries", "graded"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

UNKNOWN = "unknown"
_QUIET_DAYS = 30


@dataclass(frozen=True, slots=True)
class SignalInputs:
    """Daily arrays, shape (n,), one row per UTC day without a gap; NaN where unknown.

    day : days since 1970. high_usd, low_usd : of the day, from an exchange file; NaN on closes alone.
    hashprice : USD per PH/s and day, by the difficulty convention.
    hashrate_ehs : block count of the calendar day x difficulty.
    cost_usd_per_btc : layer -> mean cost of the network.
    mined_btc, sold_btc, n_companies : listed miners' newest month that both are published for, from the day
    it is known. volume_usd : of vetted exchanges.
    """

    day: NDArray[np.int64]
    price_usd: Floats
    high_usd: Floats
    low_usd: Floats
    difficulty: Floats
    block_count: Floats
    subsidy_btc: Floats
    hashrate_ehs: Floats
    hashprice: Floats
    cost_usd_per_btc: Mapping[str, Floats]
    mined_btc: Floats
    sold_btc: Floats
    n_companies: Floats
    volume_usd: Floats


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal over all days, arrays (n,): each value uses its own day and earlier ones only.

    value, noise_sd : in the signal's unit; noise_sd is what block luck alone gives the value, NaN where luck
    has no part. state : one of the declared states, or "unknown". events : kind -> on which days it happened.
    also : further figures by name, such as the two sides of a ratio.
    """

    value: Floats
    noise_sd: Floats
    state: NDArray[np.str_]
    events: Mapping[str, Bools]
    also: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a signal is called, reads and tells.

    events : kind -> its meaning, the main one first. marks : limits between states, for a picture.
    """

    name: str
    unit: str
    doc: str
    source: str
    inputs: tuple[str, ...]
    states: tuple[str, ...]
    events: Mapping[str, str]
    read: Callable[[SignalInputs], Signal]
    marks: tuple[float, ...] = ()


def graded(value: Floats, limits: tuple[float, ...], names: tuple[str, ...]) -> NDArray[np.str_]:
    """Name the stretch between `limits` (rising) that each value lies in, shape (n,); "unknown" for NaN."""
    table = np.array([*names, UNKNOWN])
    place = np.searchsorted(np.array(limits), value, side="right")
    return table[np.where(np.isfinite(value), place, len(names))]


def entries(inside: Bools, value: Floats, quiet_days: int = _QUIET_DAYS) -> Bools:
    """Return the days on which a condition on `value` begins to hold, all (n,).

    It must not have held on any of the `quiet_days` before, so that a value that hovers about its limit
    makes one event; and the day before must be known, so that the record's start makes none.
    """
    recent = rolling_max(inside.astype(np.float64), quiet_days) > 0
    began = np.zeros(len(value), dtype=np.bool_)
    began[1:] = inside[1:] & ~recent[:-1] & np.isfinite(value[:-1])
    return began
