"""Miner selling: what listed miners sold of what they mined, in the newest month that is published."""

from __future__ import annotations

import math

import numpy as np

from .declaration import Declaration, Signal, SignalInputs, entries, graded
from .rolling import rolling_mean

__all__ = ["MINER_SELLING"]

_LIMITS = (0.5, math.nextafter(1.0, 2.0))  # all that is mined, and no more, is selling
_NAMES = ("keeping", "selling", "draining")
_VOLUME_DAYS = 30


def _read(x: SignalInputs) -> Signal:
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(x.mined_btc > 0, x.sold_btc / x.mined_btc, np.nan)
        days = x.sold_btc * x.price_usd / rolling_mean(x.volume_usd, _VOLUME_DAYS)
    return Signal(
        value=value,
        noise_sd=np.full(len(value), np.nan),
        state=graded(value, _LIMITS, _NAMES),
        events={"draining": entries(value >= _LIMITS[1], value)},
        also={
            "sold_btc": x.sold_btc,
            "mined_btc": x.mined_btc,
            "n_companies": x.n_companies,
            "days_of_volume": days,
        },
    )


MINER_SELLING = Declaration(
    name="miner_selling",
    unit="frac",
    doc="coins sold over coins mined by the listed miners that publish both, newest month known; n_companies "
    "is the sample, days_of_volume the coins sold in days of vetted volume",
    source="liquidation-to-production, as TheMinerMag reports it; companies' monthly figures",
    inputs=("sold_btc", "mined_btc", "n_companies", "price_usd", "volume_usd"),
    states=_NAMES,
    events={"draining": "more is sold than mined, not having been so for 30 days"},
    read=_read,
    marks=_LIMITS,
)
