"""What becomes of a scheduled call that is refused: it is tried again, for as long as AWS does."""

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.doors.retries import Attempt, RetryPolicy, parse_retry_policy, pause_seconds
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.testing import CustomLabels, running_emulator
from tests.emulator.doors.test_schedules import ROLE, STOP, at, running_model, status, watch

NOBODY = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1600000000000"


@pytest.fixture
def box() -> Iterator[CustomLabels]:
    """Return an emulator whose clock stands still, and whose models start in ten minutes."""
    with running_emulator(EmulatorSettings(clock="manual", starting_seconds=600)) as running:
        yield running


def starting_model(box: CustomLabels) -> tuple[str, str]:
    """Return the ARNs of a project and of its version, which has just begun to start."""
    project, version = running_model(box, settle_seconds=600)
    rekognition = box.client("rekognition")
    rekognition.stop_project_version(ProjectVersionArn=version)
    box.advance(10)
    rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    return project, version


def target(version: str, **policy: int) -> dict[str, Any]:
    """Return a target that stops a version, with a retry policy."""
    stop = {"Arn": STOP, "RoleArn": ROLE, "Input": json.dumps({"ProjectVersionArn": version})}
    return {**stop, "RetryPolicy": policy}


def tries(box: CustomLabels, began: float) -> list[tuple[int, float, str]]:
    """Return number, seconds since `began` and outcome of each try."""
    return [
        (each.attempt, round(each.tried_at - began), each.code) for each in box.schedule_firings()
    ]


def wait_for_firings(box: CustomLabels, count: int) -> None:
    """Wait, in real time, until the server's own watch has made so many tries."""
    for _ in range(200):
        if len(box.schedule_firings()) >= count:
            return
        threading.Event().wait(0.05)


def test_stop_that_comes_while_the_model_starts_stops_it_once_it_runs(box: CustomLabels) -> None:
    """No model escapes its watchdog by being slow; the schedule goes after the try that worked."""
    project, version = starting_model(box)
    watch(box, version, at(box, 60), ActionAfterCompletion="DELETE")
    began = box.clock.now()
    box.advance(599)
    assert status(box, project) == "STARTING"
    assert len(box.client("scheduler").list_schedules()["Schedules"]) == 1
    box.advance(310)
    assert status(box, project) == "STOPPED"
    *refused, last = tries(box, began)
    assert {code for _, _, code in refused} == {"ResourceInUseException"}
    assert [second for _, second, _ in refused] == [60, 70, 90, 130, 210, 370]
    assert last == (7, 670, "OK")
    spent = box.meter()["versions"][version]["intervals"][-1]["seconds"]
    assert spent == pytest.approx(70, abs=1)
    assert box.client("scheduler").list_schedules()["Schedules"] == []


def test_tries_end_with_the_attempts(box: CustomLabels) -> None:
    """The first call and so many more; then the schedule is complete."""
    watch(
        box,
        NOBODY,
        at(box, 60),
        Target=target(NOBODY, MaximumRetryAttempts=2),
        ActionAfterCompletion="DELETE",
    )
    began = box.clock.now()
    box.advance(89)
    assert len(box.client("scheduler").list_schedules()["Schedules"]) == 1
    box.advance(86_400)
    assert [(number, second) for number, second, _ in tries(box, began)] == [
        (1, 60),
        (2, 70),
        (3, 90),
    ]
    assert box.client("scheduler").list_schedules()["Schedules"] == []


def test_tries_end_with_the_age(box: CustomLabels) -> None:
    """No try comes later than that after the schedule was due."""
    watch(box, NOBODY, at(box, 60), Target=target(NOBODY, MaximumEventAgeInSeconds=60))
    began = box.clock.now()
    box.advance(86_400)
    assert [second for _, second, _ in tries(box, began)] == [60, 70, 90]


def test_no_retries_means_one_call(box: CustomLabels) -> None:
    """Zero attempts is a policy, not a missing one."""
    watch(box, NOBODY, at(box, 60), Target=target(NOBODY, MaximumRetryAttempts=0))
    box.advance(86_400)
    assert len(box.schedule_firings()) == 1


def test_update_ends_the_tries_of_the_former_moment(box: CustomLabels) -> None:
    """A heartbeat that pushes the moment forward also calls back what is under way."""
    project, version = starting_model(box)
    watch(box, version, at(box, 60))
    box.advance(200)
    before = len(box.schedule_firings())
    box.client("scheduler").update_schedule(
        Name="watchdog",
        ScheduleExpression=at(box, 86_400),
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target(version),
    )
    box.advance(80_000)
    assert status(box, project) == "RUNNING"
    assert len(box.schedule_firings()) == before
    box.advance(6_410)
    assert status(box, project) == "STOPPED"


def test_deletion_ends_the_tries(box: CustomLabels) -> None:
    """A schedule of the same name does not take them over."""
    project, version = starting_model(box)
    watch(box, version, at(box, 60))
    box.advance(200)
    before = len(box.schedule_firings())
    box.client("scheduler").delete_schedule(Name="watchdog")
    watch(box, version, at(box, 200_000))
    box.advance(100_000)
    assert status(box, project) == "RUNNING"
    assert len(box.schedule_firings()) == before


def test_scripted_faults_of_the_stop_are_retried(box: CustomLabels) -> None:
    """An error of the service and a broken connection are refusals like any other."""
    project, version = running_model(box, settle_seconds=600)
    box.fail("StopProjectVersion", "InternalServerError")
    box.faults.add(Fault("StopProjectVersion", reset=True, times=1))
    watch(box, version, at(box, 60))
    box.advance(100)
    codes = [each.code for each in box.schedule_firings()]
    assert codes[-1] == "OK"
    assert set(codes[:-1]) == {"InternalServerError", "ConnectionReset"}
    assert status(box, project) == "STOPPED"


def test_refused_call_is_retried_by_itself_on_a_running_clock() -> None:
    """Nobody has to ask anything of a server for its watchdogs to go on."""
    with running_emulator(EmulatorSettings(speed=200.0)) as box:
        watch(box, NOBODY, at(box, 20))
        wait_for_firings(box, 3)
        first, second, third = box.schedule_firings()[:3]
        assert (first.attempt, second.attempt, third.attempt) == (1, 2, 3)
        assert second.tried_at - first.tried_at >= 10
        assert third.tried_at - second.tried_at >= 20
        assert set(box.calls()) == {"StopProjectVersion"}


def test_refused_call_is_retried_on_a_skipping_clock() -> None:
    """The jump over a long start brings the next try with it."""
    settings = EmulatorSettings(clock="skipping", starting_seconds=600, training_seconds=3600)
    with running_emulator(settings) as box:
        project, version = starting_model(box)
        watch(box, version, at(box, -1))
        wait_for_firings(box, 1)
        assert status(box, project) == "STARTING"
        wait_for_firings(box, 2)
        assert status(box, project) in {"STOPPING", "STOPPED"}
        assert [each.code for each in box.schedule_firings()] == ["ResourceInUseException", "OK"]


def test_every_try_is_listed_over_http(box: CustomLabels) -> None:
    """A program in any language can see what its watchdog did."""
    watch(box, NOBODY, at(box, 60), Target=target(NOBODY, MaximumRetryAttempts=1))
    began = box.clock.now()
    box.advance(100)
    connection = http.client.HTTPConnection(urlsplit(box.endpoint_url).netloc, timeout=10)
    connection.request("GET", "/rcl-emulator/schedules")
    fired = json.load(connection.getresponse())["fired"]
    connection.close()
    assert [(each["attempt"], round(each["tried_at"] - began)) for each in fired] == [
        (1, 60),
        (2, 70),
    ]
    assert {round(each["due_at"] - began) for each in fired} == {60}


def test_pauses_double_up_to_five_minutes() -> None:
    """The backoff is exponential, and bounded."""
    pauses = [pause_seconds(tries) for tries in range(1, 9)]
    assert pauses == [10, 20, 40, 80, 160, 300, 300, 300]


def test_policy_that_is_left_out_is_the_largest() -> None:
    """AWS's defaults hold for each member by itself."""
    assert parse_retry_policy(None) == RetryPolicy(185, 86_400)
    assert parse_retry_policy({"MaximumRetryAttempts": 0}) == RetryPolicy(0, 86_400)
    assert parse_retry_policy({"MaximumEventAgeInSeconds": 60}) == RetryPolicy(185, 60)


def test_late_try_counts_its_pause_from_when_it_was_made() -> None:
    """A clock that has jumped does not make up for the tries in between."""
    again = Attempt(due_at=0, try_at=0).after_refusal(RetryPolicy(), now=500)
    assert again == Attempt(due_at=0, try_at=510, number=2)
