"""Tests of how many different pictures a label needs."""

import numpy as np
import pytest

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import AuditRules, FactorRules
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.audit.variety import check, earlier_alike
from tests.unit.core.audit.measured import RULES, Shooting, Shot, one, subject


def burst(shooting: Shooting, label: str, scenes: int, *, each: int, bits: int = 4) -> list[Shot]:
    """Return images of a few scenes whose hashes differ from their scene's in `bits` bits."""
    shots = []
    for _ in range(scenes):
        scene = int(shooting.rng.integers(0, 2**64, dtype=np.uint64))
        for _ in range(each):
            flips = sum(1 << int(bit) for bit in shooting.rng.choice(64, bits, replace=False))
            shots.append(shooting.shot(label, hashes=(scene ^ flips,) * 8))
    return shots


def findings(shots: list[Shot], rules: AuditRules = RULES) -> list[Finding]:
    """Return what is found in these training images."""
    return list(check(subject({"train": shots}, rules=rules)))


def test_variety_of_different_pictures_is_fine() -> None:
    """Labels of different pictures give no finding."""
    shooting = Shooting(np.random.default_rng(0))
    assert findings([*shooting.shots(60, "a"), *shooting.shots(60, "b")]) == []


def test_variety_finds_a_label_of_a_few_scenes() -> None:
    """Forty images of five scenes are five pictures, and are shown side by side."""
    shooting = Shooting(np.random.default_rng(1))
    found = findings([*shooting.shots(40, "varied"), *burst(shooting, "burst", 5, each=8)])
    finding = one(found, "narrow-variety")
    assert (finding.label, finding.severity) == ("burst", "warning")
    assert finding.figures == {"images": 40, "different": 5, "alike_share": 35 / 40}
    assert "40 images of burst show about 5 different pictures" in finding.message
    assert all(place.twin_uri and place.uri != place.twin_uri for place in finding.places)


@pytest.mark.parametrize(("limit", "found"), [(0.49, True), (0.5, False)])
def test_variety_is_narrow_beyond_the_configured_share(limit: float, found: bool) -> None:
    """Exactly at the limit is fine."""
    pairs = burst(Shooting(np.random.default_rng(2)), "pairs", 20, each=2)
    given = AuditRules(factors=FactorRules(max_alike_share=limit))
    assert bool(findings(pairs, given)) is found


@pytest.mark.parametrize(("bits", "found"), [(8, True), (7, False)])
def test_variety_counts_bits_as_configured(bits: int, found: bool) -> None:
    """Pictures that differ in more bits are different ones."""
    hashes = np.array([0, 0xFF], dtype=np.uint64)
    assert earlier_alike(hashes, bits).tolist() == [-1, 0 if found else -1]


def test_variety_leaves_images_without_a_hash_and_small_labels_out() -> None:
    """Flat images have no hash, and of nineteen images nothing is said."""
    shooting = Shooting(np.random.default_rng(3))
    flat = shooting.shots(40, "flat", hashes=())
    assert findings([*flat, *burst(shooting, "few", 1, each=19)]) == []
    assert list(check(Subject(subject({"train": flat}).datasets))) == []


def test_earlier_alike_equals_a_plain_search() -> None:
    """The chunked search finds what comparing each with each finds."""
    rng = np.random.default_rng(4)
    centres = rng.integers(0, 2**64, 40, dtype=np.uint64)
    flips = np.uint64(1) << rng.integers(0, 64, (600, 6), dtype=np.uint64)
    hashes = centres[rng.integers(0, 40, 600)] ^ np.bitwise_or.reduce(flips, axis=1)
    expected = [
        next(
            (j for j in range(i) if (int(hashes[i]) ^ int(hashes[j])).bit_count() <= 10),
            -1,
        )
        for i in range(len(hashes))
    ]
    assert earlier_alike(hashes, 10).tolist() == expected
    assert max(expected) >= 0
