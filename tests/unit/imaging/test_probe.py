"""Tests of the picture of nothing."""

from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging.measuring import measure_image
from rcl_flow.imaging.probe import grey_png


def test_grey_png_is_an_image_that_the_service_takes() -> None:
    """It decodes, and is large enough."""
    found = measure_image(grey_png())
    assert isinstance(found, ImageMeasures)
    assert (found.width_pixels, found.height_pixels) == (128, 128)
    assert found.image_format == "PNG"
