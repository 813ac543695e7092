"""Read images from production, which nobody has labelled, to see whether they have changed."""

from collections.abc import Sequence
from typing import Final

from rcl_flow.aws.s3 import S3
from rcl_flow.core.dataset import Dataset, DatasetImage
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.naming import digest_of
from rcl_flow.errors import DataNotFoundError
from rcl_flow.formats.places import image_problem, is_image_name
from rcl_flow.pipeline.access import make_access
from rcl_flow.pipeline.measured_objects import MeasuredObjects
from rcl_flow.pipeline.measuring import MeasureCache

MOST_IMAGES: Final = 5000
"""Of more, so many are looked at: enough for the least shift that matters to be certain."""


def read_production(place: str, s3: S3, cache: MeasureCache) -> Dataset:
    """Return the images below a folder or prefix, measured, without labels.

    Of very many images a part is read, chosen by their names: the same each time.

    Args:
        place: a local folder or an s3:// prefix.
        s3: the gateway.
        cache: knows what was measured before, and is told what is measured now.

    Raises:
        DataNotFoundError: there is no image.
    """
    uris = _chosen([uri for uri in make_access(lambda: s3).list_uris(place) if _is_usable(uri)])
    if not uris:
        raise DataNotFoundError(
            f"There are no images in {place}.",
            hint="Put images from production there, or leave `data.production` out.",
        )
    images = [
        DatasetImage(
            uris[number], content.sha256, content.size_bytes, content.found.image_format, ()
        )
        for number, content in MeasuredObjects(cache, s3).measure(uris)
        if isinstance(content.found, ImageMeasures)
    ]
    return Dataset("holdout", tuple(sorted(images, key=lambda image: image.uri)))


def _chosen(uris: Sequence[str]) -> Sequence[str]:
    if len(uris) <= MOST_IMAGES:
        return uris
    return sorted(uris, key=lambda uri: digest_of([uri]))[:MOST_IMAGES]


def _is_usable(uri: str) -> bool:
    return is_image_name(uri) and not image_problem(uri)
