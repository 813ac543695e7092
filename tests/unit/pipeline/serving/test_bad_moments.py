"""A bad moment leaves no model running, no bill uncounted and no exit code hidden."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rcl_flow.core.naming import STOP_AFTER_TAG
from rcl_flow.errors import (
    LocalFilesError,
    ModelNotStoppedError,
    StoreError,
    WatchdogNotArmedError,
)
from rcl_flow.pipeline.predicting.predicting import predict_holdout
from rcl_flow.pipeline.runs.opening import leased, recorded
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.serving.abandoned import stop_abandoned
from rcl_flow.pipeline.serving.serving import armed_model, running
from rcl_flow.pipeline.state.ledger import entries_of
from rcl_flow.pipeline.state.records import armed_key, list_armed, write_record
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.failing_store import FailingStore

DAY_SECONDS = 86_400


def killed(version: TrainedVersion, run: Run) -> None:
    """Leave the model as a run that is killed in the middle leaves it."""
    with pytest.raises(ZeroDivisionError):
        with_stop_held_back(version, run)


def with_stop_held_back(version: TrainedVersion, run: Run) -> None:
    """Start the model and crash before anything can be stopped or written."""

    def dead(_verb: str, _key: str) -> None:
        raise ZeroDivisionError

    services = run.services
    block = running(version, run, units=1)
    block.__enter__()
    run.services = replace(services, store=FailingStore(services.store, before=dead))
    try:
        block.__exit__(None, None, None)
    finally:
        run.services = services


def ran_seconds(run: Run) -> float:
    """Return the seconds of running in the ledger."""
    entries = entries_of(run.services.store, run.services.backend.identity)
    return sum(entry.seconds for entry in entries if entry.kind == "inference")


def test_watchdog_is_pushed_while_images_are_answered(bench: Bench) -> None:
    """Answers that are kept renew the lease; the watchdog has a time of its own."""
    run = bench.run()
    version, holdout = bench.trained(run), bench.dataset("holdout", 40, 50)
    left: list[float] = []

    def slowly(**_: object) -> None:
        bench.clock.pass_by(15)
        armed = armed_model(version, run)
        assert armed is not None
        assert armed.watched_until is not None
        left.append((armed.watched_until - bench.clock.now()).total_seconds())

    bench.client.meta.events.register("before-call.rekognition.DetectCustomLabels", slowly)
    try:
        with leased(run):
            predict_holdout(version, holdout, BUCKET, run)
    finally:
        bench.client.meta.events.unregister("before-call.rekognition.DetectCustomLabels", slowly)
    assert len(left) == len(holdout.distinct())
    assert min(left) > 0


def test_days_that_the_model_was_stopped_are_not_counted(bench: Bench) -> None:
    """Resumed days after the watchdog stopped it, a run pays for what ran, with its own units."""
    run = bench.run(budget={"max_inference_minutes": 60})
    version = bench.trained(run)
    bench.client.start_project_version(ProjectVersionArn=version.version_arn, MinInferenceUnits=1)
    now = bench.clock.now()
    until = now + timedelta(minutes=5)
    record = bench.armed(version, run, running_since=now, watched_until=until)
    write_record(run.services.store, armed_key(version.version_arn), record)
    bench.status(version)
    bench.client.stop_project_version(ProjectVersionArn=version.version_arn)
    assert [bench.status(version) for _ in range(2)][-1] == "STOPPED"
    bench.clock.pass_by(3 * DAY_SECONDS)
    with running(version, run, units=2):
        armed = armed_model(version, run)
        assert armed is not None
        assert armed.inference_units == 2
        bench.clock.pass_by(60)
    assert ran_seconds(run) < 3600


def test_every_stretch_is_entered_when_the_record_outlived_the_first(bench: Bench) -> None:
    """Killed between ledger and record, the next start is a stretch of its own."""
    run = bench.run()
    version = bench.trained(run)

    def full(verb: str, _key: str) -> None:
        if verb == "delete":
            raise LocalFilesError("full", hint="make room")

    services = run.services
    run.services = replace(services, store=FailingStore(services.store, before=full))
    with pytest.raises(LocalFilesError), running(version, run, units=1):
        bench.clock.pass_by(100)
    run.services = services
    with running(version, run, units=1):
        bench.clock.pass_by(1000)
    assert ran_seconds(run) >= 1100


def test_tick_starts_the_model_without_a_watchdog_too(bench: Bench) -> None:
    """Switching the watchdog off does not make ticks pause for ever."""
    version, pauses = bench.trained(bench.run()), 0
    safety = {"watchdog": "off", "pause_while_starting": True}
    for _ in range(5):
        run = bench.run(blocking=False, safety=safety)
        try:
            with running(version, run, units=1):
                break
        except Pause:
            pauses += 1
    assert bench.calls("StartProjectVersion") == 1
    assert pauses <= 3
    assert bench.status(version) == "STOPPED"


def test_tag_is_removed_when_the_schedule_is_refused(bench: Bench) -> None:
    """A start that did not happen leaves nothing that could stop a later one."""
    run = bench.run(safety={"watchdog": "tag"})
    version = bench.trained(run)
    bench.arm("TagResource", "InternalServerError", times=None, executed=True)
    with pytest.raises(WatchdogNotArmedError), running(version, run, units=1):
        pass
    tags = bench.client.list_tags_for_resource(ResourceArn=version.version_arn)["Tags"]
    assert STOP_AFTER_TAG not in tags
    assert list_armed(run.services.store) == []


def test_exit_9_is_not_hidden_by_a_store_that_is_down(bench: Bench) -> None:
    """Offline with a running model: the ARN and the command are the last word."""
    run, down = bench.run(), False
    version = bench.trained(run)

    def fail(_verb: str, _key: str) -> None:
        if down:
            raise StoreError("the store is down", hint="wait")

    run.services = replace(run.services, store=FailingStore(run.services.store, before=fail))
    with (
        pytest.raises(ModelNotStoppedError),
        leased(run),
        recorded(run),
        running(version, run, units=1),
    ):
        down = True
        bench.arm("StopProjectVersion", "AccessDeniedException", times=None)


def test_torn_record_keeps_no_other_model_running(bench: Bench) -> None:
    """Those that can be read are stopped before the one that cannot is told."""
    run = bench.run()
    version = bench.trained(run)
    killed(version, run)
    run.services.store.put("armed/torn", b"{torn")
    with pytest.raises(StoreError, match="armed/torn"):
        stop_abandoned(run.services, run.log)
    assert bench.status(version) == "STOPPED"


def test_terminal_that_is_gone_does_not_end_the_stop(bench: Bench) -> None:
    """What cannot be told is not told; record and ledger are written all the same."""
    run, gone = bench.run(), False
    version = bench.trained(run)

    def emit(_event: object) -> None:
        if gone:
            raise BrokenPipeError

    run.services = replace(run.services, emit=emit)
    run.log.emit = emit
    with running(version, run, units=1):
        gone = True
        bench.arm("UntagResource", "AccessDeniedException", times=None)
    assert list_armed(run.services.store) == []


def test_pause_is_a_pause_when_a_sign_of_life_was_lost(bench: Bench) -> None:
    """An own write whose answer was lost is no take-over."""
    run, lost = bench.run(), True

    def lose(verb: str, _key: str) -> None:
        nonlocal lost
        if verb == "put_if_match" and lost:
            lost = False
            raise StoreError("the answer was lost", hint="wait")

    run.services = replace(run.services, store=FailingStore(run.services.store, after=lose))
    with pytest.raises(Pause), leased(run):
        assert run.lease is not None
        assert not run.lease.is_lost()
        raise Pause(60)
    assert not lost


def test_lease_is_of_the_run_that_was_found_after_it_was_taken(bench: Bench) -> None:
    """Two machines that begin at once become one run; its pause is its own."""
    first, second = bench.run(), bench.run()
    second.record = second.record.model_copy(update={"run_id": "of-the-loser"})
    with leased(second):
        assert second.lease is not None
        assert second.run_id == first.run_id
        assert second.lease.record.run_id == first.run_id


def test_batch_is_written_once_when_sharing_it_fails(bench: Bench) -> None:
    """An answer that could not be shared is in the file once, and shared by the next start."""
    run, down = bench.run(), True
    version, holdout = bench.trained(run), bench.dataset("holdout", 3, 50)

    def fail(_verb: str, key: str) -> None:
        if down and key.startswith("predictions/"):
            raise StoreError("the store is down", hint="wait")

    store = FailingStore(run.services.store, before=fail)
    run.services = replace(run.services, store=store, state_is_shared=True)
    down = False
    predict_holdout(version, holdout, BUCKET, run)
    shared = run.services.store.below("predictions/")
    for key, _ in shared:
        run.services.store.delete(key)
    predict_holdout(version, holdout, BUCKET, run)
    again = run.services.store.below("predictions/")
    assert b"".join(content for _, content in again).count(b"\n") == len(holdout.distinct())
