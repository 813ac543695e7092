"""Tests of the parts of a project version's ARN."""

import pytest

from rcl_flow.core.arns import VersionArnParts, parse_version_arn

ARN = "arn:aws:rekognition:eu-west-1:123456789012:project/digits_1.0/version/rf-0a.b/1700000000123"


def test_version_arn_gives_its_parts() -> None:
    """Region, account, project and version are read from their places."""
    assert parse_version_arn(ARN) == VersionArnParts(
        region="eu-west-1", account="123456789012", project="digits_1.0", version="rf-0a.b"
    )


def test_version_arn_is_read_in_every_partition() -> None:
    """ARNs of AWS in China and GovCloud are ARNs too."""
    parts = parse_version_arn(ARN.replace("arn:aws:", "arn:aws-us-gov:"))
    assert parts is not None
    assert parts.project == "digits_1.0"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "digits",
        "arn:aws:rekognition:eu-west-1:123456789012:project/digits/1700000000123",
        "arn:aws:rekognition:eu-west-1:123456789012:project/digits/dataset/train/1700000000123",
        ARN.replace("123456789012", "12345678901"),
        ARN.replace("123456789012", "12345678901\u0662"),
        ARN.replace("rekognition", "s3"),
        ARN.replace("digits_1.0", "d" * 256),
        ARN.replace("digits_1.0", "a/b"),
        ARN.rpartition("/")[0],
        f"{ARN}\n",
        f" {ARN}",
    ],
)
def test_version_arn_is_none_when_it_is_something_else(text: str) -> None:
    """Anything but the whole ARN of a project version has no parts."""
    assert parse_version_arn(text) is None
