"""Fetch the service's own evaluation of a version; find a version that exists already."""

from rcl_flow.core.arns import parse_version_arn
from rcl_flow.core.training.evaluation import Evaluation, parse_evaluation
from rcl_flow.errors import ConfigError
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.training.training import trained_version


def fetch_evaluation(version: TrainedVersion, run: Run) -> Evaluation:
    """Return the figures of the test dataset, from the files that the service wrote.

    Raises:
        AwsRefusedError: a file cannot be read.
        OutputUnreadableError: a file is not in the documented form.
    """
    s3 = run.services.s3
    return parse_evaluation(s3.get(version.summary_file), s3.get(version.test_snapshot))


def find_existing(arn: str, run: Run) -> TrainedVersion:
    """Return an existing version that is to be judged without training.

    Raises:
        ConfigError: there is no such version, or it has no model yet.
    """
    rekognition = run.services.rekognition
    parts = parse_version_arn(arn)
    project = rekognition.find_project(parts.project) if parts else None
    version = rekognition.find_version_by_arn(arn)
    if project is None or version is None:
        raise ConfigError(
            f"There is no project version {arn}.",
            hint="Correct the ARN (`model.project_version_arn`, or `--version`), the region or the "
            "account; `aws rekognition describe-project-versions` lists what is there.",
        )
    return trained_version(version, project_arn=project.arn, trained_here=False)
