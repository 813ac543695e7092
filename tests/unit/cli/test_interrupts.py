"""Tests of signals that are held back or raised in order, with real signals to this process."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

import pytest

from rcl_flow.cli.interrupts import held_signals, raised_endings
from rcl_flow.pipeline.runs.signals import SIGNALS, Signalled, interrupt_once


@pytest.fixture(autouse=True)
def _usual_handlers() -> Iterator[None]:
    """Begin as a program in the foreground does, however the tests were started."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, usual)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_interrupt_takes_effect_once_at_the_end() -> None:
    """What the block does is done to its end, however often the keys are pressed."""
    done = []
    with pytest.raises(KeyboardInterrupt), held_signals():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        done.append("all")
    assert done == ["all"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_comes_while_the_command_ends_is_forgotten() -> None:
    """The first has said it all, and what is left is told in peace."""
    with held_signals(ending=True):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_nothing_is_raised_where_nothing_came() -> None:
    """And the handler is the one of before, though the block fails."""
    with held_signals():
        pass
    with pytest.raises(ZeroDivisionError), held_signals():
        _ = 1 / 0
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_thread_is_left_alone() -> None:
    """Only the main thread can set a handler."""
    seen: list[object] = []

    def work() -> None:
        with held_signals(), raised_endings():
            seen.extend(signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler, signal.SIG_DFL]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_ending_is_raised_when_it_is_no_longer_held(number: signal.Signals, code: int) -> None:
    """Whoever opened something closes it on the way out."""
    done = []
    with pytest.raises(Signalled, match=number.name) as caught, raised_endings():
        with held_signals():
            signal.raise_signal(number)
            done.append("held")
        done.append("after")
    assert done == ["held"]
    assert caught.value.exit_code == code
    assert signal.getsignal(number) is signal.SIG_DFL


@pytest.mark.parametrize(
    ("number", "error"), [(signal.SIGTERM, Signalled), (signal.SIGINT, KeyboardInterrupt)]
)
def test_no_lock_stays_taken_when_an_ending_comes_while_it_is_taken(
    number: signal.Signals, error: type[BaseException]
) -> None:
    """A thread that reads images would wait for it for ever, and the process for the thread."""
    condition, steps = threading.Condition(), []
    taking = condition.__enter__.__func__.__code__  # type: ignore[attr-defined]

    def strike(frame: FrameType, event: str, _arg: object) -> None:
        if frame.f_code is taking and event == "c_return":  # the lock is held, the block not begun
            sys.setprofile(None)
            handler = signal.getsignal(number)
            assert callable(handler)
            handler(number, frame)

    with pytest.raises(error), raised_endings():
        sys.setprofile(strike)
        with condition:
            steps.append("begun")
            for _ in range(200):
                time.sleep(0.01)
        steps.append("went on")
    assert steps == ["begun"]
    assert condition.acquire(blocking=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ending_is_raised_once(number: signal.Signals) -> None:
    """What is kept on the way out, such as the measures of images, is kept whole."""
    done = []
    with pytest.raises((Signalled, KeyboardInterrupt)), raised_endings():
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)
            done.append("kept")
    assert done == ["kept"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_nohup_stays() -> None:
    """What is ignored goes on being ignored."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with raised_endings(), held_signals():
        signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_watched_command_hears_of_ctrl_c_once_in_all() -> None:
    """As the program handles it, so that nothing comes between the ending and what is told."""
    signal.signal(signal.SIGINT, interrupt_once)
    with pytest.raises(KeyboardInterrupt), raised_endings():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
