"""How many puts may be under way at once: fewer after S3 asked to slow down, then slowly more."""

import math
import threading
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from rcl_flow.aws.errors import is_lost, is_throttled

WIDEST: Final = 128
"""Where the window ends to be one: no config asks for more puts at once."""
KEPT_SHARE: Final = 0.5
"""Of the puts under way when S3 was found to be too busy."""


class PutWindow:
    """Shared by all threads that put; open until S3 turns a put away, fails or does not answer.

    Each of these halves the puts that may be under way; puts that were sent before that say
    nothing new. As many answers as the window is wide let it grow by one put again.
    """

    def __init__(self) -> None:
        """Let everything through until told otherwise."""
        self._changed = threading.Condition()
        self._under_way = 0
        self._narrowed = 0
        self._width = math.inf

    @property
    def width(self) -> float:
        """How many puts may be under way at once; infinite while S3 bears whatever comes."""
        return self._width

    def place(self) -> "Place":
        """Return a block that waits for a place in the window, and holds it while one put is sent.

        The block raises whatever the put does, and learns from it.
        """
        return Place(self)

    def enter(self) -> int:
        """Wait for a place; return how often the window had narrowed when it was taken."""
        with self._changed:
            while self._under_way + 1 > self._width:
                self._changed.wait()
            self._under_way += 1
            return self._narrowed

    def leave(self, seen: int, error: BaseException | None) -> None:
        """Give the place back, and say how the put ended.

        Args:
            seen: what `enter` returned.
            error: what the put raised; None when it was answered.
        """
        is_botos = isinstance(error, ClientError | BotoCoreError)
        with self._changed:
            if error is None:
                self._widen()
            elif is_botos and seen == self._narrowed and (is_throttled(error) or is_lost(error)):
                self._narrow()
            self._under_way -= 1
            if self._width < math.inf:
                self._changed.notify(2)  # one in its place, one where the window grew
            else:
                self._changed.notify_all()

    def _narrow(self) -> None:
        self._width = max(1.0, KEPT_SHARE * min(self._under_way, self._width))
        self._narrowed += 1

    def _widen(self) -> None:
        if self._width == math.inf:
            return
        self._width += 1 / self._width
        if self._width >= WIDEST:
            self._width = math.inf


class Place:
    """A place in the window, held in a block."""

    __slots__ = ("_seen", "_window")

    def __init__(self, window: PutWindow) -> None:
        """Take nothing before the block begins."""
        self._window = window
        self._seen = 0

    def __enter__(self) -> None:
        """Wait until there is one."""
        self._seen = self._window.enter()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Give it back."""
        self._window.leave(self._seen, error)
