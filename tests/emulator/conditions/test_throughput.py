"""Tests of the limits on requests per second, which are off unless they are asked for."""

from typing import Any

import boto3
import pytest

from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.throughput import Rates, Throughput
from rcl_flow.emulator.conditions.world import World, world_of
from rcl_flow.emulator.settings import EmulatorSettings
from tests.emulator.builders import ACCOUNT, Aws, png, refusal_code, refused

LIMITED = pytest.mark.parametrize("world", [World(clock=ManualClock(), throughput=Throughput())])
SCALED = pytest.mark.parametrize(
    "world",
    [World(clock=ManualClock(), throughput=Throughput(Rates(classifications_per_unit=2)))],
)
TOO_FAST = ("ThrottlingException", "Slow down; sudden increase in rate of requests.")
TOO_MUCH = ("ProvisionedThroughputExceededException", "Provisioned Rate exceeded.")


@pytest.fixture(autouse=True)
def _forget(world: World) -> None:
    """Begin with nothing asked, as worlds are shared by the cases of a test."""
    world.clear()


def answered(call: Any, count: int, **request: object) -> int:  # noqa: ANN401  # boto3
    """Send a number of requests at once and return how many were answered."""
    codes = [_code(call, request) for _ in range(count)]
    return codes.count("")


def _code(call: Any, request: dict[str, object]) -> str:  # noqa: ANN401  # boto3
    try:
        call(**request)
    except call.__self__.exceptions.ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def detection(version: str) -> dict[str, Any]:
    """Return a request for a picture's labels."""
    return {"ProjectVersionArn": version, "Image": {"Bytes": png("red")}}


def start(aws: Aws, **units: int) -> str:
    """Train a model, run it, and return its ARN."""
    project, version = aws.trained()
    aws.world.clock.advance(10)
    aws.unchecked.start_project_version(ProjectVersionArn=version, **units)
    aws.versions(project)
    return version


def test_nothing_is_limited_by_default(aws: Aws) -> None:
    """A test that does not ask for limits meets none."""
    assert answered(aws.rekognition.describe_projects, 60) == 60


@LIMITED
def test_control_plane_answers_five_a_second(aws: Aws) -> None:
    """The sixth request is told to slow down, and a fifth of a second later one is answered."""
    call = aws.rekognition.describe_projects
    assert answered(call, 5) == 5
    assert refused(call) == TOO_FAST
    aws.world.clock.advance(0.2)
    assert answered(call, 3) == 1
    aws.world.clock.advance(1000)
    assert answered(call, 9) == 5


@LIMITED
def test_refused_request_is_not_executed(aws: Aws) -> None:
    """What was refused has done nothing, whatever it asked for."""
    names = [f"p{number}" for number in range(7)]
    create = aws.rekognition.create_project
    assert [_code(create, {"ProjectName": name}) for name in names].count("") == 5
    assert refused(create, ProjectName="!") == TOO_FAST
    assert len(aws.rekognition.describe_projects()["ProjectDescriptions"]) == 5


@LIMITED
def test_each_operation_region_and_account_has_its_own_limit(
    aws: Aws, other: Aws, session: boto3.Session
) -> None:
    """One that is used up leaves the others alone."""
    call = aws.rekognition.describe_projects
    assert answered(call, 6) == 5
    assert answered(aws.rekognition.create_project, 1, ProjectName="p") == 1
    assert answered(other.rekognition.describe_projects, 6) == 5
    elsewhere = session.client("rekognition", region_name="eu-west-1")
    assert answered(elsewhere.describe_projects, 5) == 5


@LIMITED
def test_tagging_answers_ten_a_second(aws: Aws) -> None:
    """Tags have a limit of their own."""
    arn = aws.project()
    assert answered(aws.rekognition.list_tags_for_resource, 12, ResourceArn=arn) == 10
    assert answered(aws.rekognition.tag_resource, 12, ResourceArn=arn, Tags={"a": "b"}) == 10


@LIMITED
def test_account_detects_fifty_times_a_second(aws: Aws) -> None:
    """Above that, the throughput is exceeded even if no model answers."""
    arn = f"arn:aws:rekognition:us-east-1:{ACCOUNT}:project/p/version/v/1760000000000"
    call = aws.rekognition.detect_custom_labels
    codes = [refusal_code(call, **detection(arn)) for _ in range(51)]
    assert codes == ["ResourceNotFoundException"] * 50 + [TOO_MUCH[0]]


@pytest.mark.parametrize("units", [1, 3])
@LIMITED
def test_model_answers_five_a_second_and_unit(aws: Aws, units: int) -> None:
    """Units multiply what a model answers; one too many is told so, and waits."""
    version = start(aws, MinInferenceUnits=units)
    call = aws.rekognition.detect_custom_labels
    assert answered(call, 5 * units, **detection(version)) == 5 * units
    assert refused(call, **detection(version)) == TOO_MUCH
    aws.world.clock.advance(1)
    assert answered(call, 5 * units + 1, **detection(version)) == 5 * units


@SCALED
def test_model_without_a_maximum_keeps_its_units(aws: Aws) -> None:
    """Demand alone brings no unit."""
    version = start(aws, MinInferenceUnits=1)
    call = aws.rekognition.detect_custom_labels
    for _ in range(3):
        assert answered(call, 9, **detection(version)) == 2
        aws.world.clock.advance(120)


@SCALED
def test_model_gets_units_one_by_one_up_to_its_maximum(aws: Aws) -> None:
    """A request too many brings a unit a minute later, unless one comes, and keeps those there."""
    version = start(aws, MinInferenceUnits=1, MaxInferenceUnits=3)
    call = aws.rekognition.detect_custom_labels
    seen = []
    for _ in range(8):
        seen.append(answered(call, 9, **detection(version)))
        aws.world.clock.advance(59)
        seen.append(answered(call, 9, **detection(version)))
        aws.world.clock.advance(1)
    assert seen == [2, 2, 4, 4, *[6] * 12]


@SCALED
def test_model_returns_to_its_minimum_after_five_calm_minutes(aws: Aws) -> None:
    """Requests that are all answered keep no unit."""
    version = start(aws, MinInferenceUnits=1, MaxInferenceUnits=2)
    call = aws.rekognition.detect_custom_labels
    assert answered(call, 3, **detection(version)) == 2
    aws.world.clock.advance(60)
    assert answered(call, 4, **detection(version)) == 4
    aws.world.clock.advance(299)
    assert answered(call, 4, **detection(version)) == 4
    aws.world.clock.advance(1)
    assert answered(call, 4, **detection(version)) == 2


@SCALED
def test_unit_that_was_added_is_billed_while_it_serves(aws: Aws) -> None:
    """The bill counts units in service: one all the time, another one for five minutes."""
    clock, meter = aws.world.clock, aws.world.meter
    version = start(aws, MinInferenceUnits=1, MaxInferenceUnits=2)
    started, call = clock.now(), aws.rekognition.detect_custom_labels
    assert answered(call, 3, **detection(version)) == 2
    clock.advance(60)

    def unit_seconds() -> float:
        bill: float = meter.report(clock.now())["versions"][version]["inference_unit_seconds"]
        return bill

    assert unit_seconds() == clock.now() - started == 60
    clock.advance(100)
    assert unit_seconds() == 160 + 100
    clock.advance(900)
    assert unit_seconds() == 1060 + 300


@SCALED
def test_stop_ends_the_bill_of_all_units(aws: Aws) -> None:
    """A unit that was still to come is never billed, and a new run begins at the minimum."""
    version, clock = start(aws, MinInferenceUnits=1, MaxInferenceUnits=3), aws.world.clock
    call = aws.rekognition.detect_custom_labels
    answered(call, 3, **detection(version))
    clock.advance(70)
    answered(call, 9, **detection(version))
    aws.rekognition.stop_project_version(ProjectVersionArn=version)
    clock.advance(1000)
    total = aws.world.meter.report(clock.now())["total"]
    assert total["inference_unit_seconds"] == 70 + 10
    (project,) = aws.rekognition.describe_projects()["ProjectDescriptions"]
    aws.versions(project["ProjectArn"])
    aws.unchecked.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    aws.versions(project["ProjectArn"])
    assert answered(call, 9, **detection(version)) == 2


def test_settings_turn_the_limits_on() -> None:
    """A server limits nothing unless it is told to, and then as its settings say."""
    assert world_of(EmulatorSettings()).throughput is None
    limited = world_of(
        EmulatorSettings(
            enforce_throughput=True,
            classifications_per_unit_second=7.5,
            detections_per_unit_second=2,
        )
    ).throughput
    assert limited is not None
    assert limited.rates == Rates(classifications_per_unit=7.5, detections_per_unit=2)
