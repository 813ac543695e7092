"""Tests of sharded steps: what is missing is planned again, and never believed to be done."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rcl_flow.core.scoring.predictions import RefusedImage
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.errors import AwsRefusedError, BudgetExceededError, ShardsLostError, StoreError
from rcl_flow.pipeline.predicting.kept_predictions import predictions_path, read_predictions
from rcl_flow.pipeline.predicting.known_rates import rate_memory
from rcl_flow.pipeline.predicting.predicting import predict_holdout
from rcl_flow.pipeline.runs.executing import ShardedStep
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.sharding.shards import (
    FanOut,
    Shard,
    ShardImage,
    ShardResult,
    clear_shards,
    result_key,
    results_of,
    work_off,
)
from rcl_flow.pipeline.state.lease import acquire_lease, claim, keep_paused, lease_record
from rcl_flow.pipeline.state.ledger import entries_of
from rcl_flow.pipeline.state.records import read_record
from rcl_flow.pipeline.state.s3_store import S3Store
from rcl_flow.pipeline.ticks.shard_work import work_on
from rcl_flow.pipeline.ticks.tick_executor import TickExecutor
from tests.unit.pipeline.bench import BUCKET, Bench

SMALL = {"shard_size": 6}


def nothing() -> None:
    """Give no sign of life."""


class Here:
    """Works on shards in this thread, except those that the test lets fail."""

    def __init__(self, services: Services) -> None:
        """Work with `services`, and fail nothing yet."""
        self.services = services
        self.fails: Callable[[str], bool] = lambda _key: False
        self.given: list[list[str]] = []

    def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
        """Work on each; one that fails leaves nothing."""
        assert step == "predict"
        self.given.append(list(keys))
        for key in keys:
            beat()
            if not self.fails(key):
                work_on(key, self.services)


def shared(services: Services, workspace: Path) -> Services:
    """Return the services of another machine with the same state in S3."""
    store = S3Store(services.s3, BUCKET, "state")
    return replace(services, store=store, state_is_shared=True, workspace=workspace)


def shard(*uris: str) -> Shard:
    """Return a shard of images."""
    return Shard(
        step="measure",
        run_id="a-run",
        backend={"kind": "aws", "region": "us-east-1"},
        images=tuple(ShardImage(uri=uri) for uri in uris),
    )


def test_a_shard_is_named_by_its_images() -> None:
    """The same images are the same shard; another version of an image is another one."""
    assert shard("a", "b").key == shard("a", "b").key
    assert shard("a", "b").key != shard("a").key
    newer = shard("a").model_copy(update={"images": (ShardImage(uri="a", tag="2"),)})
    assert newer.key != shard("a").key
    assert shard("a").key.startswith("shards/a-run/measure/")


def test_work_off_plans_what_is_missing_until_nothing_is(bench: Bench) -> None:
    """The second round has what the first has not done."""
    services = bench.services()
    done: set[str] = set()
    rounds: list[list[str]] = []

    class Half:
        def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
            assert step == "measure"
            beat()
            rounds.append(list(keys))
            done.update(keys[: (len(keys) + 1) // 2])

    wanted = [shard("a"), shard("b"), shard("c")]
    work_off(lambda: [each for each in wanted if each.key not in done], Half(), services, nothing)
    assert [len(keys) for keys in rounds] == [3, 1]
    assert services.store.get(wanted[0].key) is not None


def test_work_off_gives_up_after_three_rounds(bench: Bench) -> None:
    """What never comes ends the step; the next attempt has three rounds again."""
    services = bench.services()
    calls: list[int] = []

    class Never:
        def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
            calls.append(len(keys))

    for expected in (3, 6):
        with pytest.raises(ShardsLostError, match="2 images of the step measure") as caught:
            work_off(lambda: [shard("a", "b")], Never(), services, nothing)
        assert len(calls) == expected
    assert caught.value.exit_code == 7


def test_work_off_goes_on_as_long_as_it_gets_anywhere(bench: Bench) -> None:
    """A map that ends at its first failure does one shard a round: that is slow, and no failure."""
    services = bench.services()
    left = [shard(str(number)) for number in range(7)]

    class OneOfThem:
        def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
            left.pop()

    work_off(lambda: list(left), OneOfThem(), services, nothing)
    assert left == []


def test_rounds_are_counted_over_ticks(bench: Bench) -> None:
    """A tick that hands out and ends is a round, too."""
    services = shared(bench.services(), bench.folder / "here")
    store = services.store
    assert isinstance(store, S3Store)
    executor = TickExecutor(store)
    for _ in range(3):
        with pytest.raises(FanOut) as caught:
            work_off(lambda: [shard("a")], executor, services, nothing)
    assert caught.value.shards == 1
    assert services.s3.get(caught.value.plan).decode() == f'["{shard("a").key}"]'
    with pytest.raises(ShardsLostError):
        work_off(lambda: [shard("a")], executor, services, nothing)


def test_predictions_made_in_shards_are_those_made_here(bench: Bench) -> None:
    """Each image is asked for once, on two machines with the state between them."""
    run = bench.run(executor=SMALL)
    version, holdout = bench.trained(run), bench.dataset("holdout", 7, 20)
    here = shared(run.services, bench.folder / "here")
    executor = Here(shared(run.services, bench.folder / "there"))
    run.services = replace(here, shard_executor=executor)
    judged = predict_holdout(version, holdout, BUCKET, run)
    assert len(judged.predictions) == len(judged.images) == 21
    assert [len(keys) for keys in executor.given] == [4]
    assert bench.calls("DetectCustomLabels") == 21
    assert bench.status(version) == "STOPPED"
    kept = read_predictions(predictions_path(here.workspace, version.version_arn))
    assert kept == dict(judged.predictions)
    assert here.store.below("shards/") == []
    assert here.store.below("shard-results/") == []


def test_workers_begin_at_equal_shares_of_the_known_limit(bench: Bench) -> None:
    """None sees what the others ask; what each of them finds is not remembered as the model's."""
    run = bench.run(executor=SMALL, inference={"concurrency": 1})
    version, holdout = bench.trained(run), bench.dataset("holdout", 7, 20)
    executor = Here(shared(run.services, bench.folder / "there"))
    run.services = replace(shared(run.services, bench.folder / "here"), shard_executor=executor)
    with rate_memory(version.version_arn, run.services) as memory:
        memory.units = 1
        memory.note(8.0)
    before = run.services.store.below("rates/")
    given: list[float | None] = []

    def look(key: str) -> bool:
        planned = read_record(run.services.store, key, Shard)
        given.append(planned.calls_per_second if planned else None)
        return False

    executor.fails = look
    predict_holdout(version, holdout, BUCKET, run)
    assert given == [2.0] * 4
    assert run.services.store.below("rates/") == before


def test_only_the_shard_that_failed_is_done_again(bench: Bench) -> None:
    """A worker that died costs its own images once more, and nobody else's."""
    run = bench.run(executor=SMALL)
    version, holdout = bench.trained(run), bench.dataset("holdout", 7, 20)
    executor = Here(shared(run.services, bench.folder / "there"))
    executor.fails = lambda key: len(executor.given) == 1 and key == executor.given[0][1]
    run.services = replace(shared(run.services, bench.folder / "here"), shard_executor=executor)
    judged = predict_holdout(version, holdout, BUCKET, run)
    assert len(judged.predictions) == 21
    assert executor.given[1:] == [[executor.given[0][1]]]
    assert bench.calls("DetectCustomLabels") == 21


def test_the_model_is_stopped_when_shards_are_lost(bench: Bench) -> None:
    """A model that nobody can ask is not kept running."""
    run = bench.run(executor=SMALL)
    version, holdout = bench.trained(run), bench.dataset("holdout", 7, 20)
    executor = Here(shared(run.services, bench.folder / "there"))
    executor.fails = lambda key: key == executor.given[0][0]
    run.services = replace(shared(run.services, bench.folder / "here"), shard_executor=executor)
    with pytest.raises(ShardsLostError, match="6 images of the step predict"):
        predict_holdout(version, holdout, BUCKET, run)
    assert bench.status(version) == "STOPPED"
    executor.fails = lambda _key: False
    assert len(predict_holdout(version, holdout, BUCKET, run).predictions) == 21
    assert bench.calls("DetectCustomLabels") == 21


def test_a_shard_that_is_cut_off_has_kept_what_was_answered(bench: Bench) -> None:
    """The second attempt of a shard asks for the rest only."""
    run = bench.run(executor={"shard_size": 20}, inference={"concurrency": 1})
    version, holdout = bench.trained(run), bench.dataset("holdout", 7, 20)
    executor = Here(shared(run.services, bench.folder / "there"))
    run.services = replace(shared(run.services, bench.folder / "here"), shard_executor=executor)
    bench.world.faults.add(Fault("DetectCustomLabels", code="AccessDeniedException", after=5))
    with pytest.raises(AwsRefusedError):
        predict_holdout(version, holdout, BUCKET, run)
    assert len(results_of(run.run_id, "predict", run.services.store)) == 0
    path = predictions_path(executor.services.workspace, version.version_arn)
    kept = len(read_predictions(path))
    assert 0 < kept <= 5
    asked = bench.calls("DetectCustomLabels")
    assert len(predict_holdout(version, holdout, BUCKET, run).predictions) == 21
    assert bench.calls("DetectCustomLabels") - asked == 21 - kept


def test_refused_images_of_shards_are_refused(bench: Bench) -> None:
    """An image that the service will not judge is a row of the result, not an error."""
    run = bench.run(executor=SMALL, inference={"max_refused_images": 2})
    version, holdout = bench.trained(run), bench.dataset("holdout", 7, 20)
    executor = Here(shared(run.services, bench.folder / "there"))
    run.services = replace(shared(run.services, bench.folder / "here"), shard_executor=executor)
    bench.arm("DetectCustomLabels", code="ImageTooLargeException", times=2)
    judged = predict_holdout(version, holdout, BUCKET, run)
    assert len(judged.predictions) == 19
    assert {each.code for each in judged.refused} == {"ImageTooLargeException"}
    assert len(judged.refused) == 2


def test_work_on_is_done_once(bench: Bench) -> None:
    """A shard that has a result is not done again; one that nobody has planned is an error."""
    services = bench.services()
    wanted = shard("s3://nowhere/a.png")
    result = ShardResult(
        done=0, refused=(RefusedImage(sha256="a", code="code", message="message"),)
    )
    services.store.put(wanted.key, wanted.model_dump_json().encode())
    services.store.put(result_key(wanted), result.model_dump_json().encode())
    assert work_on(wanted.key, services) == result
    assert results_of("a-run", "measure", services.store) == [result]
    clear_shards("a-run", "measure", services.store)
    with pytest.raises(StoreError, match="no shard"):
        work_on(wanted.key, services)


def test_a_shard_whose_model_does_not_answer_is_an_error(bench: Bench) -> None:
    """The executor hears of it and may try again."""
    run = bench.run(executor=SMALL)
    version = bench.trained(run)
    wanted = Shard(
        step="predict",
        run_id=run.run_id,
        backend=run.services.backend,
        images=(ShardImage(uri=f"s3://{BUCKET}/a.png", sha256="a", image_format="PNG"),),
        bucket=BUCKET,
        project_version_arn=version.version_arn,
    )
    run.services.store.put(wanted.key, wanted.model_dump_json().encode())
    with pytest.raises(AwsRefusedError):
        work_on(wanted.key, run.services)
    assert results_of(run.run_id, "predict", run.services.store) == []


def test_a_shard_stops_asking_when_the_budget_is_used_up(bench: Bench) -> None:
    """Between two ticks nobody else looks at the money; the watchdog is not pushed beyond it."""
    run = bench.run(executor=SMALL, budget={"max_inference_minutes": 10})
    version, holdout = bench.trained(run), bench.dataset("holdout", 7, 20)
    executor = Here(shared(run.services, bench.folder / "there"))
    run.services = replace(shared(run.services, bench.folder / "here"), shard_executor=executor)

    def late(_key: str) -> bool:
        bench.clock.pass_by(6 * 60)
        return False

    executor.fails = late
    with pytest.raises(BudgetExceededError):
        predict_holdout(version, holdout, BUCKET, run)
    assert bench.status(version) == "STOPPED"
    assert bench.calls("DetectCustomLabels") < 21


def test_images_answered_in_shards_are_entered_in_the_ledger(bench: Bench) -> None:
    """The pace of the next run is judged by them."""
    run = bench.run(executor=SMALL)
    version, holdout = bench.trained(run), bench.dataset("holdout", 7, 20)
    executor = Here(shared(run.services, bench.folder / "there"))
    run.services = replace(shared(run.services, bench.folder / "here"), shard_executor=executor)
    predict_holdout(version, holdout, BUCKET, run)
    entries = entries_of(run.services.store, run.services.backend.identity, "shades")
    assert [entry.images for entry in entries if entry.kind == "inference"] == [21]


def test_shards_keep_the_project_for_a_run_that_pauses(bench: Bench) -> None:
    """A lease that is due gets a sign of life; one of another run, or at work, is left alone."""
    run = bench.run()
    services = run.services
    identity, store = services.backend.identity, services.store
    wanted = claim("shades", run.run_id, services.holder, 900.0)
    lease = acquire_lease(wanted, identity, store, services.clock)

    def beats() -> int:
        record = lease_record(store, identity, "shades")
        assert record is not None
        return record.beat

    bench.clock.pass_by(2000)
    before = beats()
    keep_paused(identity, "shades", run.run_id, store)
    assert beats() == before
    lease.pause(450.0)
    before = beats()
    keep_paused(identity, "shades", run.run_id, store)
    assert beats() == before
    bench.clock.pass_by(400)
    keep_paused(identity, "shades", "another-run", store)
    assert beats() == before
    keep_paused(identity, "shades", run.run_id, store)
    assert beats() == before + 1
