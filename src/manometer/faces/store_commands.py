"""``manometer import`` and ``manometer doctor``: what goes into the store, and how it is."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ..errors import DataError, InputError, ManometerError
from .options import Output, Table, opened
from .screen import flat, progress_bar, show, write_csv, write_json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..store import DoctorReport, ImportResult
    from ..store.health import SeriesHealth

__all__ = ["doctor", "import_files"]

_SHOWN_PROBLEMS = 20
_JSON_PROBLEMS = 10_000
_SHOWN_GAPS = 40
#: Wider than any line of an import: where nobody looks at the width, nothing is wrapped.
_UNWRAPPED = 100_000
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
    from rich.markup import escape

    from ..store import import_file
    from ..store.load import RefusedError

    if not files:
        raise InputError("import: name at least one file")
    rows: list[dict[str, Any]] = []
    failed: list[ManometerError] = []
    with opened(output)() as store:
        for file in files:
            with progress_bar(escape(file), wanted=not (output.quiet or output.json)) as progress:
                try:
                    result = import_file(store, file, kind, timezone, skip_bad, source, progress)
                except RefusedError as error:
                    failed.append(error)
                    rows.append(_row(error.result) | {"error": str(error)})
                except ManometerError as error:
                    failed.append(error)
                    rows.append(_unread(file, error))
                else:
                    rows.append(_row(result))
    if output.json:
        write_json({"files": rows})
    elif not (output.quiet and not failed):
        show(import_page(rows), None if sys.stdout.isatty() else _UNWRAPPED)
    if len(failed) == 1:
        raise failed[0]
    if failed:
        for one in failed:
            sys.stderr.write(f"manometer: {' '.join(str(one).split())}\n")
        return max(one.exit_code for one in failed)
    return 0


def _row(result: ImportResult) -> dict[str, Any]:
    """Return what JSON says of a file, with its first ten thousand problems and the number of the others."""
    shown = [{"line": n, "message": m} for n, m in result.problems[:_JSON_PROBLEMS]]
    left_out = len(result.problems) - len(shown)
    return {**asdict(replace(result, problems=())), "problems": shown, "problems_left_out": left_out}


def _unread(file: str, error: ManometerError) -> dict[str, Any]:
    row = dict.fromkeys(("kind", "rows_added", "rows_known", "rows_refused", "first", "last"))
    return {"file": file, **row, "rows_added": 0, "problems": [], "problems_left_out": 0} | {
        "notes": [],
        "error": str(error),
    }


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
        name = "".join(c if c.isprintable() else "?" for c in Path(row["file"]).name)
        if "error" in row:
            refused = "" if row["rows_refused"] is None else words.count(row["rows_refused"])
            table.add_row(Text(name), Text("nothing stored", style="red"), "", "", refused)
            continue
        span = "" if row["first"] is None else f"{row['first']} to {row['last']}"
        counts = (words.count(row[k]) for k in ("rows_added", "rows_known", "rows_refused"))
        table.add_row(Text(name), row["kind"], *counts, span)
        problems = row["problems"]
        lines += [
            Text(f"{name}: line {p['line']}: {p['message']}", style="yellow")
            for p in problems[:_SHOWN_PROBLEMS]
        ]
        more = len(problems) - _SHOWN_PROBLEMS + row["problems_left_out"]
        if more > 0:
            lines.append(Text(f"{name}: and {more:,} more (--json lists them)", style="yellow"))
        lines += [Text(f"{name}: {note}", style="bright_black") for note in row["notes"]]
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
    for heading in ("entities", "rows", "first", "last", "age", "gaps"):
        table.add_column(heading, justify="right", no_wrap=True)
    groups = _by_variable(report)
    for name, members in groups.items():
        n_gaps = sum(row.n_gaps for row in members)
        entities = {row.entity for row in members} - {""}
        table.add_row(
            Text(name),
            words.count(len(entities)) if entities else "",
            words.count(sum(row.rows for row in members)),
            str(min((row.first for row in members), key=_key)),
            str(max((row.last for row in members), key=_key)),
            words.days(max(min(row.age_s for row in members), 0) // _DAY_S),
            str(n_gaps) if n_gaps else "none",
        )
    lines: list[Text] = []
    if len(groups) < len(report.series):
        lines.append(
            Text(f"{len(report.series):,} series (--json, --csv FILE list each)", style="bright_black")
        )
    gapped = [row for members in groups.values() for row in members if row.gaps]
    for row in gapped[:_SHOWN_GAPS]:
        of = f"{row.name} {row.entity}".strip()
        shown = ", ".join(f"{g.first} to {g.last}" if g.n > 1 else f"{g.first}" for g in row.gaps[:3])
        lines.append(Text(f"gaps in {of}: {shown}" + (", ..." if row.n_gaps > 3 else "")))
    if len(gapped) > _SHOWN_GAPS:
        more = len(gapped) - _SHOWN_GAPS
        lines.append(Text(f"and {more:,} more series with gaps (--json lists them)", style="bright_black"))
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


def _by_variable(report: DoctorReport) -> dict[str, list[SeriesHealth]]:
    """Group series by variable, one of an open family by that; the network's own come first."""
    from ..series import FAMILIES

    groups: dict[str, list[SeriesHealth]] = {}
    for row in sorted(report.series, key=lambda row: bool(row.entity)):
        family = next((f"{prefix}*" for prefix in FAMILIES if row.name.startswith(prefix)), row.name)
        groups.setdefault(family, []).append(row)
    return groups


def _key(label: str | int) -> tuple[int, str]:
    """Return the sort key of a height, or of a date."""
    return (label, "") if isinstance(label, int) else (0, label)
