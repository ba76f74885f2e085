"""An operator's statement on one screen: where each mined bitcoin went, and who paid what it did not earn."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import words

__all__ = ["btc", "fleet_page", "levers_page", "sentence"]

_DIM = "bright_black"
#: What a lender did, by the kinds of events, and how the first of them is told.
_LENDERS = (
    (("let_go",), "A borrower is let go"),
    (("liquidated", "seized"), "A lender takes coins"),
    (("accelerated", "restructured"), "A loan is called due"),
)
_STATES = ("free", "posted", "receivable", "lent", "written", "redeemable")
#: Events that give way when there are many.
_MINOR = ("equity", "call_lapsed", "posted", "released", "drawn", "delivered")
_WIDE = 120
_PAID = {
    "debt": "lenders",
    "equity": "shareholders",
    "assets": "deposits and margin returned",
    "opening_cash": "opening cash",
    "suppliers": "suppliers not yet paid",
    "price_timing": "prices of different days",
}
_LINES = {
    "power": "power",
    "hosting": "hosting",
    "people": "people",
    "site": "site",
    "overheads": "overheads",
    "interest": "interest",
    "principal": "principal",
    "capex": "machines and plant",
    "ai": "AI",
    "tax": "tax",
    "deposits": "deposits",
    "margin_call": "margin",
    "other": "other",
}


def btc(value: float | None) -> str:
    """Write coins with the digits that matter."""
    if value is None:
        return words.UNKNOWN
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 1:
        return f"{value:,.2f}"
    if size >= 0.01:
        return f"{value:.4f}"
    return "0" if size < 5e-9 else f"{value:.8f}"


def _signed(value: float) -> str:
    text = btc(abs(value))
    return text if text == "0" else f"{'-' if value < 0 else '+'}{text}"


def _usd(value: float | None) -> str:
    """Write money so that it is not broken over two lines."""
    return words.money(value).replace(" ", "\u00a0")


def fleet_page(d: dict[str, Any], width: int, *, quiet: bool = False) -> RenderableType:
    """Lay the statement out; a home file has a page of its own."""
    if d["kind"] == "home":
        return _home_page(d)
    t = d["total"]
    parts: list[RenderableType] = [_head(d), Text(), _sentence(d), Text()]
    parts += _picture(t, min(width, 110))
    parts += [Text(), _kept_and_earned(d)]
    if quiet:
        return Group(*parts)
    parts += [Text(), _triggers(d), Text(), _liquidity(d), Text(), _layers(d)]
    if d["covenants"] or d["maturities"] or d["loans"]:
        parts += [Text(), _promises(d)]
    for a in d["ai"]:
        parts += [Text(), _ai(a)]
    if d["events"]:
        parts += [Text(), _events(d)]
    parts += [Text(), _months(d, width)]
    for line in d["assumed"]:
        parts.append(Text(f"assumed: {line}", style=_DIM))
    return Group(*parts)


def _head(d: dict[str, Any]) -> Text:
    head = Text(d["operator"], style="bold")
    head.append(f"  {d['first_day']} to {d['last_day']}, {d['path']}", style=_DIM)
    if d["question"]:
        head.append(f"\n{d['question']}", style="italic")
    head.append(
        f"\n{words.usd(d['price_usd'])} USD per BTC on the first day, {words.usd(d['end_price_usd'])} on the "
        f"last; hashprice {words.usd(d['hashprice_usd_per_phs_day'])} USD/PH/day",
        style=_DIM,
    )
    return head


def sentence(d: dict[str, Any]) -> str:
    """Return the answer in plain words."""
    return _sentence(d).plain


def _sentence(d: dict[str, Any]) -> Text:
    t = d["total"]
    mined, kept, alone = t["mined_btc"], t["retained_btc"], t["earned_after_growth_btc"]
    out = Text()
    if not mined:
        return Text(
            "Nothing was mined: the machines were off at this hashprice and power price.", style="bold red"
        )
    if kept >= 0:
        out.append(
            f"Of {btc(mined)} BTC mined it kept {btc(kept)} ({words.percent(kept / mined)}).", style="bold"
        )
    else:
        out.append(f"It mined {btc(mined)} BTC, and let all of them and {btc(-kept)} more go.", style="bold")
    share = words.percent(abs(alone) / mined)
    grew = t["earned_btc"] != alone
    if alone >= 0:
        out.append(f" With its own money it earned {btc(alone)} ({share}{' after growth' if grew else ''})")
    else:
        bills = "Its bills and its growth" if grew else "Its own bills"
        out.append(f" {bills} took {btc(-alone)} ({share}) more than it mined")
    gap = t["gap_btc"]
    payers = sorted(((v, k) for k, v in t["funded_gap_btc"].items() if v > 0), reverse=True)
    if gap > 0 and payers:
        out.append(f"; the other {btc(gap)} was paid by {' and '.join(_PAID[k] for _, k in payers[:2])}.")
    elif gap < 0:
        out.append(f"; it kept {btc(-gap)} less: they became cash, or went back to lenders.")
    else:
        out.append(".")
    if d["first_shortfall_utc"]:
        out.append(f" A bill is missed on {d['first_shortfall_utc']}.", style="bold red")
    for kinds, what in _LENDERS:
        if found := next((e for e in d["events"] if e["kind"] in kinds), None):
            out.append(f" {what} on {found['date']} ({found['name']}).", style="bold red")
    return out


def _picture(t: dict[str, Any], width: int) -> list[RenderableType]:
    """Return a bar per destination of the coins, all to one scale, and a second bar for the treasury's."""
    rows = [("kept", max(t["retained_btc"], 0.0), "green")]
    rows += [(f"sold for {_LINES[k]}", v, "yellow") for k, v in t["sold_for_btc"].items() if v > 0]
    rows += [("sold, kept as cash", t["kept_as_cash_btc"], "cyan")]
    rows += [("paid out in coin", t["paid_out_btc"], "yellow"), ("taken by lenders", t["seized_btc"], "red")]
    rows = [r for r in rows if r[1] > 0]
    rows[1:] = sorted(rows[1:], key=lambda r: -r[1])
    whole = max(t["mined_btc"], sum(r[1] for r in rows), 1e-12)
    room = max(width - 44, 12)
    table = Table.grid(padding=(0, 1, 0, 0))
    for label, value, style in rows:
        bar = "█" * max(round(room * value / whole), 1)
        table.add_row(label, Text(btc(value), justify="right"), Text(bar, style=style))
    out: list[RenderableType] = [Text("Where the coins went [BTC]", style="bold"), table]
    if t["sold_from_treasury_btc"] > 0:
        source = Table.grid(padding=(0, 1, 0, 0))
        from_where = (
            ("mined in the month", t["sold_btc"] - t["sold_from_treasury_btc"], "green"),
            ("held before it", t["sold_from_treasury_btc"], "red"),
        )
        for label, value, style in from_where:
            bar = "█" * max(round((room - 8) * value / whole), 1)
            source.add_row(label, Text(btc(value), justify="right"), Text(bar, style=style))
        out += [Text("Where the coins that were sold came from [BTC]", style="bold"), source]
    return out


def _kept_and_earned(d: dict[str, Any]) -> Table:
    t, end = d["total"], d["liquidity_end"]
    split = ", ".join(f"{btc(end[f'{x}_btc'])} {x}" for x in _STATES if end[f"{x}_btc"])
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_row(Text("Kept against earned", style="bold"), Text("BTC", style=_DIM, justify="right"), "")
    mined = t["mined_btc"] or None

    def row(label: str, value: float, note: str = "") -> None:
        share = words.percent(value / mined) if mined else ""
        table.add_row(
            label, Text(btc(value), justify="right"), Text(share, justify="right"), Text(note, style=_DIM)
        )

    row("mined", t["mined_btc"])
    row("kept", t["retained_btc"], "mined - sold - taken - paid out")
    row("earned", t["earned_btc"], "after its own bills, with no outside money")
    row("earned after growth", t["earned_after_growth_btc"], "machines and AI paid too")
    for key, value in t["funded_gap_btc"].items():
        if value > 0:
            row(f"  paid by {_PAID[key]}", value)
    table.add_row(
        "net bitcoin",
        Text(btc(t["net_btc"]), justify="right"),
        "",
        Text(f"{btc(t['held_btc'])} held ({split or 'none'}) + cash - debt", style=_DIM),
    )
    same = t["buy_instead_btc"]
    table.add_row(
        "just buy instead",
        Text(btc(same["same_dates"]), justify="right"),
        "",
        Text(f"the same dollars on the same days ({btc(same['day_one'])} all on day one)", style=_DIM),
    )
    return table


def _triggers(d: dict[str, Any]) -> RenderableType:
    if not d["triggers"]:
        return Text("No bitcoin price triggers a call, a covenant or a shortfall in this run.", style=_DIM)
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        title="What price does what",
        title_justify="left",
        title_style="bold",
    )
    for name, justify in (
        ("USD/BTC", "right"),
        ("change", "right"),
        ("what", "left"),
        ("whose", "left"),
        ("coins", "right"),
    ):
        table.add_column(name, justify=justify, header_style=_DIM)  # type: ignore[arg-type]
    for row in d["triggers"]:
        passed = row["fall_frac"] > 0
        table.add_row(
            words.usd(row["price_usd"]),
            words.percent(row["fall_frac"], sign=True),
            row["kind"].replace("_", " ") + (" (passed)" if passed else ""),
            row["name"],
            "" if row["coins_needed_btc"] is None else btc(row["coins_needed_btc"]),
            style="red" if row["fall_frac"] > -0.2 else "",
        )
    return table


def _liquidity(d: dict[str, Any]) -> Text:
    x, end = d["liquidity"], d["liquidity_end"]
    out = Text("Liquidity  ", style="bold")
    out.append(
        f"{_usd(x['total_usd'])} on the first evening: cash {_usd(x['cash_usd'])}, free coins "
        f"{_usd(x['free_coins_usd'])} after haircut, undrawn {_usd(x['undrawn_usd'])}; "
        f"{_usd(end['total_usd'])} at the end. Lowest cash {_usd(d['low_point']['cash_usd'])} on "
        f"{d['low_point']['date']}. "
        + (
            f"A bill is missed on {d['first_shortfall_utc']}."
            if d["first_shortfall_utc"]
            else "The group misses no bill."
        ),
        style="not bold",
    )
    return out


def _layers(d: dict[str, Any]) -> Table:
    cost = d["total"]["cost_usd_per_btc"]
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_row(
        Text("Cost per bitcoin", style="bold"),
        Text("USD", style=_DIM, justify="right"),
        Text(f"{d['total']['cost_layers_are']}, per {d['total']['denominator']}", style=_DIM),
    )
    for key, label in (
        ("electricity", "electricity"),
        ("direct", "direct"),
        ("cash", "cash"),
        ("all_in", "all in"),
    ):
        table.add_row(label, Text(words.usd(cost[key]), justify="right"))
    table.add_row(
        "to keep the coin",
        Text(words.usd(d["total"]["keep_usd_per_btc"]), justify="right"),
        Text("cash + due principal + sustaining capex", style=_DIM),
    )
    table.add_row(
        "break-even hashprice",
        Text(words.usd(d["breakeven_hashprice_usd_per_phs_day"]), justify="right"),
        Text(
            f"USD/PH/day on direct cost; the run's mean is {words.usd(d['mean_hashprice_usd_per_phs_day'])}",
            style=_DIM,
        ),
    )
    return table


def _ai(a: dict[str, Any]) -> Text:
    out = Text(f"AI: {a['name']}  ", style="bold")
    terms = f"{a['years']} years, {'take or pay' if a['take_or_pay'] else 'no take or pay'}"
    backstop = f", {a['backstop']} behind the tenant" if a["backstop"] else ", no backstop"
    out.append(
        f"{a['critical_it_mw']:,.0f} MW of critical IT on {a['gross_mw']:,.0f} MW gross, first rent "
        f"{a['first_rent']}, {terms}{backstop}. In this run it earned {_usd(a['operating_cash_usd'])}, took "
        f"{_usd(a['capex_usd'])} of capex, {_usd(a['raised_usd'])} of it borrowed, and paid "
        f"{_usd(a['debt_service_usd'])} on that: {btc(a['net_btc'])} BTC.",
        style="not bold",
    )
    return out


def _promises(d: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_row(Text("Promises and maturities", style="bold"))
    last: dict[str, dict[str, Any]] = {c["name"]: c for c in d["covenants"]}
    worst = {n: min((c for c in d["covenants"] if c["name"] == n), key=_room) for n in last}
    for c in worst.values():
        style = "red" if _room(c) < 0 else ""
        room = c["headroom_frac"]
        table.add_row(
            c["test_date"],
            c["name"],
            Text(
                "nothing is due" if room is None else f"least room {words.percent(room, sign=True)}",
                style=style,
            ),
        )
    cover = d["total"]["debt_service_cover"]
    if cover is not None:
        table.add_row("over the run", "debt service cover", f"{cover:,.2f} x")
    for x in d["loans"]:
        levels = list(x["loan_to_value_frac"].values())
        if any(v is not None for v in levels):
            shown = ["no coins posted" if v is None else words.percent(v) for v in levels]
            table.add_row("first, last day", f"{x['name']}: loan to value", ", ".join(shown))
    for m in d["maturities"]:
        table.add_row(
            m["date"],
            m["name"],
            f"{_usd(m['amount_usd'])} {_ends(m)}",
        )
    return table


def _room(c: dict[str, Any]) -> float:
    return float("inf") if c["headroom_frac"] is None else float(c["headroom_frac"])


def _ends(m: dict[str, Any]) -> str:
    if m["can_be_put"]:
        return "can be put"
    return "matures" if m["repaid"] == "bullet" else "owed on the first day, repaid in parts by then"


def _rank(e: dict[str, Any]) -> int:
    return 0 if any(e["kind"] in kinds for kinds, _ in _LENDERS) else 2 if e["kind"] in _MINOR else 1


def _events(d: dict[str, Any], most: int = 14) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_row(Text("What happened", style="bold"))
    chosen = sorted(d["events"], key=_rank)[:most]
    for e in (e for e in d["events"] if e in chosen):
        table.add_row(e["date"], e["kind"].replace("_", " "), e["name"], Text(e["text"], style=_DIM))
    if len(d["events"]) > most:
        table.add_row(Text(f"and {len(d['events']) - most} more (--json)", style=_DIM))
    return table


def _months(d: dict[str, Any], width: int) -> Table:
    key = next((k for k in ("weeks", "days") if k in d), "months")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    heads = [key[:-1], "mined", "sold", "kept", "earned", "free", "posted", "cash"]
    if width >= _WIDE:
        heads += ["debt", "power", "cash cost/BTC", "MWh"]
    for k, name in enumerate(heads):
        table.add_column(name, justify="left" if k == 0 else "right", header_style=_DIM, no_wrap=True)
    for row in d[key][:60]:
        cells = [
            row[key[:-1]],
            *(btc(row[f"{x}_btc"]) for x in ("mined", "sold", "retained", "earned", "free", "pledged")),
        ]
        cells.append(_usd(row["cash_usd"]))
        if width >= _WIDE:
            cost = row["cost_usd_per_btc"]["cash"]
            cells += [
                _usd(row["debt_usd"]),
                _usd(row["uses_usd"]["power"]),
                words.usd(cost),
                f"{row['mwh']:,.0f}",
            ]
        table.add_row(*cells)
    return table


def _home_page(d: dict[str, Any]) -> RenderableType:
    h = d["home"]
    table = Table.grid(padding=(0, 2, 0, 0))

    def row(label: str, value: str, note: str = "") -> None:
        table.add_row(label, Text(value, justify="right"), Text(note, style=_DIM))

    row("electricity", _usd(h["power_cost_usd"]), "over the run")
    if h["heat_value_usd"]:
        row(
            "heat was worth",
            _usd(h["heat_value_usd"]),
            "the fuel that it displaced in the cold months",
        )
    net = h["net_cost_usd_per_month"]
    row("the hobby costs" if net >= 0 else "the heat is worth more by", _usd(abs(net)), "a month")
    if h["pleasure_usd_per_year"]:
        row(
            "the owner's pleasure",
            _usd(h["pleasure_usd_per_year"]),
            "a year, the owner's own figure; in no sum",
        )
    if h["noise_db"] is not None:
        limit = "" if h["noise_limit_db"] is None else f"the room bears {h['noise_limit_db']:g} dB"
        row("noise", f"{h['noise_db']:g} dB", limit)
    if h["scheme"] == "solo":
        for name in ("day", "month", "year"):
            chance = h["block_chance_frac"][name]
            row(f"chance of a block in a {name}", f"1 in {1 / chance:,.0f}" if chance else "none")
    else:
        row(
            "the pool credits",
            f"{btc(h['pool_btc'])} BTC",
            f"{_usd(h['pool_usd_at_price'])} at the end price",
        )
    head = Text(d["operator"], style="bold")
    head.append(f"  {d['first_day']} to {d['last_day']}, {d['path']}", style=_DIM)
    if d["question"]:
        head.append(f"\n{d['question']}", style="italic")
    last = (
        "A lottery ticket that warms the room: not an income."
        if h["scheme"] == "solo"
        else "A hobby with a heater: not an income."
    )
    return Group(head, Text(), table, Text(), Text(last, style=_DIM))


def levers_page(d: dict[str, Any], width: int) -> RenderableType:
    """Rank the levers."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for k, name in enumerate(
        ("lever", "net of debt\nBTC", "kept\nBTC", "cost\nUSD", "delay\ndays", "bill missed")
    ):
        table.add_column(name, justify="left" if k in (0, 5) else "right", header_style=_DIM)
    for row in d["levers"]:
        style = "bold" if row["name"] == "keep running" else "green" if row["net_btc_delta"] > 0 else ""
        table.add_row(
            row["name"],
            _signed(row["net_btc_delta"]),
            _signed(row["retained_btc_delta"]),
            _usd(row["cost_usd"]),
            f"{row['delay_days']:,.0f}",
            row["first_shortfall_utc"] or "never",
            style=style,
        )
    head = Text(d["operator"], style="bold")
    head.append(f"  {d['path']}, against keep running", style=_DIM)
    notes = [
        Text(f"{r['name']}: {r['effect']}", style=_DIM)
        for r in d["levers"]
        if r["name"] not in ("keep running", "buy spot instead")
    ]
    refused = [Text(f"not offered: {r['name']}: {r['why']}", style=_DIM) for r in d["not_offered"]]
    return Group(head, Text(), table, Text(), *notes, *refused)
