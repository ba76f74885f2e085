"""The cascade on one screen: the answer, the ladder before it, the rounds, and what each assumption does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import words

__all__ = ["cascade_page", "first_sentence"]

_FIRST_DAYS, _EVERY, _FORCED_DAYS = 8, 15, 8
_SELLERS, _NAMES = 10, 30
_SHOCK = {
    "price": "A fall of {} in price",
    "hashprice": "A fall of {} in hashprice",
    "power": "Power dearer by {}",
}
_LAST = "Cost and triggers are a pressure gauge, not a price floor. Assumed figures are guesses; see --json."


def cascade_page(d: Mapping[str, Any], width: int) -> RenderableType:
    """Lay the cascade out for a screen of `width` columns."""
    body: list[RenderableType] = [Text(first_sentence(d), style="bold"), _about(d), Text()]
    if d["replay"] is not None:
        body += [_published(d["published"]), Text()]
    if any(r["who"] for r in d["ladder"]):
        body += [_ladder(d["ladder"], width), Text()]
    if d["replay"] is None:
        body += [_volumes(d["volumes"]), Text()]
    body += [_rounds(d["rounds"], width), Text(), _flows(d["flows_btc_per_day"]), Text()]
    body.append(_sellers(d["sellers"], calm=d["replay"] is None))
    if any(v.get("sweep") for v in d["volumes"]):
        body += [Text(), _sweep(d["volumes"])]
    if d["sensitivity"]:
        body += [Text(), _sensitivity(d["sensitivity"])]
    return Group(*body, Text(), Text(_LAST, style="italic"))


def first_sentence(d: Mapping[str, Any]) -> str:
    """Say the answer in a sentence."""
    if d["replay"] is not None:
        r = d["replay"]
        known = "" if r["balance_sheets"] else ", no balance sheets: hashrate and difficulty only"
        return f"{r['first']} to {r['last']} run again at the price there was{known}."
    thin, wide = d["volumes"]
    shock = _SHOCK[d["kind"]].format(words.percent(-d["shock_frac"]))
    starts = any(v["claim"]["starts_cascade"] for v in d["volumes"])
    # The claim is about a fall in price; other kinds say only what their own shock does.
    claim = "a cascade starts" if starts else "no cascade starts"
    between = " between 10 and 15 %" if d["kind"] == "price" else ""
    if d["kind"] == "power":
        return (
            f"{shock}: the sales it forces take {words.percent(thin['taken_by_sales_frac'])} off the price "
            f"on the vetted volume ({words.percent(wide['taken_by_sales_frac'])} on all venues): {claim}."
        )
    return (
        f"{shock} becomes {-100 * thin['final_fall_frac']:.2f} % on the vetted volume "
        f"(amplified {thin['amplification']:.3f} times; {wide['amplification']:.3f} on all venues): "
        f"{claim}{between}."
    )


def _about(d: Mapping[str, Any]) -> Text:
    p = d["population"]
    shocked = d["replay"] is None
    calm = f" ({d['calm_defaults']} without the shock)" if shocked else ""
    stops = "hashrate that the shock stops" if shocked else "hashrate that stops"
    text = (
        f"As of {words.date(d['as_of_utc'])}: {words.usd(d['price_usd'])} USD per BTC, "
        f"{words.hashrate(d['network_hashrate_ehs'])}. Population of {p['on']}: {p['listed']} listed miners, "
        f"{p['operators'] - p['listed']} groups; {words.money(p['debt_usd'])} owed, "
        f"{words.percent(p['debt_assumed_frac'])} of it assumed. "
        f"Defaults in {d['days']} days: {d['defaults']}{calm}; {stops}: "
        f"{words.hashrate(d['hashrate_lost_ehs'], unit='EH/s')}."
    )
    failed = [x["name"] for x in d["lenders"] if x["failed"]]
    return Text(text + (f" Lenders that fail: {', '.join(failed)}." if failed else " No lender fails."))


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(first, no_wrap=True, overflow="ellipsis")
    for heading in others:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _ladder(rows: Sequence[Mapping[str, Any]], width: int) -> Table:
    """Coins that loans ask for, by price, before any simulation."""
    table = _table("trigger ladder\nat USD per BTC", "fall", "to post\nBTC", "lenders\nsell BTC")
    table.add_column("who", overflow="ellipsis", no_wrap=True, max_width=max(width - 48, _NAMES))
    for r in rows:
        if r["who"]:
            table.add_row(
                words.usd(r["price_usd"]),
                words.percent(r["fall_frac"]),
                words.count(r["post_btc"]),
                words.count(r["sell_btc"]),
                ", ".join(r["who"]),
            )
    return table


def _volumes(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(
        "market volume", "BTC per\nday", "amplified", "on paths\n5 to 95 %", "10 %", "15 %\nfall", "tips at"
    )
    for v in rows:
        p, claim = v["amplification_paths"], v["claim"]["amplification"]
        table.add_row(
            words.name(v["name"]),
            words.count(v["btc_per_day"]),
            f"{v['amplification']:.3f}",
            f"{p['p05']:.3f}-{p['p95']:.3f}",
            f"{claim[0]:.3f}",
            f"{claim[-1]:.3f}",
            _tips(v),
        )
    return table


def _tips(v: Mapping[str, Any]) -> str:
    if not v["sweep"]:
        return "no --sweep"
    return "none found" if v["tipping_shock_frac"] is None else words.percent(v["tipping_shock_frac"])


def _rounds(rows: Sequence[Mapping[str, Any]], width: int) -> Table:
    table = _table(
        "round",
        "USD per\nBTC",
        "held down\nby sales",
        "sold\nBTC",
        "of it\nforced",
        "posted\nBTC",
        "off\nEH/s",
    )
    table.add_column("defaults", overflow="ellipsis", no_wrap=True, max_width=max(width - 66, 12))
    forced = sorted((k for k, r in enumerate(rows) if r["forced_btc"]), key=lambda k: -rows[k]["forced_btc"])
    shown = {*range(min(_FIRST_DAYS, len(rows))), *range(0, len(rows), _EVERY), *forced[:_FORCED_DAYS]}
    for k in sorted(shown | {k for k, r in enumerate(rows) if r["defaults"]}):
        r = rows[k]
        table.add_row(
            r["day"],
            words.usd(r["price_usd"]),
            words.percent(r["impact_frac"]),
            words.count(r["sold_btc"]),
            words.count(r["forced_btc"]),
            words.count(r["posted_btc"]),
            words.count(r["ehs_off"]),
            ", ".join(r["who_defaults"]) or "0",
        )
    return table


def _flows(flows: Mapping[str, Mapping[str, float]]) -> Table:
    table = _table("BTC per day", "issued", "listed\nsell", "rest\nsells", "forced")
    for name, f in flows.items():
        table.add_row(
            name, *(words.count(f[k]) for k in ("issuance", "listed_sales", "rest_sales", "forced_sales"))
        )
    return table


def _sellers(rows: Sequence[Mapping[str, Any]], *, calm: bool) -> Table:
    columns = {"sold": "sold_btc", "if calm": "calm_sold_btc", "by lender": "seized_btc",
               "posted": "posted_btc", "mined": "mined_btc"}  # fmt: skip
    if not calm:
        del columns["if calm"]
    table = _table("who sells, BTC", *columns, "default")
    for r in rows[:_SELLERS]:
        table.add_row(
            r["name"],
            *(words.count(r[k]) for k in columns.values()),
            "" if r["default_day"] is None else f"day {r['default_day']}",
        )
    return table


def _sweep(volumes: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("shock", *(f"amplified\n{words.name(v['name'])}" for v in volumes))
    for k, first in enumerate(volumes[0]["sweep"]):
        table.add_row(
            words.percent(first["shock_frac"]), *(f"{v['sweep'][k]['amplification']:.3f}" for v in volumes)
        )
    return table


def _sensitivity(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("assumed constant,\nvetted volume", "now", "low", "amplified", "high", "amplified")
    for r in rows:
        table.add_row(
            words.name(r["name"]),
            f"{r['value']:g}",
            f"{r['low']:g}",
            f"{r['amplification_low']:.3f}",
            f"{r['high']:g}",
            f"{r['amplification_high']:.3f}",
        )
    return table


def _published(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("replay", "what", "published", "model", "unit")
    table.add_column("when", overflow="ellipsis", no_wrap=True, max_width=24)
    for r in rows:
        frac = r["what"].endswith("_frac")
        table.add_row(
            r["name"],
            words.name(r["what"].removesuffix("_frac").removesuffix("_btc").removesuffix("_ehs")),
            *(words.percent(r[k], sign=True) if frac else _figure(r[k]) for k in ("published", "model")),
            r["unit"],
            r["window"],
        )
    return table


def _figure(value: float | None) -> str:
    """Write a published or simulated figure: whole where it is large."""
    if value is None:
        return words.UNKNOWN
    return words.count(value) if abs(value) >= 100 else f"{value:.3g}"
