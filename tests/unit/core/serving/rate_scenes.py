"""A service that answers so many calls a second, and those who call it, in simulated time.

Callers are what threads are: each sends one image, waits for the answer, and takes the next, or the
same again when it was turned away. Nothing sleeps; the events of a run are played in their order.
"""

import heapq
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rcl_flow.emulator.conditions.throughput import Capacity

_ANSWERED, _REFUSED, _AT_THE_GATE, _SLOT = range(4)


class Pace(Protocol):
    """What a gate asks and tells, as `RateController` has it."""

    def seconds_to_slot(self, now_seconds: float) -> float:
        """Return how long the next call has to wait."""

    def sent(self, now_seconds: float) -> None:
        """Note a call."""

    def accepted(self, sent_at_seconds: float, now_seconds: float) -> None:
        """Note its answer."""

    def throttled(self, sent_at_seconds: float, now_seconds: float) -> None:
        """Note that it was turned away."""


class Service(Protocol):
    """What answers or refuses."""

    def offered(self, seconds: float) -> float:
        """Return how many calls it would have answered in a run of so many seconds."""

    def take(self, now: float) -> bool:
        """Say whether a call that arrives now is answered."""


@dataclass(slots=True)
class TokenBucket:
    """Answers `limits` calls a second, from when each holds, and up to `burst` at once."""

    burst: float
    limits: Sequence[tuple[float, float]]
    """From which second on, in order, and how many a second; the first is from 0."""
    _left: float = field(init=False)
    _at: float = 0.0

    def __post_init__(self) -> None:
        """Begin full."""
        self._left = self.burst

    def take(self, now: float) -> bool:
        """Say whether a call that arrives now is answered."""
        if now > self._at:
            new = self.offered(now) - self.offered(self._at)
            self._left, self._at = min(self.burst, self._left + new), now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    def offered(self, seconds: float) -> float:
        """Return what the limits give; what the bucket held at first comes on top."""
        ends = [*(start for start, _ in self.limits[1:]), seconds]
        return sum(
            max(0.0, min(end, seconds) - start) * rate
            for (start, rate), end in zip(self.limits, ends, strict=True)
        )


@dataclass(slots=True)
class AutoScaled:
    """The emulator's model whose units follow the demand."""

    capacity: Capacity
    _offered: float = 0.0
    _at: float = 0.0

    def take(self, now: float) -> bool:
        """Say whether a call that arrives now is answered; one too many asks for a unit more."""
        self.offered(now)
        taken = self.capacity.take(now)
        if not taken:
            self.capacity.ask_for_more(now)
        return taken

    def offered(self, seconds: float) -> float:
        """Return what the units gave that served; asked with each call, in order."""
        rate = self.capacity.units(seconds) * self.capacity.per_unit
        self._offered += max(0.0, seconds - self._at) * rate
        self._at = max(seconds, self._at)
        return self._offered


@dataclass(frozen=True, slots=True)
class Both:
    """A limit of the account and one of the model: both have to let a call pass."""

    account: TokenBucket
    model: TokenBucket

    def offered(self, seconds: float) -> float:
        """Return what the narrower of them would have answered."""
        return min(self.account.offered(seconds), self.model.offered(seconds))

    def take(self, now: float) -> bool:
        """Say whether a call passes; the account's is counted even when the model refuses."""
        return self.account.take(now) and self.model.take(now)


@dataclass(frozen=True, slots=True)
class Callers:
    """Who calls, and how long a call takes."""

    images: int
    threads: int = 16
    latency_seconds: float = 0.1
    spread_seconds: float = 0.02
    """An answer takes the latency, more or less up to this."""
    refusal_seconds: float = 0.02
    """A refusal comes back sooner; in half of that a call arrives."""


@dataclass(slots=True)
class Outcome:
    """What came of a run."""

    images: int
    answered: int = 0
    refused: int = 0
    seconds: float = 0.0
    offered: float = 0.0
    answered_at: list[float] = field(default_factory=list)

    @property
    def utilisation(self) -> float:
        """Answered, of what the limit allows in that time; above 1 with what a bucket held."""
        return self.answered / self.offered

    @property
    def wasted(self) -> float:
        """The share of all calls that were turned away."""
        return self.refused / (self.answered + self.refused)

    @property
    def lost(self) -> int:
        """Images without an answer."""
        return self.images - self.answered

    def answered_between(self, start: float, end: float) -> int:
        """Return how many answers came in a part of the run."""
        return sum(start <= at < end for at in self.answered_at)


class Gate(Protocol):
    """What callers wait in."""

    def arrive(self, caller: int, now: float) -> float | None:
        """Return when to look again, or None when somebody else will."""

    def look(self, now: float) -> tuple[int | None, float | None]:
        """Return who is sent now, and when to look again."""

    def accepted(self, sent_at: float, now: float) -> None:
        """Note an answer."""

    def throttled(self, sent_at: float, now: float) -> None:
        """Note a refusal."""


class OneAtATime:
    """Lets one caller at a time wait for its slot, and ask again after each sleep."""

    def __init__(self, pace: Pace) -> None:
        """Stand empty."""
        self._pace = pace
        self._waiting: deque[int] = deque()
        self.accepted, self.throttled = pace.accepted, pace.throttled

    def arrive(self, caller: int, now: float) -> float | None:
        """Return until when to sleep for it, or None when another one waits already."""
        self._waiting.append(caller)
        return self._until(now) if len(self._waiting) == 1 else None

    def look(self, now: float) -> tuple[int | None, float | None]:
        """Return who is sent now, and until when the next one sleeps."""
        if (until := self._until(now)) > now:
            return None, until
        self._pace.sent(now)
        caller = self._waiting.popleft()
        return caller, self._until(now) if self._waiting else None

    def _until(self, now: float) -> float:
        return now + max(0.0, self._pace.seconds_to_slot(now))


class LookAhead:
    """A trap: every caller reserves a slot ahead, at a pace as text-books have it.

    It rises by `step` calls a second each second, and is halved by each refusal.
    """

    def __init__(self, pace: float = 5.0, step: float = 2.0) -> None:
        """Begin at a pace, in calls a second."""
        self._pace, self._step = pace, step
        self._next = 0.0
        self._waiting: deque[int] = deque()

    def arrive(self, caller: int, now: float) -> float | None:
        """Return the slot that is reserved."""
        slot = max(self._next, now)
        self._next = slot + 1 / self._pace
        self._waiting.append(caller)
        return slot

    def look(self, now: float) -> tuple[int | None, float | None]:
        """Return whose slot it is."""
        return self._waiting.popleft(), None

    def accepted(self, sent_at: float, now: float) -> None:
        """Rise a little."""
        self._pace += self._step / self._pace

    def throttled(self, sent_at: float, now: float) -> None:
        """Halve the pace, whichever it was sent at."""
        self._pace = max(0.5, self._pace / 2)


def play(service: Service, callers: Callers, gate: Gate, seed: int) -> Outcome:
    """Play a run to the last answer."""
    rng = random.Random(seed)  # noqa: S311  # jitter of a simulation
    return _Run(service, callers, gate, rng).play()


class _Run:
    def __init__(self, service: Service, callers: Callers, gate: Gate, rng: random.Random) -> None:
        self._service, self._callers, self._gate, self._rng = service, callers, gate, rng
        self._events: list[tuple[float, int, int, float]] = []
        """When, what, whose, and when that was sent."""
        self._left = callers.images
        self._outcome = Outcome(callers.images)

    def play(self) -> Outcome:
        """Play it."""
        for caller in range(self._callers.threads):
            self._next_image(caller, 0.0)
        while self._events:
            now, kind, caller, sent_at = heapq.heappop(self._events)
            if kind == _SLOT:
                self._slot(now)
            elif kind == _AT_THE_GATE:
                self._wake(self._gate.arrive(caller, now))
            else:
                self._note(kind, caller, sent_at, now)
        self._outcome.offered = self._service.offered(self._outcome.seconds)
        return self._outcome

    def _next_image(self, caller: int, now: float) -> None:
        if self._left > 0:
            self._left -= 1
            self._add(now, _AT_THE_GATE, caller)

    def _slot(self, now: float) -> None:
        caller, until = self._gate.look(now)
        self._wake(until)
        if caller is None:
            return
        jitter = self._rng.random()
        if self._service.take(now + self._callers.refusal_seconds * (0.25 + jitter / 2)):
            spread = self._callers.spread_seconds * (2 * self._rng.random() - 1)
            self._add(now + self._callers.latency_seconds + spread, _ANSWERED, caller, now)
        else:
            back = self._callers.refusal_seconds * (0.5 + jitter)
            self._add(now + back, _REFUSED, caller, now)

    def _note(self, kind: int, caller: int, sent_at: float, now: float) -> None:
        if kind == _REFUSED:
            self._outcome.refused += 1
            self._gate.throttled(sent_at, now)
            self._add(now, _AT_THE_GATE, caller)
            return
        self._outcome.answered += 1
        self._outcome.answered_at.append(now)
        self._outcome.seconds = now
        self._gate.accepted(sent_at, now)
        self._next_image(caller, now)

    def _wake(self, until: float | None) -> None:
        if until is not None:
            self._add(until, _SLOT, -1)

    def _add(self, at: float, kind: int, caller: int, sent_at: float = 0.0) -> None:
        heapq.heappush(self._events, (at, kind, caller, sent_at))
