"""Are the simulation's bands honest? A year ahead from each month of 2016 to 2023, on what was known then."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from manometer.economics import hashprice
from manometer.engine.drivers import Drivers, PathBlock, draw_paths, network_answers
from manometer.engine.network_loop import NetworkPaths
from manometer.network.assumptions import Assumptions
from manometer.network.history import DailyInputs
from manometer.processes.draws import normals
from manometer.processes.price import process as price_process
from manometer.readings.market import Market
from manometer.readings.start import PRICE_DAYS, drivers_of
from manometer.signals.rolling import rolling_mean
from manometer.units import HASHES_PER_DIFFICULTY_CUSTOMARY, HASHES_PER_EH, SECONDS_PER_DAY

from .context import Context
from .rows import Row

__all__ = ["crps_of_draws", "crps_of_normal", "simulation_rows", "until"]

Floats = NDArray[np.float64]

_YEARS = range(2016, 2024)
_HORIZONS = (30, 90, 180, 365)
_GIVEN = 60  # days ahead of the hashrate forecast that is told the price
_PATHS, _SEED = 400, 2016
_BAND = (0.05, 0.95)
_LEAST, _MOST = 0.80, 0.97
_SMOOTH_DAYS = 14  # of blocks x difficulty: what is compared as hashrate, in history and on the paths
_PAST_DAYS = 4 * 365
_OTHERS = ("gbm", "jump", "bootstrap", "regime")  # processes whose hashprice bands are shown beside
_BLOCK = 12  # starts resampled together
_REQUIREMENT = "the project's requirements"
_SECTION = "simulation"


@dataclass(frozen=True)
class _Start:
    """One start: logarithms over the value of the eve, by (variable, horizon).

    drawn : what the paths came to, sorted. real : what happened. past : standard deviation and mean of the
    changes over the same horizon in the four years before.
    """

    drawn: dict[tuple[str, int], Floats]
    real: dict[tuple[str, int], float]
    past: dict[tuple[str, int], tuple[float, float]]
    others: dict[str, list[bool]]


def simulation_rows(c: Context) -> Iterator[Row]:
    """Coverage of the 90 % bands, and CRPS against a random walk and constant growth."""
    starts = list(_starts(c))
    for name in ("hashprice", "hashrate", "price"):
        note = f"starts at each month's first of 2016-2023, {_PATHS} paths of garch_fhs; "
        note += "blocks of 12 starts resampled, eight independent years"
        if name == "hashrate":
            note += "; 14-day mean of blocks x difficulty, in history and on the paths"
        if name == "price":
            note += "; no drift is assumed: prices of these years rose"
        hits = np.array([[_covered(s, name, h) for h in _HORIZONS] for s in starts], dtype=np.float64)
        mean = float(hits.mean())
        yield Row(
            _SECTION,
            f"{name}, 90 % band, 30 to 365 d pooled",
            mean,
            _LEAST,
            "frac (min; at most 0.97)",
            max(_LEAST - mean, mean - _MOST, 0.0),
            _REQUIREMENT,
            None if name == "price" else _LEAST <= mean <= _MOST,
            note,
            _interval(c, len(starts), lambda take, x=hits: float(x[take].mean())),
        )
        for i, h in enumerate(_HORIZONS):
            share = float(hits[:, i].mean())
            yield Row(
                _SECTION,
                f"{name}, 90 % band, {h} d",
                share,
                0.90,
                "frac",
                share - 0.90,
                "nominal",
                None,
                "not judged apart",
                _interval(c, len(starts), lambda take, x=hits[:, i]: float(x[take].mean())),
            )
    for process in _OTHERS:
        hits = np.array([s.others[process] for s in starts], dtype=np.float64)
        yield Row(
            _SECTION,
            f"hashprice, 90 % band, pooled, {process}",
            float(hits.mean()),
            0.90,
            "frac",
            float(hits.mean()) - 0.90,
            "nominal",
            None,
            "the same with another price process",
            _interval(c, len(starts), lambda take, x=hits: float(x[take].mean())),
        )
    for name in ("hashprice", "hashrate"):
        for h in _HORIZONS[:2]:
            yield _against(c, starts, f"{name}, {h} d", (name, h), "random walk", 1.0)
    for rival in ("random walk", "constant growth"):
        yield _against(c, starts, f"hashrate given the price, {_GIVEN} d", ("given", _GIVEN), rival, 0.9)


def _against(
    c: Context, starts: list[_Start], item: str, key: tuple[str, int], rival: str, limit: float
) -> Row:
    """CRPS over that of a rival: a normal around the last value, or around the past's mean change."""
    ours = np.array([crps_of_draws(s.drawn[key], s.real[key]) for s in starts])
    theirs = np.empty(len(starts))
    for i, s in enumerate(starts):
        deviation, mean = s.past[key]
        if rival == "random walk":
            theirs[i] = crps_of_normal(0.0, math.hypot(deviation, mean), s.real[key])
        else:
            theirs[i] = crps_of_normal(mean, deviation, s.real[key])
    ratio = float(ours.mean() / theirs.mean())
    return Row(
        _SECTION,
        f"{item}: CRPS against {rival}",
        ratio,
        limit,
        "ratio (max)",
        max(ratio - limit, 0.0),
        _REQUIREMENT,
        ratio < limit,
        f"of the logarithm; {rival}: normal, with the past four years' changes over as many days",
        _interval(c, len(starts), lambda take: float(ours[take].mean() / theirs[take].mean())),
    )


def _starts(c: Context) -> Iterator[_Start]:
    """Calibrate and draw from each start; nothing after its eve is read but what is compared."""
    days = [f"{y}-{m:02d}-01" for y in _YEARS for m in range(1, 13)]
    curves = c.curves([str(np.datetime64(d, "D") - 1) for d in days])
    market, one = c.pulse.market, Assumptions(1)
    x = market.inputs
    smooth = rolling_mean(x.hashrate_ehs, _SMOOTH_DAYS)
    history = {"hashprice": x.hashprice_usd_per_phs_day, "hashrate": smooth, "price": x.price_usd}
    for eve, curve in curves.items():
        k = c.index(eve)
        drivers = drivers_of(
            until(market, k),
            {name: column[: k + 1] for name, column in c.pulse.rows.items()},
            curve,
            c.pulse.releases,
            one,
            months=12,
        )
        drawn, real, past = {}, {}, {}
        for (name, h), value in _draw(drivers, x.price_usd[k + 1 :]).items():
            series = history["hashrate" if name == "given" else name]
            drawn[name, h] = np.sort(np.log(value / series[k]))
            real[name, h] = float(np.log(series[k + h] / series[k]))
            change = np.log(series[k - _PAST_DAYS + h : k + 1] / series[k - _PAST_DAYS : k + 1 - h])
            past[name, h] = float(change.std()), float(change.mean())
        others = {}
        for process in _OTHERS:
            block = draw_paths(_with_process(drivers, process, x.price_usd[: k + 1]), _SEED, 0, _PATHS)
            at = [h - 1 for h in _HORIZONS]
            low, high = np.quantile(np.log(_hashprice(block)[:, at] / history["hashprice"][k]), _BAND, axis=0)
            happened = [real["hashprice", h] for h in _HORIZONS]
            others[process] = [bool(a <= y <= b) for a, y, b in zip(low, happened, high, strict=True)]
        yield _Start(drawn, real, past, others)


def _draw(drivers: Drivers, later_price: Floats) -> dict[tuple[str, int], Floats]:
    """What the paths come to by (variable, horizon); "given" is hashrate where the price is what it was."""
    block = draw_paths(drivers, _SEED, 0, _PATHS)
    revenue = _hashprice(block)
    told = np.broadcast_to(later_price[: drivers.n_days], block.price_usd.shape)
    given = network_answers(drivers, _SEED, 0, np.ascontiguousarray(told), block.fees_btc)
    free = NetworkPaths(block.difficulty, block.subsidy_btc, block.hashrate_ehs, block.switches)
    seen, seen_given = _observed(drivers, free), _observed(drivers, given)
    out = {}
    for h in _HORIZONS:
        out["hashprice", h], out["price", h] = revenue[:, h - 1], block.price_usd[:, h - 1]
        out["hashrate", h] = seen[:, h - _SMOOTH_DAYS : h].mean(1)
    out["given", _GIVEN] = seen_given[:, _GIVEN - _SMOOTH_DAYS : _GIVEN].mean(1)
    return out


def _hashprice(b: PathBlock) -> Floats:
    terms = {"difficulty": b.difficulty, "subsidy_btc": b.subsidy_btc, "fees_btc": b.fees_btc}
    return np.asarray(hashprice(price_usd=b.price_usd, **terms))


def _with_process(drivers: Drivers, name: str, price: Floats) -> Drivers:
    """Return the same drivers with another price process, fitted on the same days."""
    model = price_process(name).calibrate(np.diff(np.log(price[-PRICE_DAYS:])))
    error = drivers.drift_error_per_day * model.volatility_per_day / drivers.process.volatility_per_day
    return replace(drivers, process=model, drift_error_per_day=error)


def _observed(drivers: Drivers, paths: NetworkPaths) -> Floats:
    """Blocks x difficulty of each day [EH/s]: the hashrate with the luck that its blocks had."""
    n, days = paths.hashrate_ehs.shape
    luck = normals(_SEED, "blocks", 0, n, days)[0]
    before = np.concatenate([np.full((n, 1), drivers.network.difficulty), paths.difficulty[:, :-1]], axis=1)
    per_day = HASHES_PER_EH * SECONDS_PER_DAY / HASHES_PER_DIFFICULTY_CUSTOMARY
    blocks = paths.hashrate_ehs * per_day / before
    return np.asarray(paths.hashrate_ehs * (1 + luck / np.sqrt(blocks)))


def until(market: Market, k: int) -> Market:
    """Return what was known of a market at the end of its day number `k`."""
    x = market.inputs
    end_s = (int(x.day[k]) + 1) * SECONDS_PER_DAY
    epochs = market.epoch_time_s < end_s
    return replace(
        market,
        as_of_s=end_s,
        inputs=DailyInputs(*(getattr(x, f.name)[: k + 1] for f in fields(DailyInputs))),
        height=market.height[: k + 1],
        epoch_height=market.epoch_height[epochs],
        epoch_time_s=market.epoch_time_s[epochs],
        epoch_bits=market.epoch_bits[epochs],
    )


def _covered(s: _Start, name: str, h: int) -> bool:
    low, high = np.quantile(s.drawn[name, h], _BAND)
    return bool(low <= s.real[name, h] <= high)


def _interval(c: Context, n: int, value: Callable[[NDArray[np.int64]], float]) -> tuple[float, float]:
    """90 % interval by resampling years of starts, round the end."""
    rng = np.random.Generator(np.random.Philox(key=_SEED))
    first = rng.integers(0, n, (c.n_resamples, n // _BLOCK))
    take = (first[:, :, None] + np.arange(_BLOCK)).reshape(c.n_resamples, -1) % n
    low, high = np.quantile([value(t) for t in take], _BAND)
    return float(low), float(high)


def crps_of_draws(drawn: Floats, real: float) -> float:
    """Continuous ranked probability score of sorted draws, without the bias of a finite number of them.

    References
    ----------
    M. Zamo, P. Naveau, "Estimation of the continuous ranked probability score with limited information",
    Mathematical Geosciences 50, 2018, equation PWM.
    """
    n = len(drawn)
    spread = float(((2 * np.arange(1, n + 1) - n - 1) * drawn).sum()) / (n * (n - 1))
    return float(np.abs(drawn - real).mean()) - spread


def crps_of_normal(mean: float, deviation: float, real: float) -> float:
    """Continuous ranked probability score of a normal distribution.

    References
    ----------
    T. Gneiting, A. Raftery, "Strictly proper scoring rules, prediction, and estimation", JASA 102, 2007,
    section 4.2.
    """
    z = (real - mean) / deviation
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return deviation * (z * math.erf(z / math.sqrt(2)) + 2 * density - 1 / math.sqrt(math.pi))
