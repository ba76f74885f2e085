"""Files of few rows that are read one by one: companies, power, machines, filings, events."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC
from typing import Any

from ..errors import InputError
from ..series import find_variable
from ..units import SECONDS_PER_DAY
from .cells import Gathered, instant, not_before_first, shown
from .clock import day_start_s
from .context import Context
from .front import Chunk
from .one_by_one import Row, each_row, known_when, read_day, read_name, read_text, read_value

__all__ = [
    "MONTHLY",
    "MONTHLY_TEXT",
    "QUARTERLY",
    "QUARTERLY_TEXT",
    "Context",
    "companies_monthly",
    "companies_quarterly",
    "events",
    "machines",
    "power_hourly",
]

_HOUR_S = 3600
_MILLION = 1e6
_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)

#: Column of the file -> name after ``company.monthly.`` and the factor to its unit.
MONTHLY: dict[str, tuple[str, float]] = {
    "btc_produced": ("mined_btc", 1.0),
    "btc_sold": ("sold_btc", 1.0),
    "btc_purchased": ("purchased_btc", 1.0),
    "btc_held_month_end": ("held_btc", 1.0),
    "avg_net_sale_price_usd": ("net_sale_price_usd", 1.0),
    "sale_proceeds_musd": ("sale_proceeds_usd", _MILLION),
    "hashrate_deployed_eh": ("hashrate_deployed_ehs", 1.0),
    "hashrate_avg_operating_eh": ("hashrate_operating_ehs", 1.0),
    "fleet_efficiency_j_th": ("fleet_efficiency_j_per_th", 1.0),
    "power_cost_cents_per_kwh": ("power_cost_usd_per_mwh", 10.0),
    "total_power_credits_musd": ("power_credits_usd", _MILLION),
    "electricity_cost_per_btc_usd": ("electricity_cost_usd_per_btc", 1.0),
    "mining_revenue_musd": ("mining_revenue_usd", _MILLION),
    "electricity_cost_musd": ("electricity_cost_usd", _MILLION),
    "blocks_won": ("n_blocks_won", 1.0),
}
MONTHLY_TEXT = {"source": "source", "confidence": "confidence", "note": "note"}
QUARTERLY: dict[str, tuple[str, float]] = {
    "btc_produced": ("mined_btc", 1.0),
    "btc_held": ("held_btc", 1.0),
    "btc_sold": ("sold_btc", 1.0),
    "blocks_won": ("n_blocks_won", 1.0),
    "hashrate_end_eh": ("hashrate_end_ehs", 1.0),
    "hashrate_avg_eh": ("hashrate_operating_ehs", 1.0),
    "fleet_efficiency_j_th": ("fleet_efficiency_j_per_th", 1.0),
    "kwh_owned": ("energy_owned_kwh", 1.0),
    "energy_cost_owned_usd": ("energy_cost_owned_usd", 1.0),
    "power_price_usd_per_kwh": ("power_cost_usd_per_mwh", 1000.0),
    "energy_cost_per_btc_usd": ("energy_cost_usd_per_btc", 1.0),
    "other_direct_cost_per_btc_usd": ("other_direct_cost_usd_per_btc", 1.0),
    "miner_depreciation_per_btc_usd": ("miner_depreciation_usd_per_btc", 1.0),
    "financing_cost_per_btc_usd": ("financing_cost_usd_per_btc", 1.0),
    "cost_to_mine_per_btc_usd": ("cost_to_mine_usd_per_btc", 1.0),
    "cost_per_ph_day_usd": ("cost_usd_per_phs_day", 1.0),
    "avg_revenue_per_btc_usd": ("revenue_usd_per_btc", 1.0),
    "btc_produced_owned": ("mined_owned_btc", 1.0),
    "btc_produced_hosted": ("mined_hosted_btc", 1.0),
    "mining_revenue_musd": ("mining_revenue_usd", _MILLION),
    "total_revenue_musd": ("total_revenue_usd", _MILLION),
    "power_cost_self_mining_musd": ("power_cost_self_mining_usd", _MILLION),
    "power_credits_musd": ("power_credits_usd", _MILLION),
    "miner_depreciation_musd": ("miner_depreciation_usd", _MILLION),
    "miners_in_service": ("n_miners_in_service", 1.0),
}
QUARTERLY_TEXT = {
    "fiscal_label": "fiscal_label",
    "cost_to_mine_definition": "cost_to_mine_definition",
    "source": "source",
    "confidence": "confidence",
    "note": "note",
}


def _put(
    out: Gathered,
    context: Context,
    entity: str,
    line: int,
    at: int,
    known: tuple[int, bool],
    values: dict[str, Any],
) -> None:
    """Gather all values of a row once all of them have been read."""
    for variable, value in values.items():
        if value == value and value != "":
            out.add_one(variable, entity, context.source, (line, at, value, *known))


def _companies(
    chunk: Chunk,
    context: Context,
    out: Gathered,
    period: str,
    key: str,
    columns: dict[str, tuple[str, float]],
    texts: dict[str, str],
) -> None:
    prefix = f"company.{period}."
    lag_s = find_variable(prefix + "mined_btc").assumed_lag_s

    def read(line: int, row: Row) -> None:
        at = read_day(row, key, context)
        known = known_when(row, at, at + SECONDS_PER_DAY + lag_s, context)
        values: dict[str, Any] = {
            prefix + name: read_value(row, column, prefix + name, factor)
            for column, (name, factor) in columns.items()
        }
        values |= {prefix + name: read_text(row, column) for column, name in texts.items()}
        _put(out, context, read_name(row, "ticker"), line, at, known, values)

    each_row(chunk, out, read)


def companies_monthly(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read figures by company and month."""
    _companies(chunk, context, out, "monthly", "month_end", MONTHLY, MONTHLY_TEXT)


def companies_quarterly(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read figures by company and quarter."""
    _companies(chunk, context, out, "quarterly", "quarter_end", QUARTERLY, QUARTERLY_TEXT)


def power_hourly(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read hourly prices, local times in the zone of the import."""

    def read(line: int, row: Row) -> None:
        at = _utc_hour(row["time_local"], context, out)
        if at + _HOUR_S > context.now_s:
            raise ValueError(f"time_local: {shown(row['time_local'])} lies in the future, or is not over")
        known = known_when(row, at, at + _HOUR_S, context)
        name = "power_price_usd_per_mwh"
        _put(out, context, context.entity, line, at, known, {name: read_value(row, "usd_per_mwh", name)})

    each_row(chunk, out, read)


def _utc_hour(cell: str, context: Context, out: Gathered) -> int:
    local = instant(cell)
    if local.tzinfo is None:
        if context.zone is None:
            raise InputError(
                "power-hourly: times are local; say where with --timezone, such as America/Chicago"
            )
        aware = local.replace(tzinfo=context.zone, fold=0)
        later = aware.replace(fold=1)
        if aware.utcoffset() != later.utcoffset():
            # Clocks went back: the hour comes twice. Clocks went forward: it never came.
            if aware.astimezone(UTC).astimezone(context.zone).replace(tzinfo=None) != local:
                raise ValueError(
                    f"time_local: {shown(cell)} does not exist in {context.zone.key} (clocks forward)"
                )
            if cell in context.seen:
                aware = later
            else:
                out.note(f"an hour that {context.zone.key} repeats was read as the first of the two")
            context.seen.add(cell)
        local = aware.astimezone(UTC)
    second = int(local.timestamp())
    if second % _HOUR_S:
        raise ValueError(f"time_local: {shown(cell)} is not the start of an hour")
    try:
        not_before_first(second, cell)
    except ValueError as error:
        raise ValueError(f"time_local: {error}") from None
    return second


def machines(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read nameplates; the entity is the model with its hashrate, since bins share a name."""

    def read(line: int, row: Row) -> None:
        at = _release_s(row["release_date"].strip())
        values: dict[str, Any] = {
            "machine.hashrate_ths": read_value(row, "hashrate_th", "machine.hashrate_ths"),
            "machine.power_w": read_value(row, "power_w", "machine.power_w"),
            "machine.efficiency_j_per_th": read_value(row, "efficiency_j_th", "machine.efficiency_j_per_th"),
            "machine.price_usd": read_value(row, "price_usd", "machine.price_usd"),
        }
        hashrate, power, stated = (
            values[f"machine.{n}"] for n in ("hashrate_ths", "power_w", "efficiency_j_per_th")
        )
        if hashrate != hashrate:
            raise ValueError("hashrate_th: is missing")
        if power == power and stated == stated and abs(power / hashrate / stated - 1) > 0.05:
            raise ValueError(f"efficiency_j_th: {stated:g}, but power over hashrate is {power / hashrate:g}")
        for name in ("manufacturer", "category", "cooling", "confidence"):
            values[f"machine.{name}"] = read_text(row, name)
        known = known_when(row, at, at + SECONDS_PER_DAY, context)
        _put(out, context, f"{read_name(row, 'model')} @ {hashrate:g} TH/s", line, at, known, values)

    each_row(chunk, out, read)


def _release_s(text: str) -> int:
    """Return the last day of a release date as precise as the source gives it."""
    match = _MONTH.fullmatch(text)
    try:
        if match:
            year, month = int(match[1]), int(match[2] or 12)
            text = f"{year:04d}-{month:02d}-{monthrange(year, month)[1]:02d}"
        second = day_start_s(text)
    except ValueError:
        raise ValueError(f"release_date: {shown(text)} is not a date, month or year") from None
    try:
        not_before_first(second, text)
    except ValueError as error:
        raise ValueError(f"release_date: {error}") from None
    return second


def events(chunk: Chunk, context: Context, out: Gathered) -> None:
    """Read what happened, by company, day and kind of event."""

    def read(line: int, row: Row) -> None:
        at = read_day(row, "date", context)
        kind = read_name(row, "event")
        values: dict[str, Any] = {
            "event.kind": kind,
            "event.btc": read_value(row, "btc", "event.btc"),
            "event.usd": read_value(row, "usd", "event.usd"),
            "event.detail": read_text(row, "detail"),
            "event.source": read_text(row, "source"),
        }
        known = known_when(row, at, at + SECONDS_PER_DAY, context)
        _put(out, context, f"{read_name(row, 'company')}: {kind}", line, at, known, values)

    each_row(chunk, out, read)
