"""Make a thing on AWS once: after a lost answer, look for it before asking again."""

from collections.abc import Callable
from typing import TypeVar

from rcl_flow.aws.errors import Failure, classify
from rcl_flow.errors import AwsRefusedError
from rcl_flow.pipeline.runs.run import Run

T = TypeVar("T")

_ATTEMPTS = 3
_LOOKS = 5
_LOOK_SECONDS = 2.0
_IN_DOUBT = frozenset({Failure.LOST, Failure.SERVER, Failure.IN_USE, Failure.CONFLICT})


def make_once(make: Callable[[], T], look: Callable[[], T | None], run: Run) -> T:
    """Ask for a thing, and return it; it is asked for again only when it is not there.

    Args:
        make: asks for it; must not be repeated by whoever it calls.
        look: returns it when it is there already.
        run: whose lease is confirmed before each asking.

    Raises:
        AwsRefusedError: it was refused, or its answer was lost and it cannot be seen.
        LeaseLostError: another run holds the project now.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        run.confirm_lease()
        try:
            return make()
        except AwsRefusedError as error:
            if not may_have_happened(error):
                raise
            found = await_sight(look, run)
            if found is not None:
                return found
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def await_sight(look: Callable[[], T | None], run: Run) -> T | None:
    """Look a few times for what was just asked for, since what is made is not seen at once."""
    for attempt in range(1, _LOOKS + 1):
        found = look()
        if found is not None or attempt == _LOOKS:
            return found
        run.services.clock.sleep(run.services.every_seconds(_LOOK_SECONDS))
    return None


def may_have_happened(error: AwsRefusedError) -> bool:
    """Say whether what was asked for may be there now, or was there before."""
    return classify(error) in _IN_DOUBT
