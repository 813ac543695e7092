"""The region where nobody names one: the one that AWS's own tools would take."""

import os
from typing import Final

from rcl_flow.core.arns import is_region

DEFAULT_REGION: Final = "us-east-1"
"""That of a config which names none, too."""
_VARIABLES: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")


def environment_region() -> str | None:
    """Return the region of the environment.

    A name that is no region, such as the `aws-global` that some tools set, is passed over.
    """
    named = (os.environ.get(name, "").strip() for name in _VARIABLES)
    return next(filter(is_region, named), None)


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


def likely_regions(profile: str | None = None) -> tuple[str, ...]:
    """Return where models are that this machine has started: the usual region, and a config's."""
    return tuple(dict.fromkeys((usual_region(profile), DEFAULT_REGION)))
