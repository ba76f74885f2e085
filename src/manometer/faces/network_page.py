"""The network on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import words
from .draw import bar
from .gauge_page import LAST_LINE, NO_FLEET, WIDE, costs, fleet_known

__all__ = ["network_page"]

_SHOWN = 5
_BAR = 10
_GAP = 4
_COMMITTED = "those above today's hashprice run on at a loss: commitment"


def network_page(d: Mapping[str, Any], width: int) -> RenderableType:
    """Lay the network out for a screen of `width` columns."""
    if not fleet_known(d):
        return Group(*_head(d)[:1], _hashrate(d), Text(NO_FLEET), Text(), Text(LAST_LINE, style="italic"))
    left = [costs(d, width), Text(), _settles(d), Text(), *_next(d)]
    if width >= WIDE:
        grid = Table.grid(padding=(0, _GAP, 0, 0))
        grid.add_column(width=width // 2 - _GAP)
        grid.add_column(width=width // 2)
        grid.add_row(Group(*left), _stress(d))
        body: list[RenderableType] = [grid]
    else:
        body = [*left, Text(), _stress(d)]
    return Group(*_head(d), Text(), *body, Text(), Text(LAST_LINE, style="italic"))


def _head(d: Mapping[str, Any]) -> list[Text]:
    first = Text(f"As of {d['last_day']}", style="bold")
    supposed = "supposed: " if d["supposed"] else ""
    first.append(
        f" · {supposed}{words.usd(d['price_usd'])} USD per BTC, hashprice "
        f"{words.usd(d['hashprice_usd_per_phs_day'])} USD per PH/s per day",
        style="not bold",
    )
    eff, m = d["efficiency_band_j_per_th"], d["marginal"]
    under = d["underwater"]["machines_frac"]["cash"]
    return [
        first,
        _hashrate(d).append(
            f" at {words.usd(d['efficiency_j_per_th'])} J/TH ({words.usd(eff['p05'])} to "
            f"{words.usd(eff['p95'])}); {words.percent(d['idle_frac'])} idle."
        ),
        Text(
            f"Under their cash cost: {words.percent(d['underwater_frac']['cash'])} of the hashrate, "
            f"{words.percent(under)} of the machines."
        ),
        Text(
            f"The marginal machine (at {m['quantile']:.0%} of what runs) is like the {m['model']}: "
            f"{words.usd(m['efficiency_j_per_th'])} J/TH at {words.usd(m['power_price_usd_per_mwh'])} "
            f"USD/MWh, off below a hashprice of {words.usd(m['avoidable_hashprice_usd_per_phs_day'])} USD."
        ),
    ]


def _hashrate(d: Mapping[str, Any]) -> Text:
    rate = d["hashrate_ehs"]
    unit = words.hashrate_unit(rate["mean"])
    low, high = (words.hashrate(rate[p], unit=unit, show=False) for p in ("p05", "p95"))
    return Text(f"Hashrate {words.hashrate(rate['mean'])} ({low} to {high})")


def _settles(d: Mapping[str, Any]) -> Table:
    """Where things stand, and where they would settle once the fleet has answered."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("at this price")
    for heading in ("hashrate", "difficulty", "hashprice"):
        table.add_column(heading, justify="right")
    for label, key in (("hashrate as it is", "partial"), ("fleet has answered", "equilibrium")):
        r = d[key]
        table.add_row(
            label,
            words.hashrate(r["hashrate_ehs"]),
            words.count(r["difficulty"]),
            words.usd(r["hashprice_usd_per_phs_day"]),
        )
    return table


def _next(d: Mapping[str, Any]) -> list[RenderableType]:
    out: list[RenderableType] = []
    fall = f"{d['fall_frac']:.0%}"
    go = d["next_to_go"]
    if go:
        table = _list(
            f"next to go\nif hashprice falls {fall}",
            ("hashrate", "machines", "paying\nUSD/MWh", "stands at\nhashprice"),
        )
        for r in go[:_SHOWN]:
            table.add_row(
                r["model"],
                words.hashrate(r["hashrate_ehs"]),
                words.count(r["n_machines"]),
                words.usd(r["power_price_usd_per_mwh"]),
                words.usd(r["breakeven_hashprice_usd_per_phs_day"]),
            )
        out += [table, *_rest(go)]
        now = d["hashprice_usd_per_phs_day"]
        if any(r["breakeven_hashprice_usd_per_phs_day"] > now for r in go[:_SHOWN]):
            out.append(Text(_COMMITTED, style="bright_black"))
    else:
        out.append(Text(f"Nobody leaves if hashprice falls {fall}."))
    out.append(Text())
    back = d["next_to_return"]
    if back:
        table = _list("next to return", ("hashrate", "at price\nUSD/BTC", "or power\nUSD/MWh", "or mode"))
        for r in back[:_SHOWN]:
            need = r["needs"]
            table.add_row(
                r["model"],
                words.hashrate(r["ehs"]),
                words.usd(need["price_usd"]),
                words.usd(need["power_price_usd_per_mwh"]),
                need["mode"] or "none",
            )
        out += [table, *_rest(back)]
    else:
        out.append(Text("No machines of note are idle and waiting to return."))
    return out


def _list(title: str, headings: tuple[str, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(title, no_wrap=True, overflow="ellipsis")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _rest(rows: list[Any]) -> list[Text]:
    more = len(rows) - _SHOWN
    return [Text(f"and {more} more classes (--json, --csv FILE)", style="bright_black")] if more > 0 else []


def _stress(d: Mapping[str, Any]) -> RenderableType:
    """Share under cash cost by generation, region and supply class."""
    stress = d["stress_map"]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("under cash cost by")
    table.add_column("of fleet", justify="right")
    table.add_column("under water", no_wrap=True)
    groups = [
        (
            "installed in",
            [
                (f"{g['year']} ({words.usd(g['efficiency_j_per_th'])} J/TH)", g)
                for g in stress["by_generation"]
            ],
        ),
        ("region", [(words.region(k), g) for k, g in stress["by_region"].items()]),
        ("power", [(words.name(k), g) for k, g in stress["by_supply_class"].items()]),
    ]
    for title, rows in groups:
        table.add_row(Text(title, style="bright_black"))
        for label, g in rows:
            cell = Text(bar(g["underwater_frac"], _BAR), style="red" if g["underwater_frac"] > 0.5 else "")
            cell.append(f" {words.percent(g['underwater_frac'])}", style="default")
            table.add_row(f"  {label}", words.percent(g["share_frac"]), cell)
    return table
