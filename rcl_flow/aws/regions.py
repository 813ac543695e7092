"""The regions in which a project can be."""

import botocore.session


def rekognition_regions() -> tuple[str, ...]:
    """Return the regions that have Rekognition, as far as the installed botocore knows.

    Not all of them have Custom Labels; one that has not refuses to list projects.
    """
    return tuple(botocore.session.Session().get_available_regions("rekognition"))
