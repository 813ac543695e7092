"""Tests of the audit's findings about what the service refuses."""

from dataclasses import replace

import pytest

from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.subject import Evidence
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import Dataset, Datasets, Split, UnusableImage
from tests.builders import dataset, image, labelled
from tests.unit.core.audit.audits import HOLDOUT, RULES, TEST, audit, only, rules_of


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


def test_audit_names_unusable_images_with_their_reason() -> None:
    """An image that cannot be used closes the gate and is named with its reason."""
    broken = UnusableImage("bad.png", "the file is empty")
    finding = only(audit(test=dataset("test", TEST.images, [broken])))
    assert (finding.rule, finding.severity) == ("unusable-image", "error")
    assert finding.message == "test: 1 image cannot be used: bad.png (the file is empty)"


def test_audit_refuses_a_split_without_images() -> None:
    """A split with no usable image is one error, not one for each label as well."""
    finding = only(audit(test=dataset("test", [])))
    assert (finding.rule, finding.severity) == ("no-images", "error")


def test_audit_refuses_label_names_that_the_service_does_not_take() -> None:
    """A label of 256 characters closes the gate, one of 255 does not."""
    names = {"a" * 255: 3, "b" * 256: 3}
    report = audit_datasets(
        Datasets(train=labelled("train", names), holdout=labelled("holdout", {"a" * 255: 4})), RULES
    )
    finding = next(f for f in report.errors if f.rule == "label-name")
    assert "bbb" in finding.message
    assert "aaa" not in finding.message


def test_audit_refuses_images_with_too_many_labels() -> None:
    """51 labels on one image close the gate, 50 do not."""
    images = [image(f"many-{n}", *(f"l{i:02}" for i in range(n))) for n in (50, 51)]
    report = audit_datasets(Datasets(holdout=dataset("holdout", images)), RULES)
    finding = next(f for f in report.errors if f.rule == "labels-per-image")
    assert "many-51" in finding.message
    assert "many-50" not in finding.message


@pytest.mark.parametrize(
    ("uris", "uploaded_to", "found"),
    [
        (["s3://one/a.png", "s3://one/b.png"], "one", False),
        (["s3://one/a.png", "s3://two/b.png"], "one", True),
        (["s3://one/a.png", "b.png"], "one", False),
        (["s3://one/a.png", "b.png"], "two", True),
        (["a.png", "b.png"], "two", False),
        (["s3://one/a.png", "b.png"], "", False),
    ],
)
def test_audit_refuses_images_in_several_buckets(
    uris: list[str], uploaded_to: str, found: bool
) -> None:
    """The service takes the images of one manifest from one bucket; local ones are uploaded."""
    images = [image(f"t{n}", "ab"[n % 2], uri=uri) for n, uri in enumerate([*uris, *uris[:1]])]
    datasets = Datasets(train=dataset("train", images), test=TEST, holdout=HOLDOUT)
    report = audit_datasets(datasets, RULES, Evidence(bucket=uploaded_to))
    assert ("one-bucket" in rules_of(report.errors)) is found
