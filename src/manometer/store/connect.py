"""Open the embedded SQLite file: where it lies, how it is created, what can be wrong with it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ..errors import DataError, InputError

__all__ = ["Opened", "connect", "locate", "sqlite_errors", "transaction"]

#: "MANO", so that the database of another program is recognised.
APPLICATION_ID = 0x4D414E4F
MIGRATIONS = ("0001.sql",)
BUSY_TIMEOUT_S = 30.0
_REMEDY = "name another place with --store or MANOMETER_STORE"
_OLDEST_SQLITE = (3, 37, 0)
_MEMORY = ":memory:"


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection and how it came about."""

    connection: sqlite3.Connection
    path: str
    read_only: bool


def locate(url: str | os.PathLike[str] | None) -> str:
    """Return the path of the store that `url` names.

    Parameters
    ----------
    url : str, path or None
        A path, ``sqlite:///relative``, ``sqlite:////absolute``, ``:memory:``, or None for MANOMETER_STORE
        and after it the user's data folder.

    Raises
    ------
    InputError
        The URL is empty or of another kind.
    """
    text = os.fspath(url) if url is not None else os.environ.get("MANOMETER_STORE") or None
    if text is None:
        data = os.environ.get("XDG_DATA_HOME") or ""
        home = Path(data) if Path(data).is_absolute() else Path("~/.local/share")
        return str(home.expanduser() / "manometer" / "manometer.sqlite")
    if "://" in text:
        scheme, _, rest = text.partition("://")
        if scheme.casefold() != "sqlite" or not rest.startswith("/"):
            raise InputError(f"store {text[:80]!r}: write a path or sqlite:///PATH")
        text = rest[1:]
    if not text or "\0" in text:
        raise InputError("store: the path is empty or holds a NUL; write a path or sqlite:///PATH")
    return text if text == _MEMORY else str(Path(text).expanduser())


@contextmanager
def sqlite_errors(path: str) -> Iterator[None]:
    """Turn what SQLite says into one clear line of `DataError`."""
    try:
        yield
    except sqlite3.Error as error:
        said = str(error)
        if "locked" in said or "busy" in said:
            why = f"another process has held it for more than {BUSY_TIMEOUT_S:g} s; try again"
        elif "full" in said:
            why = f"no room is left, and nothing was stored; free some, or {_REMEDY}"
        elif "readonly" in said or "read-only" in said:
            why = f"it is read-only; {_REMEDY}"
        elif "unable to open" in said:
            why = f"cannot open it; {_REMEDY}"
        elif "not a database" in said or "malformed" in said or "encrypted" in said:
            why = f"not a store, or damaged ({said}); move it away and import again, or {_REMEDY}"
        else:
            why = said
        raise DataError(f"store {path}: {why}") from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock; commit at the end, or leave nothing behind."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def connect(url: str | os.PathLike[str] | None, fill: Callable[[sqlite3.Connection], None]) -> Opened:
    """Open the store, creating or migrating it first where needed.

    Parameters
    ----------
    url : str, path or None
        As for `locate`.
    fill : callable
        Called once with the connection inside the transaction that creates a new store.

    Raises
    ------
    DataError
        The file is damaged, from a newer version, of another program, or cannot be created.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise DataError(f"store: SQLite {sqlite3.sqlite_version} is too old, 3.37 or newer is needed")
    path = locate(url)
    with sqlite_errors(path):
        connection, read_only = _open(path)
        try:
            _prepare(connection, path, read_only, fill)
        except BaseException:
            connection.close()
            raise
    return Opened(connection, path, read_only)


def _open(path: str) -> tuple[sqlite3.Connection, bool]:
    if path == _MEMORY:
        return _settle(sqlite3.connect(path, isolation_level=None)), False
    file = Path(path)
    folder = file.parent
    try:
        exists = file.exists()
        if exists and not file.is_file():
            raise DataError(f"store {path}: not a file; {_REMEDY}")
        if not exists:
            folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"store: cannot use the folder {folder} ({reason}); {_REMEDY}") from None
    writable_folder = os.access(folder, os.W_OK | os.X_OK)
    if not exists:
        if not writable_folder:
            raise DataError(f"store: cannot create {file.name}, the folder {folder} is read-only; {_REMEDY}")
        return _settle(_by_uri(file, "rwc")), False
    if not os.access(file, os.R_OK):
        raise DataError(f"store {path}: no permission to read it; {_REMEDY}")
    if writable_folder and os.access(file, os.W_OK):
        return _settle(_by_uri(file, "rw")), False
    return _settle(_open_read_only(file)), True


def _by_uri(file: Path, mode: str, *, immutable: bool = False) -> sqlite3.Connection:
    uri = f"file:{_quoted(file)}?mode={mode}" + ("&immutable=1" if immutable else "")
    return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)


def _quoted(file: Path) -> str:
    """Return a path as the URI of SQLite takes it, whatever bytes are in its name."""
    plain = b"/-_.~"
    path = os.fsencode(file.absolute())
    return "".join(chr(b) if (chr(b).isalnum() and b < 128) or b in plain else f"%{b:02X}" for b in path)


def _open_read_only(file: Path) -> sqlite3.Connection:
    """Open without leave to write; without leave to make the helper files of WAL either, if need be."""
    connection = _by_uri(file, "ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        return connection
    except sqlite3.OperationalError:
        connection.close()
    log = file.with_name(file.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise DataError(
            f"store {file}: read-only, with changes of an open writer beside it; close the writer first"
        )
    return _by_uri(file, "ro", immutable=True)


def _settle(connection: sqlite3.Connection) -> sqlite3.Connection:
    try:
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection, path: str) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if application != APPLICATION_ID:
        tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
        if application or version or tables:
            raise DataError(f"store {path}: the database of another program; {_REMEDY}")
    if version > len(MIGRATIONS):
        raise DataError(
            f"store {path}: written by a newer Manometer (schema {version}, this one knows "
            f"{len(MIGRATIONS)}); update Manometer, or {_REMEDY}"
        )
    return version


def _prepare(
    connection: sqlite3.Connection, path: str, read_only: bool, fill: Callable[[sqlite3.Connection], None]
) -> None:
    version = _version(connection, path)
    if version < len(MIGRATIONS):
        if read_only:
            raise DataError(f"store {path}: read-only, and of an older schema ({version}); {_REMEDY}")
        with transaction(connection):
            # Another process may have been first: look again under the lock.
            version = _version(connection, path)
            for number in range(version, len(MIGRATIONS)):
                _migrate(connection, MIGRATIONS[number])
            if version < len(MIGRATIONS):
                connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            if version == 0:
                fill(connection)
    if not read_only and path != _MEMORY:
        _use_wal(connection)


def _migrate(connection: sqlite3.Connection, name: str) -> None:
    script = files(__package__).joinpath("migrations", name).read_text(encoding="utf-8")
    statement = ""
    # `executescript` would commit the transaction, so the statements go one by one.
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; SQLite does not wait for the lock here, so we do."""
    deadline = time.monotonic() + 5.0
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError:
            # The store also works without; the next one to open it tries again.
            if time.monotonic() > deadline:
                return
            time.sleep(0.02)
