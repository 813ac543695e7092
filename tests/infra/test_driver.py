"""The template's own state machine, run with the real worker: whatever fails, the model stops."""

from collections.abc import Mapping
from typing import Any

from rcl_flow.pipeline.state.ledger import entries_of
from tests.infra.conftest import Deploy
from tests.infra.deployment import Deployment, client

SMALL_SHARDS = {"executor": {"shard_size": 40}}
"""So that the holdout alone is measured and predicted in shards, two of each."""
HOLDOUT_IMAGES = 60
NOT_RUNNING = {"STOPPED", "STOPPING"}


def predicted(deployment: Deployment) -> list[str]:
    """Return the shards in which the model was asked, in the order in which they were given."""
    return [key for key in deployment.shards if "/predict/" in key]


def rounds(deployment: Deployment) -> int:
    """Return how often images were handed out to the model."""
    handed_out = [tick for tick in deployment.ticks if tick["next"] == "MAP"]
    return sum(tick["step"] == "predict" for tick in handed_out)


class Failing:
    """Fails invocations of the worker, as the test says."""

    def __init__(self, deployment: Deployment) -> None:
        """Fail nothing yet."""
        self.deployment = deployment
        self.failed: list[str] = []

    def first_shard(self, times: int | None) -> None:
        """Fail the shard that comes first, so many times or for ever."""

        def before(event: Mapping[str, Any]) -> None:
            key = str(event.get("shard", ""))
            if key not in predicted(self.deployment)[:1]:
                return
            if times is None or len(self.failed) < times:
                self.failed.append(key)
                raise RuntimeError("this shard fails")

        self.deployment.before = before

    def package_while_the_model_runs(self) -> None:
        """Fail everything as a broken package does, from when the model runs."""

        def before(_event: Mapping[str, Any]) -> None:
            if self.deployment.model_status() == "RUNNING":
                raise ImportError("no module named rcl_flow")

        self.deployment.before = before

    def package(self) -> None:
        """Fail everything as a broken package does."""

        def before(_event: Mapping[str, Any]) -> None:
            raise ImportError("no module named rcl_flow")

        self.deployment.before = before


def nothing_bills(deployment: Deployment) -> bool:
    """Say whether the meter shows no model that runs; one that stops is seen to be stopped."""
    deployment.model_status()  # one look more lets a model that is stopping end
    report = deployment.world.meter.report(deployment.world.clock.now())
    starts = [start for bill in report["versions"].values() for start in bill["intervals"]]
    return all(start["ended_at"] is not None for start in starts)


def test_a_run_goes_from_images_to_a_stopped_model(deploy: Deploy) -> None:
    """Everything is done once: one training, one answer for each image, no alert."""
    deployment = deploy(**SMALL_SHARDS)
    ended = deployment.run()
    assert ended.status == "SUCCEEDED"
    assert "FanOut" in ended.states
    assert ended.states[-1] == "Done"
    assert len(predicted(deployment)) == 2
    assert deployment.calls("DetectCustomLabels") == HOLDOUT_IMAGES
    assert deployment.calls("CreateProjectVersion") == 1
    assert deployment.model_status() == "STOPPED"
    assert deployment.alerts() == []
    assert nothing_bills(deployment)


def test_the_model_is_known_before_it_is_started(deploy: Deploy) -> None:
    """The tick that arms the stop ends before the tick that starts the model begins."""
    deployment = deploy()
    seen: list[tuple[str, int]] = []

    def before(_event: Mapping[str, Any]) -> None:
        armed = deployment.ticks[-1]["model_arn"] if deployment.ticks else "none"
        seen.append((armed, deployment.calls("StartProjectVersion")))

    deployment.before = before
    assert deployment.run().status == "SUCCEEDED"
    first_armed = next(index for index, (arn, _) in enumerate(seen) if arn != "none")
    assert seen[first_armed][1] == 0
    assert deployment.calls("StartProjectVersion") == 1


def test_a_training_that_fails_starts_no_model_and_alerts(deploy: Deploy) -> None:
    """The message says why, and nothing was started."""
    deployment = deploy()
    deployment.fail("CreateProjectVersion", fails_later=True)
    ended = deployment.run()
    assert ended.status == "FAILED"
    assert "StopModel" not in ended.states
    assert deployment.calls("StartProjectVersion") == 0
    (alert,) = deployment.alerts()
    assert "training-failed" in alert
    assert nothing_bills(deployment)


def test_a_model_that_fails_to_start_bills_nothing_and_alerts(deploy: Deploy) -> None:
    """A start that fails is an error of the run; the driver ends it."""
    deployment = deploy()
    deployment.fail("StartProjectVersion", fails_later=True)
    ended = deployment.run()
    assert ended.status == "FAILED"
    assert deployment.model_status() == "FAILED"
    assert "model-not-started" in deployment.alerts()[0]
    assert nothing_bills(deployment)


def test_a_shard_that_fails_in_the_first_round_is_the_only_one_done_again(deploy: Deploy) -> None:
    """Both attempts of the first round fail; the engine sees what is missing and plans that."""
    deployment = deploy(**SMALL_SHARDS)
    failing = Failing(deployment)
    failing.first_shard(times=2)
    ended = deployment.run()
    assert ended.status == "SUCCEEDED"
    assert rounds(deployment) == 2
    assert len(failing.failed) == 2
    assert predicted(deployment)[-1] == predicted(deployment)[0]
    assert deployment.calls("DetectCustomLabels") == HOLDOUT_IMAGES
    assert deployment.model_status() == "STOPPED"
    assert nothing_bills(deployment)


def test_a_shard_that_fails_for_ever_ends_the_run_and_stops_the_model(deploy: Deploy) -> None:
    """After three rounds the run has failed; what the other shards answered is kept."""
    deployment = deploy(**SMALL_SHARDS)
    Failing(deployment).first_shard(times=None)
    ended = deployment.run()
    assert ended.status == "FAILED"
    assert rounds(deployment) == 3
    assert "shards-lost" in deployment.alerts()[0]
    assert deployment.model_status() in NOT_RUNNING
    assert deployment.calls("DetectCustomLabels") == HOLDOUT_IMAGES - 40
    assert nothing_bills(deployment)


def test_a_package_that_breaks_while_the_model_runs_does_not_keep_it_running(
    deploy: Deploy,
) -> None:
    """No code of ours can run any more; the driver stops the model itself."""
    deployment = deploy(**SMALL_SHARDS)
    Failing(deployment).package_while_the_model_runs()
    ended = deployment.run()
    assert ended.status == "FAILED"
    assert "StopModel" in ended.states
    assert deployment.model_status() in NOT_RUNNING
    assert len(deployment.alerts()) == 1
    assert nothing_bills(deployment)


def test_a_stop_that_is_throttled_is_asked_for_again(deploy: Deploy) -> None:
    """The driver repeats the stop until it is accepted."""
    deployment = deploy(**SMALL_SHARDS)
    Failing(deployment).package_while_the_model_runs()
    deployment.fail("StopProjectVersion", times=3, code="ThrottlingException")
    ended = deployment.run()
    assert ended.status == "FAILED"
    assert deployment.calls("StopProjectVersion") == 4
    assert deployment.model_status() in NOT_RUNNING
    assert nothing_bills(deployment)


def test_a_package_that_is_broken_from_the_start_alerts(deploy: Deploy) -> None:
    """Nothing was begun, and somebody is told."""
    deployment = deploy()
    Failing(deployment).package()
    ended = deployment.run()
    assert ended.status == "FAILED"
    assert "StopModel" not in ended.states
    assert len(deployment.alerts()) == 1
    assert deployment.model_status() == "none"
    assert nothing_bills(deployment)


def test_the_watchdog_stands_before_the_start_and_is_gone_after_the_stop(deploy: Deploy) -> None:
    """What stops the model when the driver dies, too, is a schedule with the stop as its target."""
    deployment = deploy(**SMALL_SHARDS)
    schedules: list[int] = []

    def before(_event: Mapping[str, Any]) -> None:
        found = client("scheduler").list_schedules()["Schedules"]
        schedules.append(len(found) if deployment.model_status() == "RUNNING" else -1)

    deployment.before = before
    assert deployment.run().status == "SUCCEEDED"
    assert set(schedules) == {-1, 1}
    assert client("scheduler").list_schedules()["Schedules"] == []


def test_a_tick_does_not_wait_where_the_account_runs_as_much_as_it_may(deploy: Deploy) -> None:
    """It ends and asks again later: a function that waits is cut off. Nothing is billed for it."""
    deployment = deploy()
    deployment.fail("StartProjectVersion", times=3, code="LimitExceededException")
    event = {"op": "advance", "run_id": "weekly", "input": {"command": "run"}}
    answer = deployment.invoke(event, None)
    while answer["next"] == "WAIT":
        answer = deployment.invoke(event, None)
    assert answer["next"] == "DONE", answer
    assert [tick["seconds"] for tick in deployment.ticks].count(300) == 3
    assert deployment.calls("StartProjectVersion") == 4
    assert deployment.services is not None
    entries = entries_of(deployment.services.store, deployment.services.backend.identity, "digits")
    (inference,) = [entry for entry in entries if entry.kind == "inference"]
    assert inference.seconds < 300
    assert nothing_bills(deployment)
