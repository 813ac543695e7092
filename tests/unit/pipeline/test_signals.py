"""Tests of the signal guard, with real signals to this process."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from rcl_flow.pipeline.signals import SIGNALS, SignalGuard, Signalled


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
