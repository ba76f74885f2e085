"""The table of posting kinds: what each entry moves, in dollars and in coins.

A row says which USD account is debited and which credited, which coin state is left and which entered, the
`uses_usd` line or the source it belongs to, and its term in the two identities::

    change in cash        = plus terms - minus terms of CASH_TERMS
    change in coins owned = mined + bought + received - sold - paid_out - seized - lost

Owing and paying are rows of their own, so that each obligation is dated twice.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ACCOUNTS",
    "BILLS",
    "CASH_TERMS",
    "COIN_STATES",
    "COIN_TERMS",
    "INCOMES",
    "KINDS",
    "LINES",
    "SOURCES",
    "Account",
    "Bill",
    "Kind",
]

#: Keys of `uses_usd` and `sold_for_btc`.
LINES = (
    "power", "hosting", "people", "site", "overheads", "interest", "principal",
    "capex", "ai", "tax", "deposits", "margin_call", "other",
)  # fmt: skip

#: Where dollars come from; the two kinds of coins sold are told apart by the attribution.
SOURCES = ("coins", "receipts", "debt", "equity", "assets", "deposits_returned")

#: The states in which a coin is owned, and whether the state is kept by name (of pool, loan or holder).
COIN_STATES = {
    "receivable": True,
    "free": False,
    "posted": True,
    "lent": True,
    "written": True,
    "redeemable": True,
}

#: Where coins come from (+1) and go to (-1).
COIN_TERMS = {"mined": 1, "bought": 1, "received": 1, "sold": -1, "paid_out": -1, "seized": -1, "lost": -1}

#: Terms of the change in cash, with their sign.
CASH_TERMS = {
    "coins_sold": 1, "other_receipts": 1, "borrowed": 1, "equity_raised": 1, "deposits_returned": 1,
    "operating": -1, "interest": -1, "principal": -1, "capex": -1, "deposits": -1, "margin": -1,
    "tax": -1, "distributions": -1, "coins_bought": -1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """A USD account: +1 if a debit raises it, and what its balances are kept by.

    `kept_by` is "" (one balance), "name", "bill_name" (bill and name) or "bill_owed" (bill and day owed).
    """

    debit_sign: int
    kept_by: str


#: USD accounts.
ACCOUNTS = {
    "cash": Account(1, ""),
    "receivable": Account(1, "bill_name"),
    "credits": Account(1, "name"),
    "prepaid": Account(1, "bill_name"),
    "deposits": Account(1, "name"),
    "margin": Account(1, "name"),
    "plant": Account(1, "name"),
    "expense": Account(1, "bill_owed"),
    "coins_bought": Account(1, ""),
    "distributed": Account(1, ""),
    "payable": Account(-1, "bill_name"),
    "debt": Account(-1, "name"),
    "advance": Account(-1, "name"),
    "equity": Account(-1, ""),
    "income": Account(-1, "bill_owed"),
    "coins_sold": Account(-1, ""),
    "coins_paid": Account(-1, ""),
    "coins_seized": Account(-1, ""),
    "forgiven": Account(-1, ""),
}


@dataclass(frozen=True, slots=True)
class Bill:
    """A class of obligation: its line, its term when paid, what owing it debits, and whether it is growth."""

    line: str
    term: str
    debit: str = "expense"
    growth: bool = False


#: What can be owed. Capex is sustaining (holds today's hashrate) or growth; AI is running cost or capex.
BILLS = {
    "power": Bill("power", "operating"),
    "hosting": Bill("hosting", "operating"),
    "people": Bill("people", "operating"),
    "site": Bill("site", "operating"),
    "overheads": Bill("overheads", "operating"),
    "interest": Bill("interest", "interest"),
    "principal": Bill("principal", "principal", "debt"),
    "capex_sustaining": Bill("capex", "capex", "plant"),
    "capex_growth": Bill("capex", "capex", "plant", growth=True),
    "ai_running": Bill("ai", "operating"),
    "ai_capex": Bill("ai", "capex", "plant", growth=True),
    "tax": Bill("tax", "tax"),
    "other": Bill("other", "operating"),
}

#: What can be earned besides coins; collected in cash, never in credits (those are `grant_credit`).
INCOMES = ("curtailment", "demand_response", "hosting_income", "ai_income", "heat", "other_income")


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table of postings."""

    name: str
    #: USD accounts, "" for none.
    debit: str = ""
    credit: str = ""
    #: Coin state or outside account, "" for none.
    leaves: str = ""
    enters: str = ""
    #: Key of `uses_usd` for money or coins that go, "" for none.
    line: str = ""
    #: Row of the sources for money that comes, "" for none.
    source: str = ""
    #: Term in the change in cash, "" when no cash moves.
    cash_term: str = ""
    #: Bill or income that the accounts are kept by.
    bill: str = ""

    @property
    def coin_term(self) -> str:
        """The term in the change in coins owned, "" when coins only change state or none move."""
        if self.leaves in COIN_TERMS:
            return self.leaves
        return self.enters if self.enters in COIN_TERMS else ""


def _bill_rows() -> list[Kind]:
    rows = []
    for name, bill in BILLS.items():
        line, term = bill.line, bill.term
        rows += [
            Kind(f"owe:{name}", bill.debit, "payable", line=line, bill=name),
            Kind(f"pay:{name}", "payable", "cash", line=line, cash_term=term, bill=name),
            Kind(f"prepay:{name}", "prepaid", "cash", line=line, cash_term=term, bill=name),
            Kind(f"draw_prepaid:{name}", "payable", "prepaid", line=line, bill=name),
            Kind(f"pay_in_coin:{name}", "payable", "coins_paid", "free", "paid_out", line=line, bill=name),
            Kind(f"hand_over:{name}", "payable", "advance", "free", "redeemable", line=line, bill=name),
            Kind(f"forgive:{name}", "payable", "forgiven", line=line, bill=name),
        ]
    return rows


def _income_rows() -> list[Kind]:
    rows = []
    for name in INCOMES:
        rows += [
            Kind(f"earn:{name}", "receivable", "income", source="receipts", bill=name),
            Kind(
                f"collect:{name}",
                "cash",
                "receivable",
                source="receipts",
                cash_term="other_receipts",
                bill=name,
            ),
        ]
    return rows


# fmt: off
_ROWS = [
    # coins, name of the pool, loan or holder
    Kind("mine", leaves="mined", enters="receivable"),
    Kind("credit_pool_payout", leaves="receivable", enters="free"),
    Kind("receive_coins", leaves="received", enters="free"),
    Kind("buy", "coins_bought", "cash", "bought", "free", line="other", cash_term="coins_bought"),
    Kind("sell", "cash", "coins_sold", "free", "sold", source="coins", cash_term="coins_sold"),
    Kind("post_collateral", leaves="free", enters="posted"),
    Kind("release_collateral", leaves="posted", enters="free"),
    Kind("seize", "debt", "coins_seized", "posted", "seized", line="margin_call"),
    Kind("lend", leaves="free", enters="lent"),
    Kind("return_lent", leaves="lent", enters="free"),
    Kind("write_call", "cash", "income", "free", "written", source="receipts",
         cash_term="other_receipts", bill="call_premium"),
    Kind("expire_call", leaves="written", enters="free"),
    Kind("exercise_call", "cash", "coins_sold", "written", "sold", source="coins", cash_term="coins_sold"),
    Kind("redeem", "advance", "cash", "redeemable", "free", line="capex", cash_term="capex"),
    Kind("lapse", "advance", "coins_paid", "redeemable", "paid_out", line="capex"),
    *(Kind(f"lose:{state}", leaves=state, enters="lost", line="other") for state in COIN_STATES),
    # dollars, owed and paid
    *_bill_rows(),
    *_income_rows(),
    # a credit never becomes cash: it can only offset a later power bill
    Kind("grant_credit", "credits", "income", source="receipts", bill="power_credit"),
    Kind("offset_credit", "payable", "credits", line="power", bill="power"),
    Kind("deposit", "deposits", "cash", line="deposits", cash_term="deposits"),
    Kind("return_deposit", "cash", "deposits", source="deposits_returned", cash_term="deposits_returned"),
    Kind("forfeit_deposit", "expense", "deposits", line="other", bill="other"),
    Kind("post_margin", "margin", "cash", line="margin_call", cash_term="margin"),
    Kind("return_margin", "cash", "margin", source="deposits_returned", cash_term="deposits_returned"),
    Kind("borrow", "cash", "debt", source="debt", cash_term="borrowed"),
    Kind("repay", "debt", "cash", line="principal", cash_term="principal"),
    Kind("interest_in_kind", "payable", "debt", line="interest", bill="interest"),
    Kind("defer_principal", "payable", "debt", line="principal", bill="principal"),
    Kind("write_off_debt", "debt", "forgiven", line="principal"),
    Kind("convert_debt", "debt", "equity", line="principal"),
    Kind("issue_equity", "cash", "equity", source="equity", cash_term="equity_raised"),
    Kind("buy_back", "distributed", "cash", line="other", cash_term="distributions"),
    Kind("distribute", "distributed", "cash", line="other", cash_term="distributions"),
    Kind("sell_machine", "cash", "plant", source="assets", cash_term="other_receipts"),
    # costs without cash, of layer L4 only
    Kind("depreciate", "expense", "plant", bill="depreciation"),
    Kind("stock_compensation", "expense", "equity", bill="stock_compensation"),
]
# fmt: on

KINDS: dict[str, Kind] = {row.name: row for row in _ROWS}
