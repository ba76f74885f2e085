"""One operator on many paths: can it keep what it mines, how long does it last, and how sure is that."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..engine.calendar import EPOCH, Days
from ..engine.cluster import on_cluster, run_on_cluster
from ..engine.columns import BYTES_PER_MONTH, BYTES_PER_PATH, month_column, month_ends
from ..engine.drivers import Drivers
from ..engine.prepare import prepare
from ..engine.run import run
from ..engine.run_folder import RunFolder
from ..engine.runner import Kept, PathWork, all_cores, chunk_paths, chunks, run_on_threads
from ..engine.simulate import simulate_block
from ..engine.simulated import FIRST_DAYS, run_block_by_ledger
from ..engine.statement import merged, periods
from ..equipment import read_catalogue
from ..errors import DataError, InputError, ModelError
from ..operator.operator import Operator
from ..operator.sense import machine_rate_ths
from ..policies import POLICIES
from ..processes import DriverPath, constant_path
from ..processes.draws import check_seed
from ..processes.stressed import with_volatility
from ..results import LEVELS, distribution, first_passage, probability_of, survival_curve
from ..series import Series
from ..store import Store
from ..units import HASHES_PER_EH, HASHES_PER_TH, SAT_PER_BTC, SECONDS_PER_DAY
from .home import home_figures
from .kept_runs import RunIdentity, place_for, put_by
from .market import as_of_second
from .path_figures import PathFigures, waterfall
from .start import drivers_as_of

__all__ = [
    "Ask",
    "Interrupted",
    "SimulationView",
    "drivers_for",
    "eve_path",
    "run_paths",
    "simulate",
    "work_for",
]

Progress = Callable[[int, int | None], None]

#: More paths than this need a yes.
_MANY = 1_000_000
_PROBE = 16
_LARGE_FRAC = 0.02  # of the network: from here on an operator's own hash moves difficulty
_DRIVERS = ("price_usd", "hashprice_usd_per_phs_day", "hashrate_ehs")


class Interrupted(KeyboardInterrupt):
    """Stopped by hand; says what is done and how to go on."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a simulation is asked for.

    Parameters
    ----------
    volatility_frac_per_year : in place of the fitted one; None leaves it.
    start : first day; else the file's, else the day after the last one known.
    as_of_s : nothing known later is used.
    threads : of this machine, or workers of a local cluster; None for all cores.
    cluster : address of a dask scheduler, or "local".
    stream : folder that keeps every path's figures as Parquet, instead of memory.
    resume : go on with a run that was stopped.
    yes : go ahead with more than a million paths.
    chunk : paths at a time; it changes no figure. None for a sensible number.
    power : hub whose imported hourly prices say how market prices of power wander; None: they stay.
    """

    paths: int = 2000
    months: int = 24
    seed: int = 1
    process: str = "garch_fhs"
    drift_frac_per_year: float = 0.0
    volatility_frac_per_year: float | None = None
    start: date | None = None
    as_of_s: int | None = None
    threads: int | None = None
    cluster: str | None = None
    stream: Path | None = None
    resume: bool = False
    yes: bool = False
    chunk: int | None = None
    power: str | None = None

    def checked(self) -> Ask:
        """Return it, if nothing in it is wrong.

        Raises
        ------
        InputError
            Names the first thing that is.
        """
        if self.paths < 1:
            raise InputError(f"paths: {self.paths} must be 1 or more")
        if self.threads is not None and not 1 <= self.threads <= 4096:
            raise InputError(f"threads: {self.threads} must be 1 to 4096")
        if self.chunk is not None and self.chunk < 1:
            raise InputError(f"chunk: {self.chunk} paths must be 1 or more")
        check_seed(self.seed)
        return self

    @property
    def n_threads(self) -> int:
        """Threads or workers."""
        return self.threads or all_cores()


@dataclass(frozen=True, slots=True)
class SimulationView:
    """The distributions as data, and every path's figures behind them."""

    data: dict[str, Any]
    paths: PathFigures


def drivers_for(operator: Operator, ask: Ask, store: Store, progress: Progress | None = None) -> Drivers:
    """Calibrate what moves the operator's fortunes on the eve of its first day."""
    start, until = ask.start or operator.start, ask.as_of_s
    if start is not None:
        eve = (start - EPOCH).days * SECONDS_PER_DAY
        until = eve if until is None else min(until, eve)
    drivers = drivers_as_of(
        store, until, months=ask.months, process=ask.process,
        drift_frac_per_year=ask.drift_frac_per_year, progress=progress,
        share_volatility_per_day=operator.equity.own_volatility_frac if operator.equity else 0.0,
        power=_power_prices(store, ask.power, until) if ask.power else None,
    )  # fmt: skip
    if ask.volatility_frac_per_year is not None:
        wilder = with_volatility(drivers.process, ask.volatility_frac_per_year)
        drivers = replace(drivers, process=wilder)
    share = _network_share(operator, drivers)
    if share > 1:
        raise ModelError(
            f"the operator's hashrate is {share:,.1f} times the network's of {_day(drivers.first_day - 1)}: "
            "no such miner can be simulated beside it; check the machine counts"
        )
    return drivers


def _power_prices(store: Store, hub: str, until: int | None) -> Series:
    found = store.read("power_price_usd_per_mwh", entity=hub, as_of_s=until)
    if not len(found):
        raise DataError(
            f"power: no hourly price of {hub!r} is known by then; import --kind power-hourly FILE"
        )
    return found


def work_for(
    operator: Operator, drivers: Drivers, seed: int, folder: Path | None, shift: int = 0
) -> PathWork:
    """Return what turns path numbers into figures: the operator carried along a block of paths."""
    days = Days(EPOCH + timedelta(days=drivers.first_day), drivers.n_days)
    if operator.treasury.policy in (*POLICIES, "hedge"):
        prepared = prepare(operator, days, folder=folder)
        return PathWork(partial(simulate_block, prepared), drivers, seed, shift)
    # A rule of the reader's own is not compiled: the readable ledger follows it.
    return PathWork(partial(run_block_by_ledger, operator, folder=folder), drivers, seed, shift)


def eve_path(d: Drivers) -> DriverPath:
    """Return the terms of the eve, staying: what an operator can know when it decides."""
    first = EPOCH + timedelta(days=d.first_day)
    return constant_path(
        first,
        d.n_days,
        price_usd=d.price_usd,
        difficulty=d.network.difficulty,
        height=d.network.height + 1,
        fees_btc=d.fees.value_now(first.month),
    )


def run_paths(
    work: PathWork,
    ask: Ask,
    kept: Kept | RunFolder,
    *,
    size: int,
    progress: Progress | None = None,
) -> None:
    """Run every chunk that is not done yet, on threads or on a cluster."""
    done = kept.done()
    finished = sum(done.values())

    def keep(first: int, columns: Any) -> None:
        nonlocal finished
        kept.keep(first, columns)
        finished += len(columns["mined_sat"])
        if progress is not None:
            progress(finished, ask.paths)

    todo = chunks(ask.paths, size, done)
    if ask.cluster is None:
        run_on_threads(work, todo, keep, threads=ask.n_threads)
        return
    with on_cluster(ask.cluster, ask.n_threads) as client:
        run_on_cluster(work, todo, keep, client=client)


def simulate(
    operator: Operator,
    store: Store | None = None,
    ask: Ask | None = None,
    *,
    as_of: str | int | date | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
    **asked: Any,
) -> SimulationView:
    """Carry an operator along many paths of price, fees, network and power.

    Parameters
    ----------
    operator : Operator
        From `read_operator`.
    store : Store, optional
        Where history is; the default one if left out.
    ask : Ask, optional
        What is asked for; or give its fields by keyword: `paths=10_000, months=48, seed=7`.
    as_of : str, date or seconds, optional
        Nothing known later is used.
    folder : Path, optional
        Where the hourly series that the file names lie.
    progress : callable, optional
        Told (paths done, paths in all).

    Raises
    ------
    InputError
        What is asked for is wrong.
    DataError
        Too little is known by then.
    ModelError
        The scenario is infeasible.
    """
    began = time.perf_counter()
    if ask is not None and asked:
        raise InputError("give an Ask, or its fields by keyword, not both")
    try:
        ask = (ask or Ask(**asked)).checked()
    except TypeError as error:
        raise InputError(f"simulate: {error}") from None
    if as_of is not None:
        ask = replace(ask, as_of_s=as_of_second(as_of))
    if store is None:
        from ..store import open_store

        with open_store() as opened:
            drivers, place = drivers_for(operator, ask, opened), opened.path
    else:
        drivers, place = drivers_for(operator, ask, store), store.path
    prepared = time.perf_counter()
    work = work_for(operator, drivers, ask.seed, folder)
    if ask.paths > _MANY and not ask.yes:
        raise InputError(_too_many(work, ask))
    whole = RunIdentity(operator, drivers, ask.seed, ask.paths, ask.months, folder)
    size = ask.chunk or chunk_paths(ask.paths, ask.n_threads, drivers.n_days)
    kept, size = place_for(whole, size, beside=place, stream=ask.stream, resume=ask.resume)
    try:
        run_paths(work, ask, kept, size=size, progress=progress)
    except KeyboardInterrupt:
        raise Interrupted(put_by(kept, whole, size, beside=place)) from None
    figures = PathFigures(kept.column)
    data = _figures(operator, drivers, ask, figures)
    if operator.kind == "home":
        data["home"] = _home(operator, drivers, folder)
    if isinstance(kept, RunFolder) and ask.stream is None:
        kept.remove()
    data["prepare_s"] = prepared - began
    data["wall_s"] = time.perf_counter() - began
    return SimulationView(data, figures)


def _too_many(work: PathWork, ask: Ask) -> str:
    work(0, _PROBE)  # compiles
    began = time.perf_counter()
    work(0, _PROBE)
    hours = (time.perf_counter() - began) / _PROBE * ask.paths / ask.n_threads / 3600
    gib = ask.paths * (BYTES_PER_PATH + BYTES_PER_MONTH * (ask.months + 1)) / 2**30
    where = "of disk" if ask.stream else "of memory (of disk with --stream DIR)"
    return (
        f"{ask.paths:,} paths take about {hours:,.1f} hours on {ask.n_threads} threads and {gib:,.1f} GiB "
        f"{where}; --yes goes ahead, fewer --paths may do: the error falls with their square root"
    )


def _day(number: int) -> str:
    return (EPOCH + timedelta(days=number)).isoformat()


def _network_share(operator: Operator, drivers: Drivers) -> float:
    catalogue, c = read_catalogue(), drivers.network.cohorts
    ths = sum(machine_rate_ths(m, catalogue) * m.count for s in operator.sites for m in s.machines)
    running = float(c.capacity_ehs[: c.n_on].sum()) + c.base_ehs
    return ths * HASHES_PER_TH / HASHES_PER_EH / running


def _figures(operator: Operator, drivers: Drivers, ask: Ask, f: PathFigures) -> dict[str, Any]:
    ends = month_ends(drivers.first_day, drivers.n_days)
    months = [_day(drivers.first_day + int(i))[:7] for i in ends]
    mined, spot = f.btc("mined"), f.spot()
    passages = {
        name: first_passage(f.column(f"first_day.{name}"))
        for name in (*FIRST_DAYS, *(f"breach:{c.name}" for c in operator.covenants))
    }
    breaches = {c.name: passages[f"breach:{c.name}"] for c in operator.covenants}
    survived = probability_of(f.survived())
    beats = {k: probability_of(mined > v) for k, v in spot.items()}
    short = f.column("first_day.shortfall")
    runway = f.runway()
    curve = survival_curve(short, [int(i) for i in ends])
    return {
        "operator": operator.operator,
        "question": operator.question or None,
        "kind": operator.kind,
        "policy": operator.treasury.policy,
        "first_day": _day(drivers.first_day),
        "last_day": _day(drivers.first_day + drivers.n_days - 1),
        "fitted_to": _day(drivers.fitted_to_day),
        "price_usd": drivers.price_usd,
        "process": ask.process,
        "volatility_per_day_frac": drivers.process.volatility_per_day,
        "drift_frac_per_year": ask.drift_frac_per_year,
        "paths": ask.paths,
        "months": ask.months,
        "seed": ask.seed,
        "retained_btc": distribution(f.retained()),
        "retention_frac": distribution(f.retention_frac()),
        "mined_btc": distribution(mined),
        "sold_btc": distribution(f.btc("sold")),
        "earned_btc": distribution(f.earned()),
        "earned_after_growth_btc": distribution(f.earned(after_growth=True)),
        "held_btc": distribution(f.btc("owned")),
        "net_btc": distribution(f.net()),
        "cash_usd": distribution(f.usd("cash_cents")),
        "spent_usd": distribution(f.usd("spent_cents")),
        "end_price_usd": distribution(f.end_price_usd()),
        "keeps_all_it_mines_probability": probability_of(f.retained() >= mined).value,
        "runway_days": {
            **distribution(runway),
            "horizon_days": drivers.n_days,
            "beyond_horizon_probability": probability_of(np.isinf(runway)).value,
        },
        "survival_probability": survived.value,
        "survival_se": survived.se,
        **{f"{n}_probability": passages[n]["probability"] for n in FIRST_DAYS},
        **{f"{n}_se": passages[n]["se"] for n in FIRST_DAYS},
        "breach_probability": {n: p["probability"] for n, p in breaches.items()},
        "breach_se": {n: p["se"] for n, p in breaches.items()},
        "first_passage": passages,
        "survival": [
            {"month": m, "day": int(i), "probability": e.value, "se": e.se}
            for m, i, e in zip(months, ends, curve, strict=True)
        ],
        "buy_instead_btc": {k: distribution(v) for k, v in spot.items()},
        "mining_beats_buying_probability": {k: e.value for k, e in beats.items()},
        "mining_beats_buying_se": {k: e.se for k, e in beats.items()},
        "waterfall_btc": waterfall(f),
        "fan": [_fan(f, i, m) for i, m in enumerate(months)],
        "threads": ask.n_threads,
        "cluster": ask.cluster,
        "stream": None if ask.stream is None else str(ask.stream),
        "assumed": _assumed(operator, drivers, ask),
    }


def _home(operator: Operator, d: Drivers, folder: Path | None) -> dict[str, Any]:
    """Return what a home's run costs, and its odds, on the terms of the eve."""
    outcome = run(operator, eve_path(d), folder=folder)
    return home_figures(outcome, merged("total", periods(outcome)))


def _fan(f: PathFigures, i: int, month: str) -> dict[str, Any]:
    """Return a month's quantiles of coins kept so far, and of what the network did at its end."""
    out: dict[str, Any] = {"month": month}
    kept = distribution(f.column(month_column("retained_sat", i)) / SAT_PER_BTC)
    out["retained_btc"] = {k: kept[k] for k in ("mean", "se", *LEVELS)}
    for name in _DRIVERS:
        of = distribution(f.column(month_column(name, i)))
        out[name] = {k: of[k] for k in ("mean", *LEVELS)}
    return out


def _assumed(operator: Operator, drivers: Drivers, ask: Ask) -> list[str]:
    """Return what a reader must know is not measured."""
    fitted = f"{ask.process}, fitted on days to {_day(drivers.fitted_to_day)}"
    if ask.volatility_frac_per_year is not None:
        fitted += f", made to move {ask.volatility_frac_per_year:.0%} a year"
    drift = f"{ask.drift_frac_per_year:+.0%} a year, nobody's forecast (--drift), each path's own around it"
    out = [
        f"price: {fitted}; the median price moves {drift}",
        "the network answers hashprice by its cost curve; this operator moves neither price nor difficulty",
    ]
    start = ask.start or operator.start
    if start is not None and (start - EPOCH).days != drivers.first_day:
        out.append(
            f"it starts on {_day(drivers.first_day)}, the day after the last one known, not on {start}"
        )
    share = _network_share(operator, drivers)
    if share > _LARGE_FRAC:
        out.append(f"its machines are {share:.0%} of the network: their own effect on difficulty is left out")
    if operator.equity is not None:
        own = operator.equity.own_volatility_frac
        out.append(
            f"the share moves {operator.equity.beta:g} times as much as bitcoin, {own:.1%} a day of its own"
        )
    if any(s.power.contract == "indexed" or s.power.resale for s in operator.sites) and not ask.power:
        out.append(
            "hourly prices of power are as the file has them on every path (--power HUB lets them wander)"
        )
    return out
