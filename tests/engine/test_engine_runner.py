"""Chunks on threads, in a folder and on a cluster: the same columns, whatever happens on the way."""

import json
import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from manometer.engine.cluster import on_cluster, run_on_cluster
from manometer.engine.run_folder import MANIFEST, RunFolder, digest_of
from manometer.engine.runner import Kept, chunk_paths, chunks, run_on_threads
from manometer.errors import DataError, InputError, SourceError


@dataclass(frozen=True)
class Squares:
    """Work whose figures depend on the path's number alone; it may wait, and note that it began."""

    wait_s: float = 0.0
    notes: str = ""

    def __call__(self, first: int, n: int) -> dict:
        if self.notes:
            Path(self.notes, f"{first}-{os.getpid()}-{time.monotonic_ns()}").touch()
        time.sleep(self.wait_s)
        path = np.arange(first, first + n)
        return {"mined_sat": path * path, "own_btc": np.sqrt(path)}


def _whole(kept, n=100):
    assert (kept.column("mined_sat") == np.arange(n) ** 2).all()
    assert (kept.column("own_btc") == np.sqrt(np.arange(n))).all()


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_chunks_and_threads_change_nothing(threads, size):
    """Any cut and any number of threads gives each path once, in order."""
    kept = Kept()
    run_on_threads(Squares(), chunks(100, size), kept.keep, threads=threads)
    _whole(kept)
    assert sum(kept.done().values()) == 100


def test_chunk_sizes():
    """Some chunks per thread, whole tiles of 16, and no more than memory should hold at a time."""
    cases = {
        (1, 2, 30): 16,
        (2000, 2, 731): 128,
        (10_000, 2, 1461): 192,
        (10**9, 64, 731): 400,
        (100, 1, 10**6): 16,
    }
    assert {c: chunk_paths(*c) for c in cases} == cases
    for wrong in ((0, 10), (10, 0), (-5, 1)):
        with pytest.raises(InputError, match="1 or more"):
            chunks(*wrong)
    with pytest.raises(InputError, match="threads"):
        run_on_threads(Squares(), chunks(10, 1), Kept().keep, threads=0)


def test_only_a_few_chunks_wait():
    """A billion paths do not become a million futures before the first is done."""
    taken = []

    def todo():
        for chunk in chunks(10**9, 1000):
            taken.append(chunk)
            yield chunk

    class Enough(Exception):
        pass

    def keep(first, columns):
        raise Enough

    with pytest.raises(Enough):
        run_on_threads(Squares(), todo(), keep, threads=2)
    assert len(taken) <= 4


@pytest.fixture
def interruptible():
    """Ctrl-C as a terminal has it: a shell in the background starts its commands deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_keeps_what_is_done(tmp_path):
    """The chunks that were running are kept too; going on runs the others only, and the whole is the same."""
    run = RunFolder(tmp_path / "run", {"seed": 1, "chunk_paths": 10}, resume=False)
    main = threading.main_thread().ident

    def keep(first, columns):
        run.keep(first, columns)
        if first == 10:
            signal.pthread_kill(main, signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run_on_threads(Squares(0.01), chunks(100, 10), keep, threads=1)
    done = run.done()
    assert 20 <= sum(done.values()) < 100
    again = RunFolder(tmp_path / "run", {"seed": 1, "chunk_paths": 50}, resume=True)
    assert again.manifest["chunk_paths"] == 10
    notes = tmp_path / "notes"
    notes.mkdir()
    run_on_threads(Squares(notes=str(notes)), chunks(100, 10, done), again.keep, threads=2)
    assert {int(p.name.partition("-")[0]) for p in notes.iterdir()} == set(range(0, 100, 10)) - set(done)
    _whole(again)


def test_an_error_in_a_chunk_is_the_runs_error():
    """It is raised as it is, and nothing hangs."""

    def wrong(first, n):
        raise DataError(f"path {first}")

    with pytest.raises(DataError, match=r"path \d+"):
        run_on_threads(wrong, chunks(100, 10), Kept().keep, threads=2)


def test_a_folder_of_another_run_is_refused(tmp_path):
    """Another seed, a file that is not ours, a damaged manifest or chunk: never a mixture."""
    where = tmp_path / "run"
    run = RunFolder(where, {"seed": 1, "chunk_paths": 10}, resume=False)
    run.keep(0, Squares()(0, 10))
    with pytest.raises(InputError, match="--resume"):
        RunFolder(where, {"seed": 1, "chunk_paths": 10}, resume=False)
    with pytest.raises(DataError, match="seed is 1, not 2"):
        RunFolder(where, {"seed": 2, "chunk_paths": 10}, resume=True)
    (where / "paths-0000000010.part").write_bytes(b"half")
    assert RunFolder(where, {"seed": 1}, resume=True).done() == {0: 10}, "half a file is no chunk"
    (where / "paths-0000000010.parquet").write_bytes(b"half")
    with pytest.raises(DataError, match="damaged"):
        run.done()
    (where / MANIFEST).write_text("{")
    with pytest.raises(DataError, match="damaged"):
        RunFolder(where, {"seed": 1}, resume=True)
    other = tmp_path / "photos"
    other.mkdir()
    (other / "cat.png").write_bytes(b"")
    with pytest.raises(InputError, match="not empty"):
        RunFolder(other, {"seed": 1}, resume=False)


def test_memory_and_folder_hold_the_same_bits(tmp_path):
    """A column read back from Parquet is the column that went in, type and bits."""
    kept, run = Kept(), RunFolder(tmp_path / "run", {"chunk_paths": 30}, resume=False)
    columns = {"mined_sat": np.array([2**53 + 1, -1]), "x": np.array([0.1, np.nextafter(1, 2)]),
               "f": np.array([0.1, np.inf], dtype=np.float32), "day": np.array([-1, 3], dtype=np.int32)}  # fmt: skip
    for place in (kept, run):
        place.keep(0, columns)
    for name in columns:
        a, b = kept.column(name), run.column(name)
        assert a.dtype == b.dtype
        assert a.tobytes() == b.tobytes(), name
    assert json.loads((tmp_path / "run" / MANIFEST).read_text()) == {"chunk_paths": 30}


def test_digests_know_content():
    """Equal content, equal digest; a last bit, a type or a name changes it."""
    a = {"x": np.array([1.0, 2.0]), "w": Squares(1.0)}
    assert digest_of(a) == digest_of({"w": Squares(1.0), "x": np.array([1.0, 2.0])})
    others = [{"x": np.array([1.0, np.nextafter(2, 3)]), "w": Squares(1.0)}, {"x": np.array([1, 2]), "w": Squares(1.0)},
              {"x": np.array([1.0, 2.0]), "w": Squares(1.1)}, {"y": np.array([1.0, 2.0]), "w": Squares(1.0)}]  # fmt: skip
    assert len({digest_of(x) for x in (a, *others)}) == 5


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_loses_a_worker_loses_nothing(tmp_path):
    """One of two workers is killed in the middle: its chunks run again elsewhere, and the columns are the same."""
    pytest.importorskip("distributed")
    kept, killed = Kept(), []
    with on_cluster("local", 2) as client:
        pids = list(client.run(os.getpid).values())
        assert len(set(pids)) == 2

        def keep(first, columns):
            kept.keep(first, columns)
            if not killed:
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

        run_on_cluster(Squares(0.05, str(tmp_path)), chunks(100, 5), keep, client=client)
        assert killed[0] not in client.run(os.getpid).values()
    _whole(kept)
    assert len(list(tmp_path.iterdir())) >= 20


@pytest.mark.filterwarnings("ignore")
def test_no_scheduler_is_said(monkeypatch):
    """An address where none answers, and one that is none."""
    pytest.importorskip("distributed")
    monkeypatch.setattr("manometer.engine.cluster._PATIENCE_S", 1)
    with pytest.raises(SourceError, match="no scheduler answers"), on_cluster("tcp://127.0.0.1:9", 1):
        pass
    with pytest.raises(InputError, match="tcp://HOST:PORT"), on_cluster("carrier pigeon", 1):
        pass
