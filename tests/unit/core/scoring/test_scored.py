"""Tests of judging a model in one call: thresholds, score, reasons, advice and past advice."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rcl_flow.core.scoring.comparison import compare
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.scored import EarlierRun, KnownImages, Scored, score_model
from rcl_flow.errors import ConfigError, DatasetGateError
from tests.builders import image
from tests.unit.core.scoring.holdouts import material as rows_of
from tests.unit.core.scoring.holdouts import random_rows, scenes
from tests.unit.core.scoring.judged_scenes import Scene, simulate

LABELS = ("cat", "dog", "yak")
QUICK = {"resamples": 200}
BEST_F1: Mapping[str, Any] = {**QUICK, "thresholds": {"objective": "best_f1"}}
NOISY: Mapping[str, Any] = {
    **BEST_F1,
    "thresholds": {"objective": "best_f1", "calibration_share": 0.5},
}


def answers(images: int = 120, seed: int = 0) -> Material:
    """Return images of three labels, answered at random."""
    return rows_of(random_rows(np.random.default_rng(seed), LABELS, images), LABELS)


def judge(
    material: Material,
    rules: Mapping[str, Any] = QUICK,
    *,
    seed: int = 1,
    earlier: EarlierRun | None = None,
    groups: Mapping[str, str] | None = None,
) -> Scored:
    """Judge the answers of a material, knowing what it knows of the images."""
    known = KnownImages(
        measures=material.measures,
        test_images=material.test_images,
        training_images=material.training_images,
        groups=groups or {},
    )
    evaluation_rules = EvaluationRules.model_validate(rules)
    return score_model(
        material.evaluation, material.judged, known, evaluation_rules, seed=seed, earlier=earlier
    )


def test_score_is_the_comparison_at_the_assumed_thresholds() -> None:
    """Without other rules nothing is tuned for use, and the whole holdout counts."""
    material = answers()
    scored = judge(material)
    rules = EvaluationRules.model_validate(QUICK)
    expected = compare(material.evaluation, material.judged, rules, np.random.default_rng(1))
    assert scored.comparison == expected
    assert scored.material.thresholds == dict.fromkeys(LABELS, 0.5)
    assert not scored.analysis.thresholds.used
    assert scored.analysis.thresholds.calibration_images == 36


def test_same_seed_gives_the_same_score() -> None:
    """Judging twice is judging once; another seed moves the intervals, never the score."""
    material = answers()
    first, again, other = (judge(material, NOISY, seed=seed) for seed in (1, 1, 2))
    assert (first.comparison, first.analysis) == (again.comparison, again.analysis)
    assert first.comparison.holdout.f1 == other.comparison.holdout.f1
    assert first.comparison.holdout.f1_interval != other.comparison.holdout.f1_interval


def test_all_is_about_the_images_that_thresholds_were_not_tuned_on() -> None:
    """Score, quality, curves and mistakes look at the judged part alone."""
    scored = judge(answers(), BEST_F1)
    tuning = scored.analysis.thresholds
    assert (tuning.used, tuning.calibration_images, tuning.judged_images) == (True, 36, 84)
    assert scored.comparison.holdout.images == 84
    assert len(scored.material.judged.images) == 84
    tuned_on = {each.sha256 for each in scored.tuned.calibration.images}
    assert tuned_on.isdisjoint(mistake.sha256 for mistake in scored.comparison.mistakes)
    judged = scored.material.judged.images
    assert [curve.positives for curve in scored.curves] == [
        sum(label in each.labels for each in judged) for label in LABELS
    ]
    assert scored.material.thresholds == {each.label: each.chosen for each in tuning.labels}


@pytest.mark.parametrize("rules", [QUICK, BEST_F1], ids=["suggestion", "tuned"])
def test_near_duplicates_are_on_one_side(rules: Mapping[str, Any]) -> None:
    """Of each group all images are tuned on or none, also for a mere suggestion."""
    material = answers()
    digests = [each.sha256 for each in material.judged.images]
    groups = {digest: digests[row - row % 3] for row, digest in enumerate(digests)}
    alone, together = judge(material, rules), judge(material, rules, groups=groups)
    sides = [
        {each.sha256 for each in scored.tuned.calibration.images} for scored in (alone, together)
    ]
    parted = [
        sum(
            0 < sum(digest in side for digest in digests[row : row + 3]) < 3
            for row in range(0, 120, 3)
        )
        for side in sides
    ]
    assert parted[0] > 10
    assert parted[1] == 0
    assert len(sides[1]) == 36


def test_curves_count_objects_of_a_detector() -> None:
    """One curve a label, over boxes; the last step is everything that was found of it."""
    square = (10.0, 10.0, 30.0, 30.0)
    away = (60.0, 60.0, 30.0, 30.0)
    rows = [
        ([("bolt", square)], [("bolt", 90.0, square), ("bolt", 40.0, away)]),
        ([("bolt", square), ("nut", away)], [("nut", 70.0, away)]),
    ]
    curves = {curve.label: curve for curve in judge(scenes(rows, ("bolt", "nut"))).curves}
    bolt, nut = curves["bolt"], curves["nut"]
    assert (bolt.positives, bolt.confidences_percent) == (2, (90.0, 40.0))
    assert (bolt.hits, bolt.false_alarms) == ((1, 1), (0, 1))
    assert (nut.positives, nut.hits, nut.false_alarms) == (1, (1,), (0,))


def test_reasons_know_what_is_known_of_the_images() -> None:
    """The darkest images are judged worse: found with measures, and nothing said without."""
    material = simulate(Scene(images=800, bad=0.4), seed=5)
    assert judge(material).analysis.reasons.slices
    assert not judge(replace(material, measures={})).analysis.reasons.slices


def earlier_of(scored: Scored, *, same_holdout: bool = True) -> EarlierRun:
    """Return a judged model as the run before."""
    return EarlierRun(
        scored.analysis.advice, scored.comparison, {"cat": 20, "dog": 20, "yak": 20}, same_holdout
    )


def test_advice_of_the_run_before_is_judged() -> None:
    """Each piece of it, with both scores; without a run before there is none."""
    material = replace(answers(), training_images={"cat": 20, "dog": 90, "yak": 20})
    before = judge(answers(seed=7))
    assert before.analysis.advice
    past = judge(material, earlier=earlier_of(before)).analysis.past_advice
    assert [each.advice for each in past] == list(before.analysis.advice)
    assert judge(material).analysis.past_advice == ()


def test_scores_on_another_holdout_are_not_compared() -> None:
    """Then no change of F1 has an interval."""
    material = replace(answers(), training_images={"cat": 20, "dog": 90, "yak": 20})
    before = judge(answers(seed=7))
    same, other = (
        judge(material, earlier=earlier_of(before, same_holdout=same)).analysis.past_advice
        for same in (True, False)
    )
    assert any(each.change_interval for each in same)
    assert not any(each.change_interval for each in other)


def foreign(material: Material) -> Material:
    """Return the holdout with labels that the model does not know."""
    images = tuple(image(f"holdout-{n}", "emu") for n in range(len(material.judged.images)))
    return replace(material, judged=replace(material.judged, images=images))


def as_it_is(material: Material) -> Material:
    """Return the holdout."""
    return material


@pytest.mark.parametrize(
    ("change", "rules", "error", "told"),
    [
        (foreign, QUICK, DatasetGateError, "No holdout image has a label that the model knows"),
        (foreign, BEST_F1, DatasetGateError, "no label of the model has images in both parts"),
        (
            as_it_is,
            {**QUICK, "thresholds": {"labels": {"emu": {"objective": "best_f1"}}}},
            ConfigError,
            "names 'emu', which the model does not know",
        ),
    ],
)
def test_holdout_that_cannot_judge_the_model_is_refused(
    change: Callable[[Material], Material],
    rules: Mapping[str, Any],
    error: type[Exception],
    told: str,
) -> None:
    """One error that says why, in place of a score of nothing."""
    with pytest.raises(error, match=told):
        judge(change(answers()), rules)


def test_too_few_images_to_tune_are_refused_and_no_suggestion_is_made() -> None:
    """Tuning for use is an error; a suggestion is left out with a note."""
    with pytest.raises(DatasetGateError, match="cannot be tuned"):
        judge(answers(40), BEST_F1)
    scored = judge(answers(40))
    assert scored.analysis.thresholds.note.startswith("Nothing is suggested")
    assert scored.comparison.holdout.images == 40
