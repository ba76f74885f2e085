"""What all pictures share: whether one can be drawn, their look, and how they are written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import InputError

__all__ = ["GRID", "PAPER", "TEXT", "check_picture", "dress", "style", "write_picture"]

PAPER, TEXT, GRID = "#ffffff", "#24292f", "#d8dee4"

_DPI = 144
_KINDS = (".png", ".svg")


def check_picture(file: Path | None) -> None:
    """Stop before the work where a picture that is asked for could not be drawn after it.

    Raises
    ------
    InputError
        The name is of no known kind, its folder is not there, or matplotlib is missing.
    """
    if file is None:
        return
    if file.suffix.casefold() not in _KINDS:
        raise InputError(f"--plot {file}: give a name that ends in {' or '.join(_KINDS)}")
    if not file.parent.is_dir():
        raise InputError(f"--plot {file}: there is no folder {file.parent}")
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise InputError("--plot needs matplotlib: pip install 'manometer[plot]'") from None


@contextmanager
def style(font_size: int = 11) -> Iterator[None]:
    """Draw with text as text, and with the same bytes every time."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "manometer", "svg.fonttype": "none", "font.size": font_size}):
        yield


def dress(axes: Any, *, paper: str = PAPER, text: str = TEXT, grid: str = GRID, lines: str = "both") -> None:
    """Give axes their colours: a grid behind the data, spines at the left and below alone."""
    axes.set_facecolor(paper)
    axes.tick_params(colors=text, which="both")
    axes.grid(True, axis=lines, color=grid, linewidth=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(grid)
    axes.xaxis.label.set_color(text)
    axes.yaxis.label.set_color(text)


def write_picture(figure: Any, file: Path, *, paper: str = PAPER) -> None:
    """Write a figure, with nothing in it that says when or by what.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    metadata: dict[str, Any] = {"Date": None} if file.suffix.casefold() == ".svg" else {"Software": None}
    try:
        figure.savefig(file, dpi=_DPI, facecolor=paper, metadata=metadata)
    except OSError as error:
        raise InputError(f"cannot write {file}: {error.strerror}") from None
