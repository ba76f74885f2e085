"""The population to read, and to check the cellar against: the same days over whole arrays of paths.

Every cohort is a relay of its own and every sum is made anew each day; chance comes from `draw_shocks`. The
answer equals that of the cellar to the last bit. `watch` sees each day's state, so that one path can be told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kernels.places import MARKET, OPERATOR, SNAPSHOT, TERMS
from .population import Days, Population, PopulationPaths, draw_shocks

__all__ = ["Today", "run_population_twin"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_PER_DIFFICULTY = 2.0**32
_SAT_PER_EHS = 1e18 * 86_400.0 * 1e8 / _PER_DIFFICULTY
_HASHPRICE = 1e15 * 86_400.0 / _PER_DIFFICULTY
_BLOCKS_PER_EHS = 1e18 * 86_400.0 / _PER_DIFFICULTY


@dataclass
class Today:
    """The state of all paths on a day: operators `x[name]` (paths, K), the market `m[name]` (paths,).

    sale_sat, paid_cents, got_cents : (paths, K) of today: coins sold by operators, bills paid, proceeds.
    """

    day: int
    x: dict[str, Floats]
    m: dict[str, Floats]
    lender_cents: Floats
    failed: Bools
    sale_sat: Floats
    paid_cents: Floats
    got_cents: Floats


Watch = Callable[[Today], None]


def run_population_twin(
    start: Population,
    days: Days,
    *,
    seed: int,
    n_paths: int,
    days_kept: Ints | None = None,
    first_path: int = 0,
    drawn: Floats | None = None,
    watch: Watch | None = None,
) -> PopulationPaths:
    """Run paths as `engine.population.run_population` does.

    Parameters
    ----------
    drawn : what `draw_shocks` gave for them, where it is at hand.
    watch : is shown each day at its end; it must not alter what it sees.
    """
    shocks = (
        draw_shocks(start, days, seed=seed, first_path=first_path, n_paths=n_paths)
        if drawn is None
        else drawn
    )
    opened = start.opened()
    today = Today(
        0,
        {name: np.tile(opened[:, i], (n_paths, 1)) for i, name in enumerate(OPERATOR)},
        {name: np.full(n_paths, v) for name, v in zip(MARKET, start.market(opened), strict=True)},
        np.tile(np.asarray(start.lender_equity_cents, np.float64), (n_paths, 1)),
        np.zeros((n_paths, len(start.lender_equity_cents)), dtype=bool),
        *(np.zeros((n_paths, len(opened))) for _ in range(3)),
    )
    terms = {name: np.asarray(start.terms[:, i]) for i, name in enumerate(TERMS)}
    crowd = _Crowd(start)
    running = np.tile(np.arange(len(start.off)) < start.n_on, (n_paths, 1))
    closed = np.zeros(n_paths, dtype=np.int64)
    kept: list[Floats] = []
    wanted = set() if days_kept is None else set(days_kept.tolist())
    for t in range(len(days.drift)):
        today.day = t
        m = today.m
        _draw(m, shocks[:, t], start.constants)
        running = _switch(today, running, crowd, t)
        _find(m, shocks[3, t], start.constants)
        if days.months[t]:
            _month(today.x, terms, t)
        flow, late = _operators(today, terms, start.constants)
        m["sold_sat"] = m["sold_sat"] + flow
        forced = _credit(today, terms, late, start.constants, bool(days.months[t]))
        passed = np.searchsorted(-start.long_usd, -m["low_usd"], side="right")
        passed = np.maximum(passed, closed)
        forced = forced + crowd.long_sum[passed] - crowd.long_sum[closed]
        closed = passed
        m["forced_sat"] = m["forced_sat"] + forced
        stays, ordinary = start.constants[5], start.constants[6]
        m["order_sat"] = np.maximum(m["order_sat"] * stays + (flow + forced) - ordinary, 0.0)
        if t in wanted:
            kept.append(_keep(m))
        if watch is not None:
            watch(today)
    return PopulationPaths(
        np.array(kept).reshape(len(kept), len(SNAPSHOT), n_paths),
        np.stack([today.x[name] for name in OPERATOR], axis=2),
        np.stack([today.m[name] for name in MARKET], axis=1),
        today.lender_cents,
    )


class _Crowd:
    """Who owns what of which cohort, as tables."""

    def __init__(self, s: Population) -> None:
        shape = (len(s.capacity_ehs), len(s.operators))
        self.owned_ehs, self.bill_cents = np.zeros(shape), np.zeros(shape)
        np.add.at(self.owned_ehs, (s.owner[:, 0], s.owner[:, 1]), s.owned_ehs)
        np.add.at(self.bill_cents, (s.owner[:, 0], s.owner[:, 1]), s.bill_cents)
        self.both = np.hstack([self.owned_ehs, self.bill_cents])
        self.off, self.on, self.born = s.off, s.on, s.born_day
        self.capacity, self.base = s.capacity_ehs, s.base_ehs
        self.long_sum = np.append(0.0, np.cumsum(s.long_sat))


def _draw(m: dict[str, Floats], shock: Floats, c: Floats) -> None:
    """Move the price by chance and by what was sold, then what a hash earns."""
    growth, dip, fee, _ = shock
    m["unsold_usd"] = m["unsold_usd"] * growth
    impact = np.minimum(c[3] * np.sqrt(m["order_sat"]) + c[4] * m["order_sat"], 0.95)
    m["price_usd"] = m["unsold_usd"] * (1.0 - impact)
    m["low_usd"] = m["price_usd"] * dip
    m["fees_btc"] = c[0] * fee
    reward = (m["subsidy_btc"] + m["fees_btc"]) / m["difficulty"]
    m["level"] = m["level"] + c[1] * (m["price_usd"] * reward * _HASHPRICE - m["level"])
    m["hashvalue"] = reward * _SAT_PER_EHS


def _switch(s: Today, was: Bools, crowd: _Crowd, t: int) -> Bools:
    """Let each cohort run or stop, and sum up what network and operators run and pay."""
    level = s.m["level"][:, None]
    running: Bools = (was | (crowd.on < level)) & ~(crowd.off > level)
    s.m["switches"] = s.m["switches"] + (running != was).sum(1)
    there = (running & (crowd.born <= t)).astype(np.float64)
    both = there @ crowd.both
    k = both.shape[1] // 2
    stopped = s.x["status"] == 2.0
    s.x["running_ehs"] = np.where(stopped, 0.0, both[:, :k])
    s.x["energy_cents"] = np.where(stopped, 0.0, both[:, k:])
    s.m["hashrate_ehs"] = crowd.base + there @ crowd.capacity - np.where(stopped, both[:, :k], 0.0).sum(1)
    return running


def _find(m: dict[str, Floats], luck: Floats, c: Floats) -> None:
    """Find the blocks of the day; epochs end and the subsidy halves where they do."""
    expected = m["hashrate_ehs"] * _BLOCKS_PER_EHS / m["difficulty"]
    rate = np.maximum(expected + np.sqrt(expected) * luck, 0.0)
    m["found"] = rate
    ends = (m["epoch_blocks"] + rate >= 2016.0) | (m["height"] + rate > m["halving_height"])
    for p in np.flatnonzero(ends):
        _find_slowly(m, int(p), float(rate[p]))
    m["epoch_blocks"] = np.where(ends, m["epoch_blocks"], m["epoch_blocks"] + rate)
    m["epoch_s"] = np.where(ends, m["epoch_s"], m["epoch_s"] + 86_400.0)
    m["height"] = np.where(ends, m["height"], m["height"] + rate)


def _find_slowly(m: dict[str, Floats], p: int, rate: float) -> None:
    left, total, before = 1.0, 0.0, m["subsidy_btc"][p]
    while rate * left >= (need := 2016.0 - m["epoch_blocks"][p]):
        part = need / rate
        left -= part
        total += need
        seen = max((m["epoch_s"][p] + part * 86_400.0) * (2015.0 / 2016.0), 1.0)
        new = max(m["difficulty"][p] * min(max(1_209_600.0 / seen, 0.25), 4.0), 1.0)
        rate = rate * m["difficulty"][p] / new
        m["difficulty"][p], m["epoch_blocks"][p], m["epoch_s"][p] = new, 0.0, 0.0
    m["epoch_blocks"][p] += rate * left
    m["epoch_s"][p] += left * 86_400.0
    total += rate * left
    mean = before
    if m["height"][p] + total > m["halving_height"][p]:
        early = (m["halving_height"][p] - m["height"][p]) / total
        mean = before * early + 0.5 * before * (1.0 - early)
        m["subsidy_btc"][p], m["halving_height"][p] = 0.5 * before, m["halving_height"][p] + 210_000.0
    m["height"][p] += total
    m["hashvalue"][p] *= (mean + m["fees_btc"][p]) / (before + m["fees_btc"][p])


def _month(x: dict[str, Floats], terms: dict[str, Floats], t: int) -> None:
    """Let a month's fixed cost, interest, instalments and what matures fall due."""
    term, loan = x["term_cents"], x["loan_cents"]
    part = np.where(t >= terms["matures_day"], term, np.minimum(terms["instalment_cents"], term))
    fixed = np.where(x["status"] < 2.0, terms["fixed_cents"], 0.0)
    interest = np.rint(term * terms["term_rate"]) + np.rint(loan * terms["loan_rate"])
    x["owed_cents"] = x["owed_cents"] + (fixed + interest + part)
    x["due_term_cents"] = x["due_term_cents"] + part
    x["term_cents"] = term - part


def _operators(s: Today, terms: dict[str, Floats], c: Floats) -> tuple[Floats, Floats]:
    """Mine, owe, sell and pay; return what was sold and what is owed, by path."""
    x, m = s.x, s.m
    per_sat = (m["price_usd"] * 1e-6 * (1.0 - c[7]))[:, None]
    mined = np.floor(x["running_ehs"] * m["hashvalue"][:, None] * terms["keep_frac"])
    free = x["free_sat"] + mined
    due = x["energy_cents"] + x["owed_cents"]
    short = due + terms["floor_cents"] - x["cash_cents"]
    need = np.where(short > 0.0, np.floor(short * (1.0 / per_sat)) + 2.0, 0.0)
    s.sale_sat = np.minimum(np.maximum(need, np.floor(mined * terms["share_frac"])), free)
    s.got_cents = np.floor(s.sale_sat * per_sat)
    cash = x["cash_cents"] + s.got_cents
    s.paid_cents = np.minimum(due, cash)
    x["cash_cents"], x["owed_cents"] = cash - s.paid_cents, due - s.paid_cents
    x["free_sat"] = free - s.sale_sat
    x["mined_sat"] = x["mined_sat"] + mined
    x["sold_sat"] = x["sold_sat"] + s.sale_sat
    return s.sale_sat.sum(1), x["owed_cents"].sum(1)


class _Some:
    """Some operators on some paths: fields read as vectors, written back where they came from."""

    def __init__(self, s: Today, terms: dict[str, Floats], which: Bools) -> None:
        self.s = s
        self.path, self.operator = np.nonzero(which)
        self.term = {name: v[self.operator] for name, v in terms.items()}

    def __getitem__(self, name: str) -> Floats:
        return self.s.x[name][self.path, self.operator]

    def set(self, name: str, value: Floats | float) -> None:
        self.s.x[name][self.path, self.operator] = value

    def market(self, name: str) -> Floats:
        return self.s.m[name][self.path]

    def by_path(self, value: Floats) -> Floats:
        """Add up a vector by path."""
        return np.bincount(self.path, value, minlength=len(self.s.lender_cents)).astype(np.float64)

    def sell_posted(self, sat: Floats, per_sat: Floats) -> Floats:
        """Let the lender sell posted coins against the loan."""
        got = np.minimum(np.floor(sat * per_sat), self["loan_cents"])
        self.set("posted_sat", self["posted_sat"] - sat)
        self.set("seized_sat", self["seized_sat"] + sat)
        self.set("loan_cents", self["loan_cents"] - got)
        self.set("repaid_cents", self["repaid_cents"] + got)
        return sat

    def close_calls(self, which: Bools | None = None) -> None:
        """Close the calls that are open."""
        open_now = self["call_by_day"] >= 0.0
        if which is not None:
            open_now &= which
        self.s.m["calls"] = self.s.m["calls"] - self.by_path(open_now.astype(np.float64))
        self.set("call_by_day", np.where(open_now, -1.0, self["call_by_day"]))


def _credit(s: Today, terms: dict[str, Floats], late: Floats, c: Floats, falls_due: bool) -> Floats:
    """Do the credit side of a day; return the coins that lenders sold, by path."""
    x, m = s.x, s.m
    margin = (m["trigger_usd"] >= m["low_usd"]) | (m["calls"] > 0.0)
    touched = margin | (late > 0.0) | (m["late"] > 0.0) | (s.day == 0) | falls_due
    sold = np.zeros(len(late))
    if not touched.any():
        return sold
    hit = (x["trigger_usd"] >= m["low_usd"][:, None]) | (x["call_by_day"] >= 0.0)
    if (hit & margin[:, None]).any():
        sold = sold + _margin(_Some(s, terms, hit & margin[:, None]), c)
    owes = x["owed_cents"] > 0.0
    x["late_days"] = np.where(owes, x["late_days"] + 1.0, 0.0)
    for due in ("due_loan_cents", "due_term_cents"):
        x[due] = np.where(owes, x[due], 0.0)
    if (over := x["late_days"] > terms["grace_days"]).any():
        sold = sold + _enforce(_Some(s, terms, over), c)
    for lender in range(s.lender_cents.shape[1]):
        fails = touched & (s.lender_cents[:, lender] <= 0.0) & ~s.failed[:, lender]
        if fails.any():
            s.failed[fails, lender] = True
            sold = sold + _fail(s, terms, fails, lender, c)
    m["trigger_usd"] = np.where(touched, x["trigger_usd"].max(1), m["trigger_usd"])
    m["late"] = np.where(touched, x["owed_cents"].sum(1), m["late"])
    return sold


def _to_restore(o: _Some, price: Floats, cost: float) -> Floats:
    level, posted = o.term["restore_frac"], o["posted_sat"]
    keep = 1.0 - cost - level
    gap = o["loan_cents"] - level * posted * price * 1e-6
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.floor(gap / (price * 1e-6 * keep)) + 1.0
    return np.where(keep <= 0.0, posted, np.minimum(np.maximum(part, 0.0), posted))


def _margin(o: _Some, c: Floats) -> Floats:
    """Call, cure, restore, liquidate."""
    cost, low, price = c[7], o.market("low_usd"), o.market("price_usd")
    per_low, per_close = low * 1e-6 * (1.0 - cost), price * 1e-6 * (1.0 - cost)
    liquidated = o["loan_cents"] >= o.term["liquidation_frac"] * o["posted_sat"] * low * 1e-6
    called = o["loan_cents"] > o.term["call_frac"] * o["posted_sat"] * low * 1e-6
    sold = o.sell_posted(np.where(liquidated, _to_restore(o, low, cost), 0.0), per_low)
    o.close_calls(liquidated)
    fresh = ~liquidated & called & (o["call_by_day"] < 0.0)
    o.set("call_by_day", np.where(fresh, o.s.day + o.term["cure_days"], o["call_by_day"]))
    o.s.m["calls"] = o.s.m["calls"] + o.by_path(fresh.astype(np.float64))
    ends = ~liquidated & (o["call_by_day"] >= 0.0) & (o.s.day >= o["call_by_day"])
    o.close_calls(ends)
    open_still = ends & (o["loan_cents"] > o.term["call_frac"] * o["posted_sat"] * price * 1e-6)
    posts = open_still & (o.term["sells_to_calls"] == 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        need = np.ceil(o["loan_cents"] / (o.term["restore_frac"] * price * 1e-6)) - o["posted_sat"]
    more = np.where(posts, np.minimum(np.maximum(need, 0.0), o["free_sat"]), 0.0)
    o.set("free_sat", o["free_sat"] - more)
    o.set("posted_sat", o["posted_sat"] + more)
    o.set("called_sat", o["called_sat"] + more)
    unmet = open_still & (o["loan_cents"] > o.term["call_frac"] * o["posted_sat"] * price * 1e-6)
    sold = sold + o.sell_posted(np.where(unmet, _to_restore(o, price, cost), 0.0), per_close)
    naked = (o["posted_sat"] == 0.0) & (o["loan_cents"] > 0.0)
    o.set("owed_cents", o["owed_cents"] + np.where(naked, o["loan_cents"], 0.0))
    o.set("due_loan_cents", o["due_loan_cents"] + np.where(naked, o["loan_cents"], 0.0))
    o.set("loan_cents", np.where(naked, 0.0, o["loan_cents"]))
    free_again = o["loan_cents"] == 0.0
    o.set("free_sat", o["free_sat"] + np.where(free_again, o["posted_sat"], 0.0))
    o.set("posted_sat", np.where(free_again, 0.0, o["posted_sat"]))
    owed, posted = o["loan_cents"], o["posted_sat"]
    secured = (owed > 0.0) & (posted > 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        o.set("trigger_usd", np.where(secured, owed / (posted * o.term["call_frac"]) * 1e6, 0.0))
    return o.by_path(sold)


def _enforce(o: _Some, c: Floats) -> Floats:
    """Take what debtors in default have: coins, then machines; write off the rest."""
    per_sat = o.market("price_usd") * 1e-6 * (1.0 - c[7])
    o.close_calls()
    owes = o["loan_cents"] > 0.0
    enough = np.minimum(np.floor(o["loan_cents"] / per_sat) + 2.0, o["posted_sat"])
    sold = o.sell_posted(np.where(owes, enough, 0.0), per_sat)
    o.set("free_sat", o["free_sat"] + o["posted_sat"])
    o.set("posted_sat", 0.0)
    claim = o["loan_cents"] + o["term_cents"] + o["owed_cents"]
    sat = np.where(claim > 0.0, np.minimum(np.floor(claim / per_sat) + 2.0, o["free_sat"]), 0.0)
    got = np.floor(sat * per_sat)
    o.set("free_sat", o["free_sat"] - sat)
    o.set("seized_sat", o["seized_sat"] + sat)
    paid = np.where(claim > 0.0, np.minimum(o["cash_cents"] + got, claim), 0.0)
    o.set("cash_cents", o["cash_cents"] + (got - paid))
    o.set("repaid_cents", o["repaid_cents"] + paid)
    claim = claim - paid
    term = np.minimum(claim, o["term_cents"] + np.minimum(o["due_term_cents"], o["owed_cents"]))
    loan = np.minimum(claim - term, o["loan_cents"] + np.minimum(o["due_loan_cents"], o["owed_cents"]))
    loss = np.rint(term * (1.0 - o.term["recovery_frac"]))
    np.subtract.at(o.s.lender_cents, (o.path, o.term["term_lender"].astype(int)), loss)
    np.subtract.at(o.s.lender_cents, (o.path, o.term["loan_lender"].astype(int)), loan)
    o.set("lost_cents", o["lost_cents"] + claim)
    owing = ("loan_cents", "term_cents", "owed_cents", "due_loan_cents", "due_term_cents")
    for name in (*owing, "late_days", "trigger_usd"):
        o.set(name, 0.0)
    first = o["default_day"] < 0.0
    o.set("default_day", np.where(first, float(o.s.day), o["default_day"]))
    o.s.m["defaults"] = o.s.m["defaults"] + o.by_path(first.astype(np.float64))
    stops = (o.term["stops"] != 0.0) | (o["status"] != 0.0)
    gone = np.where(stops, o["running_ehs"], 0.0)
    o.s.m["hashrate_ehs"] = o.s.m["hashrate_ehs"] - o.by_path(gone)
    o.set("running_ehs", np.where(stops, 0.0, o["running_ehs"]))
    o.set("energy_cents", np.where(stops, 0.0, o["energy_cents"]))
    o.set("status", np.where(stops, 2.0, 1.0))
    return o.by_path(sold + sat)


def _fail(s: Today, terms: dict[str, Floats], fails: Bools, lender: int, c: Floats) -> Floats:
    """Let a failed lender's estate settle with its borrowers."""
    holds = (terms["loan_lender"] == lender) & (s.x["loan_cents"] > 0.0) & fails[:, None]
    o = _Some(s, terms, holds)
    per_sat = o.market("price_usd") * 1e-6 * (1.0 - c[7])
    sold = o.sell_posted(np.minimum(np.floor(o["loan_cents"] / per_sat) + 2.0, o["posted_sat"]), per_sat)
    caught = np.floor(o["posted_sat"] * c[8])
    o.set("caught_sat", o["caught_sat"] + caught)
    o.set("free_sat", o["free_sat"] + (o["posted_sat"] - caught))
    o.set("posted_sat", 0.0)
    o.set("owed_cents", o["owed_cents"] + o["loan_cents"])
    o.set("due_loan_cents", o["due_loan_cents"] + o["loan_cents"])
    o.set("loan_cents", 0.0)
    o.set("trigger_usd", 0.0)
    o.close_calls()
    lent = (terms["term_lender"] == lender) & fails[:, None]
    s.x["owed_cents"] = np.where(lent, s.x["owed_cents"] + s.x["term_cents"], s.x["owed_cents"])
    s.x["due_term_cents"] = np.where(lent, s.x["due_term_cents"] + s.x["term_cents"], s.x["due_term_cents"])
    s.x["term_cents"] = np.where(lent, 0.0, s.x["term_cents"])
    return o.by_path(sold)


def _keep(m: dict[str, Floats]) -> Floats:
    return np.stack([m[name] for name in SNAPSHOT])
