"""The answers people ask for, composed from the rooms below; no new formula lives here."""

from .gauge import GaugeView, gauge

__all__ = ["GaugeView", "gauge"]
