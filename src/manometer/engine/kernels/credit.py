"""The credit side of a day: loans against coins, what is missed, enforcement, and lenders that fail.

An operator in default is enforced against after its days of grace: its lender sells what is posted, then what
is free, up to all it owes, and takes its cash; machines answer for a share of the term debt. It then runs on
without debts, or stops, as its terms say; one that defaults again stops. A lender whose losses eat its equity
fails: its estate sells the coins it holds up to each loan, keeps a share of the rest, and calls its lines.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import inlined, inner
from . import places as R
from .places import LANES

__all__ = ["credit", "whole"]

Floats = NDArray[np.float64]

_MAGIC = 6755399441055744.0


@inner
def whole(x: float) -> float:
    """Round half to even."""
    return (x + _MAGIC) - _MAGIC


@inner
def _sell_posted(x: Floats, i: int, sat: float, cents_per_sat: float) -> float:
    """Let a lender sell posted coins against its loan; return what was sold."""
    got = min(np.floor(sat * cents_per_sat), x[R.LOAN + i])
    x[R.POSTED + i] -= sat
    x[R.SEIZED + i] += sat
    x[R.LOAN + i] -= got
    x[R.REPAID + i] += got
    return sat


@inner
def _to_restore(
    x: Floats, i: int, p: Floats, k: int, price: float, cost: float, cents_per_sat: float
) -> float:
    """Return the posted coins whose sale brings a loan back to its restore level."""
    level = p[R.RESTORE + k]
    keep, posted = 1.0 - cost - level, float(x[R.POSTED + i])
    if keep <= 0.0:
        return posted
    gap = x[R.LOAN + i] - level * x[R.POSTED + i] * price * 1e-6
    return float(min(max(np.floor(gap / (price * 1e-6 * keep)) + 1.0, 0.0), posted))


@inner
def _set_trigger(x: Floats, i: int, p: Floats, k: int) -> None:
    owed, posted = x[R.LOAN + i], x[R.POSTED + i]
    x[R.TRIGGER + i] = owed / (posted * p[R.CALL_AT + k]) * 1e6 if owed > 0.0 and posted > 0.0 else 0.0
    if owed > 0.0 and posted == 0.0:
        x[R.TRIGGER + i] = np.inf


@inner
def _margin(
    x: Floats, i: int, p: Floats, k: int, day: int, low: float, price: float, cost: float
) -> tuple[float, float]:
    """Test one loan against coins; return what was sold, and by how much the count of open calls changed."""
    per_low, per_close = low * 1e-6 * (1.0 - cost), price * 1e-6 * (1.0 - cost)
    sold, calls = 0.0, 0.0
    if x[R.LOAN + i] >= p[R.LIQUIDATE + k] * x[R.POSTED + i] * low * 1e-6:
        sold = _sell_posted(x, i, _to_restore(x, i, p, k, low, cost, per_low), per_low)
        calls = -1.0 if x[R.CALL + i] >= 0.0 else 0.0
        x[R.CALL + i] = -1.0
    else:
        if x[R.CALL + i] < 0.0 and x[R.LOAN + i] > p[R.CALL_AT + k] * x[R.POSTED + i] * low * 1e-6:
            x[R.CALL + i] = day + p[R.CURE + k]
            calls = 1.0
        if x[R.CALL + i] >= 0.0 and day >= x[R.CALL + i]:
            x[R.CALL + i] = -1.0
            calls -= 1.0
            if x[R.LOAN + i] > p[R.CALL_AT + k] * x[R.POSTED + i] * price * 1e-6:
                if p[R.SELLS + k] == 0.0:
                    need = np.ceil(x[R.LOAN + i] / (p[R.RESTORE + k] * price * 1e-6)) - x[R.POSTED + i]
                    more = min(max(need, 0.0), x[R.FREE + i])
                    x[R.FREE + i] -= more
                    x[R.POSTED + i] += more
                    x[R.CALLED + i] += more
                if x[R.LOAN + i] > p[R.CALL_AT + k] * x[R.POSTED + i] * price * 1e-6:
                    sold = _sell_posted(x, i, _to_restore(x, i, p, k, price, cost, per_close), per_close)
    if x[R.POSTED + i] == 0.0 and x[R.LOAN + i] > 0.0:  # the rest is a claim on everything
        x[R.OWED + i] += x[R.LOAN + i]
        x[R.DUE_LOAN + i] += x[R.LOAN + i]
        x[R.LOAN + i] = 0.0
    if x[R.LOAN + i] == 0.0:
        x[R.FREE + i] += x[R.POSTED + i]
        x[R.POSTED + i] = 0.0
    _set_trigger(x, i, p, k)
    return sold, calls


@inner
def _enforce(
    x: Floats, i: int, p: Floats, k: int, day: int, price: float, cost: float, lenders: Floats, at: int
) -> tuple[float, float, float]:
    """Take what a debtor in default has; return coins sold, hashrate stopped, and change of open calls."""
    per_sat = price * 1e-6 * (1.0 - cost)
    sold, stopped, calls = 0.0, 0.0, 0.0
    if x[R.CALL + i] >= 0.0:
        calls, x[R.CALL + i] = -1.0, -1.0
    if x[R.LOAN + i] > 0.0:
        sold = _sell_posted(x, i, min(np.floor(x[R.LOAN + i] / per_sat) + 2.0, x[R.POSTED + i]), per_sat)
    x[R.FREE + i] += x[R.POSTED + i]
    x[R.POSTED + i] = 0.0
    claim = x[R.LOAN + i] + x[R.TERM + i] + x[R.OWED + i]
    if claim > 0.0:
        sat = min(np.floor(claim / per_sat) + 2.0, x[R.FREE + i])
        got = np.floor(sat * per_sat)
        x[R.FREE + i] -= sat
        x[R.SEIZED + i] += sat
        sold += sat
        paid = min(x[R.CASH + i] + got, claim)
        x[R.CASH + i] += got - paid
        x[R.REPAID + i] += paid
        claim -= paid
    # What was paid goes to overdue bills first, then to the loan; machines answer for the term debt.
    term = min(claim, x[R.TERM + i] + min(x[R.DUE_TERM + i], x[R.OWED + i]))
    loan = min(claim - term, x[R.LOAN + i] + min(x[R.DUE_LOAN + i], x[R.OWED + i]))
    loss = whole(term * (1.0 - p[R.RECOVERY + k]))
    lenders[at + 2 * int(p[R.TERM_LENDER + k])] -= loss
    lenders[at + 2 * int(p[R.LOAN_LENDER + k])] -= loan
    x[R.LOST + i] += claim
    x[R.LOAN + i] = x[R.TERM + i] = x[R.OWED + i] = x[R.LATE + i] = x[R.TRIGGER + i] = 0.0
    x[R.DUE_LOAN + i] = x[R.DUE_TERM + i] = 0.0
    if x[R.DEFAULT + i] < 0.0:
        x[R.DEFAULT + i] = day
    if p[R.STOPS + k] != 0.0 or x[R.STATUS + i] != 0.0:
        stopped = x[R.RUN + i]
        x[R.RUN + i] = x[R.ENERGY + i] = 0.0
        x[R.STATUS + i] = 2.0
    else:
        x[R.STATUS + i] = 1.0
    return sold, stopped, calls


@inner
def _fail(x: Floats, i: int, p: Floats, k: int, lender: int, price: float, c: Floats) -> tuple[float, float]:
    """Let a failed lender's estate settle with one borrower: coins sold or caught, and its lines called."""
    per_sat = price * 1e-6 * (1.0 - c[R.COST])
    sold, calls = 0.0, 0.0
    if int(p[R.LOAN_LENDER + k]) == lender and x[R.LOAN + i] > 0.0:
        sold = _sell_posted(x, i, min(np.floor(x[R.LOAN + i] / per_sat) + 2.0, x[R.POSTED + i]), per_sat)
        caught = np.floor(x[R.POSTED + i] * c[R.CAUGHT_FRAC])
        x[R.CAUGHT + i] += caught
        x[R.FREE + i] += x[R.POSTED + i] - caught
        x[R.POSTED + i] = 0.0
        x[R.OWED + i] += x[R.LOAN + i]
        x[R.DUE_LOAN + i] += x[R.LOAN + i]
        x[R.LOAN + i] = x[R.TRIGGER + i] = 0.0
        if x[R.CALL + i] >= 0.0:
            calls, x[R.CALL + i] = -1.0, -1.0
    if int(p[R.TERM_LENDER + k]) == lender:
        x[R.OWED + i] += x[R.TERM + i]
        x[R.DUE_TERM + i] += x[R.TERM + i]
        x[R.TERM + i] = 0.0
    return sold, calls


@inlined
def credit(
    m: Floats,
    lane: int,
    x: Floats,
    first: int,
    p: Floats,
    blocks: int,
    lenders: Floats,
    at: int,
    n_lenders: int,
    day: int,
    c: Floats,
    late: float,
    falls_due: bool,
    total: Floats,
) -> float:
    """Do the credit side of a day on one path: calls, defaults, lenders that fail; return the coins sold.

    `late` is what all operators owe, `falls_due` whether a month's bills do today; `total` (2 x LANES) is
    room to work in.
    """
    price, low, cost = m[R.PRICE + lane], m[R.LOW + lane], c[R.COST]
    sold, calls = 0.0, m[R.CALLS + lane]
    changed = False
    if m[R.HIGHEST + lane] >= low or calls > 0.0:
        changed = True
        for b in range(blocks):
            for j in range(LANES):
                i, k = first + b * R.SIZE + j, b * R.TERM_SIZE + j
                if x[R.TRIGGER + i] >= low or x[R.CALL + i] >= 0.0:
                    a, n = _margin(x, i, p, k, day, low, price, cost)
                    sold, calls = sold + a, calls + n
    if late > 0.0 or m[R.LATES + lane] > 0.0 or falls_due or changed:
        for b in range(blocks):
            if _overdue(x, first + b * R.SIZE, p, b * R.TERM_SIZE, total):
                changed = True
                for j in range(LANES):
                    i, k = first + b * R.SIZE + j, b * R.TERM_SIZE + j
                    if x[R.LATE + i] > p[R.GRACE + k]:
                        fresh = x[R.DEFAULT + i] < 0.0
                        a, stopped, n = _enforce(x, i, p, k, day, price, cost, lenders, at)
                        sold, calls = sold + a, calls + n
                        m[R.HASHRATE + lane] -= stopped
                        m[R.DEFAULTS + lane] += 1.0 if fresh else 0.0
    for lender in range(n_lenders):
        if lenders[at + 2 * lender] <= 0.0 and lenders[at + 2 * lender + 1] == 0.0:
            lenders[at + 2 * lender + 1] = 1.0
            changed = True
            for b in range(blocks):
                for j in range(LANES):
                    i, k = first + b * R.SIZE + j, b * R.TERM_SIZE + j
                    a, n = _fail(x, i, p, k, lender, price, c)
                    sold, calls = sold + a, calls + n
    if changed:
        late, m[R.HIGHEST + lane] = _look(x, first, blocks, total)
    m[R.CALLS + lane], m[R.LATES + lane] = calls, late
    return sold


@inlined
def _overdue(x: Floats, at: int, p: Floats, by: int, total: Floats) -> bool:
    """Count the days of what is owed in a block; return whether one is past its grace."""
    for j in range(LANES):
        i = at + j
        owes = x[R.OWED + i] > 0.0
        days = x[R.LATE + i] + 1.0 if owes else 0.0
        x[R.LATE + i] = days
        x[R.DUE_LOAN + i] = x[R.DUE_LOAN + i] if owes else 0.0
        x[R.DUE_TERM + i] = x[R.DUE_TERM + i] if owes else 0.0
        total[j] = 1.0 if days > p[R.GRACE + by + j] else 0.0
    return add_up(total) > 0.0


@inlined
def _look(x: Floats, first: int, blocks: int, total: Floats) -> tuple[float, float]:
    """Return what all operators owe, and the highest price at which a loan is called."""
    for j in range(2 * LANES):
        total[j] = 0.0
    highest = 0.0
    for b in range(blocks):
        at = first + b * R.SIZE
        for j in range(LANES):
            total[j] += x[R.OWED + at + j]
            trigger = x[R.TRIGGER + at + j]
            total[LANES + j] = trigger if trigger > total[LANES + j] else total[LANES + j]
    for j in range(LANES):
        highest = max(highest, total[LANES + j])
    return add_up(total), highest


@inlined
def add_up(t: Floats) -> float:
    """Return the sum of a row of sixteen; whole numbers, so in any order."""
    a = ((t[0] + t[1]) + (t[2] + t[3])) + ((t[4] + t[5]) + (t[6] + t[7]))
    b = ((t[8] + t[9]) + (t[10] + t[11])) + ((t[12] + t[13]) + (t[14] + t[15]))
    return float(a + b)
