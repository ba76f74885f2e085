"""The statement: where each mined bitcoin went, kept against earned, and who paid the difference.

Every figure is read off the ledger; days only add the price at which dollars become coins.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..operator.ledger_kinds import BILLS, CASH_TERMS, INCOMES, KINDS, LINES, SOURCES
from ..results import (
    earned,
    funded_gap,
    kept_as_cash,
    liquidation_to_production,
    retained,
    retention_frac,
    sold_for,
    split_gap,
)
from ..units import SAT_PER_BTC
from .run import Outcome

__all__ = [
    "GAP_SOURCES",
    "OWN_BILLS",
    "Period",
    "layers_usd",
    "merged",
    "periods",
    "sales_by_use",
    "sales_still_cash",
    "total_of",
]

#: Who paid what the business did not earn.
GAP_SOURCES = ("debt", "equity", "assets", "opening_cash", "suppliers")
OWN_BILLS = (
    "power",
    "hosting",
    "people",
    "site",
    "overheads",
    "interest",
    "principal",
    "tax",
    "capex_sustaining",
    "other",
)
_VERBS = {name: (name.partition(":")[0], name.partition(":")[2]) for name in KINDS}


@dataclass(slots=True)
class Period:
    """Sums over some days, in cents and satoshi; `at_price` holds dollars as coins at each day's price."""

    label: str
    first: int
    last: int
    sat: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    uses: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sources: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    terms: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    owed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    gained: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    at_price: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    spent_by_day: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    company_people: int = 0
    in_kind: int = 0
    parts: tuple[Period, ...] = ()

    def btc(self, name: str) -> float:
        """Coins that moved [BTC]."""
        return self.sat[name] / SAT_PER_BTC

    @property
    def cash_change(self) -> int:
        """By its terms [cents]."""
        return sum(sign * self.terms[t] for t, sign in CASH_TERMS.items())


def periods(outcome: Outcome, step: str = "month") -> list[Period]:
    """Cut a run into days, weeks from its first day, or calendar months, in order."""
    days, ledger = outcome.days, outcome.books.ledger
    number = days.number
    if step == "day":
        cuts = list(range(days.n))
    elif step == "week":
        cuts = list(range(0, days.n, 7))
    else:
        cuts = [
            0,
            *(
                np.flatnonzero(days.ends_month)[:-1] + 1
                if days.ends_month[-1]
                else np.flatnonzero(days.ends_month) + 1
            ),
        ]
    out = []
    for k, first in enumerate(cuts):
        last = int(cuts[k + 1]) - 1 if k + 1 < len(cuts) else days.n - 1
        label = days.at(int(first)).isoformat()
        period = Period(label[:7] if step == "month" else label, int(first), last)
        _add_up(period, outcome, ledger.span(int(number[int(first)]), int(number[last])))
        out.append(period)
    return out


def _add_up(p: Period, outcome: Outcome, span: range) -> None:
    ledger, start, price = outcome.books.ledger, int(outcome.days.number[0]), outcome.path.price_usd.tolist()
    for day, name, who, cents, sat in ledger.rows(span):
        kind, (verb, bill) = KINDS[name], _VERBS[name]
        if kind.coin_term:
            p.sat[kind.coin_term] += sat
        if kind.cash_term:
            p.terms[kind.cash_term] += cents
            if CASH_TERMS[kind.cash_term] > 0:
                p.sources[kind.source] += cents
            else:
                p.uses[kind.line] += cents
                if kind.line not in ("deposits", "margin_call") and name not in (
                    "buy",
                    "distribute",
                    "buy_back",
                ):
                    p.spent_by_day[day - start] += cents
        if not cents:
            continue
        coins = cents / 100 / price[day - start]
        if verb == "owe":
            p.owed[bill] += cents
            p.at_price["own" if bill in OWN_BILLS else "growth"] += coins
            p.at_price["suppliers"] += coins
            if bill == "people" and who == "company":
                p.company_people += cents
        elif verb == "pay" or verb in ("prepay", "pay_in_coin", "hand_over"):
            p.at_price["suppliers"] -= coins
        elif verb == "earn" or name == "grant_credit":
            p.gained[bill if verb == "earn" else "power_credit"] += cents
            p.at_price["growth" if bill == "ai_income" else "own"] -= coins
            p.at_price["suppliers"] -= coins
        elif verb == "collect" or name == "offset_credit":
            p.at_price["suppliers"] += coins if verb == "collect" else 0.0
        elif name in ("depreciate", "stock_compensation"):
            p.owed[kind.bill] += cents
        elif name == "sell_machine":
            p.at_price["growth"] -= coins
        elif name == "write_call":
            p.gained["other_income"] += cents
            p.at_price["own"] -= coins
        elif name == "seize":
            # Collateral taken is debt paid back with coins.
            p.at_price["debt"] -= sat / SAT_PER_BTC
        elif name in ("sell", "exercise_call"):
            p.at_price["own"] += max(sat / SAT_PER_BTC - coins, 0.0)
            p.owed["sale_cost"] += max(round(sat / SAT_PER_BTC * price[day - start] * 100) - cents, 0)
        elif name == "borrow":
            p.at_price["debt"] += coins
        elif name == "repay":
            p.at_price["debt"] -= coins
        elif name == "interest_in_kind":
            p.in_kind += cents
            p.at_price["debt"] += coins
            p.at_price["suppliers"] -= coins
        elif name == "defer_principal":
            p.owed["principal"] -= cents
            p.at_price["own"] -= coins
            p.at_price["suppliers"] -= coins
        elif name == "issue_equity":
            p.at_price["equity"] += coins
        elif name in ("distribute", "buy_back"):
            p.at_price["equity"] -= coins
        elif name in ("return_deposit", "return_margin"):
            p.at_price["assets"] += coins
        elif name in ("deposit", "post_margin"):
            p.at_price["assets"] -= coins
        if kind.cash_term:
            p.at_price["opening_cash"] -= CASH_TERMS[kind.cash_term] * coins


def layers_usd(p: Period, *, net_of_credits: bool = True) -> dict[str, float]:
    """Return what a period owed by layer [USD], each holding the one before it."""
    credits = p.gained["power_credit"] + p.gained["curtailment"] + p.gained["demand_response"]
    electricity = p.owed["power"] - (credits if net_of_credits else 0)
    direct = electricity + p.owed["hosting"] + p.owed["people"] - p.company_people + p.owed["site"]
    cash = direct + p.company_people + p.owed["overheads"] + p.owed["interest"] - p.in_kind
    all_in = cash + p.in_kind + p.owed["depreciation"] + p.owed["stock_compensation"]
    return {
        k: v / 100
        for k, v in (("electricity", electricity), ("direct", direct), ("cash", cash), ("all_in", all_in))
    }


def merged(label: str, parts: list[Period]) -> Period:
    """Return periods as one."""
    out = Period(label, parts[0].first, parts[-1].last)
    for part in parts:
        for name in ("sat", "uses", "sources", "terms", "owed", "gained", "at_price", "spent_by_day"):
            into = getattr(out, name)
            for key, amount in getattr(part, name).items():
                into[key] += amount
        out.company_people += part.company_people
        out.in_kind += part.in_kind
        out.parts += part.parts or (part,)
    return out


def total_of(outcome: Outcome, p: Period, *, net_of_credits: bool = True) -> dict[str, Any]:
    """Return a period's figures by their settled keys."""
    mined, sold, seized, paid = (p.btc(k) for k in ("mined", "sold", "seized", "paid_out"))
    kept = float(retained(mined=mined, sold=sold, seized=seized, paid_out=paid))
    alone = float(earned(mined=mined, own_bills=p.at_price["own"]))
    after = float(earned(mined=mined, own_bills=p.at_price["own"], growth=p.at_price["growth"]))
    gap = float(funded_gap(retained=kept, earned=after))
    i, b = p.last, outcome.balances
    costs = layers_usd(p, net_of_credits=net_of_credits)
    price = float(outcome.path.price_usd[i])
    return {
        "mined_btc": mined,
        "sold_btc": sold,
        "seized_btc": seized,
        "paid_out_btc": paid,
        "bought_btc": p.btc("bought"),
        "retained_btc": kept,
        "retention_frac": float(retention_frac(mined=mined, sold=sold, seized=seized, paid_out=paid)),
        "liquidation_to_production": float(liquidation_to_production(mined=mined, sold=sold)),
        "earned_btc": alone,
        "earned_after_growth_btc": after,
        "funded_gap_btc": _split(gap, p),
        "gap_btc": gap,
        "sold_for_btc": sales_by_use(p),
        "kept_as_cash_btc": sales_still_cash(p),
        "sold_from_treasury_btc": _from_treasury(p),
        "sources_usd": {k: p.sources[k] / 100 for k in SOURCES},
        "uses_usd": {k: p.uses[k] / 100 for k in LINES},
        "flows_usd": {k: p.terms[k] / 100 for k in CASH_TERMS},
        "incomes_usd": {k: p.gained[k] / 100 for k in (*INCOMES, "power_credit")},
        "owed_usd": {k: p.owed[k] / 100 for k in (*BILLS, "depreciation", "stock_compensation", "sale_cost")},
        "cost_usd": costs,
        "cost_usd_per_btc": {k: v / mined if mined else None for k, v in costs.items()},
        "held_btc": float(b["owned_btc"][i]),
        "free_btc": float(b["free_btc"][i]),
        "pledged_btc": float(b["posted_btc"][i]),
        "cash_usd": float(b["cash_usd"][i]),
        "debt_usd": float(b["debt_usd"][i]),
        "price_usd": price,
        "net_btc": float(b["owned_btc"][i]) + (float(b["cash_usd"][i]) - float(b["debt_usd"][i])) / price,
        "mwh": float(outcome.plant["mwh"][p.first : i + 1].sum()),
        "curtailed_mwh": float(outcome.plant["curtailed_mwh"][p.first : i + 1].sum()),
        "hashrate_phs": float(outcome.plant["phs"][p.first : i + 1].mean()),
    }


def _split(gap: float, p: Period) -> dict[str, float]:
    gave = {k: p.at_price[k] for k in GAP_SOURCES}
    if gap <= 0 or not any(v > 0 for v in gave.values()):
        # More was earned than kept, or the gap is the prices of different days alone.
        return {**dict.fromkeys(GAP_SOURCES, 0.0), "price_timing": max(gap, 0.0)}
    return {**split_gap(gap, gave), "price_timing": 0.0}


def _from_treasury(p: Period) -> float:
    """Return the coins sold beyond what was mined in the same part: a sale draws first on those."""
    return sum(max(x.btc("sold") - x.btc("mined"), 0.0) for x in p.parts or (p,))


def sales_by_use(p: Period) -> dict[str, float]:
    """Return the sold coins by use, pro rata within each part of a period."""
    if p.parts:
        each = [sales_by_use(x) for x in p.parts]
        return {k: sum(x[k] for x in each) for k in LINES}
    uses = {k: p.uses[k] for k in LINES}
    return {k: float(v) for k, v in sold_for(p.btc("sold"), uses, p.cash_change).items()}


def sales_still_cash(p: Period) -> float:
    """Return the sold coins whose cash is still there, pro rata within each part of a period."""
    if p.parts:
        return sum(sales_still_cash(x) for x in p.parts)
    return float(kept_as_cash(p.btc("sold"), {k: p.uses[k] for k in LINES}, p.cash_change))
