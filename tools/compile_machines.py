"""Compile the machine catalogue from the development data: ``python -m tools.compile_machines DATA_DIR``.

Nameplate facts only. One row per model; bins of one model carry their hashrate in the name. The decisions on
what the lists get wrong are in `machine_fixes`. Same input, same bytes.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from manometer.equipment.machine import COLUMNS
from tools import machine_fixes as fixes
from tools.compile_record import ROOT, read_rows, to_csv

OUT = ROOT / "src" / "manometer" / "equipment" / "machines.csv"
#: The day on which the source lists were read for the catalogue.
DATE_READ = "2026-11-21"
#: A mark in the list's source text -> short name of the source (NOTICE has repository and commit).
SOURCES = [
    ("25896535978", "calculator table 2025"),
    ("24675313250", "hosting catalogue 2025"),
    ("63142545080", "retail list 2026-07"),
    ("71488730002", "landscape table 2026-09"),
    ("53480448433", "unverified public list"),
    ("hashrateindex", "hashrateindex review"),
    ("cyberlais", "cyberlais dealer list 2025-02"),
    ("nhamilton1", "nhamilton1 watt list"),
    ("EAAL", "EAAL mining_hw"),
    ("mattk8", "F2Pool list 2020-03"),
    ("ESP-Miner-NerdQAxePlus", "NerdQAxe board constants"),
    ("bitaxeorg", "Bitaxe board constants"),
    ("Zeus", "Zeus Mining blog 2022"),
    ("CBECI", "CBECI and maker specs"),
]

Row = dict[str, str]


def number(value: float, digits: int = 5) -> str:
    """Return a figure with at most `digits` significant digits and no exponent."""
    text = f"{float(f'{value:.{digits}g}'):.10f}"
    return text.rstrip("0").rstrip(".")


def release(text: str) -> tuple[str, str]:
    """Return the ISO date and the precision; the middle of a period stands for it, the 1st for a month."""
    if len(text) == 4:
        return f"{text}-07-01", "year"
    if len(text) == 7:
        return f"{text}-01", "month"
    return text, "day"


def short_source(text: str) -> str:
    """Return the short names of the sources that a list names, joined."""
    names = [name for mark, name in SOURCES if mark in text]
    if not names:
        raise SystemExit(f"no short name for the source {text!r}")
    return "; ".join(names[:2])


def spec_rows(data: Path) -> dict[str, Row]:
    """Return the catalogue rows of asic_specs.csv by name, renamed and without repetitions."""
    out: dict[str, Row] = {}
    for raw in read_rows(data / "asic_specs.csv"):
        hashrate = float(raw["hashrate_th"])
        key = (raw["model"], hashrate)
        if key in fixes.DROPPED:
            continue
        name = fixes.RENAMES.get(key, raw["model"].strip())
        if name in out:
            raise SystemExit(f"asic_specs.csv: {name} occurs twice; rename or drop one")
        power = float(raw["power_w"]) if raw["power_w"] else None
        source = short_source(raw["source"])
        if name in fixes.POWERS:
            power, why = fixes.POWERS[name]
            source += f"; {why.split(':')[0].upper()}"
        date, precision = release(raw["release_date"])
        out[name] = {
            "model": name,
            "maker": fixes.MAKERS.get(raw["manufacturer"], raw["manufacturer"]),
            "category": raw["category"],
            "cooling": fixes.COOLING.get(name, raw["cooling"]),
            "hashrate_ths": number(hashrate),
            "power_w": number(power) if power else "",
            "efficiency_j_per_th": number(power / hashrate) if power else "",
            "release_date": date,
            "release_precision": precision,
            "noise_db": "",
            "price_usd": number(float(raw["price_usd"])) if raw["price_usd"] else "",
            "price_asof": raw["price_asof"],
            "source": source,
            "date_read": DATE_READ,
            "confidence": raw["confidence"],
        }
    return out


def cbeci_name(raw: str) -> str:
    """Return the catalogue name of a CBECI row; empty where another row stands for it."""
    if raw in fixes.CBECI_NAMES:
        return fixes.CBECI_NAMES[raw]
    name = re.sub(r"^(Bitmain|MicroBT|Ebang|Bitfily) ", "", raw)
    name = re.sub(r"^Canaan AvalonMiner ", "Avalon ", name)
    return re.sub(r"\((\d+(?:\.\d+)?)Th\)", r"(\1T)", name)


def add_cbeci(data: Path, out: dict[str, Row]) -> None:
    """Add CBECI's machines: new rows, and a better release date for rows of the other lists.

    A day from another source (launch lists) is kept; a month of the pool list gives way to CBECI's.
    """
    for raw in read_rows(data / "cbeci_equipment_2009_2020.csv"):
        raw["model"] = " ".join(raw["model"].split())
        name = cbeci_name(raw["model"])
        if not name:
            continue
        date, efficiency = raw["release_date"], float(raw["efficiency_j_th"])
        old = out.get(name)
        if old:
            if old["release_precision"] != "day" and date != old["release_date"]:
                old.update(release_date=date, release_precision="month")
                if "CBECI" not in old["source"]:
                    old["source"] += "; CBECI"
            continue
        stylised = name in fixes.STYLISED
        in_name = re.search(r"\((\d+(?:\.\d+)?)T\)", name)
        hashrate = float(in_name[1]) if in_name else fixes.QUOTED_HASHRATES.get(name)
        doubtful = name in fixes.DOUBTFUL
        out[name] = {
            "model": name,
            "maker": _maker(raw["model"], stylised),
            "category": "stylised" if stylised else "industrial",
            "cooling": "air",
            "hashrate_ths": number(hashrate) if hashrate else "",
            "power_w": number(hashrate * efficiency) if hashrate else "",
            "efficiency_j_per_th": number(efficiency, 9),
            "release_date": date,
            "release_precision": "day" if stylised else "month",
            "noise_db": "",
            "price_usd": "",
            "price_asof": "",
            "source": "CBECI; nhamilton1 quotes" if name in fixes.QUOTED_HASHRATES else "CBECI",
            "date_read": DATE_READ,
            "confidence": "low" if stylised or doubtful else "medium",
        }


def add_facts(out: dict[str, Row]) -> None:
    """Replace rough years by months, sourced or marked as assumed, and add noise where it is known."""
    for name, (month, why) in fixes.SOURCED_DATES.items():
        date, precision = release(month)
        out[name].update(release_date=date, release_precision=precision)
        out[name]["source"] += f"; {why.rsplit(' in ', 1)[-1]}"
    for name, (noise, source) in fixes.NOISES.items():
        out[name]["noise_db"] = number(noise)
        if source not in out[name]["source"]:
            out[name]["source"] += f"; {source}"
    for name, month in fixes.ASSUMED_DATES.items():
        date, precision = release(month)
        out[name].update(release_date=date, release_precision=precision, confidence="assumed")


def compile_machines(data: Path) -> bytes:
    """Return the catalogue as CSV bytes, by release date and name."""
    rows = spec_rows(data)
    add_cbeci(data, rows)
    add_facts(rows)
    ordered = sorted(rows.values(), key=lambda r: (r["release_date"], r["model"]))
    return to_csv(list(COLUMNS), [[row[c] for c in COLUMNS] for row in ordered])


def _maker(text: str, stylised: bool) -> str:
    if stylised:
        return "various"
    first = text.split()[0]
    two_words = {"GMO": "GMO", "Halong": "Halong Mining", "Aladdin": "Aladdin Miner"}
    return two_words.get(first, first)


def main(argv: list[str] | None = None) -> int:
    """Write the catalogue and say how many machines it has."""
    parser = argparse.ArgumentParser(description="compile the machine catalogue from the development data")
    parser.add_argument("data", type=Path, help="folder with the development data")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(argv)
    content = compile_machines(options.data)
    options.out.write_bytes(content)
    print(f"{content.count(10) - 1} machines, {len(content):,} bytes: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
