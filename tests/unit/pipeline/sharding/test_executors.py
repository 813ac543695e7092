"""Tests of work in threads: everything is done, little is under way, and nothing hangs."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from rcl_flow.pipeline.sharding.executors import FIRST_BATCH, batches_in_threads, map_in_threads
from tests.unit.clocks import FakeClock

PATIENCE_SECONDS = 30


def test_map_in_threads_yields_every_result() -> None:
    """Each item is done once, in whatever order."""
    done = list(map_in_threads(lambda n: n * n, range(100), concurrency=4))
    assert sorted(done) == [n * n for n in range(100)]


def test_map_in_threads_ends_when_there_are_no_items() -> None:
    """Nothing to do is done at once."""
    assert list(map_in_threads(str, [], concurrency=4)) == []


def test_map_in_threads_takes_items_only_as_it_needs_them() -> None:
    """A long source is not read ahead: twice the concurrency is under way at most."""
    taken = 0

    def source() -> Iterator[int]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    answers = map_in_threads(lambda n: n, source(), concurrency=3)
    received = [next(answers) for _ in range(10)]
    assert len(received) == 10
    assert taken <= 10 + 2 * 3
    list(answers)


def test_map_in_threads_runs_as_many_at_once_as_it_may() -> None:
    """Four items that wait for each other are done by four threads, and never by a fifth."""
    barrier = threading.Barrier(4)
    lock = threading.Lock()
    running = most = 0

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        barrier.wait(PATIENCE_SECONDS)
        with lock:
            running -= 1

    assert len(list(map_in_threads(work, range(16), concurrency=4))) == 16
    assert most == 4


def test_map_in_threads_passes_an_items_exception_on() -> None:
    """The first failure reaches the consumer, and most of the rest is not begun."""
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 5:
            raise ValueError("five")
        return number

    with pytest.raises(ValueError, match="five"):
        list(map_in_threads(work, range(1000), concurrency=2))
    assert len(begun) < 50


def test_map_in_threads_begins_nothing_more_when_closed_early() -> None:
    """A consumer that stops does not wait for calls under way, and starts no others."""
    hold = threading.Event()
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number:
            hold.wait(PATIENCE_SECONDS)
        return number

    answers = map_in_threads(work, range(100), concurrency=2)
    assert next(answers) == 0
    assert isinstance(answers, Iterator)
    began = time.monotonic()
    answers.close()
    seconds, before = time.monotonic() - began, len(begun)
    hold.set()
    assert seconds < PATIENCE_SECONDS / 2
    assert before <= 4
    assert len(begun) <= 4


def test_batches_hold_every_result_and_grow_until_they_are_large() -> None:
    """While no time passes only number ends a batch; of little work little is held back."""
    batches = list(
        batches_in_threads(lambda n: n, range(775), concurrency=4, clock=FakeClock(), seconds=9)
    )
    assert [len(batch) for batch in batches] == [16, 16, 32, 64, 128, 256, 256, 7]
    assert sorted(n for batch in batches for n in batch) == list(range(775))


def test_batches_end_when_their_time_is_over() -> None:
    """Slow results are handed on before there are many."""
    clock = FakeClock()

    def work(number: int) -> int:
        clock.pass_by(0.4)
        return number

    batches = list(batches_in_threads(work, range(30), concurrency=1, clock=clock, seconds=1.0))
    assert len(batches) > 5
    assert sum(map(len, batches)) == 30


def test_batches_are_empty_while_nothing_becomes_ready() -> None:
    """The consumer can give signs of life."""
    hold = threading.Event()

    def work(_: int) -> bool:
        return hold.wait(PATIENCE_SECONDS)

    batches = batches_in_threads(work, [1], concurrency=1, clock=FakeClock(), seconds=0.01)
    assert [next(batches), next(batches)] == [[], []]
    hold.set()
    assert [result for batch in batches for result in batch] == [True]


def test_batches_hand_on_what_was_ready_before_a_failure() -> None:
    """An answer that is there is not lost because the next call is refused."""

    def work(number: int) -> int:
        if number == 5:
            raise ValueError("five")
        return number

    batches = batches_in_threads(work, range(9), concurrency=1, clock=FakeClock(), seconds=9)
    assert next(batches) == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="five"):
        next(batches)


class InterruptedClock(FakeClock):
    """A signal comes while the time is looked at for the seventh time."""

    looks = 0

    def now(self) -> datetime:
        """Return the time, or raise what a signal raises."""
        self.looks += 1
        if self.looks == 7:
            raise KeyboardInterrupt
        return super().now()


def test_batches_hand_on_what_was_ready_before_a_signal() -> None:
    """Answers that were paid for are kept by whoever breaks the work off."""
    batches = batches_in_threads(
        lambda n: n, range(99), concurrency=1, clock=InterruptedClock(), seconds=9
    )
    assert next(batches) == [0, 1, 2, 3, 4, 5]
    with pytest.raises(KeyboardInterrupt):
        next(batches)


def test_batches_closed_early_begin_nothing_more() -> None:
    """As with single results."""
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        return number

    batches = batches_in_threads(work, range(2000), concurrency=2, clock=FakeClock(), seconds=9)
    assert len(next(batches)) == FIRST_BATCH
    batches.close()
    assert len(begun) <= FIRST_BATCH + 2 * 2
