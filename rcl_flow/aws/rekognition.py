"""The gateway to Rekognition Custom Labels: projects, datasets, versions, detection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rcl_flow.aws.descriptions import (
    DatasetDescription,
    DatasetReference,
    ProjectDescription,
    VersionDescription,
)
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3Location
from rcl_flow.core.arns import parse_version_arn
from rcl_flow.core.boxes import Box

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_rekognition.type_defs import (
        AssetTypeDef,
        CreateProjectVersionRequestTypeDef,
        GeometryTypeDef,
        ImageTypeDef,
        ProjectDescriptionTypeDef,
        ProjectVersionDescriptionTypeDef,
        S3ObjectTypeDef,
    )


@dataclass(frozen=True, slots=True)
class DetectedLabel:
    """One label of an answer; the confidence is 0 to 100, the box None for the whole image."""

    label: str
    confidence_percent: float
    box: Box | None = None


class Rekognition:
    """Custom Labels operations in the service's words; each raises `AwsRefusedError` kinds."""

    def __init__(self, client: "RekognitionClient", caller: Caller) -> None:
        """Send calls through `client`."""
        self._client = client
        self._caller = caller

    def find_project(self, name: str) -> ProjectDescription | None:
        """Return the project of that name, or None."""
        answer = self._caller.call(self._client.describe_projects, ProjectNames=[name])
        for description in answer["ProjectDescriptions"]:
            if description["ProjectArn"].split("/")[1] == name:
                return _project(description)
        return None

    def create_project(self, name: str, tags: Mapping[str, str]) -> str:
        """Create a project and return its ARN."""
        answer = self._caller.call_once(
            self._client.create_project, ProjectName=name, Tags=dict(tags)
        )
        return answer["ProjectArn"]

    def create_dataset(
        self,
        project_arn: str,
        dataset_type: Literal["TRAIN", "TEST"],
        manifest: S3Location,
        tags: Mapping[str, str],
    ) -> str:
        """Ask for a dataset made from a manifest and return its ARN; it is made asynchronously."""
        answer = self._caller.call_once(
            self._client.create_dataset,
            ProjectArn=project_arn,
            DatasetType=dataset_type,
            DatasetSource={"GroundTruthManifest": {"S3Object": _s3_object(manifest)}},
            Tags=dict(tags),
        )
        return answer["DatasetArn"]

    def describe_dataset(self, arn: str) -> DatasetDescription:
        """Return the dataset's state."""
        answer = self._caller.call(self._client.describe_dataset, DatasetArn=arn)
        description = answer["DatasetDescription"]
        stats = description.get("DatasetStats", {})
        return DatasetDescription(
            status=description["Status"],
            status_message=description.get("StatusMessage", ""),
            total_entries=stats.get("TotalEntries", 0),
            error_entries=stats.get("ErrorEntries", 0),
        )

    def delete_dataset(self, arn: str) -> None:
        """Ask for a dataset's deletion, which is asynchronous."""
        self._caller.call(self._client.delete_dataset, DatasetArn=arn)

    def tags_of(self, arn: str) -> dict[str, str]:
        """Return the tags of a project, dataset or version."""
        answer = self._caller.call(self._client.list_tags_for_resource, ResourceArn=arn)
        return dict(answer["Tags"])

    def find_version(self, project_arn: str, name: str) -> VersionDescription | None:
        """Return the project's version of that name, or None."""
        answer = self._caller.call(
            self._client.describe_project_versions, ProjectArn=project_arn, VersionNames=[name]
        )
        for description in answer["ProjectVersionDescriptions"]:
            if description["ProjectVersionArn"].split("/")[3] == name:
                return _version(description)
        return None

    def find_version_by_arn(self, arn: str) -> VersionDescription | None:
        """Return the version of that ARN, or None.

        A version's ARN does not hold its project's, so the project is looked up by name first.
        """
        parts = parse_version_arn(arn)
        project = self.find_project(parts.project) if parts else None
        if parts is None or project is None:
            return None
        version = self.find_version(project.arn, parts.version)
        return version if version and version.arn == arn else None

    def create_version(
        self,
        project_arn: str,
        name: str,
        output: S3Location,
        *,
        kms_key_id: str | None,
        tags: Mapping[str, str],
    ) -> str:
        """Start a paid training on the project's datasets and return the new version's ARN.

        `output.key` is the prefix that the results are written under.
        """
        request: CreateProjectVersionRequestTypeDef = {
            "ProjectArn": project_arn,
            "VersionName": name,
            "OutputConfig": {"S3Bucket": output.bucket, "S3KeyPrefix": output.key},
            "Tags": dict(tags),
        }
        if kms_key_id is not None:
            request["KmsKeyId"] = kms_key_id
        answer = self._caller.call_once(self._client.create_project_version, **request)
        return answer["ProjectVersionArn"]

    def start_version(self, arn: str, *, inference_units: int) -> None:
        """Ask for the model to run; it bills from then on until it is stopped."""
        self._caller.call_once(
            self._client.start_project_version,
            ProjectVersionArn=arn,
            MinInferenceUnits=inference_units,
        )

    def stop_version(self, arn: str) -> None:
        """Ask for the model to stop."""
        self._caller.call(self._client.stop_project_version, ProjectVersionArn=arn)

    def detect(self, arn: str, image: bytes | S3Location) -> tuple[DetectedLabel, ...]:
        """Return everything that the model sees in one image (MinConfidence 0)."""
        given: ImageTypeDef = (
            {"Bytes": image} if isinstance(image, bytes) else {"S3Object": _s3_object(image)}
        )
        answer = self._caller.call(
            self._client.detect_custom_labels, ProjectVersionArn=arn, Image=given, MinConfidence=0
        )
        return tuple(
            DetectedLabel(label["Name"], label["Confidence"], _box(label.get("Geometry", {})))
            for label in answer["CustomLabels"]
        )


def _box(geometry: "GeometryTypeDef | dict[str, object]") -> Box | None:
    found = geometry.get("BoundingBox")
    if not isinstance(found, dict):
        return None
    return Box(left=found["Left"], top=found["Top"], width=found["Width"], height=found["Height"])


def _project(description: "ProjectDescriptionTypeDef") -> ProjectDescription:
    return ProjectDescription(
        arn=description["ProjectArn"],
        status=description["Status"],
        datasets=tuple(
            DatasetReference(entry["DatasetArn"], entry["DatasetType"], entry["Status"])
            for entry in description.get("Datasets", ())
        ),
    )


def _version(description: "ProjectVersionDescriptionTypeDef") -> VersionDescription:
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
    )


def _first_asset(assets: "list[AssetTypeDef] | tuple[()]") -> S3Location | None:
    for asset in assets:
        return _location(asset.get("GroundTruthManifest", {}).get("S3Object"))
    return None


def _location(given: "S3ObjectTypeDef | None") -> S3Location | None:
    if not given or "Bucket" not in given or "Name" not in given:
        return None
    return S3Location(given["Bucket"], given["Name"])


def _s3_object(location: S3Location) -> "S3ObjectTypeDef":
    return {"Bucket": location.bucket, "Name": location.key}
