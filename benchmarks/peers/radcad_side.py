"""radCAD: a path as a run, its state as NumPy vectors, without the copies that it makes by default."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from radcad import Backend, Experiment, Model, Simulation
from radcad.engine import Engine

from .model import MONTH_DAYS, SNAPSHOT_DAYS, Case, Floats
from .numpy_side import Operators, per_cohort
from .scalar import Network
from .side import YEAR_DAYS, Form, main

State = dict[str, Any]
_BALANCES = ("cash", "free", "posted", "loan", "term", "owed", "alive")


def _blocks(case: Case, path: int) -> list[dict[str, Any]]:
    price, fees = case.price_usd[path].tolist(), case.fees_btc[path].tolist()
    rows, k = per_cohort(case), len(case.cash)

    def network(params: State, substep: int, history: Any, state: State) -> State:
        day = state["timestep"]
        now: Network = copy(state["network"])
        now.open(price[day], fees[day])
        running = (state["running"] | (case.on < now.level)) & (case.off <= now.level)
        sums = (running & (case.born_day <= day)) @ rows
        stopped = (sums[1 : 1 + k] * (1.0 - state["books"].alive[:, 0])).sum()
        hashrate = case.base_ehs + sums[0] - stopped
        now.find(hashrate)
        return {"network": now, "running": running, "sums": sums, "hashrate": hashrate}

    def operators(params: State, substep: int, history: Any, state: State) -> State:
        day = state["timestep"] - 1  # radCAD counts from the first block of a step on
        books: Operators = state["books"]
        books = replace(books, **{n: getattr(books, n).copy() for n in _BALANCES})
        now, own_ehs = copy(state["network"]), state["sums"][1 : 1 + k]
        sold, forced, (who, _) = books.day(
            np.array([now.close]), np.array([now.value]), own_ehs[:, None],
            state["sums"][1 + k :, None], (day + 1) % MONTH_DAYS == 0,
        )  # fmt: skip
        now.end(sold[0] + forced[0])
        return {
            "network": now,
            "books": books,
            "hashrate": state["hashrate"] - own_ehs[who].sum(),
            "counts": state["counts"] + np.array([len(who), len(who) * day, sold[0], forced[0]]),
        }

    def taken(name: str) -> Callable[..., tuple[str, Any]]:
        return lambda params, substep, history, state, signals: (name, signals[name])

    return [
        {"policies": {p.__name__: p}, "variables": {n: taken(n) for n in names}}
        for p, names in (
            (network, ("network", "running", "sums", "hashrate")),
            (operators, ("network", "books", "hashrate", "counts")),
        )
    ]


def _run(case: Case, deepcopy: bool) -> Floats:
    n_paths, n_days = case.price_usd.shape
    simulations = []
    for path in range(n_paths):
        start = {
            "network": Network(case), "running": np.arange(len(case.on)) < case.n_on,
            "books": Operators.of(case, 1), "sums": np.zeros(1 + 2 * len(case.cash)), "hashrate": 0.0,
            "counts": np.zeros(4),
        }  # fmt: skip
        model = Model(initial_state=start, state_update_blocks=_blocks(case, path), params={})
        simulations.append(Simulation(model=model, timesteps=n_days))
    experiment = Experiment(simulations)
    experiment.engine = Engine(backend=Backend.SINGLE_PROCESS, deepcopy=deepcopy, drop_substeps=True)
    results = experiment.run()
    rows = []
    for path in range(n_paths):
        days = [r for r in results if r["simulation"] == path]
        last = days[-1]
        books, now = last["books"], last["network"]
        sums = [x.sum() for x in (books.free, books.posted, books.cash, books.loan + books.term)]
        ends = [now.close, now.difficulty, now.height, last["hashrate"], now.order, *sums, *last["counts"]]
        for r in days[SNAPSHOT_DAYS::SNAPSHOT_DAYS]:
            ends += [r["network"].close, r["network"].difficulty, r["hashrate"]]
        rows.append(ends)
    return np.array(rows)


def _forms(case: Case) -> list[Form]:
    year, one = case.cut(2, YEAR_DAYS), case.cut(1, YEAR_DAYS)
    return [
        Form("radcad, vectors, deepcopy off", *year.price_usd.shape, lambda: _run(year, False)),
        Form("radcad, vectors, as it comes", *one.price_usd.shape, lambda: _run(one, True)),
    ]


if __name__ == "__main__":
    main(_forms)
