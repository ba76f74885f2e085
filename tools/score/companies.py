"""Company production against theory, cost benchmarks, the survey's anchors, and fleets inside our range."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from manometer import breakeven_price
from manometer.network.curve import CostCurve, weighted_quantile

from .context import Context, year_of
from .rows import Row, read_published, relative

__all__ = ["cost_rows", "fleet_rows", "production_rows"]

_PHS_PER_EHS = 1000.0
_MIDDLE = {"Q1": "02-15", "Q2": "05-15", "Q3": "08-15", "Q4": "11-15"}
_RANGE = (0.05, 0.95)
_PLAIN, _PLAIN_WITHIN = ("RIOT", "CLSK", "IREN"), 0.01


def production_rows(c: Context) -> Iterator[Row]:
    """Average hashrate x hashvalue, summed over the days, beside the bitcoin that were produced."""
    section, errors, rows = "production", [], []
    for r in read_published("score_production.csv"):
        days = c.between(r["first"], r["last"])
        ours = float(r["avg_operating_ehs"]) * _PHS_PER_EHS * float(c.hashvalue[days].sum())
        period = "" if r["first"][:7] == r["last"][:7] else "quarter to "
        item = f"{r['ticker']} {period}{r['last'][:7]}"
        row = relative(section, item, ours, float(r["produced_btc"]), "BTC", r["source"])
        errors.append(abs(row.error_frac or 0.0))
        rows.append(row)
        yield row
    yield from _within_a_percent(rows)
    yield Row(
        section,
        "median absolute error",
        float(np.median(errors)),
        0.0,
        "frac",
        float(np.median(errors)),
        "tests/published/score_production.csv",
        None,
        "reported hashrate: averages before ramp losses overstate (RIOT 2024); own pools carry luck (MARA)",
    )


def _within_a_percent(rows: list[Row]) -> Iterator[Row]:
    """Count the months of the three companies that report a plain average; those outside are named."""
    months = [r for r in rows if r.item.split()[0] in _PLAIN and "quarter" not in r.item]
    off = [r for r in months if abs(r.error_frac or 0.0) > _PLAIN_WITHIN]
    yield Row(
        "production",
        "RIOT, CLSK, IREN within 1 %",
        float(len(months) - len(off)),
        float(len(months)),
        "months",
        -len(off) / len(months),
        "tests/published/score_production.csv",
        None,
        "outside: " + ", ".join(f"{r.item} {r.error_frac:+.1%}" for r in off),
    )


def cost_rows(c: Context) -> Iterator[Row]:
    """Benchmarks of the industry at mid-quarter, and what companies filed as their cost to mine."""
    section, x = "costs", c.pulse.market.inputs
    for r in read_published("score_benchmarks.csv"):
        date = f"{r['quarter'][:4]}-{_MIDDLE[r['quarter'][4:]]}"
        k, layer = c.index(date), f"{r['statistic']}_{r['layer']}"
        if r["unit"] == "USD/MWh":
            ours, note = _power(c, date), "central power price of the network beside one company's"
        elif r["unit"] == "USD/PH/day":
            ours, note = (
                float(c.pulse.rows[layer][k]),
                f"network, {layer.replace('_', ' ', 1)} break-even, {date}",
            )
        else:
            ours, note = (
                float(c.pulse.cost_usd_per_btc(layer)[k]),
                f"network, {layer.replace('_', ' ', 1)}, {date}",
            )
        yield relative(
            section, f"{r['quarter']} {r['name']}", ours, float(r["value"]), r["unit"], r["source"], note
        )
    for r in read_published("score_filings.csv"):
        end = r["quarter_end"]
        first = str(np.datetime64(end[:7], "M") - 2) + "-01"
        days = c.between(first, end)
        name = f"{r['ticker']} {end[:7]}"
        cost = float(np.mean(c.pulse.cost_usd_per_btc("mean_direct")[days]))
        note = f"network's mean direct cost; theirs is {r['definition']}"
        filed = float(r["cost_to_mine_usd_per_btc"])
        yield relative(section, f"{name} cost to mine", cost, filed, "USD/BTC", r["source"], note)
        if r["energy_usd_per_btc"]:
            energy = breakeven_price(
                efficiency_j_per_th=float(r["efficiency_j_per_th"]),
                power_price_usd_per_mwh=float(r["power_price_usd_per_mwh"]),
                difficulty=x.difficulty[days],
                subsidy_btc=x.subsidy_btc[days],
                fees_btc=x.fees_btc[days],
                overhead=c.pulse.assumptions.central("overhead", year_of(end)),
            )
            note = "its own J/TH (quarter end) and power price through our formula, mean over the quarter"
            filed = float(r["energy_usd_per_btc"])
            yield relative(
                section, f"{name} energy", float(np.mean(energy)), filed, "USD/BTC", r["source"], note
            )


def fleet_rows(c: Context) -> Iterator[Row]:
    """The survey's three anchors; then each company's fleet beside the range of our running cohorts."""
    section, rows = "fleet", c.pulse.rows
    for r in read_published("score_survey.csv"):
        k = c.index(r["date"])
        if r["name"] == "fleet efficiency":
            ours = float(rows["efficiency_j_per_th"][k])
            note = f"band {rows['efficiency_p05'][k]:.1f} to {rows['efficiency_p95'][k]:.1f}"
        elif r["name"] == "electricity":
            ours, note = _power(c, r["date"]), "central power price (an assumption that a survey checks)"
        else:
            ours, note = _power(c, r["date"]) + _site(c, r["date"]), "power, and site cost per MWh used"
        item = f"survey {r['date'][:7]}, {r['name']}"
        yield relative(section, item, ours, float(r["value"]), r["unit"], r["source"], note)
    table = read_published("score_fleets.csv")
    curves = c.curves(r["date"] for r in table)
    inside = 0
    for r in table:
        curve, theirs = curves[r["date"]], float(r["efficiency_j_per_th"])
        low, high = _efficiency_range(curve)
        within = low <= theirs <= high
        inside += within
        yield relative(
            section,
            f"{r['ticker']} {r['date']}",
            float(curve.mean_efficiency()[0]),
            theirs,
            "J/TH",
            r["source"],
            f"{'inside' if within else 'OUTSIDE'} our running cohorts' 5-95 %, {low:.1f} to {high:.1f}",
        )
    n = float(len(table))
    source = "tests/published/score_fleets.csv"
    yield Row(section, "fleets inside our 5-95 %", float(inside), n, "fleets", inside / n - 1, source)


def _efficiency_range(curve: CostCurve) -> tuple[float, float]:
    """5 and 95 % quantiles of J/TH over running hashrate, central draw."""
    low, high = weighted_quantile(curve.efficiency_j_per_th[0], curve.running_ehs[0].sum(1), _RANGE)
    return float(low), float(high)


def _power(c: Context, date: str) -> float:
    return c.pulse.assumptions.central("power_price", year_of(date))


def _site(c: Context, date: str) -> float:
    year = year_of(date)
    return c.pulse.assumptions.central("site_opex", year) / c.pulse.assumptions.central("uptime", year)
