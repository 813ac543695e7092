"""Tests of the policy: what counts as new, and when that is worth a training."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rcl_flow.core.boxes import PixelBox
from rcl_flow.core.dataset import DatasetImage
from rcl_flow.core.retraining import (
    DataChanges,
    RetrainPolicy,
    RetrainSituation,
    TrainedOn,
    changes_since,
    decide_retraining,
    trained_on,
    untried_changes,
)
from tests.builders import dataset, image

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ARN = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"
CHANGED = DataChanges(new=25, by_label={"a": 20, "b": 5})


def before(*images: DatasetImage) -> TrainedOn:
    """Return what a version was trained on, as it comes from the store."""
    known = trained_on(dataset("train", images), ARN, NOW)
    return TrainedOn.model_validate_json(known.model_dump_json())


def decided(situation: RetrainSituation, **rules: object) -> tuple[bool, list[str]]:
    """Return the decision and the codes of its reasons."""
    verdict = decide_retraining(RetrainPolicy.model_validate(rules), situation)
    assert all(reason.message.endswith(".") for reason in verdict.reasons)
    return verdict.train, [reason.code for reason in verdict.reasons]


def test_changes_are_new_relabelled_and_removed_images() -> None:
    """Each counts for every label that it has or had."""
    boxed = replace(image("moved", "box"), boxes=(PixelBox("box", 1.0, 1.0, 9.0, 9.0),))
    moved = replace(boxed, boxes=(PixelBox("box", 5.0, 1.0, 9.0, 9.0),))
    known = before(image("same", "a"), image("other", "a"), image("gone", "c"), boxed)
    now = dataset("train", [image("same", "a"), image("other", "b"), image("new", "a", "d"), moved])
    assert changes_since(now, known) == DataChanges(
        new=1, relabelled=2, removed=1, by_label={"a": 2, "b": 1, "box": 1, "c": 1, "d": 1}
    )


def test_changes_do_not_count_copies_or_places() -> None:
    """The same content elsewhere, or twice, is what the model was trained on."""
    now = dataset("train", [image("same", "a", uri="x"), image("same", "a", uri="y")])
    assert changes_since(now, before(image("same", "a"))).images == 0


def test_everything_is_new_when_nothing_is_known() -> None:
    """A version that nobody kept a record of was trained on unknown images."""
    changes = changes_since(dataset("train", [image("x", "a"), image("y", "a")]), None)
    assert changes == DataChanges(new=2, by_label={"a": 2})


@pytest.mark.parametrize(
    ("count", "labels", "trains"), [(20, 1, True), (21, 1, False), (5, 2, True), (6, 2, False)]
)
def test_policy_wants_enough_images_of_enough_labels(count: int, labels: int, trains: bool) -> None:
    """The bounds themselves are enough."""
    found = decided(RetrainSituation(CHANGED), min_new_images_per_label=count, min_labels=labels)
    assert found == (trains, ["new-images" if trains else "too-few"])


def test_policy_names_the_labels_that_have_most() -> None:
    """A person reads how far it is from a training."""
    verdict = decide_retraining(
        RetrainPolicy(min_new_images_per_label=30), RetrainSituation(CHANGED, ARN)
    )
    assert verdict.reasons[0].message == (
        "Too few images have changed since the base was trained: 20 images of a, 5 images of b; "
        "the policy wants 30 of a label."
    )
    assert (verdict.new_images_by_label, verdict.base_version_arn) == ({"a": 20, "b": 5}, ARN)


@pytest.mark.parametrize(("age", "codes"), [(31.0, ["age"]), (29.0, ["too-few"])])
def test_policy_trains_when_the_base_is_old_and_something_is_new(
    age: float, codes: list[str]
) -> None:
    """One image is enough then."""
    situation = RetrainSituation(DataChanges(new=1, by_label={"a": 1}), base_age_days=age)
    assert decided(situation, max_age_days=30)[1] == codes


@pytest.mark.parametrize("reason", [{"base_age_days": 99.0}, {"drifted": ("it is darker",)}])
def test_policy_never_trains_on_the_same_images(reason: dict[str, object]) -> None:
    """Neither age nor drift makes a training on unchanged data worth its price."""
    situation = replace(RetrainSituation(DataChanges()), **reason)  # type: ignore[arg-type]
    assert decided(situation, max_age_days=30) == (False, ["unchanged"])


def test_policy_trains_on_drift_unless_that_is_turned_off() -> None:
    """The reason names what has drifted."""
    drifted = ("production is darker than train",)
    situation = RetrainSituation(DataChanges(new=1, by_label={"a": 1}), drifted=drifted)
    assert decided(situation) == (True, ["drift"])
    assert drifted[0] in decide_retraining(RetrainPolicy(), situation).reasons[0].message
    assert decided(situation, on_drift=False) == (False, ["too-few"])


@pytest.mark.parametrize(("days", "codes"), [(6.9, ["too-soon"]), (7.0, ["new-images"])])
def test_policy_waits_between_trainings(days: float, codes: list[str]) -> None:
    """Whatever else speaks for one."""
    situation = RetrainSituation(CHANGED, days_since_training=days)
    assert decided(situation, min_days_between=7)[1] == codes


def test_policy_trains_on_demand_and_the_first_time() -> None:
    """Neither needs new images, nor waits."""
    nothing = RetrainSituation(DataChanges(), days_since_training=0.1)
    forced, first = replace(nothing, forced=True), replace(nothing, first=True)
    assert decided(forced, min_days_between=7) == (True, ["forced"])
    assert decided(first, min_days_between=7) == (True, ["first"])


def test_policy_does_not_train_twice_on_what_was_just_trained_on() -> None:
    """Not even on demand: the same data would give the same version."""
    situation = RetrainSituation(CHANGED, forced=True, done=True)
    assert decided(situation) == (False, ["unchanged"])


def test_policy_gives_every_reason_for_a_training() -> None:
    """New images, age and drift are all told."""
    situation = RetrainSituation(CHANGED, base_age_days=40, drifted=("it is darker",))
    assert decided(situation, max_age_days=30) == (True, ["new-images", "age", "drift"])


def test_what_a_training_has_had_is_no_reason_for_another() -> None:
    """After a challenger that was kept, only what has changed since it counts."""
    since_champion = DataChanges(new=30, by_label={"one": 12, "two": 18})
    since_training = DataChanges(new=5, by_label={"two": 5})
    untried = untried_changes(since_champion, since_training)
    assert untried == {"two": 5}
    policy = RetrainPolicy(min_new_images_per_label=10)
    situation = RetrainSituation(since_champion, base_version_arn="base", untried=untried)
    verdict = decide_retraining(policy, situation)
    assert not verdict.train
    assert "since the last training: 5 images of two;" in verdict.reasons[0].message
    assert decide_retraining(policy, replace(situation, untried=None)).train
