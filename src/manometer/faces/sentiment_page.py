"""The contradiction panel on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import words
from .gauge_page import first_line

__all__ = ["sentiment_page"]

_GREY = "bright_black"
_MOODS = {"fear_greed": "fear and greed", "funding": "funding, 8 h"}


def sentiment_page(d: Mapping[str, Any], *, now_s: int, asked_s: int | None) -> RenderableType:
    """Lay out the state, each mood beside it with its date, what they did together before, and surveys."""
    lamps = ", ".join(f"{words.name(k)} {v}" for k, v in d["lamps"].items())
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("mood", no_wrap=True)
    table.add_column("value", justify="right")
    table.add_column("of", no_wrap=True)
    table.add_column("says")
    table.add_column("higher than", justify="right")
    table.add_column("against the state")
    for key, name in _MOODS.items():
        mood = d[key]
        if mood is None:
            missing = Text("no data; import a sentiment-daily file", style=_GREY)
            table.add_row(name, "", "", missing, "", "")
            continue
        value = f"{mood['value']:.0f}" if key == "fear_greed" else f"{100 * mood['value']:.4f} %"
        against = {None: "neither way", True: "yes", False: "no"}[mood["contradicts"]]
        higher = f"{words.percent(mood['lower_than_now_frac'])} of days"
        table.add_row(name, value, mood["date"], mood["mood"], higher, against)
    parts: list[RenderableType] = [
        first_line(d, now_s, asked_s),
        Text(
            f"Miners: {d['state'].upper()} since {d['state_since']}, pressure {d['pressure']:.0f}; {lamps}."
        ),
        Text(),
        table,
    ]
    for key, name in _MOODS.items():
        if d[key] is not None:
            head = f"\n{name} on each state's days, {d[key]['first']} to {d[key]['date']}"
            parts += [Text(head, style="bold"), _together(d[key]["days_by_state"])]
    parts.append(_surveys(d["surveys"]))
    basis = "; ".join(f"{name}: {d[k]['basis']}" for k, name in _MOODS.items() if d[k] is not None)
    parts.append(
        Text(
            "\nNothing here enters the pressure or the state. against: miners strained and mood greedy, or "
            f"miners well and mood fearful. {basis}".rstrip(),
            style=_GREY,
        )
    )
    return Group(*parts)


def _together(days_by_state: Mapping[str, Mapping[str, int]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("state", "fear", "neither", "greed", "days"):
        table.add_column(name, justify="left" if name == "state" else "right", header_style="bold")
    for state, days in days_by_state.items():
        total = sum(days.values())
        shares = [words.percent(n / total) for n in days.values()]
        table.add_row(state, *shares, f"{total:,}")
    return table


def _surveys(rows: list[dict[str, Any]]) -> RenderableType:
    if not rows:
        return Text("\nsurveys: none; import a file with date, value, question, source", style=_GREY)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", title_justify="left")
    table.add_column("\nsurvey")
    table.add_column("\nanswer", justify="right")
    table.add_column("\nof", no_wrap=True)
    table.add_column("\nasked by")
    for r in rows:
        table.add_row(r["question"], f"{r['value']:g}", r["date"], r["source"])
    return table
