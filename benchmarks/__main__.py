"""`make bench`: every benchmark with its peer and its limit in the same run -> build/bench.json."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from . import drivers, hashprices, history, imports, operators, population, retarget, signals, simulate

BENCHMARKS = (drivers, hashprices, history, imports, operators, population, retarget, signals, simulate)
COLUMNS = (
    "name",
    "ours",
    "unit",
    "peer",
    "peer_value",
    "ratio",
    "limit",
    "frac_of_limit",
    "threads",
    "spread",
)


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: proves that the benchmarks still run"
    )
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"))
    options = parser.parse_args()
    rows = [row for module in BENCHMARKS for row in module.rows(options.quick)]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(
        json.dumps({"rows": rows, "quick": options.quick}, indent=1) + "\n", encoding="utf-8"
    )
    table = Table("benchmark (peer)", "ours", "x peer", "of limit", "spread", box=None, pad_edge=False)
    for r in rows:
        table.add_row(
            f"{r['name']}\n  [dim]peer: {r['peer']}[/dim]",
            f"{r['ours']:,.3g} {r['unit']}" if r["ours"] < 1000 else f"{r['ours']:,.0f} {r['unit']}",
            f"{r['ratio']:.2f}",
            f"{r['frac_of_limit']:.2f}",
            f"±{100 * r['spread']:.0f} %",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
