"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The development data beside the project: absent from a plain clone, required where CI says so."""
    path = TESTS.parent.parent / "shared" / "data"
    if not path.is_dir():
        if os.environ.get("MANOMETER_CI") == "1":
            pytest.fail(f"the development data are missing: {path}")
        pytest.skip("needs the development data beside the project (../shared/data)")
    return path


@pytest.fixture(scope="session")
def published() -> Path:
    """Tables of published values, kept with the tests."""
    return TESTS / "published"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have counted ("122 of 122 retargets ..."), also when workers ran them."""
    counted = {
        text
        for report in terminalreporter.stats.get("passed", [])
        for name, text in report.user_properties
        if name == "counted"
    }
    for text in sorted(map(str, counted)):
        terminalreporter.write_line(f"counted: {text}")
