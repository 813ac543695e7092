"""Turn signals into an exception in the main thread, except while a model is being stopped."""

import signal
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_Handler = Callable[[int, FrameType | None], object] | int | None
_EXIT_CODE_BASE = 128
_SOON_SECONDS = 0.005
_FRAGILE = (threading.Condition.__enter__.__code__, threading.Condition.__exit__.__code__)
"""Raised in these, an exception would leave a lock taken that another thread waits for."""


class Signalled(BaseException):
    """The process was asked to end; `exit_code` is 128 plus the signal's number."""

    def __init__(self, number: int) -> None:
        """Keep the signal's number."""
        super().__init__(signal.Signals(number).name)
        self.exit_code = _EXIT_CODE_BASE + number


def interrupt_once(number: int, _frame: FrameType | None) -> None:
    """Raise `KeyboardInterrupt` as Python's own handler does, and hear no more of the signal."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


class SignalGuard:
    """Raises `Signalled` once while it listens; holds it back inside `deferred` blocks.

    Once it was raised the process is ending, and further signals cannot interrupt that: neither a
    guard around this one raises then, nor `interrupt_once`.
    """

    def __init__(self, error_of: Callable[[int], BaseException] = Signalled) -> None:
        """Start without listening; what is raised is made of the signal's number."""
        self._error_of = error_of
        self._depth = 0
        self._pending = 0
        self._raised = False
        self._put_off = 0

    @contextmanager
    def listening(self, numbers: Collection[int] = SIGNALS) -> Iterator[None]:
        """Raise `Signalled` for SIGINT, SIGTERM and SIGHUP, or those given, in this block.

        SIGHUP stays ignored where it is: `nohup` was asked for. Outside the main thread, where
        handlers cannot be set, nothing changes.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        hung_up_on = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        heard = [each for each in numbers if not (hung_up_on and each is signal.SIGHUP)]
        before = {number: signal.signal(number, self._handle) for number in heard}
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._handle_again)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before.items():
                signal.signal(number, _spent(handler) if self._raised else handler)
        if self._put_off and not self._raised:
            signal.raise_signal(self._put_off)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Hold signals back in this block and raise the last of them at its end."""
        self._depth += 1
        try:
            yield
        except BaseException:
            self._pending = 0  # the process is ending already
            raise
        finally:
            self._depth -= 1
        if self._pending and not self._depth:
            number, self._pending = self._pending, 0
            self._raised = True
            raise self._error_of(number)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._raised:
            return
        if self._depth:
            self._pending = number
        elif frame is not None and frame.f_code in _FRAGILE:
            self._put_off = number
            signal.setitimer(signal.ITIMER_REAL, _SOON_SECONDS)
        else:
            self._raised = True
            raise self._error_of(number)

    def _handle_again(self, _alarm: int, frame: FrameType | None) -> None:
        if self._put_off:
            self._handle(self._put_off, frame)


def _spent(handler: _Handler) -> _Handler:
    """Return what takes the handler's place once the process is ending."""
    outer = getattr(handler, "__self__", None)
    if isinstance(outer, SignalGuard):
        outer._raised = True
    return signal.SIG_IGN if handler is interrupt_once else handler
