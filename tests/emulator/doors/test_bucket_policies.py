"""Tests of what a bucket's policy denies to the emulated service."""

import json

import pytest

from rcl_flow.emulator.doors.moto_ext.policies import is_denied
from tests.emulator.builders import BUCKET, Aws, png, refusal_code

ACCOUNT = "123456789012"
OBJECT = "arn:aws:s3:::acme/in/a[1].png"
Statement = dict[str, object]


def statement(**changes: object) -> Statement:
    """Return a statement that denies everybody all objects of one bucket."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme/*",
        **changes,
    }


def denied(*statements: Statement) -> bool:
    """Say whether a policy of those statements denies reading the object."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}).encode()
    return is_denied(policy, "s3:GetObject", OBJECT, account=ACCOUNT)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"Action": ["s3:PutObject", "S3:get*"]},
        {"Action": "*"},
        {"Resource": ["arn:aws:s3:::other/*", OBJECT]},
        {"Resource": "arn:aws:s3:::acme/in/a[1].???"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["arn:aws:iam::123456789012:root"]}},
        {"Principal": {"AWS": ACCOUNT}},
        {"Principal": {"Service": "rekognition.amazonaws.com"}},
    ],
)
def test_policy_denies(change: dict[str, object]) -> None:
    """Action, resource and principal may be one or many, with wildcards."""
    assert denied(statement(**change))
    assert denied(statement(Effect="Allow"), statement(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Allow"},
        {"Action": "s3:PutObject"},
        {"Resource": "arn:aws:s3:::acme"},
        {"Resource": "arn:aws:s3:::acme/in/a1.png"},
        {"Principal": {"AWS": "arn:aws:iam::222222222222:root"}},
        {"Principal": {"Service": "lambda.amazonaws.com"}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ],
)
def test_policy_denies_nothing_else(change: dict[str, object]) -> None:
    """What allows, or concerns others, or comes with a condition, denies nothing."""
    assert not denied(statement(**change))


def test_bucket_without_a_policy_denies_nothing() -> None:
    """Permissions that are merely not granted are not looked at."""
    assert not is_denied(None, "s3:GetObject", OBJECT, account=ACCOUNT)


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:GetBucketLocation"])
def test_detection_of_a_forbidden_image_is_that_of_a_missing_one(aws: Aws, action: str) -> None:
    """Both are the same error to DetectCustomLabels."""
    _, version = aws.running()
    aws.s3.put_object(Bucket=BUCKET, Key="a.png", Body=png("red"))
    policy = {"Statement": statement(Action=action, Resource=f"arn:aws:s3:::{BUCKET}*")}
    aws.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    code = refusal_code(
        aws.rekognition.detect_custom_labels,
        ProjectVersionArn=version,
        Image={"S3Object": {"Bucket": BUCKET, "Name": "a.png"}},
    )
    assert code == "InvalidS3ObjectException"
