"""Opening a store: created whole or not at all, by one or by many, and clear words where it cannot be."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from store_samples import NETWORK, NOW_S, write

from manometer.errors import DataError, InputError
from manometer.store import import_file, open_store
from manometer.store.connect import locate

FIRST_OPEN = """
import sys
from manometer.store import open_store
with open_store(sys.argv[1]) as store:
    print(len(store.read("price_usd")), len(store.read("block_time_s")))
"""

AS_NOBODY = """
import os, sys
from manometer.store import open_store
from manometer.errors import DataError
os.setgid(65534); os.setuid(65534)
with open_store(sys.argv[1]) as store:
    print(store.read_only, store.read("price_usd").value.tolist(), store.put_derived("a", "b", "c", b"d"))
try:
    open_store(sys.argv[2])
except DataError as error:
    print(error)
"""


def run(script: str, *given: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *given]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_new_store_starts_with_the_packaged_record(tmp_path: Path) -> None:
    with open_store(tmp_path / "a" / "b" / "s.sqlite") as store:
        price = store.read("price_usd")
        assert set(price.source) == {"yahoo-close", "node"}
        assert len(price) > 5000
        difficulty = store.read("difficulty")
        assert difficulty.source == ("derived-from-bits",)
        assert store.schema_version == 1
    with open_store(tmp_path / "a" / "b" / "s.sqlite") as again:
        assert len(again.read("price_usd")) == len(price)


def test_many_may_open_it_first_at_once(tmp_path: Path) -> None:
    children = [run(FIRST_OPEN, str(tmp_path / "s.sqlite")) for _ in range(4)]
    ends = [child.communicate(timeout=120) for child in children]
    assert [child.returncode for child in children] == [0] * 4, ends
    assert len({out for out, _ in ends}) == 1
    connection = sqlite3.connect(tmp_path / "s.sqlite")
    try:
        (rows,) = connection.execute(
            "SELECT count(*) FROM retrieval WHERE file = 'block_times.xz'"
        ).fetchone()
        assert rows == 1
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    finally:
        connection.close()


def test_a_record_that_is_not_what_it_says_leaves_no_store(tmp_path: Path) -> None:
    (tmp_path / "record").mkdir()
    (tmp_path / "record" / "manifest.json").write_text('{"files": []}', encoding="utf-8")
    with pytest.raises(DataError, match="packaged record"):
        open_store(tmp_path / "s.sqlite", record=tmp_path / "record")
    with open_store(tmp_path / "s.sqlite", record=None) as store:
        assert store.series_names() == []


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    open_store(path, record=None).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(DataError, match="newer Manometer") as caught:
        open_store(path)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE mine (a)")
    connection.close()
    with pytest.raises(DataError, match="another program"):
        open_store(path)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    path.write_bytes(b"this is no database at all, but it is long enough to be looked at" * 20)
    with pytest.raises(DataError, match="damaged"):
        open_store(path)
    with pytest.raises(DataError, match="not a file"):
        open_store(tmp_path)


def test_damage_within_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with open_store(path) as store:
        assert len(store.read("block_time_s"))
    content = bytearray(path.read_bytes())
    content[4096 * 20 : 4096 * 1500] = bytes(4096 * 1480)
    path.write_bytes(content)

    def read_all() -> None:
        with open_store(path) as store:
            for variable, _ in store.series_names():
                store.read(variable)

    with pytest.raises(DataError, match="damaged"):
        read_all()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to become nobody")
def test_a_read_only_folder_can_be_read_but_not_written(tmp_path: Path) -> None:
    # Permissions do not bind root, so a child gives them up; pytest's own folders are closed to others.
    folder = Path("/tmp") / f"manometer-test-{os.getpid()}"
    folder.mkdir()
    try:
        file = write(tmp_path, "n.csv", NETWORK, "2021-01-01,30000,144,2e13,,,")
        with open_store(folder / "s.sqlite", record=None) as store:
            import_file(store, file, now_s=NOW_S)
        folder.chmod(0o555)
        child = run(AS_NOBODY, str(folder / "s.sqlite"), str(folder / "new.sqlite"))
        out, err = child.communicate(timeout=60)
        assert child.returncode == 0, err
        assert out.splitlines()[0] == "True [30000.0] False"
        assert f"the folder {folder} is read-only" in out
        assert "MANOMETER_STORE" in out
    finally:
        folder.chmod(0o755)
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()


def test_a_read_only_store_refuses_an_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, "n.csv", NETWORK, "2021-01-01,30000,144,2e13,,,")
    path = tmp_path / "s.sqlite"
    open_store(path, record=None).close()
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.R_OK)
    with open_store(path) as store:
        assert store.read_only
        with pytest.raises(DataError, match="read-only"):
            import_file(store, file, now_s=NOW_S)
    with pytest.raises(DataError, match="cannot create"):
        open_store(tmp_path / "new.sqlite")


def test_a_full_disk_leaves_nothing_half_done(tmp_path: Path) -> None:
    rows = [f"{h},{1_300_000_000 + 600 * h}" for h in range(20_000)]
    file = write(tmp_path, "b.csv", "height,time_unix", *rows)
    with open_store(tmp_path / "s.sqlite", record=None) as store:
        with store.reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 5}")
        with pytest.raises(DataError, match="no room is left"):
            import_file(store, file, now_s=NOW_S)
        assert store.series_names() == []
        with store.reading() as connection:
            assert connection.execute("SELECT count(*) FROM retrieval").fetchone() == (0,)


def test_where_the_store_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MANOMETER_STORE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert locate(None) == str(tmp_path / "manometer" / "manometer.sqlite")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert locate(None).endswith("/.local/share/manometer/manometer.sqlite")
    monkeypatch.setenv("MANOMETER_STORE", "sqlite:////srv/m.sqlite")
    assert locate(None) == "/srv/m.sqlite"
    assert locate("sqlite:///m.sqlite") == "m.sqlite"
    for bad in ("postgresql://host/db", "sqlite://host/db", "sqlite:///", "a\0b", ""):
        with pytest.raises(InputError):
            locate(bad)
