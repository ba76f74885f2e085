"""A report as a workbook: numbers as numbers, sums as live formulas, names as text and never as formulas."""

from __future__ import annotations

import io
from typing import Any

from ..errors import InputError
from .report import Report
from .screen import flat, plain

__all__ = ["xlsx_of"]

_MONTHS = (
    "mined_btc",
    "sold_btc",
    "seized_btc",
    "paid_out_btc",
    "retained_btc",
    "earned_btc",
    "earned_after_growth_btc",
)
_ENDS = ("held_btc", "free_btc", "pledged_btc", "cash_usd", "debt_usd", "price_usd")
_COSTS = ("electricity", "direct", "cash", "all_in")
_FIRST = 2


def xlsx_of(report: Report) -> bytes:
    """Return the workbook.

    Raises
    ------
    InputError
        The library that writes it is not installed.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise InputError("an XLSX report needs XlsxWriter: pip install 'manometer[report]'") from None
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("Summary")
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 4, 20)
        for k, line in enumerate((report.title, report.question, report.terms, report.lead)):
            sheet.write_string(k, 0, line, bold if k == 0 else None)
        at = 5
        for s in report.sections:
            sheet.write_string(at, 0, s.title, bold)
            rows = [(b.label, b.text) for b in s.bars] if s.bars and not s.rows else [s.columns, *s.rows]
            for row in rows:
                at += 1
                for column, text in enumerate(row):
                    sheet.write_string(at, column, text)
            at += 2
        if report.data.get("kind") != "home":
            _months(book, report.data, bold)
            _table(book, "Triggers", report.data["triggers"], bold)
            _table(book, "Events", report.data["events"], bold)
            _table(book, "All figures", [flat(m) for m in report.data["months"]], bold)
    return buffer.getvalue()


def _months(book: Any, d: dict[str, Any], bold: Any) -> None:
    """Write the months, with kept, totals and costs per bitcoin as formulas that hold their values."""
    sheet = book.add_worksheet("Months")
    sheet.set_column(0, 30, 16)
    sheet.freeze_panes(_FIRST, 1)
    head = (
        "month",
        *_MONTHS,
        *_ENDS,
        *(f"cost_usd.{k}" for k in _COSTS),
        *(f"cost_usd_per_btc.{k}" for k in _COSTS),
    )
    sheet.write_string(0, 0, "Sums and ratios are formulas: change a cell and they follow.")
    for k, text in enumerate(head):
        sheet.write_string(_FIRST - 1, k, text, bold)
    mined, kept = 1, 1 + _MONTHS.index("retained_btc")
    cost = 1 + len(_MONTHS) + len(_ENDS)
    rows = [*d["months"], {"month": "total", **d["total"]}]
    last = _FIRST + len(d["months"]) - 1
    for k, m in enumerate(rows):
        row, total = _FIRST + k, k == len(rows) - 1
        sheet.write_string(row, 0, m["month"], bold if total else None)
        for i, key in enumerate(_MONTHS):
            column = 1 + i
            if column == kept:
                a, b, c, e = (_cell(row, x) for x in range(1, 5))
                sheet.write_formula(row, column, f"={a}-{b}-{c}-{e}", None, m[key])
            elif total:
                sheet.write_formula(
                    row, column, f"=SUM({_cell(_FIRST, column)}:{_cell(last, column)})", None, m[key]
                )
            else:
                sheet.write_number(row, column, m[key])
        for i, key in enumerate(_ENDS):
            sheet.write_number(row, 1 + len(_MONTHS) + i, m[key])
        for i, key in enumerate(_COSTS):
            column = cost + i
            if total:
                sheet.write_formula(
                    row,
                    column,
                    f"=SUM({_cell(_FIRST, column)}:{_cell(last, column)})",
                    None,
                    m["cost_usd"][key],
                )
            else:
                sheet.write_number(row, column, m["cost_usd"][key])
            each = m["cost_usd_per_btc"][key]
            formula = f'=IF({_cell(row, mined)}>0,{_cell(row, column)}/{_cell(row, mined)},"")'
            sheet.write_formula(row, column + len(_COSTS), formula, None, "" if each is None else each)


def _cell(row: int, column: int) -> str:
    letters, n = "", column
    while n >= 0:
        letters, n = chr(65 + n % 26) + letters, n // 26 - 1
    return f"{letters}{row + 1}"


def _table(book: Any, name: str, rows: list[dict[str, Any]], bold: Any) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 40, 18)
    columns = list(dict.fromkeys(k for row in rows for k in row))
    for k, text in enumerate(columns):
        sheet.write_string(0, k, text, bold)
    for i, row in enumerate(rows, start=1):
        for k, key in enumerate(columns):
            value = plain(row.get(key))
            if isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(i, k, value)
            elif value is not None:
                sheet.write_string(i, k, str(value))
