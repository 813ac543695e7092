"""What stops a model when this machine is gone: set before the start, pushed, removed after."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from rcl_flow.core.naming import STOP_AFTER_TAG, stop_schedule_name
from rcl_flow.errors import BudgetExceededError, LeaseLostError, WatchdogNotArmedError
from rcl_flow.pipeline.runs.opening import leased
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.serving.serving import running
from rcl_flow.pipeline.serving.watchdog import format_moment
from rcl_flow.pipeline.state.lease import LeaseRecord, lease_key
from rcl_flow.pipeline.state.records import armed_key, list_armed
from tests.unit.pipeline.bench import Bench

BEFORE_START = "before-call.rekognition.StartProjectVersion"


def schedules(bench: Bench) -> list[str]:
    """Return the names of the schedules that are there."""
    return [entry["Name"] for entry in bench.scheduler_client.list_schedules()["Schedules"]]


def stop_after(bench: Bench, version: TrainedVersion) -> str | None:
    """Return the tag that says when the model may be stopped."""
    tags = bench.client.list_tags_for_resource(ResourceArn=version.version_arn)["Tags"]
    return tags.get(STOP_AFTER_TAG)


def moment(bench: Bench, minutes: float) -> str:
    """Return the time in some minutes, as the tag has it."""
    return format_moment(bench.clock.now() + timedelta(minutes=minutes))


def test_schedule_and_tag_are_there_before_the_start(bench: Bench) -> None:
    """A machine that dies in the middle of the start leaves something that stops the model."""
    run = bench.run()
    version = bench.trained(run)
    seen: list[tuple[list[str], str | None]] = []

    def look(**_: object) -> None:
        seen.append((schedules(bench), stop_after(bench, version)))

    bench.client.meta.events.register(BEFORE_START, look)
    try:
        with running(version, run, units=1):
            pass
    finally:
        bench.client.meta.events.unregister(BEFORE_START, look)
    assert seen[0][0] == [stop_schedule_name(version.version_arn)]
    assert seen[0][1] is not None


def test_schedule_stops_this_model_when_the_lease_ends(bench: Bench) -> None:
    """The schedule names operation, model, moment and role, and tries again for a day."""
    run = bench.run(safety={"lease_minutes": 20})
    version = bench.trained(run)
    until = bench.clock.now() + timedelta(minutes=20)
    with running(version, run, units=1):
        found = bench.scheduler_client.get_schedule(Name=stop_schedule_name(version.version_arn))
        tagged = stop_after(bench, version)
    assert found["ScheduleExpression"] == f"at({until:%Y-%m-%dT%H:%M:%S})"
    target = found["Target"]
    assert target["Arn"].endswith(":aws-sdk:rekognition:stopProjectVersion")
    assert version.version_arn in target["Input"]
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 86_400
    assert tagged == format_moment(until)


def test_schedule_and_tag_are_gone_when_the_model_was_read_as_stopped(bench: Bench) -> None:
    """Nothing is left that could stop a later start."""
    run = bench.run()
    version = bench.trained(run)
    with running(version, run, units=1):
        pass
    assert schedules(bench) == []
    assert stop_after(bench, version) is None
    assert list_armed(run.services.store) == []


def test_signs_of_life_push_the_watchdog_forward(bench: Bench) -> None:
    """A run that lives is not stopped by its own watchdog."""
    run = bench.run(safety={"lease_minutes": 15})
    version = bench.trained(run)
    with leased(run), running(version, run, units=1):
        for _ in range(10):
            run.waking_clock.sleep(600)
            tagged = stop_after(bench, version)
            assert tagged is not None
            assert tagged > moment(bench, 9)


def test_model_is_not_started_when_the_schedule_cannot_be_set(bench: Bench) -> None:
    """Without what stops it, a model is not started at all."""
    run = bench.run()
    version = bench.trained(run)

    def deny(**_: object) -> None:
        error = {"Error": {"Code": "AccessDeniedException", "Message": "not allowed"}}
        raise ClientError(error, "CreateSchedule")  # type: ignore[arg-type]  # a part of an answer

    bench.scheduler_client.meta.events.register("before-call.scheduler", deny)
    try:
        with (
            pytest.raises(WatchdogNotArmedError, match="schedule could not be set") as caught,
            running(version, run, units=1),
        ):
            pass
    finally:
        bench.scheduler_client.meta.events.unregister("before-call.scheduler", deny)
    assert caught.value.exit_code == 4
    assert bench.calls("StartProjectVersion") == 0
    assert list_armed(run.services.store) == []


def test_model_is_not_started_when_the_only_tag_cannot_be_set(bench: Bench) -> None:
    """Where the tag is the watchdog, it is needed."""
    run = bench.run(safety={"watchdog": "tag"})
    version = bench.trained(run)
    bench.arm("TagResource", "AccessDeniedException")
    with (
        pytest.raises(WatchdogNotArmedError, match="tag could not be set"),
        running(version, run, units=1),
    ):
        pass
    assert bench.calls("StartProjectVersion") == 0


def test_model_starts_without_the_tag_when_there_is_the_schedule(bench: Bench) -> None:
    """The two do not depend on one another; what is missing is told."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("TagResource", "AccessDeniedException", times=None)
    with running(version, run, units=1):
        assert len(schedules(bench)) == 1
    assert any("stop tag could not be set" in notice for notice in bench.notices)


def test_tag_alone_needs_no_scheduler(bench: Bench) -> None:
    """An account without Scheduler is served by the tag."""
    run = bench.run(safety={"watchdog": "tag"})
    version = bench.trained(run)
    with running(version, run, units=1):
        assert schedules(bench) == []
        assert stop_after(bench, version) is not None


def test_nothing_is_set_when_the_watchdog_is_off(bench: Bench) -> None:
    """Who switches it off gets neither."""
    run = bench.run(safety={"watchdog": "off"})
    version = bench.trained(run)
    with running(version, run, units=1):
        assert (schedules(bench), stop_after(bench, version)) == ([], None)


def take_over(run: Run) -> None:
    """Let another run take the project while this one sleeps."""
    key = lease_key(run.services.backend.identity, "shades")
    stored = run.services.store.get(key)
    assert stored is not None
    record = LeaseRecord.model_validate_json(stored.document)
    other = record.model_copy(update={"run_id": "another", "fence": record.fence + 1})
    taken = other.model_dump_json().encode()
    assert run.services.store.put_if_match(key, taken, stored.version)


def test_model_is_left_to_the_run_that_took_the_project(bench: Bench) -> None:
    """A machine that wakes up after its lease was taken stops acting, and stops nothing."""
    run = bench.run()
    version = bench.trained(run)
    with pytest.raises(LeaseLostError), leased(run), running(version, run, units=1):
        bench.clock.sleep(3600)
        take_over(run)
        run.beat()
    assert bench.status(version) == "RUNNING"
    assert bench.calls("StopProjectVersion") == 0
    assert len(list_armed(run.services.store)) == 1


def test_model_is_stopped_when_the_run_that_took_the_project_knows_nothing_of_it(
    bench: Bench,
) -> None:
    """What was started after the other run had stopped it is on nobody's list but this one's."""
    run = bench.run()
    version = bench.trained(run)
    with pytest.raises(LeaseLostError), leased(run), running(version, run, units=1):
        bench.clock.sleep(3600)
        take_over(run)
        run.services.store.delete(armed_key(version.version_arn))
        run.beat()
    assert bench.status(version) == "STOPPED"


def test_model_is_stopped_when_nobody_holds_the_project_any_more(bench: Bench) -> None:
    """A lease that another run has taken and left is nobody's: who started the model stops it."""
    run = bench.run()
    version = bench.trained(run)
    with pytest.raises(LeaseLostError), leased(run), running(version, run, units=1):
        take_over(run)
        bench.clock.sleep(3600)
        run.beat()
    assert bench.status(version) == "STOPPED"


def tick(bench: Bench, version: TrainedVersion) -> Run:
    """Run one tick that leaves the model starting, or uses it when it runs."""
    run = bench.run(blocking=False, safety={"pause_while_starting": True})
    with leased(run), running(version, run, units=1):
        assert bench.status(version) == "RUNNING"
    return run


def test_ticks_arm_and_start_one_after_the_other(bench: Bench) -> None:
    """One tick sets the watchdog, the next starts the model, a later one uses and stops it."""
    version = bench.trained(bench.run())
    with pytest.raises(Pause):
        tick(bench, version)
    assert (bench.calls("StartProjectVersion"), len(schedules(bench))) == (0, 1)
    with pytest.raises(Pause):
        tick(bench, version)
    assert bench.calls("StartProjectVersion") == 1
    assert bench.calls("StopProjectVersion") == 0
    tick(bench, version)
    assert bench.calls("StartProjectVersion") == 1
    assert bench.status(version) == "STOPPED"


def test_model_is_stopped_when_the_budget_is_used_up(bench: Bench) -> None:
    """The limit ends the run while the model runs, exit code 8, with nothing left on."""
    run = bench.run(budget={"max_inference_minutes": 30})
    version = bench.trained(run)
    with (
        pytest.raises(BudgetExceededError, match="max_inference_minutes 30") as caught,
        leased(run),
        running(version, run, units=1),
    ):
        run.waking_clock.sleep(7200)
    assert caught.value.exit_code == 8
    assert bench.status(version) == "STOPPED"
    with pytest.raises(BudgetExceededError), leased(run), running(version, run, units=1):
        pass
    assert bench.calls("StartProjectVersion") == 1  # what was used counts the next time too


def test_format_moment_is_what_a_tag_may_hold() -> None:
    """Whole seconds in UTC."""
    assert format_moment(datetime(2026, 11, 24, 3, 0, 7, 9, UTC)) == "2026-11-24T03:00:07Z"
