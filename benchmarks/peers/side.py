"""What every side does: read the case, run its forms on demand, say how long and how near to the oracle."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .model import Case, Floats, difference, read_case

__all__ = ["YEAR_DAYS", "Form", "main"]

YEAR_DAYS = 365


class Form(NamedTuple):
    """One way to run the model.

    `run` gives the outputs of reduced.md, or a number where there is nothing to compare. `by_clock` forms may
    use every processor and are timed by the clock; the others run on one, timed by what they use of it.
    """

    name: str
    n_paths: int
    n_days: int
    run: Callable[[], Floats | float]
    by_clock: bool = False


def main(forms: Callable[[Case], list[Form]]) -> None:
    """Run the forms a few times, or (`--serve`) each time that one is named on standard input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", type=Path, default=Path("build/peers/case_256.npz"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="forms whose name begins so")
    parser.add_argument("--json", action="store_true", help="one object per form")
    parser.add_argument("--serve", action="store_true", help="run the form that each line names")
    options = parser.parse_args()
    case, expected, expected_year = read_case(options.case)
    by_name = {form.name: form for form in forms(case) if form.name.startswith(options.only)}
    if options.serve:
        print(json.dumps(list(by_name)), flush=True)
        for line in sys.stdin:
            print(json.dumps(_timed(by_name[line.strip()], expected, expected_year)), flush=True)
        return
    for form in by_name.values():
        runs = [_timed(form, expected, expected_year) for _ in range(options.rounds + 1)][1:]
        best = min(runs, key=lambda r: float(str(r["ns_per_path_day"])))
        ns = best["ns_per_path_day"]
        print(json.dumps(best) if options.json else f"{form.name}: {ns:,.0f} ns per path-day")


def _timed(form: Form, expected: Floats, expected_year: Floats) -> dict[str, object]:
    everywhere = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if everywhere and not form.by_clock:
        os.sched_setaffinity(0, {max(everywhere)})
    wall, used = time.perf_counter(), time.process_time()
    outputs = form.run()
    used, wall = time.process_time() - used, time.perf_counter() - wall
    if everywhere:
        os.sched_setaffinity(0, everywhere)
    row: dict[str, object] = {
        "form": form.name,
        "paths": form.n_paths,
        "days": form.n_days,
        "ns_per_path_day": 1e9 * (wall if form.by_clock else used) / (form.n_paths * form.n_days),
    }
    if not isinstance(outputs, float):
        row |= difference(outputs, expected_year if form.n_days == YEAR_DAYS else expected)
    return row
