"""Tests of what names say that images are for."""

import pytest

from rcl_flow.formats.roles import is_role, role_of, without_roles


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("train", "train"),
        ("annotations/instances_val2017.json", "val"),
        ("Validation/_annotations.coco.json", "val"),
        ("my-TEST.csv", "test"),
        ("holdout.manifest", "holdout"),
        ("trains/1.png", None),
        ("trainval.txt", None),
        ("train/test.csv", None),
        ("images.csv", None),
    ],
)
def test_role_is_a_word_of_a_path(path: str, role: str | None) -> None:
    """A word that stands alone tells; two that differ tell nothing."""
    assert role_of(path) == role


@pytest.mark.parametrize(
    ("folder", "is_one"),
    [("train", True), ("val2017", True), ("Test_1", True), ("train-x", False), ("cat", False)],
)
def test_folder_is_a_role_when_it_is_nothing_else(folder: str, is_one: bool) -> None:
    """A folder with a word of its own may be a label."""
    assert is_role(folder) is is_one


def test_files_of_several_roles_share_the_rest_of_their_names() -> None:
    """What is left without the role is the same for all of them."""
    names = ("a/instances_train2017.json", "a/instances_val2017.json")
    assert {without_roles(name) for name in names} == {"a/instances_2017.json"}
