"""Loans day by day: interest, principal, margin calls, covenants, and default as a path."""

from __future__ import annotations

from ..economics import annuity
from ..economics.lending import coins_to_restore, coins_to_secure, releasable_coins
from ..operator.money import Ladder, Loan
from ..units import SAT_PER_BTC
from .calendar import EPOCH, Days, add_months
from .claims import call_in, claim, overdue
from .lots import dispose
from .state import LoanState, Obligation, State, cents_of, usd_cents

__all__ = [
    "draw",
    "enforce",
    "fall_due",
    "loan_to_value_frac",
    "margin_test",
    "open_loan",
    "progress",
    "schedule",
]

_DAYS_OF_YEAR = {"ACT/360": 360.0, "ACT/365": 365.0}
_STEP_MONTHS = {"month": 1, "quarter": 3}


def schedule(loan: Loan, days: Days) -> frozenset[int]:
    """Return the days (since 1970) on which interest and principal fall due."""
    step, out = _STEP_MONTHS[loan.every], set()
    if loan.matures is None:
        ends = days.ends_month if step == 1 else days.ends_quarter
        return frozenset(int(d) for d in days.number[ends])
    drawn = max(loan.drawn or days.start, days.start)
    k, when = 0, loan.matures
    while when > drawn:
        out.add((when - EPOCH).days)
        k += 1
        when = add_months(loan.matures, -k * step)
    return frozenset(out)


def open_loan(s: State, one: LoanState) -> None:
    """Set a loan's dates and equal payment from what is outstanding today."""
    loan = one.loan
    one.rate = loan.rate_frac_per_year
    one.pays_on = schedule(loan, s.days)
    one.n_left = sum(1 for d in one.pays_on if d > s.day or (d == s.day and s.i > 0)) or 1
    outstanding = s.books.balance("debt", "", loan.name) / 100
    if loan.repaid == "annuity":
        per = one.rate * _STEP_MONTHS[loan.every] / 12
        one.payment = float(
            annuity(principal_usd=outstanding, rate_frac_per_period=per, n_periods=one.n_left)
        )
    elif loan.repaid == "equal":
        one.payment = outstanding / one.n_left


def draw(s: State, one: LoanState, cents: int) -> int:
    """Draw on a loan, with the coins that its opening level needs; return what came."""
    loan = one.loan
    if cents <= 0:
        return 0
    ladder = _ladder(loan)
    if ladder is not None:
        owed = (s.books.balance("debt", "", loan.name) + cents) / 100
        need = float(
            coins_to_secure(loan_usd=owed, price_usd=s.price, loan_to_value_frac=ladder.opening_frac)
        )
        more = -int(-need * SAT_PER_BTC // 1) - s.books.coins("posted", loan.name)
        if more > s.books.free:
            can = (
                (s.books.free + s.books.coins("posted", loan.name))
                / SAT_PER_BTC
                * s.price
                * ladder.opening_frac
            )
            cents = max(int(can * 100) - s.books.balance("debt", "", loan.name), 0)
            more = s.books.free
        if cents <= 0:
            return 0
        if more > 0:
            s.books.post_collateral(s.day, loan.name, more)
            s.tell(
                "posted",
                loan.name,
                f"{more / SAT_PER_BTC:,.2f} BTC posted at drawing",
                btc=more / SAT_PER_BTC,
            )
    s.books.borrow(s.day, loan.name, cents)
    s.tell("drawn", loan.name, f"{cents / 100:,.0f} USD drawn", cents / 100)
    s.owe_now("interest", loan.name, usd_cents(cents / 100 * loan.upfront_frac))
    return cents


def _ladder(loan: Loan) -> Ladder | None:
    return loan.ladder or (Ladder() if loan.kind == "bitcoin_backed" else None)


def fall_due(s: State) -> None:
    """Let today's interest accrue, and what is due today fall due."""
    for one in s.loans.values():
        loan, name = one.loan, one.loan.name
        owed = s.books.balance("debt", "", name)
        if one.status in ("enforced", "let_go", "repaid"):
            continue
        year = _DAYS_OF_YEAR[loan.day_count]
        one.accrued += (owed + overdue(s, name)) / 100 * one.rate / year
        if loan.limit_usd is not None:
            one.accrued += max(loan.limit_usd - owed / 100, 0.0) * loan.unused_frac_per_year / year
        if s.day not in one.pays_on:
            if loan.conversion and any((p - EPOCH).days == s.day for p in loan.conversion.puts):
                _put(s, one)
            if loan.matures is not None and s.day > (loan.matures - EPOCH).days and s.days.ends_month[s.i]:
                # What was not repaid at maturity goes on bearing interest.
                late, one.accrued = usd_cents(one.accrued), 0.0
                s.owe_now("interest", name, late)
            continue
        if loan.let_go and loan.recourse == "borrower" and not _pays_alone(s, one):
            s.tell("missed", name, f"{loan.borrower} cannot pay from its own sites")
            one.status = "let_go"
            enforce(s, one)
            continue
        interest, one.accrued = usd_cents(one.accrued), 0.0
        s.owe_now("interest", name, interest)
        _principal(s, one, interest)


def _pays_alone(s: State, one: LoanState) -> bool:
    """Return whether a borrower's sites earned, after power, what falls due since the last payment."""
    since = max((d for d in one.pays_on if d < s.day), default=s.day - 30)
    days = min(s.day - since, s.i + 1)
    sites = [x.name for x in s.operator.sites if x.borrower == one.loan.borrower]
    net = sum(sum(s.site_net.get(name, [])[-days:]) for name in sites) / 100
    balance = s.books.balance("debt", "", one.loan.name) / 100
    last = one.loan.matures is not None and (one.loan.matures - EPOCH).days == s.day
    part = (
        balance
        if last
        else one.payment
        if one.loan.repaid == "equal"
        else max(one.payment - one.accrued, 0.0)
    )
    return net >= part + one.accrued


def _principal(s: State, one: LoanState, interest: int) -> None:
    loan, owed = one.loan, s.books.balance("debt", "", one.loan.name)
    last = loan.matures is not None and (loan.matures - EPOCH).days == s.day
    one.n_left -= 1
    if last and loan.conversion:
        _settle_in_the_money(s, loan, owed)
    if last and loan.conversion and _converts(s, loan):
        s.books.convert_debt(s.day, loan.name, owed)
        s.tell("converted", loan.name, f"{owed / 100:,.0f} USD of notes became shares", owed / 100)
        s.new_shares += owed / 100 / loan.conversion.price_usd_per_share
        one.status = "repaid"
        return
    if last:
        part = owed
    elif loan.repaid == "annuity":
        part = max(usd_cents(one.payment) - interest, 0)
    elif loan.repaid == "equal":
        part = usd_cents(one.payment)
    else:
        part = 0
    s.owe_now("principal", loan.name, min(part, owed))


def _settle_in_the_money(s: State, loan: Loan, owed: int) -> None:
    """Collect a capped call; of notes that settle in cash, owe what the shares are worth beyond them."""
    terms = loan.conversion
    if terms is None or s.share_price < terms.price_usd_per_share:
        return
    shares = owed / 100 / terms.price_usd_per_share
    if terms.settlement == "cash":
        s.owe_now("other", loan.name, usd_cents((s.share_price - terms.price_usd_per_share) * shares))
    if terms.capped_call_usd_per_share is not None:
        top = min(s.share_price, terms.capped_call_usd_per_share)
        gain = usd_cents(max(top - terms.price_usd_per_share, 0.0) * shares)
        if gain:
            s.books.earn(s.day, "other_income", loan.name, gain)
            s.books.collect(s.day, "other_income", loan.name, gain, s.day)


def _converts(s: State, loan: Loan) -> bool:
    terms = loan.conversion
    return bool(terms and terms.settlement == "shares" and s.share_price >= terms.price_usd_per_share)


def _put(s: State, one: LoanState) -> None:
    terms, owed = one.loan.conversion, s.books.balance("debt", "", one.loan.name)
    if terms and s.share_price < terms.price_usd_per_share and owed:
        s.tell("put", one.loan.name, f"holders ask for {owed / 100:,.0f} USD", owed / 100)
        s.owe_now("principal", one.loan.name, owed)


def loan_to_value_frac(s: State, loan: Loan, price: float) -> float:
    """Return a loan's loan to value at a price; infinity with no coins posted."""
    owed, posted = claim(s, loan.name) / 100, s.books.coins("posted", loan.name) / SAT_PER_BTC
    return 0.0 if owed == 0 else owed / (posted * price) if posted else float("inf")


def margin_test(s: State) -> None:
    """Test each loan against coins: a call is answered within its cure period, or the lender sells."""
    for one in s.loans.values():
        ladder, loan = _ladder(one.loan), one.loan
        if ladder is None or one.status in ("enforced", "let_go", "repaid"):
            continue
        owed, posted = claim(s, loan.name), s.books.coins("posted", loan.name)
        if owed == 0:
            if posted and not any(o.name == loan.name and o.bill in ("principal", "interest") for o in s.due):
                s.books.release_collateral(s.day, loan.name, posted)
            continue
        tested = loan_to_value_frac(s, loan, s.low if ladder.margin_price == "low" else s.price)
        if tested >= ladder.liquidation_frac:
            _liquidate(s, one, ladder, "loan to value over the liquidation level")
        elif one.call_by is not None and s.day >= one.call_by:
            _answer(s, one, ladder)
        elif one.call_by is None and tested > ladder.call_frac:
            one.call_by = s.day + round(ladder.cure_days)
            s.tell("margin_call", loan.name, f"loan to value {tested:.1%}, call over {ladder.call_frac:.1%}")
            if round(ladder.cure_days) == 0:
                _answer(s, one, ladder)
        elif ladder.release_frac and tested < ladder.release_frac:
            back = int(
                float(
                    releasable_coins(
                        loan_usd=owed / 100, posted_btc=posted / SAT_PER_BTC, price_usd=s.price,
                        release_frac=ladder.restore_frac,
                    )
                )
                * SAT_PER_BTC
            )  # fmt: skip
            if 0 < back <= posted:
                s.books.release_collateral(s.day, loan.name, back)
                s.tell(
                    "released", loan.name, f"{back / SAT_PER_BTC:,.2f} BTC came back", btc=back / SAT_PER_BTC
                )


def _answer(s: State, one: LoanState, ladder: Ladder) -> None:
    """Meet a call at the end of its cure period, if the price has not met it."""
    loan = one.loan
    one.call_by = None
    if loan_to_value_frac(s, loan, s.price) <= ladder.call_frac:
        s.tell("call_lapsed", loan.name, "the price met the call")
        return
    owed, posted = claim(s, loan.name) / 100, s.books.coins("posted", loan.name) / SAT_PER_BTC
    need = float(
        coins_to_restore(
            loan_usd=owed, posted_btc=posted, price_usd=s.price, restore_frac=ladder.restore_frac
        )
    )
    sat = min(-int(-need * SAT_PER_BTC // 1), s.books.free)
    if sat > 0:
        s.books.post_collateral(s.day, loan.name, sat)
        s.tell("posted", loan.name, f"{sat / SAT_PER_BTC:,.2f} BTC posted to a call", btc=sat / SAT_PER_BTC)
    if loan_to_value_frac(s, loan, s.price) > ladder.call_frac:
        _liquidate(s, one, ladder, "a call was not met")


def _liquidate(s: State, one: LoanState, ladder: Ladder, why: str) -> None:
    """Let the lender sell posted coins until the loan is back at its restore level."""
    name, price = one.loan.name, s.low if ladder.margin_price == "low" else s.price
    back = call_in(s, name)
    owed, posted = s.books.balance("debt", "", name), s.books.coins("posted", name)
    cost = s.operator.treasury.sale_cost_frac
    level = ladder.restore_frac
    keep = 1 - cost - level
    wanted = (owed / 100 - level * posted / SAT_PER_BTC * price) / (price * keep) if keep > 0 else posted
    sat = min(max(int(wanted * SAT_PER_BTC) + 1, 0), posted)
    got = min(cents_of(sat, price, cost), owed)
    one.call_by = None
    s.books.seize(s.day, name, sat, got)
    dispose(s, sat, got)
    s.tell(
        "liquidated",
        name,
        f"{sat / SAT_PER_BTC:,.2f} BTC taken at {price:,.0f} USD: {why}",
        got / 100,
        sat / SAT_PER_BTC,
    )
    rest = s.books.balance("debt", "", name)
    if s.books.coins("posted", name) == 0 and rest > 0:
        enforce(s, one)
    else:
        s.owe_now("principal", name, min(back, rest))


def progress(s: State) -> None:
    """Move missed loans along: grace, default, forbearance, acceleration, enforcement."""
    for one in s.loans.values():
        if one.status in ("enforced", "let_go", "repaid"):
            continue
        loan = one.loan
        missed = [
            o for o in s.due if o.name == loan.name and o.bill in ("interest", "principal") and o.due <= s.day
        ]
        if not missed:
            if one.status in ("missed", "default", "forborne"):
                s.tell("cured", loan.name, "what was missed is paid")
                one.status, one.rate, one.missed_on = "current", loan.rate_frac_per_year, None
            continue
        late = s.day - min(o.due for o in missed)
        if one.status == "current":
            one.status, one.missed_on = "missed", s.day
            s.tell("missed", loan.name, f"{sum(o.cents for o in missed) / 100:,.0f} USD not paid on its day")
            if loan.let_go and loan.recourse != "full":
                one.status = "let_go"
                enforce(s, one)
        elif one.status == "missed" and late >= loan.grace_days:
            one.status = "default"
            one.rate = loan.rate_frac_per_year + loan.default_rate_frac
            s.tell("default", loan.name, f"{late} days late; the rate rises to {one.rate:.2%}")
            if loan.forbearance is not None:
                _forbear(s, one, missed)
        elif one.status == "forborne":
            _keep_forbearing(s, one, missed)
        elif one.status == "default":
            accelerate(s, one, "not cured")


def _forbear(s: State, one: LoanState, missed: list[Obligation]) -> None:
    terms, loan = one.loan.forbearance, one.loan
    assert terms is not None
    one.status, one.forborne_on = "forborne", s.day
    fee = usd_cents(claim(s, loan.name) / 100 * terms.fee_frac)
    if fee:
        s.books.owe(s.day, "interest", loan.name, fee)
        s.books.add_to_debt(s.day, loan.name, fee, s.day)
    s.tell(
        "forborne",
        loan.name,
        f"the lender waits {terms.waits_days:.0f} days for a fee of {fee / 100:,.0f} USD",
    )


def _keep_forbearing(s: State, one: LoanState, missed: list[Obligation]) -> None:
    terms, loan = one.loan.forbearance, one.loan
    assert terms is not None
    assert one.forborne_on is not None
    if terms.in_kind:
        for o in missed:
            if o.bill == "interest":
                s.books.add_to_debt(s.day, loan.name, o.cents, o.due)
                o.cents = 0
        s.due = [o for o in s.due if o.cents > 0]
    spare = s.books.cash - usd_cents(s.operator.treasury.minimum_cash_usd)
    if s.days.ends_month[s.i] and spare > 0 and terms.sweep_frac:
        swept = min(int(spare * terms.sweep_frac), s.books.balance("debt", "", loan.name))
        if swept > 0:
            s.books.repay(s.day, loan.name, swept)
    if s.day - one.forborne_on >= terms.waits_days and any(o.cents for o in missed):
        accelerate(s, one, "forbearance ended")


def accelerate(s: State, one: LoanState, why: str) -> None:
    """Call the whole loan due; what full recourse cannot collect today goes on as a claim."""
    s.tell("accelerated", one.loan.name, why, s.books.balance("debt", "", one.loan.name) / 100)
    enforce(s, one)


def enforce(s: State, one: LoanState) -> None:
    """Let the lender take what its recourse reaches: coins, the borrower's sites, or everything."""
    loan, name = one.loan, one.loan.name
    call_in(s, name)
    posted, owed = s.books.coins("posted", name), s.books.balance("debt", "", name)
    if posted and owed:
        sat = min(
            int(owed / 100 / (s.price * (1 - s.operator.treasury.sale_cost_frac)) * SAT_PER_BTC) + 1, posted
        )
        got = min(cents_of(sat, s.price, s.operator.treasury.sale_cost_frac), owed)
        s.books.seize(s.day, name, sat, got)
        dispose(s, sat, got)
        s.tell("seized", name, f"{sat / SAT_PER_BTC:,.2f} BTC of collateral", btc=sat / SAT_PER_BTC)
    rest = s.books.coins("posted", name)
    if rest:
        s.books.release_collateral(s.day, name, rest)
    sites = [x.name for x in s.operator.sites if loan.borrower and x.borrower == loan.borrower]
    owed = s.books.balance("debt", "", name)
    if loan.recourse == "full":
        s.owe_now("principal", name, owed)
        one.status = "enforced"
        # A lender made whole by its collateral has no claim left.
        stopped = [x.name for x in s.operator.sites] if owed and loan.on_default != "continues" else []
        if owed:
            s.tell("restructured", name, f"a claim of {owed / 100:,.0f} USD on everything", owed / 100)
    else:
        one.status = "let_go" if one.status == "let_go" else "enforced"
        if owed:
            s.books.write_off_debt(s.day, name, owed)
        stopped = sites if loan.on_default != "continues" else []
        _leave(s, name, stopped)
        s.tell(
            one.status,
            name,
            f"{owed / 100:,.0f} USD not paid; sites that go: {', '.join(stopped) or 'none'}",
            owed / 100,
        )
    for site in stopped:
        s.dark[site] = f"lender of {name}"


def _leave(s: State, loan: str, sites: list[str]) -> None:
    """Leave behind a loan's bills and, of its sites, bills, power not billed yet and deposits."""
    for o in s.due:
        if ((o.name == loan and o.bill in ("interest", "principal")) or o.site in sites) and o.cents:
            s.books.forgive(s.day, o.bill, o.name, o.cents, o.due)
            o.cents = 0
    s.due = [o for o in s.due if o.cents > 0]
    for site in s.operator.sites:
        if site.name not in sites:
            continue
        if unbilled := s.unbilled.pop(site.name, 0):
            s.books.forgive(s.day, site.power.bill, site.name, unbilled, s.day)
        if held := s.books.balance("deposits", "", site.name):
            s.books.forfeit_deposit(s.day, site.name, held)
