"""``manometer report``: an operator's run as a page, a document or a workbook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ..errors import InputError
from .fleet_command import run_file, terms_of
from .options import Number, Output, Reading
from .screen import plain, write_json

__all__ = ["report"]

_FORMATS = (".html", ".pdf", ".xlsx")


def report(
    file: Annotated[Path, Parameter(help="Operator file (YAML).")],
    /,
    *,
    out: Annotated[
        Path, Parameter(name=("--out", "-o"), help="report.html, report.pdf or report.xlsx.")
    ] = Path("report.html"),
    start: Annotated[str | None, Parameter(name="--from", metavar="DATE", help="First day.")] = None,
    months: Annotated[Number, Parameter(help="How long, 1 to 240; 12 by default.")] = None,
    price_usd: Annotated[Number, Parameter(help="USD per BTC that stays.")] = None,
    replay: Annotated[str | None, Parameter(metavar="DATE", help="Deal history again from this day.")] = None,
    shock: Annotated[
        Number, Parameter(help="Move every price by a fraction: -0.2 is a fall of 20 %.")
    ] = None,
    path: Annotated[Path | None, Parameter(name="--path", metavar="FILE", help="CSV of a path.")] = None,
    settings: Annotated[
        list[str] | None,
        Parameter(name="--set", metavar="KEY=VALUE", negative=(), help="Put a value in place of the file's."),
    ] = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Write an operator's statement as HTML (self-contained), PDF or XLSX (sums as live formulas)."""
    if out.suffix.lower() not in _FORMATS:
        raise InputError(f"--out {out}: end the name in one of {', '.join(_FORMATS)}")
    from .report import build_report

    view = run_file(file, settings, terms_of(start, months, price_usd, replay, shock, path), reading, output)
    made = build_report(plain(view.data))
    if out.suffix.lower() == ".html":
        from .report_html import html_of

        raw = html_of(made).encode()
    elif out.suffix.lower() == ".pdf":
        from .report_pdf import pdf_of

        raw = pdf_of(made)
    else:
        from .report_xlsx import xlsx_of

        raw = xlsx_of(made)
    try:
        out.write_bytes(raw)
    except OSError as error:
        raise InputError(f"cannot write {out}: {error.strerror}") from None
    if output.json:
        write_json({"file": str(out), "bytes": len(raw)})
    elif not output.quiet:
        sys.stdout.write(f"written: {out}\n")
    return 0
