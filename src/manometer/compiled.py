"""The one door to the compiler: strict arithmetic, and a cache that knows the sources it was made from.

Numba's own cache sees neither an edit in another file nor a changed global, so the cache folder is named by a
digest of every source that may be compiled together. Strict means: no reassociation and no fused
multiply-add, so that the same bits come out on every instruction set; and no zero-division branches.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar, cast

from .errors import InputError

__all__ = ["CELLAR", "cache_folder", "folded", "inlined", "inner", "jit", "make_bare"]

#: Sources that are compiled together.
CELLAR = (
    "compiled.py",
    "processes/exact.py",
    "processes/draws.py",
    "processes/closes.py",
    "processes/price.py",
    "processes/reverting.py",
    "network/growth.py",
    "engine/drivers.py",
    "engine/kernels",
)

_NO_DOOR: dict[str, Any] = {
    "cache": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False,
}  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])
A = TypeVar("A")


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Return where compiled code of just these sources is kept."""
    digest = hashlib.sha256()
    package = files(__package__)
    for name in CELLAR:
        entry = package / name
        parts = (
            [entry]
            if entry.is_file()
            else sorted(entry.iterdir(), key=lambda p: p.name)
            if entry.is_dir()
            else []
        )
        for part in parts:
            if part.name.endswith(".py"):
                digest.update(part.read_bytes())
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "manometer" / f"kernels-{digest.hexdigest()[:16]}"


def jit(function: F) -> F:
    """Compile a function on its first call, and keep the machine code for the next process."""
    return _compiled(function)


def inner(function: F) -> F:
    """Compile a function that only other compiled functions call: no door to Python, which costs the most."""
    return _compiled(function, **_NO_DOOR)


def inlined(function: F) -> F:
    """Compile a small function into each loop that calls it, so that the loop can do several days at once."""
    return _compiled(function, forceinline=True)


def folded(function: F) -> F:
    """Compile an inner function into its one caller: a call costs as much as a day of most of them."""
    return _compiled(function, **_NO_DOOR, forceinline=True)


def make_bare() -> Callable[[A], A]:
    """Make the compiled function that turns a flat array into the address of its first element.

    An array is passed on as seven numbers, each index of it may be negative; an address is one number, read
    and written by an index from zero. The array must outlive it.
    """
    from numba.core.types import CPointer
    from numba.extending import intrinsic

    @intrinsic
    def bare(typing_context: Any, array: Any) -> Any:
        def address(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return context.make_array(signature.args[0])(context, builder, arguments[0]).data

        pointer: Any = CPointer
        return pointer(array.dtype)(array), address

    return cast(Callable[[A], A], bare)


def _compiled(function: F, cache: bool = True, **options: Any) -> F:
    try:
        import numba
    except ImportError:
        raise InputError("the simulation needs numba: pip install 'manometer[simulate]'") from None
    if "NUMBA_CACHE_DIR" not in os.environ:
        numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
    made: Any = numba.njit(cache=cache, nogil=True, error_model="numpy", **options)(function)
    return cast(F, made)
