"""What every side does: read the case, run its forms on demand, say how long and how near to the oracle."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .model import Case, Floats, difference, read_case

__all__ = ["CASE", "YEAR_DAYS", "Form", "main"]

CASE = Path("build/peers/case_256.npz")
YEAR_DAYS = 365


class Form(NamedTuple):
    """One way to run the model: `run` gives the outputs of reduced.md, or something else that is not compared."""

    name: str
    n_paths: int
    n_days: int
    run: Callable[[], Floats | float]


def main(forms: Callable[[Case], list[Form]]) -> None:
    """Run the forms a few times, or (`--serve`) each time that one is named on standard input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", type=Path, default=CASE)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one object per form")
    parser.add_argument("--serve", action="store_true", help="run the form that each line names")
    options = parser.parse_args()
    case, expected, expected_year = read_case(options.case)
    by_name = {form.name: form for form in forms(case)}
    if options.serve:
        print(json.dumps(list(by_name)), flush=True)
        for line in sys.stdin:
            form = by_name[line.strip()]
            print(json.dumps(_timed(form, expected, expected_year)), flush=True)
        return
    for form in by_name.values():
        _timed(form, expected, expected_year)
        runs = [_timed(form, expected, expected_year) for _ in range(options.rounds)]
        best = min(runs, key=lambda r: float(r["ns_per_path_day"]))
        print(json.dumps(best) if options.json else f"{form.name}: {best['ns_per_path_day']:,.0f} ns per path-day")


def _timed(form: Form, expected: Floats, expected_year: Floats) -> dict[str, object]:
    """Run once; processor time, because others may share the machine, and wall time beside it."""
    wall, used = time.perf_counter(), time.process_time()
    outputs = form.run()
    used, wall = time.process_time() - used, time.perf_counter() - wall
    n = form.n_paths * form.n_days
    row: dict[str, object] = {
        "form": form.name, "paths": form.n_paths, "days": form.n_days, "ns_per_path_day": 1e9 * used / n,
        "wall_ns_per_path_day": 1e9 * wall / n,
    }  # fmt: skip
    if not isinstance(outputs, float):
        row |= difference(outputs, expected_year if form.n_days == YEAR_DAYS else expected)
    return row
