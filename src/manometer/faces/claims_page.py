"""The ledger of claims on one screen, and one claim with its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from . import words
from .gauge_page import first_line
from .screen import flat

__all__ = ["claims_page"]

_GREY = "bright_black"
_STYLES = {"holds": "green", "does not hold": "red", "cannot be told": "yellow"}
_SHOWN = 24
_STUDY = (
    "horizon_days",
    "n",
    "n_independent",
    "mean_return_frac",
    "ci_low",
    "ci_high",
    "random_mean_frac",
    "p_holm_of_claim",
    "p_holm",
    "median_drawdown_frac",
)
_INDENT = (0, 0, 0, 2)


def claims_page(d: Mapping[str, Any], one: bool, *, now_s: int, asked_s: int | None) -> RenderableType:
    """Lay out each claim with its verdict and finding; of one alone, its test and figures too."""
    parts: list[RenderableType] = [first_line(d, now_s, asked_s)]
    for row in d["claims"]:
        head = Text(f"\n{row['verdict'].upper()}", style=f"bold {_STYLES[row['verdict']]}")
        head.append(f"  {row['says']}", style="default bold")
        said = ", ".join(v for v in (row["said_by"], row["said_on"], row["where"]) if v)
        said = f"said by {said}" if said else "in circulation, no dated source found"
        parts += [
            head,
            Padding(Text(row["finding"]), _INDENT),
            Padding(Text(f"{row['name']}; {said}; sample: {row['sample']}", style=_GREY), _INDENT),
        ]
        if one:
            parts += [
                Padding(Text(f"test: {row['test']}"), _INDENT),
                Padding(Text(f"computation: {row['computation']}"), _INDENT),
                Text(),
                *_figures(row["figures"], ""),
            ]
    if not one:
        hour = words.instant(d["as_of_utc"])
        note = f"\nAt {words.usd(d['price_usd'])} USD, {hour}. Test and figures: manometer claims NAME"
        parts.append(Text(note, style=_GREY))
    return Group(*parts)


def _figures(figures: Mapping[str, Any], prefix: str) -> list[RenderableType]:
    """Return the figures of a claim: plain values in one table, each list of rows in its own."""
    parts: list[RenderableType] = []
    plain = {k: v for k, v in figures.items() if not isinstance(v, Mapping | list)}
    if plain:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        for key, value in plain.items():
            table.add_row(words.name(key), _cell(key, value))
        parts += [Text(prefix, style="bold")] if prefix else []
        parts.append(table)
    for key, value in figures.items():
        title = f"{prefix} {words.name(key)}".strip()
        if isinstance(value, Mapping):
            parts += _figures(value, title)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            parts += [Text(title, style="bold"), _rows([flat(v) for v in value])]
        elif isinstance(value, list):
            parts.append(Text(f"{title}: {', '.join(_cell(key, v) for v in value) or 'none'}"))
    return parts


def _rows(rows: list[dict[str, Any]]) -> Table:
    """Return rows as a table: of a study the columns that decide, of a long list the newest rows."""
    columns = [k for k in rows[0] if k != "kind"]
    if "horizon_days" in columns:
        columns = [k for k in _STUDY if k in columns]
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for c in columns:
        name = words.name(c).removesuffix(" frac").removesuffix(" usd")
        table.add_column(name, justify="left" if isinstance(rows[0][c], str) else "right")
    for r in rows[-_SHOWN:]:
        table.add_row(*(_cell(c, r[c]) for c in columns))
    if len(rows) > _SHOWN:
        table.caption, table.caption_justify = f"newest {_SHOWN} of {len(rows)}; all in --json", "left"
    return table


def _cell(key: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if key.endswith("_frac") or key.startswith("ci_"):
            return words.percent(value)
        return words.usd(value) if key.endswith(("_usd", "_btc")) else f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
