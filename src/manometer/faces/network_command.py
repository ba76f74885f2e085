"""``manometer network``: the cost curve, who goes next, who returns, and where the network would settle."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from .options import Gross, Number, Output, Reading, Table, check_age, opened
from .screen import flat, progress_bar, publish, screen_width

__all__ = ["network"]


def network(
    *,
    hashprice: Annotated[Number, Parameter(help="Suppose this hashprice, USD per PH/s per day.")] = None,
    price_usd: Annotated[Number, Parameter(help="Suppose this bitcoin price, USD per BTC.")] = None,
    csv: Table = None,
    gross: Gross = False,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Read the whole network: cost by layer, who is under water, who goes next and who returns."""
    from ..readings.network import network_reading
    from ..units import parse_quantity
    from .words import seconds_of

    level = (
        None
        if hashprice is None
        else parse_quantity(hashprice, "usd_per_phs_day", name="hashprice", high=1e12)
    )
    price = None if price_usd is None else parse_quantity(price_usd, "usd", name="price-usd", high=1e9)
    as_of_s, retrieved_by_s = reading.as_of_s(), reading.retrieved_by_s()
    with (
        opened(output)() as store,
        progress_bar("reading the history", wanted=not (output.quiet or output.json)) as progress,
    ):
        view = network_reading(
            store,
            as_of_s,
            hashprice_usd_per_phs_day=level,
            price_usd=price,
            retrieved_by_s=retrieved_by_s,
            gross=gross,
            progress=progress,
        )
    check_age(reading, seconds_of(view.data["as_of_utc"]))
    from .network_page import network_page

    publish(
        view.data,
        lambda: network_page(view.data, screen_width()),
        json=output.json,
        csv=csv,
        rows=[{"list": k, **flat(r)} for k in ("next_to_go", "next_to_return") for r in view.data[k]],
    )
    return 0
