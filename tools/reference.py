"""Write docs/reference from the program itself: every command's help, and the table of assumptions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from manometer.network.assumptions import read_assumptions
from manometer.operator.schema import operator_schema
from manometer.store import KINDS

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "reference"
FLEET = (
    "fleet check",
    "fleet run",
    "fleet simulate",
    "fleet levers",
    "fleet compare",
    "fleet new",
    "fleet schema",
)
COMMANDS = (
    "", "gauge", "retarget", "retarget score", "signals", "signals events", "hashprice", "machines",
    "network", "cascade", "relief", "flows", "sentiment", "claims", *FLEET, "report", "import", "doctor",
)  # fmt: skip


def help_of(command: str) -> str:
    """Return the help of a command as an 80-column pipe shows it."""
    run = subprocess.run(
        [sys.executable, "-m", "manometer", *command.split(), "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"},
    )
    return "\n".join(line.rstrip() for line in run.stdout.strip().splitlines())


def operator_page() -> str:
    """Return every key of the operator file, with its unit, default and source."""
    schema = operator_schema()
    lines = ["# The operator file", "", "Written by `make docs` from the program's own table of keys.", ""]
    for name, part in {"operator file": schema, **schema["$defs"]}.items():
        lines += [f"## {name}", "", "| key | needed | what |", "|---|---|---|"]
        for key, value in part["properties"].items():
            what = value["description"]
            if "enum" in value:
                what += f" One of: {', '.join(value['enum'])}."
            nested = value.get("items") or value.get("additionalProperties") or {}
            inner = value.get("$ref") or nested.get("$ref") or ""
            if inner:
                what += f" See {inner.rpartition('/')[2]}."
            lines.append(f"| `{key}` | {'yes' if key in part['required'] else ''} | {what} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[str, str]:
    """Return file name -> content."""
    cli = ["# Commands", "", "Written by `make docs` from the program's own help.", ""]
    for command in COMMANDS:
        cli += [f"## `{f'manometer {command}'.strip()}`", "", "```text"]
        cli += [help_of(command), "```", ""]
    table = [
        "# Assumptions",
        "",
        "Written by `make docs` from `src/manometer/network/assumptions.csv`. Linear between rows, each from",
        "the first of January of its year; low and high are the ends of the draws that make the bands.",
        "",
        "| parameter | key | from | value | low | high | unit | grade | source |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for r in read_assumptions():
        cells = (r.parameter, r.key, f"{r.year:g}", f"{r.value:g}", f"{r.low:g}", f"{r.high:g}")
        table.append("| " + " | ".join((*cells, r.unit, r.grade, r.source)) + " |")
    kinds = [
        "# Files that import takes",
        "",
        "Written by `make docs` from the program's own table of kinds.",
        "",
    ]
    for name, kind in sorted(KINDS.items()):
        kinds += [f"## {name}", "", kind.doc, "", f"Columns: {', '.join(kind.required)}."]
        kinds += [f"If there: {', '.join(kind.optional)}.", ""] if kind.optional else [""]
    return {
        "operator-file.md": operator_page(),
        "cli.md": "\n".join(cli).rstrip() + "\n",
        "assumptions.md": "\n".join(table) + "\n",
        "imports.md": "\n".join(kinds).rstrip() + "\n",
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in pages().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
        print(f"docs/reference/{name}")
