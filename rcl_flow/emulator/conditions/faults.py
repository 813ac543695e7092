"""Scripted faults: which operation fails how often, with what answer, and how late."""

import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields

from rcl_flow.emulator.conditions.fault_checks import named_near, objections
from rcl_flow.emulator.conditions.fault_rule import ANY_OPERATION, FaultRule
from rcl_flow.emulator.shapes import JsonObject, is_of


@dataclass(frozen=True, slots=True)
class Fault(FaultRule):
    """A rule that some call can meet, and that then does something."""

    def __post_init__(self) -> None:
        """Refuse what no call can meet, and what does nothing.

        Raises:
            ValueError: Such as a member out of its range, an operation that there is not, or an
                error that the operation never answers.
        """
        objection = next(objections(self), None)
        if objection is not None:
            raise ValueError(objection)


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
    known = frozenset(item.name for item in fields(Fault))
    if unknown := sorted(set(map(str, rule)) - known):
        near = named_near(unknown[0], known) or f"; it has {', '.join(sorted(known))}"
        raise ValueError(f"a fault has no {', '.join(unknown)}{near}")
    for name, value in rule.items():
        if not is_of(value, FIELD_TYPES[name]):
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
