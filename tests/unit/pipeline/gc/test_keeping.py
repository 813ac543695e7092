"""Tests of telling old runs from those that are needed."""

from datetime import timedelta
from pathlib import Path

import pytest

from rcl_flow.core.promotion.champions import ChampionEvent, EventKind
from rcl_flow.errors import ChampionProtectedError, ModelKeptError
from rcl_flow.pipeline.gc.keeping import require_no_champion, require_not_kept, sort_runs
from rcl_flow.pipeline.history.champions import ChampionRecord, champion_key
from rcl_flow.pipeline.state.records import (
    RunRecord,
    armed_key,
    run_key,
    unknown_model,
    write_record,
)
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from tests.unit.clocks import FakeClock
from tests.unit.pipeline.history.test_selecting import run_of


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    """Return an empty store."""
    return SqliteStore(tmp_path / "state.sqlite", FakeClock())


def runs(count: int) -> list[RunRecord]:
    """Return runs of versions v1, v2 and so on, a day apart."""
    return [judged(day, f"v{day}") for day in range(1, count + 1)]


def judged(day: int, version: str, **changes: object) -> RunRecord:
    """Return the run of a day."""
    record = run_of(f"202601{day:02}-ab", day)
    return record.model_copy(update={"project_version_arn": version, **changes})


def decided(store: SqliteStore, *events: tuple[EventKind, RunRecord]) -> None:
    """Enter decisions in their order, the last of which holds the place unless it was kept."""
    entered = [
        ChampionEvent(
            number=number,
            kind=kind,
            at=run.started_at + timedelta(hours=1),
            by="host",
            run_id=run.run_id,
            project_version_arn=run.project_version_arn,
        )
        for number, (kind, run) in enumerate(events, 1)
    ]
    last = next(event for event in reversed(entered) if event.kind != "kept")
    backend = events[0][1].backend
    for event in entered:
        write_record(store, f"promotions/{backend.identity}/shades/{event.number:08}", event)
    record = ChampionRecord(
        project="shades",
        backend=backend,
        run_id=last.run_id,
        project_version_arn=last.project_version_arn,
        since=last.at,
        last=entered[-1],
    )
    write_record(store, champion_key(backend.identity, "shades"), record)


def old(records: list[RunRecord], store: SqliteStore, keep: int) -> list[str]:
    """Return the versions of the runs that are old."""
    return [record.project_version_arn for record in sort_runs(records, store, keep).old]


def test_newest_versions_stay(store: SqliteStore) -> None:
    """All older ones go, the oldest first, however the records are listed."""
    assert old(runs(6)[::-1], store, 2) == ["v1", "v2", "v3", "v4"]
    assert old(runs(2), store, 2) == []


def test_champion_and_those_before_it_stay(store: SqliteStore) -> None:
    """As many as can be gone back to; a kept challenger is no champion."""
    records = runs(9)
    chosen = [("promoted", records[n]) for n in (0, 1, 2, 3)]
    decided(store, *chosen, ("kept", records[4]))  # type: ignore[arg-type]  # literal kinds
    assert old(records, store, 1) == ["v1", "v2", "v5", "v6", "v7", "v8"]
    assert old(records, store, 2) == ["v1", "v5", "v6", "v7"]
    why = {kept.record.project_version_arn: kept.why for kept in sort_runs(records, store, 1).kept}
    assert why == {
        "v3": "a champion before, for a rollback",
        "v4": "the champion",
        "v9": "the newest",
    }


def test_every_run_of_a_version_that_stays_stays(store: SqliteStore) -> None:
    """Versions are counted: judging one again makes it the newest."""
    records = [*runs(3), judged(4, "v1")]
    assert old(records, store, 1) == ["v2", "v3"]


def test_runs_that_have_not_ended_and_models_that_run_stay(store: SqliteStore) -> None:
    """Whatever their age."""
    records = runs(6)
    records[0] = judged(1, "v1", status="paused")
    records[1] = judged(2, "v2", status="running")
    armed = unknown_model("v3", records[2].backend, records[2].started_at)
    write_record(store, armed_key("v3"), armed)
    sorted_runs = sort_runs(records, store, 1)
    assert [record.project_version_arn for record in sorted_runs.old] == ["v4", "v5"]
    assert [kept.why for kept in sorted_runs.kept] == [
        "paused",
        "interrupted",
        "its model may be running",
        "the newest",
    ]


def test_run_without_model_is_old_unless_it_is_newer_than_every_model(store: SqliteStore) -> None:
    """What failed yesterday is not done yet; what failed before the last success is."""
    records = [judged(1, "", status="failed"), judged(2, "v2"), judged(3, "", status="failed")]
    found = sort_runs(records, store, 1)
    assert [record.run_id for record in found.old] == [records[0].run_id]
    assert [kept.why for kept in found.kept] == ["the newest", "newer than every model"]


def test_run_of_the_champion_is_protected(store: SqliteStore) -> None:
    """By name, too; the run that was kept is not."""
    records = runs(2)
    decided(store, ("promoted", records[0]), ("kept", records[1]))
    require_no_champion(records[1], store)
    with pytest.raises(
        ChampionProtectedError, match=f"{records[0].run_id} is that of the champion"
    ):
        require_no_champion(records[0], store)


def test_run_whose_model_is_kept_running_is_protected_until_its_end(store: SqliteStore) -> None:
    """With another run of the same version the version stays, so this one may go."""
    run, now = judged(1, "v1"), FakeClock().now()
    require_not_kept(run, store, now)
    armed = unknown_model("v1", run.backend, now)
    write_record(store, armed_key("v1"), armed)
    require_not_kept(run, store, now)  # left running, not kept: it is stopped
    kept = armed.model_copy(update={"kept_until": now + timedelta(hours=1)})
    write_record(store, armed_key("v1"), kept)
    with pytest.raises(ModelKeptError, match="is kept running until") as caught:
        require_not_kept(run, store, now)
    assert "rcl-flow stop v1" in caught.value.hint
    require_not_kept(run, store, now + timedelta(hours=2))
    write_record(store, run_key("other"), run.model_copy(update={"run_id": "other"}))
    require_not_kept(run, store, now)
