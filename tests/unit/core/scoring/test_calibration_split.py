"""Tests of parting the holdout into images to tune on and images to judge by."""

from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.calibration_split import split_for_calibration
from tests.builders import image, labelled, sha256_of

patient = settings(deadline=None)
label_sets = st.lists(st.sets(st.sampled_from("abcd"), max_size=3), max_size=40)
shares = st.floats(0.05, 0.95)


def numbered(labels: Sequence[Sequence[str]]) -> list[DatasetImage]:
    """Return one image of different content for each entry."""
    return [image(f"n{number}", *held) for number, held in enumerate(labels)]


def counted(images: Sequence[DatasetImage], rows: Iterable[int]) -> Counter[str]:
    """Return how many of the rows' images have each label."""
    return Counter(label for row in rows for label in images[row].labels)


def digests(images: Sequence[DatasetImage], rows: Iterable[int]) -> set[str]:
    """Return the digests of the rows' images."""
    return {images[row].sha256 for row in rows}


@patient
@given(label_sets, shares)
def test_every_image_is_on_one_side(labels: list[set[str]], share: float) -> None:
    """Both parts together are all rows, each once and ascending."""
    images = numbered([sorted(held) for held in labels])
    calibration, judged = split_for_calibration(images, share)
    assert sorted([*calibration, *judged]) == list(range(len(images)))
    assert list(calibration) == sorted(calibration)
    assert list(judged) == sorted(judged)


@patient
@given(label_sets, shares, st.randoms(use_true_random=False), st.booleans())
def test_order_of_images_does_not_matter(
    labels: list[set[str]], share: float, shuffler: Random, grouped: bool
) -> None:
    """The same contents are for calibration in whatever order they come."""
    images = numbered([sorted(held) for held in labels])
    groups = {one.sha256: str(n // 3) for n, one in enumerate(images)} if grouped else None
    shuffled = list(images)
    shuffler.shuffle(shuffled)
    first, _ = split_for_calibration(images, share, groups)
    second, _ = split_for_calibration(shuffled, share, groups)
    assert digests(images, first) == digests(shuffled, second)


@patient
@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 30), min_size=1), shares)
def test_labels_of_two_images_are_on_both_sides(counts: dict[str, int], share: float) -> None:
    """With one label an image, each label keeps to its share within one image."""
    images = labelled("holdout", counts).images
    calibration, judged = (counted(images, rows) for rows in split_for_calibration(images, share))
    for label, count in counts.items():
        if count > 1:
            assert calibration[label] >= 1
            assert judged[label] >= 1
        assert abs(calibration[label] - share * count) <= 1 + 1e-9


@patient
@given(label_sets.filter(bool), shares)
def test_groups_stay_on_one_side(labels: list[set[str]], share: float) -> None:
    """Near duplicates of what is tuned on are not what is judged by."""
    images = numbered([sorted(held) for held in labels])
    groups = {one.sha256: f"g{n % 5}" for n, one in enumerate(images) if n % 3}
    sides = split_for_calibration(images, share, groups)
    names = [{groups.get(digest) for digest in digests(images, rows)} for rows in sides]
    assert names[0] & names[1] <= {None}


@pytest.mark.parametrize("share", [0.2, 0.3, 0.5])
def test_labels_of_images_with_several_keep_their_share(share: float) -> None:
    """With many label sets, each label and the images as a whole are parted by the share."""
    rng = np.random.default_rng(4)
    chances = [0.5, 0.3, 0.1, 0.05, 0.02]
    flags = rng.random((800, 5)) < chances
    images = numbered([[f"l{n}" for n in np.flatnonzero(row)] for row in flags])
    calibration, judged = split_for_calibration(images, share)
    assert len(calibration) == pytest.approx(share * 800, abs=3)
    for label, count in counted(images, range(800)).items():
        assert counted(images, calibration)[label] == pytest.approx(share * count, abs=2)
        assert counted(images, judged)[label]


def test_groups_keep_the_share_of_images_and_labels() -> None:
    """Groups of one to five images: the rounding of one group is made good by the next."""
    rng = np.random.default_rng(5)
    images, groups = [], {}
    for group in range(120):
        label = str(rng.choice(["cat", "dog", "yak"], p=[0.6, 0.3, 0.1]))
        for number in range(int(rng.integers(1, 6))):
            images.append(image(f"{group}-{number}", label))
            groups[images[-1].sha256] = f"burst {group}"
    calibration, _ = split_for_calibration(images, 0.3, groups)
    assert len(calibration) == pytest.approx(0.3 * len(images), abs=4)
    for label, count in counted(images, range(len(images))).items():
        assert counted(images, calibration)[label] == pytest.approx(0.3 * count, abs=4)


def test_copies_of_one_content_stay_together() -> None:
    """Two files of the same bytes are one picture, whatever their labels say."""
    images = [image(f"n{number // 2}", "cat" if number % 2 else "dog") for number in range(40)]
    calibration, judged = split_for_calibration(images, 0.5)
    assert len(calibration) == 20
    assert digests(images, calibration).isdisjoint(digests(images, judged))


def test_group_may_be_named_like_a_digest() -> None:
    """An image alone does not join the group that is named after it."""
    images = numbered([["cat"]] * 2)
    sides = split_for_calibration(images, 0.5, {images[1].sha256: images[0].sha256})
    assert [len(rows) for rows in sides] == [1, 1]


def test_rare_labels_are_moved_where_the_share_would_forget_them() -> None:
    """A tenth of two images is none, but one of each two is taken."""
    images = labelled("holdout", {"rare": 2, "odd": 2, "common": 100}).images
    calibration, _ = split_for_calibration(images, 0.1)
    assert counted(images, calibration) == {"rare": 1, "odd": 1, "common": pytest.approx(10, abs=1)}


def test_moving_takes_no_label_its_last_image() -> None:
    """Both a and b end up on both sides, though the first image that has both cannot help."""
    images = numbered([["a", "b"], ["a"], ["b", "c"], *[["d"]] * 30])
    for share in (0.05, 0.5, 0.9):
        sides = [counted(images, rows) for rows in split_for_calibration(images, share)]
        assert all(side[label] for side in sides for label in "abd")


def test_images_without_labels_are_parted_too() -> None:
    """Pictures of nothing count: they are where false alarms come from."""
    images = numbered([[]] * 50 + [["cat"]] * 50)
    calibration, _ = split_for_calibration(images, 0.3)
    assert sum(not images[row].labels for row in calibration) == 15
    assert len(calibration) == 30


def test_nothing_parts_into_nothing() -> None:
    """Without images both parts are empty."""
    assert [len(rows) for rows in split_for_calibration([], 0.3)] == [0, 0]


def test_digest_decides_which_images_are_taken() -> None:
    """Of alike images the ones with the smallest digests are for calibration."""
    images = numbered([["cat"]] * 20)
    calibration, _ = split_for_calibration(images, 0.25)
    smallest = sorted(sha256_of(f"n{number}") for number in range(20))[:5]
    assert digests(images, calibration) == set(smallest)
