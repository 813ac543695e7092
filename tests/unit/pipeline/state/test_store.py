"""What every state store promises, in a file and in S3: one suite for both."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3
from rcl_flow.clock import SystemClock
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import StoreError
from rcl_flow.pipeline.state.s3_store import S3Store
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.pipeline.state.store import StateStore
from tests.unit.pipeline.bench import BUCKET, REGION

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients


@pytest.fixture(params=["sqlite", "s3"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, aws_clients: "Clients"
) -> Iterator[StateStore]:
    """Return an empty store of either kind."""
    clock = SystemClock()
    if request.param == "sqlite":
        yield SqliteStore(tmp_path / "state.sqlite", clock)
        return
    with emulated_aws():
        aws_clients[1].create_bucket(Bucket=BUCKET)
        yield S3Store(S3(aws_clients[1], Caller(clock), region=REGION), BUCKET, "state")


def document(store: StateStore, key: str) -> bytes | None:
    """Return what is at the key."""
    stored = store.get(key)
    return stored.document if stored else None


def test_get_returns_none_when_nothing_is_there(store: StateStore) -> None:
    """An unknown key has no document."""
    assert store.get("a") is None


def test_get_returns_the_version_that_was_written(store: StateStore) -> None:
    """Who writes knows the version without reading it back."""
    version = store.put_if_absent("a", b"1")
    stored = store.get("a")
    assert stored is not None
    assert stored.version == version
    assert stored.age_seconds >= 0


def test_put_if_absent_writes_only_the_first(store: StateStore) -> None:
    """The second writer is told so and changes nothing."""
    assert store.put_if_absent("a", b"1")
    assert store.put_if_absent("a", b"2") is None
    assert document(store, "a") == b"1"


def test_put_if_match_replaces_only_the_version_that_was_read(store: StateStore) -> None:
    """A write on top of an outdated reading is refused."""
    first = store.put_if_absent("a", b"1")
    assert first is not None
    second = store.put_if_match("a", b"2", first)
    assert second not in (None, first)
    assert store.put_if_match("a", b"3", first) is None
    assert document(store, "a") == b"2"


def test_put_if_match_writes_nothing_when_there_is_no_document(store: StateStore) -> None:
    """What was deleted meanwhile does not come back."""
    version = store.put_if_absent("a", b"1")
    assert version is not None
    store.delete("a")
    assert store.put_if_match("a", b"2", version) is None
    assert store.get("a") is None


def test_put_replaces_and_changes_the_version(store: StateStore) -> None:
    """An unconditional write is seen by those who compare versions."""
    before = store.put_if_absent("a", b"1")
    assert before is not None
    store.put("a", b"2")
    assert store.put_if_match("a", b"3", before) is None
    assert document(store, "a") == b"2"


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


def test_documents_may_be_any_bytes_at_any_key(store: StateStore) -> None:
    """Keys hold ARNs, documents whatever their owners write."""
    key = "armed/arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"
    store.put(key, b"\x00\xff")
    assert store.below("armed/") == [(key, b"\x00\xff")]


def race(write: Callable[[int], str | None]) -> list[int]:
    """Let sixteen threads write at once, and return those that were told that they did."""
    with ThreadPoolExecutor(16) as pool:
        return [n for n, version in enumerate(pool.map(write, range(16))) if version is not None]


def test_put_if_absent_has_one_winner_when_threads_race(store: StateStore) -> None:
    """Of sixteen that write the same key at once, one is told that it did."""
    won = race(lambda n: store.put_if_absent("a", b"%d" % n))
    assert len(won) == 1
    assert document(store, "a") == b"%d" % won[0]


def test_put_if_match_has_one_winner_when_threads_race(store: StateStore) -> None:
    """Of sixteen that replace the same version at once, one does."""
    version = store.put_if_absent("a", b"")
    assert version is not None
    won = race(lambda n: store.put_if_match("a", b"%d" % n, version))
    assert len(won) == 1
    assert document(store, "a") == b"%d" % won[0]


def test_s3_store_says_where_it_is_when_it_cannot_be_used(aws_clients: "Clients") -> None:
    """A bucket that is not there is an error of the store, with its address."""
    with emulated_aws():
        s3 = S3(aws_clients[1], Caller(SystemClock()), region=REGION)
        with pytest.raises(StoreError, match=f"s3://{BUCKET}/state/"):
            S3Store(s3, BUCKET, "/state/").put("a", b"1")
