"""What the core alone can do: every command but the simulations, with none of the extras installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
EXTRAS = ("numba", "matplotlib", "distributed", "polars", "typst", "xlsxwriter", "scipy")
FILE = str(ROOT / "examples" / "warehouse_2mw.yaml")
READS = (
    "gauge", "network", "machines", "hashprice", "retarget", "retarget score --from 2024-01-01", "signals",
    "signals events puell", "relief", "flows", "sentiment", "claims", "doctor",
)  # fmt: skip
RUNS = """
import contextlib, io, json, sys
for name in {extras}: sys.modules[name] = None
from manometer.faces.cli import main
codes = {{}}
for words in {commands}:
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = main(words)
    codes[" ".join(words[:2])] = [code, said.getvalue()]
print(json.dumps(codes))
"""


def test_the_core_answers_without_extras(faces_store: Path, tmp_path: Path) -> None:
    at = ["--store", str(faces_store)]
    commands = [[*c.split(), *at] for c in READS]
    commands += [
        ["fleet", "check", FILE],
        ["fleet", "run", FILE, *at],
        ["fleet", "levers", FILE, *at],
        ["report", FILE, "-o", str(tmp_path / "r.html"), *at],
        ["fleet", "simulate", FILE, *at],
        ["cascade", *at],
    ]
    code = RUNS.format(extras=EXTRAS, commands=commands)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    codes = json.loads(done.stdout)
    for name in ("fleet simulate", "cascade --store"):
        code, said = codes.pop(name)
        assert (code, "manometer[simulate]" in said) == (2, True), name
    assert {k: v for k, v in codes.items() if v[0] != 0} == {}
