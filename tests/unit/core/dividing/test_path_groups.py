"""Tests of groups that paths tell."""

import pytest

from rcl_flow.core.dividing.path_groups import find_path_groups


def paths(form: str, count: int = 120, *, labels: int = 3) -> list[tuple[str, tuple[str, ...]]]:
    """Return paths by a form of `n` (number), `g` (its group of six) and `l` (its label)."""
    return [
        (form.format(n=n, g=n // 6, l=f"l{'abc'[n % labels]}"), (f"l{'abc'[n % labels]}",))
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("form", "first"),
    [
        ("{l}/session-{g}/{n}.png", "session-0"),
        ("{l}/{n}_cam{g}.png", "cam0"),
        ("Video_{g}_{n:04}.jpg", "Video_0"),
        ("{l}/walk{g}x/{n}.png", "la/walk0x"),
        ("{l}/walk{g}x_{n}.png", "walk0x"),
    ],
)
def test_groups_are_told_by_words_folders_and_beginnings(form: str, first: str) -> None:
    """Twenty walks of six pictures are twenty groups, or sixty with a folder for each label."""
    found = find_path_groups(paths(form))
    assert found is not None
    assert found.groups == (60 if first == "la/walk0x" else 20)
    assert found.examples[0] == first


@pytest.mark.parametrize(
    "form",
    [
        "{l}/{n}.png",
        "{l}/{l}_{n:04}.jpg",
        "images/{n:012}.jpg",
        "IMG_{n:04}.jpg",
        "cam1/{n}.png",
        "session-{n}.png",
    ],
)
def test_names_that_only_number_or_repeat_the_label_are_no_groups(form: str) -> None:
    """Neither one group for all, nor one for each image, nor one for each label."""
    assert find_path_groups(paths(form)) is None


def test_few_cameras_are_no_groups() -> None:
    """Three groups cannot be divided into train, test and holdout."""
    named = [(f"cam{n % 3}_{n}.png", ("a",)) for n in range(90)]
    assert find_path_groups(named) is None


def test_group_of_most_images_is_no_help() -> None:
    """A split cannot be drawn when one group has half of the images."""
    named = [(f"clip{max(0, n - 60) // 4}_{n}.png", ("a",)) for n in range(120)]
    assert find_path_groups(named) is None


def test_no_images_have_no_groups() -> None:
    """Nothing is found in nothing."""
    assert find_path_groups([]) is None
