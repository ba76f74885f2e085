"""A simulation on one screen: the answer in a sentence, the fan of coins kept, the table, the assumptions."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import words
from .fleet_page import btc

__all__ = ["answer", "event", "simulate_page", "simulated_levers_page"]

_DIM = "bright_black"
_MOST_ROWS = 9
_WIDE = 100
_EVENTS = {
    "shortfall": "a bill is missed",
    "runway": "runway ends, coins at a haircut",
    "margin_call": "a lender calls for margin",
    "liquidation": "collateral is sold by the lender",
    "default": "a loan is in default, or let go",
    "dark": "a site is switched off, power unpaid",
}
_QUANTILES = ("p05", "p25", "p50", "p75", "p95")
_LINES = {"capex": "machines and plant", "ai": "AI", "margin_call": "margin"}


def simulate_page(d: dict[str, Any], width: int, *, quiet: bool = False) -> RenderableType:
    """Lay the answer out; a home file has a page of its own."""
    parts: list[RenderableType] = [_head(d), Text()]
    if d["kind"] == "home":
        parts += [_home(d, width)]
    else:
        parts += [answer(d), Text(), *_fan(d, min(width, 110)), Text(), _table(d, width), Text(), _chances(d)]
        if not quiet:
            parts += [Text(), _waterfall(d, min(width, 110))]
    if not quiet:
        parts += [Text(), *(Text(f"assumed: {line}", style=_DIM) for line in d["assumed"])]
        parts.append(Text(_how(d), style=_DIM))
    return Group(*parts)


def _head(d: dict[str, Any]) -> Text:
    head = Text(d["operator"], style="bold")
    head.append(
        f"  {d['paths']:,} paths from {d['first_day']} to {d['last_day']}, {d['process']}, seed {d['seed']}",
        style=_DIM,
    )
    if d["question"]:
        head.append(f"\n{d['question']}", style="italic")
    return head


def _how(d: dict[str, Any]) -> str:
    where = f"on {d['cluster']}" if d["cluster"] else f"on {words.count(d['threads'])} threads"
    return f"{d['paths']:,} paths in {d['wall_s']:,.1f} s {where}; ± is one standard error of the simulation"


def _chance(p: float | None, se: float | None) -> str:
    if p is None:
        return words.UNKNOWN
    return words.percent(p) if se is None else f"{words.percent(p)} ± {words.percent(se, unit=False)}"


def event(name: str) -> str:
    """Return what may happen in words."""
    return _EVENTS.get(name) or f"covenant broken: {name.partition(':')[2]}"


def answer(d: dict[str, Any]) -> Text:
    """Return the answer in plain words: what it keeps, whether it lasts, and how sure that is."""
    kept, share = d["retained_btc"], d["retention_frac"]
    out = Text()
    if kept["p50"] is None or not d["mined_btc"]["p95"]:
        return Text("Nothing is mined on any path: the machines are off at these terms.", style="bold red")
    if kept["p50"] >= 0:
        out.append(
            f"On the middle path it keeps {btc(kept['p50'])} BTC, "
            f"{words.percent(share['p50'])} of what it mines",
            style="bold",
        )
    else:
        out.append(
            f"On the middle path it lets go of all it mines and {btc(-kept['p50'])} BTC more", style="bold"
        )
    out.append(f"; one path in twenty ends under {btc(kept['p05'])}, one over {btc(kept['p95'])}.")
    lasts = d["survival_probability"]
    out.append(
        f" It meets every bill for {words.days(d['months'], 'month')} on "
        f"{_chance(lasts, d['survival_se'])} of paths.",
        style="bold red" if lasts < 0.5 else "",
    )
    beats = d["mining_beats_buying_probability"]["same_dates"]
    out.append(
        " The same dollars on the same days would have bought more coins than it mined on "
        f"{words.percent(1 - beats)}."
    )
    return out


def _fan(d: dict[str, Any], width: int) -> list[RenderableType]:
    """Draw quantiles of the coins kept so far, a line for some of the months."""
    rows = d["fan"]
    step = -(-len(rows) // _MOST_ROWS)
    chosen = [r for i, r in enumerate(rows) if (len(rows) - 1 - i) % step == 0]
    low = min(0.0, *(r["retained_btc"]["p05"] for r in chosen))
    high = max(0.0, *(r["retained_btc"]["p95"] for r in chosen))
    if high - low <= 0:
        return []
    room = max(width - 42, 16)

    def at(value: float) -> int:
        return int((value - low) / (high - low) * (room - 1) + 0.5)

    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_row(
        *(Text(x, style=_DIM, justify="left" if i in (0, 1) else "right")
          for i, x in enumerate(("month", "", "5 %", "median", "95 %")))
    )  # fmt: skip
    for r in chosen:
        q = {k: at(r["retained_btc"][k]) for k in _QUANTILES}
        line = [" "] * room
        line[q["p05"] : q["p95"] + 1] = "─" * (q["p95"] - q["p05"] + 1)
        line[q["p25"] : q["p75"] + 1] = "▒" * (q["p75"] - q["p25"] + 1)
        line[at(0.0)] = "│" if line[at(0.0)] == " " else line[at(0.0)]
        line[q["p50"]] = "█"
        figures = [Text(btc(r["retained_btc"][k]), justify="right") for k in ("p05", "p50", "p95")]
        table.add_row(r["month"], Text("".join(line), style="green"), *figures)
    title = Text("Coins kept since the start [BTC]", style="bold")
    title.append("  █ median, ▒ half of the paths, ─ nine in ten", style=f"not bold {_DIM}")
    return [title, table]


def _table(d: dict[str, Any], width: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    shown = _QUANTILES if width >= _WIDE else ("p05", "p50", "p95")
    heads = {"p05": "5 %", "p25": "25 %", "p50": "median", "p75": "75 %", "p95": "95 %"}
    for k, name in enumerate(("", *(heads[q] for q in shown), "mean", "±")):
        table.add_column(name, justify="left" if k == 0 else "right", header_style=_DIM, no_wrap=True)

    def row(label: str, x: dict[str, Any], write: Any) -> None:
        table.add_row(label, *("" if x[k] is None else write(x[k]) for k in (*shown, "mean", "se")))

    spot = d["buy_instead_btc"]
    row("mined, BTC", d["mined_btc"], btc)
    row("kept, BTC", d["retained_btc"], btc)
    row("kept of mined", d["retention_frac"], words.percent)
    row("earned, BTC", d["earned_btc"], btc)
    row("held at the end, BTC", d["held_btc"], btc)
    row("net of cash and debt, BTC", d["net_btc"], btc)
    row("just buy instead, BTC", spot["same_dates"], btc)
    row("  all on day one, BTC", spot["day_one"], btc)
    row("price at the end, USD", d["end_price_usd"], words.usd)
    return table


def _chances(d: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for k, name in enumerate(("What may happen first", "chance", "5 % by day", "half by day")):
        table.add_column(name, justify="left" if k == 0 else "right", header_style=_DIM)
    for name, p in d["first_passage"].items():
        label = event(name)
        if p["probability"] or name in ("shortfall", "default") or name.startswith("breach:"):
            when = ["beyond" if p[k] is None else f"{p[k]:,.0f}" for k in ("p05_days", "p50_days")]
            style = "red" if p["probability"] >= 0.1 else ""
            table.add_row(label, _chance(p["probability"], p["se"]), *when, style=style)
    return table


def _waterfall(d: dict[str, Any], width: int) -> RenderableType:
    w = d["waterfall_btc"]
    rows = [("kept", w["retained"]["mean"], "green" if w["retained"]["mean"] >= 0 else "red")]
    spent = [
        (f"sold for {_LINES.get(k, k)}", v["mean"], "yellow")
        for k, v in w["sold_for"].items()
        if v["mean"] > 0
    ]
    spent += [
        ("sold, kept as cash", w["kept_as_cash"]["mean"], "cyan"),
        ("paid out in coin", w["paid_out"]["mean"], "yellow"),
        ("taken by lenders", w["seized"]["mean"], "red"),
    ]
    rows += sorted((r for r in spent if r[1] > 0), key=lambda r: -r[1])
    whole = max(w["mined"]["mean"], sum(abs(r[1]) for r in rows), 1e-12)
    room = max(width - 44, 12)
    table = Table.grid(padding=(0, 1, 0, 0))
    for label, value, style in rows:
        bar = ("█" if value >= 0 else "░") * max(round(room * abs(value) / whole), 1)
        table.add_row(label, Text(btc(value), justify="right"), Text(bar, style=style))
    title = f"Where the {btc(w['mined']['mean'])} BTC mined went, mean over the paths [BTC]"
    return Group(Text(title, style="bold"), table)


def _home(d: dict[str, Any], width: int) -> RenderableType:
    h = d["home"]
    table = Table.grid(padding=(0, 2, 0, 0))
    cost = h["net_cost_usd_per_month"]
    table.add_row(
        "the hobby costs" if cost >= 0 else "the heat is worth more by",
        Text(words.money(abs(cost)), justify="right"),
        Text("a month at today's terms, heat counted", style=_DIM),
    )
    if h["scheme"] == "solo":
        for name, chance in h["block_chance_frac"].items():
            text = f"1 in {1 / chance:,.0f}" if chance else "none"
            table.add_row(f"chance of a block in a {name}", Text(text, justify="right"), "")
        spot = Text(f"{btc(d['buy_instead_btc']['same_dates']['p50'])} BTC", justify="right")
        table.add_row("the same dollars on spot", spot, Text("on the middle path", style=_DIM))
        last = "A lottery ticket that warms the room: not an income."
    else:
        for label, x in (
            ("the pool credits", d["mined_btc"]),
            ("the same dollars on spot", d["buy_instead_btc"]["same_dates"]),
        ):
            note = f"on the middle path; {btc(x['p05'])} to {btc(x['p95'])} on nine in ten"
            table.add_row(label, Text(f"{btc(x['p50'])} BTC", justify="right"), Text(note, style=_DIM))
        last = "A hobby with a heater: not an income."
    drawn = [] if h["scheme"] == "solo" else [*_fan(d, min(width, 110)), Text()]
    return Group(*drawn, table, Text(), Text(last, style=_DIM))


def simulated_levers_page(d: dict[str, Any], width: int) -> RenderableType:
    """Rank the levers with their errors, and lay the plan out."""
    head = Text(d["operator"], style="bold")
    head.append(f"  {d['path']}, {words.days(d['months'], 'month')} from {d['first_day']}", style=_DIM)
    said = Text()
    r, plan = d["plan_result"], d["plan"]
    more = "more" if r["net_btc_delta"] >= 0 else "less"
    gain = (
        f"{btc(abs(r['net_btc_delta']))} ± {btc(r['net_se'] or 0)} BTC {more} net of debt on the middle path"
    )
    now = words.percent(d["survival_probability"])
    if plan:
        advice = "Do this" if r["meets_target"] else "Nearest to the target"
        said.append(f"{advice}: {', '.join(_step(s) for s in plan)}.", style="bold")
        kept = f"{btc(abs(r['retained_btc_delta']))} {'more' if r['retained_btc_delta'] >= 0 else 'less'}"
        said.append(f" That is {gain}, and {kept} kept of what is mined. Every bill is met on ")
    else:
        said.append("Keep running: no lever or pair of levers betters it.", style="bold")
        said.append(" Every bill is met on ")
    said.append(f"{_chance(r['survival_probability'], r['survival_se'])} of paths ({now} as it is)")
    target = words.percent(d["survival_target"])
    if r["meets_target"]:
        said.append(f", the target is {target}.")
    else:
        said.append(f": no plan found meets the target of {target}.", style="bold red")
    notes = [Text(f"{x['name']}: {x['effect']}", style=_DIM) for x in d["levers"] if width >= _WIDE]
    notes += [
        Text(f"{x['name']}: the share sells below what stands behind it, so it is never first", style=_DIM)
        for x in d["levers"]
        if x.get("below_net_asset_value")
    ]
    notes += [Text(f"not offered: {x['name']}: {x['why']}", style=_DIM) for x in d["not_offered"]]
    notes.append(
        Text(
            f"{r['plans_tried']:,} plans tried on {r['search_paths']:,} paths ({r['method']}); the plan's "
            f"figures are of {r['fresh_paths']:,} new ones. Net of debt is the median of the difference "
            f"to keep running, the rest means; ± is one standard error.",
            style=_DIM,
        )
    )
    return Group(head, Text(), said, Text(), _ranking(d["levers"], width), Text(), *notes)


def _ranking(rows: list[dict[str, Any]], width: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    wide = width >= _WIDE
    heads = ["lever", "net of debt\nBTC", "\n±", "kept\nBTC", "\n±", "survives\n% points", "\n±"]
    heads += ["cost\nUSD", "delay\ndays"] if wide else []
    for k, name in enumerate(heads):
        table.add_column(name, justify="left" if k == 0 else "right", header_style=_DIM)
    for row in rows:
        sure = row["net_se"] is not None and row["net_btc_delta"] > 2 * row["net_se"]
        style = "bold" if row["name"] == "keep running" else "green" if sure else ""
        lives = ["", ""]
        if row["survival_delta"] is not None:
            lives[0] = words.percent(row["survival_delta"], sign=True, unit=False)
            lives[1] = words.percent(row["survival_se"] or 0.0, unit=False)
        cells = [f"{row['net_btc_delta']:+,.2f}", f"{row['net_se'] or 0:,.2f}"]
        cells += [f"{row['retained_btc_delta']:+,.2f}", f"{row['se'] or 0:,.2f}", *lives]
        if wide:
            cells += [words.money(row["cost_usd"]), f"{row['delay_days']:,.0f}"]
        table.add_row(row["name"], *cells, style=style)
    return table


def _step(s: dict[str, Any]) -> str:
    return f"{s['name']} (from {s['date']})" if s["month"] else str(s["name"])
