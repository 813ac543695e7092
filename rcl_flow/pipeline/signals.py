"""Turn signals into an exception in the main thread, except while a model is being stopped."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_EXIT_CODE_BASE = 128


class Signalled(BaseException):
    """The process was asked to end; `exit_code` is 128 plus the signal's number."""

    def __init__(self, number: int) -> None:
        """Keep the signal's number."""
        super().__init__(signal.Signals(number).name)
        self.exit_code = _EXIT_CODE_BASE + number


class SignalGuard:
    """Raises `Signalled` once while it listens; holds it back inside `deferred` blocks.

    Once it was raised the process is ending, and further signals cannot interrupt that.
    """

    def __init__(self) -> None:
        """Start without listening."""
        self._depth = 0
        self._pending = 0
        self._raised = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Raise `Signalled` for SIGINT, SIGTERM and SIGHUP in this block.

        SIGHUP stays ignored where it is: `nohup` was asked for. Outside the main thread, where
        handlers cannot be set, nothing changes.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        hung_up_on = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        heard = [each for each in SIGNALS if not (hung_up_on and each is signal.SIGHUP)]
        before = {number: signal.signal(number, self._handle) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

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
            raise Signalled(number)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._raised:
            return
        if self._depth:
            self._pending = number
        else:
            self._raised = True
            raise Signalled(number)
