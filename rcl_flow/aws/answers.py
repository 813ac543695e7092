"""Turns boto's dictionaries about projects and versions into descriptions, and back."""

from typing import TYPE_CHECKING

from rcl_flow.aws.descriptions import DatasetReference, ProjectDescription, VersionDescription
from rcl_flow.aws.s3 import S3Location
from rcl_flow.core.datasets.boxes import Box

if TYPE_CHECKING:
    from types_boto3_rekognition.type_defs import (
        AssetTypeDef,
        GeometryTypeDef,
        ProjectDescriptionTypeDef,
        ProjectVersionDescriptionTypeDef,
        S3ObjectTypeDef,
    )


def box(geometry: "GeometryTypeDef | dict[str, object]") -> Box | None:
    """Return the box of a detected label, or None when the label is the whole image's."""
    found = geometry.get("BoundingBox")
    if not isinstance(found, dict):
        return None
    return Box(left=found["Left"], top=found["Top"], width=found["Width"], height=found["Height"])


def project(description: "ProjectDescriptionTypeDef") -> ProjectDescription:
    """Return a project as the gateway describes it."""
    return ProjectDescription(
        arn=description["ProjectArn"],
        status=description["Status"],
        datasets=tuple(
            DatasetReference(entry["DatasetArn"], entry["DatasetType"], entry["Status"])
            for entry in description.get("Datasets", ())
        ),
    )


def version(description: "ProjectVersionDescriptionTypeDef") -> VersionDescription:
    """Return a project version as the gateway describes it."""
    training = description.get("TrainingDataResult", {})
    testing = description.get("TestingDataResult", {})
    evaluation = description.get("EvaluationResult", {})
    return VersionDescription(
        arn=description["ProjectVersionArn"],
        name=description["ProjectVersionArn"].split("/")[3],
        status=description["Status"],
        status_message=description.get("StatusMessage", ""),
        created_at=description["CreationTimestamp"],
        training_seconds_billed=description.get("BillableTrainingTimeInSeconds", 0),
        summary=_location(evaluation.get("Summary", {}).get("S3Object")),
        test_snapshot=_first_asset(testing.get("Output", {}).get("Assets", ())),
        manifest_summary=_location(description.get("ManifestSummary", {}).get("S3Object")),
        train_validation=_first_asset(training.get("Validation", {}).get("Assets", ())),
        test_validation=_first_asset(testing.get("Validation", {}).get("Assets", ())),
        inference_units=description.get("MinInferenceUnits", 0),
        source_version_arn=description.get("SourceProjectVersionArn", ""),
    )


def _first_asset(assets: "list[AssetTypeDef] | tuple[()]") -> S3Location | None:
    for asset in assets:
        return _location(asset.get("GroundTruthManifest", {}).get("S3Object"))
    return None


def _location(given: "S3ObjectTypeDef | None") -> S3Location | None:
    if not given or "Bucket" not in given or "Name" not in given:
        return None
    return S3Location(given["Bucket"], given["Name"])


def s3_object(location: S3Location) -> "S3ObjectTypeDef":
    """Return a location in the form that the service takes."""
    return {"Bucket": location.bucket, "Name": location.key}
