"""Tests of what training images lack that copies could give."""

from collections.abc import Mapping, Sequence

import pytest

from rcl_flow.core.augmenting.augment_gaps import AugmentRules, Gap, find_gaps
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.measures import ImageMeasures
from tests.builders import image
from tests.unit.core.audit.measured import measures

RULES = AugmentRules(wanted_images_per_label=1)
Shots = Sequence[tuple[DatasetImage, ImageMeasures]]


def shots(name: str, brightness: Sequence[float], **values: object) -> Shots:
    """Return one photograph of a label for each brightness."""
    return [
        (image(f"{name}{number}", "a"), measures(brightness=value, **values))
        for number, value in enumerate(brightness)
    ]


def gaps(train: Shots, holdout: Shots, rules: AugmentRules = RULES) -> dict[str, Gap]:
    """Return the gaps by their kind."""
    known: Mapping[str, ImageMeasures] = {i.sha256: m for i, m in [*train, *holdout]}
    found = find_gaps([i for i, _ in train], [i for i, _ in holdout], known, rules)
    return {gap.kind: gap for gap in found}


EVEN = [0.4 + 0.002 * number for number in range(100)]


def test_alike_sides_have_no_gap() -> None:
    """Where the holdout looks like training, nothing is planned."""
    assert gaps(shots("t", EVEN), shots("h", EVEN)) == {}


@pytest.mark.parametrize(("value", "kind"), [(0.15, "dark"), (0.9, "bright")])
def test_missing_light_is_found_with_its_share(value: float, kind: str) -> None:
    """A quarter of the holdout is where training has nothing: a fifth of training is added."""
    found = gaps(shots("t", EVEN), shots("h", [*EVEN[:75], *[value] * 25]))
    assert found.keys() == {kind}
    assert value in found[kind].targets
    assert 20 <= found[kind].wanted <= 45
    assert "of the holdout has a brightness" in found[kind].reason


def test_missing_contrast_is_found() -> None:
    """Hazy pictures are missing where all training pictures are clear."""
    train = shots("t", EVEN, contrast=0.6)
    hazy = shots("h", EVEN, contrast=0.2)
    assert gaps(train, hazy).keys() == {"flat"}
    assert gaps(hazy, train).keys() == {"contrasty"}


def test_few_images_beyond_the_edge_are_no_gap() -> None:
    """One dark picture in a hundred is an accident."""
    assert gaps(shots("t", EVEN), shots("h", [*EVEN[:97], 0.1, 0.1, 0.1])) == {}


def test_light_is_not_compared_on_few_images() -> None:
    """Nineteen pictures do not tell how production looks."""
    assert gaps(shots("t", EVEN), shots("h", [0.1] * 19)) == {}
    assert gaps(shots("t", EVEN), shots("h", [0.1] * 20)).keys() == {"dark"}


def test_copies_for_light_are_at_most_as_many_as_the_images() -> None:
    """However different production is, half of training stays real in every light."""
    assert gaps(shots("t", EVEN), shots("h", [0.1] * 100))["dark"].wanted == 100


def test_gray_is_missing_when_only_the_holdout_has_it() -> None:
    """A holdout that is half gray wants gray copies (D11)."""
    half = [*shots("h", EVEN[::2], hue_degrees=-1.0), *shots("c", EVEN[1::2])]
    found = gaps(shots("t", EVEN), half)
    assert found["gray"].wanted == 100
    assert "50% of the holdout is gray, and 0% of training" in found["gray"].reason


def test_gray_is_not_missing_when_training_has_it() -> None:
    """Some gray in training is enough of a start."""
    mixed = [*shots("t", EVEN[::2], hue_degrees=-1.0), *shots("c", EVEN[1::2])]
    assert gaps(mixed, [(image(f"h{i.uri}"), m) for i, m in mixed]) == {}
    assert gaps(mixed, shots("h", EVEN)) == {}


def test_weak_labels_come_first_and_the_weakest_before_the_others() -> None:
    """A label below the wanted number lacks the difference (D1)."""
    train = [image(f"{name}{n}", name) for name, n in [("a", 1), *(("b", n) for n in range(3))]]
    found = find_gaps(train, [], {}, AugmentRules(wanted_images_per_label=5))
    assert [(gap.kind, gap.label, gap.wanted) for gap in found] == [
        ("few-images", "a", 4),
        ("few-images", "b", 2),
    ]
    assert found[0].reason == "1 images, 5 wanted"


def test_label_that_is_far_smaller_than_the_largest_is_weak() -> None:
    """Twenty images beside a thousand are too few (D2)."""
    train = [image(f"a{n}", "a") for n in range(100)] + [image(f"b{n}", "b") for n in range(4)]
    rules = AugmentRules(wanted_images_per_label=1, max_label_ratio=10)
    (gap,) = find_gaps(train, [], {}, rules)
    assert (gap.label, gap.wanted) == ("b", 6)


def test_narrow_labels_want_as_many_copies_as_they_have_images() -> None:
    """Labels that no training image has are passed over."""
    train = [image("1", "a"), image("2", "a"), image("3", "b")]
    (gap,) = find_gaps(train, [], {}, RULES, narrow_labels={"a", "z"})
    assert (gap.kind, gap.label, gap.wanted) == ("narrow-angle", "a", 2)
