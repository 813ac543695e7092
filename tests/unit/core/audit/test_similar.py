"""Tests of the audit's findings about images that look nearly equal."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.core.audit.rules import AuditRules, DuplicateRules
from rcl_flow.core.audit.subject import Evidence
from rcl_flow.core.datasets.dataset import Dataset, Datasets
from tests.builders import dataset, image, sha256_of
from tests.unit.core.audit.audits import HOLDOUT, RULES, TEST, TRAIN, only, rules_of
from tests.unit.core.audit.measured import measures

Hashes = Sequence[int]
_ALL = [i for split in (TRAIN, TEST, HOLDOUT) for i in split.images]


def eight(seed: int) -> list[int]:
    """Return the hashes of a picture in its eight orientations: random, so far from others."""
    rng = np.random.default_rng(seed)
    return [int(value) for value in rng.integers(0, 2**64, size=8, dtype=np.uint64)]


def changed(hashes: Hashes, bits: int) -> list[int]:
    """Return the hashes of a picture that differs in so many bits."""
    return [value ^ (2**bits - 1) for value in hashes]


UNLIKE = {i.sha256: eight(number) for number, i in enumerate(_ALL)}


def audit_hashes(
    hashes: Mapping[str, Hashes],
    *,
    train: Dataset = TRAIN,
    test: Dataset = TEST,
    holdout: Dataset = HOLDOUT,
    bits: int = 5,
) -> AuditReport:
    """Audit clean splits whose images have these hashes, by the name of their content."""
    named = {sha256_of(name): values for name, values in hashes.items()}
    known = {sha256: measures(hashes=tuple(values)) for sha256, values in (UNLIKE | named).items()}
    rules = AuditRules.model_validate(
        RULES.model_dump() | {"duplicates": DuplicateRules(near_duplicate_bits=bits)}
    )
    return audit_datasets(
        Datasets(train=train, test=test, holdout=holdout), rules, Evidence(measures=known)
    )


def test_audit_finds_nothing_similar_in_unlike_images() -> None:
    """Random hashes differ in about half of their bits."""
    assert audit_hashes({}).findings == ()


@pytest.mark.parametrize(("bits", "found"), [(5, True), (6, False)])
def test_audit_refuses_near_duplicates_in_two_splits(bits: int, found: bool) -> None:
    """Up to the radius, two pictures are one; the finding shows both and how far they differ."""
    report = audit_hashes({"train-a-0": eight(99), "holdout-b-1": changed(eight(99), bits)})
    assert rules_of(report.findings) == (["near-overlap"] if found else [])
    if found:
        finding = only(report)
        (place,) = finding.places
        assert (finding.severity, finding.practice, finding.split) == (
            "error",
            "J2",
            "train+holdout",
        )
        assert (place.uri, place.twin_uri) == ("images/train-a-0.png", "images/holdout-b-1.png")
        assert (place.note, place.twin_split) == ("5 bits apart", "holdout")


@pytest.mark.parametrize("turn", range(1, 8))
def test_audit_refuses_turned_copies_in_two_splits(turn: int) -> None:
    """Mirrored or turned by quarters, in any of the seven ways."""
    original, copy = eight(99), eight(98)
    copy[turn] = changed(original, 3)[0]
    finding = only(audit_hashes({"train-a-0": original, "test-b-0": copy}))
    assert (finding.rule, finding.severity) == ("turned-overlap", "error")
    assert (finding.places[0].twin_uri, finding.places[0].note) == (
        "images/test-b-0.png",
        "3 bits apart",
    )


def test_audit_names_the_nearest_of_several_pictures() -> None:
    """The evidence is the pair that a person recognises most easily."""
    report = audit_hashes(
        {
            "train-a-0": changed(eight(99), 4),
            "train-a-1": changed(eight(99), 1),
            "holdout-a-0": eight(99),
        }
    )
    overlap = next(f for f in report.findings if f.rule == "near-overlap")
    assert [place.uri for place in overlap.places] == ["images/train-a-1.png"]


def test_audit_tells_equal_files_once() -> None:
    """An image that is in both splits as the same file is no near duplicate as well."""
    holdout = dataset("holdout", [*HOLDOUT.images, image("train-a-0", "a", uri="copy.png")])
    assert rules_of(audit_hashes({}, holdout=holdout).findings) == ["split-overlap"]


def test_audit_groups_near_duplicates_within_a_split() -> None:
    """A burst is one group, also where its ends differ in more bits than the radius."""
    burst = {
        "train-a-0": eight(99),
        "train-a-1": changed(eight(99), 4),
        "train-a-2": changed(eight(99), 8),
    }
    finding = only(audit_hashes(burst))
    assert (finding.rule, finding.severity) == ("near-duplicate", "note")
    assert finding.figures == {"images": 3, "groups": 1}
    assert len(finding.places) == 2


def test_audit_warns_of_near_duplicates_with_different_labels() -> None:
    """One of the two labels is probably wrong."""
    finding = only(audit_hashes({"train-a-0": eight(99), "train-b-0": changed(eight(99), 2)}))
    assert (finding.rule, finding.severity, finding.practice) == ("near-conflict", "warning", "D8")
    assert finding.places[0].note in {"a / b", "b / a"}


@pytest.mark.parametrize(("split", "found"), [("train", False), ("test", True)])
def test_audit_warns_of_turned_copies_that_judge(split: str, found: bool) -> None:
    """Mirrored copies may train a model; a set that judges one has each picture once."""
    original, copy = eight(99), eight(98)
    original[1], copy[1] = copy[0], original[0]
    report = audit_hashes({f"{split}-a-0": original, f"{split}-b-0": copy})
    assert rules_of(report.findings) == (["augmented-image"] if found else [])
    assert report.errors == ()


def test_audit_does_not_compare_images_that_show_nothing() -> None:
    """Two black images are no duplicates of each other: they have no hash."""
    assert audit_hashes({"train-a-0": [], "holdout-a-0": []}).findings == ()


def test_audit_finds_every_pair_of_many() -> None:
    """Among hundreds of images, each planted copy is found and no other."""
    train = dataset("train", [image(f"t{n}", "ab"[n % 2]) for n in range(400)])
    hashes = {f"t{n}": eight(1000 + n) for n in range(400)}
    hashes |= {f"holdout-a-{n}": changed(hashes[f"t{7 * n}"], n) for n in range(2)}
    report = audit_hashes(hashes, train=train)
    overlap = next(f for f in report.findings if f.rule == "near-overlap")
    assert {(p.uri, p.twin_uri) for p in overlap.places} == {
        ("images/t0.png", "images/holdout-a-0.png"),
        ("images/t7.png", "images/holdout-a-1.png"),
    }
