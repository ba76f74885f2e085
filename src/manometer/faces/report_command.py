"""``manometer report``: an operator's run as a page, a document or a workbook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from ..errors import InputError
from .fleet_command import run_file, terms_of
from .options import Number, Output, Reading, opened
from .screen import plain, progress_bar, write_json
from .simulate_command import ask_of

__all__ = ["report"]

_FORMATS = (".html", ".pdf", ".xlsx")


def simulated(
    file: Path,
    run: dict[str, Any],
    settings: list[str] | None,
    paths: str | None,
    seed: str | None,
    reading: Reading,
    output: Output,
) -> dict[str, Any] | None:
    """Simulate the months of a run, if that is asked for."""
    if paths is None:
        if seed is not None:
            raise InputError("--seed is of simulated paths: say how many with --paths")
        return None
    if run["kind"] == "home":
        raise InputError("--paths: the report of a home has none; see fleet simulate")
    from ..readings.fleet import read_with
    from ..readings.simulate import simulate

    ask = ask_of(
        paths, str(len(run["months"])), seed, "garch_fhs", None, run["first_day"], reading, None, None
    )  # fmt: skip
    with (
        opened(output)() as store,
        progress_bar("simulating", wanted=not (output.quiet or output.json)) as progress,
    ):
        operator = read_with(file, settings or [])
        return simulate(operator, store, ask, folder=file.parent, progress=progress).data


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
    paths: Annotated[Number, Parameter(help="Also simulate this many paths; an industrial file's.")] = None,
    seed: Annotated[Number, Parameter(help="Of the paths; 1 by default.")] = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Write an operator's statement as HTML (self-contained), PDF or XLSX (sums as live formulas)."""
    if out.suffix.lower() not in _FORMATS:
        raise InputError(f"--out {out}: end the name in one of {', '.join(_FORMATS)}")
    from .report import build_report

    view = run_file(file, settings, terms_of(start, months, price_usd, replay, shock, path), reading, output)
    drawn = plain(simulated(file, view.data, settings, paths, seed, reading, output))
    made = build_report(plain(view.data), drawn)
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
