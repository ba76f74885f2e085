"""Does pressure warn? Area under the curve for "hashrate (30-day) falls over the next 30, 60, 90 days"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from manometer.signals.drawdown import drawdown_frac

from .auc import auc, block_bootstrap
from .context import Context
from .refit import refitted_scores
from .rows import Row, read_published, relative

__all__ = ["fall_targets", "warning_rows"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_HORIZONS = (30, 60, 90)
_FIRST, _LAST = "2014-01-01", "2025-12-31"
_PEAK_DAYS = 90
_FALLS = {"": 0.0, " >3 %": 0.03}
_REQUIREMENT = "the project's requirements"
_APART_DAYS = 30
_RIVALS = {"ribbon": "hash ribbon on the same days", "drawdown": "90-day price drawdown on the same days"}
_SINCE = {"2014-25": 2014, "2018-25": 2018}


def warning_rows(c: Context) -> Iterator[Row]:
    """Score pressure, refitted weights, ribbon and drawdown on the same days; then the numbers to beat."""
    x = c.pulse.market.inputs
    refitted, weights = refitted_scores(x.day, c.pulse.parts, c.month_ehs)
    signals = {
        "pressure": c.pulse.pressure,
        "refitted": refitted,
        "ribbon": -c.pulse.ribbon.ratio,
        "drawdown": drawdown_frac(x.price_usd, _PEAK_DAYS),
    }
    measured: dict[tuple[str, int, int], float] = {}
    for fall_name, depth in _FALLS.items():
        for spell, days in _spells(c).items():
            for h in _HORIZONS:
                scored = _score(c, signals, days, h, depth, f"{h} d{fall_name}, {spell}")
                for name, value, row in scored:
                    if depth == 0 and spell in _SINCE:
                        measured[name, _SINCE[spell], h] = value
                    if row is not None:
                        yield row
    yield from _to_beat(measured)
    last = weights[max(weights)]
    yield Row(
        "warning",
        "refitted weight of hashrate part",
        float(last[list(c.pulse.parts).index("hashrate_drawdown")]),
        0.6,
        "share",
        None,
        "fixed weights of the composite",
        None,
        "refitted to the last January: "
        + ", ".join(f"{k} {w:.2f}" for k, w in zip(c.pulse.parts, last, strict=True)),
    )


def fall_targets(month_ehs: Floats, horizon_days: int, depth_frac: float = 0.0) -> tuple[Bools, Bools]:
    """Return (fell, known), both (n,): H30(t+h) < (1 - depth) H30(t), and whether both ends are known."""
    n, h = len(month_ehs), horizon_days
    later = np.full(n, np.nan)
    later[: n - h] = month_ehs[h:]
    known = np.isfinite(later) & np.isfinite(month_ehs)
    with np.errstate(invalid="ignore"):
        return later < (1 - depth_frac) * month_ehs, known


def _spells(c: Context) -> dict[str, Bools]:
    """Days on which the signals are scored."""
    all_days = c.between(_FIRST, _LAST)
    month = c.day.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12 + 1
    summer = (month >= 6) & (month <= 9)
    return {
        "2014-25": all_days,
        "2018-25": all_days & c.between("2018-01-01", _LAST),
        "no 2021-05..07": all_days & ~c.between("2021-05-01", "2021-07-31"),
        "Jun-Sep": all_days & summer,
        "Oct-May": all_days & ~summer,
    }


def _score(
    c: Context, signals: dict[str, Floats], days: Bools, h: int, depth: float, what: str
) -> Iterator[tuple[str, float, Row | None]]:
    """Yield each signal's area; pressure and the refitted weights come with a row beside each rival's."""
    fell, known = fall_targets(c.month_ehs, h, depth)
    use = days & known & np.all([np.isfinite(v) for v in signals.values()], axis=0)
    y = fell[use]
    drawn = block_bootstrap({k: v[use] for k, v in signals.items()}, y, c.n_resamples)
    area = {k: auc(v[use], y) for k, v in signals.items()}
    sample = f"{int(use.sum())} days, {y.mean():.0%} before falls, {_episodes(c.day[use][y])} episodes"
    for name, value in area.items():
        if name not in ("pressure", "refitted"):
            yield name, value, None
            continue
        low, high = np.nanpercentile(drawn[name], (5, 95))
        for rival, source in _RIVALS.items():
            if name == "refitted" and rival != "ribbon":
                continue
            d_low, d_high = np.nanpercentile(drawn[name] - drawn[rival], (5, 95))
            row = relative(
                "warning",
                f"{name} {what}" + ("" if rival == "ribbon" else f", to {rival}"),
                value,
                area[rival],
                "AUC",
                source,
                f"{sample}; lead {value - area[rival]:+.3f}, 90 % {d_low:+.2f} to {d_high:+.2f}",
            )
            yield name, value, replace(row, interval=(float(low), float(high)))


def _episodes(day: NDArray[np.int64]) -> int:
    """Count spells of days before falls that lie more than 30 days apart."""
    return int((np.diff(day) > _APART_DAYS).sum()) + 1 if len(day) else 0


def _to_beat(measured: dict[tuple[str, int, int], float]) -> Iterator[Row]:
    """Put the numbers to beat, and the aims, beside what we measure."""
    for r in read_published("score_to_beat.csv"):
        name, since, h = r["signal"], int(r["since"]), int(r["horizon_days"])
        ours, theirs = measured[name, since, h], float(r["auc"])
        kind = "aim" if name == "pressure" else "to beat"
        note = (
            ("reached" if ours >= theirs else "not reached") + "; reported"
            if kind == "aim"
            else "as we measure it"
        )
        yield relative(
            "warning", f"{kind}: {name} {h} d since {since}", ours, theirs, "AUC", _REQUIREMENT, note
        )
