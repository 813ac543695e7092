"""Tests of why the score changes from test to holdout, in sentences that the data support."""

from dataclasses import replace

import numpy as np
import pytest

from rcl_flow.core.datasets.boxes import Box, DetectedBox, PixelBox
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.core.scoring.gap_reasons import GapReasons, find_reasons
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.scoring.reason_sentences import ExplainedSlice, sentences
from rcl_flow.core.scoring.shifts import PartShares, columns_of, sides_of
from rcl_flow.core.scoring.slice_candidates import factor_dimensions
from rcl_flow.core.scoring.slice_questions import ask
from rcl_flow.core.scoring.slices import Found, find_slices
from tests.builders import image
from tests.unit.core.audit.measured import measures
from tests.unit.core.scoring.judged_scenes import (
    DARK,
    NONE,
    RULES,
    SHIFTED,
    UNSHIFTED,
    evaluation,
    simulate,
)


def find_slices_of(material: Material) -> tuple[Found, ...]:
    """Return the slices as they are found, before they are told."""
    images = material.judged.images
    digests = [each.sha256 for each in images]
    test = Dataset("test", tuple(material.test_images.values()))
    sides = sides_of(test, Dataset("holdout", images), material.measures)
    dimensions = list(factor_dimensions(columns_of(sides.holdout, digests)))
    return find_slices(
        dimensions, ask(material.answered.outcomes(material.thresholds), material.task), RULES
    ).found


def reasons(material: Material) -> GapReasons:
    """Return the reasons at the usual rules."""
    return find_reasons(material, RULES)


def test_nothing_is_said_where_nothing_differs() -> None:
    """Alike splits and an evenly good model give no sentence."""
    material = simulate(replace(NONE, test_brightness=(4, 4)), 0)
    found = reasons(material)
    assert found == GapReasons(compared_images=(300, 800), looked_at=found.looked_at)


def test_darker_holdout_with_a_worse_dark_quarter_blames_the_test() -> None:
    """Both together say that the test data do not reflect production."""
    found = reasons(simulate(SHIFTED, 1))
    (worst,) = found.slices
    brightness = next(shift for shift in found.factor_shifts if shift.factor == "brightness")
    assert found.sentences[0] == (
        "The test data do not reflect production: the holdout is darker than the test (median "
        f"brightness {brightness.holdout_median:.2f} against {brightness.test_median:.2f}), and "
        f"the share of right images falls from {worst.outside:.2f} to {worst.inside:.2f} in its "
        "darkest quarter."
    )
    others = [shift.factor for shift in found.factor_shifts if shift.factor != "brightness"]
    assert found.sentences[1:] == (
        f"The holdout differs from the test in several factors ({', '.join(others)}), but nothing "
        "shows that it is judged worse for that.",
    )


def test_dark_quarter_that_the_test_has_too_is_a_weakness_of_the_model() -> None:
    """A slice without a shift does not accuse the test set."""
    found = reasons(simulate(UNSHIFTED, 1))
    (worst,) = found.slices
    (sentence,) = found.sentences
    assert sentence.startswith(
        f"The share of right images falls from {worst.outside:.2f} to {worst.inside:.2f} in the "
        "darkest quarter of the holdout; the test set has as many such images ("
    )
    assert sentence.endswith("so this is a weakness of the model, not of the test.")


def test_without_test_images_a_slice_is_told_alone() -> None:
    """What the test set looks like is not guessed."""
    found = reasons(simulate(DARK, 0))
    (worst,) = found.slices
    assert found.sentences == (
        f"The share of right images falls from {worst.outside:.2f} to {worst.inside:.2f} in the "
        "darkest quarter of the holdout.",
    )
    assert found.compared_images == (0, 800)


def test_shift_without_a_worse_slice_is_called_harmless() -> None:
    """A darker holdout whose dark images are judged as well explains nothing."""
    found = reasons(simulate(replace(NONE, test_brightness=(9, 3)), 3))
    assert found.slices == ()
    assert "brightness" in {shift.factor for shift in found.factor_shifts}
    (sentence,) = found.sentences
    assert sentence.startswith("The holdout ")
    assert sentence.endswith("but nothing shows that it is judged worse for that.")


def test_holdout_that_moved_away_from_its_weakness_does_not_blame_the_test() -> None:
    """When the test set is darker still, the dark quarter is no reason for a gap."""
    found = reasons(simulate(replace(DARK, test_brightness=(3, 8)), 1))
    assert "is brighter" in {shift.side for shift in found.factor_shifts}
    assert found.slices[0].told == "the darkest quarter"
    assert not any("do not reflect" in each for each in found.sentences)
    assert "the test set has as many such images" in found.sentences[0]


def test_factor_with_a_slice_is_never_called_harmless() -> None:
    """Where one label's images are too few to compare, the shift is told with the slice itself."""
    material = simulate(SHIFTED, 1)
    found = reasons(material)
    (shift,) = (each for each in found.factor_shifts if each.factor == "brightness")
    (worst,) = find_slices_of(material)
    told = list(sentences([shift], [], [ExplainedSlice(worst, None, is_rarer_in_test=False)]))
    assert told == [
        f"The share of right images falls from {worst.contrast.outside:.2f} to "
        f"{worst.contrast.inside:.2f} in the darkest quarter of the holdout; the holdout is darker "
        f"than the test ({shift.figures}), but too few images can be compared to say whether the "
        "test set has fewer such images."
    ]
    for test, holdout in ((0.3, 0.2), (0.2, 0.2), (0.05, 0.25)):
        shares = PartShares(test, holdout, 1.0)
        told = list(sentences([shift], [], [ExplainedSlice(worst, shares, is_rarer_in_test=False)]))
        assert len(told) == 1
        assert "nothing shows" not in told[0]


def test_camera_that_the_test_lacks_blames_the_test() -> None:
    """Metadata of a worse slice is compared too."""
    material = simulate(replace(NONE, test_brightness=(4, 4)), 0)
    bad = {
        each.sha256
        for each in material.judged.images[::3]
        if material.judged.predictions[each.sha256].confidences_percent
    }
    tested = {each.sha256 for each in material.test_images.values()}
    measured = {
        digest: replace(seen, camera="NEW" if digest in bad else "OLD")
        for digest, seen in material.measures.items()
    }
    assert not bad & tested
    predictions = {
        digest: Prediction(sha256=digest, confidences_percent={})
        if digest in bad and int(digest, 16) % 3 == 0
        else given
        for digest, given in material.judged.predictions.items()
    }
    judged = Judged(material.judged.images, predictions)
    found = reasons(replace(material, measures=measured, judged=judged))
    (worst,) = found.slices
    assert (worst.dimension, worst.told, worst.low) == ("camera", "camera NEW", None)
    assert found.sentences == (
        "The test data do not reflect production: 33% of the holdout and 0% of the test are images "
        f"of camera NEW, and the share of right images falls from {worst.outside:.2f} to "
        f"{worst.inside:.2f} there.",
    )


@pytest.mark.parametrize(("hard", "blamed"), [(True, True), (False, False)])
def test_mix_of_labels_is_a_reason_only_when_the_label_is_hard(hard: bool, blamed: bool) -> None:
    """More of a label in the holdout explains something if its images are judged worse."""
    images = [image(f"{n}", f"label {n % 2}") for n in range(400)]
    predictions = {
        each.sha256: Prediction(
            sha256=each.sha256,
            confidences_percent={} if hard and n % 2 and n % 5 == 0 else {f"label {n % 2}": 90.0},
        )
        for n, each in enumerate(images)
    }
    test = {f"s3://b/{n}": image(f"test {n}", f"label {int(n % 10 == 0)}") for n in range(200)}
    material = Material(
        evaluation=evaluation(2),
        judged=Judged(tuple(images), predictions),
        thresholds={"label 0": 0.5, "label 1": 0.5},
        test_images=test,
    )
    found = reasons(material)
    assert {shift.label for shift in found.mix_shifts} == {"label 0", "label 1"}
    assert (
        "The test data do not reflect production: label 1 is 50% of the holdout and 10% of the "
        "test, and fewer images of it are right than of the others (0.80 against 1.00)."
        in found.sentences
    ) is blamed
    assert found.sentences[-1].endswith("but nothing shows that this makes the holdout harder.")
    assert len(found.sentences) == (2 if blamed else 1)


def test_wrong_images_of_a_slice_are_named_the_surest_first() -> None:
    """Every image that is shown is in the slice and wrong; the most confident mistake leads."""
    material = simulate(DARK, 0)
    (worst,) = reasons(material).slices
    assert worst.high is not None
    answers = material.answered.outcomes(material.thresholds)
    row = {each.sha256: n for n, each in enumerate(material.judged.images)}
    sure = []
    for digest in worst.sha256s:
        assert material.measures[digest].brightness <= worst.high
        assert answers.false_alarms[row[digest]].sum() == 1
        sure.append(max(material.judged.predictions[digest].confidences_percent.values()))
    assert len(sure) == 12
    assert max(sure) > 90


def test_every_run_finds_the_same() -> None:
    """No randomness is in it."""
    assert reasons(simulate(SHIFTED, 2)) == reasons(simulate(SHIFTED, 2))


def test_missed_small_objects_are_a_slice() -> None:
    """A detector that misses small objects is told so, with the recall over objects."""
    material = small_objects(400)
    found = reasons(material)
    (worst,) = found.slices
    assert (worst.dimension, worst.label, worst.measure) == ("object size", "", "recall")
    assert worst.told == "the quarter with the smallest objects"
    assert (worst.inside, worst.outside) == (0.5, 1.0)
    assert found.sentences == (
        "The recall of all objects falls from 1.00 to 0.50 in the quarter with the smallest "
        "objects of the holdout.",
    )


def small_objects(count: int) -> Material:
    """Return a judged detector of two labels that misses every other small object."""
    rng = np.random.default_rng(0)
    images: list[DatasetImage] = []
    predictions = {}
    for n in range(count):
        small, label = n % 4 == 0, f"label {n % 3 % 2}"
        side = 40.0 + n / 100 if small else float(rng.uniform(100, 300))
        box = PixelBox(label=label, left=10, top=10, width=side, height=side)
        shown = replace(image(f"{n}", label), boxes=(box,), width_pixels=640, height_pixels=480)
        missed = small and n % 8 == 0
        seen = DetectedBox(
            label=label,
            confidence_percent=90.0,
            box=Box(left=10 / 640, top=10 / 480, width=side / 640, height=side / 480),
        )
        images.append(shown)
        predictions[shown.sha256] = Prediction(
            sha256=shown.sha256,
            confidences_percent={} if missed else {label: 90.0},
            boxes=() if missed else (seen,),
        )
    return Material(
        evaluation=evaluation(2).model_copy(update={"task": "detection"}),
        judged=Judged(tuple(images), predictions),
        thresholds={"label 0": 0.5, "label 1": 0.5},
        measures={each.sha256: measures() for each in images},
    )
