"""Flows side by side in BTC per day: issuance, what listed miners sold, and the two named volumes."""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..economics.volume import volumes_of
from ..series import align
from ..store import Store
from ..store.clock import date_text, instant_text
from ..units import SECONDS_PER_DAY
from .gauge import number
from .market import Market

__all__ = ["FlowsView", "flows"]

Floats = NDArray[np.float64]

_DAYS = 30
_STALE_DAYS = 75  # after a month's end its sales are not set against today's issuance
_MINED, _SOLD = "company.monthly.mined_btc", "company.monthly.sold_btc"
_VOLUMES = {"vetted_volume": "volume_vetted_usd", "all_venues_volume": "volume_usd"}
_BASIS = {
    "issuance": "subsidy x blocks of the calendar day, mean",
    "fees": "mean fees of a block x blocks of the calendar day, mean",
    "listed_sales": "coins sold by the companies that published both mined and sold, over the month's days",
    "vetted_volume": "volume of vetted exchanges over the close, median; a floor",
    "all_venues_volume": "volume of all venues as reported over the close, median; inflated, a ceiling",
}


@dataclass(frozen=True)
class FlowsView:
    """What a face shows: `data` under its settled keys."""

    data: dict[str, Any]


def flows(store: Store, market: Market, retrieved_by_s: int | None = None) -> FlowsView:
    """Put the flows of the last 30 days, and the newest published month, side by side as they were known.

    Company figures and volumes are read from the store alone; what it lacks is null. `packaged_volume` has
    the figures that the cascade takes, of a named year, which may lie after the day asked about.
    """
    x = market.inputs
    per_day = {"issuance": x.subsidy_btc * x.block_count, "fees": x.fees_btc * x.block_count}
    for name, variable in _VOLUMES.items():
        read = store.read(variable, as_of_s=market.as_of_s, retrieved_by_s=retrieved_by_s)
        per_day[name] = align(read, x.day * SECONDS_PER_DAY) / x.price_usd
    rows: dict[str, dict[str, Any] | None] = {k: _recent(x.day, k, v) for k, v in per_day.items()}
    months = _listed(store, market.as_of_s, retrieved_by_s)
    newest = max(months, default=None)
    listed = None if newest is None else _month(newest, months[newest])
    rows["listed_sales"] = listed
    fresh = newest is not None and market.last_day_s - newest <= _STALE_DAYS * SECONDS_PER_DAY
    companies = (
        [] if newest is None else _known(store, months[newest], newest, market.as_of_s, retrieved_by_s)
    )
    return FlowsView(
        {
            "as_of_utc": instant_text(market.last_day_s + SECONDS_PER_DAY),
            "last_day": date_text(market.last_day_s),
            "known_at_utc": instant_text(market.as_of_s),
            "price_usd": number(x.price_usd[-1]),
            "flows": {k: rows[k] for k in _BASIS},
            "shares": _shares(rows if fresh else {**rows, "listed_sales": None}),
            "companies": companies,
            "packaged_volume": [
                asdict(v) for v in volumes_of(date.fromisoformat(date_text(market.last_day_s)))
            ],
            "months": list(_history(x.day, per_day, months)),
        }
    )


def _recent(day: NDArray[np.int64], name: str, per_day: Floats) -> dict[str, Any] | None:
    """Return the mean (of a volume: the median) of the last 30 days, None where none of them is known."""
    last = per_day[-_DAYS:]
    known = np.flatnonzero(np.isfinite(last))
    if not len(known):
        return None
    dates = day[-_DAYS:][known]
    return {
        "btc_per_day": _middle(name, last[known]),
        "from": date_text(int(dates[0]) * SECONDS_PER_DAY),
        "to": date_text(int(dates[-1]) * SECONDS_PER_DAY),
        "sample": f"{len(known)} days",
        "basis": _BASIS[name],
    }


def _middle(name: str, values: Floats) -> float:
    return float(np.median(values) if name in _VOLUMES else values.mean())


def _listed(
    store: Store, as_of_s: int, retrieved_by_s: int | None
) -> dict[int, list[tuple[str, float, float]]]:
    """Return month end -> (company, mined, sold) of all that had published both."""
    months: dict[int, list[tuple[str, float, float]]] = {}
    for entity in store.entities(_SOLD):
        mined, sold = (
            store.read(v, entity=entity, as_of_s=as_of_s, retrieved_by_s=retrieved_by_s)
            for v in (_MINED, _SOLD)
        )
        both, i, j = np.intersect1d(mined.at, sold.at, return_indices=True)
        for at, m, s in zip(both.tolist(), mined.value[i].tolist(), sold.value[j].tolist(), strict=True):
            months.setdefault(at, []).append((entity, m, s))
    return months


def _month(end_s: int, found: list[tuple[str, float, float]]) -> dict[str, Any]:
    last = date.fromisoformat(date_text(end_s))
    n_days = monthrange(last.year, last.month)[1]
    sold, mined = sum(f[2] for f in found), sum(f[1] for f in found)
    return {
        "btc_per_day": sold / n_days,
        "from": last.replace(day=1).isoformat(),
        "to": last.isoformat(),
        "sample": f"{len(found)} listed: {', '.join(f[0] for f in found)}",
        "basis": _BASIS["listed_sales"],
        "sold_btc": sold,
        "mined_btc": mined,
        "mined_btc_per_day": mined / n_days,
    }


def _known(
    store: Store,
    found: list[tuple[str, float, float]],
    end_s: int,
    as_of_s: int,
    retrieved_by_s: int | None,
) -> list[dict[str, Any]]:
    """Say of each company of a month what it sold and from when that was known."""
    instants = [t for t in store.instants(_SOLD, retrieved_by_s=retrieved_by_s) if end_s <= t <= as_of_s]
    rows = []
    for entity, mined, sold in found:

        def visible(t: int, entity: str = entity) -> bool:
            read = store.read(
                _SOLD, entity=entity, as_of_s=t, retrieved_by_s=retrieved_by_s, first=end_s, last=end_s
            )
            return len(read) > 0

        first = bisect_left(instants, True, key=visible)
        rows.append(
            {
                "company": entity,
                "month_end": date_text(end_s),
                "mined_btc": mined,
                "sold_btc": sold,
                "known_at_utc": instant_text(instants[first]) if first < len(instants) else None,
            }
        )
    return sorted(rows, key=lambda r: -float(r["sold_btc"]))


def _shares(rows: dict[str, dict[str, Any] | None]) -> dict[str, float | None]:
    def over(a: str, b: str) -> float | None:
        above, below = rows[a], rows[b]
        return None if above is None or below is None else above["btc_per_day"] / below["btc_per_day"]

    listed = rows["listed_sales"]
    return {
        "listed_sales_of_issuance_frac": over("listed_sales", "issuance"),
        "listed_sales_of_mined_frac": (
            None if listed is None or not listed["mined_btc"] else listed["sold_btc"] / listed["mined_btc"]
        ),
        **{
            f"{flow}_of_{volume}_frac": over(flow, volume)
            for flow in ("issuance", "listed_sales")
            for volume in _VOLUMES
        },
    }


def _history(
    day: NDArray[np.int64], per_day: dict[str, Floats], listed: dict[int, list[tuple[str, float, float]]]
) -> Iterable[dict[str, Any]]:
    """Return one row per calendar month that is over."""
    month = day.astype("datetime64[D]").astype("datetime64[M]")
    after = (day[-1] + 1).astype("datetime64[D]")
    for m in np.unique(month):
        if (m + 1).astype("datetime64[D]") > after:
            continue
        row: dict[str, Any] = {"month": str(m)}
        for name, values in per_day.items():
            known = values[month == m]
            known = known[np.isfinite(known)]
            row[f"{name}_btc_per_day"] = _middle(name, known) if len(known) else None
        end_s = (int((m + 1).astype("datetime64[D]").astype(np.int64)) - 1) * SECONDS_PER_DAY
        found = listed.get(end_s)
        row["listed_sales_btc_per_day"] = None if found is None else _month(end_s, found)["btc_per_day"]
        row["n_companies"] = 0 if found is None else len(found)
        yield row
