"""Tests of the plan of augmented images."""

from collections import Counter

import pytest

from rcl_flow.core.augmenting.augment_gaps import AugmentRules
from rcl_flow.core.augmenting.augment_plan import AugmentPlan, plan_augmentation
from rcl_flow.core.datasets.dataset import DatasetImage, Datasets
from rcl_flow.core.measures import ImageMeasures
from tests.builders import dataset, image, sha256_of
from tests.unit.core.audit.measured import measures

NONE = dataset("holdout", [])


def weak(count: int, wanted: int, **rules: object) -> AugmentPlan:
    """Plan for a label of so many images that should have `wanted`."""
    train = dataset("train", [image(f"a{number}", "a") for number in range(count)])
    given = AugmentRules(wanted_images_per_label=wanted, max_total_ratio=10).model_copy(
        update=rules
    )
    return plan_augmentation(Datasets(train=train, holdout=NONE), {}, given)


def light(trained: float, asked: float, **values: object) -> AugmentPlan:
    """Plan for thirty images of one brightness, judged on thirty of another."""
    train = [image(f"t{number}", "a") for number in range(30)]
    holdout = [image(f"h{number}", "a") for number in range(30)]
    known = {i.sha256: measures(brightness=trained) for i in train}
    known |= {i.sha256: measures(brightness=asked, **values) for i in holdout}
    return plan_augmentation(
        Datasets(train=dataset("train", train), holdout=dataset("holdout", holdout)),
        known,
        AugmentRules(wanted_images_per_label=1),
    )


def test_weak_label_gets_what_it_lacks_from_all_its_images_in_turn() -> None:
    """Five images become eight by copies of three different ones."""
    plan = weak(5, 8)
    assert len({planned.parent.sha256 for planned in plan.images}) == len(plan.images) == 3
    assert plan.planned(plan.gaps[0]) == 3


def test_no_image_has_more_copies_than_allowed_and_none_twice_the_same() -> None:
    """Two images cannot become fifteen; what is missing stays visible in the plan."""
    plan = weak(2, 15, max_copies=3)
    copies = Counter(planned.parent.sha256 for planned in plan.images)
    assert set(copies.values()) == {3}
    assert len({(planned.parent.sha256, planned.way) for planned in plan.images}) == 6
    assert plan.gaps[0].wanted == 13


def test_all_copies_together_stay_within_their_share() -> None:
    """By default training is never more than half augmented."""
    assert len(weak(4, 15, max_total_ratio=1.0).images) == 4


def test_images_are_mirrored_and_turned_only_when_allowed() -> None:
    """Mirroring changes text and left and right, so it is off until it is asked for."""
    plain = {planned.change.operation for planned in weak(20, 60).images}
    assert plain == {"gamma", "contrast"}
    allowed = weak(20, 60, mirror=True, max_rotation_degrees=8.0)
    operations = {planned.change.operation for planned in allowed.images}
    assert operations == {"gamma", "contrast", "mirror", "rotation"}
    turned = [p.change.amount for p in allowed.images if p.change.operation == "rotation"]
    assert all(3 <= abs(degrees) <= 8 for degrees in turned)
    assert min(turned) < 0 < max(turned)


@pytest.mark.parametrize(("asked", "darker"), [(0.2, True), (0.75, False)])
def test_missing_light_is_made_towards_the_holdout(asked: float, darker: bool) -> None:
    """Dark holdouts get darker copies, bright ones brighter, as far as the holdout goes."""
    plan = light(0.5, asked)
    assert len(plan.images) == 30
    for planned in plan.images:
        assert planned.change.operation == "gamma"
        assert (planned.change.amount > 1) == darker
        assert 0.5**planned.change.amount == pytest.approx(asked, abs=0.02)


def test_light_is_not_made_of_images_that_have_it() -> None:
    """An image that is as dark as the holdout is not made darker, and never brighter."""
    bright = [(image(f"t{n}", "a"), measures(brightness=0.5)) for n in range(99)]
    dark = (image("dark", "a"), measures(brightness=0.03))
    holdout = [(image(f"h{n}", "a"), measures(brightness=0.1)) for n in range(99)]
    known: dict[str, ImageMeasures] = {i.sha256: m for i, m in [*bright, dark, *holdout]}
    train = dataset("train", [i for i, _ in [*bright, dark]])
    asked = dataset("holdout", [i for i, _ in holdout])
    rules = AugmentRules(wanted_images_per_label=1)
    plan = plan_augmentation(Datasets(train=train, holdout=asked), known, rules)
    assert dark[0].sha256 not in {planned.parent.sha256 for planned in plan.images}
    assert len(plan.images) == 99


def test_gray_copies_are_made_of_images_in_colour() -> None:
    """Gray production pictures want gray copies."""
    plan = light(0.5, 0.5, hue_degrees=-1.0)
    assert {planned.change.operation for planned in plan.images} == {"grayscale"}
    assert len(plan.images) == 30


def test_narrow_label_gets_nothing_unless_turning_is_allowed() -> None:
    """What the user has not allowed is told as a gap and not filled."""
    train = dataset("train", [image(str(number), "a") for number in range(9)])
    datasets = Datasets(train=train, holdout=NONE)
    rules = AugmentRules(wanted_images_per_label=1)
    plan = plan_augmentation(datasets, {}, rules, narrow_labels={"a"})
    assert [gap.kind for gap in plan.gaps] == ["narrow-angle"]
    assert plan.images == ()
    allowed = AugmentRules(wanted_images_per_label=1, max_rotation_degrees=5)
    turned = plan_augmentation(datasets, {}, allowed, narrow_labels={"a"}).images
    assert {planned.way for planned in turned} == {"turned"}
    assert len(turned) == 9


def test_images_of_test_and_holdout_and_augmented_ones_have_no_copies() -> None:
    """Only real images of training alone are copied."""
    train = [image(name, "a") for name in ("free", "tested", "held", "child")]
    datasets = Datasets(
        train=dataset("train", train),
        test=dataset("test", [image("tested", "a")]),
        holdout=dataset("holdout", [image("held", "a")]),
    )
    rules = AugmentRules(max_total_ratio=10)
    parents = {sha256_of("child"): sha256_of("free")}
    plan = plan_augmentation(datasets, {}, rules, parents=parents)
    assert {planned.parent.sha256 for planned in plan.images} == {sha256_of("free")}


def test_copies_for_one_weak_label_count_for_the_other_labels_in_them() -> None:
    """Where two weak labels share their images, their copies are shared too."""
    train = dataset("train", [image(str(number), "a", "b") for number in range(10)])
    rules = AugmentRules(wanted_images_per_label=15)
    plan = plan_augmentation(Datasets(train=train, holdout=NONE), {}, rules)
    assert len(plan.images) == 5
    assert [plan.planned(gap) for gap in plan.gaps] == [5, 5]


def test_gaps_share_what_is_allowed() -> None:
    """Where not all gaps can be filled, each gets its turn and none takes everything."""
    train = dataset("train", [image(f"{name}{n}", name) for name in "ab" for n in range(5)])
    rules = AugmentRules(wanted_images_per_label=15)
    plan = plan_augmentation(Datasets(train=train, holdout=NONE), {}, rules)
    assert [plan.planned(gap) for gap in plan.gaps] == [5, 5]


def test_plan_is_the_same_whatever_the_order_of_images() -> None:
    """Contents alone decide: the same images give the same copies."""
    images: list[DatasetImage] = [image(str(number), "a") for number in range(8)]
    plans = [
        plan_augmentation(
            Datasets(train=dataset("train", ordered), holdout=NONE), {}, AugmentRules()
        )
        for ordered in (images, images[::-1])
    ]
    assert plans[0] == plans[1]


def test_without_training_images_there_is_no_plan() -> None:
    """A config that only judges a model has nothing to augment."""
    plan = plan_augmentation(Datasets(holdout=NONE), {}, AugmentRules())
    assert plan == AugmentPlan((), ())
