"""The roster: who mines, owes and lends on a date, each figure filed, from the press, or assumed.

`roster.csv` beside this file is ours; a reader may give a file of the same columns. Rows are of three kinds:
`listed` (a company by name, with its own hashrate), `rest` (a group that owns a share of all other hashrate;
the shares of a date add up to 1) and `lender` (its equity). `filed` and `press` name the columns of a row
that come from a filing or from print; all others are assumed. `known` is the day on which a row could be
known (blank: its own); a roster is known when its last row is.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..errors import InputError, unknown_name

__all__ = ["COLUMNS", "GRADES", "POLICIES", "Lender", "Member", "Roster", "read_roster", "roster_of_eve"]

GRADES = ("filed", "press", "assumed")
POLICIES = ("sell_all", "fixed_share", "sell_to_cover", "hold")
_KINDS = ("listed", "rest", "lender")
_ON_DEFAULT = ("continues", "stops")

#: Number of a row -> (lowest, highest, what a blank means).
_NUMBERS: dict[str, tuple[float, float, float]] = {
    "ehs": (0.0, 1e6, 0.0),
    "share_of_rest_frac": (0.0, 1.0, 0.0),
    "j_per_th": (1.0, 1e6, 30.0),
    "power_usd_per_mwh": (0.0, 1e4, 45.0),
    "overhead_usd_per_month": (0.0, 1e11, 0.0),
    "cash_usd": (0.0, 1e12, 0.0),
    "minimum_cash_usd": (0.0, 1e12, 0.0),
    "free_btc": (0.0, 21e6, 0.0),
    "posted_btc": (0.0, 21e6, 0.0),
    "coin_loan_usd": (0.0, 1e12, 0.0),
    "coin_rate_frac": (0.0, 1.0, 0.1),
    "call_frac": (0.01, 1.0, 1 / 1.33),
    "restore_frac": (0.01, 1.0, 0.65),
    "liquidation_frac": (0.01, 2.0, 0.90),
    "cure_days": (0.0, 60.0, 1.0),
    "term_debt_usd": (0.0, 1e12, 0.0),
    "term_rate_frac": (0.0, 1.0, 0.12),
    "instalment_usd_per_month": (0.0, 1e11, 0.0),
    "share_frac": (0.0, 1.0, 0.5),
    "equity_usd": (0.0, 1e13, 0.0),
}
#: Columns of the table, in the order of the packaged one.
COLUMNS = (
    "date", "known", "kind", "name", "ehs", "share_of_rest_frac", "j_per_th", "power_usd_per_mwh",
    "overhead_usd_per_month", "cash_usd", "minimum_cash_usd", "free_btc", "posted_btc", "coin_loan_usd",
    "coin_rate_frac", "call_frac", "restore_frac", "liquidation_frac", "cure_days", "coin_lender",
    "term_debt_usd", "term_rate_frac", "instalment_usd_per_month", "matures", "term_lender", "policy",
    "share_frac", "on_default", "equity_usd", "filed", "press", "source",
)  # fmt: skip
_NEEDED = ("date", "kind", "name")
_MAX_BYTES = 5_000_000
_PACKAGED = Path(__file__).with_name("roster.csv")
_WHOLE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One operator, or a group of them, on a date.

    Parameters
    ----------
    ehs : hashrate of a listed company; a group has `share_of_rest_frac` of what no company has.
    j_per_th, power_usd_per_mwh : of a company; a group pays what its cohorts pay.
    coin_loan_usd, term_debt_usd : what is owed against coins, and otherwise.
    share_frac : of what is mined that is sold on its day (policy fixed_share).
    graded : column -> "filed" or "press"; what is not in it is assumed.
    """

    name: str
    listed: bool
    ehs: float
    share_of_rest_frac: float
    j_per_th: float
    power_usd_per_mwh: float
    overhead_usd_per_month: float
    cash_usd: float
    minimum_cash_usd: float
    free_btc: float
    posted_btc: float
    coin_loan_usd: float
    coin_rate_frac: float
    call_frac: float
    restore_frac: float
    liquidation_frac: float
    cure_days: float
    coin_lender: str
    term_debt_usd: float
    term_rate_frac: float
    instalment_usd_per_month: float
    matures: date | None
    term_lender: str
    policy: str
    share_frac: float
    stops: bool
    graded: dict[str, str]
    source: str

    def grade(self, column: str) -> str:
        """Return how well a figure is known."""
        return self.graded.get(column, "assumed")


@dataclass(frozen=True, slots=True)
class Lender:
    """A lender, and the losses it can bear."""

    name: str
    equity_usd: float
    source: str


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody on one date, and the day on which all of it was known."""

    on: date
    known: date
    members: tuple[Member, ...]
    lenders: tuple[Lender, ...]

    @property
    def debt_usd(self) -> float:
        """All that is owed."""
        return sum(m.coin_loan_usd + m.term_debt_usd for m in self.members)

    @property
    def assumed_debt_frac(self) -> float:
        """Share of the debt that is neither filed nor printed anywhere."""
        assumed = sum(
            getattr(m, column)
            for m in self.members
            for column in ("coin_loan_usd", "term_debt_usd")
            if m.grade(column) == "assumed"
        )
        return float(assumed) / self.debt_usd if self.debt_usd > 0 else 0.0


def read_roster(on: date, file: Path | None = None) -> Roster:
    """Return the newest roster that was known on a day, of the packaged table or of a file.

    Raises
    ------
    InputError
        A row is wrong (with its line and the remedy), or none was known so early.
    """
    rosters = _parse(file or _PACKAGED)
    known = [r for r in rosters if r.known <= on]
    if not known:
        days = ", ".join(r.known.isoformat() for r in rosters)
        raise InputError(f"{file or _PACKAGED.name}: no population was known on {on}; its days are {days}")
    return known[-1]


def roster_of_eve(of: date, file: Path | None = None) -> Roster:
    """Return the newest roster dated before a day, whenever it was known: for history run again.

    Raises
    ------
    InputError
        A row is wrong, or there is none so early.
    """
    rosters = _parse(file or _PACKAGED)
    before = [r for r in rosters if r.on < of]
    if not before:
        dates = ", ".join(r.on.isoformat() for r in rosters)
        raise InputError(f"{file or _PACKAGED.name}: no population before {of}; its dates are {dates}")
    return before[-1]


def _parse(path: Path) -> list[Roster]:
    """Read all rosters of a table, in the order of their dates."""
    table = _rows(path)
    header = [c.strip() for c in table[0]] if table else []
    for column in header:
        if column not in COLUMNS:
            raise InputError(f"{path}:1: {unknown_name('column', column, COLUMNS)}")
    if missing := [c for c in _NEEDED if c not in header]:
        raise InputError(f"{path}:1: the column {missing[0]} is missing; needed: {', '.join(_NEEDED)}")
    if len(set(header)) < len(header):
        raise InputError(f"{path}:1: a column stands twice")
    members: dict[date, list[tuple[str, Member]]] = {}
    lenders: dict[date, list[Lender]] = {}
    known: dict[date, date] = {}
    for number, cells in enumerate(table[1:], start=2):
        if not any(c.strip() for c in cells):
            continue
        where = f"{path}:{number}"
        if len(cells) != len(header):
            raise InputError(f"{where}: has {len(cells)} cells where the header has {len(header)}")
        row = dict.fromkeys(COLUMNS, "") | dict(zip(header, (c.strip() for c in cells), strict=True))
        on = _date(row["date"], f"{where}: date")
        seen = _date(row["known"], f"{where}: known") if row["known"] else on
        if seen < on:
            raise InputError(
                f"{where}: known {seen} is before its date {on}; leave it blank or give a later day"
            )
        known[on] = max(seen, known.get(on, on))
        if not row["name"]:
            raise InputError(f"{where}: name is blank; give each row a name")
        if row["kind"] not in _KINDS:
            raise InputError(f"{where}: {unknown_name('kind', row['kind'], _KINDS)}")
        names = [m.name for _, m in members.get(on, [])] + [x.name for x in lenders.get(on, [])]
        if row["name"] in names:
            raise InputError(f"{where}: {row['name']} stands twice on {on}; one row per name and date")
        if row["kind"] == "lender":
            equity = _number(row, "equity_usd", where)
            lenders.setdefault(on, []).append(Lender(row["name"], equity, row["source"]))
        else:
            members.setdefault(on, []).append((where, _member(row, where)))
    if not members:
        raise InputError(f"{path}: has no operators; give rows of kind listed or rest")
    return [_roster(d, known[d], members[d], lenders.get(d, []), path) for d in sorted(members)]


def _roster(
    on: date, known: date, rows: Sequence[tuple[str, Member]], lenders: list[Lender], path: Path
) -> Roster:
    names = [x.name for x in lenders]
    for where, m in rows:
        for owed, lender in ((m.coin_loan_usd, m.coin_lender), (m.term_debt_usd, m.term_lender)):
            if owed and lender not in names:
                hint = unknown_name("lender", lender, names) if names else "there is no lender row"
                raise InputError(f"{where}: {m.name} owes {owed:,.0f} USD: {hint} on {on}")
    shares = sum(m.share_of_rest_frac for _, m in rows if not m.listed)
    if abs(shares - 1) > _WHOLE:
        raise InputError(
            f"{path}: on {on} the rest of the network is shared out to {shares:.4g}; the "
            "share_of_rest_frac of rows of kind rest must add up to 1"
        )
    return Roster(on, known, tuple(m for _, m in rows), tuple(lenders))


def _member(row: dict[str, str], where: str) -> Member:
    listed = row["kind"] == "listed"
    value = {c: _number(row, c, where) for c in _NUMBERS if c != "equity_usd"}
    policy = row["policy"] or "sell_to_cover"
    if policy not in POLICIES:
        raise InputError(f"{where}: {unknown_name('policy', policy, POLICIES)}")
    on_default = row["on_default"] or "continues"
    if on_default not in _ON_DEFAULT:
        raise InputError(f"{where}: {unknown_name('on_default', on_default, _ON_DEFAULT)}")
    if value["coin_loan_usd"] and not value["posted_btc"]:
        raise InputError(
            f"{where}: {row['name']} owes {value['coin_loan_usd']:,.0f} USD against coins but posts none; "
            "give posted_btc, or put the debt in term_debt_usd"
        )
    levels = [value[c] for c in ("restore_frac", "call_frac", "liquidation_frac")]
    if not levels[0] <= levels[1] <= levels[2]:
        raise InputError(
            f"{where}: restore_frac {levels[0]:g}, call_frac {levels[1]:g}, liquidation_frac {levels[2]:g} "
            "must not fall in this order"
        )
    if listed and not value["ehs"]:
        raise InputError(f"{where}: {row['name']} is listed and has no hashrate; give ehs")
    graded = {}
    for grade in ("press", "filed"):
        for column in row[grade].split():
            if column not in COLUMNS:
                raise InputError(f"{where}: {grade}: {unknown_name('column', column, COLUMNS)}")
            graded[column] = grade
    return Member(
        name=row["name"],
        listed=listed,
        coin_lender=row["coin_lender"],
        term_lender=row["term_lender"],
        matures=_date(row["matures"], f"{where}: matures") if row["matures"] else None,
        policy=policy,
        stops=on_default == "stops",
        graded=graded,
        source=row["source"],
        **value,
    )


def _number(row: dict[str, str], column: str, where: str) -> float:
    low, high, blank = _NUMBERS[column]
    text = row[column]
    if not text:
        return blank
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise InputError(f"{where}: {column} {text!r} must be a number from {low:g} to {high:g}")
    return value


def _date(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{where} {text!r} must be a day such as 2025-08-22") from None


def _rows(path: Path) -> list[list[str]]:
    try:
        with path.open("rb") as f:
            raw = f.read(_MAX_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8 text; give a CSV with {', '.join(_NEEDED)}") from None
    if len(raw) > _MAX_BYTES or "\0" in text:
        raise InputError(f"{path}: is no table of operators; give a CSV with {', '.join(_NEEDED)}")
    try:
        return list(csv.reader(text.splitlines(), strict=True))
    except csv.Error as error:
        raise InputError(f"{path}: {error}") from None
