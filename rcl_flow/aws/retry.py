"""The one retry policy: full jitter, bounded in attempts and in time, on the injected clock."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, ParamSpec, TypeVar

import tenacity

from rcl_flow.aws.errors import aws_errors, is_lost, is_throttled
from rcl_flow.aws.pacing_gate import RateGate
from rcl_flow.clock import Clock

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS: Final = 10
FIRST_WAIT_SECONDS: Final = 0.25
LONGEST_WAIT_SECONDS: Final = 20.0
FAILING_SECONDS: Final = 120.0
"""For how long a call is repeated after it first failed on AWS's side or got no answer."""
THROTTLED_SECONDS: Final = 300.0
"""For how long a call is repeated that is turned away: the service is well, only busy."""


class Caller:
    """Makes calls: repeats what may be repeated and turns errors into ours."""

    def __init__(
        self, clock: Clock, *, attempts: int = ATTEMPTS, rng: random.Random | None = None
    ) -> None:
        """Sleep between calls on `clock`, for times drawn from `rng`.

        A call that fails on AWS's side or gets no answer is made up to `attempts` times, within
        `FAILING_SECONDS`; one that is throttled as often as `THROTTLED_SECONDS` allow.
        """
        self._clock = clock
        self._attempts = attempts
        self._rng = rng or random.Random()  # noqa: S311  # spreads calls, keeps no secret
        self.throttles = 0
        """How many calls were turned away so far because there were too many."""

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call an idempotent operation; repeat it when throttled, failed on AWS's side or lost.

        Raises:
            AwsRefusedError: or the one of its kinds that fits.
        """
        with aws_errors(_operation(function)):
            return self._policy(_may_be_repeated)(function, *args, **kwargs)

    def call_through(
        self, gate: RateGate, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Do the same with each attempt through a gate; it alone says when a throttled one goes.

        Throttling is borne until no call of the gate was answered for `THROTTLED_SECONDS`.

        Raises:
            AwsRefusedError: or the one of its kinds that fits.
            CancelledError: the gate was closed.
        """
        with aws_errors(_operation(function)):
            policy = self._policy(_may_be_repeated, gate)
            return policy(partial(gate.send, function), *args, **kwargs)

    def call_once(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call an operation that must not happen twice; repeat it only when it was throttled.

        Raises:
            AwsRefusedError: or the one of its kinds that fits; after `AwsUnreachableError` or a
                5xx the caller must look whether it happened.
        """
        with aws_errors(_operation(function)):
            return self._policy(is_throttled)(function, *args, **kwargs)

    def _policy(
        self, repeat: Callable[[BaseException], bool], gate: RateGate | None = None
    ) -> tenacity.Retrying:
        patience = _Patience(self._clock, self._attempts, self._rng, gate)

        def is_repeated(error: BaseException) -> bool:
            self.throttles += is_throttled(error)
            return repeat(error)

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(is_repeated),
            wait=patience.next_wait_seconds,
            stop=patience.is_over,
            sleep=self._clock.sleep,
            reraise=True,
        )


@dataclass(slots=True)
class _Patience:
    """How long one call is repeated; measured on the clock that it sleeps on."""

    clock: Clock
    attempts: int
    rng: random.Random
    gate: RateGate | None = None
    """Through which each attempt goes, where one does."""
    started: datetime = field(init=False)
    failing_since: datetime | None = None
    failed: int = 0
    """Answers so far that were faults and not throttling."""
    left_seconds: float = 0.0

    def __post_init__(self) -> None:
        """Begin to count with the first call."""
        self.started = self.clock.now()

    def next_wait_seconds(self, state: tenacity.RetryCallState) -> float:
        """Draw how long to sleep now, never beyond the end; tenacity asks before `is_over`."""
        throttled = _is_throttled(state)
        self.left_seconds = self._left_seconds(throttled=throttled)
        if throttled and self.gate is not None:
            return 0.0
        doublings = min(state.attempt_number - 1, 16)  # far beyond the longest wait
        longest = min(FIRST_WAIT_SECONDS * 2.0**doublings, LONGEST_WAIT_SECONDS)
        return min(self.rng.uniform(0, longest), max(self.left_seconds, 0.0))

    def is_over(self, state: tenacity.RetryCallState) -> bool:
        """Say whether the failure that was just seen is the last that is borne."""
        if self.left_seconds <= 0:
            return True
        return not _is_throttled(state) and self.failed >= self.attempts

    def _left_seconds(self, *, throttled: bool) -> float:
        now = self.clock.now()
        if throttled:
            since = self.gate.silent_since(self.started) if self.gate else self.started
            return THROTTLED_SECONDS - (now - since).total_seconds()
        self.failed += 1
        self.failing_since = self.failing_since or now
        return FAILING_SECONDS - (now - self.failing_since).total_seconds()


def _may_be_repeated(error: BaseException) -> bool:
    return is_throttled(error) or is_lost(error)


def _is_throttled(state: tenacity.RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    return error is not None and is_throttled(error)


def _operation(function: Callable[..., object]) -> str:
    """Return `CreateProject` for the client's method `create_project`."""
    return getattr(function, "__name__", "call").title().replace("_", "")
