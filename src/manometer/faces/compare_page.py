"""Two operators side by side on one path."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import words
from .fleet_page import btc

__all__ = ["COMPARED", "COMPARED_AT_HOME", "compare_page"]

_DIM = "bright_black"
COMPARED = (
    ("total.mined_btc", "mined", "BTC"),
    ("total.retained_btc", "kept", "BTC"),
    ("total.earned_btc", "earned before growth", "BTC"),
    ("total.earned_after_growth_btc", "earned after growth", "BTC"),
    ("total.gap_btc", "kept beyond earned", "BTC"),
    ("total.net_btc", "net bitcoin at the end", "BTC"),
    ("total.cost_usd_per_btc.electricity", "cost: electricity", "USD/BTC"),
    ("total.cost_usd_per_btc.direct", "cost: direct", "USD/BTC"),
    ("total.cost_usd_per_btc.cash", "cost: cash", "USD/BTC"),
    ("total.cost_usd_per_btc.all_in", "cost: all in", "USD/BTC"),
    ("breakeven_hashprice_usd_per_phs_day", "break-even hashprice", "USD/PH/day"),
    ("runway_days", "days until a bill is missed", ""),
    ("total.buy_instead_btc.same_dates", "the same dollars on spot", "BTC"),
)

COMPARED_AT_HOME = (
    ("home.hashrate_ths", "hashrate", "TH/s"),
    ("home.power_cost_usd", "electricity", "USD"),
    ("home.heat_value_usd", "heat was worth", "USD"),
    ("home.net_cost_usd_per_month", "cost, net of heat", "USD/month"),
    ("home.block_chance_frac.year", "chance of a block in a year", "of 1"),
    ("home.pool_btc", "the pool credits", "BTC"),
    ("home.noise_db", "noise", "dB"),
)


def compare_page(views: list[dict[str, Any]], rows: list[dict[str, Any]]) -> RenderableType:
    """Put two statements side by side."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", header_style=_DIM)
    for v in views:
        table.add_column(v["operator"], justify="right", overflow="fold")
    table.add_column("", style=_DIM)
    for r in rows:
        write = btc if r["unit"] == "BTC" else words.usd
        cells = [
            "never" if r["key"] == "runway_days" and x is None else write(x)
            for x in (r["first"], r["second"])
        ]
        table.add_row(r["label"], *cells, r["unit"])
    path = f"{views[0]['first_day']} to {views[0]['last_day']}, {views[0]['path']}"
    return Group(Text(path, style=_DIM), table)
