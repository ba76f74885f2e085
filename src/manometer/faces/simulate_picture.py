"""A simulation as a picture: the fan of coins kept, how long every bill is met, and where the coins went."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .picture import dress, style, write_picture

__all__ = ["draw_simulation", "falls"]

_SIZE_IN = (10.0, 11.0)
_LINES = {"capex": "machines and plant", "ai": "AI", "margin_call": "margin"}
_LEAST_SHARE = 0.005  # of what was mined, for a bar of its own
_LEAST_DRAWN = 1e-4


@dataclass(frozen=True, slots=True)
class _Ink:
    """Colours of one variant."""

    paper: str
    text: str
    grid: str
    kept: str
    sold: str
    taken: str
    cash: str
    line: str


_LIGHT = _Ink("#ffffff", "#24292f", "#d8dee4", "#1a7f37", "#c2410c", "#d1242f", "#0969da", "#6e7781")
_DARK = _Ink("#0d1117", "#e6edf3", "#30363d", "#3fb950", "#ff9d5c", "#f85149", "#79c0ff", "#8b949e")


def draw_simulation(d: dict[str, Any], file: Path, *, dark: bool = False) -> None:
    """Draw the picture of a simulation; a home has the fan alone.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    from matplotlib.figure import Figure

    ink = _DARK if dark else _LIGHT
    home = d["kind"] == "home"
    with style():
        figure = Figure(figsize=(10.0, 4.5) if home else _SIZE_IN, layout="constrained")
        if home:
            axes = [figure.subplots()]
        else:
            axes = list(figure.subplots(3, 1, height_ratios=(1.6, 0.9, 1.5)))
            _survival(axes[1], d, ink)
            _waterfall(axes[2], d, ink)
        _fan(axes[0], d, ink)
        for one in axes:
            dress(one, paper=ink.paper, text=ink.text, grid=ink.grid)
        figure.suptitle(f"{d['operator']}: {_title(d)}", color=ink.text, fontsize=14)
        figure.supxlabel(
            f"{d['paths']:,} paths, {d['first_day']} to {d['last_day']}; {d['process']} fitted on days to "
            f"{d['fitted_to']}, median price {d['drift_frac_per_year']:+.0%} a year; seed {d['seed']}.",
            color=ink.text,
            fontsize=9,
        )
        write_picture(figure, file, paper=ink.paper)


def _title(d: dict[str, Any]) -> str:
    return "coins by month" if d["kind"] == "home" else "can it keep what it mines?"


def _months(d: dict[str, Any], axes: Any) -> list[int]:
    names = [r["month"] for r in d["fan"]]
    step = -(-len(names) // 9)
    at = list(range(len(names)))
    axes.set_xticks(at[::step], names[::step])
    axes.set_xlim(at[0] - 0.2, at[-1] + 0.2)
    return at


def _fan(axes: Any, d: dict[str, Any], ink: _Ink) -> None:
    at = _months(d, axes)
    q = {k: [r["retained_btc"][k] for r in d["fan"]] for k in ("p05", "p25", "p50", "p75", "p95")}
    axes.fill_between(
        at, q["p05"], q["p95"], color=ink.kept, alpha=0.18, linewidth=0, label="nine paths in ten"
    )
    axes.fill_between(
        at, q["p25"], q["p75"], color=ink.kept, alpha=0.32, linewidth=0, label="half of the paths"
    )
    axes.plot(at, q["p50"], color=ink.kept, linewidth=1.8, label="median")
    if min(q["p05"]) < 0:
        axes.axhline(0, color=ink.text, linewidth=0.8)
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:,g}")
    axes.set_ylabel("BTC")
    axes.set_title("Coins kept since the start, by month's end", loc="left", fontsize=11, color=ink.text)
    axes.legend(loc="best", frameon=False, labelcolor=ink.text, fontsize=10)


def _survival(axes: Any, d: dict[str, Any], ink: _Ink) -> None:
    at = _months(d, axes)
    p = [r["probability"] for r in d["survival"]]
    se = [r["se"] for r in d["survival"]]
    low = [max(x - 2 * s, 0.0) for x, s in zip(p, se, strict=True)]
    high = [min(x + 2 * s, 1.0) for x, s in zip(p, se, strict=True)]
    axes.fill_between(at, low, high, step="post", color=ink.cash, alpha=0.25, linewidth=0)
    axes.step(at, p, where="post", color=ink.cash, linewidth=1.8)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    axes.set_ylabel("of the paths")
    axes.set_title("Every bill met so far, with two standard errors", loc="left", fontsize=11, color=ink.text)


def falls(w: dict[str, Any]) -> list[tuple[str, float, float, str]]:
    """Return the bars from what was mined to what was kept: label, left end, length, kind."""
    mined, kept = w["mined"]["mean"], w["retained"]["mean"]
    parts = [(f"sold for {_LINES.get(k, k)}", v["mean"], "sold") for k, v in w["sold_for"].items()]
    parts += [
        ("sold, kept as cash", w["kept_as_cash"]["mean"], "cash"),
        ("paid out in coin", w["paid_out"]["mean"], "sold"),
        ("taken by lenders", w["seized"]["mean"], "taken"),
    ]
    shown = sorted((p for p in parts if p[1] > _LEAST_SHARE * mined), key=lambda p: -p[1])
    small = sum(p[1] for p in parts) - sum(p[1] for p in shown)
    if small > _LEAST_DRAWN * mined:
        shown.append(("all the rest", small, "sold"))
    bars = [("mined", 0.0, mined, "kept")]
    left = mined
    for label, value, kind in shown:
        left -= value
        bars.append((label, left, value, kind))
    last = ("kept", 0.0, kept, "kept") if kept >= 0 else ("out of the treasury", kept, -kept, "taken")
    return [*bars, last]


def _waterfall(axes: Any, d: dict[str, Any], ink: _Ink) -> None:
    bars = falls(d["waterfall_btc"])
    for i, (_, left, length, kind) in enumerate(bars):
        axes.barh(i, length, left=left, color=getattr(ink, kind), height=0.72)
        axes.annotate(
            f"{length:,.0f}" if length >= 100 else f"{length:,.3g}", (left + length, i), xytext=(4, 0),
            textcoords="offset points", va="center", color=ink.text, fontsize=9,
        )  # fmt: skip
        if i:
            ends = bars[i - 1][1] if i > 1 else bars[0][2]
            axes.plot([ends, ends], [i - 0.64, i - 0.36], color=ink.line, linewidth=1)
    axes.set_yticks(range(len(bars)), [b[0] for b in bars])
    axes.invert_yaxis()
    axes.margins(x=0.08)
    axes.axvline(0, color=ink.text, linewidth=0.8)
    axes.xaxis.set_major_formatter(lambda v, _: f"{v:,g}")
    axes.set_xlabel("BTC")
    axes.set_title("Where the coins mined went, mean over the paths", loc="left", fontsize=11, color=ink.text)
