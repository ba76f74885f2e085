"""The sections of the scorecard in the order in which they are printed; a new feature adds its own here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .chain import hashprice_rows, retarget_rows
from .companies import cost_rows, fleet_rows, production_rows
from .context import Context
from .filings import filing_rows
from .loans import loan_rows
from .operators import operator_rows
from .outlook import outlook_rows, switched_off_rows
from .retarget import hashrate_ahead_rows, retarget_forecast_rows
from .rows import Row
from .simulation import simulation_rows
from .timeline import state_rows
from .warning import warning_rows

__all__ = ["SECTIONS", "score"]

SECTIONS: dict[str, Callable[[Context], Iterator[Row]]] = {
    "retargets": retarget_rows,
    "hashprice": hashprice_rows,
    "production": production_rows,
    "costs": cost_rows,
    "fleet": fleet_rows,
    "states": state_rows,
    "outlook": outlook_rows,
    "switched off": switched_off_rows,
    "warning": warning_rows,
    "operators": operator_rows,
    "filings": filing_rows,
    "loans": loan_rows,
    "simulation": simulation_rows,
    "retarget forecast": retarget_forecast_rows,
    "hashrate ahead": hashrate_ahead_rows,
}


def score(context: Context, done: Callable[[str], None] | None = None) -> list[Row]:
    """Fill every section, telling `done` the name of each as it is finished."""
    rows: list[Row] = []
    for name, section in SECTIONS.items():
        rows.extend(section(context))
        if done is not None:
            done(name)
    return rows
