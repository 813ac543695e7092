"""Tests of the audit's findings about sizes."""

import pytest

from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.subject import Evidence
from rcl_flow.core.datasets.dataset import Datasets
from tests.builders import dataset, image, labelled
from tests.unit.core.audit.audits import HOLDOUT, RULES, TEST, TRAIN, audit, only, rules_of


def test_audit_counts_copies_once_for_a_label() -> None:
    """A label whose images are copies of one picture has one image."""
    copies = [image("same", "c", uri=f"{n}.png") for n in range(5)]
    report = audit(
        train=dataset("train", [*TRAIN.images, *copies]),
        test=labelled("test", {"a": 1, "b": 1, "c": 1}),
        holdout=labelled("holdout", {"a": 2, "b": 2, "c": 1}),
    )
    assert rules_of(report.errors) == ["few-images"]
    assert "c (1)" in report.errors[0].message


def test_audit_refuses_fewer_than_two_labels() -> None:
    """Classification needs two labels."""
    report = audit(
        train=labelled("train", {"a": 3}),
        test=labelled("test", {"a": 1}),
        holdout=labelled("holdout", {"a": 4}),
    )
    assert rules_of(report.errors) == ["too-few-labels"]
    assert "1 label;" in report.errors[0].message


@pytest.mark.parametrize(("labels", "refused"), [(250, False), (251, True)])
def test_audit_refuses_more_than_250_labels(labels: int, refused: bool) -> None:
    """The service takes 250 labels and not one more."""
    per_label = {f"label{n}": 3 for n in range(labels)}
    report = audit(train=labelled("train", per_label), test=labelled("test", per_label))
    assert ("too-many-labels" in rules_of(report.errors)) is refused


def test_audit_tells_too_few_from_few_images_of_a_label() -> None:
    """Below the minimum is an error, below the recommendation a warning, at it nothing."""
    per_label = {"one": 1, "two": 2, "three": 3}
    report = audit(
        train=labelled("train", per_label),
        test=labelled("test", per_label),
        holdout=labelled("holdout", per_label),
    )
    assert [(f.severity, f.rule) for f in report.findings] == [
        ("error", "few-images"),
        ("warning", "few-images"),
    ]
    assert "fewer than 2 images of one (1)." in report.errors[0].message
    assert "recommended 3 images of two (2)." in report.warnings[0].message


@pytest.mark.parametrize(("images", "warned"), [(3, True), (4, False), (10, False), (11, True)])
def test_audit_warns_of_a_holdout_outside_the_recommended_size(images: int, warned: bool) -> None:
    """Both ends of the recommended range are inside it."""
    holdout = labelled("holdout", {"a": images - 1, "b": 1})
    assert ("holdout-size" in rules_of(audit(holdout=holdout).warnings)) is warned


def test_audit_counts_copies_once_for_the_holdout_size() -> None:
    """Copies do not make a holdout larger."""
    copies = [image("holdout-a-0", "a", uri=f"{n}.png") for n in range(9)]
    report = audit(holdout=dataset("holdout", [*HOLDOUT.images, *copies]))
    assert rules_of(report.findings) == ["duplicate-image"]


def test_audit_ignores_images_without_labels_when_it_counts_labels() -> None:
    """An image that shows none of the labels belongs to no label."""
    blank = image("blank")
    report = audit(train=dataset("train", [*TRAIN.images, blank]))
    assert rules_of(report.findings) == ["unlabelled-image"]


@pytest.mark.parametrize(("largest", "warned"), [(59, False), (60, True)])
def test_audit_warns_of_labels_of_very_different_sizes(largest: int, warned: bool) -> None:
    """From 1 : 20 on, as 1,000 against 50, the smallest label is named."""
    report = audit(train=labelled("train", {"a": largest, "b": 3}))
    assert rules_of(report.findings) == (["imbalance"] if warned else [])
    if warned:
        finding = only(report)
        assert (finding.label, finding.practice) == ("b", "D2")
        assert finding.figures == {"ratio": 20, "most_images": 60, "least_images": 3}


@pytest.mark.parametrize(("images", "refused"), [(1000, False), (1001, True)])
def test_audit_refuses_more_test_images_of_a_label_than_the_service_takes(
    images: int, refused: bool
) -> None:
    """The service takes 1,000 test images of a label."""
    report = audit(test=labelled("test", {"a": images, "b": 1}))
    assert ("test-images-per-label" in rules_of(report.errors)) is refused


@pytest.mark.parametrize(
    ("region", "images", "refused"),
    [("eu-west-2", 7_000, False), ("ap-south-1", 7_001, True), ("us-east-1", 7_001, False)],
)
def test_audit_knows_the_smaller_regions(region: str, images: int, refused: bool) -> None:
    """Mumbai and London take 7,000 test images, other regions 250,000."""
    per_label = {f"l{n}": 1 for n in range(images)}
    datasets = Datasets(train=TRAIN, test=labelled("test", per_label), holdout=HOLDOUT)
    report = audit_datasets(datasets, RULES, Evidence(region=region))
    assert ("dataset-size" in rules_of(report.errors)) is refused


@pytest.mark.parametrize(("uses", "warned"), [(20, False), (21, True)])
def test_audit_warns_of_a_holdout_that_judged_many_models(uses: int, warned: bool) -> None:
    """Each choice made by looking at a holdout fits it a little more."""
    datasets = Datasets(train=TRAIN, test=TEST, holdout=HOLDOUT)
    report = audit_datasets(datasets, RULES, Evidence(holdout_uses=uses))
    assert rules_of(report.findings) == (["holdout-worn"] if warned else [])
