"""Tests of the holdout's certificate."""

from datetime import UTC, datetime

import pytest

from rcl_flow.core.audit.catalogue import RULES
from rcl_flow.core.audit.certificate import HoldoutCertificate, certify, changed_splits
from rcl_flow.core.audit.findings import AuditReport, Finding, Place
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.audit.stating import Scope, found
from rcl_flow.core.datasets.dataset import Datasets
from tests.builders import dataset, labelled

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DATASETS = Datasets(
    train=labelled("train", {"a": 3, "b": 3}),
    test=labelled("test", {"a": 1, "b": 1}),
    holdout=labelled("holdout", {"a": 2, "b": 2}),
)


def certificate(
    *findings: Finding, datasets: Datasets = DATASETS, **rules: object
) -> HoldoutCertificate:
    """Return the certificate after an audit with these findings."""
    return certify(
        datasets,
        AuditReport(findings=findings),
        {},
        AuditRules.model_validate(rules),
        issued_at=NOW,
        uses=3,
    )


def leak(rule: str, split: str, *, waived: str = "") -> Finding:
    """Return a finding of two holdout images, one of them shared with two others."""
    places = [
        Place(uri="1", split="train", sha256="t1", twin_split="holdout", twin_sha256="h1"),
        Place(uri="2", split="train", sha256="t2", twin_split="holdout", twin_sha256="h1"),
        Place(uri="3", split="holdout", sha256="h2", twin_split="train", twin_sha256="t3"),
    ]
    finding = found(rule, "m", "h", scope=Scope(split, places=tuple(places)))
    return finding.model_copy(update={"waived": waived})


def test_certificate_of_clean_splits_proves_that_they_are_disjoint() -> None:
    """It names the contents that were compared, how, and how often the holdout was used."""
    issued = certificate()
    assert issued.disjoint
    assert issued.holdout_digest == DATASETS.holdout.digest
    assert {name: split.images for name, split in issued.splits.items()} == {
        "train": 6,
        "test": 2,
        "holdout": 4,
    }
    assert (issued.uses, issued.near_duplicate_bits, issued.issued_at) == (3, 6, NOW)
    assert issued.summary.startswith(
        "No holdout image is in train or test: neither the same file, nor one whose perceptual "
        "hash, mirrored and turned too, differs in at most 6 of 64 bits."
    )


@pytest.mark.parametrize(
    "rule", ["split-overlap", "near-overlap", "turned-overlap", "augmented-image"]
)
def test_certificate_counts_the_holdout_images_that_are_elsewhere(rule: str) -> None:
    """Each image once, however many copies it has; a waiver's reason does not make it disjoint."""
    issued = certificate(leak(rule, "train+holdout", waived="the writers are shared"))
    assert not issued.disjoint
    assert issued.overlaps[rule] == 2
    assert issued.accepted == {rule: "the writers are shared"}
    assert f"{rule}: 2" in issued.summary


def test_certificate_does_not_count_overlaps_of_other_splits() -> None:
    """What train and test share does not concern the holdout."""
    assert certificate(leak("split-overlap", "train+test")).disjoint


def test_certificate_without_training_images_proves_nothing() -> None:
    """A model that is judged alone may have seen everything."""
    issued = certificate(datasets=Datasets(holdout=DATASETS.holdout))
    assert not issued.disjoint
    assert "no data.train" in issued.summary


def test_certificate_does_not_prove_what_was_turned_off() -> None:
    """A rule that the config silences has found nothing because it did not look."""
    issued = certificate(severities={"near-overlap": "off"})
    assert not issued.disjoint
    assert issued.summary == "Not proven: the config turns near-overlap off."


def test_certificate_names_the_splits_that_changed() -> None:
    """A score on another holdout, or against other training images, is another score."""
    issued = certificate()
    assert changed_splits(issued, DATASETS) == ()
    other = Datasets(train=labelled("train", {"a": 4, "b": 3}), holdout=DATASETS.holdout)
    assert changed_splits(issued, other) == ("test", "train")


def test_certificate_survives_its_file() -> None:
    """What is stored with a run is what was issued."""
    issued = certificate(leak("near-overlap", "test+holdout"))
    assert HoldoutCertificate.model_validate_json(issued.model_dump_json()) == issued
    assert set(issued.overlaps) <= set(RULES)


def test_certificate_of_empty_sets_proves_nothing() -> None:
    """Where no image can be used, nothing was compared."""
    empty = Datasets(train=dataset("train", []), holdout=dataset("holdout", []))
    issued = certificate(datasets=empty)
    assert not issued.disjoint
    assert issued.summary == "Nothing is proven: train or holdout has no usable image."


def test_certificate_says_how_many_images_were_compared_as_files_only() -> None:
    """An image that shows too little has no perceptual hash to compare."""
    assert "12 images show too little to have a hash." in certificate().summary


def test_certificate_counts_an_image_that_is_in_two_other_splits_once() -> None:
    """The same two holdout images in train and in test are two images."""
    issued = certificate(
        leak("split-overlap", "train+holdout"), leak("split-overlap", "test+holdout")
    )
    assert issued.overlaps["split-overlap"] == 2


def test_certificate_says_how_many_images_left_the_holdout() -> None:
    """An image that is trained on judges no model any more; an older file says nothing of it."""
    issued = certificate()
    assert (issued.left_for_training, "left it" in issued.summary) == (0, False)
    left = issued.model_copy(update={"left_for_training": 3})
    assert left.summary == f"{issued.summary} 3 images left it to be trained on."
    assert HoldoutCertificate.model_validate_json(left.model_dump_json()) == left
    older = issued.model_dump(mode="json", exclude={"left_for_training"})
    assert HoldoutCertificate.model_validate(older) == issued
