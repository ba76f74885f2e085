"""What the reading of a file needs to know besides its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

__all__ = ["Context"]


@dataclass(slots=True)
class Context:
    """Facts about one import, and the little that rows must remember of earlier rows.

    `now_s` is the time of retrieval [s], `source` and `entity` name where the values belong, `zone` is the
    time zone of local times; `seen` holds local hours met before, `facts` what a filing said before.
    """

    now_s: int
    source: str
    entity: str
    zone: ZoneInfo | None = None
    seen: set[str] = field(default_factory=set)
    facts: dict[tuple[str, str, str, int], tuple[str, int, int]] = field(default_factory=dict)
