"""``manometer claims``: what is said in public, put to the record."""

from __future__ import annotations

import time
from typing import Annotated

from cyclopts import Parameter

from .options import Output, Reading, Table, check_age, opened
from .screen import progress_bar, publish

__all__ = ["claims"]


def claims(
    name: Annotated[
        str | None, Parameter(help="One claim with its test and figures; by default all.")
    ] = None,
    /,
    *,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Put public claims to the record: holds, does not hold, or cannot be told, at a price and hour."""
    from ..readings.claims import claims as read_claims
    from .words import seconds_of

    with (
        opened(output)() as store,
        progress_bar("reading the history", wanted=not (output.quiet or output.json)) as progress,
    ):
        view = read_claims(
            store,
            reading.as_of_s(),
            () if name is None else (name,),
            retrieved_by_s=reading.retrieved_by_s(),
            progress=progress,
        )
    check_age(reading, seconds_of(view.data["as_of_utc"]))
    from .claims_page import claims_page

    asked = reading.as_of_s() if reading.as_of is not None else None
    publish(
        view.data,
        lambda: claims_page(view.data, name is not None, now_s=int(time.time()), asked_s=asked),
        json=output.json,
        csv=csv,
        rows=[{k: v for k, v in row.items() if k != "figures"} for row in view.data["claims"]],
    )
    return 0
