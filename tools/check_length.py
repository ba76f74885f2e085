"""Fail on a Python file over 800 lines, or over 500 without a reason ("Length:") in its docstring."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def problem(path: Path) -> str | None:
    """Return what is wrong with the length of one file, or None."""
    text = path.read_text(encoding="utf-8")
    n_lines = text.count("\n")
    if n_lines > 800:
        return f"{path.relative_to(ROOT)}: {n_lines} lines, split it (limit 800)"
    if n_lines > 500 and "Length:" not in (ast.get_docstring(ast.parse(text)) or ""):
        return (
            f"{path.relative_to(ROOT)}: {n_lines} lines, say why in the docstring ('Length: ...') or split it"
        )
    return None


if __name__ == "__main__":
    files = [p for d in ("src", "tests", "tools", "benchmarks") for p in sorted((ROOT / d).rglob("*.py"))]
    problems = [p for p in map(problem, files) if p]
    print("\n".join(problems) or f"{len(files)} files within the length limit")
    sys.exit(bool(problems) or not files)
