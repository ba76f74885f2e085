"""``manometer import`` and ``manometer doctor``: what goes into the store, and how it is."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ..errors import DataError, InputError, ManometerError
from .options import Output, Table, opened
from .screen import flat, progress_bar, show, write_csv, write_json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..store import DoctorReport

__all__ = ["doctor", "import_files"]

_SHOWN_PROBLEMS = 20
_SHOWN_SERIES = 40
_DAY_S = 86_400


def import_files(
    *files: Annotated[str, Parameter(allow_leading_hyphen=False)],
    kind: Annotated[str | None, Parameter(help="Kind of file; else the header says it.")] = None,
    timezone: Annotated[str | None, Parameter(help="Zone of local times, such as America/Chicago.")] = None,
    skip_bad: Annotated[
        bool, Parameter(negative=(), help="Store the good rows of a file with bad ones.")
    ] = False,
    source: Annotated[str | None, Parameter(help="Name of the source instead of the kind's own.")] = None,
    output: Output = Output(),  # noqa: B008
) -> int:
    """Add files (CSV, CSV.gz, Parquet) to the store: each file whole, or nothing of it.

    Parameters
    ----------
    files : str
        Files to import. A file with a refused row stores nothing, unless --skip-bad.
    """
    from ..store import import_file

    if not files:
        raise InputError("import: name at least one file")
    rows: list[dict[str, Any]] = []
    failed: list[ManometerError] = []
    with opened(output)() as store:
        for file in files:
            with progress_bar(file, wanted=not (output.quiet or output.json)) as progress:
                try:
                    result = import_file(store, file, kind, timezone, skip_bad, source, progress)
                except ManometerError as error:
                    failed.append(error)
                    rows.append(_refused(file, error))
                    continue
            row = asdict(result)
            row["problems"] = [{"line": n, "message": m} for n, m in result.problems]
            rows.append(row)
    if output.json:
        write_json({"files": rows})
    elif not (output.quiet and not failed):
        show(import_page(rows))
    if len(failed) == 1:
        raise failed[0]
    if failed:
        for one in failed:
            sys.stderr.write(f"manometer: {' '.join(str(one).split())}\n")
        return max(one.exit_code for one in failed)
    return 0


def _refused(file: str, error: ManometerError) -> dict[str, Any]:
    row = dict.fromkeys(("kind", "rows_added", "rows_known", "rows_refused", "first", "last"))
    return {"file": file, **row, "rows_added": 0, "problems": [], "notes": [], "error": str(error)}


def import_page(rows: list[dict[str, Any]]) -> RenderableType:
    """Lay out what became of each file, and every line that was refused."""
    from rich.console import Group
    from rich.table import Table as Grid
    from rich.text import Text

    from . import words

    table = Grid(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("file", overflow="fold")
    table.add_column("kind")
    for heading in ("added", "known", "refused"):
        table.add_column(heading, justify="right")
    table.add_column("range")
    lines: list[Text] = []
    for row in rows:
        if "error" in row:
            table.add_row(Path(row["file"]).name, Text("nothing stored", style="red"))
            continue
        span = "" if row["first"] is None else f"{row['first']} to {row['last']}"
        counts = (words.count(row[k]) for k in ("rows_added", "rows_known", "rows_refused"))
        table.add_row(Path(row["file"]).name, row["kind"], *counts, span)
        problems = row["problems"]
        lines += [
            Text(f"{Path(row['file']).name}: line {p['line']}: {p['message']}", style="yellow")
            for p in problems[:_SHOWN_PROBLEMS]
        ]
        if len(problems) > _SHOWN_PROBLEMS:
            more = len(problems) - _SHOWN_PROBLEMS
            lines.append(
                Text(f"{Path(row['file']).name}: and {more} more (--json lists all)", style="yellow")
            )
        lines += [Text(f"{Path(row['file']).name}: {note}", style="bright_black") for note in row["notes"]]
    return Group(table, *lines)


def doctor(*, csv: Table = None, output: Output = Output()) -> int:  # noqa: B008
    """Look the store over: series, ages, gaps, and where sources differ beyond tolerance."""
    from ..store import doctor as examine

    with opened(output)() as store:
        report = examine(store, int(time.time()))
    data = asdict(report)
    if csv is not None:
        write_csv(csv, [flat(row) for row in data["series"]], json=output.json)
    if output.json:
        write_json(data)
    elif csv is None or str(csv) != "-":
        show(doctor_page(report))
    if report.integrity != "ok":
        raise DataError(f"store {report.path}: damaged ({report.integrity}); import again into a new one")
    return 0


def doctor_page(report: DoctorReport) -> RenderableType:
    """Lay the report out."""
    from rich.console import Group
    from rich.table import Table as Grid
    from rich.text import Text

    from . import words

    sound = report.integrity == "ok"
    mode = ", read-only" if report.read_only else ""
    head = Text(f"Store {report.path}", style="bold")
    head.append(f" · schema {report.schema_version}{mode} · integrity ", style="not bold")
    head.append(report.integrity, style="green" if sound else "red")
    table = Grid(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("series", overflow="fold")
    for heading in ("rows", "first", "last", "age", "gaps"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in report.series[:_SHOWN_SERIES]:
        table.add_row(
            f"{row.name} {row.entity}".strip(),
            words.count(row.rows),
            str(row.first),
            str(row.last),
            words.days(max(row.age_s, 0) // _DAY_S),
            str(row.n_gaps) if row.n_gaps else "none",
        )
    lines: list[Text] = []
    if len(report.series) > _SHOWN_SERIES:
        more = len(report.series) - _SHOWN_SERIES
        lines.append(Text(f"and {more} more series (--json, --csv FILE)", style="bright_black"))
    for row in report.series[:_SHOWN_SERIES]:
        if row.gaps:
            shown = ", ".join(f"{g.first} to {g.last}" if g.n > 1 else f"{g.first}" for g in row.gaps[:3])
            lines.append(Text(f"gaps in {row.name}: {shown}" + (", ..." if row.n_gaps > 3 else "")))
    if not report.differences:
        lines.append(Text("No sources differ beyond tolerance."))
    for diff in report.differences:
        one, other = diff.sources
        text = (
            f"{diff.name}: {one} and {other} differ by more than {words.percent(diff.tolerance_frac)} on "
            f"{diff.count:,} of {diff.compared:,}; most at {diff.worst_at}, {words.percent(diff.worst_frac)}"
        )
        lines.append(Text(text, style="yellow"))
    return Group(head, Text(), table, Text(), *lines)
