"""Tests of annotations that the model contradicts with confidence."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from rcl_flow.core.scoring.error_types import TypedError
from rcl_flow.core.scoring.suspects import LEAST_RIGHT
from rcl_flow.core.scoring.typing_errors import type_errors
from tests.unit.core.scoring.holdouts import Found, Objects, Place, material, scenes

LABELS = ("ant", "bee", "cow")
LEFT: Place = (0, 0, 40, 40)
RIGHT: Place = (60, 60, 40, 40)
Row = tuple[list[str], dict[str, float]]


def right_answers(count: int = LEAST_RIGHT) -> list[Row]:
    """Return that many right answers of each label, with a median confidence of about 85."""
    return [
        ([label], {other: 1.0 for other in LABELS} | {label: 80.0 + n % 11})
        for label in LABELS
        for n in range(count)
    ]


def suspects(rows: list[Row]) -> list[TypedError]:
    """Return the label suspects."""
    errors = type_errors(material(rows, LABELS)).errors
    return [error for error in errors if error.kind == "label suspect"]


def test_confident_contradiction_is_a_label_suspect() -> None:
    """It is as sure as it usually is when right, and sees nothing of the annotated label."""
    wrong: Row = (["ant"], {"ant": 0.5, "bee": 95.0})
    (found,) = suspects([*right_answers(), wrong])
    assert (found.truth, found.predicted, found.confidence_percent) == ("ant", "bee", 95)


def test_hesitant_contradiction_is_a_confusion() -> None:
    """Below the median of right answers the model may simply be wrong."""
    assert suspects([*right_answers(), (["ant"], {"ant": 0.5, "bee": 83.0})]) == []


def test_label_that_the_model_still_sees_is_no_suspect() -> None:
    """Where it sees more of the annotated label than elsewhere, the annotation may be right."""
    assert suspects([*right_answers(), (["ant"], {"ant": 40.0, "bee": 95.0})]) == []


def test_few_right_answers_suspect_nothing() -> None:
    """Nobody knows how sure a model usually is from nine answers."""
    wrong: Row = (["ant"], {"ant": 0.5, "bee": 95.0})
    assert suspects([*right_answers(LEAST_RIGHT - 1), wrong]) == []


def test_forgotten_label_is_a_suspect_only_where_images_have_several() -> None:
    """One label an image is a rule of the data that an extra answer does not break."""
    extra: Row = (["ant"], {"ant": 90.0, "bee": 95.0})
    assert suspects([*right_answers(), extra]) == []
    several: Row = (["ant", "bee"], {"ant": 90.0, "bee": 90.0})
    (found,) = suspects([*right_answers(), several, extra])
    assert (found.truth, found.predicted) == ("", "bee")


def test_unannotated_image_is_a_suspect() -> None:
    """A confident label on an image without any may have been forgotten."""
    (found,) = suspects([*right_answers(), ([], {"cow": 95.0})])
    assert (found.truth, found.predicted) == ("", "cow")


def test_suspect_boxes_are_forgotten_or_mislabelled_objects() -> None:
    """A confident box on nothing, or on an object of which nothing had the annotated label."""
    rows: list[tuple[Objects, Found]] = [
        ([(label, LEFT)], [(label, 80.0 + n, LEFT)]) for label in LABELS[:2] for n in range(10)
    ]
    rows += [
        ([("ant", LEFT)], [("ant", 90, LEFT), ("bee", 95, RIGHT)]),
        ([("ant", LEFT)], [("bee", 96, LEFT)]),
        ([("ant", LEFT)], [("bee", 97, LEFT), ("ant", 20, LEFT)]),
    ]
    errors = type_errors(scenes(rows, LABELS)).errors
    kinds = {error.confidence_percent: error.kind for error in errors}
    assert kinds == {95: "label suspect", 96: "label suspect", 97: "confusion"}


def test_most_suspects_of_a_known_mix_up_are_right() -> None:
    """Of 500 images 25 are annotated wrongly on purpose; a fifth of them at least is named."""
    rng = np.random.default_rng(2)
    rows: list[Row] = []
    planted = set[int]()
    for number in range(500):
        shown = int(rng.integers(3))
        scores = rng.normal(0, 1.2, 3)
        scores[shown] += 4.5
        shares = np.exp(scores) / np.exp(scores).sum() * 100
        annotated = shown
        if number < 25:
            annotated = (shown + 1) % 3
            planted.add(number)
        rows.append(([LABELS[annotated]], dict(zip(LABELS, shares.tolist(), strict=True))))
    holdout = material(rows, LABELS)
    place = {image.sha256: number for number, image in enumerate(holdout.judged.images)}
    named = {place[e.sha256] for e in type_errors(holdout).errors if e.kind == "label suspect"}
    assert len(named & planted) >= 5
    assert len(named & planted) >= 0.8 * len(named)


@pytest.fixture(scope="module")
def digit_answers() -> tuple[list[int], list[dict[str, float]]]:
    """Return what 797 digits show, and what a real model says of them that has not seen them."""
    images, shown = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    train, holdout = order[:1000], order[1000:]
    noisy = images / 16 + np.random.default_rng(1).normal(0, 0.1, images.shape)
    model = LogisticRegression(max_iter=500).fit(noisy[train], shown[train])
    answers = model.predict_proba(noisy[holdout]) * 100
    names = [str(digit) for digit in range(10)]
    said = [dict(zip(names, row, strict=True)) for row in answers.tolist()]
    return shown[holdout].tolist(), said


def suspect_digits(annotated: list[int], said: list[dict[str, float]]) -> tuple[set[int], int]:
    """Return which images are label suspects, and how many mistakes there are in all."""
    rows = [([str(digit)], sure) for digit, sure in zip(annotated, said, strict=True)]
    holdout = material(rows, [str(digit) for digit in range(10)])
    place = {image.sha256: number for number, image in enumerate(holdout.judged.images)}
    errors = type_errors(holdout).errors
    return {place[e.sha256] for e in errors if e.kind == "label suspect"}, len(errors)


def test_digits_annotated_wrongly_on_purpose_are_named(
    digit_answers: tuple[list[int], list[dict[str, float]]],
) -> None:
    """Of 3 % wrong labels, over ten draws, at least a third is named, 9 of 10 of them rightly."""
    shown, said = digit_answers
    planted_in_all = named_in_all = right_in_all = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        planted = set(np.flatnonzero(rng.random(len(shown)) < 0.03).tolist())
        annotated = [
            (digit + int(rng.integers(1, 10))) % 10 if number in planted else digit
            for number, digit in enumerate(shown)
        ]
        named, _ = suspect_digits(annotated, said)
        planted_in_all += len(planted)
        named_in_all += len(named)
        right_in_all += len(named & planted)
    assert right_in_all >= planted_in_all / 3
    assert right_in_all >= 0.9 * named_in_all


def test_digits_annotated_rightly_are_hardly_suspected(
    digit_answers: tuple[list[int], list[dict[str, float]]],
) -> None:
    """At most one in fifty of the model's own mistakes is blamed on the annotation."""
    named, mistakes = suspect_digits(*digit_answers)
    assert mistakes >= 30
    assert len(named) <= mistakes / 50
