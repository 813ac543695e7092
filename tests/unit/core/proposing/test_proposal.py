"""Tests of what is proposed for images that were looked at."""

from collections.abc import Mapping

import pytest

from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.datasets.dataset import Split, Task
from rcl_flow.core.dividing.grouping import GroupRules
from rcl_flow.core.promotion.rules import Gates
from rcl_flow.core.proposing.proposal import (
    Demands,
    SetCounts,
    count_set,
    holdout_size,
    project_name,
    require_enough,
    split_rules_for,
    what_is_missing,
)
from rcl_flow.errors import DataNotFoundError
from tests.builders import image

PLAIN = GroupRules()


def counts(images: int, **labels: int) -> SetCounts:
    """Return a set of so many images, with so many of each label."""
    return SetCounts(images, labels, labels)


@pytest.mark.parametrize(
    ("images", "holdout"),
    [
        *[(1, 0), (30, 10), (300, 100), (1200, 400), (1500, 500), (2500, 500), (4000, 800)],
        *[(5000, 1000), (100_000, 1000)],
    ],
)
def test_holdout_is_of_500_to_1000_where_a_third_suffices(images: int, holdout: int) -> None:
    """Small sets keep most for training; large ones need no more to judge by."""
    assert holdout_size(images) == holdout


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (("train",), {"train", "test", "holdout"}),
        (("train", "test"), {"train", "holdout"}),
        (("train", "holdout"), {"train", "test"}),
    ],
)
def test_only_what_is_missing_is_drawn(given: tuple[Split, ...], made: set[str]) -> None:
    """A set that is there stays as it is."""
    rules = split_rules_for(given, 300, PLAIN)
    assert rules is not None
    shares = rules.shares(300)
    assert set(shares) == made
    assert sum(shares.values()) == pytest.approx(1)
    assert rules.holdout_images == (None if "holdout" in given else 100)


def test_three_sets_need_no_draw() -> None:
    """Nothing is proposed where nothing is missing."""
    assert split_rules_for(("train", "test", "holdout"), 300, PLAIN) is None


def test_wish_for_the_holdout_counts() -> None:
    """The user's number wins over the proposal."""
    rules = split_rules_for(("train",), 300, PLAIN, 50)
    assert rules is not None
    assert rules.holdout_images == 50


def test_counts_are_of_different_images() -> None:
    """A copy counts once; labels by images, weights by boxes or images."""
    found = count_set([image("x", "a"), image("x", "a", uri="copy.png"), image("y", "a", "b")])
    assert (found.images, found.labels, found.weights) == (2, {"a": 2, "b": 1}, {"a": 2, "b": 1})


@pytest.mark.parametrize(
    ("given", "task", "says"),
    [
        ({"train": counts(9, a=9)}, "classification", r"too few labels \('a' 9 of 9 images\)"),
        ({"train": counts(9)}, "detection", r"too few labels \(none\)"),
        ({"train": counts(6, a=3, b=3)}, "classification", "a label needs 4 .* 'a', has 3"),
        (
            {"train": counts(4, a=2, b=2), "test": counts(2, a=1, b=1)},
            "classification",
            "a label needs 3",
        ),
    ],
)
def test_what_cannot_be_trained_and_judged_is_refused(
    given: Mapping[Split, SetCounts], task: Task, says: str
) -> None:
    """The error names what is missing."""
    with pytest.raises(DataNotFoundError, match=says):
        require_enough(given, task, "pictures")


def test_little_is_enough_to_begin() -> None:
    """One label with four images, and a rarer one, can be divided; objects need one label."""
    require_enough({"train": counts(5, a=4, b=1)}, "classification", "pictures")
    require_enough({"train": counts(4, a=4)}, "detection", "pictures")


def test_missing_images_are_told_with_their_numbers() -> None:
    """Rare labels, labels that nothing judges, and a small holdout."""
    sets: dict[Split, SetCounts] = {
        "train": counts(30, a=20, b=9, c=1),
        "test": counts(5, a=4, b=1, c=1),
        "holdout": counts(10, a=8, b=2),
    }
    rules = split_rules_for(("train",), 45, PLAIN, 10)
    told = [one.message for one in what_is_missing(sets, rules, counts(45))]
    assert told == [
        "`audit` will refuse fewer than 2 training images of a label: 'c' 1.",
        "15 training images of each label are recommended; fewer have 'b' 9.",
        "The holdout set has no image of 'c': nothing is known of these labels there.",
        "The holdout has 10 images; 500 to 1,000 are recommended. With fewer than 200 "
        "(gates.min_holdout_images) a run ends with the decision `keep`, whatever the score is.",
    ]


def test_demands_are_those_of_the_config() -> None:
    """A gate or a rule that a user has changed is told as it is; unknown ones are not told."""
    sets: dict[Split, SetCounts] = dict.fromkeys(("train", "test", "holdout"), counts(60, a=60))
    demands = Demands(Gates(min_holdout_images=100), AuditRules(min_train_images_per_label=70))
    few, small = (one.message for one in what_is_missing(sets, None, counts(60), demands))
    assert few.startswith("`audit` will refuse fewer than 70 training images")
    assert "With fewer than 100 (gates.min_holdout_images)" in small
    low = Demands(Gates(min_holdout_images=50))
    for known in (low, None):
        (told,) = (one.message for one in what_is_missing(sets, None, counts(60), known))
        assert told == "The holdout has 60 images; 500 to 1,000 are recommended."


def test_nothing_is_missing_of_a_good_dataset() -> None:
    """Enough of everything needs no words."""
    sets: dict[Split, SetCounts] = dict.fromkeys(("train", "test", "holdout"), counts(600, a=300))
    assert list(what_is_missing(sets, None, counts(600))) == []


def test_set_that_groups_make_too_small_is_told() -> None:
    """Images that all stay together cannot be divided."""
    sets: dict[Split, SetCounts] = {
        "train": counts(600, a=600),
        "test": counts(100, a=100),
        "holdout": counts(2, a=2),
    }
    rules = split_rules_for(("train",), 702, PLAIN, 500)
    first = next(iter(what_is_missing(sets, rules, counts(702))))
    assert first.message.startswith("The holdout set came out at 2 images, not about 500")
    assert "--near-duplicates" in first.cure


@pytest.mark.parametrize(
    ("candidates", "name"),
    [
        (["parts"], "parts"),
        (["My parts (2024)"], "My-parts-2024"),
        (["images", "parts"], "parts"),
        (["图片", "2024", "tiles.v2"], "tiles.v2"),
        (["data", ""], None),
    ],
)
def test_project_is_named_by_the_first_name_that_says_something(
    candidates: list[str], name: str | None
) -> None:
    """Signs that the service does not take are replaced; dull names are passed over."""
    assert project_name(candidates) == name
