"""Tests of whether labels look alike."""

from dataclasses import replace

import numpy as np
import pytest

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.looks import check, nearest_of
from rcl_flow.core.audit.rules import AuditRules, TaxonomyRules
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.boxes import PixelBox
from tests.unit.core.audit.measured import RULES, Shooting, Shot, one, subject


def look(
    shooting: Shooting, label: str, palette: int, count: int, *, noise: int = 30
) -> list[Shot]:
    """Return images of one palette: noisy copies of its colours, with a hash of their own."""
    base = np.random.default_rng(palette).integers(0, 256, 48)
    return [
        shooting.shot(
            label,
            colours=tuple(
                np.clip(base + shooting.rng.integers(-noise, noise + 1, 48), 0, 255).tolist()
            ),
        )
        for _ in range(count)
    ]


def planted(shooting: Shooting, *, count: int = 40, other: int = 40) -> list[Shot]:
    """Return images of a backyard and a patio, which look alike, and of three other labels."""
    shots = look(shooting, "backyard", 1, count) + look(shooting, "patio", 1, other)
    return [*shots, *(s for n in (2, 3, 4) for s in look(shooting, f"room{n}", n, 40))]


def findings(shots: list[Shot], rules: AuditRules = RULES) -> list[Finding]:
    """Return what is found in these training images."""
    return list(check(subject({"train": shots}, rules=rules)))


@pytest.mark.parametrize(("count", "other"), [(40, 40), (25, 200)])
def test_looks_find_two_labels_of_one_look(count: int, other: int) -> None:
    """Two labels that share a look are found, however unequal their sizes, with pairs to see."""
    shots = planted(Shooting(np.random.default_rng(1)), count=count, other=other)
    finding = one(findings(shots), "look-alike")
    assert (finding.label, finding.severity, finding.practice) == ("backyard", "warning", "P1")
    assert set(finding.figures) == {"backyard like patio", "patio like backyard"}
    assert "of the images of backyard look most like one of patio" in finding.message
    assert 1 <= len(finding.places) <= 6
    assert {place.note for place in finding.places} <= {"backyard", "patio"}
    assert all(place.twin_uri not in ("", place.uri) for place in finding.places)


def test_looks_of_distinct_labels_are_fine() -> None:
    """Labels with looks of their own give no finding."""
    shooting = Shooting(np.random.default_rng(2))
    assert findings([s for n in range(5) for s in look(shooting, f"room{n}", n, 40)]) == []


@pytest.mark.parametrize("sizes", [(40, 40, 40), (200, 200, 20), (20, 20, 20, 20)])
def test_looks_accuse_nobody_where_the_description_tells_nothing(sizes: tuple[int, ...]) -> None:
    """Of 20 families of labels that colour and shape do not tell apart, none is called alike."""
    for seed in range(20):
        shooting = Shooting(np.random.default_rng(seed))
        shots = [s for n, size in enumerate(sizes) for s in shooting.shots(size, f"label{n}")]
        assert findings(shots) == []


def test_looks_accuse_nobody_where_the_description_tells_only_one_label() -> None:
    """One label that is told from three others says nothing of which two of the three are alike."""
    for seed in range(20):
        shooting = Shooting(np.random.default_rng(seed))
        shots = [s for n in range(3) for s in look(shooting, f"label{n}", 1, 40)]
        assert findings([*shots, *look(shooting, "other", 2, 40)]) == []


def test_looks_find_three_labels_of_one_look() -> None:
    """Where most other labels are told from them, they are found, two by two."""
    shooting = Shooting(np.random.default_rng(1))
    shots = [s for n in range(3) for s in look(shooting, f"label{n}", 1, 40)]
    others = [s for n in (2, 3, 4) for s in look(shooting, f"room{n}", n, 40)]
    assert findings([*shots, *others])


def test_looks_of_two_labels_alone_say_nothing() -> None:
    """Without a third label nobody knows whether the description sees anything."""
    shooting = Shooting(np.random.default_rng(3))
    assert findings(look(shooting, "a", 1, 40) + look(shooting, "b", 1, 40)) == []


@pytest.mark.parametrize(("nudge", "found"), [(-0.001, True), (0.0, False)])
def test_looks_are_alike_beyond_the_configured_share(nudge: float, found: bool) -> None:
    """Exactly at the limit is fine."""
    shots = planted(Shooting(np.random.default_rng(4)))
    share = float(np.mean(list(one(findings(shots), "look-alike").figures.values())))
    given = AuditRules(taxonomy=TaxonomyRules(look_alike_share=share + nudge))
    assert bool(findings(shots, given)) is found


def test_looks_are_silent_of_detection_several_labels_and_small_ones() -> None:
    """Where an image shows more than one label, its look belongs to none of them."""
    shooting = Shooting(np.random.default_rng(5))
    shots = planted(shooting)
    several = [(replace(i, labels=tuple(sorted((*i.labels, "sky")))), seen) for i, seen in shots]
    assert findings(several) == []
    boxes = (PixelBox("patio", 1, 1, 9, 9),)
    assert findings([(replace(i, boxes=boxes), seen) for i, seen in shots]) == []
    assert findings(planted(shooting, count=19)) == []
    assert list(check(subject({"holdout": shots}))) == []
    assert list(check(Subject(subject({"train": shots}).datasets))) == []


def test_nearest_equals_a_plain_search() -> None:
    """The chunked search finds what comparing each with each finds."""
    rows = np.random.default_rng(6).normal(size=(700, 5)).astype(np.float32)
    nearest, distances = nearest_of(rows)
    apart = np.linalg.norm(rows[:, None].astype(float) - rows[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (nearest == apart.argmin(axis=1)).all()
    np.testing.assert_allclose(distances, apart.min(axis=1), atol=1e-3)
