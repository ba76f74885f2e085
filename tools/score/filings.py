"""Energy and cost of a company from its production alone, and cost to mine by its own definition."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from manometer.economics import CostDefinition, cost_to_mine, hashcost

from .context import Context
from .rows import Row, read_published

__all__ = ["definition_of", "filing_rows"]

_ASSUMED_OVERHEAD = 1.05  # until a quarter has been metered; the operator's default
_ENERGY_WITHIN, _COST_WITHIN = 0.05, 0.06
_DOLLAR = 1.0
_SECTION = "filings"


def definition_of(text: str) -> CostDefinition:
    """Read a definition such as "+power +other_direct -credits".

    Raises
    ------
    KeyError
        It holds a line that is no switch.
    """
    switches = {"-credits": "net_of_credits", "+depreciation": "with_depreciation"}
    terms = [t for t in text.split() if t not in ("+power", "+other_direct")]
    return CostDefinition(**{"net_of_credits": False, **{switches[t]: True for t in terms}})


def filing_rows(c: Context) -> Iterator[Row]:
    """Judge printed cost to the dollar, and energy and cost as they follow from production and nameplate."""
    ratios: list[float] = []
    for r in read_published("score_cost_to_mine.csv"):
        quarter = f"{r['ticker']} {r['last'][:7]}"
        yield _printed(r, quarter)
        if r["mwh"]:
            overhead = float(np.mean(ratios)) if ratios else _ASSUMED_OVERHEAD
            nameplate = _nameplate_mwh(c, r)
            yield from _from_production(r, quarter, nameplate, overhead)
            ratios.append(float(r["mwh"]) / nameplate)


def _printed(r: dict[str, str], quarter: str) -> Row:
    lines = {f"{k}_usd": float(r[k] or 0) for k in ("power", "other_direct", "credits")}
    btc, printed = float(r["btc"]), float(r["printed_usd_per_btc"])
    over = 1.0 if r["lines_unit"] == "USD/BTC" else btc
    ours = float(cost_to_mine(**lines, mined_btc=over, definition=definition_of(r["definition"])))
    half = ours * 0.5 / btc
    off = abs(ours - printed) > _DOLLAR
    rounding = off and abs(ours - printed) <= half
    return Row(
        _SECTION,
        f"{quarter} printed cost to mine",
        ours,
        printed,
        "USD/BTC",
        ours / printed - 1,
        r["source"],
        None if rounding else not off,
        f"{r['definition']}, before depreciation"
        + (f"; not to the dollar: half a bitcoin of rounding is {half:.0f} USD" if rounding else ""),
    )


def _nameplate_mwh(c: Context, r: dict[str, str]) -> float:
    """Energy that the hashes behind the production need at the nameplate: PH/s x days x J/TH x 0.024."""
    days = c.between(r["first"], r["last"])
    phs_days = float(r["btc"]) * int(days.sum()) / float(c.hashvalue[days].sum())
    efficiency = float(r["nameplate_j_per_th"])
    return phs_days * float(hashcost(efficiency_j_per_th=efficiency, power_price_usd_per_mwh=1.0))


def _from_production(r: dict[str, str], quarter: str, nameplate_mwh: float, overhead: float) -> Iterator[Row]:
    metered, printed = float(r["mwh"]), float(r["printed_usd_per_btc"])
    mwh = nameplate_mwh * overhead
    cost = mwh * float(r["power_usd_per_mwh"]) / float(r["btc"]) + float(r["other_direct"])
    known = "assumed" if overhead == _ASSUMED_OVERHEAD else "mean of earlier quarters"
    for name, ours, published, unit, within in (
        ("energy from production", mwh, metered, "MWh", _ENERGY_WITHIN),
        ("cost from production", cost, printed, "USD/BTC", _COST_WITHIN),
    ):
        error = ours / published - 1
        yield Row(
            _SECTION,
            f"{quarter} {name}",
            ours,
            published,
            unit,
            error,
            r["source"],
            abs(error) <= within,
            f"overhead {overhead:.3f}, {known}; energy at nameplate alone {nameplate_mwh / metered - 1:+.1%}",
        )
