"""Write hand_case.csv from its rules alone: no line of it uses the program."""

from __future__ import annotations

import csv
from calendar import monthrange
from pathlib import Path

rows, cash, debt, power_bill, coins = [], 20_000.0, 120_000.0, 0.0, 3.0
for month in range(1, 13):
    days = monthrange(2025, month)[1]
    interest = round(debt * 0.12 / 360 * days, 2)
    paid = {
        "power": power_bill,
        "people": 3000.0,
        "site": 1000.0,
        "interest": interest,
        "principal": 10_000.0,
    }
    spent = sum(paid.values())
    sold = max(spent - cash, 0.0)
    cash += sold - spent
    debt -= 10_000
    mined = 0.008 * days
    rows.append(
        {
            "month": f"2025-{month:02d}",
            "mined_btc": f"{mined:.8f}",
            "sold_btc": f"{sold / 50_000:.8f}",
            "power_owed_usd": f"{360 * days:.2f}",
            **{f"{k}_paid_usd": f"{v:.2f}" for k, v in paid.items()},
            "cash_usd": f"{cash:.2f}",
            "held_btc": f"{(coins := coins + mined - sold / 50_000):.8f}",
            "debt_usd": f"{debt:.2f}",
        }
    )
    power_bill = 360.0 * days

if __name__ == "__main__":
    with (Path(__file__).parent / "hand_case.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
