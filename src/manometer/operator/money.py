"""An operator's treasury, debts, covenants, shares and hedges, as the file gives them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .fields import day, flag, group, groups, one_of, quantity, text, whole, words

__all__ = [
    "Board",
    "Conversion",
    "Covenant",
    "Drawing",
    "Equity",
    "Forbearance",
    "Hedge",
    "Ladder",
    "Loan",
    "Treasury",
]

LOANS = ("term", "equipment", "convertible", "bitcoin_backed", "line")
POLICY_NAMES = ("sell_all", "sell_to_cover", "cash_buffer", "fixed_share", "hold", "hedge")
#: Kind of covenant -> the field that holds its limit.
COVENANTS = {
    "minimum_liquidity": "least_liquidity_usd",
    "debt_service_cover": "least_cover",
    "net_debt_to_ebitda": "most_leverage",
    "loan_to_value": "most_loan_to_value_frac",
    "asset_decline": "most_decline_frac",
}
HEDGES = ("hashprice_forward", "price_forward", "put", "collar", "covered_call")


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What a board allows."""

    most_per_day_btc: float | None = quantity("btc_per_day", "Coins sold in a day at most.", None, high=1e6)
    least_held_btc: float = quantity(
        "btc", "Free coins that stay unless bills cannot be paid.", 0.0, high=21e6
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Treasury:
    """Cash and coins at the start, and what is done with them."""

    cash_usd: float = quantity("usd", "Free cash.", 0.0, high=1e12)
    restricted_usd: float = quantity("usd", "Cash that is not free: shown, never spent.", 0.0, high=1e12)
    coins_btc: float = quantity("btc", "Free coins.", 0.0, high=21e6)
    receivable_btc: float = quantity(
        "btc", "Mined and not yet paid out by the pool: free on the first day.", 0.0, high=21e6
    )
    lent_btc: float = quantity("btc", "Lent out: owned, not free.", 0.0, high=21e6)
    lent_rate_frac_per_year: float = quantity("frac_per_year", "Earned on them, in coins.", 0.0, high=1)
    written_btc: float = quantity("btc", "Written against (calls sold).", 0.0, high=21e6)
    redeemable_btc: float = quantity("btc", "Held by a seller, with a right to redeem.", 0.0, high=21e6)
    cost_basis_usd_per_btc: float | None = quantity(
        "usd_per_btc", "Tax cost of the opening coins.", None, high=1e8
    )
    policy: str = one_of(
        POLICY_NAMES,
        "Which coins to sell of one's own will; a package may add its own.",
        "sell_to_cover",
        added="manometer.policies",
    )
    share_frac: float | None = quantity("frac", "Share sold (fixed_share).", None, high=1)
    buffer_days: float = quantity("days", "Bills kept in cash (cash_buffer).", 30, high=365)
    minimum_cash_usd: float = quantity("usd", "Never gone below of one's own will.", 0.0, high=1e12)
    sale_cost_frac: float = quantity("frac", "Cost of a sale.", 0.0015, high=0.2, source="15 bps, assumed")
    haircut_frac: float = quantity("frac", "Cut on free coins in liquidity.", 0.05, high=1, source="assumed")
    board: Board | None = group(Board, "Limits.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Loan to value of a loan against coins, from opening to liquidation."""

    opening_frac: float = quantity(
        "frac", "At drawing.", 1 / 1.43, low=0.01, high=1, source="143 %, Bitfarms-Galaxy"
    )
    call_frac: float = quantity(
        "frac", "Coins are asked for above it.", 1 / 1.33, low=0.01, high=1, source="133 %, same"
    )
    restore_frac: float = quantity(
        "frac", "Where a call brings it back to.", 0.65, low=0.01, high=1, source="MARA 2022"
    )
    liquidation_frac: float = quantity(
        "frac", "Coins are sold above it.", 0.90, low=0.01, high=2, source="assumed"
    )
    release_frac: float = quantity("frac", "Coins come back under it; 0 for never.", 0.0, high=1)
    cure_days: float = quantity("days", "Time to answer a call.", 1, high=60)
    margin_price: str = one_of(("low", "close"), "What the loan is tested on.", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """Terms of a convertible note."""

    price_usd_per_share: float = quantity("usd_per_share", "Conversion price.", high=1e6)
    puts: tuple[date, ...] = words("Days on which holders may ask for cash.", "days")
    settlement: str = one_of(("shares", "cash"), "What is given if it converts.", "shares")
    capped_call_usd_per_share: float | None = quantity(
        "usd_per_share", "Cap of a capped call.", None, high=1e6
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbearance:
    """What a lender does when a payment is missed: it waits, for a price."""

    waits_days: float = quantity("days", "Before the loan is called due.", 90, high=3660)
    fee_frac: float = quantity(
        "frac", "Of what is outstanding, added to it.", 0.01, high=0.2, source="assumed"
    )
    in_kind: bool = flag("Whether interest is added to the loan meanwhile.", True)
    sweep_frac: float = quantity("frac", "Share of the cash above the minimum that goes to it.", 0.5, high=1,
                                 source="50 %, Stronghold 2023")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A further part of a loan, drawn on its day."""

    on: date = day("When.")
    amount_usd: float = quantity("usd", "How much.", high=1e12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """One debt."""

    name: str = text("What it is called.")
    kind: str = one_of(LOANS, "Class of debt.")
    amount_usd: float = quantity("usd", "Outstanding at the start, or drawn on its day.", 0.0, high=1e12)
    limit_usd: float | None = quantity(
        "usd", "Of a line: what may be drawn when cash is short.", None, high=1e12
    )
    drawn: date | None = day("When; left out: before the start.", None)
    draws: tuple[Drawing, ...] = groups(Drawing, "What is drawn later.")
    matures: date | None = day("When the rest is due.", None)
    rate_frac_per_year: float = quantity(
        "frac_per_year", "Interest.", 0.12, high=1, source="11.5-12.5 %, TeraWulf 2023"
    )
    unused_frac_per_year: float = quantity("frac_per_year", "Fee on what is not drawn.", 0.0, high=0.2)
    upfront_frac: float = quantity("frac", "Fee at drawing.", 0.0, high=0.2)
    day_count: str = one_of(("ACT/360", "ACT/365"), "Days of the year.", "ACT/360")
    repaid: str = one_of(
        ("bullet", "annuity", "equal"), "At maturity, in equal payments, or in equal principal.", "bullet"
    )
    every: str = one_of(("month", "quarter"), "How often interest and principal fall due.", "month")
    default_rate_frac: float = quantity("frac_per_year", "Added once a payment is missed.", 0.02, high=1,
                                        source="+2 points, TeraWulf 2023")  # fmt: skip
    grace_days: float = quantity("days", "From a missed payment to default.", 10, high=365, source="assumed")
    posted_btc: float = quantity(
        "btc", "Coins posted at the start; left out: by the opening level.", 0.0, high=21e6
    )
    ladder: Ladder | None = group(Ladder, "Levels of a loan against coins.")
    conversion: Conversion | None = group(Conversion, "Terms of a convertible.")
    recourse: str = one_of(("full", "borrower", "collateral"), "What the lender can reach.", "full")
    borrower: str = text("Company that owes it; its sites are the perimeter.", "")
    let_go: bool = flag(
        "Leave the borrower to its lender at the first payment its own sites cannot make.", False
    )
    on_default: str = one_of(
        ("stops", "continues", "lender"),
        "Hashing after enforcement: stops, goes on, or goes on for the lender.",
        "stops",
    )
    forbearance: Forbearance | None = group(Forbearance, "What the lender does first.", Forbearance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covenant:
    """A promise to a lender, tested on its dates on trailing figures: exactly one of the five limits."""

    name: str = text("What it is called.")
    least_liquidity_usd: float | None = quantity(
        "usd", "Cash, with free coins if they count.", None, high=1e12
    )
    least_cover: float | None = quantity(
        "ratio", "Operating cash over debt service.", None, low=0.01, high=100
    )
    most_leverage: float | None = quantity(
        "ratio", "Net debt over a year's EBITDA.", None, low=0.01, high=1000
    )
    most_loan_to_value_frac: float | None = quantity("frac", "Of its loan.", None, low=0.01, high=2)
    most_decline_frac: float | None = quantity(
        "frac", "Fall of net assets between tests.", None, low=0.01, high=1
    )
    tested: str = one_of(("month", "quarter"), "On the last day of each.", "quarter")
    counts_coins: bool = flag("Whether free coins count as liquidity.", False)
    loan: str = text("Loan that it belongs to.", "")
    starts: date | None = day("First day on which it is tested.", None)
    waiver_frac: float = quantity("frac", "Fee for a waiver, of the loan.", 0.005, high=0.2, source="assumed")
    waivers: int = whole("Breaches that the lender waives before it calls the loan due.", 2, high=1000)

    @property
    def kind(self) -> str:
        """Which of the limits is given; "" for none."""
        return next((k for k, a in COVENANTS.items() if getattr(self, a) is not None), "")

    @property
    def limit(self) -> float:
        """The limit itself."""
        return float(getattr(self, COVENANTS[self.kind]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """Shares, and what the market takes of new ones."""

    shares: float = quantity("shares", "Diluted shares.", low=1, high=1e12)
    price_usd_per_share: float = quantity("usd_per_share", "Share price at the start.", low=1e-6, high=1e6)
    beta: float = quantity("ratio", "Change of the share's logarithm for one of bitcoin's.", 1.5, low=-5,
                           high=10, source="assumed")  # fmt: skip
    own_volatility_frac: float = quantity(
        "frac", "Deviation of a day's return beyond bitcoin's, on simulated paths.", 0.058, high=0.5,
        source="median of 14 listed miners 2021-25 (0.042-0.087), closes some hours apart",
    )  # fmt: skip
    volume_shares_per_day: float = quantity("shares_per_day", "Shares traded.", 0.0, high=1e12)
    volume_share_frac: float = quantity(
        "frac", "Of that volume, at most.", 0.10, high=1, source="10-15 %, memory"
    )
    discount_frac: float = quantity("frac", "Below the market.", 0.03, high=0.9, source="assumed")
    fee_frac: float = quantity("frac", "To the agent.", 0.025, high=0.2, source="2-3 %, mixed")
    most_usd: float = quantity("usd", "Programme in all.", 0.0, high=1e12)
    when: str = one_of(("never", "short", "always"), "When shares are sold.", "short")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedge:
    """A contract that fixes, floors or caps what is earned."""

    name: str = text("What it is called.")
    kind: str = one_of(HEDGES, "Class of contract.")
    starts: date | None = day("First day; left out: the start.", None)
    ends: date = day("Last day.")
    hashrate_ths: float = quantity("ths", "Hashrate sold forward (hashprice_forward).", 0.0, high=1e9)
    hashprice_usd_per_phs_day: float = quantity("usd_per_phs_day", "Fixed hashprice.", 0.0, high=1e5)
    coins_btc: float = quantity("btc", "Coins under a price contract.", 0.0, high=21e6)
    price_usd_per_btc: float = quantity("usd_per_btc", "Forward price, or strike of the put.", 0.0, high=1e8)
    call_usd_per_btc: float = quantity(
        "usd_per_btc", "Strike of the call (collar, covered_call).", 0.0, high=1e8
    )
    premium_usd: float = quantity("usd", "Paid (put), or received (covered_call).", 0.0, high=1e10)
    margin_frac: float = quantity("frac", "Initial margin, of the contract's value.", 0.35, high=1,
                                  source="35 % in USD, Luxor")  # fmt: skip
