"""Append-only observations in one SQLite file, read as of a date; imports, and the packaged record."""

from __future__ import annotations

from .clock import parse_as_of
from .health import DoctorReport, doctor
from .kinds import KINDS
from .load import ImportResult, import_file
from .store import Store, open_store

__all__ = [
    "KINDS",
    "DoctorReport",
    "ImportResult",
    "Store",
    "doctor",
    "import_file",
    "open_store",
    "parse_as_of",
]
