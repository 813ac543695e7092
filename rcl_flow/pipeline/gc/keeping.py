"""Which runs are old: neither the champion's, nor wanted for a rollback, nor among the newest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rcl_flow.core.promotion.champions import past_champions
from rcl_flow.errors import ChampionProtectedError, ModelKeptError
from rcl_flow.pipeline.history.champions import champions_in, read_events
from rcl_flow.pipeline.history.selecting import state_of
from rcl_flow.pipeline.state.records import (
    ArmedModel,
    RunRecord,
    armed_key,
    list_runs,
    read_record,
    readable_armed,
)
from rcl_flow.pipeline.state.store import StateStore

_ENDED: Final = frozenset({"completed", "failed"})


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run that stays."""

    record: RunRecord
    why: str
    """In a few words."""


@dataclass(frozen=True, slots=True)
class SortedRuns:
    """The runs of one project on one backend."""

    old: tuple[RunRecord, ...]
    """Oldest first."""
    kept: tuple[KeptRun, ...]


def sort_runs(records: Sequence[RunRecord], store: StateStore, keep: int) -> SortedRuns:
    """Tell old runs from those that are needed.

    Versions are counted, not runs: of a version that stays every run stays. Kept are the champion,
    as many champions before it as `keep`, so that they can be gone back to, the `keep` newest
    versions, what is running, runs that have not ended, and runs that are newer than every version.

    Args:
        records: of one project on one backend; at least one.
        store: where champions, leases and running models are noted.
        keep: at least 1.
    """
    ordered = sorted(records, key=lambda record: (record.started_at, record.run_id))
    reasons = _versions_to_keep(ordered, store, keep)
    old, kept = [], []
    for place, record in enumerate(ordered):
        why = _why_kept(record, reasons, store)
        if not why and not any(other.project_version_arn for other in ordered[place:]):
            why = "newer than every model"
        if why:
            kept.append(KeptRun(record, why))
        else:
            old.append(record)
    return SortedRuns(tuple(old), tuple(kept))


def require_no_champion(record: RunRecord, store: StateStore) -> None:
    """Refuse to remove what the project's champion rests on.

    Raises:
        ChampionProtectedError: the run judged it, or trained it.
    """
    if is_champion(record, store):
        raise ChampionProtectedError(
            f"The run {record.run_id} is that of the champion of {record.project}, "
            f"{record.project_version_arn}. Nothing was changed.",
            hint="Promote another run first, or type `--force` to remove the champion.",
        )


def require_not_kept(record: RunRecord, store: StateStore, now: datetime) -> None:
    """Refuse to remove a model that is kept running on purpose; with another run of it, it stays.

    Raises:
        ModelKeptError: it runs until its end.
        StoreError: the model's record cannot be read.
    """
    arn = record.project_version_arn
    armed = read_record(store, armed_key(arn), ArmedModel) if arn else None
    if armed is None or not armed.is_kept(now):
        return
    if armed.backend.identity != record.backend.identity or _is_shared(record, store):
        return
    raise ModelKeptError(
        f"The model {arn} of the run {record.run_id} is kept running until "
        f"{armed.kept_until:%Y-%m-%d %H:%M} UTC. Nothing was changed.",
        hint=f"`rcl-flow stop {arn}` first, or type `--force` to stop and remove it.",
    )


def _is_shared(record: RunRecord, store: StateStore) -> bool:
    return any(
        other.run_id != record.run_id and other.project_version_arn == record.project_version_arn
        for other in list_runs(store)
    )


def is_champion(record: RunRecord, store: StateStore) -> bool:
    """Say whether a run is that of its project's champion."""
    return any(
        record.run_id == champion.run_id and record.backend.identity == champion.backend.identity
        for champion in champions_in(store)
    )


def _why_kept(record: RunRecord, reasons: Mapping[str, str], store: StateStore) -> str:
    state = state_of(record, store)
    if state not in _ENDED:
        return state
    return reasons.get(record.project_version_arn, "") if record.project_version_arn else ""


def _versions_to_keep(ordered: Sequence[RunRecord], store: StateStore, keep: int) -> dict[str, str]:
    """Return why versions stay, by ARN; the first reason of several counts."""
    found: dict[str, str] = {}
    for arn, why in _kept_versions(ordered, store, keep):
        found.setdefault(arn, why)
    return found


def _kept_versions(
    ordered: Sequence[RunRecord], store: StateStore, keep: int
) -> Iterator[tuple[str, str]]:
    project, identity = ordered[0].project, ordered[0].backend.identity
    for champion in champions_in(store):
        if champion.project == project and champion.backend.identity == identity:
            yield champion.project_version_arn, "the champion"
    held = past_champions(read_events(project, identity, store))
    for event in held[-keep - 1 :]:
        yield event.project_version_arn, "a champion before, for a rollback"
    for armed in readable_armed(store)[0]:
        yield armed.project_version_arn, "its model may be running"
    for arn in _newest(ordered, keep):
        yield arn, f"of the newest {keep}" if keep > 1 else "the newest"


def _newest(ordered: Iterable[RunRecord], keep: int) -> list[str]:
    arns = [record.project_version_arn for record in ordered if record.project_version_arn]
    return list(dict.fromkeys(reversed(arns)))[:keep]
