"""The parts of the service's resource names.

Source: botocore's Rekognition service model, patterns of ProjectArn, ProjectVersionArn and
DatasetArn (1.44.5).
"""

import re
from dataclasses import dataclass
from typing import Final

REGION_PATTERN: Final = "[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}"
"""Every name of a region that botocore knows (1.44.5)."""

_VERSION = re.compile(
    r"arn:(?P<partition>[a-z0-9-]+):rekognition:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12})"
    r":project/(?P<project>[a-zA-Z0-9_.\-]{1,255})/version/(?P<version>[a-zA-Z0-9_.\-]{1,255})"
    r"/[0-9]+"
)


@dataclass(frozen=True, slots=True)
class VersionArnParts:
    """What an ARN of a project version says."""

    region: str
    account: str
    project: str
    version: str


def is_region(name: str) -> bool:
    """Say whether that can be the name of a region."""
    return re.fullmatch(REGION_PATTERN, name) is not None


def parse_version_arn(arn: str) -> VersionArnParts | None:
    """Return the parts of a project version's ARN, or None when it is not one."""
    match = _VERSION.fullmatch(arn)
    if match is None:
        return None
    return VersionArnParts(match["region"], match["account"], match["project"], match["version"])
