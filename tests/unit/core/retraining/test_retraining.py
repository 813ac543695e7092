"""Tests of the policy: what counts as new, and when that is worth a training."""

from dataclasses import replace

import pytest

from rcl_flow.core.retraining.data_changes import DataChanges, untried_changes
from rcl_flow.core.retraining.policy import RetrainPolicy
from rcl_flow.core.retraining.retraining import RetrainSituation, decide_retraining

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"
CHANGED = DataChanges(new=25, by_label={"a": 20, "b": 5})


def decided(situation: RetrainSituation, **rules: object) -> tuple[bool, list[str]]:
    """Return the decision and the codes of its reasons."""
    verdict = decide_retraining(RetrainPolicy.model_validate(rules), situation)
    assert all(reason.message.endswith(".") for reason in verdict.reasons)
    return verdict.train, [reason.code for reason in verdict.reasons]


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
    assert (verdict.changes.by_label, verdict.base_version_arn) == ({"a": 20, "b": 5}, ARN)


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


@pytest.mark.parametrize("reason", [{"drifted": ("it is darker",)}, {"base_age_days": 99.0}])
def test_drift_and_age_want_an_image_that_the_last_training_did_not_have(
    reason: dict[str, object],
) -> None:
    """Else they would train on the same images at every call until a challenger is promoted."""
    situation = replace(RetrainSituation(CHANGED), **reason)  # type: ignore[arg-type]
    tried, news = replace(situation, untried={}), replace(situation, untried={"a": 1})
    assert decided(tried, max_age_days=30) == (False, ["too-few"])
    assert decided(news, max_age_days=30)[0]


def test_drift_and_age_are_reasons_once_for_each_training() -> None:
    """Neither goes away because a model was trained."""
    situation = RetrainSituation(CHANGED, untried={"a": 1}, drifted=("it is darker",))
    assert decided(replace(situation, drift_was_trained=True)) == (False, ["too-few"])
    old = replace(situation, base_age_days=99.0, days_since_training=1.0)
    assert decided(old, max_age_days=30, on_drift=False) == (False, ["too-few"])


def test_what_was_trained_and_never_judged_is_gone_on_with() -> None:
    """It costs no training, so that neither counts nor days matter."""
    situation = RetrainSituation(CHANGED, untried={}, days_since_training=0.1, unended=True)
    assert decided(situation) == (False, ["too-few"])
    same = replace(situation, same_images=True)
    assert decided(same, min_days_between=7) == (True, ["unfinished"])
    assert decided(replace(same, unended=False)) == (False, ["too-few"])


def test_data_whose_holdout_was_refused_are_asked_for_on_demand_only() -> None:
    """Each try starts the model, and the service would refuse the same images."""
    lost = RetrainSituation(CHANGED, lost=True, unended=True, same_images=True, first=True)
    assert decided(lost) == (False, ["failed"])
    assert decided(replace(lost, forced=True)) == (True, ["forced"])


def test_after_a_failed_training_even_the_first_one_waits() -> None:
    """Else each image that arrives would be a training until one succeeds."""
    first = RetrainSituation(CHANGED, first=True, unended=True, days_since_training=1.0)
    assert decided(first, min_days_between=7) == (False, ["too-soon"])
    assert decided(first) == (True, ["first"])
