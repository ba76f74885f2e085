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
    SHOCKS,
    SNAPSHOT_DAYS,
    Case,
    Floats,
    Whole,
)

__all__ = ["draw_paths", "limit", "run_drawn", "run_given"]

# A path's numbers, by row.
(
    _PRICE, _FEES, _CLOSE, _LEVEL, _VALUE, _DIFFICULTY, _HEIGHT, _EPOCH, _SPENT, _ORDER, _RUNNING, _STOPPED,
    _SUBSIDY, _HALVING, _SWITCHES, _DEFAULTS, _DEFAULT_DAYS, _SOLD, _FORCED, _CALLED_AT,
) = range(0, 20 * LANES, LANES)  # fmt: skip
_N_ROWS = 20
# Sixteen operators of a path, by row of their block; negative cash is what is owed after the day's bills.
_CASH, _FREE, _RUN, _ENERGY, _ALIVE, _TERM, _LOAN, _POSTED = range(0, 8 * LANES, LANES)
_BOOKS = 8 * LANES
# And what they never change.
_SHARE, _BUFFER, _FIXED, _INSTALMENT, _LOAN_RATE, _TERM_RATE, _RESTORE, _CALL, _LIQUIDATE = range(
    0, 9 * LANES, LANES
)
_TERMS = 9 * LANES
# What all paths share, by place.
_BASE, _WEIGHT, _ROOT, _STAYS = range(4)

_SCREEN = 1.0 + 1e-9  # a call is tested for exactly where the price comes this near


@jit
def _plain_day(x: Floats, y: Floats, per_sat: float, per_cent: float, value: float) -> tuple[int, int]:
    """Advance sixteen operators by a day; return satoshi sold, and how many could not pay."""
    sold, short_of = 0, 0
    for i in range(LANES):
        mined = np.floor(x[_RUN + i] * value)
        free, due, cash = x[_FREE + i] + mined, x[_ENERGY + i], x[_CASH + i]
        short = due + y[_BUFFER + i] - cash
        need = np.floor(short * per_cent) + 2.0 if short > 0.0 else 0.0
        sale = min(max(need, np.floor(mined * y[_SHARE + i])), free)
        left = cash + np.floor(sale * per_sat) - due
        x[_FREE + i] = free - sale
        x[_CASH + i] = left
        sold += np.int64(sale)
        short_of += 1 if left < 0.0 else 0
    return sold, short_of


@jit
def _month_day(x: Floats, y: Floats, per_sat: float, per_cent: float, value: float) -> tuple[int, int]:
    """Do the same with the month's costs, interest and instalment."""
    sold, short_of = 0, 0
    for i in range(LANES):
        term = x[_TERM + i]
        part = min(y[_INSTALMENT + i], term)
        interest = np.rint(term * y[_TERM_RATE + i]) + np.rint(x[_LOAN + i] * y[_LOAN_RATE + i])
        x[_TERM + i] = term - part
        mined = np.floor(x[_RUN + i] * value)
        free, cash = x[_FREE + i] + mined, x[_CASH + i]
        due = x[_ENERGY + i] + (y[_FIXED + i] * x[_ALIVE + i] + interest + part)
        short = due + y[_BUFFER + i] - cash
        need = np.floor(short * per_cent) + 2.0 if short > 0.0 else 0.0
        sale = min(max(need, np.floor(mined * y[_SHARE + i])), free)
        left = cash + np.floor(sale * per_sat) - due
        x[_FREE + i] = free - sale
        x[_CASH + i] = left
        sold += np.int64(sale)
        short_of += 1 if left < 0.0 else 0
    return sold, short_of


@jit
def _call(x: Floats, y: Floats, i: int, close: float) -> tuple[float, float]:
    """Answer a call from free coins, or let the lender sell; return what was sold, and debt without coins."""
    per_sat, restore, bare = close * 1e-6, y[_RESTORE + i], 0.0
    loan, posted, free = x[_LOAN + i], x[_POSTED + i], x[_FREE + i]
    sells, n = loan >= y[_LIQUIDATE + i] * posted * close * 1e-6, 0.0
    if not sells:
        more = min(max(np.ceil(loan / (restore * close * 1e-6)) - posted, 0.0), free)
        free -= more
        posted += more
        sells = loan > y[_CALL + i] * posted * close * 1e-6
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
    x[_LOAN + i], x[_POSTED + i], x[_FREE + i] = loan, posted, free
    return n, bare


@jit
def _default(x: Floats, i: int, per_sat: float, owed: float) -> float:
    """Sell what is posted, then what is free, up to what is owed; stop the machines; return what was sold."""
    loan, n = x[_LOAN + i], 0.0
    if loan > 0.0:
        n = min(np.floor(loan / per_sat) + 2.0, x[_POSTED + i])
        loan -= min(np.floor(n * per_sat), loan)
    free = x[_FREE + i] + (x[_POSTED + i] - n)
    claim = loan + x[_TERM + i] + owed
    m = min(np.floor(claim / per_sat) + 2.0, free)
    got = x[_CASH + i] + np.floor(m * per_sat)
    x[_CASH + i] = got - min(got, claim)
    x[_FREE + i] = free - m
    x[_POSTED + i] = x[_LOAN + i] = x[_TERM + i] = x[_ALIVE + i] = x[_RUN + i] = x[_ENERGY + i] = 0.0
    return n + m


@jit
def _credit(s: Floats, p: int, books: Floats, terms: Floats, day: int) -> float:
    """Test a path's loans, and close the books of those who cannot pay; return what lenders sold."""
    close, sold, highest = s[_CLOSE + p], 0.0, 0.0
    n_blocks = len(terms)
    for b in range(n_blocks):
        x, y = books[p * n_blocks + b], terms[b]
        for i in range(LANES):
            owed = max(-x[_CASH + i], 0.0)
            x[_CASH + i] += owed
            if x[_LOAN + i] > y[_CALL + i] * x[_POSTED + i] * close * 1e-6:
                n, bare = _call(x, y, i, close)
                sold += n
                owed += bare
            if owed > 0.0:
                s[_STOPPED + p] += x[_RUN + i]
                s[_DEFAULTS + p] += 1.0
                s[_DEFAULT_DAYS + p] += day
                sold += _default(x, i, close * 1e-6, owed)
            if x[_POSTED + i] > 0.0:
                highest = max(highest, x[_LOAN + i] / (y[_CALL + i] * x[_POSTED + i]) * 1e6)
    s[_CALLED_AT + p] = highest * _SCREEN
    return sold


@jit
def _operators(s: Floats, books: Floats, terms: Floats, c: Floats, day: int) -> None:
    """Advance the operators of every path by a day, and put what was sold into the order."""
    n_blocks, month = len(terms), (day + 1) % 30 == 0
    for p in range(LANES):
        per_sat, value = s[_CLOSE + p] * 1e-6, s[_VALUE + p]
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
        if short_of > 0 or s[_CLOSE + p] < s[_CALLED_AT + p]:
            forced = _credit(s, p, books, terms, day)
        s[_SOLD + p] += sold
        s[_FORCED + p] += forced
        s[_ORDER + p] = max(s[_ORDER + p] * c[_STAYS] + (sold + forced), 0.0)


@jit
def _books_move(
    s: Floats, p: int, books: Floats, owners: Whole, own: Floats, first: int, last: int, sign: float
) -> None:
    """Add or take what owners hold of a range of cohorts; the machines of the dead stand still."""
    n_blocks = len(books) // LANES
    for e in range(first, last):
        x, i = books[p * n_blocks + owners[2 * e]], owners[2 * e + 1]
        runs = sign * x[_ALIVE + i]
        x[_RUN + i] += runs * own[2 * e]
        x[_ENERGY + i] += runs * own[2 * e + 1]
        s[_STOPPED + p] += (sign - runs) * own[2 * e]


@jit
def _borders(
    s: Floats, q: Whole, books: Floats, on: Floats, off: Floats, running: Floats, ends: Whole,
    owners: Whole, own: Floats,
) -> None:  # fmt: skip
    """Move each path's border to where its hashprice puts it; `off[j + 1]` belongs to cohort j.

    `running` is (capacity, number) of the cohorts that are there below each border.
    """
    for p in range(LANES):
        level, was = s[_LEVEL + p], q[p]
        n = was
        while on[n] < level:
            n += 1
        while off[n] > level:
            n -= 1
        if n != was:
            q[p] = n
            s[_RUNNING + p] = running[2 * n]
            s[_SWITCHES + p] += abs(running[2 * n + 1] - running[2 * was + 1])
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
            s[_RUNNING + p] += capacity[j]
            _books_move(s, p, books, owners, own, ends[j], ends[j + 1], 1.0)


@jit
def _morning(s: Floats, c: Floats) -> None:
    """Price after impact, and what a hash earns."""
    for i in range(LANES):
        close = s[_PRICE + i] * (1.0 - min(c[_ROOT] * math.sqrt(s[_ORDER + i]), 0.95))
        reward = (s[_SUBSIDY + i] + s[_FEES + i]) / s[_DIFFICULTY + i]
        s[_LEVEL + i] += c[_WEIGHT] * (close * reward * HASHPRICE - s[_LEVEL + i])
        s[_VALUE + i] = reward * SATOSHI
        s[_CLOSE + i] = close


@jit
def _blocks(s: Floats, c: Floats) -> None:
    """Blocks, difficulty and halving: both branches at once, sixteen lanes wide."""
    for i in range(LANES):
        difficulty, epoch, spent = s[_DIFFICULTY + i], s[_EPOCH + i], s[_SPENT + i]
        rate = (c[_BASE] + s[_RUNNING + i] - s[_STOPPED + i]) * BLOCKS / difficulty
        need = 2016.0 - epoch
        part = need / rate
        seen = (spent + part * 86_400.0) * (2015.0 / 2016.0)
        new = max(difficulty * min(max(1_209_600.0 / max(seen, 1.0), 0.25), 4.0), 1.0)
        left = 1.0 - part
        rest = rate * difficulty / new * left
        ends = rate >= need
        s[_DIFFICULTY + i] = new if ends else difficulty
        s[_EPOCH + i] = rest if ends else epoch + rate
        s[_SPENT + i] = left * 86_400.0 if ends else spent + 86_400.0
        found = need + rest if ends else rate

        height, halving, before, fees = s[_HEIGHT + i], s[_HALVING + i], s[_SUBSIDY + i], s[_FEES + i]
        halves = height + found > halving
        early = (halving - height) / found
        mean = before * early + 0.5 * before * (1.0 - early)
        s[_VALUE + i] *= (mean + fees) / (before + fees) if halves else 1.0
        s[_SUBSIDY + i] = 0.5 * before if halves else before
        s[_HALVING + i] = halving + 210_000.0 if halves else halving
        s[_HEIGHT + i] = height + found


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
            s[_PRICE + i] = drawn[i]
            s[_FEES + i] = drawn[LANES + i]
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
                out[p, at] = s[_CLOSE + p]
                out[p, at + 1] = s[_DIFFICULTY + p]
                out[p, at + 2] = c[_BASE] + s[_RUNNING + p] - s[_STOPPED + p]
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
        out[p, 0], out[p, 1], out[p, 2] = s[_CLOSE + p], s[_DIFFICULTY + p], s[_HEIGHT + p]
        out[p, 3], out[p, 4] = c[_BASE] + s[_RUNNING + p] - s[_STOPPED + p], s[_ORDER + p]
        out[p, 5:9] = 0.0
        for b in range(n_blocks):
            x = books[p * n_blocks + b]
            for i in range(LANES):
                out[p, 5] += x[_FREE + i]
                out[p, 6] += x[_POSTED + i]
                out[p, 7] += x[_CASH + i]
                out[p, 8] += x[_LOAN + i] + x[_TERM + i]
        out[p, 9], out[p, 10] = s[_DEFAULTS + p], s[_DEFAULT_DAYS + p]
        out[p, 11], out[p, 12] = s[_SOLD + p], s[_FORCED + p]
        switches[p] = s[_SWITCHES + p]


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
    shock_block(seed, first, t0, drift[:n], np.ones(n), chance, room, fields)
    for d in range(n):
        drawn = fields[d * DAY : (d + 1) * DAY]
        for i in range(LANES):
            last[i] *= drawn[i]
            shock[d, i] = last[i]
            shock[d, LANES + i] = FEES_BTC * drawn[2 * LANES + i]


@jit
def _paths_given(
    price: Floats, fees: Floats, start: Floats, start_books: Floats, n_on: int, start_running: Floats,
    start_own: Floats, on: Floats, off: Floats, capacity: Floats, ends: Whole, owners: Whole,
    all_own: Floats, born: Whole, later: Whole, terms: Floats, c: Floats, cohorts: bool, out: Floats,
    switches: Floats,
) -> None:  # fmt: skip
    n_blocks = len(start_books)
    s, q = np.empty(_N_ROWS * LANES), np.empty(LANES, np.int64)
    books, shock = np.empty((LANES * n_blocks, _BOOKS)), np.empty((BLOCK_DAYS, 2 * LANES))
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
def _paths_drawn(
    seed: int, first_path: int, n_days: int, chance: Floats, drift: Floats, start: Floats,
    start_books: Floats, n_on: int, start_running: Floats, start_own: Floats, on: Floats, off: Floats,
    capacity: Floats, ends: Whole, owners: Whole, all_own: Floats, born: Whole, later: Whole,
    terms: Floats, c: Floats, cohorts: bool, out: Floats, switches: Floats,
) -> None:  # fmt: skip
    n_blocks = len(start_books)
    s, q = np.empty(_N_ROWS * LANES), np.empty(LANES, np.int64)
    books, shock = np.empty((LANES * n_blocks, _BOOKS)), np.empty((BLOCK_DAYS, 2 * LANES))
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
def _shocks_alone(
    seed: int, n_days: int, chance: Floats, drift: Floats, price: Floats, fees: Floats
) -> float:
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


def draw_paths(seed: int, n_paths: int, n_days: int) -> tuple[Floats, Floats]:
    """Return price before impact [USD] and fees per block [BTC], (paths, days)."""
    price, fees = np.empty((n_paths, n_days)), np.empty((n_paths, n_days))
    _shocks_alone(seed, n_days, *SHOCKS, price, fees)
    return price, fees


def limit(case: Case) -> float:
    """Draw the case's shocks and throw them away: what no kernel that draws them can beat."""
    nothing = np.empty((len(case.price_usd), 0))
    return float(_shocks_alone(case.seed, case.price_usd.shape[1], *SHOCKS, nothing, nothing))


def run_given(case: Case, *, cohorts: bool = True) -> tuple[Floats, Floats]:
    """Return the outputs of reduced.md, and switches of each path, from price and fees that are given."""
    out, switches = _room(case)
    _paths_given(case.price_usd, case.fees_btc, *_data(case), cohorts, out, switches)
    return out[: len(case.price_usd)], switches[: len(case.price_usd)]


def run_drawn(case: Case, first: int = 0, *, cohorts: bool = True) -> tuple[Floats, Floats]:
    """Return the same, price and fees drawn by address on the way, from path `first` on."""
    out, switches = _room(case)
    n_days = case.price_usd.shape[1]
    _paths_drawn(case.seed, first, n_days, *SHOCKS, *_data(case), cohorts, out, switches)
    return out[: len(case.price_usd)], switches[: len(case.price_usd)]


def _room(case: Case) -> tuple[Floats, Floats]:
    n, n_days = case.price_usd.shape
    whole_tiles = -(-n // LANES) * LANES
    return np.zeros((whole_tiles, N_ENDS + 3 * (n_days // SNAPSHOT_DAYS))), np.zeros(whole_tiles)


def _data(case: Case) -> tuple[object, ...]:
    """Lay a case out for the kernel, in the order of its arguments."""
    m, k = len(case.on), len(case.cash)
    n_blocks = -(-k // LANES)

    def by_lane(*rows: Floats) -> Floats:
        padded = np.zeros((len(rows), n_blocks * LANES))
        padded[:, :k] = rows
        by_block = padded.reshape(len(rows), n_blocks, LANES).swapaxes(0, 1)
        return np.ascontiguousarray(by_block).reshape(n_blocks, -1)

    there = (case.born_day == 0).astype(np.float64)
    at_start = there[case.owned] * (case.owned < case.n_on)
    books = by_lane(
        case.cash, case.free, (case.own_ehs * at_start).sum(1), (case.own_cents * at_start).sum(1),
        np.ones(k), case.term, case.loan, case.posted,
    )  # fmt: skip
    terms = by_lane(
        case.share, case.buffer, case.fixed, case.instalment, case.loan_rate, case.term_rate, case.restore,
        case.call, case.liquidate,
    )  # fmt: skip
    start, halvings = np.zeros(_N_ROWS), case.height // 210_000
    for row, value in (
        (_LEVEL, case.level), (_DIFFICULTY, case.difficulty), (_HEIGHT, case.height),
        (_EPOCH, case.height % 2016), (_SPENT, case.epoch_s), (_SUBSIDY, 50.0 * 0.5**halvings),
        (_HALVING, (halvings + 1) * 210_000), (_CALLED_AT, np.inf),
        (_RUNNING, (case.capacity_ehs * there)[: case.n_on].sum()),
    ):  # fmt: skip
        start[row // LANES] = value

    order = np.argsort(case.owned.ravel(), kind="stable")
    ends = np.searchsorted(case.owned.ravel()[order], np.arange(m + 1))
    who = np.repeat(np.arange(k), case.owned.shape[1])[order]
    own = np.stack([case.own_ehs.ravel()[order], case.own_cents.ravel()[order]], axis=1)
    below = np.zeros((m + 1, 2))
    below[1:] = np.cumsum(np.stack([case.capacity_ehs * there, there], axis=1), axis=0)
    later = np.argsort(case.born_day, kind="stable")[int(there.sum()) :]
    return (
        start, books, case.n_on, below.ravel(), (own * there[case.owned.ravel()[order], None]).ravel(),
        np.append(case.on, np.inf), np.append(-np.inf, case.off), case.capacity_ehs, ends,
        np.stack([who // LANES, who % LANES], axis=1).ravel(), own.ravel(),
        np.append(case.born_day[later], -1), later, terms,
        np.array([case.base_ehs, case.weight, case.root, case.stays]),
    )  # fmt: skip
