"""Loans of 2022 run again: the coins that Bitfarms pledged, and the borrowers that IREN let go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from manometer.engine.calendar import EPOCH
from manometer.engine.run import run
from manometer.operator.money import Drawing, Ladder, Loan, Treasury
from manometer.operator.operator import Operator
from manometer.operator.site import Machines, Pool, Power, Site, Uptime
from manometer.processes import DriverPath, constant_path

from .context import Context
from .rows import Row, read_published

__all__ = ["loan_rows"]

_START, _MARCH = date(2021, 12, 30), date(2022, 3, 31)
_PLEDGED_BTC, _ADDED_BTC = 3064.0, 1870.0
_RULE = "60 MUSD drawn 2021-12-30, 40 on 2022-03-31; under 133 %, back to 143 %"
_SOURCES = "Bitfarms 40-F 2021 R18; press copies of filings"


def loan_rows(c: Context) -> Iterator[Row]:
    """Judge the loan with a week to answer a call (assumed); with a day to answer it stands beside."""
    for price in ("close", "low"):
        for cure in (7, 1):
            pledged, added = _bitfarms(price, cure)
            which = f"daily {price}s, {cure} day{'s' if cure > 1 else ''} to answer"
            for what, ours, published, within in (
                ("pledged by 2022-03-31", pledged, _PLEDGED_BTC, 0.10),
                ("added 04-01 to 06-16", added, _ADDED_BTC, 0.25),
            ):
                error = ours / published - 1
                gate = abs(error) <= within if cure == 7 else None
                yield Row(
                    "loans",
                    f"Bitfarms-Galaxy: {what}, {which}",
                    ours,
                    published,
                    "BTC",
                    error,
                    _SOURCES,
                    gate,
                    _RULE,
                )
    gone, left = _iren()
    yield Row(
        "loans", "IREN 2022: hashrate that stopped", gone, 3.6, "EH/s", gone / 3.6 - 1, "press", abs(gone - 3.6) < 0.05,
        f"two borrowers let go; the group goes on with {left:.1f} EH/s and no bill missed",
    )  # fmt: skip


def _bitfarms(price: str, cure_days: float) -> tuple[float, float]:
    rows = read_published("score_bitfarms_prices.csv")
    close = np.array([float(r["close_usd"]) for r in rows])
    low = np.minimum(np.array([float(r["low_usd"]) for r in rows]), close)
    n = len(rows)
    path = DriverPath(
        "2022",
        (_START - EPOCH).days + np.arange(n),
        close,
        low,
        np.full(n, 2.4e13),
        np.full(n, 6.25),
        np.zeros(n),
    )
    ladder = Ladder(
        opening_frac=1 / 1.43, call_frac=1 / 1.33, restore_frac=1 / 1.43, liquidation_frac=1.2,
        cure_days=cure_days, margin_price=price,
    )  # fmt: skip
    loan = Loan(
        name="Galaxy", kind="bitcoin_backed", amount_usd=60e6, drawn=_START, ladder=ladder,
        draws=(Drawing(on=_MARCH, amount_usd=40e6),), rate_frac_per_year=0.1075,
    )  # fmt: skip
    # Only the loan is asked about: one machine stands in for the mine, and coins are plenty.
    machine = Machines(hashrate_ths=1.0, power_w=1.0, count=1)
    site = Site(name="mine", machines=(machine,), power=Power(price_usd_per_mwh=0.0))
    treasury = Treasury(cash_usd=50e6, coins_btc=9000.0, policy="hold")
    posted = run(
        Operator(operator="Bitfarms", sites=(site,), treasury=treasury, loans=(loan,)), path
    ).balances["posted_btc"]
    march = (_MARCH - _START).days
    return float(posted[march]), float(posted[-1] - posted[march])


def _iren() -> tuple[float, float]:
    """Return the hashrate that stops and that goes on [EH/s]: about 2 M USD a month earned against 7 M due."""

    def site(name: str, borrower: str, count: int) -> Site:
        machines = Machines(hashrate_ths=100.0, power_w=3000.0, count=count)
        return Site(
            name=name, borrower=borrower, overhead=1.0, machines=(machines,), power=Power(price_usd_per_mwh=58.0),
            uptime=Uptime(planned_off_frac=0.0, forced_off_frac=0.0), pool=Pool(fee_frac=0.0),
        )  # fmt: skip

    def loan(borrower: str, usd: float) -> Loan:
        return Loan(
            name=f"{borrower} loan", kind="equipment", amount_usd=usd, repaid="equal", matures=date(2024, 6, 30),
            rate_frac_per_year=0.11, recourse="borrower", borrower=borrower, let_go=True,
        )  # fmt: skip

    start = date(2022, 10, 1)
    path = constant_path(start, 151, price_usd=17_500, difficulty=36.8e12, height=756_000, fees_btc=0.08)
    operator = Operator(
        operator="IREN", treasury=Treasury(cash_usd=4e6), loans=(loan("spv 2", 46e6), loan("spv 3", 58e6)),
        sites=(site("group", "", 20_000), site("site 2", "spv 2", 16_000), site("site 3", "spv 3", 20_000)),
    )  # fmt: skip
    outcome = run(operator, path)
    phs = outcome.plant["phs"]
    missed = outcome.first_shortfall is not None
    return float(phs[0] - phs[-1]) / 1e3, 0.0 if missed else float(phs[-1]) / 1e3
