"""The gate that every call to a model passes: one caller at a time waits for the next slot."""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from datetime import datetime
from typing import Final, ParamSpec, TypeVar

from botocore.exceptions import ClientError

from rcl_flow.aws.errors import is_lost, is_throttled
from rcl_flow.clock import Clock
from rcl_flow.core.serving.rate_control import RateController

P = ParamSpec("P")
R = TypeVar("R")

_LONGEST_SLEEP_SECONDS: Final = 0.25
"""A gate that is closed while somebody waits in it is left within that time."""
_RESOLUTION_SECONDS: Final = 1e-6
"""What a `datetime` can tell apart; no clock sleeps for less."""


class RateGate:
    """Lets calls of many threads through as fast as the service answers them, and no faster.

    Nobody reserves a slot ahead: one caller waits at a time, and looks anew after each sleep, since
    an answer that came meanwhile may have moved the slot. Answers are noted at once, whoever waits.
    """

    def __init__(self, clock: Clock, *, known_limit_per_second: float | None = None) -> None:
        """Begin at a limit that is known, or find it; wait on `clock`."""
        self._clock = clock
        self._known = known_limit_per_second
        self._controller = RateController(known_limit_per_second)
        self._turn = threading.Lock()
        self._state = threading.Lock()
        self._closed = threading.Event()
        self._answered_at: datetime | None = None

    def send(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Wait for the next slot, make the call once, and note whether it was turned away.

        Raises:
            CancelledError: the gate was closed; the call was not made.
            Exception: whatever the call raises.
        """
        sent_at = self._pass()
        try:
            answer = call(*args, **kwargs)
        except ClientError as error:
            self._note_failure(error, sent_at)
            raise
        self._note_answer(sent_at)
        return answer

    def silent_since(self, began_at: datetime) -> datetime:
        """Return since when no call was answered: the last answer, or `began_at` if later."""
        with self._state:
            return max(began_at, self._answered_at or began_at)

    def close(self) -> None:
        """Let no more calls through: whoever waits, or comes, gets a `CancelledError`."""
        self._closed.set()

    @property
    def found_limit_per_second(self) -> float | None:
        """The limit as calls through this gate have shown it; None until they have."""
        with self._state:
            found = self._controller.found_limit_per_second
        return None if found == self._known else found

    def _pass(self) -> float:
        """Return the time at which the caller's slot was reached, in seconds since 1970."""
        with self._turn:
            while not self._closed.is_set():
                with self._state:
                    now = self._clock.now().timestamp()
                    wait_seconds = self._controller.seconds_to_slot(now)
                    if wait_seconds < _RESOLUTION_SECONDS:
                        self._controller.sent(now)
                        return now
                self._clock.sleep(min(wait_seconds, _LONGEST_SLEEP_SECONDS))
        raise CancelledError("Nobody waits for the answer any more.")

    def _note_answer(self, sent_at: float) -> None:
        with self._state:
            self._answered_at = self._clock.now()
            self._controller.accepted(sent_at, self._answered_at.timestamp())

    def _note_failure(self, error: ClientError, sent_at: float) -> None:
        """Note a refusal; one that concerns the request alone was answered, and took its place."""
        if is_throttled(error):
            with self._state:
                self._controller.throttled(sent_at, self._clock.now().timestamp())
        elif not is_lost(error):
            self._note_answer(sent_at)
