"""A plain strict Numba kernel of the reduced model: the yardstick that Manometer's own kernel should match.

Sixteen paths go side by side through each day. What all paths do alike runs over the sixteen lanes; the
border of the running cohorts moves path by path; balances run over a path's operators, sixteen at a time.
"""

from __future__ import annotations

import math

import numpy as np

from manometer.compiled import jit
from manometer.engine.kernels.shocks import BLOCK_DAYS, DAY, LANES, ROOM, shock_block

from .model import (
    BLOCKS,
    FEES_BTC,
    HASHPRICE,
    N_ENDS,
    PRICE_USD,
    SATOSHI,
    SNAPSHOT_DAYS,
    Floats,
    Whole,
)

__all__ = ["paths_drawn", "paths_given", "shocks_alone"]

# A path's numbers, by row.
(
    PRICE, FEES, CLOSE, LEVEL, VALUE, DIFFICULTY, HEIGHT, EPOCH, SPENT, ORDER, RUNNING, STOPPED,
    SUBSIDY, HALVING, SWITCHES, DEFAULTS, DEFAULT_DAYS, SOLD, FORCED, CALLED_AT,
) = range(0, 20 * LANES, LANES)  # fmt: skip
N_ROWS = 20
# Sixteen operators of a path, by row of their block; negative cash is what is owed after the day's bills.
CASH, FREE, RUN, ENERGY, ALIVE, TERM, LOAN, POSTED = range(0, 8 * LANES, LANES)
BOOKS = 8 * LANES
# And what they never change.
SHARE, BUFFER, FIXED, INSTALMENT, LOAN_RATE, TERM_RATE, RESTORE, CALL, LIQUIDATE = range(0, 9 * LANES, LANES)
TERMS = 9 * LANES
# What all paths share, by place.
BASE, WEIGHT, ROOT, STAYS = range(4)

SCREEN = 1.0 + 1e-9  # a call is tested for exactly where the price comes this near


@jit
def _plain_day(x: Floats, y: Floats, per_sat: float, per_cent: float, value: float) -> tuple[int, int]:
    """Advance sixteen operators by a day; return satoshi sold, and how many could not pay."""
    sold, short_of = 0, 0
    for i in range(LANES):
        mined = np.floor(x[RUN + i] * value)
        free, due, cash = x[FREE + i] + mined, x[ENERGY + i], x[CASH + i]
        short = due + y[BUFFER + i] - cash
        need = np.floor(short * per_cent) + 2.0 if short > 0.0 else 0.0
        sale = min(max(need, np.floor(mined * y[SHARE + i])), free)
        left = cash + np.floor(sale * per_sat) - due
        x[FREE + i] = free - sale
        x[CASH + i] = left
        sold += np.int64(sale)
        short_of += 1 if left < 0.0 else 0
    return sold, short_of


@jit
def _month_day(x: Floats, y: Floats, per_sat: float, per_cent: float, value: float) -> tuple[int, int]:
    """Do the same with the month's costs, interest and instalment."""
    sold, short_of = 0, 0
    for i in range(LANES):
        term = x[TERM + i]
        part = min(y[INSTALMENT + i], term)
        interest = np.rint(term * y[TERM_RATE + i]) + np.rint(x[LOAN + i] * y[LOAN_RATE + i])
        x[TERM + i] = term - part
        mined = np.floor(x[RUN + i] * value)
        free, cash = x[FREE + i] + mined, x[CASH + i]
        due = x[ENERGY + i] + (y[FIXED + i] * x[ALIVE + i] + interest + part)
        short = due + y[BUFFER + i] - cash
        need = np.floor(short * per_cent) + 2.0 if short > 0.0 else 0.0
        sale = min(max(need, np.floor(mined * y[SHARE + i])), free)
        left = cash + np.floor(sale * per_sat) - due
        x[FREE + i] = free - sale
        x[CASH + i] = left
        sold += np.int64(sale)
        short_of += 1 if left < 0.0 else 0
    return sold, short_of


@jit
def _call(x: Floats, y: Floats, i: int, close: float) -> tuple[float, float]:
    """Answer a call from free coins, or let the lender sell; return what was sold, and debt without coins."""
    per_sat, restore, bare = close * 1e-6, y[RESTORE + i], 0.0
    loan, posted, free = x[LOAN + i], x[POSTED + i], x[FREE + i]
    sells, n = loan >= y[LIQUIDATE + i] * posted * close * 1e-6, 0.0
    if not sells:
        more = min(max(np.ceil(loan / (restore * close * 1e-6)) - posted, 0.0), free)
        free -= more
        posted += more
        sells = loan > y[CALL + i] * posted * close * 1e-6
    if sells:
        gap = loan - restore * posted * close * 1e-6
        n = min(max(np.floor(gap / (close * 1e-6 * (1.0 - restore))) + 1.0, 0.0), posted)
        loan -= min(np.floor(n * per_sat), loan)
        posted -= n
    if posted == 0.0:
        bare, loan = loan, 0.0
    if loan == 0.0:
        free += posted
        posted = 0.0
    x[LOAN + i], x[POSTED + i], x[FREE + i] = loan, posted, free
    return n, bare


@jit
def _default(x: Floats, i: int, per_sat: float, owed: float) -> float:
    """Sell what is posted, then what is free, up to what is owed; stop the machines; return what was sold."""
    loan, n = x[LOAN + i], 0.0
    if loan > 0.0:
        n = min(np.floor(loan / per_sat) + 2.0, x[POSTED + i])
        loan -= min(np.floor(n * per_sat), loan)
    free = x[FREE + i] + (x[POSTED + i] - n)
    claim = loan + x[TERM + i] + owed
    m = min(np.floor(claim / per_sat) + 2.0, free)
    got = x[CASH + i] + np.floor(m * per_sat)
    x[CASH + i] = got - min(got, claim)
    x[FREE + i] = free - m
    x[POSTED + i] = x[LOAN + i] = x[TERM + i] = x[ALIVE + i] = x[RUN + i] = x[ENERGY + i] = 0.0
    return n + m


@jit
def _credit(s: Floats, p: int, books: Floats, terms: Floats, day: int) -> float:
    """Test a path's loans, and close the books of those who cannot pay; return what lenders sold."""
    close, sold, highest = s[CLOSE + p], 0.0, 0.0
    n_blocks = len(terms)
    for b in range(n_blocks):
        x, y = books[p * n_blocks + b], terms[b]
        for i in range(LANES):
            owed = max(-x[CASH + i], 0.0)
            x[CASH + i] += owed
            if x[LOAN + i] > y[CALL + i] * x[POSTED + i] * close * 1e-6:
                n, bare = _call(x, y, i, close)
                sold += n
                owed += bare
            if owed > 0.0:
                s[STOPPED + p] += x[RUN + i]
                s[DEFAULTS + p] += 1.0
                s[DEFAULT_DAYS + p] += day
                sold += _default(x, i, close * 1e-6, owed)
            if x[POSTED + i] > 0.0:
                highest = max(highest, x[LOAN + i] / (y[CALL + i] * x[POSTED + i]) * 1e6)
    s[CALLED_AT + p] = highest * SCREEN
    return sold


@jit
def _operators(s: Floats, books: Floats, terms: Floats, c: Floats, day: int) -> None:
    """Advance the operators of every path by a day, and put what was sold into the order."""
    n_blocks, month = len(terms), (day + 1) % 30 == 0
    for p in range(LANES):
        per_sat, value = s[CLOSE + p] * 1e-6, s[VALUE + p]
        per_cent = 1.0 / per_sat
        sold, short_of = 0, 0
        for b in range(n_blocks):
            x, y = books[p * n_blocks + b], terms[b]
            if month:
                n, k = _month_day(x, y, per_sat, per_cent, value)
            else:
                n, k = _plain_day(x, y, per_sat, per_cent, value)
            sold += n
            short_of += k
        forced = 0.0
        if short_of > 0 or s[CLOSE + p] < s[CALLED_AT + p]:
            forced = _credit(s, p, books, terms, day)
        s[SOLD + p] += sold
        s[FORCED + p] += forced
        s[ORDER + p] = max(s[ORDER + p] * c[STAYS] + (sold + forced), 0.0)


@jit
def _books_move(
    s: Floats, p: int, books: Floats, owners: Whole, own: Floats, first: int, last: int, sign: float
) -> None:
    """Add or take what owners hold of a range of cohorts; the machines of the dead stand still."""
    n_blocks = len(books) // LANES
    for e in range(first, last):
        x, i = books[p * n_blocks + owners[2 * e]], owners[2 * e + 1]
        runs = sign * x[ALIVE + i]
        x[RUN + i] += runs * own[2 * e]
        x[ENERGY + i] += runs * own[2 * e + 1]
        s[STOPPED + p] += (sign - runs) * own[2 * e]


@jit
def _borders(
    s: Floats, q: Whole, books: Floats, on: Floats, off: Floats, running: Floats, ends: Whole,
    owners: Whole, own: Floats,
) -> None:  # fmt: skip
    """Move each path's border to where its hashprice puts it; `off[j + 1]` belongs to cohort j.

    `running` is (capacity, number) of the cohorts that are there below each border.
    """
    for p in range(LANES):
        level, was = s[LEVEL + p], q[p]
        n = was
        while on[n] < level:
            n += 1
        while off[n] > level:
            n -= 1
        if n != was:
            q[p] = n
            s[RUNNING + p] = running[2 * n]
            s[SWITCHES + p] += abs(running[2 * n + 1] - running[2 * was + 1])
            low, high = min(n, was), max(n, was)
            _books_move(s, p, books, owners, own, ends[low], ends[high], 1.0 if n > was else -1.0)


@jit
def _arrive(
    j: int, s: Floats, q: Whole, books: Floats, capacity: Floats, running: Floats, ends: Whole,
    owners: Whole, all_own: Floats, own: Floats,
) -> None:  # fmt: skip
    """Let cohort j be there on every path."""
    for n in range(j + 1, len(running) // 2):
        running[2 * n] += capacity[j]
        running[2 * n + 1] += 1.0
    for e in range(2 * ends[j], 2 * ends[j + 1]):
        own[e] = all_own[e]
    for p in range(LANES):
        if j < q[p]:
            s[RUNNING + p] += capacity[j]
            _books_move(s, p, books, owners, own, ends[j], ends[j + 1], 1.0)


@jit
def _morning(s: Floats, c: Floats) -> None:
    """Price after impact, and what a hash earns."""
    for i in range(LANES):
        close = s[PRICE + i] * (1.0 - min(c[ROOT] * math.sqrt(s[ORDER + i]), 0.95))
        reward = (s[SUBSIDY + i] + s[FEES + i]) / s[DIFFICULTY + i]
        s[LEVEL + i] += c[WEIGHT] * (close * reward * HASHPRICE - s[LEVEL + i])
        s[VALUE + i] = reward * SATOSHI
        s[CLOSE + i] = close


@jit
def _blocks(s: Floats, c: Floats) -> None:
    """Blocks, difficulty and halving: both branches at once, sixteen lanes wide."""
    for i in range(LANES):
        difficulty, epoch, spent = s[DIFFICULTY + i], s[EPOCH + i], s[SPENT + i]
        rate = (c[BASE] + s[RUNNING + i] - s[STOPPED + i]) * BLOCKS / difficulty
        need = 2016.0 - epoch
        part = need / rate
        seen = (spent + part * 86_400.0) * (2015.0 / 2016.0)
        new = max(difficulty * min(max(1_209_600.0 / max(seen, 1.0), 0.25), 4.0), 1.0)
        left = 1.0 - part
        rest = rate * difficulty / new * left
        ends = rate >= need
        s[DIFFICULTY + i] = new if ends else difficulty
        s[EPOCH + i] = rest if ends else epoch + rate
        s[SPENT + i] = left * 86_400.0 if ends else spent + 86_400.0
        found = need + rest if ends else rate

        height, halving, before, fees = s[HEIGHT + i], s[HALVING + i], s[SUBSIDY + i], s[FEES + i]
        halves = height + found > halving
        early = (halving - height) / found
        mean = before * early + 0.5 * before * (1.0 - early)
        s[VALUE + i] *= (mean + fees) / (before + fees) if halves else 1.0
        s[SUBSIDY + i] = 0.5 * before if halves else before
        s[HALVING + i] = halving + 210_000.0 if halves else halving
        s[HEIGHT + i] = height + found


@jit
def _tile(
    s: Floats, q: Whole, books: Floats, running: Floats, own: Floats, shock: Floats, first_day: int,
    n_days: int, on: Floats, off: Floats, capacity: Floats, ends: Whole, owners: Whole, all_own: Floats,
    born: Whole, later: Whole, arrived: int, terms: Floats, c: Floats, cohorts: bool, out: Floats,
) -> int:  # fmt: skip
    """Run sixteen paths through a block of days; `shock` is days x (price, fees) x lanes."""
    for d in range(n_days):
        day, drawn = first_day + d, shock[d]
        for i in range(LANES):
            s[PRICE + i] = drawn[i]
            s[FEES + i] = drawn[LANES + i]
        _morning(s, c)
        while born[arrived] == day:
            _arrive(later[arrived], s, q, books, capacity, running, ends, owners, all_own, own)
            arrived += 1
        if cohorts:
            _borders(s, q, books, on, off, running, ends, owners, own)
        _blocks(s, c)
        _operators(s, books, terms, c, day)
        if (day + 1) % SNAPSHOT_DAYS == 0:
            at = N_ENDS + 3 * (day // SNAPSHOT_DAYS)
            for p in range(LANES):
                out[p, at] = s[CLOSE + p]
                out[p, at + 1] = s[DIFFICULTY + p]
                out[p, at + 2] = c[BASE] + s[RUNNING + p] - s[STOPPED + p]
    return arrived


@jit
def _start(
    start: Floats, start_books: Floats, n_on: int, start_running: Floats, start_own: Floats, s: Floats,
    q: Whole, books: Floats, running: Floats, own: Floats,
) -> None:  # fmt: skip
    for row in range(len(start)):
        s[row * LANES : (row + 1) * LANES] = start[row]
    n_blocks = len(start_books)
    for p in range(LANES):
        q[p] = n_on
        books[p * n_blocks : (p + 1) * n_blocks] = start_books
    running[:], own[:] = start_running, start_own


@jit
def _finish(s: Floats, books: Floats, n_blocks: int, c: Floats, out: Floats, switches: Floats) -> None:
    for p in range(LANES):
        out[p, 0], out[p, 1], out[p, 2] = s[CLOSE + p], s[DIFFICULTY + p], s[HEIGHT + p]
        out[p, 3], out[p, 4] = c[BASE] + s[RUNNING + p] - s[STOPPED + p], s[ORDER + p]
        out[p, 5:9] = 0.0
        for b in range(n_blocks):
            x = books[p * n_blocks + b]
            for i in range(LANES):
                out[p, 5] += x[FREE + i]
                out[p, 6] += x[POSTED + i]
                out[p, 7] += x[CASH + i]
                out[p, 8] += x[LOAN + i] + x[TERM + i]
        out[p, 9], out[p, 10] = s[DEFAULTS + p], s[DEFAULT_DAYS + p]
        out[p, 11], out[p, 12] = s[SOLD + p], s[FORCED + p]
        switches[p] = s[SWITCHES + p]


@jit
def _given(price: Floats, fees: Floats, first: int, t0: int, n: int, shock: Floats) -> None:
    """Lay a tile's block of days out by lane; lanes beyond the last path repeat it."""
    for i in range(LANES):
        p = min(first + i, len(price) - 1)
        for d in range(n):
            shock[d, i] = price[p, t0 + d]
            shock[d, LANES + i] = fees[p, t0 + d]


@jit
def _drawn(
    seed: int, first: int, t0: int, n: int, chance: Floats, drift: Floats, room: Floats, fields: Floats,
    last: Floats, shock: Floats,
) -> None:  # fmt: skip
    """Draw a tile's block of days; `last` (LANES,) is the price that it goes on from."""
    shock_block(seed, first, t0, drift[:n], np.ones(n), chance, False, room, fields)
    for d in range(n):
        drawn = fields[d * DAY : (d + 1) * DAY]
        for i in range(LANES):
            last[i] *= drawn[i]
            shock[d, i] = last[i]
            shock[d, LANES + i] = FEES_BTC * drawn[2 * LANES + i]


@jit
def paths_given(
    price: Floats, fees: Floats, start: Floats, start_books: Floats, n_on: int, start_running: Floats,
    start_own: Floats, on: Floats, off: Floats, capacity: Floats, ends: Whole, owners: Whole,
    all_own: Floats, born: Whole, later: Whole, terms: Floats, c: Floats, cohorts: bool, out: Floats,
    switches: Floats,
) -> None:  # fmt: skip
    n_blocks = len(start_books)
    s, q = np.empty(N_ROWS * LANES), np.empty(LANES, np.int64)
    books, shock = np.empty((LANES * n_blocks, BOOKS)), np.empty((BLOCK_DAYS, 2 * LANES))
    running, own = np.empty_like(start_running), np.empty_like(start_own)
    for first in range(0, len(out), LANES):
        _start(start, start_books, n_on, start_running, start_own, s, q, books, running, own)
        arrived, tile = 0, out[first : first + LANES]
        for t0 in range(0, price.shape[1], BLOCK_DAYS):
            n = min(BLOCK_DAYS, price.shape[1] - t0)
            _given(price, fees, first, t0, n, shock)
            arrived = _tile(
                s, q, books, running, own, shock, t0, n, on, off, capacity, ends, owners, all_own, born,
                later, arrived, terms, c, cohorts, tile,
            )  # fmt: skip
        _finish(s, books, n_blocks, c, tile, switches[first : first + LANES])


@jit
def paths_drawn(
    seed: int, first_path: int, n_days: int, chance: Floats, drift: Floats, start: Floats,
    start_books: Floats, n_on: int, start_running: Floats, start_own: Floats, on: Floats, off: Floats,
    capacity: Floats, ends: Whole, owners: Whole, all_own: Floats, born: Whole, later: Whole,
    terms: Floats, c: Floats, cohorts: bool, out: Floats, switches: Floats,
) -> None:  # fmt: skip
    n_blocks = len(start_books)
    s, q = np.empty(N_ROWS * LANES), np.empty(LANES, np.int64)
    books, shock = np.empty((LANES * n_blocks, BOOKS)), np.empty((BLOCK_DAYS, 2 * LANES))
    running, own = np.empty_like(start_running), np.empty_like(start_own)
    room, fields, last = np.empty(ROOM), np.empty(BLOCK_DAYS * DAY), np.empty(LANES)
    for first in range(0, len(out), LANES):
        _start(start, start_books, n_on, start_running, start_own, s, q, books, running, own)
        room[:], last[:] = 0.0, PRICE_USD
        arrived, tile = 0, out[first : first + LANES]
        for t0 in range(0, n_days, BLOCK_DAYS):
            n = min(BLOCK_DAYS, n_days - t0)
            _drawn(seed, first_path + first, t0, n, chance, drift, room, fields, last, shock)
            arrived = _tile(
                s, q, books, running, own, shock, t0, n, on, off, capacity, ends, owners, all_own, born,
                later, arrived, terms, c, cohorts, tile,
            )  # fmt: skip
        _finish(s, books, n_blocks, c, tile, switches[first : first + LANES])


@jit
def shocks_alone(seed: int, n_days: int, chance: Floats, drift: Floats, price: Floats, fees: Floats) -> float:
    """Draw paths and nothing else, into arrays that have room for all days or for none."""
    shock, total = np.empty((BLOCK_DAYS, 2 * LANES)), 0.0
    room, fields, last = np.empty(ROOM), np.empty(BLOCK_DAYS * DAY), np.empty(LANES)
    for first in range(0, len(price), LANES):
        room[:], last[:] = 0.0, PRICE_USD
        for t0 in range(0, n_days, BLOCK_DAYS):
            n = min(BLOCK_DAYS, n_days - t0)
            _drawn(seed, first, t0, n, chance, drift, room, fields, last, shock)
            total += shock[0, 0]
            for i in range(min(LANES, len(price) - first)):
                for d in range(min(n, price.shape[1] - t0)):
                    price[first + i, t0 + d], fees[first + i, t0 + d] = shock[d, i], shock[d, LANES + i]
    return total
