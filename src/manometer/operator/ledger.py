"""The ledger: append-only dated double entries in integer cents and integer satoshi.

Columns are plain lists: posting is an append, and balances are derived from the entries alone by the table of
kinds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import InputError, unknown_name
from .ledger_kinds import ACCOUNTS, COIN_STATES, KINDS, Kind

__all__ = ["Delta", "Entry", "Key", "Ledger"]

#: A balance: account, bill ("" when not kept by bill), name or day owed ("" when kept by neither).
Key = tuple[str, str, str | int]
Delta = tuple[Key, int]

# How the last part of a key is filled.
_FIXED, _NAME, _OWED = 0, 1, 2
_Part = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `day` when it took effect or was paid, `owed_day` when it fell due (days since 1970)."""

    number: int
    day: int
    owed_day: int
    kind: str
    name: str
    cents: int
    sat: int

    def __str__(self) -> str:
        who = f" {self.name!r}" if self.name else ""
        return (
            f"entry {self.number} (day {self.day}, {self.kind}{who}, "
            f"{self.cents} cents, {self.sat} sat, owed day {self.owed_day})"
        )


def _money_part(account: str, bill: str, side: int) -> _Part:
    row = ACCOUNTS[account]
    kept_bill = bill if row.kept_by.startswith("bill") else ""
    fill = _NAME if row.kept_by.endswith("name") else _OWED if row.kept_by.endswith("owed") else _FIXED
    return (account, kept_bill, fill, side * row.debit_sign)


def _coin_part(place: str, side: int) -> _Part:
    # Outside accounts count how much has passed, so both ends of them are positive.
    if place in COIN_STATES:
        return ("coins." + place, "", _NAME if COIN_STATES[place] else _FIXED, side)
    return ("outside." + place, "", _FIXED, 1)


def _compile(kind: Kind) -> tuple[tuple[_Part, ...], tuple[_Part, ...]]:
    money = [_money_part(a, kind.bill, s) for a, s in ((kind.debit, 1), (kind.credit, -1)) if a]
    if kind.cash_term:
        money.append(("term." + kind.cash_term, "", _FIXED, 1))
    coins = [_coin_part(p, s) for p, s in ((kind.leaves, -1), (kind.enters, 1)) if p]
    return tuple(money), tuple(coins)


class Ledger:
    """An append-only list of entries, with balances derived from nothing else.

    Parameters
    ----------
    kinds : mapping of str to Kind, optional
        The table of posting kinds; `KINDS` unless a test or an extension brings its own.

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.post(19000, "mine", "pool", sat=5)
    0
    >>> ledger.balances()[("coins.receivable", "", "pool")]
    5
    """

    __slots__ = ("_cents", "_days", "_kinds", "_moves", "_names", "_owed", "_sat", "kinds")

    def __init__(self, kinds: Mapping[str, Kind] = KINDS) -> None:
        self.kinds = kinds
        self._moves = {name: _compile(kind) for name, kind in kinds.items()}
        self._days: list[int] = []
        self._owed: list[int] = []
        self._kinds: list[str] = []
        self._names: list[str] = []
        self._cents: list[int] = []
        self._sat: list[int] = []

    def __len__(self) -> int:
        return len(self._days)

    def __getitem__(self, number: int) -> Entry:
        return Entry(
            number if number >= 0 else number + len(self),
            self._days[number],
            self._owed[number],
            self._kinds[number],
            self._names[number],
            self._cents[number],
            self._sat[number],
        )

    def __iter__(self) -> Iterator[Entry]:
        return (self[number] for number in range(len(self)))

    def post(
        self, day: int, kind: str, name: str = "", cents: int = 0, sat: int = 0, owed_day: int | None = None
    ) -> int:
        """Append one entry and return its number.

        Parameters
        ----------
        day, owed_day : when it took effect or was paid, and when it fell due [days since 1970]; by default
            the same day.
        kind : a row of the table of kinds.
        name : whose it is (site, loan, pool), for balances that are kept by name.
        cents, sat : what moves, whole numbers.

        Raises
        ------
        InputError
            The kind is unknown, or the day is before that of the last entry.
        """
        if kind not in self._moves:
            raise unknown_name("posting kind", kind, self._moves)
        days = self._days
        if days and day < days[-1]:
            raise InputError(
                f"day {day} is before the last entry's day {days[-1]}: entries are only appended"
            )
        days.append(day)
        self._owed.append(day if owed_day is None else owed_day)
        self._kinds.append(kind)
        self._names.append(name)
        self._cents.append(cents)
        self._sat.append(sat)
        return len(days) - 1

    def span(self, first_day: int, last_day: int) -> range:
        """Return the numbers of the entries of `first_day` to `last_day`, both in."""
        return range(bisect_left(self._days, first_day), bisect_left(self._days, last_day + 1))

    def rows(self, numbers: range) -> Iterator[tuple[int, str, str, int, int]]:
        """Return day, kind, name, cents and sat of some entries: as `Entry`, without making one of each."""
        part = slice(numbers.start, numbers.stop)
        return zip(
            self._days[part],
            self._kinds[part],
            self._names[part],
            self._cents[part],
            self._sat[part],
            strict=True,
        )

    def deltas(self, number: int) -> list[Delta]:
        """Return what one entry does to each balance, by the table of kinds."""
        found: dict[Key, int] = {}
        self.add_to(found, range(number, number + 1))
        return list(found.items())

    def add_to(self, balances: dict[Key, int], numbers: range) -> None:
        """Add the effect of some entries to balances in place."""
        moves, kinds, names, owed = self._moves, self._kinds, self._names, self._owed
        for number in numbers:
            money, coins = moves[kinds[number]]
            for parts, amount in ((money, self._cents[number]), (coins, self._sat[number])):
                if not amount:
                    continue
                for account, bill, fill, sign in parts:
                    key: Key = (
                        account,
                        bill,
                        "" if fill == _FIXED else names[number] if fill == _NAME else owed[number],
                    )
                    balances[key] = balances.get(key, 0) + sign * amount

    def balances(self, before_day: int | None = None) -> dict[Key, int]:
        """Return all balances, from the entries alone, at the start of `before_day` or at the end."""
        found: dict[Key, int] = {}
        end = len(self) if before_day is None else bisect_left(self._days, before_day)
        self.add_to(found, range(end))
        return found
