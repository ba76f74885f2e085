"""``manometer machines``: what each machine leaves at a hashprice and a power price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ..units import SECONDS_PER_DAY, parse_quantity
from .options import Number, Output, Reading, Table, check_age, check_number, opened
from .screen import publish, screen_width

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["machines"]

_HIGHEST_POWER = 10_000.0
_HIGHEST_HASHPRICE = 1e12
_HIGHEST_OVERHEAD = 5.0
_WIDE = 120
_SHORTEST_NAME = 20
#: Columns left out, in this order, until the rest has room.
_LEFT_OUT = ("breakeven_power_price_usd_per_mwh", "margin_usd_per_phs_day", "hashrate_ths", "noise_db")
_SHOWN = 30


def machines(
    *,
    hashprice: Annotated[Number, Parameter(help="USD per PH/s per day; else the store's last day.")] = None,
    power_price: Annotated[
        Number, Parameter(help="Such as '55 USD/MWh' or '5.5 c/kWh'; 50 USD/MWh if not given.")
    ] = None,
    overhead: Annotated[
        Number, Parameter(help="Site energy over machine energy (PUE), 1 if not given.")
    ] = "1",
    model: Annotated[
        tuple[str, ...],
        Parameter(
            name="--model", negative=(), help="Only this machine, by any usual spelling; may be repeated."
        ),
    ] = (),
    tuned: Annotated[
        bool, Parameter(negative=(), help="Each machine in the power mode that leaves most, or off.")
    ] = False,
    home: Annotated[bool, Parameter(negative=(), help="Home machines instead of industrial ones.")] = False,
    all_machines: Annotated[bool, Parameter(name="--all", negative=(), help="All, also old ones.")] = False,
    sort: Annotated[
        str, Parameter(help="margin (default), profit, efficiency, release or model.")
    ] = "margin",
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """List machines on sale by the day: margin and break-evens on electricity, before the pool fee."""
    from ..readings.machines import MachineQuestion, machines_reading
    from ..readings.market import read_market

    question = MachineQuestion(
        hashprice_usd_per_phs_day=None
        if hashprice is None
        else parse_quantity(hashprice, "usd_per_phs_day", name="hashprice", high=_HIGHEST_HASHPRICE),
        power_price_usd_per_mwh=None
        if power_price is None
        else parse_quantity(power_price, "usd_per_mwh", name="power-price", high=_HIGHEST_POWER),
        overhead=check_number(overhead or "1", "overhead", low=1.0, high=_HIGHEST_OVERHEAD),
        models=model,
        tuned=tuned,
        categories=("industrial", "home") if all_machines else ("home",) if home else ("industrial",),
        sort=sort,
    )
    with opened(output)() as store:
        market = read_market(store, reading.as_of_s(), reading.retrieved_by_s())
    check_age(reading, market.last_day_s + SECONDS_PER_DAY)
    view = machines_reading(question, market)
    limit = None if all_machines or model else _SHOWN
    publish(
        view.data,
        lambda: machines_page(view.data, screen_width(), home=home, limit=limit, quiet=output.quiet),
        json=output.json,
        csv=csv,
        rows=view.data["machines"],
    )
    return 0


def machines_page(
    d: dict[str, Any], width: int, *, home: bool = False, limit: int | None = None, quiet: bool = False
) -> RenderableType:
    """Lay the table out; home machines get what a day costs first, and no promise."""
    from rich.console import Group
    from rich.table import Table as Grid
    from rich.text import Text

    from . import words

    head = Text("Machines", style="bold")
    head.append(
        f" at hashprice {words.usd(d['hashprice_usd_per_phs_day'])} USD per PH/s per day "
        f"({d['hashprice_from']}), power {words.usd(d['power_price_usd_per_mwh'])} USD/MWh "
        f"({d['power_price_from']})",
        style="not bold",
    )
    if d["overhead"] != 1:
        head.append(f", overhead {d['overhead']:g}", style="not bold")
    rows = d["machines"][:limit]
    table = Grid(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    columns = _columns(home=home, wide=width >= _WIDE, tuned=d["tuned"])
    for left_out in _LEFT_OUT:
        if _room(columns, rows, width) < _SHORTEST_NAME:
            columns = [c for c in columns if c[1] != left_out]
    room = max(_room(columns, rows, width), len("model"))
    table.add_column("model", overflow="ellipsis", no_wrap=True, max_width=room)
    for heading, _, _ in columns:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        margin = row["margin_usd_per_phs_day"]
        red = margin is not None and margin < 0
        cells = [_cell(row[key], write) for _, key, write in columns]
        table.add_row(row["model"], *cells, style="red" if red else "")
    notes = []
    if not d["machines"]:
        notes.append("No machine was on sale by then.")
    if limit is not None and len(d["machines"]) > limit:
        notes.append(f"{limit} of {len(d['machines'])} shown; --all, --csv FILE or --json for the rest.")
    if any(row["efficiency_j_per_th"] is None for row in rows):
        notes.append("unknown: no source gives the power of that machine.")
    if d["tuned"]:
        notes.append("mode: share of the nameplate hashrate.")
    if home:
        notes.append(
            "Odds: mining alone, at today's difficulty. Count on what a day costs; most years bring no block."
        )
    else:
        notes.append("Electricity only, before pool fee, site, people and the price of the machine.")
    body: list[RenderableType] = [head, Text(), table]
    if not quiet:
        body += [Text(), *(Text(n, style="bright_black") for n in notes)]
    return Group(*body)


def _one_in(chance: float) -> str:
    return f"{1 / chance:,.0f}" if chance > 0 else "never"


def _cell(value: Any, write: Any) -> str:
    from . import words

    return words.UNKNOWN if value is None else str(write(value))


def _mode(value: str) -> str:
    return value.removeprefix("tuned ")


def _room(columns: list[tuple[str, str, Any]], rows: list[dict[str, Any]], width: int) -> int:
    """Return what the columns leave of the width for the names."""
    for heading, key, write in columns:
        texts = [*heading.split("\n"), *(_cell(row[key], write) for row in rows)]
        width -= 1 + max(map(len, texts))
    return width - 1


def _columns(*, home: bool, wide: bool, tuned: bool) -> list[tuple[str, str, Any]]:
    from . import words

    def small(value: float) -> str:
        return f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"

    def digits(value: float) -> str:
        return f"{value:,.1f}" if value < 10_000 else f"{value:,.0f}"

    rate = ("TH/s", "hashrate_ths", digits)
    if home:
        return [
            rate,
            ("watts", "power_w", words.count),
            ("power\nUSD/day", "power_cost_usd_per_day", lambda v: f"{v:,.3f}"),
            ("left\nUSD/day", "daily_profit_usd", lambda v: f"{v:,.3f}"),
            ("a block in\na year: 1 in", "block_chance_year_frac", _one_in),
            ("J/TH", "efficiency_j_per_th", digits),
            *([("noise\ndB", "noise_db", digits), ("released", "release_date", str)] if wide else []),
            *([("mode", "mode", _mode)] if tuned else []),
        ]
    return [
        *([rate, ("released", "release_date", str)] if wide else []),
        *([("mode", "mode", _mode)] if tuned or wide else []),
        ("J/TH", "efficiency_j_per_th", digits),
        *([("hashcost\nUSD/PH/day", "hashcost_usd_per_phs_day", small)] if wide else []),
        ("margin\nUSD/PH/day", "margin_usd_per_phs_day", small),
        ("profit\nUSD/day", "daily_profit_usd", small),
        ("break-even\nUSD/MWh", "breakeven_power_price_usd_per_mwh", digits),
        *([("break-even\nUSD/PH/day", "breakeven_hashprice_usd_per_phs_day", small)] if wide else []),
        ("break-even\nUSD/BTC", "breakeven_price_usd", words.usd),
    ]
