"""`fleet simulate`: a listed operator on 10,000 paths of 48 months; start, compile cost and memory too."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from manometer.engine.drivers import draw_paths
from manometer.engine.runner import Kept
from manometer.engine.simulated import run_block_by_ledger
from manometer.operator.reader import parse_operator
from manometer.readings.simulate import Ask, drivers_for, run_paths, work_for
from manometer.store import open_store

from .timing import in_turn, row

#: A treasury, a bitcoin-backed and a term loan, a covenant; every number is invented.
_FILE = """\
operator: a listed miner
kind: listed
start: 2024-01-01
sites:
  - name: yard
    machines: [{model: Antminer S19j Pro, count: 9000, price_paid: 20 USD/TH}]
    power: {price: 45 USD/MWh}
    staff: 30
overheads: {cash: 6 MUSD/year}
treasury: {cash: 10 MUSD, coins: 400 BTC, policy: sell_to_cover, minimum_cash: 2 MUSD}
loans:
  - {name: coins, kind: bitcoin_backed, amount: 4 MUSD, posted: 150 BTC, matures: 2026-06-30}
  - {name: term, kind: term, amount: 6 MUSD, repaid: annuity, matures: 2027-12-31}
covenants: [{name: liquidity, least_liquidity: 3 MUSD, counts_coins: yes, loan: term, tested: month}]
"""
_PEER_PATHS = 4
_THREADS = 2
_MEMORY_MIB = 1024
# What a process reports of its own use begins at its parent's; the high-water mark of its memory does not.
_PEAK = (
    "import sys; from manometer.faces.cli import main; code = main(sys.argv[1:]); "
    "peak = [s.split()[1] for s in open('/proc/self/status') if s.startswith('VmHWM')][0]; "
    "print(int(peak) / 1024, file=sys.stderr); sys.exit(code)"
)


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the rows: simulation, scaling, cold start, compile cost, and peak memory."""
    operator, problems = parse_operator(_FILE.encode())
    if operator is None:
        raise SystemExit(str(problems[0]))
    paths, months, rounds = (64, 3, 1) if quick else (10_000, 48, 5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ask = Ask(paths=paths, months=months, threads=_THREADS)
        with open_store(folder / "store.sqlite") as store:
            drivers = drivers_for(operator, ask, store)
        work = work_for(operator, drivers, 1, None)

        def ours(threads: int) -> None:
            asked = replace(ask, threads=threads)
            run_paths(work, asked, Kept(), size=192)

        def ledger() -> None:
            run_block_by_ledger(operator, draw_paths(drivers, 1, 0, _PEER_PATHS))

        def drawn() -> None:
            for first in range(0, paths, 192):
                draw_paths(drivers, 1, first, min(192, paths - first))

        sides = {"ours": lambda: ours(_THREADS), "one": lambda: ours(1), "peer": ledger, "limit": drawn}
        t = in_turn(sides, rounds)
        day = 1e9 / paths / drivers.n_days
        per_day = {"ours": t["one"][0] * day, "limit": t["limit"][0] * day,
                   "peer": t["peer"][0] * 1e9 / _PEER_PATHS / drivers.n_days}  # fmt: skip
        what = f"fleet simulate, {paths:,} paths of {months} months, 256 cohorts, 2 loans, covenant"
        seconds = {"ours": t["ours"][0], "peer": t["one"][0], "limit": t["one"][0] / _THREADS}
        out = [
            row(f"{what}, {_THREADS} threads", "s", "one thread", seconds, seconds["limit"] / seconds["ours"],
                t["ours"][1]),
            row("the same, one thread (limit: its paths alone)", "ns/path-day", "fleet run on its paths",
                per_day, per_day["limit"] / per_day["ours"], t["one"][1]),
        ]  # fmt: skip
        out[0]["threads"] = _THREADS
        return out + _commands(folder, quick)


def _commands(folder: Path, quick: bool) -> list[dict[str, Any]]:
    """Return cold start with a warm cache, the compile cost (left out of a quick run), and peak memory."""
    file, cache = folder / "listed.yaml", folder / "compiled"
    file.write_text(_FILE, encoding="utf-8")
    few, many = ("32", "64") if quick else ("2000", "100000")
    months, long = ("2", "2") if quick else ("24", "48")
    common = (
        "fleet",
        "simulate",
        str(file),
        "--store",
        str(folder / "store.sqlite"),
        "--threads",
        str(_THREADS),
    )
    common = (*common, "--json", "--quiet")

    def call(*arguments: str, code: str = "") -> str:
        env = dict(os.environ) if quick else {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
        program = ["-c", code] if code else ["-m", "manometer"]
        done = subprocess.run(
            [sys.executable, *program, *arguments], check=True, capture_output=True, text=True, env=env
        )
        return done.stderr

    one = (*common, "--paths", "1", "--months", "1")
    began = time.perf_counter()
    call(*one)
    first = time.perf_counter() - began
    cold = (*common, "--paths", few, "--months", months)
    sides = {
        "ours": lambda: call(*cold),
        "peer": lambda: call("fleet", "check", str(file)),
        "one": lambda: call(*one),
        "limit": lambda: call(code="import numpy, numba, yaml"),
    }
    c = in_turn(sides, 1 if quick else 5)
    seconds = {k: v[0] for k, v in c.items()}
    name = f"the command, cold shell, warm cache, {few} paths of {months} months"
    out = [row(name, "s", "fleet check", seconds, seconds["limit"] / seconds["ours"], c["ours"][1])]
    if not quick:
        cost = {"ours": first - seconds["one"], "peer": seconds["one"], "limit": seconds["one"]}
        name = "compile cost, once per installation, measured once"
        out.append(row(name, "s", "one path, compiled", cost, cost["limit"] / cost["ours"], 0.0))
    memory = {"limit": _MEMORY_MIB}
    for side, n, more in (
        ("held", many, ()), ("streamed", many, ("--stream", str(folder / "run"))), ("peer", few, ()),
    ):  # fmt: skip
        arguments = (*common, "--paths", n, "--months", long, *more)
        memory[side] = float(call(*arguments, code=_PEAK).split()[-1])
    for side, name in (
        ("held", f"peak memory, {many} paths of {long} months"),
        ("streamed", "the same, streamed"),
    ):
        ours = {**memory, "ours": memory[side]}
        out.append(row(name, "MiB", f"{few} paths", ours, memory[side] / _MEMORY_MIB, 0.0))
    for r in out:
        r["threads"] = _THREADS
    return out
