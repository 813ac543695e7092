"""The figures against scikit-learn and pycocotools, on data drawn at random."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    precision_recall_fscore_support,
)

from rcl_flow.core.datasets.boxes import DetectedBox, PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.answers import NOT_ANSWERED, LabelAnswers, ObjectAnswers
from rcl_flow.core.scoring.calibration import calibrate
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.judging import judge_labels
from rcl_flow.core.scoring.matching import places_in_groups
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.metrics import label_ratios
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.scoring.quality import MOST_BOXES, Quality, judge_quality
from rcl_flow.core.scoring.ranking import (
    average_precision,
    ranked_labels,
)
from rcl_flow.core.training.evaluation import EvaluatedLabel, Evaluation, ImageOutcome
from tests.builders import image, prediction, sha256_of
from tests.unit.core.scoring.coco_judge import coco_boxes, judged_by_coco
from tests.unit.core.scoring.crowds import Crowd, crowd

CLASSES = tuple("abcdef")
SHAPES = {
    "single label": (400, 1.0, 0),
    "several labels": (300, 0.3, 0),
    "equal confidences": (300, 0.3, 7),
    "few images": (12, 0.4, 3),
}
"""Images, share of labels (1 for one label an image), different confidences (0 for any)."""


def drawn(shape: str, seed: int) -> LabelAnswers:
    """Return answers of a model that is right more often than not; no image has the last label."""
    images, share, different = SHAPES[shape]
    rng = np.random.default_rng(seed)
    truth = rng.random((images, len(CLASSES))) < share
    if share == 1:
        truth = np.eye(len(CLASSES), dtype=np.bool_)[rng.integers(0, len(CLASSES) - 1, images)]
    truth[:, -1] = False
    percents = 60 * rng.random(truth.shape) + 40 * truth
    if different:
        percents = (percents * different / 100).round() * 100 / different
    return LabelAnswers(CLASSES, truth, percents)


labels_drawn = pytest.mark.parametrize(
    "answers",
    [pytest.param(drawn(shape, seed), id=f"{shape} {seed}") for shape in SHAPES for seed in (1, 2)],
)


def judged_labels(answers: LabelAnswers, least: float) -> Quality:
    """Return the quality of the answers, given as predictions of images."""
    images, said = [], {}
    for row in range(answers.images):
        shown = [
            label for label, is_true in zip(CLASSES, answers.truth[row], strict=True) if is_true
        ]
        images.append(image(str(row), *shown))
        percents = answers.confidences_percent[row].tolist()
        answer = prediction(str(row), **dict(zip(CLASSES, percents, strict=True)))
        said[answer.sha256] = answer
    judged = Judged(tuple(images), said)
    return judge_quality(Material(made_up(CLASSES), judged, dict.fromkeys(CLASSES, least)))


def made_up(labels: tuple[str, ...], **changes: Any) -> Evaluation:  # noqa: ANN401  # any field
    """Return the service's evaluation, of which only the labels and the task play a part."""
    entries = tuple(
        EvaluatedLabel(label=label, images=1, precision=1, recall=1, f1=1, assumed_threshold=0.5)
        for label in labels
    )
    outcome = ImageOutcome(source_ref="s3://b/1", truth=(), hits=(), false_alarms=())
    figures = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "images": 1, "training_images": 1}
    return Evaluation(labels=entries, outcomes=(outcome,), **{**figures, **changes})


@labels_drawn
@pytest.mark.parametrize("least", [0.3, 0.5])
def test_ratios_are_those_of_scikit_learn(answers: LabelAnswers, least: float) -> None:
    """Of each label, and of all counted together; equal confidences reach the threshold."""
    predicted = answers.confidences_percent >= least * 100
    theirs = precision_recall_fscore_support(answers.truth, predicted, zero_division=0)
    ratios = label_ratios(answers.at(dict.fromkeys(CLASSES, least)))
    ours = (ratios.precision, ratios.recall, ratios.f1)
    np.testing.assert_allclose(np.array(ours), np.array(theirs[:3]), rtol=0, atol=1e-12)
    together = precision_recall_fscore_support(
        answers.truth, predicted, average="micro", zero_division=0
    )
    quality = judged_labels(answers, least)
    micro = (quality.micro_precision, quality.micro_recall, quality.micro_f1)
    assert micro == pytest.approx(together[:3], rel=0, abs=1e-12)
    assert quality.micro_f1 > 0.2


@labels_drawn
def test_average_precision_is_that_of_scikit_learn(answers: LabelAnswers) -> None:
    """Of each label and their mean, over the labels that an image has."""
    known = answers.truth.any(axis=0)
    theirs = [
        average_precision_score(answers.truth[:, column], answers.confidences_percent[:, column])
        for column in np.flatnonzero(known)
    ]
    ours = [average_precision(ranked) for ranked in ranked_labels(answers)]
    assert [figure is not None for figure in ours] == known.tolist()
    assert [each for each in ours if each is not None] == pytest.approx(theirs, rel=0, abs=1e-12)
    mean = judged_labels(answers, 0.5).mean_average_precision
    assert mean == pytest.approx(
        average_precision_score(answers.truth[:, known], answers.confidences_percent[:, known]),
        rel=0,
        abs=1e-12,
    )


@labels_drawn
def test_average_precision_of_what_was_answered_is_that_of_scikit_learn(
    answers: LabelAnswers,
) -> None:
    """What was not answered is never found: its share of the true labels brings nothing."""
    hidden = np.random.default_rng(3).random(answers.truth.shape) < 0.3
    some = LabelAnswers(
        CLASSES, answers.truth, np.where(hidden, NOT_ANSWERED, answers.confidences_percent)
    )
    for column, ranked in enumerate(ranked_labels(some)):
        there = ~hidden[:, column]
        truth = answers.truth[there, column]
        if truth.any():
            theirs = average_precision_score(truth, answers.confidences_percent[there, column])
            share = truth.sum() / answers.truth[:, column].sum()
            assert average_precision(ranked) == pytest.approx(theirs * share, rel=0, abs=1e-12)


@labels_drawn
def test_calibration_is_that_of_scikit_learn(answers: LabelAnswers) -> None:
    """Brier score and, away from the borders of the ranges, the reliability curve."""
    ratios, truth = answers.confidences_percent.ravel() / 100, answers.truth.ravel()
    ours = calibrate(answers.confidences_percent.ravel(), truth)
    assert ours.brier_score == pytest.approx(brier_score_loss(truth, ratios), rel=0, abs=1e-12)
    right, mean = calibration_curve(truth, ratios, n_bins=10)
    filled = [each for each in ours.bins if each.answers]
    assert [each.share_right for each in filled] == pytest.approx(right, rel=0, abs=1e-12)
    means = [each.mean_confidence_percent / 100 for each in filled]
    assert means == pytest.approx(mean, rel=0, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_confusions_of_single_labels_are_those_of_scikit_learn(seed: int) -> None:
    """One label an image, one or none predicted: none is a row of its own."""
    rng = np.random.default_rng(seed)
    names = (*CLASSES, "")
    truth = rng.integers(0, len(CLASSES), 500)
    said = np.where(rng.random(500) < 0.7, truth, rng.integers(0, len(names), 500))
    least = dict.fromkeys(CLASSES, 0.5)
    cells: Counter[tuple[str, str]] = Counter()
    for number, (true, predicted) in enumerate(zip(truth.tolist(), said.tolist(), strict=True)):
        percents = {name: 90.0 if name == names[predicted] else 4.0 for name in CLASSES}
        shown = image(str(number), names[true])
        cells.update(judge_labels(shown, prediction(str(number), **percents), least).confusions)
    ours = [[cells[row, column] for column in names] for row in names]
    assert ours == confusion_matrix(truth, said, labels=range(len(names))).tolist()


CROWDS = {
    "crowded": Crowd(),
    "equal confidences": Crowd(confidences=5),
    "one label": Crowd(labels=("bolt",), true_labels=1, most_true=12),
    "sparse": Crowd(images=150, most_true=1, most_found_each=1, false_alarms=1),
    "more boxes than count": Crowd(images=4, most_true=60, most_found_each=8, true_labels=1),
    "nothing true": Crowd(images=10, most_true=0),
    "nothing found": Crowd(images=10, most_found_each=0, false_alarms=0),
}
objects_drawn = pytest.mark.parametrize(
    "answers",
    [
        pytest.param(crowd(seed, like), id=f"{name} {seed}")
        for name, like in CROWDS.items()
        for seed in (1, 2)
    ],
)


def quality_of(answers: ObjectAnswers) -> Quality:
    """Return the quality of a detector with those answers, on images of one pixel."""
    images, said = [], {}
    true, found = coco_boxes(answers.true_boxes), coco_boxes(answers.found_boxes)
    for row in range(answers.images):
        sha256 = sha256_of(str(row))
        boxes = tuple(
            PixelBox(answers.labels[answers.true_labels[index]], *true[index])
            for index in np.flatnonzero(answers.true_images == row)
        )
        images.append(DatasetImage("a.png", sha256, 1, "PNG", (), boxes, 1, 1))
        detected = tuple(
            DetectedBox(
                label=answers.labels[answers.found_labels[index]],
                confidence_percent=float(answers.confidences_percent[index]),
                box=PixelBox("", *found[index]).within(1, 1),
            )
            for index in np.flatnonzero(answers.found_images == row)
        )
        said[sha256] = Prediction(sha256=sha256, confidences_percent={}, boxes=detected)
    evaluation = made_up(answers.labels, task="detection")
    judged = Judged(tuple(images), said)
    return judge_quality(Material(evaluation, judged, dict.fromkeys(answers.labels, 0.5)))


@objects_drawn
def test_objects_are_judged_as_by_pycocotools(answers: ObjectAnswers) -> None:
    """Average precision at 0.5 and over the overlaps, and recall: of each label and the means."""
    coco = judged_by_coco(answers)
    quality = quality_of(answers)
    precision = coco["precision"][:, :, :, 0, -1].mean(axis=1)
    recall = coco["recall"][:, :, 0, -1]
    for number, label in enumerate(quality.labels):
        ours = (label.average_precision, label.average_precision_50_95, label.average_recall)
        if label.positives == 0:
            assert (ours, precision[0, number]) == ((None,) * 3, -1)
            continue
        theirs = (precision[0, number], precision[:, number].mean(), recall[:, number].mean())
        assert ours == pytest.approx(theirs, rel=0, abs=1e-12)
    means = (
        quality.mean_average_precision,
        quality.mean_average_precision_50_95,
        quality.average_recall,
    )
    known = [number for number, label in enumerate(quality.labels) if label.positives]
    theirs = (
        (precision[0, known].mean(), precision[:, known].mean(), recall[:, known].mean())
        if known
        else (0.0,) * 3
    )
    assert means == pytest.approx(theirs, rel=0, abs=1e-12)


def test_crowds_hold_what_they_are_meant_to() -> None:
    """Hits and false alarms, images without boxes, equal confidences, too many boxes."""
    assert 0.2 < quality_of(crowd(1)).mean_average_precision < 0.9
    equal = crowd(1, CROWDS["equal confidences"])
    assert len(np.unique(equal.confidences_percent)) == 5
    sparse = crowd(1, CROWDS["sparse"])
    assert len(np.unique(sparse.true_images)) < sparse.images
    assert places_in_groups(crowd(1, CROWDS["more boxes than count"])).max() > MOST_BOXES
    assert 3 not in crowd(1).true_labels
    assert 3 in crowd(1).found_labels
