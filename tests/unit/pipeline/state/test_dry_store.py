"""Tests of the store that keeps nothing."""

from pathlib import Path

from rcl_flow.pipeline.state.dry_store import DryStore
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.pipeline.state.store import StateStore
from tests.unit.clocks import FakeClock


def test_dry_store_answers_as_the_one_behind_and_keeps_nothing(tmp_path: Path) -> None:
    """Each verb says what it would do; afterwards all is as before."""
    behind = SqliteStore(tmp_path / "state.sqlite", FakeClock())
    behind.put("a/1", b"one")
    before = behind.get("a/1")
    assert before is not None
    dry: StateStore = DryStore(behind)
    assert dry.get("a/1") == before
    assert dry.put_if_absent("a/2", b"two")
    assert dry.put_if_absent("a/1", b"two") is None
    assert dry.put_if_match("a/1", b"two", before.version)
    assert dry.put_if_match("a/1", b"two", "another") is None
    assert dry.put_if_match("a/2", b"two", before.version) is None
    dry.put("a/1", b"two")
    dry.delete("a/1")
    assert dry.below("a/") == behind.below("a/") == [("a/1", b"one")]
