"""The state of the network beside what happened, by share of days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .context import Context, day_of
from .rows import Row, read_published

__all__ = ["state_rows"]

_SOURCE = "what happened, as the project's requirements state it"
_AROUND_DAYS = 30
_CALM_FIRST, _CALM_LAST, _CALM_LIMIT = "2013-01-01", "2025-12-31", 0.05


def state_rows(c: Context) -> Iterator[Row]:
    """Judge each window by its rule; the days that belong to no window come last."""
    section = "states"
    state = c.pulse.states.state
    hot = np.isin(state, ("stress", "capitulation"))
    table = read_published("score_states.csv")
    near = np.zeros(len(hot), dtype=np.bool_)
    groups: dict[str, list[float]] = {}
    for r in table:
        days = c.between(r["first"], r["last"])
        rule, limit = r["rule"], float(r["limit_frac"])
        told = state == "capitulation" if rule == "calm" or "dip" in r["what"] else hot
        share = float(told[days].mean())
        passed: bool | None = None
        if rule in ("hot", "either"):
            near |= (c.day >= day_of(r["first"]) - _AROUND_DAYS) & (c.day <= day_of(r["last"]) + _AROUND_DAYS)
        if rule == "hot":
            passed = share >= limit
        elif rule == "either":
            groups.setdefault(r["group"], []).append(share)
        elif rule in ("cold", "calm"):
            passed = not told[days].any()
        unit = "frac (min)" if rule in ("hot", "either") else "frac (max)"
        miss = max(limit - share, 0.0) if rule in ("hot", "either") else share
        if rule == "printed":
            unit, miss = f"frac, {r['what']}", None
        yield Row(
            section,
            f"{r['first']} to {r['last'][2:]}",
            share,
            None if rule == "printed" else limit,
            unit,
            miss,
            _SOURCE,
            passed,
            f"{r['what']}; {'stress or capitulation' if told is hot else 'capitulation'}: {_told(c, days)}",
        )
    for group, shares in groups.items():
        best, limit = max(shares), min(float(r["limit_frac"]) for r in table if r["group"] == group)
        yield Row(
            section,
            f"one of the windows of {group}",
            best,
            limit,
            "frac (min)",
            max(limit - best, 0.0),
            _SOURCE,
            best >= limit,
        )
    other = c.between(_CALM_FIRST, _CALM_LAST) & ~near
    share = float(hot[other].mean())
    yield Row(
        section,
        "2013-2025 outside the windows",
        share,
        _CALM_LIMIT,
        "frac (max)",
        max(share - _CALM_LIMIT, 0.0),
        _SOURCE,
        share <= _CALM_LIMIT,
        f"{int(hot[other].sum())} of {int(other.sum())} days; 30 days around the windows left out",
    )


def _told(c: Context, days: NDArray[np.bool_]) -> str:
    """Describe a spell: states, and what the falls of hashrate were put down to."""
    n = int(days.sum())
    states = Counter(c.pulse.states.state[days].tolist())
    likely = Counter(cause.likely for cause, here in zip(c.pulse.causes, days, strict=True) if here)
    parts = [f"{k} {v / n:.0%}" for k, v in states.most_common(3)]
    cause, count = likely.most_common(1)[0]
    if cause != "none":
        parts.append(f"likely cause {cause} {count / n:.0%}")
    if c.pulse.dislocation[days].any():
        parts.append(f"dislocation {c.pulse.dislocation[days].mean():.0%}")
    return ", ".join(parts)
