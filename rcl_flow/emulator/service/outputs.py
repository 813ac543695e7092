"""The files that a training writes to S3, and the members of the description that name them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rcl_flow.emulator.conditions.clock import as_datetime
from rcl_flow.emulator.data.manifests import dump_line
from rcl_flow.emulator.data.objects import ObjectStore
from rcl_flow.emulator.data.sides import Side, Sides
from rcl_flow.emulator.learning.evaluation import summary_document
from rcl_flow.emulator.service.results import TrainedResult
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
    folder: OutputFolder, arn: str, result: TrainedResult, *, ended_at: float, split_here: bool
) -> JsonObject:
    """Write how the model did, and return the description's members for it.

    Args:
        folder: Where to write.
        arn: The version's.
        result: What the training made.
        ended_at: When it ended, in seconds since 1970.
        split_here: Whether the service has made the test data itself.
    """
    ended = as_datetime(ended_at)
    summary = summary_document(
        result.evaluation,
        project_version_arn=arn,
        evaluated_at=ended,
        training_images=result.training_images,
    )
    return {
        "EvaluationResult": {
            "F1Score": result.evaluation.f1,
            "Summary": folder.write("EvaluationResultSummary", dump_line(dict(summary))),
        },
        "TrainingOutput": folder.write_lines("TrainingGroundTruth", result.training_lines(ended)),
        "TestingOutput": {
            **folder.write_lines("TestingGroundTruth", result.testing_lines(ended)),
            "AutoCreate": split_here,
        },
    }
