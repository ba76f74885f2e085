"""Hashrate 30, 60, 90 days ahead given the realised price, against rivals; hashrate switched off."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from manometer.network.nowcast import fit_days
from manometer.network.outlook import features, walk_forward

from .context import Context
from .rows import Row, read_published, relative

__all__ = ["one_machine_forecast", "outlook_rows", "refitted", "switched_off_rows"]

Floats = NDArray[np.float64]

_HORIZONS = (30, 60, 90)
_SINCE = (2014, 2018)
_LAST = "2025-12-31"
_TRAIN_DAYS, _FIRST_TRAIN_DAYS = 4 * 365, 500  # as the outlook's own refits


def outlook_rows(c: Context) -> Iterator[Row]:
    """Mean absolute error of H30(t+h)/H30(t): ours beside each rival, on the days that all can speak of."""
    section = "outlook"
    for h in _HORIZONS:
        ours = walk_forward(c.outlook_inputs, h)
        rivals = {
            "random walk": np.zeros(len(c.day)),
            "90-day drift": features(c.outlook_inputs, h)[:, 1],
            "average machine": one_machine_forecast(c, h),
            "momentum alone": refitted(c, h, features(c.outlook_inputs, h)[:, :2]),
        }
        known = np.all([np.isfinite(v) for v in (ours.predicted, ours.realised, *rivals.values())], axis=0)
        for since in _SINCE:
            days = known & c.between(f"{since}-01-01", _LAST)
            truth = np.exp(ours.realised[days])
            mae = float(np.abs(np.exp(ours.predicted[days]) - truth).mean())
            for name, forecast in rivals.items():
                theirs = float(np.abs(np.exp(forecast[days]) - truth).mean())
                item = f"{h} d since {since}: {name}"
                note = f"{int(days.sum())} days; walk-forward, refitted each January; under zero is better"
                yield relative(section, item, mae, theirs, "MAE ratio", f"rival: {name}, same days", note)


def one_machine_forecast(c: Context, horizon_days: int) -> Floats:
    """Forecast with a fleet of one machine: a constant, and the margin over mean electricity cost."""
    x, h = c.outlook_inputs, horizon_days
    ratio = c.pulse.rows["mean_electricity"] / x.median_cash_breakeven
    with np.errstate(invalid="ignore", divide="ignore"):
        margin = features(x, h)[:, 2] - np.log(ratio) * h / 30
    return refitted(c, h, np.stack([np.ones(len(c.day)), margin], axis=1))


def refitted(c: Context, horizon_days: int, table: Floats) -> Floats:
    """Forecast the log change of the 30-day mean by least squares, refitted as the outlook is, (n,)."""
    x, h, n = c.outlook_inputs, horizon_days, len(c.day)
    realised = np.full(n, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        realised[: n - h] = np.log(x.hashrate_30d_ehs[h:] / x.hashrate_30d_ehs[: n - h])
    predicted = np.full(n, np.nan)
    starts = [s - int(c.day[0]) for s in fit_days(c.day, first_year=2014)]
    for start, stop in zip(starts, [*starts[1:], n], strict=True):
        train = np.arange(max(start - _TRAIN_DAYS, 0), start - h)
        ok = train[np.isfinite(table[train]).all(1) & np.isfinite(realised[train])]
        if len(ok) >= _FIRST_TRAIN_DAYS:
            weights = np.linalg.lstsq(table[ok], realised[ok], rcond=None)[0]
            predicted[start:stop] = table[start:stop] @ weights
    return predicted


def switched_off_rows(c: Context) -> Iterator[Row]:
    """Put the predicted change over 60 days, and the share that the curve switches off, beside what fell."""
    section, h = "switched off", 60
    outlook = walk_forward(c.outlook_inputs, h)
    rows = c.pulse.rows
    running = rows["installed_ehs"] - rows["idle_ehs"]
    off = (rows["idle_ehs"] + np.nan_to_num(rows["running_at_a_loss_frac"]) * running) / np.maximum(
        rows["installed_ehs"], 1e-300
    )
    for r in read_published("score_switched_off.csv"):
        k, days = c.index(r["first"]), c.between(r["first"], r["last"])
        predicted = float(np.expm1(outlook.predicted[k]))
        realised = float(np.expm1(outlook.realised[k]))
        yield Row(
            section,
            f"{r['first']}, {h} days on",
            predicted,
            realised,
            "change",
            predicted - realised,
            f"what happened: {r['what']}",
            None,
            "30-day mean of hashrate, given the realised price; error: difference",
        )
        fall = 1 - float(np.min(c.month_ehs[days]) / np.max(c.month_ehs[k - 30 : k + 1]))
        least, most = float(off[k - 30 : k].min()), float(off[days].max())
        yield Row(
            section,
            f"{r['first']}, switched off",
            most - least,
            fall,
            "frac",
            most - least - fall,
            f"what happened: {r['what']}",
            None,
            f"curve: idle or out of the money {least:.1%} at least in the month before, "
            f"{most:.1%} at most; beside it the "
            "fall of the 30-day mean from its last peak to its lowest; error: difference",
        )
