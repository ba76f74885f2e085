"""Numbers as people read them: thousands separated, sensible digits, always a unit, "unknown" for none."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["band", "count", "date", "days", "hashrate", "instant", "money", "name", "percent", "usd"]

UNKNOWN = "unknown"
_HASHRATE_UNITS = (("EH/s", 1.0), ("PH/s", 1e3), ("TH/s", 1e6), ("GH/s", 1e9), ("MH/s", 1e12), ("kH/s", 1e15))
_SECONDS_PER_DAY = 86_400


def usd(value: float | None) -> str:
    """Write a number of dollars: whole above 1,000, cents below, three digits under one."""
    if value is None:
        return UNKNOWN
    size = abs(value)
    if size < 1e-9:
        return "0"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if size >= 1 or value == 0 else f"{value:.3g}"


def money(value: float | None) -> str:
    """Write a sum of dollars with its unit, in thousands or millions where it is large."""
    if value is None:
        return UNKNOWN
    for size, unit in ((1e9, "bn USD"), (1e6, "M USD"), (1e3, "k USD")):
        if abs(value) >= size:
            return f"{value / size:,.1f} {unit}"
    return f"{usd(value)} USD"


def percent(frac: float | None, *, sign: bool = False, unit: bool = True) -> str:
    """Write a share in percent; large ones without decimals."""
    if frac is None:
        return UNKNOWN
    value = 100 * frac
    digits = 0 if abs(value) >= 99.95 else 1
    text = f"{value:{'+' if sign else ''},.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("+-")
    return f"{text} %" if unit else text


def band(low: float | None, high: float | None) -> str:
    """Write the range of a share in percent, in brackets; nothing where it is unknown."""
    if low is None or high is None:
        return ""
    sign = low < 0
    return f"({percent(low, unit=False, sign=sign)} to {percent(high, unit=False, sign=sign)} %)"


def hashrate(ehs: float | None, *, unit: str | None = None, show: bool = True) -> str:
    """Write a hashrate in the unit that suits its size, or in a given one."""
    if ehs is None:
        return UNKNOWN
    name, factor = _hashrate_unit(ehs, unit)
    value = ehs * factor
    size = abs(value)
    text = f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"
    return f"{text} {name}" if show else text


def _hashrate_unit(ehs: float, unit: str | None) -> tuple[str, float]:
    for name, factor in _HASHRATE_UNITS:
        if name == unit or (unit is None and abs(ehs) * factor >= 1):
            return name, factor
    return _HASHRATE_UNITS[0] if unit is None and ehs == 0 else _HASHRATE_UNITS[-1]


def hashrate_unit(ehs: float | None) -> str:
    """Name the unit in which a hashrate reads best."""
    return _hashrate_unit(ehs or 0.0, None)[0]


def count(value: float | None) -> str:
    """Write a count."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def days(n: float, what: str = "day") -> str:
    """Write a number of days."""
    return f"{n:,.0f} {what}" + ("" if round(n) == 1 else "s")


def date(instant_utc: str) -> str:
    """Return the day of an instant."""
    return instant_utc[:10]


def instant(instant_utc: str) -> str:
    """Write an instant as people do: to the minute."""
    return f"{instant_utc[:10]} {instant_utc[11:16]} UTC"


def seconds_of(instant_utc: str) -> int:
    """Return an instant in seconds since 1970."""
    return int(datetime.fromisoformat(instant_utc).astimezone(UTC).timestamp())


def days_between(first_utc: str, second: str | int) -> int:
    """Return the whole days from one instant to another."""
    last = second if isinstance(second, int) else seconds_of(second)
    return (last - seconds_of(first_utc)) // _SECONDS_PER_DAY


def region(key: str) -> str:
    """Write the key of a region as its name."""
    return key.upper() if len(key) == 2 else name(key).title()


def name(key: str) -> str:
    """Write a key as words."""
    return {"all_in": "all-in"}.get(key, key.replace("_", " "))
