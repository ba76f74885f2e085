"""Mesa: one agent per cohort and per operator, stepped day by day."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from mesa import Agent, Model

from .model import MONTH_DAYS, SNAPSHOT_DAYS, Case, Floats
from .scalar import Network
from .side import YEAR_DAYS, Form, main


class Cohort(Agent):
    """A relay: it runs from `on` up and stops from `off` down; its owners are told."""

    def __init__(self, model: Population, j: int) -> None:
        super().__init__(model)
        c = model.case
        self.capacity_ehs, self.on, self.off = float(c.capacity_ehs[j]), float(c.on[j]), float(c.off[j])
        self.born_day, self.running = int(c.born_day[j]), j < c.n_on
        self.owners: list[tuple[Operator, float, float]] = []
        self.counts = False

    def step(self) -> None:
        """Switch, and tell the network and the owners what has changed."""
        model, level = self.model, self.model.network.level
        self.running = (self.running or self.on < level) and self.off <= level
        counts = self.running and self.born_day <= model.day
        if counts != self.counts:
            self.counts = counts
            sign = 1.0 if counts else -1.0
            model.running_ehs += sign * self.capacity_ehs
            for operator, ehs, cents in self.owners:
                operator.own_ehs += sign * ehs
                operator.own_cents += sign * cents


class Operator(Agent):
    """A miner with cash, coins, a loan against coins and a term debt."""

    def __init__(self, model: Population, k: int) -> None:
        super().__init__(model)
        for name in (
            "share", "buffer", "fixed", "instalment", "loan_rate", "term_rate", "restore", "call",
            "liquidate", "cash", "free", "posted", "loan", "term",
        ):  # fmt: skip
            setattr(self, name, float(getattr(model.case, name)[k]))
        self.owed, self.alive, self.own_ehs, self.own_cents = 0.0, True, 0.0, 0.0

    def step(self) -> None:
        """Mine, pay, sell and borrow."""
        model = self.model
        close, value = model.network.close, model.network.value
        per_sat = close * 1e-6
        if model.month:
            part = min(self.instalment, self.term)
            interest = round(self.term * self.term_rate) + round(self.loan * self.loan_rate)
            self.owed += (self.fixed if self.alive else 0.0) + interest + part
            self.term -= part
        mined = float(floor(self.own_ehs * value)) if self.alive else 0.0
        self.free += mined
        due = (self.own_cents if self.alive else 0.0) + self.owed
        short = due + self.buffer - self.cash
        need = floor(short * (1.0 / per_sat)) + 2.0 if short > 0.0 else 0.0
        sale = min(max(need, floor(mined * self.share)), self.free)
        self.free -= sale
        self.cash += floor(sale * per_sat)
        paid = min(due, self.cash)
        self.cash -= paid
        self.owed = due - paid
        model.sold += sale
        if self.loan > self.call * self.posted * close * 1e-6:
            self.answer(close)
        if self.owed > 0.0:
            self.default(per_sat)

    def answer(self, close: float) -> None:
        """Answer a call from free coins, or let the lender sell."""
        restore = self.restore
        sells = self.loan >= self.liquidate * self.posted * close * 1e-6
        if not sells:
            more = min(max(ceil(self.loan / (restore * close * 1e-6)) - self.posted, 0.0), self.free)
            self.free -= more
            self.posted += more
            sells = self.loan > self.call * self.posted * close * 1e-6
        if sells:
            gap = self.loan - restore * self.posted * close * 1e-6
            n = min(max(floor(gap / (close * 1e-6 * (1.0 - restore))) + 1.0, 0.0), self.posted)
            self.loan -= min(floor(n * (close * 1e-6)), self.loan)
            self.posted -= n
            self.model.forced += n
        if self.posted == 0.0:
            self.owed += self.loan
            self.loan = 0.0
        if self.loan == 0.0:
            self.free += self.posted
            self.posted = 0.0

    def default(self, per_sat: float) -> None:
        """Lose coins to the lenders, and stop."""
        n = 0.0
        if self.loan > 0.0:
            n = min(floor(self.loan / per_sat) + 2.0, self.posted)
            self.loan -= min(floor(n * per_sat), self.loan)
        self.free += self.posted - n
        claim = self.loan + self.term + self.owed
        m = min(floor(claim / per_sat) + 2.0, self.free)
        self.free -= m
        self.cash += floor(m * per_sat)
        self.cash -= min(self.cash, claim)
        self.posted = self.loan = self.term = self.owed = 0.0
        self.alive = False
        self.model.forced += n + m
        self.model.defaults.append(self.model.day)


class Population(Model):
    """One path."""

    def __init__(self, case: Case, path: int) -> None:
        super().__init__(seed=1)
        self.case, self.network = case, Network(case)
        self.price, self.fees = case.price_usd[path].tolist(), case.fees_btc[path].tolist()
        self.day, self.month, self.running_ehs, self.sold, self.forced = 0, False, 0.0, 0.0, 0.0
        self.all_sold, self.all_forced = 0.0, 0.0
        self.defaults: list[int] = []
        operators = [Operator(self, k) for k in range(len(case.cash))]
        cohorts = [Cohort(self, j) for j in range(len(case.on))]
        for k, row in enumerate(case.owned):
            for j, ehs, cents in zip(row, case.own_ehs[k], case.own_cents[k], strict=True):
                cohorts[j].owners.append((operators[k], float(ehs), float(cents)))
        self.cohorts, self.operators = self.agents_by_type[Cohort], self.agents_by_type[Operator]

    def standing_ehs(self) -> float:
        """Hashrate of those who have stopped."""
        return float(sum(o.own_ehs for o in self.operators if not o.alive))

    def step(self) -> None:
        """Do a day."""
        network = self.network
        network.open(self.price[self.day], self.fees[self.day])
        self.cohorts.do("step")
        standing = self.standing_ehs() if self.defaults else 0.0
        network.find(self.case.base_ehs + self.running_ehs - standing)
        self.month = (self.day + 1) % MONTH_DAYS == 0
        self.sold = self.forced = 0.0
        self.operators.do("step")
        network.end(self.sold + self.forced)
        self.all_sold += self.sold
        self.all_forced += self.forced
        self.day += 1

    def ends(self) -> list[float]:
        """Return the network's outputs of reduced.md."""
        n = self.network
        return [n.close, n.difficulty, self.case.base_ehs + self.running_ehs - self.standing_ehs()]


def _path(case: Case, path: int) -> list[float]:
    model, snapshots = Population(case, path), []
    for day in range(case.price_usd.shape[1]):
        model.step()
        if (day + 1) % SNAPSHOT_DAYS == 0:
            snapshots += model.ends()
    close, difficulty, hashrate = model.ends()
    books = [sum(getattr(o, n) for o in model.operators) for n in ("free", "posted", "cash")]
    debts = sum(o.loan + o.term for o in model.operators)
    return [
        close, difficulty, model.network.height, hashrate, model.network.order, *books, debts,
        len(model.defaults), sum(model.defaults), model.all_sold, model.all_forced, *snapshots,
    ]  # fmt: skip


def _forms(case: Case) -> list[Form]:
    year = case.cut(2, YEAR_DAYS)

    def run() -> Floats:
        return np.array([_path(year, p) for p in range(len(year.price_usd))])

    return [Form("mesa, an agent per cohort and operator", *year.price_usd.shape, run)]


if __name__ == "__main__":
    main(_forms)
