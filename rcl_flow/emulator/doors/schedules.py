"""EventBridge Scheduler's schedules really fire: those whose target is a Rekognition operation.

moto keeps the schedules and fires none. Here they are looked through whenever time passes.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends

from rcl_flow.emulator.conditions.clock import Clock
from rcl_flow.emulator.conditions.recurrence import RecurrenceError, recurrence
from rcl_flow.emulator.doors.moto_ext.models import service_of
from rcl_flow.emulator.doors.wire import TARGET_PREFIX, handle, refusal
from rcl_flow.emulator.errors import ApiError
from rcl_flow.emulator.shapes import JsonObject

TARGET_MARK = ":aws-sdk:rekognition:"
OK_STATUS = 200


@dataclass(frozen=True, slots=True)
class Firing:
    """One time that a schedule has fired, and what came of it."""

    schedule_arn: str
    operation: str
    due_at: float
    code: str
    """`OK`, or the error code of the refusal."""

    def as_json(self) -> JsonObject:
        """Return it for the control path."""
        return {
            "schedule_arn": self.schedule_arn,
            "operation": self.operation,
            "due_at": self.due_at,
            "code": self.code,
        }


@dataclass(frozen=True, slots=True)
class _Planned:
    account: str
    region: str
    backend: EventBridgeSchedulerBackend
    schedule: Schedule
    due_at: float


@dataclass(slots=True)
class Schedules:
    """Watches the schedules of all accounts and regions, on the emulator's clock."""

    clock: Clock
    firings: list[Firing] = field(default_factory=list)
    _due_at: dict[tuple[str, float], float | None] = field(default_factory=dict)
    """When each schedule is due next; None for never."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run_due(self) -> None:
        """Fire what is due by now, in the order in which it was due."""
        with self._lock:
            while planned := self._next(self.clock.now()):
                self._fire(planned)

    def advance(self, seconds: float) -> None:
        """Jump ahead, firing each schedule at the moment at which it is due."""
        with self._lock:
            end = self.clock.now() + seconds
            while planned := self._next(end):
                self.clock.advance(max(0.0, planned.due_at - self.clock.now()))
                self._fire(planned)
            self.clock.advance(max(0.0, end - self.clock.now()))

    def clear(self) -> None:
        """Forget what has fired."""
        with self._lock:
            self.firings.clear()
            self._due_at.clear()

    def _next(self, until: float) -> _Planned | None:
        planned = [each for each in self._planned() if each.due_at <= until]
        return min(planned, key=lambda each: each.due_at, default=None)

    def _planned(self) -> Iterator[_Planned]:
        for account, regions in list(scheduler_backends.items()):
            for region, backend in list(regions.items()):
                for group in list(backend.schedule_groups.values()):
                    for schedule in list(group.schedules.values()):
                        due = self._due(schedule)
                        if due is not None:
                            yield _Planned(account, region, backend, schedule, due)

    def _due(self, schedule: Schedule) -> float | None:
        # moto forgets the state of a schedule that is updated without one
        if schedule.state == "DISABLED" or TARGET_MARK not in schedule.target["Arn"]:
            return None
        key = _key(schedule)
        if key not in self._due_at:
            now, start = self.clock.now(), float(schedule.start_date or 0)
            # the one moment of at(…) counts even if it has passed before it was seen
            first = 0.0 if schedule.schedule_expression.startswith("at(") else now
            self._due_at[key] = self._due_after(schedule, max(start, first) - 1, start or now)
        return self._due_at[key]

    def _due_after(self, schedule: Schedule, moment: float, began: float) -> float | None:
        try:
            following = recurrence(
                schedule.schedule_expression, schedule.schedule_expression_timezone, began=began
            )
        except RecurrenceError as error:
            code = f"RecurrenceError: {error}"
            self.firings.append(Firing(schedule.arn, "", self.clock.now(), code))
            return None
        due = following(moment)
        return due if due is not None and due <= float(schedule.end_date or "inf") else None

    def _fire(self, planned: _Planned) -> None:
        schedule, due = planned.schedule, planned.due_at
        name = schedule.target["Arn"].rpartition(":")[2]
        operation = name[:1].upper() + name[1:]
        self.firings.append(Firing(schedule.arn, operation, due, _call(planned, operation)))
        self._due_at[_key(schedule)] = following = self._due_after(schedule, due, due)
        if schedule.action_after_completion == "DELETE" and following is None:
            planned.backend.schedule_groups[schedule.group_name].schedules.pop(schedule.name, None)


def _key(schedule: Schedule) -> tuple[str, float]:
    """Return what names a schedule as it stands; an update makes it another."""
    return schedule.arn, schedule.last_modified_date


def _call(planned: _Planned, operation: str) -> str:
    """Carry out the target's operation as the schedule's account, and return what came of it."""
    body = planned.schedule.target.get("Input") or "{}"
    try:
        service = service_of(planned.account, planned.region)
        answer = handle(service, TARGET_PREFIX + operation, body)
    except ApiError as error:
        answer = refusal(error)
    return "OK" if answer.status == OK_STATUS else str(json.loads(answer.body)["__type"])
