"""Price, difficulty, subsidy and fees by day: what an operator meets, wherever it comes from."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..chain import BLOCKS_PER_HALVING, subsidy_sat
from ..economics import hashprice, hashvalue
from ..errors import DataError, InputError, unknown_name
from ..units import BLOCKS_PER_DAY, SAT_PER_BTC

__all__ = ["DriverPath", "constant_path", "cut", "read_path_table", "replay_path", "shocked"]

Floats = NDArray[np.float64]

_MAX_DAYS = 36_525
_MAX_BYTES = 10_000_000
_EPOCH = date(1970, 1, 1)
_COLUMNS = ("date", "price_usd", "low_usd", "difficulty", "fees_btc")
_NEEDED = ("date", "price_usd", "difficulty")


@dataclass(frozen=True, slots=True)
class DriverPath:
    """What each day brings; every array has the days last, shape (..., n).

    Parameters
    ----------
    name : str
        Where it comes from, for the reader.
    day : (n,) consecutive days since 1970.
    price_usd, low_usd : close and lowest price of the day [USD per BTC]; the low is what loans are tested on.
    difficulty : in force at the end of the day.
    subsidy_btc : mean subsidy of the day's blocks.
    fees_btc : mean fees per block.
    low_is_close : whether no lows are known, so that the close stands in for them.
    power_factor : on hourly market prices of power, day by day; None: they are as the operator file has them.
    share_noise : what the logarithm of a share's price has moved beyond its beta to bitcoin; None: nothing.
    """

    name: str
    day: NDArray[np.int64]
    price_usd: Floats
    low_usd: Floats
    difficulty: Floats
    subsidy_btc: Floats
    fees_btc: Floats
    low_is_close: bool = False
    power_factor: Floats | None = None
    share_noise: Floats | None = None

    @property
    def hashvalue_btc_per_phs_day(self) -> Floats:
        """Bitcoin that one PH/s earns in a day, before the pool fee."""
        return np.asarray(
            hashvalue(difficulty=self.difficulty, subsidy_btc=self.subsidy_btc, fees_btc=self.fees_btc)
        )

    @property
    def hashprice_usd_per_phs_day(self) -> Floats:
        """Dollars that one PH/s earns in a day, before the pool fee."""
        return np.asarray(
            hashprice(
                price_usd=self.price_usd,
                difficulty=self.difficulty,
                subsidy_btc=self.subsidy_btc,
                fees_btc=self.fees_btc,
            )
        )


def constant_path(
    start: date, n_days: int, *, price_usd: float, difficulty: float, height: int, fees_btc: float = 0.0
) -> DriverPath:
    """Keep price, difficulty and fees as they are; the subsidy halves at its height.

    `height` is the first block of the first day; at a constant difficulty a day has 144 blocks. On the day of
    a halving the subsidy is the mean over its blocks.

    Raises
    ------
    InputError
        A number is out of range.
    """
    n = _days(n_days)
    for name, value in (("price_usd", price_usd), ("difficulty", difficulty)):
        if not (np.isfinite(value) and value > 0):
            raise InputError(f"{name}: {value} must be more than 0")
    if not (np.isfinite(fees_btc) and fees_btc >= 0):
        raise InputError(f"fees_btc: {fees_btc} must be 0 or more")
    price = np.full(n, float(price_usd))
    return DriverPath(
        name="constant",
        day=_day(start) + np.arange(n),
        price_usd=price,
        low_usd=price,
        difficulty=np.full(n, float(difficulty)),
        subsidy_btc=_subsidy_btc(height, n),
        fees_btc=np.full(n, float(fees_btc)),
        low_is_close=True,
    )


def replay_path(history: DriverPath, start: date, n_days: int) -> DriverPath:
    """Deal history again from a day on: a backtest is a path whose dealer is the past.

    Raises
    ------
    InputError
        The days asked for are not all in the history; it names the days that are.
    DataError
        A day within has no price or difficulty.
    """
    n = _days(n_days)
    first = int(_day(start) - history.day[0])
    if first < 0 or first + n > len(history.day):
        raise InputError(
            f"replay of {n} days from {start}: history goes from {_text(history.day[0])} "
            f"to {_text(history.day[-1])}; ask for days within it"
        )
    path = replace(cut(history, first, n), name=f"replay from {start}")
    for name in ("price_usd", "difficulty"):
        gap = np.flatnonzero(~np.isfinite(getattr(path, name)))
        if len(gap):
            raise DataError(f"replay from {start}: {name} is not known on {_text(path.day[gap[0]])}")
    return path


def cut(path: DriverPath, first: int, n: int) -> DriverPath:
    """Return `n` days of a path from its day `first` on.

    Raises
    ------
    InputError
        They are not all in the path.
    """
    end = len(path.day)
    if not (first >= 0 and n >= 1 and first + n <= end):
        raise InputError(
            f"{path.name}: goes from {_text(path.day[0])} to {_text(path.day[-1])}; {n} days from "
            f"{_text(path.day[0] + first)} are not all in it"
        )
    part = slice(first, first + n)
    return replace(
        path,
        day=path.day[part],
        price_usd=path.price_usd[..., part],
        low_usd=path.low_usd[..., part],
        difficulty=path.difficulty[..., part],
        subsidy_btc=path.subsidy_btc[..., part],
        fees_btc=path.fees_btc[..., part],
        power_factor=None if path.power_factor is None else path.power_factor[..., part],
        share_noise=None if path.share_noise is None else path.share_noise[..., part],
    )


def shocked(path: DriverPath, shock_frac: float) -> DriverPath:
    """Move every price of a path by a fraction (-0.2 is a fall of 20 %); difficulty stays.

    Raises
    ------
    InputError
        The fraction would leave no price.
    """
    if not (np.isfinite(shock_frac) and shock_frac > -1):
        raise InputError(f"shock {shock_frac}: give a fraction above -1, such as -0.2 for a fall of 20 %")
    return replace(
        path,
        name=f"{path.name}, price {shock_frac:+.0%}",
        price_usd=path.price_usd * (1 + shock_frac),
        low_usd=path.low_usd * (1 + shock_frac),
    )


def read_path_table(
    file: Path, *, height: int | Callable[[int], int], fees_btc: float | Callable[[int], float] = 0.0
) -> DriverPath:
    """Read a path from a CSV: date, price_usd, difficulty and, if known, low_usd and fees_btc.

    Days between two rows lie on a straight line of the logarithm (fees: of the number), so a monthly table is
    enough; nothing is carried past the last row. `height` is the first block of the first day, or gives that
    of a day since 1970; `fees_btc` likewise stands in for fees that no row gives.

    Raises
    ------
    InputError
        Names the line and what would be right.
    """
    rows = _read_rows(file)
    day = np.array([r[0] for r in rows], dtype=np.int64)
    days = np.arange(day[0], day[-1] + 1)
    _days(len(days))

    def line(column: int) -> Floats:
        return np.asarray(np.exp(np.interp(days, day, np.log([r[column] for r in rows]))))

    known = [r for r in rows if np.isfinite(r[4])]
    first = int(day[0])
    usual = 0.0 if known else fees_btc(first) if callable(fees_btc) else fees_btc
    lows = [r[2] for r in rows]
    price = line(1)
    low_known = all(np.isfinite(lows))
    return DriverPath(
        name=f"table {file.name}" + ("" if known else f", fees {usual:.3f} BTC a block as of its start"),
        day=days,
        price_usd=price,
        low_usd=np.minimum(line(2), price) if low_known else price,
        difficulty=line(3),
        subsidy_btc=_subsidy_btc(height(first) if callable(height) else height, len(days)),
        fees_btc=np.interp(days, [r[0] for r in known], [r[4] for r in known])
        if known
        else np.full(len(days), usual),
        low_is_close=not low_known,
    )


def read_price_table(file: Path) -> tuple[NDArray[np.int64], Floats]:
    """Read days since 1970 and prices from a CSV with date and price_usd, in order of date.

    Raises
    ------
    InputError
        Names the line and what would be right.
    """
    rows = _read_rows(file, ("date", "price_usd"))
    return np.array([r[0] for r in rows], dtype=np.int64), np.array([r[1] for r in rows])


def _read_rows(file: Path, needed: tuple[str, ...] = _NEEDED) -> list[tuple[int, float, float, float, float]]:
    """Return (day, price, low or NaN, difficulty or NaN, fees or NaN) of each row, in order of date."""
    try:
        with file.open("rb") as f:
            raw = f.read(_MAX_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{file}: is not UTF-8 text; give a CSV with {', '.join(needed)}") from None
    if len(raw) > _MAX_BYTES:
        raise InputError(f"{file}: is over {_MAX_BYTES / 1e6:.0f} MB; a path has a row a day at most")
    if "\0" in text:
        raise InputError(f"{file}: holds NUL bytes; give a CSV with {', '.join(needed)}")
    try:
        table = list(csv.reader(text.splitlines(), strict=True))
    except csv.Error as error:
        raise InputError(f"{file}: {error}") from None
    header = [c.strip() for c in table[0]] if table else []
    for column in header:
        if column not in _COLUMNS:
            raise InputError(f"{file}:1: {unknown_name('column', column, _COLUMNS)}")
    if missing := [c for c in needed if c not in header]:
        raise InputError(f"{file}:1: the column {missing[0]} is missing; needed: {', '.join(needed)}")
    if len(set(header)) < len(header):
        raise InputError(f"{file}:1: a column stands twice")
    out: list[tuple[int, float, float, float, float]] = []
    for number, cells in enumerate(table[1:], start=2):
        if not any(c.strip() for c in cells):
            continue
        where = f"{file}:{number}"
        if len(cells) != len(header):
            raise InputError(f"{where}: has {len(cells)} cells where the header has {len(header)}")
        row = dict(zip(header, (c.strip() for c in cells), strict=True))
        day = _date(row["date"], where)
        if out and day <= out[-1][0]:
            raise InputError(f"{where}: {row['date']} is not after the row before; sort by date, a row a day")
        price, difficulty = (
            _positive(row[c], f"{where}: {c}") if c in needed or row.get(c) else np.nan
            for c in ("price_usd", "difficulty")
        )
        low = _positive(row["low_usd"], f"{where}: low_usd") if row.get("low_usd") else np.nan
        if low > price:
            raise InputError(f"{where}: low_usd {low:g} is above price_usd {price:g}")
        fees = _positive(row["fees_btc"], f"{where}: fees_btc", zero=True) if row.get("fees_btc") else np.nan
        out.append((day, price, low, difficulty, fees))
    if not out:
        raise InputError(f"{file}: has no rows")
    return out


def _positive(text: str, where: str, zero: bool = False) -> float:
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value) or value < 0 or (value == 0 and not zero):
        raise InputError(f"{where}: {text!r} must be a number {'of 0 or more' if zero else 'above 0'}")
    return value


def _date(text: str, where: str) -> int:
    try:
        return (date.fromisoformat(text) - _EPOCH).days
    except ValueError:
        raise InputError(f"{where}: date {text!r} must be a day such as 2025-03-01") from None


def _subsidy_btc(height: int, n: int) -> Floats:
    """Mean subsidy of each day's 144 blocks, the first of which has `height`."""
    first = height + BLOCKS_PER_DAY * np.arange(n, dtype=np.int64)
    before, after = (
        np.asarray(subsidy_sat(h), dtype=np.float64) for h in (first, first + BLOCKS_PER_DAY - 1)
    )
    old = np.minimum(-first % BLOCKS_PER_HALVING, BLOCKS_PER_DAY) / BLOCKS_PER_DAY
    return np.asarray(np.where(before == after, before, old * before + (1 - old) * after) / SAT_PER_BTC)


def _days(n: int) -> int:
    if not 1 <= n <= _MAX_DAYS:
        raise InputError(f"{n} days: a path has 1 to {_MAX_DAYS} days")
    return n


def _day(start: date) -> int:
    if isinstance(start, datetime):
        start = start.astimezone(UTC).date()
    return (start - _EPOCH).days


def _text(day: int | np.int64) -> str:
    return (_EPOCH + timedelta(days=int(day))).isoformat()
