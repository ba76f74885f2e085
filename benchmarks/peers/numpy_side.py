"""NumPy, over all paths at once: every cohort a relay of its own (the oracle), and the border alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .model import BLOCKS, HASHPRICE, MONTH_DAYS, SATOSHI, SNAPSHOT_DAYS, Case, Floats

__all__ = ["Dense", "Staircase", "per_cohort", "run"]

Bools = NDArray[np.bool_]


class Dense:
    """Relays one by one: (cohorts, paths) booleans, and owners' sums as one matrix product."""

    def __init__(self, case: Case, n_paths: int) -> None:
        m = len(case.on)
        self.case, self.on, self.off = case, case.on[:, None], case.off[:, None]
        self.running = np.repeat((np.arange(m) < case.n_on)[:, None], n_paths, axis=1)
        self.there = np.zeros(m, dtype=bool)
        self.per_cohort = per_cohort(case).T  # (1 + 2K, M)
        self.switches = np.zeros(n_paths)

    def day(self, t: int, level: Floats) -> Floats:
        """Move the relays; return capacity, owners' hashrate and bills, (1 + 2K, paths)."""
        self.there |= self.case.born_day == t
        now = (self.running | (self.on < level)) & (self.off <= level)
        self.switches += ((now != self.running) & self.there[:, None]).sum(0)
        self.running = now
        return np.asarray((self.per_cohort * self.there) @ now.astype(np.float64))


class Staircase:
    """The border alone: one whole number per path, and sums from a table that arrivals rebuild."""

    def __init__(self, case: Case, n_paths: int) -> None:
        self.case = case
        self.border = np.full(n_paths, case.n_on)
        self.there = np.zeros(len(case.on), dtype=bool)
        self.arrivals = {int(d) for d in case.born_day} | {0}
        self.per_cohort = per_cohort(case)
        self.switches = np.zeros(n_paths)

    def day(self, t: int, level: Floats) -> Floats:
        """Move the borders; return capacity, owners' hashrate and bills, (1 + 2K, paths)."""
        c = self.case
        if t in self.arrivals:
            self.there |= c.born_day <= t
            zero = np.zeros((1, self.per_cohort.shape[1]))
            self.table = np.vstack([zero, np.cumsum(self.per_cohort * self.there[:, None], axis=0)])
            self.count = np.concatenate([[0], np.cumsum(self.there)])
        first = np.searchsorted(c.on, level, side="left")
        last = np.searchsorted(c.off, level, side="right")
        now = np.minimum(np.maximum(self.border, first), last)
        self.switches += np.abs(self.count[now] - self.count[self.border])
        self.border = now
        return np.asarray(self.table[now].T)


@dataclass
class Operators:
    """Balances, (operators, paths): whole cents and satoshi; `c` holds the case's columns, (operators, 1)."""

    c: dict[str, Floats]
    cash: Floats
    free: Floats
    posted: Floats
    loan: Floats
    term: Floats
    owed: Floats
    alive: Floats

    @classmethod
    def of(cls, case: Case, n_paths: int) -> Operators:
        """Open the books of every path."""
        names = ("share", "buffer", "fixed", "instalment", "loan_rate", "term_rate", "restore", "call")
        balances = ("cash", "free", "posted", "loan", "term")
        shape = (len(case.cash), n_paths)
        return cls(
            {n: getattr(case, n)[:, None] for n in (*names, "liquidate")},
            *(np.repeat(getattr(case, n)[:, None], n_paths, axis=1) for n in balances),
            owed=np.zeros(shape),
            alive=np.ones(shape),
        )

    def day(
        self, close: Floats, sat_per_ehs: Floats, own_ehs: Floats, own_cents: Floats, month: bool
    ) -> tuple[Floats, Floats, NDArray[np.intp]]:
        """Earn, pay, borrow; return what operators and lenders sell [sat] (paths,), who defaults where."""
        c, per_sat = self.c, close * 1e-6
        if month:
            part = np.minimum(c["instalment"], self.term)
            interest = np.rint(self.term * c["term_rate"]) + np.rint(self.loan * c["loan_rate"])
            self.owed += c["fixed"] * self.alive + interest + part
            self.term -= part
        mined = np.floor(own_ehs * self.alive * sat_per_ehs)
        self.free += mined
        due = own_cents * self.alive + self.owed
        short = due + c["buffer"] - self.cash
        need = np.where(short > 0.0, np.floor(short * (1.0 / per_sat)) + 2.0, 0.0)
        sale = np.minimum(np.maximum(need, np.floor(mined * c["share"])), self.free)
        self.free -= sale
        self.cash += np.floor(sale * per_sat)
        paid = np.minimum(due, self.cash)
        self.cash -= paid
        self.owed = due - paid
        sold, forced = sale.sum(0), np.zeros(len(close))
        called = self.loan > c["call"] * self.posted * close * 1e-6
        if called.any():
            self._call(np.nonzero(called), close, forced)
        fails = np.array(np.nonzero(self.owed > 0.0))
        if fails.size:
            self._default((fails[0], fails[1]), per_sat, forced)
        return sold, forced, fails

    def _call(self, at: tuple[NDArray[np.intp], ...], close: Floats, forced: Floats) -> None:
        """Answer calls from free coins, or let the lender sell."""
        price = close[at[1]]
        free, posted, loan = self.free[at], self.posted[at], self.loan[at]
        restore, call, liquidate = (self.c[n][at[0], 0] for n in ("restore", "call", "liquidate"))
        at_once = loan >= liquidate * posted * price * 1e-6
        more = np.minimum(np.maximum(np.ceil(loan / (restore * price * 1e-6)) - posted, 0.0), free)
        more[at_once] = 0.0
        free, posted = free - more, posted + more
        sells = at_once | (loan > call * posted * price * 1e-6)
        gap = loan - restore * posted * price * 1e-6
        n = np.maximum(np.floor(gap / (price * 1e-6 * (1.0 - restore))) + 1.0, 0.0)
        n = np.where(sells, np.minimum(n, posted), 0.0)
        loan = loan - np.minimum(np.floor(n * (price * 1e-6)), loan)
        posted = posted - n
        np.add.at(forced, at[1], n)
        bare = posted == 0.0
        self.owed[at] += np.where(bare, loan, 0.0)
        loan[bare] = 0.0
        clear = loan == 0.0
        self.free[at] = free + np.where(clear, posted, 0.0)
        self.posted[at], self.loan[at] = np.where(clear, 0.0, posted), loan

    def _default(self, at: tuple[NDArray[np.intp], ...], per_sat: Floats, forced: Floats) -> None:
        """Sell what is posted, then what is free, up to what is owed; stop the machines."""
        c, loan, posted = per_sat[at[1]], self.loan[at], self.posted[at]
        n = np.where(loan > 0.0, np.minimum(np.floor(loan / c) + 2.0, posted), 0.0)
        loan = loan - np.minimum(np.floor(n * c), loan)
        free = self.free[at] + (posted - n)
        claim = loan + self.term[at] + self.owed[at]
        m = np.minimum(np.floor(claim / c) + 2.0, free)
        got = np.floor(m * c)
        paid = np.minimum(self.cash[at] + got, claim)
        self.cash[at] += got - paid
        self.free[at] = free - m
        for gone in (self.posted, self.loan, self.term, self.owed, self.alive):
            gone[at] = 0.0
        np.add.at(forced, at[1], n + m)


def run(case: Case, form: type[Dense] | type[Staircase], batch: int = 500) -> tuple[Floats, Floats]:
    """Return the outputs of reduced.md, and switches of each path, batch by batch."""
    parts = [
        _batch(case, form, case.price_usd[i : i + batch], case.fees_btc[i : i + batch])
        for i in range(0, len(case.price_usd), batch)
    ]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _batch(
    case: Case, form: type[Dense] | type[Staircase], prices: Floats, all_fees: Floats
) -> tuple[Floats, Floats]:
    n, k = len(prices), len(case.cash)
    cohorts, books = form(case, n), Operators.of(case, n)
    level, difficulty, height, spent = (
        np.full(n, x) for x in (case.level, case.difficulty, case.height, case.epoch_s)
    )
    epoch, halvings = np.full(n, case.height % 2016), case.height // 210_000
    subsidy, halving = np.full(n, 50.0 * 0.5**halvings), np.full(n, (halvings + 1) * 210_000)
    order, defaults, default_days, all_sold, all_forced = np.zeros((5, n))
    snapshots: list[Floats] = []
    for t, (price, fees) in enumerate(_days(prices, all_fees)):
        close = price * (1.0 - np.minimum(case.root * np.sqrt(order), 0.95))
        reward = (subsidy + fees) / difficulty
        level += case.weight * (close * reward * HASHPRICE - level)
        sat_per_ehs = reward * SATOSHI
        sums = cohorts.day(t, level)
        own_ehs = sums[1 : 1 + k]
        hashrate = case.base_ehs + sums[0] - (own_ehs * (1.0 - books.alive)).sum(0)

        rate = hashrate * BLOCKS / difficulty
        found, add, seconds = rate, rate, 86_400.0
        if (ends := rate >= 2016.0 - epoch).any():
            found, add, seconds = rate.copy(), rate.copy(), np.full(n, 86_400.0)
            new = _retarget(rate[ends], difficulty[ends], epoch[ends], spent[ends])
            found[ends], difficulty[ends], add[ends], seconds[ends] = new
            epoch[ends] = spent[ends] = 0.0
        epoch += add
        spent += seconds
        if (halves := height + found > halving).any():
            before = subsidy[halves]
            early = (halving[halves] - height[halves]) / found[halves]
            mean = before * early + 0.5 * before * (1.0 - early)
            sat_per_ehs[halves] *= (mean + fees[halves]) / (before + fees[halves])
            subsidy[halves] *= 0.5
            halving[halves] += 210_000.0
        height += found

        sold, forced, (who, where) = books.day(
            close, sat_per_ehs, own_ehs, sums[1 + k :], (t + 1) % MONTH_DAYS == 0
        )
        if len(who):
            np.subtract.at(hashrate, where, own_ehs[who, where])
            np.add.at(defaults, where, 1.0)
            np.add.at(default_days, where, float(t))
        all_sold += sold
        all_forced += forced
        order = np.maximum(order * case.stays + (sold + forced), 0.0)
        if (t + 1) % SNAPSHOT_DAYS == 0:
            snapshots += [close, difficulty.copy(), hashrate]
    ends_of = [x.sum(0) for x in (books.free, books.posted, books.cash, books.loan + books.term)]
    rows = [
        close,
        difficulty,
        height,
        hashrate,
        order,
        *ends_of,
        defaults,
        default_days,
        all_sold,
        all_forced,
    ]
    return np.stack([*rows, *snapshots], axis=1), cohorts.switches


def _days(price: Floats, fees: Floats) -> Iterator[tuple[Floats, Floats]]:
    return zip(np.ascontiguousarray(price.T), np.ascontiguousarray(fees.T), strict=True)


def _retarget(
    rate: Floats, difficulty: Floats, epoch: Floats, spent: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return blocks of the day, new difficulty, and blocks and seconds of the new epoch."""
    need = 2016.0 - epoch
    part = need / rate
    seen = (spent + part * 86_400.0) * (2015.0 / 2016.0)
    ratio = np.minimum(np.maximum(1_209_600.0 / np.maximum(seen, 1.0), 0.25), 4.0)
    new = np.maximum(difficulty * ratio, 1.0)
    left = 1.0 - part
    rest = rate * difficulty / new * left
    if (rest >= 2016.0).any():
        raise AssertionError("two retargets on one day")
    return need + rest, new, rest, left * 86_400.0


def per_cohort(case: Case) -> Floats:
    """Return (M, 1 + 2K): capacity, and what each operator owns of a cohort and pays for it a day."""
    m, k = len(case.on), len(case.cash)
    out = np.zeros((m, 1 + 2 * k))
    out[:, 0] = case.capacity_ehs
    who = np.repeat(np.arange(k), case.owned.shape[1])
    np.add.at(out, (case.owned.ravel(), 1 + who), case.own_ehs.ravel())
    np.add.at(out, (case.owned.ravel(), 1 + k + who), case.own_cents.ravel())
    return out
