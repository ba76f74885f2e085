"""Print the scorecard, write ``build/score.json``; exit 1 where a gate fails or a required row is missing."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from manometer import open_store

from .context import take_context
from .rows import ROOT, Row, failures, required_items
from .sections import SECTIONS, score
from .table import print_table

_RESAMPLES, _QUICK_RESAMPLES = 500, 100


def main(arguments: list[str] | None = None) -> int:
    """Run the scorecard on a store of its own: the packaged record, nothing of the user's."""
    parser = argparse.ArgumentParser(prog="python -m tools.score", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the rows as JSON instead of a table")
    parser.add_argument("--quick", action="store_true", help="fewer bootstrap resamples; gates are the same")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "build" / "score.json")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="manometer-score-") as folder:
        rows = _run(Path(folder) / "score.sqlite", _QUICK_RESAMPLES if options.quick else _RESAMPLES)
    document = {"rows": [r.as_json() for r in rows], "failures": failures(rows, required_items())}
    text = json.dumps(document, indent=1, allow_nan=False) + "\n"
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text, encoding="utf-8")
    if options.json:
        sys.stdout.write(text)
    else:
        print_table(Console(), rows)
    return _verdict(rows, document["failures"], options.output)


def _run(store_path: Path, n_resamples: int) -> list[Row]:
    """Take the pulse of the packaged record in a fresh store and fill the sections, with a progress bar."""
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar,
        open_store(store_path) as store,
    ):
        pulse = bar.add_task("fleet through history", total=None)
        context = take_context(
            store, n_resamples, lambda done, total: bar.update(pulse, completed=done, total=total)
        )
        task = bar.add_task("sections", total=len(SECTIONS))
        return score(context, lambda name: bar.update(task, advance=1, description=name))


def _verdict(rows: list[Row], failed: list[str], output: Path) -> int:
    judged = [r for r in rows if r.passed is not None]
    held = sum(bool(r.passed) for r in judged)
    print(f"{len(rows)} rows, {held} of {len(judged)} gates hold; {output}", file=sys.stderr)
    for line in failed:
        print(line, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
