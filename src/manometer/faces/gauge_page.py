"""The gauge on one screen: what is happening and why, then the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import words
from .draw import bar, sparkline, ticks

if TYPE_CHECKING:
    from ..readings import GaugeView

__all__ = ["LAST_LINE", "MARKS", "NO_FLEET", "WIDE", "costs", "fleet_known", "gauge_page"]

LAST_LINE = "Cost is a pressure gauge, not a price floor."
WIDE = 150
#: Weekly mean pressure at which the state machine may change (`signals.state`).
MARKS = ((25.0, "25 calm"), (40.0, "40 tight"), (200 / 3, "67 stress"))
_STYLE = {
    "expansion": "green",
    "recovery": "green",
    "tightening": "yellow",
    "relief": "cyan",
    "stress": "red",
    "capitulation": "bold red",
    "green": "green",
    "red": "red",
    "grey": "bright_black",
}
_SAYS = {
    "expansion": "Pressure is low.",
    "tightening": "Pressure has built up.",
    "stress": "Miners are under stress: many earn little more than their costs, or less.",
    "capitulation": "Machines that lose money are switched off.",
    "relief": "Pressure eases. That is relief, not recovery.",
    "recovery": "Miners are recovering.",
    "unknown": "There is not enough history yet to name a state.",
}
#: What lights a lamp, in a line of the narrow page; the view's own words are longer.
SHORT_BASIS = {
    "revenue": "hashprice over the median cash break-even, and rising",
    "efficiency": "hashprice over the marginal machine's avoidable cost",
    "power_cost": "real power price at or under a year ago (assumed)",
    "balance_sheet": "median cash margin of 180 days is positive",
}
_LEAVING = "Hashrate is leaving although mining pays: this is a dislocation, not a squeeze."
NO_FLEET = "The fleet is not known yet, so neither is what a bitcoin costs to mine."
_LOW_DAY = 50.0  # a day's pressure that does not look like stress
_LAYERS = ("electricity", "direct", "cash", "all_in")
_PART = 10
_GAP = 4
_NARROW = 80  # what the evidence is laid out for, and no line of it needs more
_LABEL = 20  # columns before the needle


def gauge_page(view: GaugeView, width: int, *, now_s: int, asked_s: int | None = None) -> RenderableType:
    """Lay the reading out for a screen of `width` columns.

    Parameters
    ----------
    now_s : int
        The time now, from which the age of the data counts [s since 1970 UTC].
    asked_s : int, optional
        The instant asked about, where one was.
    """
    d = view.data
    top = [first_line(d, now_s, asked_s), *_headline(d)]
    evidence = _evidence(d)
    cost: list[RenderableType] = []
    if width >= WIDE:
        left = width - _NARROW - _GAP
        cost = [costs(d), Text(), _levels(d, _NARROW), Text()] if fleet_known(d) else []
        body = Table.grid(padding=(0, _GAP, 0, 0))
        body.add_column(width=left)
        body.add_column(width=_NARROW)
        body.add_row(
            Group(*_pressure(view, left, spaced=True), _lamps(d, short=False), Text(), _changes(d)),
            Group(*cost, *evidence, *_relief(d)),
        )
        middle: list[RenderableType] = [body]
    else:
        pressure, lamps = _pressure(view, min(width, _NARROW), spaced=False), _lamps(d, short=True)
        cost = [costs(d, width), Text()] if fleet_known(d) else []
        middle = [*pressure, lamps, Text(), *cost, *evidence, *_relief(d), _changes(d)]
    return Group(*top, Text(), *middle, Text(), Text(LAST_LINE, style="italic"))


def first_line(d: Mapping[str, Any], now_s: int, asked_s: int | None) -> Text:
    """Say of which day the reading is, how old the data are, and the price."""
    day = str(d["last_day"])
    if asked_s is None:
        age = words.days_between(day, now_s) - 1
        when = f"As of {day}, last complete day in the store, {words.days(max(age, 0))} old"
    else:
        late = words.days_between(d["as_of_utc"], asked_s)
        when = (
            f"As of {day}, as asked" if late < 1 else f"As of {day}, {words.days(late)} before the day asked"
        )
    text = Text(when, style="bold")
    text.append(f" · {words.usd(d['price_usd'])} USD/BTC", style="not bold")
    if d.get("stylised_machines"):
        text.append(" · stylised machines", style="not bold yellow")
    return text


def _headline(d: Mapping[str, Any]) -> list[Text]:
    state = str(d["state"])
    since = str(d["state_since"])
    out = Text(state.upper(), style=f"bold {_STYLE.get(state, '')}".strip())
    out.append(
        f" since {since} ({words.days(words.days_between(since, d['as_of_utc']))})", style="default not bold"
    )
    if d["state_cause"]:
        out.append(f": {d['state_cause']}", style="default not bold")
    out.append(".", style="default not bold")
    under = d["underwater_frac"]
    electricity, cash, all_in = (words.percent(under[k]) for k in ("electricity", "cash", "all_in"))
    earns = f"{_says(d)} One PH/s earns {words.usd(d['hashprice_usd_per_phs_day'])} USD a day. " + (
        f"At that, {electricity} of the installed hashrate does not earn its electricity, {cash} not its "
        f"cash cost and {all_in} not all it costs."
        if fleet_known(d)
        else NO_FLEET
    )
    lines = [out, Text(earns.strip())]
    if state in ("relief", "recovery"):
        dark = [f"{words.name(k)} is {v}" for k, v in d["lamps"].items() if v != "green"]
        n = sum(v == "green" for v in d["lamps"].values())
        more = f": {', '.join(dark)}" if dark else ""
        lines.append(Text(f"{n} of {len(d['lamps'])} recovery lamps are green{more}."))
    lines.extend(_fall(d))
    return lines


def fleet_known(d: Mapping[str, Any]) -> bool:
    """Whether any cost is known: the first days of 2010 have hashrate but no machines yet."""
    return any(v is not None for v in d["underwater_frac"].values())


def _says(d: Mapping[str, Any]) -> str:
    """Say in plain words what the state means on this day."""
    state, day, week = str(d["state"]), d["pressure"], d.get("pressure_7d")
    said = _LEAVING if d["dislocation"] else _SAYS.get(state, "")
    if state in ("stress", "capitulation") and None not in (day, week) and day < _LOW_DAY:
        said += f" The state goes by the week's mean pressure, {week:.0f}, not by the day's {day:.0f}."
    return said


def _fall(d: Mapping[str, Any]) -> list[Text]:
    """Why hashrate fell, where it did."""
    causes = d["hashrate_fall_causes"]
    if not causes:
        return []
    said = [
        f"{words.name(k)} {words.percent(v['central'])} {words.band(v['low'], v['high'])}".strip()
        for k, v in sorted(causes.items(), key=lambda c: -(c[1]["central"] or 0.0))
        if v["central"] and v["central"] > 0.005
    ]
    text = Text("Dislocation: " if d["dislocation"] else "Hashrate fall: ", style="bold magenta")
    fall = words.percent(d["hashrate_fall_frac"])
    event = f" Known event: {d['hashrate_fall_event']}." if d["hashrate_fall_event"] else ""
    text.append(
        f"{fall} under its 180-day peak; share by cause: {', '.join(said)}.{event}",
        style="default not bold",
    )
    return [text]


def _pressure(view: GaugeView, width: int, *, spaced: bool) -> list[RenderableType]:
    d = view.data
    room = max(width - _LABEL, _PART)
    value = d["pressure"]
    style = _STYLE.get(str(d["state"]), "")
    if value is None:
        return [Text("Pressure  unknown: no part has data yet")]
    needle = Text("Pressure ", style="bold")
    needle.append(f"{value:3.0f} of 100 ")
    needle.append(bar(value / 100, room), style=style)
    marks = Text(" " * _LABEL + ticks([(p / 100, f"|{t}") for p, t in MARKS], room), style="bright_black")
    parts = Table.grid(padding=(0, 2, 0, 0))
    cells: list[Text] = []
    for key, share in d["components"].items():
        cell = Text(f"{words.name(key):<18}")
        if share is None:
            cell.append(f"{'missing':<{_PART + 4}}", style="bright_black")
        else:
            cell.append(bar(share, _PART), style=style)
            cell.append(f" {100 * share:3.0f}")
        cells.append(cell)
    for i in range(0, len(cells), 2):
        parts.add_row(*cells[i : i + 2])
    trail = [v for v in view.trail["pressure"] if v == v]
    line = Text("180 days ", style="bold")
    if trail:
        line.append(f"{min(trail):3.0f} to {max(trail):<3.0f} ")
        line.append(sparkline(view.trail["pressure"], room), style=style)
    return [needle, marks, line, *([Text()] if spaced else []), parts, Text()]


def _lamps(d: Mapping[str, Any], *, short: bool) -> RenderableType:
    """Lay the lamps out, colour and word, with what each is lit by: a few words of it where `short`."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for key, colour in d["lamps"].items():
        mark = Text("○ " if colour == "grey" else "● ", style=_STYLE[colour])
        mark.append(words.name(key), style="default not bold")
        basis = str(d["lamp_basis"][key])
        if short and key in SHORT_BASIS:
            basis = ("proxy: " if basis.startswith("proxy") else "") + SHORT_BASIS[key]
        table.add_row(mark, Text(colour, style=_STYLE[colour]), Text(basis, style="bright_black"))
    return table


def costs(d: Mapping[str, Any], width: int = _NARROW) -> Table:
    """Cost of a bitcoin by layer, with its spread and its band, and who does not earn it.

    A screen under 80 columns gets the figures without the spreads, rather than all of them cut off.
    """
    spreads = width >= _NARROW
    needed = d.get("breakeven_hashprice_usd_per_phs_day")
    gaps = d.get("price_to_cost_gap_frac")
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("USD per BTC\nby layer", no_wrap=True)
    headings = ["mean\ncost"]
    headings += ["its band\np05-p95", "over machines\np10-median-p90"] if spreads else []
    headings += ["price\nover %"] if gaps else []
    headings += ["hashprice\nneeded"] if needed else []
    for heading in (*headings, "under\nwater %", *(["band\np05-p95"] if spreads else [])):
        table.add_column(heading, justify="right", no_wrap=True)
    for k in _LAYERS:
        c, under = d["cost_usd_per_btc"][k], d["underwater_band_frac"][k]
        cells: list[str | Text] = [words.usd(c["mean"])]
        if spreads:
            cells.append(_span(_short(c["band_p05"]), _short(c["band_p95"])))
            cells.append(_span(_short(c["p10"]), _short(c["median"]), _short(c["p90"])))
        if gaps:
            gap = gaps[k]
            red = gap is not None and gap < 0
            cells.append(Text(_share(gap, sign=True), style="red" if red else ""))
        if needed:
            cells.append(words.usd(needed[k]["median"]))
        cells.append(_share(d["underwater_frac"][k]))
        if spreads:
            cells.append(_span(_share(under["p05"]), _share(under["p95"])))
        table.add_row(words.name(k), *cells)
    return table


def _levels(d: Mapping[str, Any], width: int) -> Table:
    """Draw hashprice against what each layer needs at its median."""
    now = d["hashprice_usd_per_phs_day"]
    needed = {k: d["breakeven_hashprice_usd_per_phs_day"][k]["median"] for k in _LAYERS}
    top = max(v for v in (now, *needed.values()) if v is not None)
    table = Table.grid(padding=(0, 1, 0, 0))
    room = max(width - 2 * _LABEL - _PART, _PART)
    table.add_row(
        Text("hashprice", style="bold"), Text(words.usd(now), justify="right"), Text(bar(now / top, room))
    )
    for k, level in needed.items():
        if level is None:
            continue
        style = "red" if level > now else "bright_black"
        table.add_row(
            f"{words.name(k)}, median",
            Text(words.usd(level), justify="right"),
            Text(bar(level / top, room), style=style),
        )
    return table


def _span(*values: str) -> str:
    return "-".join(values)


def _short(value: float | None) -> str:
    if value is None:
        return "?"
    if abs(value) >= 10_000:
        return f"{value / 1000:,.0f}k"
    return f"{value / 1000:.1f}k" if abs(value) >= 1000 else f"{value:.3g}"


def _share(value: float | None, *, sign: bool = False) -> str:
    return "?" if value is None else words.percent(value, sign=sign, unit=False)


def _row(lines: list[tuple[str, str]]) -> Table:
    """Return lines with a heading each, folded under themselves."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True, style="bold", width=9)
    table.add_column(overflow="fold")
    for head, body in lines:
        table.add_row(head, body)
    return table


def _evidence(d: Mapping[str, Any]) -> list[RenderableType]:
    band, unit = d["network_hashrate_band_ehs"], words.hashrate_unit(d["network_hashrate_ehs"])
    low, high = (words.hashrate(band[p], unit=unit, show=False) for p in ("p05", "p95"))
    rate = f"{words.hashrate(d['network_hashrate_ehs'])} ({low}-{high}), "
    if fleet_known(d):
        rate += f"{_efficiency(d['efficiency_j_per_th'])} J/TH, {words.percent(d['idle_frac'])} idle, "
    if d["hashrate_drawdown_frac"] is not None:
        rate += f"{words.percent(d['hashrate_drawdown_frac'])} off peak, "
    rate += _interval(d)
    lines = [("Hashrate", rate)]
    ribbon = d["hash_ribbon"]
    if ribbon["ratio"] is not None:
        gap = words.percent(ribbon["ratio"] - 1, sign=True)
        beyond = "beyond" if ribbon["beyond_noise"] else "within"
        said = (
            f"{ribbon['state']}: gap {gap}, block luck alone gives "
            f"{words.percent(ribbon['noise_sd'])} ({beyond} noise)"
        )
        lines.append(("Ribbon", said))
    r = d["next_retarget"]
    next_one = (
        f"{words.percent(r['change_frac'], sign=True)} {words.band(r['p05'], r['p95'])} at height "
        f"{words.count(r['height'])}, about {words.instant(r['eta_utc'])}; "
        f"{words.percent(r['progress_frac'])} of the epoch done; {r['method']}"
    )
    lines.append(("Retarget", next_one))
    return [_row([*_losses(d), *lines])]


def _interval(d: Mapping[str, Any]) -> str:
    interval = d["block_interval_s"]
    return "no block known" if interval is None else f"{interval:,.0f} s/block"


def _efficiency(value: float | None) -> str:
    if value is None:
        return words.UNKNOWN
    return f"{value:.1f}" if value < 1000 else f"{value:,.0f}"


def _losses(d: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is lost in the layers whose mean cost stands over the price."""
    out = []
    for k in ("electricity", "cash"):
        gap = d["price_to_cost"][k]
        if gap["gap_frac"] is None or gap["gap_frac"] >= 0:
            continue
        lost, rise = words.money(d["sector_loss_usd_per_day"][k]), words.percent(gap["rise_needed_frac"])
        out.append(
            f"{words.name(k)}: {words.usd(gap['loss_per_btc_usd'])} USD a bitcoin at the mean, for "
            f"{words.days(gap['days_under'])}; price must rise {rise}; machines under it lose {lost} a day"
        )
    return [("Losses", "\n".join(out))] if out else []


def _relief(d: Mapping[str, Any]) -> list[RenderableType]:
    r = d["relief"]
    if r.get("change_frac") is None:
        return []
    equal = r["price_equivalent_frac"]
    move = f"a price {'rise' if equal > 0 else 'fall'} of {words.percent(abs(equal))}"
    text = (
        f"{words.percent(r['change_frac'], sign=True)} difficulty on {words.date(r['retarget_utc'])}: "
        f"hashprice {_signed(r['hashprice_delta_usd_per_phs_day'])} USD, like {move}"
    )
    closed = r.get("gap_closed_frac")
    if closed is not None:
        does = "closes" if closed >= 0 else "widens by"
        part = words.percent(abs(closed))
        text += f"; {does} {part}{' of' if closed >= 0 else ''} the gap to the median cash cost"
    back = r.get("hashrate_returned_ehs")
    if back:
        text += f"; worth {words.hashrate(abs(back))} {'back on' if back > 0 else 'switched off'}"
    return [_row([("Relief" if r["change_frac"] < 0 else "Last one", text)])]


def _signed(value: float | None) -> str:
    return words.UNKNOWN if value is None else f"{'+' if value > 0 else ''}{words.usd(value)}"


def _changes(d: Mapping[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    heads = ("price", "hashprice", "difficulty", "hashrate", "pressure")
    table.add_row(
        Text("Change", style="bold"), *(Text(h, style="bright_black", justify="right") for h in heads)
    )
    keys = ("price_usd", "hashprice_usd_per_phs_day", "difficulty", "network_hashrate_ehs")
    for span in ("day", "month", "year"):
        c = d["change"][span]
        points = c.get("pressure_points", c.get("pressure"))
        table.add_row(
            Text(f"1 {span}"),
            *(Text(words.percent(c[k], sign=True), justify="right") for k in keys),
            Text(words.UNKNOWN if points is None else f"{points:+.0f} points", justify="right"),
        )
    return table
