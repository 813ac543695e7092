"""Report pages built from simulated predictions, through the real comparison and decision."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from rcl_flow.core.audit.findings import AuditReport, Finding
from rcl_flow.core.costs.cost import Prices, cost_of
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.promotion.decision import decide
from rcl_flow.core.promotion.rules import Gates
from rcl_flow.core.scoring.comparison import Comparison, compare
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.metrics import label_ratios, outcomes_of
from rcl_flow.core.scoring.predictions import Prediction, RefusedImage, predicted_labels
from rcl_flow.core.training.evaluation import EvaluatedLabel, Evaluation
from rcl_flow.report.page import Provenance, ReportPage, SplitSummary, StepTiming
from tests.builders import outcome

DIGITS = tuple("0123456789")
RULES = EvaluationRules(resamples=400)
THUMBNAIL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+k"
    "cQAAAABJRU5ErkJggg=="
)
CONFIG = """\
project: digits-demo
datasets:
  holdout: {folder: images/holdout}
gates:
  min_holdout_images: 200
  min_holdout_f1: 0.8
"""
FINDINGS = (
    Finding(
        rule="few-images",
        severity="warning",
        message="train: fewer than the recommended 15 images of 8 (12), 9 (14).",
        hint="Add images with more variation of these labels.",
        practice="D1",
    ),
    Finding(
        rule="duplicate-image",
        severity="warning",
        message="train: 3 images occur more than once; each is used once.",
        hint="Remove the copies.",
    ),
)
PROVENANCE = Provenance(
    run_id="20261123T100500-9f2c41aa",
    project="digits-demo",
    project_version_arn=(
        "arn:aws:rekognition:eu-west-1:111122223333:project/digits-demo/version/"
        "v-3f9a1c02/1795428300000"
    ),
    model_status="STOPPED",
    backend="aws",
    region="eu-west-1",
    started_at=datetime(2026, 11, 23, 10, 5, tzinfo=UTC),
    finished_at=datetime(2026, 11, 23, 10, 5, tzinfo=UTC) + timedelta(seconds=5025),
    program_version="0.1.0",
    config_text=CONFIG,
    datasets=(
        SplitSummary("train", 640, 10, "a3" * 32),
        SplitSummary("test", 160, 10, "7c" * 32),
        SplitSummary("holdout", 988, 10, "e1" * 32),
    ),
    steps=(
        StepTiming("read_datasets", 0.84, reused=False, detail="1,788 images in 3 datasets"),
        StepTiming("audit_datasets", 0.21, reused=False, detail="2 findings"),
        StepTiming("upload", 12.4, reused=True, detail="800 images, 2 manifests"),
        StepTiming("ensure_project", 0.3, reused=True, detail="digits-demo"),
        StepTiming("train", 3671.0, reused=True, detail="v-3f9a1c02, TRAINING_COMPLETED"),
        StepTiming("predict_holdout", 402.6, reused=False, detail="988 predictions"),
    ),
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is simulated: how many images, how often the model is right, on which labels."""

    labels: tuple[str, ...] = DIGITS
    test_images: int = 160
    holdout_images: int = 988
    test_accuracy: float = 0.985
    holdout_accuracy: float = 0.98
    unjudged: tuple[str, ...] = ()
    refused: int = 0
    seed: int = 11


def build_page(scenario: Scenario | None = None, *, gates: Gates | None = None) -> ReportPage:
    """Return the page of a simulated run on AWS whose model was stopped."""
    comparison = build_comparison(scenario or Scenario())
    gates = gates or Gates()
    prices = Prices()
    return ReportPage(
        comparison=comparison,
        decision=decide(comparison, gates),
        audit=AuditReport(findings=FINDINGS),
        cost=cost_of(training_seconds_billed=3600, inference_unit_seconds=900, prices=prices),
        prices=prices,
        gates=gates,
        rules=RULES,
        provenance=PROVENANCE,
        thumbnails={mistake.sha256: THUMBNAIL for mistake in comparison.mistakes},
    )


@cache
def build_comparison(scenario: Scenario) -> Comparison:
    """Simulate an evaluation and predictions, and compare them, once for each scenario."""
    rng = np.random.default_rng(scenario.seed)
    return compare(_evaluation(scenario, rng), _judged(scenario, rng), RULES, rng)


def build_material(scenario: Scenario) -> Material:
    """Return what `build_comparison` compares."""
    rng = np.random.default_rng(scenario.seed)
    evaluation, judged = _evaluation(scenario, rng), _judged(scenario, rng)
    return Material(evaluation, judged, _thresholds(scenario))


def on_emulator(page: ReportPage) -> ReportPage:
    """Return the same page as if the run had used the emulator."""
    return replace(page, provenance=replace(page.provenance, backend="emulator"))


def with_status(page: ReportPage, model_status: str) -> ReportPage:
    """Return the same page with another status of the model."""
    return replace(page, provenance=replace(page.provenance, model_status=model_status))


def _evaluation(scenario: Scenario, rng: np.random.Generator) -> Evaluation:
    thresholds = _thresholds(scenario)
    images = _images("test", scenario.labels, scenario.test_images)
    outcomes = tuple(
        outcome(
            image.uri,
            image.labels,
            predicted_labels(
                _prediction(image, scenario.labels, scenario.test_accuracy, rng), thresholds
            ),
        )
        for image in images
    )
    counted = outcomes_of(((o.truth, o.hits, o.false_alarms) for o in outcomes), scenario.labels)
    ratios = label_ratios(counted)
    return Evaluation(
        precision=float(ratios.precision.mean()),
        recall=float(ratios.recall.mean()),
        f1=float(ratios.f1.mean()),
        images=len(images),
        training_images=4 * len(images),
        labels=tuple(
            EvaluatedLabel(
                label=label,
                images=int(counted.truth[:, index].sum()),
                precision=float(ratios.precision[index]),
                recall=float(ratios.recall[index]),
                f1=float(ratios.f1[index]),
                assumed_threshold=thresholds[label],
            )
            for index, label in enumerate(scenario.labels)
        ),
        outcomes=outcomes,
    )


def _judged(scenario: Scenario, rng: np.random.Generator) -> Judged:
    labels = tuple(label for label in scenario.labels if label not in scenario.unjudged)
    images = _images("holdout", labels, scenario.holdout_images)
    predictions = [
        _prediction(image, scenario.labels, scenario.holdout_accuracy, rng) for image in images
    ]
    return Judged(
        images=images,
        predictions={prediction.sha256: prediction for prediction in predictions},
        refused=tuple(
            RefusedImage(sha256=_digest("refused", index), code="InvalidImage", message="Broken.")
            for index in range(scenario.refused)
        ),
    )


def _images(split: str, labels: tuple[str, ...], count: int) -> tuple[DatasetImage, ...]:
    return tuple(
        DatasetImage(
            uri=f"images/{split}/{index:04d}.png",
            sha256=_digest(split, index),
            size_bytes=1000,
            image_format="PNG",
            labels=(labels[index % len(labels)],),
        )
        for index in range(count)
    )


def _prediction(
    image: DatasetImage, labels: tuple[str, ...], accuracy: float, rng: np.random.Generator
) -> Prediction:
    truth = labels.index(image.labels[0])
    other = labels[(truth + int(rng.integers(1, len(labels)))) % len(labels)]
    high = float(rng.uniform(60, 99.5))
    low = float(rng.uniform(0, 30))
    if rng.random() < accuracy:
        confidences = {labels[truth]: high, other: low}
    elif rng.random() < 0.3:
        confidences = {labels[truth]: low, other: low / 2}
    else:
        confidences = {labels[truth]: low, other: high}
    return Prediction(sha256=image.sha256, confidences_percent=confidences)


def _thresholds(scenario: Scenario) -> dict[str, float]:
    return {
        label: 0.35 + 0.2 * index / len(scenario.labels)
        for index, label in enumerate(scenario.labels)
    }


def _digest(split: str, index: int) -> str:
    return hashlib.sha256(f"{split} {index}".encode()).hexdigest()
