"""A plain strict Numba kernel of the reduced model: the yardstick that Manometer's own kernel should match.

Sixteen paths go side by side through each day. What all paths do alike runs over the sixteen lanes; the border
of the running cohorts moves path by path; balances run over the operators of a path, sixteen at a time.
"""

from __future__ import annotations

import math

import numpy as np
from manometer.compiled import jit
from manometer.engine.kernels.shocks import BLOCK_DAYS, FIELDS, LANES, shock_block

from .model import FEES_BTC, PRICE_USD, SHOCKS, SNAPSHOT_DAYS, Case, Floats, Whole

__all__ = ["draw_paths", "limit", "run_drawn", "run_given"]

_N_ENDS = 14
# Rows of a path's numbers, sixteen lanes each.
_EXOGENOUS, _PER_SAT, _PER_EHS, _LEVEL, _DIFFICULTY, _HEIGHT, _EPOCH, _SPENT, _FLOW, _SOLD = range(10)
_ON_EHS, _SUBSIDY, _NEXT_HALVING, _CLOSE, _RATE, _CALLS_BELOW = range(10, 16)
_SWITCHES, _DEFAULTS, _LENDERS, _DEFAULT_DAYS, _ALL_SOLD, _FEE = range(16, 22)
_N_ROWS = 22
# Rows of sixteen operators on one path.
_CASH, _COINS, _POSTED, _DEBT, _ALIVE, _OWN_EHS, _OWN_USD = range(7)  # the last three stand together
_N_BOOKS = 7
# Rows of what sixteen operators never change.
_SHARE, _BUFFER, _FIXED, _INSTALMENT, _INTEREST, _START_LTV, _CALL_LTV, _SALE_LTV = range(8)
_N_TERMS = 8
# What all paths share, by place.
_BASE, _WEIGHT, _KEEP, _IMPACT, _VOLUME = range(5)

_HASHPRICE, _WORK, _TWO_32 = 86_400 * 1e15, 86_400 * 1e18, 2.0**32
_SCREEN = 1.0 + 1e-9  # a call is tested for exactly where the price comes this near


@jit
def _plain_day(x: Floats, terms: Floats, per_sat: float, per_ehs: float, sold: Floats) -> int:
    """Advance sixteen operators by a day without month's end; add what they sell to `sold`; count who fails."""
    for i in range(LANES):
        mined = np.rint(x[_OWN_EHS * LANES + i] * per_ehs)
        due = np.rint(x[_OWN_USD * LANES + i] * 100.0)
        coins = x[_COINS * LANES + i] + mined
        cash = x[_CASH * LANES + i]
        need = max(due + terms[_BUFFER * LANES + i] - cash, 0.0)
        sale = max(np.floor(terms[_SHARE * LANES + i] * mined), np.ceil(need / per_sat))
        sale = min(sale, coins)
        x[_COINS * LANES + i] = coins - sale
        x[_CASH * LANES + i] = cash + np.rint(sale * per_sat) - due
        sold[i] += sale
    fails = 0
    for i in range(LANES):
        fails += 1 if x[_CASH * LANES + i] < 0.0 else 0
    return fails


@jit
def _month_day(x: Floats, terms: Floats, per_sat: float, per_ehs: float, sold: Floats) -> int:
    """Do the same with the month's costs, interest and instalment."""
    for i in range(LANES):
        mined = np.rint(x[_OWN_EHS * LANES + i] * per_ehs)
        debt = x[_DEBT * LANES + i]
        paid = min(terms[_INSTALMENT * LANES + i], debt)
        monthly = terms[_FIXED * LANES + i] + np.rint(debt * terms[_INTEREST * LANES + i]) + paid
        due = np.rint(x[_OWN_USD * LANES + i] * 100.0) + monthly * x[_ALIVE * LANES + i]
        coins = x[_COINS * LANES + i] + mined
        cash = x[_CASH * LANES + i]
        need = max(due + terms[_BUFFER * LANES + i] - cash, 0.0)
        sale = max(np.floor(terms[_SHARE * LANES + i] * mined), np.ceil(need / per_sat))
        sale = min(sale, coins)
        left = cash + np.rint(sale * per_sat) - due
        x[_COINS * LANES + i] = coins - sale
        x[_CASH * LANES + i] = left
        x[_DEBT * LANES + i] = debt - (paid * x[_ALIVE * LANES + i] if left >= 0.0 else 0.0)
        sold[i] += sale
    fails = 0
    for i in range(LANES):
        fails += 1 if x[_CASH * LANES + i] < 0.0 else 0
    return fails


@jit
def _lenders(x: Floats, terms: Floats, per_sat: float) -> tuple[float, float, float]:
    """Close the books of those whose cash is negative, and test loans; satoshi sold, sales, defaults."""
    total, sales, defaults = 0.0, 0.0, 0.0
    for i in range(LANES):
        posted, debt = x[_POSTED * LANES + i], x[_DEBT * LANES + i]
        n = 0.0
        if x[_CASH * LANES + i] < 0.0:
            n = posted
            got = np.rint(n * per_sat)
            back = min(got, debt)
            x[_CASH * LANES + i] = got - back
            x[_DEBT * LANES + i] = debt - back
            x[_POSTED * LANES + i] = 0.0
            x[_ALIVE * LANES + i] = x[_OWN_EHS * LANES + i] = x[_OWN_USD * LANES + i] = 0.0
            defaults += 1.0
        elif posted > 0.0 and debt > terms[_CALL_LTV * LANES + i] * (posted * per_sat):
            start, call = terms[_START_LTV * LANES + i], terms[_CALL_LTV * LANES + i]
            sells = debt >= terms[_SALE_LTV * LANES + i] * (posted * per_sat)
            if not sells:
                coins = x[_COINS * LANES + i]
                move = min(max(np.ceil(debt / (start * per_sat)) - posted, 0.0), coins)
                x[_COINS * LANES + i] = coins - move
                posted += move
                sells = debt > call * (posted * per_sat)
            if sells:
                n = np.floor((debt - start * (posted * per_sat)) / (per_sat * (1.0 - start))) + 1.0
                n = min(n, posted)
                x[_DEBT * LANES + i] = debt - min(np.rint(n * per_sat), debt)
            x[_POSTED * LANES + i] = posted - n
        total += n
        sales += 1.0 if n > 0.0 else 0.0
    return total, sales, defaults


@jit
def _calls_below(x: Floats, terms: Floats) -> float:
    """Return the price [cents per satoshi] at or under which the first of sixteen loans is called."""
    highest = 0.0
    for i in range(LANES):
        posted = x[_POSTED * LANES + i]
        if posted > 0.0:
            highest = max(highest, x[_DEBT * LANES + i] / (terms[_CALL_LTV * LANES + i] * posted))
    return highest * _SCREEN


@jit
def _operators(
    s: Floats, books: Floats, terms: Floats, sold: Floats, n_blocks: int, month: bool, day: float
) -> None:
    """Advance the operators of every path by a day."""
    for p in range(LANES):
        per_sat, per_ehs = s[_PER_SAT * LANES + p], s[_PER_EHS * LANES + p]
        at = sold[p * LANES : (p + 1) * LANES]
        for i in range(LANES):
            at[i] = 0.0
        fails = 0
        for b in range(n_blocks):
            o = (p * n_blocks + b) * (_N_BOOKS * LANES)
            x = books[o : o + _N_BOOKS * LANES]
            y = terms[b * (_N_TERMS * LANES) : (b + 1) * (_N_TERMS * LANES)]
            if month:
                fails += _month_day(x, y, per_sat, per_ehs, at)
            else:
                fails += _plain_day(x, y, per_sat, per_ehs, at)
        if fails or month or per_sat < s[_CALLS_BELOW * LANES + p]:
            below, extra = 0.0, 0.0
            for b in range(n_blocks):
                o = (p * n_blocks + b) * (_N_BOOKS * LANES)
                x = books[o : o + _N_BOOKS * LANES]
                y = terms[b * (_N_TERMS * LANES) : (b + 1) * (_N_TERMS * LANES)]
                n, sales, defaults = _lenders(x, y, per_sat)
                extra += n
                s[_LENDERS * LANES + p] += sales
                s[_DEFAULTS * LANES + p] += defaults
                s[_DEFAULT_DAYS * LANES + p] += defaults * day
                below = max(below, _calls_below(x, y))
            s[_CALLS_BELOW * LANES + p] = below
            at[0] += extra
    # Whole satoshi: halves may be added in any order.
    for p in range(LANES):
        at = sold[p * LANES : (p + 1) * LANES]
        for i in range(8):
            at[i] += at[i + 8]
        for i in range(4):
            at[i] += at[i + 4]
        s[_SOLD * LANES + p] = (at[0] + at[2]) + (at[1] + at[3])


@jit
def _books_move(
    books: Floats, o: int, owners: Whole, own: Floats, first: int, last: int, sign: float
) -> None:
    """Add (or take) what owners hold of a range of cohorts; the dead hold nothing any more."""
    for e in range(first, last):
        at = o + owners[e]
        holds = sign * books[at - LANES]
        books[at] += holds * own[2 * e]
        books[at + LANES] += holds * own[2 * e + 1]


@jit
def _borders(
    s: Floats, q: Whole, books: Floats, on: Floats, off: Floats, running: Floats, ends: Whole,
    owners: Whole, own: Floats, n_blocks: int,
) -> None:  # fmt: skip
    """Move each path's border to where its hashprice puts it; `off[j + 1]` belongs to cohort j.

    `running` is (capacity, number) of the installed cohorts below each border.
    """
    for p in range(LANES):
        level, was = s[_LEVEL * LANES + p], q[p]
        n = was
        while on[n] < level:
            n += 1
        while off[n] > level:
            n -= 1
        if n != was:
            q[p] = n
            s[_ON_EHS * LANES + p] = running[2 * n]
            s[_SWITCHES * LANES + p] += abs(running[2 * n + 1] - running[2 * was + 1])
            o = p * n_blocks * (_N_BOOKS * LANES)
            low, high = min(n, was), max(n, was)
            _books_move(books, o, owners, own, ends[low], ends[high], 1.0 if n > was else -1.0)


@jit
def _arrive(
    j: int, s: Floats, q: Whole, books: Floats, capacity: Floats, running: Floats, ends: Whole,
    owners: Whole, all_own: Floats, own: Floats, n_blocks: int,
) -> None:  # fmt: skip
    """Install cohort j on every path."""
    for n in range(j + 1, len(running) // 2):
        running[2 * n] += capacity[j]
        running[2 * n + 1] += 1.0
    for e in range(2 * ends[j], 2 * ends[j + 1]):
        own[e] = all_own[e]
    for p in range(LANES):
        if j < q[p]:
            s[_ON_EHS * LANES + p] += capacity[j]
            _books_move(
                books, p * n_blocks * (_N_BOOKS * LANES), owners, own, ends[j], ends[j + 1], 1.0
            )


@jit
def _morning(s: Floats, c: Floats) -> None:
    """Price after impact, and hashprice, from the day's exogenous price and fee."""
    for i in range(LANES):
        fell = min(c[_IMPACT] * math.sqrt(s[_FLOW * LANES + i] / c[_VOLUME]), 0.9)
        close = s[_EXOGENOUS * LANES + i] * (1.0 - fell)
        reward = s[_SUBSIDY * LANES + i] + s[_FEE * LANES + i]
        work = s[_DIFFICULTY * LANES + i] * _TWO_32
        hashprice = close * reward * _HASHPRICE / work
        s[_LEVEL * LANES + i] += c[_WEIGHT] * (hashprice - s[_LEVEL * LANES + i])
        s[_CLOSE * LANES + i] = close
        s[_PER_SAT * LANES + i] = close * 1e-6
        s[_PER_EHS * LANES + i] = reward * _WORK / work * 1e8


@jit
def _evening(s: Floats, c: Floats) -> None:
    """Blocks, difficulty, halving, and the flow that the next price meets."""
    for i in range(LANES):
        difficulty, epoch, spent = (
            s[_DIFFICULTY * LANES + i],
            s[_EPOCH * LANES + i],
            s[_SPENT * LANES + i],
        )
        rate = (c[_BASE] + s[_ON_EHS * LANES + i]) * _WORK / (difficulty * _TWO_32)
        need = 2016.0 - epoch
        part = need / rate
        seen = (spent + part * 86_400.0) * (2015.0 / 2016.0)
        ratio = min(max(1_209_600.0 / max(seen, 1.0), 0.25), 4.0)
        new = max(difficulty * ratio, 1.0)
        left = 1.0 - part
        rest = rate * difficulty / new * left
        ends = rate >= need
        s[_DIFFICULTY * LANES + i] = new if ends else difficulty
        s[_EPOCH * LANES + i] = rest if ends else epoch + rate
        s[_SPENT * LANES + i] = left * 86_400.0 if ends else spent + 86_400.0
        height = s[_HEIGHT * LANES + i] + (need + rest if ends else rate)
        s[_HEIGHT * LANES + i] = height
        halves = height >= s[_NEXT_HALVING * LANES + i]
        s[_SUBSIDY * LANES + i] *= 0.5 if halves else 1.0
        s[_NEXT_HALVING * LANES + i] += 210_000.0 if halves else 0.0
        sold = s[_SOLD * LANES + i]
        s[_FLOW * LANES + i] = c[_KEEP] * s[_FLOW * LANES + i] + sold
        s[_ALL_SOLD * LANES + i] += sold


@jit
def _tile(
    s: Floats, q: Whole, books: Floats, sold: Floats, running: Floats, own: Floats, shock: Floats,
    first_day: int, n_days: int, on: Floats, off: Floats, capacity: Floats, ends: Whole, owners: Whole,
    all_own: Floats, arrives: Whole, arrival: Whole, next_arrival: int, terms: Floats, c: Floats, n_blocks: int,
    cohorts: bool, out: Floats,
) -> int:  # fmt: skip
    """Run sixteen paths through a block of days; `shock` is (price, fee) x days x lanes. Return next arrival."""
    for d in range(n_days):
        t = first_day + d
        price, fee = shock[d * LANES : (d + 1) * LANES], shock[(BLOCK_DAYS + d) * LANES :][:LANES]
        for i in range(LANES):
            s[_EXOGENOUS * LANES + i] = price[i]
            s[_FEE * LANES + i] = fee[i]
        _morning(s, c)
        while arrives[next_arrival] == t:
            j = arrival[next_arrival]
            _arrive(j, s, q, books, capacity, running, ends, owners, all_own, own, n_blocks)
            next_arrival += 1
        if cohorts:
            _borders(s, q, books, on, off, running, ends, owners, own, n_blocks)
        _operators(s, books, terms, sold, n_blocks, (t + 1) % 30 == 0, t + 1.0)
        _evening(s, c)
        if (t + 1) % SNAPSHOT_DAYS == 0:
            for p in range(LANES):
                out[p, _N_ENDS + t // SNAPSHOT_DAYS] = _total(books, p, n_blocks, _COINS) + _total(
                    books, p, n_blocks, _POSTED
                )
    return next_arrival


@jit
def _total(books: Floats, p: int, n_blocks: int, row: int) -> float:
    total = 0.0
    for b in range(n_blocks):
        o = ((p * n_blocks + b) * _N_BOOKS + row) * LANES
        for i in range(LANES):
            total += books[o + i]
    return total


@jit
def _start(
    start: Floats, start_books: Floats, n_on: int, start_running: Floats, start_own: Floats, s: Floats,
    q: Whole, books: Floats, running: Floats, own: Floats,
) -> None:  # fmt: skip
    for row in range(_N_ROWS):
        for i in range(LANES):
            s[row * LANES + i] = start[row]
    for p in range(LANES):
        q[p] = n_on
        for i in range(len(start_books)):
            books[p * len(start_books) + i] = start_books[i]
    running[:], own[:] = start_running, start_own


@jit
def _finish(s: Floats, books: Floats, n_blocks: int, c: Floats, out: Floats) -> None:
    for p in range(LANES):
        out[p, 0] = s[_CLOSE * LANES + p]
        out[p, 1] = s[_DIFFICULTY * LANES + p]
        out[p, 2] = s[_HEIGHT * LANES + p]
        out[p, 3] = c[_BASE] + s[_ON_EHS * LANES + p]
        out[p, 4] = s[_FLOW * LANES + p]
        out[p, 5] = _total(books, p, n_blocks, _COINS)
        out[p, 6] = _total(books, p, n_blocks, _POSTED)
        out[p, 7] = _total(books, p, n_blocks, _CASH)
        out[p, 8] = _total(books, p, n_blocks, _DEBT)
        for j in range(5):
            out[p, 9 + j] = s[(_SWITCHES + j) * LANES + p]


@jit
def _given(price: Floats, fees: Floats, first: int, t0: int, n: int, shock: Floats) -> None:
    """Lay a tile's block of days out by lane; paths beyond the last repeat it."""
    for i in range(LANES):
        p = min(first + i, len(price) - 1)
        for d in range(n):
            shock[d * LANES + i] = price[p, t0 + d]
            shock[(BLOCK_DAYS + d) * LANES + i] = fees[p, t0 + d]


@jit
def _drawn(
    seed: int, first: int, t0: int, n: int, chance: Floats, drift: Floats, fee: Floats, last: Floats,
    uniform: Floats, fields: Floats, shock: Floats,
) -> None:  # fmt: skip
    """Draw a tile's block of days; `last` (LANES,) is the price that it goes on from."""
    shock_block(seed, first, t0, drift[:n], drift[:n], chance, fee, uniform, fields)
    for d in range(n):
        for i in range(LANES):
            last[i] *= fields[d * LANES + i]
            shock[d * LANES + i] = last[i]
            shock[(BLOCK_DAYS + d) * LANES + i] = (
                FEES_BTC * fields[2 * BLOCK_DAYS * LANES + d * LANES + i]
            )


@jit
def _paths_given(
    price: Floats, fees: Floats, start: Floats, start_books: Floats, n_on: int, start_running: Floats,
    start_own: Floats, on: Floats, off: Floats, capacity: Floats, ends: Whole, owners: Whole,
    all_own: Floats, arrives: Whole, arrival: Whole, terms: Floats, c: Floats, n_blocks: int, cohorts: bool, out: Floats,
) -> None:  # fmt: skip
    s, q, books = np.empty(_N_ROWS * LANES), np.empty(LANES, np.int64), np.empty(LANES * len(start_books))
    sold, shock = np.zeros(LANES * LANES), np.empty(2 * BLOCK_DAYS * LANES)
    running, owned = np.empty_like(start_running), np.empty_like(start_own)
    ends_of = np.empty((LANES, out.shape[1]))
    for first in range(0, len(price), LANES):
        _start(start, start_books, n_on, start_running, start_own, s, q, books, running, owned)
        arrived = 0
        for t0 in range(0, price.shape[1], BLOCK_DAYS):
            n = min(BLOCK_DAYS, price.shape[1] - t0)
            _given(price, fees, first, t0, n, shock)
            arrived = _tile(
                s, q, books, sold, running, owned, shock, t0, n, on, off, capacity, ends, owners, all_own,
                arrives, arrival, arrived, terms, c, n_blocks, cohorts, ends_of,
            )  # fmt: skip
        _finish(s, books, n_blocks, c, ends_of)
        for p in range(min(LANES, len(price) - first)):
            out[first + p] = ends_of[p]


@jit
def _paths_drawn(
    seed: int, first_path: int, n_days: int, chance: Floats, drift: Floats, start: Floats,
    start_books: Floats, n_on: int, start_running: Floats, start_own: Floats, on: Floats, off: Floats,
    capacity: Floats, ends: Whole, owners: Whole, all_own: Floats, arrives: Whole, arrival: Whole,
    terms: Floats, c: Floats, n_blocks: int, cohorts: bool, out: Floats,
) -> None:  # fmt: skip
    s, q, books = np.empty(_N_ROWS * LANES), np.empty(LANES, np.int64), np.empty(LANES * len(start_books))
    sold, shock = np.zeros(LANES * LANES), np.empty(2 * BLOCK_DAYS * LANES)
    running, owned = np.empty_like(start_running), np.empty_like(start_own)
    ends_of = np.empty((LANES, out.shape[1]))
    uniform, fields = np.empty(8 * LANES), np.empty(len(FIELDS) * BLOCK_DAYS * LANES)
    fee, last = np.empty(LANES), np.empty(LANES)
    for first in range(0, len(out), LANES):
        _start(start, start_books, n_on, start_running, start_own, s, q, books, running, owned)
        fee[:], last[:] = 0.0, PRICE_USD
        arrived = 0
        for t0 in range(0, n_days, BLOCK_DAYS):
            n = min(BLOCK_DAYS, n_days - t0)
            _drawn(seed, first_path + first, t0, n, chance, drift, fee, last, uniform, fields, shock)
            arrived = _tile(
                s, q, books, sold, running, owned, shock, t0, n, on, off, capacity, ends, owners, all_own,
                arrives, arrival, arrived, terms, c, n_blocks, cohorts, ends_of,
            )  # fmt: skip
        _finish(s, books, n_blocks, c, ends_of)
        for p in range(min(LANES, len(out) - first)):
            out[first + p] = ends_of[p]


@jit
def _shocks_alone(
    seed: int, n_days: int, chance: Floats, drift: Floats, price: Floats, fees: Floats, keep: bool
) -> float:
    """Draw paths and nothing else; keep them in the arrays, or their sum alone."""
    shock, total = np.empty(2 * BLOCK_DAYS * LANES), 0.0
    uniform, fields = np.empty(8 * LANES), np.empty(len(FIELDS) * BLOCK_DAYS * LANES)
    fee, last = np.empty(LANES), np.empty(LANES)
    for first in range(0, len(price), LANES):
        fee[:], last[:] = 0.0, PRICE_USD
        for t0 in range(0, n_days, BLOCK_DAYS):
            n = min(BLOCK_DAYS, n_days - t0)
            _drawn(seed, first, t0, n, chance, drift, fee, last, uniform, fields, shock)
            total += shock[0]
            if keep:
                for i in range(min(LANES, len(price) - first)):
                    for d in range(n):
                        price[first + i, t0 + d] = shock[d * LANES + i]
                        fees[first + i, t0 + d] = shock[(BLOCK_DAYS + d) * LANES + i]
    return total


def draw_paths(seed: int, n_paths: int, n_days: int) -> tuple[Floats, Floats]:
    """Return price before impact [USD] and fees per block [BTC], (paths, days)."""
    price, fees = np.empty((n_paths, n_days)), np.empty((n_paths, n_days))
    _shocks_alone(seed, n_days, *SHOCKS, price, fees, True)
    return price, fees


def limit(case: Case) -> float:
    """Draw the case's shocks and throw them away: what no kernel that draws them can beat."""
    nothing = np.empty((len(case.price_usd), 0))
    return float(_shocks_alone(case.seed, case.price_usd.shape[1], *SHOCKS, nothing, nothing, False))


def run_given(case: Case, first: int = 0, last: int | None = None, *, cohorts: bool = True) -> Floats:
    """Return the outputs of reduced.md for paths whose price and fees are given."""
    price, fees = case.price_usd[first:last], case.fees_btc[first:last]
    out = _outputs(len(price), price.shape[1])
    _paths_given(price, fees, *_data(case), cohorts, out)
    return out


def run_drawn(case: Case, first: int = 0, last: int | None = None, *, cohorts: bool = True) -> Floats:
    """Return the same, price and fees drawn by address on the way."""
    n_paths, n_days = case.price_usd[first:last].shape
    out = _outputs(n_paths, n_days)
    _paths_drawn(case.seed, first, n_days, *SHOCKS, *_data(case), cohorts, out)
    return out


def _outputs(n_paths: int, n_days: int) -> Floats:
    return np.zeros((n_paths, _N_ENDS + n_days // SNAPSHOT_DAYS))


def _data(case: Case) -> tuple[object, ...]:
    """Lay a case out for the kernel, in the order of its arguments."""
    m, k = len(case.on), len(case.cash)
    n_blocks = -(-k // LANES)

    def by_lane(rows: list[Floats]) -> Floats:
        padded = np.zeros((len(rows), n_blocks * LANES))
        padded[:, :k] = rows
        return np.ascontiguousarray(padded.reshape(len(rows), n_blocks, LANES).swapaxes(0, 1)).ravel()

    there = (case.first_day <= 0).astype(np.int64)
    at_start = there[case.owned] * (case.owned < case.n_on)
    books = by_lane(
        [case.cash, case.coins, case.posted, case.debt, np.ones(k), (case.own_ehs * at_start).sum(1),
         (case.own_usd * at_start).sum(1)]
    )  # fmt: skip
    terms = by_lane(
        [case.share, case.buffer, case.fixed, case.instalment, case.rate, case.start_ltv, case.call_ltv,
         case.sale_ltv]
    )  # fmt: skip
    start = np.zeros(_N_ROWS)
    start[_LEVEL], start[_DIFFICULTY], start[_HEIGHT] = case.level, case.difficulty, case.height
    start[_EPOCH], start[_SPENT] = case.height % 2016, 600.0 * (case.height % 2016)
    start[_ON_EHS] = (case.capacity_ehs * there)[: case.n_on].sum()
    halvings = case.height // 210_000
    start[_SUBSIDY], start[_NEXT_HALVING] = 50.0 * 0.5**halvings, (halvings + 1) * 210_000
    start[_CALLS_BELOW] = np.inf

    order = np.argsort(case.owned.ravel(), kind="stable")
    ends = np.searchsorted(case.owned.ravel()[order], np.arange(m + 1))
    who = np.repeat(np.arange(k), case.owned.shape[1])[order]
    owners = ((who // LANES) * _N_BOOKS + _OWN_EHS) * LANES + who % LANES
    own = np.stack([case.own_ehs.ravel()[order], case.own_usd.ravel()[order]], axis=1).ravel()
    installed = np.repeat(there[case.owned.ravel()[order]], 2)
    below = np.zeros((m + 1, 2))
    below[1:] = np.cumsum(np.stack([case.capacity_ehs * there, there], axis=1), axis=0)
    late = np.argsort(case.first_day, kind="stable")[int(there.sum()) :]
    return (
        start, books, case.n_on, below.ravel(), own * installed, np.append(case.on, np.inf), np.append(-np.inf, case.off),
        case.capacity_ehs, ends, owners, own, np.append(case.first_day[late], -1), late, terms,
        np.array([case.base_ehs, case.weight, case.keep, case.impact, case.volume_sat]), n_blocks,
    )  # fmt: skip
