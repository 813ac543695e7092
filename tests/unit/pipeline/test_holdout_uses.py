"""Tests of the count of a holdout's uses."""

from pathlib import Path

import pytest

from rcl_flow.pipeline.holdout_uses import count_uses, record_use
from rcl_flow.pipeline.store import StateStore
from tests.builders import dataset, image

HOLDOUT = dataset("holdout", [image("one", "a"), image("two", "b")])


@pytest.fixture
def store(tmp_path: Path) -> StateStore:
    """Return an empty store."""
    return StateStore(tmp_path / "state.sqlite")


def test_uses_are_counted_by_model(store: StateStore) -> None:
    """A model that is judged again, as by a resumed run, is no further use."""
    assert count_uses(store, HOLDOUT) == 0
    for arn in ("first", "second", "first"):
        record_use(store, HOLDOUT, arn)
    assert count_uses(store, HOLDOUT) == 2


def test_uses_belong_to_the_images(store: StateStore) -> None:
    """A corrected label does not make a holdout new; another image does."""
    record_use(store, HOLDOUT, "first")
    relabelled = dataset("holdout", [image("two", "c"), image("one", "a")])
    assert count_uses(store, relabelled) == 1
    assert count_uses(store, dataset("holdout", [image("one", "a")])) == 0
