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

__all__ = ["add_up", "credit", "whole"]

Floats = NDArray[np.float64]

_MAGIC = 6755399441055744.0


@inner
def whole(x: float) -> float:
    """Round half to even."""
    return (x + _MAGIC) - _MAGIC


@inner
def _sell_posted(x: Floats, j: int, sat: float, cents_per_sat: float) -> float:
    """Let a lender sell posted coins against its loan; return what was sold."""
    got = min(np.floor(sat * cents_per_sat), x[R.LOAN + j])
    x[R.POSTED + j] -= sat
    x[R.SEIZED + j] += sat
    x[R.LOAN + j] -= got
    x[R.REPAID + j] += got
    return sat


@inner
def _to_restore(x: Floats, p: Floats, j: int, price: float, cost: float, cents_per_sat: float) -> float:
    """Return the posted coins whose sale brings a loan back to its restore level."""
    level = p[R.RESTORE + j]
    keep, posted = 1.0 - cost - level, float(x[R.POSTED + j])
    if keep <= 0.0:
        return posted
    gap = x[R.LOAN + j] - level * x[R.POSTED + j] * price * 1e-6
    return float(min(max(np.floor(gap / (price * 1e-6 * keep)) + 1.0, 0.0), posted))


@inner
def _set_trigger(x: Floats, p: Floats, j: int) -> None:
    owed, posted = x[R.LOAN + j], x[R.POSTED + j]
    x[R.TRIGGER + j] = owed / (posted * p[R.CALL_AT + j]) * 1e6 if owed > 0.0 and posted > 0.0 else 0.0
    if owed > 0.0 and posted == 0.0:
        x[R.TRIGGER + j] = np.inf


@inner
def _margin(
    x: Floats, p: Floats, j: int, day: int, low: float, price: float, cost: float
) -> tuple[float, float]:
    """Test one loan against coins; return what was sold, and by how much the count of open calls changed."""
    per_low, per_close = low * 1e-6 * (1.0 - cost), price * 1e-6 * (1.0 - cost)
    sold, calls = 0.0, 0.0
    if x[R.LOAN + j] >= p[R.LIQUIDATE + j] * x[R.POSTED + j] * low * 1e-6:
        sold = _sell_posted(x, j, _to_restore(x, p, j, low, cost, per_low), per_low)
        calls = -1.0 if x[R.CALL + j] >= 0.0 else 0.0
        x[R.CALL + j] = -1.0
    else:
        if x[R.CALL + j] < 0.0 and x[R.LOAN + j] > p[R.CALL_AT + j] * x[R.POSTED + j] * low * 1e-6:
            x[R.CALL + j] = day + p[R.CURE + j]
            calls = 1.0
        if x[R.CALL + j] >= 0.0 and day >= x[R.CALL + j]:
            x[R.CALL + j] = -1.0
            calls -= 1.0
            if x[R.LOAN + j] > p[R.CALL_AT + j] * x[R.POSTED + j] * price * 1e-6:
                if p[R.SELLS + j] == 0.0:
                    need = np.ceil(x[R.LOAN + j] / (p[R.RESTORE + j] * price * 1e-6)) - x[R.POSTED + j]
                    more = min(max(need, 0.0), x[R.FREE + j])
                    x[R.FREE + j] -= more
                    x[R.POSTED + j] += more
                    x[R.CALLED + j] += more
                if x[R.LOAN + j] > p[R.CALL_AT + j] * x[R.POSTED + j] * price * 1e-6:
                    sold = _sell_posted(x, j, _to_restore(x, p, j, price, cost, per_close), per_close)
    if x[R.POSTED + j] == 0.0 and x[R.LOAN + j] > 0.0:  # the rest is a claim on everything
        x[R.OWED + j] += x[R.LOAN + j]
        x[R.LOAN + j] = 0.0
    if x[R.LOAN + j] == 0.0:
        x[R.FREE + j] += x[R.POSTED + j]
        x[R.POSTED + j] = 0.0
    _set_trigger(x, p, j)
    return sold, calls


@inner
def _enforce(
    x: Floats, p: Floats, j: int, day: int, price: float, cost: float, lenders: Floats
) -> tuple[float, float, float]:
    """Take what a debtor in default has; return coins sold, hashrate stopped, and change of open calls."""
    per_sat = price * 1e-6 * (1.0 - cost)
    sold, stopped, calls = 0.0, 0.0, 0.0
    if x[R.CALL + j] >= 0.0:
        calls, x[R.CALL + j] = -1.0, -1.0
    if x[R.LOAN + j] > 0.0:
        sold = _sell_posted(x, j, min(np.floor(x[R.LOAN + j] / per_sat) + 2.0, x[R.POSTED + j]), per_sat)
    x[R.FREE + j] += x[R.POSTED + j]
    x[R.POSTED + j] = 0.0
    claim = x[R.LOAN + j] + x[R.TERM + j] + x[R.OWED + j]
    if claim > 0.0:
        sat = min(np.floor(claim / per_sat) + 2.0, x[R.FREE + j])
        got = np.floor(sat * per_sat)
        x[R.FREE + j] -= sat
        x[R.SEIZED + j] += sat
        sold += sat
        paid = min(x[R.CASH + j] + got, claim)
        x[R.CASH + j] += got - paid
        x[R.REPAID + j] += paid
        claim -= paid
    # What was paid goes to overdue bills first, then to the loan; machines answer for the term debt.
    term = min(claim, x[R.TERM + j])
    loss = whole(term * (1.0 - p[R.RECOVERY + j]))
    lenders[2 * int(p[R.TERM_LENDER + j])] -= loss
    lenders[2 * int(p[R.LOAN_LENDER + j])] -= min(claim - term, x[R.LOAN + j])
    x[R.LOST + j] += claim
    x[R.LOAN + j] = x[R.TERM + j] = x[R.OWED + j] = x[R.LATE + j] = x[R.TRIGGER + j] = 0.0
    if x[R.DEFAULT + j] < 0.0:
        x[R.DEFAULT + j] = day
    if p[R.STOPS + j] != 0.0 or x[R.STATUS + j] != 0.0:
        stopped = x[R.RUN + j]
        x[R.RUN + j] = x[R.ENERGY + j] = 0.0
        x[R.STATUS + j] = 2.0
    else:
        x[R.STATUS + j] = 1.0
    return sold, stopped, calls


@inner
def _fail(x: Floats, p: Floats, j: int, lender: int, price: float, c: Floats) -> tuple[float, float]:
    """Let a failed lender's estate settle with one borrower: coins sold or caught, and its lines called."""
    per_sat = price * 1e-6 * (1.0 - c[R.COST])
    sold, calls = 0.0, 0.0
    if int(p[R.LOAN_LENDER + j]) == lender and x[R.LOAN + j] > 0.0:
        sold = _sell_posted(x, j, min(np.floor(x[R.LOAN + j] / per_sat) + 2.0, x[R.POSTED + j]), per_sat)
        caught = np.floor(x[R.POSTED + j] * c[R.CAUGHT_FRAC])
        x[R.CAUGHT + j] += caught
        x[R.FREE + j] += x[R.POSTED + j] - caught
        x[R.POSTED + j] = 0.0
        x[R.OWED + j] += x[R.LOAN + j]
        x[R.LOAN + j] = x[R.TRIGGER + j] = 0.0
        if x[R.CALL + j] >= 0.0:
            calls, x[R.CALL + j] = -1.0, -1.0
    if int(p[R.TERM_LENDER + j]) == lender:
        x[R.OWED + j] += x[R.TERM + j]
        x[R.TERM + j] = 0.0
    return sold, calls


@inlined
def credit(
    m: Floats,
    lane: int,
    ops: Floats,
    terms: Floats,
    lenders: Floats,
    day: int,
    c: Floats,
    late: float,
    total: Floats,
) -> float:
    """Do the credit side of a day on one path: calls, defaults, lenders that fail; return the coins sold.

    `late` is what all operators owe; `total` (2 x LANES) is room to work in.
    """
    price, low, cost = m[R.PRICE + lane], m[R.LOW + lane], c[R.COST]
    blocks, sold, calls = len(ops) // R.SIZE, 0.0, m[R.CALLS + lane]
    changed = False
    if m[R.HIGHEST + lane] >= low or calls > 0.0:
        changed = True
        for b in range(blocks):
            x, p = ops[b * R.SIZE : (b + 1) * R.SIZE], terms[b * R.TERM_SIZE : (b + 1) * R.TERM_SIZE]
            for j in range(LANES):
                if x[R.TRIGGER + j] >= low or x[R.CALL + j] >= 0.0:
                    a, n = _margin(x, p, j, day, low, price, cost)
                    sold, calls = sold + a, calls + n
    if late > 0.0 or m[R.LATES + lane] > 0.0 or changed:
        for b in range(blocks):
            x, p = ops[b * R.SIZE : (b + 1) * R.SIZE], terms[b * R.TERM_SIZE : (b + 1) * R.TERM_SIZE]
            if _overdue(x, p, total):
                changed = True
                for j in range(LANES):
                    if x[R.LATE + j] > p[R.GRACE + j]:
                        fresh = x[R.DEFAULT + j] < 0.0
                        a, stopped, n = _enforce(x, p, j, day, price, cost, lenders)
                        sold, calls = sold + a, calls + n
                        m[R.HASHRATE + lane] -= stopped
                        m[R.DEFAULTS + lane] += 1.0 if fresh else 0.0
    for lender in range(len(lenders) // 2):
        if lenders[2 * lender] <= 0.0 and lenders[2 * lender + 1] == 0.0:
            lenders[2 * lender + 1] = 1.0
            changed = True
            for b in range(blocks):
                x, p = ops[b * R.SIZE : (b + 1) * R.SIZE], terms[b * R.TERM_SIZE : (b + 1) * R.TERM_SIZE]
                for j in range(LANES):
                    a, n = _fail(x, p, j, lender, price, c)
                    sold, calls = sold + a, calls + n
    if changed:
        late, m[R.HIGHEST + lane] = _look(ops, total)
    m[R.CALLS + lane], m[R.LATES + lane] = calls, late
    return sold


@inlined
def _overdue(x: Floats, p: Floats, total: Floats) -> bool:
    """Count the days of what is owed in a block; return whether one is past its grace."""
    for j in range(LANES):
        days = x[R.LATE + j] + 1.0 if x[R.OWED + j] > 0.0 else 0.0
        x[R.LATE + j] = days
        total[j] = 1.0 if days > p[R.GRACE + j] else 0.0
    return add_up(total, 0) > 0.0


@inlined
def _look(ops: Floats, total: Floats) -> tuple[float, float]:
    """Return what all operators owe, and the highest price at which a loan is called."""
    for j in range(2 * LANES):
        total[j] = 0.0
    highest = 0.0
    for b in range(len(ops) // R.SIZE):
        x = ops[b * R.SIZE : (b + 1) * R.SIZE]
        for j in range(LANES):
            total[j] += x[R.OWED + j]
            trigger = x[R.TRIGGER + j]
            total[LANES + j] = trigger if trigger > total[LANES + j] else total[LANES + j]
    for j in range(LANES):
        highest = max(highest, total[LANES + j])
    return add_up(total, 0), highest


@inlined
def add_up(t: Floats, at: int) -> float:
    """Return the sum of a row of sixteen; whole numbers, so in any order."""
    t = t[at : at + LANES]
    a = ((t[0] + t[1]) + (t[2] + t[3])) + ((t[4] + t[5]) + (t[6] + t[7]))
    b = ((t[8] + t[9]) + (t[10] + t[11])) + ((t[12] + t[13]) + (t[14] + t[15]))
    return float(a + b)
