"""Signals as of a day, over all days, and what followed their events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, InputError, unknown_name
from ..network.curve import LAYERS
from ..series import align
from ..signals.declaration import Declaration, Signal, SignalInputs
from ..signals.event_study import HORIZONS_DAYS, Forward, Study, forward, holm, study
from ..signals.table import SIGNALS
from ..store import Store
from ..store.clock import date_text, instant_text, parse_as_of
from ..units import SECONDS_PER_DAY
from .gauge import number
from .history import Progress
from .pulse import Pulse, take_pulse
from .selling import listed_selling

__all__ = [
    "SignalHistory",
    "SignalsView",
    "read_signals",
    "signal_events",
    "signal_inputs",
    "signals_of",
]

Floats = NDArray[np.float64]

_RESAMPLES = 2000
_KEY = 2009, 0x5E  # of the bootstrap's draws; a fixed seed
_STUDY = (
    "n",
    "n_independent",
    "mean_return_frac",
    "median_return_frac",
    "rose_frac",
    "ci_low",
    "ci_high",
    "random_mean_frac",
    "p",
    "median_drawdown_frac",
    "worst_drawdown_frac",
    "median_peak_drawdown_frac",
    "random_median_drawdown_frac",
)


@dataclass(frozen=True)
class SignalHistory:
    """Every signal on every day, as known at `as_of_s`; `day` counts from 1970."""

    as_of_s: int
    day: NDArray[np.int64]
    price_usd: Floats
    signals: dict[str, Signal]


@dataclass(frozen=True)
class SignalsView:
    """What a face shows: `data` under its settled keys."""

    data: dict[str, Any]


def signal_inputs(store: Store, pulse: Pulse, retrieved_by_s: int | None = None) -> SignalInputs:
    """Gather what the signals read: the pulse's daily arrays, and what only some stores hold."""
    x, as_of_s = pulse.market.inputs, pulse.market.as_of_s
    at = x.day * SECONDS_PER_DAY

    def daily(variable: str) -> Floats:
        return align(store.read(variable, as_of_s=as_of_s, retrieved_by_s=retrieved_by_s), at)

    mined, sold, companies = listed_selling(store, x.day, as_of_s, retrieved_by_s)
    return SignalInputs(
        day=x.day,
        price_usd=x.price_usd,
        high_usd=daily("price_high_usd"),
        low_usd=daily("price_low_usd"),
        difficulty=x.difficulty,
        block_count=x.block_count,
        subsidy_btc=x.subsidy_btc,
        hashrate_ehs=x.hashrate_ehs,
        hashprice=x.hashprice_usd_per_phs_day,
        cost_usd_per_btc={k: pulse.cost_usd_per_btc(f"mean_{k}") for k in LAYERS},
        mined_btc=mined,
        sold_btc=sold,
        n_companies=companies,
        volume_usd=daily("volume_vetted_usd"),
    )


def read_signals(
    store: Store,
    as_of_s: int | None = None,
    *,
    retrieved_by_s: int | None = None,
    progress: Progress | None = None,
) -> SignalHistory:
    """Compute every signal for every day up to the last complete one, from what was known at an instant.

    Raises
    ------
    DataError
        Nothing is known by then.
    """
    pulse = take_pulse(store, as_of_s, retrieved_by_s=retrieved_by_s, progress=progress)
    x = signal_inputs(store, pulse, retrieved_by_s)
    return SignalHistory(
        pulse.market.as_of_s, x.day, x.price_usd, {name: d.read(x) for name, d in SIGNALS.items()}
    )


def signals_of(history: SignalHistory) -> SignalsView:
    """Return every signal on the last day, with its declaration."""
    rows = {}
    for name, signal in history.signals.items():
        d = SIGNALS[name]
        known = bool(np.isfinite(signal.value[-1]))
        rows[name] = {
            "value": number(signal.value[-1]),
            "unit": d.unit,
            "state": str(signal.state[-1]) if known else None,
            "noise_sd": number(signal.noise_sd[-1]),
            "since": _date(history, _since(signal.state)) if known else None,
            "also": {k: number(v[-1]) for k, v in signal.also.items()},
            "last_event": _last_event(history, signal),
            "doc": d.doc,
            "source": d.source,
        }
    return SignalsView({**_head(history), "signals": rows})


def signal_events(
    history: SignalHistory, name: str, first: str | None = None, last: str | None = None
) -> SignalsView:
    """Return a signal's events between two dates, what followed each, and the study of each kind.

    Random dates and p-values are of the same span. `p_holm` is corrected for every kind of every signal at
    every horizon that has an event in the span: `looks` in all.

    Raises
    ------
    InputError
        No such signal, or the dates are the wrong way round or outside the record.
    DataError
        The signal has no value in the span.
    """
    if name not in SIGNALS:
        raise unknown_name("signal", name, SIGNALS)
    span = _span(history, first, last)
    ahead = [forward(history.price_usd, h) for h in HORIZONS_DAYS]
    studies = {k: _studies(history.signals[k], ahead, span) for k in SIGNALS}
    if not studies[name]:
        raise DataError(f"signal {name}: {_why_unknown(SIGNALS[name])}")
    flat = [s.p for by_kind in studies.values() for rows in by_kind.values() for s in rows]
    corrected = iter(holm(np.array(flat)).tolist())
    adjusted = {
        (k, kind, s.horizon_days): next(corrected)
        for k, by_kind in studies.items()
        for kind, rows in by_kind.items()
        for s in rows
    }
    declared, signal = SIGNALS[name], history.signals[name]
    start, stop = _known(signal, span)
    return SignalsView(
        {
            **_head(history),
            "name": name,
            "unit": declared.unit,
            "doc": declared.doc,
            "source": declared.source,
            "from": _date(history, start),
            "to": _date(history, stop),
            "kinds": dict(declared.events),
            "events": _events(history, signal, ahead, start, stop),
            "study": [
                {"kind": kind, **_row(s), "p_holm": number(adjusted[name, kind, s.horizon_days])}
                for kind, rows in studies[name].items()
                for s in rows
            ],
            "looks": int(np.isfinite(flat).sum()),
            "random_dates": "all days of the span; p over all circular shifts of the events along them",
            "interval": f"90 %, bootstrap of {_RESAMPLES} resamples of groups whose windows overlap",
        }
    )


def _head(history: SignalHistory) -> dict[str, Any]:
    return {
        "as_of_utc": instant_text(int(history.day[-1] + 1) * SECONDS_PER_DAY),
        "last_day": _date(history, len(history.day) - 1),
        "known_at_utc": instant_text(history.as_of_s),
        "price_usd": number(history.price_usd[-1]),
    }


def _date(history: SignalHistory, at: int) -> str:
    return date_text(int(history.day[at]) * SECONDS_PER_DAY)


def _since(state: NDArray[np.str_]) -> int:
    other = np.flatnonzero(state != state[-1])
    return int(other[-1]) + 1 if len(other) else 0


def _last_event(history: SignalHistory, signal: Signal) -> dict[str, str] | None:
    happened = [(int(days[-1]), kind) for kind, m in signal.events.items() if len(days := np.flatnonzero(m))]
    if not happened:
        return None
    at, kind = max(happened)
    return {"date": _date(history, at), "kind": kind}


def _span(history: SignalHistory, first: str | None, last: str | None) -> tuple[int, int]:
    start = 0 if first is None else _index(history, first, "from")
    stop = len(history.day) - 1 if last is None else _index(history, last, "to")
    if start > stop:
        raise InputError(f"--from {first} --to {last}: the span is empty; give the earlier date first")
    return start, min(stop, len(history.day) - 1)


def _index(history: SignalHistory, text: str, option: str) -> int:
    day = (parse_as_of(text) - 1) // SECONDS_PER_DAY
    if option == "from" and day > history.day[-1]:
        raise InputError(f"--from {text}: the record ends on {_date(history, -1)}; give an earlier date")
    if option == "to" and day < history.day[0]:
        raise InputError(f"--to {text}: the record begins on {_date(history, 0)}; give a later date")
    return max(int(day - history.day[0]), 0)


def _known(signal: Signal, span: tuple[int, int]) -> tuple[int, int]:
    """Return the span from the signal's first known day in it; empty where there is none."""
    known = np.flatnonzero(np.isfinite(signal.value[span[0] : span[1] + 1]))
    return (span[0] + int(known[0]), span[1]) if len(known) else (span[1] + 1, span[1])


def _studies(signal: Signal, ahead: list[Forward], span: tuple[int, int]) -> dict[str, list[Study]]:
    start, stop = _known(signal, span)
    if start > stop:
        return {}
    most = max(int(m.sum()) for m in signal.events.values())
    draws = np.random.Generator(np.random.Philox(key=_KEY)).random((_RESAMPLES, max(most, 1)))
    return {
        kind: [study(f, np.flatnonzero(m), start, stop, draws) for f in ahead]
        for kind, m in signal.events.items()
    }


def _events(
    history: SignalHistory, signal: Signal, ahead: list[Forward], start: int, stop: int
) -> list[dict[str, Any]]:
    rows = sorted(
        (int(at), kind)
        for kind, m in signal.events.items()
        for at in start + np.flatnonzero(m[start : stop + 1])
    )
    return [
        {
            "date": _date(history, at),
            "kind": kind,
            "price_usd": number(history.price_usd[at]),
            "value": number(signal.value[at]),
            "also": {k: number(v[at]) for k, v in signal.also.items()},
            "outcomes": [
                {
                    "horizon_days": f.horizon_days,
                    "return_frac": number(f.return_frac[at]),
                    "drawdown_frac": number(f.drawdown_frac[at]),
                    "peak_drawdown_frac": number(f.peak_drawdown_frac[at]),
                }
                for f in ahead
            ],
        }
        for at, kind in rows
    ]


def _row(s: Study) -> dict[str, Any]:
    return {"horizon_days": s.horizon_days, **{k: _plain(getattr(s, k)) for k in _STUDY}}


def _plain(value: float | int) -> float | int | None:
    return value if isinstance(value, int) else number(value)


def _why_unknown(declared: Declaration) -> str:
    return (
        f"no value in this span; it needs {', '.join(declared.inputs)}"
        if declared.name != "miner_selling"
        else "no company figures in this span; import a companies-monthly file"
    )
