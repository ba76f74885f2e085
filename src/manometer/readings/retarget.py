"""The next retarget and those after it, how this epoch's forecast closed, and how such forecasts scored."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..chain import BLOCKS_PER_EPOCH
from ..errors import InputError
from ..network.epochs import STEP_BLOCKS, Chain, chain_of
from ..network.hashrate_outlook import HORIZONS, hashrate_outlook
from ..network.hashrate_state import SETTINGS, run_bank
from ..network.retarget_forecast import PROGRESS, RetargetForecast, changes, forecast, forecasts_at
from ..network.retarget_score import METHODS, known_rate_floor, moments, outcomes, score
from ..processes.path import read_price_table
from ..store import Store
from ..store.clock import date_text, instant_text
from ..units import SECONDS_PER_DAY
from .market import Market, read_market

__all__ = [
    "METHOD",
    "PROBABILITIES",
    "RetargetView",
    "next_retarget",
    "read_chain",
    "retarget_reading",
    "retarget_score",
]

Floats = NDArray[np.float64]

METHOD = "drifting level of hashrate, walk-forward"

PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)
_FIRST_YEAR = 2014
_YEAR_S = 31_556_952.0


@dataclass(frozen=True)
class RetargetView:
    """What `manometer retarget` shows: `data` under its settled keys."""

    data: dict[str, Any]


def read_chain(store: Store, market: Market, retrieved_by_s: int | None = None) -> Chain:
    """Return the chain as known at the market's instant."""
    blocks = store.read("block_time_s", as_of_s=market.as_of_s, retrieved_by_s=retrieved_by_s)
    return chain_of(
        epoch_height=market.epoch_height,
        epoch_time_s=market.epoch_time_s.astype(np.float64),
        epoch_bits=market.epoch_bits,
        day=market.inputs.day,
        day_height=market.height,
        price_usd=market.inputs.price_usd,
        block=blocks.at,
        block_s=blocks.value,
    )


def next_retarget(store: Store, market: Market, retrieved_by_s: int | None = None) -> RetargetForecast:
    """Forecast the next retarget from all that was known at the market's instant."""
    return forecast(read_chain(store, market, retrieved_by_s), PROBABILITIES)


def retarget_reading(
    store: Store,
    as_of_s: int | None = None,
    *,
    price_usd: float | None = None,
    price_path: Path | None = None,
    retrieved_by_s: int | None = None,
) -> RetargetView:
    """Compose the forecast as known at an instant.

    Parameters
    ----------
    price_usd, price_path : hashrate further on as if price went there today and stayed, or along a CSV of
        date and price_usd: a straight line in the logarithm between rows, and its last price after them.

    Raises
    ------
    DataError
        The store knows no epoch or no price by then.
    """
    market = read_market(store, as_of_s, retrieved_by_s)
    chain = read_chain(store, market, retrieved_by_s)
    f = forecast(chain, PROBABILITIES)
    data: dict[str, Any] = {
        "as_of_utc": instant_text(int(max(f.time_s, market.last_day_s + SECONDS_PER_DAY))),
        "known_at_utc": instant_text(market.as_of_s),
        "height": f.height,
        "block_utc": instant_text(int(f.time_s)),
        "next_height": f.next_height,
        "blocks_left": f.next_height - f.height,
        "progress_frac": f.progress_frac,
        "difficulty": f.difficulty,
        "difficulty_next": f.difficulty * (1 + f.change[0.5]),
        **_quantiles(f.change),
        "eta_utc": instant_text(int(f.eta_s[0.5])),
        "eta_p05_utc": instant_text(int(f.eta_s[0.05])),
        "eta_p95_utc": instant_text(int(f.eta_s[0.95])),
        "locked": f.locked,
        "method": METHOD,
        "setting": {
            "level_sd_per_day": float(np.sqrt(SETTINGS.level_var[f.setting] * 144)),
            "price_effect_per_block": float(SETTINGS.price_effect[f.setting]),
            "fitted_to_utc": None if f.fitted_to_s is None else instant_text(int(f.fitted_to_s)),
        },
        "later": [
            {"height": x.height, **_quantiles(x.change), "eta_utc": instant_text(int(x.eta_s))}
            for x in f.later
        ],
        "supposed_price_usd": price_usd,
        "supposed_price_path": None if price_path is None else price_path.name,
        "outlook": _outlook(chain, f, _ahead(chain, price_usd, price_path)),
        "fan": _fan(chain),
    }
    return RetargetView(data)


def _quantiles(change: dict[float, float]) -> dict[str, float]:
    return {
        "change_frac": change[0.5],
        **{f"p{round(100 * p):02d}": change[p] for p in PROBABILITIES if p != 0.5},
    }


def _ahead(chain: Chain, price_usd: float | None, price_path: Path | None) -> Floats | None:
    """Return the logarithm of supposed closes of the days to come, (longest horizon,); None: price stays."""
    if price_path is None:
        return None if price_usd is None else np.full(HORIZONS[-1], np.log(price_usd))
    day, price = read_price_table(price_path)
    last = int(chain.day_end_s[-1]) // SECONDS_PER_DAY - 1
    later = day > last
    if not later.any():
        raise InputError(
            f"{price_path}: its last day is not after {date_text(last * SECONDS_PER_DAY)}, the day asked of"
        )
    known_day = np.concatenate([[last], day[later]])
    known = np.concatenate([chain.log_price[-1:], np.log(price[later])])
    return np.asarray(np.interp(last + 1 + np.arange(HORIZONS[-1]), known_day, known))


def _outlook(chain: Chain, f: RetargetForecast, ahead: Floats | None) -> list[dict[str, Any]]:
    """Return hashrate at each horizon if price stays, or along supposed closes."""
    run, now = run_bank(chain.stretches()), chain.time_s[-1:]
    out = []
    for days in HORIZONS:
        path = None if ahead is None else ahead[None, :days]
        o = hashrate_outlook(chain, run, now, np.array([f.setting]), days, path)
        quantiles = {f"p{round(100 * p):02d}": float(o.ehs(p)[0]) for p in PROBABILITIES if p != 0.5}
        out.append({"days": days, "hashrate_ehs": {"median": float(o.ehs(0.5)[0]), **quantiles}})
    return out


def _fan(chain: Chain) -> list[dict[str, Any]]:
    """Return what was forecast of this epoch as its blocks arrived, every half a day."""
    first, tip = int(chain.start[-1]), int(chain.height[-1])
    height = chain.last_known(np.arange(first, tip + 1, STEP_BLOCKS, dtype=np.float64))
    height = np.unique(np.append(height[height >= first], tip)).astype(np.float64)
    epoch = np.full(len(height), len(chain.start) - 1)
    r = forecasts_at(chain, run_bank(chain.stretches()), epoch, height, chain.time_of(height))
    table = {p: changes(r, p) for p in PROBABILITIES}
    return [
        {
            "height": int(h),
            "progress_frac": (float(h) - first + 1) / BLOCKS_PER_EPOCH,
            **_quantiles({p: float(table[p][k]) for p in PROBABILITIES}),
        }
        for k, h in enumerate(height)
    ]


def retarget_score(
    store: Store,
    first_s: int | None = None,
    last_s: int | None = None,
    *,
    retrieved_by_s: int | None = None,
) -> RetargetView:
    """Score forecasts of every epoch that ended in [first, last), ours walk-forward beside plain ones.

    Raises
    ------
    InputError
        No epoch ended between the two.
    """
    market = read_market(store, last_s, retrieved_by_s)
    chain = read_chain(store, market, retrieved_by_s)
    first = (_FIRST_YEAR - 1970) * _YEAR_S if first_s is None else float(first_s)
    last = float(market.as_of_s)
    at = moments(chain, first, last)
    if not len(at.epoch):
        raise InputError("no epoch ended between --from and --to; the record knows retargets from 2009 on")
    forecasts = outcomes(chain, at)
    rows = {m: score(at, forecasts[m], m) for m in METHODS}
    year = np.floor(1970 + chain.start_s[at.epoch + 1] / _YEAR_S).astype(int)
    years = []
    for y in sorted(set(year.tolist())):
        part = year == y
        ours: dict[float, float] = {}
        best: dict[float, float] = {}
        for m in METHODS:
            error = np.abs(forecasts[m](0.5) - at.change)
            for k, share in enumerate(PROGRESS):
                mean = float(error[part & (at.progress == k)].mean())
                if m == "manometer":
                    ours[share] = mean
                else:
                    best[share] = min(best.get(share, np.inf), mean)
        n = int(part.sum()) // len(PROGRESS)
        years.append(
            {
                "year": y,
                "n": n,
                "rows": [
                    {"progress_frac": s, "mae_frac": ours[s], "best_plain_mae_frac": best[s]}
                    for s in PROGRESS
                ],
            }
        )
    return RetargetView(
        {
            "first_utc": instant_text(int(chain.start_s[at.epoch.min() + 1])),
            "last_utc": instant_text(int(chain.start_s[at.epoch.max() + 1])),
            "epochs": len(set(at.epoch.tolist())),
            "blocks_known_from_height": int(chain.block[0]) if len(chain.block) else None,
            "rows": [asdict(r) for m in METHODS for r in rows[m]],
            "pooled": _pooled(rows["manometer"]),
            "floor": [{"progress_frac": p, "mae_frac": known_rate_floor(p)} for p in PROGRESS],
            "years": years,
        }
    )


def _pooled(rows: list[Any]) -> dict[str, float]:
    """Coverage over all shares of the epoch, with the error that the epochs alone would give it."""
    n = sum(r.n for r in rows)
    epochs = max(n / max(len(rows), 1), 1.0)
    out: dict[str, float] = {}
    for name, wanted in (("coverage50", 0.5), ("coverage90", 0.9)):
        out[name] = sum(getattr(r, name) * r.n for r in rows) / n
        out[f"{name}_se"] = float(np.sqrt(wanted * (1 - wanted) / epochs))
    return out
