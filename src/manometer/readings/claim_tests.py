"""The judges of the ledger of claims: each puts one claim to the record by the test that its row states."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, InputError
from ..network.curve import LAYERS
from ..series import align
from ..signals.event_study import Forward, forward, holm, independent
from ..store import Store
from ..store.clock import date_text, day_start_s
from ..units import SECONDS_PER_DAY
from .gauge import number
from .pulse import Pulse
from .signals import SignalHistory, signal_events

__all__ = ["CANNOT", "DOES_NOT", "HOLDS", "Finding", "Record", "cost_floor", "kumo", "miners_cascade",
           "ribbon_buys", "two_gaps"]  # fmt: skip

Floats = NDArray[np.float64]

HOLDS, DOES_NOT, CANNOT = "holds", "does not hold", "cannot be told"

_FIRST = "2014-01-01"  # before it machines are stylised
_THEN_DAYS, _YEAR_DAYS = 180, 365
_SURE = 0.05
_GAPS = (-0.27, -0.259)
_FALL = 0.67
_BAND = (0.67, 0.70)
_PATHS = 16  # the claim is answered on the quiet path; the drawn ones are not used


@dataclass(frozen=True)
class Record:
    """What the judges read, as known at one instant."""

    store: Store
    pulse: Pulse
    history: SignalHistory
    retrieved_by_s: int | None = None

    @cached_property
    def start(self) -> int:
        """Place of the first day of the record that is judged; the number of days where it has not come."""
        return int(np.searchsorted(self.pulse.market.inputs.day, day_start_s(_FIRST) // SECONDS_PER_DAY))

    def date(self, at: int) -> str:
        """Return the date of a place."""
        return date_text(int(self.pulse.market.inputs.day[at]) * SECONDS_PER_DAY)


@dataclass(frozen=True)
class Finding:
    """What the record says of a claim. n : size of the sample, whose units `sample` names."""

    verdict: str
    finding: str
    computation: str
    n: int
    sample: str
    figures: dict[str, Any] = field(default_factory=dict)


def cost_floor(r: Record) -> Finding:
    """Count the closes under each layer's mean cost, and follow price from there."""
    by_layer = {k: _floor_of(r, k) for k in LAYERS}
    verdicts = {v["verdict"] for v in by_layer.values()}
    verdict = DOES_NOT if DOES_NOT in verdicts else verdicts.pop() if len(verdicts) == 1 else CANNOT
    n = by_layer["cash"]["n_days"]
    said = "; ".join(
        f"{k.replace('_', '-')}: {v['n_days_under']:,} days in {v['n_spells']} spells, longest "
        f"{v['longest_days']}, at worst {_share(v['deepest_frac'])} under, {v['verdict']}"
        if v["n_days_under"]
        else f"{k.replace('_', '-')}: never, {v['verdict']}"
        for k, v in by_layer.items()
    )
    return Finding(
        verdict,
        f"The record ends before {_FIRST}."
        if not n
        else f"Closes under the mean cost: {said}.{_then(by_layer['cash']['after'])}",
        "daily close over the cost curve's mean cost per bitcoin, layer by layer; its band is over draws of "
        "uncertain inputs. Cost itself follows price, as machines stop and difficulty falls.",
        n,
        f"{n:,} days from {_FIRST}",
        {"by_layer": by_layer},
    )


def _floor_of(r: Record, layer: str) -> dict[str, Any]:
    price = r.pulse.market.inputs.price_usd[r.start :]
    mean, low = (r.pulse.cost_usd_per_btc(f"{s}_{layer}")[r.start :] for s in ("mean", "band_p05"))
    known = np.isfinite(price) & (mean > 0)
    under = known & (price < mean)
    sure = known & (price < low)
    begins = np.flatnonzero(under & ~np.concatenate([[False], under[:-1]]))
    ends = np.flatnonzero(under & ~np.concatenate([under[1:], [False]]))
    gap = np.where(known, price / np.where(known, mean, 1.0) - 1, np.nan)
    verdict = CANNOT if not known.any() or (under.any() and not sure.any()) else HOLDS
    return {
        "verdict": DOES_NOT if sure.any() else verdict,
        "n_days": int(known.sum()),
        "n_days_under": int(under.sum()),
        "under_frac": number(under.sum() / known.sum()) if known.any() else None,
        "n_days_under_low_end_of_band": int(sure.sum()),
        "n_spells": len(begins),
        "longest_days": int((ends - begins).max()) + 1 if len(begins) else 0,
        "deepest_frac": number(-np.nanmin(gap)) if under.any() else 0.0,
        "deepest_date": r.date(r.start + int(np.nanargmin(gap))) if under.any() else None,
        "last_date_under": r.date(r.start + int(np.flatnonzero(under)[-1])) if under.any() else None,
        "spells": [
            {"first": r.date(r.start + int(a)), "last": r.date(r.start + int(b)), "days": int(b - a) + 1,
             "deepest_frac": number(-gap[a : b + 1].min())}
            for a, b in zip(begins, ends, strict=True)
        ],
        "after": _study(r, f"price_to_cost_{layer}", "under_cost"),
    }  # fmt: skip


def _then(after: list[dict[str, Any]]) -> str:
    """Say what price did once it had gone under cash cost."""
    row = next((s for s in after if s["horizon_days"] == _THEN_DAYS and s["n"]), None)
    if row is None:
        return ""
    return (
        f" In the {_THEN_DAYS} days after it first went under cash cost price fell a median "
        f"{_share(row['median_drawdown_frac'])} further, and ended {_change(row['median_return_frac'])} "
        f"({row['n']} times)."
    )


def _study(r: Record, name: str, kind: str) -> list[dict[str, Any]]:
    """Return the event study of one kind of event over the judged record; empty where there is none."""
    if r.start >= len(r.history.day):
        return []
    try:
        rows = signal_events(r.history, name, _FIRST).data["study"]
    except DataError:
        return []
    return [s for s in rows if s["kind"] == kind]


def ribbon_buys(r: Record) -> Finding:
    """Set the hash ribbon's buys against all days of the whole record."""
    told = signal_events(r.history, "hash_ribbon").data
    rows = [s for s in told["study"] if s["kind"] == "buy"]
    corrected = holm(np.array([np.nan if s["p"] is None else s["p"] for s in rows], dtype=np.float64))
    for s, p in zip(rows, corrected.tolist(), strict=True):
        s["p_holm_of_claim"] = number(p)
    won = any(
        s["p_holm_of_claim"] is not None
        and s["p_holm_of_claim"] < _SURE
        and s["mean_return_frac"] > s["random_mean_frac"]
        for s in rows
    )
    year = rows[-1]
    lost = year["ci_high"] is not None and year["ci_high"] < year["random_mean_frac"]
    said = "; ".join(
        f"{s['horizon_days']} days {_change(s['mean_return_frac'])} "
        f"against {_change(s['random_mean_frac'])}, "
        f"p {s['p_holm_of_claim']:.2f}"
        for s in rows
        if s["n"]
    )
    n = sum(e["kind"] == "buy" for e in told["events"])
    return Finding(
        HOLDS if won else DOES_NOT if lost else CANNOT,
        f"{n} buys, {year['n_independent']} of them a year apart. Mean return against a random date: {said}."
        if said
        else f"{n} buys, none with its window behind it.",
        "event study: block bootstrap by groups of overlapping windows, p over all circular shifts by log "
        "return, Holm over the claim's four horizons (p_holm: over all signals' looks)",
        n,
        f"{n} buys from {told['from']} to {told['to']}",
        {
            "study": rows,
            "events": [{k: e[k] for k in ("date", "price_usd", "outcomes")} for e in told["events"]
                       if e["kind"] == "buy"],
        },
    )  # fmt: skip


def two_gaps(r: Record) -> Finding:
    """Ask how far apart in price the two figures are, and how often a day moves that far."""
    x = r.pulse.market.inputs
    apart = (1 + _GAPS[1]) / (1 + _GAPS[0]) - 1
    high, low = (_daily(r, v) for v in ("price_high_usd", "price_low_usd"))
    with np.errstate(invalid="ignore", divide="ignore"):
        ranges = high / low - 1
        moves = np.abs(np.diff(x.price_usd) / x.price_usd[:-1])
    ranges, moves = (v[r.start :][np.isfinite(v[r.start :])] for v in (ranges, moves))
    last = x.price_usd[-1]
    top, bottom = (v[-1] if np.isfinite(v[-1]) else last for v in (high, low))
    gaps: dict[str, Any] = {}
    for layer in LAYERS:
        cost = r.pulse.cost_usd_per_btc(f"mean_{layer}")[-1]
        at = {
            f"at_{k}_frac": number(p / cost - 1) for k, p in (("close", last), ("low", bottom), ("high", top))
        }
        gaps[layer] = at | {"cost_usd_per_btc": number(cost)}
    both = [
        k
        for k, g in gaps.items()
        if g["at_low_frac"] is not None and g["at_low_frac"] <= min(_GAPS) <= max(_GAPS) <= g["at_high_frac"]
    ]
    often = number((moves >= apart).mean()) if len(moves) else None
    within = number((ranges >= apart).mean()) if len(ranges) else None
    moved = (
        f"on {_share(within)} of {len(ranges):,} days high and low are further apart"
        if within is not None
        else f"the close moves further on {_share(often)} of {len(moves):,} days"
        if often is not None
        else "no day to compare with"
    )
    now = ", ".join(f"{k.replace('_', '-')} {_change(g['at_close_frac'])}" for k, g in gaps.items())
    return Finding(
        HOLDS if both else CANNOT,
        f"At one cost the two figures are {100 * apart:.1f} % of price apart; {moved}: both can be right at "
        f"two hours of a day. At the close asked about price stands against mean cost: {now}.",
        "(1 - 0.259) / (1 - 0.27) - 1; gap = close over mean cost of the layer, less 1",
        len(ranges) if within is not None else len(moves),
        f"days from {_FIRST}",
        {
            "apart_frac": apart,
            "days_with_wider_range_frac": within,
            "days_with_larger_move_frac": often,
            "gap_frac": gaps,
            "layers_that_take_both": both,
        },
    )


def _share(frac: float | None) -> str:
    return "unknown" if frac is None else f"{100 * frac:.0f} %"


def _change(frac: float | None) -> str:
    return "unknown" if frac is None else f"{100 * frac:+,.0f} %"


def _daily(r: Record, variable: str) -> Floats:
    read = r.store.read(variable, as_of_s=r.pulse.market.as_of_s, retrieved_by_s=r.retrieved_by_s)
    return align(read, r.pulse.market.inputs.day * SECONDS_PER_DAY)


def miners_cascade(r: Record) -> Finding:
    """Put falls of 10 to 15 % to the population, without and with leveraged longs."""
    how = "cascade at 10, 11, ... 15 %: final fall over first; it turns where a point more makes two of fall"
    runs: dict[str, Any] = {}
    swayed: dict[str, Any] = {}
    for name, longs in (("miners", False), ("with_longs", True)):
        try:
            # It needs the compiler, which the other claims do without.
            from .cascade import Question, cascade

            told = cascade(
                r.store, r.pulse.market.as_of_s, question=Question(longs=longs, n_paths=_PATHS)
            ).data
        except (DataError, InputError) as error:
            return Finding(CANNOT, f"{error}.", how, 0, "operators")
        runs[name] = {v["name"]: v["claim"] for v in told["volumes"]}
        if not longs:
            swayed = max((v for v in told["sensitivity"] if v["name"] != "longs_btc"), key=_highest)
    answers = [c["starts_cascade"] for by_volume in runs.values() for c in by_volume.values()]
    people = told["population"]
    most = {k: max(max(c["amplification"]) for c in v.values()) for k, v in runs.items()}
    known = people["debt_usd"] > 0
    assumed = (
        f"Of its debt {_share(people['debt_assumed_frac'])} is assumed" if known else "Its debts are unknown"
    )
    return Finding(
        HOLDS if all(answers) else DOES_NOT if known and not any(answers) else CANNOT,
        f"It turns in {sum(answers)} of {len(answers)} runs. Miners' sales make a fall of 10 to 15 % at most "
        f"{most['miners']:.3f} times as deep, with leveraged longs (100,000 BTC, assumed) "
        f"{most['with_longs']:.3f} times. {assumed}; the other assumed constant that sways it most "
        f"({swayed['name'].replace('_', ' ')}) makes a fall of 12 % {_highest(swayed):.3f} times as deep.",
        how,
        people["operators"],
        f"operators and groups as of {people['on']}, {people['listed']} of them companies by name",
        {"runs": runs, "sways_most": swayed, "population": people},
    )


def _highest(row: dict[str, Any]) -> float:
    return max(float(row["amplification_low"]), float(row["amplification_high"]))


def kumo(r: Record) -> Finding:
    """Follow price for a year from each bearish twist since 2014, by both clouds and reference points."""
    how = (
        "weekly Ichimoku 9/26/52, displacement 26, closed UTC weeks from Monday; worst close within 365 "
        "days, against the close at the twist and against the highest close until then"
    )
    if r.start >= len(r.history.day):
        return Finding(CANNOT, f"The record ends before {_FIRST}.", how, 0, "twists")
    ahead = forward(r.history.price_usd, _YEAR_DAYS)
    figures: dict[str, dict[str, Any]] = {}
    for cloud in ("leading", "current"):
        told = signal_events(r.history, f"kumo_twist_{cloud}", _FIRST).data
        rows = [_twist(e) for e in told["events"] if e["kind"] == "bearish_twist"]
        figures[cloud] = {"twists": rows} | {f"from_{p}": _fell(r, ahead, rows, p) for p in ("twist", "peak")}
    readings = {
        f"{cloud} cloud, from the {point}": f[f"from_{point}"]
        for cloud, f in figures.items()
        for point in ("twist", "peak")
    }
    verdicts = {v["verdict"] for v in readings.values()}
    said = "; ".join(
        f"{k}: {v['n_deep']} of {v['n']} fell 67 % or more, {v['n_in_band']} of them 67 to 70 % "
        f"(all dates: {_share(v['random_deep_frac'])}), {v['verdict']}"
        for k, v in readings.items()
        if v["n"]
    )
    n = max(v["n"] for v in readings.values())
    return Finding(
        verdicts.pop() if len(verdicts) == 1 else CANNOT,
        f"Worst close within a year. {said}." if said else "No twist has a year behind it.",
        how,
        n,
        f"at most {n} bearish twists a cloud with a year behind them, from {_FIRST}",
        figures,
    )


def _twist(event: dict[str, Any]) -> dict[str, Any]:
    year = next(o for o in event["outcomes"] if o["horizon_days"] == _YEAR_DAYS)
    return {
        "date": event["date"],
        "price_usd": event["price_usd"],
        "from_twist_frac": year["drawdown_frac"],
        "from_peak_frac": year["peak_drawdown_frac"],
        "closes_only": bool(event["also"].get("closes_only")),
    }


def _fell(r: Record, ahead: Forward, rows: list[dict[str, Any]], point: str) -> dict[str, Any]:
    key = f"from_{point}_frac"
    done = [t for t in rows if t[key] is not None]
    n, deep = len(done), sum(t[key] >= _FALL for t in done)
    lot = (ahead.drawdown_frac if point == "twist" else ahead.peak_drawdown_frac)[r.start :]
    lot = lot[np.isfinite(lot)]
    base = float((lot >= _FALL).mean()) if len(lot) else float("nan")
    first = np.array([day_start_s(t["date"]) // SECONDS_PER_DAY for t in done], dtype=np.int64)
    apart = int(independent(first, _YEAR_DAYS)[-1]) + 1 if n else 0
    if n and deep == n and base**apart < _SURE:
        verdict = HOLDS
    else:
        verdict = DOES_NOT if n and deep < n / 2 else CANNOT
    return {
        "verdict": verdict,
        "n": n,
        "n_independent": apart,
        "n_deep": deep,
        "n_in_band": sum(_BAND[0] <= t[key] <= _BAND[1] for t in done),
        "random_deep_frac": number(base),
        "p": number(base**apart) if n and deep == n else None,
    }
