"""Calls to Rekognition that can do nothing, one for each operation that a run needs.

Each names a resource that cannot exist: its number is a time in 1970, before the service. What
could create something is besides given what the service refuses, so that nothing ever bills.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient

PROBE_NAME: Final = "rcl-flow-doctor"
_NO_PROJECT_NAME: Final = "rcl-flow doctor!"
"""The service's pattern for names has neither blank nor exclamation mark."""
_NUMBER: Final = 1
_PIXEL: Final = b"\x89PNG\r\n\x1a\n"

Call = tuple[Callable[..., object], Mapping[str, object]]


def rekognition_probe(
    client: "RekognitionClient", operation: str, project_arn_stem: str, bucket: str
) -> Call:
    """Return the client's method and the arguments of the harmless call for `operation`.

    Args:
        client: of the config's region.
        operation: such as `StartProjectVersion`.
        project_arn_stem: the project's ARN without the number at its end.
        bucket: the config's bucket.
    """
    return _calls(client, project_arn_stem, bucket)[operation]


def _calls(client: "RekognitionClient", stem: str, bucket: str) -> dict[str, Call]:
    project = {"ProjectArn": f"{stem}/{_NUMBER}"}
    dataset = {"DatasetArn": f"{stem}/dataset/train/{_NUMBER}"}
    version_arn = f"{stem}/version/{PROBE_NAME}/{_NUMBER}"
    version, resource = {"ProjectVersionArn": version_arn}, {"ResourceArn": version_arn}
    no_manifest = {"S3Object": {"Bucket": bucket, "Name": f"{PROBE_NAME}/no.manifest"}}
    return {
        "DescribeProjects": (client.describe_projects, {"MaxResults": 1}),
        "CreateProject": (client.create_project, {"ProjectName": _NO_PROJECT_NAME}),
        "CreateDataset": (
            client.create_dataset,
            {
                **project,
                "DatasetType": "TRAIN",
                "DatasetSource": {"GroundTruthManifest": no_manifest},
            },
        ),
        "DescribeDataset": (client.describe_dataset, dataset),
        "DeleteDataset": (client.delete_dataset, dataset),
        "ListDatasetEntries": (client.list_dataset_entries, {**dataset, "MaxResults": 1}),
        "UpdateDatasetEntries": (
            client.update_dataset_entries,
            {**dataset, "Changes": {"GroundTruth": b"{}"}},
        ),
        "CreateProjectVersion": (
            client.create_project_version,
            {
                **project,
                "VersionName": PROBE_NAME,
                "OutputConfig": {"S3Bucket": bucket, "S3KeyPrefix": PROBE_NAME},
                "TrainingData": {"Assets": []},  # there is nothing to train on
                "TestingData": {"Assets": []},
            },
        ),
        "DescribeProjectVersions": (client.describe_project_versions, project),
        "StartProjectVersion": (client.start_project_version, {**version, "MinInferenceUnits": 1}),
        "StopProjectVersion": (client.stop_project_version, version),
        "DetectCustomLabels": (
            client.detect_custom_labels,
            {**version, "Image": {"Bytes": _PIXEL}},
        ),
        "ListTagsForResource": (client.list_tags_for_resource, resource),
        "TagResource": (client.tag_resource, {**resource, "Tags": {PROBE_NAME: "probe"}}),
        "UntagResource": (client.untag_resource, {**resource, "TagKeys": [PROBE_NAME]}),
    }
