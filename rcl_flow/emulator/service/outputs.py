"""The files that a training writes to S3, and the members of the description that name them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rcl_flow.emulator.conditions.clock import as_datetime
from rcl_flow.emulator.data.manifests import dump_line
from rcl_flow.emulator.data.objects import ObjectStore
from rcl_flow.emulator.data.sides import Side, Sides
from rcl_flow.emulator.learning.evaluation import (
    Evaluation,
    snapshot_lines,
    summary_document,
    training_snapshot_lines,
)
from rcl_flow.emulator.service.training import TrainingOutcome
from rcl_flow.emulator.shapes import JsonObject


@dataclass(frozen=True)
class OutputFolder:
    """Where a version's files go, and what ends their names."""

    objects: ObjectStore
    bucket: str
    prefix: str
    suffix: str

    def write(self, kind: str, text: str) -> JsonObject:
        """Write one file and return the `S3Object` member that names it.

        Raises:
            ObjectUnavailableError: The bucket is gone.
        """
        key = f"{self.prefix}{kind}-{self.suffix}.json"
        self.objects.write(self.bucket, key, text.encode())
        return {"S3Object": {"Bucket": self.bucket, "Name": key}}

    def write_lines(self, kind: str, lines: Iterable[Mapping[str, object]]) -> JsonObject:
        """Write one file of JSON Lines and return the asset list that names it."""
        text = "".join(dump_line(dict(line)) + "\n" for line in lines)
        return {"Assets": [{"GroundTruthManifest": self.write(kind, text)}]}


def output_folder(
    objects: ObjectStore, config: JsonObject, project_name: str, version_name: str
) -> OutputFolder:
    """Return the folder that a request's OutputConfig names."""
    prefix = config.get("S3KeyPrefix", "").rstrip("/")
    return OutputFolder(
        objects,
        bucket=config["S3Bucket"],
        prefix=f"{prefix}/" if prefix else "",
        suffix=f"{project_name}-{version_name}",
    )


def write_validation(folder: OutputFolder, request: JsonObject, sides: Sides) -> JsonObject:
    """Write what was found in the manifests, and return the description's members for it."""
    testing = sides.testing or Side(())
    return {
        "ManifestSummary": folder.write("ManifestSummary", dump_line(sides.summary())),
        "TrainingDataResult": {
            "Input": request.get("TrainingData", {}),
            "Validation": folder.write_lines(
                "TrainingManifestWithValidation", sides.training.with_validation()
            ),
        },
        "TestingDataResult": {
            "Input": request.get("TestingData", {"AutoCreate": False}),
            "Validation": folder.write_lines(
                "TestingManifestWithValidation", testing.with_validation()
            ),
        },
    }


def write_evaluation(
    folder: OutputFolder,
    arn: str,
    outcome: TrainingOutcome,
    evaluation: Evaluation,
    *,
    ended_at: float,
) -> JsonObject:
    """Write how the model did, and return the description's members for it."""
    ended, trained_on = as_datetime(ended_at), _training_entries(outcome)
    summary = summary_document(
        evaluation,
        project_version_arn=arn,
        evaluated_at=ended,
        training_images=len(trained_on),
    )
    training = training_snapshot_lines(trained_on, created_at=ended)
    testing = snapshot_lines(outcome.images, evaluation, created_at=ended)
    split_here = outcome.sides is not None and outcome.sides.split_here
    return {
        "EvaluationResult": {
            "F1Score": evaluation.f1,
            "Summary": folder.write("EvaluationResultSummary", dump_line(dict(summary))),
        },
        "TrainingOutput": folder.write_lines("TrainingGroundTruth", training),
        "TestingOutput": {
            **folder.write_lines("TestingGroundTruth", testing),
            "AutoCreate": split_here,
        },
    }


def _training_entries(outcome: TrainingOutcome) -> list[tuple[str, frozenset[str]]]:
    lines = outcome.sides.training.usable() if outcome.sides else []
    return [(line.source_ref, frozenset(line.labels)) for line in lines]
