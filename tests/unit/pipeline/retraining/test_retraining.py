"""Tests of the retraining line: when it trains, on what, and that nothing is paid for twice."""

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from rcl_flow.config import FlowConfig
from rcl_flow.core.history.transitions import Transition
from rcl_flow.emulator.conditions.clock import ManualClock, SkippingClock
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.errors import ConfigError, ConsentNeededError, DatasetGateError, TrainingFailedError
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME, read_certificate
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.promotion.contending import Ring
from rcl_flow.pipeline.promotion.promoting import promote_by_hand
from rcl_flow.pipeline.retraining.outcome import RetrainOutcome
from rcl_flow.pipeline.retraining.retraining import plan_retraining, retrain
from rcl_flow.pipeline.retraining.under_way import read_under_way
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.records import run_folder
from tests.emulator.builders import png
from tests.unit.pipeline.bench import LABELS
from tests.unit.pipeline.payer import Payer, paying, unchanged

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients


@dataclass
class Loop:
    """A project that is retrained again and again with what has arrived."""

    payer: Payer
    told: list[Transition] = field(default_factory=list)

    @property
    def services(self) -> Services:
        """Services whose transitions are remembered."""
        return replace(self.payer.services, announce=self.told.append)

    @property
    def arrivals(self) -> Path:
        """The folder in which new images arrive."""
        return self.payer.bench.folder / "arrivals"

    @property
    def trainings(self) -> int:
        """How many trainings were asked for."""
        return self.payer.bench.calls("CreateProjectVersion")

    def config(
        self, *sources: dict[str, Any], production: str | None = None, **sections: object
    ) -> FlowConfig:
        """Return the config of the loop; `sources` are its arrivals, by default the folder."""
        self.arrivals.mkdir(exist_ok=True)
        given = list(sources) or [{"folder": str(self.arrivals)}]
        data = self.payer.config("a").data.model_dump()
        data |= {"arrivals": given, "production": production}
        return self.payer.config(
            "a",
            **{
                "data": data,
                "gates": {"min_holdout_images": 5, "min_holdout_f1": 0.0},
                "evaluation": {"resamples": 200},
                "retrain": {"min_new_images_per_label": 3},
                **sections,
            },
        )

    def arrive(self, label: str, *numbers: int) -> None:
        """Let images of a label arrive."""
        folder = self.arrivals / label
        folder.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            (folder / f"{number}.png").write_bytes(png(label, number))

    def retrain(self, config: FlowConfig | None = None, *, force: bool = False) -> RetrainOutcome:
        """Retrain to the end."""
        return retrain(config or self.config(), self.services, Options(), force=force)

    def tick(self) -> RetrainOutcome | None:
        """Do what can be done now; None while it goes on."""
        try:
            return retrain(self.config(), self.services, Options(blocking=False))
        except Pause:
            return None

    def tick_to_the_end(self) -> RetrainOutcome:
        """Tick until it has ended, the clock moving on between ticks."""
        for _ in range(40):
            outcome = self.tick()
            if outcome is not None:
                return outcome
            self.payer.bench.world.clock.sleep(600)
        raise AssertionError("it does not end")


@contextmanager
def looping(clients: "Clients", folder: Path, clock: ManualClock | SkippingClock) -> Iterator[Loop]:
    """Yield a loop before its first training."""
    with paying(clients, folder, clock) as payer:
        yield Loop(payer)


@pytest.fixture
def loop(aws_clients: "Clients", tmp_path: Path) -> Iterator[Loop]:
    """Return a loop for which a state in progress is over at the second look."""
    with looping(aws_clients, tmp_path, SkippingClock()) as loop:
        yield loop


@pytest.fixture
def waiting(aws_clients: "Clients", tmp_path: Path) -> Iterator[Loop]:
    """Return a loop that has to wait for everything."""
    with looping(aws_clients, tmp_path, ManualClock()) as loop:
        yield loop


def codes(outcome: RetrainOutcome) -> list[str]:
    """Return why it was trained, or not."""
    return [reason.code for reason in outcome.verdict.reasons]


def test_first_retraining_trains_and_the_second_call_changes_nothing(loop: Loop) -> None:
    """The same data again is answered from what the store keeps, even when it is forced."""
    first = loop.retrain()
    assert (first.status, codes(first), len(first.runs)) == ("completed", ["first"], 1)
    assert first.promotion is not None
    with unchanged(loop.payer):
        for force in (False, True):
            again = loop.retrain(force=force)
            assert (again.status, codes(again)) == ("unchanged", ["unchanged"])
            assert again.runs == first.runs
            assert again.promotion is not None
            assert again.promotion.status == "unchanged"
            assert again.promotion.champion == first.promotion.champion
    assert loop.trainings == 1
    assert read_under_way("shades", loop.services) is None


def test_retraining_waits_for_enough_new_images(loop: Loop) -> None:
    """Two of a label are too few, which is told once; the third, or a wish, begins a training."""
    first = loop.retrain()
    loop.arrive("red", 500, 501)
    skipped = [loop.retrain() for _ in range(2)]
    assert [each.status for each in skipped] == ["skipped", "skipped"]
    assert codes(skipped[0]) == ["too-few"]
    assert skipped[0].verdict.changes.by_label == {"red": 2}
    assert skipped[0].verdict.base_version_arn == first.runs[0].project_version_arn
    (told,) = [each for each in loop.told if each.kind == "run-skipped"]
    assert told.details["new_images"] == 2
    assert loop.trainings == 1
    loop.arrive("red", 502)
    trained = loop.retrain()
    assert (trained.status, codes(trained)) == ("completed", ["new-images"])
    assert (trained.arrivals.joined, loop.trainings) == (3, 2)
    loop.arrive("red", 503)
    forced = loop.retrain(force=True)
    assert (forced.status, codes(forced)) == ("completed", ["forced"])
    assert loop.trainings == 3


def test_retraining_counts_removed_images_and_changed_labels(loop: Loop, tmp_path: Path) -> None:
    """An image that goes and one that moves to another label are changes as a new one is."""
    loop.retrain()
    train = tmp_path / "a" / "train"
    (train / "red" / "0.png").unlink()
    shutil.move(train / "green" / "1.png", train / "blue" / "moved.png")
    found = loop.retrain().verdict.changes
    assert (found.new, found.relabelled, found.removed) == (0, 1, 1)
    assert found.by_label == {"blue": 1, "green": 1, "red": 1}


def test_retraining_knows_on_another_machine_what_was_trained_on(
    loop: Loop, tmp_path: Path
) -> None:
    """All that the policy needs is in the store; an empty workspace beside it is enough."""
    loop.retrain()
    loop.arrive("red", 500)
    elsewhere = replace(loop.services, workspace=tmp_path / "elsewhere")
    config = loop.config(workspace=str(tmp_path / "elsewhere"))
    found = retrain(config, elsewhere, Options())
    assert found.status == "skipped"
    assert found.verdict.changes.new == 1


def test_repeats_are_trainings_of_one_retraining(loop: Loop) -> None:
    """Each on the same data, in runs of their own."""
    outcome = loop.retrain(loop.config(promotion={"repeat": 2}))
    assert len({run.run_id for run in outcome.runs}) == 2
    assert len({run.project_version_arn for run in outcome.runs}) == 2
    assert loop.trainings == 2


def test_images_that_arrive_during_a_training_wait_for_the_next(waiting: Loop) -> None:
    """Ticks go on with the data that they began with: one training, and the holdout as it was."""
    assert waiting.tick() is None
    waiting.arrive("red", 500, 501, 502)
    (waiting.payer.bench.folder / "a" / "train" / "blue" / "0.png").unlink()
    outcome = waiting.tick_to_the_end()
    assert (outcome.status, codes(outcome)) == ("completed", ["first"])
    assert (waiting.trainings, outcome.arrivals.joined) == (1, 0)
    waited = waiting.tick()
    assert waited is None
    assert waiting.trainings == 2
    after = waiting.tick_to_the_end()
    assert (codes(after), after.arrivals.joined) == (["new-images"], 3)
    assert after.verdict.changes.by_label == {"blue": 1, "red": 3}
    assert waiting.tick_to_the_end().status == "unchanged"
    assert waiting.trainings == 2


def test_pinned_images_may_be_gone_while_they_are_trained_on(waiting: Loop) -> None:
    """The service has its copies; a folder that was cleaned up begins no second training."""
    assert waiting.tick() is None
    shutil.rmtree(waiting.payer.bench.folder / "a" / "train")
    assert waiting.tick_to_the_end().status == "completed"
    assert waiting.trainings == 1


def test_failed_training_lets_go_of_its_data(loop: Loop) -> None:
    """The same data would fail again, so that the next call reads the data anew."""
    loop.payer.bench.world.faults.add(Fault("CreateProjectVersion", times=1, fails_later=True))
    with pytest.raises(TrainingFailedError):
        loop.retrain()
    assert read_under_way("shades", loop.services) is None
    loop.arrive("red", 500)
    assert loop.retrain().status == "completed"
    assert loop.trainings == 2


def test_retraining_that_nobody_agreed_to_pay_for_holds_on_to_nothing(loop: Loop) -> None:
    """Nothing was begun; with consent it begins with the data of that moment."""
    with pytest.raises(ConsentNeededError):
        loop.retrain(loop.config(backend="aws", storage={"bucket": "acme-images"}))
    assert read_under_way("shades", loop.services) is None
    assert loop.trainings == 0


def test_champion_that_nobody_agreed_to_judge_again_holds_on_to_nothing(loop: Loop) -> None:
    """All trainings are there, and the holdout is another: the next call reads the data anew."""
    payer, services, paid = loop.payer, loop.services, Options(consent=True)
    sections = {"backend": "aws", "storage": {"bucket": "acme-images", "create_bucket": True}}
    before, after = (payer.config(name, **sections) for name in ("a", "b"))
    first = run_flow(before, services, paid)
    ring = Ring(before, services, StepLog(services.emit, services.clock), paid)
    promote_by_hand(first, ring, force=True)
    run_flow(after, services, paid)
    with pytest.raises(ConsentNeededError):
        retrain(after, services, Options(), force=True)
    assert read_under_way("shades", services) is None
    assert retrain(after, services, paid, force=True).status == "unchanged"


def test_closed_gate_of_the_audit_lets_nothing_begin(loop: Loop) -> None:
    """A bad delivery is refused before anything is paid for, and does not block the next call."""
    loop.arrive("red", 500)
    shutil.copy(loop.arrivals / "red" / "500.png", loop.arrivals / "twin.png")
    (loop.arrivals / "blue").mkdir()
    shutil.move(loop.arrivals / "twin.png", loop.arrivals / "blue" / "twin.png")
    with pytest.raises(DatasetGateError):
        loop.retrain()
    assert loop.trainings == 0
    (loop.arrivals / "blue" / "twin.png").unlink()
    assert loop.retrain().status == "completed"


def test_arrival_from_the_holdout_leaves_the_certificate(loop: Loop, tmp_path: Path) -> None:
    """It is trained on and judges nothing; the certificate says how many left."""
    (tmp_path / "a" / "holdout" / "red" / "700.png").write_bytes(png("red", 700))
    loop.arrive("red", 700)
    outcome = loop.retrain()
    assert outcome.arrivals.left_holdout == 1
    folder = run_folder(loop.services.workspace, outcome.runs[0].run_id)
    issued = read_certificate(folder / CERTIFICATE_NAME)
    assert issued.left_for_training == 1
    assert issued.splits["holdout"].images == outcome.runs[0].holdout.images == 30
    assert issued.splits["train"].images == 19
    assert "1 images left it to be trained on." in issued.summary


def test_reviewed_tasks_of_label_studio_join_train(loop: Loop, tmp_path: Path) -> None:
    """What was annotated counts; a task that nobody has looked at changes nothing."""
    train = tmp_path / "a" / "train" / "red"
    corrected, open_task = str(train / "0.png"), str(train / "1.png")
    tasks = [
        {"data": {"image": corrected}, "annotations": [{"result": [chosen("green")]}]},
        {"data": {"image": open_task}, "annotations": [], "predictions": [{"result": []}]},
    ]
    export = tmp_path / "reviewed.json"
    export.write_text(json.dumps(tasks))
    outcome = loop.retrain(loop.config({"label_studio": str(export)}))
    assert (outcome.arrivals.relabelled, outcome.arrivals.unlabelled) == (1, 1)
    assert loop.retrain().verdict.changes.by_label == {"green": 1, "red": 1}


def chosen(label: str) -> dict[str, Any]:
    """Return a result of a task: one choice."""
    value = {"choices": [label]}
    return {"type": "choices", "from_name": "label", "to_name": "image", "value": value}


def test_drift_in_production_begins_a_training(loop: Loop, tmp_path: Path) -> None:
    """Dark images in production, and one new training image: the reason names the factor."""
    production = tmp_path / "production"
    put_production(production, brightness=1.0)
    first = loop.retrain(loop.config(production=str(production)))
    assert first.drift is not None
    assert (first.drift.compared, first.drift.found) == (False, False)
    loop.arrive("red", 500)
    put_production(production, brightness=0.2)
    rules = {"factors": {"min_images": 15}}
    found = loop.retrain(loop.config(production=str(production), audit=rules))
    assert codes(found) == ["drift"]
    assert found.drift is not None
    assert "brightness" in {factor.factor for factor in found.drift.factors}
    assert "production is darker than train: median brightness" in found.verdict.reasons[0].message


def test_a_training_that_failed_counts_for_the_days_between(loop: Loop) -> None:
    """It was paid for: the next is not asked for sooner because nothing came of it."""
    loop.retrain()
    patient = loop.config(retrain={"min_new_images_per_label": 1, "min_days_between": 30})
    loop.payer.bench.world.clock.advance(31 * 86_400)
    loop.payer.bench.world.faults.add(Fault("CreateProjectVersion", times=1, fails_later=True))
    loop.arrive("red", 500)
    with pytest.raises(TrainingFailedError):
        loop.retrain(patient)
    assert loop.trainings == 2
    loop.arrive("red", 501)
    assert codes(loop.retrain(patient)) == ["too-soon"]
    assert loop.trainings == 2


def test_age_is_a_reason_once_and_not_for_every_image(loop: Loop) -> None:
    """A challenger that was not taken does not make each new image a training."""
    loop.retrain()
    rules = {"min_holdout_images": 5, "min_holdout_f1": 1.0}
    old = loop.config(retrain={"min_new_images_per_label": 50, "max_age_days": 10}, gates=rules)
    loop.payer.bench.world.clock.advance(11 * 86_400)
    loop.arrive("red", 500)
    found = loop.retrain(old)
    assert codes(found) == ["age"]
    loop.arrive("red", 501)
    assert codes(loop.retrain(old)) == ["too-few"]
    assert loop.trainings == 2


def test_a_refusal_is_told_once_until_it_is_another_or_a_run_begins(loop: Loop) -> None:
    """A schedule that meets the same missing folder each hour does not mail each hour."""
    gone = loop.config({"folder": str(loop.arrivals / "nowhere")})
    for _ in range(3):
        with pytest.raises(ConfigError):
            loop.retrain(gone)
    assert [each.kind for each in loop.told] == ["run-failed"]
    loop.retrain()
    loop.told.clear()
    with pytest.raises(ConfigError):
        loop.retrain(gone)
    assert [each.kind for each in loop.told] == ["run-failed"]


def test_production_without_images_is_one_clear_error(loop: Loop, tmp_path: Path) -> None:
    """A prefix that is misspelt is noticed at once."""
    with pytest.raises(ConfigError, match="There are no images in"):
        loop.retrain(loop.config(production=str(tmp_path / "nothing")))


def put_production(folder: Path, *, brightness: float) -> None:
    """Write images of every label, without their labels, at this part of their brightness."""
    folder.mkdir(exist_ok=True)
    for label in LABELS:
        for number in range(900, 908):
            picture = Image.open(io.BytesIO(png(label, number)))
            dimmed = picture.point(lambda value: round(value * brightness))
            dimmed.save(folder / f"{label}-{number}.png")


def test_plan_says_what_would_be_trained_and_changes_nothing(loop: Loop) -> None:
    """Before, while it goes on, and after."""
    with unchanged(loop.payer):
        before = plan_retraining(loop.config(promotion={"repeat": 2}), loop.services)
    assert (before.status, before.trainings) == ("would-train", 2)
    assert before.images == {"train": 18, "test": 12, "holdout": 30}
    assert before.plan is not None
    assert before.plan.cost.training_usd.expected > 0
    loop.retrain()
    loop.arrive("red", 500)
    with unchanged(loop.payer):
        after = plan_retraining(loop.config(), loop.services)
    assert (after.status, after.trainings, after.plan) == ("would-skip", 0, None)


def test_plan_of_repeated_trainings_prices_each(loop: Loop) -> None:
    """One of them is there: the others still cost what they cost."""
    loop.retrain()
    repeated = loop.config(promotion={"repeat": 3})
    with unchanged(loop.payer):
        plan = plan_retraining(repeated, loop.services, force=True)
    assert plan.plan is not None
    assert (plan.trainings, plan.free) == (3, 1)
    assert plan.plan.cost.training_usd.expected > 0
    assert plan.usd.expected == pytest.approx(2 * plan.plan.cost.usd.expected)


def test_plan_of_a_retraining_under_way_says_so(waiting: Loop) -> None:
    """What has arrived since is not in it; what it costs until its end is."""
    assert waiting.tick() is None
    waiting.arrive("red", 500)
    plan = plan_retraining(waiting.config(), waiting.services)
    assert (plan.status, plan.images["train"]) == ("under-way", 18)
    assert plan.usd.expected > 0


def test_plan_names_what_closes_the_gate(loop: Loop) -> None:
    """The audit's errors are told before anybody pays."""
    (loop.payer.bench.folder / "a" / "train" / "blue" / "twin.png").write_bytes(png("red", 0))
    plan = plan_retraining(loop.config(), loop.services)
    assert plan.status == "refused"
    assert plan.errors


def test_config_that_only_judges_a_model_cannot_be_retrained(loop: Loop) -> None:
    """There is nothing to train on, or it would not be trained on."""
    config = loop.config()
    data = config.data.model_copy(update={"train": None, "test": None, "arrivals": ()})
    arn = "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/v/1"
    for given in (
        config.model_copy(update={"data": data}),
        loop.config(model={"project_version_arn": arn}),
    ):
        with pytest.raises(ConfigError, match="nothing to retrain"):
            retrain(given, loop.services, Options())
