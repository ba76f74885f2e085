"""An operator's levers ranked on one path: each is a run of the changed file beside the file as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..economics.equity import equity_accretion, net_btc
from ..engine.run import Outcome, run
from ..engine.statement import Period, merged, periods, total_of
from ..operator.operator import Operator
from ..processes import DriverPath
from .home import home_figures
from .lever_changes import LEVERS, OF_A_HOME, Lever

__all__ = ["LEVERS", "Lever", "levers_reading"]

#: What one path cannot say.
_ONE_PATH = {"se": None, "survival_delta": None}


def levers_reading(
    operator: Operator,
    path: DriverPath,
    folder: Path | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> dict[str, Any]:
    """Rank the levers by retained bitcoin net of debt, on one path; keep running is the baseline.

    Net of debt: coins plus cash less debt and unpaid bills in coins at the end price, against the baseline;
    new shares count by what a share then holds.
    """
    base = run(operator, path, folder=folder)
    start = base.days.start
    zero = _figures(base)
    rows = [_row("keep running", Lever(operator, "the baseline"), base, zero, zero)]
    refused = []
    for done, (name, change) in enumerate(LEVERS.items()):
        if progress is not None:
            progress(done, len(LEVERS))
        if operator.kind == "home" and name not in OF_A_HOME:
            continue
        lever = change(operator, path, start)
        if isinstance(lever, str):
            refused.append({"name": name, "why": lever})
            continue
        after = run(lever.operator, path, folder=folder)
        rows.append(_row(name, lever, after, _figures(after), zero))
    rows.append(_spot(base, zero))
    rows.sort(key=lambda r: -r["net_btc_delta"])
    return {
        "operator": operator.operator,
        "path": path.name,
        "ranked_by": "net_btc_delta",
        "levers": rows,
        "not_offered": refused,
    }


def _figures(outcome: Outcome) -> dict[str, float]:
    total: Period = merged("total", periods(outcome))
    t, b, e = total_of(outcome, total), outcome.books, outcome.operator.equity
    held = sum(b.total(a) for a in ("deposits", "margin", "prepaid", "credits", "receivable")) / 100
    net = float(
        net_btc(
            coins_btc=t["held_btc"],
            cash_usd=t["cash_usd"] + held,
            debt_usd=t["debt_usd"] + b.total("payable") / 100,
            price_usd=t["price_usd"],
        )
    )
    if outcome.operator.kind == "home":
        # The owner pays for a hobby, and the heat is the owner's.
        net -= home_figures(outcome, total)["net_cost_usd"] / t["price_usd"]
    return {
        "net": net,
        # Old owners keep their part of what all shares then hold.
        "owners": net * e.shares / (e.shares + outcome.new_shares) if e is not None else net,
        "kept": t["retained_btc"],
        "price": t["price_usd"],
        "raised": total.terms["equity_raised"] / 100,
    }


def _row(
    name: str, lever: Lever, after: Outcome, x: dict[str, float], zero: dict[str, float]
) -> dict[str, Any]:
    accretion = None
    e = after.operator.equity
    if e is not None and after.new_shares:
        before = x["net"] - x["raised"] / x["price"]
        if before > 0:
            accretion = float(
                equity_accretion(
                    net_btc=before, shares=e.shares, new_shares=after.new_shares, proceeds_usd=x["raised"],
                    price_usd=x["price"],
                )
            )  # fmt: skip
    first = after.first_shortfall
    return {
        "name": name,
        "effect": lever.effect,
        "net_btc_delta": x["owners"] - zero["owners"],
        "retained_btc_delta": x["kept"] - zero["kept"],
        "cost_usd": lever.cost_usd,
        "delay_days": lever.delay_days,
        "first_shortfall_utc": None
        if first is None
        else after.days.at(first - int(after.days.number[0])).isoformat(),
        "btc_per_share_delta_frac": accretion,
        **_ONE_PATH,
    }


def _spot(base: Outcome, zero: dict[str, float]) -> dict[str, Any]:
    """Stop mining and buy coins with the dollars that mining would have cost, on the same days."""
    total = merged("total", periods(base))
    same = sum(c / 100 / float(base.path.price_usd[i]) for i, c in total.spent_by_day.items())
    delta = same - total.btc("mined")
    if base.operator.kind == "home":
        delta = same - sum(total.spent_by_day.values()) / 100 / zero["price"] - zero["owners"]
    return {
        "name": "buy spot instead",
        "effect": "the same dollars on the same days; machines stand still",
        "net_btc_delta": delta,
        "retained_btc_delta": same - zero["kept"],
        "cost_usd": 0.0,
        "delay_days": 0.0,
        "first_shortfall_utc": None,
        "btc_per_share_delta_frac": None,
        **_ONE_PATH,
    }
