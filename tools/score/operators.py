"""Operators against their filings: kept and earned, and the prices at which a lender takes the coins."""

from __future__ import annotations

from collections.abc import Iterator

from manometer.economics import loan_to_value
from manometer.economics.lending import coins_to_restore, exhaustion_price, fall_to
from manometer.results import earned, funded_gap, retained, retention_frac, split_gap

from .context import Context
from .rows import Row, read_published

__all__ = ["clsk_facts", "operator_rows"]

_CLSK = "CLSK 9 months to 2025-06: "
_MARA = "MARA 2022-11-09: "
# the 10-Q: drawn [USD], price, coins posted before, added, and free after it
_DRAWN, _PRICE, _POSTED, _ADDED, _FREE = 100e6, 16_212.50, 7_821.0, 1_669.0, 1_950.0
_RESTORE = 0.65


def operator_rows(c: Context) -> Iterator[Row]:
    """Judge each figure to the rounding at which it was stated; who paid the gap stands beside."""
    note, ours = _clsk()
    ours |= _mara()
    for r in read_published("score_operators.csv"):
        value, published = ours[r["item"]], float(r["published"])
        yield Row(
            "operators",
            r["item"],
            value,
            published,
            r["unit"],
            value - published if r["unit"] in ("frac", "change") else value / published - 1,
            r["source"],
            abs(value - published) <= float(r["within"]),
            note if r["item"].endswith("after capex") else "",
        )


def clsk_facts() -> dict[str, float]:
    """Read the filed facts by their short names, scaled to USD, BTC and USD per BTC."""
    return {
        r["name"]: float(r["value"]) * float(r["scale"]) for r in read_published("score_clsk_nine_months.csv")
    }


def _clsk() -> tuple[str, dict[str, float]]:
    """Coins mined are no cash of operations there, so operations' cash is what the own bills cost."""
    f = clsk_facts()
    mined, sold, paid = f["mined"], f["sold"], f["paid_out"]
    growth = f["mining_capex"] + f["plant_capex"] - f["machines_sold"]
    before = float(earned(mined=mined, own_bills=-f["operating_cash"]))
    after = float(earned(mined=mined, own_bills=-f["operating_cash"], growth=growth))
    gap = float(funded_gap(retained=retained(mined=mined, sold=sold, paid_out=paid), earned=after))
    payers = split_gap(
        gap,
        {
            "lenders": f["notes"] - f["notes_repaid"],
            "shareholders": f["shares"] - f["shares_bought_back"],
            "opening cash": -f["cash_change"],
        },
    )
    note = f"kept beyond earned {gap / mined:.0%} of what was mined, paid by " + ", ".join(
        f"{k} {v / mined:.0%}" for k, v in payers.items()
    )
    return note, {
        _CLSK + "kept after sales": float(retention_frac(mined=mined, sold=sold)),
        _CLSK + "kept after coins paid out": float(retention_frac(mined=mined, sold=sold, paid_out=paid)),
        _CLSK + "earned before capex": before / mined,
        _CLSK + "earned after capex": after / mined,
        "CLSK 2025-06-30: coins held and posted": f["coins"] + f["posted_value"] / f["coin_price"],
    }


def _mara() -> dict[str, float]:
    def level(posted: float) -> float:
        return float(loan_to_value(loan_usd=_DRAWN, collateral_btc=posted, price_usd=_PRICE))

    added = coins_to_restore(loan_usd=_DRAWN, posted_btc=_POSTED, price_usd=_PRICE, restore_frac=_RESTORE)
    restored = level(_POSTED + _ADDED)  # the level at which the lender left it
    last = exhaustion_price(
        loan_usd=_DRAWN, posted_btc=_POSTED + _ADDED, free_btc=_FREE, restore_frac=restored
    )
    return {
        _MARA + "loan to value before": level(_POSTED),
        _MARA + "coins to add for 65 %": float(added),
        _MARA + "loan to value after": restored,
        _MARA + "price that takes the last free coin": float(last),
        _MARA + "further fall to it": float(fall_to(trigger_price_usd=last, price_usd=_PRICE)),
    }
