"""`fleet run` on a large operator: against its postings alone, and against reading them back."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from manometer.engine.run import run
from manometer.equipment import read_catalogue
from manometer.operator.ledger import Ledger
from manometer.operator.reader import parse_operator
from manometer.processes import constant_path
from manometer.readings.fleet import Terms, fleet_reading

from .timing import in_turn, row

_SITES, _MODELS, _MONTHS = 10, 40, 48


def operator_text() -> str:
    """Return an operator of ten sites and forty models, half of them on hourly prices, with two loans."""
    models = [m.model for m in read_catalogue().of("industrial").values() if m.hashrate_ths and m.power_w]
    lines = ["operator: ten sites", "start: 2021-01-01", "sites:"]
    each = _MODELS // _SITES
    for k in range(_SITES):
        lines += [f"  - name: site {k}", "    staff: 5", "    lease: 100 kUSD/year", "    machines:"]
        for i, model in enumerate(models[-_MODELS:][k * each : (k + 1) * each]):
            mode = "auto" if i % 2 else "nameplate"
            lines.append(f"      - {{model: {model!r}, count: 50, mode: {mode}, price_paid: 20 USD/TH}}")
        hourly = "{contract: indexed, shape: {spike_hours_per_month: 8}, curtailment: {strike: 300 USD/MWh}}"
        lines.append(f"    power: {hourly if k % 2 else '{price: 45 USD/MWh}'}")
    lines += [
        "treasury: {cash: 1 MUSD, coins: 50 BTC}",
        "loans:",
        "  - {name: coins, kind: bitcoin_backed, amount: 200 kUSD, posted: 20 BTC}",
        "  - {name: term, kind: term, amount: 1 MUSD, repaid: annuity, matures: 2024-12-31}",
        "covenants: [{name: liquidity, least_liquidity: 100 kUSD, counts_coins: yes, loan: term}]",
    ]
    return "\n".join(lines) + "\n"


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the benchmark's rows: the run with its statement, its cost per day, and the cold command."""
    text = operator_text()
    operator, problems = parse_operator(text.encode())
    if operator is None:
        raise SystemExit(str(problems[0]))
    months = 3 if quick else _MONTHS
    n_days = 91 if quick else 1461
    path = constant_path(
        date(2021, 1, 1), n_days, price_usd=60_000, difficulty=8e13, height=823_000, fees_btc=0.1
    )
    entries = list(run(operator, path).books.ledger)

    def postings() -> None:
        ledger = Ledger()
        for e in entries:
            ledger.post(e.day, e.kind, e.name, e.cents, e.sat, e.owed_day)
        ledger.balances()

    t = in_turn(
        {"ours": lambda: fleet_reading(operator, path, Terms(months=months)), "peer": lambda: run(operator, path),
         "limit": postings}, 1 if quick else 5,
    )  # fmt: skip
    seconds = {k: v[0] for k, v in t.items()}
    name = f"fleet run, {_SITES} sites, {_MODELS} models, {months} months, {len(entries):,} postings"
    whole = row(
        name, "s", "the run without its statement", seconds, seconds["limit"] / seconds["ours"], t["ours"][1]
    )
    daily = {k: 1e6 * v / n_days for k, v in seconds.items()}
    per_day = row(
        "the same, per simulated day", "us/day", "the run without its statement", daily, daily["limit"] / daily["ours"],
        t["ours"][1],
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file, store = Path(folder) / "operator.yaml", Path(folder) / "store.sqlite"
        file.write_text(text, encoding="utf-8")
        python = [sys.executable, "-m", "manometer"]
        command = [
            *python,
            "fleet",
            "run",
            str(file),
            "--months",
            str(months),
            "--json",
            "--store",
            str(store),
        ]

        def call(arguments: list[str]) -> None:
            subprocess.run(arguments, check=True, capture_output=True)

        c = in_turn(
            {"ours": lambda: call(command), "peer": lambda: call([*python, "fleet", "check", str(file)]),
             "limit": lambda: call([sys.executable, "-c", "import numpy, yaml"])}, 1 if quick else 5,
        )  # fmt: skip
    cold = row(
        "the same, as a cold command", "s", "fleet check of the file", {k: v[0] for k, v in c.items()},
        c["limit"][0] / c["ours"][0], c["ours"][1],
    )  # fmt: skip
    return [whole, per_day, cold]
