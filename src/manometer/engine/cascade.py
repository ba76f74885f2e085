"""A shock, and what its own sales add to it: told day by day on a quiet path, and drawn on many.

Every answer compares two runs that differ in the shock alone. With calm price C and shocked price S of a
day, S / C = (1 + shock) (1 - I_S) / (1 - I_C), where I is what past sales hold the price down by. The first
fall is the shock, the final one the deepest of 1 - S / C, and amplification is final over first. What is sold
in calm times is taken by the price without moving, so the rest moves it as if alone: an upper bound.

With one lender, one borrower and linear impact L a coin the answer has a closed form. A loan D against C
coins is over its liquidation level at p = (1 + s) P, and is brought back to its restore level r: the lender
sells q = (D - r C p) / (p (1 - k - r)) coins at cost k, and the price falls to p (1 - L q). While what is
left is under the call level there, nothing follows, and amplification = 1 + (1 + s) L q / |s|.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ..economics.lending import coins_to_restore, price_at_loan_to_value
from ..economics.volume import Volume
from ..errors import InputError
from ..operator.roster import Member, Roster
from ..units import SAT_PER_BTC
from .crowd import ASSUMED, Assumed, population_of, with_shock
from .kernels.places import CONSTANTS, SNAPSHOT
from .network_loop import NetworkStart
from .population import Days, Population, run_population
from .population_twin import Today, run_population_twin

__all__ = [
    "KINDS",
    "LADDER_FALLS",
    "Case",
    "Story",
    "amplification",
    "drawn",
    "ladder",
    "month_ends",
    "sensitivity",
    "sweep",
    "taken_by_sales",
    "tell",
    "tipping",
]

Floats = NDArray[np.float64]
KINDS = ("price", "hashprice", "power")
LADDER_FALLS = tuple(k / 100 for k in range(5, 65, 5))
_AS_ASSUMED = Assumed()
_MOST_THREADS = 16
_BATCH = 4_096  # paths whose days are held at a time
_TIPS = 2.0  # a further point of shock makes two or more of fall


@dataclass(frozen=True)
class Case:
    """One question: who, on what network, in which market, and how long it is watched.

    Parameters
    ----------
    deviation : standard deviation of a day's log return. fees_btc : a block.
    """

    roster: Roster
    network: NetworkStart
    first_day: date
    n_days: int
    price_usd: float
    fees_btc: float
    deviation: float
    assumed: Assumed = _AS_ASSUMED
    kind: str = "price"
    history: Days | None = None  # of a replay: what the price did, in place of chance

    def population(self, volume: Volume, *, ordinary_btc: float, chance: bool = False) -> Population:
        """Return who starts."""
        return population_of(
            self.roster, self.network, first_day=self.first_day, price_usd=self.price_usd,
            fees_btc=self.fees_btc, deviation=self.deviation, volume_btc=volume.btc_per_day,
            assumed=self.assumed, ordinary_btc=ordinary_btc, chance=chance,
        )  # fmt: skip

    def days(self, shock_frac: float = 0.0) -> Days:
        """Return the days to come after a shock on the first."""
        if not -1 < shock_frac <= 0:
            raise InputError(f"shock {shock_frac}: give a fall between -1 and 0, such as -0.12 for 12 %")
        if self.history is not None:
            return self.history
        drift = np.zeros(self.n_days)
        drift[0] = np.log1p(shock_frac) if self.kind == "price" else 0.0
        return Days(drift, np.ones(self.n_days), month_ends(self.first_day, self.n_days))

    def ordinary_btc(self, volume: Volume) -> float:
        """Return what is sold in a day when nothing happens and no sale moves the price."""
        still = _unmoved(self.population(volume, ordinary_btc=0.0))
        done = run_population(still, replace(self, history=None).days(), seed=0, n_paths=1)
        return float(done.at_end("sold_sat")[0] + done.at_end("forced_sat")[0]) / SAT_PER_BTC / self.n_days


@dataclass(frozen=True)
class Story:
    """A quiet path, day by day: shape (days,), or (days, members).

    Parameters
    ----------
    impact : share that past sales hold the price down by.
    sold_btc, seized_btc, posted_btc : by operators, by their lenders, and posted to calls, each day.
    """

    price_usd: Floats
    unsold_usd: Floats
    hashrate_ehs: Floats
    difficulty: Floats
    mined_btc: Floats
    sold_btc: Floats
    seized_btc: Floats
    posted_btc: Floats
    forced_btc: Floats
    defaulted: NDArray[np.bool_]
    stopped: NDArray[np.bool_]
    failed_lenders: NDArray[np.bool_]
    subsidy_btc: Floats

    @property
    def impact(self) -> Floats:
        """What past sales take off the price."""
        return np.asarray(1 - self.price_usd / self.unsold_usd)


def month_ends(first_day: date, n_days: int) -> NDArray[np.bool_]:
    """Return whether each day is the last of its month."""
    return np.array([(first_day + timedelta(days=k + 1)).day == 1 for k in range(n_days)], dtype=np.bool_)


def tell(case: Case, volume: Volume, shock_frac: float, ordinary_btc: float) -> Story:
    """Run the quiet path of a case and keep every day of it."""
    start = with_shock(case.population(volume, ordinary_btc=ordinary_btc), case.kind, shock_frac)
    seen: list[tuple[object, ...]] = []

    def watch(t: Today) -> None:
        x, m = t.x, t.m
        seen.append(
            (
                m["price_usd"][0],
                m["unsold_usd"][0],
                m["hashrate_ehs"][0],
                m["difficulty"][0],
                x["mined_sat"][0].copy(),
                x["sold_sat"][0].copy(),
                x["seized_sat"][0].copy(),
                x["called_sat"][0].copy(),
                m["forced_sat"][0],
                x["default_day"][0] >= 0,
                x["status"][0] == 2,
                t.failed[0].copy(),
                m["subsidy_btc"][0],
                x["running_ehs"][0].copy(),
            )
        )

    run_population_twin(start, case.days(shock_frac), seed=0, n_paths=1, watch=watch)
    column = [np.array([row[k] for row in seen]) for k in range(14)]

    def each_day(k: int) -> Floats:
        total = column[k] / SAT_PER_BTC
        return np.diff(total, axis=0, prepend=np.zeros_like(total[:1]))

    return Story(
        price_usd=column[0],
        unsold_usd=column[1],
        hashrate_ehs=column[2],
        difficulty=column[3],
        mined_btc=each_day(4),
        sold_btc=each_day(5),
        seized_btc=each_day(6),
        posted_btc=each_day(7),
        forced_btc=each_day(8),
        defaulted=column[9],
        stopped=column[10],
        failed_lenders=column[11],
        subsidy_btc=column[12],
    )


def amplification(calm: Story, shocked: Story, shock_frac: float) -> float:
    """Return the final fall over the first; exactly 1 where no sale moves the price.

    Raises
    ------
    InputError
        There is no shock to amplify.
    """
    if shock_frac == 0:
        raise InputError("shock 0: there is nothing to amplify; give a fall such as -0.12")
    return 1 + (1 + shock_frac) * taken_by_sales(calm, shocked) / abs(shock_frac)


def taken_by_sales(calm: Story, shocked: Story) -> float:
    """Return the most that sales of a shocked path take off its price, beyond those of the calm one."""
    more = 1 - (1 - shocked.impact) / (1 - calm.impact)
    return max(float(more.max()), 0.0)


def _of_paths(
    case: Case, shock_frac: float, start: Population, seed: int, n_paths: int, first_path: int
) -> Floats:
    """Amplification of each path, (paths,), shocked against calm on the same draws."""
    held = [
        run_population(
            with_shock(start, case.kind, s), case.days(s), seed=seed, n_paths=n_paths, first_path=first_path,
            days_kept=np.arange(case.n_days), threads=min(os.cpu_count() or 1, _MOST_THREADS),
        ).kept[:, SNAPSHOT.index("price_usd")]
        for s in (0.0, shock_frac)
    ]  # fmt: skip
    moved = held[1] / held[0] / ((1 + shock_frac) if case.kind == "price" else 1.0)
    return np.asarray(1 + (1 + shock_frac) * np.maximum((1 - moved).max(0), 0.0) / abs(shock_frac))


def drawn(
    case: Case, volume: Volume, shock_frac: float, ordinary_btc: float, *, seed: int, n_paths: int
) -> Floats:
    """Return amplification on paths with chance, (paths,); the days of a batch are held, not of all."""
    start = case.population(volume, ordinary_btc=ordinary_btc, chance=True)
    return np.concatenate(
        [
            _of_paths(case, shock_frac, start, seed, min(_BATCH, n_paths - first), first)
            for first in range(0, n_paths, _BATCH)
        ]
    )


def sweep(
    case: Case,
    volume: Volume,
    shocks: Sequence[float],
    ordinary_btc: float,
    tick: Callable[[], None] = lambda: None,
) -> Floats:
    """Return the amplification of each shock on the quiet path."""
    start = case.population(volume, ordinary_btc=ordinary_btc)
    out = []
    for s in shocks:
        out.append(float(_of_paths(case, s, start, 0, 1, 0)[0]))
        tick()
    return np.array(out)


def tipping(shocks: Sequence[float], amplified: Floats) -> float | None:
    """Return the first shock from which a further point of it makes two or more points of fall; None: none.

    Between neighbours of a sweep, small shocks first.
    """
    order = np.argsort(np.abs(shocks))
    first = np.abs(np.asarray(shocks, dtype=np.float64))[order]
    final = first * amplified[order]
    steep = np.flatnonzero(np.diff(final) >= _TIPS * np.diff(first))
    return -float(first[steep[0] + 1]) if len(steep) else None


def sensitivity(
    case: Case, volume: Volume, shock_frac: float, tick: Callable[[], None] = lambda: None
) -> list[dict[str, float | str]]:
    """Return the amplification at a low and a high value of every assumed constant, all else as it is."""
    rows: list[dict[str, float | str]] = []
    for name, values in ASSUMED.items():
        row: dict[str, float | str] = {"name": name, "value": getattr(case.assumed, name)}
        for side, value in zip(("low", "high"), values, strict=True):
            other = replace(case, assumed=replace(case.assumed, **{name: value}))
            at = sweep(other, volume, [shock_frac], other.ordinary_btc(volume))
            row[side], row[f"amplification_{side}"] = value, float(at[0])
        rows.append(row)
        tick()
    return rows


def ladder(roster: Roster, price_usd: float, sale_cost_frac: float) -> list[dict[str, object]]:
    """Return, without simulation, what loans against coins ask for at each fall from today's price.

    The price is taken to get there slowly: coins that are free go first, up to the restore level, and where
    they do not suffice the lender sells down to it. A fall in one day may leave no time to post.
    """
    rows: list[dict[str, object]] = []
    for fall in (0.0, *LADDER_FALLS):
        price = price_usd * (1 - fall)
        post, sell, who = 0.0, 0.0, []
        for m in roster.members:
            p, s = _asked(m, price, sale_cost_frac)
            if p > 0 or s > 0:
                who.append(m.name)
                post, sell = post + p, sell + s
        rows.append({"price_usd": price, "fall_frac": -fall, "post_btc": post, "sell_btc": sell, "who": who})
    return rows


def _asked(m: Member, price: float, cost: float) -> tuple[float, float]:
    if m.coin_loan_usd <= 0:
        return 0.0, 0.0
    owed = {"loan_usd": m.coin_loan_usd, "posted_btc": m.posted_btc}
    if price >= float(price_at_loan_to_value(**owed, loan_to_value_frac=m.call_frac)):
        return 0.0, 0.0
    need = float(coins_to_restore(**owed, price_usd=price, restore_frac=m.restore_frac))
    post = min(need, m.free_btc)
    held = m.posted_btc + post
    if m.coin_loan_usd <= m.call_frac * held * price:
        return post, 0.0
    gap = m.coin_loan_usd - m.restore_frac * held * price
    return post, min(max(gap / (price * max(1 - cost - m.restore_frac, 1e-9)), 0.0), held)


def _unmoved(start: Population) -> Population:
    constants = start.constants.copy()
    constants[[CONSTANTS.index("root"), CONSTANTS.index("linear")]] = 0.0
    return replace(start, constants=constants)
