"""Test score and holdout score side by side, with intervals, gap and the worst mistakes."""

from collections.abc import Iterator, Mapping

import numpy as np

from rcl_flow.core.datasets.dataset import Task
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.gap_verdicts import Sides, label_gaps, overall_gap
from rcl_flow.core.scoring.gaps import (
    Gap,
    Interval,
    Score,
    Side,
    measure_side,
    score_label,
    score_side,
)
from rcl_flow.core.scoring.intervals import interval_of
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.judging import MarkedBox
from rcl_flow.core.scoring.metrics import outcomes_of
from rcl_flow.core.scoring.mistakes import Answered, JudgedImages
from rcl_flow.core.scoring.optimism import expected_falls
from rcl_flow.core.scoring.parity import recompute
from rcl_flow.core.scoring.predictions import RefusedImage
from rcl_flow.core.training.evaluation import Evaluation
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
_SHOWN_DIFFERENCE = 0.0005
"""A score that its snapshot gives otherwise says so from here on: where three decimals differ."""


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
    untested_labels: tuple[str, ...] = ()
    """Labels of the model that no test image has."""
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
    labels that at least one image has; the gap is over the labels that both sides have images of,
    and its test side is counted from the snapshot's own flags, which its interval is of too.

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
    # what the gap is made of has draws of its own, which no choice of thresholds shifts
    of_test, of_gap, of_falls, of_chosen = rng.spawn(4)
    on_test = ((o.truth, o.hits, o.false_alarms) for o in evaluation.outcomes)
    test = measure_side(outcomes_of(on_test, tuple(assumed)), evaluation.task, rules, of_test)
    outcomes = found.outcomes if chosen == assumed else answered.outcomes(assumed)
    holdout = at_assumed = measure_side(outcomes, evaluation.task, rules, of_gap)
    if chosen != assumed:
        holdout = measure_side(found.outcomes, evaluation.task, rules, of_chosen)
    falls = expected_falls(answered, at_assumed.outcomes, test.outcomes, of_falls)
    sides = Sides(test, at_assumed, falls)
    labels = tuple(_labels(evaluation, sides, holdout, chosen, rules))
    return Comparison(
        test=_service_score(evaluation, test, rules),
        holdout=score_side(holdout, rules),
        gap=overall_gap(sides, rules, {each.label: each.gap for each in labels}),
        labels=labels,
        unjudged_labels=_without_images(tuple(assumed), holdout),
        untested_labels=_without_images(tuple(assumed), test),
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


def _without_images(labels: tuple[str, ...], side: Side) -> tuple[str, ...]:
    return tuple(label for label, counts in zip(labels, side.judged, strict=True) if not counts)


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
        note=_differing(evaluation.f1, recompute(evaluation).f1),
    )


def _differing(reported: float, recounted: float) -> str:
    """Say that the snapshot gives another F1 than the summary; empty where it does not."""
    if abs(reported - recounted) < _SHOWN_DIFFERENCE:
        return ""
    return f"its own snapshot gives {recounted:.3f}"


def _labels(
    evaluation: Evaluation,
    sides: Sides,
    holdout: Side,
    chosen: Mapping[str, float],
    rules: EvaluationRules,
) -> Iterator[LabelComparison]:
    gaps = label_gaps(sides, rules)
    for index, entry in enumerate(evaluation.labels):
        on_test = score_label(sides.test, index, rules)
        notes = (_differing(entry.f1, on_test.f1), on_test.note)
        reported = entry.model_dump(include={"images", "precision", "recall", "f1"})
        judged, threshold = holdout.judged[index], chosen[entry.label]
        yield LabelComparison(
            label=entry.label,
            assumed_threshold=entry.assumed_threshold,
            test=on_test.model_copy(
                update={**reported, "note": "; ".join(note for note in notes if note)}
            ),
            holdout=score_label(holdout, index, rules) if judged else None,
            gap=gaps[index],
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
