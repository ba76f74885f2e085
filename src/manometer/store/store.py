"""The store: observations that are only ever added, read as they were known at a date."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from ..errors import DataError, InputError
from ..series import Series, Variable, find_variable
from .connect import Opened, connect, sqlite_errors, transaction
from .packaged import RECORD, load_record
from .read import rank_retrievals, read_numbers, read_words

__all__ = ["Store", "open_store"]


class Store:
    """An open store; close it, or use it in a ``with``.

    Attributes
    ----------
    path : str
        Where the file lies.
    read_only : bool
        Whether nothing can be added.
    """

    def __init__(self, opened: Opened) -> None:
        self._connection = opened.connection
        self.path = opened.path
        self.read_only = opened.read_only

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; may be called again."""
        self._connection.close()

    @property
    def schema_version(self) -> int:
        """Number of the last migration."""
        with self.reading() as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection to the store's own modules, with SQLite's errors made plain."""
        with sqlite_errors(self.path):
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection inside one transaction: all of it is stored, or nothing."""
        if self.read_only:
            raise DataError(
                f"store {self.path}: it is read-only; name another with --store or MANOMETER_STORE"
            )
        with sqlite_errors(self.path), transaction(self._connection):
            yield self._connection

    def read(
        self,
        variable: str,
        *,
        entity: str = "",
        as_of_s: int | None = None,
        retrieved_by_s: int | None = None,
        first: int | None = None,
        last: int | None = None,
        source: str | None = None,
    ) -> Series:
        """Read a variable as it was known.

        Parameters
        ----------
        variable : str
            Name in the catalogue.
        entity : str
            Company, machine or hub; empty for the network.
        as_of_s : int, optional
            Nothing that became known later is used [s since 1970 UTC]; see `parse_as_of`.
        retrieved_by_s : int, optional
            Nothing that was stored later is used [s since 1970 UTC].
        first, last : int, optional
            Closed range of keys.
        source : str, optional
            Read this source alone instead of the catalogue's order.

        Returns
        -------
        Series
            May be empty; never filled where a value is unknown.

        Raises
        ------
        InputError
            Unknown variable, or one of words.
        DataError
            The file is damaged or busy.
        """
        found = find_variable(variable)
        if found.is_text:
            raise InputError(f"{variable} holds words; read it with read_words")
        with self.reading() as connection:
            ranking = rank_retrievals(connection, found, retrieved_by_s, source)
            return read_numbers(connection, found, entity, ranking, as_of_s, first, last)

    def read_words(
        self,
        variable: str,
        *,
        entity: str = "",
        as_of_s: int | None = None,
        retrieved_by_s: int | None = None,
        first: int | None = None,
        last: int | None = None,
        source: str | None = None,
    ) -> list[tuple[int, str, str]]:
        """Read a variable of words as (key, text, source), by the same rules as `read`."""
        found = find_variable(variable)
        if not found.is_text:
            raise InputError(f"{variable} holds numbers; read it with read")
        with self.reading() as connection:
            ranking = rank_retrievals(connection, found, retrieved_by_s, source)
            return read_words(connection, found, entity, ranking, as_of_s, first, last)

    def last_known_s(self, variable: str = "price_usd", *, retrieved_by_s: int | None = None) -> int:
        """Return the instant from which the newest value of a variable is known: the default as-of.

        Raises
        ------
        DataError
            The store holds no value of it.
        """
        found = find_variable(variable)
        with self.reading() as connection:
            (newest,) = connection.execute(
                "SELECT max(available_s) FROM observation o JOIN retrieval r ON r.id = o.retrieval_id "
                "WHERE series_id IN (SELECT id FROM series WHERE variable = ?) AND retrieved_utc_s <= ?",
                (found.name, 2**62 if retrieved_by_s is None else retrieved_by_s),
            ).fetchone()
        if newest is None:
            raise DataError(f"store {self.path}: no {variable} in it yet; import a file that has it")
        return int(newest)

    def instants(self, variable: str, *, retrieved_by_s: int | None = None) -> list[int]:
        """Return the instants from which values of a variable became known, over all entities, rising."""
        found = find_variable(variable)
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT available_s FROM observation o JOIN retrieval r ON r.id = o.retrieval_id "
                "WHERE series_id IN (SELECT id FROM series WHERE variable = ?) AND retrieved_utc_s <= ? "
                "ORDER BY available_s",
                (found.name, 2**62 if retrieved_by_s is None else retrieved_by_s),
            )
            return [int(row[0]) for row in rows]

    def series_names(self) -> list[tuple[str, str]]:
        """Return all (variable, entity) that the store holds, sorted."""
        with self.reading() as connection:
            rows = connection.execute("SELECT variable, entity FROM series ORDER BY variable, entity")
            return [(str(v), str(e)) for v, e in rows]

    def entities(self, variable: str) -> list[str]:
        """Return the entities of which the store holds `variable`, sorted."""
        found: Variable = find_variable(variable)
        return [entity for name, entity in self.series_names() if name == found.name]

    def get_derived(self, name: str, key: str, fingerprint: str) -> bytes | None:
        """Return a cached result, or None when there is none of this fingerprint."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT payload FROM derived WHERE name = ? AND key = ? AND fingerprint = ?",
                (name, key, fingerprint),
            ).fetchone()
        return bytes(row[0]) if row else None

    def put_derived(self, name: str, key: str, fingerprint: str, payload: bytes) -> bool:
        """Cache a result; return False where the store cannot be written, which is no error."""
        if self.read_only:
            return False
        try:
            with self.writing() as connection:
                connection.execute(
                    "INSERT INTO derived (name, key, fingerprint, payload) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (name, key) DO UPDATE SET fingerprint = excluded.fingerprint, "
                    "payload = excluded.payload",
                    (name, key, fingerprint, payload),
                )
        except DataError:
            return False
        return True


def open_store(url: str | os.PathLike[str] | None = None, *, record: Path | None = RECORD) -> Store:
    """Open the store, creating it with the packaged record where there is none.

    Parameters
    ----------
    url : str or path, optional
        A path, ``sqlite:///PATH`` or ``:memory:``; by default what MANOMETER_STORE names, else
        ``manometer/manometer.sqlite`` in the user's data folder.
    record : path, optional
        Folder of the record a new store starts with; None for an empty store.

    Raises
    ------
    DataError
        The store is damaged, of a newer version, or cannot be created; the message names the remedy.

    Examples
    --------
    >>> with open_store(":memory:", record=None) as store:
    ...     len(store.read("price_usd"))
    0
    """

    def fill(connection: sqlite3.Connection) -> None:
        if record is not None:
            load_record(connection, record)

    return Store(connect(url, fill))
