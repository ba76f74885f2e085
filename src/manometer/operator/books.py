"""The books: balances advanced by their own arithmetic beside the ledger, and compared with it every day.

Each verb states what it does to the balances; the ledger states the same by its table of kinds. A verb that
is impossible (selling more than is free, paying more than is owed) is refused before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import InternalError
from .ledger import Key, Ledger
from .ledger_kinds import BILLS, CASH_TERMS, COIN_STATES, COIN_TERMS, KINDS, Kind

__all__ = ["Books"]

_CASH: Key = ("cash", "", "")
_FREE: Key = ("coins.free", "", "")
_Change = tuple[Key, int]


class Books:
    """Balances of one operator in cents and satoshi, and the ledger they must agree with.

    Parameters
    ----------
    kinds : mapping of str to Kind, optional
        The ledger's table of kinds.

    Examples
    --------
    >>> books = Books()
    >>> books.issue_equity(0, 100_00)
    >>> books.owe(0, "power", "site", 60_00)
    >>> books.pay(0, "power", "site", 60_00, owed_day=0)
    >>> books.close(0)
    >>> books.cash
    4000
    """

    __slots__ = ("_log", "_own", "_today", "_totals", "ledger")

    def __init__(self, kinds: Mapping[str, Kind] = KINDS) -> None:
        self.ledger = Ledger(kinds)
        self._own: dict[Key, int] = {}
        self._totals: dict[str, int] = {}
        self._today: dict[Key, int] = {}
        self._log: list[tuple[str, tuple[_Change, ...]]] = []

    # --- what is there -----------------------------------------------------------------------------------
    @property
    def cash(self) -> int:
        """Free cash [cents]."""
        return self._own.get(_CASH, 0)

    @property
    def free(self) -> int:
        """Coins that can be sold today [sat]."""
        return self._own.get(_FREE, 0)

    def coins(self, state: str, name: str = "") -> int:
        """Coins in one state [sat]."""
        return self._own.get(("coins." + state, "", name), 0)

    def state(self, state: str) -> int:
        """All coins in one state, whatever name [sat]."""
        return self._totals.get("coins." + state, 0)

    @property
    def owned(self) -> int:
        """Coins in every state [sat]."""
        return sum(self._totals.get("coins." + state, 0) for state in COIN_STATES)

    def balance(self, account: str, bill: str = "", name: str | int = "") -> int:
        """One balance [cents]."""
        return self._own.get((account, bill, name), 0)

    def total(self, account: str) -> int:
        """An account over all its names [cents]."""
        return self._totals.get(account, 0)

    def balances(self) -> dict[Key, int]:
        """All balances, by the keys of the ledger."""
        return dict(self._own)

    # --- coins -------------------------------------------------------------------------------------------
    def mine(self, day: int, pool: str, sat: int) -> None:
        """Credit mined coins as receivable from a pool."""
        self._do(
            day, "mine", pool, 0, sat, (("coins.receivable", "", pool), sat), (("outside.mined", "", ""), sat)
        )

    def credit_payout(self, day: int, pool: str, sat: int) -> None:
        """Receive a pool's payout."""
        self._do(
            day, "credit_pool_payout", pool, 0, sat, (("coins.receivable", "", pool), -sat), (_FREE, sat)
        )

    def receive_coins(self, day: int, name: str, sat: int) -> None:
        """Bring coins in from outside: the opening treasury, a lender's interest in coins."""
        self._do(day, "receive_coins", name, 0, sat, (("outside.received", "", ""), sat), (_FREE, sat))

    def buy(self, day: int, sat: int, cents: int) -> None:
        """Buy coins."""
        self._do(day, "buy", "", cents, sat, (("coins_bought", "", ""), cents), (_CASH, -cents),
                 (("term.coins_bought", "", ""), cents), (("outside.bought", "", ""), sat),
                 (_FREE, sat))  # fmt: skip

    def sell(self, day: int, sat: int, cents: int) -> None:
        """Sell free coins."""
        self._do(day, "sell", "", cents, sat, (_CASH, cents), (("coins_sold", "", ""), cents),
                 (("term.coins_sold", "", ""), cents), (_FREE, -sat),
                 (("outside.sold", "", ""), sat))  # fmt: skip

    def post_collateral(self, day: int, loan: str, sat: int) -> None:
        """Post free coins to a loan."""
        self._do(day, "post_collateral", loan, 0, sat, (_FREE, -sat), (("coins.posted", "", loan), sat))

    def release_collateral(self, day: int, loan: str, sat: int) -> None:
        """Get posted coins back."""
        self._do(day, "release_collateral", loan, 0, sat, (("coins.posted", "", loan), -sat), (_FREE, sat))

    def seize(self, day: int, loan: str, sat: int, cents: int) -> None:
        """Let a lender take posted coins for its debt."""
        self._do(day, "seize", loan, cents, sat, (("debt", "", loan), -cents),
                 (("coins_seized", "", ""), cents),
                 (("coins.posted", "", loan), -sat), (("outside.seized", "", ""), sat))  # fmt: skip

    def set_aside(self, day: int, state: str, name: str, sat: int) -> None:
        """Move free coins to another state at the opening: lent, or written against without a premium."""
        if state == "lent":
            self._do(day, "lend", name, 0, sat, (_FREE, -sat), (("coins.lent", "", name), sat))
        else:
            self._do(day, "write_call", name, 0, sat, (_FREE, -sat), (("coins.written", "", name), sat))

    def return_lent(self, day: int, name: str, sat: int) -> None:
        """Get lent coins back."""
        self._do(day, "return_lent", name, 0, sat, (("coins.lent", "", name), -sat), (_FREE, sat))

    def write_call(self, day: int, name: str, sat: int, cents: int) -> None:
        """Sell a covered call for a premium."""
        self._do(day, "write_call", name, cents, sat, (_CASH, cents),
                 (("income", "call_premium", day), cents),
                 (("term.other_receipts", "", ""), cents), (_FREE, -sat),
                 (("coins.written", "", name), sat))  # fmt: skip

    def expire_call(self, day: int, name: str, sat: int) -> None:
        """Free the coins of a call that expired."""
        self._do(day, "expire_call", name, 0, sat, (("coins.written", "", name), -sat), (_FREE, sat))

    def exercise_call(self, day: int, name: str, sat: int, cents: int) -> None:
        """Deliver the coins of a call at its strike."""
        self._do(day, "exercise_call", name, cents, sat, (_CASH, cents), (("coins_sold", "", ""), cents),
                 (("term.coins_sold", "", ""), cents), (("coins.written", "", name), -sat),
                 (("outside.sold", "", ""), sat))  # fmt: skip

    def hand_over(self, day: int, bill: str, name: str, sat: int, cents: int, owed_day: int) -> None:
        """Settle a bill with coins that may be redeemed."""
        self._do(day, "hand_over:" + bill, name, cents, sat, (("payable", bill, name), -cents),
                 (("advance", "", name), cents), (_FREE, -sat), (("coins.redeemable", "", name), sat),
                 owed_day=owed_day)  # fmt: skip

    def redeem(self, day: int, name: str, sat: int, cents: int) -> None:
        """Buy handed-over coins back at the price agreed."""
        self._do(day, "redeem", name, cents, sat, (("advance", "", name), -cents), (_CASH, -cents),
                 (("term.capex", "", ""), cents), (("coins.redeemable", "", name), -sat),
                 (_FREE, sat))  # fmt: skip

    def lapse(self, day: int, name: str, sat: int, cents: int) -> None:
        """Let the right to redeem go."""
        self._do(day, "lapse", name, cents, sat, (("advance", "", name), -cents),
                 (("coins_paid", "", ""), cents),
                 (("coins.redeemable", "", name), -sat), (("outside.paid_out", "", ""), sat))  # fmt: skip

    def lose(self, day: int, state: str, name: str, sat: int) -> None:
        """Write coins off."""
        key = ("coins." + state, "", name if COIN_STATES[state] else "")
        self._do(day, "lose:" + state, name, 0, sat, (key, -sat), (("outside.lost", "", ""), sat))

    # --- bills -------------------------------------------------------------------------------------------
    def owe(self, day: int, bill: str, name: str, cents: int) -> None:
        """Owe a bill as of a day; principal that falls due moves from the loan."""
        debit = BILLS[bill].debit
        if debit == "expense":
            other: _Change = (("expense", bill, day), cents)
        elif debit == "debt":
            other = (("debt", "", name), -cents)
        else:
            other = (("plant", "", name), cents)
        self._do(day, "owe:" + bill, name, cents, 0, other, (("payable", bill, name), cents))

    def pay(self, day: int, bill: str, name: str, cents: int, owed_day: int) -> None:
        """Pay what is owed in cash."""
        self._do(day, "pay:" + bill, name, cents, 0, (("payable", bill, name), -cents), (_CASH, -cents),
                 (("term." + BILLS[bill].term, "", ""), cents), owed_day=owed_day)  # fmt: skip

    def prepay(self, day: int, bill: str, name: str, cents: int) -> None:
        """Pay in advance."""
        self._do(day, "prepay:" + bill, name, cents, 0, (("prepaid", bill, name), cents), (_CASH, -cents),
                 (("term." + BILLS[bill].term, "", ""), cents))  # fmt: skip

    def draw_prepaid(self, day: int, bill: str, name: str, cents: int, owed_day: int) -> None:
        """Settle what is owed from what was paid in advance."""
        self._do(day, "draw_prepaid:" + bill, name, cents, 0, (("payable", bill, name), -cents),
                 (("prepaid", bill, name), -cents), owed_day=owed_day)  # fmt: skip

    def pay_in_coin(self, day: int, bill: str, name: str, cents: int, sat: int, owed_day: int) -> None:
        """Settle what is owed with free coins."""
        self._do(day, "pay_in_coin:" + bill, name, cents, sat, (("payable", bill, name), -cents),
                 (("coins_paid", "", ""), cents), (_FREE, -sat), (("outside.paid_out", "", ""), sat),
                 owed_day=owed_day)  # fmt: skip

    def forgive(self, day: int, bill: str, name: str, cents: int, owed_day: int) -> None:
        """Be let off a bill."""
        self._do(day, "forgive:" + bill, name, cents, 0, (("payable", bill, name), -cents),
                 (("forgiven", "", ""), cents), owed_day=owed_day)  # fmt: skip

    # --- incomes -----------------------------------------------------------------------------------------
    def earn(self, day: int, income: str, name: str, cents: int) -> None:
        """Earn an income besides coins."""
        self._do(day, "earn:" + income, name, cents, 0, (("receivable", income, name), cents),
                 (("income", income, day), cents))  # fmt: skip

    def collect(self, day: int, income: str, name: str, cents: int, owed_day: int) -> None:
        """Collect an income in cash."""
        self._do(day, "collect:" + income, name, cents, 0, (_CASH, cents),
                 (("receivable", income, name), -cents),
                 (("term.other_receipts", "", ""), cents), owed_day=owed_day)  # fmt: skip

    def grant_credit(self, day: int, name: str, cents: int) -> None:
        """Be granted a power credit: never cash."""
        self._do(day, "grant_credit", name, cents, 0, (("credits", "", name), cents),
                 (("income", "power_credit", day), cents))  # fmt: skip

    def offset_credit(self, day: int, name: str, cents: int, owed_day: int) -> None:
        """Let a credit pay a power bill."""
        self._do(day, "offset_credit", name, cents, 0, (("payable", "power", name), -cents),
                 (("credits", "", name), -cents), owed_day=owed_day)  # fmt: skip

    # --- deposits, debt, equity, plant -------------------------------------------------------------------
    def deposit(self, day: int, name: str, cents: int) -> None:
        """Leave a deposit."""
        self._do(day, "deposit", name, cents, 0, (("deposits", "", name), cents), (_CASH, -cents),
                 (("term.deposits", "", ""), cents))  # fmt: skip

    def return_deposit(self, day: int, name: str, cents: int) -> None:
        """Get a deposit back."""
        self._do(day, "return_deposit", name, cents, 0, (_CASH, cents), (("deposits", "", name), -cents),
                 (("term.deposits_returned", "", ""), cents))  # fmt: skip

    def forfeit_deposit(self, day: int, name: str, cents: int) -> None:
        """Lose a deposit."""
        self._do(day, "forfeit_deposit", name, cents, 0, (("expense", "other", day), cents),
                 (("deposits", "", name), -cents))  # fmt: skip

    def post_margin(self, day: int, name: str, cents: int) -> None:
        """Post margin in cash for a hedge."""
        self._do(day, "post_margin", name, cents, 0, (("margin", "", name), cents), (_CASH, -cents),
                 (("term.margin", "", ""), cents))  # fmt: skip

    def return_margin(self, day: int, name: str, cents: int) -> None:
        """Get margin back."""
        self._do(day, "return_margin", name, cents, 0, (_CASH, cents), (("margin", "", name), -cents),
                 (("term.deposits_returned", "", ""), cents))  # fmt: skip

    def borrow(self, day: int, loan: str, cents: int) -> None:
        """Draw a loan."""
        self._do(day, "borrow", loan, cents, 0, (_CASH, cents), (("debt", "", loan), cents),
                 (("term.borrowed", "", ""), cents))  # fmt: skip

    def repay(self, day: int, loan: str, cents: int) -> None:
        """Repay before it is due: a sweep, a line."""
        self._do(day, "repay", loan, cents, 0, (("debt", "", loan), -cents), (_CASH, -cents),
                 (("term.principal", "", ""), cents))  # fmt: skip

    def add_to_debt(self, day: int, loan: str, cents: int, owed_day: int) -> None:
        """Add owed interest to the loan."""
        self._do(day, "interest_in_kind", loan, cents, 0, (("payable", "interest", loan), -cents),
                 (("debt", "", loan), cents), owed_day=owed_day)  # fmt: skip

    def defer_principal(self, day: int, loan: str, cents: int, owed_day: int) -> None:
        """Put principal that fell due back into the loan."""
        self._do(day, "defer_principal", loan, cents, 0, (("payable", "principal", loan), -cents),
                 (("debt", "", loan), cents), owed_day=owed_day)  # fmt: skip

    def write_off_debt(self, day: int, loan: str, cents: int) -> None:
        """Be rid of a debt without paying."""
        self._do(
            day, "write_off_debt", loan, cents, 0, (("debt", "", loan), -cents), (("forgiven", "", ""), cents)
        )

    def convert_debt(self, day: int, loan: str, cents: int) -> None:
        """Turn a note into shares."""
        self._do(
            day, "convert_debt", loan, cents, 0, (("debt", "", loan), -cents), (("equity", "", ""), cents)
        )

    def issue_equity(self, day: int, cents: int) -> None:
        """Raise cash from shareholders."""
        self._do(day, "issue_equity", "", cents, 0, (_CASH, cents), (("equity", "", ""), cents),
                 (("term.equity_raised", "", ""), cents))  # fmt: skip

    def buy_back(self, day: int, cents: int) -> None:
        """Buy shares back."""
        self._do(day, "buy_back", "", cents, 0, (("distributed", "", ""), cents), (_CASH, -cents),
                 (("term.distributions", "", ""), cents))  # fmt: skip

    def distribute(self, day: int, cents: int) -> None:
        """Pay a dividend."""
        self._do(day, "distribute", "", cents, 0, (("distributed", "", ""), cents), (_CASH, -cents),
                 (("term.distributions", "", ""), cents))  # fmt: skip

    def sell_machine(self, day: int, name: str, cents: int) -> None:
        """Sell machines."""
        self._do(day, "sell_machine", name, cents, 0, (_CASH, cents), (("plant", "", name), -cents),
                 (("term.other_receipts", "", ""), cents))  # fmt: skip

    def depreciate(self, day: int, name: str, cents: int) -> None:
        """Wear plant down."""
        self._do(day, "depreciate", name, cents, 0, (("expense", "depreciation", day), cents),
                 (("plant", "", name), -cents))  # fmt: skip

    def compensate_in_stock(self, day: int, cents: int) -> None:
        """Pay people in shares."""
        self._do(day, "stock_compensation", "", cents, 0, (("expense", "stock_compensation", day), cents),
                 (("equity", "", ""), cents))  # fmt: skip

    # --- the close ---------------------------------------------------------------------------------------
    def close(self, day: int) -> None:
        """Compare the day's entries with the balances, and both with the two identities.

        Raises
        ------
        InternalError
            They differ: a law broke; the message names the first entry that is wrong.
        """
        ledger = self.ledger
        span = ledger.span(day, day)
        derived: dict[Key, int] = {}
        ledger.add_to(derived, span)
        mine = {k: v for k, v in self._today.items() if v}
        if mine != {k: v for k, v in derived.items() if v} or len(span) != len(self._log):
            raise InternalError(self._first_wrong(day, span))
        cash = sum(sign * derived.get(("term." + t, "", ""), 0) for t, sign in CASH_TERMS.items())
        if cash != mine.get(_CASH, 0):
            raise InternalError(f"day {day}: cash moved by {mine.get(_CASH, 0)} cents, its terms by {cash}")
        coins = sum(sign * derived.get(("outside." + t, "", ""), 0) for t, sign in COIN_TERMS.items())
        moved = sum(v for k, v in mine.items() if k[0].startswith("coins."))
        if coins != moved:
            raise InternalError(f"day {day}: coins owned moved by {moved} sat, their terms by {coins}")
        self._today.clear()
        self._log.clear()

    def audit(self) -> None:
        """Compare every balance with the whole ledger.

        Raises
        ------
        InternalError
            A balance differs.
        """
        derived = self.ledger.balances()
        for key in self._own.keys() | derived.keys():
            own, theirs = self._own.get(key, 0), derived.get(key, 0)
            if own != theirs:
                raise InternalError(f"balance {key}: the books have {own}, the ledger {theirs}")

    def _first_wrong(self, day: int, span: range) -> str:
        for number, (done, changes) in zip(span, self._log, strict=False):
            own: dict[Key, int] = {}
            for key, amount in changes:
                own[key] = own.get(key, 0) + amount
            entry = self.ledger[number]
            if entry.kind != done or {k: v for k, v in own.items() if v} != dict(self.ledger.deltas(number)):
                return f"{entry} does not agree with the books, which have {done}"
        if len(span) < len(self._log):
            return f"day {day}: {self._log[len(span)][0]} has no entry in the ledger"
        if len(span) > len(self._log):
            return f"{self.ledger[span[len(self._log)]]} is not in the books"
        return f"day {day}: the books and the ledger differ"

    def _do(
        self,
        day: int,
        kind: str,
        name: str,
        cents: int,
        sat: int,
        *changes: _Change,
        owed_day: int | None = None,
    ) -> None:
        if cents < 0 or sat < 0:
            raise InternalError(f"{kind} {name!r}: a negative amount, {cents} cents and {sat} sat")
        own, today, totals = self._own, self._today, self._totals
        for key, amount in changes:
            if amount < 0 and own.get(key, 0) + amount < 0 and key[0] != "plant":
                raise InternalError(f"{kind} {name!r} takes {-amount} where {key} has {own.get(key, 0)}")
        self.ledger.post(day, kind, name, cents, sat, owed_day)
        for key, amount in changes:
            own[key] = own.get(key, 0) + amount
            today[key] = today.get(key, 0) + amount
            totals[key[0]] = totals.get(key[0], 0) + amount
        self._log.append((kind, changes))
