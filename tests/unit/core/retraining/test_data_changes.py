"""Tests of what counts as a change of the training images."""

from dataclasses import replace
from datetime import UTC, datetime

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.retraining.data_changes import DataChanges, TrainedOn, changes_since, trained_on
from tests.builders import dataset, image

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ARN = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"


def before(*images: DatasetImage) -> TrainedOn:
    """Return what a version was trained on, as it comes from the store."""
    known = trained_on(dataset("train", images), ARN, NOW)
    return TrainedOn.model_validate_json(known.model_dump_json())


def test_changes_are_new_relabelled_and_removed_images() -> None:
    """Each counts for every label that it has or had."""
    boxed = replace(image("moved", "box"), boxes=(PixelBox("box", 1.0, 1.0, 9.0, 9.0),))
    moved = replace(boxed, boxes=(PixelBox("box", 5.0, 1.0, 9.0, 9.0),))
    known = before(image("same", "a"), image("other", "a"), image("gone", "c"), boxed)
    now = dataset("train", [image("same", "a"), image("other", "b"), image("new", "a", "d"), moved])
    assert changes_since(now, known) == DataChanges(
        new=1, relabelled=2, removed=1, by_label={"a": 2, "b": 1, "box": 1, "c": 1, "d": 1}
    )


def test_changes_do_not_count_copies_or_places() -> None:
    """The same content elsewhere, or twice, is what the model was trained on."""
    now = dataset("train", [image("same", "a", uri="x"), image("same", "a", uri="y")])
    assert changes_since(now, before(image("same", "a"))).images == 0


def test_everything_is_new_when_nothing_is_known() -> None:
    """A version that nobody kept a record of was trained on unknown images."""
    changes = changes_since(dataset("train", [image("x", "a"), image("y", "a")]), None)
    assert changes == DataChanges(new=2, by_label={"a": 2})
