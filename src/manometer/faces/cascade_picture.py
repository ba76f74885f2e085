"""The cascade as a picture: price and what sales take off it, sales day by day, amplification by shock."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .picture import TEXT, dress, style, write_picture

__all__ = ["draw_cascade"]

_SIZE_IN = (10.0, 9.0)
_PRICE, _SALES, _FORCED = "#1f2328", "#0969da", "#c2410c"


def draw_cascade(d: Mapping[str, Any], file: Path) -> None:
    """Draw the timeline, and amplification against shock where a sweep was asked for."""
    from matplotlib.figure import Figure

    with style():
        swept = bool(d["volumes"][0].get("sweep"))
        figure = Figure(figsize=_SIZE_IN, layout="constrained")
        axes = figure.subplots(3 if swept else 2, 1)
        _price(axes[0], d)
        _sold(axes[1], d)
        axes[1].sharex(axes[0])
        if swept:
            _amplified(axes[2], d)
        for a in axes:
            dress(a)
        title = d["replay"]["name"] if d["replay"] else f"{d['kind']} {d['shock_frac']:+.0%}"
        figure.suptitle(f"Miners under a shock: {title}", color=TEXT, fontsize=14)
        assumed = d["population"]["debt_assumed_frac"]
        figure.supxlabel(
            f"As of {d['as_of_utc'][:10]}; quiet path, vetted volume; {assumed:.0%} of the debt is assumed.",
            color=TEXT,
            fontsize=9,
        )
        write_picture(figure, file)


def _days(d: Mapping[str, Any]) -> list[int]:
    return list(range(len(d["rounds"])))


def _price(axes: Any, d: Mapping[str, Any]) -> None:
    price = [r["price_usd"] for r in d["rounds"]]
    alone = [r["price_usd"] / (1 - r["impact_frac"]) for r in d["rounds"]]
    if not d["replay"]:  # the price there was has its sales in it
        axes.plot(_days(d), alone, color=_PRICE, linewidth=1.0, linestyle=":", label="without these sales")
    axes.plot(_days(d), price, color=_PRICE, linewidth=1.6, label="price")
    axes.set_ylabel("USD per BTC")
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    for k, r in enumerate(d["rounds"]):
        if r["defaults"]:
            axes.axvline(k, color=_FORCED, linewidth=0.8)
    axes.legend(frameon=False, fontsize=10)


def _sold(axes: Any, d: Mapping[str, Any]) -> None:
    forced = [r["forced_btc"] for r in d["rounds"]]
    own = [r["sold_btc"] - r["forced_btc"] for r in d["rounds"]]
    axes.bar(_days(d), own, color=_SALES, width=1.0, label="sold by operators")
    axes.bar(_days(d), forced, bottom=own, color=_FORCED, width=1.0, label="forced: by lenders, longs")
    issued = next(iter(d["flows_btc_per_day"].values()))["issuance"]
    axes.axhline(issued, color=_PRICE, linewidth=0.8, linestyle="--", label="issued")
    axes.set_ylabel("BTC a day")
    axes.set_xlabel(f"days from {d['first_day']}; a line marks a default")
    axes.legend(frameon=False, fontsize=10)


def _amplified(axes: Any, d: Mapping[str, Any]) -> None:
    for v, colour in zip(d["volumes"], (_FORCED, _SALES), strict=True):
        axes.plot(
            [s["shock_frac"] for s in v["sweep"]],
            [s["amplification"] for s in v["sweep"]],
            color=colour,
            marker="o",
            markersize=3,
            label=v["name"].replace("_", " "),
        )
    axes.set_xlabel("shock")
    axes.set_ylabel("final fall over first")
    axes.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    axes.legend(frameon=False, fontsize=10)
