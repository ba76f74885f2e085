"""NumPy, over all paths at once: every cohort a relay of its own (the oracle), and the border alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .model import HASHPRICE, MONTH_DAYS, SNAPSHOT_DAYS, WORK, Case, Floats

__all__ = ["Dense", "Staircase", "run"]

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
        self.there |= self.case.first_day == t if t else self.case.first_day <= 0
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
        self.arrivals = {int(d) for d in case.first_day} | {0}
        self.per_cohort = per_cohort(case)
        self.switches = np.zeros(n_paths)

    def day(self, t: int, level: Floats) -> Floats:
        """Move the borders; return capacity, owners' hashrate and bills, (1 + 2K, paths)."""
        c = self.case
        if t in self.arrivals:
            self.there |= c.first_day <= t
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
    """Balances, (operators, paths): whole cents and satoshi; the case's columns beside them."""

    case: Case
    cash: Floats
    coins: Floats
    posted: Floats
    debt: Floats
    alive: Floats

    @classmethod
    def of(cls, case: Case, n_paths: int) -> Operators:
        """Open the books of every path."""
        names = ("cash", "coins", "posted", "debt")
        return cls(
            case,
            *(np.repeat(getattr(case, n)[:, None], n_paths, axis=1) for n in names),
            alive=np.ones((len(case.cash), n_paths)),
        )

    def day(
        self, per_sat: Floats, sat_per_ehs: Floats, own_ehs: Floats, own_usd: Floats, month: bool
    ) -> tuple[Floats, Bools, Floats]:
        """Earn, pay and borrow; return satoshi sold (paths,), who defaults, and the lenders' sales (paths,)."""
        c = self.case
        mined = np.rint(own_ehs * sat_per_ehs) * self.alive
        self.coins += mined
        due = np.rint(own_usd * 100.0)
        paid = np.zeros(1)
        if month:
            paid = np.minimum(c.instalment[:, None], self.debt)
            due += c.fixed[:, None] + np.rint(self.debt * c.rate[:, None]) + paid
        due *= self.alive
        need = np.maximum(due + c.buffer[:, None] - self.cash, 0.0)
        sold = np.maximum(np.floor(c.share[:, None] * mined), np.ceil(need / per_sat))
        np.minimum(sold, self.coins, out=sold)
        self.coins -= sold
        self.cash += np.rint(sold * per_sat)
        fails = self.cash < due
        self.cash -= due
        if month:
            self.debt -= paid * (self.alive * ~fails)
        total = sold.sum(0)
        lenders = np.zeros(len(total))
        value = self.posted * per_sat
        touched = fails | ((self.debt > c.call_ltv[:, None] * value) & (self.posted > 0))
        if touched.any():
            self._lenders(np.nonzero(touched), fails, per_sat, total, lenders)
        return total, fails, lenders

    def _lenders(
        self, at: tuple[NDArray[np.intp], ...], fails: Bools, per_sat: Floats, total: Floats, lenders: Floats
    ) -> None:
        """Answer calls, sell what is posted, and close the books of those who fail."""
        k, p = at
        c, s = self.case, per_sat[p]
        cash, coins, posted, debt, fail = (
            x[at] for x in (self.cash, self.coins, self.posted, self.debt, fails)
        )
        start, call = c.start_ltv[k], c.call_ltv[k]
        at_once = debt >= c.sale_ltv[k] * (posted * s)
        move = np.minimum(np.maximum(np.ceil(debt / (start * s)) - posted, 0.0), coins)
        move[fail | at_once] = 0.0
        coins, posted = coins - move, posted + move
        sells = at_once | (debt > call * (posted * s))
        n = np.minimum(np.floor((debt - start * (posted * s)) / (s * (1.0 - start))) + 1.0, posted)
        n = np.where(fail, posted, np.where(sells, n, 0.0))
        got = np.rint(n * s)
        back = np.minimum(got, debt)
        self.cash[at] = np.where(fail, got - back, cash)
        self.coins[at], self.posted[at], self.debt[at] = coins, posted - n, debt - back
        self.alive[at] = np.where(fail, 0.0, self.alive[at])
        np.add.at(total, p, n)
        np.add.at(lenders, p, n > 0)


def run(case: Case, form: type[Dense] | type[Staircase], batch: int = 500) -> Floats:
    """Return the outputs of reduced.md, (paths, 14 + snapshots), batch by batch."""
    parts = range(0, len(case.price_usd), batch)
    return np.vstack(
        [_batch(case, form, case.price_usd[i : i + batch], case.fees_btc[i : i + batch]) for i in parts]
    )


def _batch(case: Case, form: type[Dense] | type[Staircase], price: Floats, fees: Floats) -> Floats:
    n, n_days = price.shape
    cohorts, books = form(case, n), Operators.of(case, n)
    level, difficulty, height, flow = (
        np.full(n, x) for x in (case.level, case.difficulty, case.height, 0.0)
    )
    epoch, spent = np.full(n, case.height % 2016), np.full(n, 600.0 * (case.height % 2016))
    defaults, lenders, default_days, all_sold = np.zeros((4, n))
    snapshots: list[Floats] = []
    k = len(case.cash)
    for t, (before, fee) in enumerate(_days(price, fees)):
        close = before * (1.0 - np.minimum(case.impact * np.sqrt(flow / case.volume_sat), 0.9))
        reward = np.ldexp(50.0, -(height // 210_000).astype(np.int64)) + fee
        work = difficulty * 2.0**32
        level += case.weight * (close * reward * HASHPRICE / work - level)
        sums = cohorts.day(t, level)
        hashrate = case.base_ehs + sums[0]

        sold, fails, sales = books.day(
            close * 1e-6,
            reward * WORK / work * 1e8,
            sums[1 : 1 + k],
            sums[1 + k :],
            (t + 1) % MONTH_DAYS == 0,
        )
        n_fails = fails.sum(0)
        defaults += n_fails
        default_days += n_fails * (t + 1.0)
        lenders += sales
        all_sold += sold

        rate = hashrate * WORK / work
        found, add, seconds = rate, rate, np.full(n, 86_400.0)
        if (ends := rate >= 2016.0 - epoch).any():
            new = _retarget(rate[ends], difficulty[ends], epoch[ends], spent[ends])
            found, add = rate.copy(), rate.copy()
            found[ends], difficulty[ends], add[ends], seconds[ends] = new
            epoch[ends] = spent[ends] = 0.0
        epoch += add
        spent += seconds
        height += found
        flow = case.keep * flow + sold
        if (t + 1) % SNAPSHOT_DAYS == 0:
            snapshots.append((books.coins + books.posted).sum(0))
    ends = (books.coins, books.posted, books.cash, books.debt)
    return np.stack(
        [close, difficulty, height, hashrate, flow, *(x.sum(0) for x in ends), cohorts.switches, defaults,
         lenders, default_days, all_sold, *snapshots], axis=1,
    )  # fmt: skip


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
    np.add.at(out, (case.owned.ravel(), 1 + k + who), case.own_usd.ravel())
    return out
