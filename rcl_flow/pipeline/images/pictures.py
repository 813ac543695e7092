"""Small pictures for reports, of images that can still be read."""

from collections.abc import Iterable
from dataclasses import dataclass

from rcl_flow.aws.s3 import S3
from rcl_flow.errors import RclFlowError
from rcl_flow.imaging.thumbnails import thumbnail_uri
from rcl_flow.pipeline.images.reading import open_bytes
from rcl_flow.pipeline.sharding.executors import map_in_threads

_CONCURRENCY = 8


@dataclass(frozen=True, slots=True)
class WantedPicture:
    """An image that a report shows small."""

    sha256: str
    uri: str
    upright: bool = True
    """Turned as its EXIF data say; boxes fit only what is not turned."""
    side_pixels: int = 128
    """The longer side at most."""


def pictures(wanted: Iterable[WantedPicture], s3: S3) -> dict[str, str]:
    """Return a thumbnail as a data URI, by digest, of each image that can be read and decoded."""

    def shrink(picture: WantedPicture) -> tuple[str, str]:
        try:
            content = open_bytes(picture.uri, s3)
            return picture.sha256, thumbnail_uri(
                content, side_pixels=picture.side_pixels, upright=picture.upright
            )
        except (RclFlowError, OSError, ValueError):
            return picture.sha256, ""  # the page shows a placeholder

    shrunk = map_in_threads(shrink, wanted, concurrency=_CONCURRENCY)
    return {digest: picture for digest, picture in shrunk if picture}
