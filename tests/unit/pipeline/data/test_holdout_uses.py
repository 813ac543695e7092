"""Tests of the count of a holdout's uses."""

from pathlib import Path

import pytest

from rcl_flow.clock import SystemClock
from rcl_flow.pipeline.data.holdout_uses import count_uses, record_use
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from tests.builders import dataset, image

HOLDOUT = dataset("holdout", [image("one", "a"), image("two", "b")])


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    """Return an empty store."""
    return SqliteStore(tmp_path / "state.sqlite", SystemClock())


def test_uses_are_counted_by_model(store: SqliteStore) -> None:
    """A model that is judged again, as by a resumed run, is no further use."""
    assert count_uses(store, HOLDOUT) == 0
    for arn in ("first", "second", "first"):
        record_use(store, HOLDOUT, arn)
    assert count_uses(store, HOLDOUT) == 2


def test_uses_belong_to_the_images(store: SqliteStore) -> None:
    """A corrected label does not make a holdout new; another image does."""
    record_use(store, HOLDOUT, "first")
    relabelled = dataset("holdout", [image("two", "c"), image("one", "a")])
    assert count_uses(store, relabelled) == 1
    assert count_uses(store, dataset("holdout", [image("one", "a")])) == 0
