"""The region where nobody names one: the one that AWS's own tools would take."""

import os
from typing import Final

from rcl_flow.core.arns import is_region

DEFAULT_REGION: Final = "us-east-1"
_VARIABLES: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")


def environment_region() -> str | None:
    """Return the region of the environment.

    A name that is no region, such as the `aws-global` that some tools set, is passed over.
    """
    named = map(os.environ.get, _VARIABLES)
    return next((name for name in named if name and is_region(name)), None)


def usual_region(profile: str | None = None) -> str:
    """Return the region of the environment, else of the profile, else us-east-1.

    Args:
        profile: of the shared config files; without one, that of AWS_PROFILE or the default.
    """
    found = environment_region()
    if found is None:
        from rcl_flow.aws.regions import profile_region  # AWS's own code

        found = profile_region(profile)
    return found if found is not None and is_region(found) else DEFAULT_REGION
