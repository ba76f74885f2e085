"""The cascade reading: a shock put to the whole population, or an episode of history run again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..economics.volume import Volume, volumes_of
from ..engine.calendar import EPOCH
from ..engine.cascade import (
    KINDS,
    Case,
    Story,
    amplification,
    drawn,
    ladder,
    month_ends,
    sensitivity,
    sweep,
    taken_by_sales,
    tell,
    tipping,
)  # fmt: skip
from ..engine.crowd import ASSUMED, Assumed
from ..engine.population import Days
from ..errors import DataError, InputError, unknown_name
from ..operator.episodes import Episode, read_episode
from ..operator.roster import Roster, read_roster, roster_of_eve
from ..processes.draws import check_seed
from ..store import Store
from ..units import BLOCKS_PER_DAY, SECONDS_PER_DAY
from .market import Market, as_of_second, read_market
from .paths import history_path
from .start import drivers_as_of

__all__ = ["CascadeView", "Question", "cascade"]

Floats = NDArray[np.float64]
Progress = Callable[[int, int | None], None]

_CALM_DAYS = 90  # of history that a day's deviation is measured on
_FEE_DAYS = 30
_WEEK = 7
_COHORTS = 256
_CLAIM = (-0.10, -0.11, -0.12, -0.13, -0.14, -0.15)
_MOST_SHOCKS, _MOST_PATHS, _MOST_DAYS = 200, 100_000, 730
_LONGS_BTC = 100_000.0
_SHOWN_GRADES = ("ehs", "free_btc", "posted_btc", "coin_loan_usd", "term_debt_usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the population.

    Parameters
    ----------
    shock_frac : fall on the first day, such as -0.12; of power, its price rises by as much.
    sweep : shocks to try; the tipping point is looked for among them.
    longs : whether leveraged longs are there to be closed.
    """

    shock_frac: float = -0.12
    kind: str = "price"
    sweep: tuple[float, ...] = ()
    n_days: int = 90
    n_paths: int = 256
    seed: int = 0
    longs: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no question."""
        check_seed(self.seed)
        if self.kind not in KINDS:
            raise unknown_name("kind", self.kind, KINDS)
        for s in (self.shock_frac, *self.sweep):
            if not -1 < s < 0:
                raise InputError(f"shock {s:g}: give a fall between -1 and 0, such as -0.12 for 12 %")
        if len(self.sweep) > _MOST_SHOCKS:
            raise InputError(f"sweep: {len(self.sweep)} shocks, at most {_MOST_SHOCKS}; take a longer step")
        for name, value, most in (("paths", self.n_paths, _MOST_PATHS), ("days", self.n_days, _MOST_DAYS)):
            if not 1 <= value <= most:
                raise InputError(f"{name}: {value} must be 1 to {most:,}")


@dataclass(frozen=True)
class CascadeView:
    """The reading; `data` is the settled JSON."""

    data: dict[str, Any]


def cascade(
    store: Store,
    as_of: str | int | date | None = None,
    *,
    question: Question | None = None,
    replay: str | None = None,
    population: Path | None = None,
    progress: Progress | None = None,
) -> CascadeView:
    """Put a shock to everybody as of a day, or run an episode of history again.

    Parameters
    ----------
    replay : name of an episode; the price is then the one there was, and no shock is given.
    population : a table of the reader's own; by default the packaged one.

    Raises
    ------
    InputError
        A number is out of range, or the table is wrong.
    DataError
        Too little was known by then.
    """
    asked = question or Question()
    if replay is not None:
        return _replayed(store, read_episode(replay), asked, population, progress)
    return _shocked(store, as_of, asked, population, progress)


def _case(
    store: Store,
    as_of: str | int | date | None,
    roster: Callable[[date], Roster],
    n_days: int,
    asked: Question,
    progress: Progress | None,
) -> tuple[Case, Market]:
    market = read_market(store, as_of_second(as_of))
    first = EPOCH + timedelta(days=int(market.inputs.day[-1]) + 1)
    drivers = drivers_as_of(
        store, as_of, months=max(-(-n_days // 28), 1), process="gbm", cohorts=_COHORTS, progress=progress
    )
    x = market.inputs
    returns = np.diff(np.log(x.price_usd[-_CALM_DAYS - 1 :]))
    if not np.isfinite(returns).all():
        raise DataError(f"a price of the {_CALM_DAYS} days before {first} is not known")
    case = Case(
        roster=roster(first),
        network=drivers.network,
        first_day=first,
        n_days=n_days,
        price_usd=float(x.price_usd[-1]),
        fees_btc=float(x.fees_btc[-_FEE_DAYS:].mean()),
        deviation=float(returns.std(ddof=1)),
        assumed=Assumed(longs_btc=_LONGS_BTC if asked.longs else 0.0),
        kind=asked.kind,
    )
    return case, market


def _shocked(
    store: Store,
    as_of: str | int | date | None,
    asked: Question,
    population: Path | None,
    progress: Progress | None,
) -> CascadeView:

    def known(first: date) -> Roster:
        return read_roster(first - timedelta(days=1), population)

    case, market = _case(store, as_of, known, asked.n_days, asked, progress)
    thin, wide = volumes_of(case.first_day)
    steps = [0, 2 * (len(asked.sweep) + len(_CLAIM) + 2) + len(ASSUMED)]

    def tick() -> None:
        steps[0] += 1
        if progress is not None:
            progress(*steps)

    answers, stories = [], []
    for volume in (thin, wide):
        ordinary = case.ordinary_btc(volume)
        calm, bad = (tell(case, volume, s, ordinary) for s in (0.0, asked.shock_frac))
        stories.append((calm, bad, ordinary))
        tick()
        on_paths = drawn(case, volume, asked.shock_frac, ordinary, seed=asked.seed, n_paths=asked.n_paths)
        tick()
        swept = sweep(case, volume, asked.sweep, ordinary, tick)
        claim = sweep(case, volume, _CLAIM, ordinary, tick)
        answers.append(
            {
                **asdict(volume),
                "amplification": amplification(calm, bad, asked.shock_frac),
                "amplification_paths": _quantiles(on_paths),
                "final_fall_frac": amplification(calm, bad, asked.shock_frac) * asked.shock_frac,
                "taken_by_sales_frac": taken_by_sales(calm, bad),
                "sweep": [
                    {"shock_frac": s, "amplification": float(a)}
                    for s, a in zip(asked.sweep, swept, strict=True)
                ],
                "tipping_shock_frac": tipping(asked.sweep, swept),
                "claim": {"shocks_frac": list(_CLAIM), "amplification": claim.tolist(),
                          "starts_cascade": tipping(_CLAIM, claim) is not None},
            }
        )  # fmt: skip
    calm, bad, ordinary = stories[0]
    data = {
        **_head(case, market, asked),
        "amplification": answers[0]["amplification"],
        "rounds": _rounds(case, bad),
        "tipping_shock_frac": answers[0]["tipping_shock_frac"],
        "sellers": _sellers(case.roster, calm, bad),
        "ladder": ladder(case.roster, case.price_usd, case.assumed.sale_cost_frac),
        "volumes": answers,
        "flows_btc_per_day": {name: _flows(case, s) for name, s in (("calm", calm), ("shocked", bad))},
        "ordinary_btc_per_day": ordinary,
        "lenders": _lenders(case, bad),
        "hashrate_lost_ehs": float(max((calm.hashrate_ehs - bad.hashrate_ehs).max(), 0.0)),
        "defaults": int(bad.defaulted[-1].sum()),
        "calm_defaults": int(calm.defaulted[-1].sum()),
        "sensitivity": sensitivity(case, thin, asked.shock_frac, tick),
        "replay": None,
        "published": [],
    }
    return CascadeView(data)


def _head(case: Case, market: Market, asked: Question) -> dict[str, Any]:
    roster = case.roster
    return {
        "as_of_utc": f"{case.first_day - timedelta(days=1)}T23:59:59Z",
        "first_day": case.first_day.isoformat(),
        "days": case.n_days,
        "kind": case.kind,
        "shock_frac": asked.shock_frac,
        "seed": asked.seed,
        "paths": asked.n_paths,
        "price_usd": case.price_usd,
        "deviation_per_day": case.deviation,
        "network_hashrate_ehs": case.network.cohorts.hashrate_ehs,
        "population": {
            "on": roster.on.isoformat(),
            "known": roster.known.isoformat(),
            "operators": len(roster.members),
            "listed": sum(m.listed for m in roster.members),
            "debt_usd": roster.debt_usd,
            "debt_assumed_frac": roster.assumed_debt_frac,
        },
        "assumed": asdict(case.assumed),
        "sources": market.sources,
    }


def _rounds(case: Case, s: Story) -> list[dict[str, Any]]:
    new = np.diff(s.defaulted.astype(int), axis=0, prepend=np.zeros_like(s.defaulted[:1], dtype=int))
    names = [m.name for m in case.roster.members]
    return [
        {
            "day": (case.first_day + timedelta(days=k)).isoformat(),
            "price_usd": float(s.price_usd[k]),
            "sold_btc": float(s.sold_btc[k].sum() + s.forced_btc[k]),
            "forced_btc": float(s.forced_btc[k]),
            "posted_btc": float(s.posted_btc[k].sum()),
            "impact_frac": float(s.impact[k]),
            "hashrate_ehs": float(s.hashrate_ehs[k]),
            "ehs_off": float(max(case.network.cohorts.hashrate_ehs - s.hashrate_ehs[k], 0.0)),
            "defaults": int(new[k].sum()),
            "who_defaults": [n for n, d in zip(names, new[k], strict=True) if d],
        }
        for k in range(case.n_days)
    ]


def _sellers(roster: Roster, calm: Story | None, bad: Story) -> list[dict[str, Any]]:
    rows = []
    for k, m in enumerate(roster.members):
        day = np.flatnonzero(bad.defaulted[:, k])
        rows.append(
            {
                "name": m.name,
                "listed": m.listed,
                "policy": m.policy,
                "sold_btc": float(bad.sold_btc[:, k].sum()),
                "calm_sold_btc": None if calm is None else float(calm.sold_btc[:, k].sum()),
                "seized_btc": float(bad.seized_btc[:, k].sum()),
                "posted_btc": float(bad.posted_btc[:, k].sum()),
                "mined_btc": float(bad.mined_btc[:, k].sum()),
                "default_day": int(day[0]) if len(day) else None,
                "debt_usd": m.coin_loan_usd + m.term_debt_usd,
                "grades": {c: m.grade(c) for c in _SHOWN_GRADES},
                "source": m.source,
            }
        )
    return sorted(rows, key=lambda r: -(float(r["sold_btc"]) + float(r["seized_btc"])))


def _flows(case: Case, s: Story) -> dict[str, float]:
    listed = np.array([m.listed for m in case.roster.members])
    return {
        "issuance": float(s.subsidy_btc[0] * BLOCKS_PER_DAY),
        "fees": case.fees_btc * BLOCKS_PER_DAY,
        "listed_sales": float(s.sold_btc[:, listed].sum(1).mean()),
        "rest_sales": float(s.sold_btc[:, ~listed].sum(1).mean()),
        "forced_sales": float(s.forced_btc.mean()),
    }


def _lenders(case: Case, bad: Story) -> list[dict[str, Any]]:
    failed = [bool(f) for f in np.atleast_1d(bad.failed_lenders.any(0))]
    return [
        {"name": x.name, "equity_usd": x.equity_usd, "failed": bool(f), "source": x.source}
        for x, f in zip(case.roster.lenders, failed, strict=False)
    ]


def _quantiles(x: Floats) -> dict[str, float]:
    return {f"p{q:02d}": float(np.quantile(x, q / 100)) for q in (5, 50, 95)} | {"mean": float(x.mean())}


def _replayed(
    store: Store, e: Episode, asked: Question, population: Path | None, progress: Progress | None
) -> CascadeView:
    n_days = (e.last - e.first).days + 1
    eve = (e.first - timedelta(days=1)).isoformat()
    case, market = _case(store, eve, lambda first: roster_of_eve(first, population), n_days, asked, progress)
    past = history_path(store)
    at = slice(int((e.first - EPOCH).days - past.day[0]), None)
    price, low = past.price_usd[at][:n_days], past.low_usd[at][:n_days]
    if len(price) < n_days or not np.isfinite(price).all():
        raise DataError(f"replay {e.name}: the store has no price on every day from {e.first} to {e.last}")
    moved = np.diff(np.log(price), prepend=np.log(case.price_usd))
    dip = np.where(np.isfinite(low), low / price, 1.0)
    case = replace(case, history=Days(moved, dip, month_ends(e.first, n_days)), kind="price")
    # The price that was already has these sales in it: in a replay they do not move it again.
    still = replace(case, assumed=replace(case.assumed, prefactor=0.0))
    thin, wide = volumes_of(case.first_day)
    story = tell(still, thin, 0.0, 0.0)
    after = read_market(store, as_of_second(e.last))
    data = {
        **_head(case, market, asked),
        "shock_frac": None,
        "amplification": None,
        "rounds": _rounds(case, story),
        "tipping_shock_frac": None,
        "sellers": _sellers(case.roster, None, story),
        "ladder": ladder(case.roster, case.price_usd, case.assumed.sale_cost_frac),
        "volumes": [{**asdict(v), "impact_of_forced_frac": _if_alone(case, story, v)} for v in (thin, wide)],
        "flows_btc_per_day": {"replay": _flows(case, story)},
        "lenders": _lenders(case, story),
        "hashrate_lost_ehs": float(max(story.hashrate_ehs[0] - story.hashrate_ehs.min(), 0.0)),
        "defaults": int(story.defaulted[-1].sum()),
        "calm_defaults": None,
        "sensitivity": [],
        "replay": {"name": e.name, "first": e.first.isoformat(), "last": e.last.isoformat(),
                   "balance_sheets": e.balance_sheets,
                   "note": "" if e.balance_sheets else "no balance sheets: hashrate and difficulty only"},
        "published": [*_beside(case.roster, story, e), *_network_beside(case, market, after, story)],
    }  # fmt: skip
    return CascadeView(data)


def _if_alone(case: Case, s: Story, v: Volume) -> float:
    """What all sales by lenders in the episode would have taken off the price as one order."""
    return float(case.assumed.prefactor * case.deviation * np.sqrt(s.forced_btc.sum() / v.btc_per_day))


def _beside(roster: Roster, s: Story, e: Episode) -> list[dict[str, Any]]:
    names = [m.name for m in roster.members]
    listed = np.array([m.listed for m in roster.members])
    sold = (s.sold_btc + s.seized_btc).sum(0)
    totals = {
        "sold_btc": sold,
        "posted_btc": s.posted_btc.sum(0),
        "mined_btc": s.mined_btc.sum(0),
        "stopped_ehs": np.array([m.ehs for m in roster.members]) * s.stopped[-1],
    }
    rows = []
    for p in e.published:
        model = None
        if p.name == "listed":
            model = float(totals[p.what][listed].sum())
        elif p.name in names:
            model = float(totals[p.what][names.index(p.name)])
        rows.append({"name": p.name, "what": p.what, "published": p.value, "model": model, "unit": p.unit,
                     "window": p.window, "source": p.source})  # fmt: skip
    return rows


def _network_beside(case: Case, before: Market, after: Market, s: Story) -> list[dict[str, Any]]:
    """Change of hashrate (last week over what ran on the eve) and of difficulty over the episode."""
    was = case.network.cohorts.hashrate_ehs
    now = float(np.nanmean(after.inputs.hashrate_ehs[-_WEEK:]))
    difficulty = (float(before.inputs.difficulty[-1]), float(after.inputs.difficulty[-1]))
    span = f"{case.n_days} days to {np.datetime64(after.last_day_s // SECONDS_PER_DAY, 'D')}"
    model = float(s.hashrate_ehs[-_WEEK:].mean())
    return [
        {"name": "network", "what": "hashrate_change_frac", "published": now / was - 1,
         "model": model / was - 1, "unit": "", "window": span, "source": "blocks of the store"},
        {"name": "network", "what": "difficulty_change_frac", "published": difficulty[1] / difficulty[0] - 1,
         "model": float(s.difficulty[-1]) / difficulty[0] - 1, "unit": "", "window": span, "source": "store"},
    ]  # fmt: skip
