"""The retarget forecast of every epoch of the record, scored: against the plain methods alone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from manometer.network.hashrate_state import run_bank
from manometer.network.retarget_score import moments, outcomes, score
from manometer.readings.market import read_market
from manometer.readings.retarget import read_chain, retarget_score
from manometer.store import open_store

from .timing import in_turn, row

_LIMIT_S = 180.0


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return one row: the full score from the store, its filter alone, and the score of one plain method."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "s.sqlite") as store:
        market = read_market(store)
        chain = read_chain(store, market)
        at = moments(chain, 1.3885e9, float(market.as_of_s))

        def ours() -> object:
            return retarget_score(store)

        def plain() -> object:
            return score(at, outcomes(chain, at)["rolling2015"], "rolling2015")

        def filter_alone() -> object:
            return run_bank(chain.stretches())

        t = in_turn({"ours": ours, "peer": plain, "limit": filter_alone}, 1 if quick else 5)
        seconds = {k: v[0] for k, v in t.items()}
        return [
            row(
                f"retarget score, {len(at.epoch) // 6} epochs at six shares, four methods "
                f"(goal {_LIMIT_S:.0f} s)",
                "s", "one plain method, data read", seconds, seconds["limit"] / seconds["ours"], t["ours"][1],
            )
        ]  # fmt: skip
