"""Promises to lenders, tested on their dates on trailing figures."""

from __future__ import annotations

from ..economics.covenants import debt_service_cover, headroom, liquidity, net_debt_to_ebitda
from ..operator.money import Covenant
from ..units import SAT_PER_BTC
from .debts import accelerate, loan_to_value_frac
from .state import State, usd_cents

__all__ = ["keep_promises", "measure"]

_YEAR = 365
_AT_LEAST = ("minimum_liquidity", "debt_service_cover")


def measure(s: State, c: Covenant) -> float:
    """Return what a covenant measures today; NaN where there is nothing to measure."""
    cash, coins = s.books.cash / 100, s.books.free / SAT_PER_BTC
    debt = s.books.total("debt") / 100
    window = min(_YEAR, len(s.revenue))
    if c.kind == "minimum_liquidity":
        counted = coins if c.counts_coins else 0.0
        return float(
            liquidity(
                cash_usd=cash,
                free_btc=counted,
                price_usd=s.price,
                haircut_frac=s.operator.treasury.haircut_frac,
            )
        )
    earned = (sum(s.revenue[-window:]) - sum(s.running[-window:])) / 100
    if c.kind == "debt_service_cover":
        service = sum(s.service[-window:]) / 100
        return float(debt_service_cover(operating_cash_usd=earned, interest_usd=service, principal_usd=0.0))
    if c.kind == "net_debt_to_ebitda":
        yearly = earned * _YEAR / max(window, 1)
        return float(net_debt_to_ebitda(debt_usd=debt, cash_usd=cash, ebitda_usd=yearly))
    if c.kind == "loan_to_value":
        return loan_to_value_frac(s, s.loans[c.loan].loan, s.price)
    now = cash + s.books.owned / SAT_PER_BTC * s.price - debt
    before = [float(str(t["net_assets_usd"])) for t in s.covenants if t["name"] == c.name]
    return 1 - now / before[-1] if before and before[-1] > 0 else 0.0


def keep_promises(s: State) -> None:
    """Test what is tested today; a breach is waived for a fee so many times, then the loan is due."""
    if not s.days.ends_month[s.i]:
        return
    for c in s.operator.covenants:
        if (c.tested == "quarter" and not s.days.ends_quarter[s.i]) or (
            c.starts and s.days.at(s.i) < c.starts
        ):
            continue
        value = measure(s, c)
        at_least = c.kind in _AT_LEAST
        room = float(headroom(value=min(max(value, -1e18), 1e18), limit=c.limit, at_least=at_least))
        coins = s.books.owned / SAT_PER_BTC * s.price
        s.covenants.append(
            {
                "name": c.name,
                "kind": c.kind,
                "day": s.day,
                "value": value,
                "limit": c.limit,
                "headroom_frac": room,
                "revenue_usd": sum(s.revenue[-_YEAR:]) / 100,
                "running_usd": sum(s.running[-_YEAR:]) / 100,
                "service_usd": sum(s.service[-_YEAR:]) / 100,
                "net_debt_usd": s.books.total("debt") / 100 - s.books.cash / 100,
                "days": min(_YEAR, len(s.revenue)),
                "net_assets_usd": s.books.cash / 100 + coins - s.books.total("debt") / 100,
            }
        )
        if room >= 0:
            continue
        one = s.loans.get(c.loan)
        s.tell(
            "breach",
            c.name,
            f"{c.kind} is {value:,.4g}, must be {'at least' if at_least else 'at most'} {c.limit:,.4g}",
        )
        if one is None or one.status in ("enforced", "let_go", "repaid"):
            continue
        if one.waived < c.waivers:
            one.waived += 1
            fee = usd_cents(s.books.balance("debt", "", c.loan) / 100 * c.waiver_frac)
            s.owe_now("interest", c.loan, fee)
            s.tell("waived", c.name, f"for {fee / 100:,.0f} USD", fee / 100)
        else:
            accelerate(s, one, f"covenant {c.name} broken")
