"""What every section reads: one pulse of the store, its calendar, past cost curves, and extra data."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from manometer.network.assumptions import Assumptions
from manometer.network.curve import CostCurve
from manometer.network.history import initial_state, run_history
from manometer.network.outlook import OutlookInputs
from manometer.readings.pulse import Pulse, take_pulse
from manometer.signals.rolling import rolling_mean
from manometer.store import Store

from .rows import ROOT

__all__ = ["Context", "data_folder", "day_of", "take_context", "year_of"]

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]


def day_of(date: str) -> int:
    """Return an ISO date as days since 1970."""
    return int(np.datetime64(date, "D").astype(np.int64))


def year_of(date: str) -> float:
    """Return an ISO date as a year with its fraction, as the table of assumptions is read."""
    return 1970.0 + day_of(date) / 365.2425


def data_folder() -> Path | None:
    """Return the development data: MANOMETER_DATA, else ``../shared/data`` beside the project, else None."""
    named = os.environ.get("MANOMETER_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


@dataclass
class Context:
    """A reading of the whole record, and where data that are not shipped may lie.

    n_resamples : int
        Resamples of the block bootstrap.
    """

    store: Store
    pulse: Pulse
    data: Path | None
    n_resamples: int = 500

    @cached_property
    def day(self) -> NDArray[np.int64]:
        """Days since 1970, shape (n,), without gaps."""
        return self.pulse.market.inputs.day

    @cached_property
    def month_ehs(self) -> Floats:
        """Mean of the last 30 days of hashrate [EH/s]."""
        return rolling_mean(self.pulse.market.inputs.hashrate_ehs, 30)

    @cached_property
    def hashvalue(self) -> Floats:
        """Bitcoin per PH/s and day before the pool fee, at each day's difficulty, subsidy and fees."""
        x = self.pulse.market.inputs
        return x.hashprice_usd_per_phs_day / x.price_usd

    def index(self, date: str) -> int:
        """Return the place of a date."""
        k = day_of(date) - int(self.day[0])
        if not 0 <= k < len(self.day):
            raise IndexError(f"{date} is outside the record")
        return k

    def between(self, first: str, last: str) -> NDArray[np.bool_]:
        """Return the days from `first` to `last`, both included, as a mask."""
        return (self.day >= day_of(first)) & (self.day <= day_of(last))

    def curves(self, dates: Iterable[str]) -> dict[str, CostCurve]:
        """Return the cost curve in force on each date, central draw only, from one run through history."""
        wanted = {d: day_of(d) for d in dates}
        kept: dict[str, CostCurve] = {}

        def keep(curve: CostCurve) -> None:
            for date, day in wanted.items():
                if curve.day <= day:
                    kept[date] = curve

        inputs, one = self.pulse.market.inputs, Assumptions(1)
        first = int(inputs.day[0])
        run_history(inputs, self.pulse.releases, one, initial_state(one, first), max(wanted.values()), keep)
        return kept

    @cached_property
    def outlook_inputs(self) -> OutlookInputs:
        """Daily inputs of the walk-forward check."""
        x = self.pulse.market.inputs
        return OutlookInputs(
            day=x.day,
            price_usd=x.price_usd,
            hashrate_7d_ehs=rolling_mean(x.hashrate_ehs, 7),
            hashrate_30d_ehs=self.month_ehs,
            hashprice_7d=rolling_mean(x.hashprice_usd_per_phs_day, 7),
            median_cash_breakeven=self.pulse.rows["median_cash"],
        )


def take_context(store: Store, n_resamples: int = 500, progress: Progress | None = None) -> Context:
    """Take the pulse of a store's whole record."""
    return Context(store, take_pulse(store, progress=progress), data_folder(), n_resamples)
