"""Ctrl-C and other requests to end, held back for a moment or raised in order."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from rcl_flow.pipeline.runs.signals import SIGNALS, Signalled

_ENDINGS: Final = frozenset(SIGNALS) - {signal.SIGINT}


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
    """Raise `Signalled` for SIGTERM and SIGHUP in this block, so that what it opened is closed.

    Only where they would end the process at once: `nohup` and other handlers stay.
    """
    numbers = [each for each in _ENDINGS if signal.getsignal(each) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    for number in numbers:
        signal.signal(number, _raise)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _raise(number: int, _frame: FrameType | None) -> None:
    raise Signalled(number)
