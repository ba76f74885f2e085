"""``manometer retarget``: the next change of difficulty; ``retarget score``: how such forecasts have done."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from ..errors import InputError
from .options import Number, Output, Reading, Table, check_age, opened
from .picture import check_picture
from .screen import progress_bar, publish, screen_width

__all__ = ["retarget_app"]

_Date = Annotated[str | None, Parameter(metavar="DATE", allow_leading_hyphen=True)]
_Plot = Annotated[
    Path | None, Parameter(metavar="FILE", help="Draw it, .png or .svg; needs manometer[plot].")
]


def retarget_app() -> App:
    """Return the command and the one below it."""
    app = App(
        name="retarget", help="The next retarget, and how its forecasts have done.", help_format="plaintext"
    )
    app.default_parameter = Parameter(show_default=False)
    app.default(retarget)
    app.command(score, name="score")
    return app


def retarget(
    *,
    price_usd: Annotated[
        Number, Parameter(help="Hashrate in 30 to 90 days as if price went there today; else it stays.")
    ] = None,
    price_path: Annotated[
        Path | None,
        Parameter(metavar="FILE", help="Or along a path of it: a CSV of date, price_usd."),
    ] = None,
    plot: _Plot = None,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Forecast the next change of difficulty and its time, and the three after it."""
    from ..readings.retarget import retarget_reading
    from ..units import parse_quantity
    from .words import seconds_of

    price = None if price_usd is None else parse_quantity(price_usd, "usd", name="price-usd", high=1e9)
    if price is not None and price <= 0:
        raise InputError(f"price-usd: {price_usd} must be more than 0")
    if price is not None and price_path is not None:
        raise InputError("--price-usd and --price-path each give the price; keep one")
    check_picture(plot)
    with opened(output)() as store:
        view = retarget_reading(
            store,
            reading.as_of_s(),
            price_usd=price,
            price_path=price_path,
            retrieved_by_s=reading.retrieved_by_s(),
        )
    check_age(reading, seconds_of(view.data["as_of_utc"]))
    if plot is not None:
        from .retarget_picture import draw_fan

        draw_fan(view.data, plot)
    from .retarget_page import retarget_page

    asked = reading.as_of_s()
    publish(
        view.data,
        lambda: retarget_page(view.data, screen_width(), int(time.time()) if asked is None else asked),
        json=output.json,
        csv=csv,
        rows=view.data["fan"],
        written=() if plot is None else (plot,),
    )
    return 0


def score(
    *,
    first: Annotated[_Date, Parameter(name="--from", help="Epochs that ended from here on; 2014.")] = None,
    last: Annotated[_Date, Parameter(name="--to", help="Epochs that ended by here; the last known.")] = None,
    plot: _Plot = None,
    csv: Table = None,
    output: Output = Output(),  # noqa: B008
) -> int:
    """Score every epoch's forecasts, walk-forward, beside three plain ones: error, CRPS and coverage."""
    from ..readings.retarget import retarget_score
    from .options import instant

    check_picture(plot)
    with (
        opened(output)() as store,
        progress_bar("scoring epochs", wanted=not (output.quiet or output.json)),
    ):
        view = retarget_score(store, instant(first, "from"), instant(last, "to"))
    if plot is not None:
        from .retarget_picture import draw_score

        draw_score(view.data, plot)
    from .retarget_page import score_page

    publish(
        view.data,
        lambda: score_page(view.data, screen_width()),
        json=output.json,
        csv=csv,
        rows=view.data["rows"],
        written=() if plot is None else (plot,),
    )
    return 0
