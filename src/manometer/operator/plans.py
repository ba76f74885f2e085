"""What an operator means to do: expand, replace, build for AI; and how it is taxed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .fields import day, flag, group, groups, one_of, quantity, text, whole, words
from .site import Machines

__all__ = ["AiBuild", "Expansion", "Home", "Instalment", "MachineSale", "Tax"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """A part of a price."""

    share_frac: float = quantity("frac", "Of the whole price.", high=1)
    before_days: float = quantity("days", "Before delivery.", 0.0, high=3660)


def usual_instalments() -> tuple[Instalment, ...]:
    """10 % at signing, 40 % a month before, 50 % seven days before (Bitmain 2024, exhibit)."""
    return (
        Instalment(share_frac=0.1, before_days=180),
        Instalment(share_frac=0.4, before_days=30),
        Instalment(share_frac=0.5, before_days=7),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """Machines ordered: paid before they arrive, whatever hashprice is by then."""

    name: str = text("What it is called.")
    site: str = text("Where they go.")
    machines: Machines = group(Machines, "What is ordered.", Machines)
    delivered: date = day("First day of mining.")
    price_usd_per_ths: float = quantity(
        "usd_per_ths", "Price.", 16.0, high=1e5, source="14-18 in 2023-24, Bitmain, Riot"
    )
    building_usd_per_mw: float = quantity("usd_per_mw", "Infrastructure.", 0.0, high=1e8)
    payments: tuple[Instalment, ...] = groups(Instalment, "Parts of the price; left out: 10, 40, 50 %.")
    sustaining: bool = flag("Whether it replaces machines that leave (not growth).", False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSale:
    """Machines that leave, at their resale value of the day."""

    site: str = text("Where they stand.")
    machines: str = text("Label or model of the group.")
    on: date = day("Day of the sale.")
    discount_frac: float = quantity("frac", "Below the resale value.", 0.0, high=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AiBuild:
    """Power moved from mining to AI colocation: capital first, rent later."""

    name: str = text("What it is called.")
    site: str = text("Whose power it takes.")
    gross_mw: float = quantity("mw", "Power at the meter.", low=1e-6, high=1e5)
    it_frac: float = quantity(
        "frac", "Critical IT of it.", 0.8, low=0.01, high=1, source="200 of 250 MW, TeraWulf, press"
    )
    capex_usd_per_mw: float = quantity(
        "usd_per_mw", "Per critical IT MW.", 9e6, high=1e8, source="8-10 M, press"
    )
    signed: date = day("Contract signed: building starts, mining on this power ends.")
    first_rent: date = day("First day of rent.")
    rent_usd_per_kw_month: float = quantity(
        "usd_per_kw_month",
        "Per critical IT kW.",
        135.0,
        high=10_000,
        source="1.4-1.85 M per IT MW-year, press",
    )
    margin_frac: float = quantity("frac", "Of rent after the site's own costs.", 0.85, high=1, source="press")
    ramp_months: int = whole("Months until all of it pays.", 6, high=60, source="assumed")
    escalator_frac: float = quantity("frac", "Rise of rent a year.", 0.03, high=0.5, source="assumed")
    tenant_pays_frac: float = quantity("frac", "Of capex that the tenant pays.", 0.0, high=1)
    loan_frac: float = quantity("frac", "Of capex that is borrowed.", 0.0, high=1)
    loan_rate_frac_per_year: float = quantity(
        "frac_per_year", "Interest on it.", 0.10, high=1, source="assumed"
    )
    loan_years: int = whole("Years of equal payments from first rent.", 10, low=1, high=40)
    years: int = whole("Term of the contract.", 10, low=1, high=40, source="10-12 years, press")
    take_or_pay: bool = flag("Whether the tenant pays for power it does not use.", True)
    backstop: str = text("Who stands behind the tenant.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A schedule, with its own dates."""

    rate_frac: float = quantity("frac", "On taxable income.", 0.21, high=0.9, source="US federal")
    on_receipt: bool = flag("Coins are income at the price of the day they are mined.", True)
    on_sale: bool = flag("Gains on sale are taxed by lot.", True)
    lots: str = one_of(("fifo", "lifo", "highest_cost"), "Which lot is sold first.", "fifo")
    machine_life_days: float = quantity(
        "days", "Tax life of machines.", 5 * 365.25, low=30, high=36525, source="assumed"
    )
    paid_after_days: float = quantity("days", "After the quarter's end.", 15, high=400)
    losses_carried: bool = flag("Losses lower later tax.", True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home miner: electricity, heat worth something in winter, noise; no industrial lines."""

    winter_months: tuple[int, ...] = words("Months in which rooms want heat.", "numbers", low=1, high=12)
    useful_frac: float = quantity(
        "frac", "Of the heat in those months that a room wants.", 0.7, high=1, source="assumed"
    )
    fuel_usd_per_mwh: float = quantity(
        "usd_per_mwh", "Price of the heat displaced, per MWh of fuel.", 0.0, high=2000
    )
    fuel_efficiency: float = quantity("ratio", "Heat per fuel; a heat pump has 3.", 0.9, low=0.1, high=6)
    noise_limit_db: float | None = quantity("db", "What the room bears.", None, high=150)
    solar_frac: float = quantity("frac", "Of energy from one's own roof.", 0.0, high=1)
    export_usd_per_mwh: float = quantity("usd_per_mwh", "What it would sell for.", 0.0, high=2000)
    supply_efficiency: float = quantity(
        "ratio", "Power at the device over power at the wall.", 1.0, low=0.5, high=1
    )
    pleasure_usd_per_year: float = quantity(
        "usd_per_year", "The owner's own figure; never income.", 0.0, high=1e6
    )
