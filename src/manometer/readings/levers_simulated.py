"""The levers on many paths, the same ones for all, and the plan that keeps the most bitcoin and survives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..economics.equity import net_btc
from ..engine.calendar import EPOCH, add_months
from ..engine.columns import month_column, month_ends
from ..engine.drivers import Drivers
from ..engine.runner import Kept, chunk_paths
from ..errors import InputError
from ..operator.operator import Operator
from ..processes import DriverPath
from ..results import mean_of, probability_of, quantile_of
from ..store import Store
from .lever_changes import FORWARD_FRAC, LEVERS, Change, Lever
from .path_figures import PathFigures
from .plan_search import Plan, Step, Tried, search
from .simulate import Ask, drivers_for, eve_path, run_paths, work_for

__all__ = ["levers_simulated"]

Progress = Callable[[int, int | None], None]

#: Levers whose date is open; the others act from the first day.
_FORWARD = "hedge hashprice"
_DATED = ("sell machines", "AI conversion", _FORWARD)
_MONTHS = (0, 3, 6, 12)
_SEARCH_PATHS = 512
_FORWARD_MONTHS = 12
_POLICIES = frozenset(("sell all that is mined", "hold until forced"))
_SHARES = "equity"


@dataclass(frozen=True)
class _Table:
    """What the rows are computed on."""

    operator: Operator
    drivers: Drivers
    ask: Ask
    folder: Path | None
    #: Mean hashprice over the paths at the end of each month [USD per PH/s per day].
    expected: tuple[float, ...] = ()

    def run(self, operator: Operator, n_paths: int, shift: int = 0) -> PathFigures:
        """Carry an operator along paths `shift` and on."""
        ask = replace(self.ask, paths=n_paths)
        kept = Kept()
        work = work_for(operator, self.drivers, ask.seed, self.folder, shift)
        run_paths(work, ask, kept, size=ask.chunk or chunk_paths(n_paths, ask.n_threads, self.drivers.n_days))
        return PathFigures(kept.column)

    def tried(self, operator: Operator, n_paths: int, shift: int = 0) -> Tried:
        f = self.run(operator, n_paths, shift)
        return Tried(_of_owners(operator, f), f.retained(), f.survived())

    @property
    def start(self) -> date:
        return EPOCH + timedelta(days=self.drivers.first_day)

    def pull(self, name: str, change: Change, operator: Operator, month: int = 0) -> Lever | str:
        """Pull a lever in a month of the run, knowing the eve alone; say why not where it cannot be."""
        on = add_months(self.start, month)
        lever = change(operator, _rest(eve_path(self.drivers), (on - self.start).days), on)
        return self._at_expected(lever, month) if name == _FORWARD and isinstance(lever, Lever) else lever

    def _at_expected(self, lever: Lever, month: int) -> Lever:
        """Strike a forward on the hashprice that the paths expect: who sells it knows that hashrate grows."""
        year = self.expected[month : month + _FORWARD_MONTHS]
        contract = lever.operator.hedges[-1]
        level = FORWARD_FRAC * sum(year) / len(year)
        changed = level / contract.hashprice_usd_per_phs_day
        hedges = (*lever.operator.hedges[:-1], replace(contract, hashprice_usd_per_phs_day=level))
        return replace(
            lever,
            operator=replace(lever.operator, hedges=hedges),
            effect=f"half of the hash at {level:,.2f} USD/PH/day, 3 % under what the paths expect",
            cost_usd=lever.cost_usd * changed,
        )


def levers_simulated(
    operator: Operator,
    store: Store,
    ask: Ask,
    *,
    survival: float = 0.95,
    folder: Path | None = None,
    levers: Mapping[str, Change] = LEVERS,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Rank the levers on common random numbers, and search for a plan that survives.

    Each row is the difference to keep running, path by path, with its error: the mean of what is kept and of
    survival, the median of net bitcoin. Its mean (`net_btc_delta_mean`) is ruled by the few paths on
    which the price ends so low that any cash is worth a mine; those are the survival target's to guard.
    The search sees one set of paths; what the plan is said to give is estimated on paths that it never saw.

    Parameters
    ----------
    survival : least share of paths on which every bill must be met.

    Raises
    ------
    InputError
        The target is no share.
    """
    if not 0 < survival <= 1:
        raise InputError(f"survival: {survival} must be more than 0 and at most 1, such as 0.95")
    if operator.kind == "home":
        raise InputError("the levers of a home are ranked on one path: leave --paths out")
    ask = ask.checked()
    table = _Table(operator, drivers_for(operator, ask, store), ask, folder)
    base = table.run(operator, ask.paths)
    table = replace(table, expected=_expected(base, table.drivers))
    rows = [_row("keep running", Lever(operator, "the baseline"), base, base, operator)]
    refused, offered = [], {}
    under = _below_net_assets(operator, table.start, table.drivers.price_usd)
    for done, (name, change) in enumerate(levers.items()):
        if progress is not None:
            progress(done, len(levers) * 2)
        lever = table.pull(name, change, operator)
        if isinstance(lever, str):
            refused.append({"name": name, "why": lever})
            continue
        rows.append(_row(name, lever, table.run(lever.operator, ask.paths), base, operator))
        rows[-1]["below_net_asset_value"] = under if name == _SHARES else None
        offered[name] = change
    rows.append(_spot(base))
    # Shares sold below what they hold take coins from today's owners: never better than keeping them.
    rows.sort(key=lambda r: -min(r["net_btc_delta"], 0.0 if r.get("below_net_asset_value") else np.inf))
    if under:
        offered.pop(_SHARES, None)
    plan, result = _plan(table, offered, survival, progress)
    return {
        "operator": operator.operator,
        "path": f"{ask.paths:,} paths, {ask.process}, seed {ask.seed}",
        "first_day": table.start.isoformat(),
        "months": ask.months,
        "paths": ask.paths,
        "seed": ask.seed,
        "process": ask.process,
        "ranked_by": "net_btc_delta",
        "survival_target": survival,
        "survival_probability": probability_of(base.survived()).value,
        "levers": rows,
        "not_offered": refused,
        "plan": plan,
        "plan_result": result,
    }


def _row(name: str, lever: Lever, f: PathFigures, base: PathFigures, operator: Operator) -> dict[str, Any]:
    gained = _gained(
        _of_owners(lever.operator, f) - _of_owners(operator, base), f.retained() - base.retained()
    )
    lives = mean_of(f.survived().astype(np.float64) - base.survived())
    share = None
    if lever.operator.equity is not None and f.column("new_shares").any():
        was = quantile_of(_of_owners(operator, base), 0.5).value
        gain = gained["net_btc_delta"]
        share = None if not was or was <= 0 or gain is None else gain / was
    return {
        "name": name,
        "effect": lever.effect,
        **gained,
        "survival_delta": lives.value,
        "survival_se": lives.se,
        "survival_probability": probability_of(f.survived()).value,
        "cost_usd": lever.cost_usd,
        "delay_days": lever.delay_days,
        "btc_per_share_delta_frac": share,
    }


def _spot(base: PathFigures) -> dict[str, Any]:
    """Stop mining and buy coins with the dollars that mining would have cost, on the same days."""
    same = base.spot()["same_dates"]
    return {
        "name": "buy spot instead",
        "effect": "the same dollars on the same days; machines stand still",
        **_gained(same - base.btc("mined"), same - base.retained()),
        "survival_delta": None,
        "survival_se": None,
        "survival_probability": None,
        "cost_usd": 0.0,
        "delay_days": 0.0,
        "btc_per_share_delta_frac": None,
    }


def _gained(net_btc: NDArray[np.float64], retained_btc: NDArray[np.float64]) -> dict[str, float | None]:
    """Return what differences path by path come to: net bitcoin by its median and its mean, coins kept."""
    gain, average, more = quantile_of(net_btc, 0.5), mean_of(net_btc), mean_of(retained_btc)
    return {
        "net_btc_delta": gain.value,
        "net_se": gain.se,
        "net_btc_delta_mean": average.value,
        "net_se_mean": average.se,
        "retained_btc_delta": more.value,
        "se": more.se,
    }


def _of_owners(operator: Operator, f: PathFigures) -> NDArray[np.float64]:
    """Return net bitcoin that today's owners hold: their part of what all shares hold at the end."""
    if operator.equity is None:
        return f.net_of_all()
    shares = operator.equity.shares
    return np.asarray(f.net_of_all() * (shares / (shares + f.column("new_shares"))))


def _expected(base: PathFigures, drivers: Drivers) -> tuple[float, ...]:
    n = len(month_ends(drivers.first_day, drivers.n_days))
    means = (mean_of(base.column(month_column("hashprice_usd_per_phs_day", m))).value for m in range(n))
    return tuple(x or 0.0 for x in means)


def _below_net_assets(operator: Operator, start: date, price_usd: float) -> bool:
    """Return whether the share sells, after discount and fee, for less than the coins and cash behind it."""
    e, t = operator.equity, operator.treasury
    if e is None:
        return False
    net = net_btc(
        coins_btc=t.coins_btc + t.lent_btc + t.written_btc + t.redeemable_btc + t.receivable_btc
        + sum(x.posted_btc for x in operator.loans),
        cash_usd=t.cash_usd,
        debt_usd=sum(x.amount_usd for x in operator.loans if x.drawn is None or x.drawn < start),
        price_usd=price_usd,
    )  # fmt: skip
    brings = float(e.price_usd_per_share) * (1 - e.discount_frac) * (1 - e.fee_frac)
    return brings * e.shares < float(net) * price_usd


def _plan(
    table: _Table,
    offered: Mapping[str, Change],
    target: float,
    progress: Progress | None,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Search on the first paths, and estimate what is found on as many new ones as were asked for."""
    seen = min(table.ask.paths, _SEARCH_PATHS)
    months = [m for m in _MONTHS if m < table.ask.months]
    steps = [Step(n, m) for n in offered for m in (months if n in _DATED else [0])]
    tries = 0

    def trial(plan: Plan) -> Tried | None:
        nonlocal tries
        built = _build(table, offered, plan)
        if built is None:
            return None
        tries += 1
        if progress is not None:
            progress(len(offered) + min(tries, len(offered)), 2 * len(offered) + 1)
        return table.tried(built[0], seen)

    plan = search(steps, trial, target)
    built = _build(table, offered, plan)
    assert built is not None, "a plan that was tried can be built"
    fresh = table.ask.paths
    after, before = (table.tried(o, fresh, shift=fresh) for o in (built[0], table.operator))
    lives = probability_of(after.survived)
    result = {
        **_gained(after.net_btc - before.net_btc, after.retained_btc - before.retained_btc),
        "survival_probability": lives.value,
        "survival_se": lives.se,
        "survival_delta": mean_of(after.survived.astype(np.float64) - before.survived).value,
        "meets_target": bool(lives.value is not None and lives.value >= target),
        "cost_usd": sum(x.cost_usd for x in built[1]),
        "plans_tried": tries,
        "search_paths": seen,
        "fresh_paths": fresh,
        "method": "greedy, then pairwise exchange; estimated on paths that the search never saw",
    }
    rows = [
        {
            "name": s.lever,
            "month": s.month,
            "date": add_months(table.start, s.month).isoformat(),
            "effect": x.effect,
            "cost_usd": x.cost_usd,
            "delay_days": x.delay_days,
        }
        for s, x in zip(_in_order(offered, plan), built[1], strict=True)
    ]
    return rows, result


def _in_order(offered: Mapping[str, Change], plan: Plan) -> list[Step]:
    order = {name: k for k, name in enumerate(offered)}
    return sorted(plan, key=lambda s: order[s.lever])


def _build(table: _Table, offered: Mapping[str, Change], plan: Plan) -> tuple[Operator, list[Lever]] | None:
    """Pull the levers of a plan one after another; None where one is not to be had after the others."""
    if sum(s.lever in _POLICIES for s in plan) > 1:
        return None
    operator, pulled = table.operator, []
    for step in _in_order(offered, plan):
        lever = table.pull(step.lever, offered[step.lever], operator, step.month)
        if isinstance(lever, str):
            return None
        operator = lever.operator
        pulled.append(lever)
    return operator, pulled


def _rest(path: DriverPath, days: int) -> DriverPath:
    return path if not days else replace(
        path, day=path.day[days:], price_usd=path.price_usd[days:], low_usd=path.low_usd[days:],
        difficulty=path.difficulty[days:], subsidy_btc=path.subsidy_btc[days:], fees_btc=path.fees_btc[days:],
    )  # fmt: skip
