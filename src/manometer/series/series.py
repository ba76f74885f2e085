"""The one canonical time series: what it is, what its stamp means, and which source gave each value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

__all__ = ["STAMPS", "Series", "Stamp", "align", "as_of"]

Stamp = Literal["interval_start", "instant", "height"]
STAMPS: tuple[Stamp, ...] = ("interval_start", "instant", "height")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values of one variable of one entity, in strictly increasing order of their key.

    Parameters
    ----------
    name, unit : str
        Variable of the catalogue and its unit.
    stamp : {"interval_start", "instant", "height"}
        What `at` means: the start of an interval of `width_s`, an instant, or a block height.
    width_s : int
        Width of the interval [s]; 0 for instants and heights.
    entity : str
        Company, machine or power hub; empty for the network.
    at : array of int64, shape (n,)
        Keys: seconds since 1970 UTC, or heights. Strictly increasing.
    value : array of float64, shape (n,)
        Values in `unit`; never NaN: what is unknown is absent.
    source : tuple of str
        Names of the sources that gave the values.
    source_index : array of int16, shape (n,)
        Which of `source` gave each value.
    """

    name: str
    unit: str
    stamp: Stamp
    width_s: int
    entity: str
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    source: tuple[str, ...]
    source_index: NDArray[np.int16]

    def __post_init__(self) -> None:
        if self.stamp not in STAMPS:
            raise InputError(f"series {self.name}: stamp {self.stamp!r} is none of {', '.join(STAMPS)}")
        fields: tuple[tuple[str, type[Any]], ...] = (
            ("at", np.int64),
            ("value", np.float64),
            ("source_index", np.int16),
        )
        for field, dtype in fields:
            array = np.array(getattr(self, field), dtype=dtype)
            if array.ndim != 1:
                raise InputError(f"series {self.name}: {field} must have one dimension")
            array.flags.writeable = False
            object.__setattr__(self, field, array)
        if not self.at.size == self.value.size == self.source_index.size:
            raise InputError(f"series {self.name}: keys, values and sources differ in length")
        if np.any(self.at[1:] <= self.at[:-1]):
            raise InputError(f"series {self.name}: keys must increase strictly")
        if np.isnan(self.value).any():
            raise InputError(f"series {self.name}: a value is NaN; leave out what is unknown")
        if self.at.size and not 0 <= self.source_index.min() <= self.source_index.max() < len(self.source):
            raise InputError(f"series {self.name}: a value points at no source")

    def __len__(self) -> int:
        return int(self.at.size)

    def source_of(self, index: int) -> str:
        """Return the name of the source that gave value number `index`."""
        return self.source[int(self.source_index[index])]

    def between(self, first: int | None = None, last: int | None = None) -> Series:
        """Return the part whose keys lie in the closed range from `first` to `last`."""
        low = 0 if first is None else int(np.searchsorted(self.at, first, "left"))
        high = len(self) if last is None else int(np.searchsorted(self.at, last, "right"))
        return self._take(slice(low, max(low, high)))

    def _take(self, keep: Any) -> Series:
        return Series(
            self.name,
            self.unit,
            self.stamp,
            self.width_s,
            self.entity,
            self.at[keep],
            self.value[keep],
            self.source,
            self.source_index[keep],
        )


def align(series: Series, at: ArrayLike) -> NDArray[np.float64]:
    """Return the values of `series` at exactly the keys `at`, NaN where it has none.

    Notes
    -----
    Nothing is carried forward: a key that is missing stays missing, and the caller decides what that means.

    Examples
    --------
    >>> s = Series("price_usd", "USD", "interval_start", 86400, "", [0, 172800], [1.0, 3.0], ("a",), [0, 0])
    >>> align(s, [0, 86400, 172800]).tolist()
    [1.0, nan, 3.0]
    """
    keys = np.asarray(at, dtype=np.int64)
    out = np.full(keys.shape, np.nan)
    if len(series) == 0:
        return out
    index = np.minimum(np.searchsorted(series.at, keys), len(series) - 1)
    found = series.at[index] == keys
    out[found] = series.value[index[found]]
    return out


def as_of(series: Series, as_of_s: int) -> Series:
    """Return the part of `series` that was known at `as_of_s`, by the meaning of its stamp.

    An interval is known from its end, an instant from itself; block times (whose value is a time) from
    that time. Other series by height, and those with a date of publication, are cut by `Store.read`.

    Raises
    ------
    InputError
        The stamp alone does not say when the values became known.
    """
    if series.name in ("block_time_s", "epoch_start_time_s"):
        return series._take(series.value <= as_of_s)
    if series.stamp == "height" or "." in series.name:
        raise InputError(
            f"series {series.name}: its keys do not say when it was known; read it from the store"
        )
    return series._take(series.at + series.width_s <= as_of_s)
