"""``manometer hashprice``: what one PH/s earns, from what is given and what the store knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ..errors import InputError
from ..units import SECONDS_PER_DAY, parse_quantity
from .options import Number, Output, Reading, check_age, check_number, opened
from .screen import show, write_json

if TYPE_CHECKING:
    from ..readings.market import Market

__all__ = ["hashprice"]

_HIGHEST_USD = 1e9
_HIGHEST_EHS = 1e9


def hashprice(
    *,
    price_usd: Annotated[Number, Parameter(help="USD per BTC.")] = None,
    difficulty: Annotated[Number, Parameter(help="Network difficulty; or give --hashrate-ehs.")] = None,
    hashrate_ehs: Annotated[
        Number, Parameter(help="EH/s, or with its unit: '900 EH/s'; stands for its difficulty.")
    ] = None,
    height: Annotated[Number, Parameter(help="Block height that sets the subsidy.")] = None,
    subsidy_btc: Annotated[Number, Parameter(help="BTC per block; or give --height.")] = None,
    fees_btc: Annotated[Number, Parameter(help="Mean fees per block in BTC.")] = None,
    convention: Annotated[
        str,
        Parameter(help="difficulty (default), revenue_over_hashrate or blocks144_over_hashrate."),
    ] = "difficulty",
    hashes_per_difficulty: Annotated[
        str, Parameter(help="2^32 (default), as published figures use, or exact.")
    ] = "2^32",
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Compute hashprice; what is not given is read from the store's last day, and said.

    With price, difficulty and subsidy (or what stands for them) all given,
    nothing is read, and fees that are not given are 0.
    """
    from ..readings.hashprice import HashpriceInputs, hashprice_reading

    inputs = HashpriceInputs(
        price_usd=_quantity(price_usd, "usd", "price-usd", _HIGHEST_USD),
        difficulty=None
        if difficulty is None
        else check_number(difficulty, "difficulty", above=True, high=1e30),
        hashrate_ehs=_quantity(hashrate_ehs, "ehs", "hashrate-ehs", _HIGHEST_EHS),
        height=_height(height),
        subsidy_btc=_quantity(subsidy_btc, "btc", "subsidy-btc", 50.0),
        fees_btc=_quantity(fees_btc, "btc", "fees-btc", 21e6),
        convention=convention,
        hashes_per_difficulty=hashes_per_difficulty,
    )

    def read_day() -> Market:
        from ..readings.market import read_market

        with opened(output)() as store:
            market = read_market(store, reading.as_of_s(), reading.retrieved_by_s())
        check_age(reading, market.last_day_s + SECONDS_PER_DAY)
        return market

    view = hashprice_reading(inputs, read_day)
    if output.json:
        write_json(view.data)
    else:
        show(hashprice_page(view.data, quiet=output.quiet))
    return 0


def _quantity(text: str | None, suffix: str, name: str, high: float) -> float | None:
    return None if text is None else parse_quantity(text, suffix, name=name, high=high)


def _height(text: str | None) -> int | None:
    if text is None:
        return None
    value = check_number(text, "height", high=2**31 - 1)
    if value != int(value):
        raise InputError(f"height: {text[:40]!r} is not a whole number")
    return int(value)


def hashprice_page(d: dict[str, Any], *, quiet: bool = False) -> Any:
    """Lay the answer out, with each input and where it came from."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from . import words

    head = Text("Hashprice  ", style="bold")
    head.append(f"{words.usd(d['hashprice_usd_per_phs_day'])} USD per PH/s per day")
    value = Text("Hashvalue  ", style="bold")
    value.append(f"{d['hashvalue_btc_per_phs_day']:.8f} BTC per PH/s per day", style="not bold")
    if quiet:
        return Group(head, value)
    table = Table.grid(padding=(0, 2, 0, 0))
    named: dict[str, tuple[str, str, Callable[[Any], str]]] = {
        "price_usd": ("price", "USD per BTC", words.usd),
        "difficulty": ("difficulty", "", words.count),
        "hashrate_ehs": ("hashrate", "", words.hashrate),
        "subsidy_btc": ("subsidy", "BTC per block", _btc),
        "fees_btc": ("fees", "BTC per block", _btc),
        "block_count": ("blocks", "on the day", words.count),
    }
    for key, source in d["inputs_from"].items():
        label, unit, write = named[key]
        table.add_row(
            label,
            Text(f"{write(d[key])} {unit}".strip(), justify="right"),
            Text(source, style="bright_black"),
        )
    convention = f"convention {d['convention']}, {d['hashes_per_difficulty']} hashes per difficulty"
    return Group(head, value, Text(), table, Text(convention, style="bright_black"))


def _btc(value: float) -> str:
    return f"{value:,.8f}".rstrip("0").rstrip(".")
