"""Weekly Ichimoku cloud on closed UTC weeks, and its twist: leading (drawn ahead) and current.

Parameters 9/26/52, displacement 26. The leading cloud is computed from bars up to the last closed week and
drawn 26 weeks ahead; the current cloud is the one under that week's bar, known since 26 weeks before. Some
charts draw it 25 weeks ahead, counting the bar itself: their current twist comes a week earlier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .declaration import Declaration, Signal, SignalInputs, graded
from .rolling import lagged, rolling_max

__all__ = ["DISPLACEMENT_WEEKS", "KUMO", "PARAMETERS_WEEKS", "Cloud", "Weeks", "cloud", "weekly_bars"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PARAMETERS_WEEKS = (9, 26, 52)
DISPLACEMENT_WEEKS = 26
_WEEK = 7
_FIRST_MONDAY = 4  # 1970-01-05


@dataclass(frozen=True, slots=True)
class Weeks:
    """Closed weeks, Monday to Sunday UTC, arrays (m,).

    end : index of the week's last day among the days given. closes_only : a day of it has a close alone,
    which then stands for its high and low.
    """

    end: Ints
    high_usd: Floats
    low_usd: Floats
    close_usd: Floats
    closes_only: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cloud:
    """Lines of the cloud at the week they are computed from, arrays (m,), NaN until their window is full."""

    tenkan_usd: Floats
    kijun_usd: Floats
    senkou_a_usd: Floats
    senkou_b_usd: Floats


def weekly_bars(day: Ints, high_usd: Floats, low_usd: Floats, close_usd: Floats) -> Weeks:
    """Gather days without a gap, each (n,), into closed UTC weeks; a week cut by either end is left out."""
    first = int((_FIRST_MONDAY - day[0]) % _WEEK) if len(day) else 0
    m = max(len(day) - first, 0) // _WEEK
    whole = slice(first, first + m * _WEEK)
    close = close_usd[whole].reshape(m, _WEEK)
    high, low = high_usd[whole].reshape(m, _WEEK), low_usd[whole].reshape(m, _WEEK)
    return Weeks(
        end=first + _WEEK * np.arange(1, m + 1) - 1,
        high_usd=np.fmax(high, close).max(1),
        low_usd=np.fmin(low, close).min(1),
        close_usd=close[:, -1],
        closes_only=np.asarray((np.isnan(high) | np.isnan(low)).any(1)),
    )


def cloud(high_usd: Floats, low_usd: Floats) -> Cloud:
    """Compute the lines from weekly highs and lows, each (m,).

    References
    ----------
    Tenkan, Kijun: middle of the range of 9 and 26 bars; Senkou A: their middle; Senkou B: middle of the range
    of 52 bars (G. Hosoda, 1969, as charts in use state it).
    """
    tenkan, kijun, senkou_b = (_middle(high_usd, low_usd, n) for n in PARAMETERS_WEEKS)
    return Cloud(tenkan, kijun, (tenkan + kijun) / 2, senkou_b)


def _middle(high: Floats, low: Floats, weeks: int) -> Floats:
    out = (rolling_max(high, weeks) - rolling_max(-low, weeks)) / 2
    out[: weeks - 1] = np.nan
    return out


def _read(x: SignalInputs, displacement: int) -> Signal:
    weeks = weekly_bars(x.day, x.high_usd, x.low_usd, x.price_usd)
    lines = cloud(weeks.high_usd, weeks.low_usd)
    a, b = (lagged(v, displacement) for v in (lines.senkou_a_usd, lines.senkou_b_usd))
    partly = lagged(rolling_max(weeks.closes_only.astype(np.float64), PARAMETERS_WEEKS[-1]), displacement)
    thick = (a - b) / weeks.close_usd
    side = np.sign(thick)
    known = np.maximum.accumulate(np.where(side != 0, np.arange(len(side)), 0))
    side = side[known] if len(side) else side  # lines that touch do not cross
    twist = np.zeros(len(side))
    twist[1:] = np.where(side[1:] * side[:-1] < 0, side[1:], 0.0)
    week = np.searchsorted(weeks.end, np.arange(len(x.day)), side="right") - 1

    def daily(v: Floats) -> Floats:
        return np.where(week >= 0, v[week], np.nan) if len(v) else np.full(len(week), np.nan)

    closing = np.zeros(len(week), dtype=np.bool_)
    closing[weeks.end] = True
    turn = np.where(closing, daily(twist), 0.0)
    return Signal(
        value=daily(thick),
        noise_sd=np.full(len(week), np.nan),
        state=graded(daily(side), (0.0,), ("bearish", "bullish")),
        events={"bearish_twist": turn < 0, "bullish_twist": turn > 0},
        also={"senkou_a_usd": daily(a), "senkou_b_usd": daily(b), "closes_only": daily(partly)},
    )


def _declare(which: str, displacement: int, doc: str) -> Declaration:
    return Declaration(
        name=f"kumo_twist_{which}",
        unit="frac",
        doc=doc,
        source="Ichimoku 9/26/52, displacement 26, on closed UTC weeks from Monday",
        inputs=("day", "high_usd", "low_usd", "price_usd"),
        states=("bearish", "bullish"),
        events={
            "bearish_twist": "Senkou A crosses below Senkou B at a week's close",
            "bullish_twist": "Senkou A crosses above Senkou B at a week's close",
        },
        read=lambda x: _read(x, displacement),
        marks=(0.0,),
    )


KUMO = (
    _declare(
        "leading",
        0,
        "Senkou A less B, over the week's close: the cloud computed now and drawn 26 weeks ahead",
    ),
    _declare(
        "current",
        DISPLACEMENT_WEEKS,
        "Senkou A less B, over the week's close: the cloud under this week, known 26 weeks ago",
    ),
)
