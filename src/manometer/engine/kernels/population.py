"""The population on sixteen paths at a time: network, operators, lenders and one market, day by day.

Cohorts stand in the order of their cost, so who runs is one number a path; a cohort that switches changes
the hashrate and the energy bill of those who own it, and nothing else is summed anew. Coins are whole satoshi
and money whole cents, held in floats that are exact below 2**53; capacities are whole numbers of a power of
two of EH/s. So no sum depends on its order, and the same bits come out on any machine.

The day in order: price and low; who runs; blocks, retarget, halving; mined, bills, sales; loans against coins
on the day's low; what was missed, enforcement, lenders; and what all of them sold moves tomorrow's price.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...compiled import inlined, inner, jit, make_bare
from . import places as R
from .credit import credit, whole
from .network import retarget
from .places import MARKET
from .shocks import BLOCK_DAYS, DAY, LANES, ROOM, shock_block

__all__ = ["population_paths"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

bare = make_bare()

_MOST_IMPACT = 0.95
_DAY_S = 86_400.0
_PER_DIFFICULTY = 4294967296.0
_EPOCH, _HALVING_BLOCKS = 2016.0, 210_000.0
_SAT_PER_EHS = 1e18 * _DAY_S * 1e8 / _PER_DIFFICULTY
_HASHPRICE = 1e15 * _DAY_S / _PER_DIFFICULTY
_BLOCKS_PER_EHS = 1e18 * _DAY_S / _PER_DIFFICULTY


@inlined
def _month(x: Floats, first: int, p: Floats, blocks: int, day: int) -> None:
    """Let a month's fixed cost, interest, instalments and what matures fall due."""
    for b in range(blocks):
        at, by = first + b * R.SIZE, b * R.TERM_SIZE
        for j in range(LANES):
            i, k = at + j, by + j
            term, loan, runs = x[R.TERM + i], x[R.LOAN + i], x[R.STATUS + i] < 2.0
            part = term if day >= p[R.MATURES + k] else min(p[R.INSTALMENT + k], term)
            interest = whole(term * p[R.TERM_RATE + k]) + whole(loan * p[R.LOAN_RATE + k])
            x[R.OWED + i] += (p[R.FIXED + k] if runs else 0.0) + interest + part
            x[R.DUE_TERM + i] += part
            x[R.TERM + i] = term - part


@inlined
def _operators(
    x: Floats, first: int, p: Floats, blocks: int, sat_per_ehs: float, cents_per_sat: float
) -> tuple[float, float]:
    """Mine, owe, sell and pay: every operator of one path; return what was sold and what is owed."""
    sat_per_cent = 1.0 / cents_per_sat
    sold, late = 0, 0
    for b in range(blocks):
        at, by = first + b * R.SIZE, b * R.TERM_SIZE
        for j in range(LANES):
            i, k = at + j, by + j
            mined = np.floor(x[R.RUN + i] * sat_per_ehs * p[R.KEEP + k])
            free = x[R.FREE + i] + mined
            cash = x[R.CASH + i]
            due = x[R.ENERGY + i] + x[R.OWED + i]
            short = due + p[R.FLOOR + k] - cash
            need = np.floor(short * sat_per_cent) + 2.0 if short > 0.0 else 0.0
            own = np.floor(mined * p[R.SHARE + k])
            want = need if need > own else own
            sale = want if want < free else free
            cash += np.floor(sale * cents_per_sat)
            paid = due if due < cash else cash
            x[R.CASH + i] = cash - paid
            x[R.OWED + i] = due - paid
            x[R.FREE + i] = free - sale
            x[R.MINED + i] += mined
            x[R.SOLD + i] += sale
            sold += int(sale)
            late += int(due - paid)
    return float(sold), float(late)


@inner
def _blocks(m: Floats, lane: int, found: float) -> float:
    """Count the blocks of a day in which an epoch ends or the subsidy halves; return its mean subsidy."""
    left, rate, total = 1.0, found, 0.0
    while rate * left >= _EPOCH - m[R.BLOCKS + lane]:
        need = _EPOCH - m[R.BLOCKS + lane]
        part = need / rate
        left -= part
        total += need
        new = retarget(m[R.DIFFICULTY + lane], m[R.SPENT + lane] + part * _DAY_S)
        rate = rate * m[R.DIFFICULTY + lane] / new
        m[R.DIFFICULTY + lane], m[R.BLOCKS + lane], m[R.SPENT + lane] = new, 0.0, 0.0
    m[R.BLOCKS + lane] += rate * left
    m[R.SPENT + lane] += left * _DAY_S
    total += rate * left
    mean = before = m[R.SUBSIDY + lane]
    if m[R.HEIGHT + lane] + total > m[R.HALVING + lane]:
        early = (m[R.HALVING + lane] - m[R.HEIGHT + lane]) / total
        mean = before * early + 0.5 * before * (1.0 - early)
        m[R.SUBSIDY + lane] = 0.5 * before
        m[R.HALVING + lane] += _HALVING_BLOCKS
    m[R.HEIGHT + lane] += total
    return float(mean)


@inlined
def _switch(
    m: Floats, lane: int, n: int, day: int, ops: Floats, first: int, cohorts: Floats, owners: Floats
) -> int:
    """Move the border of who runs to where smoothed hashprice puts it, with what its owners run and pay."""
    level, was, change = m[R.LEVEL + lane], n, 0.0
    while cohorts[n * R.COHORT_SIZE + R.ON] < level:
        change += _capacity(cohorts, n, day)
        n += 1
    while cohorts[n * R.COHORT_SIZE + R.OFF] > level:
        n -= 1
        change -= _capacity(cohorts, n, day)
    m[R.SWITCHES + lane] += abs(n - was)
    sign = 1.0 if n > was else -1.0
    m[R.HASHRATE + lane] += change - _own(ops, first, min(n, was), max(n, was), sign, day, cohorts, owners)
    return n


@inlined
def _capacity(cohorts: Floats, n: int, day: int) -> float:
    at = n * R.COHORT_SIZE
    return float(cohorts[at + R.CAPACITY] if cohorts[at + R.BORN] <= day else 0.0)


@inlined
def _own(
    ops: Floats, first: int, low: int, high: int, sign: float, day: int, cohorts: Floats, owners: Floats
) -> float:
    """Let owners of cohorts low .. high - 1 run and pay for them (sign 1) or not (-1).

    Owners of neighbouring cohorts stand together, so one loop without branches serves them all. Returns the
    hashrate that does not follow, because its owner has stopped.
    """
    idle = 0.0
    for e in range(int(cohorts[low * R.COHORT_SIZE + R.FIRST]), int(cohorts[high * R.COHORT_SIZE + R.FIRST])):
        i, ehs = first + int(owners[4 * e]), owners[4 * e + 1]
        there = sign if owners[4 * e + 3] <= day else 0.0
        runs = there if ops[i + R.STATUS] < 2.0 else 0.0
        idle += (there - runs) * ehs
        ops[i] += runs * ehs
        ops[i + R.ENERGY] += runs * owners[4 * e + 2]
    return idle


@inner
def _day(
    day: int,
    ends_month: bool,
    event: int,
    n_later: int,
    blocks: int,
    n_lenders: int,
    m: Floats,
    ops: Floats,
    terms: Floats,
    lend: Floats,
    q: Ints,
    closed: Ints,
    total: Floats,
    drawn: Floats,
    at: int,
    c: Floats,
    cohorts: Floats,
    later: Ints,
    owners: Floats,
    longs: Floats,
) -> int:
    """Carry sixteen paths through a day, all by address; return how many cohorts have joined by its end."""
    for i in range(DAY):  # into one table: a loop over one address does sixteen lanes at once
        m[R.DRAWN + i] = drawn[at + i]
    _draw(m, c)
    n_ops = blocks * R.SIZE
    while event < n_later and cohorts[later[event] * R.COHORT_SIZE + R.BORN] == day:
        for lane in range(LANES):
            one = later[event]
            if one < q[lane]:
                idle = _own(ops, lane * n_ops, one, one + 1, 1.0, day, cohorts, owners)
                m[R.HASHRATE + lane] += _capacity(cohorts, one, day) - idle
        event += 1
    for lane in range(LANES):
        border, level = q[lane] * R.COHORT_SIZE, m[R.LEVEL + lane]
        if cohorts[border + R.ON] < level or cohorts[border + R.OFF] > level:
            q[lane] = _switch(m, lane, q[lane], day, ops, lane * n_ops, cohorts, owners)
    _find(m)
    for lane in range(LANES):
        first = lane * n_ops
        if ends_month:
            _month(ops, first, terms, blocks, day)
        per_sat = m[R.PRICE + lane] * 1e-6 * (1.0 - c[R.COST])
        flow, late = _operators(ops, first, terms, blocks, m[R.VALUE + lane], per_sat)
        low = m[R.LOW + lane]
        forced = 0.0
        if (
            m[R.HIGHEST + lane] >= low
            or m[R.CALLS + lane] > 0.0
            or late > 0.0
            or m[R.LATES + lane] > 0.0
            or ends_month
            or day == 0
        ):
            forced = credit(
                m, lane, ops, first, terms, blocks, lend, lane * 2 * n_lenders, n_lenders, day, c, late,
                ends_month, total,
            )  # fmt: skip
        while longs[2 * closed[lane]] >= low:
            forced += longs[2 * closed[lane] + 1]
            closed[lane] += 1
        m[R.OWN + lane] += flow
        m[R.FORCED + lane] += forced
        m[R.ORDER + lane] = max(m[R.ORDER + lane] * c[R.STAYS] + (flow + forced) - c[R.ORDINARY], 0.0)
    return event


@jit
def population_paths(
    seed: int,
    first_path: int,
    months: NDArray[np.bool_],
    drift: Floats,
    dip: Floats,
    shocks: Floats,
    c: Floats,
    market: Floats,
    n_on: int,
    operators: Floats,
    terms: Floats,
    lender: Floats,
    cohorts: Floats,
    later: Ints,
    owners: Floats,
    longs: Floats,
    days_kept: Ints,
    kept: Floats,
    last: Floats,
    last_market: Floats,
    last_lender: Floats,
) -> None:
    """Run a chunk of paths.

    Parameters
    ----------
    months, drift, dip : (days,) whether a month's bills fall due; log return and low over close all share.
    shocks, c : in the order of `SHOCKS` and `CONSTANTS`. market : (MARKET,) start. n_on : cohorts that run.
    operators, terms : (blocks x rows x LANES) start and terms, blocks of sixteen, row by row.
    lender : (lenders x LENDER).
    cohorts : ((cohorts + 1) x COHORT) of which `off` is that of the cohort before and `on` that of the cohort
        itself; -inf first and inf last. later : cohorts not there at the start, by day.
    owners : (owners x 4) by cohort: place of the operator, EH/s, cents a day, first day of the cohort.
    longs : (N x 2) price, falling and 0 last, at which coins of leveraged longs are sold, and the coins.
    kept : (len(days_kept), SNAPSHOT, paths), last : (paths, operators), last_market : (paths, MARKET),
    last_lender : (paths, lenders): filled. Paths come in whole tiles of sixteen.
    """
    n_ops, n_lend, n_days = len(operators), len(lender), len(months)
    lucky = c[R.LUCK] != 0.0
    fee, tile = np.empty(ROOM), np.empty(BLOCK_DAYS * DAY)
    total, q, closed = np.empty(2 * LANES), np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    m, ops, lend = np.empty(len(MARKET) * LANES + DAY), np.empty(LANES * n_ops), np.empty(LANES * n_lend)
    for base in range(0, last.shape[0], LANES):
        for lane in range(LANES):
            for i in range(len(market)):
                m[i * LANES + lane] = market[i]
            ops[lane * n_ops : (lane + 1) * n_ops] = operators
            lend[lane * n_lend : (lane + 1) * n_lend] = lender
            fee[lane], q[lane], closed[lane] = 0.0, n_on, 0
        event, snap = 0, 0
        for start in range(0, n_days, BLOCK_DAYS):
            end = min(start + BLOCK_DAYS, n_days)
            shock_block(
                seed, first_path + base, start, drift[start:end], dip[start:end], shocks, lucky, fee, tile
            )
            for day in range(start, end):
                event = _day(
                    day, months[day], event, len(later), n_ops // R.SIZE, n_lend // 2, bare(m), bare(ops),
                    bare(terms), bare(lend), bare(q), bare(closed), bare(total), bare(tile),
                    (day - start) * DAY, bare(c), bare(cohorts), bare(later), bare(owners), bare(longs),
                )  # fmt: skip
                if snap < len(days_kept) and days_kept[snap] == day:
                    for lane in range(LANES):
                        _keep(kept[snap], base + lane, m, lane)
                    snap += 1
        for lane in range(LANES):
            last[base + lane] = ops[lane * n_ops : (lane + 1) * n_ops]
            last_lender[base + lane] = lend[lane * n_lend : (lane + 1) * n_lend]
            for i in range(len(market)):
                last_market[base + lane, i] = m[i * LANES + lane]


@inlined
def _draw(m: Floats, c: Floats) -> None:
    """Move the price by chance and by what was sold, then what a hash earns."""
    root, linear, base, weight = c[R.ROOT], c[R.LINEAR], c[R.FEES], c[R.WEIGHT]
    for lane in range(LANES):
        unsold, order = m[R.UNSOLD + lane] * m[R.DRAWN + lane], m[R.ORDER + lane]
        impact = root * math.sqrt(order) + linear * order
        price = unsold * (1.0 - (impact if impact < _MOST_IMPACT else _MOST_IMPACT))
        fees = base * m[R.DRAWN + 2 * LANES + lane]
        reward = (m[R.SUBSIDY + lane] + fees) / m[R.DIFFICULTY + lane]
        m[R.LEVEL + lane] += weight * (price * reward * _HASHPRICE - m[R.LEVEL + lane])
        m[R.VALUE + lane], m[R.FEE + lane] = reward * _SAT_PER_EHS, fees
        m[R.UNSOLD + lane], m[R.PRICE + lane], m[R.LOW + lane] = (
            unsold,
            price,
            price * m[R.DRAWN + LANES + lane],
        )


@inlined
def _find(m: Floats) -> None:
    """Find the blocks of the day."""
    for lane in range(LANES):
        expected = m[R.HASHRATE + lane] * _BLOCKS_PER_EHS / m[R.DIFFICULTY + lane]
        blocks = expected + math.sqrt(expected) * m[R.DRAWN + 3 * LANES + lane]
        m[R.FOUND + lane] = blocks if blocks > 0.0 else 0.0
    for lane in range(LANES):
        blocks = m[R.FOUND + lane]
        if m[R.BLOCKS + lane] + blocks >= _EPOCH or m[R.HEIGHT + lane] + blocks > m[R.HALVING + lane]:
            before = m[R.SUBSIDY + lane]
            mean = _blocks(m, lane, blocks)
            m[R.VALUE + lane] *= (mean + m[R.FEE + lane]) / (before + m[R.FEE + lane])
        else:
            m[R.BLOCKS + lane] += blocks
            m[R.SPENT + lane] += _DAY_S
            m[R.HEIGHT + lane] += blocks


@inlined
def _keep(out: Floats, path: int, m: Floats, lane: int) -> None:
    """Write what is kept of a day, in the order of `SNAPSHOT`."""
    out[0, path] = m[R.PRICE + lane]
    out[1, path] = m[R.DIFFICULTY + lane]
    out[2, path] = m[R.HASHRATE + lane]
    out[3, path] = m[R.OWN + lane]
    out[4, path] = m[R.FORCED + lane]
    out[5, path] = m[R.DEFAULTS + lane]
    out[6, path] = m[R.LEVEL + lane]
    out[7, path] = m[R.FEE + lane]
