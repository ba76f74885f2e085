"""One door for built-ins and third parties: names to objects, through entry points of the same group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from .errors import unknown_name

__all__ = ["Registry"]

T = TypeVar("T")


class Registry(Generic[T], Mapping[str, T]):
    """Built-in entries plus the entry points of group ``manometer.<kind>``, loaded when first asked for.

    Looking up an unknown name raises `InputError` that lists the known ones.
    """

    def __init__(self, kind: str, built_in: Mapping[str, T]) -> None:
        self.kind = kind
        self._items: dict[str, T] = dict(built_in)
        self._points = {p.name: p for p in entry_points(group=f"manometer.{kind}")}

    def __getitem__(self, name: str) -> T:
        if name not in self._items:
            if name not in self._points:
                raise unknown_name(self.kind, name, self)
            self._items[name] = self._points[name].load()
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._items, *self._points}))

    def __len__(self) -> int:
        return len({*self._items, *self._points})
