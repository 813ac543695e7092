"""Tests of the search for parts of the holdout that are judged worse."""

from dataclasses import replace

import numpy as np
import pytest

from rcl_flow.core.audit.factors import FACTORS
from rcl_flow.core.scoring.answers import Flags, Indices
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.gap_reasons import GapReasons, find_reasons
from rcl_flow.core.scoring.metrics import Outcomes, outcomes_of_flags
from rcl_flow.core.scoring.slice_candidates import Candidate, Dimension, factor_dimensions
from rcl_flow.core.scoring.slice_questions import ask
from rcl_flow.core.scoring.slices import Found, find_slices
from tests.unit.core.scoring.judged_scenes import CONFOUNDED, DARK, NONE, RULES, Scene, simulate

FEW = 24


def told(scene: Scene, seeds: range) -> list[GapReasons]:
    """Return what is found in holdouts of a scene."""
    return [find_reasons(simulate(scene, seed), RULES) for seed in seeds]


def cut(name: str, codes: Indices, *, is_factor: bool = False) -> Dimension:
    """Return a dimension in which every part is a candidate."""
    candidates = [Candidate(f"{name} {part}", (part,)) for part in range(int(codes.max()) + 1)]
    return Dimension(name, codes, tuple(candidates), is_factor)


def single(labels: Indices, missed: Flags) -> Outcomes:
    """Return the outcomes of images of one label each, of which some are not recognised."""
    truth = np.eye(int(labels.max()) + 1, dtype=np.bool_)[labels]
    names = [f"{n}" for n in range(truth.shape[1])]
    return outcomes_of_flags(names, truth, truth & ~missed[:, None])


def search(
    outcomes: Outcomes, *dimensions: Dimension, rules: EvaluationRules = RULES
) -> list[Found]:
    """Return the slices of a classifier."""
    return list(find_slices(dimensions, ask(outcomes, "classification"), rules).found)


def test_planted_dark_slice_is_named_first() -> None:
    """20 % wrong in the darkest quarter, 4 % elsewhere: told in at least nine of ten holdouts."""
    seen = told(DARK, range(FEW))
    firsts = [each.slices[0] for each in seen if each.slices]
    assert sum("darkest" in first.told for first in firsts) >= 0.9 * FEW
    assert {first.dimension for first in firsts} == {"brightness"}
    assert sum(len(each.slices) > 1 for each in seen) <= 1


@pytest.mark.parametrize("scene", [NONE, CONFOUNDED])
def test_no_slice_is_named_where_none_is(scene: Scene) -> None:
    """Neither chance nor hard labels that are darker make a slice, but for one in twenty."""
    seen = told(scene, range(2 * FEW))
    assert sum(bool(each.slices) for each in seen) <= 0.05 * 2 * FEW
    assert all(each.looked_at > 40 for each in seen)


def test_without_matching_the_dark_labels_would_be_a_slice() -> None:
    """The confounded scene is a trap: taken as one label, its dark images are worse."""
    material = simulate(CONFOUNDED, 0)
    truth = material.labels_answered
    wrong = ~(truth.truth == (truth.confidences_percent >= 50)).all(axis=1)
    pooled = single(np.zeros(truth.images, np.intp), wrong)
    light = np.array([material.measures[each.sha256].brightness for each in material.judged.images])
    columns = {factor.name: np.full(truth.images, np.nan) for factor in FACTORS}
    dimensions = factor_dimensions({**columns, "brightness": light})
    assert "darkest" in search(pooled, *dimensions)[0].candidate.told


def test_slice_of_one_label_is_told_with_its_recall() -> None:
    """The recall of the label inside and outside, and an interval that does not hold 0."""
    labels = np.tile([0, 1], 200)
    place = np.arange(400) // 100
    missed = (labels == 0) & (place == 2) & (np.arange(400) % 4 == 0)
    (found,) = search(single(labels, missed), cut("place", place))
    assert (found.question.measure, found.question.label) == ("recall", "0")
    assert found.candidate.told == "place 2"
    contrast = found.contrast
    assert (contrast.images, contrast.inside, contrast.outside) == (50, 0.5, 1.0)
    low, high = contrast.interval
    assert low == pytest.approx(-0.5 - 1.96 * np.sqrt(0.25 / 50), abs=1e-3)
    assert high == pytest.approx(-0.5 + 1.96 * np.sqrt(0.25 / 50), abs=1e-3)
    assert contrast.lost == pytest.approx(25)
    assert found.p_value < 1e-6


def test_precision_is_told_where_false_alarms_gather() -> None:
    """Images of another label that are taken for one as well lower that label's precision there."""
    shown, number = np.arange(400) % 2 == 0, np.arange(400)
    place = number // 100
    alarm = ~shown & (place == 1) & (number % 3 == 0)
    truth = np.stack([shown, ~shown], axis=1)
    predicted = np.stack([(shown & (number % 14 > 0)) | alarm, ~shown], axis=1)
    (found,) = search(outcomes_of_flags(["a", "b"], truth, predicted), cut("place", place))
    assert (found.question.measure, found.question.label) == ("precision", "a")
    assert found.candidate.told == "place 1"
    hits = int((truth & predicted)[place == 1, 0].sum())
    assert found.contrast.inside == pytest.approx(hits / (hits + alarm.sum()))
    assert found.contrast.outside == 1.0


def test_two_bad_cameras_are_both_told_and_the_worse_first() -> None:
    """Of metadata, one slice does not hide another."""
    rng = np.random.default_rng(0)
    camera = rng.integers(0, 5, 1500)
    missed = rng.random(1500) < np.array([0.03, 0.03, 0.5, 0.25, 0.03])[camera]
    found = search(single(np.zeros(1500, np.intp), missed), cut("camera", camera))
    assert [each.candidate.told for each in found] == ["camera 2", "camera 3"]


def test_what_goes_along_with_a_slice_is_not_told_again() -> None:
    """A dimension that nearly repeats another is explained by it."""
    rng = np.random.default_rng(1)
    bad = rng.random(1000) < 0.3
    alike = np.where(rng.random(1000) < 0.9, bad, ~bad)
    missed = rng.random(1000) < np.where(bad, 0.3, 0.05)
    outcomes = single(np.zeros(1000, np.intp), missed)
    first, second = cut("bad", bad.astype(np.intp)), cut("alike", alike.astype(np.intp))
    assert [each.candidate.told for each in search(outcomes, first, second)] == ["bad 1"]
    assert [each.candidate.told for each in search(outcomes, second)] == ["alike 1"]


def test_certain_difference_within_the_margin_is_not_told() -> None:
    """Many images make small differences certain; the margin says which ones matter."""
    rng = np.random.default_rng(2)
    part = rng.integers(0, 2, 20_000)
    missed = rng.random(20_000) < np.where(part == 1, 0.08, 0.05)
    outcomes = single(np.zeros(20_000, np.intp), missed)
    assert search(outcomes, cut("part", part)) == []
    strict = replace_margin(0.01)
    assert [each.candidate.told for each in search(outcomes, cut("part", part), rules=strict)] == [
        "part 1"
    ]


def replace_margin(margin: float) -> EvaluationRules:
    """Return the rules with another margin."""
    return RULES.model_copy(update={"gap_margin": margin})


def test_objects_of_an_image_count_as_one_mistake() -> None:
    """Three images that miss all their objects are three mistakes, not sixty."""
    truth = np.full((200, 1), 20)
    hits = truth.copy()
    part = (np.arange(200) < 30).astype(np.intp)
    hits[[3, 9, 15, 100, 150], 0] = 0
    outcomes = Outcomes(("a",), truth, hits, np.zeros((200, 1), np.int64))
    asked = ask(outcomes, "detection")
    assert find_slices([cut("part", part)], asked, RULES).found == ()
    hits[:24, 0] = 10
    worse = ask(replace(outcomes, hits=hits), "detection")
    (found,) = find_slices([cut("part", part)], worse, RULES).found
    assert found.question.measure == "recall"
    assert found.contrast.inside == pytest.approx(hits[:30].sum() / 600)
    assert found.contrast.outside == pytest.approx(hits[30:].sum() / 3400)


def test_tiny_holdout_has_no_slices() -> None:
    """With few images nothing is looked at."""
    part = np.arange(30) % 2
    outcomes = single(np.zeros(30, np.intp), part == 1)
    result = find_slices([cut("part", part)], ask(outcomes, "classification"), RULES)
    assert (result.found, result.looked_at) == ((), 0)
