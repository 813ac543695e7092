"""Tests of handing a champion's place over while its model is kept running."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rcl_flow.aws.waiting import Pace
from rcl_flow.emulator.conditions.clock import Delay, ManualClock
from rcl_flow.emulator.conditions.world import Delays, Quotas, World
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import ModelNotStartedError, ModelNotStoppedError, RunHeldError
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.serving.handing_over import (
    is_swapping,
    needs_swap,
    serve_champion,
    settle_swap,
)
from rcl_flow.pipeline.serving.stopping import stop_and_confirm
from rcl_flow.pipeline.serving.swapping import Swapped
from rcl_flow.pipeline.state.lease import acquire_lease, claim
from rcl_flow.pipeline.state.records import list_armed, run_key, write_record
from tests.unit.clocks import FakeClock
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.conftest import MakeBench
from tests.unit.pipeline.hosted import Alias, another_version, keep, record_of, statuses

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients

SLOW = Delays(starting=Delay(polls=9))


class Interrupted(FakeClock):
    """A clock whose sleeps are cut off from one on."""

    def sleep(self, seconds: float) -> None:
        """End as a machine does that is switched off."""
        raise KeyboardInterrupt(str(seconds))


@dataclass
class Scene:
    """A project whose old model is kept running, and a new one that is to take its place."""

    bench: Bench
    run: Run
    old: TrainedVersion
    new: TrainedVersion
    alias: Alias

    def serve(self, *, blocking: bool = True) -> Swapped | None:
        """Promote the new model."""
        services = self.bench.services()
        return serve_champion(
            self.new.version_arn,
            self.alias.switch,
            self.run.config,
            services,
            before_arn=self.old.version_arn,
            blocking=blocking,
        )

    def settle(self, champion: TrainedVersion) -> Swapped | None:
        """Look after a swap, while that model is the champion."""
        services = self.bench.services()
        return settle_swap(champion.version_arn, "shades", self.run.config, services)

    @property
    def standing(self) -> tuple[str, str]:
        """How old and new model stand."""
        found = statuses(self.bench)
        return found[self.old.version_arn], found[self.new.version_arn]

    @property
    def kept(self) -> Sequence[str]:
        """The models that the store says may be running."""
        return [armed.project_version_arn for armed in list_armed(self.bench.services().store)]


def made(bench: Bench, *, pauses: bool = True) -> Scene:
    """Return a scene on that bench, whose ticks leave a model that starts to the next one."""
    run = bench.run(safety={"pause_while_starting": pauses})
    old = bench.trained(run)
    keep(bench, old, run, units=2)
    return Scene(bench, run, old, another_version(bench, old), Alias(bench))


@pytest.fixture
def scene(bench: Bench) -> Scene:
    """Return a scene in which nothing takes long."""
    return made(bench)


def test_champion_takes_the_place_of_the_one_that_is_kept(scene: Scene) -> None:
    """It serves until the same end and with the same units, and what was done is told."""
    before = record_of(scene.old, scene.run)
    assert before is not None
    swapped = scene.serve()
    assert swapped is not None
    assert (swapped.new.kept_until, swapped.new.inference_units) == (before.kept_until, 2)
    assert swapped.is_started
    assert swapped.stopped == (scene.old.version_arn,)
    assert len(scene.alias.seen) == 1
    assert scene.standing == ("STOPPED", "RUNNING")
    # the same once more changes nothing
    assert scene.serve() is None
    assert scene.bench.calls("StartProjectVersion") == 2


def test_champion_is_not_started_where_none_is_kept(bench: Bench) -> None:
    """Promoting a model costs nothing unless its predecessor serves."""
    run, alias = bench.run(), Alias(bench)
    version = bench.trained(run)
    arn, services = version.version_arn, run.services
    assert not needs_swap(arn, "", "shades", services)
    assert serve_champion(arn, alias.switch, run.config, services, before_arn="") is None
    assert len(alias.seen) == 1
    assert bench.calls("StartProjectVersion") == 0


def test_model_on_trial_is_neither_stopped_nor_replaced(scene: Scene) -> None:
    """Somebody keeps it running on purpose; the champion before is not it, and serves nowhere."""
    champion = another_version(scene.bench, scene.old, "champion")
    services = scene.bench.services()
    assert (
        serve_champion(
            scene.new.version_arn,
            scene.alias.switch,
            scene.run.config,
            services,
            before_arn=champion.version_arn,
        )
        is None
    )
    assert len(scene.alias.seen) == 1
    assert scene.standing == ("RUNNING", "TRAINING_COMPLETED")


def test_new_model_that_was_kept_before_is_not_started_but_stays(scene: Scene) -> None:
    """A person has started it on purpose: only its end is moved."""
    keep(scene.bench, scene.new, scene.run, hours=1)
    swapped = scene.serve()
    assert swapped is not None
    assert not swapped.is_started
    assert scene.standing == ("STOPPED", "RUNNING")
    assert scene.bench.calls("StartProjectVersion") == 2


def test_tick_pauses_while_the_new_model_starts(slow_bench: MakeBench) -> None:
    """Replayed, it ends with the new model alone, started once and switched to once."""
    scene = made(slow_bench(SLOW))
    for _ in range(2):
        with pytest.raises(Pause):
            scene.serve(blocking=False)
        assert scene.standing == ("RUNNING", "STARTING")
        assert scene.alias.seen == []
    swapped = _until_done(scene)
    assert swapped is not None
    assert swapped.is_started
    assert scene.standing == ("STOPPED", "RUNNING")
    assert scene.kept == [scene.new.version_arn]
    assert swapped.new.running_since is not None
    assert len(scene.alias.seen) == 1
    assert scene.bench.calls("StartProjectVersion") == 2
    assert not is_swapping("shades", scene.bench.services())


def test_wait_that_is_interrupted_leaves_the_old_model_and_is_made_up_for(
    slow_bench: MakeBench,
) -> None:
    """The new one is stopped, or found by the next call: one model runs in the end, the new one."""
    scene = made(slow_bench(SLOW), pauses=False)
    scene.bench.clock = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        scene.serve(blocking=False)
    assert scene.alias.seen == []
    assert scene.standing[0] == "RUNNING"
    scene.bench.clock = FakeClock()
    assert scene.serve() is not None
    assert scene.standing == ("STOPPED", "RUNNING")
    assert scene.kept == [scene.new.version_arn]
    assert len(scene.alias.seen) == 1


def test_start_that_fails_between_two_ticks_ends_the_swap_and_the_next_call_tries_anew(
    slow_bench: MakeBench,
) -> None:
    """It is not started tick after tick; the old one goes on meanwhile."""
    scene = made(slow_bench(SLOW))
    scene.bench.arm("StartProjectVersion", fails_later=True)
    with pytest.raises(ModelNotStartedError, match="FAILED"):
        _until_done(scene)
    assert scene.standing == ("RUNNING", "FAILED")
    assert scene.bench.calls("StartProjectVersion") == 2
    assert scene.kept == [scene.old.version_arn]
    _until_done(scene)
    assert scene.standing == ("STOPPED", "RUNNING")


def _until_done(scene: Scene) -> Swapped | None:
    for _ in range(20):
        with suppress(Pause):
            return scene.serve(blocking=False)
    pytest.fail("It pauses for ever.")


def test_swap_whose_old_model_was_not_stopped_is_brought_to_its_end(scene: Scene) -> None:
    """The alias has moved, so only the stop is left."""
    scene.bench.arm("StopProjectVersion", "AccessDeniedException", times=5)
    with pytest.raises(ModelNotStoppedError):
        scene.serve()
    assert scene.standing == ("RUNNING", "RUNNING")
    swapped = scene.settle(scene.new)
    assert swapped is not None
    assert swapped.stopped == (scene.old.version_arn,)
    assert scene.standing == ("STOPPED", "RUNNING")
    assert scene.bench.calls("StartProjectVersion") == 2
    assert scene.settle(scene.new) is None


def test_settling_never_stops_the_model_that_callers_use(scene: Scene) -> None:
    """That it does not answer now is no reason: the alias names it."""
    scene.bench.arm("StopProjectVersion", "AccessDeniedException", times=5)
    with pytest.raises(ModelNotStoppedError):
        scene.serve()
    scene.bench.arm("DetectCustomLabels", "AccessDeniedException")
    with pytest.raises(ModelNotStartedError, match="does not answer"):
        scene.settle(scene.new)
    assert scene.standing == ("RUNNING", "RUNNING")
    assert scene.settle(scene.new) is not None
    assert scene.standing == ("STOPPED", "RUNNING")


def test_model_that_was_started_anew_since_is_nobodys_leftover(scene: Scene) -> None:
    """A person wants the old one back beside the new one."""
    scene.bench.arm("StopProjectVersion", "AccessDeniedException", times=5)
    with pytest.raises(ModelNotStoppedError):
        scene.serve()
    armed = record_of(scene.old, scene.run)
    assert armed is not None
    services = scene.bench.services()
    stop_and_confirm(armed, services, Pace(1.0, 60.0))
    scene.bench.clock.pass_by(60)
    keep(scene.bench, scene.old, scene.run)
    assert scene.settle(scene.new) is None
    assert scene.standing == ("RUNNING", "RUNNING")
    assert not is_swapping("shades", services)


def test_swap_that_is_not_wanted_any_more_is_taken_back(slow_bench: MakeBench) -> None:
    """What a tick has started for it is stopped; the champion goes on."""
    scene = made(slow_bench(SLOW))
    with pytest.raises(Pause):
        scene.serve(blocking=False)
    assert scene.settle(scene.old) is None
    assert scene.standing == ("RUNNING", "STOPPED")
    assert scene.kept == [scene.old.version_arn]


def test_another_champion_takes_the_place_of_one_that_was_half_started(
    slow_bench: MakeBench,
) -> None:
    """There is room for two models: the one that is not wanted goes first."""
    scene = made(slow_bench(SLOW))
    with pytest.raises(Pause):
        scene.serve(blocking=False)
    half, scene.new = scene.new, another_version(scene.bench, scene.old, "newest")
    scene.bench.versions(scene.old.project_arn)
    assert scene.serve() is not None
    assert scene.standing == ("STOPPED", "RUNNING")
    assert statuses(scene.bench)[half.version_arn] == "STOPPED"
    assert scene.kept == [scene.new.version_arn]


def test_new_model_is_not_left_running_when_the_old_one_has_ended_meanwhile(
    slow_bench: MakeBench,
) -> None:
    """Its time was the old one's, which is over; the alias moves all the same."""
    scene = made(slow_bench(SLOW))
    with pytest.raises(Pause):
        scene.serve(blocking=False)
    scene.bench.clock.pass_by(9 * 3600)
    assert scene.serve() is None
    assert len(scene.alias.seen) == 1
    assert scene.standing[1] == "STOPPED"


@pytest.fixture
def small_account(aws_clients: "Clients", tmp_path: Path) -> Iterator[Scene]:
    """Return a scene on an account with the quotas that a new one has."""
    with emulated_aws(World(clock=ManualClock(), quotas=Quotas())) as world:
        aws_clients[1].create_bucket(Bucket=BUCKET)
        yield made(Bench(tmp_path, world, *aws_clients))


def test_account_without_room_for_two_keeps_the_old_model(small_account: Scene) -> None:
    """By default two models run at once: a third is refused at once, and told."""
    scene = small_account
    other = another_version(scene.bench, scene.old, "other")
    scene.bench.client.start_project_version(
        ProjectVersionArn=other.version_arn, MinInferenceUnits=1
    )
    with pytest.raises(ModelNotStartedError, match="as many models") as caught:
        scene.serve()
    assert caught.value.exit_code == 11
    assert "quota" in caught.value.hint
    assert scene.alias.seen == []
    assert scene.standing == ("RUNNING", "TRAINING_COMPLETED")
    scene.bench.client.stop_project_version(ProjectVersionArn=other.version_arn)
    scene.bench.versions(scene.old.project_arn)
    assert scene.serve() is not None
    assert scene.standing == ("STOPPED", "RUNNING")


@pytest.mark.parametrize(("which", "refused"), [("other", False), ("new", True), ("", True)])
def test_run_that_holds_the_project_is_in_the_way_only_when_it_may_need_the_model(
    scene: Scene, which: str, refused: bool
) -> None:
    """A training takes hours; a promotion beside it does not wait for it."""
    arns = {"new": scene.new.version_arn, "other": f"{scene.old.version_arn}9", "": ""}
    record = scene.run.record.model_copy(
        update={"run_id": "training", "project_version_arn": arns[which]}
    )
    services = scene.bench.services()
    write_record(services.store, run_key("training"), record)
    wanted = claim("shades", "training", services.holder, 900.0)
    acquire_lease(wanted, services.backend.identity, services.store, services.clock).pause(300)
    if refused:
        with pytest.raises(RunHeldError, match="may need the same model"):
            scene.serve()
    else:
        assert scene.serve() is not None
    assert scene.standing == (
        ("RUNNING", "TRAINING_COMPLETED") if refused else ("STOPPED", "RUNNING")
    )
    assert len(scene.alias.seen) == (not refused)
