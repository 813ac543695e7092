"""A run: the journal that answers finished steps, waiting, and what the store knows of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar, get_type_hints

import orjson
from pydantic import TypeAdapter, ValidationError

from rcl_flow.aws.waiting import HasStatus, Pace, wait_while
from rcl_flow.config import FlowConfig
from rcl_flow.core.naming import digest_of, run_id
from rcl_flow.files import append_lines, make_folder
from rcl_flow.pipeline.records import (
    RunRecord,
    RunStatus,
    input_key,
    read_record,
    run_key,
    write_record,
)
from rcl_flow.pipeline.services import Services
from rcl_flow.pipeline.steplog import StepLog

_NOT_INPUT: Mapping[str, set[str] | bool] = {
    "workspace": True,
    "data": True,
    "emulator": True,
    "aws": {"profile"},
    "storage": {"upload_concurrency"},
    "training": {"poll_seconds", "timeout_hours"},
    "inference": {
        "concurrency",
        "poll_seconds",
        "start_timeout_minutes",
        "stop_timeout_minutes",
    },
}
"""Fields that say where the data is and how fast to work, not what comes out."""


class Given(Protocol):
    """What a journaled step is given: its digest covers content, never paths or times."""

    @property
    def digest(self) -> str:
        """SHA-256 of the content, 64 hexadecimal digits."""


class Made(Protocol):
    """What a journaled step makes."""

    @property
    def summary(self) -> str:
        """What it is, in a few words."""


G = TypeVar("G", bound=Given)
M = TypeVar("M", bound=Made)
S = TypeVar("S", bound=HasStatus)


class Pause(Exception):  # noqa: N818  # no error
    """A tick can do no more now; look again in `seconds`."""

    def __init__(self, seconds: float) -> None:
        """Keep the seconds until the next look is worth it."""
        super().__init__(f"still running; look again in {seconds:.0f} s")
        self.seconds = seconds


@dataclass(slots=True)
class Run:
    """One run of the flow; replaying the same line after a crash finds its finished steps."""

    record: RunRecord
    config: FlowConfig
    services: Services
    log: StepLog
    blocking: bool = True
    """False: a tick, which pauses where it would wait long."""

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.record.run_id

    @property
    def folder(self) -> Path:
        """The folder that the run leaves its files in."""
        return run_folder(self.services.workspace, self.run_id)

    def once(self, step: Callable[[G, "Run"], M], given: G) -> M:
        """Return the journaled result of `step` for that content, or do the step and journal it."""
        name = step.__name__
        key = f"steps/{self.services.backend.identity}/{name}/{given.digest}"
        kind: TypeAdapter[M] = TypeAdapter(get_type_hints(step)["return"])
        with self.log.step(name.replace("_", " ")) as shown:
            made = self._journaled(key, kind)
            shown.reused = made is not None
            if made is None:
                self.update(step=name)
                made = step(given, self)
                self.services.store.put(key, kind.dump_json(made))
                self._journal(name, given.digest)
            shown.detail = made.summary
        return made

    def afresh(self, step: Callable[[G, "Run"], M], given: G) -> M:
        """Do a step that looks on AWS itself for what is there already, in every run."""
        with self.log.step(step.__name__.replace("_", " ")) as shown:
            self.update(step=step.__name__)
            made = step(given, self)
            self._journal(step.__name__, given.digest)
            shown.detail = made.summary
        return made

    def _journaled(self, key: str, kind: TypeAdapter[M]) -> M | None:
        stored = self.services.store.get(key)
        try:
            return kind.validate_json(stored.document) if stored else None
        except ValidationError:
            return None  # of another version: the step is done again

    def until(self, read: Callable[[], S], working: frozenset[str], pace: Pace) -> S:
        """Wait while the status is one of `working`: asleep, or in a tick by pausing.

        Raises:
            Pause: in a tick, when it is still working.
            WaitTimeoutError: still working after the pace's deadline.
        """
        if self.blocking:
            return self.until_awake(read, working, pace)
        state = read()
        if state.status in working:
            raise Pause(self.services.every_seconds(pace.every_seconds))
        return state

    def until_awake(self, read: Callable[[], S], working: frozenset[str], pace: Pace) -> S:
        """Wait while the status is one of `working`, without ever pausing.

        Raises:
            WaitTimeoutError: still working after the pace's deadline.
        """
        return wait_while(
            read,
            working,
            clock=self.services.clock,
            pace=replace(pace, every_seconds=self.services.every_seconds(pace.every_seconds)),
            on_wait=lambda state, elapsed: self.log.waiting(state.status, elapsed),
        )

    def update(
        self,
        *,
        status: RunStatus | None = None,
        step: str | None = None,
        project_version_arn: str | None = None,
        error: str | None = None,
        more_unit_seconds: float = 0.0,
    ) -> None:
        """Change what the store knows of the run."""
        changes = {
            "status": status,
            "step": step,
            "project_version_arn": project_version_arn,
            "error": error,
        }
        self.record = self.record.model_copy(
            update={name: value for name, value in changes.items() if value is not None}
            | {
                "updated_at": self.services.clock.now(),
                "inference_unit_seconds": self.record.inference_unit_seconds + more_unit_seconds,
            }
        )
        write_record(self.services.store, run_key(self.run_id), self.record)

    def _journal(self, step: str, digest: str) -> None:
        line = {"at": self.services.clock.now().isoformat(), "step": step, "given": digest}
        append_lines(self.folder / "journal.jsonl", [orjson.dumps(line).decode()])


def run_folder(workspace: Path, identifier: str) -> Path:
    """Return the folder of a run."""
    return workspace / "runs" / identifier


def begin_run(
    config: FlowConfig, content: Sequence[str], services: Services, log: StepLog, *, blocking: bool
) -> Run:
    """Open the newest run of that config and content, or a new one.

    Args:
        config: what it says of results, not of paths or speed, decides which run this is.
        content: digests of the data, which decide it too.
        services: gateways, clock and store.
        log: where steps are announced.
        blocking: False for a tick.
    """
    input_digest = digest_of([config.model_dump(mode="json", exclude=_NOT_INPUT), *content])
    named = services.store.get(input_key(input_digest))
    if named is not None:
        record = read_record(services.store, run_key(named.document.decode()), RunRecord)
        if record is not None:
            return Run(record, config, services, log, blocking)
    now = services.clock.now()
    record = RunRecord(
        run_id=run_id(now, input_digest),
        input_digest=input_digest,
        project=config.project,
        backend=services.backend,
        status="running",
        started_at=now,
        updated_at=now,
    )
    write_record(services.store, run_key(record.run_id), record)
    services.store.put(input_key(input_digest), record.run_id.encode())
    make_folder(run_folder(services.workspace, record.run_id))
    return Run(record, config, services, log, blocking)
