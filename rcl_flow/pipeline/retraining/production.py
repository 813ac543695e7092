"""Read images from production, which nobody has labelled, to see whether they have changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rcl_flow.aws.s3 import S3
from rcl_flow.config import FlowConfig
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.naming import digest_of
from rcl_flow.errors import AwsRefusedError, BucketNotFoundError, DataNotFoundError
from rcl_flow.formats.places import image_problem, is_image_name
from rcl_flow.pipeline.images.access import make_access
from rcl_flow.pipeline.images.measured_objects import MeasuredObjects
from rcl_flow.pipeline.images.measuring import MeasureCache
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog

_DIGITS: Final = 16

MOST_IMAGES: Final = 5000
"""Of more, so many are looked at: enough for the least shift that matters to be certain."""


def find_production(
    config: FlowConfig, services: Services, log: StepLog, cache: MeasureCache
) -> Dataset | None:
    """Return the images of `data.production`; None, with a notice, where there are none now.

    Raises:
        DataNotFoundError: there never were, and a drift would be a reason to train.
        AwsRefusedError: they cannot be read, and a drift would be one.
    """
    place = config.data.production
    if place is None:
        return None
    key = f"production-seen/{services.backend.identity}/{digest_of([place])[:_DIGITS]}"
    try:
        found = read_production(place, services.s3, cache)
    except (DataNotFoundError, AwsRefusedError) as error:
        gone = isinstance(error, DataNotFoundError)
        was_there = gone and (Path(place).is_dir() or services.store.get(key) is not None)
        if config.retrain.on_drift and not was_there:
            raise
        log.notice(f"No drift is looked for: {error.message}")
        return None
    services.store.put_if_absent(key, place.encode())
    return found


def read_production(place: str, s3: S3, cache: MeasureCache) -> Dataset:
    """Return the images below a folder or prefix, measured, without labels.

    Of very many images a part is read, chosen by their names: the same each time.

    Args:
        place: a local folder or an s3:// prefix.
        s3: the gateway.
        cache: knows what was measured before, and is told what is measured now.

    Raises:
        DataNotFoundError: there is no image, or no such bucket.
    """
    uris = _chosen([uri for uri in _listed(place, s3) if _is_usable(uri)])
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


def _listed(place: str, s3: S3) -> Sequence[str]:
    try:
        return list(make_access(lambda: s3).list_uris(place))
    except BucketNotFoundError as error:
        raise DataNotFoundError(
            f"There is no bucket of that name: {place}.",
            hint="Correct `data.production`, or leave it out.",
        ) from error


def _chosen(uris: Sequence[str]) -> Sequence[str]:
    if len(uris) <= MOST_IMAGES:
        return uris
    return sorted(uris, key=lambda uri: digest_of([uri]))[:MOST_IMAGES]


def _is_usable(uri: str) -> bool:
    return is_image_name(uri) and not image_problem(uri)
