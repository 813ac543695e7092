"""Tests of the gate: calls keep the pace, one waits at a time, and answers are noted meanwhile."""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

from rcl_flow.aws.pacing_gate import RateGate
from tests.unit.aws.answered import answered
from tests.unit.clocks import FakeClock

THROTTLED = answered("ProvisionedThroughputExceededException")
PATIENCE_SECONDS = 30


def raising(error: Exception) -> Callable[[], None]:
    """Return a call that fails."""

    def call() -> None:
        raise error

    return call


class HeldClock(FakeClock):
    """A clock on which whoever sleeps stays asleep until the test lets go."""

    def __init__(self) -> None:
        """Hold from the start."""
        super().__init__()
        self.asleep = threading.Event()
        self.let_go = threading.Event()

    def sleep(self, seconds: float) -> None:
        """Say that somebody sleeps, and wait."""
        self.asleep.set()
        assert self.let_go.wait(PATIENCE_SECONDS)
        super().sleep(seconds)


def test_calls_begin_at_the_known_limit() -> None:
    """Fifty calls at ten a second take five seconds, and return what was answered."""
    clock = FakeClock()
    gate = RateGate(clock, known_limit_per_second=10.0)
    began = clock.now()
    assert [gate.send(str, n) for n in range(51)] == [str(n) for n in range(51)]
    assert (clock.now() - began).total_seconds() == pytest.approx(5.0, rel=0.1)


def test_a_call_that_is_turned_away_slows_the_next_ones() -> None:
    """The refusal is the caller's, and the pace falls."""
    clock = FakeClock()
    gate = RateGate(clock)
    for _ in range(30):
        gate.send(int)
    fast = clock.sleeps[-1]
    with pytest.raises(ClientError):
        gate.send(raising(THROTTLED))
    gate.send(int)
    assert clock.sleeps[-1] > 1.2 * fast


def test_the_limit_is_found_from_what_was_turned_away() -> None:
    """What was known before is not found; what a bucket of 20 calls a second shows is."""
    clock = FakeClock()
    gate = RateGate(clock, known_limit_per_second=60.0)
    gate.send(int)
    assert gate.found_limit_per_second is None
    left, at = 1.0, clock.now()

    def call() -> None:
        nonlocal left, at
        left, at = min(20.0, left + 20 * (clock.now() - at).total_seconds()), clock.now()
        if left < 1:
            raise THROTTLED
        left -= 1

    for _ in range(300):
        with suppress(ClientError):
            gate.send(call)
    assert gate.found_limit_per_second == pytest.approx(20.0, rel=0.05)


def test_an_answer_ends_the_silence_and_a_lost_or_refused_call_does_not() -> None:
    """A request that is wrong was answered; a fault or a throttle says that the service is busy."""
    clock = FakeClock()
    gate, began = RateGate(clock, known_limit_per_second=10.0), clock.now()
    for error in (THROTTLED, answered("InternalServerError", 500)):
        with pytest.raises(ClientError):
            gate.send(raising(error))
    assert gate.silent_since(began) == began
    clock.pass_by(60)
    with pytest.raises(ClientError):
        gate.send(raising(answered("InvalidImageFormatException")))
    assert gate.silent_since(began) == clock.now()
    later = clock.now()
    clock.pass_by(60)
    assert gate.silent_since(clock.now()) > later


def test_answers_are_noted_while_somebody_waits() -> None:
    """A call under way comes back whoever stands in the gate."""
    clock, answer = HeldClock(), threading.Event()
    gate = RateGate(clock, known_limit_per_second=1.0)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(gate.send, lambda: answer.wait(PATIENCE_SECONDS))
        second = pool.submit(gate.send, int)
        assert clock.asleep.wait(PATIENCE_SECONDS)
        answer.set()
        assert first.result(PATIENCE_SECONDS)
        assert not second.done()
        clock.let_go.set()
        assert second.result(PATIENCE_SECONDS) == 0


def test_one_caller_waits_at_a_time() -> None:
    """Nobody reserves a slot ahead: with eight threads the clock has one sleeper."""
    lock, sleepers, most = threading.Lock(), 0, 0

    class Counting(FakeClock):
        def sleep(self, seconds: float) -> None:
            nonlocal sleepers, most
            with lock:
                sleepers += 1
                most = max(most, sleepers)
            super().sleep(seconds)
            with lock:
                sleepers -= 1

    clock = Counting()
    gate, began = RateGate(clock, known_limit_per_second=10.0), clock.now()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: gate.send(int), range(41)))
    assert most == 1
    assert (clock.now() - began).total_seconds() == pytest.approx(4.0, rel=0.1)


def test_a_closed_gate_lets_nobody_through() -> None:
    """Whoever waits is woken without a call; whoever comes later does not wait."""
    clock, calls = HeldClock(), []
    gate = RateGate(clock, known_limit_per_second=0.5)
    gate.send(int)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(gate.send, lambda: calls.append(1))
        assert clock.asleep.wait(PATIENCE_SECONDS)
        gate.close()
        clock.let_go.set()
        with pytest.raises(CancelledError):
            waiting.result(PATIENCE_SECONDS)
    with pytest.raises(CancelledError):
        gate.send(lambda: calls.append(2))
    assert calls == []
    assert sum(clock.sleeps) < 1
