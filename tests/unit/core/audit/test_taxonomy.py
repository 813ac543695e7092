"""Tests of whether labels are distinct by name and by use."""

from dataclasses import replace

import numpy as np
import pytest

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import AuditRules, TaxonomyRules
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.audit.taxonomy import check, is_negative, same_name, words_of
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets
from tests.builders import dataset, image, labelled
from tests.unit.core.audit.measured import RULES, one, rules_found

HOLDOUT = labelled("holdout", {"cat": 1})


def findings(train: Dataset | None, rules: AuditRules = RULES) -> list[Finding]:
    """Return what is found in these training images."""
    return list(check(Subject(Datasets(holdout=HOLDOUT, train=train), rules)))


def shown(*sets: tuple[int, tuple[str, ...]]) -> Dataset:
    """Return training images: so many of each set of labels, and 200 of labels of their own."""
    images: list[DatasetImage] = []
    for count, labels in (*sets, (100, ("sky",)), (100, ("nothing",))):
        images += [image(f"{'-'.join(labels)}-{n}", *labels) for n in range(count)]
    return dataset("train", images)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Cats", ("cat",)),
        ("fully_grown-Plants", ("fully", "grown", "plant")),
        ("notRipe2", ("not", "ripe", "2")),
        ("glass", ("glass",)),
        ("berries", ("berry",)),
        ("boxes", ("box",)),
        ("Äpfel", ("äpfel",)),
        ("…", ()),
    ],
)
def test_words_of_a_label(label: str, words: tuple[str, ...]) -> None:
    """Case, punctuation and plural are taken away; digits are words."""
    assert words_of(label) == words


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("cat", "Cat"),
        ("cat", "cats"),
        ("living room", "living_room"),
        ("livingRoom", "Living Rooms"),
        ("berry", "berries"),
        ("screwdriver", "screwdirver"),
        ("screwdriver", "screwdrver"),
        ("screwdriver", "screwdrivver"),
        ("screwdriver", "screwdrivor"),
        ("screwdriver", "screwdriverr"),
        ("red screwdriver", "red screwdrver"),
    ],
)
def test_names_that_are_nearly_the_same(first: str, second: str) -> None:
    """Spelling, plural and one wrong letter in a long word make one name into two."""
    assert same_name(first, second)
    assert same_name(second, first)
    assert rules_found(findings(labelled("train", {first: 3, second: 3, "none": 3}))) == [
        "similar-names"
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("cat", "car"),
        ("type 1", "type 2"),
        ("type 1", "type 11"),
        ("type 1 1", "type 11"),
        ("bolt m10", "bolt m12"),
        ("grade a", "grade b"),
        ("symmetric", "asymmetric"),
        ("ripe", "unripe"),
        ("house", "mouse"),
        ("plane", "plant"),
        ("…", "!"),
        ("screwdriver", "screwdrvvor"),
        ("part abcdefg1", "part abcdefg2"),
        ("lot 12345678", "lot 12345679"),
        ("screwdriver", "screwdriver tip"),
        ("broken screw", "broken nail"),
    ],
)
def test_names_that_are_different(first: str, second: str) -> None:
    """Numbers, grades, opposites and short words that differ in a letter are other labels."""
    assert not same_name(first, second)
    assert not same_name(second, first)
    assert "similar-names" not in rules_found(findings(labelled("train", {first: 3, second: 3})))


def test_similar_names_are_told_in_one_finding() -> None:
    """All pairs are named together, with their number."""
    names = {"cat": 3, "Cat": 3, "living room": 3, "living_room": 3, "dog": 3}
    finding = one(findings(labelled("train", names)), "similar-names")
    assert finding.figures == {"pairs": 2}
    assert "Cat and cat, living room and living_room" in finding.message


def test_names_that_differ_in_a_space_are_quoted() -> None:
    """Else both would look the same, and nobody would find the difference."""
    finding = one(findings(labelled("train", {"dent": 3, "dent ": 3})), "similar-names")
    assert finding.message.endswith("labels of nearly the same name: dent and 'dent '")


def test_similar_names_of_a_holdout_alone() -> None:
    """Without training data the holdout's labels are looked at, and none is asked for."""
    made = Datasets(holdout=labelled("holdout", {"cat": 2, "cats": 2}))
    assert rules_found(list(check(Subject(made)))) == ["similar-names"]


@pytest.mark.parametrize(
    "label",
    [
        *("none", "Other", "others", "background", "negative", "not_fully_grown", "notRipe"),
        *("no-helmet", "non-food", "unripe", "undamaged", "empty", "unknown"),
    ],
)
def test_negative_labels_are_known_by_their_names(label: str) -> None:
    """A label of one of the usual names is the one for none of the wanted things."""
    assert is_negative(label)
    assert findings(labelled("train", {"cat": 3, label: 3})) == []


@pytest.mark.parametrize(
    "label", ["cat", "unit", "under", "uncle", "universe", "notebook", "nose", "another"]
)
def test_negative_labels_are_not_seen_in_other_words(label: str) -> None:
    """Words that merely begin like a negation are none; the note says what may be missing."""
    assert not is_negative(label)
    finding = one(findings(labelled("train", {"dog": 3, label: 3})), "no-negative-label")
    assert (finding.severity, finding.practice) == ("note", "D12")
    assert finding.figures == {"labels": 2}


def test_negative_label_is_not_asked_of_a_detector() -> None:
    """What is outside the boxes is what a detector's labels are told from."""
    marked = replace(image("bolt", "bolt"), boxes=(PixelBox("bolt", 1, 1, 9, 9),))
    assert findings(dataset("train", [marked])) == []


def test_labels_that_are_never_alone_are_found() -> None:
    """Two labels on the same images are one label with two names."""
    train = shown((8, ("door", "handle")))
    finding = one(findings(train), "always-together")
    assert (finding.label, finding.severity) == ("door", "warning")
    assert finding.figures == {"images": 8}
    assert "door and handle are on the same 8 images" in finding.message


def test_label_inside_another_is_a_note() -> None:
    """A label that implies another may be meant so."""
    finding = one(findings(shown((8, ("animal", "dog")), (8, ("animal",)))), "always-together")
    assert (finding.label, finding.severity) == ("dog", "note")
    assert "all 8 images of dog have animal as well" in finding.message


@pytest.mark.parametrize(("images", "found"), [(4, False), (5, True)])
def test_labels_are_together_from_the_configured_number_on(images: int, found: bool) -> None:
    """Fewer common images prove nothing."""
    given = AuditRules(taxonomy=TaxonomyRules(min_images_together=5))
    train = shown((images, ("door", "handle")))
    assert ("always-together" in rules_found(findings(train, given))) is found


def test_label_that_is_nearly_everywhere_is_together_with_others_by_chance() -> None:
    """That a rare label never occurs without a very frequent one is no finding."""
    images = [image(f"photo-{n}", "photo", *(["rare"] if n < 8 else [])) for n in range(90)]
    images += [image(f"plain-{n}", "nothing") for n in range(10)]
    assert findings(dataset("train", images)) == []


def test_labels_drawn_independently_raise_no_alarm() -> None:
    """Of 200 sets with random labels fewer than one in a hundred is accused."""
    rng, alarms = np.random.default_rng(0), 0
    labels = np.array(["nothing", "a", "b", "c", "d", "e", "f", "g"])
    for family in range(200):
        flags = rng.random((120, 8)) < np.array([0.5, 0.9, 0.6, 0.3, 0.2, 0.1, 0.06, 0.05])
        images = [image(f"{family}-{n}", *labels[row].tolist()) for n, row in enumerate(flags)]
        alarms += "always-together" in rules_found(findings(dataset("train", images)))
    assert alarms <= 1
