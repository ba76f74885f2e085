"""The contradiction panel: the state beside what people say and pay for a view; dated, never blended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..series import align
from ..signals.lamps import lamp_colour
from ..signals.rolling import rolling_mean
from ..store import Store
from ..store.clock import date_text, instant_text
from ..units import SECONDS_PER_DAY
from .gauge import number
from .pulse import Pulse

__all__ = ["MOODS", "SentimentView", "sentiment"]

Floats = NDArray[np.float64]

#: Gauge of mood -> variable, days of its mean, up to where it counts as fear, from where as greed, and why.
MOODS: dict[str, tuple[str, int, float, float, str]] = {
    "fear_greed": (
        "fear_greed_index",
        1,
        25.0,
        75.0,
        "its publisher's extreme fear and extreme greed: at most 25, at least 75",
    ),
    "funding": (
        "funding_frac_per_8h",
        7,
        0.0,
        1e-4,
        "mean of 7 days; fear at or under zero (shorts pay), greed over the exchanges' base rate of 0.01 %",
    ),
}
_STALE_DAYS = 7  # after which a mood says nothing about today
_STRAINED, _EASY = ("stress", "capitulation"), ("expansion", "recovery")


@dataclass(frozen=True)
class SentimentView:
    """What a face shows: `data` under its settled keys."""

    data: dict[str, Any]


def sentiment(store: Store, pulse: Pulse, retrieved_by_s: int | None = None) -> SentimentView:
    """Put the state beside each gauge of mood; nothing is averaged, and what is missing is null."""
    x, as_of_s = pulse.market.inputs, pulse.market.as_of_s
    state = pulse.states.state
    moods: dict[str, Any] = {}
    for name, (variable, days, fear, greed, why) in MOODS.items():
        read = store.read(variable, as_of_s=as_of_s, retrieved_by_s=retrieved_by_s)
        raw = align(read, x.day * SECONDS_PER_DAY)
        value = raw if days == 1 else rolling_mean(raw, days)
        mood = np.where(value <= fear, "fear", np.where(value >= greed, "greed", "neither"))
        known = np.isfinite(value)
        moods[name] = _mood(x.day, value, mood, known, state) | {"basis": why} if known.any() else None
    return SentimentView(
        {
            "as_of_utc": instant_text(pulse.market.last_day_s + SECONDS_PER_DAY),
            "last_day": date_text(pulse.market.last_day_s),
            "known_at_utc": instant_text(as_of_s),
            "price_usd": number(x.price_usd[-1]),
            "state": str(state[-1]),
            "state_since": date_text(int(x.day[pulse.states.since[-1]]) * SECONDS_PER_DAY),
            "pressure": number(pulse.pressure[-1]),
            "lamps": {k: lamp_colour(v[-1]) for k, v in pulse.lamps.items()},
            **moods,
            "surveys": _surveys(store, as_of_s, retrieved_by_s),
        }
    )


def _mood(
    day: NDArray[np.int64],
    value: Floats,
    mood: NDArray[np.str_],
    known: NDArray[np.bool_],
    state: NDArray[np.str_],
) -> dict[str, Any]:
    at = int(np.flatnonzero(known)[-1])
    return {
        "value": number(value[at]),
        "date": date_text(int(day[at]) * SECONDS_PER_DAY),
        "age_days": int(day[-1] - day[at]),
        "mood": str(mood[at]),
        "contradicts": _contradicts(str(state[-1]), str(mood[at]))
        if day[-1] - day[at] <= _STALE_DAYS
        else None,
        "lower_than_now_frac": number((value[known] < value[at]).mean()),
        "first": date_text(int(day[np.flatnonzero(known)[0]]) * SECONDS_PER_DAY),
        "n_days": int(known.sum()),
        "days_by_state": {
            s: {m: int((known & (state == s) & (mood == m)).sum()) for m in ("fear", "neither", "greed")}
            for s in np.unique(state[known]).tolist()
        },
    }


def _contradicts(state: str, mood: str) -> bool | None:
    """Say whether miners and mood point opposite ways; None where one of them points nowhere."""
    if mood == "neither" or state not in (*_STRAINED, *_EASY):
        return None
    return (state in _STRAINED) == (mood == "greed")


def _surveys(store: Store, as_of_s: int, retrieved_by_s: int | None) -> list[dict[str, Any]]:
    """Return the newest known answer to each question."""
    rows = []
    for entity in store.entities("survey.value"):
        value = store.read("survey.value", entity=entity, as_of_s=as_of_s, retrieved_by_s=retrieved_by_s)
        if not len(value):
            continue
        words = {
            k: store.read_words(f"survey.{k}", entity=entity, as_of_s=as_of_s, retrieved_by_s=retrieved_by_s)[
                -1
            ][1]
            for k in ("question", "source")
        }
        rows.append(
            {
                **words,
                "value": float(value.value[-1]),
                "date": date_text(int(value.at[-1])),
                "age_days": (as_of_s - int(value.at[-1])) // SECONDS_PER_DAY,
                "n_answers": len(value),
            }
        )
    return rows
