"""The gateway to Rekognition Custom Labels: projects, datasets, versions, detection."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rcl_flow.aws import answers
from rcl_flow.aws.dataset_entries import DatasetEntries
from rcl_flow.aws.descriptions import (
    DatasetDescription,
    ProjectDescription,
    VersionDescription,
)
from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.model_copies import ModelCopies
from rcl_flow.aws.pacing_gate import RateGate
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3Location
from rcl_flow.core.arns import parse_version_arn
from rcl_flow.core.datasets.boxes import Box
from rcl_flow.errors import AwsRefusedError

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_rekognition.type_defs import (
        CreateProjectVersionRequestTypeDef,
        DescribeProjectsRequestTypeDef,
        DescribeProjectVersionsRequestTypeDef,
        DetectCustomLabelsRequestTypeDef,
        StartProjectVersionRequestTypeDef,
    )

_PAGE = 100
"""How many descriptions are asked for at once.

Source: botocore's Rekognition service model, ProjectsPageSize and ProjectVersionsPageSize (1.44.5).
"""


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
        self.entries = DatasetEntries(client, caller)
        """The entries of datasets."""
        self.copies = ModelCopies(client, caller)
        """Copies of versions, and the policies that permit them."""

    def find_project(self, name: str) -> ProjectDescription | None:
        """Return the project of that name, or None."""
        answer = self._caller.call(self._client.describe_projects, ProjectNames=[name])
        for description in answer["ProjectDescriptions"]:
            if description["ProjectArn"].split("/")[1] == name:
                return answers.project(description)
        return None

    def projects(self) -> Iterator[ProjectDescription]:
        """Yield every Custom Labels project of the account in the region."""
        request: DescribeProjectsRequestTypeDef = {"MaxResults": _PAGE}
        while True:
            page = self._caller.call(self._client.describe_projects, **request)
            yield from map(answers.project, page["ProjectDescriptions"])
            token = page.get("NextToken")
            if not token:
                return
            request["NextToken"] = token

    def create_project(self, name: str, tags: Mapping[str, str]) -> str:
        """Create a project and return its ARN."""
        answer = self._caller.call_once(
            self._client.create_project, ProjectName=name, Tags=dict(tags)
        )
        return answer["ProjectArn"]

    def delete_project(self, arn: str) -> None:
        """Ask for the deletion of a project without versions and datasets; it may be gone.

        Raises:
            AwsRefusedError: it still has versions or datasets.
        """
        with _gone_is_fine():
            self._caller.call(self._client.delete_project, ProjectArn=arn)

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
            DatasetSource={"GroundTruthManifest": {"S3Object": answers.s3_object(manifest)}},
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

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags to a project, dataset or version; a value that is there is replaced."""
        self._caller.call(self._client.tag_resource, ResourceArn=arn, Tags=dict(tags))

    def untag(self, arn: str, keys: Sequence[str]) -> None:
        """Remove tags from a project, dataset or version; keys that are not there do no harm."""
        self._caller.call(self._client.untag_resource, ResourceArn=arn, TagKeys=list(keys))

    def find_version(self, project_arn: str, name: str) -> VersionDescription | None:
        """Return the project's version of that name, or None."""
        answer = self._caller.call(
            self._client.describe_project_versions, ProjectArn=project_arn, VersionNames=[name]
        )
        for description in answer["ProjectVersionDescriptions"]:
            if description["ProjectVersionArn"].split("/")[3] == name:
                return answers.version(description)
        return None

    def versions(self, project_arn: str) -> Iterator[VersionDescription]:
        """Yield every version of the project, newest first.

        Raises:
            AwsRefusedError: no such project, among others.
        """
        request: DescribeProjectVersionsRequestTypeDef = {
            "ProjectArn": project_arn,
            "MaxResults": _PAGE,
        }
        while True:
            page = self._caller.call(self._client.describe_project_versions, **request)
            yield from map(answers.version, page["ProjectVersionDescriptions"])
            token = page.get("NextToken")
            if not token:
                return
            request["NextToken"] = token

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

    def start_version(
        self, arn: str, *, inference_units: int, max_inference_units: int | None = None
    ) -> None:
        """Ask for the model to run; it bills from then on until it is stopped.

        With `max_inference_units` the service adds units up to that number while it is busy.
        """
        request: StartProjectVersionRequestTypeDef = {
            "ProjectVersionArn": arn,
            "MinInferenceUnits": inference_units,
        }
        if max_inference_units is not None:
            request["MaxInferenceUnits"] = max_inference_units
        self._caller.call_once(self._client.start_project_version, **request)

    def stop_version(self, arn: str) -> None:
        """Ask for the model to stop."""
        self._caller.call(self._client.stop_project_version, ProjectVersionArn=arn)

    def delete_version(self, arn: str) -> None:
        """Ask for the deletion of a version, which is asynchronous; it may be gone.

        Raises:
            AwsRefusedError: it trains or runs.
        """
        with _gone_is_fine():
            self._caller.call(self._client.delete_project_version, ProjectVersionArn=arn)

    def detect(
        self, arn: str, image: bytes | S3Location, gate: RateGate | None = None
    ) -> tuple[DetectedLabel, ...]:
        """Return everything that the model sees in one image (MinConfidence 0).

        Whoever asks for many gives them one gate, through which each attempt goes.

        Raises:
            AwsRefusedError: the service would not judge it, or no call was answered for minutes.
            CancelledError: the gate was closed.
        """
        request: DetectCustomLabelsRequestTypeDef = {
            "ProjectVersionArn": arn,
            "Image": {"Bytes": image}
            if isinstance(image, bytes)
            else {"S3Object": answers.s3_object(image)},
            "MinConfidence": 0,
        }
        function = self._client.detect_custom_labels
        if gate is None:
            answer = self._caller.call(function, **request)
        else:
            answer = self._caller.call_through(gate, function, **request)
        return tuple(
            DetectedLabel(
                label["Name"], label["Confidence"], answers.box(label.get("Geometry", {}))
            )
            for label in answer["CustomLabels"]
        )


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    """Pass over a resource that is not there: a deletion whose answer was lost is repeated."""
    try:
        yield
    except AwsRefusedError as error:
        if classify(error) is not Failure.NOT_FOUND:
            raise
