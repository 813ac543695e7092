"""The one retry policy: jittered, bounded, on the injected clock."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import tenacity

from rcl_flow.aws.errors import aws_errors, is_lost, is_throttled
from rcl_flow.clock import Clock

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 10
FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 20.0


class Caller:
    """Makes calls: repeats what may be repeated and turns errors into ours."""

    def __init__(self, clock: Clock, *, attempts: int = ATTEMPTS) -> None:
        """Make up to `attempts` calls, and sleep between them on `clock`."""
        self._clock = clock
        self._attempts = attempts

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call an idempotent operation; repeat it when throttled, failed on AWS's side or lost.

        Raises:
            AwsRefusedError: or the one of its kinds that fits.
        """
        with aws_errors(_operation(function)):
            return self._policy(lambda error: is_throttled(error) or is_lost(error))(
                function, *args, **kwargs
            )

    def call_once(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call an operation that must not happen twice; repeat it only when it was throttled.

        Raises:
            AwsRefusedError: or the one of its kinds that fits; after `AwsUnreachableError` or a
                5xx the caller must look whether it happened.
        """
        with aws_errors(_operation(function)):
            return self._policy(is_throttled)(function, *args, **kwargs)

    def _policy(self, repeat: Callable[[BaseException], bool]) -> tenacity.Retrying:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(repeat),
            wait=tenacity.wait_random_exponential(
                multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS
            ),
            stop=tenacity.stop_after_attempt(self._attempts),
            sleep=self._clock.sleep,
            reraise=True,
        )


def _operation(function: Callable[..., object]) -> str:
    """Return `CreateProject` for the client's method `create_project`."""
    return getattr(function, "__name__", "call").title().replace("_", "")
