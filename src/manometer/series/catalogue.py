"""The table of variables: unit, stamp, when a value becomes known, which source is read, what is plausible.

Availability rules:

interval_end   the end of the interval that starts at the key
header_time    the header time of the block (for an epoch: of its first block)
published      the stated time of publication, else period end + `assumed_lag_s`, marked assumed
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from ..errors import unknown_name
from ..units import SECONDS_PER_DAY
from .series import Stamp

__all__ = ["FAMILIES", "VARIABLES", "Availability", "Variable", "find_variable"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_REVERSED = str.maketrans("0123456789", "9876543210")

Availability = Literal["interval_end", "header_time", "published"]

_DAY = SECONDS_PER_DAY
_MONTH_LAG_S = 5 * _DAY
_QUARTER_LAG_S = 45 * _DAY
_EXCHANGE = ("yahoo-close", "coindesk-close")
_COUNTS = ("headers", "supply_diff_fixed", "reconstructed", "supply_diff", "node")


@dataclass(frozen=True, slots=True)
class Variable:
    """One row of the catalogue.

    Parameters
    ----------
    name, unit : str
        Name with its unit suffix, and the unit as people write it ("text" for words).
    stamp : Stamp
        Meaning of the key.
    width_s : int
        Width of the interval [s], 0 where the key is an instant or a height.
    available : Availability
        Rule that says from when a value is known.
    sources : tuple of str
        Fixed order in which sources are read; a source not named comes after these, by name.
    low, high : float
        Closed plausible range; an import refuses what lies outside.
    tolerance_frac : float
        Relative difference between sources from which `doctor` lists them.
    step : int
        Expected distance of neighbouring keys, 0 where gaps mean nothing.
    assumed_lag_s : int
        Lag after the period's end where the time of publication is unknown [s].
    doc : str
        One line on what it is.
    """

    name: str
    unit: str
    stamp: Stamp
    width_s: int
    available: Availability
    sources: tuple[str, ...]
    low: float
    high: float
    tolerance_frac: float
    step: int
    assumed_lag_s: int
    doc: str

    @property
    def is_text(self) -> bool:
        """Whether the values are words."""
        return self.unit == "text"

    def rank(self, source: str) -> tuple[int, str]:
        """Return the sort key of a source: the smaller is read first."""
        known = self.sources.index(source) if source in self.sources else len(self.sources)
        if self.name.startswith("sec.") and (dated := _DATE.search(source)):
            # A filing is its own source: the newest is read.
            return known, dated[0].translate(_REVERSED) + source
        return known, source


def _daily(
    name: str, unit: str, sources: tuple[str, ...], low: float, high: float, tol: float, doc: str
) -> Variable:
    return Variable(name, unit, "interval_start", _DAY, "interval_end", sources, low, high, tol, _DAY, 0, doc)


def _block(name: str, unit: str, low: float, high: float, doc: str, *, step: int = 1) -> Variable:
    return Variable(name, unit, "height", 0, "header_time", ("headers", "node"), low, high, 0.0, step, 0, doc)


def _published(
    name: str, unit: str, lag_s: int, low: float, high: float, doc: str, *, width_s: int = 0
) -> Variable:
    stamp: Stamp = "interval_start" if width_s else "instant"
    return Variable(name, unit, stamp, width_s, "published", (), low, high, 0.001, width_s, lag_s, doc)


def _text(name: str, lag_s: int, doc: str) -> Variable:
    return _published(name, "text", lag_s, 0.0, 0.0, doc)


_LAST_BITS = 0x2100FFFF
_TIME = (1_231_006_505.0, 4_102_444_800.0)

_MAIN = (
    _daily("price_usd", "USD", (*_EXCHANGE, "node"), 1e-4, 1e8, 0.05, "price of one bitcoin at the close"),
    _daily("price_high_usd", "USD", _EXCHANGE, 1e-4, 1e8, 0.05, "highest price of the day"),
    _daily("price_low_usd", "USD", _EXCHANGE, 1e-4, 1e8, 0.05, "lowest price of the day"),
    _daily("volume_usd", "USD", _EXCHANGE, 0.0, 1e14, 0.5, "volume of all venues, inflated: a ceiling"),
    _daily("volume_vetted_usd", "USD", _EXCHANGE, 0.0, 1e14, 0.5, "volume of vetted exchanges: a floor"),
    _daily(
        "difficulty", "", ("node", "derived-from-bits"), 1.0, 1e30, 1e-9, "difficulty at the end of the day"
    ),
    _daily(
        "block_count",
        "blocks",
        ("headers", "node"),
        1.0,
        5000.0,
        0.0,
        "blocks whose header time is in the day",
    ),
    _daily("fees_per_block_btc", "BTC", ("node",), 0.0, 1000.0, 1e-6, "mean fees of a block"),
    _daily("fear_greed_index", "", ("alternative-me",), 0.0, 100.0, 0.0, "fear and greed index, 0 to 100"),
    _daily(
        "funding_frac_per_8h",
        "fraction per 8 h",
        ("perpetuals",),
        -0.1,
        0.1,
        0.05,
        "mean funding rate of perpetual futures; positive: longs pay",
    ),
    _block(
        "bits",
        "compact target",
        1.0,
        _LAST_BITS,
        "compact target, key = first height of the epoch",
        step=2016,
    ),
    _block("epoch_start_time_s", "s", *_TIME, "header time of an epoch's first block", step=2016),
    _block("block_time_s", "s", *_TIME, "header time as the miner wrote it; may go backwards"),
    _block("block_fees_sat", "sat", 0.0, 2.1e15, "fees of the block, gross of any unclaimed amount"),
    _block("block_subsidy_sat", "sat", 0.0, 5e9, "subsidy of the block"),
    _block("block_median_time_s", "s", *_TIME, "median header time of the last eleven blocks"),
    _block("block_txs", "transactions", 1.0, 1e6, "transactions in the block"),
    _block("block_weight_wu", "WU", 0.0, 4e6, "weight of the block"),
    _block("block_feerate_p50_sat_per_vb", "sat/vB", 0.0, 1e8, "median fee rate of the block by weight"),
    _published(
        "power_price_usd_per_mwh", "USD/MWh", 0, -10_000.0, 20_000.0, "hourly power price", width_s=3600
    ),
    _published("machine.hashrate_ths", "TH/s", 0, 1e-6, 1e5, "nameplate hashrate"),
    _published("machine.power_w", "W", 0, 0.1, 1e6, "nameplate power"),
    _published("machine.efficiency_j_per_th", "J/TH", 0, 0.1, 1e9, "nameplate efficiency"),
    _published("machine.price_usd", "USD", 0, 0.0, 1e6, "list price on its own date"),
    *(
        _text(f"machine.{n}", 0, f"machine: {n}")
        for n in ("manufacturer", "category", "cooling", "confidence")
    ),
    _published("event.btc", "BTC", 0, 0.0, 2.1e7, "bitcoin moved by the event"),
    _published("event.usd", "USD", 0, 0.0, 1e13, "dollars moved by the event"),
    *(_text(f"event.{n}", 0, f"event: {n}") for n in ("kind", "detail", "source")),
    _published("survey.value", "as asked", 0, -1e12, 1e12, "answer of a survey, in the unit of its question"),
    *(_text(f"survey.{n}", 0, f"survey: {n}") for n in ("question", "source")),
)

_BTC, _USD, _EHS = ("BTC", 0.0, 2.1e7), ("USD", 0.0, 1e12), ("EH/s", 0.0, 1e5)
_SIGNED_USD, _COUNT = ("USD", -1e12, 1e12), ("", 0.0, 1e9)

#: Figures that listed miners publish, by period; the same name in both periods means the same thing.
_COMPANY: dict[str, dict[str, tuple[str, float, float]]] = {
    "monthly": {
        "mined_btc": _BTC,
        "sold_btc": _BTC,
        "purchased_btc": _BTC,
        "held_btc": _BTC,
        "net_sale_price_usd": _USD,
        "sale_proceeds_usd": _USD,
        "hashrate_deployed_ehs": _EHS,
        "hashrate_operating_ehs": _EHS,
        "fleet_efficiency_j_per_th": ("J/TH", 1.0, 1e4),
        "power_cost_usd_per_mwh": ("USD/MWh", -10_000.0, 10_000.0),
        "power_credits_usd": _SIGNED_USD,
        "electricity_cost_usd_per_btc": _SIGNED_USD,
        "mining_revenue_usd": _SIGNED_USD,
        "electricity_cost_usd": _SIGNED_USD,
        "n_blocks_won": _COUNT,
    },
    "quarterly": {
        "mined_btc": _BTC,
        "held_btc": _BTC,
        "sold_btc": _BTC,
        "n_blocks_won": _COUNT,
        "hashrate_end_ehs": _EHS,
        "hashrate_operating_ehs": _EHS,
        "fleet_efficiency_j_per_th": ("J/TH", 1.0, 1e4),
        "energy_owned_kwh": ("kWh", 0.0, 1e13),
        "energy_cost_owned_usd": _SIGNED_USD,
        "power_cost_usd_per_mwh": ("USD/MWh", -10_000.0, 10_000.0),
        "energy_cost_usd_per_btc": _SIGNED_USD,
        "other_direct_cost_usd_per_btc": _SIGNED_USD,
        "miner_depreciation_usd_per_btc": _SIGNED_USD,
        "financing_cost_usd_per_btc": _SIGNED_USD,
        "cost_to_mine_usd_per_btc": _SIGNED_USD,
        "cost_usd_per_phs_day": ("USD/PH/day", -1e4, 1e4),
        "revenue_usd_per_btc": _SIGNED_USD,
        "mined_owned_btc": _BTC,
        "mined_hosted_btc": _BTC,
        "mining_revenue_usd": _SIGNED_USD,
        "total_revenue_usd": _SIGNED_USD,
        "power_cost_self_mining_usd": _SIGNED_USD,
        "power_credits_usd": _SIGNED_USD,
        "miner_depreciation_usd": _SIGNED_USD,
        "n_miners_in_service": _COUNT,
    },
}
_COMPANY_TEXT = {
    "monthly": ("source", "confidence", "note"),
    "quarterly": ("fiscal_label", "cost_to_mine_definition", "source", "confidence", "note"),
}
_LAG_S = {"monthly": _MONTH_LAG_S, "quarterly": _QUARTER_LAG_S}


def _companies() -> list[Variable]:
    rows: list[Variable] = []
    for period, columns in _COMPANY.items():
        for name, (unit, low, high) in columns.items():
            doc = f"{period} figure as the company published it"
            rows.append(_published(f"company.{period}.{name}", unit, _LAG_S[period], low, high, doc))
        for name in _COMPANY_TEXT[period]:
            rows.append(_text(f"company.{period}.{name}", _LAG_S[period], f"words on the {period} figures"))
    return rows


#: The catalogue, by name.
VARIABLES: dict[str, Variable] = {v.name: v for v in (*_MAIN, *_companies())}

#: Variables whose names are open: the prefix stands for any name that starts with it.
FAMILIES: dict[str, Variable] = {
    "sec.": _published(
        "sec.", "as filed", _QUARTER_LAG_S, -1e18, 1e18, "a fact of a filing, by its XBRL concept"
    ),
}


def find_variable(name: str) -> Variable:
    """Return the catalogue row of a variable.

    Raises
    ------
    InputError
        No such variable; the message names the nearest.

    Examples
    --------
    >>> find_variable("price_usd").sources
    ('yahoo-close', 'coindesk-close', 'node')
    """
    if name in VARIABLES:
        return VARIABLES[name]
    for prefix, family in FAMILIES.items():
        if name.startswith(prefix) and len(name) > len(prefix):
            return replace(family, name=name)
    raise unknown_name("variable", name, [*VARIABLES, *(f"{p}*" for p in FAMILIES)])
