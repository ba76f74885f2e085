"""A store with its history computed once, and the command line run inside the test's own process."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from manometer.faces.cli import main


@dataclass(frozen=True)
class Ran:
    """What one run of the command line gave."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one JSON object on stdout; anything beside it, and any NaN, is an error."""

        def refuse(name: str) -> float:
            raise ValueError(f"{name} in JSON")

        value = json.loads(self.out, parse_constant=refuse)
        assert isinstance(value, dict)
        return value


Cli = Callable[..., Ran]


@pytest.fixture(scope="session")
def faces_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the packaged record, shared by the tests that only read."""
    return tmp_path_factory.mktemp("faces") / "store.sqlite"


@pytest.fixture
def cli(faces_store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run `manometer` with some arguments at a given width, in a pipe."""

    def run(*arguments: str, width: int = 80, store: Path | None = None) -> Ran:
        monkeypatch.setenv("MANOMETER_STORE", str(store or faces_store))
        monkeypatch.setenv("COLUMNS", str(width))
        for name in ("FORCE_COLOR", "NO_COLOR", "MANOMETER_DEBUG"):
            monkeypatch.delenv(name, raising=False)
        capsys.readouterr()
        code = main(_checked(arguments))
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run


def _checked(arguments: Sequence[str]) -> list[str]:
    assert all(isinstance(a, str) for a in arguments)
    return list(arguments)
