"""JAX on the CPU in float64: the border with a table, and every cohort a relay of its own.

Days are a scan; a batch goes through each day as fused loops, from snapshot to snapshot in one compiled call.
"""

from __future__ import annotations

import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .model import BLOCKS, HASHPRICE, MONTH_DAYS, SATOSHI, SNAPSHOT_DAYS, Case, Floats
from .numpy_side import per_cohort
from .side import Form, main

jax.config.update("jax_enable_x64", True)

State = dict[str, Any]
_FEW = 16  # calls and defaults touch less than one path in so many on most days


def _constants(case: Case) -> dict[str, Any]:
    names = (
        "share",
        "buffer",
        "fixed",
        "instalment",
        "loan_rate",
        "term_rate",
        "restore",
        "call",
        "liquidate",
    )
    # Cohorts that join, by day: at most so many on one; -1 is none.
    most = max(np.bincount(case.born_day[case.born_day > 0]).max(initial=0), 1)
    joins = np.full((case.price_usd.shape[1], most), -1)
    for j in np.flatnonzero(case.born_day):
        if (t := int(case.born_day[j])) < len(joins):
            joins[t, int((joins[t] >= 0).sum())] = j
    return {
        **{n: jnp.asarray(getattr(case, n)) for n in (*names, "on", "off")},
        **{n: getattr(case, n) for n in ("base_ehs", "weight", "root", "stays")},
        "rows": jnp.asarray(per_cohort(case)),
        "joins": jnp.asarray(joins),
    }


def _start(case: Case, n: int, dense: bool) -> State:
    there = (case.born_day == 0)[:, None]
    rows = per_cohort(case) * there
    m, halvings = len(case.on), case.height // 210_000
    full = {
        "level": case.level, "difficulty": case.difficulty, "height": case.height, "spent": case.epoch_s,
        "epoch": case.height % 2016, "subsidy": 50.0 * 0.5**halvings, "halving": (halvings + 1) * 210_000.0,
        "order": 0.0, "defaults": 0.0, "default_days": 0.0, "sold": 0.0, "forced": 0.0, "switches": 0.0,
        "close": 0.0, "hashrate": 0.0,
    }  # fmt: skip
    state: State = {k: jnp.full(n, v, dtype=jnp.float64) for k, v in full.items()}
    for name in ("cash", "free", "posted", "loan", "term"):
        state[name] = jnp.tile(jnp.asarray(getattr(case, name)), (n, 1))
    state["owed"], state["alive"] = jnp.zeros((n, len(case.cash))), jnp.ones((n, len(case.cash)))
    if dense:
        state["running"] = jnp.tile(jnp.arange(m) < case.n_on, (n, 1))
        state["table"] = jnp.asarray(rows)
    else:
        state["border"] = jnp.full(n, case.n_on)
        state["table"] = jnp.asarray(np.vstack([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)]))
    return state


def _relays(c: dict[str, Any], s: State, joins: Any, gather: Any) -> tuple[Any, State]:
    """Every cohort by itself, (paths, cohorts); owners by matrix product, or from the cohorts they own."""
    table = _joined(c, s["table"], joins, jnp.arange(len(c["on"])), lambda i, j: i == j)
    level = s["level"][:, None]
    running = (s["running"] | (c["on"] < level)) & (c["off"] <= level)
    on = running.astype(jnp.float64)
    if gather is None:
        return on @ table, {"running": running, "table": table}
    k, owned = len(gather), jnp.asarray(gather)
    who = jnp.arange(k)[:, None]
    mine = on[:, owned]
    sums = [
        (on @ table[:, :1]),
        (mine * table[owned, 1 + who]).sum(-1),
        (mine * table[owned, 1 + k + who]).sum(-1),
    ]
    return jnp.concatenate(sums, axis=1), {"running": running, "table": table}


def _border(c: dict[str, Any], s: State, joins: Any) -> tuple[Any, State]:
    """The border alone, and sums from the table of what is below it."""
    table = _joined(c, s["table"], joins, jnp.arange(len(c["on"]) + 1), lambda i, j: i > j)
    first = jnp.searchsorted(c["on"], s["level"], side="left", method="scan_unrolled")
    last = jnp.searchsorted(c["off"], s["level"], side="right", method="scan_unrolled")
    border = jnp.minimum(jnp.maximum(s["border"], first), last)
    return table[border], {"border": border, "table": table}


def _joined(c: dict[str, Any], table: Any, joins: Any, places: Any, below: Callable[..., Any]) -> Any:
    def add(table: Any) -> Any:
        for i in range(joins.shape[0]):
            j = joins[i]
            table = table + jnp.where((below(places, j) & (j >= 0))[:, None], c["rows"][j], 0.0)
        return table

    return jax.lax.cond(joins[0] >= 0, add, lambda table: table, table)


def _day(cohorts: Callable[..., Any], c: dict[str, Any], s: State, day: Any) -> tuple[State, None]:
    price, fees, t, joins = day
    k = len(c["share"])
    close = price * (1.0 - jnp.minimum(c["root"] * jnp.sqrt(s["order"]), 0.95))
    reward = (s["subsidy"] + fees) / s["difficulty"]
    s = {**s, "level": s["level"] + c["weight"] * (close * reward * HASHPRICE - s["level"])}
    sums, moved = cohorts(c, s, joins)
    own_ehs, own_cents, alive = sums[:, 1 : 1 + k], sums[:, 1 + k :], s["alive"]
    hashrate = c["base_ehs"] + sums[:, 0] - (own_ehs * (1.0 - alive)).sum(1)

    rate, need = hashrate * BLOCKS / s["difficulty"], 2016.0 - s["epoch"]
    ends, part = rate >= need, need / rate
    seen = (s["spent"] + part * 86_400.0) * (2015.0 / 2016.0)
    ratio = jnp.minimum(jnp.maximum(1_209_600.0 / jnp.maximum(seen, 1.0), 0.25), 4.0)
    new = jnp.maximum(s["difficulty"] * ratio, 1.0)
    rest = rate * s["difficulty"] / new * (1.0 - part)
    found = jnp.where(ends, need + rest, rate)
    halves = s["height"] + found > s["halving"]
    early = (s["halving"] - s["height"]) / found
    mean = s["subsidy"] * early + 0.5 * s["subsidy"] * (1.0 - early)
    value = reward * SATOSHI * jnp.where(halves, (mean + fees) / (s["subsidy"] + fees), 1.0)

    due_now, term = _month(c, s, t)
    price1, per_sat = close[:, None], (close * 1e-6)[:, None]
    mined = jnp.floor(own_ehs * alive * value[:, None])
    free = s["free"] + mined
    due = own_cents * alive + s["owed"] + due_now
    short = due + c["buffer"] - s["cash"]
    wanted = jnp.where(short > 0.0, jnp.floor(short * (1.0 / per_sat)) + 2.0, 0.0)
    sale = jnp.minimum(jnp.maximum(wanted, jnp.floor(mined * c["share"])), free)
    free = free - sale
    cash = s["cash"] + jnp.floor(sale * per_sat)
    paid = jnp.minimum(due, cash)
    cash, owed = cash - paid, due - paid

    # Calls: every operator, and those who are not called keep what they have.
    loan, posted = s["loan"], s["posted"]
    called = loan > c["call"] * posted * price1 * 1e-6
    fails = owed > 0.0
    books = (cash, free, posted, loan, term, owed, alive)
    books, forced = _touched(c, books, called, fails, close)
    died = alive - books[6]
    n_died, sold = died.sum(1), sale.sum(1)
    return {
        **dict(zip(("cash", "free", "posted", "loan", "term", "owed", "alive"), books, strict=True)),
        **moved,
        "close": close,
        "level": s["level"],
        "hashrate": hashrate - (own_ehs * died).sum(1),
        "difficulty": jnp.where(ends, new, s["difficulty"]),
        "epoch": jnp.where(ends, rest, s["epoch"] + rate),
        "spent": jnp.where(ends, (1.0 - part) * 86_400.0, s["spent"] + 86_400.0),
        "subsidy": jnp.where(halves, 0.5 * s["subsidy"], s["subsidy"]),
        "halving": jnp.where(halves, s["halving"] + 210_000.0, s["halving"]),
        "height": s["height"] + found,
        "order": jnp.maximum(s["order"] * c["stays"] + (sold + forced), 0.0),
        "defaults": s["defaults"] + n_died,
        "default_days": s["default_days"] + n_died * t,
        "sold": s["sold"] + sold,
        "forced": s["forced"] + forced,
        "switches": s["switches"],
    }, None


def _month(c: dict[str, Any], s: State, t: Any) -> tuple[Any, Any]:
    def due(term: Any) -> tuple[Any, Any]:
        part = jnp.minimum(c["instalment"], term)
        interest = jnp.rint(term * c["term_rate"]) + jnp.rint(s["loan"] * c["loan_rate"])
        return c["fixed"] * s["alive"] + interest + part, term - part

    return jax.lax.cond((t + 1) % MONTH_DAYS == 0, due, lambda term: (jnp.zeros_like(term), term), s["term"])


def _touched(c: dict[str, Any], books: Any, called: Any, fails: Any, close: Any) -> tuple[Any, Any]:
    """Do the credit side for the paths that it touches, a few at a time, or for all if they are many."""
    n, some = len(close), max(len(close) // _FEW, 1)
    touched = (called | fails).any(1)
    count = touched.sum()

    def none(_: Any) -> tuple[Any, Any]:
        return books, jnp.zeros_like(close)

    def few(_: Any) -> tuple[Any, Any]:
        at = jnp.nonzero(touched, size=some, fill_value=n)[0]  # places beyond the last are dropped
        price = close.at[at].get(mode="fill", fill_value=1.0)[:, None]
        rows = tuple(x.at[at].get(mode="fill", fill_value=0.0) for x in books)
        rows, sold = _credit(c, rows, called.at[at].get(mode="fill", fill_value=False), price, price * 1e-6)
        done = tuple(x.at[at].set(r, mode="drop") for x, r in zip(books, rows, strict=True))
        return done, jnp.zeros_like(close).at[at].set(sold, mode="drop")

    def all_of(_: Any) -> tuple[Any, Any]:
        return _credit(c, books, called, close[:, None], (close * 1e-6)[:, None])

    return jax.lax.switch((count > 0).astype(int) + (count > some), (none, few, all_of), None)


def _credit(c: dict[str, Any], books: Any, called: Any, price: Any, per_sat: Any) -> tuple[Any, Any]:
    cash, free, posted, loan, term, owed, alive = books
    restore = c["restore"]
    at_once = loan >= c["liquidate"] * posted * price * 1e-6
    more = jnp.minimum(jnp.maximum(jnp.ceil(loan / (restore * price * 1e-6)) - posted, 0.0), free)
    more = jnp.where(called & ~at_once, more, 0.0)
    free, posted = free - more, posted + more
    sells = called & (at_once | (loan > c["call"] * posted * price * 1e-6))
    gap = loan - restore * posted * price * 1e-6
    n = jnp.maximum(jnp.floor(gap / (price * 1e-6 * (1.0 - restore))) + 1.0, 0.0)
    n = jnp.where(sells, jnp.minimum(n, posted), 0.0)
    loan, posted = loan - jnp.minimum(jnp.floor(n * per_sat), loan), posted - n
    bare = called & (posted == 0.0)
    owed, loan = owed + jnp.where(bare, loan, 0.0), jnp.where(bare, 0.0, loan)
    clear = called & (loan == 0.0)
    free, posted = free + jnp.where(clear, posted, 0.0), jnp.where(clear, 0.0, posted)

    fails = owed > 0.0
    k = jnp.where(fails & (loan > 0.0), jnp.minimum(jnp.floor(loan / per_sat) + 2.0, posted), 0.0)
    left = loan - jnp.minimum(jnp.floor(k * per_sat), loan)
    all_free = free + (posted - k)
    claim = left + term + owed
    m = jnp.where(fails, jnp.minimum(jnp.floor(claim / per_sat) + 2.0, all_free), 0.0)
    got = jnp.floor(m * per_sat)
    cash = jnp.where(fails, cash + (got - jnp.minimum(cash + got, claim)), cash)
    free = jnp.where(fails, all_free - m, free)
    posted, loan, term, owed, alive = (jnp.where(fails, 0.0, x) for x in (posted, loan, term, owed, alive))
    return (cash, free, posted, loan, term, owed, alive), (n + k + m).sum(1)


def _forms(case: Case) -> list[Form]:
    c = _constants(case)
    n_all, n_days = case.price_usd.shape

    def form(name: str, n_paths: int, batch: int, cohorts: Callable[..., Any], dense: bool) -> Form:
        n_paths = min(n_paths, n_all)
        batch = min(batch, n_paths)
        step = partial(_day, cohorts, c)
        segment = jax.jit(lambda s, days: jax.lax.scan(step, s, days)[0], donate_argnums=0)
        parts = []
        for i in range(0, n_paths, batch):
            price, fees = (x[i : i + batch].T for x in (case.price_usd, case.fees_btc))
            parts.append(
                [
                    (jnp.asarray(price[t:e]), jnp.asarray(fees[t:e]), jnp.arange(t, e), c["joins"][t:e])
                    for t in range(0, n_days, SNAPSHOT_DAYS)
                    for e in [min(t + SNAPSHOT_DAYS, n_days)]
                ]
            )

        def run() -> Floats:
            rows = []
            for segments in parts:
                s, snapshots = _start(case, segments[0][0].shape[1], dense), []
                for days in segments:
                    s = segment(s, days)
                    if days[0].shape[0] == SNAPSHOT_DAYS:
                        snapshots += [np.asarray(s[x]).copy() for x in ("close", "difficulty", "hashrate")]
                ends = [s[x] for x in ("close", "difficulty", "height", "hashrate", "order")]
                sums = [s[x].sum(1) for x in ("free", "posted", "cash")] + [(s["loan"] + s["term"]).sum(1)]
                counts = [s[x] for x in ("defaults", "default_days", "sold", "forced")]
                rows.append(np.stack([*map(np.asarray, (*ends, *sums, *counts)), *snapshots], axis=1))
            return np.concatenate(rows)

        return Form(name, n_paths, n_days, run)

    gather = partial(_relays, gather=case.owned)
    return [
        form("jax staircase, batch 4096", 4096, 4096, _border, False),
        form("jax staircase, batch 512", 1024, 512, _border, False),
        form("jax dense, matrix product", 256, 256, partial(_relays, gather=None), True),
        form("jax dense, gather", 256, 256, gather, True),
    ]


if __name__ == "__main__":
    main(_forms)
