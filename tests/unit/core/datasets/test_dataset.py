"""Tests of datasets as values."""

from dataclasses import replace

from rcl_flow.core.datasets.dataset import Datasets
from tests.builders import dataset, image

CAT = image("cat", "animal", "cat")
CAR = image("car", "car")


def test_distinct_keeps_the_first_image_of_each_content() -> None:
    """A copy is left out; what stays is ordered by digest, not by path."""
    copy = replace(CAT, uri="copy.png")
    kept = dataset("train", [CAR, CAT, copy]).distinct()
    assert {entry.uri for entry in kept} == {CAT.uri, CAR.uri}
    assert [entry.sha256 for entry in kept] == sorted([CAT.sha256, CAR.sha256])


def test_dataset_labels_are_sorted_and_without_repeats() -> None:
    """The labels of all images together, each once."""
    images = [CAR, CAT, image("dog", "animal"), image("nothing")]
    assert dataset("train", images).labels == ("animal", "car", "cat")


def test_dataset_digest_changes_when_a_label_does() -> None:
    """Relabelling one image is another dataset, so it is trained anew."""
    relabelled = replace(CAR, labels=("van",))
    assert dataset("train", [CAT, CAR]).digest != dataset("train", [CAT, relabelled]).digest


def test_dataset_digest_changes_when_an_image_is_left_out() -> None:
    """One image less is another dataset."""
    assert dataset("train", [CAT, CAR]).digest != dataset("train", [CAT]).digest


def test_dataset_digest_keeps_label_boundaries() -> None:
    """Two labels are not the same as one label made of both names."""
    assert (
        dataset("train", [replace(CAR, labels=("a", "b"))]).digest
        != dataset("train", [replace(CAR, labels=("a,b",))]).digest
    )


def test_datasets_yield_the_splits_that_are_there() -> None:
    """The order is train, test, holdout; a split that is not given is passed over."""
    train, test, holdout = dataset("train", []), dataset("test", []), dataset("holdout", [])
    assert list(Datasets(holdout, train, test)) == [train, test, holdout]
    assert list(Datasets(holdout)) == [holdout]
