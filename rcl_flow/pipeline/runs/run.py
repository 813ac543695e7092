"""A run: the journal that answers finished steps, waiting, and what the store knows of it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar, get_type_hints

import orjson
from pydantic import TypeAdapter, ValidationError

from rcl_flow.aws.waiting import HasStatus, Pace, wait_while
from rcl_flow.config import FlowConfig
from rcl_flow.core.history.transition_kinds import TransitionKind
from rcl_flow.core.history.transitions import Detail, Transition
from rcl_flow.errors import RclFlowError
from rcl_flow.files import append_lines
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import EndsForNow, StepLog
from rcl_flow.pipeline.runs.waking import WakingClock
from rcl_flow.pipeline.state.lease import Lease
from rcl_flow.pipeline.state.records import (
    ArmedModel,
    Created,
    RunRecord,
    RunStatus,
    created_key,
    read_record,
    run_folder,
    run_key,
    write_record,
)

_BEATS_PER_LEASE = 4
_SECONDS_PER_MINUTE = 60


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


class Serving(Protocol):
    """A model that runs for a run."""

    def keep_watched(self) -> None:
        """Push the watchdog forward where that is due."""

    def require_budget(self) -> None:
        """Refuse to go on when the budget is used up."""

    def answered(self) -> ArmedModel:
        """Count an image that the model has answered, and return what is known of the model."""

    def count(self, images: int) -> None:
        """Count images that others have asked the model for."""

    def stop_by(self) -> datetime | None:
        """Return when the budget will be used up, or None without one."""


G = TypeVar("G", bound=Given)
M = TypeVar("M", bound=Made)
S = TypeVar("S", bound=HasStatus)


class Pause(EndsForNow):
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
    lease: Lease | None = None
    """Held from the first call that changes something."""
    training_images: int = 0
    """How many images the training has, for the ledger."""
    serving: Serving | None = None
    """The model that runs for this run now."""

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.record.run_id

    @property
    def folder(self) -> Path:
        """The folder that the run leaves its files in."""
        return run_folder(self.services.workspace, self.run_id)

    def beat(self) -> None:
        """Give signs of life where they are due: the lease's, and the running model's.

        Called wherever time passes, so that a machine that slept notices before it acts.

        Raises:
            LeaseLostError: another run holds the project now.
            BudgetExceededError: the model that runs has used the budget up.
        """
        if self.lease is not None:
            self.lease.beat()
        if self.serving is not None:
            self.serving.keep_watched()
            self.serving.require_budget()

    def announce(
        self, kind: TransitionKind, text: str, details: Mapping[str, Detail] | None = None
    ) -> None:
        """Tell others of a transition of this run or its model."""
        self.services.announce(
            Transition(
                kind=kind,
                project=self.config.project,
                at=self.services.clock.now(),
                text=text,
                run_id=self.run_id,
                project_version_arn=self.record.project_version_arn,
                details=dict(details or {}),
            )
        )

    def confirm_lease(self) -> None:
        """Make sure, before a call that changes something, that this run still may.

        Raises:
            LeaseLostError: another run holds the project now.
        """
        if self.lease is not None:
            self.lease.confirm()

    def created(self, **changes: object) -> None:
        """Keep what the run has made on AWS, for `rcl-flow gc`."""
        key = created_key(self.run_id)
        before = read_record(self.services.store, key, Created) or Created()
        after = before.model_copy(update=changes)
        if after != before:
            write_record(self.services.store, key, after)

    def once(self, step: Callable[[G, "Run"], M], given: G) -> M:
        """Return the journaled result of `step` for that content, or do the step and journal it."""
        name = step.__name__
        key = f"steps/{self.services.backend.identity}/{name}/{given.digest}"
        kind: TypeAdapter[M] = TypeAdapter(get_type_hints(step)["return"])
        with self.log.step(name.replace("_", " ")) as shown:
            made = self._journaled(key, kind)
            shown.reused = made is not None
            if made is None:
                self.beat()
                self.update(step=name)
                made = step(given, self)
                self.services.store.put(key, kind.dump_json(made))
                self._journal(name, given.digest)
            shown.detail = made.summary
        return made

    def afresh(self, step: Callable[[G, "Run"], M], given: G) -> M:
        """Do a step that looks on AWS itself for what is there already, in every run."""
        with self.log.step(step.__name__.replace("_", " ")) as shown:
            self.beat()
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
            clock=self.waking_clock,
            pace=replace(pace, every_seconds=self.services.every_seconds(pace.every_seconds)),
            on_wait=lambda state, elapsed: self.log.waiting(state.status, elapsed),
        )

    @property
    def waking_clock(self) -> WakingClock:
        """The clock on which a long sleep is cut short by signs of life."""
        return self._waking(self.beat)

    @property
    def clock_that_keeps_the_lease(self) -> WakingClock:
        """The same for a stop, which nothing may end early: not the budget, not the lease."""

        def beat() -> None:
            with suppress(RclFlowError):
                if self.lease is not None:
                    self.lease.beat()

        return self._waking(beat)

    def _waking(self, beat: Callable[[], None]) -> WakingClock:
        lease_seconds = self.config.safety.lease_minutes * _SECONDS_PER_MINUTE
        return WakingClock(self.services.clock, beat, lease_seconds / _BEATS_PER_LEASE)

    def update(
        self,
        *,
        status: RunStatus | None = None,
        step: str | None = None,
        project_version_arn: str | None = None,
        error: str | None = None,
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
            | {"updated_at": self.services.clock.now()}
        )
        write_record(self.services.store, run_key(self.run_id), self.record)

    def _journal(self, step: str, digest: str) -> None:
        line = {"at": self.services.clock.now().isoformat(), "step": step, "given": digest}
        append_lines(self.folder / "journal.jsonl", [orjson.dumps(line).decode()])
