"""Print the scorecard: one table by section, for narrow and wide screens."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .rows import Row

__all__ = ["print_table"]

_WIDE = 120
_MARK = {True: Text("ok", "green"), False: Text("FAIL", "bold red"), None: Text("")}


def print_table(console: Console, rows: list[Row]) -> None:
    """Print every row; a wide screen also gets notes and sources."""
    wide = console.width >= _WIDE
    table = Table(title="Scorecard of truth", expand=wide, box=None, pad_edge=False, title_justify="left")
    table.add_column("item", ratio=4 if wide else None, overflow="fold")
    for name in ("ours", "published"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("unit", overflow="fold", max_width=26 if wide else 11)
    table.add_column("error", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    if wide:
        table.add_column("note and source", ratio=7, overflow="fold")
    section = None
    for r in rows:
        if r.section != section:
            section = r.section
            table.add_row(Text(section.upper(), "bold cyan"))
        cells: list[Text | str] = [r.item, *_values(r), r.unit, _percent(r.error_frac), _MARK[r.passed]]
        if wide:
            cells.append(Text("; ".join(t for t in (r.note, r.source) if t), "dim"))
        table.add_row(*cells)
    console.print(table)


def _values(r: Row) -> tuple[str, str]:
    if r.ours is None and r.note.startswith("needs"):
        return " ".join(r.note.split()[:2]), _number(r.published)
    ours = _number(r.ours)
    if r.interval is not None:
        ours += "\n{} to {}".format(*map(_number, r.interval))
    return ours, _number(r.published)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 10 or value == int(value):
        return f"{value:.4g}"
    return f"{value:.3f}" if size >= 0.001 else f"{value:.4g}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:+.2%}" if abs(value) < 0.1 else f"{value:+.0%}"
