"""What the tests of copying do over and over."""

from typing import Any

from tests.emulator.builders import BUCKET, Aws, png


def trained_source(aws: Aws) -> dict[str, str]:
    """Return the members of a request that name a newly trained version."""
    project, version = aws.trained()
    return {"SourceProjectArn": project, "SourceProjectVersionArn": version}


def begin_copy(aws: Aws, source: dict[str, str], project: str, **more: object) -> str:
    """Begin to copy a version to a project and return the copy's ARN."""
    request = {
        **source,
        "DestinationProjectArn": project,
        "VersionName": "copied",
        "OutputConfig": {"S3Bucket": BUCKET, "S3KeyPrefix": "copies/"},
        **more,
    }
    arn: str = aws.unchecked.copy_project_version(**request)["ProjectVersionArn"]
    return arn


def copy(aws: Aws, source: dict[str, str], project: str, **more: object) -> dict[str, Any]:
    """Copy a version to a project, wait for it, and return the copy's description."""
    begin_copy(aws, source, project, **more)
    aws.versions(project)
    return aws.versions(project)[0]


def sees(aws: Aws, project: str, version: str, colour: str) -> bool:
    """Start a version and say whether it takes a picture of a colour for just that."""
    api = aws.rekognition
    api.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    aws.versions(project)
    image: Any = {"Bytes": png(colour, 77)}
    found = api.detect_custom_labels(ProjectVersionArn=version, Image=image, MinConfidence=0)
    return found["CustomLabels"][0]["Name"] == colour
