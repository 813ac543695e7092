"""Tests of the service's limits against the stored fact sheet's table."""

from rcl_flow.core import limits


def test_limits_are_those_of_the_guidelines() -> None:
    """Sides of 64 to 4096 pixels, 20:1, 15 MB in S3 and 4 MB in a request."""
    assert (limits.MIN_SIDE_PIXELS, limits.MAX_SIDE_PIXELS) == (64, 4096)
    assert limits.MAX_ASPECT_RATIO == 20
    assert (limits.MAX_IMAGE_BYTES_IN_S3, limits.MAX_IMAGE_BYTES_IN_REQUEST) == (
        15_728_640,
        4_194_304,
    )
    assert (limits.MIN_LABELS, limits.MAX_LABELS, limits.MIN_LABEL_OVERLAP) == (2, 250, 0.5)
