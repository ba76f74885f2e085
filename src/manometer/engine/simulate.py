"""One operator on a block of paths by the compiled ledger: what `run_block_by_ledger` gives, and fast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, InternalError
from .drivers import PathBlock
from .kernels import layout as at
from .kernels.block import run_block
from .kernels.layout import Kept, Work
from .plans import resale_usd_per_ths
from .prepare import Prepared
from .simulated import FIRST_DAYS, MONTHLY, SimulatedBlock
from .state import usd_cents

__all__ = ["simulate_block"]

Ints = NDArray[np.int64]

_WRONG = {
    at.TOO_MANY_BILLS: "more bills are open than there is room for",
    at.CASH_LAW: "cash did not move by its terms",
    at.COIN_LAW: "coins did not move by their terms",
    at.NEGATIVE: "a balance fell under zero",
}


def simulate_block(prepared: Prepared, paths: PathBlock) -> SimulatedBlock:
    """Carry an operator along every path of a block.

    Raises
    ------
    InputError
        The paths have other days than it was prepared for, or its opening loan needs more coins than it has.
    InternalError
        A conservation law broke: our bug; the message names the path.
    """
    n_paths, n_days = paths.price_usd.shape
    days, p = prepared.days, prepared.plan
    if n_days != days.n or paths.first_day != int(days.number[0]):
        raise InputError(
            f"paths of {n_days} days from day {paths.first_day}: the operator was prepared for {days.n} from "
            f"{int(days.number[0])}"
        )
    months = int(days.month_index[-1]) + 1
    kept = Kept(
        whole=np.zeros((n_paths, at.N_INTS - at.N_HEADER + int(p.n[at.P_FIRSTS])), dtype=np.int64),
        part=np.zeros((n_paths, at.N_FLOATS)),
        monthly=np.zeros((n_paths, at.N_MONTHLY, months), dtype=np.int64),
    )
    run_block(
        *p, *_work(prepared), paths.price_usd, paths.low_usd, paths.difficulty, paths.subsidy_btc,
        paths.fees_btc,
        paths.power_factor, paths.share_noise, _sale_cents(prepared, paths), kept,
    )  # fmt: skip
    _refuse(prepared, paths, kept)
    return _block(prepared, paths, kept)


def _refuse(prepared: Prepared, paths: PathBlock, kept: Kept) -> None:
    wrong = np.flatnonzero(kept.whole[:, at.WRONG - at.N_HEADER] != at.FINE)
    if not len(wrong):
        return
    k = int(wrong[0])
    code, path = int(kept.whole[k, at.WRONG - at.N_HEADER]), paths.first_path + k
    if code == at.NO_COLLATERAL:
        raise InputError(
            f"path {path}: at {paths.price_usd[k, 0]:,.0f} USD a loan's opening level needs more coins than "
            "the treasury has; give 'posted' or more 'coins'"
        )
    raise InternalError(f"{prepared.operator.operator}, path {path}: {_WRONG[code]}")


def _sale_cents(prepared: Prepared, paths: PathBlock) -> Ints:
    """Return what sold machines bring on each path; the same scalar calls as in `run`."""
    out = np.zeros((len(paths.price_usd), len(prepared.sales)), dtype=np.int64)
    for k in range(len(out) if prepared.sales else 0):
        hashprice = paths.path(k).hashprice_usd_per_phs_day
        for j, (group, sale) in enumerate(prepared.sales):
            i = prepared.days.index(sale.on)
            each = resale_usd_per_ths(hashprice, i, group, sale, prepared.frontier_j_per_th)
            out[k, j] = usd_cents(each * group.rate_ths * group.machines.count)
    return out


def _work(prepared: Prepared) -> Work:
    """Return room for one path: the places of its tables, then zeros."""
    p, o, days = prepared.plan, prepared.operator, prepared.days.n
    sites, loans, names, hedges = len(o.sites), int(p.n[at.P_LOANS]), len(prepared.names), len(o.hedges)
    months, groups = int(prepared.days.month_index[-1]) + 1, int(p.n[at.P_GROUPS]) if o.expansions else 0
    whole = {
        at.FIRST: int(p.n[at.P_FIRSTS]), at.WAITING: len(o.expansions), at.MY_SITES: sites * at.N_SITE_INTS,
        at.MY_LOANS: loans * at.N_LOAN_INTS, at.MY_NAMES: names * at.W_NAME, at.MY_HEDGES: 2 * hedges,
        at.MY_MONTHS: at.N_MONTHLY * months, at.BILLS: prepared.most_bills * at.W_BILL,
        at.ORDER: prepared.most_bills, at.QUEUES: sites * (days + 2) * at.W_QUEUE, at.MY_DAYS: 3 * days,
        at.MY_NETS: sites * days, at.LOTS: days * sites + 2,
    }  # fmt: skip
    parts = {
        at.NET_ASSETS: len(o.covenants), at.OWING: hedges, at.MY_SITE_PARTS: sites * at.N_SITE_FLOATS,
        at.MY_LOAN_PARTS: loans * at.N_LOAN_FLOATS, at.LOT_PRICES: days * sites + 2,
        at.FLOWS: sites * days * at.N_FLOWS, at.OPS: groups * days * at.N_FLOWS,
    }  # fmt: skip
    n = np.zeros(at.N_INTS + sum(whole.values()), dtype=np.int64)
    for room, start in ((whole, at.N_INTS), (parts, at.N_FLOATS)):
        for slot, size in room.items():
            n[slot] = start
            start += size
    n[at.END] = start
    n[at.MOST_BILLS], n[at.SPAN], n[at.N_MONTHS] = prepared.most_bills, days, months
    return Work(n=n, x=np.zeros(at.N_FLOATS + sum(parts.values())))


def _block(prepared: Prepared, paths: PathBlock, kept: Kept) -> SimulatedBlock:
    monthly = {k: np.ascontiguousarray(kept.monthly[:, j]) for j, k in enumerate(MONTHLY)}
    for name in ("mined_sat", "sold_sat", "seized_sat", "paid_out_sat"):
        monthly[name] = np.diff(monthly[name], axis=1, prepend=0)
    names = (*FIRST_DAYS, *(f"breach:{c.name}" for c in prepared.operator.covenants))

    def cents(k: int, n: int = 0) -> Ints:
        part = kept.whole[:, k - at.N_HEADER : k - at.N_HEADER + max(n, 1)]
        return np.ascontiguousarray(part if n else part[:, 0])

    f = kept.part
    total: dict[str, NDArray[np.generic]] = {
        "forced_sat": cents(at.FORCED),
        "received_sat": cents(at.COINS + at.C_RECEIVED),
        "payable_cents": cents(at.PAYABLE),
        "held_cents": cents(at.HELD) + cents(at.PAID_AHEAD),
        "spent_cents": cents(at.SPENT),
        "company_people_cents": cents(at.COMPANY_PEOPLE),
        "in_kind_cents": cents(at.IN_KIND),
        "spent_btc": f[:, at.SPENT_BTC],
        "own_btc": f[:, at.OWN],
        "growth_btc": f[:, at.GROWN],
        "kept_as_cash_btc": f[:, at.KEPT_AS_CASH],
        "new_shares": f[:, at.NEW_SHARES],
        "first_price_usd": paths.price_usd[:, 0],
        "end_price_usd": paths.price_usd[:, -1],
    }
    first = kept.whole[:, at.N_INTS - at.N_HEADER :]
    return SimulatedBlock(
        first_path=paths.first_path,
        monthly=monthly,
        first_day={k: np.ascontiguousarray(first[:, j]) for j, k in enumerate(names)},
        total={k: np.array(v) for k, v in total.items()},
        uses_cents=cents(at.USES, at.N_LINES),
        sources_cents=cents(at.SOURCES, at.N_SOURCES),
        terms_cents=cents(at.TERMS, at.N_TERMS),
        owed_cents=cents(at.OWED_BY, at.N_BILLS),
        gained_cents=cents(at.GAINED, at.N_GAINS),
        coins_sat=cents(at.COINS, at.N_COINS),
        sold_for_btc=np.ascontiguousarray(f[:, at.SOLD_FOR :]),
    )
