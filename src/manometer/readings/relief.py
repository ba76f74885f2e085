"""Relief is not recovery: what came of each capitulation, when the lamps turned, what retargets gave."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..signals.lamps import LAMPS, lamp_colour
from ..signals.relief import Relief, Spell, lamp_turn, relief_of, retargets, spells
from ..store.clock import date_text, day_start_s, instant_text
from ..units import SECONDS_PER_DAY
from .gauge import number
from .pulse import Pulse

__all__ = ["BY", "ReliefView", "relief"]

Floats = NDArray[np.float64]

#: What may call a capitulation, and how it does.
BY = {
    "state": "from the state capitulation, through stress and relief, to recovery or what else ends relief",
    "hash_ribbon": "from the 30-day mean of hashrate under its 60-day mean to the crossing back; relief is "
    "the last springs, when the 30-day mean rises; deeper than 2 sd of block luck only",
}
_FIRST = "2012-01-01"
_DEEP_SD = 2.0


@dataclass(frozen=True)
class ReliefView:
    """What a face shows: `data` under its settled keys."""

    data: dict[str, Any]


def relief(pulse: Pulse, first: str = _FIRST) -> ReliefView:
    """List the capitulations that began on or after a day, as known at the pulse's instant.

    Raises
    ------
    InputError
        The day cannot be read.
    """
    x = pulse.market.inputs
    try:
        since = day_start_s(first) // SECONDS_PER_DAY
    except ValueError as error:
        raise InputError(f"--from: {error}") from None
    rows, shallow = [], 0
    before, after = retargets(x.difficulty)
    gave = relief_of(
        price_usd=x.price_usd[after],
        subsidy_btc=x.subsidy_btc[after],
        fees_btc=x.fees_btc[after],
        old_difficulty=x.difficulty[before],
        new_difficulty=x.difficulty[after],
        breakeven_usd_per_phs_day=pulse.rows["median_cash"][after],
    )
    for by, found in _spells(pulse).items():
        found = [s for s in found if x.day[s.first] >= since]
        for k, spell in enumerate(found):
            depth = _depth(pulse, spell)
            if by == "hash_ribbon" and not depth >= _DEEP_SD:
                shallow += 1
                continue
            stop = found[k + 1].first if k + 1 < len(found) else len(x.day)
            within = _within(pulse, spell, after, gave)
            rows.append({**_row(pulse, by, spell, stop, depth), **_cuts(within), "retargets": within})
    return ReliefView(
        {
            "as_of_utc": instant_text(pulse.market.last_day_s + SECONDS_PER_DAY),
            "last_day": date_text(pulse.market.last_day_s),
            "known_at_utc": instant_text(pulse.market.as_of_s),
            "price_usd": number(x.price_usd[-1]),
            "state": str(pulse.states.state[-1]),
            "state_since": _date(pulse, int(pulse.states.since[-1])),
            "lamps": {k: lamp_colour(v[-1]) for k, v in pulse.lamps.items()},
            "lamp_basis": dict(LAMPS),
            "from": first,
            "by": dict(BY),
            "capitulations": rows,
            "within_luck": shallow,
            "summary": {by: _summary([r for r in rows if r["by"] == by]) for by in BY},
        }
    )


def _spells(pulse: Pulse) -> dict[str, list[Spell]]:
    state, ribbon = pulse.states.state, pulse.ribbon.state
    return {
        "state": spells(
            state == "capitulation",
            state == "relief",
            np.isin(state, ("recovery", "expansion", "tightening")),
        ),
        "hash_ribbon": spells(
            np.isin(ribbon, ("capitulation", "springs")),
            ribbon == "springs",
            np.isin(ribbon, ("recovery", "expansion")),
        ),
    }


def _row(pulse: Pulse, by: str, spell: Spell, stop: int, depth: float) -> dict[str, Any]:
    end = spell.end if spell.end >= 0 else len(pulse.market.inputs.day) - 1
    state = pulse.states.state if by == "state" else pulse.ribbon.state
    eased = spell.relief >= 0
    return {
        "by": by,
        "began": _date(pulse, spell.first),
        "relief_since": _date(pulse, spell.relief) if eased else None,
        "ended": _date(pulse, spell.end) if spell.end >= 0 else None,
        "ended_as": str(state[spell.end]) if spell.end >= 0 else None,
        "days": {
            "before_relief": spell.relief - spell.first if eased else None,
            "relief": end - spell.relief if eased else None,
            "all": end - spell.first,
        },
        "n_relapses": spell.n_relapses,
        "stress_again": _stress_again(pulse, spell),
        "depth_noise_sd": number(depth),
        "lamps": {k: _lamp(pulse, v, spell.first, end, stop) for k, v in pulse.lamps.items()},
        "hashprice": _what_moved(pulse, spell.first, end),
    }


def _stress_again(pulse: Pulse, spell: Spell) -> str | None:
    """Return the first day of stress or capitulation, by the state, after a spell's end."""
    if spell.end < 0:
        return None
    later = np.flatnonzero(np.isin(pulse.states.state[spell.end :], ("stress", "capitulation")))
    return _date(pulse, spell.end + int(later[0])) if len(later) else None


def _lamp(pulse: Pulse, lit: Floats, first: int, end: int, stop: int) -> dict[str, Any]:
    turn = lamp_turn(lit, first, end, stop)
    return {
        "at_start": lamp_colour(turn.at_start),
        "turned": _date(pulse, turn.turned) if turn.turned >= 0 else None,
        "days": turn.turned - first if turn.turned >= 0 else None,
        "stayed_green": turn.stayed,
        "red_again": turn.red_again,
    }


def _what_moved(pulse: Pulse, first: int, end: int) -> dict[str, float | None]:
    """Split the change of hashprice from a spell's first day to its end into factors."""
    x = pulse.market.inputs
    hashprice = x.hashprice_usd_per_phs_day
    price, difficulty = x.price_usd[end] / x.price_usd[first], x.difficulty[first] / x.difficulty[end]
    return {
        "first_usd_per_phs_day": number(hashprice[first]),
        "last_usd_per_phs_day": number(hashprice[end]),
        "change_frac": number(hashprice[end] / hashprice[first] - 1),
        "from_price_frac": number(price - 1),
        "from_difficulty_frac": number(difficulty - 1),
        "from_reward_frac": number(hashprice[end] / hashprice[first] / price / difficulty - 1),
    }


def _within(pulse: Pulse, spell: Spell, after: NDArray[np.int64], gave: Relief) -> list[dict[str, Any]]:
    end = spell.end if spell.end >= 0 else len(pulse.market.inputs.day)
    return [
        {
            "date": _date(pulse, int(after[k])),
            "change_frac": number(gave.change_frac[k]),
            "hashprice_before_usd_per_phs_day": number(gave.hashprice_before[k]),
            "hashprice_delta_usd_per_phs_day": number(gave.delta_usd_per_phs_day[k]),
            "price_equivalent_frac": number(gave.price_equivalent_frac[k]),
            "gap_usd_per_phs_day": number(gave.gap_usd_per_phs_day[k]),
            "gap_closed_frac": number(gave.gap_closed_frac[k]),
        }
        for k in np.flatnonzero((after > spell.first) & (after <= end))
    ]


def _cuts(retargets_in: list[dict[str, Any]]) -> dict[str, Any]:
    """Sum up the retargets that lowered difficulty; of a gap, no more counts as closed than there was."""
    cuts = [r for r in retargets_in if r["change_frac"] < 0]
    under = [(r["gap_usd_per_phs_day"], r["hashprice_delta_usd_per_phs_day"]) for r in cuts]
    gaps = [(gap, min(gap, gave)) for gap, gave in under if gap is not None]
    return {
        "n_retargets": len(retargets_in),
        "n_cuts": len(cuts),
        "cuts_added_usd_per_phs_day": sum(r["hashprice_delta_usd_per_phs_day"] for r in cuts),
        "largest_cut_frac": min((r["change_frac"] for r in cuts), default=None),
        "n_cuts_under_breakeven": len(gaps),
        "gap_closed_frac": sum(g[1] for g in gaps) / sum(g[0] for g in gaps) if gaps else None,
    }


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    done = [r for r in rows if r["ended"] is not None]
    relief_days = [r["days"]["relief"] for r in done if r["days"]["relief"] is not None]
    return {
        "n": len(rows),
        "n_ended": len(done),
        "n_recovered": sum(r["ended_as"] == "recovery" for r in done),
        "n_relapsed": sum(r["n_relapses"] > 0 for r in rows),
        "median_relief_days": float(median(relief_days)) if relief_days else None,
        "longest_relief_days": max(relief_days, default=None),
        "n_difficulty_fell": sum(r["hashprice"]["from_difficulty_frac"] > 0 for r in done),
    }


def _depth(pulse: Pulse, spell: Spell) -> float:
    end = spell.end if spell.end >= 0 else len(pulse.market.inputs.day)
    return float(np.nanmax(pulse.ribbon.depth_sd[spell.first : end]))


def _date(pulse: Pulse, at: int) -> str:
    return date_text(int(pulse.market.inputs.day[at]) * SECONDS_PER_DAY)
