"""Why a training failed: the service's validation files, fetched and put into words."""

import logging
from collections.abc import Callable, Iterable

import orjson

from rcl_flow.aws.descriptions import VersionDescription
from rcl_flow.aws.s3 import S3, S3Location
from rcl_flow.core.training.training_errors import (
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
    readers: list[tuple[S3Location | None, Callable[[bytes], Iterable[ValidationProblem]]]] = [
        (version.manifest_summary, parse_summary_problems),
        (version.train_validation, lambda content: parse_line_problems(content, "train")),
        (version.test_validation, lambda content: parse_line_problems(content, "test")),
    ]
    found: list[ValidationProblem] = []
    for location, read in readers:
        if location is not None:
            found += _read(location, read, s3)
    return found


def _read(
    location: S3Location, read: Callable[[bytes], Iterable[ValidationProblem]], s3: S3
) -> list[ValidationProblem]:
    try:
        return list(read(s3.get(location)))
    except (AwsRefusedError, orjson.JSONDecodeError, KeyError, AttributeError) as error:
        logger.warning("validation file unreadable", extra={"reason": repr(error)})
        return []
