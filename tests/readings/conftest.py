"""One store with the packaged record and its full history, shared by the tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from manometer.readings.pulse import Pulse, take_pulse
from manometer.store import Store, open_store


@pytest.fixture(scope="session")
def packaged_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packaged") / "store.sqlite"


@pytest.fixture(scope="session")
def packaged(packaged_path: Path) -> Iterator[Store]:
    with open_store(packaged_path) as store:
        yield store


@pytest.fixture(scope="session")
def pulse(packaged: Store) -> Pulse:
    return take_pulse(packaged)
