"""Tests of the state store in a file: processes that race, and files that are no store."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from rcl_flow.clock import SystemClock
from rcl_flow.errors import LocalFilesError, StoreError
from rcl_flow.pipeline.state.sqlite_store import SqliteStore

RACER = """
import sys
from pathlib import Path
from rcl_flow.clock import SystemClock
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
store = SqliteStore(Path(sys.argv[1]), SystemClock())
print("ready", flush=True)
sys.stdin.readline()
print(sum(bool(store.put_if_absent(f"k{n}", sys.argv[2].encode())) for n in range(20)))
"""


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    """Return an empty store."""
    return SqliteStore(tmp_path / "state.sqlite", SystemClock())


def test_store_keeps_documents_when_opened_again(store: SqliteStore, tmp_path: Path) -> None:
    """A document outlives the object that wrote it."""
    store.put("a", b"\x00\xff")
    again = SqliteStore(tmp_path / "state.sqlite", SystemClock()).get("a")
    assert again is not None
    assert again.document == b"\x00\xff"


def test_put_if_absent_has_one_winner_when_processes_race(
    store: SqliteStore, tmp_path: Path
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
        SqliteStore(path, SystemClock())
    assert (caught.value.slug, caught.value.exit_code) == ("store-broken", 7)
    assert "move it away" in caught.value.hint


def test_store_names_the_file_when_it_is_a_folder(tmp_path: Path) -> None:
    """A folder in the file's place is an error of the store."""
    (tmp_path / "state.sqlite").mkdir()
    with pytest.raises(StoreError):
        SqliteStore(tmp_path / "state.sqlite", SystemClock())


def test_store_names_the_folder_when_it_cannot_be_made(tmp_path: Path) -> None:
    """A file in the workspace's place is an error of the local files."""
    (tmp_path / "workspace").write_text("")
    with pytest.raises(LocalFilesError):
        SqliteStore(tmp_path / "workspace" / "state.sqlite", SystemClock())
