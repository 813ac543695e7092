"""Tests of removing what a run has made."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count

import pytest

from rcl_flow.core.naming import RUN_TAG, digest_of
from rcl_flow.emulator.conditions.clock import Delay
from rcl_flow.emulator.conditions.world import Delays
from rcl_flow.errors import AwsRefusedError, ModelNotStoppedError, RunHeldError
from rcl_flow.files import append_lines
from rcl_flow.pipeline.gc.belongings import find_belongings
from rcl_flow.pipeline.gc.collecting import collect, forget
from rcl_flow.pipeline.predicting.kept_predictions import predictions_path
from rcl_flow.pipeline.predicting.kept_refusals import refusals_path
from rcl_flow.pipeline.predicting.known_rates import rates_prefix
from rcl_flow.pipeline.runs.opening import keep_run, leased
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.state.holding import Holder
from rcl_flow.pipeline.state.lease import holder_of
from rcl_flow.pipeline.state.ledger import entries_of
from rcl_flow.pipeline.state.records import (
    ArmedModel,
    armed_key,
    list_armed,
    list_runs,
    write_record,
)
from rcl_flow.pipeline.training.training import ask_training, find_training
from tests.unit.pipeline.bench import Bench
from tests.unit.pipeline.collected import keys_below, train_for
from tests.unit.pipeline.conftest import MakeBench

NOBODY = Holder("elsewhere", 1)
KEPT_IN_STORE = ("holdout-uses/", "leases/", "ledger/")


class KilledError(BaseException):
    """Ends a call as the end of the process does: nothing of ours handles it."""


@contextmanager
def killed_at(bench: Bench, number: int) -> Iterator[None]:
    """Raise when the call of that number is about to be sent."""
    event, calls = "before-call", count(1)

    def call(**_kwargs: object) -> None:
        if next(calls) == number:
            raise KilledError

    clients = bench.client, bench.s3_client
    for client in clients:
        client.meta.events.register(event, call)
    try:
        yield
    finally:
        for client in clients:
            client.meta.events.unregister(event, call)


def start(run: Run, version: TrainedVersion, bench: Bench) -> ArmedModel:
    """Leave the version's model running as a run does that dies."""
    armed = bench.armed(version, run)
    write_record(run.services.store, armed_key(version.version_arn), armed)
    run.services.rekognition.start_version(version.version_arn, inference_units=1)
    bench.versions(version.project_arn)
    return armed


def left_in_store(run: Run) -> list[str]:
    """Return the keys of documents that are no history."""
    keys = [key for key, _ in run.services.store.below("")]
    return [key for key in keys if not key.startswith(KEPT_IN_STORE)]


def assert_nothing_is_left(run: Run, bench: Bench) -> None:
    """Check AWS, bucket, store and workspace."""
    assert run.services.rekognition.find_project("shades") is None
    assert keys_below(bench, "") == set()
    assert left_in_store(run) == []
    assert not run.folder.exists()


def test_collect_removes_all_that_a_run_has_made(bench: Bench) -> None:
    """Nothing of it is left on AWS, in the bucket, the store or the workspace."""
    run = bench.run()
    version = train_for(run, bench)
    told: list[str] = []
    collect(run.record, run.services, told.append)
    assert_nothing_is_left(run, bench)
    assert told[0] == f"removed  {version.version_arn}"
    assert "removed  18 images from s3://acme-images" in told


def test_collect_removes_what_a_run_has_shared_told_and_handed_out(bench: Bench) -> None:
    """Of this run and its version alone."""
    run = bench.run()
    version = train_for(run, bench)
    store, refused = run.services.store, refusals_path(run.services.workspace, version.version_arn)
    append_lines(refused, ["{}"])
    kinds = ("announced", "tracked", "files", "shards", "shard-results", "shard-rounds")
    for kind in kinds:
        store.put(f"{kind}/{run.run_id}/a/b", b"x")
    store.put(f"files/{run.run_id}9/a", b"x")
    store.put(f"trained-on/{run.services.backend.identity}/{version.version_arn}", b"x")
    store.put(f"{rates_prefix(version.version_arn, run.services.backend.identity)}1", b"x")
    collect(run.record, run.services)
    assert left_in_store(run) == [f"files/{run.run_id}9/a"]
    assert not refused.exists()


def test_collect_keeps_what_was_spent(bench: Bench) -> None:
    """The ledger is history and outlives the run."""
    run = bench.run()
    train_for(run, bench)
    collect(run.record, run.services)
    identity = run.services.backend.identity
    assert [entry.kind for entry in entries_of(run.services.store, identity)] == ["training"]


def test_collect_stops_the_runs_model_first(bench: Bench) -> None:
    """A model that a dead run left is stopped, read back and counted, then deleted."""
    run = bench.run()
    version = train_for(run, bench)
    start(run, version, bench)
    told: list[str] = []
    collect(run.record, run.services, told.append)
    assert told[0] == f"STOPPED  {version.version_arn}"
    assert_nothing_is_left(run, bench)
    entries = entries_of(run.services.store, run.services.backend.identity)
    assert [entry.kind for entry in entries] == ["training", "inference"]


def test_collect_removes_nothing_when_the_model_does_not_stop(bench: Bench) -> None:
    """While it may bill, everything that names it stays."""
    run = bench.run()
    version = train_for(run, bench)
    start(run, version, bench)
    bench.arm("StopProjectVersion", "AccessDeniedException", times=5)
    with pytest.raises(ModelNotStoppedError):
        collect(run.record, run.services)
    assert list_armed(run.services.store)
    assert bench.calls("DeleteProjectVersion") == 0
    assert run.folder.exists()


def test_collect_leaves_a_model_that_somebody_else_runs(bench: Bench) -> None:
    """A model that was started elsewhere is somebody's; nothing is changed."""
    run = bench.run()
    version = train_for(run, bench)
    run.services.rekognition.start_version(version.version_arn, inference_units=1)
    with pytest.raises(RunHeldError) as caught:
        collect(run.record, run.services)
    assert f"rcl-flow stop {version.version_arn}" in caught.value.hint
    assert bench.calls("StopProjectVersion") == bench.calls("DeleteProjectVersion") == 0


def test_collect_stops_a_model_whose_tag_names_the_run(bench: Bench) -> None:
    """The record may be lost with a workspace; the tag says whose the model is."""
    run = bench.run()
    version = train_for(run, bench)
    run.services.rekognition.tag(version.version_arn, {RUN_TAG: run.run_id})
    run.services.rekognition.start_version(version.version_arn, inference_units=1)
    collect(run.record, run.services)
    assert_nothing_is_left(run, bench)


def test_collect_is_refused_while_another_run_holds_the_project(bench: Bench) -> None:
    """A living run of the project loses nothing."""
    run, other = bench.run(), bench.run(gates={"min_holdout_f1": 0.9})
    train_for(run, bench)
    elsewhere = replace(other.services, holder=Holder("another-host", 7))
    other.services = elsewhere
    with leased(other), pytest.raises(RunHeldError):
        collect(run.record, run.services)
    assert bench.calls("DeleteProjectVersion") == 0
    assert run.folder.exists()


def test_collect_is_refused_while_the_version_trains(slow_bench: MakeBench) -> None:
    """A training cannot be broken off; nothing is removed under it."""
    bench = slow_bench(Delays(training=Delay(polls=50)))
    run = bench.run()
    keep_run(run)
    ask_training(bench.training_wanted(run), run)
    with pytest.raises(AwsRefusedError, match="being trained"):
        collect(run.record, run.services)
    assert len(keys_below(bench, "rcl-flow/images/")) == 18


def test_collect_that_is_refused_leaves_a_pause_as_it_was(slow_bench: MakeBench) -> None:
    """Between two ticks nobody else gets the project because somebody tried to remove the run."""
    bench = slow_bench(Delays(training=Delay(polls=50)))
    run = bench.run()
    keep_run(run)
    ask_training(bench.training_wanted(run), run)
    with suppress(Pause), leased(run):
        raise Pause(3600)
    before = holder_of(run.services.store, run.services.backend.identity, "shades", NOBODY)
    with pytest.raises(AwsRefusedError, match="being trained"):
        collect(run.record, run.services)
    after = holder_of(run.services.store, run.services.backend.identity, "shades", NOBODY)
    assert before is not None
    assert after is not None
    assert (after.record.state, after.record.run_id) == ("paused", run.run_id)
    assert after.left_seconds == pytest.approx(before.left_seconds, abs=60)


def test_collect_waits_until_things_are_gone(slow_bench: MakeBench) -> None:
    """Deletions take their time, and the project's comes after those of what is in it."""
    bench = slow_bench(Delays(deleting=Delay(polls=4)))
    run = bench.run()
    train_for(run, bench)
    collect(run.record, run.services)
    assert_nothing_is_left(run, bench)


def test_collect_hands_over_what_another_run_uses(bench: Bench) -> None:
    """The version's data go with the last run that uses it."""
    run, other = bench.run(), bench.run(gates={"min_holdout_f1": 0.9})
    version = train_for(run, bench)
    keep_run(other)
    other.created(project_arn=version.project_arn, project_version_arn=version.version_arn)
    bench.clock.pass_by(1)
    objects = keys_below(bench, "")
    collect(run.record, run.services)
    assert keys_below(bench, "") == objects
    assert bench.status(version) == "TRAINING_COMPLETED"
    assert [record.run_id for record in list_runs(run.services.store)] == [other.run_id]
    collect(other.record, other.services)
    assert_nothing_is_left(other, bench)


def test_collect_lets_the_data_be_trained_on_again(bench: Bench) -> None:
    """After it a run on the same data begins anew, without being asked for `--retry-training`."""
    run = bench.run()
    version = train_for(run, bench)
    collect(run.record, run.services)
    again = bench.run()
    again_trained = train_for(again, bench)
    assert again_trained.version_arn != version.version_arn
    assert find_training("shades", "0" * 64, again, retry_failed=False) is None


def test_collect_leaves_the_answers_of_a_version_that_is_only_judged(bench: Bench) -> None:
    """A run of an existing model has made neither the model nor its answers' place."""
    run = bench.run()
    keep_run(run)
    arn = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"
    run.update(project_version_arn=arn)
    path = predictions_path(run.services.workspace, arn)
    path.parent.mkdir(parents=True)
    path.write_text("{}\n")
    collect(run.record, run.services)
    assert path.exists()
    assert not run.folder.exists()


def test_forget_removes_what_a_gone_emulators_run_left_here(bench: Bench) -> None:
    """Without the backend there is the store and the folder to clean up."""
    run = bench.run()
    version = train_for(run, bench)
    start(run, version, bench)
    run.update(project_version_arn=version.version_arn)
    forget(run.record, run.services.store, run.services.workspace, None)
    assert left_in_store(run) == []
    assert not run.folder.exists()
    assert not run.services.store.below(f"steps/{digest_of([version.version_arn])}")


def test_collect_goes_on_after_a_kill_at_any_call(bench: Bench) -> None:
    """Killed before every call to AWS in turn, which is after the one before it, it goes on."""
    number, ended = 0, False
    while not ended:
        number += 1
        run = bench.run()
        version = train_for(run, bench)
        start(run, version, bench)
        try:
            with killed_at(bench, number):
                collect(run.record, run.services)
            ended = True
        except KilledError:
            collect(run.record, run.services)
        assert_nothing_is_left(run, bench)
        bench.clock.pass_by(1)
    assert number > 30


def test_collect_finds_nothing_to_do_twice(bench: Bench) -> None:
    """Repeated with a record from before, it makes no call that changes something."""
    run = bench.run()
    train_for(run, bench)
    collect(run.record, run.services)
    before = bench.calls("DeleteProjectVersion"), bench.calls("DeleteProject")
    collect(run.record, run.services)
    assert (bench.calls("DeleteProjectVersion"), bench.calls("DeleteProject")) == before
    assert find_belongings(run.record, run.services).versions == ()
