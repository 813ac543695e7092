"""One valid request for every operation, about resources that need not be there."""

import json
from typing import Any

from botocore import xform_name

from tests.emulator.builders import ACCOUNT, BUCKET, Aws, png

Request = dict[str, Any]

POLICY = json.dumps(
    {
        "Statement": {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "rekognition:CopyProjectVersion",
            "Resource": "*",
        }
    }
)


def arn(path: str, account: str = ACCOUNT) -> str:
    """Return the ARN of a resource that nobody has made."""
    return f"arn:aws:rekognition:us-east-1:{account}:project/none/{path}1700000000000"


def request_for(operation: str, account: str = ACCOUNT) -> Request:
    """Return a request of an operation that names unknown resources of an account."""
    project, version = arn("", account), arn("version/v/", account)
    training, testing = arn("dataset/train/", account), arn("dataset/test/", account)
    requests: dict[str, Request] = {
        "CreateProject": {"ProjectName": "new"},
        "DescribeProjects": {},
        "DeleteProject": {"ProjectArn": project},
        "CreateDataset": {"ProjectArn": project, "DatasetType": "TRAIN"},
        "DescribeDataset": {"DatasetArn": training},
        "ListDatasetEntries": {"DatasetArn": training},
        "ListDatasetLabels": {"DatasetArn": training},
        "UpdateDatasetEntries": {"DatasetArn": training, "Changes": {"GroundTruth": b"{}"}},
        "DistributeDatasetEntries": {"Datasets": [{"Arn": training}, {"Arn": testing}]},
        "DeleteDataset": {"DatasetArn": training},
        "CreateProjectVersion": {
            "ProjectArn": project,
            "VersionName": "new",
            "OutputConfig": {"S3Bucket": BUCKET},
        },
        "CopyProjectVersion": {
            "SourceProjectArn": project,
            "SourceProjectVersionArn": version,
            "DestinationProjectArn": arn(""),
            "VersionName": "new",
            "OutputConfig": {"S3Bucket": BUCKET},
        },
        "DescribeProjectVersions": {"ProjectArn": project},
        "DeleteProjectVersion": {"ProjectVersionArn": version},
        "StartProjectVersion": {"ProjectVersionArn": version, "MinInferenceUnits": 1},
        "StopProjectVersion": {"ProjectVersionArn": version},
        "DetectCustomLabels": {"ProjectVersionArn": version, "Image": {"Bytes": png("red")}},
        "PutProjectPolicy": {
            "ProjectArn": project,
            "PolicyName": "new",
            "PolicyDocument": POLICY,
        },
        "ListProjectPolicies": {"ProjectArn": project},
        "DeleteProjectPolicy": {"ProjectArn": project, "PolicyName": "new"},
        "TagResource": {"ResourceArn": project, "Tags": {"a": "b"}},
        "UntagResource": {"ResourceArn": project, "TagKeys": ["a"]},
        "ListTagsForResource": {"ResourceArn": project},
    }
    return requests[operation]


def ask(aws: Aws, operation: str, request: Request) -> None:
    """Send a request."""
    getattr(aws.unchecked, xform_name(operation))(**request)
