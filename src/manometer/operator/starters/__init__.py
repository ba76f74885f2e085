"""Commented operator files to start from."""

from __future__ import annotations

from pathlib import Path

from ...errors import unknown_name

__all__ = ["STARTERS", "starter"]

STARTERS = ("home", "site", "listed")


def starter(kind: str) -> str:
    """Return the text of a starter file.

    Raises
    ------
    InputError
        There is none of that name.
    """
    if kind not in STARTERS:
        raise unknown_name("starter", kind, STARTERS)
    return (Path(__file__).parent / f"{kind}.yaml").read_text(encoding="utf-8")
