"""From a roster and a network to a population: who owns which machines, and on what terms they owe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ..economics import hashcost
from ..errors import InputError
from ..operator.roster import Member, Roster
from ..units import SAT_PER_BTC
from .kernels.places import CONSTANTS, OPERATOR, TERMS
from .network_loop import NetworkStart
from .population import Population

__all__ = ["ASSUMED", "Assumed", "population_of", "with_shock"]

Floats = NDArray[np.float64]

_MOST_OF_A_COHORT = 0.9  # that listed companies can have
_NEVER = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """Constants that no source gives; the answer shows what each does to it.

    Parameters
    ----------
    prefactor : Y of the square-root law: impact = Y x deviation of a day x sqrt(sold / volume of a day).
    half_life_days : after which an impact has halved.
    grace_days : from a missed payment to enforcement. recovery_frac : of a term debt, from machines.
    caught_frac : of a failed lender's excess collateral, lost to those who posted it.
    pool_fee_frac, sale_cost_frac : of what is mined, and of what is sold.
    overhead : energy at the meter over nameplate. cost_spread : of the logarithm of cost, within which a
        company's machines lie. deaf_cost_quantile : cost that machines deaf to price are taken to have.
    lender_equity, rest_debt, rest_coins, rest_cash, term_debt, overheads, loan_levels, cure_days : factors on
        what the roster says; `loan_levels` on those of calls, restoring and liquidation.
    longs_btc : leveraged longs, closed evenly by price between 5 and 50 % down; 0: none.
    """

    prefactor: float = 1.0
    half_life_days: float = 10.0
    grace_days: float = 10.0
    recovery_frac: float = 0.3
    caught_frac: float = 0.5
    pool_fee_frac: float = 0.02
    sale_cost_frac: float = 0.0015
    overhead: float = 1.05
    cost_spread: float = 0.15
    deaf_cost_quantile: float = 0.25
    lender_equity: float = 1.0
    rest_debt: float = 1.0
    rest_coins: float = 1.0
    rest_cash: float = 1.0
    term_debt: float = 1.0
    overheads: float = 1.0
    loan_levels: float = 1.0
    cure_days: float = 1.0
    longs_btc: float = 0.0


#: Constant -> a low and a high value that would also be defensible.
ASSUMED: dict[str, tuple[float, float]] = {
    "prefactor": (0.5, 1.5),
    "half_life_days": (3.0, 30.0),
    "grace_days": (3.0, 30.0),
    "recovery_frac": (0.1, 0.6),
    "caught_frac": (0.0, 1.0),
    "pool_fee_frac": (0.005, 0.04),
    "sale_cost_frac": (0.0005, 0.005),
    "overhead": (1.0, 1.15),
    "cost_spread": (0.05, 0.4),
    "deaf_cost_quantile": (0.1, 0.6),
    "lender_equity": (0.25, 2.0),
    "rest_debt": (0.0, 2.0),
    "rest_coins": (0.5, 2.0),
    "rest_cash": (0.25, 2.0),
    "term_debt": (0.5, 2.0),
    "overheads": (0.5, 2.0),
    "loan_levels": (0.9, 1.1),
    "cure_days": (0.0, 5.0),
    "longs_btc": (0.0, 100_000.0),
}


def population_of(
    roster: Roster,
    network: NetworkStart,
    *,
    first_day: date,
    price_usd: float,
    fees_btc: float,
    deviation: float,
    volume_btc: float,
    assumed: Assumed,
    ordinary_btc: float = 0.0,
    chance: bool = False,
) -> Population:
    """Put everybody of a roster onto the cohorts of a network.

    Listed companies have machines around their own cost, as far as the curve has such; what they do not have
    belongs to the groups, by their shares, so that all together own the network to the last quantum.

    Parameters
    ----------
    deviation : standard deviation of a day's log return. volume_btc : traded in a day.
    ordinary_btc : sold in a day in calm times, which the price takes without moving.
    chance : whether price, lows and blocks are drawn; else nothing moves but by shock and sales.

    Raises
    ------
    InputError
        The companies have more hashrate than the network.
    """
    c = network.cohorts
    capacity = np.append(c.base_ehs, c.capacity_ehs)
    off, on = np.append(-np.inf, c.off), np.append(-np.inf, c.on)
    cost = (c.off + c.on) / 2
    running = cost[: max(c.n_on, 1)]
    cost = np.append(np.quantile(running, assumed.deaf_cost_quantile), cost)
    owner, owned, bill = _owners(roster, capacity, cost, c.n_on + 1, c.per_ehs, assumed)
    lenders = [x.name for x in roster.lenders] or ["nobody"]
    equity = [x.equity_usd for x in roster.lenders] or [np.inf]
    members = [_scaled(m, assumed) for m in roster.members]
    longs = _longs(price_usd, assumed.longs_btc)
    constants = np.zeros(len(CONSTANTS))
    per_sat = volume_btc * SAT_PER_BTC
    _put(constants, CONSTANTS, fees_btc=fees_btc, weight_per_day=c.weight_per_day, luck=float(chance),
         root=assumed.prefactor * deviation / np.sqrt(per_sat), stays=0.25 ** (1 / assumed.half_life_days),
         ordinary_sat=ordinary_btc * SAT_PER_BTC, sale_cost_frac=assumed.sale_cost_frac,
         caught_frac=assumed.caught_frac)  # fmt: skip
    shocks = np.array([deviation if chance else 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, float(chance)])
    return Population(
        operators=np.stack([_start(m) for m in members]),
        terms=np.stack([_terms(m, lenders, first_day, assumed) for m in members]),
        lender_equity_cents=np.rint(np.array(equity) * assumed.lender_equity * 100),
        capacity_ehs=capacity,
        off=off,
        on=on,
        born_day=np.zeros(len(off), dtype=np.int64),
        n_on=c.n_on + 1,
        base_ehs=0.0,
        owner=owner,
        owned_ehs=owned,
        bill_cents=bill,
        price_usd=price_usd,
        difficulty=network.difficulty,
        height=network.height + 1,
        epoch_s=network.epoch_s,
        level=network.level,
        constants=constants,
        shocks=shocks,
        long_usd=longs[0],
        long_sat=longs[1],
    )


def with_shock(start: Population, kind: str, shock_frac: float) -> Population:
    """Return a population whose hashprice, or power, is worse by a share; that of price is in its `Days`."""
    if kind == "hashprice":
        constants = start.constants.copy()
        constants[CONSTANTS.index("fees_btc")] *= 1 + shock_frac
        return replace(start, reward_frac=1 + shock_frac, constants=constants)
    if kind == "power":
        more = 1 - shock_frac
        return replace(
            start, off=start.off * more, on=start.on * more, bill_cents=np.rint(start.bill_cents * more)
        )
    return start


def _owners(
    roster: Roster, capacity: Floats, cost: Floats, n_on: int, per_ehs: float, a: Assumed
) -> tuple[NDArray[np.int64], Floats, Floats]:
    left = capacity.copy()
    rows: list[tuple[int, int, float, float]] = []

    def take(operator: int, cohort: int, ehs: float, usd_per_phs_day: float) -> None:
        piece = float(np.floor(ehs * per_ehs) / per_ehs)
        if piece > 0:
            left[cohort] -= piece
            rows.append((cohort, operator, piece, float(np.rint(piece * 1000 * usd_per_phs_day * 100))))

    listed = [(k, m) for k, m in enumerate(roster.members) if m.listed]
    if (total := sum(m.ehs for _, m in listed)) > capacity[:n_on].sum():
        raise InputError(
            f"listed companies have {total:,.4g} EH/s, more than the network's {capacity[:n_on].sum():,.4g} "
            f"on {roster.on}; check ehs"
        )
    for k, m in listed:
        own = float(
            hashcost(
                efficiency_j_per_th=m.j_per_th,
                power_price_usd_per_mwh=m.power_usd_per_mwh,
                overhead=a.overhead,
            )
        )
        room = np.maximum(left - (1 - _MOST_OF_A_COHORT) * capacity, 0.0)
        room[n_on:] = 0.0
        near = np.exp(-((np.log(np.maximum(cost, 1e-9) / max(own, 1e-9)) / a.cost_spread) ** 2)) * room
        near[0] = 0.0
        wanted = np.minimum(m.ehs * near / max(float(near.sum()), 1e-300), room)
        wanted[0] = min(m.ehs - float(wanted.sum()), float(left[0]))
        rest = m.ehs - float(wanted.sum())
        if rest > 0:  # no such machines in the curve: wherever there are any
            spare = np.maximum(room - wanted, 0.0)
            wanted += np.minimum(rest * spare / max(float(spare.sum()), 1e-300), spare)
        for at in np.flatnonzero(wanted > 0):
            take(k, int(at), float(wanted[at]), own)
    groups = [(k, m) for k, m in enumerate(roster.members) if not m.listed]
    for cohort in range(len(capacity)):
        there = float(left[cohort])
        for k, m in groups[:-1]:
            take(k, cohort, there * m.share_of_rest_frac, float(cost[cohort]))
        take(groups[-1][0], cohort, float(left[cohort]), float(cost[cohort]))
    table = np.array(rows)
    return table[:, :2].astype(np.int64), table[:, 2], table[:, 3]


def _scaled(m: Member, a: Assumed) -> Member:
    loan, coins, cash = (1.0, 1.0, 1.0) if m.listed else (a.rest_debt, a.rest_coins, a.rest_cash)
    debt = a.term_debt * loan
    return replace(
        m, term_debt_usd=m.term_debt_usd * debt, instalment_usd_per_month=m.instalment_usd_per_month * debt,
        free_btc=m.free_btc * coins, coin_loan_usd=m.coin_loan_usd * loan, posted_btc=m.posted_btc * loan,
        cash_usd=m.cash_usd * cash, overhead_usd_per_month=m.overhead_usd_per_month * a.overheads,
        call_frac=m.call_frac * a.loan_levels, restore_frac=m.restore_frac * a.loan_levels,
        liquidation_frac=m.liquidation_frac * a.loan_levels, cure_days=m.cure_days * a.cure_days,
    )  # fmt: skip


def _start(m: Member) -> Floats:
    line = np.zeros(len(OPERATOR))
    _put(line, OPERATOR, cash_cents=np.rint(m.cash_usd * 100), free_sat=np.rint(m.free_btc * SAT_PER_BTC),
         posted_sat=np.rint(m.posted_btc * SAT_PER_BTC), loan_cents=np.rint(m.coin_loan_usd * 100),
         term_cents=np.rint(m.term_debt_usd * 100))  # fmt: skip
    return line


def _terms(m: Member, lenders: list[str], first_day: date, a: Assumed) -> Floats:
    line = np.zeros(len(TERMS))
    matures = _NEVER if m.matures is None else max((m.matures - first_day).days, 0)
    share = {"sell_all": 1.0, "fixed_share": m.share_frac}.get(m.policy, 0.0)
    floor = 0.0 if m.policy == "hold" else m.minimum_cash_usd
    _put(line, TERMS, keep_frac=1 - a.pool_fee_frac, floor_cents=np.rint(floor * 100), share_frac=share,
         fixed_cents=np.rint(m.overhead_usd_per_month * 100), term_rate=m.term_rate_frac / 12,
         loan_rate=m.coin_rate_frac / 12, instalment_cents=np.rint(m.instalment_usd_per_month * 100),
         matures_day=matures, call_frac=m.call_frac, restore_frac=m.restore_frac,
         liquidation_frac=m.liquidation_frac, cure_days=round(m.cure_days), grace_days=a.grace_days,
         stops=float(m.stops), recovery_frac=a.recovery_frac,
         loan_lender=lenders.index(m.coin_lender) if m.coin_lender in lenders else 0,
         term_lender=lenders.index(m.term_lender) if m.term_lender in lenders else 0)  # fmt: skip
    return line


def _longs(price_usd: float, btc: float) -> tuple[Floats, Floats]:
    if btc <= 0:
        return np.zeros(0), np.zeros(0)
    steps = np.arange(5, 51)
    return price_usd * (1 - steps / 100), np.full(len(steps), np.rint(btc * SAT_PER_BTC / len(steps)))


def _put(line: Floats, names: tuple[str, ...], **values: float) -> None:
    for name, value in values.items():
        line[names.index(name)] = value
