"""EventBridge Scheduler's schedules really fire: those whose target is a Rekognition operation.

moto keeps the schedules and fires none. Here they are looked through whenever time passes.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends

from rcl_flow.emulator.conditions.clock import Clock
from rcl_flow.emulator.conditions.recurrence import RecurrenceError, recurrence
from rcl_flow.emulator.doors.moto_ext.authorization import policies_are_enforced, role_permits
from rcl_flow.emulator.doors.moto_ext.models import service_of
from rcl_flow.emulator.doors.moto_ext.resources import parse_members
from rcl_flow.emulator.doors.retries import Attempt, parse_retry_policy
from rcl_flow.emulator.doors.wire import TARGET_PREFIX, ConnectionResetFault, handle, refusal
from rcl_flow.emulator.errors import ApiError
from rcl_flow.emulator.shapes import JsonObject

TARGET_MARK = ":aws-sdk:rekognition:"
OK = "OK"
RESET = "ConnectionReset"
OK_STATUS = 200
LATEST_SECONDS = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Firing:
    """One try of a schedule's call, and what came of it."""

    schedule_arn: str
    operation: str
    due_at: float
    """When the schedule was due, which is the same for all tries of one call."""
    code: str
    """`OK`, or the error code of the refusal."""
    tried_at: float
    attempt: int = 1
    """1 for the first try."""

    def as_json(self) -> JsonObject:
        """Return it for the control path."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A try to make; `version` tells the schedule as it stands from what it was or becomes."""

    account: str
    region: str
    backend: EventBridgeSchedulerBackend
    schedule: Schedule
    version: float
    attempt: Attempt

    @property
    def is_current(self) -> bool:
        """Say whether the schedule is still there, and has not been updated or made anew."""
        group = self.backend.schedule_groups.get(self.schedule.group_name)
        found = group.schedules.get(self.schedule.name) if group else None
        return found is self.schedule and found.last_modified_date == self.version


@dataclass(slots=True)
class Schedules:
    """Watches the schedules of all accounts and regions, on the emulator's clock."""

    clock: Clock
    firings: list[Firing] = field(default_factory=list)
    _due_at: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    """When each schedule is due next (None: never), with the version of it that this is true of."""
    _retries: list[_Planned] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run_due(self) -> None:
        """Fire what is due by now, in the order in which it was due."""
        with self._lock:
            while planned := self._next(self.clock.now()):
                self._fire(planned)

    def advance(self, seconds: float) -> None:
        """Jump ahead, firing each schedule at the moment at which it is due.

        Raises:
            ValueError: Time would go back, or beyond the last year that a date can have.
        """
        with self._lock:
            end = self.clock.now() + seconds
            if seconds < 0:
                raise ValueError(f"time cannot go back: {seconds} seconds")
            # a clock that has left the calendar could answer nothing any more, nor come back
            if not end < LATEST_SECONDS:
                raise ValueError(f"time ends with the year 9998: {seconds} seconds are too many")
            while planned := self._next(end):
                self.clock.advance(max(0.0, planned.attempt.try_at - self.clock.now()))
                self._fire(planned)
            self.clock.advance(max(0.0, end - self.clock.now()))

    def clear(self) -> None:
        """Forget what has fired, and what is to be tried again."""
        with self._lock:
            self.firings.clear()
            self._due_at.clear()
            self._retries.clear()

    def _next(self, until: float) -> _Planned | None:
        self._retries = [each for each in self._retries if each.is_current]
        planned = [*self._retries, *self._planned()]
        due = [each for each in planned if each.attempt.try_at <= until]
        return min(due, key=lambda each: each.attempt.try_at, default=None)

    def _planned(self) -> Iterator[_Planned]:
        for account, regions in list(scheduler_backends.items()):
            for region, backend in list(regions.items()):
                for group in list(backend.schedule_groups.values()):
                    for schedule in list(group.schedules.values()):
                        version = schedule.last_modified_date
                        due = self._due(schedule)
                        if due is not None:
                            first = Attempt(due, due)
                            yield _Planned(account, region, backend, schedule, version, first)

    def _due(self, schedule: Schedule) -> float | None:
        # moto forgets the state of a schedule that is updated without one
        if schedule.state == "DISABLED" or TARGET_MARK not in schedule.target["Arn"]:
            return None
        version, due = self._due_at.get(schedule.arn, (None, None))
        if version != schedule.last_modified_date:
            now, start = self.clock.now(), float(schedule.start_date or 0)
            # the one moment of at(…) counts even if it has passed before it was seen
            first = 0.0 if schedule.schedule_expression.startswith("at(") else now
            due = self._due_after(schedule, max(start, first) - 1, start or now)
            self._due_at[schedule.arn] = schedule.last_modified_date, due
        return due

    def _due_after(self, schedule: Schedule, moment: float, began: float) -> float | None:
        try:
            following = recurrence(
                schedule.schedule_expression, schedule.schedule_expression_timezone, began=began
            )
        except RecurrenceError as error:
            code = f"RecurrenceError: {error}"
            now = self.clock.now()
            self.firings.append(Firing(schedule.arn, "", now, code, tried_at=now))
            return None
        due = following(moment)
        return due if due is not None and due <= float(schedule.end_date or "inf") else None

    def _fire(self, planned: _Planned) -> None:
        schedule, attempt, now = planned.schedule, planned.attempt, self.clock.now()
        name = schedule.target["Arn"].rpartition(":")[2]
        operation = name[:1].upper() + name[1:]
        if planned in self._retries:
            self._retries.remove(planned)
        else:
            following = self._due_after(schedule, attempt.due_at, attempt.due_at)
            self._due_at[schedule.arn] = planned.version, following
        code = _call(planned, operation)
        self.firings.append(
            Firing(schedule.arn, operation, attempt.due_at, code, now, attempt.number)
        )
        policy = parse_retry_policy(schedule.target.get("RetryPolicy"))
        again = None if code == OK else attempt.after_refusal(policy, now)
        if again is not None:
            self._retries.append(replace(planned, attempt=again))
        self._delete_if_complete(planned)

    def _delete_if_complete(self, planned: _Planned) -> None:
        schedule = planned.schedule
        to_come = self._due(schedule) is not None or any(
            each.schedule is schedule for each in self._retries
        )
        if schedule.action_after_completion == "DELETE" and not to_come and planned.is_current:
            planned.backend.schedule_groups[schedule.group_name].schedules.pop(schedule.name, None)


def _call(planned: _Planned, operation: str) -> str:
    """Carry out the target's operation as the schedule's account, and return what came of it."""
    target = planned.schedule.target
    body = target.get("Input") or "{}"
    if policies_are_enforced() and not role_permits(
        planned.account, target["RoleArn"], operation, parse_members(body)
    ):
        return "AccessDeniedException"
    try:
        service = service_of(planned.account, planned.region)
        answer = handle(service, TARGET_PREFIX + operation, body)
    except ApiError as error:
        answer = refusal(error)
    except ConnectionResetFault:
        return RESET
    return OK if answer.status == OK_STATUS else str(json.loads(answer.body)["__type"])
