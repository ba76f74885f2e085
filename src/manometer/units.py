"""Constants, conversions and the table of unit suffixes: the only place where units meet literals.

Every number in a signature, column or JSON key ends with its unit. `SUFFIXES` maps a suffix to how people
write it; `parse_quantity` reads "55 USD/MWh", "5.5 c/kWh" or "32.5 J/TH" into the canonical float.
"""

from __future__ import annotations

import math
import re
from typing import Any

from .errors import InputError

__all__ = [
    "BLOCKS_PER_DAY",
    "HASHES_PER_DIFFICULTY_CUSTOMARY",
    "HASHES_PER_DIFFICULTY_EXACT",
    "HASHES_PER_EH",
    "HASHES_PER_PH",
    "HASHES_PER_TH",
    "SAT_PER_BTC",
    "SECONDS_PER_DAY",
    "SUFFIXES",
    "USD_PER_PHS_DAY_PER_USD_PER_MWH",
    "Z95",
    "fractional_year",
    "parse_quantity",
]

SECONDS_PER_DAY = 86_400
BLOCKS_PER_DAY = 144
SAT_PER_BTC = 100_000_000
HASHES_PER_TH = 1e12
HASHES_PER_PH = 1e15
HASHES_PER_EH = 1e18
#: Expected hashes per block at difficulty 1, as the field writes it ...
HASHES_PER_DIFFICULTY_CUSTOMARY = float(2**32)
#: ... and as the target of difficulty 1 (0xFFFF * 2**208) implies it: 0.0015 % more.
HASHES_PER_DIFFICULTY_EXACT = 2**48 / 65535
#: (J/TH) x (USD/MWh) -> USD per PH/s per day: 1000 TH x 86,400 s / 3.6e9 J per MWh.
USD_PER_PHS_DAY_PER_USD_PER_MWH = 1000 * SECONDS_PER_DAY / 3.6e9

#: Standard deviations to the 5 and 95 % ends of a normal distribution.
Z95 = 1.6448536269514722


def fractional_year(day: Any) -> Any:
    """Return the calendar year, with its fraction, of a day since 1970 (mean Gregorian years).

    Examples
    --------
    >>> round(fractional_year(365.2425 * 50.5), 6)
    2020.5
    """
    return 1970.0 + day / 365.2425


#: Canonical suffix -> spellings that mean it, each with the factor to canonical.
SUFFIXES: dict[str, dict[str, float]] = {
    "usd": {"usd": 1.0, "$": 1.0, "kusd": 1e3, "musd": 1e6},
    "btc": {"btc": 1.0, "sat": 1e-8},
    "ehs": {"eh/s": 1.0, "ph/s": 1e-3, "th/s": 1e-6, "h/s": 1e-18},
    "ths": {"th/s": 1.0, "gh/s": 1e-3, "ph/s": 1e3, "eh/s": 1e6},
    "w": {"w": 1.0, "kw": 1e3, "mw": 1e6},
    "j_per_th": {"j/th": 1.0, "w/th": 1.0, "j/gh": 1e3},
    "usd_per_mwh": {
        "usd/mwh": 1.0,
        "$/mwh": 1.0,
        "usd/kwh": 1e3,
        "$/kwh": 1e3,
        "c/kwh": 10.0,
        "cents/kwh": 10.0,
        "ct/kwh": 10.0,
    },
    "usd_per_phs_day": {"usd/ph/day": 1.0, "usd/ph/s/day": 1.0, "$/ph/day": 1.0, "usd/th/day": 1e3},
    "days": {"days": 1.0, "day": 1.0, "d": 1.0, "months": 365.25 / 12, "years": 365.25},
}

_QUANTITY = re.compile(r"\s*([+-]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(.*?)\s*", re.ASCII)


def parse_quantity(
    text: str | float, suffix: str, *, name: str = "value", low: float = 0.0, high: float = math.inf
) -> float:
    """Read a quantity that a person wrote into the canonical float of `suffix`.

    Parameters
    ----------
    text : str or float
        "55 USD/MWh", "5.5 c/kWh"; a bare number is already in the canonical unit, but for a power price
        under 1, which is taken for a price per kWh and refused.
    suffix : str
        Key of `SUFFIXES`, such as "usd_per_mwh".
    name : str
        What the quantity is, for the message.
    low, high : float
        Closed range of sensible values in the canonical unit.

    Raises
    ------
    InputError
        The text is no number, its unit is unknown, or the value is not finite or out of range.

    Examples
    --------
    >>> parse_quantity("5.5 c/kWh", "usd_per_mwh")
    55.0
    """
    units = SUFFIXES[suffix]
    canonical = next(iter(units))
    example = f"such as '55 {canonical.upper() if '/' not in canonical else _pretty(canonical)}'"
    if isinstance(text, str):
        match = _QUANTITY.fullmatch(text)
        if not match:
            raise InputError(f"{name}: {text[:40]!r} is not a number with a unit, {example}")
        value, unit = float(re.sub(r"[_,]", "", match[1])), match[2].casefold()
        if unit and unit not in units:
            known = ", ".join(_pretty(u) for u in units)
            raise InputError(f"{name}: unknown unit {match[2][:20]!r}; write one of {known}")
        value *= units[unit] if unit else 1.0
    else:
        value, unit = float(text), ""
    if suffix == "usd_per_mwh" and not unit and 0 < value < 1:
        raise InputError(
            f"{name}: {value:g} has no unit and is too small for USD/MWh; "
            f"write '{value:g} USD/kWh' or '{1000 * value:g} USD/MWh'"
        )
    if not math.isfinite(value):
        raise InputError(f"{name}: {text!r} is not a finite number")
    if not low <= value <= high:
        bound = f"at least {low:g}" if value < low else f"at most {high:g}"
        raise InputError(f"{name}: {value:g} {_pretty(canonical)} is out of range, must be {bound}")
    return value


def _pretty(unit: str) -> str:
    text = unit.upper()
    for wrong, right in (("MWH", "MWh"), ("KWH", "kWh"), ("/S", "/s"), ("/DAY", "/day"), ("C/", "c/")):
        text = text.replace(wrong, right)
    return text
