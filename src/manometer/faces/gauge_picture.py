"""The history as a picture: price and cost, pressure, and who is under water, over the states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .picture import dress, style, write_picture

if TYPE_CHECKING:
    from ..readings.pulse import Pulse

__all__ = ["draw_history"]

_SIZE_IN = (10.0, 9.0)
_STATES = ("expansion", "tightening", "stress", "capitulation", "relief", "recovery")


@dataclass(frozen=True, slots=True)
class _Ink:
    """Colours of one variant."""

    paper: str
    text: str
    grid: str
    price: str
    cost: str
    power: str
    states: dict[str, tuple[str, float]]
    water: dict[str, str]


_LIGHT = _Ink(
    paper="#ffffff",
    text="#24292f",
    grid="#d8dee4",
    price="#1f2328",
    cost="#c2410c",
    power="#0969da",
    states={
        "expansion": ("#ffffff", 0.0),
        "tightening": ("#f2c94c", 0.28),
        "stress": ("#f2994a", 0.42),
        "capitulation": ("#d1242f", 0.45),
        "relief": ("#54aeff", 0.25),
        "recovery": ("#4ac26b", 0.28),
    },
    water={"all_in": "#c9dcf0", "cash": "#7fb0dd", "direct": "#3f7fbf", "electricity": "#123f73"},
)
_DARK = _Ink(
    paper="#0d1117",
    text="#e6edf3",
    grid="#30363d",
    price="#f0f6fc",
    cost="#ff9d5c",
    power="#79c0ff",
    states={
        "expansion": ("#0d1117", 0.0),
        "tightening": ("#d29922", 0.30),
        "stress": ("#db6d28", 0.45),
        "capitulation": ("#f85149", 0.50),
        "relief": ("#388bfd", 0.25),
        "recovery": ("#3fb950", 0.28),
    },
    water={"all_in": "#1c3a5c", "cash": "#2a65a5", "direct": "#4f94d9", "electricity": "#b6dcff"},
)


def draw_history(pulse: Pulse, folder: Path) -> list[Path]:
    """Draw history.png, history.svg and history-dark.png; return their paths."""
    out = []
    with style():
        for ink, names in ((_LIGHT, ("history.png", "history.svg")), (_DARK, ("history-dark.png",))):
            figure = _figure(pulse, ink)
            for name in names:
                write_picture(figure, folder / name, paper=ink.paper)
                out.append(folder / name)
    return out


def _figure(pulse: Pulse, ink: _Ink) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_IN, layout="constrained")
    top, middle, bottom = figure.subplots(3, 1, sharex=True, height_ratios=(2.1, 1, 1))
    days = pulse.market.inputs.day.astype("datetime64[D]")
    for axes in (top, middle, bottom):
        dress(axes, paper=ink.paper, text=ink.text, grid=ink.grid)
        for state, first, last in _spans(pulse):
            colour, alpha = ink.states.get(state, (ink.paper, 0.0))
            axes.axvspan(days[first], days[last], color=colour, alpha=alpha, linewidth=0)
    _price(top, pulse, days, ink)
    _pressure(middle, pulse, days, ink)
    _water(bottom, pulse, days, ink)
    bottom.set_xlim(days[0], days[-1])
    figure.suptitle(
        "Bitcoin price, what it costs to mine, and the pressure in between", color=ink.text, fontsize=14
    )
    sources = ", ".join(sorted(set(pulse.market.sources.values())))
    figure.supxlabel(
        f"Days to {days[-1]}; price and chain: {sources}; costs: Manometer's cost curve, stylised machines "
        "before 2013-07.\nCost is a pressure gauge, not a price floor.",
        color=ink.text,
        fontsize=9,
    )
    return figure


def _spans(pulse: Pulse) -> Iterator[tuple[str, int, int]]:
    """Yield (state, first index, index after the last) of each stretch."""
    state = pulse.states.state
    cuts = np.flatnonzero(state[1:] != state[:-1]) + 1
    for first, last in zip([0, *cuts], [*cuts, len(state) - 1], strict=True):
        if last > first:
            yield str(state[first]), int(first), int(last)


def _price(axes: Any, pulse: Pulse, days: Any, ink: _Ink) -> None:
    from matplotlib.patches import Patch

    low, high = (pulse.cost_usd_per_btc(f"{p}_cash") for p in ("band_p05", "band_p95"))
    axes.fill_between(days, low, high, color=ink.cost, alpha=0.25, linewidth=0)
    axes.plot(days, pulse.cost_usd_per_btc("mean_cash"), color=ink.cost, linewidth=1.3)
    axes.plot(days, pulse.cost_usd_per_btc("mean_electricity"), color=ink.power, linewidth=1.1)
    axes.plot(days, pulse.market.inputs.price_usd, color=ink.price, linewidth=1.5)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}" if v >= 1 else f"{v:g}")
    axes.set_ylabel("USD per BTC", color=ink.text)
    lines = [
        Patch(color=ink.price, label="price"),
        Patch(color=ink.cost, label="mean cash cost, with its 5-95 % band"),
        Patch(color=ink.power, label="mean electricity cost"),
    ]
    first = axes.legend(handles=lines, loc="upper left", frameon=False, labelcolor=ink.text, fontsize=10)
    axes.add_artist(first)
    shades = [Patch(facecolor=ink.states[s], edgecolor=ink.grid, label=s) for s in _STATES]
    axes.legend(
        handles=shades,
        loc="lower right",
        ncols=3,
        frameon=False,
        labelcolor=ink.text,
        fontsize=10,
        title=None,
    )


def _pressure(axes: Any, pulse: Pulse, days: Any, ink: _Ink) -> None:
    axes.plot(days, pulse.pressure, color=ink.price, linewidth=0.7)
    axes.set_ylim(0, 100)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.set_ylabel("pressure, 0-100", color=ink.text)


def _water(axes: Any, pulse: Pulse, days: Any, ink: _Ink) -> None:
    from matplotlib.patches import Patch

    handles = []
    for layer, colour in ink.water.items():
        axes.fill_between(days, 0, pulse.rows[f"underwater_{layer}"], color=colour, linewidth=0)
        handles.append(Patch(color=colour, label=layer.replace("_", "-")))
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    axes.set_ylabel("hashrate under water", color=ink.text)
    axes.legend(
        handles=handles[::-1],
        loc="upper center",
        ncols=4,
        labelcolor=ink.text,
        fontsize=10,
        facecolor=ink.paper,
        edgecolor=ink.grid,
        framealpha=0.85,
    )
