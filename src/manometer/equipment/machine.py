"""One machine at nameplate, and the catalogue that holds them all."""

from __future__ import annotations

import csv
import math
import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from ..errors import InputError, unknown_name

__all__ = ["CATEGORIES", "COLUMNS", "Catalogue", "MachineModel", "PowerMode", "read_catalogue"]

#: `stylised` rows stand for the fleet before the first catalogued ASICs (CPU, GPU, FPGA, early ASICs).
CATEGORIES = ("industrial", "home", "stylised")
CONFIDENCES = ("high", "medium", "low", "assumed")
COLUMNS = (
    "model",
    "maker",
    "category",
    "cooling",
    "hashrate_ths",
    "power_w",
    "efficiency_j_per_th",
    "release_date",
    "release_precision",
    "noise_db",
    "price_usd",
    "price_asof",
    "source",
    "date_read",
    "confidence",
)
_HERE = Path(__file__).parent
#: Nameplates are printed to two or three digits: hashrate x efficiency = power within 1 %.
_NAMEPLATE_TOLERANCE = 0.01


@dataclass(frozen=True)
class PowerMode:
    """A published operating point of a machine.

    `confidence` is "low" where the power is the firmware's own estimate and not read at the wall: such
    points calibrate the tuning curve and are shown, but are not read as points of a machine's curve.
    """

    mode: str
    hashrate_ths: float
    power_w: float
    source: str
    confidence: str


@dataclass(frozen=True)
class MachineModel:
    """One machine at nameplate; `None` where the sources say nothing.

    Attributes
    ----------
    hashrate_ths, power_w, efficiency_j_per_th : float or None
        Nameplate. Home machines' power is at the board or wall as the source gives it.
    release_s : int
        Start of the UTC day from which the machine is known [s since 1970]: the last of the month where
        `release_precision` is "month", of the year where it is "year".
    date_read : str
        Day on which the source was read for the catalogue.
    confidence : str
        "high", "medium", "low", or "assumed" (release month not in a source of the catalogue).
    """

    model: str
    maker: str
    category: str
    cooling: str
    hashrate_ths: float | None
    power_w: float | None
    efficiency_j_per_th: float | None
    release_s: int
    release_precision: str
    noise_db: float | None
    price_usd: float | None
    price_asof: str
    source: str
    date_read: str
    confidence: str
    modes: tuple[PowerMode, ...] = ()

    @property
    def release_date(self) -> str:
        """ISO date of release."""
        return datetime.fromtimestamp(self.release_s, UTC).date().isoformat()


class Catalogue(Mapping[str, MachineModel]):
    """Machines by name, in order of release. Look-up forgives case, punctuation and a left-out brand.

    Examples
    --------
    >>> read_catalogue()["s21 pro"].model
    'Antminer S21 Pro'
    """

    def __init__(self, models: Iterable[MachineModel]) -> None:
        ordered = sorted(models, key=lambda m: (m.release_s, m.model))
        self._models = {m.model: m for m in ordered}
        self._aliases: dict[str, set[str]] = {}
        for name in self._models:
            for alias in _aliases(name):
                self._aliases.setdefault(alias, set()).add(name)

    def __getitem__(self, name: str) -> MachineModel:
        if name in self._models:
            return self._models[name]
        key = _key(name)
        exact = [n for n in self._models if _key(n) == key]
        found = set(exact) or self._aliases.get(key, set())
        if not found and len(key) >= 4:
            found = {n for alias, names in self._aliases.items() if alias.startswith(key) for n in names}
        if len(found) > 1:
            # "bitaxe gamma" is the Gamma, not the GammaDuo, unless several go on with a new word.
            found = {n for n in found if n.casefold().startswith(f"{name.strip().casefold()} ")} or found
        if len(found) != 1:
            raise unknown_name("machine", name, sorted(found) or self._models)
        return self._models[next(iter(found))]

    def __contains__(self, name: object) -> bool:
        return name in self._models

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    def available(self, as_of_s: float) -> Catalogue:
        """Return the machines released at or before an instant [s since 1970, UTC]."""
        return Catalogue(m for m in self._models.values() if m.release_s <= as_of_s)

    def of(self, *categories: str) -> Catalogue:
        """Return the machines of some categories."""
        for category in categories:
            if category not in CATEGORIES:
                raise unknown_name("category", category, CATEGORIES)
        return Catalogue(m for m in self._models.values() if m.category in categories)


def read_catalogue(extra_rows: Iterable[Mapping[str, str]] | None = None) -> Catalogue:
    """Read the packaged catalogue, with rows of the caller's own added or put in place of same names.

    Parameters
    ----------
    extra_rows : iterable of mappings, optional
        Rows with the columns of `COLUMNS`; left-out columns are blank. `model`, `category`,
        `release_date` and `source` are required; a missing one of power, hashrate and efficiency follows
        from the other two.

    Raises
    ------
    InputError
        A row lacks a required column, a figure is not positive, or the nameplate contradicts itself.
    """
    models = {m.model: m for m in _packaged()}
    for row in extra_rows or ():
        model = parse_row(row)
        kept = models.get(model.model)
        models[model.model] = replace(model, modes=kept.modes) if kept else model
    return Catalogue(models.values())


@lru_cache(maxsize=1)
def _packaged() -> tuple[MachineModel, ...]:
    modes: dict[str, list[PowerMode]] = {}
    for row in _read(_HERE / "modes.csv"):
        mode = PowerMode(
            row["mode"], float(row["hashrate_ths"]), float(row["power_w"]), row["source"], row["confidence"]
        )
        modes.setdefault(row["model"], []).append(mode)
    models = [parse_row(row) for row in _read(_HERE / "machines.csv")]
    return tuple(replace(m, modes=tuple(modes.get(m.model, ()))) for m in models)


def parse_row(row: Mapping[str, str]) -> MachineModel:
    """Return the machine of one catalogue row, checked."""
    text = {c: str(row.get(c) or "").strip() for c in COLUMNS}
    where = f"machine {text['model'][:60]!r}"
    for column in ("model", "category", "release_date", "source"):
        if not text[column]:
            raise InputError(f"{where}: column {column} is blank")
    if text["category"] not in CATEGORIES:
        raise unknown_name("category", text["category"], CATEGORIES)
    if text["confidence"] not in (*CONFIDENCES, ""):
        raise unknown_name("confidence", text["confidence"], CONFIDENCES)
    date, precision = _release(text["release_date"], where)
    hashrate = _positive(text, "hashrate_ths", where)
    power = _positive(text, "power_w", where)
    efficiency = _positive(text, "efficiency_j_per_th", where)
    if hashrate and power and efficiency:
        if abs(hashrate * efficiency / power - 1) > _NAMEPLATE_TOLERANCE:
            raise InputError(
                f"{where}: {hashrate:g} TH/s x {efficiency:g} J/TH is {hashrate * efficiency:.0f} W, "
                f"not {power:g} W"
            )
    elif hashrate and power:
        efficiency = power / hashrate
    elif hashrate and efficiency:
        power = hashrate * efficiency
    elif power and efficiency:
        hashrate = power / efficiency
    return MachineModel(
        model=text["model"],
        maker=text["maker"],
        category=text["category"],
        cooling=text["cooling"],
        hashrate_ths=hashrate,
        power_w=power,
        efficiency_j_per_th=efficiency,
        release_s=int(_last_day(date, text["release_precision"] or precision).timestamp()),
        release_precision=text["release_precision"] or precision,
        noise_db=_positive(text, "noise_db", where),
        price_usd=_positive(text, "price_usd", where),
        price_asof=text["price_asof"],
        source=text["source"],
        date_read=text["date_read"],
        confidence=text["confidence"] or "low",
    )


def _last_day(date: datetime, precision: str) -> datetime:
    """Return the last day of a date known to the month or year: before it nobody can be sure."""
    if precision == "day":
        return date
    month = 12 if precision == "year" else date.month
    return date.replace(month=month, day=monthrange(date.year, month)[1])


def _release(text: str, where: str) -> tuple[datetime, str]:
    for pattern, precision in (("%Y-%m-%d", "day"), ("%Y-%m", "month"), ("%Y", "year")):
        try:
            date = datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
        return (date.replace(month=7) if precision == "year" else date), precision
    raise InputError(f"{where}: release_date {text[:40]!r} is not a date such as 2024-01-31, 2024-01 or 2024")


def _positive(text: Mapping[str, str], column: str, where: str) -> float | None:
    if not text[column]:
        return None
    try:
        value = float(text[column])
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{where}: {column} {text[column][:40]!r} is not a number more than 0")
    return value


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9+]", "", name.casefold())


def _aliases(name: str) -> set[str]:
    """Return the short spellings of a name: without its brand, its bracket, or both."""
    short = re.sub(r"\s*\(.*\)", "", name)
    out = {_key(short)}
    for text in (name, short):
        brand, _, rest = text.partition(" ")
        if rest and brand[0].isalpha():
            out.add(_key(rest))
    return out
