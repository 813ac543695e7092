"""Tests of where augmented images come from and of what may judge a model."""

import pytest
from pydantic import ValidationError

from rcl_flow.core.augmenting.lineage import (
    Descent,
    Lineage,
    LineageProblem,
    ancestors_of,
    check_lineage,
    format_mark,
    parse_mark,
)
from rcl_flow.core.datasets.dataset import Dataset, Datasets
from tests.builders import dataset, image, sha256_of

PARENTS = {sha256_of("child"): sha256_of("parent")}
CLEAN = dataset("holdout", [image("other", "a")])


def check(*, train: Dataset | None = None, holdout: Dataset = CLEAN) -> list[LineageProblem]:
    """Check splits in which `child` was made of `parent`."""
    return list(check_lineage(PARENTS, Datasets(train=train, holdout=holdout)))


def test_augmented_image_may_be_trained_on_with_its_parent() -> None:
    """Augmentation is for training."""
    assert check(train=dataset("train", [image("parent", "a"), image("child", "a")])) == []


@pytest.mark.parametrize("split", ["test", "holdout"])
def test_augmented_image_must_not_judge(split: str) -> None:
    """An augmented image in test or holdout is named with its parent."""
    judged = Datasets(
        train=dataset("train", [image("parent")]),
        test=dataset("test", [image("child" if split == "test" else "x")]),
        holdout=dataset("holdout", [image("child" if split == "holdout" else "y")]),
    )
    (problem,) = check_lineage(PARENTS, judged)
    assert (problem.kind, problem.split) == ("augmented", split)
    assert problem.relative_sha256 == sha256_of("parent")
    assert f"{split}: images/child.png is augmented" in problem.message


def test_parent_of_a_training_image_must_not_judge() -> None:
    """What a training image was made of has been seen in training."""
    (problem,) = check(
        train=dataset("train", [image("child")]), holdout=dataset("holdout", [image("parent")])
    )
    assert (problem.kind, problem.relative_sha256) == ("parent", sha256_of("child"))
    assert "was trained on" in problem.message


def test_parent_may_judge_when_its_child_is_not_trained_on() -> None:
    """Only what is in train counts."""
    assert check(holdout=dataset("holdout", [image("parent")])) == []


def test_lineage_is_followed_to_the_first_picture() -> None:
    """A copy of a copy descends from the photograph."""
    parents = {"c": "b", "b": "a"}
    assert list(ancestors_of("c", parents)) == ["b", "a"]
    chain = {sha256_of("grandchild"): sha256_of("child"), **PARENTS}
    train, holdout = dataset("train", [image("grandchild")]), dataset("holdout", [image("parent")])
    assert len(check_lineage(chain, Datasets(train=train, holdout=holdout))) == 1


def test_lineage_that_is_a_circle_ends() -> None:
    """A file that was edited by hand does not hang the check."""
    assert list(ancestors_of("a", {"a": "b", "b": "a"})) == ["b"]


def test_mark_names_the_parent_and_nothing_else_does() -> None:
    """A mark is found within other text; other text is no mark."""
    assert parse_mark(f"made by hand; {format_mark(sha256_of('x'))}\n") == sha256_of("x")
    assert parse_mark("rcl-flow:parent=abc") == ""
    assert parse_mark("a photograph") == ""


def test_lineage_survives_its_file() -> None:
    """What lineage.json holds is the lineage, and it knows the parents."""
    made = Descent(
        child_sha256=sha256_of("child"),
        parent_sha256=sha256_of("parent"),
        operation="gamma",
        parameters={"gamma": 1.5},
    )
    lineage = Lineage(images=(made,))
    assert Lineage.model_validate_json(lineage.model_dump_json()) == lineage
    assert lineage.parents == PARENTS
    with pytest.raises(ValidationError):
        made.model_validate({**made.model_dump(), "child_sha256": "x"})
