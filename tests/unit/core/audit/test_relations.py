"""Tests of the audit's findings about equal images and about labels across splits."""

import pytest

from tests.builders import dataset, image, labelled
from tests.unit.core.audit.audits import HOLDOUT, TEST, TRAIN, audit, only


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


def test_audit_refuses_one_content_with_two_labels() -> None:
    """The same picture with different labels is an error that names both copies."""
    twins = [image("twin", "a", uri="one.png"), image("twin", "b", uri="two.png")]
    finding = only(audit(train=dataset("train", [*TRAIN.images, *twins])))
    assert (finding.rule, finding.severity, finding.practice) == ("label-conflict", "error", "D8")
    assert "one.png = two.png" in finding.message


def test_audit_tells_a_file_that_is_named_twice_from_a_copy() -> None:
    """There is no other copy to remove: its entries have to become one."""
    twins = [image("twin", "a", uri="one.png"), image("twin", "b", uri="one.png")]
    finding = only(audit(train=dataset("train", [*TRAIN.images, *twins])))
    assert finding.rule == "label-conflict"
    assert "one.png, which is named twice" in finding.message
    assert "Make one entry" in finding.hint


@pytest.mark.parametrize(("pictures", "said"), [(1, "1 image in"), (2, "2 images in")])
def test_audit_warns_of_copies_with_the_same_label(pictures: int, said: str) -> None:
    """Copies with one label are only a warning: each picture is used once."""
    copies = [image(f"twin{n}", "a", uri=f"{n}-{c}.png") for n in range(pictures) for c in "xyz"]
    finding = only(audit(train=dataset("train", [*TRAIN.images, *copies])))
    assert (finding.rule, finding.severity) == ("duplicate-image", "warning")
    assert said in finding.message


@pytest.mark.parametrize("split", ["test", "holdout"])
def test_audit_refuses_a_label_that_is_not_trained(split: str) -> None:
    """A label that only test or holdout has is a spelling error or can never be predicted."""
    splits = {"test": TEST, "holdout": HOLDOUT}
    odd = image("odd", "B")
    splits[split] = dataset(splits[split].split, [*splits[split].images, odd])
    finding = only(audit(**splits))
    assert (finding.rule, finding.severity) == ("unknown-label", "error")
    assert finding.message == f"{split}: no training image has the label B."


def test_audit_shows_the_spaces_of_a_label_that_is_missing() -> None:
    """A label whose name ends in a space looks like the one without."""
    odd = dataset("train", [*TRAIN.images, *labelled("train", {"a ": 20}).images])
    finding = next(one for one in audit(train=odd).findings if one.rule == "label-missing")
    assert "no image has the label 'a '." in finding.message


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
