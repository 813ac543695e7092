"""Tests of the bill."""

import pytest

from rcl_flow.emulator.conditions.clock import Delay, ManualClock
from rcl_flow.emulator.conditions.meter import Meter, Prices
from rcl_flow.emulator.conditions.world import Delays, World
from tests.emulator.builders import Aws

HOUR = 3600


def test_meter_bills_units_times_running_time() -> None:
    """Two units for half an hour are one unit hour, at the configured price."""
    meter = Meter(Prices(unit_usd_per_hour=5))
    meter.start("v", units=2, at=100)
    meter.stop("v", at=100 + HOUR / 2)
    total = meter.report(now=10 * HOUR)["total"]
    assert (total["inference_unit_seconds"], total["usd"]) == (HOUR, 5)


def test_meter_counts_a_running_model_up_to_now() -> None:
    """What still runs has cost something already."""
    meter = Meter()
    meter.start("v", units=1, at=0)
    bill = meter.report(now=90)["versions"]["v"]
    assert bill["inference_unit_seconds"] == 90
    assert bill["intervals"] == [
        {"inference_units": 1, "started_at": 0, "ended_at": None, "seconds": 90}
    ]


def test_meter_bills_each_start_as_an_interval_of_its_own() -> None:
    """Time between a stop and the next start costs nothing."""
    meter = Meter()
    for start, stop in [(0, 10), (100, 120)]:
        meter.start("v", units=1, at=start)
        meter.stop("v", at=stop)
    bill = meter.report(now=500)["versions"]["v"]
    assert bill["inference_unit_seconds"] == 30
    assert [each["seconds"] for each in bill["intervals"]] == [10, 20]


def test_meter_bills_training_seconds() -> None:
    """A training of 30 minutes costs half of the hourly price."""
    meter = Meter(Prices(training_usd_per_hour=1))
    meter.record_training("v", 1800)
    assert meter.report(now=0)["total"]["usd"] == 0.5


@pytest.mark.parametrize(
    "world",
    [World(clock=ManualClock(), delays=Delays(starting=Delay(seconds=600), training=Delay()))],
)
def test_running_model_is_billed_from_running_to_the_stop_request(aws: Aws, world: World) -> None:
    """STARTING and STOPPING cost nothing, however late somebody looks."""
    _, version = aws.trained()
    aws.rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=2)
    world.clock.advance(600 + 50)
    aws.rekognition.stop_project_version(ProjectVersionArn=version)
    world.clock.advance(1000)
    bill = world.meter.report(world.clock.now())["versions"][version]
    assert bill["inference_unit_seconds"] == pytest.approx(100)
    assert bill["billed_training_seconds"] == 1


def test_bill_outlives_the_version(aws: Aws) -> None:
    """Deleting a version does not delete what it has cost."""
    project, version = aws.trained()
    aws.rekognition.delete_project_version(ProjectVersionArn=version)
    aws.versions(project)
    assert version in aws.world.meter.report(0)["versions"]


def test_failed_training_is_not_billed(aws: Aws) -> None:
    """Only successful trainings cost money."""
    aws.train_on(aws.put_images("a", 2, ["red"]), aws.put_images("b", 2, ["red"]))
    assert aws.world.meter.report(0)["versions"] == {}
