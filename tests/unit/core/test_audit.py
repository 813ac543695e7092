"""Tests of the audit's findings."""

import pytest

from rcl_flow.core.audit import audit_datasets
from rcl_flow.core.dataset import Datasets, UnusableImage
from tests.builders import dataset, image, labelled
from tests.unit.core.audits import HOLDOUT, RULES, TEST, TRAIN, audit, only, rules_of


def test_audit_finds_nothing_in_clean_datasets() -> None:
    """Clean, disjoint datasets of the recommended sizes give no finding at all."""
    assert audit().findings == ()


def test_audit_of_a_holdout_alone_finds_nothing() -> None:
    """To judge an existing model a clean holdout is enough."""
    assert audit(train=None, test=None).findings == ()


def test_audit_puts_errors_before_warnings() -> None:
    """What closes the gate is read first, whatever order the rules run in."""
    report = audit(
        train=labelled("train", {"a": 2, "b": 3, "c": 1}),
        holdout=labelled("holdout", {"a": 1, "b": 1}),
    )
    severities = [finding.severity for finding in report.findings]
    assert severities == sorted(severities)
    assert set(severities) == {"error", "warning"}
    assert report.errors + report.warnings == report.findings


@pytest.mark.parametrize("split", ["train", "test", "holdout"])
def test_audit_refuses_an_image_that_is_in_two_splits(split: str) -> None:
    """The same content in two splits closes the gate, whatever it is called there."""
    other = {"train": "test", "test": "holdout", "holdout": "train"}[split]
    clean = {"train": TRAIN, "test": TEST, "holdout": HOLDOUT}
    leaked = clean[split].images[0]
    copy = image("x", *leaked.labels, uri="copy.png")
    copy = type(copy)(copy.uri, leaked.sha256, 1000, "PNG", leaked.labels)
    clean[other] = dataset(clean[other].split, [*clean[other].images, copy])
    finding = only(audit(**clean))
    assert (finding.rule, finding.severity, finding.practice) == ("split-overlap", "error", "J2")
    assert finding.message.startswith("1 image in both")
    assert "copy.png" in finding.message
    assert leaked.uri in finding.message


def test_audit_counts_a_shared_image_once_when_it_is_repeated() -> None:
    """Copies inside one split do not make one shared picture into several."""
    shared = [image("train-a-0", "a", uri=f"copy{n}.png") for n in range(3)]
    report = audit(holdout=dataset("holdout", [*HOLDOUT.images, *shared]))
    assert report.errors[0].message.startswith("1 image in both train and holdout: ")


def test_audit_names_unusable_images_with_their_reason() -> None:
    """An image that cannot be used closes the gate and is named with its reason."""
    broken = UnusableImage("bad.png", "the file is empty")
    finding = only(audit(test=dataset("test", TEST.images, [broken])))
    assert (finding.rule, finding.severity) == ("unusable-image", "error")
    assert finding.message == "test: 1 image cannot be used: bad.png (the file is empty)"


def test_audit_names_five_of_many_and_counts_the_rest() -> None:
    """A long list is cut after five, and says how many more there are."""
    broken = [UnusableImage(f"{n}.png", "empty") for n in range(7)]
    message = only(audit(test=dataset("test", TEST.images, broken))).message
    assert "7 images" in message
    assert "4.png (empty) and 2 more" in message
    assert "5.png" not in message


def test_audit_refuses_a_split_without_images() -> None:
    """A split with no usable image is one error, not one for each label as well."""
    finding = only(audit(test=dataset("test", [])))
    assert (finding.rule, finding.severity) == ("no-images", "error")


def test_audit_of_empty_training_images_says_so_once() -> None:
    """Without training images there is no second complaint about labels."""
    assert rules_of(audit(train=dataset("train", [])).findings) == ["no-images"]


def test_audit_refuses_one_content_with_two_labels() -> None:
    """The same picture with different labels is an error that names both copies."""
    twins = [image("twin", "a", uri="one.png"), image("twin", "b", uri="two.png")]
    finding = only(audit(train=dataset("train", [*TRAIN.images, *twins])))
    assert (finding.rule, finding.severity, finding.practice) == ("label-conflict", "error", "D8")
    assert "one.png = two.png" in finding.message


@pytest.mark.parametrize(("pictures", "said"), [(1, "1 image in"), (2, "2 images in")])
def test_audit_warns_of_copies_with_the_same_label(pictures: int, said: str) -> None:
    """Copies with one label are only a warning: each picture is used once."""
    copies = [image(f"twin{n}", "a", uri=f"{n}-{c}.png") for n in range(pictures) for c in "xyz"]
    finding = only(audit(train=dataset("train", [*TRAIN.images, *copies])))
    assert (finding.rule, finding.severity) == ("duplicate-image", "warning")
    assert said in finding.message


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


@pytest.mark.parametrize("split", ["test", "holdout"])
def test_audit_refuses_a_label_that_is_not_trained(split: str) -> None:
    """A label that only test or holdout has is a spelling error or can never be predicted."""
    splits = {"test": TEST, "holdout": HOLDOUT}
    odd = image("odd", "B")
    splits[split] = dataset(splits[split].split, [*splits[split].images, odd])
    finding = only(audit(**splits))
    assert (finding.rule, finding.severity) == ("unknown-label", "error")
    assert finding.message == f"{split}: no training image has the label B."


def test_audit_warns_of_a_label_that_the_holdout_lacks() -> None:
    """A label without holdout image cannot be judged; that does not stop a run."""
    finding = only(audit(holdout=labelled("holdout", {"a": 4})))
    assert (finding.rule, finding.severity) == ("label-missing", "warning")
    assert finding.message == "holdout: no image has the label b."


@pytest.mark.parametrize(
    ("tested", "severity"), [({"a": 1, "b": 1}, "warning"), ({"a": 1}, "error")]
)
def test_audit_refuses_less_than_half_of_the_labels_in_test(
    tested: dict[str, int], severity: str
) -> None:
    """The service trains with half of the labels tested, and refuses to with fewer."""
    trained = {"a": 3, "b": 3, "c": 3, "d": 3}
    finding = only(
        audit(
            train=labelled("train", trained),
            test=labelled("test", tested),
            holdout=labelled("holdout", dict.fromkeys(trained, 1)),
        )
    )
    assert (finding.rule, finding.severity) == ("label-missing", severity)


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
    assert audit(train=dataset("train", [*TRAIN.images, blank])).findings == ()


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
