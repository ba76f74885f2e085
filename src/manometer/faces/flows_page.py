"""Flows side by side on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import words
from .gauge_page import first_line

__all__ = ["flows_page"]

_GREY = "bright_black"
_WIDE = 120
_MONTHS, _MANY_MONTHS = 6, 24
_MISSING = {
    "listed_sales": "no company figures; import a companies-monthly file",
    "vetted_volume": "no volume of these days; import an ohlcv-daily file",
    "all_venues_volume": "no volume of these days; import an ohlcv-daily file",
}
_COLUMNS = {
    "issuance_btc_per_day": "issued",
    "fees_btc_per_day": "fees",
    "listed_sales_btc_per_day": "listed sold",
    "n_companies": "listed",
    "vetted_volume_btc_per_day": "vetted",
    "all_venues_volume_btc_per_day": "all venues",
}


def flows_page(d: Mapping[str, Any], width: int, *, now_s: int, asked_s: int | None) -> RenderableType:
    """Lay out the flows with date and sample, the shares between them, and the last months."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("flow", no_wrap=True)
    table.add_column("BTC a day", justify="right", no_wrap=True)
    table.add_column("dates", no_wrap=True)
    table.add_column("sample")
    for name, row in d["flows"].items():
        if row is None:
            table.add_row(words.name(name), "", "", Text(_MISSING.get(name, "unknown"), style=_GREY))
        else:
            dates = f"{row['from']} to {row['to']}"
            table.add_row(words.name(name), _btc(row["btc_per_day"]), dates, row["sample"])
    parts: list[RenderableType] = [first_line(d, now_s, asked_s), Text(), table]
    if any(d["flows"][k] is None for k in ("vetted_volume", "all_venues_volume")):
        held = "; ".join(f"{_btc(v['btc_per_day'])} ({v['source']})" for v in d["packaged_volume"])
        parts.append(Text(f"\nWhat the cascade takes instead: {held}.", style=_GREY))
    if shares := _shares(d["shares"]):
        parts.append(Text(f"\n{shares}"))
    months = d["months"][-(_MANY_MONTHS if width >= _WIDE else _MONTHS) :]
    parts += [Text(), _months(months), Text(_NOTE, style=_GREY)]
    return Group(*parts)


_NOTE = (
    "\nBTC a day. listed sold: companies that published both what they mined and what they sold, counted "
    "under listed; a small sample, not the sector. vetted is a floor, all venues a ceiling that is inflated."
)


def _shares(s: Mapping[str, float | None]) -> str:
    parts = []
    if s["listed_sales_of_mined_frac"] is not None:
        parts.append(
            f"these companies sold {words.percent(s['listed_sales_of_mined_frac'])} of what they mined, "
            f"{words.percent(s['listed_sales_of_issuance_frac'])} of all that was issued"
        )
    for volume in ("vetted_volume", "all_venues_volume"):
        if (share := s[f"issuance_of_{volume}_frac"]) is not None:
            parts.append(f"issuance is {100 * share:.2g} % of {words.name(volume)}")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "." if text else ""


def _months(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("month", no_wrap=True)
    for name in _COLUMNS.values():
        table.add_column(name, justify="right")
    for r in rows:
        table.add_row(r["month"], *("" if r[k] is None else _btc(r[k]) for k in _COLUMNS))
    return table


def _btc(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
