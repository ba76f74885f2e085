"""The ledger of claims: what is said in public, put to the record; a claim is a row and a judge."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

from ..errors import unknown_name
from ..store import Store
from ..store.clock import date_text, instant_text
from ..units import SECONDS_PER_DAY
from .claim_tests import (
    CANNOT,
    DOES_NOT,
    HOLDS,
    Finding,
    Record,
    cost_floor,
    kumo,
    miners_cascade,
    ribbon_buys,
    two_gaps,
)
from .gauge import number
from .history import Progress
from .pulse import take_pulse
from .signals import read_signals

__all__ = ["JUDGES", "VERDICTS", "Claim", "ClaimsView", "claims", "read_claims"]

VERDICTS = (HOLDS, DOES_NOT, CANNOT)

#: Name of a claim -> what puts it to the record.
JUDGES: dict[str, Callable[[Record], Finding]] = {
    "cost_is_a_floor": cost_floor,
    "hash_ribbon_buy_works": ribbon_buys,
    "gap_27_against_25_9": two_gaps,
    "ten_to_fifteen_starts_a_cascade": miners_cascade,
    "bearish_kumo_twist": kumo,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it is made; `test` says what would make it hold. Blank: no dated source was found."""

    name: str
    says: str
    said_by: str
    where: str
    said_on: str
    test: str


@dataclass(frozen=True)
class ClaimsView:
    """What a face shows: `data` under its settled keys."""

    data: dict[str, Any]


def read_claims() -> dict[str, Claim]:
    """Return the table of claims, by name."""
    text = files(__package__).joinpath("claims.csv").read_text(encoding="utf-8")
    return {row["name"]: Claim(**row) for row in csv.DictReader(text.splitlines())}


def claims(
    store: Store,
    as_of_s: int | None = None,
    names: tuple[str, ...] = (),
    *,
    retrieved_by_s: int | None = None,
    progress: Progress | None = None,
) -> ClaimsView:
    """Put the named claims, by default all, to the record as known at an instant.

    Raises
    ------
    InputError
        No such claim.
    DataError
        Nothing is known by then.
    """
    table = read_claims()
    for name in names:
        if name not in table:
            raise unknown_name("claim", name, table)
    pulse = take_pulse(store, as_of_s, retrieved_by_s=retrieved_by_s, progress=progress)
    known_s = pulse.market.as_of_s
    history = read_signals(store, known_s, retrieved_by_s=retrieved_by_s)
    record = Record(store, pulse, history, retrieved_by_s)
    price = number(pulse.market.inputs.price_usd[-1])
    hour = instant_text(pulse.market.last_day_s + SECONDS_PER_DAY)
    rows = [
        {
            **{k: v or None for k, v in asdict(table[name]).items()},
            **asdict(JUDGES[name](record)),
            "price_usd": price,
            "price_utc": hour,
        }
        for name in names or table
    ]
    return ClaimsView(
        {
            "as_of_utc": hour,
            "last_day": date_text(pulse.market.last_day_s),
            "known_at_utc": instant_text(known_s),
            "price_usd": price,
            "price_source": pulse.market.sources.get("price_usd"),
            "claims": rows,
        }
    )
