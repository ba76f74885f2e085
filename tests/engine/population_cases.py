"""Small populations that one can follow by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from manometer.engine.cascade import Case
from manometer.engine.crowd import Assumed
from manometer.engine.kernels.places import CONSTANTS, OPERATOR, TERMS
from manometer.engine.network_loop import NetworkStart
from manometer.engine.population import Days, Population
from manometer.network.cohorts import Cohorts
from manometer.operator.roster import Lender, Member, Roster

Floats = NDArray[np.float64]

PRICE = 50_000.0


def put(line: Floats, names: tuple[str, ...], **values: float) -> None:
    for name, value in values.items():
        line[names.index(name)] = value


def line(names: tuple[str, ...], **values: float) -> Floats:
    out = np.zeros(len(names))
    put(out, names, **values)
    return out


def still(operators: Floats, terms: Floats, **constants: float) -> Population:
    """Return operators on a network that never switches, in a market without chance."""
    c = line(CONSTANTS, weight_per_day=1.0, stays=1.0, **constants)
    return Population(
        operators=operators,
        terms=terms,
        lender_equity_cents=np.array([1e14]),
        capacity_ehs=np.array([500.0]),
        off=np.array([-np.inf]),
        on=np.array([-np.inf]),
        born_day=np.zeros(1, dtype=np.int64),
        n_on=1,
        base_ehs=0.0,
        owner=np.zeros((0, 2), dtype=np.int64),
        owned_ehs=np.zeros(0),
        bill_cents=np.zeros(0),
        price_usd=PRICE,
        difficulty=500 * 600 * 1e18 / 2**32,
        height=850_000,
        epoch_s=0.0,
        level=50.0,
        constants=c,
        shocks=np.zeros(8),
        long_usd=np.zeros(0),
        long_sat=np.zeros(0),
    )


def borrower(
    loan_usd: float, posted_btc: float, free_btc: float = 0.0, **terms: float
) -> tuple[Floats, Floats]:
    """Return one operator that owes against coins, as (operators, terms)."""
    given = {"call_frac": 0.75, "restore_frac": 0.65, "liquidation_frac": 0.8, "grace_days": 10.0} | terms
    return (
        line(
            OPERATOR,
            loan_cents=round(loan_usd * 100),
            posted_sat=round(posted_btc * 1e8),
            free_sat=round(free_btc * 1e8),
        )[None],
        line(TERMS, keep_frac=1.0, **given)[None],
    )


def falling(shock_frac: float, n: int = 5) -> Days:
    return Days.plain(n, shock_frac=shock_frac, month_days=10_000)


_MEMBER: dict[str, Any] = {
    "listed": False, "ehs": 0.0, "share_of_rest_frac": 0.0, "j_per_th": 30.0, "power_usd_per_mwh": 45.0,
    "overhead_usd_per_month": 0.0, "cash_usd": 0.0, "minimum_cash_usd": 0.0, "free_btc": 0.0, "posted_btc": 0.0,
    "coin_loan_usd": 0.0, "coin_rate_frac": 0.1, "call_frac": 0.752, "restore_frac": 0.65,
    "liquidation_frac": 0.9, "cure_days": 1.0, "coin_lender": "bank", "term_debt_usd": 0.0, "term_rate_frac": 0.1,
    "instalment_usd_per_month": 0.0, "matures": None, "term_lender": "bank", "policy": "sell_all",
    "share_frac": 0.5, "stops": False, "graded": {}, "source": "",
}  # fmt: skip


def member(name: str, **values: Any) -> Member:
    return Member(**{**_MEMBER, "name": name, **values})


def case(*members: Member, assumed: Assumed | None = None, **values: Any) -> Case:
    """Return a question about some members, and a group that owns the rest, on a network of forty cohorts."""
    cost = np.linspace(20.0, 60.0, 40)
    network = NetworkStart(
        cohorts=Cohorts(
            off=cost * 0.95, on=cost * 1.05, capacity_ehs=np.full(40, 15.0), keep_on=np.ones(40),
            keep_off=np.ones(40), share=np.zeros((1, 40)), n_on=30, base_ehs=50.0, keep_base_per_day=1.0,
            base_share=0.0, weight_per_day=0.2, new_cost=np.ones(1), per_ehs=2.0**14,
        ),
        growth=cast(Any, None), level=52.0, difficulty=500 * 600 * 1e18 / 2**32, height=850_000, epoch_s=759e3,
    )  # fmt: skip
    rest = member("rest", share_of_rest_frac=1.0)
    roster = Roster(date(2024, 7, 1), date(2024, 7, 1), (*members, rest), (Lender("bank", 1e9, "assumed"),))
    made = Case(
        roster=roster,
        network=network,
        first_day=date(2024, 7, 1),
        n_days=60,
        price_usd=PRICE,
        fees_btc=0.05,
        deviation=0.025,
        assumed=assumed or Assumed(),
    )
    return replace(made, **values)
