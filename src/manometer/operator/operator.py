"""One operator, from three machines in a garage to a listed company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .fields import day, group, groups, one_of, quantity, text
from .money import Covenant, Equity, Hedge, Loan, Treasury
from .plans import AiBuild, Expansion, Home, MachineSale, Tax
from .site import Site

__all__ = ["Exchange", "Operator", "Overheads"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A currency that bills come in."""

    rate: float = quantity("ratio", "Units that one USD buys at the start.", low=1e-6, high=1e9)
    yearly_change_frac: float = quantity("frac", "Change of that number in a year.", 0.0, low=-0.9, high=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overheads:
    """Costs of the company that belong to no site."""

    cash_usd_per_year: float = quantity(
        "usd_per_year",
        "People and services of the head office.",
        0.0,
        high=1e11,
        source="10-12 USD/MWh if listed, CLSK",
    )
    stock_compensation_usd_per_year: float = quantity(
        "usd_per_year", "Share-based pay: L4 only.", 0.0, high=1e11
    )
    paid_in_coin_btc_per_year: float = quantity("btc_per_year", "Of people's pay, in coins.", 0.0, high=1e5)
    terms_days: float = quantity("days", "How long suppliers wait.", 30, high=365)
    stretch_days: float = quantity(
        "days", "How much longer they wait when cash is short.", 30, high=365, source="assumed"
    )
    dividend_usd_per_year: float = quantity(
        "usd_per_year", "To shareholders, quarterly, when cash allows.", 0.0, high=1e11
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Depreciation:
    """Straight line from the price at purchase over the stated life; none after it."""

    machines_days: float = quantity(
        "days", "Life of machines.", 3 * 365.25, low=1, high=36525, source="Greenidge 2022: 5 to 3 years"
    )
    infrastructure_days: float = quantity(
        "days", "Life of buildings and plant.", 10 * 365.25, low=1, high=36525, source="10 years"
    )
    infrastructure_usd: float = quantity("usd", "Cost of the infrastructure in use.", 0.0, high=1e12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Everything that `fleet run` needs to know."""

    operator: str = text("Its name.")
    question: str = text("What this file asks.", "")
    kind: str = one_of(("site", "listed", "home"), "home files have no industrial lines.", "site")
    start: date | None = day("First day; left out: the day after the store's last.", None)
    exchange: dict[str, Exchange] = groups(Exchange, "Currencies beside USD, by code.", named=True)
    sites: tuple[Site, ...] = groups(Site, "Places with power and machines.")
    overheads: Overheads = group(Overheads, "Costs of the company.", Overheads)
    depreciation: Depreciation = group(Depreciation, "Lives.", Depreciation)
    treasury: Treasury = group(Treasury, "Cash and coins.", Treasury)
    loans: tuple[Loan, ...] = groups(Loan, "Debts.")
    covenants: tuple[Covenant, ...] = groups(Covenant, "Promises to lenders.")
    equity: Equity | None = group(Equity, "Shares.")
    hedges: tuple[Hedge, ...] = groups(Hedge, "Forwards and options.")
    expansions: tuple[Expansion, ...] = groups(Expansion, "Machines ordered.")
    machine_sales: tuple[MachineSale, ...] = groups(MachineSale, "Machines sold.")
    ai: tuple[AiBuild, ...] = groups(AiBuild, "AI colocation.")
    tax: Tax | None = group(Tax, "Tax schedule; left out: none.")
    home: Home | None = group(Home, "A home's own lines.")
