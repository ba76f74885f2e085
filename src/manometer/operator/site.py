"""A site as its operator describes it: machines, power, uptime, people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .fields import day, flag, group, groups, one_of, quantity, text, whole, words

__all__ = [
    "CoincidentPeak", "Curtailment", "Machines", "Minimum", "Pool", "Power", "PriceShape", "Site",
    "Tariff", "Uptime",
]  # fmt: skip

#: What stops being paid, or starts being earned, if a machine is off for an hour.
CONTRACTS = ("fixed", "indexed", "time_of_use", "hosted", "behind_the_meter", "state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """A group of equal machines: a model of the catalogue, or figures of one's own."""

    model: str = text("Name in the catalogue (manometer machines); or give hashrate and power.", "")
    label: str = text("What to call the group; by default its model.", "")
    count: int = whole("How many.", low=1)
    hashrate_ths: float | None = quantity("ths", "Of one machine.", None, low=1e-6, high=1e5)
    power_w: float | None = quantity("w", "Of one machine at the wall.", None, low=0.1, high=1e6)
    efficiency_j_per_th: float | None = quantity("j_per_th", "In place of its power.", None, low=1, high=1e8)
    mode: str = text(
        "nameplate, auto (the mode with the largest margin), or a mode of the catalogue.", "nameplate"
    )
    age_days: float = quantity("days", "Age at the start.", 0.0, high=20 * 366)
    ageing: bool = flag("Whether age costs efficiency and boards (1 and 2 % a year, assumed).", False)
    price_paid_usd_per_ths: float | None = quantity(
        "usd_per_ths", "Paid per TH/s: what is depreciated.", None, high=1e5
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """Three losses kept apart: off, weak, rejected."""

    planned_off_frac: float = quantity("frac", "Hours off for maintenance.", 0.01, high=1)
    forced_off_frac: float = quantity(
        "frac", "Hours off by failure.", 0.04, high=1, source="availability 0.90-0.98, press"
    )
    weak_frac: float = quantity("frac", "Hashrate missing while on, at full energy.", 0.0, high=0.99)
    rejected_frac: float = quantity("frac", "Stale and refused shares, at full energy.", 0.0, high=0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Where hash is sold."""

    scheme: str = one_of(("fpps", "pplns", "solo"), "How it pays.", "fpps")
    fee_frac: float = quantity("frac", "Share of revenue.", 0.02, high=0.5, source="assumed")
    payout_days: float = quantity("days", "Until a payout; FPPS pays the next UTC day.", 1, high=60)
    threshold_btc: float = quantity("btc", "Smallest payout.", 0.0, high=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Hours with a price of their own, local time."""

    hours: tuple[int, ...] = words("Hours 0 to 23 in which it holds.", "numbers", high=23)
    months: tuple[int, ...] = words("Months 1 to 12; all where left out.", "numbers", low=1, high=12)
    price_usd_per_mwh: float = quantity("usd_per_mwh", "Price in these hours.", low=-1000, high=10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceShape:
    """An hourly price of one's own making: marked illustrative wherever it is shown."""

    mean_usd_per_mwh: float = quantity(
        "usd_per_mwh", "Mean of the ordinary hours.", 35.0, low=-500, high=1000
    )
    evening_swing_frac: float = quantity("frac", "Rise at 19:00 and fall at 7:00.", 0.3, high=3)
    summer_rise_frac: float = quantity("frac", "Rise in the peak months.", 0.3, high=5)
    peak_months: tuple[int, ...] = words("Months of the season.", "numbers", low=1, high=12)
    spike_hours_per_month: int = whole("Hours at the spike price in each peak month.", 0, high=200)
    spike_usd_per_mwh: float = quantity("usd_per_mwh", "Price of those hours.", 500.0, low=0, high=10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curtailment:
    """Power given back for money."""

    strike_usd_per_mwh: float = quantity(
        "usd_per_mwh", "Hourly price above which the site goes off.", high=10_000
    )
    credit_usd_per_mwh: float | None = quantity(
        "usd_per_mwh", "Paid for each MWh not used; left out: the hour's price.", None, high=10_000
    )
    paid_as: str = one_of(("cash", "credit"), "A credit only offsets a later power bill.", "credit")
    paid_after_days: float = quantity("days", "After the month's end.", 30, high=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoincidentPeak:
    """A charge set by the load in a few peak hours of summer, paid the year after."""

    rate_usd_per_mw_year: float = quantity(
        "usd_per_mw_year", "Charge.", 60_000, high=1e6, source="45-150 k, Enel X, nfmconsulting"
    )
    months: tuple[int, ...] = words(
        "Months with a peak; June to September where left out.", "numbers", low=1, high=12
    )
    hours_off_per_month: int = whole(
        "Hours switched off to miss the peak.", 10, high=200, source="about 40 h a year"
    )
    avoid: bool = flag("Whether the site goes off in them.", True)
    opening_mw: float | None = quantity(
        "mw", "Load charged in the first calendar year; left out: all.", None, high=1e5
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """Energy that is paid whether it is used or not."""

    take_frac: float = quantity("frac", "Share of the contracted energy.", high=1)
    contracted_mw: float | None = quantity(
        "mw", "Contracted power; left out: what the machines draw.", None, high=1e5
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """A power contract; its class decides what an hour off saves."""

    contract: str = one_of(CONTRACTS, "Class of supply.", "fixed")
    price_usd_per_mwh: float | None = quantity(
        "usd_per_mwh", "Tariff; behind the meter: the sale forgone. Indexed power takes its series.", None,
        low=-100, high=2000,
    )  # fmt: skip
    series: str = text("CSV of hourly prices beside this file: time_local, usd_per_mwh.", "")
    shape: PriceShape | None = group(PriceShape, "Hourly prices in place of a series, illustrative.")
    adder_usd_per_mwh: float = quantity("usd_per_mwh", "Delivery and fees per MWh used.", 0.0, high=500)
    yearly_change_frac: float = quantity("frac", "Escalator on each anniversary.", 0.0, low=-0.5, high=1)
    tariffs: tuple[Tariff, ...] = groups(Tariff, "Hours with a price of their own (time_of_use).")
    resale: bool = flag("Whether contracted power can be sold at the series' price.", False)
    resale_cost_usd_per_mwh: float = quantity("usd_per_mwh", "Cost of selling it.", 0.0, high=500)
    profit_share_frac: float = quantity("frac", "Host's share of revenue less energy.", 0.0, high=1)
    minimum: Minimum | None = group(Minimum, "Minimum take.")
    curtailment: Curtailment | None = group(Curtailment, "Paid to be off.")
    demand_charge_usd_per_kw_month: float = quantity(
        "usd_per_kw_month", "On the month's peak load.", 0.0, high=200
    )
    coincident_peak: CoincidentPeak | None = group(CoincidentPeak, "Four coincident peaks and the like.")
    restart_usd_per_mw: float = quantity(
        "usd_per_mw", "Cost of one stop and start.", 0.0, high=10_000, source="assumed"
    )
    minimum_run_hours: float = quantity("hours", "Least run.", 0.0, high=10_000)
    minimum_rest_hours: float = quantity("hours", "Least rest.", 0.0, high=10_000)
    deposit_usd: float = quantity(
        "usd",
        "Security held by the supplier, paid before the start.",
        0.0,
        high=1e9,
        source="100 kUSD/MW, Riot 2023",
    )
    billed: str = one_of(("prepaid", "weekly", "monthly"), "When the bill is made.", "monthly")
    terms_days: float = quantity("days", "From bill to due; prepaid: days in advance.", 15, high=365)

    @property
    def bill(self) -> str:
        """What its energy is billed as."""
        return "hosting" if self.contract == "hosted" else "power"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place with power and machines."""

    name: str = text("What the site is called.")
    region: str = text("Where it is.", "")
    limit_mw: float | None = quantity("mw", "Power at the meter; machines must fit.", None, high=1e5)
    overhead: float = quantity(
        "ratio",
        "Energy at the meter over that of the machines (PUE).",
        1.05,
        low=1,
        high=3,
        source="1.02-1.07, CLSK kWh",
    )
    summer_derating_frac: float = quantity(
        "frac", "Hashrate lost in the hot months at full energy.", 0.0, high=0.9
    )
    summer_months: tuple[int, ...] = words(
        "Hot months; June to September where left out.", "numbers", low=1, high=12
    )
    machines: tuple[Machines, ...] = groups(Machines, "Groups of equal machines.")
    power: Power = group(Power, "Power contract.", Power)
    uptime: Uptime = group(Uptime, "Losses.", Uptime)
    pool: Pool = group(Pool, "Where hash is sold.", Pool)
    staff: float = quantity("ratio", "People on site.", 0.0, high=1e5, source="0.3-0.7 per MW, weak")
    pay_usd_per_year: float = quantity(
        "usd_per_year", "Loaded cost of one person.", 55_000, high=1e7, source="weak"
    )
    lease_usd_per_year: float = quantity("usd_per_year", "Land and buildings.", 0.0, high=1e10)
    insurance_usd_per_year: float = quantity("usd_per_year", "Paid a year ahead.", 0.0, high=1e10)
    upkeep_usd_per_year: float = quantity(
        "usd_per_year", "Repairs that hold today's hashrate.", 0.0, high=1e10
    )
    borrower: str = text("Special-purpose company that owns it: a lender without recourse takes no more.", "")
    opens: date | None = day("First day of mining; left out: the start.", None)
