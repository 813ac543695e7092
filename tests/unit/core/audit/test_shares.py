"""Tests of how far the splits' label mixes may differ."""

import numpy as np
import pytest

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import AuditRules, FactorRules
from rcl_flow.core.audit.shares import check
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.dataset import Dataset, Datasets
from tests.builders import dataset, image, labelled
from tests.unit.core.audit.measured import RULES, one


def findings(
    train: Dataset | None, test: Dataset | None, holdout: Dataset, rules: AuditRules = RULES
) -> list[Finding]:
    """Return what is found in these splits."""
    return list(check(Subject(Datasets(holdout, train, test), rules)))


EVEN = {"cat": 200, "dog": 200, "cow": 200}
TILTED = {"cat": 400, "dog": 100, "cow": 100}


def test_shares_of_the_same_mix_are_fine() -> None:
    """Splits of any size with one mix give no finding."""
    train, test = labelled("train", EVEN), labelled("test", dict.fromkeys(EVEN, 30))
    assert findings(train, test, labelled("holdout", dict.fromkeys(EVEN, 70))) == []


def test_shares_that_differ_between_test_and_holdout_are_a_warning() -> None:
    """The test set decides thresholds, so its mix must be production's; all figures are told."""
    finding = one(
        findings(None, labelled("test", EVEN), labelled("holdout", TILTED)), "label-shift"
    )
    assert (finding.split, finding.severity, finding.practice) == ("test+holdout", "warning", "J2")
    assert "cat is 67% of holdout and 33% of test" in finding.message
    assert finding.figures["distance"] == pytest.approx(1 / 3)
    assert finding.figures["cat change"] == pytest.approx(1 / 3)
    assert finding.figures["dog change"] == pytest.approx(-1 / 6)


def test_shares_that_differ_from_training_are_a_note() -> None:
    """A training set may be balanced on purpose."""
    finding = one(
        findings(labelled("train", EVEN), None, labelled("holdout", TILTED)), "label-shift"
    )
    assert (finding.split, finding.severity) == ("train+holdout", "note")


@pytest.mark.parametrize(("least", "found"), [(1 / 3 - 0.001, True), (1 / 3 + 0.001, False)])
def test_shares_matter_from_the_configured_distance_on(least: float, found: bool) -> None:
    """A certain difference that is too small to matter is not told."""
    given = AuditRules(factors=FactorRules(min_shift=least))
    test, holdout = labelled("test", EVEN), labelled("holdout", TILTED)
    assert bool(findings(None, test, holdout, given)) is found


def test_shares_of_small_splits_are_left_to_chance() -> None:
    """A large difference of few images is not certain, and of fewer than twenty never told."""
    few = labelled("holdout", {"cat": 12, "dog": 5, "cow": 5})
    assert findings(labelled("train", EVEN), None, few) == []
    assert findings(labelled("train", EVEN), None, labelled("holdout", {"cat": 19})) == []
    assert findings(labelled("train", EVEN), None, labelled("holdout", {"cat": 20})) != []


def test_shares_count_only_images_with_labels() -> None:
    """Images that show none of the wanted things do not dilute the labels' shares."""
    blank = [image(f"blank-{n}") for n in range(500)]
    holdout = dataset("holdout", [*labelled("holdout", EVEN).images, *blank])
    assert findings(labelled("train", EVEN), None, holdout) == []


def test_shares_raise_no_alarm_on_families_of_alike_splits() -> None:
    """Of 200 families with one mix, single or several labels an image, none is accused."""
    rng, alarms = np.random.default_rng(0), 0
    shares = np.array([0.4, 0.3, 0.1, 0.1, 0.05, 0.05])
    for family in range(200):
        splits = []
        for split, images in (("train", 150), ("test", 60), ("holdout", 80)):
            chances = shares if family % 2 else shares * 2
            flags = rng.random((images, 6)) < chances
            singles = rng.choice(6, images, p=shares)
            shown = [
                [f"l{single}"] if family % 2 else [f"l{n}" for n in np.flatnonzero(row)]
                for single, row in zip(singles, flags, strict=True)
            ]
            splits.append([image(f"{family}{split}{n}", *x) for n, x in enumerate(shown)])
        made = dataset("train", splits[0]), dataset("test", splits[1])
        alarms += bool(findings(*made, dataset("holdout", splits[2])))
    assert alarms == 0
