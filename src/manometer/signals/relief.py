"""Relief and recovery: spells of capitulation, when each lamp turned, and what a retarget gave.

A fall of difficulty is relief: the same machine earns more at the same price. It is not recovery, which needs
the lamps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..economics import hashprice
from .rolling import rolling_mean

__all__ = ["LampTurn", "Relief", "Spell", "lamp_turn", "relief_of", "retargets", "spells"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_GREEN_DAYS = 7  # as the state asks for before recovery
_SAME_DIFFICULTY = 1e-9  # two sources write one difficulty with different rounding


@dataclass(frozen=True, slots=True)
class Spell:
    """One capitulation and what came of it, as indices of days; -1 for what has not come.

    first : first day of capitulation. relief : first day of the relief that lasted to the end (or to the last
    day). end : first day that was neither. n_relapses : how often relief was lost again.
    """

    first: int
    relief: int
    end: int
    n_relapses: int


@dataclass(frozen=True, slots=True)
class LampTurn:
    """What one lamp did from the first day of a spell on.

    at_start : 1 green, 0 red, NaN grey. turned : day on which it had been green for a week after its first
    red day, -1 if it had not. stayed : known and never red. red_again : red in the spell after that.
    """

    at_start: float
    turned: int
    stayed: bool
    red_again: bool


@dataclass(frozen=True, slots=True)
class Relief:
    """What retargets did to hashprice, price and reward held, arrays (n,); hashprice in USD per PH/s and day.

    change_frac : of difficulty. price_equivalent_frac : the price rise that would have done the same.
    gap_usd_per_phs_day : break-even less hashprice before, NaN where there was no gap.
    gap_closed_frac : share of it that the retarget closed; negative where a rise widened it.
    """

    change_frac: Floats
    hashprice_before: Floats
    hashprice_after: Floats
    delta_usd_per_phs_day: Floats
    price_equivalent_frac: Floats
    gap_usd_per_phs_day: Floats
    gap_closed_frac: Floats


def spells(begins: Bools, easing: Bools, over: Bools) -> list[Spell]:
    """Find the spells in daily conditions, each (n,): one begins, eases, may worsen again, and is over."""
    out: list[Spell] = []
    first, relief, lost = -1, -1, 0
    for i in range(len(begins)):
        if first < 0:
            if begins[i]:
                first, relief, lost = i, i if easing[i] else -1, 0
        elif over[i]:
            out.append(Spell(first, relief, i, lost))
            first = -1
        elif easing[i]:
            relief = i if relief < 0 else relief
        elif relief >= 0:
            relief, lost = -1, lost + 1
    return [*out, Spell(first, relief, -1, lost)] if first >= 0 else out


def lamp_turn(lit: Floats, first: int, end: int, stop: int) -> LampTurn:
    """Follow a lamp, (n,) of 1 green, 0 red, NaN grey, through the spell from `first` to `end`, both in.

    A lamp that is red in it is followed further, up to `stop` (left out), until it turns.
    """
    within, seen = lit[first : end + 1], lit[first:stop]
    red = np.flatnonzero(within == 0)
    if not len(red):
        return LampTurn(float(lit[first]), -1, bool(np.isfinite(within).any()), False)
    green = np.flatnonzero(rolling_mean((seen == 1).astype(np.float64), _GREEN_DAYS) > 1 - 1e-9)
    green = green[green > red[0]]
    if not len(green):
        return LampTurn(float(lit[first]), -1, False, False)
    return LampTurn(float(lit[first]), first + int(green[0]), False, bool(red[-1] > green[0]))


def retargets(difficulty: Floats) -> tuple[Ints, Ints]:
    """Return the days before and after each change of a daily difficulty, (n,), NaN days passed over."""
    known = np.flatnonzero(np.isfinite(difficulty))
    changed = np.flatnonzero(np.abs(np.diff(np.log(difficulty[known]))) > _SAME_DIFFICULTY)
    return known[changed], known[changed + 1]


def relief_of(
    *,
    price_usd: Floats,
    subsidy_btc: Floats,
    fees_btc: Floats,
    old_difficulty: Floats,
    new_difficulty: Floats,
    breakeven_usd_per_phs_day: Floats,
) -> Relief:
    """Put retargets in numbers, all (n,): hashprice at one price, subsidy and mean fee, before and after."""
    before, after = (
        np.asarray(hashprice(price_usd=price_usd, difficulty=d, subsidy_btc=subsidy_btc, fees_btc=fees_btc))
        for d in (old_difficulty, new_difficulty)
    )
    gap = np.where(breakeven_usd_per_phs_day > before, breakeven_usd_per_phs_day - before, np.nan)
    return Relief(
        change_frac=new_difficulty / old_difficulty - 1,
        hashprice_before=before,
        hashprice_after=after,
        delta_usd_per_phs_day=after - before,
        price_equivalent_frac=old_difficulty / new_difficulty - 1,
        gap_usd_per_phs_day=gap,
        gap_closed_frac=(after - before) / gap,
    )
