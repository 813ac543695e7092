"""Tests of the audit's findings about boxes."""

from dataclasses import replace

import pytest

from rcl_flow.core.boxes import PixelBox
from rcl_flow.core.dataset import Dataset, Split
from tests.builders import dataset, image, labelled
from tests.unit.core.audits import audit, only, rules_of


def with_boxes(split: Split, images_per_label: dict[str, int], *, boxes: int = 1) -> Dataset:
    """Return a dataset whose images have that many boxes of their label each."""
    marked = [
        replace(
            picture,
            boxes=tuple(PixelBox(picture.labels[0], n, 0, 9, 9) for n in range(boxes)),
            width_pixels=640,
            height_pixels=480,
        )
        for picture in labelled(split, images_per_label).images
    ]
    return dataset(split, marked)


def test_audit_takes_one_label_for_a_detector() -> None:
    """Everything outside the boxes is what the one label is told from."""
    report = audit(
        train=with_boxes("train", {"bolt": 3}),
        test=with_boxes("test", {"bolt": 2}),
        holdout=with_boxes("holdout", {"bolt": 4}),
    )
    assert report.findings == ()


def test_audit_refuses_images_with_and_without_boxes_in_one_split() -> None:
    """The service would use one kind and ignore the other without a word."""
    plain = image("plain", "bolt")
    mixed = dataset("train", [*with_boxes("train", {"bolt": 3}).images, plain])
    report = audit(
        train=mixed,
        test=with_boxes("test", {"bolt": 2}),
        holdout=with_boxes("holdout", {"bolt": 4}),
    )
    finding = only(report)
    assert (finding.rule, finding.severity) == ("mixed-labels", "error")
    assert plain.uri in finding.message


@pytest.mark.parametrize("split", ["test", "holdout"])
def test_audit_refuses_a_split_without_boxes_for_a_detector(split: str) -> None:
    """A detector cannot be judged by image-level labels."""
    splits = {
        "train": with_boxes("train", {"bolt": 3}),
        "test": with_boxes("test", {"bolt": 2}),
        "holdout": with_boxes("holdout", {"bolt": 4}),
    }
    splits[split] = labelled("test" if split == "test" else "holdout", {"bolt": 4})
    finding = only(audit(**splits))
    assert (finding.rule, finding.severity) == ("mixed-labels", "error")
    assert finding.message.startswith(split)


def test_audit_takes_whole_images_to_train_a_detector() -> None:
    """Logos are trained from images of the logo and tested on boxes."""
    report = audit(
        train=labelled("train", {"logo": 3}),
        test=with_boxes("test", {"logo": 2}),
        holdout=with_boxes("holdout", {"logo": 4}),
    )
    assert report.findings == ()


def test_audit_takes_images_without_objects() -> None:
    """A scene in which nothing is to be found belongs into a detector's holdout."""
    scenes = [*with_boxes("holdout", {"bolt": 3}).images, image("empty scene")]
    report = audit(
        train=with_boxes("train", {"bolt": 3}),
        test=with_boxes("test", {"bolt": 2}),
        holdout=dataset("holdout", scenes),
    )
    assert report.findings == ()


@pytest.mark.parametrize(("boxes", "refused"), [(50, False), (51, True)])
def test_audit_refuses_more_than_50_boxes_in_an_image(boxes: int, refused: bool) -> None:
    """The service takes no more for one image."""
    report = audit(
        train=with_boxes("train", {"bolt": 3}, boxes=boxes),
        test=with_boxes("test", {"bolt": 2}),
        holdout=with_boxes("holdout", {"bolt": 4}),
    )
    assert rules_of(report.findings) == (["boxes-per-image"] if refused else [])


def test_audit_refuses_one_content_with_different_boxes() -> None:
    """The same labels at other places are two stories about one image."""
    (picture,) = with_boxes("train", {"bolt": 1}).images
    moved = replace(picture, uri="copy.png", boxes=(PixelBox("bolt", 50, 50, 9, 9),))
    train = dataset("train", [*with_boxes("train", {"bolt": 3}).images, moved])
    report = audit(
        train=train,
        test=with_boxes("test", {"bolt": 2}),
        holdout=with_boxes("holdout", {"bolt": 4}),
    )
    assert rules_of(report.findings) == ["label-conflict"]
