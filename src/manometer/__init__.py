"""Manometer: a pressure gauge for Bitcoin mining."""

__version__ = "0.1.0"
