"""The service's own evaluation of a trained version, read from the files it writes.

Source: developer guide, "Accessing the summary file" and "Accessing the evaluation manifest
snapshot", and published examples of both (read 2026-11-23).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson
from pydantic import Field

from rcl_flow.core.datasets.dataset import Task
from rcl_flow.core.values import Frozen
from rcl_flow.errors import OutputUnreadableError

_EVALUATION: Final = "rekognition-custom-labels-evaluation"
_TRAINING: Final = "rekognition-custom-labels-training"

Json = Any
"""A value in a JSON file of the service; one of another form raises a KeyError or TypeError."""


class EvaluatedLabel(Frozen):
    """One label's figures on the test dataset, at its assumed threshold; ratios 0 to 1."""

    label: str
    images: int
    precision: float
    recall: float
    f1: float
    assumed_threshold: float


class ImageOutcome(Frozen):
    """What was true and what was predicted of one test image, by the service's own flags.

    A label is named once, or once for each object that has it.
    """

    source_ref: str
    truth: tuple[str, ...]
    hits: tuple[str, ...]
    false_alarms: tuple[str, ...]
    confidences: dict[str, float] = Field(default_factory=dict)
    """0 to 1, of the labels that the snapshot lists for the image: of objects the highest of each
    label. It lists what was predicted and what was missed, but not every label."""


class Evaluation(Frozen):
    """The figures that the service reports for a trained version; ratios 0 to 1."""

    precision: float
    recall: float
    f1: float
    images: int
    training_images: int
    labels: tuple[EvaluatedLabel, ...] = Field(min_length=1)
    outcomes: tuple[ImageOutcome, ...] = Field(min_length=1)
    task: Task = "classification"
    average_precision: float | None = None
    """The mean over labels; only of a model that detects objects, as is the next."""
    average_recall: float | None = None

    @property
    def summary(self) -> str:
        """The overall score in a few words."""
        return f"test F1 {self.f1:.3f} on {self.images} images"


def parse_evaluation(summary: bytes, snapshot: bytes) -> Evaluation:
    """Read the summary file and the evaluation snapshot of the test dataset.

    Args:
        summary: the content of `EvaluationResultSummary-….json`.
        snapshot: the content of `TestingGroundTruth-….json`, JSON Lines.

    Raises:
        OutputUnreadableError: one of the two is not in the documented form.
    """
    try:
        document = orjson.loads(summary)
        details = document["EvaluationDetails"]
        aggregated = document["AggregatedEvaluationResults"]
        aggregated = aggregated.get("Metrics", aggregated)
        labels = tuple(_labels(document["LabelEvaluationResults"]))
        outcomes = tuple(_outcomes(snapshot.splitlines()))
        return Evaluation(
            precision=aggregated["Precision"],
            recall=aggregated["Recall"],
            f1=aggregated["F1Score"],
            images=details["NumberOfTestingImages"],
            training_images=details["NumberOfTrainingImages"],
            labels=labels,
            outcomes=outcomes,
            task="detection" if "AveragePrecision" in aggregated else "classification",
            average_precision=aggregated.get("AveragePrecision"),
            average_recall=aggregated.get("AverageRecall"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutputUnreadableError(
            f"The evaluation that the service wrote cannot be read: {error!r}.",
            hint="The files may have been changed, or the format is new: please report it.",
            operation="GetObject",
            code="UnreadableEvaluation",
        ) from error


def _labels(results: Iterable[Mapping[str, object]]) -> Iterator[EvaluatedLabel]:
    for result in sorted(results, key=lambda entry: str(entry["Label"])):
        metrics = result["Metrics"]
        if not isinstance(metrics, dict):
            raise TypeError("Metrics is not an object")
        yield EvaluatedLabel.model_validate(
            {
                "label": result["Label"],
                "images": result["NumberOfTestingImages"],
                "precision": metrics["Precision"],
                "recall": metrics["Recall"],
                "f1": metrics["F1Score"],
                "assumed_threshold": metrics["Threshold"],
            }
        )


def _outcomes(lines: Iterable[bytes]) -> Iterator[ImageOutcome]:
    for raw in lines:
        if not raw.strip():
            continue
        line = orjson.loads(raw)
        if f"{_EVALUATION}-metadata" in line or _has_boxes(line):
            yield _objects_outcome(line)
        else:
            yield _labels_outcome(line)


def _labels_outcome(line: Mapping[str, Json]) -> ImageOutcome:
    truth = {meta["class-name"] for _, meta in _metadata(line, _TRAINING)}
    predicted = set[str]()
    confidences: dict[str, float] = {}
    for _, meta in _metadata(line, _EVALUATION):
        flags = meta[f"{_EVALUATION}-details"]
        _note_confidence(confidences, meta["class-name"], meta)
        if flags["is-present-in-ground-truth"]:
            truth.add(meta["class-name"])
        if flags["is-true-positive"] or flags["is-false-positive"]:
            predicted.add(meta["class-name"])
    return ImageOutcome(
        source_ref=str(line["source-ref"]),
        truth=tuple(sorted(truth)),
        hits=tuple(sorted(truth & predicted)),
        false_alarms=tuple(sorted(predicted - truth)),
        confidences=confidences,
    )


def _objects_outcome(line: Mapping[str, Json]) -> ImageOutcome:
    truth = [
        label
        for name, meta in _metadata(line, _TRAINING)
        for label in _object_labels(line[name], meta)
    ]
    hits, false_alarms = [], []
    confidences: dict[str, float] = {}
    found = line.get(f"{_EVALUATION}-metadata", {"objects": [], "class-map": {}})
    labels = _object_labels(line.get(_EVALUATION, {"annotations": []}), found)
    for label, entry in zip(labels, found["objects"], strict=True):
        flags = entry[f"{_EVALUATION}-details"]
        _note_confidence(confidences, label, entry)
        if flags["is-true-positive"]:
            hits.append(label)
        elif flags["is-false-positive"]:
            false_alarms.append(label)
    return ImageOutcome(
        source_ref=str(line["source-ref"]),
        truth=tuple(sorted(truth)),
        hits=tuple(sorted(hits)),
        false_alarms=tuple(sorted(false_alarms)),
        confidences=confidences,
    )


def _note_confidence(confidences: dict[str, float], label: str, entry: Json) -> None:
    confidence = entry.get("confidence")
    if isinstance(confidence, int | float):
        confidences[label] = max(float(confidence), confidences.get(label, 0.0))


def _has_boxes(line: Mapping[str, Json]) -> bool:
    return any("class-map" in meta for _, meta in _metadata(line, _TRAINING))


def _object_labels(value: Json, metadata: Json) -> list[str]:
    names = metadata["class-map"]
    return [names[str(annotation["class_id"])] for annotation in value["annotations"]]


def _metadata(line: Mapping[str, Json], kind: str) -> Iterator[tuple[str, Json]]:
    for key, value in line.items():
        if key.startswith(f"{kind}-") and key.endswith("-metadata"):
            yield key.removesuffix("-metadata"), value
