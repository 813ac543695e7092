"""Tests of the one retry policy, with faults that the emulator answers with."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from rcl_flow.aws.pacing_gate import RateGate
from rcl_flow.aws.retry import (
    ATTEMPTS,
    FAILING_SECONDS,
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_SECONDS,
    THROTTLED_SECONDS,
    Caller,
)
from rcl_flow.errors import AwsRefusedError, AwsUnreachableError
from tests.unit.aws.answered import answered
from tests.unit.aws.conftest import Gateways
from tests.unit.clocks import FakeClock

THROTTLED = answered("ThrottlingException")
BROKEN = answered("InternalServerError", 500)


def seeded(seed: int) -> random.Random:
    """Return a generator that repeats itself."""
    return random.Random(seed)  # noqa: S311  # repeatable tests, not secrets


def failing(clock: FakeClock, *failures: Exception, seconds: float = 0.0) -> Callable[[], None]:
    """Return an operation that fails with each in turn, the last for ever, slowly if told so."""
    left = list(failures)

    def operation() -> None:
        clock.pass_by(seconds)
        raise left.pop(0) if len(left) > 1 else left[0]

    return operation


def elapsed_seconds(clock: FakeClock, *failures: Exception, seconds: float = 0.0) -> float:
    """Return how long a call that fails like that is borne."""
    before = clock.now()
    with pytest.raises(AwsRefusedError):
        Caller(clock, rng=seeded(1)).call(failing(clock, *failures, seconds=seconds))
    return (clock.now() - before) / timedelta(seconds=1)


def test_call_repeats_throttled_calls_until_one_is_answered(gateways: Gateways) -> None:
    """A call that was turned away for being one too many is made again."""
    gateways.arm("DescribeProjects", "ThrottlingException", times=3)
    assert gateways.rekognition.find_project("shades") is None
    assert gateways.calls("DescribeProjects") == 4
    assert len(gateways.clock.sleeps) == 3


def test_call_sleeps_within_growing_bounds() -> None:
    """Each sleep is drawn from a range that doubles up to the longest wait."""
    clock = FakeClock()
    elapsed_seconds(clock, THROTTLED)
    for number, seconds in enumerate(clock.sleeps):
        assert 0 <= seconds <= min(FIRST_WAIT_SECONDS * 2**number, LONGEST_WAIT_SECONDS)
    assert max(clock.sleeps) > LONGEST_WAIT_SECONDS / 2


def test_call_spreads_its_sleeps_over_the_whole_range() -> None:
    """Many callers that were throttled together come back evenly, the first of them at once."""
    firsts = []
    for seed in range(400):
        clock = FakeClock()
        with pytest.raises(AwsRefusedError):
            Caller(clock, attempts=2, rng=seeded(seed)).call(failing(clock, BROKEN))
        firsts += [seconds / FIRST_WAIT_SECONDS for seconds in clock.sleeps]
    assert len(set(firsts)) == len(firsts) == 400
    quarters = [sum(n / 4 <= first < (n + 1) / 4 for first in firsts) for n in range(4)]
    assert min(quarters) > 70


def test_call_draws_from_the_random_generator_that_is_given() -> None:
    """A test or a simulation can repeat the same sleeps; without one no two callers agree."""
    clocks = [FakeClock() for _ in range(4)]
    for clock, rng in zip(clocks, (seeded(7), seeded(7), None, None), strict=True):
        with pytest.raises(AwsRefusedError):
            Caller(clock, rng=rng).call(failing(clock, BROKEN))
    assert clocks[0].sleeps == clocks[1].sleeps
    assert clocks[2].sleeps != clocks[3].sleeps


def test_call_gives_up_with_the_last_refusal_when_throttled_for_ever(gateways: Gateways) -> None:
    """When patience is over the service's own answer is what the user reads."""
    gateways.arm("DescribeProjects", "ProvisionedThroughputExceededException", None)
    with pytest.raises(AwsRefusedError) as caught:
        gateways.rekognition.find_project("shades")
    assert caught.value.code == "ProvisionedThroughputExceededException"
    assert "resumes" in caught.value.hint
    assert sum(gateways.clock.sleeps) == pytest.approx(THROTTLED_SECONDS)


def test_call_is_more_patient_with_throttling_than_with_faults() -> None:
    """Throttling is no failure: it is borne by time, however many answers that takes."""
    clock = FakeClock()
    assert elapsed_seconds(clock, THROTTLED) == pytest.approx(THROTTLED_SECONDS)
    assert len(clock.sleeps) > ATTEMPTS
    clock = FakeClock()
    assert elapsed_seconds(clock, BROKEN) < FAILING_SECONDS
    assert len(clock.sleeps) == ATTEMPTS - 1


@pytest.mark.parametrize("seconds", [1.0, 30.0, 60.0, 1000.0])
def test_call_ends_in_time_when_every_call_is_slow(seconds: float) -> None:
    """The time of the calls counts, and no sleep reaches beyond the bound."""
    clock = FakeClock()
    assert elapsed_seconds(clock, BROKEN, seconds=seconds) <= FAILING_SECONDS + 2 * seconds
    clock = FakeClock()
    assert elapsed_seconds(clock, THROTTLED, seconds=seconds) <= THROTTLED_SECONDS + seconds


def test_call_bears_a_fault_that_comes_after_long_throttling() -> None:
    """The time that was spent on throttling is not held against a fault."""
    clock = FakeClock()
    slow = [THROTTLED] * 3
    elapsed_seconds(clock, *slow, BROKEN, answered("NoSuchKey", 404), seconds=60.0)
    assert len(clock.sleeps) == 4


def test_call_counts_faults_alone_as_attempts() -> None:
    """Throttled answers in between do not use up the attempts."""
    clock = FakeClock()
    elapsed_seconds(clock, *[THROTTLED] * 8, BROKEN)
    assert len(clock.sleeps) == 8 + ATTEMPTS - 1


@pytest.mark.parametrize(
    "code", ["LimitExceededException", "AccessDeniedException", "ResourceInUseException"]
)
def test_call_does_not_repeat_a_refusal(gateways: Gateways, code: str) -> None:
    """A quota, a use by others or a missing permission is not cured by asking again at once."""
    gateways.arm("DeleteDataset", code)
    arn = "arn:aws:rekognition:us-east-1:123456789012:project/p/dataset/train/1760000000000"
    with pytest.raises(AwsRefusedError) as caught:
        gateways.caller.call(gateways.client.delete_dataset, DatasetArn=arn)
    assert caught.value.code == code
    assert gateways.clock.sleeps == []


def test_call_repeats_a_lost_answer(gateways: Gateways) -> None:
    """An idempotent call whose answer was lost is made again."""
    gateways.arm("DescribeProjects", "InternalServerError", executed=True)
    assert gateways.rekognition.find_project("shades") is None
    assert gateways.calls("DescribeProjects") == 2


def test_call_once_does_not_repeat_a_lost_answer(gateways: Gateways) -> None:
    """A call that must not happen twice is not made again when it may have happened."""
    gateways.arm("CreateProject", "InternalServerError", executed=True)
    with pytest.raises(AwsRefusedError) as caught:
        gateways.rekognition.create_project("shades", {})
    assert caught.value.code == "InternalServerError"
    assert gateways.calls("CreateProject") == 1
    assert gateways.rekognition.find_project("shades") is not None


def test_call_once_does_not_repeat_a_broken_connection() -> None:
    """Whether the request arrived is not known, so it is asked once."""
    clock = FakeClock()
    operation = failing(clock, EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))
    with pytest.raises(AwsUnreachableError):
        Caller(clock).call_once(operation)
    assert clock.sleeps == []


def test_call_once_repeats_throttled_calls(gateways: Gateways) -> None:
    """A throttled call did not happen, so it may be made again, whatever its HTTP status."""
    gateways.arm("CreateProject", "ThrottlingException", times=2)
    arn = gateways.rekognition.create_project("shades", {})
    assert "project/shades/" in arn
    assert len(gateways.clock.sleeps) == 2


def test_caller_counts_what_was_turned_away(gateways: Gateways) -> None:
    """A monitoring system is told how often AWS was asked too much; faults are another matter."""
    gateways.arm("DescribeProjects", "ThrottlingException", times=3)
    gateways.arm("DescribeProjects", "InternalServerError", times=1)
    gateways.rekognition.find_project("shades")
    assert gateways.caller.throttles == 3


def test_call_through_a_gate_repeats_throttled_calls_at_its_pace(gateways: Gateways) -> None:
    """A call that was turned away is not lost, and waits for a slot and for nothing else."""
    gateways.arm("DescribeProjects", "ThrottlingException", times=3)
    gate = RateGate(gateways.clock, known_limit_per_second=1000.0)
    answer = gateways.caller.call_through(gate, gateways.client.describe_projects)
    assert answer["ProjectDescriptions"] == []
    assert gateways.calls("DescribeProjects") == 4
    assert gateways.caller.throttles == 3
    assert sum(gateways.clock.sleeps) < 0.05


def test_call_through_a_gate_gives_up_when_nothing_is_answered() -> None:
    """The patience is the same as without a gate, and the operation is named."""
    clock = FakeClock()
    operation = failing(clock, THROTTLED)
    before = clock.now()
    with pytest.raises(AwsRefusedError, match="Operation: AWS answered ThrottlingException"):
        Caller(clock).call_through(RateGate(clock), operation)
    assert (clock.now() - before).total_seconds() == pytest.approx(THROTTLED_SECONDS, abs=5)


def test_call_through_a_gate_is_patient_as_long_as_others_are_answered() -> None:
    """One image that has bad luck for minutes is still asked for, since the service is well."""
    clock = FakeClock()
    gate, before = RateGate(clock), clock.now()

    def operation() -> None:
        if (clock.now() - before).total_seconds() < 2 * THROTTLED_SECONDS:
            gate.send(int)
        raise THROTTLED

    with pytest.raises(AwsRefusedError):
        Caller(clock).call_through(gate, operation)
    seconds = (clock.now() - before).total_seconds()
    assert seconds == pytest.approx(3 * THROTTLED_SECONDS, abs=10)


def test_call_through_a_gate_bears_faults_as_any_call_does() -> None:
    """Full jitter, and no more than the attempts."""
    clock = FakeClock()
    gate = RateGate(clock, known_limit_per_second=1e6)
    with pytest.raises(AwsRefusedError):
        Caller(clock, rng=seeded(1)).call_through(gate, failing(clock, BROKEN))
    assert len([seconds for seconds in clock.sleeps if seconds > 1e-3]) == ATTEMPTS - 1
