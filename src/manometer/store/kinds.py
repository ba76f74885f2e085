"""The kinds of file that can be imported, as data: which columns make a kind, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import InputError, unknown_name
from . import chain_rows, daily_rows, rows, sentiment_rows
from .cells import Gathered
from .filings import sec_facts
from .front import Chunk
from .rows import Context

__all__ = ["KINDS", "Kind", "find_kind"]

Parse = Callable[[Chunk, Context, Gathered], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file.

    Parameters
    ----------
    name : str
        As `--kind` takes it.
    required : tuple of str
        Columns without which the file is not of this kind.
    optional : tuple of str
        Further columns that are read.
    parse : callable
        Takes a chunk, the context and what was gathered.
    source : str
        Source of its values; empty where the columns say it, and then `--source` has no meaning.
    forbidden : tuple of str
        Columns that show the file to be something else.
    doc : str
        What becomes of the columns.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    parse: Parse
    source: str
    doc: str
    forbidden: tuple[str, ...] = ()

    @property
    def wanted(self) -> tuple[str, ...]:
        """All columns that are read."""
        return (*self.required, *self.optional)


def _fields(table: dict[str, tuple[str, float]], texts: dict[str, str]) -> tuple[str, ...]:
    return tuple(c for c in (*table, *texts) if c != "btc_produced")


_ALL = (
    Kind(
        "network-daily",
        (
            "date",
            "price_usd",
            "block_count",
            "difficulty",
            "hashrate_24h_hs",
            "subsidy_24h_btc",
            "fees_24h_btc",
        ),
        ("block_count_source",),
        daily_rows.network,
        "node",
        "price, difficulty and block count of the day; fees per block = the 24 h window's fees over its "
        "blocks. The 24 h hashrate, subsidy, revenue and hashprice are not kept: their window ends at the "
        "day's last block and holds one block too many on average.",
    ),
    Kind(
        "ohlcv-daily",
        ("date", "high_usd", "low_usd", "close_usd", "volume_yahoo_usd"),
        ("open_usd", "close_coindesk_usd", "volume_coindesk_usd"),
        daily_rows.ohlcv,
        "",
        "close -> price_usd (source yahoo-close), close_coindesk -> price_usd (source coindesk-close), high, "
        "low, both volumes.",
        ("ticker",),
    ),
    Kind(
        "retargets",
        ("start_height", "start_time_unix", "bits"),
        ("difficulty",),
        chain_rows.retargets,
        "headers",
        "bits and start time by first height of the epoch, and from them the difficulty at the end of each "
        "day up to the last epoch's first day.",
    ),
    Kind(
        "block-times",
        ("height", "time_unix"),
        (),
        chain_rows.block_times,
        "headers",
        "header time by height; the pool is not kept.",
        ("totalfee_sat",),
    ),
    Kind(
        "block-stats",
        ("height", "time_unix", "subsidy_sat", "totalfee_sat"),
        ("mediantime_unix", "txs", "total_weight", "feerate_p50_satvb"),
        chain_rows.block_stats,
        "node",
        "fees, subsidy, weight, transactions and median fee rate by height.",
    ),
    Kind(
        "companies-monthly",
        ("ticker", "month_end", "btc_produced"),
        ("known_at_utc", *_fields(rows.MONTHLY, rows.MONTHLY_TEXT)),
        rows.companies_monthly,
        "company",
        "figures by company and month, known at known_at_utc, else five days after the month (assumed).",
    ),
    Kind(
        "companies-quarterly",
        ("ticker", "quarter_end", "btc_produced"),
        ("known_at_utc", *_fields(rows.QUARTERLY, rows.QUARTERLY_TEXT)),
        rows.companies_quarterly,
        "company",
        "figures by company and quarter, known at known_at_utc, else 45 days after the quarter (assumed).",
    ),
    Kind(
        "power-hourly",
        ("time_local", "usd_per_mwh"),
        ("known_at_utc",),
        rows.power_hourly,
        "power",
        "hourly power price; local times need --timezone. An hour that the clocks repeat is read in order of "
        "the rows, one that they skip is refused.",
    ),
    Kind(
        "machines",
        ("model", "hashrate_th", "power_w", "release_date"),
        (
            "manufacturer",
            "category",
            "cooling",
            "efficiency_j_th",
            "price_usd",
            "price_asof",
            "confidence",
            "known_at_utc",
        ),
        rows.machines,
        "machines",
        "nameplate by model and hashrate, from the release date; a month or year counts from its last day.",
    ),
    Kind(
        "sec-facts",
        ("ticker", "filing", "concept", "period_start", "period_end", "value", "unit"),
        ("known_at_utc",),
        sec_facts,
        "",
        "facts of filings by concept; entity = ticker, start of the period and unit, source = the filing. "
        "Of a fact that one filing gives both rounded and in full, the full one is kept.",
    ),
    Kind(
        "events",
        ("date", "company", "event"),
        ("btc", "usd", "detail", "source", "known_at_utc"),
        rows.events,
        "events",
        "what happened, by day; entity = company and event.",
    ),
    Kind(
        "sentiment-daily",
        ("date", "fear_greed_index", "perp_funding_rate_mean"),
        (),
        sentiment_rows.daily,
        "",
        "fear and greed (0 to 100), and the mean funding rate of perpetual futures (a fraction per 8 hours).",
    ),
    Kind(
        "surveys",
        ("date", "value", "question", "source"),
        ("known_at_utc",),
        sentiment_rows.surveys,
        "survey",
        "answers by day, in the unit of the question; entity = who asked and what.",
    ),
)

#: The kinds, by name.
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


def find_kind(file: str, header: list[str], name: str | None) -> Kind:
    """Return the kind of a file, by its name if given, else by its header.

    Raises
    ------
    InputError
        No such kind, columns are missing, or the header is of no kind; the message names the nearest.
    """
    columns = set(header)
    if name is not None:
        if name not in KINDS:
            raise unknown_name("kind", name, KINDS)
        kind = KINDS[name]
        missing = [c for c in kind.required if c not in columns]
        if missing:
            raise InputError(f"{file}: kind {name} also needs the columns {', '.join(missing)}")
        return kind
    fitting = [k for k in _ALL if columns.issuperset(k.required) and not columns.intersection(k.forbidden)]
    if fitting:
        return max(fitting, key=lambda k: len(k.required))
    near = max(_ALL, key=lambda k: len(columns.intersection(k.required)) / len(k.required))
    shared = columns.intersection(near.required)
    hint = ""
    if shared and not columns.intersection(near.forbidden):
        missing = [c for c in near.required if c not in columns]
        hint = f"; nearest is {near.name}, but {', '.join(missing)} are missing"
    raise InputError(f"{file}: its columns are of no known kind{hint} (kinds: {', '.join(sorted(KINDS))})")
