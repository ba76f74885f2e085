"""The next retarget on one screen, and the score of its forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import words
from .draw import bar

__all__ = ["retarget_page", "score_page"]

_GREY = "bright_black"
_WIDE = 120
_NAMES = {
    "manometer": "manometer",
    "constant": "rate of the epoch",
    "window504": "last 504 blocks",
    "rolling2015": "last 2,015 blocks",
}


def retarget_page(d: Mapping[str, Any], width: int, now_s: int) -> RenderableType:
    """Lay the forecast out: the change and its band, when, how it closed, and the three after it."""
    age = words.days_between(d["block_utc"], now_s)
    head = Text(f"As of block {words.count(d['height'])}, {words.instant(d['block_utc'])}", style="bold")
    head.append(f" ({words.days(age)} old)" if age > 0 else "", style="not bold")
    change = words.percent(d["change_frac"], sign=True)
    if d["locked"]:
        said = Text(f"The next retarget is {change}, exactly: its last interval is known.", style="bold")
    else:
        said = Text(f"The next retarget is {change} ", style="bold").append(
            f"{words.band(d['p05'], d['p95'])[:-1]}, nine in ten) at height {words.count(d['next_height'])}, "
            f"about {words.instant(d['eta_utc'])} ({words.date(d['eta_p05_utc'])} to "
            f"{words.date(d['eta_p95_utc'])}).",
            style="not bold",
        )
    done = Text(
        f"epoch {bar(d['progress_frac'], min(width - 30, 40))} {words.percent(d['progress_frac'])} done, "
        f"{words.count(d['blocks_left'])} blocks left"
    )
    difficulty = Text(f"Difficulty {d['difficulty']:.4g}, then {d['difficulty_next']:.4g}.")
    parts: list[RenderableType] = [head, said, Text(), done, difficulty, Text(), _later(d)]
    parts += [Text(), _outlook(d)]
    if len(d["fan"]) > 1:
        parts += [Text(), _closing(d, width)]
    fitted = d["setting"]["fitted_to_utc"]
    chosen = f"chosen on forecasts that ended by {words.date(fitted)}" if fitted else "assumed"
    parts += [
        Text(),
        Text(
            f"Hashrate is a level with a drift, read from block times; its setting is {chosen}. The band "
            "holds block luck and how hashrate wanders. Record: manometer retarget score",
            style=_GREY,
        ),
    ]
    return Group(*parts)


def _later(d: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("retarget at", justify="right")
    table.add_column("change", justify="right")
    table.add_column("half")
    table.add_column("nine in ten")
    table.add_column("about")
    rows = [{**d, "height": d["next_height"]}, *d["later"]]
    for r in rows:
        table.add_row(
            words.count(r["height"]),
            words.percent(r["change_frac"], sign=True),
            words.band(r["p25"], r["p75"]),
            words.band(r["p05"], r["p95"]),
            words.date(r["eta_utc"]),
        )
    return table


def _outlook(d: Mapping[str, Any]) -> Text:
    """Say where hashrate would be, month by month."""
    said = []
    unit = words.hashrate_unit(d["outlook"][0]["hashrate_ehs"]["median"])
    for r in d["outlook"]:
        q = r["hashrate_ehs"]
        middle, low, high = (words.hashrate(q[k], unit=unit, show=False) for k in ("median", "p05", "p95"))
        said.append(f"in {r['days']} days {middle} ({low} to {high})")
    price = d["supposed_price_usd"]
    given = "if price stays" if price is None else f"if price goes to {words.usd(price)} USD and stays"
    if d["supposed_price_path"] is not None:
        given = f"along the prices of {d['supposed_price_path']}"
    return Text(f"Hashrate, mean of 30 days, {given}: {', '.join(said)} {unit}.")


def _closing(d: Mapping[str, Any], width: int) -> RenderableType:
    """Draw the band of each forecast of this epoch as it came, one line for each tenth or so."""
    rows: Sequence[Mapping[str, Any]] = d["fan"]
    step = max(len(rows) // 9, 1)
    shown = [*rows[:-1:step], rows[-1]]
    low, high = min(r["p05"] for r in shown), max(r["p95"] for r in shown)
    room = max(min(width - 26, 70), 20)
    span = max(high - low, 1e-9)

    def place(x: float) -> int:
        return min(int((x - low) / span * (room - 1) + 0.5), room - 1)

    lines = [Text("how the forecast closed as blocks came (│ median, ━ half, ─ nine in ten)", style="bold")]
    for r in shown:
        line = [" "] * room
        for a, b, mark in (("p05", "p95", "─"), ("p25", "p75", "━")):
            for k in range(place(r[a]), place(r[b]) + 1):
                line[k] = mark
        line[place(r["change_frac"])] = "│"
        share, change = words.percent(r["progress_frac"]), words.percent(r["change_frac"], sign=True)
        lines.append(Text(f"{share:>8} {''.join(line)} {change:>8}"))
    edges = f"{words.percent(low, sign=True)}", f"{words.percent(high, sign=True)}"
    lines.append(Text(f"{'':8} {edges[0]}{edges[1]:>{room - len(edges[0])}}", style=_GREY))
    return Group(*lines)


def score_page(d: Mapping[str, Any], width: int) -> RenderableType:
    """Lay the score out: each method at each share of an epoch, then by year, then where ours loses."""
    head = Text(
        f"{d['epochs']} epochs that ended from {words.date(d['first_utc'])} to {words.date(d['last_utc'])}",
        style="bold",
    )
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name, left in (("done", False), ("method", True)):
        table.add_column(name, justify="left" if left else "right", no_wrap=True)
    for name in ("error", "CRPS", "of best plain", "in half", "in 9 of 10"):
        table.add_column(name, justify="right", no_wrap=True)
    shares = list(dict.fromkeys(r["progress_frac"] for r in d["rows"]))
    for share in shares:
        rows = [r for r in d["rows"] if r["progress_frac"] == share]
        best = {k: min(r[k] for r in rows if r["method"] != "manometer") for k in ("mae_frac", "crps_frac")}
        for r in rows:
            ours = r["method"] == "manometer"
            ratio = (
                f"{r['mae_frac'] / best['mae_frac']:.2f} {r['crps_frac'] / best['crps_frac']:.2f}"
                if ours
                else ""
            )
            table.add_row(
                words.percent(share) if ours else "",
                _NAMES[r["method"]],
                f"{100 * r['mae_frac']:.2f}",
                f"{100 * r['crps_frac']:.2f}",
                ratio,
                _share(r["coverage50"], r["coverage50_se"]),
                _share(r["coverage90"], r["coverage90_se"]),
                style="bold" if ours else "",
            )
    p = d["pooled"]
    pooled = Text(
        f"Pooled: {words.percent(p['coverage50'])} in half (error {words.percent(p['coverage50_se'])}), "
        f"{words.percent(p['coverage90'])} in nine of ten (error {words.percent(p['coverage90_se'])})."
    )
    floor = ", ".join(f"{100 * f['mae_frac']:.2f}" for f in d["floor"])
    known = d["blocks_known_from_height"]
    since = f"single blocks are known from height {words.count(known)}" if known else "no single blocks known"
    note = Text(
        "error: mean absolute error of the median, points of difficulty change; CRPS in the same; of best "
        f"plain: both as a share of the best other method. A known constant rate would still leave {floor}. "
        f"Walk-forward: a setting is chosen each 1 January on what had ended; {since}, daily counts before.",
        style=_GREY,
    )
    return Group(head, Text(), table, pooled, Text(), _years(d, shares), _losses(d), Text(), note)


def _share(value: float, error: float) -> str:
    return f"{words.percent(value, unit=False)} ±{100 * error:.0f} %"


def _years(d: Mapping[str, Any], shares: Sequence[float]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("error, ours/best plain")
    table.add_column("n", justify="right")
    for s in shares:
        table.add_column(words.percent(s), justify="right", no_wrap=True)
    for y in d["years"]:
        cells = [f"{100 * r['mae_frac']:.1f}/{100 * r['best_plain_mae_frac']:.1f}" for r in y["rows"]]
        table.add_row(str(y["year"]), str(y["n"]), *cells)
    return table


def _losses(d: Mapping[str, Any]) -> Text:
    lost = [
        f"{y['year']} at {words.percent(r['progress_frac'])}"
        for y in d["years"]
        for r in y["rows"]
        if r["mae_frac"] > r["best_plain_mae_frac"]
    ]
    total = sum(len(y["rows"]) for y in d["years"])
    said = (
        f"Ours loses in {len(lost)} of {total} years and shares: {', '.join(lost)}."
        if lost
        else "Ours never loses."
    )
    return Text(said)
