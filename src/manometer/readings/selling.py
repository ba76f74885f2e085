"""What listed miners sold and mined, day by day, as it was published."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..store import Store
from ..units import SECONDS_PER_DAY

__all__ = ["listed_selling"]

Floats = NDArray[np.float64]

_MINED, _SOLD = "company.monthly.mined_btc", "company.monthly.sold_btc"
_STALE_DAYS = 75  # after a month's end its figures say nothing about today


def listed_selling(
    store: Store, day: NDArray[np.int64], as_of_s: int, retrieved_by_s: int | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return coins mined, coins sold and the number of companies, each (n,), NaN where nothing is known.

    Each day has the newest month that any company had published both figures for, summed over the companies
    that had; a month is left after 75 days.
    """
    out = np.full((3, len(day)), np.nan)
    entities = store.entities(_SOLD)
    known = sorted({t for v in (_MINED, _SOLD) for t in store.instants(v, retrieved_by_s=retrieved_by_s)})
    for instant in (t for t in known if t <= as_of_s):
        months: dict[int, list[tuple[float, float]]] = {}
        for entity in entities:
            mined, sold = (
                store.read(v, entity=entity, as_of_s=instant, retrieved_by_s=retrieved_by_s)
                for v in (_MINED, _SOLD)
            )
            both, of_mined, of_sold = np.intersect1d(mined.at, sold.at, return_indices=True)
            for at, m, s in zip(both.tolist(), mined.value[of_mined], sold.value[of_sold], strict=True):
                months.setdefault(at, []).append((float(m), float(s)))
        if months:
            newest = max(months)
            sums = np.sum(months[newest], axis=0)
            since = -(-instant // SECONDS_PER_DAY) - 1  # the first day that ends at or after it
            until = newest // SECONDS_PER_DAY + _STALE_DAYS
            held = (day >= since) & (day <= until)
            out[:, day >= since] = np.nan
            out[:, held] = np.array([[sums[0]], [sums[1]], [len(months[newest])]])
    return out[0], out[1], out[2]
