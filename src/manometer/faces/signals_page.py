"""Signals on one screen, and the study of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import words
from .draw import sparkline
from .gauge_page import first_line

if TYPE_CHECKING:
    from ..readings.signals import SignalHistory

__all__ = ["events_page", "signals_page"]

_TRAIL_DAYS = 365
_SPARK, _WIDE_SPARK, _WIDE = 8, 40, 120
_GREY = "bright_black"


def signals_page(
    d: dict[str, Any], history: SignalHistory, width: int, *, now_s: int, asked_s: int | None
) -> RenderableType:
    """Lay out all signals: value, noise of luck, state and since when, last event, and the last year."""
    head = first_line(d, now_s, asked_s)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    spark = _WIDE_SPARK if width >= _WIDE else _SPARK
    table.add_column("signal", no_wrap=True)
    table.add_column("value", justify="right")
    table.add_column("luck ±", justify="right")
    table.add_column("state", no_wrap=True)
    table.add_column("since")
    table.add_column("a year", width=spark, no_wrap=True)
    if width >= _WIDE:
        table.add_column("last event", no_wrap=True)
    for name, row in d["signals"].items():
        cells: list[RenderableType] = [
            name,
            _value(row["value"], row["unit"]),
            "" if row["noise_sd"] is None else _value(row["noise_sd"], row["unit"]),
            Text("no data", style=_GREY) if row["state"] is None else words.name(row["state"]),
            row["since"] or "",
            _trail(history, name, spark),
        ]
        if width >= _WIDE:
            last = row["last_event"]
            cells.append("" if last is None else f"{last['date']} {words.name(last['kind'])}")
        table.add_row(*cells)
    note = Text(
        "luck: one standard deviation of block luck. Record of a signal: manometer signals events NAME"
    )
    note.stylize(_GREY)
    return Group(head, Text(), table, Text(), note)


def events_page(d: dict[str, Any], *, now_s: int, asked_s: int | None) -> RenderableType:
    """Lay out the events of a signal with what followed, then the study beside random dates."""
    head = Text(f"{d['name']}", style="bold")
    head.append(f": {d['doc']}", style="not bold")
    span = Text(f"{d['from']} to {d['to']}; returns from the close of the day; a blank window has not ended.")
    kinds = [Text(f"  {words.name(k)}: {v}", style=_GREY) for k, v in d["kinds"].items()]
    note = Text(
        "[ ]: 90 % interval, block bootstrap; none under five events whose windows do not overlap (n has "
        f"all / these). random: a random date of the span. p: two-sided, corrected for {d['looks']} looks "
        "(Holm). fall: worst close under the day's, median."
    )
    note.stylize(_GREY)
    return Group(
        first_line(d, now_s, asked_s), head, span, *kinds, Text(), _events(d), Text(), _study(d), Text(), note
    )


def _events(d: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("date")
    table.add_column("event", no_wrap=True)
    table.add_column("price", justify="right")
    horizons = [s["horizon_days"] for s in d["study"]]
    for h in dict.fromkeys(horizons):
        table.add_column(f"{h} d", justify="right")
    table.add_column("fall 1 y", justify="right")
    table.add_column("off peak", justify="right")
    for e in d["events"]:
        last = e["outcomes"][-1]
        table.add_row(
            e["date"] + ("*" if e["also"].get("closes_only") else ""),
            words.name(e["kind"]),
            words.usd(e["price_usd"]),
            *(_percent(o["return_frac"], sign=True) for o in e["outcomes"]),
            _percent(last["drawdown_frac"]),
            _percent(last["peak_drawdown_frac"]),
        )
    if any(e["also"].get("closes_only") for e in d["events"]):
        table.caption, table.caption_justify = "* from closes only: no highs and lows were imported", "left"
    return table


def _study(d: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("after", no_wrap=True)
    for name in ("days", "n", "mean", "[90 %]", "median", "random", "p", "fall"):
        table.add_column(name, justify="right")
    before = ""
    for s in d["study"]:
        low, high = s["ci_low"], s["ci_high"]
        table.add_row(
            "" if s["kind"] == before else words.name(s["kind"]),
            str(s["horizon_days"]),
            f"{s['n']} / {s['n_independent']}",
            _percent(s["mean_return_frac"], sign=True),
            "" if low is None else f"{_percent(low, sign=True)} {_percent(high, sign=True)}",
            _percent(s["median_return_frac"], sign=True),
            _percent(s["random_mean_frac"], sign=True),
            "" if s["p_holm"] is None else f"{s['p_holm']:.2f}",
            _percent(s["median_drawdown_frac"]),
        )
        before = s["kind"]
    return table


def _percent(frac: float | None, *, sign: bool = False) -> str:
    if frac is None:
        return ""
    return f"{frac:{'+' if sign else ''},.0%}"


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return words.percent(value) if unit == "frac" else f"{value:.3f}"


def _trail(history: SignalHistory, name: str, width: int) -> str:
    trail = history.signals[name].value[-_TRAIL_DAYS:]
    known = trail[np.isfinite(trail)]
    if not len(known):
        return ""
    low, high = float(known.min()), float(known.max())
    return sparkline(trail.tolist(), width, low, high if high > low else low + 1)
