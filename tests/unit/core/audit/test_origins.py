"""Tests of the audit's findings about generated and augmented images."""

import pytest

from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.core.audit.subject import Evidence
from rcl_flow.core.augmenting.lineage import format_mark
from rcl_flow.core.datasets.dataset import Datasets
from rcl_flow.core.measures import ImageMeasures
from tests.builders import sha256_of
from tests.unit.core.audit.audits import HOLDOUT, RULES, TEST, TRAIN, only, rules_of
from tests.unit.core.audit.measured import measures

DATASETS = Datasets(train=TRAIN, test=TEST, holdout=HOLDOUT)


def audit_origins(origins: dict[str, str], parents: dict[str, str] | None = None) -> AuditReport:
    """Audit clean splits of which some images have a mark, or a parent by the lineage."""
    known: dict[str, ImageMeasures] = {
        sha256_of(name): measures(origin=origin) for name, origin in origins.items()
    }
    lineage = {sha256_of(child): sha256_of(old) for child, old in (parents or {}).items()}
    return audit_datasets(DATASETS, RULES, Evidence(measures=known, parents=lineage))


@pytest.mark.parametrize(("name", "split"), [("test-a-0", "test"), ("holdout-b-1", "holdout")])
def test_audit_refuses_generated_images_that_judge(name: str, split: str) -> None:
    """A test set of generated images chooses a model for a world that does not exist."""
    finding = only(audit_origins({name: "Software: Midjourney"}))
    assert (finding.rule, finding.severity, finding.practice) == ("synthetic-image", "error", "D9")
    assert finding.split == split
    assert f"images/{name}.png (Software: Midjourney)" in finding.message


def test_audit_takes_generated_and_augmented_images_for_training() -> None:
    """They may show what cannot be photographed (D10)."""
    marks = {"train-a-0": "Software: Midjourney", "train-a-1": format_mark(sha256_of("other"))}
    assert audit_origins(marks).findings == ()


def test_audit_refuses_augmented_images_that_judge() -> None:
    """Found by the mark in the file, and by the lineage; the parent's split is named with it."""
    by_mark = only(audit_origins({"test-a-0": format_mark(sha256_of("train-a-0"))}))
    by_lineage = only(audit_origins({}, {"test-a-0": "train-a-0"}))
    assert by_mark == by_lineage
    assert (by_mark.rule, by_mark.severity, by_mark.split) == (
        "augmented-image",
        "error",
        "train+test",
    )


def test_audit_refuses_originals_of_training_images_that_judge() -> None:
    """A model that was given a copy of an image knows the image."""
    finding = only(audit_origins({}, {"train-a-0": "holdout-a-0"}))
    assert (finding.rule, finding.split) == ("augmented-image", "train+holdout")
    assert rules_of([finding]) == ["augmented-image"]
