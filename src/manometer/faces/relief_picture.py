"""Relief and recovery as a picture: each spell as a bar from its first day, with the turn of each lamp."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .picture import TEXT, dress, style, write_picture

__all__ = ["draw_relief"]

_ROW_IN = 0.32
_BEFORE, _RELIEF = "#c2410c", "#9ecbf2"
_PRICE, _DIFFICULTY = "#1f2328", "#0969da"
_LAMPS = {"revenue": ("o", "#1a7f37"), "efficiency": ("s", "#8250df"), "power_cost": ("D", "#9a6700"),
          "balance_sheet": ("^", "#cf222e")}  # fmt: skip
_TITLES = {"state": "by the state", "hash_ribbon": "by the hash ribbon"}


def draw_relief(d: Mapping[str, Any], file: Path) -> None:
    """Draw the spells of both kinds; beside them how far price and difficulty moved hashprice."""
    from matplotlib.figure import Figure

    groups = [(by, [r for r in d["capitulations"] if r["by"] == by]) for by in _TITLES]
    groups = [(by, rows) for by, rows in groups if rows] or [("state", [])]
    sizes = [max(len(rows), 1) for _, rows in groups]
    with style(10):
        figure = Figure(figsize=(11.0, 2.2 + _ROW_IN * sum(sizes) + 0.9 * len(sizes)), layout="constrained")
        grid = figure.subplots(len(groups), 2, height_ratios=sizes, width_ratios=(1.6, 1), squeeze=False)
        for (by, rows), (left, right) in zip(groups, grid, strict=True):
            names = [r["began"] + ("" if r["ended"] else " *") for r in rows]
            _days(left, rows, names)
            _moved(right, rows, names)
            left.set_title(f"Capitulations {_TITLES[by]}", loc="left", color=TEXT, fontsize=11)
            right.set_title("hashprice moved by", loc="left", color=TEXT, fontsize=11)
        grid[-1][0].set_xlabel("days from the first day; a mark: the lamp had been green for a week")
        figure.suptitle("Relief is not recovery", color=TEXT, fontsize=14, x=0.01, ha="left")
        figure.supxlabel(f"As of {d['last_day']}. * goes on.", color=TEXT, fontsize=9)
        handles, labels = grid[0][0].get_legend_handles_labels()
        known = dict(zip(labels, handles, strict=True))
        if known:
            figure.legend(known.values(), known.keys(), loc="outside upper right", ncols=3, frameon=False)
        write_picture(figure, file)


def _days(axes: Any, rows: list[dict[str, Any]], names: list[str]) -> None:
    for k, r in enumerate(rows):
        relief = r["days"]["relief"] or 0
        before = r["days"]["all"] - relief
        axes.barh(k, before, color=_BEFORE, height=0.6, label="capitulation" if not k else None)
        axes.barh(k, relief, left=before, color=_RELIEF, height=0.6, label="relief" if not k else None)
        for name, (mark, colour) in _LAMPS.items():
            if (turned := r["lamps"][name]["days"]) is not None:
                label = name.replace("_", " ")
                axes.plot(turned, k, mark, color=colour, markersize=5, markeredgecolor="#ffffff", label=label)
    _rows(axes, names)


def _moved(axes: Any, rows: list[dict[str, Any]], names: list[str]) -> None:
    for shift, key, colour, label in (
        (-0.18, "from_price_frac", _PRICE, "price"),
        (0.18, "from_difficulty_frac", _DIFFICULTY, "difficulty"),
    ):
        axes.barh([k + shift for k in range(len(rows))], [r["hashprice"][key] for r in rows], height=0.34,
                  color=colour, label=label)  # fmt: skip
    axes.axvline(0, color=TEXT, linewidth=0.8)
    axes.xaxis.set_major_formatter(lambda v, _: f"{v:+.0%}")
    axes.legend(frameon=False, fontsize=9, loc="best")
    _rows(axes, [""] * len(names))


def _rows(axes: Any, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    dress(axes, lines="x")
