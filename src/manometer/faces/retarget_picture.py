"""The forecast of an epoch closing as its blocks arrive, and the score of such forecasts, as pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .picture import PAPER, TEXT, dress, style, write_picture

__all__ = ["draw_fan", "draw_score"]

_OURS = "#0969da"
_METHODS = {
    "manometer": ("manometer", _OURS, "o"),
    "constant": ("rate of the epoch", "#8c959f", "s"),
    "window504": ("last 504 blocks", "#c2410c", "^"),
    "rolling2015": ("last 2,015 blocks", "#1a7f37", "v"),
}


def draw_fan(d: Mapping[str, Any], file: Path) -> None:
    """Draw what was forecast of this epoch as it went, and the retargets after it."""

    def draw(figure: Any) -> None:
        now, later = figure.subplots(1, 2, width_ratios=(2.2, 1))
        x = [r["progress_frac"] for r in d["fan"]]
        q = {k: [r[k] for r in d["fan"]] for k in ("p05", "p25", "change_frac", "p75", "p95")}
        now.fill_between(x, q["p05"], q["p95"], color=_OURS, alpha=0.16, linewidth=0, label="nine in ten")
        now.fill_between(x, q["p25"], q["p75"], color=_OURS, alpha=0.30, linewidth=0, label="half")
        now.plot(x, q["change_frac"], color=_OURS, linewidth=1.8, label="median")
        now.set_xlim(0, 1)
        now.set_xlabel("share of the epoch that was known")
        now.set_title(
            f"The retarget at height {d['next_height']:,}, as its blocks came", loc="left", fontsize=11
        )
        now.legend(frameon=False, loc="best", fontsize=10)
        now.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        rows = [{**d, "height": d["next_height"]}, *d["later"]]
        at = list(range(len(rows)))
        for k, r in enumerate(rows):
            later.plot(
                [k, k], [r["p05"], r["p95"]], color=_OURS, alpha=0.35, linewidth=5, solid_capstyle="butt"
            )
            later.plot(
                [k, k], [r["p25"], r["p75"]], color=_OURS, alpha=0.7, linewidth=5, solid_capstyle="butt"
            )
        later.plot(
            at, [r["change_frac"] for r in rows], "o", color=PAPER, markeredgecolor=_OURS, markersize=6
        )
        later.set_xticks(at, [r["eta_utc"][5:10] for r in rows])
        later.set_xlim(-0.6, len(rows) - 0.4)
        later.set_title("It and the three after it", loc="left", fontsize=11)
        for axes in (now, later):
            axes.axhline(0, color=TEXT, linewidth=0.8)
            axes.yaxis.set_major_formatter(lambda v, _: f"{100 * v:+g} %" if abs(v) > 1e-9 else "0")
        now.set_ylabel("change of difficulty")

    _save(draw, file, (11.0, 5.0), f"Next retarget, as of block {d['height']:,}, {d['block_utc'][:10]}")


def draw_score(d: Mapping[str, Any], file: Path) -> None:
    """Draw error, CRPS and coverage of each method by share of the epoch."""

    def draw(figure: Any) -> None:
        error, crps, covered = figure.subplots(1, 3)
        for method, (name, colour, mark) in _METHODS.items():
            rows = [r for r in d["rows"] if r["method"] == method]
            x = [r["progress_frac"] for r in rows]
            for axes, key in ((error, "mae"), (crps, "crps")):
                y, se = [r[f"{key}_frac"] for r in rows], [r[f"{key}_se"] for r in rows]
                axes.errorbar(
                    x, y, yerr=se, color=colour, marker=mark, markersize=5, linewidth=1.4, label=name
                )
        error.plot(
            [f["progress_frac"] for f in d["floor"]], [f["mae_frac"] for f in d["floor"]], color=TEXT,
            linestyle=":", linewidth=1.2, label="a known constant rate",
        )  # fmt: skip
        ours = [r for r in d["rows"] if r["method"] == "manometer"]
        for key, wanted in (("coverage50", 0.5), ("coverage90", 0.9)):
            covered.axhline(wanted, color=TEXT, linewidth=0.8, linestyle=":")
            covered.errorbar(
                [r["progress_frac"] for r in ours], [r[key] for r in ours],
                yerr=[r[f"{key}_se"] for r in ours], color=_OURS, marker="o", markersize=5, linewidth=1.4,
            )  # fmt: skip
        covered.set_ylim(0, 1)
        for axes, title in (
            (error, "Mean absolute error"), (crps, "CRPS"), (covered, "Ours: outcomes within the bands"),
        ):  # fmt: skip
            axes.set_title(title, loc="left", fontsize=11)
            axes.set_xlim(0, 1)
            axes.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
            axes.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        for axes in (error, crps):
            # Early in an epoch its own rate says next to nothing: what is off the scale is in the table.
            axes.set_ylim(0, 1.6 * max(r["mae_frac"] for r in d["rows"] if r["method"] == "rolling2015"))
        error.legend(frameon=False, fontsize=9)
        error.set_xlabel("share of the epoch that was known")

    when = f"{d['first_utc'][:10]} to {d['last_utc'][:10]}"
    _save(draw, file, (13.0, 4.6), f"Retarget forecasts of {d['epochs']} epochs, {when}, walk-forward")


def _save(draw: Callable[[Any], None], file: Path, size_in: tuple[float, float], title: str) -> None:
    from matplotlib.figure import Figure

    with style():
        figure = Figure(figsize=size_in, layout="constrained")
        draw(figure)
        for axes in figure.axes:
            dress(axes)
        figure.suptitle(title, color=TEXT, fontsize=14)
        write_picture(figure, file)
