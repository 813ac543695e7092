"""A disk that is full, a workspace that cannot be written, and lines that were cut off."""

import os
from pathlib import Path

import pytest

from tests.chaos.bench import Bench
from tests.chaos.orders import Kill
from tests.chaos.verdict import judge

STORE, LOCAL_FILES = 7, 12
"""SQLite calls a file that may not grow an I/O error; of a disk that is full it says so."""


@pytest.mark.parametrize("limit_bytes", [1, 5_000, 12_300, 20_000, 40_000])
def test_full_disk_ends_with_nothing_running(bench: Bench, limit_bytes: int) -> None:
    """No file can grow beyond the limit: no model is left; with room again the run ends."""
    workspace = bench.fresh()

    full = workspace.run(file_limit_bytes=limit_bytes)

    assert full.code in {STORE, LOCAL_FILES}, full.document
    assert bench.ask("GET", "meter")["running"] == []
    assert judge(workspace, workspace.run()).faults == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes to a read-only folder")
def test_read_only_workspace_is_refused_before_anything_is_bought(bench: Bench) -> None:
    """A workspace without the permission to write: exit 12, and no call that costs money."""
    workspace = bench.fresh()
    workspace.folder.chmod(0o555)

    ended = workspace.run()

    workspace.folder.chmod(0o755)
    assert ended.code == LOCAL_FILES, ended.document
    assert bench.ask("GET", "meter")["versions"] == {}


def test_workspace_that_is_no_folder_is_refused_before_anything_is_bought(bench: Bench) -> None:
    """Where the state store has to be made there is a folder: no call that costs money."""
    workspace = bench.fresh()
    (workspace.folder / "state.sqlite").mkdir()

    ended = workspace.run()

    assert ended.code in {STORE, LOCAL_FILES}, ended.document
    assert bench.ask("GET", "meter")["versions"] == {}


@pytest.mark.parametrize("kept_bytes", [1, 40])
@pytest.mark.parametrize("pattern", ["predictions/*.jsonl", "runs/*/*.jsonl"])
def test_torn_last_line_is_no_obstacle(bench: Bench, pattern: str, kept_bytes: int) -> None:
    """The last line of predictions or journal was cut off mid-way: the run resumes all the same."""
    workspace = bench.fresh()
    # the model has answered everything, and is about to be stopped
    workspace.run(kill=Kill("call", 1, "before", "StopProjectVersion"))
    torn = [tear(path, kept_bytes) for path in sorted(workspace.folder.glob(pattern))]

    ended = workspace.run()

    assert torn
    assert judge(workspace, ended).faults == []


def test_lost_state_store_buys_nothing_again(bench: Bench) -> None:
    """The store is gone after the training: the next run finds its work on AWS."""
    workspace = bench.fresh()
    workspace.run(kill=Kill("call", 1, "before", "StartProjectVersion"))
    for path in workspace.folder.glob("state.sqlite*"):
        path.unlink()

    ended = workspace.run()

    assert judge(workspace, ended).faults == []


def tear(path: Path, kept_bytes: int) -> Path:
    """Cut the last line of a file down to its first bytes."""
    whole = path.read_bytes()
    start = whole[:-1].rfind(b"\n") + 1
    path.write_bytes(whole[: start + kept_bytes])
    return path
