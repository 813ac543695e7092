"""Tests of where trainings run."""

import threading

import pytest

from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.executors import BackgroundExecutor, InlineExecutor, capture


def explode() -> int:
    """Fail as a bug would."""
    raise ZeroDivisionError


def test_capture_returns_an_exception_instead_of_raising_it() -> None:
    """A bug is a value that the caller must look at."""
    assert isinstance(capture(explode).exception(), ZeroDivisionError)
    assert capture(lambda: 1).result() == 1


def test_inline_executor_works_when_the_outcome_is_asked_for() -> None:
    """Accepting a job does nothing yet."""
    done: list[int] = []
    job = InlineExecutor().submit(lambda: done.append(1))
    assert (job.finished_at(), done) == (0.0, [])
    assert job.outcome().exception() is None
    assert done == [1]


def test_background_executor_survives_a_job_that_fails() -> None:
    """The next job is done as if nothing had happened, and knows when it was done."""
    executor, done = BackgroundExecutor(ManualClock(start=7)), threading.Event()
    failing = executor.submit(explode)
    executor.submit(done.set)
    assert done.wait(10)
    assert failing.finished_at() == 7
    assert isinstance(failing.outcome().exception(), ZeroDivisionError)


def test_background_job_has_no_outcome_before_it_is_done() -> None:
    """Collecting too early is a mistake of the caller."""
    executor, gate = BackgroundExecutor(ManualClock()), threading.Event()
    job = executor.submit(gate.wait)
    assert job.finished_at() is None
    with pytest.raises(RuntimeError):
        job.outcome()
    gate.set()
