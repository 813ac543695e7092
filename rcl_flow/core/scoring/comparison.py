"""Test score and holdout score side by side, with intervals, gap and the worst mistakes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rcl_flow.core.dataset import DatasetImage, Task
from rcl_flow.core.evaluation import EvaluatedLabel, Evaluation
from rcl_flow.core.predictions import Prediction, RefusedImage
from rcl_flow.core.scoring.intervals import F1Samples, interval_of, mean_over, resample_f1
from rcl_flow.core.scoring.judging import Judgement, MarkedBox, judge_boxes, judge_labels
from rcl_flow.core.scoring.metrics import Outcomes, label_ratios, outcomes_of
from rcl_flow.core.scoring.verdict import EvaluationRules, Verdict, judge_gap
from rcl_flow.core.values import Frozen
from rcl_flow.errors import DatasetGateError

Interval = tuple[float, float]
_SHOWN_LABELS = 5


class Score(Frozen):
    """Precision, recall and F1 over some images, 0 to 1, with their intervals."""

    images: int
    precision: float
    recall: float
    f1: float
    f1_interval: Interval
    precision_interval: Interval | None = None
    """Of one label Wilson's, of all together by resampling; None where it is not known."""
    recall_interval: Interval | None = None
    note: str = ""
    """What to beware of, such as `3 images: nothing certain`."""


class Gap(Frozen):
    """Holdout F1 minus test F1 at the assumed thresholds, its interval, and what it means."""

    f1: float
    interval: Interval
    verdict: Verdict
    corrected_interval: Interval | None = None
    """Of one label: so wide that all labels' intervals hold together at the confidence level."""
    driver: str = ""
    """Of all together, when it drops: the label that takes the largest part of the fall."""
    more_images: int | None = None
    """When inconclusive: about how many more holdout images would settle it."""


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


@dataclass(frozen=True, slots=True)
class Judged:
    """The holdout images that were predicted, with what was predicted of them."""

    images: tuple[DatasetImage, ...]
    predictions: Mapping[str, Prediction]
    refused: tuple[RefusedImage, ...] = ()


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
        thresholds: at which the holdout's scores are taken, 0 to 1, by label; None for the
            assumed ones. The gap is always at the assumed ones.

    Raises:
        DatasetGateError: no holdout image has a label of the model, so nothing can be scored.
    """
    labels = tuple(entry.label for entry in evaluation.labels)
    thresholds = {entry.label: entry.assumed_threshold for entry in evaluation.labels}
    judge = judge_boxes if evaluation.task == "detection" else judge_labels
    judgements = [
        judge(image, judged.predictions[image.sha256], thresholds) for image in judged.images
    ]
    outcomes = outcomes_of(((j.truth, j.hits, j.false_alarms) for j in judgements), labels)
    if not outcomes.judged.any():
        raise DatasetGateError(
            "No holdout image has a label that the model knows: "
            f"{', '.join(repr(label) for label in labels[:_SHOWN_LABELS])}.",
            hint="Correct the labels of the holdout, or judge it with the model made for it.",
        )
    holdout = _side(outcomes, rules, rng)
    on_test = ((o.truth, o.hits, o.false_alarms) for o in evaluation.outcomes)
    test = _side(outcomes_of(on_test, labels), rules, rng)
    return Comparison(
        test=_test_score(evaluation, test, rules),
        holdout=holdout.score(rules),
        gap=_gap(evaluation, test, holdout, rules),
        labels=tuple(
            _label(index, entry, test, holdout, rules)
            for index, entry in enumerate(evaluation.labels)
        ),
        unjudged_labels=tuple(
            label for label, is_judged in zip(labels, holdout.judged, strict=True) if not is_judged
        ),
        confusion=_confusion(judgements),
        mistakes=_mistakes(judged, judgements),
        refused=judged.refused,
        task=evaluation.task,
        average_precision=evaluation.average_precision,
        average_recall=evaluation.average_recall,
    )


@dataclass(frozen=True, slots=True)
class _Side:
    outcomes: Outcomes
    judged: np.ndarray[tuple[int], np.dtype[np.bool_]]
    samples: F1Samples

    def score(self, rules: EvaluationRules) -> Score:
        ratios = label_ratios(self.outcomes)
        return Score(
            images=self.outcomes.images,
            precision=float(ratios.precision[self.judged].mean()),
            recall=float(ratios.recall[self.judged].mean()),
            f1=float(ratios.f1[self.judged].mean()),
            f1_interval=interval_of(self.samples.overall, rules.confidence_level),
        )

    def label_score(self, index: int, rules: EvaluationRules) -> Score:
        ratios = label_ratios(self.outcomes)
        return Score(
            images=int((self.outcomes.truth[:, index] > 0).sum()),
            precision=float(ratios.precision[index]),
            recall=float(ratios.recall[index]),
            f1=float(ratios.f1[index]),
            f1_interval=interval_of(self.samples.by_label[:, index], rules.confidence_level),
        )


def _side(outcomes: Outcomes, rules: EvaluationRules, rng: np.random.Generator) -> _Side:
    judged = outcomes.judged
    samples = resample_f1(outcomes, judged=judged, resamples=rules.resamples, rng=rng)
    return _Side(outcomes, judged, samples)


def _test_score(evaluation: Evaluation, test: _Side, rules: EvaluationRules) -> Score:
    return Score(
        images=evaluation.images,
        precision=evaluation.precision,
        recall=evaluation.recall,
        f1=evaluation.f1,
        f1_interval=interval_of(test.samples.overall, rules.confidence_level),
    )


def _gap(evaluation: Evaluation, test: _Side, holdout: _Side, rules: EvaluationRules) -> Gap:
    both = holdout.judged & test.judged
    if not both.any():
        return Gap(f1=0.0, interval=(-1.0, 1.0), verdict="inconclusive")
    on_test = np.array([entry.f1 for entry in evaluation.labels])[both].mean()
    on_holdout = label_ratios(holdout.outcomes).f1[both].mean()
    interval = interval_of(
        mean_over(holdout.samples.by_label, both) - mean_over(test.samples.by_label, both),
        rules.confidence_level,
    )
    return Gap(
        f1=float(on_holdout - on_test), interval=interval, verdict=judge_gap(interval, rules)
    )


def _label(
    index: int, entry: EvaluatedLabel, test: _Side, holdout: _Side, rules: EvaluationRules
) -> LabelComparison:
    on_test = Score(
        images=entry.images,
        precision=entry.precision,
        recall=entry.recall,
        f1=entry.f1,
        f1_interval=interval_of(test.samples.by_label[:, index], rules.confidence_level),
    )
    on_holdout = holdout.label_score(index, rules) if holdout.judged[index] else None
    gap = None
    if on_holdout is not None and test.judged[index]:
        interval = interval_of(
            holdout.samples.by_label[:, index] - test.samples.by_label[:, index],
            rules.confidence_level,
        )
        gap = Gap(
            f1=on_holdout.f1 - entry.f1, interval=interval, verdict=judge_gap(interval, rules)
        )
    return LabelComparison(
        label=entry.label,
        assumed_threshold=entry.assumed_threshold,
        test=on_test,
        holdout=on_holdout,
        gap=gap,
    )


def _confusion(judgements: Iterable[Judgement]) -> tuple[ConfusionCell, ...]:
    cells = Counter(pair for judgement in judgements for pair in judgement.confusions)
    return tuple(
        ConfusionCell(truth=truth, predicted=predicted, count=count)
        for (truth, predicted), count in sorted(cells.items())
    )


def _mistakes(judged: Judged, judgements: Sequence[Judgement]) -> tuple[Mistake, ...]:
    found = [
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
        for image, judgement in zip(judged.images, judgements, strict=True)
        if not judgement.is_right
    ]
    return tuple(sorted(found, key=lambda mistake: (-mistake.severity_percent, mistake.sha256)))
