"""Bills are met from cash, in the order that keeps machines running, and by steps when it is short."""

from __future__ import annotations

import numpy as np

from ..economics.equity import equity_capacity_shares, equity_proceeds
from ..operator.money import Treasury
from ..policies.treasury import TreasuryDay, TreasuryPolicy, limited, policy
from ..units import SAT_PER_BTC
from .lots import dispose
from .order import PAYMENT_ORDER, WHEN_SHORT
from .state import Obligation, State, cents_of, sat_for, usd_cents

__all__ = ["collect_due", "follow_policy", "pay_bills", "policy_of", "raise_shares", "sell"]

_LATELY_DAYS = 30
#: Bills of plans: unpaid they stop the plan, not the operator.
_GROWTH = ("capex_growth", "ai_capex")
_RANKS = {row.bill: row for row in PAYMENT_ORDER}


def policy_of(treasury: Treasury) -> TreasuryPolicy:
    """Return the policy of a file; hedging sells to cover, and its contracts do the rest."""
    if treasury.policy == "fixed_share":
        return policy("fixed_share", share_frac=float(treasury.share_frac or 0.0))
    return policy("sell_to_cover" if treasury.policy == "hedge" else treasury.policy)


def collect_due(s: State) -> list[Obligation]:
    """Return what falls due by today, first to pay first."""
    return sorted((o for o in s.due if o.due <= s.day), key=lambda o: o.rank)


def _treasury_day(s: State, mined_sat: int, due: int, ahead: int) -> TreasuryDay:
    t = s.operator.treasury
    return TreasuryDay(
        price_usd=s.price,
        mined_btc=mined_sat / SAT_PER_BTC,
        free_btc=s.books.free / SAT_PER_BTC,
        cash_usd=s.books.cash / 100,
        due_usd=due / 100,
        due_ahead_usd=ahead / 100,
        minimum_cash_usd=float(t.minimum_cash_usd),
        sale_cost_frac=t.sale_cost_frac,
    )


def follow_policy(s: State, rule: TreasuryPolicy, mined_sat: int) -> None:
    """Sell what the policy wishes today, within what the board allows."""
    if not s.books.free:
        return
    t = s.operator.treasury
    due = sum(_in_cash(s, o) for o in s.due if o.due <= s.day)
    ahead = sum(_in_cash(s, o) for o in s.due if s.day < o.due <= s.day + t.buffer_days)
    if s.running:
        # Bills not made yet will be what they have been of late.
        late = s.running[-_LATELY_DAYS:]
        ahead = max(ahead, round(t.buffer_days * sum(late) / len(late)))
    today = _treasury_day(s, mined_sat, due, ahead)
    wish = rule.decide(today)
    if t.board is not None:
        most = (
            np.inf
            if t.board.most_per_day_btc is None
            else t.board.most_per_day_btc - s.sold_today / SAT_PER_BTC
        )
        wish = limited(wish, today, most_per_day_btc=max(most, 0.0), least_held_btc=t.board.least_held_btc)
    # Up to the next cent, so that a sale to cover covers.
    sat = min(int(np.ceil(float(wish) * SAT_PER_BTC)) + (1 if float(wish) > 0 else 0), s.books.free)
    if t.board is not None:
        sat = min(sat, int(float(wish) * SAT_PER_BTC))
    sell(s, sat)


def _in_cash(s: State, o: Obligation) -> int:
    """Return what credits and prepayments leave of a bill to pay in cash."""
    paid = s.books.balance("prepaid", o.bill, o.name)
    if o.bill == "power":
        paid += s.books.balance("credits", "", o.name)
    return max(o.cents - paid, 0)


def sell(s: State, sat: int) -> int:
    """Sell free coins at the close; return the cents they bring."""
    sat = min(sat, s.books.free)
    got = cents_of(sat, s.price, s.operator.treasury.sale_cost_frac)
    if sat <= 0 or got <= 0:
        return 0
    s.books.sell(s.day, sat, got)
    s.sold_today += sat
    dispose(s, sat, got)
    return got


def see_runway(s: State) -> None:
    """Note the first day on which cash, free coins at their haircut and what the file grants fall short."""
    if s.runway_ends is not None or s.operator.kind == "home":
        return
    due = sum(
        _in_cash(s, o) for o in s.due if o.due <= s.day and not _can_wait(s, o) and o.bill not in _GROWTH
    )
    coins = s.books.free / SAT_PER_BTC * s.price * (1 - s.operator.treasury.haircut_frac)
    if due and due / 100 > s.books.cash / 100 + coins + _granted_usd(s):
        s.runway_ends = s.day


def _granted_usd(s: State) -> float:
    """Return what lines and the share programme of the file could bring today [USD]."""
    lines = 0
    for one in s.loans.values():
        limit, matures = one.loan.limit_usd, one.loan.matures
        if limit is not None and one.status == "current" and (matures is None or s.days.index(matures) > s.i):
            lines += max(usd_cents(limit) - s.books.balance("debt", "", one.loan.name), 0)
    e = s.operator.equity
    if e is None or e.when == "never":
        return lines / 100
    room = e.volume_shares_per_day * e.volume_share_frac
    each = s.share_price * (1 - e.discount_frac) * (1 - e.fee_frac)
    return lines / 100 + min(room * each, max(e.most_usd - s.issued_usd, 0.0))


def pay_bills(s: State) -> None:
    """Pay what is due; what cannot be paid by any step stays overdue, and the first day of it is noted."""
    see_runway(s)
    for o in collect_due(s):
        if s.first_shortfall is not None and _has_nothing(s):
            break
        if o.bill == "power":
            _offset_credits(s, o)
        _draw_prepaid(s, o)
        if s.operator.kind == "home" and s.books.cash < o.cents:
            # The owner pays for a hobby.
            s.books.issue_equity(s.day, o.cents - s.books.cash)
        if s.books.cash < o.cents:
            for step in WHEN_SHORT:
                short = o.cents - s.books.cash
                if short <= 0 or (step == "stretch" and _can_wait(s, o)):
                    break
                _STEPS[step](s, short)
        if s.books.cash < o.cents and _can_wait(s, o):
            continue
        paid = min(o.cents, s.books.cash)
        if paid > 0:
            s.books.pay(s.day, o.bill, o.name, paid, o.due)
            o.cents -= paid
        if o.cents > 0 and o.bill not in _GROWTH and s.first_shortfall is None:
            s.first_shortfall = s.day
            s.tell("shortfall", o.name, f"{o.bill} of {o.cents / 100:,.0f} USD cannot be paid", o.cents / 100)
    s.due = [o for o in s.due if o.cents > 0]


def _has_nothing(s: State) -> bool:
    """Return whether there is nothing left to pay with, nor anyone who could still send something."""
    operator = s.operator
    return (
        s.books.cash == 0
        and cents_of(s.books.free, s.price, operator.treasury.sale_cost_frac) == 0
        and not s.books.total("prepaid")
        and not s.books.total("credits")
        and operator.kind != "home"
        and operator.equity is None
        and all(x.loan.limit_usd is None for x in s.loans.values())
    )


def _can_wait(s: State, o: Obligation) -> bool:
    return _RANKS[o.bill].waits and s.day < o.due + s.operator.overheads.stretch_days


def _offset_credits(s: State, o: Obligation) -> None:
    used = min(o.cents, s.books.balance("credits", "", o.name))
    if used > 0:
        s.books.offset_credit(s.day, o.name, used, o.due)
        o.cents -= used


def _draw_prepaid(s: State, o: Obligation) -> None:
    used = min(o.cents, s.books.balance("prepaid", o.bill, o.name))
    if used > 0:
        s.books.draw_prepaid(s.day, o.bill, o.name, used, o.due)
        o.cents -= used


def _nothing(s: State, short: int) -> None:
    """Suppliers that wait are passed over by the caller."""


def _sell_free_coins(s: State, short: int) -> None:
    before = s.sold_today
    sell(s, sat_for(short, s.price, s.operator.treasury.sale_cost_frac))
    s.forced_sat += s.sold_today - before


def _draw_lines(s: State, short: int) -> None:
    from .debts import draw

    for one in s.loans.values():
        if one.loan.limit_usd is None or one.status != "current" or short <= 0:
            continue
        if one.loan.matures is not None and s.days.index(one.loan.matures) <= s.i:
            continue
        room = usd_cents(one.loan.limit_usd) - s.books.balance("debt", "", one.loan.name)
        short -= draw(s, one, min(short, room))


def raise_shares(s: State, short: int) -> None:
    """Sell shares, within what the market takes in a day and the programme in all."""
    e = s.operator.equity
    if e is None or e.when == "never" or s.issued_usd >= e.most_usd:
        return
    room = float(
        equity_capacity_shares(
            volume_shares_per_day=e.volume_shares_per_day, volume_frac=e.volume_share_frac, days=1
        )
    )
    each = float(
        equity_proceeds(
            shares=1.0, share_price_usd=s.share_price, discount_frac=e.discount_frac, fee_frac=e.fee_frac
        )
    )
    if each <= 0:
        return
    shares = min(room - s.shares_today, short / 100 / each, (e.most_usd - s.issued_usd) / each)
    got = int(shares * each * 100)
    if shares > 0 and got > 0:
        s.books.issue_equity(s.day, got)
        s.issued_usd += got / 100
        s.new_shares += shares
        s.shares_today += shares
        s.tell("equity", "", f"{shares:,.0f} shares at {s.share_price:,.2f} USD", got / 100)


_STEPS = {
    "stretch": _nothing,
    "sell_free_coins": _sell_free_coins,
    "draw_lines": _draw_lines,
    "sell_shares": raise_shares,
}
