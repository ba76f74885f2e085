"""What a lender can claim: the loan, and what fell due of it and was not paid."""

from __future__ import annotations

from .state import Obligation, State

__all__ = ["call_in", "claim", "overdue"]

_BILLS = ("interest", "principal")


def _missed(s: State, loan: str) -> list[Obligation]:
    return [o for o in s.due if o.name == loan and o.bill in _BILLS and o.due <= s.day and o.cents]


def overdue(s: State, loan: str) -> int:
    """Return principal that fell due and is not paid [cents]."""
    return sum(o.cents for o in _missed(s, loan) if o.bill == "principal")


def claim(s: State, loan: str) -> int:
    """Return the loan with all that is overdue of it [cents]."""
    return s.books.balance("debt", "", loan) + sum(o.cents for o in _missed(s, loan))


def call_in(s: State, loan: str) -> int:
    """Put what is overdue back into the loan, so that collateral answers for it; return it [cents]."""
    back = 0
    for o in _missed(s, loan):
        if o.bill == "interest":
            s.books.add_to_debt(s.day, loan, o.cents, o.due)
        else:
            s.books.defer_principal(s.day, loan, o.cents, o.due)
        back += o.cents
        o.cents = 0
    s.due = [o for o in s.due if o.cents > 0]
    return back
