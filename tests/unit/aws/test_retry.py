"""Tests of the one retry policy, with faults that the emulator answers with."""

import pytest

from rcl_flow.aws.retry import ATTEMPTS, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS
from rcl_flow.errors import AwsRefusedError
from tests.unit.aws.conftest import Gateways


def test_call_repeats_throttled_calls_until_one_is_answered(gateways: Gateways) -> None:
    """A call that was turned away for being one too many is made again."""
    gateways.arm("DescribeProjects", "ThrottlingException", times=3)
    assert gateways.rekognition.find_project("shades") is None
    assert gateways.calls("DescribeProjects") == 4
    assert len(gateways.clock.sleeps) == 3


def test_call_sleeps_within_growing_bounds(gateways: Gateways) -> None:
    """Each sleep is drawn from a range that doubles up to the longest wait."""
    gateways.arm("DescribeProjects", "ThrottlingException", times=None)
    with pytest.raises(AwsRefusedError):
        gateways.rekognition.find_project("shades")
    sleeps = gateways.clock.sleeps
    assert len(sleeps) == ATTEMPTS - 1
    for number, seconds in enumerate(sleeps):
        assert 0 <= seconds <= min(FIRST_WAIT_SECONDS * 2**number, LONGEST_WAIT_SECONDS)


def test_call_sleeps_longer_from_attempt_to_attempt(gateways: Gateways) -> None:
    """A service that is still busy is given more time."""
    gateways.arm("DescribeProjects", "ThrottlingException", times=None)
    for _ in range(6):
        with pytest.raises(AwsRefusedError):
            gateways.rekognition.find_project("shades")
    longest = [max(gateways.clock.sleeps[n :: ATTEMPTS - 1]) for n in range(ATTEMPTS - 1)]
    assert longest[0] <= FIRST_WAIT_SECONDS
    assert longest[-1] > 4 * FIRST_WAIT_SECONDS


def test_call_sleeps_are_jittered(gateways: Gateways) -> None:
    """Two callers that were throttled together do not come back together."""
    gateways.arm("DescribeProjects", "ThrottlingException", times=None)
    for _ in range(2):
        with pytest.raises(AwsRefusedError):
            gateways.rekognition.find_project("shades")
    sleeps = gateways.clock.sleeps
    assert sleeps[: ATTEMPTS - 1] != sleeps[ATTEMPTS - 1 :]
    assert len(set(sleeps)) == len(sleeps)


def test_call_gives_up_with_the_last_refusal_when_throttled_for_ever(gateways: Gateways) -> None:
    """After the last attempt the service's own answer is what the user reads."""
    gateways.arm("DescribeProjects", "ProvisionedThroughputExceededException", None)
    with pytest.raises(AwsRefusedError) as caught:
        gateways.rekognition.find_project("shades")
    assert caught.value.code == "ProvisionedThroughputExceededException"
    assert gateways.calls("DescribeProjects") == ATTEMPTS


@pytest.mark.parametrize("code", ["LimitExceededException", "AccessDeniedException"])
def test_call_does_not_repeat_a_refusal(gateways: Gateways, code: str) -> None:
    """A quota or a missing permission is not cured by asking again."""
    gateways.arm("DescribeProjects", code)
    with pytest.raises(AwsRefusedError) as caught:
        gateways.rekognition.find_project("shades")
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


def test_call_once_repeats_throttled_calls(gateways: Gateways) -> None:
    """A throttled call did not happen, so it may be made again."""
    gateways.arm("CreateProject", "ThrottlingException", times=2)
    arn = gateways.rekognition.create_project("shades", {})
    assert "project/shades/" in arn
    assert len(gateways.clock.sleeps) == 2
