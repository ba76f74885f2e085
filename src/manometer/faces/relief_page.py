"""Relief and recovery on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import words
from .gauge_page import first_line

__all__ = ["relief_page"]

_GREY = "bright_black"
_WIDE = 120
_TITLES = {"state": "By the state", "hash_ribbon": "By the hash ribbon"}
_LAMPS = {"revenue": "rev", "efficiency": "eff", "power_cost": "power", "balance_sheet": "bal"}


def relief_page(d: Mapping[str, Any], width: int, *, now_s: int, asked_s: int | None) -> RenderableType:
    """Lay out the spells of each kind, then the retargets of the newest spell."""
    lamps = ", ".join(f"{words.name(k)} {v}" for k, v in d["lamps"].items())
    parts: list[RenderableType] = [
        first_line(d, now_s, asked_s),
        Text(f"{d['state'].upper()} since {d['state_since']}; lamps: {lamps}."),
    ]
    for by, title in _TITLES.items():
        rows = [r for r in d["capitulations"] if r["by"] == by]
        head = Text(f"\n{title}", style="bold")
        head.append(f": {_says(d['summary'][by], d['from'])}", style="not bold")
        parts.append(head)
        if rows:
            parts.append(_spells(rows, width >= _WIDE))
    if d["within_luck"]:
        parts.append(
            Text(f"{d['within_luck']} ribbon capitulations within block luck are left out.", style=_GREY)
        )
    newest = max(
        (r for r in d["capitulations"] if r["retargets"]), key=lambda r: str(r["began"]), default=None
    )
    if newest is not None:
        title = f"\nRetargets of the newest, {newest['began']} by the {words.name(newest['by'])}"
        parts += [Text(title, style="bold"), _retargets(newest["retargets"])]
    parts.append(
        Text(
            "\nlamps: days from the start until green for a week after red; green: never red; red: not "
            "before the next, or not yet; +: red again later in the spell; grey: no data. bal is a proxy, "
            "power rests on assumed prices. cuts: retargets that lowered difficulty. gap: the fleet's median "
            "cash break-even less hashprice; blank: there was none.",
            style=_GREY,
        )
    )
    return Group(*parts)


def _says(s: Mapping[str, Any], first: str) -> str:
    if not s["n"]:
        return "none."
    if not s["n_ended"]:
        return f"{s['n']}, not over."
    if s["median_relief_days"] is None:
        return f"{s['n']} since {first}, {s['n_recovered']} ended in recovery, without relief before it."
    return (
        f"{s['n']} since {first}, {s['n_recovered']} ended in recovery; relief lasted a median "
        f"{words.days(s['median_relief_days'])} (at most {s['longest_relief_days']}); {s['n_relapsed']} lost "
        f"it again on the way. Difficulty was lower at the end in {s['n_difficulty_fell']}."
    )


def _spells(rows: list[dict[str, Any]], wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("began", no_wrap=True)
    table.add_column("recovered" if not wide else "over", no_wrap=True)
    table.add_column("relief d", justify="right")
    for name in _LAMPS.values():
        table.add_column(name, justify="right")
    table.add_column("cuts", justify="right")
    table.add_column("added", justify="right")
    table.add_column("of gap", justify="right")
    if wide:
        for name in ("hashprice", "by price", "by difficulty", "by reward", "stress again"):
            table.add_column(name, justify="right")
    for r in rows:
        cells = [
            r["began"],
            r["ended"] or "goes on",
            "" if r["days"]["relief"] is None else str(r["days"]["relief"]),
            *(_lamp(r["lamps"][k]) for k in _LAMPS),
            f"{r['n_cuts']}/{r['n_retargets']}",
            words.usd(r["cuts_added_usd_per_phs_day"]) if r["n_cuts"] else "",
            "" if r["gap_closed_frac"] is None else words.percent(r["gap_closed_frac"]),
        ]
        if wide:
            h = r["hashprice"]
            cells += [words.percent(h[k], sign=True) for k in _MOVED]
            cells.append(r["stress_again"] or "")
        table.add_row(*cells)
    return table


_MOVED = ("change_frac", "from_price_frac", "from_difficulty_frac", "from_reward_frac")


def _lamp(lamp: Mapping[str, Any]) -> str:
    if lamp["turned"] is not None:
        return f"{lamp['days']}{'+' if lamp['red_again'] else ''}"
    if lamp["stayed_green"]:
        return "green"
    return "grey" if lamp["at_start"] == "grey" else "red"


def _retargets(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("retarget", no_wrap=True)
    for name in ("difficulty", "hashprice", "added", "as price", "gap", "closed"):
        table.add_column(name, justify="right")
    for r in rows:
        gap = r["gap_usd_per_phs_day"]
        table.add_row(
            r["date"],
            words.percent(r["change_frac"], sign=True),
            words.usd(r["hashprice_before_usd_per_phs_day"]),
            words.usd(r["hashprice_delta_usd_per_phs_day"]),
            words.percent(r["price_equivalent_frac"], sign=True),
            "" if gap is None else words.usd(gap),
            "" if gap is None else words.percent(r["gap_closed_frac"], sign=True),
        )
    return table
