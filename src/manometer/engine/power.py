"""The price of power by the hour: what is billed, what an hour off saves, and when the site must rest."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..operator.quantity import Money
from ..operator.site import Power, PriceShape
from .calendar import Days

__all__ = [
    "SUMMER",
    "PowerHours",
    "contract_rates",
    "currency_of",
    "market_price",
    "peak_hours",
    "power_hours",
    "read_hourly",
    "tariff",
]

Floats = NDArray[np.float64]
SUMMER = (6, 7, 8, 9)
_MAX_BYTES = 50_000_000
_PEAK_HOUR = 16
_EVENING_HOUR = 19
_HOURS = np.arange(24)


@dataclass(frozen=True, slots=True)
class PowerHours:
    """Prices by day and hour, shape (n_days, h); h is 1 where nothing differs within a day, else 24.

    `billed` is what a used MWh costs, `avoidable` what an hour off saves, `spot` the market's price (NaN if
    there is none), `rest` the hours in which the contract or the coincident peak keeps the site off.
    """

    billed: Floats
    avoidable: Floats
    spot: Floats
    rest: NDArray[np.bool_]
    peak: NDArray[np.bool_]


def power_hours(
    power: Power,
    days: Days,
    series: Floats | None,
    currency_index: Floats,
    spot_factor: Floats | None = None,
) -> PowerHours:
    """Return the hours of a contract along some days.

    Parameters
    ----------
    series : (n_days, 24) hourly prices from a file, or None.
    currency_index : (n_days,) USD per unit of the contract's currency, 1 on the first day.
    spot_factor : (n_days,) on the market's price.
    """
    spot, own = market_price(power, days, series), tariff(power, days, series, currency_index)
    if spot_factor is not None:
        spot = spot * spot_factor[:, None]
    billed = (spot if power.contract == "indexed" else own) + power.adder_usd_per_mwh
    take = power.minimum.take_frac if power.minimum else 0.0
    avoidable = billed
    if power.resale:
        avoidable = np.maximum(spot - power.resale_cost_usd_per_mwh, 0.0) + power.adder_usd_per_mwh
    elif take:
        avoidable = (billed - power.adder_usd_per_mwh) * (1 - take) + power.adder_usd_per_mwh
    peak = peak_hours(power, days, spot.shape)
    rest = np.zeros(spot.shape, dtype=bool)
    if power.curtailment is not None:
        rest |= spot > power.curtailment.strike_usd_per_mwh
    if power.coincident_peak is not None and power.coincident_peak.avoid:
        rest |= peak
    return PowerHours(billed, avoidable, spot, rest, peak)


def _shape(power: Power, days: Days, series: Floats | None) -> tuple[int, int]:
    hourly = (
        series is not None
        or power.shape is not None
        or bool(power.tariffs)
        or power.coincident_peak is not None
    )
    return days.n, 24 if hourly else 1


def market_price(power: Power, days: Days, series: Floats | None) -> Floats:
    """Return the market's price by day and hour [USD per MWh]; NaN where the contract has none."""
    if series is not None:
        return series
    if power.shape is not None:
        return _shaped(power.shape, days)
    return np.full(_shape(power, days, series), np.nan)


def tariff(power: Power, days: Days, series: Floats | None, currency_index: Floats) -> Floats:
    """Return the contract's own price by day and hour [USD per MWh]; NaN where it has none."""
    shape = _shape(power, days, series)
    rise = (1 + power.yearly_change_frac) ** days.anniversary * currency_index
    own = np.full(shape, np.nan)
    if power.price_usd_per_mwh is not None:
        own = np.broadcast_to((power.price_usd_per_mwh * rise)[:, None], shape).copy()
    for part in power.tariffs:
        months = np.isin(days.month, part.months or tuple(range(1, 13)))
        where = np.ix_(np.flatnonzero(months), np.array(part.hours, dtype=np.int64))
        own[where] = (part.price_usd_per_mwh * rise[months])[:, None]
    return own


def peak_hours(power: Power, days: Days, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the hours that set a coincident-peak charge: assumed, on the first days of each peak month."""
    peak, terms = np.zeros(shape, dtype=bool), power.coincident_peak
    if terms is not None:
        summer = np.isin(days.month, terms.months or SUMMER)
        peak[:, _PEAK_HOUR] = summer & (days.day_of_month <= terms.hours_off_per_month)
    return peak


def _shaped(shape: PriceShape, days: Days) -> Floats:
    summer = np.isin(days.month, shape.peak_months or SUMMER)
    swing = 1 + shape.evening_swing_frac * np.cos(2 * np.pi * (_HOURS - _EVENING_HOUR) / 24)
    level = shape.mean_usd_per_mwh * np.where(summer, 1 + shape.summer_rise_frac, 1.0)
    out = level[:, None] * swing[None, :]
    # Spike hours lie two by two on successive evenings from the first of each peak month.
    for turn in range(2):
        n = (shape.spike_hours_per_month + 1 - turn) // 2
        out[summer & (days.day_of_month <= n), _EVENING_HOUR - turn] = shape.spike_usd_per_mwh
    return out


def read_hourly(file: Path, days: Days) -> Floats:
    """Read a CSV of hourly prices: time_local, usd_per_mwh; shape (n_days, 24).

    Local hours as they are printed: the hour that a clock skips takes the one before, of one that comes twice
    the last counts.

    Raises
    ------
    InputError
        Names the line; or an hour of the days asked for is missing.
    """
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise InputError(f"{file}: is over {_MAX_BYTES / 1e6:.0f} MB")
        rows = list(csv.reader(file.read_text("utf-8-sig").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file}: cannot be read: {error}") from None
    if not rows or [c.strip() for c in rows[0]] != ["time_local", "usd_per_mwh"]:
        raise InputError(f"{file}:1: the header must be time_local,usd_per_mwh")
    out = np.full((days.n, 24), np.nan)
    for number, cells in enumerate(rows[1:], start=2):
        try:
            (when, price) = cells
            day, hour = date.fromisoformat(when[:10]), int(when[11:13])
            row = (day - days.start).days
            if 0 <= row < days.n:
                out[row, hour] = float(price)
        except (ValueError, IndexError):
            raise InputError(
                f"{file}:{number}: must be a local time and a price, such as '2024-01-31T05:00,31.5'"
            ) from None
    for hour in range(1, 24):
        lost = np.isnan(out[:, hour])
        if lost.sum() <= days.n / 300 + 1:
            out[lost, hour] = out[lost, hour - 1]
    if not np.isfinite(out).all():
        first = days.at(int(np.argwhere(~np.isfinite(out))[0][0]))
        raise InputError(
            f"{file}: has no price for hours of {first}; the run needs {days.start} to {days.at(-1)}"
        )
    return out


def currency_of(amount: float | None) -> str:
    """Return the currency that an amount of the file is billed in."""
    return amount.currency if isinstance(amount, Money) else "USD"


def contract_rates(power: Power, days: Days, index: Mapping[str, Floats]) -> Floats:
    """Return by day what power not taken costs [USD per MWh] and what peak load does [USD per kW and month].

    The first rises and is exchanged as the contract's price is; shape (n_days, 2); 0 for none.
    """
    take, demand = power.price_usd_per_mwh, power.demand_charge_usd_per_kw_month
    rise = (1 + power.yearly_change_frac) ** days.anniversary
    steady = np.ones(days.n)
    return np.stack(
        [
            float(take or 0.0) * rise * index.get(currency_of(take), steady),
            float(demand) * index.get(currency_of(demand), steady),
        ],
        axis=1,
    )
