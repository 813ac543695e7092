"""Tests of the state store: compare-and-set, races, and files that are no store."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from rcl_flow.errors import LocalFilesError, StoreError
from rcl_flow.pipeline.store import StateStore

RACER = """
import sys
from pathlib import Path
from rcl_flow.pipeline.store import StateStore
store = StateStore(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(sum(store.put_if_absent(f"k{n}", sys.argv[2].encode()) for n in range(20)))
"""


@pytest.fixture
def store(tmp_path: Path) -> StateStore:
    """Return an empty store."""
    return StateStore(tmp_path / "state.sqlite")


def test_get_returns_none_when_nothing_is_there(store: StateStore) -> None:
    """An unknown key has no document."""
    assert store.get("a") is None


def test_put_if_absent_writes_only_the_first(store: StateStore) -> None:
    """The second writer is told so and changes nothing."""
    assert store.put_if_absent("a", b"1")
    assert not store.put_if_absent("a", b"2")
    stored = store.get("a")
    assert stored is not None
    assert (stored.document, stored.version) == (b"1", 1)


def test_put_if_match_replaces_only_the_version_that_was_read(store: StateStore) -> None:
    """A write on top of an outdated reading is refused."""
    store.put_if_absent("a", b"1")
    assert store.put_if_match("a", b"2", 1)
    assert not store.put_if_match("a", b"3", 1)
    stored = store.get("a")
    assert stored is not None
    assert (stored.document, stored.version) == (b"2", 2)


def test_put_if_match_writes_nothing_when_there_is_no_document(store: StateStore) -> None:
    """What was deleted meanwhile does not come back."""
    assert not store.put_if_match("a", b"1", 1)
    assert store.get("a") is None


def test_put_replaces_and_counts_the_version(store: StateStore) -> None:
    """An unconditional write is seen by those who compare versions."""
    store.put("a", b"1")
    store.put("a", b"2")
    assert not store.put_if_match("a", b"3", 1)
    assert store.put_if_match("a", b"3", 2)


def test_below_lists_keys_of_that_prefix_in_order(store: StateStore) -> None:
    """A prefix is taken literally: % and _ are no wildcards, and case counts."""
    for key in ("runs/b", "runs/a", "runs", "Runs/c", "r%ns/d", "armed/x"):
        store.put(key, key.encode())
    assert store.below("runs/") == [("runs/a", b"runs/a"), ("runs/b", b"runs/b")]
    assert store.below("r%ns/") == [("r%ns/d", b"r%ns/d")]


def test_delete_removes_the_document_and_may_be_repeated(store: StateStore) -> None:
    """Deleting what is gone is no error."""
    store.put("a", b"1")
    store.delete("a")
    store.delete("a")
    assert store.get("a") is None


def test_store_keeps_documents_when_opened_again(store: StateStore, tmp_path: Path) -> None:
    """A document outlives the object that wrote it."""
    store.put("a", b"\x00\xff")
    again = StateStore(tmp_path / "state.sqlite").get("a")
    assert again is not None
    assert again.document == b"\x00\xff"


def test_put_if_absent_has_one_winner_when_threads_race(store: StateStore) -> None:
    """Of sixteen that write the same key at once, one is told that it did."""
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda n: store.put_if_absent("a", b"%d" % n), range(16)))
    assert won.count(True) == 1
    stored = store.get("a")
    assert stored is not None
    assert stored.document == b"%d" % won.index(True)


def test_put_if_match_has_one_winner_when_threads_race(store: StateStore) -> None:
    """Of sixteen that replace the same version at once, one does."""
    store.put("a", b"")
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda n: store.put_if_match("a", b"%d" % n, 1), range(16)))
    assert won.count(True) == 1


def test_put_if_absent_has_one_winner_when_processes_race(
    store: StateStore, tmp_path: Path
) -> None:
    """Two processes that want the same twenty keys share them without loss or repeat."""
    path = tmp_path / "state.sqlite"
    with ExitStack() as stack:
        racers = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", RACER, str(path), name],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for name in ("left", "right")
        ]
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        counts = [int(racer.communicate(timeout=60)[0]) for racer in racers]
    assert sum(counts) == 20
    assert len(store.below("k")) == 20


def test_store_names_the_file_when_it_is_no_database(tmp_path: Path) -> None:
    """A damaged file is named, with what to do about it."""
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreError, match=r"state\.sqlite") as caught:
        StateStore(path)
    assert (caught.value.slug, caught.value.exit_code) == ("store-broken", 7)
    assert "move it away" in caught.value.hint


def test_store_names_the_file_when_it_is_a_folder(tmp_path: Path) -> None:
    """A folder in the file's place is an error of the store."""
    (tmp_path / "state.sqlite").mkdir()
    with pytest.raises(StoreError):
        StateStore(tmp_path / "state.sqlite")


def test_store_names_the_folder_when_it_cannot_be_made(tmp_path: Path) -> None:
    """A file in the workspace's place is an error of the local files."""
    (tmp_path / "workspace").write_text("")
    with pytest.raises(LocalFilesError):
        StateStore(tmp_path / "workspace" / "state.sqlite")
