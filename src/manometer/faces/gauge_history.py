"""``manometer gauge --history``: the whole daily reading as a table, and as a picture."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..network.curve import LAYERS
from ..signals.lamps import lamp_colour

if TYPE_CHECKING:
    from ..readings.pulse import Pulse

__all__ = ["check_folder", "history_table", "write_history"]

_EXACT = "%.12g"
_ROUNDED = "%.6g"


def check_folder(folder: Path) -> None:
    """Make the folder before anything is computed.

    Raises
    ------
    InputError
        The folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot make the folder {folder}: {_reason(error)}") from None


def write_history(pulse: Pulse, folder: Path) -> list[Path]:
    """Write history.csv, history.png, history.svg and history-dark.png; return their paths.

    Without matplotlib there is the table alone.

    Raises
    ------
    InputError
        A file cannot be written.
    """
    from importlib.util import find_spec

    table = folder / "history.csv"
    try:
        columns = history_table(pulse)
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        if find_spec("matplotlib") is None:
            return [table]
        from .gauge_picture import draw_history

        return [table, *draw_history(pulse, folder)]
    except OSError as error:
        raise InputError(f"cannot write to {folder}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def history_table(pulse: Pulse) -> dict[str, list[str]]:
    """Return one column of text per series, each with a value per day; blank where unknown."""
    x = pulse.market.inputs
    numbers: dict[str, NDArray[np.float64]] = {
        "hashprice_usd_per_phs_day": x.hashprice_usd_per_phs_day,
        "network_hashrate_ehs": pulse.nowcast.mean_ehs,
        "network_hashrate_p05_ehs": pulse.nowcast.p05_ehs,
        "network_hashrate_p95_ehs": pulse.nowcast.p95_ehs,
        "pressure": pulse.pressure,
        **{f"part_{k}": v for k, v in pulse.parts.items()},
        "margin_over_median_cash": pulse.margin,
        "efficiency_j_per_th": pulse.rows["efficiency_j_per_th"],
        "idle_frac": pulse.rows["idle_frac"],
        **{f"underwater_{k}_frac": pulse.rows[f"underwater_{k}"] for k in LAYERS},
        **{f"mean_cost_{k}_usd_per_btc": pulse.cost_usd_per_btc(f"mean_{k}") for k in LAYERS},
        "hash_ribbon_ratio": pulse.ribbon.ratio,
        "hashrate_drawdown_frac": pulse.hashrate_drawdown,
    }
    return {
        "date": [str(d) for d in x.day.astype("datetime64[D]")],
        "price_usd": _text(x.price_usd, _EXACT),
        "difficulty": _text(x.difficulty, _EXACT),
        "state": [str(s) for s in pulse.states.state],
        "dislocation": [str(bool(v)).lower() for v in pulse.dislocation],
        **{f"lamp_{k}": [lamp_colour(float(v)) for v in lit] for k, lit in pulse.lamps.items()},
        "hash_ribbon_state": [str(s) for s in pulse.ribbon.state],
        **{k: _text(v, _ROUNDED) for k, v in numbers.items()},
    }


def _text(values: NDArray[np.float64], pattern: str) -> list[str]:
    return [pattern % v if np.isfinite(v) else "" for v in values.tolist()]
