"""What a result asks of each path, out of the columns that a run keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..economics.equity import net_btc
from ..operator.ledger_kinds import LINES, SOURCES
from ..results import earned, mean_of, retained, retention_frac
from ..units import SAT_PER_BTC

__all__ = ["PathFigures", "both", "waterfall"]

Floats = NDArray[np.float64]
_GONE = ("sold", "seized", "paid_out")


@dataclass(frozen=True)
class PathFigures:
    """Figures by path, each (n_paths,); a column is read when it is asked for."""

    column: Callable[[str], NDArray[Any]]

    def btc(self, name: str) -> Floats:
        """Return a column of satoshi as bitcoin."""
        return np.asarray(self.column(f"{name}_sat") / SAT_PER_BTC, dtype=np.float64)

    def usd(self, name: str) -> Floats:
        """Return a column of cents as dollars."""
        return np.asarray(self.column(name) / 100, dtype=np.float64)

    def _moved(self) -> dict[str, Floats]:
        return {name: self.btc(name) for name in ("mined", *_GONE)}

    def retained(self) -> Floats:
        """Return mined - sold - seized - paid out [BTC]."""
        return retained(**self._moved())

    def retention_frac(self) -> Floats:
        """Return the share of what was mined that was kept; NaN where nothing was mined."""
        return retention_frac(**self._moved())

    def earned(self, *, after_growth: bool = False) -> Floats:
        """Return what its own business could keep [BTC]: mined less its own bills as coins of their day."""
        growth = self.column("growth_btc") if after_growth else 0.0
        return earned(mined=self.btc("mined"), own_bills=self.column("own_btc"), growth=growth)

    def end_price_usd(self) -> Floats:
        """Return the last close."""
        return np.asarray(self.column("end_price_usd"), dtype=np.float64)

    def net(self) -> Floats:
        """Return coins + (cash - debt) / price at the end [BTC]."""
        return np.asarray(
            net_btc(
                coins_btc=self.btc("owned"),
                cash_usd=self.usd("cash_cents"),
                debt_usd=self.usd("debt_cents"),
                price_usd=self.end_price_usd(),
            )
        )

    def net_of_all(self) -> Floats:
        """Return the same with money others hold for it, less its unpaid bills: what levers rank by."""
        return np.asarray(
            net_btc(
                coins_btc=self.btc("owned"),
                cash_usd=self.usd("cash_cents") + self.usd("held_cents"),
                debt_usd=self.usd("debt_cents") + self.usd("payable_cents"),
                price_usd=self.end_price_usd(),
            )
        )

    def spot(self) -> dict[str, Floats]:
        """Return the coins that the same dollars would have bought: on their days, and all on the first."""
        return {
            "same_dates": np.asarray(self.column("spent_btc"), dtype=np.float64),
            "day_one": self.usd("spent_cents") / self.column("first_price_usd"),
        }

    def runway(self) -> Floats:
        """Return days until what is due cannot be met, free coins after their haircut; infinity if never."""
        ends = np.stack([self.column(f"first_day.{k}") for k in ("runway", "shortfall")])
        return np.asarray(np.where(ends < 0, np.inf, ends).min(axis=0))

    def survived(self) -> NDArray[np.bool_]:
        """Return on which paths every bill was met."""
        return np.asarray(self.column("first_day.shortfall") < 0)


def both(x: NDArray[Any]) -> dict[str, float | None]:
    """Return a mean over paths and its standard error."""
    e = mean_of(x)
    return {"mean": e.value, "se": e.se}


def waterfall(f: PathFigures) -> dict[str, Any]:
    """Return where each mined bitcoin went, means over paths: retained + sold + seized + paid out = mined."""
    return {
        "mined": both(f.btc("mined")),
        "retained": both(f.retained()),
        "sold_for": {k: both(f.column(f"sold_for_btc.{k}")) for k in LINES},
        "kept_as_cash": both(f.column("kept_as_cash_btc")),
        "seized": both(f.btc("seized")),
        "paid_out": both(f.btc("paid_out")),
        "sources_usd": {k: both(f.usd(f"sources_cents.{k}")) for k in SOURCES},
        "uses_usd": {k: both(f.usd(f"uses_cents.{k}")) for k in LINES},
    }
