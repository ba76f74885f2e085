"""An operator's report as plain parts: what every format of it is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from . import words
from .fleet_page import btc, sentence

__all__ = ["Bar", "Report", "Section", "build_report"]

_PAID = {"debt": "paid by lenders", "equity": "paid by shareholders", "assets": "paid by deposits returned",
         "opening_cash": "paid by opening cash", "suppliers": "paid by suppliers not yet paid",
         "price_timing": "prices of different days"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a picture: good, spent, taken or plain."""

    label: str
    value: float
    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: bars, a table, or both. Columns after the first are numbers unless `left` names them."""

    title: str
    note: str = ""
    bars: tuple[Bar, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    left: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report."""

    title: str
    question: str
    terms: str
    lead: str
    sections: tuple[Section, ...] = ()
    last: str = "Cost is a pressure gauge, not a price floor."
    data: dict[str, Any] = field(default_factory=dict)


def build_report(d: dict[str, Any]) -> Report:
    """Return the report of a statement; a home has lines of its own."""
    terms = (
        f"{d['first_day']} to {d['last_day']}, {d['path']}; {words.usd(d['price_usd'])} USD per BTC on the first day, "
        f"{words.usd(d['end_price_usd'])} on the last"
    )
    if d["kind"] == "home":
        return Report(
            d["operator"], d["question"] or "", terms, "", (_home(d["home"]),), "A hobby: not an income.", d
        )
    sections = (
        _coins(d["total"]),
        _earned(d["total"]),
        _triggers(d),
        _liquidity(d),
        _costs(d),
        _by_month(d),
        _promises(d),
        _events(d),
        _assumed(d),
    )
    shown = tuple(s for s in sections if s.rows or s.bars)
    return Report(d["operator"], d["question"] or "", terms, sentence(d), shown, data=d)


def _coins(t: dict[str, Any]) -> Section:
    bars = [Bar("kept", max(t["retained_btc"], 0.0), btc(t["retained_btc"]), "good")]
    spent = [
        Bar(f"sold for {k.replace('_', ' ')}", v, btc(v), "spent")
        for k, v in t["sold_for_btc"].items()
        if v > 0
    ]
    bars += sorted(spent, key=lambda b: -b.value)
    bars += [
        Bar("sold, kept as cash", t["kept_as_cash_btc"], btc(t["kept_as_cash_btc"])),
        Bar("paid out in coin", t["paid_out_btc"], btc(t["paid_out_btc"]), "spent"),
        Bar("taken by lenders", t["seized_btc"], btc(t["seized_btc"]), "taken"),
    ]
    if t["sold_from_treasury_btc"] > 0:
        drawn = t["sold_from_treasury_btc"]
        bars.append(Bar("of what was sold, held before its month", drawn, btc(drawn), "taken"))
    note = f"BTC; {btc(t['mined_btc'])} mined"
    return Section("Where the coins went", note, tuple(b for b in bars if b.value > 0))


def _earned(t: dict[str, Any]) -> Section:
    def row(label: str, value: float) -> tuple[str, ...]:
        share = words.percent(value / t["mined_btc"]) if t["mined_btc"] else ""
        return (label, btc(value), share)

    rows = [row("mined", t["mined_btc"]), row("kept", t["retained_btc"]), row("earned", t["earned_btc"])]
    rows.append(row("earned after growth", t["earned_after_growth_btc"]))
    rows += [row(_PAID[k], v) for k, v in t["funded_gap_btc"].items() if v > 0]
    rows.append(("net bitcoin", btc(t["net_btc"]), ""))
    rows.append(("the same dollars on spot", btc(t["buy_instead_btc"]["same_dates"]), ""))
    return Section("Kept against earned", columns=("", "BTC", "of mined"), rows=tuple(rows))


def _triggers(d: dict[str, Any]) -> Section:
    rows = tuple(
        (
            r["kind"].replace("_", " "),
            r["name"],
            words.usd(r["price_usd"]),
            words.percent(r["fall_frac"], sign=True),
            "" if r["coins_needed_btc"] is None else btc(r["coins_needed_btc"]),
        )
        for r in d["triggers"]
    )
    columns = ("what", "whose", "USD per BTC", "change", "coins needed")
    return Section(
        "What price does what", "from the first day's close", columns=columns, rows=rows, left=(0, 1)
    )


def _liquidity(d: dict[str, Any]) -> Section:
    names = {"cash_usd": "cash", "free_coins_usd": "free coins after haircut", "undrawn_usd": "undrawn lines",
             "restricted_usd": "restricted cash (not counted)", "total_usd": "in all"}  # fmt: skip
    rows = tuple(
        (v, words.money(d["liquidity"][k]), words.money(d["liquidity_end"][k])) for k, v in names.items()
    )
    low = f"lowest cash {words.money(d['low_point']['cash_usd'])} on {d['low_point']['date']}"
    if d["first_shortfall_utc"]:
        low += f"; a bill is missed on {d['first_shortfall_utc']}"
    return Section("Liquidity", low, columns=("", "first evening", "last evening"), rows=rows)


def _costs(d: dict[str, Any]) -> Section:
    t = d["total"]
    names = {"electricity": "electricity", "direct": "direct", "cash": "cash", "all_in": "all in"}
    rows = [(v, words.usd(t["cost_usd_per_btc"][k])) for k, v in names.items()]
    rows.append(("to keep the coin", words.usd(t["keep_usd_per_btc"])))
    note = (
        f"{t['cost_layers_are']}, per {t['denominator']}; break-even hashprice "
        f"{words.usd(d['breakeven_hashprice_usd_per_phs_day'])} USD/PH/day on direct cost"
    )
    return Section("Cost per bitcoin", note, columns=("layer", "USD per BTC"), rows=tuple(rows))


def _by_month(d: dict[str, Any]) -> Section:
    keys = ("mined_btc", "sold_btc", "retained_btc", "earned_btc", "held_btc", "pledged_btc")
    rows = tuple(
        (m["month"], *(btc(m[k]) for k in keys), words.money(m["cash_usd"]), words.money(m["debt_usd"]))
        for m in d["months"]
    )
    columns = ("month", "mined", "sold", "kept", "earned", "held", "posted", "cash", "debt")
    most = max((m["held_btc"] for m in d["months"]), default=0.0)
    bars = tuple(Bar(m["month"], m["held_btc"], btc(m["held_btc"])) for m in d["months"]) if most > 0 else ()
    return Section("By month", "bars: coins held at the month's end [BTC]", bars, columns, rows)


def _promises(d: dict[str, Any]) -> Section:
    rows = [
        (c["test_date"], c["name"], f"room {words.percent(c['headroom_frac'], sign=True)}")
        for c in d["covenants"]
        if c["headroom_frac"] < 0.25
    ]
    rows += [
        (
            m["date"],
            m["name"],
            f"{words.money(m['amount_usd'])} {'can be put' if m['can_be_put'] else 'matures'}",
        )
        for m in d["maturities"]
    ]
    note = "covenant tests with less than 25 % of room, and what matures"
    return Section(
        "Promises and maturities",
        note,
        columns=("date", "what", ""),
        rows=tuple(sorted(rows)),
        left=(0, 1, 2),
    )


def _events(d: dict[str, Any]) -> Section:
    rows = tuple((e["date"], e["kind"].replace("_", " "), e["name"], e["text"]) for e in d["events"])
    return Section("What happened", columns=("date", "what", "whose", ""), rows=rows, left=(0, 1, 2, 3))


def _assumed(d: dict[str, Any]) -> Section:
    return Section("Assumed", rows=tuple((line,) for line in d["assumed"]), columns=("",))


def _home(h: dict[str, Any]) -> Section:
    rows = [("electricity over the run", words.money(h["power_cost_usd"]))]
    if h["heat_value_usd"]:
        rows.append(("fuel that its heat displaced", words.money(h["heat_value_usd"])))
    rows.append(("cost a month, net of heat", words.money(h["net_cost_usd_per_month"])))
    if h["noise_db"] is not None:
        rows.append(("noise", f"{h['noise_db']:g} dB"))
    if h["scheme"] == "solo":
        for name, chance in h["block_chance_frac"].items():
            rows.append((f"chance of a block in a {name}", f"1 in {1 / chance:,.0f}" if chance else "none"))
    else:
        rows.append(("credited by the pool", f"{btc(h['pool_btc'])} BTC"))
    return Section("What it costs, and its odds", columns=("", ""), rows=tuple(rows))
