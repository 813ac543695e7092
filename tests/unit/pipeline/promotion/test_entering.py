"""Tests of decisions about a champion whose model is kept running: who serves follows the alias.

The runs are made once; each test decides about them in a copy of the workspace.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rcl_flow.cli.promoting import promotion_lines
from rcl_flow.core.promotion.decision import Keep, Reason
from rcl_flow.emulator.conditions.clock import Delay, ManualClock
from rcl_flow.emulator.conditions.world import Delays, Quotas, World
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import (
    ChampionChangedError,
    ModelNotStartedError,
    ModelNotStoppedError,
    UnknownRunError,
)
from rcl_flow.files import remove_tree
from rcl_flow.pipeline.flow import Options
from rcl_flow.pipeline.history.champions import commit, find_champion, read_events, see_champion
from rcl_flow.pipeline.promotion.outcome import PromotionOutcome
from rcl_flow.pipeline.promotion.promoting import promote_after, promote_by_hand
from rcl_flow.pipeline.promotion.rolling_back import roll_back
from rcl_flow.pipeline.runs.events import StepStarted
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.serving.hosting import Hosting, host
from rcl_flow.pipeline.state.records import list_armed, run_folder
from tests.unit.clocks import FakeClock
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.champion_bench import ChampionBench
from tests.unit.pipeline.conftest import end_threads
from tests.unit.pipeline.hosted import HOUR

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients

PARAMETER = "/digits/champion"
RULES = {"max_loss": 0.1, "ssm_parameter": PARAMETER}
TICKS = {"pause_while_starting": True}


class Interrupted(FakeClock):
    """A clock whose sleeps are cut off."""

    def sleep(self, seconds: float) -> None:
        """End as a machine does that is switched off."""
        raise KeyboardInterrupt(str(seconds))


@dataclass
class Scene:
    """A project with two finished runs, of which the first is the champion and kept running."""

    project: ChampionBench
    first: RunOutcome
    better: RunOutcome

    @property
    def bench(self) -> Bench:
        """The emulator's side."""
        return self.project.bench

    def promote(self, *, blocking: bool = True) -> PromotionOutcome:
        """Decide about the better one as a retraining does."""
        services = self.project.services()
        config = self.project.config(promotion=RULES, safety=TICKS)
        log, options = self.project.log(services), Options(blocking=blocking)
        return promote_after([self.better], config, services, log, options)

    def statuses(self) -> tuple[str, str]:
        """Return how the models of the first and the better run stand."""
        rekognition = self.project.services().rekognition
        found = [
            rekognition.find_version_by_arn(run.project_version_arn)
            for run in (self.first, self.better)
        ]
        first, better = (version.status if version else "" for version in found)
        return first, better

    def champion(self) -> str:
        """Return the run whose model holds the place."""
        found = find_champion("digits", self.project.services())
        return found.run_id if found else ""

    def events(self) -> list[str]:
        """Return what was decided so far."""
        services = self.project.services()
        return [e.kind for e in read_events("digits", services.backend.identity, services.store)]

    def running(self) -> list[str]:
        """Return the models that the store says may be running."""
        store = self.project.services().store
        return [armed.project_version_arn for armed in list_armed(store)]

    def starts(self) -> int:
        """Return how often a start was asked for."""
        return self.bench.calls("StartProjectVersion")


@pytest.fixture(scope="module")
def trained(aws_clients: "Clients", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Train a model and a better one, on an account with a new one's quotas."""
    delays = Delays(starting=Delay(polls=4))
    world = World(clock=ManualClock(), training_noise=0.2, quotas=Quotas(), delays=delays)
    with emulated_aws(world):
        aws_clients[1].create_bucket(Bucket=BUCKET)
        project = ChampionBench(Bench(tmp_path_factory.mktemp("made"), world, *aws_clients))
        project.write_sets()
        yield Scene(project, project.train(6), project.train(10))
        end_threads()


@pytest.fixture
def scene(trained: Scene, tmp_path: Path) -> Iterator[Scene]:
    """Return a copy in which the first model is the champion and kept; nothing runs afterwards."""
    project = trained.project.copied(tmp_path / "copy")
    scene = Scene(project, trained.first, trained.better)
    project.promote(trained.first, promotion=RULES)
    services = project.services()
    hosting = Hosting(services.clock.now() + 8 * HOUR, 1)
    host(trained.first.project_version_arn, hosting, project.config(), services)
    yield scene
    scene.bench.world.faults.clear()
    for run in (trained.first, trained.better):
        while _status(scene, run) in {"STARTING", "STOPPING"}:
            pass
        if _status(scene, run) == "RUNNING":
            scene.bench.client.stop_project_version(ProjectVersionArn=run.project_version_arn)
        while _status(scene, run) == "STOPPING":
            pass


def _status(scene: Scene, run: RunOutcome) -> str:
    return scene.statuses()[run is scene.better]


def test_new_champion_runs_before_the_old_one_is_stopped_and_both_are_told(scene: Scene) -> None:
    """Statuses are those after the swap; the end is the old one's; the parameter follows."""
    before = list_armed(scene.project.services().store)[0]
    done = scene.promote()
    assert (done.status, done.started) == ("promoted", scene.better.project_version_arn)
    assert (done.stopped, done.kept_until) == (
        (scene.first.project_version_arn,),
        before.kept_until,
    )
    assert done.champion is not None
    assert done.before is not None
    assert (done.champion.status, done.before.status) == ("RUNNING", "STOPPED")
    assert scene.project.parameters == {PARAMETER: scene.better.project_version_arn}
    lines = list(promotion_lines(done))
    assert f"stopped   {scene.first.project_version_arn}" in lines
    assert any(
        line.startswith(f"started   {scene.better.project_version_arn}, until ") for line in lines
    )


def test_rollback_swaps_back_with_the_config_of_the_run_that_it_goes_back_to(scene: Scene) -> None:
    """The command has no config of its own."""
    scene.promote()
    back = roll_back("digits", scene.project.services())
    assert (back.status, back.started) == ("rolled back", scene.first.project_version_arn)
    assert back.stopped == (scene.better.project_version_arn,)
    assert scene.statuses() == ("RUNNING", "STOPPED")
    assert scene.champion() == scene.first.run_id
    assert scene.project.parameters == {PARAMETER: scene.first.project_version_arn}
    assert next(promotion_lines(back)) == f"rolled back {scene.first.run_id}"


def test_rollback_without_a_config_changes_nothing_and_says_what_to_do(scene: Scene) -> None:
    """Nobody knows how the other model is run; without one that serves it need not be known."""
    scene.promote()
    workspace = scene.project.folder
    remove_tree(run_folder(workspace, scene.first.run_id))
    with pytest.raises(UnknownRunError, match="kept running") as caught:
        roll_back("digits", scene.project.services())
    assert "rcl-flow stop" in caught.value.hint
    assert scene.champion() == scene.better.run_id
    assert scene.statuses() == ("STOPPED", "RUNNING")


def test_promotion_by_hand_swaps_too(scene: Scene) -> None:
    """As that of a retraining does."""
    done = promote_by_hand(scene.better, scene.project.ring(promotion=RULES), force=False)
    assert (done.started, scene.statuses()) == (
        scene.better.project_version_arn,
        ("STOPPED", "RUNNING"),
    )


def test_model_that_does_not_start_leaves_champion_and_old_model(scene: Scene) -> None:
    """The error is told, nothing is entered, and the next call tries again."""
    scene.bench.arm("StartProjectVersion", fails_later=True)
    with pytest.raises(ModelNotStartedError) as caught:
        scene.promote()
    assert caught.value.exit_code == 11
    assert scene.champion() == scene.first.run_id
    assert scene.events() == ["promoted"]
    assert scene.statuses() == ("RUNNING", "FAILED")
    assert scene.running() == [scene.first.project_version_arn]
    assert scene.project.parameters == {PARAMETER: scene.first.project_version_arn}
    assert scene.promote().status == "promoted"
    assert scene.statuses() == ("STOPPED", "RUNNING")


def test_tick_pauses_and_replays_to_one_model_and_one_promotion(scene: Scene) -> None:
    """A function may work for 15 minutes, and a start take longer."""
    started_before, pauses = scene.starts(), 0
    while pauses < 20:
        try:
            done = scene.promote(blocking=False)
        except Pause:
            pauses += 1
            assert scene.events() == ["promoted"]
        else:
            break
    assert pauses > 0
    assert (done.status, done.started) == ("promoted", scene.better.project_version_arn)
    assert scene.starts() == started_before + 1
    assert scene.statuses() == ("STOPPED", "RUNNING")
    assert scene.running() == [scene.better.project_version_arn]
    again = scene.promote(blocking=False)
    assert (again.status, again.started, again.stopped) == ("unchanged", "", ())
    assert scene.events() == ["promoted", "promoted"]


def test_wait_that_breaks_off_in_the_middle_is_replayed_to_one_model_and_one_promotion(
    scene: Scene,
) -> None:
    """As when a function is ended by its time while the new model starts."""
    config = scene.project.config(promotion=RULES)
    services = replace(scene.project.services(), clock=Interrupted())
    with pytest.raises(KeyboardInterrupt):
        promote_after(
            [scene.better], config, services, scene.project.log(services), Options(blocking=False)
        )
    assert scene.champion() == scene.first.run_id
    assert scene.statuses()[0] == "RUNNING"
    done = scene.promote()
    assert (done.status, done.started) == ("promoted", scene.better.project_version_arn)
    assert scene.statuses() == ("STOPPED", "RUNNING")
    assert scene.running() == [scene.better.project_version_arn]
    assert scene.events() == ["promoted", "promoted"]


def test_old_model_that_could_not_be_stopped_is_stopped_by_the_next_call(scene: Scene) -> None:
    """The promotion is entered once; what is left of it is only the stop."""
    scene.bench.arm("StopProjectVersion", "AccessDeniedException", times=5)
    with pytest.raises(ModelNotStoppedError):
        scene.promote()
    assert scene.champion() == scene.better.run_id
    done = scene.promote()
    assert (done.status, done.stopped) == ("unchanged", (scene.first.project_version_arn,))
    assert scene.statuses() == ("STOPPED", "RUNNING")
    assert scene.events() == ["promoted", "promoted"]
    assert scene.project.parameters == {PARAMETER: scene.better.project_version_arn}


def test_challenger_that_is_kept_out_is_not_started(scene: Scene) -> None:
    """And what an earlier tick has started, by gates that were lower, is stopped."""
    with pytest.raises(Pause):
        scene.promote(blocking=False)
    no = Keep(reasons=(Reason(gate="min_holdout_f1", message="Too low."),))
    kept = scene.project.promote(scene.better.model_copy(update={"decision": no}))
    assert (kept.status, kept.started) == ("kept", "")
    assert scene.statuses() == ("RUNNING", "STOPPED")
    assert scene.running() == [scene.first.project_version_arn]


def test_champion_that_changes_while_the_new_model_starts_is_not_overwritten(scene: Scene) -> None:
    """The new model is stopped again: it was put forward against another champion."""
    services = scene.project.services()

    def decide_too(event: object) -> None:
        if event == StepStarted("try model") and scene.events() == ["promoted"]:
            seen = see_champion("digits", services)
            assert seen.record is not None
            kept = seen.record.last.model_copy(update={"number": 2, "kind": "kept"})
            commit(kept, seen, services)

    config, watched = scene.project.config(promotion=RULES), replace(services, emit=decide_too)
    with pytest.raises(ChampionChangedError):
        promote_after([scene.better], config, watched, scene.project.log(watched))
    assert scene.champion() == scene.first.run_id
    assert scene.events() == ["promoted", "kept"]
    assert scene.statuses() == ("RUNNING", "STOPPED")
    assert scene.running() == [scene.first.project_version_arn]
