"""Tests of calls that ask the retry policy only when they have failed."""

import pytest

from rcl_flow.aws.eager import call_eagerly
from rcl_flow.aws.retry import ATTEMPTS, Caller
from rcl_flow.errors import AwsRefusedError
from tests.unit.aws.answered import answered
from tests.unit.clocks import FakeClock


class Put:
    """An operation that fails with each error in turn, and counts how often it is asked."""

    __name__ = "put_object"

    def __init__(self, *failures: Exception) -> None:
        """Fail with these before all goes well."""
        self._left = list(failures)
        self.asked = 0

    def __call__(self) -> str:
        """Fail or answer."""
        self.asked += 1
        if self._left:
            raise self._left.pop(0)
        return "done"


def test_call_eagerly_asks_once_when_all_goes_well() -> None:
    """No sleep, no second call."""
    clock, put = FakeClock(), Put()
    assert call_eagerly(Caller(clock), put) == "done"
    assert (put.asked, clock.sleeps) == (1, [])


def test_call_eagerly_counts_the_first_failure_as_an_attempt() -> None:
    """Each failure is one call, one sleep and one throttle, the first like the others."""
    clock, put = FakeClock(), Put(*[answered("SlowDown", 503)] * 3)
    caller = Caller(clock)
    assert call_eagerly(caller, put) == "done"
    assert (put.asked, len(clock.sleeps), caller.throttles) == (4, 3, 3)


def test_call_eagerly_gives_up_after_as_many_attempts_as_the_policy_has() -> None:
    """And says what S3 said, by the operation's name."""
    clock, put = FakeClock(), Put(*[answered("InternalError", 500)] * 99)
    with pytest.raises(AwsRefusedError, match="PutObject: AWS answered InternalError"):
        call_eagerly(Caller(clock), put)
    assert (put.asked, len(clock.sleeps)) == (ATTEMPTS, ATTEMPTS - 1)


def test_call_eagerly_does_not_repeat_a_refusal() -> None:
    """What is wrong stays wrong."""
    put = Put(answered("AccessDenied", 403))
    with pytest.raises(AwsRefusedError):
        call_eagerly(Caller(FakeClock()), put)
    assert put.asked == 1
