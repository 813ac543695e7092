"""Scripted faults: which operation fails how often, with what answer, and how late."""

import random
import threading
from dataclasses import dataclass, field, fields

from rcl_flow.emulator.shapes import JsonObject

ANY_OPERATION = "*"

MESSAGES = {
    "ThrottlingException": "Slow down; sudden increase in rate of requests.",
    "ProvisionedThroughputExceededException": "Provisioned Rate exceeded.",
    "InternalServerError": "Internal server error",
    "AccessDeniedException": "User is not authorized to perform this operation.",
    "LimitExceededException": "The limit of the account was exceeded.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule.

    It has the `operation` (`*` for each), how many `times` it strikes (None: for ever), the error
    `code` to answer with (None: only the latency), its `message` and HTTP `status`, the
    `latency_seconds` before the answer, whether the request is `executed` before the answer is
    lost, and the `probability` of striking, drawn from `seed`. With `fails_later` the call itself
    succeeds, and what it began ends badly: in TRAINING_FAILED, FAILED or CREATE_FAILED.
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

    @property
    def http_status(self) -> int:
        """The HTTP status to answer with; by default the one that the service gives the code."""
        return self.status or (500 if self.code == "InternalServerError" else 400)

    @property
    def text(self) -> str:
        """The message to answer with."""
        return self.message or MESSAGES.get(self.code or "", "A scripted fault.")


@dataclass(slots=True)
class _Armed:
    fault: Fault
    left: float
    rng: random.Random

    def strikes(self, operation: str) -> bool:
        concerned = self.left > 0 and self.fault.operation in (operation, ANY_OPERATION)
        return concerned and self.rng.random() < self.fault.probability


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

    def clear(self) -> None:
        """Lift all faults."""
        with self._lock:
            self._armed.clear()

    def take(self, operation: str) -> Fault | None:
        """Return the fault that strikes this call, if one does, and count it."""
        return self._take(operation, fails_later=False)

    def fails_later(self, operation: str) -> bool:
        """Say whether what this call begins shall end badly, and count it."""
        return self._take(operation, fails_later=True) is not None

    def _take(self, operation: str, *, fails_later: bool) -> Fault | None:
        with self._lock:
            for armed in self._armed:
                if armed.fault.fails_later == fails_later and armed.strikes(operation):
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
        ValueError: A member is unknown.
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
}


def _as_json(armed: _Armed) -> JsonObject:
    rule = {item.name: getattr(armed.fault, item.name) for item in fields(Fault)}
    return {**rule, "times": None if armed.fault.times is None else int(armed.left)}
