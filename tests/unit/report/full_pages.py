"""Report pages with everything that an analysis finds out, built by hand on simulated answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rcl_flow.core.datasets.boxes import Box, DetectedBox, PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.answers import LabelAnswers
from rcl_flow.core.scoring.comparison import compare
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.scoring.ranking import LabelCurve
from rcl_flow.core.training.evaluation import EvaluatedLabel, Evaluation
from rcl_flow.report.page import ReportPage
from rcl_flow.report.shown_images import shown_images
from tests.builders import outcome
from tests.unit.report.analyses import analysis_of
from tests.unit.report.pages import (
    RULES,
    THUMBNAIL,
    Scenario,
    build_material,
    build_page,
)

CERTIFICATE = "No image of the holdout, nor a near copy of one, is in the training or test data."


def full_page(scenario: Scenario | None = None) -> ReportPage:
    """Return a page of image-level labels with analysis, curves, images and earlier runs."""
    scenario = scenario or Scenario(holdout_accuracy=0.85)
    return with_everything(build_page(scenario), build_material(scenario))


def with_everything(page: ReportPage, material: Material) -> ReportPage:
    """Return the page with all that can be found out of the material."""
    analysis = analysis_of(page.comparison, material)
    worst = {digest for part in analysis.reasons.slices for digest in part.sha256s}
    images = shown_images(material, page.comparison, also=worst)
    advised = [image.sha256 for advice in analysis.advice for image in advice.images]
    return replace(
        page,
        analysis=analysis,
        curves=curves_of(material.labels_answered),
        images=images,
        thumbnails={digest: THUMBNAIL for digest in [*(i.sha256 for i in images), *advised]},
        certificate=CERTIFICATE,
        previous_runs=(("20261101T090000-11112222", 0.81), ("20261112T090000-33334444", 0.84)),
    )


def curves_of(answers: LabelAnswers) -> tuple[LabelCurve, ...]:
    """Count hits and false alarms at or above every confidence, label by label."""
    return tuple(
        curve_of(label, answers.truth[:, column], answers.confidences_percent[:, column])
        for column, label in enumerate(answers.labels)
        if answers.truth[:, column].any()
    )


def curve_of(
    label: str, truth: Sequence[bool] | np.ndarray, confidences: Sequence[float] | np.ndarray
) -> LabelCurve:
    """Count the plain way: for every confidence that was answered, all that reach it."""
    answered = [
        (float(c), bool(t)) for c, t in zip(confidences, truth, strict=True) if float(c) >= 0
    ]
    hits, others = Counter[float](), Counter[float]()
    for confidence, right in answered:
        (hits if right else others)[confidence] += 1
    steps = sorted(hits.keys() | others.keys(), reverse=True)
    return LabelCurve(
        label=label,
        positives=int(np.sum(np.asarray(truth))),
        confidences_percent=tuple(steps),
        hits=tuple(int(n) for n in np.cumsum([hits[step] for step in steps])),
        false_alarms=tuple(int(n) for n in np.cumsum([others[step] for step in steps])),
    )


def detection_page(images: int = 60) -> ReportPage:
    """Return a full page of a model that detects bolts and nuts, some shifted, some not found."""
    evaluation, judged = _parts(images)
    thresholds = {entry.label: entry.assumed_threshold for entry in evaluation.labels}
    comparison = compare(evaluation, judged, RULES, np.random.default_rng(5))
    material = Material(evaluation, judged, thresholds)
    return with_everything(replace(build_page(), comparison=comparison), material)


def _parts(count: int) -> tuple[Evaluation, Judged]:
    rng = np.random.default_rng(4)
    images, predictions = [], {}
    for index in range(count):
        boxes = [
            PixelBox(
                label=("bolt", "nut")[part % 2],
                left=20.0 + 90 * part,
                top=30.0 + 10 * part,
                width=70.0,
                height=60.0,
            )
            for part in range(1 + index % 3)
        ]
        image = DatasetImage(
            uri=f"s3://parts/{index:03}.jpg",
            sha256=f"{index:064x}",
            size_bytes=1000,
            image_format="JPEG",
            labels=tuple(sorted({box.label for box in boxes})),
            boxes=tuple(boxes),
            width_pixels=320,
            height_pixels=240,
        )
        found = tuple(_found(box, rng) for box in boxes if rng.random() < 0.85)
        images.append(image)
        predictions[image.sha256] = Prediction(
            sha256=image.sha256,
            confidences_percent={box.label: box.confidence_percent for box in found},
            boxes=found,
        )
    labels = tuple(
        EvaluatedLabel(
            label=label, images=20, precision=0.9, recall=0.9, f1=0.9, assumed_threshold=0.4
        )
        for label in ("bolt", "nut")
    )
    both = ("bolt", "nut")
    outcomes = tuple(outcome(f"{n}", both, both[: 1 + n % 2]) for n in range(20))
    evaluation = Evaluation(
        precision=0.9,
        recall=0.9,
        f1=0.9,
        images=20,
        training_images=80,
        labels=labels,
        outcomes=outcomes,
        task="detection",
        average_precision=0.85,
        average_recall=0.8,
    )
    return evaluation, Judged(images=tuple(images), predictions=predictions)


def _found(box: PixelBox, rng: np.random.Generator) -> DetectedBox:
    place = box.within(320, 240)
    shift = 0.12 if rng.random() < 0.15 else 0.01
    return DetectedBox(
        label=box.label,
        confidence_percent=float(np.float32(rng.uniform(30, 99.9))),
        box=Box(
            left=place.left + shift, top=place.top + shift, width=place.width, height=place.height
        ),
    )
