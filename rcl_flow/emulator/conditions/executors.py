"""Where trainings run: at once in the caller's thread, or one after the other in the background."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

from rcl_flow.emulator.conditions.clock import Clock

Result = TypeVar("Result")


def capture(job: Callable[[], Result]) -> "Future[Result]":
    """Run `job` and return what became of it, be it a result or an exception.

    This is the emulator's only boundary for bugs: a caller must look at `exception()`, and turns
    what it did not expect into the service's InternalServerError instead of dying with it.
    """
    future: Future[Result] = Future()
    try:
        future.set_result(job())
    except Exception as error:  # noqa: BLE001  # a bug must reach the client as HTTP 500
        future.set_exception(error)
    return future


class Job(Protocol[Result]):
    """A piece of work that was handed to an executor."""

    def finished_at(self) -> float | None:
        """Return since when it may be collected, or None while it runs."""

    def outcome(self) -> "Future[Result]":
        """Return what became of it."""


class Executor(Protocol):
    """What runs trainings."""

    def submit(self, job: Callable[[], Result]) -> Job[Result]:
        """Accept `job`."""


class LazyJob(Generic[Result]):
    """Work that is done when somebody asks for its outcome."""

    def __init__(self, job: Callable[[], Result]) -> None:
        """Keep `job` for later."""
        self._job = job

    def finished_at(self) -> float | None:
        """Return a time long ago: it is never waited for."""
        return 0.0

    def outcome(self) -> "Future[Result]":
        """Do the work and return what became of it."""
        return capture(self._job)


class InlineExecutor:
    """Runs a job in the thread that first needs its outcome; for tests."""

    def submit(self, job: Callable[[], Result]) -> Job[Result]:
        """Accept `job`."""
        return LazyJob(job)


class BackgroundJob(Generic[Result]):
    """Work that a background thread does."""

    def __init__(self, job: Callable[[], Result], clock: Clock) -> None:
        """Keep `job`; `clock` tells when it was done."""
        self._job = job
        self._clock = clock
        self._finished: tuple[float, Future[Result]] | None = None

    def run(self) -> None:
        """Do the work; the background thread calls this."""
        outcome = capture(self._job)
        self._finished = (self._clock.now(), outcome)

    def finished_at(self) -> float | None:
        """Return when it was done, or None while it runs."""
        return self._finished[0] if self._finished else None

    def outcome(self) -> "Future[Result]":
        """Return what became of it."""
        if self._finished is None:
            raise RuntimeError("the job has not finished")
        return self._finished[1]


class BackgroundExecutor:
    """Runs jobs one after the other in one daemon thread, so that the server stays responsive."""

    def __init__(self, clock: Clock) -> None:
        """Stamp finished jobs with the time of `clock`."""
        self._clock = clock
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(self, job: Callable[[], Result]) -> Job[Result]:
        """Accept `job`."""
        accepted = BackgroundJob(job, self._clock)
        self._waiting.put(accepted.run)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="training", daemon=True)
                self._thread.start()
        return accepted

    def _work(self) -> None:
        while True:
            self._waiting.get()()
