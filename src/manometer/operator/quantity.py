"""Quantities as people write them in an operator file: '32.5 J/TH', '55 USD/MWh', '12 MUSD', '90 days'.

A unit is always needed, so that 0.05 can never be read as 5 % or as 5 USD/MWh. Money may be in any currency
that the file gives a rate for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from ..errors import InputError, unknown_name

__all__ = ["MONEY", "UNITS", "Money", "example", "read_quantity"]

_YEAR = 365.25
_MONTH = _YEAR / 12

#: Canonical suffix -> unit as written -> factor. `$` stands for the currency, with k, M or bn before it.
UNITS: dict[str, dict[str, float]] = {
    "usd": {"$": 1.0},
    "usd_per_year": {"$/year": 1.0, "$/month": 12.0, "$/day": _YEAR},
    "usd_per_mwh": {"$/MWh": 1.0, "$/kWh": 1e3},
    "usd_per_kw_month": {"$/kW-month": 1.0, "$/MW-month": 1e-3},
    "usd_per_mw_year": {"$/MW-year": 1.0, "$/kW-year": 1e3, "$/kW-month": 12e3},
    "usd_per_mw": {"$/MW": 1.0, "$/kW": 1e3},
    "usd_per_ths": {"$/TH": 1.0, "$/TH/s": 1.0},
    "usd_per_share": {"$/share": 1.0, "$": 1.0},
    "usd_per_btc": {"$/BTC": 1.0, "$": 1.0},
    "usd_per_phs_day": {"$/PH/day": 1.0, "$/PH/s/day": 1.0},
    "btc": {"BTC": 1.0, "sat": 1e-8},
    "btc_per_day": {"BTC/day": 1.0},
    "btc_per_year": {"BTC/year": 1.0, "BTC/month": 12.0},
    "ths": {"TH/s": 1.0, "GH/s": 1e-3, "PH/s": 1e3, "EH/s": 1e6},
    "w": {"W": 1.0, "kW": 1e3},
    "mw": {"MW": 1.0, "kW": 1e-3, "W": 1e-6, "GW": 1e3},
    "j_per_th": {"J/TH": 1.0, "W/TH": 1.0},
    "frac": {"%": 1e-2, "bps": 1e-4},
    "frac_per_year": {"%/year": 1e-2, "%": 1e-2, "bps/year": 1e-4},
    "ratio": {"": 1.0, "x": 1.0},
    "days": {"days": 1.0, "day": 1.0, "weeks": 7.0, "week": 7.0, "months": _MONTH, "month": _MONTH,
             "years": _YEAR, "year": _YEAR},
    "hours": {"hours": 1.0, "hour": 1.0, "h": 1.0, "minutes": 1 / 60, "minute": 1 / 60},
    "shares": {"shares": 1.0, "kshares": 1e3, "Mshares": 1e6},
    "shares_per_day": {"shares/day": 1.0, "kshares/day": 1e3, "Mshares/day": 1e6},
    "db": {"dB": 1.0},
}  # fmt: skip

#: Suffixes that hold a currency.
MONEY = frozenset(s for s, units in UNITS.items() if any("$" in u for u in units))

_SCALES = {"k": 1e3, "M": 1e6, "bn": 1e9, "": 1.0}
_NUMBER = re.compile(
    r"([+-]?(?:\d[\d_,]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(.*)", re.ASCII | re.DOTALL
)
_CURRENCY = re.compile(r"(k|M|bn)?([A-Z]{3}|\$)(/.*)?", re.ASCII)


class Money(float):
    """An amount in USD at the file's opening rate, which remembers the currency that it is billed in."""

    __slots__ = ("currency",)
    currency: str

    def __new__(cls, value: float, currency: str = "USD") -> Money:
        """Make an amount of USD that is billed in a currency."""
        made = super().__new__(cls, value)
        made.currency = currency
        return made

    def __getnewargs__(self) -> tuple[float, str]:  # type: ignore[override]
        """Let a copy keep the currency."""
        return float(self), self.currency


def example(suffix: str) -> str:
    """Return how a quantity of a suffix is written, such as '55 USD/MWh'."""
    numbers = {
        "frac": 5,
        "frac_per_year": 10.75,
        "ratio": 1.05,
        "usd_per_mwh": 55,
        "days": 90,
        "j_per_th": 32.5,
    }
    unit = next(iter(UNITS[suffix])).replace("$", "USD")
    return f"{numbers.get(suffix, 12):g} {unit}".strip()


def read_quantity(
    value: object,
    suffix: str,
    *,
    rates: Mapping[str, float] | None = None,
    low: float = 0.0,
    high: float = math.inf,
) -> float:
    """Read one quantity into the canonical unit of its suffix.

    Parameters
    ----------
    value : object
        What the file holds: text, or a number that YAML read.
    suffix : str
        Key of `UNITS`.
    rates : mapping of str to float, optional
        Units of a currency that one USD buys; USD itself is always known.
    low, high : float
        Closed range in the canonical unit.

    Returns
    -------
    float
        `Money` where the suffix has a currency.

    Raises
    ------
    InputError
        There is no number or unit, the unit or currency is unknown, or the value is out of range.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise InputError(f"{_shown(value)} is not a quantity; write one such as '{example(suffix)}'")
    text = value.strip() if isinstance(value, str) else repr(value)
    match = _NUMBER.fullmatch(text)
    if not match:
        raise InputError(
            f"{_shown(value)} is not a number with a unit; write one such as '{example(suffix)}'"
        )
    number = float(re.sub(r"[_,]", "", match[1]))
    unit, currency, scale = " ".join(match[2].split()), "", 1.0
    if suffix in MONEY:
        unit, currency, scale = _currency(unit, suffix, rates or {})
    factor = _factor(unit, suffix, number, _shown(value))
    out = number * factor * scale
    if not math.isfinite(out):
        raise InputError(f"{_shown(value)} is not a finite number")
    if not low <= out <= high:
        one = factor * scale
        bound = f"at least {low / one:g}" if out < low else f"at most {high / one:g}"
        raise InputError(f"{_shown(value)} is out of range, must be {bound} {match[2].strip()}".rstrip())
    return Money(out, currency) if currency else out


def _currency(unit: str, suffix: str, rates: Mapping[str, float]) -> tuple[str, str, float]:
    """Return the unit with `$` for its currency, the currency, and USD per written unit."""
    if unit.casefold() in ("c/kwh", "cents/kwh", "ct/kwh"):
        return "$/kWh", "USD", 0.01
    match = _CURRENCY.fullmatch(unit)
    if not match:
        return unit, "USD", 1.0
    code = "USD" if match[2] == "$" else match[2]
    if code == "USD":
        per_usd = 1.0
    elif code in rates:
        per_usd = rates[code]
    elif code == "BTC":
        raise InputError(f"is in bitcoin, but this is money; write one such as '{example(suffix)}'")
    else:
        known = ", ".join(["USD", *sorted(rates)])
        raise InputError(
            f"currency {code} has no rate (known: {known}); add 'exchange: {{{code}: {{rate: ...}}}}'"
        )
    return "$" + (match[3] or ""), code, _SCALES[match[1] or ""] / per_usd


def _factor(unit: str, suffix: str, number: float, shown: str) -> float:
    units = UNITS[suffix]
    if unit in units:
        return units[unit]
    folded = {u.casefold(): f for u, f in units.items()}
    # k and M, W and w differ in case only where the field itself is careless.
    if unit.casefold() in folded and suffix not in ("shares", "shares_per_day"):
        return folded[unit.casefold()]
    known = [u.replace("$", "USD") or "no unit" for u in units]
    if not unit:
        written = known[0]
        shown_number = (
            f"{100 * number:g}" if suffix.startswith("frac") and abs(number) <= 1 else f"{number:g}"
        )
        raise InputError(f"{shown} has no unit; did you mean '{shown_number} {written}'?")
    raise InputError(str(unknown_name("unit", unit[:30].replace("$", "USD"), known)))


def _shown(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= 40 else text[:37] + "...")
