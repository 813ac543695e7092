"""The documents that the store keeps about runs and running models."""

from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ValidationError

from rcl_flow.core.arns import parse_version_arn
from rcl_flow.core.costs.cost import Prices
from rcl_flow.core.values import Frozen
from rcl_flow.errors import StoreError
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.store import StateStore

RunStatus = Literal["running", "paused", "failed", "completed"]
R = TypeVar("R", bound=Frozen)


class RunRecord(Frozen):
    """Where a run stands."""

    run_id: str
    input_digest: str
    project: str
    backend: Backend
    status: RunStatus
    started_at: datetime
    updated_at: datetime
    project_version_arn: str = ""
    step: str = ""
    """The last step that was begun."""
    error: str = ""
    """What ended the run, when it failed."""
    attempts: int = 0
    """How often it was opened to go on."""


class Created(Frozen):
    """What a run has made on AWS, or adopted as made by rcl-flow from the same content."""

    bucket: str = ""
    prefix: str = ""
    manifest_keys: tuple[str, ...] = ()
    project_arn: str = ""
    dataset_arns: tuple[str, ...] = ()
    project_version_arn: str = ""


class ArmedModel(Frozen):
    """A model that this workspace has started or was about to start; written before the start."""

    project_version_arn: str
    run_id: str
    backend: Backend
    inference_units: int
    armed_at: datetime
    usd_per_hour: float
    asked_at: datetime | None = None
    """When its start was about to be asked for; None while nothing was started."""
    running_since: datetime | None = None
    """When RUNNING was first read."""
    watched_until: datetime | None = None
    """When the watchdog stops the model unless it is pushed; None without a watchdog."""
    schedule_group: str = ""
    """Of the stop schedule; empty without one."""
    kept_until: datetime | None = None
    """Until when it runs on purpose, by `rcl-flow start`; None for a run's own."""

    def is_kept(self, now: datetime) -> bool:
        """Say whether it runs on purpose at that time, and so is no run's to stop.

        A run that uses it near its end pushes the watchdog beyond it.
        """
        if self.kept_until is None:
            return False
        return now < max(self.kept_until, self.watched_until or self.kept_until)

    @property
    def project(self) -> str:
        """The project's name."""
        parts = parse_version_arn(self.project_version_arn)
        return parts.project if parts else ""


def run_folder(workspace: Path, identifier: str) -> Path:
    """Return the folder of a run."""
    return workspace / "runs" / identifier


def run_key(run_id: str) -> str:
    """Return the key of a run's record."""
    return f"runs/{run_id}"


def input_key(input_digest: str) -> str:
    """Return the key under which the newest run of those inputs is named."""
    return f"inputs/{input_digest}"


def armed_key(project_version_arn: str) -> str:
    """Return the key of an armed model's record."""
    return f"armed/{project_version_arn}"


def created_key(run_id: str) -> str:
    """Return the key of what a run has made on AWS."""
    return f"created/{run_id}"


def read_record(store: StateStore, key: str, kind: type[R]) -> R | None:
    """Return the record of type `kind` at `key`, or None.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    stored = store.get(key)
    try:
        return kind.model_validate_json(stored.document) if stored else None
    except ValidationError as error:
        raise unreadable_record(key) from error


def write_record(store: StateStore, key: str, record: Frozen) -> None:
    """Write a record, whatever was there before."""
    store.put(key, record.model_dump_json().encode())


def read_below(store: StateStore, prefix: str, kind: type[R]) -> tuple[list[R], list[str]]:
    """Return the records below a prefix, and the keys of those that cannot be read."""
    found: list[R] = []
    unreadable: list[str] = []
    for key, document in store.below(prefix):
        try:
            found.append(kind.model_validate_json(document))
        except ValidationError:
            unreadable.append(key)
    return found, unreadable


def list_runs(store: StateStore) -> list[RunRecord]:
    """Return every run's record that can be read, oldest first."""
    return readable_runs(store)[0]


def readable_runs(store: StateStore) -> tuple[list[RunRecord], list[str]]:
    """Return the runs' records, oldest first, and the keys of those that cannot be read."""
    found, unreadable = read_below(store, run_key(""), RunRecord)
    # ids begin with the second of the start, and two runs may begin in the same
    return sorted(found, key=lambda run: (run.started_at, run.run_id)), unreadable


def list_armed(store: StateStore) -> list[ArmedModel]:
    """Return every model that may be running because of this workspace.

    Raises:
        StoreError: a record is not in the form of this version; its key holds the model's ARN.
    """
    found, unreadable = readable_armed(store)
    if unreadable:
        raise unreadable_record(unreadable[0])
    return found


def readable_armed(store: StateStore) -> tuple[list[ArmedModel], list[str]]:
    """Return the models that may be running, and the keys of records that cannot be read."""
    return read_below(store, armed_key(""), ArmedModel)


def unknown_model(
    arn: str,
    backend: Backend,
    now: datetime,
    *,
    run_id: str = "",
    watched_until: datetime | None = None,
) -> ArmedModel:
    """Return what is taken for a model of which the store knows nothing, to stop it."""
    return ArmedModel(
        project_version_arn=arn,
        run_id=run_id,
        backend=backend,
        inference_units=1,
        armed_at=now,
        usd_per_hour=Prices().inference_unit_usd_per_hour,
        watched_until=watched_until,
    )


def unreadable_record(key: str) -> StoreError:
    """Return the error of a record that is not in the form of this version."""
    return StoreError(
        f"The record {key} of the state store cannot be read by this version.",
        hint="A model that the key names may be running: `rcl-flow stop ARN`. Then remove that "
        "record; the next run finds its work on AWS.",
    )
