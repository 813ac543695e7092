"""Gather where a workspace stands: runs, what they spent, who holds what, and what runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rcl_flow.aws.descriptions import BILLING
from rcl_flow.errors import EmulatorUnavailableError, RclFlowError
from rcl_flow.pipeline.history.selecting import lease_of, select_runs
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.lease import HeldLease
from rcl_flow.pipeline.state.ledger import LedgerEntry, entries_of, spent
from rcl_flow.pipeline.state.records import ArmedModel, RunRecord, readable_armed, readable_runs
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.wiring.services import reach_backend
from rcl_flow.wiring.stores import open_store

_UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class RunStanding:
    """A run, what it has spent, and the lease with which it works now."""

    record: RunRecord
    spent_usd: float
    held: HeldLease | None

    @property
    def is_interrupted(self) -> bool:
        """Whether it was at work and nobody living is any more."""
        return self.record.status == "running" and self.held is None


@dataclass(frozen=True, slots=True)
class ProjectStanding:
    """What a project has cost on a backend, by all runs that there ever were."""

    identity: str
    project: str
    entries: tuple[LedgerEntry, ...]

    @property
    def spent_usd(self) -> float:
        """Of trainings and running models together."""
        return spent(self.entries)

    @property
    def is_paid(self) -> bool:
        """Whether somebody has paid that; on an emulator nobody does."""
        return not self.identity.startswith("emulator:")

    def count(self, kind: str) -> int:
        """Return how many trainings, or stretches of running, were paid for."""
        return sum(entry.kind == kind for entry in self.entries)


@dataclass(frozen=True, slots=True)
class ModelStanding:
    """A model that may be running, and the status in which the service shows it now."""

    armed: ArmedModel
    status: str

    @property
    def may_bill(self) -> bool:
        """Whether it costs money now, as far as is known."""
        return self.status in BILLING or self.status.startswith(_UNKNOWN)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a workspace stands."""

    runs: tuple[RunStanding, ...]
    projects: tuple[ProjectStanding, ...]
    models: tuple[ModelStanding, ...]
    unreadable: tuple[str, ...]
    """Keys of records that this version cannot read."""


def find_standing(workspace: Path, run: str | None) -> Standing:
    """Return where the workspace's runs stand, or the one whose id begins like that.

    Raises:
        UnknownRunError: there is no such run, or no workspace.
    """
    store = open_store(workspace)
    records, torn_runs = readable_runs(store)
    models, torn_models = readable_armed(store)
    entries = _ledger(store, (record.backend for record in records))
    chosen = records if run is None and not records else select_runs(records, run)
    if run is not None:
        models = [model for model in models if _is_of(model, chosen[0])]
    return Standing(
        runs=tuple(_run(record, entries, store) for record in chosen),
        projects=_projects(entries, chosen if run is not None else None),
        models=tuple(ModelStanding(model, _seen(model, workspace)) for model in models),
        unreadable=(*torn_runs, *torn_models),
    )


def _is_of(model: ArmedModel, run: RunRecord) -> bool:
    """Say whether the run has started the model, or has judged one that is kept running."""
    kept = model.kept_until is not None
    return model.run_id == run.run_id or (
        kept and model.project_version_arn == run.project_version_arn
    )


def _ledger(store: StateStore, backends: Iterable[Backend]) -> dict[str, tuple[LedgerEntry, ...]]:
    """Return the ledger by backend, with those whose runs were removed."""
    identities = {backend.identity for backend in backends}
    for key, _ in store.below("ledger/"):
        # an identity may hold slashes; what follows it, project and name, does not
        identities.add(key.rsplit("/", 2)[0].removeprefix("ledger/"))
    return {identity: entries_of(store, identity) for identity in sorted(identities)}


def _run(
    record: RunRecord, ledger: dict[str, tuple[LedgerEntry, ...]], store: StateStore
) -> RunStanding:
    identity = record.backend.identity
    mine = [entry for entry in ledger[identity] if entry.run_id == record.run_id]
    return RunStanding(record, spent(mine), lease_of(record, store))


def _projects(
    ledger: dict[str, tuple[LedgerEntry, ...]], only: Sequence[RunRecord] | None
) -> tuple[ProjectStanding, ...]:
    found: list[ProjectStanding] = []
    wanted = None if only is None else {(run.backend.identity, run.project) for run in only}
    for identity, entries in ledger.items():
        for project in sorted({entry.project for entry in entries}):
            if wanted is None or (identity, project) in wanted:
                mine = tuple(entry for entry in entries if entry.project == project)
                found.append(ProjectStanding(identity, project, mine))
    return tuple(found)


def _seen(model: ArmedModel, workspace: Path) -> str:
    try:
        services = reach_backend(model.backend, workspace, lambda _event: None)
        found = services.rekognition.find_version_by_arn(model.project_version_arn)
    except EmulatorUnavailableError:
        return "GONE"
    except RclFlowError as error:
        return f"{_UNKNOWN} ({error.slug})"
    return found.status if found else "DELETED"
