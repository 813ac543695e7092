"""Tests of the split into train, test and holdout."""

import random
from collections import Counter
from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.dividing.grouping import GroupEvidence, GroupRules
from rcl_flow.core.dividing.split import SplitPlan, SplitRules, split_images, weights_of
from rcl_flow.errors import ConfigError
from tests.builders import image, sha256_of


def pictures(label: str, count: int) -> list[DatasetImage]:
    """Return so many different images of a label."""
    return [image(f"{label}-{number}", label, uri=f"{label}/{number}") for number in range(count)]


def sizes(plan: SplitPlan) -> Counter[str]:
    """Return how many contents each split has."""
    return Counter(plan.splits.values())


def placed(plan: SplitPlan, images: Sequence[DatasetImage]) -> set[str]:
    """Return the splits that these images are in."""
    return {plan.splits[entry.sha256] for entry in images}


def test_split_follows_the_shares_label_by_label() -> None:
    """A common and a rare label are both divided by the shares."""
    common, rare = pictures("a", 200), pictures("b", 20)
    plan = split_images([*common, *rare], SplitRules()).plan
    assert sizes(plan) == {"train": 154, "test": 33, "holdout": 33}
    assert Counter(plan.splits[entry.sha256] for entry in rare) == {
        "train": 14,
        "test": 3,
        "holdout": 3,
    }


def test_split_keeps_a_large_group_together() -> None:
    """A session of forty pictures goes to one split as a whole."""
    images = [*pictures("a", 60), *(image(f"s{n}", "a", uri=f"session/{n}") for n in range(40))]
    rules = SplitRules(groups=GroupRules(path_pattern="session"))
    draw = split_images(images, rules)
    assert placed(draw.plan, images[60:]) == {"train"}
    assert draw.groups == 61
    assert sizes(draw.plan) == {"train": 70, "test": 15, "holdout": 15}


@pytest.mark.parametrize("salt", range(6))
def test_split_draws_large_groups_first_so_that_small_ones_even_out(salt: int) -> None:
    """Wherever its digest stands in the order, a large group does not spoil the shares."""
    images = [image(f"{salt}-{n}", "a", uri=f"alone/{n}") for n in range(60)]
    images += [image(f"{salt}-s{n}", "a", uri=f"session/{n}") for n in range(40)]
    rules = SplitRules(groups=GroupRules(path_pattern="session"))
    assert sizes(split_images(images, rules).plan) == {"train": 70, "test": 15, "holdout": 15}


def test_split_draws_rare_labels_before_the_common_ones_in_their_images() -> None:
    """A rare label that always comes with a common one is divided by the shares all the same."""
    rare = [image(f"r{number}", "common", "rare") for number in range(20)]
    plan = split_images([*pictures("common", 400), *rare], SplitRules()).plan
    assert Counter(plan.splits[entry.sha256] for entry in rare) == {
        "train": 14,
        "test": 3,
        "holdout": 3,
    }


def test_split_of_many_labels_is_fair_to_rare_and_common_ones() -> None:
    """Rare labels get their share but for rounding, and the common ones, drawn last, nearly so."""
    rng = random.Random(1)  # noqa: S311  # guards nothing
    labels = [f"l{number}" for number in range(60)]
    images = [
        image(str(number), *{labels[int(60 * rng.random() ** 3)] for _ in range(1 + number % 3)})
        for number in range(3000)
    ]
    plan = split_images(images, SplitRules(holdout_images=200)).plan
    totals = weights_of(images)
    found = weights_of(entry for entry in images if plan.splits[entry.sha256] == "holdout")
    assert sizes(plan)["holdout"] == 200
    for label, total in totals.items():
        expected = total / 15
        assert abs(found[label] - expected) <= (1.2 if expected < 4 else 2)


def test_split_grows_the_holdout_rather_than_take_rare_labels_from_common_ones() -> None:
    """Sixty labels of four images each take one place each, beside the common label's sixty."""
    rare = [entry for number in range(60) for entry in pictures(f"r{number}", 4)]
    common = pictures("common", 400)
    plan = split_images([*rare, *common], SplitRules()).plan
    assert Counter(plan.splits[entry.sha256] for entry in common)["holdout"] == 60
    assert Counter(plan.splits[entry.sha256] for entry in rare)["holdout"] == 60


def test_split_is_not_drawn_again_when_images_are_added() -> None:
    """New images fill what the old plan leaves, and the old ones stand."""
    old, new = pictures("a", 40), pictures("b", 40)
    before = split_images(old, SplitRules()).plan
    after = split_images([*new, *old], SplitRules(), existing=before)
    assert before.splits.items() <= after.plan.splits.items()
    assert set(after.drawn) == {entry.sha256 for entry in new}
    assert sizes(after.plan) == {"train": 56, "test": 12, "holdout": 12}


def test_split_gives_new_images_to_the_split_that_is_behind() -> None:
    """A plan that lacks a holdout for a label gets it from what is new."""
    images = pictures("a", 20)
    trained = SplitPlan(rules=SplitRules(), splits={i.sha256: "train" for i in images[:14]})
    after = split_images(images, SplitRules(), existing=trained).plan
    assert sizes(after) == {"train": 14, "test": 3, "holdout": 3}


def test_split_remembers_images_that_are_gone() -> None:
    """An image that was in the test set is never trained on when it comes back."""
    images = pictures("a", 40)
    before = split_images(images, SplitRules()).plan
    without = split_images(images[:20], SplitRules(), existing=before).plan
    assert split_images(images, SplitRules(), existing=without).plan.splits == before.splits


def test_split_takes_a_new_member_to_its_group() -> None:
    """A near duplicate of a test image is tested on, however much train is behind."""
    images, twin = pictures("a", 40), image("twin", "a")
    before = split_images(images, SplitRules()).plan
    tested = next(digest for digest, split in before.splits.items() if split == "test")
    near = GroupEvidence(near_pairs=[(twin.sha256, tested)])
    after = split_images([*images, twin], SplitRules(), near, existing=before).plan
    assert after.splits[twin.sha256] == "test"


def test_split_reports_a_group_that_touches_two_splits_and_moves_nothing() -> None:
    """A new image between a trained and a tested one would leak in both, so it is in neither."""
    images, bridge = pictures("a", 40), image("bridge", "a")
    before = split_images(images, SplitRules()).plan
    first = {split: digest for digest, split in before.splits.items()}
    near = GroupEvidence(
        near_pairs=[(bridge.sha256, first["train"]), (bridge.sha256, first["test"])]
    )
    after = split_images([*images, bridge], SplitRules(), near, existing=before)
    (conflict,) = after.conflicts
    assert conflict.splits == {first["train"]: "train", first["test"]: "test"}
    assert conflict.held_back == (bridge.sha256,)
    assert after.plan == before


def test_split_trains_on_augmented_images_and_what_they_were_made_of() -> None:
    """Neither an augmented image nor its parent may judge, so both are for training."""
    images = pictures("a", 40)
    children = [image(f"child{number}", "a") for number in range(5)]
    parents = {child.sha256: images[number].sha256 for number, child in enumerate(children)}
    plan = split_images([*images, *children], SplitRules(), GroupEvidence(parents=parents)).plan
    assert placed(plan, [*children, *images[:5]]) == {"train"}
    assert sizes(plan)["holdout"] == 7


def test_split_holds_back_augmented_images_of_what_judges() -> None:
    """A copy that was made of a test image afterwards is in no split, and is told."""
    images, child = pictures("a", 40), image("child", "a")
    before = split_images(images, SplitRules()).plan
    tested = next(digest for digest, split in before.splits.items() if split == "test")
    evidence = GroupEvidence(parents={child.sha256: tested})
    after = split_images([*images, child], SplitRules(), evidence, existing=before)
    assert after.plan == before
    assert [conflict.held_back for conflict in after.conflicts] == [(child.sha256,)]


def test_split_refuses_other_rules_than_the_plan_was_drawn_by() -> None:
    """A test set is never silently drawn again; the message says what has changed."""
    images = pictures("a", 40)
    before = split_images(images, SplitRules()).plan
    other = SplitRules(train=0.6, test=0.25, groups=GroupRules(burst_seconds=2))
    with pytest.raises(ConfigError, match=r"train was 0\.7 and is now 0\.6") as caught:
        split_images(images, other, existing=before)
    assert "burst seconds was 0.0 and is now 2.0" in caught.value.message
    assert "holdout" not in caught.value.message
    assert "--redraw" in caught.value.hint


def test_split_makes_a_holdout_of_a_number_and_leaves_it_so() -> None:
    """A holdout of 30 is 30, and images that come later are for train and test."""
    rules = SplitRules(holdout_images=30)
    before = split_images(pictures("a", 100), rules).plan
    assert sizes(before) == {"train": 58, "test": 12, "holdout": 30}
    after = split_images(pictures("a", 200), rules, existing=before).plan
    assert sizes(after)["holdout"] == 30


def test_split_refuses_a_holdout_of_everything() -> None:
    """There must be something to train on."""
    with pytest.raises(ConfigError, match="leaves nothing of 10 images"):
        split_images(pictures("a", 10), SplitRules(holdout_images=10))


def test_split_of_share_0_is_not_made() -> None:
    """Who has a holdout of their own asks for train and test only."""
    plan = split_images(pictures("a", 20), SplitRules(train=0.8, test=0.2, holdout=0)).plan
    assert sizes(plan) == {"train": 16, "test": 4}


def test_split_of_nothing_is_empty() -> None:
    """No images are no error here: the reader has told already."""
    assert split_images([], SplitRules()).plan.splits == {}


@pytest.mark.parametrize("shares", [(0.7, 0.2, 0.2), (0, 0.5, 0.5), (1.2, -0.1, -0.1)])
def test_shares_must_add_up_and_leave_something_to_train_on(
    shares: tuple[float, float, float],
) -> None:
    """A mistyped share is told."""
    train, test, holdout = shares
    with pytest.raises(ValidationError):
        SplitRules(train=train, test=test, holdout=holdout)


def test_plan_survives_its_file() -> None:
    """What split.json holds is the plan."""
    plan = split_images(pictures("a", 5), SplitRules()).plan
    assert SplitPlan.model_validate_json(plan.model_dump_json()) == plan


def test_plan_with_something_else_than_digests_is_refused() -> None:
    """A file that was edited by hand is checked."""
    with pytest.raises(ValidationError):
        SplitPlan(rules=SplitRules(), splits={"a.png": "train"})


def test_weights_count_boxes_and_each_content_once() -> None:
    """Two boxes of a label weigh two, and copies of an image no more than one."""
    boxes = (PixelBox("a", 0, 0, 5, 5), PixelBox("a", 9, 9, 5, 5), PixelBox("b", 0, 9, 5, 5))
    boxed = DatasetImage("x", sha256_of("x"), 1, "PNG", ("a", "b"), boxes)
    plain = [image("y", "c"), image("y", "c", uri="copy"), image("z")]
    assert weights_of([boxed, *plain]) == Counter({"a": 2, "b": 1, "c": 1, "": 1})


def test_holdout_grows_by_new_images_alone() -> None:
    """Who is advised to enlarge it labels more images, and loses no comparison of the old ones."""
    before = split_images(pictures("a", 100), SplitRules(holdout_images=20)).plan
    wanted = SplitRules(holdout_images=60)
    after = split_images(pictures("a", 150), wanted, existing=before).plan
    assert before.splits.items() < after.splits.items()
    assert sizes(after)["holdout"] == 60
    assert after.rules == wanted
    assert split_images(pictures("a", 150), wanted, existing=after).drawn == ()


def test_holdout_does_not_shrink_without_a_new_draw() -> None:
    """Images that judged must not be trained on."""
    before = split_images(pictures("a", 100), SplitRules(holdout_images=20)).plan
    for rules in (
        SplitRules(holdout_images=19),
        SplitRules(),
        SplitRules(holdout_images=20, test=0.1),
    ):
        with pytest.raises(ConfigError, match="drawn by other rules"):
            split_images(pictures("a", 100), rules, existing=before)
