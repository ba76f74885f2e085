"""A signal over its history as a picture: price with the events, the signal with its band and its states."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..signals.table import SIGNALS
from .picture import TEXT, dress, style, write_picture

if TYPE_CHECKING:
    from ..readings.signals import SignalHistory

__all__ = ["draw_signal", "signals_table", "write_signals"]

_SIZE_IN = (10.0, 6.5)
_WIDE = 5.0  # highest over lowest, from which an axis is logarithmic
_LINE = "#1f2328"
_SHADES = ("#f6c8c3", "#eceff2", "#cfe3f6", "#e3f3e8")
_EVENTS = (("#0969da", "o"), ("#c2410c", "s"), ("#8250df", "D"))


def write_signals(history: SignalHistory, folder: Path) -> list[Path]:
    """Write signals.csv and, with matplotlib, NAME.png of every signal that is known; return their paths.

    Raises
    ------
    InputError
        A file cannot be written.
    """
    from importlib.util import find_spec

    table = folder / "signals.csv"
    try:
        with table.open("w", encoding="utf-8", newline="") as file:
            columns = signals_table(history)
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
    except OSError as error:
        raise InputError(f"cannot write {table}: {error.strerror}") from None
    written = [table]
    if find_spec("matplotlib") is not None:
        for name, signal in history.signals.items():
            if np.isfinite(signal.value).any():
                draw_signal(history, name, folder / f"{name}.png")
                written.append(folder / f"{name}.png")
    return written


def signals_table(history: SignalHistory) -> dict[str, list[str]]:
    """Return columns of text, a row per day: price, and each signal's value, noise, state and events."""
    out = {
        "date": [str(d) for d in history.day.astype("datetime64[D]")],
        "price_usd": _text(history.price_usd),
    }
    for name, s in history.signals.items():
        happened = np.full(len(history.day), "", dtype=object)
        for kind, days in s.events.items():
            happened[days] += np.where(happened[days] == "", kind, " " + kind).astype(object)
        out[name] = _text(s.value)
        out[f"{name}_noise_sd"] = _text(s.noise_sd)
        out[f"{name}_state"] = [str(v) for v in s.state]
        out[f"{name}_event"] = happened.tolist()
    return out


def _text(values: Any) -> list[str]:
    return [f"{v:.10g}" if np.isfinite(v) else "" for v in values.tolist()]


def draw_signal(
    history: SignalHistory, name: str, file: Path, first: str | None = None, last: str | None = None
) -> None:
    """Draw one signal from `first` to `last`, by default from where it is known.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    from matplotlib.figure import Figure

    declared, signal = SIGNALS[name], history.signals[name]
    days = history.day.astype("datetime64[D]")
    start = np.datetime64(first) if first else days[np.isfinite(signal.value).argmax()]
    stop = np.datetime64(last) if last else days[-1]
    shown = np.flatnonzero((days >= start) & (days <= stop))
    with style():
        figure = Figure(figsize=_SIZE_IN, layout="constrained")
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1.3, 1))
        for axes in (top, bottom):
            dress(axes)
            _shade(axes, days, signal.state, declared.states, shown)
        _name_shades(bottom, declared.states)
        top.plot(days[shown], history.price_usd[shown], color=_LINE, linewidth=1.1)
        top.set_yscale("log")
        top.set_ylabel("USD per BTC", color=TEXT)
        for (kind, happened), (colour, mark) in zip(signal.events.items(), _EVENTS, strict=False):
            at = shown[happened[shown]]
            label = f"{kind.replace('_', ' ')} ({len(at)})"
            top.plot(days[at], history.price_usd[at], mark, color=colour, markersize=4.5, label=label)
            bottom.plot(days[at], signal.value[at], mark, color=colour, markersize=3.5)
        _values(bottom, days, signal, declared, shown)
        top.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}" if v >= 1 else f"{v:g}")
        top.legend(loc="upper left", frameon=False, labelcolor=TEXT, fontsize=10)
        figure.suptitle(name.replace("_", " "), color=TEXT, fontsize=14)
        figure.supxlabel(f"{declared.doc}.\n{declared.source}.", color=TEXT, fontsize=8, wrap=True)
        write_picture(figure, file)


def _values(axes: Any, days: Any, signal: Any, declared: Any, shown: Any) -> None:
    """Draw the signal, two standard deviations of block luck either side, and the limits between states."""
    value, noise = signal.value[shown], signal.noise_sd[shown]
    if np.isfinite(noise).any():
        axes.fill_between(
            days[shown], value - 2 * noise, value + 2 * noise, color="#8c959f", alpha=0.45, linewidth=0
        )
    axes.plot(days[shown], value, color=_LINE, linewidth=0.9)
    for mark in declared.marks:
        axes.axhline(mark, color="#57606a", linewidth=0.8, linestyle="--")
    if _is_wide(value):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(lambda v, _: f"{v:g}")
        axes.yaxis.set_minor_formatter(lambda v, _: "")
    elif declared.unit == "frac":
        axes.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    axes.set_ylabel(declared.unit, color=TEXT)


def _shade(axes: Any, days: Any, state: Any, states: tuple[str, ...], shown: Any) -> None:
    """Shade each stretch of a state."""
    cuts = np.flatnonzero(state[shown][1:] != state[shown][:-1]) + 1
    for first, stop in zip([0, *cuts], [*cuts, len(shown) - 1], strict=True):
        if str(state[shown[first]]) in states:
            shade = _SHADES[states.index(str(state[shown[first]]))]
            axes.axvspan(days[shown[first]], days[shown[stop]], color=shade, alpha=0.5, linewidth=0)


def _name_shades(axes: Any, states: tuple[str, ...]) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(color=c, label=s.replace("_", " ")) for s, c in zip(states, _SHADES, strict=False)]
    axes.legend(handles=handles, loc="upper right", ncols=4, frameon=False, labelcolor=TEXT, fontsize=9)


def _is_wide(value: Any) -> bool:
    """Whether the values ask for a logarithmic axis."""
    known = value[np.isfinite(value)]
    return bool(known.min() > 0 and known.max() > _WIDE * known.min())
