"""The answers people ask for, composed from the rooms below; no new formula lives here.

What needs the compiler is imported by its own name: `readings.cascade`, `readings.simulate`.
"""

from .gauge import GaugeView, gauge

__all__ = ["GaugeView", "gauge"]
