"""Scripted faults: which operation fails how often, with what answer, and how late."""

import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from difflib import get_close_matches

from rcl_flow.emulator.operations import OPERATIONS
from rcl_flow.emulator.shapes import JsonObject

ANY_OPERATION = "*"
REKOGNITION = "rekognition"
MEDDLINGS = ("delete-version", "stop-version")
STATUSES = {
    "InternalServerError": 500,
    "InternalError": 500,
    "SlowDown": 503,
    "ServiceUnavailable": 503,
    "NoSuchKey": 404,
    "NoSuchBucket": 404,
    "AccessDenied": 403,
}

MESSAGES = {
    "ThrottlingException": "Slow down; sudden increase in rate of requests.",
    "ProvisionedThroughputExceededException": "Provisioned Rate exceeded.",
    "InternalServerError": "Internal server error",
    "AccessDeniedException": "User is not authorized to perform this operation.",
    "LimitExceededException": "The limit of the account was exceeded.",
    "SlowDown": "Please reduce your request rate.",
    "InternalError": "We encountered an internal error. Please try again.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule; the first in force that fits a call strikes it.

    Which calls: those of `operation` (`*` for each) of `service` (`rekognition`, `s3` or another of
    moto's), but not the `after` first of them, and then `times` (None: for ever), each with
    `probability`, drawn from `seed`.

    What happens: the answer comes `latency_seconds` late. With a `code` the call is refused with
    that error, its `message` and HTTP `status`; with `reset` the connection breaks. Either way the
    request is not carried out, unless it is `executed` and only its answer gets lost. `then` says
    what somebody else does to the call's version behind the client's back: `delete-version` or
    `stop-version`.

    A call that begins something can succeed and yet go wrong: what it began lasts
    `lasts_seconds` of the emulator's clock instead of its delay, or with `fails_later` ends badly,
    in TRAINING_FAILED, FAILED, CREATE_FAILED, UPDATE_FAILED or COPYING_FAILED; of a training,
    `reason` is the code of the catalogue, or the text, that it fails with.
    """

    operation: str
    times: int | None = 1
    code: str | None = None
    message: str | None = None
    status: int | None = None
    latency_seconds: float = 0.0
    executed: bool = False
    probability: float = 1.0
    seed: int = 0
    fails_later: bool = False
    service: str = REKOGNITION
    after: int = 0
    reset: bool = False
    lasts_seconds: float | None = None
    reason: str | None = None
    then: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            ValueError: A member is out of its range, or Custom Labels has no such operation.
        """
        if self.service == REKOGNITION and self.operation not in (ANY_OPERATION, *OPERATIONS):
            raise ValueError(_unknown_operation(self.operation))
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability is 0 to 1, not {self.probability}")
        if self.after < 0 or self.latency_seconds < 0 or (self.lasts_seconds or 0) < 0:
            raise ValueError("after, latency_seconds and lasts_seconds are at least 0")
        if self.times is not None and self.times < 1:
            raise ValueError("times is at least 1, or null for ever")
        if self.then not in (None, *MEDDLINGS):
            raise ValueError(f"then is one of {', '.join(MEDDLINGS)}, not {self.then!r}")

    @property
    def begins(self) -> bool:
        """Whether it concerns what a call begins, not the call itself."""
        return self.fails_later or self.lasts_seconds is not None

    @property
    def loses_answer(self) -> bool:
        """Whether the client does not get the answer of the service."""
        return self.reset or self.code is not None

    @property
    def http_status(self) -> int:
        """The HTTP status to answer with; by default the one that the service gives the code."""
        return self.status or STATUSES.get(self.code or "", 400)

    @property
    def text(self) -> str:
        """The message to answer with."""
        return self.message or MESSAGES.get(self.code or "", "A scripted fault.")


def _unknown_operation(name: str) -> str:
    near = get_close_matches(name, OPERATIONS, n=1)
    advice = f"did you mean {near[0]}?" if near else "for another's, name its service, such as s3"
    return f"Custom Labels has no operation {name}; {advice}"


@dataclass(slots=True)
class _Armed:
    fault: Fault
    left: float
    rng: random.Random
    seen: int = 0

    def strikes(self, service: str, operation: str) -> bool:
        concerned = (
            self.left > 0
            and self.fault.service == service
            and self.fault.operation in (operation, ANY_OPERATION)
        )
        if not concerned:
            return False
        self.seen += 1
        return self.seen > self.fault.after and self.rng.random() < self.fault.probability


@dataclass(slots=True)
class FaultPlan:
    """The faults in force; the first that fits strikes."""

    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Put one more fault in force."""
        left = float("inf") if fault.times is None else fault.times
        rng = random.Random(fault.seed)  # noqa: S311  # repeatable tests, not secrets
        with self._lock:
            self._armed.append(_Armed(fault, left, rng))

    def play(self, faults: Iterable[Fault]) -> None:
        """Put the faults of a scenario in force."""
        for fault in faults:
            self.add(fault)

    def clear(self) -> None:
        """Lift all faults."""
        with self._lock:
            self._armed.clear()

    def concern(self, service: str) -> bool:
        """Say whether a rule of that service is in force, so that its calls have to be named."""
        with self._lock:
            return any(armed.fault.service == service for armed in self._armed)

    def take(self, operation: str, service: str = "rekognition") -> Fault | None:
        """Return the fault that strikes this call, if one does, and count it."""
        return self._take(service, operation, lambda fault: not fault.begins)

    def fails_later(self, operation: str) -> Fault | None:
        """Return the fault by which what this call begins ends badly, and count it."""
        return self._take("rekognition", operation, lambda fault: fault.fails_later)

    def lasts_seconds(self, operation: str) -> float | None:
        """Return how long what this call begins shall last, if a fault says so, and count it."""
        found = self._take(
            "rekognition",
            operation,
            lambda fault: fault.lasts_seconds is not None and not fault.fails_later,
        )
        return found.lasts_seconds if found else None

    def _take(self, service: str, operation: str, fits: Callable[[Fault], bool]) -> Fault | None:
        with self._lock:
            for armed in self._armed:
                if fits(armed.fault) and armed.strikes(service, operation):
                    armed.left -= 1
                    return armed.fault
        return None

    def listing(self) -> list[JsonObject]:
        """Return the rules in force and how often each will still strike (None: for ever)."""
        with self._lock:
            return [_as_json(armed) for armed in self._armed]


def parse_fault(rule: object) -> Fault:
    """Return the fault that a JSON object describes.

    Raises:
        TypeError: It is no object, or a member is missing or of the wrong type.
        ValueError: A member is unknown or out of its range.
    """
    if not isinstance(rule, dict) or not isinstance(rule.get("operation"), str):
        raise TypeError("a fault is an object with an operation")
    known = {item.name for item in fields(Fault)}
    if unknown := sorted(set(rule) - known):
        raise ValueError(f"a fault has no {', '.join(unknown)}; it has {', '.join(sorted(known))}")
    for name, value in rule.items():
        if not isinstance(value, FIELD_TYPES[name]):
            raise TypeError(f"{name} of a fault cannot be {value!r}")
    return Fault(**rule)


FIELD_TYPES: dict[str, tuple[type, ...]] = {
    "operation": (str,),
    "times": (int, type(None)),
    "code": (str, type(None)),
    "message": (str, type(None)),
    "status": (int, type(None)),
    "latency_seconds": (int, float),
    "executed": (bool,),
    "probability": (int, float),
    "seed": (int,),
    "fails_later": (bool,),
    "service": (str,),
    "after": (int,),
    "reset": (bool,),
    "lasts_seconds": (int, float, type(None)),
    "reason": (str, type(None)),
    "then": (str, type(None)),
}


def _as_json(armed: _Armed) -> JsonObject:
    rule = {item.name: getattr(armed.fault, item.name) for item in fields(Fault)}
    return {**rule, "times": None if armed.fault.times is None else int(armed.left)}
