"""Test score and holdout score side by side, with intervals, gap and the worst mistakes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from rcl_flow.core.dataset import Task
from rcl_flow.core.evaluation import Evaluation
from rcl_flow.core.predictions import RefusedImage
from rcl_flow.core.scoring.answers import Numbers
from rcl_flow.core.scoring.gaps import (
    Flags,
    Gap,
    Interval,
    Score,
    Side,
    change_interval,
    label_changes,
    label_gap,
    measure_side,
    score_label,
    score_side,
    without_optimism,
)
from rcl_flow.core.scoring.intervals import interval_of
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.judging import MarkedBox
from rcl_flow.core.scoring.metrics import outcomes_of
from rcl_flow.core.scoring.mistakes import Answered, JudgedImages
from rcl_flow.core.scoring.optimism import expected_falls
from rcl_flow.core.scoring.power import more_images
from rcl_flow.core.scoring.verdict import EvaluationRules, judge_gap
from rcl_flow.core.values import Frozen
from rcl_flow.errors import DatasetGateError

__all__ = [
    "Comparison",
    "ConfusionCell",
    "Gap",
    "Interval",
    "Judged",
    "LabelComparison",
    "Mistake",
    "Score",
    "compare",
]
_SHOWN_LABELS = 5


class LabelComparison(Frozen):
    """One label on both sides.

    `holdout` is None when no holdout image has it, `gap` when either side has no image of it.
    """

    label: str
    assumed_threshold: float
    test: Score
    holdout: Score | None
    gap: Gap | None
    chosen_threshold: float | None = None
    """At which the holdout's score is taken, where it is not the assumed one."""


class ConfusionCell(Frozen):
    """How many holdout images, or objects, of label `truth` were taken for `predicted`."""

    truth: str
    predicted: str
    count: int


class Mistake(Frozen):
    """A holdout image that was judged wrongly."""

    sha256: str
    uri: str
    truth: tuple[str, ...]
    predicted: tuple[str, ...]
    confidences_percent: dict[str, float]
    severity_percent: float
    """The highest confidence in a wrong label, or how sure the model was against a right one."""
    boxes: tuple[MarkedBox, ...] = ()
    width_pixels: int = 0
    height_pixels: int = 0


class Comparison(Frozen):
    """The whole comparison; everything the report and the decision need."""

    test: Score
    holdout: Score
    gap: Gap
    labels: tuple[LabelComparison, ...]
    unjudged_labels: tuple[str, ...]
    """Labels of the model that no holdout image has."""
    confusion: tuple[ConfusionCell, ...]
    mistakes: tuple[Mistake, ...]
    """The worst first."""
    refused: tuple[RefusedImage, ...]
    task: Task = "classification"
    """Detection counts objects, not images, in precision, recall, F1 and confusion."""
    average_precision: float | None = None
    """The service's own on the test, a mean over labels; only for detection, as is the next."""
    average_recall: float | None = None
    holdout_at_assumed: Score | None = None
    """The holdout at the assumed thresholds, where it was judged at others."""


def compare(
    evaluation: Evaluation,
    judged: Judged,
    rules: EvaluationRules,
    rng: np.random.Generator,
    thresholds: Mapping[str, float] | None = None,
) -> Comparison:
    """Compare the service's evaluation with the predictions over the holdout.

    The overall figures are the service's: unweighted means over labels, on the holdout over those
    labels that at least one image has; the gap is over the labels that both sides have images of.

    Args:
        evaluation: the service's own, over the test dataset.
        judged: at least one holdout image and its prediction.
        rules: margin, confidence level and number of resamples.
        rng: source of the resamples.
        thresholds: at which the holdout's scores are taken, 0 to 1, by label; None, or a label
            without one, for the assumed ones. The gap is always at the assumed ones.

    Raises:
        DatasetGateError: no holdout image has a label of the model, so nothing can be scored.
    """
    assumed = {entry.label: entry.assumed_threshold for entry in evaluation.labels}
    chosen = {label: (thresholds or {}).get(label, value) for label, value in assumed.items()}
    answered = Answered(evaluation.task, judged, tuple(assumed))
    found = answered.judge(chosen)
    _require_labels(found, tuple(assumed))
    holdout = at_assumed = measure_side(found.outcomes, evaluation.task, rules, rng)
    if chosen != assumed:
        outcomes = answered.outcomes(assumed)
        at_assumed = measure_side(outcomes, evaluation.task, rules, rng)
    on_test = ((o.truth, o.hits, o.false_alarms) for o in evaluation.outcomes)
    test = measure_side(outcomes_of(on_test, tuple(assumed)), evaluation.task, rules, rng)
    sides = _Sides(
        test, holdout, at_assumed, expected_falls(answered, holdout.outcomes, test.outcomes, rng)
    )
    labels = tuple(_labels(evaluation, sides, chosen, rules))
    return Comparison(
        test=_service_score(evaluation, test, rules),
        holdout=score_side(holdout, rules),
        gap=_gap(evaluation, sides, labels, rules),
        labels=labels,
        unjudged_labels=tuple(
            label for label, is_judged in zip(assumed, holdout.judged, strict=True) if not is_judged
        ),
        confusion=tuple(
            ConfusionCell(truth=truth, predicted=predicted, count=count)
            for (truth, predicted), count in sorted(found.confusion.items())
        ),
        mistakes=_mistakes(judged, found),
        refused=judged.refused,
        task=evaluation.task,
        average_precision=evaluation.average_precision,
        average_recall=evaluation.average_recall,
        holdout_at_assumed=score_side(at_assumed, rules) if chosen != assumed else None,
    )


@dataclass(frozen=True, slots=True)
class _Sides:
    test: Side
    holdout: Side
    """At the thresholds that count."""
    at_assumed: Side
    """The holdout at the assumed ones."""
    optimism: Numbers
    """How much of a fall is expected of each label for its threshold."""

    @property
    def in_both(self) -> Flags:
        return np.asarray(self.test.judged & self.holdout.judged)


def _require_labels(found: JudgedImages, labels: tuple[str, ...]) -> None:
    if not found.outcomes.judged.any():
        raise DatasetGateError(
            "No holdout image has a label that the model knows: "
            f"{', '.join(repr(label) for label in labels[:_SHOWN_LABELS])}.",
            hint="Correct the labels of the holdout, or judge it with the model made for it.",
        )


def _service_score(evaluation: Evaluation, test: Side, rules: EvaluationRules) -> Score:
    """Return the service's own figures with the intervals of its snapshot."""
    return Score(
        images=evaluation.images,
        precision=evaluation.precision,
        recall=evaluation.recall,
        f1=evaluation.f1,
        f1_interval=interval_of(test.samples.overall, rules.confidence_level),
        precision_interval=test.precision.overall,
        recall_interval=test.recall.overall,
    )


def _gap(
    evaluation: Evaluation,
    sides: _Sides,
    labels: tuple[LabelComparison, ...],
    rules: EvaluationRules,
) -> Gap:
    both = sides.in_both
    if not both.any():
        return Gap(f1=0.0, interval=(-1.0, 1.0), verdict="inconclusive")
    on_test = np.array([entry.f1 for entry in evaluation.labels])[both].mean()
    change = float(sides.at_assumed.ratios.f1[both].mean() - on_test)
    interval = change_interval(sides.at_assumed, sides.test, both, rules.confidence_level)
    optimism = max(float(sides.optimism[both].mean()), 0.0)
    harm = without_optimism(interval, optimism)
    verdict = judge_gap(harm, rules)
    images, test_images = sides.holdout.outcomes.images, sides.test.outcomes.images
    sizes = {"images": images, "test_images": test_images}
    return Gap(
        f1=change,
        interval=interval,
        verdict=verdict,
        driver=_driver(labels) if verdict == "drops" else "",
        more_images=more_images(change + optimism, harm, margin=rules.gap_margin, **sizes)
        if verdict == "inconclusive"
        else None,
        optimism=optimism,
    )


def _driver(labels: tuple[LabelComparison, ...]) -> str:
    """Return the label that falls the most, beyond what is expected; empty for a single label."""
    falls = [(each.gap.f1 + each.gap.optimism, each.label) for each in labels if each.gap]
    return min(falls)[1] if len(falls) > 1 else ""


def _labels(
    evaluation: Evaluation, sides: _Sides, chosen: Mapping[str, float], rules: EvaluationRules
) -> Iterator[LabelComparison]:
    both = sides.in_both
    compared, changes = int(both.sum()), label_changes(sides.at_assumed, sides.test)
    for index, entry in enumerate(evaluation.labels):
        gap = None
        if both[index]:
            change = float(sides.at_assumed.ratios.f1[index]) - entry.f1
            gap = label_gap(
                change,
                changes[:, index],
                rules,
                compared=compared,
                optimism=max(float(sides.optimism[index]), 0.0),
            )
        judged, threshold = sides.holdout.judged[index], chosen[entry.label]
        yield LabelComparison(
            label=entry.label,
            assumed_threshold=entry.assumed_threshold,
            test=score_label(sides.test, index, rules).model_copy(
                update=entry.model_dump(include={"images", "precision", "recall", "f1"})
            ),
            holdout=score_label(sides.holdout, index, rules) if judged else None,
            gap=gap,
            chosen_threshold=threshold if threshold != entry.assumed_threshold else None,
        )


def _mistakes(judged: Judged, found: JudgedImages) -> tuple[Mistake, ...]:
    mistakes = []
    for row, judgement in found.wrong:
        image = judged.images[row]
        mistakes.append(
            Mistake(
                sha256=image.sha256,
                uri=image.uri,
                truth=judgement.truth,
                predicted=tuple(sorted(judgement.hits + judgement.false_alarms)),
                confidences_percent=judged.predictions[image.sha256].confidences_percent,
                severity_percent=judgement.severity_percent,
                boxes=judgement.boxes,
                width_pixels=image.width_pixels,
                height_pixels=image.height_pixels,
            )
        )
    return tuple(sorted(mistakes, key=lambda mistake: (-mistake.severity_percent, mistake.sha256)))
