"""Tests of the ledger: everything that was paid for is counted, and counted once."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydantic import ValidationError

from rcl_flow.clock import SystemClock
from rcl_flow.pipeline.state.ledger import (
    LedgerEntry,
    LedgerKind,
    entries_of,
    record_inference,
    record_training,
    spent,
)
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.pipeline.state.store import StateStore

IDENTITY = "emulator:one"
ARN = "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/rf-1/1"
MOMENT = datetime(2026, 11, 24, 3, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> StateStore:
    """Return an empty store."""
    return SqliteStore(tmp_path / "state.sqlite", SystemClock())


def an_entry(
    kind: LedgerKind, at: datetime = MOMENT, *, arn: str = ARN, project: str = "shades"
) -> LedgerEntry:
    """Return an entry of one dollar."""
    return LedgerEntry(
        kind=kind,
        run_id="run",
        project=project,
        project_version_arn=arn,
        at=at,
        seconds=900,
        inference_units=1 if kind == "inference" else 0,
        usd=1.0,
        images=40,
    )


def test_record_training_counts_a_version_once(store: StateStore) -> None:
    """A second run that adopts a version has not paid for it again."""
    first, adopted = an_entry("training"), an_entry("training", MOMENT + timedelta(hours=1))
    assert record_training(store, IDENTITY, first)
    assert not record_training(store, IDENTITY, adopted)
    assert entries_of(store, IDENTITY, "shades") == (first,)


def test_record_training_counts_every_version(store: StateStore) -> None:
    """Two versions are two trainings."""
    for arn in (ARN, ARN.replace("rf-1", "rf-2")):
        assert record_training(store, IDENTITY, an_entry("training", arn=arn))
    assert spent(entries_of(store, IDENTITY, "shades")) == 2.0


def test_record_inference_counts_a_stop_once(store: StateStore) -> None:
    """A stop that is recorded twice, in whatever time zone, is one stretch of running."""
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=9)))
    assert record_inference(store, IDENTITY, an_entry("inference"))
    assert not record_inference(store, IDENTITY, an_entry("inference", elsewhere))
    assert spent(entries_of(store, IDENTITY, "shades")) == 1.0


def test_record_inference_counts_every_start(store: StateStore) -> None:
    """A model that is started again is paid for again."""
    later = MOMENT + timedelta(minutes=20)
    for at in (later, MOMENT):
        assert record_inference(store, IDENTITY, an_entry("inference", at))
    assert [entry.at for entry in entries_of(store, IDENTITY, "shades")] == [MOMENT, later]


def test_training_and_inference_of_a_version_are_two_entries(store: StateStore) -> None:
    """Neither hides the other."""
    record_training(store, IDENTITY, an_entry("training"))
    record_inference(store, IDENTITY, an_entry("inference"))
    kinds = [entry.kind for entry in entries_of(store, IDENTITY, "shades")]
    assert kinds == ["inference", "training"]


def test_entries_of_keeps_projects_and_backends_apart(store: StateStore) -> None:
    """What another emulator or project has cost is not this one's; a longer name is another's."""
    record_training(store, IDENTITY, an_entry("training"))
    record_training(store, IDENTITY, an_entry("training", project="shades2"))
    record_training(store, "emulator:one-more", an_entry("training"))
    assert [entry.project for entry in entries_of(store, IDENTITY, "shades")] == ["shades"]
    assert len(entries_of(store, IDENTITY)) == 2


@pytest.mark.parametrize("document", [b"", b'{"kind": "training"', b"null", b"\xff"])
def test_entries_of_skips_a_torn_entry(store: StateStore, document: bytes) -> None:
    """One document that cannot be read hides none of the others."""
    store.put(f"ledger/{IDENTITY}/shades/training-torn", document)
    record_training(store, IDENTITY, an_entry("training"))
    assert len(entries_of(store, IDENTITY, "shades")) == 1


def test_an_entry_needs_a_time_zone() -> None:
    """Moments of two machines can be compared."""
    with pytest.raises(ValidationError, match="timezone"):
        an_entry("training", datetime(2026, 11, 24, 3))  # noqa: DTZ001  # what is refused


def test_spent_of_nothing_is_nothing() -> None:
    """An empty ledger is no error."""
    assert spent(()) == 0
