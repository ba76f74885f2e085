"""The answers people ask for, composed from the rooms below; no new formula lives here."""

from .cascade import CascadeView, cascade
from .gauge import GaugeView, gauge

__all__ = ["CascadeView", "GaugeView", "cascade", "gauge"]
