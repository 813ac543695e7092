"""The template deployed as a stack in moto, with everything that it can have."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from tests.infra.resources import adapted_resources
from tests.infra.template import template

REGION = "us-east-1"
STACK = "parts"
CODE_BUCKET = "parts-code"
EVERYTHING = {
    "ProjectName": "digits",
    "BucketName": "parts-data",
    "DataBuckets": "arn:aws:s3:::parts-data",
    "DataObjects": "arn:aws:s3:::parts-data/data/*",
    "ConfigKey": "config.yaml",
    "CodeBucket": CODE_BUCKET,
    "CodeKey": "worker.zip",
    "ScheduleGroupName": "rcl-flow",
    "AlertsEmail": "alerts@example.com",
    "EventBusName": "default",
    "ChampionParameter": "rcl-flow/champion",
    "SecretArns": "arn:aws:secretsmanager:us-east-1:123456789012:secret:slack",
    "TrainingKeyArn": "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555",
    "ReadKeyArns": "arn:aws:kms:us-east-1:123456789012:key/22222222-2222-3333-4444-555555555555",
    "MonthlyBudgetUsd": "50",
    "GitHubRepository": "acme/parts",
}
"""Parameters with which every condition holds but those that exclude one another."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that was created."""

    outputs: dict[str, str]
    resources: dict[str, str]
    """Type of each resource, by logical id."""
    identifiers: dict[str, str]
    """The physical id of each resource, by logical id."""


@contextmanager
def stack(**parameters: str) -> Iterator[Stack]:
    """Deploy the template in this block, inside moto's mock."""
    _put_code()
    given = [
        {"ParameterKey": key, "ParameterValue": value}
        for key, value in {**EVERYTHING, **parameters}.items()
    ]
    client: Any = boto3.client("cloudformation", REGION)
    with adapted_resources():
        client.create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(template()),  # moto misses the short form of Condition
            Parameters=given,
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        (described,) = client.describe_stacks(StackName=STACK)["Stacks"]
        assert described["StackStatus"] == "CREATE_COMPLETE"
        rows = client.describe_stack_resources(StackName=STACK)["StackResources"]
        made = [row for row in rows if "LogicalResourceId" in row]
        yield Stack(
            outputs={one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]},
            resources={row["LogicalResourceId"]: row["ResourceType"] for row in made},
            identifiers={
                row["LogicalResourceId"]: row.get("PhysicalResourceId", "") for row in made
            },
        )


def _put_code() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "")
    client = boto3.client("s3", REGION)
    client.create_bucket(Bucket=CODE_BUCKET)
    client.put_object(Bucket=CODE_BUCKET, Key="worker.zip", Body=packed.getvalue())
