"""Filed cost to mine: a definition is its lines with their signs."""

from __future__ import annotations

import pytest
from tools.score.filings import definition_of

from manometer.economics import CostDefinition


def test_a_definition_is_read() -> None:
    assert definition_of("+power +other_direct -credits") == CostDefinition(net_of_credits=True)
    assert definition_of("+power +other_direct") == CostDefinition(net_of_credits=False)
    assert definition_of("+power +other_direct +depreciation").with_depreciation


def test_a_line_that_is_no_switch_is_refused() -> None:
    with pytest.raises(KeyError, match="overheads"):
        definition_of("+power +other_direct +overheads")
