"""Docs do not rot: reference pages are what the program prints, examples run, named files are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from tools.reference import COMMANDS, FOLDER, help_of, pages

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMED = re.compile(r"`((?:src|tests|tools|docs|benchmarks)/[\w./-]+)`")


@pytest.fixture(scope="module")
def helps() -> dict[str, str]:
    return {c: help_of(c) for c in COMMANDS}


def test_reference_is_what_the_program_says() -> None:
    for name, content in pages().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == content, f"{name}: run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_and_options_that_a_page_shows_exist(page: Path, helps: dict[str, str]) -> None:
    if page.parent == FOLDER:
        return
    for line in page.read_text(encoding="utf-8").splitlines():
        shown = re.match(r"^(?:    |\$ )manometer (.*)$", line)
        if not shown:
            continue
        words = shlex.split(shown[1], comments=True)
        command = next((c for c in (" ".join(words[:2]), words[0]) if c in COMMANDS), None)
        assert command is not None, line
        for option in (w.split("=")[0] for w in words if w.startswith("--")):
            assert option in helps[command], (line, option)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_that_a_page_names_are_there(page: Path) -> None:
    for name in NAMED.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_python_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANOMETER_STORE", str(tmp_path / "store.sqlite"))
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S):
        exec(compile(block, str(page), "exec"), {})
