"""Tests of the signal guard, with real signals to this process."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

import pytest

from rcl_flow.pipeline.runs.signals import SIGNALS, SignalGuard, Signalled, interrupt_once


@pytest.fixture(autouse=True)
def _in_the_foreground() -> Iterator[None]:
    """Begin as a program in a terminal does, although the tests may run under `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def send(number: int) -> None:
    """Send a signal to this process; its handler has run when this returns."""
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_listening_raises_when_signalled(number: signal.Signals, exit_code: int) -> None:
    """Every signal that asks for the end becomes one exception with the shell's exit code."""
    with pytest.raises(Signalled, match=number.name) as caught, SignalGuard().listening():
        send(number)
    assert caught.value.exit_code == exit_code


def test_nohup_is_respected() -> None:
    """A run of hours goes on when its terminal is closed, if that was asked for."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with SignalGuard().listening():
        send(signal.SIGHUP)
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_listening_puts_the_handlers_back() -> None:
    """After the block signals do what they did before."""
    before = [signal.getsignal(number) for number in SIGNALS]
    with pytest.raises(Signalled), SignalGuard().listening():
        send(signal.SIGTERM)
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_no_lock_stays_taken_when_signalled_while_it_is_taken() -> None:
    """A thread that waits for it would wait for ever, and the process with it."""
    condition, steps = threading.Condition(), []
    taking = condition.__enter__.__func__.__code__  # type: ignore[attr-defined]

    def strike(frame: FrameType, event: str, _arg: object) -> None:
        if frame.f_code is taking and event == "c_return":  # the lock is held, the block not begun
            sys.setprofile(None)
            guard._handle(signal.SIGINT, frame)

    guard = SignalGuard()
    with pytest.raises(Signalled), guard.listening():
        sys.setprofile(strike)
        with condition:
            steps.append("begun")
            for _ in range(200):
                time.sleep(0.01)
        steps.append("went on")
    assert steps == ["begun"]
    assert condition.acquire(blocking=False)


def test_signal_that_was_put_off_is_not_lost_when_listening_ends() -> None:
    """What it did before then happens."""
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: heard.append(number))
    guard = SignalGuard()
    try:
        with guard.listening():
            guard._put_off = signal.SIGINT
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]


def test_deferred_holds_a_signal_back_to_its_end() -> None:
    """What must not be interrupted is done to the end, and then the process ends."""
    guard, done = SignalGuard(), []
    with pytest.raises(Signalled) as caught, guard.listening():
        with guard.deferred():
            send(signal.SIGTERM)
            done.append("inside")
        done.append("after")
    assert done == ["inside"]
    assert caught.value.exit_code == 143


def test_deferred_holds_back_to_the_end_of_the_outermost_block() -> None:
    """A block inside a block does not let the signal through."""
    guard, done = SignalGuard(), []
    with pytest.raises(Signalled), guard.listening(), guard.deferred():
        with guard.deferred():
            send(signal.SIGINT)
        done.append("outer")
    assert done == ["outer"]


def test_deferred_raises_the_last_of_several_signals() -> None:
    """An impatient second signal is held back as well."""
    guard = SignalGuard()
    with pytest.raises(Signalled) as caught, guard.listening(), guard.deferred():
        send(signal.SIGINT)
        send(signal.SIGTERM)
    assert caught.value.exit_code == 143


def test_deferred_raises_nothing_when_not_signalled() -> None:
    """Without a signal the blocks change nothing."""
    guard, done = SignalGuard(), []
    with guard.listening(), guard.deferred():
        done.append("inside")
    assert done == ["inside"]


def test_deferred_lets_the_error_pass_when_the_block_fails() -> None:
    """The error says more than the signal, and the process ends either way."""
    guard = SignalGuard()
    with pytest.raises(ValueError, match="broken"), guard.listening(), guard.deferred():
        send(signal.SIGTERM)
        raise ValueError("broken")
    with guard.listening(), guard.deferred():
        pass  # the signal is not raised late, at somebody else's block


def test_signal_raises_again_after_a_deferred_block() -> None:
    """Only the block itself is protected."""
    guard = SignalGuard()
    with pytest.raises(Signalled), guard.listening():
        with guard.deferred():
            pass
        send(signal.SIGINT)


def test_listening_changes_nothing_outside_the_main_thread() -> None:
    """A program that drives runs in threads of its own keeps its handlers."""
    before = signal.getsignal(signal.SIGTERM)
    inside: list[object] = []

    def listen() -> None:
        with SignalGuard().listening():
            inside.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert inside == [before]


def test_guard_around_one_that_has_raised_raises_no_more() -> None:
    """What tells of the ending between the two blocks is not broken off by another key."""
    told = []
    with pytest.raises(Signalled), SignalGuard().listening():
        try:
            with SignalGuard().listening():
                send(signal.SIGINT)
        finally:
            send(signal.SIGINT)
            told.append("all")
    assert told == ["all"]


def test_interrupt_is_raised_once_in_a_process() -> None:
    """Python's own handler would raise for each key, also where nothing can be done any more."""
    before = signal.signal(signal.SIGINT, interrupt_once)
    try:
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)
        send(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_process_that_a_guard_has_ended_is_not_interrupted_again() -> None:
    """But one whose guard has heard nothing is."""
    before = signal.signal(signal.SIGINT, interrupt_once)
    try:
        with SignalGuard().listening():
            pass
        assert signal.getsignal(signal.SIGINT) is interrupt_once
        with pytest.raises(Signalled), SignalGuard().listening():
            send(signal.SIGTERM)
        send(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
