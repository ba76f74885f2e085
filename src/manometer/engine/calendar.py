"""The days of a run, with what the calendar says of each."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["EPOCH", "Days", "add_months", "month_end"]

EPOCH = date(1970, 1, 1)
_FIRST_MONDAY = 4


@dataclass(frozen=True)
class Days:
    """Consecutive UTC days from `start`."""

    start: date
    n: int

    @cached_property
    def number(self) -> NDArray[np.int64]:
        """Days since 1970."""
        return (self.start - EPOCH).days + np.arange(self.n)

    @cached_property
    def _dates(self) -> NDArray[np.datetime64]:
        return np.datetime64(self.start) + np.arange(self.n)

    @cached_property
    def month(self) -> NDArray[np.int64]:
        """Month of the year, 1 to 12."""
        return self._dates.astype("datetime64[M]").astype(np.int64) % 12 + 1

    @cached_property
    def month_index(self) -> NDArray[np.int64]:
        """Calendar months since that of the first day."""
        months = self._dates.astype("datetime64[M]").astype(np.int64)
        return np.asarray(months - months[0])

    @cached_property
    def day_of_month(self) -> NDArray[np.int64]:
        """1 to 31."""
        return np.asarray((self._dates - self._dates.astype("datetime64[M]")).astype(np.int64) + 1)

    @cached_property
    def month_days(self) -> NDArray[np.int64]:
        """Days of the month."""
        months = self._dates.astype("datetime64[M]")
        ends = (months + 1).astype("datetime64[D]")
        return np.asarray((ends - months.astype("datetime64[D]")).astype(np.int64))

    @cached_property
    def ends_month(self) -> NDArray[np.bool_]:
        """Whether the day is the last of its month."""
        return np.asarray(self.day_of_month == self.month_days)

    @cached_property
    def ends_quarter(self) -> NDArray[np.bool_]:
        """Whether the day is the last of a calendar quarter."""
        return np.asarray(self.ends_month & (self.month % 3 == 0))

    @cached_property
    def ends_week(self) -> NDArray[np.bool_]:
        """Whether the day is a Sunday."""
        return np.asarray((self.number - _FIRST_MONDAY) % 7 == 6)

    @cached_property
    def anniversary(self) -> NDArray[np.int64]:
        """Whole years since the start."""
        years = np.array([d.year for d in (self.at(i) for i in range(self.n))])
        before = np.array(
            [(d.month, d.day) < (self.start.month, self.start.day) for d in map(self.at, range(self.n))]
        )
        return np.asarray(years - self.start.year - before)

    def at(self, i: int) -> date:
        """Return the i-th day; -1 is the last."""
        return self.start + timedelta(days=i if i >= 0 else self.n + i)

    def index(self, when: date) -> int:
        """Return which day a date is; negative before the start, n or more after the end."""
        return (when - self.start).days


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month; the 31st falls on the month's last day."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])
