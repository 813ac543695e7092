"""Why a training failed: the service's validation files, fetched and put into words."""

import logging

import orjson

from rcl_flow.aws.descriptions import VersionDescription
from rcl_flow.aws.s3 import S3
from rcl_flow.core.training_errors import (
    ValidationProblem,
    explain_problems,
    parse_line_problems,
    parse_summary_problems,
)
from rcl_flow.errors import AwsRefusedError, TrainingFailedError

logger = logging.getLogger(__name__)


def explain_failure(version: VersionDescription, s3: S3) -> TrainingFailedError:
    """Return the error of a failed training, with every code that the service reported."""
    explanations = explain_problems(_problems(version, s3))
    return TrainingFailedError(
        "\n".join(
            [f"The training of {version.arn} ended as {version.status}: {version.status_message}"]
            + [f"  - {explanation}" for explanation in explanations]
        ),
        hint="Correct the data and run again: changed data is trained as a new version. For the "
        "same data again use `--retry-training`. A failed training is not billed.",
        explanations=explanations,
    )


def _problems(version: VersionDescription, s3: S3) -> list[ValidationProblem]:
    found: list[ValidationProblem] = []
    try:
        if version.manifest_summary is not None:
            found += parse_summary_problems(s3.get(version.manifest_summary))
        for split, location in (
            ("train", version.train_validation),
            ("test", version.test_validation),
        ):
            if location is not None:
                found += parse_line_problems(s3.get(location), split)
    except (AwsRefusedError, orjson.JSONDecodeError, KeyError, AttributeError) as error:
        logger.warning("validation files unreadable", extra={"reason": repr(error)})
    return found
