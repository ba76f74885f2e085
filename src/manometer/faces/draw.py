"""Small pictures made of characters: bars, needles, sparklines."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["PLAIN", "bar", "sparkline", "ticks"]

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_RISING = "▁▂▃▄▅▆▇█"
_REST = "·"

#: What stands for a character where the screen knows ASCII only.
PLAIN = str.maketrans(
    {
        **dict.fromkeys("▁▂", "_"),
        **dict.fromkeys("▃▄▅", "-"),
        **dict.fromkeys("▆▇", "="),
        **dict.fromkeys("█▉▊▋▌", "#"),
        **dict.fromkeys("▍▎▏", " "),
        "·": ".",
        "–": "-",
        "●": "*",
        "○": "o",
        "▲": "^",
        "│": "|",
        "─": "-",
        "━": "-",
        "…": "~",
        "×": "x",
    }
)


def bar(share: float, width: int) -> str:
    """Draw a share of 0 to 1 as a bar of `width` characters, dots for what is left."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    full, rest = divmod(eighths, 8)
    text = "█" * full + (_EIGHTHS[rest] if rest else "")
    return text + _REST * (width - len(text))


def ticks(marks: Sequence[tuple[float, str]], width: int) -> str:
    """Write the names of marks under a bar, each beginning below its place; later ones win."""
    line = [" "] * width
    for share, text in marks:
        at = min(int(share * width), max(width - len(text), 0))
        line[at : at + len(text)] = text
    return "".join(line[:width]).rstrip()


def sparkline(values: Sequence[float], width: int, low: float = 0.0, high: float = 100.0) -> str:
    """Draw a series in `width` characters, each the last known value of its stretch; blanks where unknown."""
    n = len(values)
    if not n:
        return ""
    out = []
    width = min(width, n)
    for i in range(width):
        stretch = [v for v in values[i * n // width : (i + 1) * n // width] if math.isfinite(v)]
        if not stretch:
            out.append(" ")
            continue
        step = (stretch[-1] - low) / (high - low) * len(_RISING)
        out.append(_RISING[min(max(int(step), 0), len(_RISING) - 1)])
    return "".join(out)
