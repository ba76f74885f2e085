"""What price does what: every margin call, liquidation, covenant and shortfall, without simulation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..economics.covenants import asset_decline_price, liquidity_price
from ..economics.lending import coins_to_restore, fall_to, price_at_loan_to_value
from ..operator.ledger_kinds import LINES
from ..operator.money import Covenant, Ladder
from ..processes import DriverPath
from ..units import SAT_PER_BTC
from .run import Outcome, balances_at
from .statement import Period

__all__ = ["exhaustion_fall", "liquidity_now", "maturities", "triggers"]

_TWO_YEARS = 730
_YEAR = 365
#: Falls and rises that are tried for a shortfall, as multiples of the day's price; then halves between two.
_FALLS, _RISES, _HALVINGS = (0.8, 0.6, 0.4, 0.2, 0.05), (1.25, 1.5, 2.0, 4.0), 8
#: Postings of a run above which a shortfall's price is estimated: a dozen reruns would take over a second.
_MOST_POSTINGS = 6_000


def triggers(
    outcome: Outcome, weeks: list[Period], rerun: Callable[[DriverPath], Outcome], i: int = 0
) -> list[dict[str, Any]]:
    """Return the trigger table as of the close of day `i`, the nearest first.

    `rerun` carries the same operator along another path. The coins needed are those to post back to the
    restore level, or to sell to be whole again; of a shortfall, those sold by then.
    """
    price, o, b = float(outcome.path.price_usd[i]), outcome.operator, outcome.balances
    balances = balances_at(outcome, i)
    out: list[dict[str, Any]] = []

    def add(kind: str, name: str, at: float, coins: float | None) -> None:
        if np.isfinite(at) and at > 0:
            out.append(
                {
                    "kind": kind,
                    "name": name,
                    "price_usd": at,
                    "fall_frac": float(fall_to(trigger_price_usd=at, price_usd=price)),
                    "coins_needed_btc": coins,
                }
            )

    free, cash = float(b["free_btc"][i]), float(b["cash_usd"][i])
    calls: list[tuple[float, float, float, str]] = []
    for loan in o.loans:
        ladder = loan.ladder or (Ladder() if loan.kind == "bitcoin_backed" else None)
        owed = balances.get(("debt", "", loan.name), 0) / 100
        posted = balances.get(("coins.posted", "", loan.name), 0) / SAT_PER_BTC
        if ladder is None or not owed or not posted:
            continue
        for kind, level in (("margin_call", ladder.call_frac), ("liquidation", ladder.liquidation_frac)):
            at = float(
                price_at_loan_to_value(loan_usd=owed, posted_btc=posted, loan_to_value_frac=min(level, 1.0))
            )
            need = float(
                coins_to_restore(
                    loan_usd=owed, posted_btc=posted, price_usd=at, restore_frac=ladder.restore_frac
                )
            )
            add(kind, loan.name, at, need)
        calls.append((out[-2]["price_usd"], owed / ladder.restore_frac, posted, loan.name))
    if calls:
        add(*_exhaustion(calls, free))
    cut = o.treasury.haircut_frac
    for c in o.covenants:
        if c.kind == "minimum_liquidity" and c.counts_coins:
            at = float(liquidity_price(minimum_usd=c.limit, cash_usd=cash, free_btc=free, haircut_frac=cut))
            add("covenant", c.name, at, free)
        elif c.kind == "loan_to_value":
            owed = balances.get(("debt", "", c.loan), 0) / 100
            posted = balances.get(("coins.posted", "", c.loan), 0) / SAT_PER_BTC
            if owed and posted:
                at = float(
                    price_at_loan_to_value(
                        loan_usd=owed, posted_btc=posted, loan_to_value_frac=min(c.limit, 1.0)
                    )
                )
                add("covenant", c.name, at, None)
        elif c.kind == "asset_decline" and float(b["owned_btc"][i]) > 0:
            at = float(
                asset_decline_price(
                    price_usd=price, coins_btc=float(b["owned_btc"][i]),
                    other_assets_usd=cash - float(b["debt_usd"][i]), decline_frac=c.limit,
                )
            )  # fmt: skip
            add("covenant", c.name, at, None)
        elif c.kind in ("debt_service_cover", "net_debt_to_ebitda"):
            add("covenant", c.name, _cover_price(outcome, c), None)
    if len(outcome.books.ledger) > _MOST_POSTINGS:
        add("shortfall", "bills of the run, estimated", *_shortfall_estimate(outcome, weeks))
    elif o.kind != "home" and (found := _shortfall(outcome, rerun, i)) is not None:
        # A home's bills are met by its owner, whatever the price.
        add("shortfall", "bills of the run", *found)
    return sorted(out, key=lambda row: -row["price_usd"])


def _shortfall(
    outcome: Outcome, rerun: Callable[[DriverPath], Outcome], i: int
) -> tuple[float, float] | None:
    """Return the price nearest to that of day `i` at which a bill is missed, and the coins sold by then.

    Prices after day `i` move in one proportion, difficulty does not; the price is found to a thousandth of
    today's. Where this path misses a bill itself, it is the highest at which one still is. None: no fall
    that is tried brings one about, or no rise helps.
    """
    path, after = outcome.path, np.arange(outcome.days.n) > i

    def missed(level: float) -> Outcome | None:
        moved = np.where(after, level, 1.0)
        other = rerun(replace(path, price_usd=path.price_usd * moved, low_usd=path.low_usd * moved))
        return None if other.first_shortfall is None else other

    last, falls, before = outcome, outcome.first_shortfall is None, 1.0
    for level in _FALLS if falls else _RISES:
        other = missed(level)
        last = other or last
        if (other is not None) == falls:
            break
        before = level
    else:
        return None
    short, met = (level, before) if falls else (before, level)
    for _ in range(_HALVINGS):
        level = (short + met) / 2
        other = missed(level)
        if other is None:
            met = level
        else:
            short, last = level, other
    day = last.first_shortfall
    sold = 0 if day is None else last.books.ledger.balances(day + 1).get(("outside.sold", "", ""), 0)
    return short * float(path.price_usd[i]), sold / SAT_PER_BTC


def _shortfall_estimate(outcome: Outcome, weeks: list[Period]) -> tuple[float, float]:
    """Return the first day's price, with all later ones in proportion, at which bills cannot be met.

    Every free and mined coin is taken to be sold, at the end of each week; machines run as on this path. The
    second figure is the coins that are needed by then.
    """
    cost = 1 - outcome.operator.treasury.sale_cost_frac
    free = float(outcome.balances["free_btc"][0])
    cash = outcome.opening_cents / 100
    coins, due, worst, need = free, 0.0, 0.0, 0.0
    for w in weeks:
        coins += w.btc("mined")
        due += sum(w.uses[k] for k in LINES) / 100 - (sum(w.sources.values()) - w.sources["coins"]) / 100
        lacking = due - cash
        if lacking <= 0 or coins <= 0:
            continue
        scale = lacking / (coins * float(outcome.path.price_usd[w.last]) * cost)
        if scale > worst:
            worst, need = scale, coins
    return worst * float(outcome.path.price_usd[0]), need


def _exhaustion(calls: list[tuple[float, float, float, str]], free: float) -> tuple[str, str, float, float]:
    """Return the trigger at which the calls of all loans have taken the last free coin.

    A loan asks for nothing above its call price, and then for what brings it back to its restore level.
    `calls` holds each loan's call price, its debt over that level, its posted coins and its name.
    """
    calls = sorted(calls, key=lambda c: -c[0])
    at, names = 0.0, ""
    for k, (price, *_) in enumerate(calls, start=1):
        taken = sum(c[1] for c in calls[:k]) / (free + sum(c[2] for c in calls[:k]))
        at, names = min(price, taken), ", ".join(c[3] for c in calls[:k])
        if k == len(calls) or at >= calls[k][0]:
            break
    return "free_coins_end", names, at, free


def _cover_price(outcome: Outcome, c: Covenant) -> float:
    """Return the first day's price, with all later ones in proportion, at which a test on earnings fails.

    The dearest of the run's tests counts; bills, machines and net debt are those of this path.
    """
    worst = 0.0
    for t in (t for t in outcome.covenants if t["name"] == c.name):
        revenue, running, service, net_debt, days = (
            float(str(t[k])) for k in ("revenue_usd", "running_usd", "service_usd", "net_debt_usd", "days")
        )
        least = c.limit * service if c.kind == "debt_service_cover" else net_debt / c.limit * days / _YEAR
        if revenue > 0 and least > 0:
            worst = max(worst, (least + running) / revenue)
    return worst * float(outcome.path.price_usd[0])


def exhaustion_fall(table: list[dict[str, Any]]) -> float | None:
    """Return the further fall at which the last free coin is posted, to all loans together."""
    falls = [row["fall_frac"] for row in table if row["kind"] == "free_coins_end"]
    return max(falls) if falls else None


def liquidity_now(outcome: Outcome, i: int = 0) -> dict[str, Any]:
    """Return what can be turned into cash as of the close of day `i`, and what cannot."""
    t, b, price = outcome.operator.treasury, outcome.balances, float(outcome.path.price_usd[i])
    balances = balances_at(outcome, i)
    states: dict[str, float] = {}
    for key, amount in balances.items():
        if key[0].startswith("coins."):
            states[key[0][6:]] = states.get(key[0][6:], 0.0) + amount / SAT_PER_BTC
    undrawn = sum(
        max(x.limit_usd - balances.get(("debt", "", x.name), 0) / 100, 0.0)
        for x in outcome.operator.loans
        if x.limit_usd is not None
    )
    free = float(b["free_btc"][i])
    return {
        "cash_usd": float(b["cash_usd"][i]),
        "restricted_usd": float(t.restricted_usd),
        "free_coins_usd": free * price * (1 - t.haircut_frac),
        "undrawn_usd": undrawn,
        "free_btc": free,
        "posted_btc": states.get("posted", 0.0),
        "lent_btc": states.get("lent", 0.0),
        "receivable_btc": states.get("receivable", 0.0),
        "written_btc": states.get("written", 0.0),
        "redeemable_btc": states.get("redeemable", 0.0),
        "total_usd": float(b["cash_usd"][i]) + free * price * (1 - t.haircut_frac) + undrawn,
    }


def maturities(outcome: Outcome) -> list[dict[str, Any]]:
    """Return what matures or can be put within two years of the start."""
    start = outcome.days.start
    out = []
    for loan in outcome.operator.loans:
        owed = balances_at(outcome, 0).get(("debt", "", loan.name), 0) / 100
        amount = owed or float(loan.amount_usd)
        puts = loan.conversion.puts if loan.conversion else ()
        for when, put in [(loan.matures, False), *((p, True) for p in puts)]:
            if when is not None and 0 <= (when - start).days <= _TWO_YEARS:
                out.append(
                    {
                        "date": when.isoformat(),
                        "name": loan.name,
                        "kind": loan.kind,
                        "amount_usd": amount,
                        "repaid": loan.repaid,
                        "can_be_put": put,
                    }
                )
    return sorted(out, key=lambda row: row["date"])
