"""Counts the moments of a run at which a process can die, and kills it at one of them.

The kill is a real SIGKILL on the own process. Nothing is patched: the store is passed in, so are
the watcher and the clock, and botocore itself offers hooks around every call.
"""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import botocore
import botocore.session

from rcl_flow.clock import Clock
from rcl_flow.pipeline.runs.events import Event, ItemsDone, Waiting
from rcl_flow.pipeline.state.store import StateStore, Stored
from tests.chaos.orders import Jump, Kill, Kind, When


class Reaper:
    """Counts moments in every thread, and kills the process at the one that it was told."""

    def __init__(self) -> None:
        """Count, and kill nothing."""
        self._kill: Kill | None = None
        self._nap: Kill | None = None
        self._sleep: Callable[[], None] = lambda: None
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def aim(self, kill: Kill | None) -> None:
        """Begin to count, and kill there."""
        self._counts.clear()
        self._kill = kill

    def doze(self, nap: Kill | None, sleep: Callable[[], None]) -> None:
        """Call `sleep` at that moment, with every thread that reaches another moment waiting."""
        self._nap, self._sleep = nap, sleep

    @property
    def moments(self) -> dict[str, int]:
        """How many there were of each."""
        with self._lock:
            return dict(self._counts)

    def before(self, kind: Kind, operation: str = "") -> int:
        """Count a moment that is about to be, and return its number."""
        with self._lock:
            name = operation or kind
            self._counts[name] += 1
            number = self._counts[name]
            self._meet(kind, number, "before", operation)
            return number

    def after(self, kind: Kind, number: int, operation: str = "") -> None:
        """Hear that the moment of that number is over."""
        with self._lock:
            self._meet(kind, number, "after", operation)

    def _meet(self, kind: Kind, number: int, when: When, operation: str) -> None:
        here = Kill(kind, number, when, operation)
        if here == self._kill:
            os.kill(os.getpid(), signal.SIGKILL)
        if here == self._nap:
            self._sleep()

    def watch_calls(self) -> None:
        """See every AWS call of every session that is made from now on."""

        def hook(session: botocore.session.Session) -> None:
            session.register("before-send", self._sending)
            session.register("after-call", self._answered)

        botocore.register_initializer(hook)

    def _sending(self, **event: Any) -> None:  # noqa: ANN401  # botocore's form
        self.before("call", _operation(event["event_name"]))

    def _answered(self, **event: Any) -> None:  # noqa: ANN401  # botocore's form
        operation = _operation(event["event_name"])
        with self._lock:
            # of calls that are under way at once, the answer that comes n-th is the n-th
            self._counts[f"answered {operation}"] += 1
            number = self._counts[f"answered {operation}"]
        self.after("call", number, operation)

    def watcher(self, event: Event) -> None:
        """Count what is announced, but not progress, which depends on the machine's speed."""
        if not isinstance(event, ItemsDone | Waiting):
            self.before("event")


def _operation(event_name: str) -> str:
    return event_name.rsplit(".", 1)[1]


class DyingStore:
    """A state store whose every write is a moment to die before or after."""

    def __init__(self, store: StateStore, reaper: Reaper) -> None:
        """Pass everything on to `store`."""
        self._store = store
        self._reaper = reaper

    def get(self, key: str) -> Stored | None:
        """Return the document at `key`, or None."""
        return self._store.get(key)

    def below(self, prefix: str) -> list[tuple[str, bytes]]:
        """Return the keys that start with `prefix`, sorted, with their documents."""
        return self._store.below(prefix)

    def put_if_absent(self, key: str, document: bytes) -> str | None:
        """Write a new document."""
        with self._writing():
            return self._store.put_if_absent(key, document)

    def put_if_match(self, key: str, document: bytes, version: str) -> str | None:
        """Replace that version of a document."""
        with self._writing():
            return self._store.put_if_match(key, document, version)

    def put(self, key: str, document: bytes) -> None:
        """Write the document whatever was there before."""
        with self._writing():
            self._store.put(key, document)

    def delete(self, key: str) -> None:
        """Remove the document at `key`, where there is one."""
        with self._writing():
            self._store.delete(key)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        number = self._reaper.before("record")
        yield
        self._reaper.after("record", number)


class JumpingClock:
    """A clock that is set forward or back while a run looks at it, and goes on in a sleep."""

    def __init__(self, clock: Clock, jumps: tuple[Jump, ...]) -> None:
        """Read `clock` and add the jumps that are due."""
        self._clock = clock
        self._jumps = jumps
        self._readings = 0
        self.slept_seconds = 0.0

    def now(self) -> datetime:
        """Return the time in UTC, with its zone."""
        self._readings += 1
        due = sum(jump.seconds for jump in self._jumps if jump.after_readings <= self._readings)
        return self._clock.now() + timedelta(seconds=due + self.slept_seconds)

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        self._clock.sleep(seconds)
