"""Why hashrate fell: economics, curtailment, policy, outage, luck, and what nobody knows.

The fall is from the highest 30-day mean of the last 180 days to the nowcast. Each cause gets the share of
the fall that its own evidence can carry, as a range: economics is hashrate that the cost curve has switched
off or that loses on its avoidable cost; policy, outage and storms are events known by the day (a table of
data); curtailment is what may rest in season though it earns; luck is the nowcast's own band. What is left
is unknown.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from ..units import Z95

__all__ = ["CAUSES", "Event", "FallCauses", "fall_causes", "read_events"]

CAUSES = ("economics", "curtailment", "policy", "outage", "luck", "unknown")

_SEASON_MONTHS = (6, 7, 8, 9)  # Texas summer: coincident peaks and high prices
_EVENT_MEMORY_DAYS = 120  # a fall is still the event's while its trough is near


@dataclass(frozen=True, slots=True)
class Event:
    """A dated cause with the share of hashrate that it may have stopped; days since 1970."""

    start: int
    end: int
    known: int
    kind: str
    share_low: float
    share_high: float
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class FallCauses:
    """The fall as a share of the peak, and cause -> (low, central, high) share of the fall.

    `seasonal_frac` is the most of the peak that curtailment could rest on that day.
    """

    fall_frac: float
    shares: dict[str, tuple[float, float, float]]
    likely: str
    event: str | None
    seasonal_frac: float


@lru_cache(maxsize=1)
def read_events() -> tuple[Event, ...]:
    """Read the packaged table of events."""

    def day(text: str) -> int:
        return int(np.datetime64(text).astype(np.int64))

    text = (files(__package__) / "events.csv").read_text(encoding="utf-8")
    return tuple(
        Event(
            day(r["start"]),
            day(r["end"]),
            day(r["known"]),
            r["kind"],
            float(r["share_low"]),
            float(r["share_high"]),
            r["name"],
            r["source"],
        )
        for r in csv.DictReader(text.splitlines())
    )


def fall_causes(
    day: int,
    *,
    peak_ehs: float,
    now_ehs: float,
    now_p05_ehs: float,
    now_p95_ehs: float,
    economic_ehs: tuple[float, float, float],
    curtailable_frac: float,
    events: tuple[Event, ...] | None = None,
) -> FallCauses:
    """Split a fall of hashrate into causes.

    Parameters
    ----------
    day : int
        Days since 1970; an event counts only if it was known by then.
    peak_ehs, now_ehs, now_p05_ehs, now_p95_ehs : float
        Highest 30-day mean of 180 days, and the nowcast with its band [EH/s].
    economic_ehs : tuple of float
        Hashrate that cost can have switched off since the peak, low, central, high: what the curve has idle
        or losing on its avoidable cost, what loses on electricity, what loses on its direct cost [EH/s].
    curtailable_frac : float
        Share of hashrate that may rest for a power market [0..1].

    Returns
    -------
    FallCauses
        Shares are of the fall; their central values add up to one. No fall gives empty shares.
    """
    fall = peak_ehs - now_ehs
    if not fall > 0:
        return FallCauses(0.0, {}, "none", None, 0.0)
    luck_sd = (now_p95_ehs - now_p05_ehs) / (2 * Z95)
    if fall < 2 * luck_sd:  # block luck alone could show it
        return FallCauses(fall / peak_ehs, {}, "luck", None, 0.0)
    carry: dict[str, tuple[float, float, float]] = {
        "luck": (0.0, min(luck_sd, fall), min(2 * luck_sd, fall)),
        "economics": economic_ehs,
    }
    named = None
    for event in read_events() if events is None else events:
        if event.known <= day and event.start <= day <= event.end + _EVENT_MEMORY_DAYS:
            low, high = event.share_low * peak_ehs, event.share_high * peak_ehs
            fades = day > event.end
            carry[event.kind] = (0.0 if fades else low, (0.25 if fades else 0.5) * (low + high), high)
            named = event.name if event.kind == "policy" or named is None else named
    month = int(np.datetime64(day, "D").astype("datetime64[M]").astype(int)) % 12 + 1
    if month in _SEASON_MONTHS:
        most = curtailable_frac * peak_ehs
        low, central, high = carry.get("curtailment", (0.0, 0.0, 0.0))
        carry["curtailment"] = (low, max(central, 0.5 * most), max(high, most))
    seasonal = carry.get("curtailment", (0.0, 0.0, 0.0))[2] / peak_ehs
    # The best evidence first: a dated event, then cost, then season, then luck; the rest is unknown. The low
    # end is what a cause's own evidence holds at least, less what the others could have done instead.
    at_most = {c: min(carry.get(c, (0.0, 0.0, 0.0))[2] / fall, 1.0) for c in CAUSES if c != "unknown"}
    shares: dict[str, tuple[float, float, float]] = {}
    left = 1.0
    for cause in ("policy", "outage", "economics", "curtailment", "luck"):
        least, middle, _ = (v / fall for v in carry.get(cause, (0.0, 0.0, 0.0)))
        central = min(middle, left)
        left -= central
        others = sum(v for c, v in at_most.items() if c != cause)
        low = min(least, central, max(1.0 - others, 0.0))
        shares[cause] = (low, central, max(at_most[cause], central))
    surely = sum(v[0] for v in shares.values())
    shares["unknown"] = (min(max(1.0 - sum(at_most.values()), 0.0), left), left, max(1.0 - surely, left))
    likely = max(shares, key=lambda c: shares[c][1])
    return FallCauses(fall / peak_ehs, {c: shares[c] for c in CAUSES}, likely, named, seasonal)
