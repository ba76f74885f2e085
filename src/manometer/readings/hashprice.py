"""What one PH/s earns, from what is given; whatever is not given is read from the store, and said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..chain import hashes_per_difficulty, subsidy_sat
from ..economics import HASHPRICE_CONVENTIONS, hashprice, hashprice_by
from ..errors import DataError, InputError, unknown_name
from ..store.clock import instant_text
from ..units import BLOCKS_PER_DAY, HASHES_PER_EH, SAT_PER_BTC, SECONDS_PER_DAY
from .market import Market

__all__ = ["HashpriceInputs", "HashpriceView", "hashprice_reading"]

_HASHRATE_DAYS = 7


@dataclass(frozen=True, slots=True)
class HashpriceInputs:
    """What a person gave; None for what is to be read from the store.

    fees_btc : mean fees per block. Where price, difficulty (or hashrate) and subsidy (or height) are all
        given, nothing is read from the store and fees that are not given are 0.
    """

    price_usd: float | None = None
    difficulty: float | None = None
    hashrate_ehs: float | None = None
    height: int | None = None
    subsidy_btc: float | None = None
    fees_btc: float | None = None
    convention: str = "difficulty"
    hashes_per_difficulty: str = "2^32"


@dataclass(frozen=True)
class HashpriceView:
    """The answer; `data` is the settled JSON, with each input and where it came from."""

    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Known:
    value: float
    source: str


def hashprice_reading(inputs: HashpriceInputs, read_day: Callable[[], Market]) -> HashpriceView:
    """Compute hashprice and hashvalue under a named convention.

    Parameters
    ----------
    inputs : HashpriceInputs
        What was given.
    read_day : callable
        Reads the store's daily table; called only where something is missing.

    Notes
    -----
    A hashrate stands for the difficulty at which it finds 144 blocks a day, and a difficulty for that
    hashrate. `revenue_over_hashrate` takes the revenue of the store's last day (its blocks, with the price,
    subsidy and fees that hold here) over the hashrate given, else over the mean of the last 7 days.

    Raises
    ------
    InputError
        Both of a pair are given, a name is unknown, or a value is out of range.
    DataError
        Something is missing and the store does not know it.
    """
    _check(inputs)
    market: Market | None = None
    rewarded = inputs.subsidy_btc is not None or inputs.height is not None
    worked = inputs.difficulty is not None or inputs.hashrate_ehs is not None
    revenue = inputs.convention == "revenue_over_hashrate"
    if inputs.price_usd is None or not worked or not rewarded or revenue:
        market = read_day()
    price = _or_read(inputs.price_usd, market, "price_usd")
    subsidy, height = _subsidy(inputs, market)
    fees = _fees(inputs.fees_btc, market)
    difficulty, hashrate = _work(inputs, market)
    known = {"price_usd": price, "subsidy_btc": subsidy, "fees_btc": fees}
    shared = {"subsidy_btc": subsidy.value, "fees_btc": fees.value}
    if inputs.convention == "difficulty":
        known["difficulty"] = difficulty

        def at(price_usd: float) -> float:
            return float(
                hashprice(
                    price_usd=price_usd,
                    difficulty=difficulty.value,
                    hashes_per_difficulty=inputs.hashes_per_difficulty,
                    **shared,
                )
            )

    else:
        known["hashrate_ehs"] = hashrate
        blocks = float(market.inputs.block_count[-1]) if revenue and market else float(BLOCKS_PER_DAY)
        if revenue:
            known["block_count"] = _Known(blocks, _from(market, "block_count"))

        def at(price_usd: float) -> float:
            if not revenue:
                return float(
                    hashprice_by(
                        inputs.convention, price_usd=price_usd, hashrate_ehs=hashrate.value, **shared
                    )
                )
            day_usd = blocks * (subsidy.value + fees.value) * price_usd
            return float(hashprice_by(inputs.convention, revenue_usd=day_usd, hashrate_ehs=hashrate.value))

    last = market.last_day_s + SECONDS_PER_DAY if market else None
    return HashpriceView(
        {
            "hashprice_usd_per_phs_day": at(price.value),
            "hashvalue_btc_per_phs_day": at(1.0),
            "convention": inputs.convention,
            "hashes_per_difficulty": inputs.hashes_per_difficulty,
            **{k: v.value for k, v in known.items()},
            "height": height,
            "inputs_from": {k: v.source for k, v in known.items()},
            "as_of_utc": instant_text(last) if last is not None else None,
        }
    )


def _check(x: HashpriceInputs) -> None:
    if x.convention not in HASHPRICE_CONVENTIONS:
        raise unknown_name("hashprice convention", x.convention, HASHPRICE_CONVENTIONS)
    for one, other in (("difficulty", "hashrate_ehs"), ("height", "subsidy_btc")):
        if getattr(x, one) is not None and getattr(x, other) is not None:
            raise InputError(f"give either {one} or {other}, not both: one follows from the other")
    hashes_per_difficulty(x.hashes_per_difficulty)


def _from(market: Market | None, name: str) -> str:
    if market is None:
        return "given"
    day = np.datetime64(int(market.inputs.day[-1]), "D")
    return f"store, {day}" + (f", {market.sources[name]}" if name in market.sources else "")


def _or_read(given: float | None, market: Market | None, column: str) -> _Known:
    if given is not None or market is None:
        return _Known(float(given or 0.0), "given")
    return _Known(float(getattr(market.inputs, column)[-1]), _from(market, column))


def _fees(given: float | None, market: Market | None) -> _Known:
    if given is not None:
        return _Known(given, "given")
    if market is None:
        return _Known(0.0, "not given: none counted")
    return _Known(float(market.inputs.fees_btc[-1]), _from(market, "fees_per_block_btc"))


def _subsidy(x: HashpriceInputs, market: Market | None) -> tuple[_Known, int | None]:
    if x.subsidy_btc is not None:
        return _Known(x.subsidy_btc, "given"), None
    if x.height is not None:
        return _Known(int(subsidy_sat(x.height)) / SAT_PER_BTC, f"height {x.height:,}"), x.height
    height = int(market.height[-1]) if market else 0
    return _Known(
        int(subsidy_sat(height)) / SAT_PER_BTC, f"{_from(market, 'height')}, height {height:,}"
    ), height


def _work(x: HashpriceInputs, market: Market | None) -> tuple[_Known, _Known]:
    """Return difficulty and hashrate, each from the other where only one is known."""
    per_ehs = (
        HASHES_PER_EH * SECONDS_PER_DAY / BLOCKS_PER_DAY / hashes_per_difficulty(x.hashes_per_difficulty)
    )
    if x.hashrate_ehs is not None:
        if not x.hashrate_ehs > 0:
            raise InputError("hashrate_ehs: must be more than 0")
        implied = _Known(x.hashrate_ehs * per_ehs, "the hashrate given, at 144 blocks a day")
        return implied, _Known(x.hashrate_ehs, "given")
    difficulty = _or_read(x.difficulty, market, "difficulty")
    if x.difficulty is None and market is not None:
        counted = market.inputs.hashrate_ehs[-_HASHRATE_DAYS:]
        if not np.isfinite(counted).any():
            raise DataError(
                "the store has no block_count of these days, from which hashrate follows; give one"
            )
        mean = float(np.nanmean(counted))
        return difficulty, _Known(mean, f"{_from(market, 'hashrate')}, mean of {_HASHRATE_DAYS} days")
    return difficulty, _Known(difficulty.value / per_ehs, "the difficulty given, at 144 blocks a day")
