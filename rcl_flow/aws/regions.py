"""The regions in which a project can be."""

import botocore.session
from botocore.exceptions import BotoCoreError


def rekognition_regions() -> tuple[str, ...]:
    """Return the regions that have Rekognition, as far as the installed botocore knows.

    Not all of them have Custom Labels; one that has not refuses to list projects.
    """
    return tuple(botocore.session.Session().get_available_regions("rekognition"))


def profile_region(profile: str | None) -> str | None:
    """Return the region of a profile of the shared config files.

    None where it has none, or where the files have no such profile or cannot be read: whoever
    then connects with it says so.
    """
    try:
        found = botocore.session.Session(profile=profile).get_scoped_config().get("region")
    except BotoCoreError:
        return None
    return None if found is None else str(found)
