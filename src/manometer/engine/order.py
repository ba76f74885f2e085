"""The order in which bills are paid: what keeps machines running comes first. Edit the table to change it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PAYMENT_ORDER", "WHEN_SHORT", "Rank"]


@dataclass(frozen=True, slots=True)
class Rank:
    """One bill's place: whether its supplier waits, and after how long unpaid the site goes dark."""

    bill: str
    waits: bool = False
    dark_after_days: int | None = None


#: First to last.
PAYMENT_ORDER = (
    Rank("power", dark_after_days=14),
    Rank("hosting", dark_after_days=14),
    Rank("people"),
    Rank("interest"),
    Rank("principal"),
    Rank("site", waits=True),
    Rank("tax"),
    Rank("overheads", waits=True),
    Rank("ai_running", waits=True),
    Rank("other", waits=True),
    Rank("capex_sustaining"),
    Rank("capex_growth"),
    Rank("ai_capex"),
)

#: What is done when cash does not meet a bill, in turn; what is left after the last is overdue.
WHEN_SHORT = ("stretch", "sell_free_coins", "draw_lines", "sell_shares")
