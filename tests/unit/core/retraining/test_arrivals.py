"""Tests of the merge of new images into the splits."""

from dataclasses import replace

import pytest

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets, UnusableImage
from rcl_flow.core.retraining.arrivals import ArrivalCounts, MergedData, Pin, merge_arrivals
from tests.builders import dataset, image, labelled, sha256_of

DATASETS = Datasets(
    train=labelled("train", {"a": 2, "b": 2}),
    test=labelled("test", {"a": 1, "b": 1}),
    holdout=labelled("holdout", {"a": 2, "b": 2}),
)


def arrival(*images: DatasetImage) -> Dataset:
    """Return what one source of arrivals holds."""
    return dataset("train", images)


def labels_in(merged: MergedData, split: str) -> dict[str, list[tuple[str, ...]]]:
    """Return the labels of every image of a split by the digest of its content."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for one in getattr(merged.datasets, split).images:
        found.setdefault(one.sha256, []).append(one.labels)
    return found


def test_new_images_join_train_and_nothing_else() -> None:
    """Test and holdout are what they were."""
    merged = merge_arrivals(DATASETS, [arrival(image("new", "a")), arrival(image("newer", "c"))])
    assert merged.datasets.train is not None
    assert [one.labels for one in merged.datasets.train.images[4:]] == [("a",), ("c",)]
    assert (merged.datasets.test, merged.datasets.holdout) == (DATASETS.test, DATASETS.holdout)
    assert merged.counts == ArrivalCounts(joined=2)


def test_nothing_changes_without_arrivals() -> None:
    """A config without arrivals reads as it always did."""
    assert merge_arrivals(DATASETS, []) == MergedData(DATASETS)


def test_later_labels_replace_earlier_ones() -> None:
    """Of three sources that name one image the last one counts; the image keeps its place."""
    name, key = "train-a-0", sha256_of("train-a-0")
    sources = [arrival(image(name, label, uri=f"elsewhere/{label}.png")) for label in "bc"]
    merged = merge_arrivals(DATASETS, sources)
    assert labels_in(merged, "train")[key] == [("c",)]
    assert merged.datasets.train is not None
    assert merged.datasets.train.images[0].uri == "images/train-a-0.png"
    assert merged.counts == ArrivalCounts(relabelled=1)


def test_the_same_again_is_no_change() -> None:
    """An image that arrives twice with the same labels leaves the digest and the place alone."""
    merged = merge_arrivals(DATASETS, [arrival(image("train-a-0", "a", uri="copy.png"))])
    assert merged.datasets == DATASETS
    assert merged.counts == ArrivalCounts()


def test_moved_box_is_a_relabelled_image() -> None:
    """The label stays, and what the model learns does not."""
    old = replace(image("x", "a"), boxes=(PixelBox("a", 1.0, 1.0, 9.0, 9.0),))
    new = replace(old, boxes=(PixelBox("a", 2.0, 1.0, 9.0, 9.0),))
    merged = merge_arrivals(replace(DATASETS, train=dataset("train", [old])), [arrival(new)])
    assert merged.datasets.train is not None
    assert merged.datasets.train.images == (new,)
    assert merged.counts.relabelled == 1


def test_contradictions_of_one_source_stay_for_the_audit() -> None:
    """Two labels for one content in the same source: nobody can say which is the later one."""
    merged = merge_arrivals(DATASETS, [arrival(image("new", "a"), image("new", "b"))])
    assert labels_in(merged, "train")[sha256_of("new")] == [("a",), ("b",)]


def test_test_images_stay_where_they_are() -> None:
    """The test set is pinned: neither its images nor its labels change."""
    merged = merge_arrivals(DATASETS, [arrival(image("test-a-0", "b"), image("new", "a"))])
    assert merged.datasets.test == DATASETS.test
    assert sha256_of("test-a-0") not in labels_in(merged, "train")
    assert merged.counts == ArrivalCounts(joined=1, in_test=1)
    (notice,) = merged.counts.notices
    assert notice.startswith("1 arrivals are test images and do not join train")


def test_holdout_images_leave_the_holdout() -> None:
    """What is trained on judges no model; the other holdout images stay."""
    merged = merge_arrivals(DATASETS, [arrival(image("holdout-a-0", "b"))])
    assert labels_in(merged, "train")[sha256_of("holdout-a-0")] == [("b",)]
    assert set(labels_in(merged, "holdout")) == {
        sha256_of(f"holdout-{name}") for name in ("a-1", "b-0", "b-1")
    }
    assert merged.counts == ArrivalCounts(joined=1, left_holdout=1)
    assert "1 arrivals were holdout images" in merged.counts.notices[0]


def test_images_that_nobody_has_labelled_change_nothing() -> None:
    """A task that was exported before it was reviewed takes no image out of the holdout."""
    merged = merge_arrivals(DATASETS, [arrival(image("holdout-a-0"), image("new"))])
    assert merged.datasets == DATASETS
    assert merged.counts == ArrivalCounts(unlabelled=2)


def test_unusable_arrivals_are_train_s() -> None:
    """The audit names them as it does those of train."""
    broken = UnusableImage("x.png", "it is neither PNG nor JPEG")
    merged = merge_arrivals(DATASETS, [dataset("train", [], [broken])])
    assert merged.datasets.train is not None
    assert merged.datasets.train.unusable == (broken,)


@pytest.mark.parametrize("boxes", [(), (PixelBox("c", 0.25, 1.0, 1 / 3, 9.5),)])
def test_pin_survives_the_store_with_its_digests(boxes: tuple[PixelBox, ...]) -> None:
    """A tick that reads the pin finds the run that an earlier one began."""
    merged = merge_arrivals(DATASETS, [arrival(replace(image("new", "c"), boxes=boxes))])
    pin = Pin(datasets=merged.datasets, counts=merged.counts)
    read = Pin.model_validate_json(pin.model_dump_json())
    assert read == pin
    assert [one.digest for one in read.datasets] == [one.digest for one in merged.datasets]
