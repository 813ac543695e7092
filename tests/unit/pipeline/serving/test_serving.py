"""Tests of the running model as a block: whatever happens, it is not left billing."""

import os
import signal

import pytest

from rcl_flow.aws.waiting import Pace
from rcl_flow.emulator.conditions.clock import Delay
from rcl_flow.emulator.conditions.world import Delays
from rcl_flow.errors import AwsRefusedError, ModelNotStartedError, ModelNotStoppedError
from rcl_flow.pipeline.costs.spending import spent_by
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.signals import Signalled
from rcl_flow.pipeline.serving.serving import armed_model, running, stop_armed
from rcl_flow.pipeline.serving.stopping import confirm_stopped
from rcl_flow.pipeline.state.records import armed_key, list_armed, write_record
from tests.unit.pipeline.bench import Bench
from tests.unit.pipeline.conftest import MakeBench

BEFORE_STOP = "before-call.rekognition.StopProjectVersion"
BEFORE_START = "before-call.rekognition.StartProjectVersion"


def start_elsewhere(bench: Bench, version: TrainedVersion) -> None:
    """Start the model as somebody else would."""
    bench.client.start_project_version(ProjectVersionArn=version.version_arn, MinInferenceUnits=1)


def is_armed(version: TrainedVersion, run: Run) -> bool:
    """Say whether the workspace may have left the model running."""
    return armed_model(version, run) is not None


def arm(bench: Bench, version: TrainedVersion, run: Run) -> None:
    """Leave the record that a crashed run would leave."""
    record = bench.armed(version, run, asked_at=None)
    write_record(run.services.store, armed_key(version.version_arn), record)


def test_running_has_the_model_running_and_stops_it(bench: Bench) -> None:
    """The model runs inside the block only, and its use is counted."""
    run = bench.run()
    version = bench.trained(run)
    with running(version, run, units=1):
        assert bench.status(version) == "RUNNING"
        bench.clock.sleep(100)
    assert bench.status(version) == "STOPPED"
    assert not is_armed(version, run)
    assert spent_by(run).inference_unit_seconds >= 100


def test_running_writes_the_armed_record_before_the_start(bench: Bench) -> None:
    """Whoever crashes between record and start has nothing running that nobody knows of."""
    run = bench.run()
    version = bench.trained(run)
    armed: list[bool] = []

    def look(**_: object) -> None:
        armed.append(is_armed(version, run))

    bench.client.meta.events.register(BEFORE_START, look)
    try:
        with running(version, run, units=1):
            pass
    finally:
        bench.client.meta.events.unregister(BEFORE_START, look)
    assert armed == [True]


def test_running_stops_the_model_when_the_body_raises(bench: Bench) -> None:
    """A crash while predicting does not leave the model billing."""
    run = bench.run()
    version = bench.trained(run)
    with pytest.raises(ValueError, match="crash"), running(version, run, units=1):
        raise ValueError("crash")
    assert bench.status(version) == "STOPPED"
    assert list_armed(run.services.store) == []


def test_running_stops_the_model_when_interrupted(bench: Bench) -> None:
    """An interruption ends the model like any error."""
    run = bench.run()
    version = bench.trained(run)
    with pytest.raises(KeyboardInterrupt), running(version, run, units=1):
        raise KeyboardInterrupt
    assert bench.status(version) == "STOPPED"


def test_running_goes_on_when_the_starts_answer_was_lost(bench: Bench) -> None:
    """A start that happened unseen is seen by looking, and is not asked for twice."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("StartProjectVersion", "InternalServerError", executed=True)
    with running(version, run, units=1):
        assert bench.status(version) == "RUNNING"
    assert bench.calls("StartProjectVersion") == 1
    assert bench.status(version) == "STOPPED"
    assert not is_armed(version, run)


def test_running_asks_again_when_the_start_got_lost(bench: Bench) -> None:
    """A start that did not happen is asked for once more."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("StartProjectVersion", "InternalServerError")
    with running(version, run, units=1):
        assert bench.status(version) == "RUNNING"
    assert bench.calls("StartProjectVersion") == 2


def test_running_waits_when_the_account_runs_as_much_as_it_may(bench: Bench) -> None:
    """A quota of running models is waited for: another model will stop."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("StartProjectVersion", "LimitExceededException", times=3)
    with running(version, run, units=1):
        assert bench.status(version) == "RUNNING"
    assert bench.calls("StartProjectVersion") == 4
    assert any("asked for again" in notice for notice in bench.notices)


def test_running_forgets_the_record_when_the_start_was_refused(bench: Bench) -> None:
    """What never ran is not stopped, and nothing is left to worry about."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("StartProjectVersion", "AccessDeniedException")
    with (
        pytest.raises(AwsRefusedError, match="AccessDeniedException"),
        running(version, run, units=1),
    ):
        pass
    assert bench.calls("StopProjectVersion") == 0
    assert not is_armed(version, run)


def test_running_stops_the_model_before_it_obeys_a_signal(bench: Bench) -> None:
    """An impatient second Ctrl-C, while the model is being stopped, is held back until it is."""
    run = bench.run()
    version = bench.trained(run)

    def interrupt(**_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    bench.client.meta.events.register(BEFORE_STOP, interrupt)
    try:
        with (
            pytest.raises(Signalled),
            run.services.guard.listening(),
            running(version, run, units=1),
        ):
            pass
    finally:
        bench.client.meta.events.unregister(BEFORE_STOP, interrupt)
    assert bench.status(version) == "STOPPED"
    assert not is_armed(version, run)


def test_running_says_so_when_the_model_does_not_come_up(bench: Bench) -> None:
    """A start that ends as FAILED is an error of its own."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("StartProjectVersion", fails_later=True)
    with pytest.raises(ModelNotStartedError, match="is FAILED"), running(version, run, units=1):
        pass
    assert not is_armed(version, run)


def test_running_starts_again_after_a_stop(bench: Bench) -> None:
    """A stopped model can be run once more."""
    run = bench.run()
    version = bench.trained(run)
    for _ in range(2):
        with running(version, run, units=1):
            assert bench.status(version) == "RUNNING"
    assert bench.calls("StartProjectVersion") == 2


def test_running_waits_for_a_stop_under_way(bench: Bench) -> None:
    """A model that is being stopped is started when it has stopped."""
    run = bench.run()
    version = bench.trained(run)
    start_elsewhere(bench, version)
    bench.status(version)
    bench.client.stop_project_version(ProjectVersionArn=version.version_arn)
    with running(version, run, units=1):
        assert bench.status(version) == "RUNNING"


def test_running_leaves_a_foreign_model_running(bench: Bench) -> None:
    """A model that somebody else has started is used and left to them."""
    run = bench.run()
    version = bench.trained(run)
    start_elsewhere(bench, version)
    with running(version, run, units=1):
        assert bench.status(version) == "RUNNING"
    assert bench.status(version) == "RUNNING"
    assert bench.calls("StopProjectVersion") == 0
    assert any("left running" in notice for notice in bench.notices)


def test_running_takes_over_a_model_that_a_crash_left(bench: Bench) -> None:
    """What this workspace has started is stopped by whoever comes next."""
    run = bench.run()
    version = bench.trained(run)
    arm(bench, version, run)
    start_elsewhere(bench, version)
    with running(version, run, units=1):
        pass
    assert bench.calls("StartProjectVersion") == 1
    assert bench.status(version) == "STOPPED"


def test_running_stops_when_the_stop_is_refused_twice(bench: Bench) -> None:
    """A refused stop is asked for again."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("StopProjectVersion", "AccessDeniedException", times=2)
    with running(version, run, units=1):
        pass
    assert bench.status(version) == "STOPPED"
    assert bench.calls("StopProjectVersion") == 3
    assert not is_armed(version, run)


def test_running_stops_when_the_stops_answer_was_lost(bench: Bench) -> None:
    """A stop that happened unseen is read back as one."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("StopProjectVersion", "InternalServerError", executed=True)
    with running(version, run, units=1):
        pass
    assert bench.status(version) == "STOPPED"


def test_running_keeps_the_record_when_the_stop_is_always_refused(bench: Bench) -> None:
    """The loudest error names model, price and command, and the next run tries again."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("StopProjectVersion", "AccessDeniedException", times=None)
    with pytest.raises(ModelNotStoppedError) as caught, running(version, run, units=1):
        pass
    assert caught.value.project_version_arn == version.version_arn
    assert caught.value.exit_code == 9
    assert "USD an hour" in caught.value.message
    assert f"--project-version-arn {version.version_arn}" in caught.value.hint
    assert is_armed(version, run)
    bench.world.faults.clear()
    armed = armed_model(version, run)
    assert armed is not None
    stop_armed(armed, run)
    assert bench.status(version) == "STOPPED"


def test_running_keeps_the_record_when_stopped_is_never_read_back(slow_bench: MakeBench) -> None:
    """A model that stays STOPPING is not believed to be stopped."""
    bench = slow_bench(Delays(stopping=Delay(seconds=1e9)))
    run = bench.run()
    version = bench.trained(run)
    with pytest.raises(ModelNotStoppedError, match="STOPPING"), running(version, run, units=1):
        pass
    assert is_armed(version, run)


def test_stop_armed_is_content_when_the_version_is_gone(bench: Bench) -> None:
    """A deleted version bills nothing."""
    run = bench.run()
    version = bench.trained(run)
    arm(bench, version, run)
    bench.client.delete_project_version(ProjectVersionArn=version.version_arn)
    bench.versions(version.project_arn)
    armed = armed_model(version, run)
    assert armed is not None
    stop_armed(armed, run)
    assert not is_armed(version, run)


def test_confirm_stopped_waits_for_the_stop_to_end(slow_bench: MakeBench) -> None:
    """STOPPING is looked at until it is over."""
    bench = slow_bench(Delays(stopping=Delay(polls=4)))
    run = bench.run()
    version = bench.trained(run)
    with running(version, run, units=1):
        bench.clock.sleeps.clear()
    assert len(bench.clock.sleeps) >= 2
    assert not is_armed(version, run)


def test_confirm_stopped_waits_for_a_start_under_way(bench: Bench) -> None:
    """A model that is still STARTING cannot be stopped yet, so that is waited for."""
    run = bench.run()
    version = bench.trained(run)
    start_elsewhere(bench, version)
    before, after = confirm_stopped(
        version.version_arn, run.services, Pace(1, 60), usd_per_hour=4.0
    )
    assert (before, after) == ("STARTING", "STOPPED")
    assert bench.calls("StopProjectVersion") == 1
