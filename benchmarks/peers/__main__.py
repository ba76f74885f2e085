"""`make bench-peers`: every side of the reduced model in turn on one machine -> build/bench-peers.json.

Without `--peers`, ours and NumPy only. Each peer runs in an environment of its own, build/peers/NAME; all are
started first, and in each round every form of every side runs once, so that a slow moment falls on all alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from . import numpy_side
from .home_side import FLOOR, LIMIT, ONE, OURS, TWIN, TWO
from .model import draw_case, write_case
from .side import YEAR_DAYS

_FOLDER = Path("build/peers")
_COHORTS, _OPERATORS, _DAYS, _PATHS, _CHECKED = (64, 256, 1024), 32, 1460, 4096, 100
_ONE_THREAD = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_TARGETS = ("generic", "haswell")  # SSE2 alone, and AVX2


def _pin() -> None:
    """Show a peer one processor from its start, so that it makes no threads that would get in its way."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class _Side:
    """A side in a process of its own, which runs a form when it is named."""

    def __init__(self, python: str, module: str, case: Path) -> None:
        self.process = subprocess.Popen(
            [python, "-m", f"benchmarks.peers.{module}", "--case", str(case), "--serve"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_ONE_THREAD,
            preexec_fn=_pin if module != "home_side" and hasattr(os, "sched_setaffinity") else None,
        )  # fmt: skip
        self.forms: list[str] = self._read()

    def run(self, form: str) -> dict[str, Any]:
        """Run a form once."""
        assert self.process.stdin is not None
        self.process.stdin.write(form + "\n")
        self.process.stdin.flush()
        return dict(self._read())

    def close(self) -> None:
        """Let the side end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def _read(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{' '.join(map(str, self.process.args))}: ended early")  # type: ignore[arg-type]
        return json.loads(line)


def _case(cohorts: int, quick: bool) -> tuple[Path, float]:
    """Write a case with the oracle's answers; return it with its switches per day."""
    n_days, n_paths = (95, 64) if quick else (_DAYS, _PATHS)
    path = _FOLDER / f"case_{cohorts}{'_quick' if quick else ''}.npz"
    case = draw_case(cohorts, _OPERATORS, n_paths, n_days)
    checked = case.cut(_CHECKED, n_days)
    expected, switches = numpy_side.run(checked, numpy_side.Dense)
    year, _ = numpy_side.run(case.cut(4, YEAR_DAYS), numpy_side.Dense)
    write_case(path, case, expected, year)
    return path, float(switches.mean() / n_days)


def _measure(cohorts: int, peers: list[str], rounds: int, quick: bool) -> list[dict[str, Any]]:
    path, switches = _case(cohorts, quick)
    sides = [_Side(sys.executable, "home_side", path)]
    sides += [_Side(str(_FOLDER / name / "bin/python"), f"{name}_side", path) for name in peers]
    runs: dict[str, list[dict[str, Any]]] = {form: [] for side in sides for form in side.forms}
    for k in range(rounds + 1):
        for side in sides:
            for form in side.forms:
                done = side.run(form)
                if k:  # the first is to warm up
                    runs[form].append(done)
    for side in sides:
        side.close()
    ns = {form: [r["ns_per_path_day"] for r in done] for form, done in runs.items()}
    rows = []
    for form, done in runs.items():
        base = ONE if form == TWO else OURS
        ratios = [a / b for a, b in zip(ns[form], ns[base], strict=True)]
        rows.append(
            {
                "name": f"reduced model, {cohorts} cohorts, {switches:.2f} switches a day",
                "cohorts": cohorts,
                "peer": form,
                "unit": "ns/path-day",
                "ours": statistics.median(ns[base]),
                "peer_value": statistics.median(ns[form]),
                "ratio": statistics.median(ratios),
                "ratio_low": min(ratios),
                "ratio_high": max(ratios),
                "spread": (max(ns[form]) - min(ns[form])) / 2 / statistics.median(ns[form]),
                "limit": statistics.median(ns[LIMIT]),
                "frac_of_limit": statistics.median(ns[LIMIT]) / statistics.median(ns[OURS]),
                "frac_of_floor": statistics.median(a / b for a, b in zip(ns[FLOOR], ns[OURS], strict=True)),
                "threads": 2 if form == TWO else 1,
                "agreement": {k: v for k, v in done[0].items() if k not in ("form", "ns_per_path_day")},
            }
        )
    return rows


def _same_bits(path: Path) -> dict[str, str]:
    """Return the digest of our outputs by the processor that the compiler is told of."""
    digests = {}
    for target in ("this machine", *_TARGETS):
        environment = dict(os.environ)
        if target in _TARGETS:
            environment["NUMBA_CPU_NAME"] = target
        command = [sys.executable, "-m", "benchmarks.peers.home_side", "--case", str(path), "--json"]
        done = subprocess.run(
            [*command, "--rounds", "1", "--only", OURS], env=environment, check=True, capture_output=True
        )
        digests[target] = str(json.loads(done.stdout)["digest"])
    return digests


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", nargs="*", default=[], choices=["jax", "mesa", "radcad"])
    parser.add_argument("--cohorts", nargs="*", type=int, default=list(_COHORTS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--quick", action="store_true", help="small: proves that the sides still run and agree"
    )
    parser.add_argument("--out", type=Path, default=Path("build/bench-peers.json"))
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for cohorts in options.cohorts:
        rows += _measure(cohorts, options.peers, 1 if options.quick else options.rounds, options.quick)
        _print(rows[-sum(r["cohorts"] == cohorts for r in rows) :])
    digests = _same_bits(_case(options.cohorts[0], True)[0])
    Console().print("digest by target:", digests, "same" if len(set(digests.values())) == 1 else "DIFFERENT")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(
        json.dumps({"rows": rows, "digests": digests, "quick": options.quick}, indent=1) + "\n", "utf-8"
    )


def _print(rows: list[dict[str, Any]]) -> None:
    table = Table("side", "ns/path-day", "spread", "x ours (low-high)", "agrees", box=None, pad_edge=False)
    table.title, table.title_justify = rows[0]["name"], "left"
    for r in rows:
        a = r["agreement"]
        agrees = "" if "digest" not in a else "same bits" if a["same_bits"] else f"{a['worst_relative']:.1e}"
        table.add_row(
            r["peer"],
            f"{r['peer_value']:,.0f}",
            f"±{100 * r['spread']:.0f} %",
            f"{r['ratio']:,.2f} ({r['ratio_low']:,.2f}-{r['ratio_high']:,.2f})",
            agrees,
        )
    Console(width=120).print(table)
    twin = next(r for r in rows if r["peer"] == TWIN)
    Console().print(
        f"of the floor {twin['frac_of_floor']:.2f}, limit over ours {twin['frac_of_limit']:.2f}\n",
        highlight=False,
    )


if __name__ == "__main__":
    main()
