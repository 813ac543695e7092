"""Ctrl-C and other requests to end, held back for a moment or raised in order."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from rcl_flow.pipeline.runs.signals import SIGNALS, SignalGuard, Signalled, interrupt_once

_BY_SYSTEM: Final = (signal.SIG_DFL,)
"""The process ends at once, and nothing is closed."""
_BY_PROGRAM: Final = {signal.SIGINT: (signal.default_int_handler, interrupt_once)}


@contextmanager
def held_signals(*, ending: bool = False) -> Iterator[None]:
    """Let signals that are handled take effect at this block's end, the first of them alone.

    A terminal is changed, or put back, as a whole. Outside the main thread, which alone is
    interrupted, nothing changes.

    Args:
        ending: one has ended the command already, and what comes in this block is forgotten.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    before = {
        number: handler for number in SIGNALS if callable(handler := signal.getsignal(number))
    }
    for number in before:
        signal.signal(number, lambda *arrived: came.append(arrived))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came and not ending:
        before[signal.Signals(came[0][0])](*came[0])


@contextmanager
def raised_endings() -> Iterator[None]:
    """Raise an ending once in this block, so that what it opened is closed and kept whole.

    `Signalled` for SIGTERM and SIGHUP, `KeyboardInterrupt` for Ctrl-C; not in the middle of taking
    a lock that another thread waits for. Only where they would do what they usually do: `nohup`
    and other handlers stay.
    """
    numbers = [n for n in SIGNALS if signal.getsignal(n) in _BY_PROGRAM.get(n, _BY_SYSTEM)]
    with SignalGuard(_error_of).listening(numbers):
        yield


def _error_of(number: int) -> BaseException:
    return KeyboardInterrupt() if number == signal.SIGINT else Signalled(number)
