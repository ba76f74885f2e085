"""Filed cost to mine: a definition is its lines with their signs."""

from __future__ import annotations

import pytest
from tools.score.filings import cost_to_mine


def test_riot_first_quarter_of_2024() -> None:
    """(28.555 + 7.994 - 5.131) MUSD over 1,364 bitcoin: 23,034 USD, as printed."""
    lines = {"power": 28_555_000.0, "other_direct": 7_994_000.0, "credits": 5_131_000.0}
    assert cost_to_mine(lines, "+power +other_direct -credits", 1_364) == pytest.approx(23_034, abs=0.5)


def test_the_switch_changes_the_figure() -> None:
    lines = {"power": 100.0, "other_direct": 10.0, "credits": 30.0}
    assert cost_to_mine(lines, "+power +other_direct") == 110
    assert cost_to_mine(lines, "+power -credits") == 70
